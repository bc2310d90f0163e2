#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_apparmor.py - what libvirtd may execute under its AppArmor profile, and that vtopo-host check says the same

Takes:  what confined.py takes; Debian's own profile and apparmor_parser, fetched and not installed.
Gives:  what a process that has libvirtd's profile can execute, in a booted guest whose kernel enforces it: the script in qemu.d, the
        program in /usr/bin, no link.
Not here: what the hook does, and what the journal says where there is no program (test_qemu_script.py).

usage: test_apparmor.py --packages DIR [--suite DEBIAN]
Exit: never skipped: the mirror is the one that this machine's own packages come from.
"""

import pathlib
import tempfile
import unittest

import confined

STEPS = r"""
mount -t securityfs security /sys/kernel/security
hooks=/etc/libvirt/hooks/qemu.d
cp /usr/share/vtopo/50-vtopo $hooks/50-vtopo
chmod 755 $hooks/50-vtopo
try free /usr/sbin/libvirtd
cat /policy >/sys/kernel/security/apparmor/.load || echo FAILED
try copy /usr/sbin/libvirtd
mv /usr/bin/vtopo-qemu-hook /usr/local/bin/vtopo-qemu-hook
sed -i s,/usr/bin/vtopo,/usr/local/bin/vtopo, $hooks/50-vtopo
try elsewhere /usr/sbin/libvirtd
ln -sf /usr/share/vtopo/50-vtopo $hooks/50-vtopo
try link /usr/sbin/libvirtd
rm /run/libvirtd.pid
echo STEP nobody; echo CHECK; check
echo 1 >/run/libvirtd.pid
echo STEP stale; echo CHECK; check
rm $hooks/50-vtopo
try none /usr/sbin/libvirtd
"""


def make_policy(path):
    base = confined.PACKAGES / "etc/apparmor.d"
    (base / "local").mkdir(exist_ok=True)
    (base / "local/usr.sbin.libvirtd").touch()
    parser = next(folder / "apparmor_parser" for folder in (confined.PACKAGES / "usr/sbin", confined.PACKAGES / "sbin")
                  if (folder / "apparmor_parser").exists())
    confined.run(parser, "--skip-kernel-load", "--skip-cache", "--config-file", "/dev/null", "--base", base, "--features-file",
                 confined.PACKAGES / "usr/share/apparmor-features/features", "--ofile", path, base / "usr.sbin.libvirtd")


class AppArmor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="vtopo-apparmor-") as name:
            work = pathlib.Path(name)
            confined.make_root(work / "root", ["libvirtd"], STEPS)
            make_policy(work / "root/policy")
            cls.steps = confined.boot(work, work / "root", "apparmor=1 security=apparmor")

    def check(self, step, may_run, *findings, label="libvirtd (enforce)", daemon="libvirtd"):
        self.assertEqual(step.hook, {"daemon": daemon, "module": "AppArmor", "label": label, "may_run": may_run})
        self.assertEqual(sorted(step.findings), list(findings))

    def test_free(self):
        """AppArmor is on, and has no profile for libvirtd."""
        step = self.steps["free"]
        self.assertEqual(step.lines, ["status 0", "program unconfined"])
        self.check(step, True, label="unconfined")
        self.assertEqual(step.line, "libvirt's hook: AppArmor lets libvirtd run it (unconfined)")

    def test_copy(self):
        """As --enable puts it there, and the program in /usr/bin, which is not confined itself."""
        step = self.steps["copy"]
        self.assertEqual(step.lines, ["status 0", "program unconfined"])
        self.check(step, True)
        self.assertEqual(step.line, "libvirt's hook: AppArmor lets libvirtd run it (libvirtd (enforce))")

    def test_elsewhere(self):
        """A program in another prefix may not be executed, and guests start without it."""
        step = self.steps["elsewhere"]
        self.assertEqual(step.lines, ["status 0"])
        self.check(step, True, "VTOPO-0152")
        self.assertEqual(step.findings["VTOPO-0152"], "AppArmor does not let libvirtd, which runs as libvirtd (enforce), run vtopo's "
                         "program in its hook: libvirtd lacks execute on /usr/local/bin/vtopo-qemu-hook")
        self.assertEqual(step.line, "")

    def test_link(self):
        """Why it is a copy: libvirt would start no guest."""
        step = self.steps["link"]
        self.assertEqual(step.lines, ["execve: Permission denied", "status 99"])
        self.check(step, False, "VTOPO-0151")
        self.assertEqual(step.findings["VTOPO-0151"], "AppArmor does not let libvirtd, which runs as libvirtd (enforce), run libvirt's "
                         "hook: libvirtd lacks execute on /usr/share/vtopo/50-vtopo")

    def test_nobody(self):
        """No daemon runs, or the number it wrote down is somebody else's by now."""
        for name in ("nobody", "stale"):
            self.check(self.steps[name], None, "VTOPO-0153", label=None, daemon=None)

    def test_none(self):
        step = self.steps["none"]
        self.assertEqual(step.lines, ["execve: No such file or directory", "status 99"])
        self.assertEqual((step.hook, step.findings, step.line), (None, {}, ""))


if __name__ == "__main__":
    confined.main("apparmor", "libvirt-daemon", "libvirt-daemon-system")
