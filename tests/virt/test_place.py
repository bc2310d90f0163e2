#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_place.py - vtopo-host place --connect with a real libvirtd

Takes:  VTOPO_HOST; root.
Gives:  whether devices that VMs are defined with, and CPUs that they pin, are left alone, and what is said of them.
Rule:   no guest can run with a host device here: what runs with one is only in the unit suites.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import test_define
from test_define import TOP, domain, libvirtd

PROGRAM = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")
HGX = str(TOP / "examples/hosts/hgx8.json")


def hostdev(bdf):
    bus, slot, function = re.split("[:.]", bdf)
    return ("<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x%s' slot='0x%s' "
            "function='0x%s'/></source></hostdev>" % (bus, slot, function))


def vm(name, devices, more=""):
    """A VM with these host devices and no others."""
    text = re.sub(r"<hostdev.*?</hostdev>\s*", "", domain(name), flags=re.S)
    text = re.sub(r"<(cputune|numatune)>.*?</\1>\s*", "", text, flags=re.S)
    text = text.replace("</devices>", "".join(map(hostdev, devices)) + "</devices>")
    return text.replace("</vcpu>", "</vcpu>" + more)


class Place(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()
        cls.uri = "qemu+unix:///system?socket=%s" % cls.daemon.socket

    def tearDown(self):
        for name in self.daemon.virsh("list", "--all", "--name").split():
            self.daemon.try_virsh("undefine", name)

    def run_program(self, *words, host=HGX, status=0, connect=True):
        result = subprocess.run([PROGRAM, "place", "--host", host, *(["--connect", self.uri] if connect else []), *words],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def best(self, *words, **more):
        return json.loads(self.run_program(*words, "--json", **more).stdout)["proposals"][0]

    def addresses(self, *words, **more):
        return [d["pciBusID"][5:] for d in self.best(*words, **more)["devices"]]

    def test_what_vms_have_is_left_alone(self):
        free = self.addresses("--gpus", "2", "--nics", "1", connect=False)
        self.assertEqual(free, ["9a:00.0", "9b:00.0", "9c:00.0"])
        self.daemon.define(vm("one", ["9a:00.0", "9c:00.0"]))
        self.assertEqual(self.addresses("--gpus", "2", "--nics", "1"), ["ba:00.0", "bb:00.0", "bc:00.0"])

    def test_the_rest_of_a_switch_is_used_up_first(self):
        """One GPU goes beside one that is taken, and a whole switch stays whole."""
        self.daemon.define(vm("one", ["bb:00.0"]))
        self.assertEqual(self.addresses("--gpus", "1"), ["ba:00.0"])

    def test_what_keeps_a_nearer_place_from_being_there(self):
        for number, bus in enumerate(("18", "3a", "9a", "ba")):
            self.daemon.define(vm("größe%d" % number, [bus + ":00.0"]))
        best = self.best("--gpus", "2")
        self.assertEqual(best["gpus_within"], "node")
        said = [text for text in best["given_up"] if text.startswith("nearer")]
        self.assertEqual(said, ["nearer (all below one switch) would be 0000:9a:00.0, which is defined for VM 'größe2', "
                                "0000:9b:00.0"])
        self.assertIn("größe2", self.run_program("--gpus", "2").stdout)

    def test_nothing_left(self):
        self.daemon.define(vm("all", [bus + ":00.0" for bus in ("18", "19", "3a", "3b", "9a", "9b", "ba")]))
        result = self.run_program("--gpus", "2", status=5)
        self.assertEqual(result.stdout, "")
        self.assertIn("2 GPUs are asked for, and the host has 1 to give; VMs have 7", result.stderr)

    def test_cpus_of_others(self):
        """Those that are pinned one by one; a pin to a whole node claims nothing."""
        pins = "".join("<vcpupin vcpu='%d' cpuset='%d'/>" % (n, 56 + n) for n in range(4))
        self.daemon.define(vm("pinned", [], "<cputune>%s</cputune>" % pins))
        self.daemon.define(vm("wide", [], "<cputune><vcpupin vcpu='0' cpuset='56-111'/></cputune>"))
        share = self.best("--gpus", "2", "--cpus", "8")["nodes"][0]
        self.assertEqual((share["node"], share["cpus"], share["cpus_free"]), (1, "60-63,172-175", 104))
        self.assertEqual(self.best("--gpus", "2", "--cpus", "8", connect=False)["nodes"][0]["cpus"], "56-59,168-171")

    def test_vms_were_asked(self):
        answer = json.loads(self.run_program("--gpus", "1", "--json").stdout)
        self.assertEqual((answer["vms_asked"], answer["unknown"]), (True, []))
        answer = json.loads(self.run_program("--gpus", "1", "--json", connect=False).stdout)
        self.assertFalse(answer["vms_asked"])
        self.assertIn("VMs were not asked", answer["unknown"][0])

    def test_libvirt_takes_the_elements(self):
        """Of a multifunction card, and of virtual functions, which get a MAC address; validated."""
        for host, words in (("rtx8", ["--gpus", "1"]), ("sriov", ["--nics", "2"])):
            elements = self.run_program(*words, "--xml", host=str(TOP / ("examples/hosts/%s.json" % host))).stdout
            text = vm("elements-" + host, []).replace("</devices>", elements + "</devices>")
            with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
                file.write(text)
                file.flush()
                self.daemon.virsh("define", "--validate", file.name)
            dump = self.daemon.virsh("dumpxml", "--inactive", "elements-" + host)
            self.assertEqual(dump.count("<hostdev") + dump.count("type='hostdev'"), 4 if host == "rtx8" else 2)
            self.assertEqual(len(re.findall(r"type='hostdev' managed='yes'>\s*<mac address='52:54:00", dump)),
                             2 if host == "sriov" else 0)

    def test_no_libvirt(self):
        result = subprocess.run([PROGRAM, "place", "--host", HGX, "--gpus", "1", "--connect",
                                 "qemu+unix:///system?socket=/nonexistent/socket"], capture_output=True, text=True, timeout=60)
        self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")), (6, "", 1))


if __name__ == "__main__":
    unittest.main()
