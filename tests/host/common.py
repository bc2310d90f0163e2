# SPDX-License-Identifier: GPL-2.0-or-later
"""common.py - what the tests of hosts share: the programs, the hosts, trees in temporary folders"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
SHARED = TOP.parent / "shared/hosts"
sys.path.insert(0, str(TOP / "tests/tools"))

import make_sysfs  # noqa: E402 (the path must be set first)

PROGRAM = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")
HOSTS = sorted((TOP / "examples/hosts").glob("*.json")) + sorted(
    (TOP / "tests/hosts").glob("*.json"))


def run(*words, **keywords):
    """vtopo-host with the words; stdin is empty."""
    keywords.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=60,
                          **keywords)

# Trees are thousands of small files: in memory, where that is possible.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-host-", dir=MEMORY))
        self.addCleanup(shutil.rmtree, self.folder)

    def tree(self, description, name="sys"):
        """A sysfs tree of a host description (a path, or what is in one)."""
        if isinstance(description, pathlib.Path):
            description = json.loads(description.read_text(encoding="utf-8"))
        make_sysfs.make(description, str(self.folder / name))
        return self.folder / name

    def succeed(self, *words, **keywords):
        """What the program prints; nothing may be on stderr."""
        done = run(*words, **keywords)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def refuse(self, status, message, *words, **keywords):
        """The program fails with the status and one line that contains the message; no output."""
        done = run(*words, **keywords)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(message, done.stderr)
        self.assertTrue(done.stderr.startswith("vtopo-host: "), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertFalse(done.stdout)
