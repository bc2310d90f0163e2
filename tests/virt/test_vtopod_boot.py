#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_vtopod_boot.py - vtopod.service in a booted Debian: systemd, its sandbox, libvirtd's socket, a host with a device

Takes:  a build without sanitizers; root, debootstrap, QEMU (TCG), a kernel, mke2fs.
Gives:  what systemd and libvirt say after a boot in which nothing but vtopod connects to libvirt, when a VM is defined, when
        libvirtd is restarted, when vtopod is reloaded and ended; whether what the sandbox lets it see is what root sees.
Rule:   the machine has two NUMA nodes, and two NICs below a switch of the second, which the VM is given: what is a switch can
        only be seen with a capability.  libvirtd.service is not enabled: its socket is.
Not here: what vtopod does (test_vtopod.py).

A command of its own, not of ctest: a libvirtd that looks at its QEMU in an emulated machine takes minutes.

usage: test_vtopod_boot.py --build DIR --root DIR [--suite DEBIAN] [--cmake PROGRAM]
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

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "real"), str(TESTS / "hooks")]
import guest  # noqa: E402
import test_guest_unit  # noqa: E402
from test_guest_unit import run  # noqa: E402
from test_qemu_hook import GPU, GUEST  # noqa: E402

PACKAGES = ["systemd-sysv", "libvirt-daemon-system", "libvirt-daemon-driver-qemu", "libvirt-clients", "qemu-system-x86",
            "libjansson4", "libnettle8", "libyaml-0-2", "libpci3"]
SECONDS = 1200
MACHINE = ["-machine", "q35", "-cpu", "qemu64", "-m", "2048", "-smp", "2", "-object", "memory-backend-ram,id=m0,size=1G", "-object",
           "memory-backend-ram,id=m1,size=1G", "-numa", "node,nodeid=0,cpus=0,memdev=m0", "-numa", "node,nodeid=1,cpus=1,memdev=m1",
           "-device", "pxb-pcie,id=expander,bus=pcie.0,bus_nr=64,numa_node=1", "-device",
           "pcie-root-port,id=below,bus=expander,chassis=9", "-device", "x3130-upstream,id=up,bus=below", "-device",
           "xio3130-downstream,id=left,bus=up,chassis=10", "-device", "xio3130-downstream,id=right,bus=up,chassis=11", "-device",
           "e1000e,bus=left", "-device", "e1000e,bus=right", "-nic", "none"]
DOMAIN = GUEST.replace("</cputune>", "<vcpupin vcpu='1' cpuset='1'/></cputune>")
NICS = GPU.replace("0x41", "0x43") + GPU.replace("0x41", "0x44")
UNIT = """[Unit]
Description=What this test looks at
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh /root/steps
TimeoutStartSec=infinity
[Install]
WantedBy=graphical.target
"""
STEPS = r"""
exec >/dev/ttyS1 2>&1
stty -F /dev/ttyS1 -opost
wait_for() { i=0; until eval "$1"; do i=$((i + 1)); [ $i -lt 300 ] || { echo "waited in vain: $1"; return; }; sleep 1; done; }
rewritten() { virsh -q dumpxml --inactive $1 | grep -q ua-vtopo-; }
state() { systemctl show -p ActiveState -p SubState -p StatusText -p NRestarts vtopod.service | sed "s/^/$1 /"; }
echo "booted $(systemctl is-system-running)"
wait_for 'systemctl show -P StatusText vtopod.service | grep -q ^watching'
state boot
echo "libvirtd $(systemctl is-active libvirtd)"
virsh -q define /root/first.xml
wait_for 'rewritten first'
vtopo-define --check first; echo "check $?"
virsh -q dumpxml --inactive first | grep -c "pcie-switch-upstream-port" | sed 's/^/switches /'
systemctl restart libvirtd
virsh -q define /root/second.xml
wait_for 'rewritten second'
state restarted
systemctl reload vtopod; echo "reload $?"
ls -ld /var/lib/vtopo/* /run/vtopo | sed 's/^/folder /'
systemctl stop vtopod; echo "stop $?"
state stopped
journalctl -q -o cat -u vtopod.service | sed 's/^/journal /'
journalctl -q -o cat -p warning -u vtopod.service | sed 's/^/warning /'
echo VTOPO-END >/dev/ttyS0
"""


