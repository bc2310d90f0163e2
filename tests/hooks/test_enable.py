#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_enable.py - vtopo-qemu-hook --enable and --disable: what is in /etc/libvirt/hooks afterwards, and whose it was

Takes:  VTOPO_HOOK_QEMU, VTOPO_50: the program, and the script of the same build.
Rule:   an /etc/libvirt of the test's own; besides what is looked for nothing is there, before and after.
Not here: what the script does (test_qemu_script.py), libvirtd (test_qemu_hook.py).
"""

import os
import pathlib
import stat
import sys
import tempfile
import unittest

import layout

HOOK, FIFTY = os.environ.get("VTOPO_HOOK_QEMU"), os.environ.get("VTOPO_50")
PLACE = "hooks/qemu.d/50-vtopo"
REFUSED = "vtopo-qemu-hook: /etc/libvirt/%s is somebody else's" % PLACE


class Enable(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)
        self.etc, self.prefix = self.work / "etc", self.work / "usr"
        self.etc.mkdir()
        self.text = pathlib.Path(FIFTY).read_text(encoding="utf-8")
        layout.install(self.prefix, HOOK, self.text)
        self.place = self.etc / PLACE

    def call(self, option, status=0):
        return layout.call(self.etc, self.prefix, option, status=status)

    def tree(self):
        return sorted(str(path.relative_to(self.etc)) for path in self.etc.glob("**/*"))

    def put(self, name, mode=0o755, text="#!/bin/sh\n"):
        path = self.etc / "hooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def test_there_and_back(self):
        """A copy that can be executed, whatever the umask; the folders are made, and the empty one goes again."""
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        said = self.call("--enable")
        self.assertIn("enabled: /etc/libvirt/hooks/qemu.d/50-vtopo; it is the first hook here", said)
        self.assertIn("systemctl try-restart libvirtd virtqemud", said)
        self.assertEqual(self.tree(), ["hooks", "hooks/qemu.d", PLACE])
        status = self.place.lstat()
        self.assertTrue(stat.S_ISREG(status.st_mode))
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_nlink), (0o755, 1))
        self.assertEqual(self.place.read_text(encoding="utf-8"), self.text)
        self.assertEqual(self.call("--enable"), "vtopo-qemu-hook: enabled already: /etc/libvirt/hooks/qemu.d/50-vtopo\n")
        self.assertEqual(self.place.lstat(), status)
        self.assertIn("disabled", self.call("--disable"))
        self.assertEqual(self.tree(), ["hooks"])
        self.assertIn("not enabled", self.call("--disable"))

    def test_other_hooks(self):
        """Libvirt knows of hooks already; those of others stay."""
        for name in ("qemu", "qemu.d/10-other"):
            other = self.put(name)
            said = self.call("--enable")
            self.assertIn("enabled: ", said)
            self.assertNotIn("restart", said)
            self.call("--disable")
            self.assertEqual(other.read_text(), "#!/bin/sh\n")
            other.chmod(0o644)
            self.assertIn("restart", self.call("--enable"))
            self.call("--disable")
            other.unlink()

    def test_changed(self):
        """Options that an admin put in stay until it is disabled."""
        changed = self.text.replace('"$program" "$@"', '"$program" --config /x "$@"')
        self.put("qemu.d/50-vtopo", text=changed)
        self.assertRegex(self.call("--enable"), "enabled already: .*, which is not as this version has it")
        self.assertEqual(self.place.read_text(), changed)
        self.call("--disable")
        self.assertEqual(self.tree(), ["hooks"])

    def test_somebody_else(self):
        theirs = self.put("qemu.d/50-vtopo", text="#!/bin/sh\nexit 0\n")
        made = (lambda: None, lambda: theirs.write_bytes(b""), lambda: (theirs.unlink(), theirs.symlink_to("/nonexistent")),
                lambda: (theirs.unlink(), theirs.symlink_to(self.prefix / "share/vtopo/50-vtopo")),
                lambda: (theirs.unlink(), theirs.mkdir()), lambda: (theirs.rmdir(), os.mkfifo(theirs)))
        for make in made:
            make()
            before = theirs.lstat()
            for option in ("--enable", "--disable"):
                self.assertIn(REFUSED, self.call(option, status=5))
                self.assertEqual(theirs.lstat().st_ino, before.st_ino)
            self.assertEqual(self.tree(), ["hooks", "hooks/qemu.d", PLACE])

    def test_files_that_fail(self):
        (self.etc / "hooks").write_text("")
        self.assertIn("/etc/libvirt/hooks", self.call("--enable", status=6))
        (self.etc / "hooks").unlink()
        (self.prefix / "share/vtopo/50-vtopo").unlink()
        self.assertIn("share/vtopo/50-vtopo: No such file", self.call("--enable", status=6))
        self.assertEqual(self.tree(), [])

    def test_selinux(self):
        """Who enables it is told before the first start."""
        for enforce, count in (("1", 1), ("0", 0), ("", 0)):
            said = layout.call(self.etc, self.prefix, "--enable", enforce=enforce)
            self.assertEqual(said.count("SELinux is enforced here"), count)
            self.call("--disable")

    def test_usage(self):
        self.assertIn("see --help", self.call("--enabled", status=2))
        self.assertEqual(self.tree(), [])


if __name__ == "__main__":
    if not HOOK or not FIFTY:
        sys.exit("VTOPO_HOOK_QEMU or VTOPO_50 is not set")
    unittest.main()
