#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_devices.py - vtopo-host devices and save --connect with a real libvirtd

Takes:  VTOPO_HOST, VTOPO_DEFINE, VTOPO_XML; root.
Gives:  whether each device is said to be whose it is, to people, to scripts and in a host description, and what is
        said there of the VMs.
Rule:   no guest can run with a host device here, so what runs with one is only in the unit suites (test_owners.c).
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import jsonschema

import test_define
from test_define import HOST, domain, libvirtd

PROGRAM = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")


class Devices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()
        cls.uri = "qemu+unix:///system?socket=%s" % cls.daemon.socket
        cls.daemon.define(domain("größe"))
        # a second claim on the GPU of the first root complex, and a VM without host devices
        cls.daemon.define(re.sub(r"<hostdev(?:(?!</hostdev>).)*bus='0x(?:3d|da|de)'.*?</hostdev>\s*", "", domain("other"),
                                 flags=re.S))
        cls.daemon.define(re.sub(r"<hostdev.*?</hostdev>", "", domain("plain"), flags=re.S))

    def run_program(self, *words, status=0):
        result = subprocess.run([PROGRAM, "--host", HOST, *words], capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def test_a_column_for_people(self):
        lines = self.run_program("devices", "--connect", self.uri).stdout.splitlines()
        column = lines[0].index("USED BY")
        name = lines[0].index(" NAME")
        used = {line[:12]: line[column:name].strip() for line in lines[1:] if re.match(r"[0-9a-f]{4}:", line)}
        self.assertEqual(used["0000:41:00.0"], "! größe and other")
        self.assertEqual(used["0000:de:00.0"], "größe")
        others = {word for device, word in used.items() if device not in
                  ("0000:3d:00.0", "0000:41:00.0", "0000:da:00.0", "0000:de:00.0")}
        self.assertEqual({re.sub(r" \(.*\)$", "", word) for word in others}, {"free", "host"})

    def test_json(self):
        devices = {d["bdf"]: d for d in json.loads(self.run_program("devices", "--json", "--connect", self.uri).stdout)["devices"]}
        both = devices["0000:41:00.0"]
        self.assertEqual(both["state"], "conflict")
        self.assertEqual(both["owners"], [{"vm": "größe", "running": False, "defined": True},
                                          {"vm": "other", "running": False, "defined": True}])
        self.assertEqual(devices["0000:de:00.0"]["state"], "defined")
        self.assertEqual((both["pciBusID"], both["pcieRoot"], both["numaNode"], both["switch"]),
                         ("0000:41:00.0", "pci0000:3a", 0, "0000:3b:00.0"))

    def saved(self):
        """What save --connect writes, held against the schema."""
        text = self.run_program("save", "-", "--connect", self.uri).stdout
        description = json.loads(text)
        jsonschema.validate(description, json.loads((test_define.TOP / "schemas/host.schema.json").read_text(encoding="utf-8")))
        return text, {vm["name"]: vm for vm in description["vms"]}

    def test_a_description_has_it(self):
        """All VMs with devices, and what vtopo makes of their definitions; the host itself is as without them."""
        text, vms = self.saved()
        self.assertEqual(set(vms), {"größe", "other"})
        self.assertEqual(vms["other"]["devices"], [{"device": "0000:41:00.0", "defined": True}])
        self.assertEqual([vm["topology"] for vm in vms.values()], ["differs", "differs"])
        self.assertIn("4 of 4 host devices are not where they belong", vms["größe"]["reason"])
        self.assertFalse(vms["größe"]["running"])
        plain = json.loads(self.run_program("save", "-").stdout)
        self.assertEqual({key: value for key, value in json.loads(text).items() if key != "vms"}, plain)
        with tempfile.TemporaryDirectory(prefix="vtopo-saved-") as work:
            path = pathlib.Path(work, "host.json")
            path.write_text(text, encoding="utf-8")
            again = subprocess.run([PROGRAM, "save", "-", "--host", path], capture_output=True, text=True, check=True)
            self.assertEqual(again.stdout, text)
            page = subprocess.run([PROGRAM, "report", path], capture_output=True, text=True, check=True).stdout
            rewritten = [subprocess.run([test_define.XML, "-q", "--host", host], input=domain("x"), capture_output=True,
                                        text=True, check=True).stdout for host in (path, HOST)]
        self.assertEqual(*rewritten)
        self.assertIn("! größe and other", page)
        self.assertIn("<td>größe</td><td>is not as vtopo would define it: ", page)

    def test_a_description_of_a_vm_that_is_right(self):
        self.daemon.define(re.sub(r"<hostdev(?:(?!</hostdev>).)*bus='0x(?:3d|41|da)'.*?</hostdev>\s*", "", domain("right"), flags=re.S))
        self.addCleanup(self.daemon.virsh, "undefine", "right")
        self.assertEqual(self.saved()[1]["right"]["topology"], "differs")
        with tempfile.TemporaryDirectory(prefix="vtopo-history-") as work:
            subprocess.run([test_define.DEFINE, "--connect", self.uri, "--host", HOST, "--config", test_define.POLICY,
                            "--history", work + "/kept", "--yes", "right"], capture_output=True, check=True)
        right = self.saved()[1]["right"]
        self.assertEqual((right["topology"], right.get("reason")), ("as_host", None))

    def test_without_it_nothing_is_said(self):
        plain = self.run_program("devices")
        self.assertNotIn("USED BY", plain.stdout)
        for device in json.loads(self.run_program("devices", "--json").stdout)["devices"]:
            self.assertNotIn("state", device)
            self.assertNotIn("owners", device)

    def test_wrong_ones(self):
        with tempfile.TemporaryDirectory(prefix="vtopo-saved-") as work:
            path = pathlib.Path(work, "host.json")
            path.write_text("before")
            result = self.run_program("save", path, "--connect", "qemu+unix:///system?socket=/nonexistent/socket", status=6)
            self.assertEqual((result.stdout, result.stderr.count("\n"), path.read_text()), ("", 1, "before"))
        self.assertIn("--connect is for 'devices'", self.run_program("show", "--connect", self.uri, status=2).stderr)
        result = self.run_program("devices", "--connect", "qemu+unix:///system?socket=/nonexistent/socket", status=6)
        self.assertEqual((result.stdout, result.stderr.count("\n")), ("", 1))


if __name__ == "__main__":
    unittest.main()
