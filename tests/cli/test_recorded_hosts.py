#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_recorded_hosts.py - mdevs and vDPA devices on the sysfs trees of whole hosts

Takes:  VTOPO_XML; the trees vgpu-mdev and sriov-vdpa from ../shared/hosts beside the project.
Gives:  whether each device goes to the function that the tree's links say.
Rule:   skipped, and said so, where the trees are not there; the project's own hosts are in golden/.
"""

import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "tools"))
import make_domain  # noqa: E402

PROGRAM = os.environ.get("VTOPO_XML") or sys.exit("VTOPO_XML must name the program")
HOSTS = TOP.parent / "shared" / "hosts"


class Recorded(unittest.TestCase):
    def tree(self, name):
        archive = HOSTS / (name + ".tar.gz")
        # thousands of small files: in memory, where that is possible
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        work = tempfile.TemporaryDirectory(prefix="vtopo-recorded-", dir=memory)
        self.addCleanup(work.cleanup)
        with tarfile.open(archive) as tar:
            tar.extractall(work.name)
        return work.name

    def run_program(self, tree, devices, *options):
        return subprocess.run(
            [PROGRAM, "--host", tree, "--config", str(TOP / "tests/cli/empty-policy.json"),
             *options], input=make_domain.domain([0, 1], devices), capture_output=True,
            text=True, timeout=60)

    def places(self, tree, devices):
        """For each device its host function and cell; each is a card of its own."""
        result = self.run_program(tree, devices, "--explain=json")
        self.assertEqual(result.returncode, 0, result.stderr)
        plan = json.loads(result.stdout)
        self.assertEqual(len(plan["devices"]), len(devices))
        cards = [device["card"] for device in plan["devices"]]
        self.assertEqual(len(set(cards)), len(cards))
        return [(plan["cards"][card]["host_bdf"], plan["cards"][card]["cell"]) for card in cards]

    def assert_absent(self, tree, name):
        result = self.run_program(tree, [name])
        self.assertEqual((result.returncode, result.stdout), (4, ""))
        self.assertEqual(result.stderr.count("\n"), 1)
        self.assertIn(name, result.stderr)

    def test_mdevs(self):
        tree = self.tree("vgpu-mdev")
        devices = {"9a1e2b6c-53a7-4c1f-8f0e-0c3d5b7e9f02": ("0000:21:00.0", 0),
                   "c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03": ("0000:41:00.4", 0),
                   "7d9c6b5a-4f3e-4d2c-8b1a-0f9e8d7c6b04": ("0000:41:00.7", 0),
                   "4b20d080-1b54-4048-85b3-a6a62d165c01": ("0000:21:00.0", 0),
                   "0000:a1:00.0": ("0000:a1:00.0", 1)}
        self.assertEqual(self.places(tree, list(devices)), list(devices.values()))
        self.assert_absent(tree, "4b20d080-1b54-4048-85b3-a6a62d165c99")

    def test_vdpa(self):
        tree = self.tree("sriov-vdpa")
        # a VF, and a scalable function of the PF on the auxiliary bus
        devices = {"/dev/vhost-vdpa-1": ("0000:17:00.0", 0),
                   "/dev/vhost-vdpa-0": ("0000:17:00.4", 0),
                   "0000:98:02.3": ("0000:98:02.3", 1)}
        self.assertEqual(self.places(tree, list(devices)), list(devices.values()))
        # vdpa1 is there, but bound to virtio_vdpa, so without a character device
        self.assert_absent(tree, "/dev/vhost-vdpa-2")

if __name__ == "__main__":
    if not HOSTS.is_dir():
        print("skipped: %s is not beside the project" % HOSTS)
        sys.exit(77)
    unittest.main()