class Image(test_guest_unit.Image):
    """A copy of the root with vtopo installed, and a disk of it."""

    def __init__(self, work, root, build, cmake):
        self.root = pathlib.Path(work, "root")
        run("cp", "-a", root, self.root)
        for name in ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        run(cmake, "--install", build, env={**os.environ, "DESTDIR": str(self.root)})
        (self.root / "etc/vtopo").mkdir(exist_ok=True)
        for name, text in (("root/steps", STEPS), ("etc/systemd/system/test.service", UNIT), ("etc/machine-id", "0" * 31 + "1\n"),
                           ("etc/vtopo/vtopo.json", '{"rewrite": "auto"}'), ("root/first.xml", DOMAIN % ("first", NICS)),
                           ("root/second.xml", DOMAIN % ("second", NICS))):
            (self.root / name).write_text(text, encoding="utf-8")
        self.inside("systemctl", "disable", "libvirtd.service", "libvirt-guests.service")
        self.inside("systemctl", "enable", "libvirtd.socket", "vtopod", "test")
        self.inside("systemctl", "set-default", "graphical.target")


class Boot(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        test_guest_unit.PACKAGES[:] = PACKAGES
        test_guest_unit.make_root(ARGUMENTS.root, ARGUMENTS.suite)
        test_guest_unit.DISK_MIB = 1536
        with tempfile.TemporaryDirectory(prefix="vtopod-boot-") as work:
            disk = os.path.join(work, "disk")
            Image(work, ARGUMENTS.root, ARGUMENTS.build, ARGUMENTS.cmake).write(disk, False)
            found = pathlib.Path(work, "found")
            words = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", *MACHINE, "-nodefaults", "-display", "none", "-no-reboot",
                     "-drive", "file=%s,format=raw,if=none,id=disk" % disk, "-device", "nvme,drive=disk,serial=1,bus=pcie.0",
                     "-kernel", guest.find_kernel(), "-append", "%s root=PARTUUID=%08x-01 rw" % (
                         guest.COMMAND_LINE, test_guest_unit.SIGNATURE),
                     "-chardev", "file,id=console,path=" + os.path.join(work, "console"), "-serial", "chardev:console",
                     "-serial", "file:%s" % found, "-qmp", "unix:" + os.path.join(work, "qmp") + ",server=on,wait=off"]
            try:
                guest.run(words, work, "VTOPO-END", SECONDS)
            except guest.GuestError as error:
                raise guest.GuestError("%s\nfound so far:\n%s" % (error, found.read_text(errors="replace"))) from error
            cls.text = found.read_text(encoding="utf-8")
        print(cls.text, flush=True)

    def lines(self, word):
        return [line[len(word) + 1:] for line in self.text.splitlines() if line.startswith(word + " ")]

    def state(self, when):
        return dict(line.partition("=")[::2] for line in self.lines(when))

    def test_0_nothing_in_vain(self):
        self.assertNotIn("waited in vain", self.text)
        self.assertEqual(self.lines("warning"), [])

    def test_1_boot(self):
        """systemd was told that it is there; its connection has started libvirtd."""
        self.assertEqual(self.state("boot"), {"ActiveState": "active", "SubState": "running", "NRestarts": "0",
                                              "StatusText": "watching 0 VMs, 0 definitions rewritten"})
        self.assertEqual(self.lines("libvirtd"), ["active"])

    def test_2_the_sandbox_hides_nothing(self):
        """As root outside of it makes it, with the switch and the node."""
        self.assertEqual((self.lines("check"), self.lines("switches")), (["0"], ["1"]))
        self.assertTrue(any("'first': its definition is rewritten: 2 of 2 host devices" in line for line in self.lines("journal")))

    def test_3_restart_of_libvirtd(self):
        state = self.state("restarted")
        self.assertEqual((state["ActiveState"], state["NRestarts"]), ("active", "0"))
        self.assertTrue(any("'second': its definition is rewritten" in line for line in self.lines("journal")))

    def test_4_reload_and_stop(self):
        self.assertEqual((self.lines("reload"), self.lines("stop")), (["0"], ["0"]))
        self.assertEqual(self.state("stopped")["ActiveState"], "inactive")

    def test_5_folders(self):
        """The notes outlive it; all of them are root's alone."""
        folders = {re.split(r"\s+", line)[-1]: line[:10] for line in self.lines("folder")}
        self.assertEqual(folders, dict.fromkeys(("/var/lib/vtopo/definitions", "/var/lib/vtopo/spool", "/run/vtopo"), "drwx------"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--suite", default=platform.freedesktop_os_release().get("VERSION_CODENAME"))
    ARGUMENTS, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest)
