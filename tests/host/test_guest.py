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

    def test_journal(self):
        """systemd reads levels."""
        self.both()
        self.assertRegex(self.start(JOURNAL_STREAM="8:1").stdout, "^<6>all 1 are as planned; ")
        self.deliver("plan.json", json.dumps(dict(GUEST_PLAN, devices=[dict(GUEST_PLAN["devices"][0], cell=None)])))
        self.assertRegex(self.start(JOURNAL_STREAM="8:1").stdout, "^<4>1 of 1 are not as planned ")

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
