#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_compare.py - vtopo-host compare and vtopo-compare on trees that stand for guests

Takes:  VTOPO_HOST, and vtopo-compare beside it.
Gives:  statuses and output for a guest as planned, one that is not, and files that are no plans.
Not here: real guests (real/test_guest_decides.py), each difference (unit/test_guest_compare.c).
"""

import copy
import json
import os
import pathlib
import struct
import subprocess
import unittest

import common

import jsonschema

COMPARE = str(pathlib.Path(common.PROGRAM).with_name("vtopo-compare"))
IDS = {"vendor": "0x1b36", "device": "0x000c"}
GUEST = {
    "vtopo_host": 1,
    "nodes": [{"id": 0, "cpus": "0"}],
    "functions": [
        dict(IDS, bdf="0000:c0:00.0", root="0000:c0", port="root", node=0, **{"class": "0x060400"}),
        {"bdf": "0000:c1:00.0", "parent": "0000:c0:00.0", "node": 0, "class": "0x030200", "vendor": "0x10de",
         "device": "0x2330", "link_max": "32.0 GT/s x16"}],
}
PLAN = {
    "format": "vtopo-plan", "version": 1,
    "controllers": [
        {"index": 10, "model": "pcie-expander-bus", "parent": 0, "cell": 0, "guest_bdf": "0000:00:1c.0"},
        {"index": 11, "model": "pcie-root-port", "parent": 10, "cell": None, "guest_bdf": "0000:c0:00.0"}],
    "cards": [{"controller": 11}],
    "devices": [{"host_bdf": "0000:41:00.0", "kind": "hostdev", "name": "hostdev 0000:41:00.0",
                 "vendor_device": "10de:2330", "guest_bdf_after": "0000:c1:00.0", "card": 0,
                 "link": "32.0 GT/s x16"}],
}
GUEST_PLAN = {
    "format": "vtopo-guest-plan", "version": 1,
    "devices": [{"bdf": "0000:c1:00.0", "vendor_device": "10de:2330", "cell": 0, "ports": ["0000:c0:00.0"],
                 "link": "32.0 GT/s x16"}],
    "ports": [], "switches": [], "root_complexes": [{"bus": "0000:c0", "cell": 0, "devices": [0]}],
}


class Compare(common.Case):
    def setUp(self):
        super().setUp()
        self.guest = self.tree(GUEST)

    def write(self, plan, name="plan.json"):
        path = self.folder / name
        path.write_text(plan if isinstance(plan, str) else json.dumps(plan), encoding="utf-8")
        return path

    def both(self, plan, *words):
        """(status, output) of both programs, which must be the same but for their name."""
        results = []
        for command in ([common.PROGRAM, "compare"], [COMPARE]):
            done = subprocess.run([*command, "--host", self.guest, *words, plan], text=True, timeout=60,
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False)
            results.append((done.returncode, done.stdout, done.stderr.replace("vtopo-compare:", "vtopo-host:")))
        self.assertEqual(*results)
        return results[0]

    def test_as_planned(self):
        status, output, errors = self.both(self.write(PLAN))
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(output, r"\nhostdev 0000:41:00.0  0000:c1:00.0  ok +ok +ok +ok\nall 1 are as planned\n$")

    def test_not_as_planned(self):
        plan = copy.deepcopy(PLAN)
        plan["controllers"][0]["cell"] = 1
        status, output, errors = self.both(self.write(plan))
        self.assertEqual((status, errors), (1, ""))
        self.assertIn("    numa_node is 0, not 1\n1 of 1 are not as planned\n", output)

    def test_an_address_that_nobody_knew(self):
        plan = copy.deepcopy(PLAN)
        plan["devices"].append(dict(plan["devices"][0], name="hostdev 0000:42:00.0", host_bdf="0000:42:00.0",
                                    guest_bdf_after=None, card=None))
        status, output, errors = self.both(self.write(plan))
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(output, r"\nhostdev 0000:42:00.0  \?  +- +- +- +-\nall 1 are as planned\n1 cannot be compared: ")
        _, output, _ = self.both(self.write(plan), "--json")
        self.assertEqual(json.loads(output)[1], {"name": "hostdev 0000:42:00.0", "guest_bdf": None, "address": None,
                                                 "node": None, "ports": None, "link": None, "difference": None})

    def test_json(self):
        status, output, _ = self.both(self.write(PLAN), "--json")
        schema = json.loads((common.TOP / "schemas/compare.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(json.loads(output))
        self.assertEqual(status, 0)
        self.assertEqual(json.loads(output), [
            {"name": "hostdev 0000:41:00.0", "guest_bdf": "0000:c1:00.0", "address": "agrees", "node": "agrees",
             "ports": "agrees", "link": "agrees", "difference": None}])

    def test_no_plan(self):
        for plan in ("", "{}", "[" * 100000, '{"format": "vtopo-plan"}', "\0", '"\ud7ff"'):
            status, output, errors = self.both(self.write(plan))
            self.assertEqual((status, output, errors.count("\n")), (6, "", 1), errors)
        self.assertEqual(self.both(self.folder / "missing")[0], 6)

    def test_no_guest(self):
        self.guest = self.folder / "empty"
        self.guest.mkdir()
        self.assertEqual(self.both(self.write(PLAN))[0], 4)

    def test_the_guests_own_plan(self):
        """Without an argument it is the one that the guest has in fw_cfg."""
        path = self.guest / "firmware/qemu_fw_cfg/by_name/opt/org.vtopo/plan.json/raw"
        results = []
        for change in (None, {"cell": 1}):
            if change:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(dict(GUEST_PLAN, devices=[dict(GUEST_PLAN["devices"][0], **change)])))
            for command in ([common.PROGRAM, "compare"], [COMPARE]):
                done = subprocess.run([*command, "--host", self.guest], text=True, timeout=60, capture_output=True)
                results.append((done.returncode, done.stdout + done.stderr))
        path.write_text(json.dumps(GUEST_PLAN))
        done = subprocess.run([COMPARE, "--host", self.guest], text=True, timeout=60, capture_output=True)
        self.assertEqual([status for status, _ in results], [6, 6, 1, 1])
        for _, text in results[:2]:
            self.assertIn("there is no '%s'" % path, text)
        self.assertIn("    numa_node is 0, not 1\n", results[2][1])
        self.assertEqual(results[2], results[3])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\n10de:2330  0000:c1:00.0  ok +ok +ok +ok\nall 1 are as planned\n$")

    def test_plan_from_stdin(self):
        done = subprocess.run([COMPARE, "--host", self.guest, "-"], input=json.dumps(PLAN), text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_usage(self):
        for words in ([common.PROGRAM, "compare", "a", "b"], [COMPARE, "a", "b"], [COMPARE, "--nothing", "a"]):
            done = subprocess.run(words, capture_output=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, b""), words)

    def test_is_static(self):
        """Nothing is needed in the guest.  Debian's libjansson-dev has the libjansson.a that it takes."""
        program = pathlib.Path(COMPARE).read_bytes()
        # ELF: where the program headers are, their size and number; type 3 names the dynamic linker
        start, = struct.unpack_from("<Q", program, 32)
        size, count = struct.unpack_from("<HH", program, 54)
        types = [struct.unpack_from("<I", program, start + i * size)[0] for i in range(count)]
        self.assertTrue(1 in types and 3 not in types, types)
        self.assertTrue(os.access(COMPARE, os.X_OK))


if __name__ == "__main__":
    unittest.main()
