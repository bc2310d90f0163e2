#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_apparmor.py - what libvirtd may execute under its AppArmor profile: the script in qemu.d, the program in /usr/bin, no link

Takes:  VTOPO_50, the script; Debian's own profile and apparmor_parser, fetched and not installed; QEMU (TCG), a kernel with
        AppArmor, busybox, a compiler.
Gives:  what a process that has libvirtd's profile can execute, in a booted guest whose kernel enforces it.
Rule:   stand-ins for libvirtd and for vtopo-qemu-hook (static programs that say what became of an execve()): the profile
        goes by paths, and only those and the script are of interest here.
Not here: what the hook does, and what the journal says where there is no program (test_qemu_script.py).

usage: test_apparmor.py --packages DIR [--suite DEBIAN]
Exit: never skipped: the mirror is the one that this machine's own packages come from.
"""

import argparse
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "real"))
import guest  # noqa: E402
import libvirt  # noqa: E402

FIFTY = os.environ.get("VTOPO_50")
SECONDS = 300
ARGUMENTS = None

LIBVIRTD = r"""
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    if (argc > 1)
        execv(argv[1], argv + 1);
    printf("libvirtd %s\n", strerror(errno));
    return 1;
}
"""
PROGRAM = r"""
#include <stdio.h>
int main(void)
{
    char label[200] = "";
    FILE *file = fopen("/proc/self/attr/current", "r"), *log = fopen("/log", "a");
    fgets(label, sizeof(label), file);
    fprintf(log, "program %s", label);
    return 0;
}
"""
INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t securityfs security /sys/kernel/security
/bin/busybox cat /policy >/sys/kernel/security/apparmor/.load || echo "not loaded"
try() {
    : >/log
    echo "step $1"
    /usr/sbin/libvirtd /etc/libvirt/hooks/qemu.d/50-vtopo vm prepare begin - 2>/errors
    echo "status $?"
    /bin/busybox cat /log
}
hooks=/etc/libvirt/hooks/qemu.d
/bin/busybox cat /usr/share/vtopo/50-vtopo >$hooks/50-vtopo
/bin/busybox chmod 755 $hooks/50-vtopo
try copy
/bin/busybox mv /usr/bin/vtopo-qemu-hook /usr/local/bin/vtopo-qemu-hook
/bin/busybox sed -i s,/usr/bin/vtopo,/usr/local/bin/vtopo, $hooks/50-vtopo
try elsewhere
/bin/busybox ln -sf /usr/share/vtopo/50-vtopo $hooks/50-vtopo
try link
echo VTOPO-END
/bin/busybox poweroff -f
"""


def run(*words, **rest):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **rest)
    if done.returncode:
        raise AssertionError("%s:\n%s" % (" ".join(map(str, words)), done.stdout))
    return done.stdout


def fetch():
    done = subprocess.run(["sh", str(TESTS / "tools" / "get-packages"), ARGUMENTS.suite, ARGUMENTS.packages, "apparmor",
                           "libvirt-daemon", "libvirt-daemon-system"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit("no AppArmor profile: " + done.stderr.strip())


def program(path, text):
    source = path.with_suffix(".c")
    source.write_text(text, encoding="utf-8")
    run("cc", "-static", "-o", path, source)
    source.unlink()


def script(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def make_root(root):
    for folder in ("bin", "proc", "sys", "dev", "usr/bin", "usr/sbin", "usr/share/vtopo", "usr/local/bin",
                   "etc/libvirt/hooks/qemu.d"):
        (root / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    (root / "bin/sh").symlink_to("busybox")
    program(root / "usr/sbin/libvirtd", LIBVIRTD)
    program(root / "usr/bin/vtopo-qemu-hook", PROGRAM)
    script(root / "init", INIT)
    # As it is with the prefix of Debian's packages.
    text = re.sub(r'^program=".*"$', 'program="/usr/bin/vtopo-qemu-hook"',
                  pathlib.Path(FIFTY).read_text(encoding="utf-8"), flags=re.M)
    script(root / "usr/share/vtopo/50-vtopo", text)


def make_policy(path):
    packages = pathlib.Path(ARGUMENTS.packages)
    base = packages / "etc/apparmor.d"
    (base / "local").mkdir(exist_ok=True)
    (base / "local/usr.sbin.libvirtd").touch()
    parser = next(folder / "apparmor_parser" for folder in (packages / "usr/sbin", packages / "sbin")
                  if (folder / "apparmor_parser").exists())
    run(parser, "--skip-kernel-load", "--skip-cache", "--config-file", "/dev/null", "--base", base, "--features-file",
        packages / "usr/share/apparmor-features/features", "--ofile", path, base / "usr.sbin.libvirtd")


def boot(work):
    root, found = work / "root", work / "found"
    root.mkdir()
    make_root(root)
    make_policy(root / "policy")
    with open(work / "initrd", "wb") as initrd:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root, stdout=initrd, check=True)
    run("qemu-system-x86_64", "-accel", "tcg", "-m", "512", "-display", "none", "-no-reboot", "-net", "none", "-serial",
        "file:%s" % found, "-kernel", guest.find_kernel(), "-initrd", work / "initrd", "-append",
        "console=ttyS0 quiet apparmor=1 security=apparmor panic=-1", stdin=subprocess.DEVNULL, timeout=SECONDS)
    text = found.read_text(encoding="utf-8", errors="replace").replace("\r", "")
    if "VTOPO-END" not in text or "not loaded" in text:
        raise AssertionError(text)
    text = re.sub(r"^.*\[ *\d+\.\d+\].*\n", "", text, flags=re.M).split("VTOPO-END")[0]
    return {step.split("\n", 1)[0]: step.split("\n", 1)[1].splitlines() for step in text.split("step ")[1:]}


class AppArmor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        libvirt.require("qemu-system-x86_64", "cpio", "busybox")
        with tempfile.TemporaryDirectory(prefix="vtopo-apparmor-") as work:
            cls.steps = boot(pathlib.Path(work))

    def test_copy(self):
        """As --enable puts it there, and the program in /usr/bin, which is not confined itself."""
        self.assertEqual(self.steps["copy"], ["status 0", "program unconfined"])

    def test_elsewhere(self):
        """A program in another prefix may not be executed, and guests start without it."""
        self.assertEqual(self.steps["elsewhere"], ["status 0"])

    def test_link(self):
        """Why it is a copy: libvirt would start no guest."""
        self.assertEqual(self.steps["link"], ["libvirtd Permission denied", "status 1"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", required=True)
    parser.add_argument("--suite", default=platform.freedesktop_os_release().get("VERSION_CODENAME"))
    ARGUMENTS, rest = parser.parse_known_args()
    if not FIFTY:
        sys.exit("VTOPO_50 is not set")
    fetch()
    unittest.main(argv=sys.argv[:1] + rest)
