#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_guest.py - vtopo-guest on trees that stand for guests

Takes:  VTOPO_HOST, and vtopo-guest beside it.
Gives:  the line that it prints, its status, NCCL's file; what happens to files that are there.
Not here: fw_cfg of a real guest.
"""

import json
import os
import pathlib
import stat
import subprocess
import unittest

import common
from test_compare import GUEST, GUEST_PLAN

PROGRAM = str(pathlib.Path(common.PROGRAM).with_name("vtopo-guest"))
NCCL = '<system version="1">\n</system>\n'


class Guest(common.Case):
    def setUp(self):
        super().setUp()
        self.guest = self.tree(GUEST)
        self.run_folder = self.folder / "run"
        self.run_folder.mkdir()
        self.file = self.run_folder / "nvidia-topologyd/virtualTopology.xml"

    def deliver(self, name, text):
        path = self.guest / "firmware/qemu_fw_cfg/by_name/opt/org.vtopo" / name / "raw"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def both(self):
        self.deliver("nccl-topo.xml", NCCL)
        self.deliver("plan.json", json.dumps(GUEST_PLAN))

    def start(self, **env):
        return subprocess.run([PROGRAM, "--host", self.guest, "--run", self.run_folder], text=True, timeout=60,
                              capture_output=True, env={"LC_ALL": "C.UTF-8", **env})

    def expect(self, status, line, **env):
        done = self.start(**env)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (status, line + "\n", ""))

    def left(self):
        """All that is in the folder."""
        return sorted(str(path.relative_to(self.run_folder)) for path in self.run_folder.rglob("*"))

    def test_nothing_delivered(self):
        self.expect(0, "no plan was delivered")
        self.assertEqual(self.left(), [])

    def test_both(self):
        self.both()
        line = "all 1 are as planned; NCCL's topology is in %s" % self.file
        for _ in range(2):  # at the next start of the unit it is there
            self.expect(0, line)
            self.assertEqual(self.file.read_text(), NCCL)
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o644)
        self.assertEqual(self.left(), ["nvidia-topologyd", "nvidia-topologyd/virtualTopology.xml"])

    def journal(self):
        """What the journal gets: both streams, which the variable names."""
        inside, outside = os.pipe()
        with open(inside, encoding="utf-8") as stream:
            status = os.fstat(outside)
            subprocess.run([PROGRAM, "--host", self.guest, "--run", self.run_folder], stdout=outside, stderr=outside, timeout=60,
                           check=False, env={"JOURNAL_STREAM": "%d:%d" % (status.st_dev, status.st_ino)})
            os.close(outside)
            return stream.read()

    def test_journal(self):
        """systemd reads levels."""
        self.both()
        self.assertRegex(self.journal(), "^<6>all 1 are as planned; .*\n$")
        self.file.write_text("other")
        self.assertRegex(self.journal(), "^<5>all 1 are as planned; a topology of somebody else .*\n$")
        self.file.unlink()
        self.file.parent.chmod(0o777)
        self.assertRegex(self.journal(), "^<4>all 1 are as planned; nothing is written .*\n$")
        self.deliver("plan.json", json.dumps(dict(GUEST_PLAN, devices=[dict(GUEST_PLAN["devices"][0], cell=None)])))
        self.assertRegex(self.journal(), "^<4>1 of 1 are not as planned .*\n$")
        self.deliver("plan.json", "{")
        self.assertRegex(self.journal(), "^<3>vtopo-guest: .*\n$")

    def test_journal_of_others(self):
        """The variable may be inherited by what does not write into the journal."""
        self.both()
        for stream in ("8:1", "", "x", "8", ":", "99999999999999999999:1"):
            self.file.unlink(missing_ok=True)
            self.expect(0, "all 1 are as planned; NCCL's topology is in %s" % self.file, JOURNAL_STREAM=stream)

    def test_not_as_planned(self):
        self.deliver("plan.json", json.dumps(dict(GUEST_PLAN, devices=[dict(GUEST_PLAN["devices"][0], cell=1)])))
        self.expect(1, "1 of 1 are not as planned (vtopo-compare says which)")
        self.assertEqual(self.left(), [])

    def test_somebody_elses_file_stays(self):
        self.both()
        self.file.parent.mkdir()
        line = "all 1 are as planned; a topology of somebody else stays in %s" % self.file
        for text in ("", NCCL + "<!-- -->", NCCL[:-1], "x" * 100):
            self.file.write_text(text)
            self.expect(0, line)
            self.assertEqual(self.file.read_text(), text)

    def test_links_are_not_followed(self):
        self.both()
        other = self.folder / "other"
        self.file.parent.mkdir()
        for target in (other, self.folder / "missing"):
            other.write_text("theirs")
            self.file.unlink(missing_ok=True)
            self.file.symlink_to(target)
            self.expect(0, "all 1 are as planned; a topology of somebody else stays in %s" % self.file)
            self.assertEqual(other.read_text(), "theirs")
            self.assertFalse((self.folder / "missing").exists())
        self.file.unlink()
        self.file.parent.rmdir()
        self.file.parent.symlink_to(self.folder)
        done = self.start()
        self.assertEqual(done.returncode, 6)
        self.assertIn("cannot use %s/nvidia-topologyd: " % self.run_folder, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_folder_that_others_may_write_to(self):
        self.both()
        self.file.parent.mkdir()
        self.file.parent.chmod(0o777)
        self.expect(0, "all 1 are as planned; nothing is written where others may write: %s" % self.file)
        self.assertFalse(self.file.exists())

    @unittest.skipIf(os.geteuid(), "only root can give files away")
    def test_somebody_elses_folder(self):
        self.both()
        self.file.parent.mkdir()
        os.chown(self.file.parent, 65534, 65534)
        self.expect(0, "all 1 are as planned; nothing is written where others may write: %s" % self.file)

    def test_a_start_that_was_interrupted(self):
        self.both()
        self.file.parent.mkdir()
        (self.file.parent / ".virtualTopology.xml.vtopo").write_text("half")
        self.assertEqual(self.start().returncode, 0)
        self.assertEqual(self.left(), ["nvidia-topologyd", "nvidia-topologyd/virtualTopology.xml"])
        self.assertEqual(self.file.read_text(), NCCL)

    def test_everybody_may_read_it(self):
        self.both()
        self.assertEqual(subprocess.run([PROGRAM, "--host", self.guest, "--run", self.run_folder], umask=0o077, timeout=60,
                                        stdout=subprocess.DEVNULL, check=False).returncode, 0)
        self.assertEqual([stat.S_IMODE(path.stat().st_mode) for path in (self.file.parent, self.file)], [0o755, 0o644])

    def test_what_is_no_topology(self):
        """None is better than a file that NCCL cannot parse."""
        self.both()
        for text in ("", "\n", "<system version", "</system>", "<system ></system", NCCL[:-2], NCCL[1:], "<system \0</system>",
                     NCCL + "\0", "<system " + "x" * (1 << 20) + "</system>"):
            self.deliver("nccl-topo.xml", text)
            done = self.start()
            self.assertEqual((done.returncode, done.stdout), (6, ""), text[:40])
            self.assertRegex(done.stderr, "^vtopo-guest: '.*/nccl-topo.xml/raw' (is no topology of NCCL's|has more than 1048576 "
                             "bytes)[^\n]*\n$")
            self.assertEqual(self.left(), [])
        largest = "<system " + "x" * ((1 << 20) - 17) + "</system>"
        for text in ("<system version=\"1\"><cpu/></system>", largest):
            self.deliver("nccl-topo.xml", text)
            self.assertEqual(self.start().returncode, 0)
            self.assertEqual(self.file.read_text(), text)
            self.file.unlink()

    def test_a_plan_that_is_too_long(self):
        self.both()
        self.deliver("plan.json", json.dumps(GUEST_PLAN) + " " * (1 << 20))
        done = self.start()
        self.assertEqual((done.returncode, done.stdout), (6, ""))
        self.assertRegex(done.stderr, "^vtopo-guest: '.*/plan.json/raw' has more than 1048576 bytes\n$")

    def test_what_is_no_file(self):
        """Others may put anything there; nothing waits for it."""
        self.both()
        self.file.parent.mkdir()
        for make, take in ((os.mkdir, os.rmdir), (os.mkfifo, os.unlink)):
            make(self.file)
            self.expect(0, "all 1 are as planned; a topology of somebody else stays in %s" % self.file)
            take(self.file)

    def test_what_is_no_folder(self):
        self.both()
        self.file.parent.write_text("theirs")
        done = self.start()
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (6, "", 1))
        self.assertEqual(self.file.parent.read_text(), "theirs")

    def test_a_link_in_place_of_the_temporary_file(self):
        self.both()
        self.file.parent.mkdir()
        other = self.folder / "other"
        other.write_text("theirs")
        (self.file.parent / ".virtualTopology.xml.vtopo").symlink_to(other)
        self.assertEqual(self.start().returncode, 0)
        self.assertEqual((self.file.read_text(), other.read_text()), (NCCL, "theirs"))
        self.assertEqual(self.left(), ["nvidia-topologyd", "nvidia-topologyd/virtualTopology.xml"])

    def test_what_is_no_plan(self):
        self.both()
        for text in ("", "{}", "\0", '{"format": "vtopo-guest-plan"}', '{"format": "vtopo-guest-plan", "version": 2}'):
            self.deliver("plan.json", text)
            done = self.start()
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (6, "", 1), done.stderr)
        self.assertEqual(self.file.read_text(), NCCL)  # the one has nothing to do with the other

    def test_no_folder(self):
        self.both()
        self.run_folder = self.folder / "missing"
        done = self.start()
        self.assertEqual((done.returncode, done.stdout), (6, ""))
        self.assertFalse(self.run_folder.exists())

    def test_usage(self):
        for words in (["a"], ["--nothing"], ["--json"]):
            done = subprocess.run([PROGRAM, *words], capture_output=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout), (2, b""), words)


if __name__ == "__main__":
    unittest.main()
