#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_place.py - what vtopo-host place says to people and programs, of all hosts

Takes:  VTOPO_HOST; the hosts of the tree, and those of ../shared/hosts if they are there.
Gives:  whether the JSON is what its schema says, what is proposed is in the host and free, text and elements say the
        same as the JSON, and wrong words are refused.
Not here: which proposal is the best (unit/test_propose.c), VMs (virt/test_place.py), guests (real/test_place.py).
"""

import json
import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ET

import jsonschema

from common import Case, HOSTS, PROGRAM, SHARED, TOP, run

SCHEMA = json.loads((TOP / "schemas/place.schema.json").read_text(encoding="utf-8"))
TWO_DPU = TOP / "examples/hosts/two-dpu.json"
SRIOV = TOP / "examples/hosts/sriov.json"
HGX = TOP / "examples/hosts/hgx8.json"
NVSWITCH = "GPUs of a board with NVSwitches"


def address(element):
    """The function that a <hostdev> or <interface> gives."""
    source = element.find("source/address")
    return "%04x:%02x:%02x.%x" % tuple(int(source.get(key), 16) for key in ("domain", "bus", "slot", "function"))


class Place(Case):
    def answer(self, host, *words):
        text = self.succeed("place", "--host", host, *words, "--json")
        answer = json.loads(text)
        jsonschema.validate(answer, SCHEMA, jsonschema.Draft202012Validator)
        return answer

    def check_host(self, host, functions):
        """One or two of each; statuses are 0, or 5 where there are too few."""
        for words in (("--gpus", "1"), ("--nics", "1"), ("--gpus", "2", "--nics", "2", "--cpus", "2", "--memory", "1G")):
            done = run("place", "--host", host, *words, "--json", "--most", "99")
            self.assertIn(done.returncode, (0, 5), done.stderr)
            if done.returncode == 5:
                self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1))
                continue
            answer = json.loads(done.stdout)
            jsonschema.validate(answer, SCHEMA, jsonschema.Draft202012Validator)
            seen = set()
            for proposal in answer["proposals"]:
                names = [device["pciBusID"] for device in proposal["devices"]]
                self.assertEqual(len(set(names)), len(names))
                self.assertNotIn(tuple(names), seen)
                seen.add(tuple(names))
                self.assertEqual([address(e) for e in ET.fromstring("<d>%s</d>" % proposal["devices_xml"])], names)
                for name in names:
                    self.assertIn(name, functions)
            if len(words) == 2:
                continue
            text = self.succeed("place", "--host", host, *words)
            self.assertIn("1. ", text)
            for name in (device["pciBusID"] for device in answer["proposals"][0]["devices"]):
                self.assertIn(name[:-1], text)
            self.assertEqual(self.succeed("place", "--host", host, *words, "--xml"), answer["proposals"][0]["devices_xml"])
            self.assertEqual(self.succeed("place", "--host", host, *words, "--json", "--most", "99"), done.stdout)

    def test_all_hosts(self):
        for host in HOSTS:
            with self.subTest(host.name):
                description = json.loads(host.read_text(encoding="utf-8"))
                self.check_host(host, {json.loads(json.dumps(f["bdf"])) for f in description["functions"]})

    @unittest.skipUnless(SHARED.is_dir(), "no ../shared/hosts")
    def test_shared_hosts(self):
        for archive in sorted(SHARED.glob("*.tar.gz")):
            with self.subTest(archive.name), tempfile.TemporaryDirectory() as work:
                subprocess.run(["tar", "xzf", archive, "-C", work], check=True)
                functions = set(os.listdir(work + "/bus/pci/devices"))
                self.succeed("save", self.folder / "host.json", "--host", work)
                self.check_host(self.folder / "host.json", functions)

    # -- what is said ---------------------------------------------------------------------------------

    def test_nothing_given_up(self):
        proposal = self.answer(SRIOV, "--gpus", "1", "--nics", "2")["proposals"][0]
        self.assertEqual((proposal["summary"], proposal["given_up"]), ("all below one switch", []))
        self.assertEqual([d["physfn"] for d in proposal["devices"]], [None, "0000:68:00.0", "0000:68:00.0"])
        self.assertIn("VF of 0000:68:00.0", self.succeed("place", "--host", SRIOV, "--gpus", "1", "--nics", "2"))

    def test_several_nodes(self):
        proposal = self.answer(HGX, "--gpus", "5", "--nics", "1")["proposals"][0]
        self.assertEqual((proposal["gpus_within"], proposal["nics_within"]), ("nodes", "nodes"))
        self.assertEqual(proposal["given_up"][0], "the GPUs are on several nodes")
        self.assertIn(NVSWITCH, proposal["given_up"][-1])
        whole = self.answer(HGX, "--gpus", "8")["proposals"][0]
        self.assertNotIn(NVSWITCH, "".join(whole["given_up"]))

    def test_what_a_driver_has(self):
        proposals = self.answer(TWO_DPU, "--gpus", "1")["proposals"]
        self.assertEqual([p["devices"][0]["held_by"] for p in proposals], [None, "driver"])
        self.assertIn("nothing tells whether the host works with it", proposals[1]["given_up"][0])

    def test_too_many(self):
        self.refuse_place(5, "9 GPUs are asked for, and the host has 8 to give", HGX, "--gpus", "9")
        self.refuse_place(5, "1000 CPUs are asked for, and the host has 224", HGX, "--gpus", "1", "--cpus", "1000")
        self.refuse_place(5, "the host itself needs some", HGX, "--gpus", "1", "--memory", "3T")

    def refuse_place(self, status, message, host, *words):
        done = run("place", "--host", host, *words)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertIn(message, done.stderr)
        self.assertTrue(done.stderr.startswith("vtopo-host place: "), done.stderr)

    def test_only(self):
        for ids, found in (("10de:20b8", "0000:41:00.0"), ("15b3:a2d6,10de:20b8", "0000:41:00.0")):
            self.assertEqual(self.answer(TWO_DPU, "--gpus", "1", "--only", ids)["proposals"][0]["devices"][0]["pciBusID"], found)
        nic = self.answer(TWO_DPU, "--nics", "1", "--only", "8086:1563")["proposals"][0]["devices"][0]
        self.assertEqual(nic["pciBusID"][:10], "0000:03:00")

    def test_only_what_the_host_lacks(self):
        self.refuse_place(4, "the host has no GPU or NIC 10de:ffff (--only)", TWO_DPU, "--gpus", "1", "--only", "10de:ffff")
        self.assertIn("the host has no GPU or NIC 10de:ffff, so it chooses nothing",
                      self.answer(TWO_DPU, "--gpus", "1", "--only", "10de:ffff,15b3:a2d6")["unknown"])

    def test_cpus_and_memory(self):
        share, = self.answer(HGX, "--gpus", "2", "--cpus", "8", "--memory", "16GiB", "--avoid-cpus", "56-57", "--avoid-cpus",
                             "168")["proposals"][0]["nodes"]
        self.assertEqual((share["cpus"], share["cpus_free"], share["memory_kib"]), ("58-61,170-173", 108, 16 << 20))

    def test_no_comment_ends_early(self):
        """Names of devices have what others wrote."""
        for line in self.succeed("place", "--host", TWO_DPU, "--gpus", "1", "--xml").splitlines():
            if "<!--" in line:
                self.assertNotIn("--", re.fullmatch(r"\s*<!-- (.*) -->", line)[1])

    # -- words ----------------------------------------------------------------------------------------

    def test_wrong_words(self):
        for words, message in (
                ((), "say how many"), (("--gpus", "x"), "'x' is not a number"), (("--gpus", "-1"), "not a number"),
                (("--gpus", "65"), "up to 64"), (("--nics", "99999999999"), "up to 256"), (("--gpus", "1", "--memory", "64"), "not a size"),
                (("--gpus", "1", "--memory", "G"), "not a size"), (("--gpus", "1", "--only", "10de"), "not a list of ids"),
                (("--gpus", "1", "--only", "10de:20b8,"), "not a list of ids"), (("--gpus", "1", "--avoid-cpus", "a"), "not a list of CPUs"),
                (("--gpus", "1", "--xml", "--json"), "contradict"), (("41:00.0",), "--domain into which guest"),
                (("--gpus", "1", "--domain", "vm"), "--domain is for a device"), (("41:00.0", "42:00.0", "--domain", "vm"), "one device is plugged in at a time"),
                (("--gpus", "1", "--most", "0"), "'0' is not a number from 1 to"),
                (("--gpus", "1", "--connect", "a:///", "--connect", "b:///"), "--connect twice"),
                (("41:00.0", "--gpus", "1", "--domain", "vm"), "give one")):
            with self.subTest(words):
                self.refuse_place(2, message, TWO_DPU, *words)
        self.assertEqual(run("place", "--host", TWO_DPU, "--gpus", "0", "--nics", "0").returncode, 2)

    def test_the_command_may_be_anywhere(self):
        wanted = self.succeed("place", "--host", HGX, "--gpus", "1", "--json")
        for words in (("--host", HGX, "place", "--gpus", "1", "--json"), ("--json", "place", "--host", HGX, "--gpus=1"),
                      ("--hos", HGX, "place", "--json", "--gpus=1"), ("--host=%s" % HGX, "--json", "place", "--gpus", "1")):
            self.assertEqual(self.succeed(*words), wanted)
        # It is a file here, and a host's name there.
        self.assertEqual(run("save", "place", "--host", HGX, cwd=self.folder).returncode, 0)
        self.assertTrue((self.folder / "place").exists())
        self.assertEqual(run("show", "place", "--host", HGX).returncode, 2)

    def test_a_port(self):
        """Of a domain in a file or on stdin; the real thing is virt/test_attach.py."""
        schema = json.loads((TOP / "schemas/place-port.schema.json").read_text(encoding="utf-8"))
        domain = TOP / "tests/golden/policy-spare-ports/expected.xml"
        text = self.succeed("place", "0000:3d:00.1", "--domain", domain, "--host", TWO_DPU, "--json")
        jsonschema.validate(json.loads(text), schema, jsonschema.Draft202012Validator)
        with open(domain, "rb") as stdin:
            again = subprocess.run([PROGRAM, "place", "3d:00.1", "--domain", "-", "--host", TWO_DPU, "--json"], stdin=stdin,
                                   capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(again.stdout, text)
        element = ET.fromstring(self.succeed("place", "3d:00.1", "--domain", domain, "--host", TWO_DPU))
        self.assertEqual((element.tag, address(element)), ("hostdev", "0000:3d:00.1"))
        self.assertEqual(int(element.find("address").get("bus"), 16), json.loads(text)["controller"])
        for status, message, words in (
                (5, "the domain has 0000:41:00.0 already", ("41:00.0", "--domain", domain)),
                (4, "is a bridge", ("40:08.0", "--domain", domain)), (4, "has no device", ("ff:00.0", "--domain", domain)),
                (2, "is not a PCI address", ("41", "--domain", domain)), (6, "cannot open", ("3d:00.1", "--domain", "/nonexistent")),
                (3, "", ("3d:00.1", "--domain", "/dev/null")),
                (5, "no expander of the guest belongs to cell", ("03:00.0", "--domain", TOP / "tests/domains/small.xml")),
                (5, "no guest cell stands for node 0", ("03:00.0", "--domain", TOP / "tests/domains/no-cells.xml"))):
            with self.subTest(message):
                self.refuse_place(status, message, TWO_DPU, *words)

    def test_help_fits_a_screen(self):
        lines = self.succeed("place", "--help").splitlines()
        self.assertLessEqual(len(lines), 28)
        self.assertLessEqual(max(map(len, lines)), 80)


if __name__ == "__main__":
    unittest.main()
