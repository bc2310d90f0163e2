#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_hangs.py - a libvirt that does not answer, and a person who does not

Takes:  VTOPO_DEFINE, VTOPO_HOST, VTOPOD, VTOPO_XML: the programs; root, libvirtd.
Gives:  whether each program that asks libvirt ends with one message, also where libvirt hangs between two calls, and whether
        libvirt waits while somebody thinks for longer than its patience with silent clients lasts.
Rule:   the times are those that users meet, so all that waits does it at once, with a daemon for each kind.
"""

import os
import pty
import subprocess
import sys
import time
import unittest

import vtopod
from vtopod import HOST, wait_until

import libvirtd

DEFINE = os.environ.get("VTOPO_DEFINE") or sys.exit("VTOPO_DEFINE must name the program")
PROGRAM = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")
SECONDS = 150  # until a program that has to end did not
PATIENCE = 40  # longer than libvirtd's keepalive_interval * (keepalive_count + 1)


class Asked:
    """vtopo-define, which has shown what it would do to "vm" and waits for an answer."""

    def __init__(self, daemon):
        self.vtopod = vtopod.Vtopod(daemon)
        self.vtopod.define_with_gpu("vm")
        self.terminal, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [DEFINE, "--connect", self.vtopod.uri, "--host", HOST, "--config", str(self.vtopod.config), "--history",
             str(self.vtopod.history), "vm"], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(theirs)
        self.shown = ""
        while "? [" not in self.shown:
            self.shown += os.read(self.process.stderr.fileno(), 65536).decode()

    def answer(self):
        os.write(self.terminal, b"y\n")

    def end(self):
        """Its status, what it said since it asked."""
        said = self.process.communicate(timeout=SECONDS)[1]
        os.close(self.terminal)
        return self.process.returncode, said.strip()


class Hangs(unittest.TestCase):
    def daemon(self):
        daemon = libvirtd.Daemon()
        self.addCleanup(daemon.close)
        daemon.start()
        return daemon

    def begin(self, *words):
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_hangs(self):
        hung, patient = self.daemon(), self.daemon()
        uri = "qemu+unix:///system?socket=%s" % hung.socket
        thinking, asked = Asked(patient), Asked(hung)
        since = time.monotonic()
        hung.hang()
        self.addCleanup(hung.go_on)
        asked.answer()
        programs = [self.begin(DEFINE, "--connect", uri, "--host", HOST, "--check", "--all"),
                    self.begin(PROGRAM, "devices", "--connect", uri),
                    self.begin(PROGRAM, "place", "--gpus", "1", "--connect", uri)]
        for program in programs:
            out, error = program.communicate(timeout=SECONDS)
            self.assertEqual((program.returncode, out), (6, ""), error)
            self.assertEqual(error.split(": ", 1)[1], "libvirt does not answer at '%s' (waited 60 seconds)\n" % uri)
        status, said = asked.end()
        self.assertEqual(status, 6, said)
        self.assertRegex(said, r"\Avtopo-define: VM 'vm' cannot be read again: libvirt says: [^\n]+\Z")
        wait_until(lambda: time.monotonic() > since + PATIENCE)
        thinking.answer()
        status, said = thinking.end()
        self.assertEqual(status, 0, said)
        self.assertTrue(thinking.vtopod.is_rewritten("vm"))


if __name__ == "__main__":
    unittest.main()
