#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_unit.py - vtopod.service, as systemd's own tools judge it

Takes:  VTOPOD, the program; VTOPOD_UNIT, the unit of the same build; systemd-analyze.
Rule:   the score has to stay below SCORE, and each permission that is left is one of those named here: a new one is a decision.
Not here: systemd itself, which this machine need not run.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
UNIT = pathlib.Path(os.environ.get("VTOPOD_UNIT") or sys.exit("VTOPOD_UNIT must name the unit"))
VTOPOD = os.environ.get("VTOPOD") or sys.exit("VTOPOD must name the program")
SCORE = 3
# Its socket is libvirt's; /sys and /proc are the host; root owns what it reads and writes.
LEFT = {"RootDirectory=/RootImage=", "User=/DynamicUser=", "PrivateMounts=", "RestrictAddressFamilies=~AF_UNIX", "ProcSubset=",
        "CapabilityBoundingSet=~CAP_SYS_ADMIN", "CapabilityBoundingSet=~CAP_(DAC_*|FOWNER|IPC_OWNER)", "PrivateUsers=",
        "DeviceAllow="}


class Unit(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "vtopod.service")
        self.text = UNIT.read_text(encoding="utf-8")
        self.path.write_text(re.sub(r"^ExecStart=.*$", "ExecStart=" + VTOPOD, self.text, flags=re.M))

    def analyze(self, *words):
        return subprocess.run(["systemd-analyze", *words, str(self.path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, env=dict(os.environ, LC_ALL="C.UTF-8"))

    def test_valid(self):
        done = self.analyze("verify", "--man=no")
        self.assertEqual((done.returncode, [line for line in done.stdout.splitlines() if "vtopod" in line]), (0, []), done.stdout)

    def test_score(self):
        done = self.analyze("security", "--offline=true", "--no-pager", "--threshold=%d" % (SCORE * 10))
        self.assertEqual(done.returncode, 0, done.stdout)
        score = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)[1])
        print("exposure: %.1f" % score, flush=True)
        self.assertLess(score, SCORE)
        self.assertLessEqual(set(re.findall(r"^✗ (\S+)", done.stdout, re.M)), LEFT)

    def setting(self, name):
        return re.search(r"^%s=(.*)$" % name, self.text, re.M)[1]

    def test_folders(self):
        """They are those that the programs use unasked."""
        for file, macro, below, name in (("state/spool.h", "SPOOL_FOLDER", "/var/lib/", "StateDirectory"),
                                         ("virt/history.h", "HISTORY_FOLDER", "/var/lib/", "StateDirectory"),
                                         ("state/notes.h", "NOTES_FOLDER", "/run/", "RuntimeDirectory")):
            text = (TOP / "lib" / file).read_text(encoding="utf-8")
            folder = re.search(r'#define %s "(.*)"' % macro, text)[1]
            self.assertTrue(folder.startswith(below))
            self.assertIn(folder.removeprefix(below), self.setting(name).split())

    def test_pulls_nothing_in(self):
        """Either kind of libvirt may be what this host has, or none."""
        for name in ("Wants", "Requires", "Requisite", "BindsTo", "PartOf", "Conflicts", "Upholds"):
            self.assertNotRegex(self.text, "(?m)^%s=" % name)


if __name__ == "__main__":
    unittest.main()
