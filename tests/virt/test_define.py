#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_define.py - vtopo-define with a real libvirtd

Takes:  VTOPO_DEFINE, VTOPO_XML; root.
Gives:  whether what it defines is what the pipe of vtopo-xml would, what it keeps, what it asks, what it says.
Rule:   the daemon is a private one (hooks/libvirtd.py); folders that vtopo-define writes to are given.
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

import jsonschema

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests" / "hooks"), str(TOP / "tests" / "real")]
import libvirt  # noqa: E402
import libvirtd  # noqa: E402

DEFINE = os.environ.get("VTOPO_DEFINE") or sys.exit("VTOPO_DEFINE must name the program")
XML = os.environ.get("VTOPO_XML") or sys.exit("VTOPO_XML must name the program")
HOST = str(TOP / "examples" / "hosts" / "two-dpu.json")
POLICY = str(TOP / "tests" / "cli" / "empty-policy.json")
SCHEMA = json.loads((TOP / "schemas/define-check.schema.json").read_text())
# https://prometheus.io/docs/instrumenting/exposition_formats/
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\} ([0-9]+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')


def domain(name, source="small", uuid=None):
    """One of tests/domains under another name."""
    text = libvirt.for_this_machine((TOP / "tests/domains" / (source + ".xml")).read_text(encoding="utf-8"))
    text = re.sub(r"<name>[^<]*</name>", lambda _: "<name>%s</name>" % name, text, count=1)
    return re.sub(r"\s*<uuid>[^<]*</uuid>", "" if uuid is None else "<uuid>%s</uuid>" % uuid, text, count=1)


def samples(text):
    """[({label: value}, number)] of the only metric: its help, its type, then a line for each, all ended."""
    lines = text.split("\n")
    assert lines.pop() == "", "the last line is not ended"
    name = "vtopo_vm_topology"
    assert re.fullmatch(r"# HELP %s [^\\]+" % name, lines[0]) and lines[1] == "# TYPE %s gauge" % name, lines[:2]
    found = []
    for line in lines[2:]:
        sample = SAMPLE.fullmatch(line)
        assert sample and sample[1] == name, line
        labels = {key: re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)
                  for key, value in LABEL.findall(sample[2])}
        found.append((labels, int(sample[3])))
    assert len({tuple(sorted(labels.items())) for labels, _ in found}) == len(found), "a series is there twice"
    return found


