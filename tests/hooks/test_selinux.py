#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_selinux.py - hooks/selinux/vtopo.cil in a kernel that enforces it, and that vtopo-host check says what execve() says

Takes:  what confined.py takes; Debian's base policy, its translator and secilc, fetched and not installed.
Rule:   Debian's policy has no virtqemud: selinux/stand_in.cil has what Fedora's has of it, as far as hooks go.  Files have the labels
        that Fedora gives them.
Not here: AppArmor (test_apparmor.py).

usage: test_selinux.py --packages DIR [--suite DEBIAN]
Exit: never skipped: the mirror is the one that this machine's own packages come from.
"""

import bz2
import os
import pathlib
import re
import tempfile
import unittest

import confined

MODULE = confined.TESTS.parent / "hooks/selinux/vtopo.cil"
STAND_IN = confined.TESTS / "hooks/selinux/stand_in.cil"
# label CONTEXT FILE; load FILE: a policy has to come in one piece.
TOOL = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "label"))
        return setxattr(argv[3], "security.selinux", argv[2], strlen(argv[2]) + 1, 0) ? perror(argv[3]), puts("FAILED"), 1 : 0;
    if (argc == 3 && !strcmp(argv[1], "load")) {
        static char text[64 << 20];
        int from = open(argv[2], O_RDONLY), to = open("/sys/fs/selinux/load", O_RDWR);
        ssize_t length = read(from, text, sizeof(text));
        return write(to, text, length) == length ? 0 : (perror("load"), puts("FAILED"), 1);
    }
    puts("FAILED");
    return 2;
}
"""
STEPS = r"""
mount -t selinuxfs selinux /sys/fs/selinux
hooks=/etc/libvirt/hooks/qemu.d
label() { tool label system_u:object_r:$1:s0 $2; }
cp /usr/share/vtopo/50-vtopo $hooks/50-vtopo
chmod 755 $hooks/50-vtopo
tool load /policy
label virtqemud_exec_t /usr/sbin/virtqemud
label half_exec_t /usr/sbin/libvirtd
label virt_hook_t $hooks/50-vtopo
label shell_exec_t /bin/busybox
label bin_t /usr/bin/vtopo-qemu-hook
label device_t /dev/null
try permissive /usr/sbin/virtqemud
echo 1 >/sys/fs/selinux/enforce
try before /usr/sbin/virtqemud
rm /run/virtqemud.pid
try half /usr/sbin/libvirtd
rm /run/libvirtd.pid
tool load /policy.vtopo
try off /usr/sbin/virtqemud
echo 1 >/sys/fs/selinux/booleans/virt_hooks_unconfined
echo 1 >/sys/fs/selinux/commit_pending_bools
try on /usr/sbin/virtqemud
/usr/sbin/libvirtd >/dev/null &
while [ ! -e /run/ready ]; do sleep 0.1; done
rm /run/ready
try both /usr/sbin/virtqemud
kill -9 $(cat /run/libvirtd.pid)
label other_t /usr/bin/vtopo-qemu-hook
try program /usr/sbin/virtqemud
label other_t $hooks/50-vtopo
try mislabelled /usr/sbin/virtqemud
label virt_hook_t $hooks/50-vtopo
label other_t /bin/busybox
try shell /usr/sbin/virtqemud
label shell_exec_t /bin/busybox
rm /run/virtqemud.pid
echo STEP nobody; echo CHECK; check
"""
VIRTQEMUD = "system_u:system_r:virtqemud_t:s0"
HOOK = "SELinux does not let %s, which runs as %s, run libvirt's hook: %s lacks %s on %s"


def tool(name, *words):
    """A program of the packages, with their library."""
    library = next(confined.PACKAGES.glob("**/libsepol.so.2")).parent
    return confined.run(next(confined.PACKAGES.glob("**/" + name)), *words, env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(library)})


def translate(work):
    """
    Debian's base module as CIL, without what is of no interest here: who logs in as whom, which names users of other modules, and
    where files are, of which it says a few things twice, and secilc 3.9 and later take no two labels for one path.
    """
    archive = next(confined.PACKAGES.glob("usr/share/selinux/default/base.pp.bz2"))
    (work / "base.pp").write_bytes(bz2.decompress(archive.read_bytes()))
    tool("hll/pp", work / "base.pp", work / "base.cil")
    text = (work / "base.cil").read_text(encoding="utf-8")
    (work / "base.cil").write_text(re.sub(r"(?m)^\s*\((selinuxuser|userprefix|filecon)\b.*\n", "", text), encoding="utf-8")
    return work / "base.cil"


