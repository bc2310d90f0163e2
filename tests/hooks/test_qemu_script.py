#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_qemu_script.py - 50-vtopo, the script that libvirt calls: its status is 0 whatever becomes of the program

Takes:  VTOPO_HOOK_QEMU, VTOPO_XML: the programs; the template of the script in hooks.
Rule:   the folders are laid out as they are when installed, below one of the test's own.
Not here: putting the script there (test_enable.py), the real libvirtd (test_qemu_hook.py), what the program says (test_qemu_calls.py).
"""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from test_qemu_calls import HOOK, RUNNING, TWO_DPU, WARNING, XML, Hook

TEMPLATE = pathlib.Path(__file__).resolve().parents[2] / "hooks" / "50-vtopo.in"
NOT_RUN = "domains are not checked: no program of vtopo can be run"


class Script(Hook):
    def setUp(self):
        super().setUp()
        self.hooks, self.bin = self.folder / "hooks", self.folder / "bin"
        (self.hooks / "qemu.d").mkdir(parents=True)
        self.bin.mkdir()
        self.script = self.hooks / "qemu.d" / "50-vtopo"
        # The host of this machine has no such devices; options go where the script says that they do.
        self.script.write_text(TEMPLATE.read_text().replace("@BINDIR@", str(self.bin))
                               .replace('"$program" "$@"', '"$program" --host %s "$@"' % TWO_DPU))
        self.script.chmod(0o755)
        self.installed = self.bin / "vtopo-qemu-hook"

    def program(self, path, text, mode=0o755):
        path.write_text(text)
        path.chmod(mode)

    def start(self, operation="prepare", xml=RUNNING):
        """Status 0 and no word, and what is in the journal."""
        command = self.command("vm", operation, "begin", "-", hook=str(self.script))
        result = subprocess.run(command, input=xml, capture_output=True, timeout=60)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        return self.lines()

    def checked(self):
        self.one_line(self.start(), WARNING, "4 of 4 host devices are not where they belong")

    def not_run(self):
        self.one_line(self.start(), WARNING, NOT_RUN)

    def test_installed(self):
        shutil.copy(HOOK, self.installed)
        self.checked()
        self.assertEqual(self.start("start"), [])

    def test_missing(self):
        self.not_run()
        self.assertEqual(self.start("start"), [])
        self.installed.symlink_to("nothing")
        self.not_run()

    def test_not_runnable(self):
        for text, mode in (("#!/bin/sh\n", 0o644), ("#!/nonexistent\n", 0o755), ("\x7fELF", 0o755)):
            self.program(self.installed, text, mode)
            self.not_run()

    def test_library_is_gone(self):
        """The dynamic linker's status."""
        source = self.folder / "lost.c"
        source.write_text("int lost(void); int main(void) { return lost(); }\n")
        library = self.folder / "liblost.so"
        (self.folder / "lib.c").write_text("int lost(void) { return 0; }\n")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, self.folder / "lib.c"], check=True)
        subprocess.run(["cc", "-o", self.installed, source, library], check=True)
        library.unlink()
        self.assertEqual(subprocess.run([self.installed], stderr=subprocess.DEVNULL).returncode, 127)
        self.not_run()

    def test_killed(self):
        for text in ("kill -KILL $$", "kill -SEGV $$", "cat >/dev/null; exit 1", "echo out; echo err >&2; exit 70"):
            self.program(self.installed, "#!/bin/sh\n%s\n" % text)
            self.not_run()

    def test_one_status_stops_a_start(self):
        """5, and that of a start alone: all others, and all that is printed, are kept from libvirt."""
        def ended(status, operation, sub="begin"):
            self.program(self.installed, "#!/bin/sh\ncat >/dev/null; echo out; echo why >&2; exit %d\n" % status)
            command = self.command("vm", operation, sub, "-", hook=str(self.script))
            done = subprocess.run(command, input=RUNNING, capture_output=True, timeout=60)
            return done.returncode, done.stdout, done.stderr

        self.assertEqual(ended(5, "prepare"), (5, b"", b"why\n"))
        for status in (1, 2, 3, 4, 6, 50, 55, 70, 127, 255):
            self.assertEqual(ended(status, "prepare"), (0, b"", b""), status)
        for operation in ("restore", "migrate", "start", "started", "stopped", "release", "attach", "reconnect"):
            self.assertEqual(ended(5, operation), (0, b"", b""), operation)
        self.assertEqual(ended(5, "prepare", "end"), (0, b"", b""))

    def test_nothing_to_help(self):
        """No program, no logger, no timeout."""
        self.script.write_text("#!/bin/sh\nPATH=/nonexistent\n" + self.script.read_text())
        self.assertEqual(self.start(), [])

    def test_no_journal(self):
        command = self.command("vm", "prepare", "begin", "-", hook=str(self.script), journal=False)
        self.assertEqual(subprocess.run(command, input=RUNNING, timeout=60).returncode, 0)


if __name__ == "__main__":
    if not HOOK or not XML:
        sys.exit("VTOPO_HOOK_QEMU or VTOPO_XML is not set")
    unittest.main()