class Define(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()
        cls.uri = "qemu+unix:///system?socket=%s" % cls.daemon.socket

    def setUp(self):
        work = tempfile.TemporaryDirectory(prefix="vtopo-define-")
        self.addCleanup(work.cleanup)
        self.work = pathlib.Path(work.name)
        self.history = self.work / "state" / "definitions"
        self.addCleanup(self.forget_all)

    def forget_all(self):
        for uuid in self.daemon.virsh("list", "--all", "--uuid").split():
            self.daemon.try_virsh("destroy", uuid)
            self.daemon.try_virsh("undefine", uuid, "--managed-save", "--nvram")

    def words(self, *options):
        config = [] if "--config" in options else ["--config", POLICY]
        return [DEFINE, "--connect", self.uri, "--host", HOST, *config, "--history", str(self.history), *options]

    def run_program(self, *options, status=0, stdin=""):
        result = subprocess.run(self.words(*options), input=stdin, capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def hook_says(self, name, policy, text):
        """At a terminal: what it writes to the journal."""
        mine, theirs = pty.openpty()
        subprocess.run([os.environ["VTOPO_HOOK_QEMU"], "--host", HOST, "--config", str(policy), name, "prepare", "begin", "-"],
                       input=text, stderr=theirs, stdout=subprocess.DEVNULL, text=True, timeout=60, check=True)
        os.write(theirs, b"\n")
        said = os.read(mine, 65536).decode()
        os.close(mine)
        os.close(theirs)
        return said

    def answer(self, word, *options):
        """At a terminal: what it printed there, and its status."""
        mine, theirs = pty.openpty()
        child = subprocess.Popen(self.words(*options), stdin=theirs, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True)
        os.close(theirs)
        os.write(mine, word.encode())
        text = child.communicate(timeout=120)[0]
        os.close(mine)
        return text, child.returncode

    def dump(self, name):
        return self.daemon.virsh("dumpxml", "--inactive", "--security-info", name).rstrip("\n") + "\n"

    def piped(self, name, *options):
        """What the documented pipe makes of it, as libvirt dumps that."""
        before = self.dump(name)
        after = subprocess.run([XML, "--host", HOST, "--config", POLICY, *options], input=before, check=True,
                               capture_output=True, text=True).stdout
        self.daemon.define(after)
        piped = self.dump(name)
        self.daemon.define(before)
        self.assertEqual(self.dump(name), before)
        return piped

    def check(self, *options, status=0):
        """The JSON, which its schema describes."""
        data = json.loads(self.run_program("--check", "--json", *options, status=status).stdout)
        jsonschema.Draft202012Validator(SCHEMA).validate(data)
        self.assertEqual(set(data), set(SCHEMA["properties"]))
        for vm in data["vms"]:
            self.assertLessEqual(set(vm), set(SCHEMA["$defs"]["vm"]["properties"]))
            self.assertLessEqual(set(vm["versions"]), set(SCHEMA["$defs"]["vm"]["properties"]["versions"]["properties"]))
        return data["vms"]

    def kept(self):
        return sorted(self.history.iterdir()) if self.history.exists() else []

    # -- one VM -------------------------------------------------------------------------------------

    def test_it_defines_what_the_pipe_would(self):
        self.daemon.define(domain("gpu"))
        before, wanted = self.dump("gpu"), self.piped("gpu")
        self.assertNotEqual(before, wanted)
        result = self.run_program("--yes", "gpu")
        self.assertEqual(self.dump("gpu"), wanted)
        tree, diff = result.stdout.split("--- gpu\n")
        for words in ("gpu: mirror switch", "HOST  ", "0000:41:00.0  10de:20b8", "expander pci.", "FINDINGS", "VTOPO-0021 domain"):
            self.assertIn(words, tree)
        self.assertIn("+    <controller type='pci' index='", diff)
        self.assertIn("is defined, for its next start", result.stderr)
        again = self.run_program("gpu")
        self.assertEqual(again.stdout, "")
        self.assertIn("nothing to do", again.stderr)

    def test_findings_of_one_that_would_not_change(self):
        """Behind the line that names it; the elements of --cells make are left to --cells make."""
        self.daemon.define(domain("flat", "no-cells"))
        result = self.run_program("flat")
        self.assertEqual(result.stdout, "")
        first, *findings = result.stderr.splitlines()
        self.assertIn("VM 'flat': nothing would change, but its guest starts without its host's topology", first)
        self.assertTrue(any("warning: VTOPO-0003 domain: " in line for line in findings), findings)
        self.assertEqual(findings[-1], "  vtopo-define --cells make shows what that is, and asks")
        self.assertNotIn("<", result.stderr)
        self.assertIn("info: VTOPO-", self.run_program("--verbose", "flat").stderr)
        self.assertEqual(self.run_program("--quiet", "flat").stderr, "")

    def test_what_was_replaced_is_kept_for_root_alone_and_comes_back(self):
        self.daemon.define(domain("gpu"))
        before = self.dump("gpu")
        self.run_program("--yes", "gpu")
        after, kept = self.dump("gpu"), self.kept()
        uuid = ET.fromstring(before).findtext("uuid")
        self.assertEqual([p.name for p in kept], [uuid + ".00000001.xml"])
        self.assertEqual(kept[0].read_text().rstrip("\n") + "\n", before)
        self.assertEqual((kept[0].stat().st_mode & 0o777, self.history.stat().st_mode & 0o777), (0o600, 0o700))
        self.run_program("--restore", "--yes", "gpu")
        self.assertEqual(self.dump("gpu"), before)
        self.run_program("--restore", "--yes", "gpu")
        self.assertEqual(self.dump("gpu"), after)

    def test_undo(self):
        self.daemon.define(domain("gpu"))
        before = self.dump("gpu")
        self.run_program("--yes", "gpu")
        self.run_program("--yes", "--undo", "gpu")
        self.assertEqual(self.dump("gpu"), before)

    def test_the_uuid_names_it_too(self):
        self.daemon.define(domain("gpu", uuid="6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e01"))
        self.run_program("--yes", "6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e01")
        self.assertIn("ua-vtopo-", self.dump("gpu"))

    def test_nobody_to_ask_defines_nothing(self):
        self.daemon.define(domain("gpu"))
        before = self.dump("gpu")
        result = self.run_program("gpu", status=1)
        self.assertIn("--yes", result.stderr)
        self.assertEqual((self.dump("gpu"), self.kept()), (before, []))

    def test_a_person_is_asked(self):
        self.daemon.define(domain("gpu"))
        before = self.dump("gpu")
        for word in ("n\n", "\n", "yess\n", "\x04"):
            text, status = self.answer(word, "gpu")
            self.assertIn("Define VM 'gpu' so? [y/N]", text)
            self.assertEqual((status, self.dump("gpu"), self.kept()), (1, before, []), word)
        text, status = self.answer("y\n", "gpu")
        self.assertEqual(status, 0, text)
        self.assertIn("ua-vtopo-", self.dump("gpu"))

    def start_without_devices(self, name):
        """A guest runs, with TCG and without a disk; its definition has host devices by now."""
        flat = domain(name)
        plain = re.sub(r"<hostdev.*?</hostdev>|<disk.*?</disk>|<interface.*?</interface>", "", flat, flags=re.S)
        plain = re.sub(r"<numatune>.*?</numatune>|<cputune>.*?</cputune>", "", plain, flags=re.S)
        plain = re.sub(r"(<(?:memory|currentMemory|cell)\b[^>]*?memory='|<memory[^>]*>|<currentMemory[^>]*>)\d+", r"\g<1>262144", plain)
        plain = re.sub(r"<numa>.*?</numa>", "", plain, flags=re.S)
        self.daemon.define(plain)
        self.daemon.virsh("start", name)
        uuid = ET.fromstring(self.dump(name)).findtext("uuid")
        self.daemon.define(domain(name, uuid=uuid))

    def test_a_running_guest_is_told_when_it_counts(self):
        self.start_without_devices("gpu")
        result = self.run_program("--yes", "gpu")
        self.assertIn("shut down and started again", result.stderr)
        self.assertIn("ua-vtopo-", self.dump("gpu"))
        self.assertNotIn("ua-vtopo-", self.daemon.virsh("dumpxml", "gpu"))
        self.assertRegex(self.run_program("--check", "gpu").stdout, r"(?m)^gpu +running +as on the host$")

    def test_a_managed_save_image_stands_in_the_way(self):
        self.start_without_devices("gpu")
        self.daemon.virsh("managedsave", "gpu")
        text, status = self.answer("n\n", "gpu")
        self.assertEqual(status, 1)
        self.assertLess(text.index("virsh managedsave-remove"), text.index("[y/N]"))
        result = self.run_program("--yes", "gpu")
        self.assertEqual(result.stderr.count("virsh managedsave-remove"), 1)
        self.assertTrue(self.check("gpu")[0]["managed_save"])

    # -- failures -----------------------------------------------------------------------------------

    def test_a_vm_that_is_not_there(self):
        result = self.run_program("--yes", "none", status=6)
        self.assertEqual((result.stdout, result.stderr.count("\n")), ("", 1))
        self.assertIn("knows no VM 'none'", result.stderr)

    def test_no_libvirt(self):
        result = subprocess.run([DEFINE, "--connect", "qemu+unix:///system?socket=%s/none" % self.work, "gpu"],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")), (6, "", 1), result.stderr)
        self.assertIn("cannot connect", result.stderr)

    def test_a_folder_that_others_can_read_is_not_used(self):
        self.daemon.define(domain("gpu"))
        before = self.dump("gpu")
        self.history.mkdir(parents=True)
        for mode in (0o755, 0o710):
            self.history.chmod(mode)
            result = self.run_program("--yes", "gpu", status=6)
            self.assertIn("open to others", result.stderr)
        self.history.rmdir()
        self.history.symlink_to(self.work)
        self.run_program("--yes", "gpu", status=6)
        self.assertEqual(self.dump("gpu"), before)

    def test_a_full_disk_defines_nothing(self):
        self.daemon.define(domain("gpu"))
        before = self.dump("gpu")
        script = 'mkdir -p "$1" && mount -t tmpfs -o size=4k,mode=700 tmpfs "$1" && shift && exec "$@"'
        result = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", str(self.history),
                                 *self.words("--yes", "gpu")], capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 6, result.stderr)
        self.assertIn("No space left", result.stderr)
        self.assertEqual(self.dump("gpu"), before)

    def test_a_change_made_meanwhile_is_not_lost(self):
        """It waits for the answer while somebody else defines the VM."""
        self.daemon.define(domain("gpu"))
        mine, theirs = pty.openpty()
        child = subprocess.Popen(self.words("gpu"), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 text=True)
        os.close(theirs)
        asked = ""
        while "[y/N]" not in asked:
            asked += child.stderr.read(1)
        changed = self.dump("gpu").replace("</name>", "</name>\n  <title>somebody's</title>", 1)
        self.daemon.define(changed)
        before = self.dump("gpu")
        os.write(mine, b"y\n")
        _, errors = child.communicate(timeout=60)
        os.close(mine)
        self.assertEqual(child.returncode, 5, errors)
        self.assertIn("meanwhile", errors)
        self.assertEqual(self.dump("gpu"), before)

    def test_usage(self):
        for options in ((), ("--all", "gpu"), ("--json", "gpu"), ("--prometheus", "x", "gpu"), ("--check", "--yes", "gpu"),
                        ("--check", "--restore", "gpu"), ("--undo", "--restore", "gpu"), ("--restore", "--all"),
                        ("--quiet", "--verbose", "gpu"), ("--mirror", "none", "gpu")):
            result = self.run_program(*options, status=2)
            self.assertEqual(result.stdout, "", options)

    # -- many ---------------------------------------------------------------------------------------

    def test_check(self):
        for name, source in (("a-flat", "small"), ("b-done", "small"), ("c-no-cells", "no-cells")):
            self.daemon.define(domain(name, source))
        plain = re.sub(r"<hostdev.*?</hostdev>", "", domain("d-plain"), flags=re.S)
        self.daemon.define(plain)
        self.run_program("--yes", "b-done")
        before = {name: self.dump(name) for name in self.daemon.virsh("list", "--all", "--name").split()}
        result = self.run_program("--check", "--all", "--prometheus", str(self.work / "vtopo.prom"), status=1)
        lines = result.stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["VM", "a-flat", "b-done", "c-no-cells"])
        self.assertRegex(lines[1], r"^a-flat +shut off +would change: ")
        self.assertRegex(lines[2], r"^b-done +shut off +as on the host$")
        self.assertRegex(lines[3], r"^c-no-cells +shut off +lacks it: ")
        metrics = samples((self.work / "vtopo.prom").read_text())
        states = [("a-flat", "differs"), ("b-done", "as_host"), ("c-no-cells", "lacking"), ("d-plain", "no_devices")]
        self.assertEqual([(labels["vm"], labels["state"]) for labels, number in metrics if number], states)
        self.assertEqual({labels["state"] for labels, _ in metrics},
                         set(SCHEMA["$defs"]["vm"]["properties"]["topology"]["enum"]))
        self.assertEqual(len(metrics), 4 * 6)
        vms = self.check("--all", status=1)
        self.assertEqual([(vm["name"], vm["topology"]) for vm in vms], states)
        self.assertEqual({(labels["vm"], labels["uuid"]) for labels, _ in metrics}, {(vm["name"], vm["uuid"]) for vm in vms})
        self.run_program("--check", "c-no-cells", "b-done", status=8)
        self.run_program("--check", "d-plain", "b-done")
        self.assertEqual(before, {name: self.dump(name) for name in before})

    def test_metrics_are_there_whole_or_not_at_all(self):
        """Another file takes the place of the one that is read; where it cannot, that one stays."""
        self.daemon.define(domain("a"))
        metrics = self.work / "vtopo.prom"
        metrics.write_text("before")
        metrics.chmod(0o644)
        with open(metrics, encoding="ascii") as reader:
            self.run_program("--check", "a", "--prometheus", str(metrics), status=1)
            self.assertEqual(reader.read(), "before")
        self.assertEqual((len(samples(metrics.read_text())), metrics.stat().st_mode & 0o777), (6, 0o644))
        self.assertEqual([path.name for path in self.work.iterdir()], ["vtopo.prom"])
        written = metrics.read_text()
        self.run_program("--check", "none", "--prometheus", str(metrics), status=6)
        self.assertEqual(metrics.read_text(), written)
        for path in (self.work, self.work / "none" / "vtopo.prom"):
            self.assertIn("cannot write", self.run_program("--check", "a", "--prometheus", str(path), status=6).stderr)

    def test_two_claims_on_one_device(self):
        self.daemon.define(domain("one"))
        other = re.sub(r"<hostdev(?:(?!</hostdev>).)*bus='0x(?:3d|da|de)'.*?</hostdev>\s*", "", domain("other"), flags=re.S)
        self.daemon.define(other)
        self.assertIn("0x41", self.dump("other"))
        warned = "warning: VM 'one': 0000:41:00.0 is assigned to VM 'other', too: only one of them can run"
        result = self.run_program("--yes", "one")
        self.assertEqual(result.stderr.count("warning: VM 'one'"), 1)
        self.assertIn(warned, result.stderr)
        vms = self.check("--all", status=1)
        self.assertEqual([vm["shared"] for vm in vms],
                         [["0000:41:00.0 is assigned to VM 'other', too: only one of them can run"],
                          ["0000:41:00.0 is assigned to VM 'one', too: only one of them can run"]])

    def test_many_claims_are_one_line(self):
        for name in ("a", "b", "c", "d", "e", "f"):
            self.daemon.define(re.sub(r"<hostdev(?:(?!</hostdev>).)*bus='0x(?:3d|da|de)'.*?</hostdev>\s*", "", domain(name), flags=re.S))
        shared = {vm["name"]: vm["shared"] for vm in self.check("--all", status=1)}
        self.assertEqual(shared["a"], ["0000:41:00.0 is assigned to VMs 'b', 'c', 'd', 'e' and 1 more, too: only one of them can run"])
        self.daemon.virsh("undefine", "b")
        self.assertEqual(self.check("a", status=1)[0]["shared"],
                         ["0000:41:00.0 is assigned to VMs 'c', 'd', 'e' and 'f', too: only one of them can run"])

    def test_cores_of_others_are_left_to_them(self):
        policy = self.work / "policy.json"
        policy.write_text('{"cells": "make", "cells_pin": "core"}')
        pinned = []
        for name in ("one", "other"):
            self.daemon.define(domain(name, "no-cells"))
            self.run_program("--yes", "--config", str(policy), name)
            pins = re.findall(r"<vcpupin vcpu='\d+' cpuset='(\d+)'/>", self.dump(name))
            self.assertEqual(len(pins), int(re.search(r"<vcpu [^>]*>(\d+)<", self.dump(name))[1]))
            pinned.append(set(pins))
            self.run_program("--check", "--config", str(policy), name)
        self.assertFalse(pinned[0] & pinned[1], pinned)
        # libvirt's hook knows of no other VM, and finds that each is right.
        for name in ("one", "other"):
            self.assertNotIn("starts", self.hook_says(name, policy, self.dump(name)))
        shifted = re.sub(r"<vcpupin vcpu='0' [^>]*>", "<vcpupin vcpu='0' cpuset='%s'/>" % max(pinned[0], key=int), self.dump("other"))
        self.assertIn("starts otherwise than vtopo would make it", self.hook_says("other", policy, shifted))

    def test_two_that_keep_at_once(self):
        """One waits for the other, not for ever, and what is not kept is not replaced."""
        self.daemon.define(domain("both", "no-cells"))
        before = self.dump("both")
        self.run_program("--yes", "--cells", "make", "both")
        self.daemon.define(before)
        folder = os.open(self.history, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        fcntl.flock(folder, fcntl.LOCK_EX)
        result = self.run_program("--yes", "--cells", "make", "both", status=6)
        self.assertIn("is in use by another process", result.stderr)
        self.assertEqual(self.dump("both"), before)
        fcntl.flock(folder, fcntl.LOCK_UN)
        self.run_program("--yes", "--cells", "make", "both")

    def test_cores_of_those_that_went_before_are_left_to_them(self):
        policy = self.work / "policy.json"
        policy.write_text('{"cells": "make", "cells_pin": "core"}')
        for name in ("one", "other"):
            self.daemon.define(domain(name, "no-cells"))
        self.run_program("--yes", "--config", str(policy), "--all")
        pinned = [set(re.findall(r"<vcpupin vcpu='\d+' cpuset='(\d+)'/>", self.dump(name))) for name in ("one", "other")]
        self.assertTrue(pinned[0])
        self.assertFalse(pinned[0] & pinned[1], pinned)
        self.run_program("--check", "--config", str(policy), "--all")

    def test_one_that_is_named_twice_is_one(self):
        self.daemon.define(domain("one"))
        uuid = ET.fromstring(self.dump("one")).findtext("uuid")
        self.assertEqual(len(self.check("one", uuid, "one", status=1)), 1)
        self.run_program("--check", "--prometheus", str(self.work / "one.prom"), uuid, "one", status=1)
        self.assertEqual(len(samples((self.work / "one.prom").read_text())), 6)
        result = self.run_program("--yes", "one", uuid)
        self.assertEqual(result.stderr.count("is defined"), 1)

    def test_cpus_of_other_emulators_are_left_to_them(self):
        """One CPU each for the emulator and an I/O thread; half of all, or more, is nobody's own."""
        policy = self.work / "policy.json"
        policy.write_text('{"cells": "make", "cells_pin": "core"}')
        self.daemon.define(domain("one", "no-cells"))
        before = self.dump("one")
        self.run_program("--yes", "--config", str(policy), "one")
        first = sorted(map(int, re.findall(r"<vcpupin vcpu='\d+' cpuset='(\d+)'/>", self.dump("one"))))
        self.run_program("--yes", "--undo", "one")
        self.assertEqual(self.dump("one"), before)
        for kind in ("emulatorpin", "iothreadpin iothread='1'"):
            for cpuset, is_left in (("%d" % first[0], True), ("0-8191", False)):
                with self.subTest(kind + " " + cpuset):
                    tune = "<cputune><%s cpuset='%s'/></cputune>" % (kind, cpuset)
                    if "iothread" in kind:
                        tune = "<iothreads>1</iothreads>" + tune
                    other = re.sub(r"<cputune>.*?</cputune>", "", domain("other"), flags=re.S)
                    self.daemon.define(re.sub("</vcpu>", "</vcpu>" + tune, other, count=1))
                    self.run_program("--yes", "--config", str(policy), "one")
                    pins = sorted(map(int, re.findall(r"<vcpupin vcpu='\d+' cpuset='(\d+)'/>", self.dump("one"))))
                    self.assertEqual(len(pins), len(first))
                    self.assertEqual(first[0] in pins, not is_left)
                    self.run_program("--yes", "--undo", "one")
                    self.daemon.virsh("undefine", "other")

    # -- what libvirt knows -------------------------------------------------------------------------

    def versions(self):
        text = self.daemon.virsh("version")
        return {"libvirt_version": re.search(r"library: libvirt (\S+)", text)[1],
                "qemu_version": re.search(r"hypervisor: QEMU (\S+)", text)[1]}

    def test_versions_are_learned(self):
        known = self.versions()
        self.daemon.define(domain("a"))
        link = self.work / "qemu-system-x86_64"
        link.symlink_to("/usr/bin/qemu-system-x86_64")
        self.daemon.define(re.sub(r"<emulator>.*?</emulator>", "<emulator>%s</emulator>" % link, domain("b")))
        vms = {vm["name"]: vm["versions"] for vm in self.check("--all", status=1)}
        self.assertEqual(vms, {"a": known, "b": {"libvirt_version": known["libvirt_version"]}})
        told = self.run_program("--verbose", "--check", "a", status=1)
        self.assertNotIn("QEMU", told.stdout)
        told = self.run_program("--verbose", "--yes", "a")
        self.assertIn("VM 'a': libvirt %(libvirt_version)s, QEMU %(qemu_version)s\n" % known, told.stderr)
        policy = self.work / "policy.json"
        policy.write_text('{"qemu_version": "10.0.1"}')
        self.assertEqual(self.check("--config", str(policy), "a")[0]["versions"]["qemu_version"], "10.0.1")
        self.assertEqual(self.check("--undo", "a", status=1)[0]["versions"], {})

    def test_what_libvirt_says_decides(self):
        """Cliques need QEMU 8.1; who says how new it is, is named."""
        qemu = self.versions()["qemu_version"]
        host = TOP / "tests/hosts/p2p-right.json"
        text = (TOP / "tests/golden/clique-held-back/domain.xml").read_text()
        text = re.sub("<name>[^<]*", "<name>cliques", libvirt.for_this_machine(text)).replace("q35-10.0", "q35-7.2")
        self.daemon.define(text)
        words = [word if word != HOST else str(host) for word in self.words("--clique", "auto", "--yes", "cliques")]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        old = [int(part) for part in qemu.split(".")] < [8, 1]
        self.assertEqual("libvirt says that QEMU is %s" % qemu in done.stdout, old)
        self.assertEqual("x-nv-gpudirect-clique" in self.dump("cliques"), not old)
        self.assertNotIn("policy qemu_version says", done.stdout)

    def test_odd_names(self):
        name = 'we"ird\\n {\u00e9} \u202e&lt;'
        self.daemon.define(domain(name))
        self.run_program("--check", "--all", "--prometheus", str(self.work / "odd.prom"), status=1)
        plain = name.replace("&lt;", "<")
        self.assertEqual({labels["vm"] for labels, _ in samples((self.work / "odd.prom").read_text())}, {plain})
        self.assertEqual(self.check("--all", status=1)[0]["name"], plain)

    def test_one_that_fails_keeps_no_other_from_being_checked(self):
        self.daemon.define(domain("a-strange").replace("bus='0x41'", "bus='0x42'"))
        self.daemon.define(domain("b-flat"))
        result = self.run_program("--check", "--all", status=4)
        self.assertRegex(result.stdout, r"(?m)^a-strange +shut off +not checked: .*42:00")
        self.assertRegex(result.stdout, r"(?m)^b-flat +shut off +would change: ")

    def test_ten_generations_are_kept(self):
        self.daemon.define(domain("gpu"))
        for i in range(7):
            self.run_program("--yes", "gpu")
            self.run_program("--yes", "--undo", "gpu")
        numbers = [int(p.name.split(".")[1]) for p in self.kept()]
        self.assertEqual(numbers, list(range(5, 15)))


if __name__ == "__main__":
    unittest.main()
