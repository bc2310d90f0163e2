#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_check.py - vtopo-host check: what is found on a host that is right, and on one that is wrong

Takes:  VTOPO_HOST; tests/hosts/p2p-right.json and p2p-wrong.json, which differ in each register and fact that is
        looked at; schemas/check.schema.json.
Gives:  every finding has a host on each side; trees and descriptions give the same; what is broken is not judged.
Not here: what is said of each value of a register (unit/test_check_*.c).
"""

import json
import pathlib
import random
import re
import unittest

from common import Case, TOP, run

try:
    import jsonschema
except ImportError:
    jsonschema = None

RIGHT = TOP / "tests/hosts/p2p-right.json"
WRONG = TOP / "tests/hosts/p2p-wrong.json"
DEVICES = ["0000:43:00.0", "0000:44:00.0", "0000:45:00.0", "0000:c3:00.0", "0000:c4:00.0", "0000:c5:00.0"]
# Of the register of findings, those that are about a host alone.
CHECKS = {f"VTOPO-{number:04}" for number in map(int, re.findall(
    r"^FINDING\((\d+),", (TOP / "lib/model/findings.def").read_text(), re.M)) if 40 <= number <= 52}


class Check(Case):
    def check(self, status, *words):
        done = run("check", *words)
        self.assertEqual((done.returncode, done.stderr), (status, ""))
        return done.stdout

    def found(self, host, *words):
        """{(id, subject): finding}"""
        done = run("check", "--json", "--host", host, *words)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        if jsonschema:
            schema = json.loads((TOP / "schemas/check.schema.json").read_text())
            jsonschema.validate(report, schema, jsonschema.Draft202012Validator)
        severities = [finding["severity"] for finding in report["findings"]]
        self.assertEqual(severities, sorted(severities, reverse=True))  # "warning" before "info"
        self.assertEqual(done.returncode, 1 if severities else 0)
        found = {(finding["id"], finding["subject"]): finding for finding in report["findings"]}
        self.assertEqual(len(found), len(report["findings"]), "one thing is reported twice")
        return found

    def test_right(self):
        self.assertEqual(self.check(0, "--host", RIGHT), "nothing found: 6 devices\n")
        self.assertEqual(json.loads(self.check(0, "--json", "--host", RIGHT)), {
            "format": "vtopo-check", "version": 1, "devices": DEVICES, "findings": [], "hook": None})

    def test_wrong(self):
        self.assertEqual({(number, subject) for number, subject in self.found(WRONG)}, {
            ("VTOPO-0040", "0000:43:00.0"), ("VTOPO-0041", "0000:c4:00.0"), ("VTOPO-0042", "host"),
            ("VTOPO-0043", "0000:42:00.0"), ("VTOPO-0043", "0000:c2:01.0"),
            ("VTOPO-0044", "0000:42:01.0"), ("VTOPO-0045", "0000:c2:00.0"),
            ("VTOPO-0046", "0000:42:02.0"), ("VTOPO-0047", "0000:43:00.0"),
            ("VTOPO-0048", "0000:44:00.0"), ("VTOPO-0048", "0000:45:00.0"),
            ("VTOPO-0049", "0000:43:00.0"), ("VTOPO-0050", "0000:43:00.0"),
            ("VTOPO-0050", "0000:45:00.0"), ("VTOPO-0051", "0000:c3:00.0"),
            ("VTOPO-0052", "0000:43:00.0"), ("VTOPO-0052", "0000:44:00.0")})

    def test_every_check_has_a_host_on_each_side(self):
        self.assertEqual({number for number, _ in self.found(WRONG)}, CHECKS)
        self.assertFalse(self.found(RIGHT))

    def test_registers(self):
        """What is said of a register is what config space says."""
        config = json.loads(WRONG.read_text())["config"]
        seen = set()
        for (_, subject), finding in self.found(WRONG).items():
            register = finding["register"]
            if not register:
                continue
            at = int(register["offset"], 16)
            row = bytes.fromhex(config[subject].get(f"{at & ~31:03x}", "00" * 32))
            value = int.from_bytes(row[at % 32:at % 32 + 2], "little")
            self.assertEqual(register["value"], f"0x{value:04x}")
            for word in (register["name"], f"register 0x{at:02x}", register["value"]):
                self.assertIn(word, finding["is"])
            seen.add(register["name"])
        self.assertEqual(seen, {"ACS Control", "ATS Control", "Device Control", "Link Status"})

    def test_commands_name_the_function(self):
        for (_, subject), finding in self.found(WRONG).items():
            self.assertNotIn("BDF", finding["how"])
            for command in re.findall(r"setpci -s (\S+)", finding["how"]):
                self.assertEqual(command, subject)

    def test_setpci_makes_it_right(self):
        """VALUE:MASK of the command, applied to what is there, is what it should be."""
        for (number, _), finding in self.found(WRONG).items():
            command = re.search(r"setpci -s \S+ (\w+)\+(\d+)\.w=(\w+):(\w+)", finding["how"])
            if not command:
                continue
            register = finding["register"]
            self.assertEqual(int(register["offset"], 16) - int(register["capability_offset"], 16),
                             int(command[2], 16))
            self.assertEqual(command[1], {"0x000d": "ECAP_ACS", "0x10": "CAP_EXP"}[register["capability_id"]])
            value, mask = int(command[3], 16), int(command[4], 16)
            now = int(register["value"], 16) & ~mask | value
            wanted = {"VTOPO-0043": (0x40, 0x40), "VTOPO-0044": (0x1d, 0x1d), "VTOPO-0045": (0x22, 0),
                      "VTOPO-0049": (0x10, 0x10)}[number]
            self.assertEqual(now & wanted[0], wanted[1])
            self.assertEqual(value & ~mask, 0)

    def test_kernel_command_line_makes_it_right(self):
        """An "x" would be what the firmware has set."""
        seen = set()
        for (number, _), finding in self.found(WRONG).items():
            for bits, port in re.findall(r"pci=config_acs=(\w+)@(\S+)", finding["how"]):
                self.assertEqual((int(bits, 2), len(bits), port), (0x5d, 7, finding["subject"]))
                seen.add(number)
        self.assertEqual(seen, {"VTOPO-0043", "VTOPO-0044", "VTOPO-0045"})

    def test_warnings_first(self):
        text = self.check(1, "--host", WRONG)
        severities = re.findall(r"^VTOPO-\d{4} (\w+):", text, re.M)
        self.assertEqual(severities, sorted(severities, reverse=True))
        self.assertEqual(set(severities), {"warning", "info"})
        text = self.check(1, "--warnings", "--host", WRONG)
        self.assertEqual(set(re.findall(r"^VTOPO-\d{4} (\w+):", text, re.M)), {"warning"})

    def test_table(self):
        text = self.check(1, "--host", WRONG)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)
        self.assertIn("\n  0000:42:00.0: ACS Control (extended capability 000d at 0x148, register 0x14e) is "
                      "0x001d (ACS\n", text)
        self.assertEqual(text.count("  should be: "), text.count("\nVTOPO-") + 1)

    def test_neighbours_that_say_the_same_share_a_line(self):
        host = json.loads(RIGHT.read_text())
        for function in host["functions"]:
            if function["bdf"] in ("0000:43:00.0", "0000:44:00.0"):
                function["driver"] = "nvidia"
        path = self.folder / "host.json"
        path.write_text(json.dumps(host))
        self.assertEqual(self.check(0, "--warnings", "--host", path).count("VTOPO"), 0)
        self.assertEqual(self.check(1, "--host", path), (
            "VTOPO-0052 info: a device has no VFIO driver\n"
            "  0000:43:00.0 0000:44:00.0: is bound to the host's driver nvidia\n"
            "  means: a guest gets it only from a VFIO driver\n"
            "  should be: vfio-pci, or another VFIO driver, when the guest starts\n"
            "  to change it: libvirt does it for <hostdev managed='yes'>; by hand: driverctl set-override BDF\n"
            "    vfio-pci\n"))

    def test_named_devices(self):
        found = set(self.found(WRONG, "44:00.0", "0000:43:00.0", "43:00.0"))
        self.assertNotIn(("VTOPO-0040", "0000:43:00.0"), found)  # the guest gets both
        self.assertIn(("VTOPO-0044", "0000:42:01.0"), found)
        self.assertFalse([subject for _, subject in found if subject.startswith("0000:c")])
        # One card has nobody to reach through the switch.
        self.assertEqual(set(self.found(WRONG, "44:00.0")), {
            ("VTOPO-0040", "0000:44:00.0"), ("VTOPO-0048", "0000:44:00.0"), ("VTOPO-0052", "0000:44:00.0")})

    def test_trees_say_the_same(self):
        for host in (RIGHT, WRONG, TOP / "examples/hosts/rtx8.json", TOP / "examples/hosts/sriov.json"):
            with self.subTest(host.name):
                tree = self.tree(host, host.stem + "/sys")
                for words in ([], ["--json"]):
                    there, here = run("check", *words, "--host", tree), run("check", *words, "--host", host)
                    self.assertEqual((there.returncode, there.stdout), (here.returncode, here.stdout))
                    self.assertIn(here.returncode, (0, 1))

    def test_plans_find_the_same(self):
        """
        Of the same devices the findings of --explain are these: shorter sentences, the same things, about the same
        ports and devices.
        """
        plan = json.loads((TOP / "tests/golden/p2p-wrong/plan.json").read_text())
        devices = sorted({device["host_bdf"] for device in plan["devices"]})
        found = json.loads(run("check", "--json", *devices, "--host", WRONG).stdout)["findings"]
        compared = range(43, 51)

        def of(findings):
            return {(id, subject) for id, subject in findings if int(id.rpartition("-")[2]) in compared}

        planned = of((f["id"], subject) for f in plan["findings"] for subject in f["subjects"])
        self.assertEqual(planned, of((f["id"], f["subject"]) for f in found))
        self.assertGreater(len(planned), 5)

    def test_saved_hosts_say_the_same(self):
        path = self.folder / "saved.json"
        self.succeed("save", path, "--host", self.tree(WRONG))
        self.assertEqual(self.check(1, "--host", path), self.check(1, "--host", WRONG))

    def test_wrong_words(self):
        self.refuse(2, "'nonsense' is not a PCI address", "check", "nonsense", "--host", RIGHT)
        self.refuse(4, "the host has no device 0000:99:00.0", "check", "99:00.0", "--host", RIGHT)
        self.refuse(4, "0000:42:00.0 is a bridge or port", "check", "42:00.0", "--host", RIGHT)
        self.refuse(4, "cannot read", "check", "--host", self.folder / "none")


class Broken(Case):
    """Config space may be anything."""

    def damaged(self, change):
        host = json.loads(RIGHT.read_text())
        for bdf, config in host["config"].items():
            data = bytearray(config["size"])
            for key, row in config.items():
                if key != "size":
                    data[int(key, 16):int(key, 16) + len(row) // 2] = bytes.fromhex(row)
            data = change(bdf, data)
            host["config"][bdf] = {"size": len(data)} | {
                f"{at:03x}": data[at:at + 32].hex() for at in range(0, len(data), 32)}
        path = pathlib.Path(self.folder, "host.json")
        path.write_text(json.dumps(host))
        done = run("check", "--json", "--host", path)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(done.stderr, "")
        return [finding["id"] for finding in json.loads(done.stdout)["findings"]]

    def test_truncated(self):
        """Shorter config space makes less known, never something wrong."""
        for size in (1, 63, 64, 65, 0x62, 0x69, 255, 256, 257, 0x149, 0x14d, 0x14f):
            with self.subTest(size=size):
                self.assertEqual(self.damaged(lambda _, data: data[:size]), ["VTOPO-0042"])
        self.assertEqual(self.damaged(lambda _, data: data[:0x150]), [])

    def test_all_ones(self):
        self.assertEqual(self.damaged(lambda _, data: bytearray(b"\xff" * len(data))), ["VTOPO-0042"])

    def test_circles(self):
        def circle(_, data):
            data[0x102:0x104] = b"\x01\x10"
            return data

        self.assertEqual(self.damaged(circle), ["VTOPO-0042"])

    def test_noise(self):
        """Nothing is known of what comes out, but that it comes."""
        for seed in range(12):
            dice = random.Random(seed)

            def noise(_, data):
                for _ in range(dice.randrange(1, 40)):
                    data[dice.choice([dice.randrange(len(data)), dice.randrange(0x34, 0x80),
                                      dice.randrange(0x100, 0x160)])] = dice.randrange(256)
                return data

            self.damaged(noise)


if __name__ == "__main__":
    unittest.main()