def compile_policy(output, *sources):
    tool("bin/secilc", "-c", "31", "-o", output, "-f", os.devnull, *sources)


class SELinux(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="vtopo-selinux-") as name:
            work = pathlib.Path(name)
            root = work / "root"
            confined.make_root(root, ["virtqemud", "libvirtd"], STEPS)
            confined.compile_static(root / "bin/tool", TOOL)
            base = translate(work)
            compile_policy(root / "policy", base, STAND_IN)
            compile_policy(root / "policy.vtopo", base, STAND_IN, MODULE)
            cls.alone = cls.refused(work, base)
            cls.steps = confined.boot(work, root, "security=selinux selinux=1 enforcing=0")

    @staticmethod
    def refused(work, base):
        """What the compiler says where the policy has no such types."""
        try:
            compile_policy(work / "none", base, MODULE)
        except AssertionError as error:
            return str(error)
        return ""

    def check(self, name, may_run, *findings, daemon="virtqemud", label=VIRTQEMUD):
        step = self.steps[name]
        self.assertEqual(step.hook, {"daemon": daemon, "module": "SELinux", "label": label, "may_run": may_run}, name)
        self.assertEqual(sorted(step.findings), list(findings), name)
        return step

    def denied(self, name, permission, target, source=VIRTQEMUD, **rest):
        step = self.check(name, False, "VTOPO-0151", **rest)
        self.assertEqual(step.findings["VTOPO-0151"], HOOK % (step.hook["daemon"], step.hook["label"], source, permission, target))
        return step

    def test_permissive(self):
        step = self.check("permissive", True)
        self.assertEqual(step.lines[0], "status 0")
        self.assertEqual(step.line, "libvirt's hook: SELinux lets virtqemud run it (%s)" % VIRTQEMUD)

    def test_without_the_module(self):
        """virtqemud may read hooks, and not execute them; with the module the same until the boolean is on."""
        for name in ("before", "off"):
            step = self.denied(name, "execute", confined.HOOK + " (system_u:object_r:virt_hook_t:s0)")
            self.assertEqual(step.lines, ["execve: Permission denied", "status 99"])

    def test_with_the_module(self):
        step = self.check("on", True)
        self.assertEqual(step.lines, ["status 0", "program system_u:system_r:virt_hook_unconfined_t:s0"])

    def test_a_daemon_that_may_half_of_it(self):
        """It may execute the file, and not as itself; of two daemons the one that may less counts."""
        half = "system_u:system_r:half_t:s0"
        for name, lines in (("half", ["execve: Permission denied", "status 99"]), ("both", self.steps["on"].lines)):
            step = self.denied(name, "execute_no_trans", confined.HOOK + " (system_u:object_r:virt_hook_t:s0)", source=half,
                               daemon="libvirtd", label=half)
            self.assertEqual(step.lines, lines)

    def test_program(self):
        """The script runs, its program may not."""
        step = self.check("program", True, "VTOPO-0152")
        self.assertEqual(step.lines, ["status 0"])
        self.assertRegex(step.findings["VTOPO-0152"], "system_u:system_r:virt_hook_unconfined_t:s0 lacks execute on "
                         r"/usr/bin/vtopo-qemu-hook \(system_u:object_r:other_t:s0\)$")

    def test_labels(self):
        """A script that was moved there, a shell with a wrong label."""
        for name, target in (("mislabelled", confined.HOOK), ("shell", "/bin/busybox")):
            step = self.denied(name, "execute", target + " (system_u:object_r:other_t:s0)")
            self.assertEqual(step.lines, ["execve: Permission denied", "status 99"])

    def test_nobody(self):
        self.check("nobody", None, "VTOPO-0153", daemon=None, label=None)

    def test_other_policies(self):
        """The module is refused as a whole."""
        self.assertRegex(self.alone, "Failed to resolve booleanif statement at .*/vtopo.cil")


if __name__ == "__main__":
    confined.main("selinux-policy-default", "policycoreutils", "secilc", "libsepol2")
