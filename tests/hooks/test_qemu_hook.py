#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_qemu_hook.py - the hook, installed in a real libvirtd that starts, saves and restores guests

Takes:  VTOPO_HOOK_QEMU, VTOPO_XML: the programs; root, libvirtd, QEMU (TCG; the guests boot into nothing).
Rule:   the guests' lives are the same with the hook; what it says is read from /dev/log, and the command that
        it names is run as it stands there.
Not here: single calls and bad input (test_qemu_calls.py).

No host devices can be assigned on a machine that has none: libvirtd calls the hook for such a guest, and then
cannot start it.  A guest that keeps controllers of an earlier rewrite starts, and differs as well.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import unittest

import layout
import libvirtd

TESTS = pathlib.Path(__file__).resolve().parent.parent
HOOK, XML = os.environ.get("VTOPO_HOOK_QEMU"), os.environ.get("VTOPO_XML")
TEMPLATE = TESTS.parent / "hooks" / "50-vtopo.in"
SCRIPT = TEMPLATE.read_text(encoding="utf-8")
TWO_DPU = TESTS.parent / "examples" / "hosts" / "two-dpu.json"
STARTS = 5

GUEST = """<domain type='qemu'>
  <name>%s</name>
  <memory unit='MiB'>64</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <features><acpi/></features>
  <cpu>
    <numa>
      <cell id='0' cpus='0' memory='32' unit='MiB'/>
      <cell id='1' cpus='1' memory='32' unit='MiB'/>
    </numa>
  </cpu>
  <cputune><vcpupin vcpu='0' cpuset='0'/></cputune>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <memballoon model='none'/>
    <controller type='usb' model='none'/>
    %s
  </devices>
</domain>
"""
GPU = """<hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0' bus='0x41' slot='0' function='0'/></source>
    </hostdev>"""


def script(path, line):
    path.write_text("#!/bin/sh\n%s\n" % line)
    path.chmod(0o755)


class Libvirtd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.scripts = cls.daemon.hooks / "qemu.d"
        cls.scripts.mkdir()
        cls.record = cls.daemon.work / "calls"
        # Runs before qemu.d; its being there makes libvirtd look for hooks at all.
        script(cls.daemon.hooks / "qemu", 'echo "$@" >> %s' % cls.record)
        cls.host = cls.daemon.work / "sys"
        subprocess.run([sys.executable, TESTS / "tools" / "make_sysfs.py", TWO_DPU, cls.host], check=True)
        cls.daemon.start()

    def setUp(self):
        self.record.write_text("")
        self.scripts.mkdir(exist_ok=True)  # --disable takes it away when it is empty
        for old in self.scripts.iterdir():
            old.unlink()

    def tearDown(self):
        for name in self.daemon.try_virsh("list", "--name").stdout.splitlines():
            if name:
                self.daemon.virsh("destroy", "--", name)
        self.daemon.logged()

    def install(self, own_host=True, program=HOOK):
        """With a sysfs tree in the place of this machine's, or just as it is."""
        if own_host:
            script(self.scripts / "50-vtopo", 'exec %s --host %s "$@"' % (HOOK, self.host))
        else:
            path = self.scripts / "50-vtopo"
            path.write_text(TEMPLATE.read_text().replace("@BINDIR@", str(pathlib.Path(program).parent)))
            path.chmod(0o755)

    def operations(self):
        """The extra argument is "-", but libvirt 11 gives release the reason of the end."""
        calls = self.record.read_text()
        self.record.write_text("")
        return re.findall(r"(\w+) (?:begin|end) [\w-]+\n", calls)

    def repair(self, line):
        """Run what the line says, as a person would paste it."""
        command = line[line.index("run: ") + len("run: "):]
        programs = self.daemon.work / "bin"
        programs.mkdir(exist_ok=True)
        if not (programs / "vtopo-xml").exists():
            (programs / "vtopo-xml").symlink_to(XML)
        env = dict(os.environ, PATH="%s:%s" % (programs, os.environ["PATH"]),
                   LIBVIRT_DEFAULT_URI="qemu+unix:///system?socket=%s" % self.daemon.socket)
        result = subprocess.run(["/bin/sh", "-c", command], env=env, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("defined from /dev/stdin", result.stdout)

    def test_life(self):
        """Start, save, restore, a restart of the daemon, the end: all as without the hook, and silent."""
        self.install(own_host=False)
        virsh, saved = self.daemon.virsh, str(self.daemon.work / "saved")
        self.daemon.define(GUEST % ("life", ""))
        virsh("start", "life")
        self.assertEqual(self.operations(), ["prepare", "start", "started"])
        virsh("save", "life", saved)
        self.assertEqual(self.operations(), ["stopped", "release"])
        virsh("restore", saved)
        self.assertEqual(self.operations(), ["restore", "prepare", "start", "started"])
        identity = virsh("domid", "life")
        self.daemon.restart()
        self.assertEqual((virsh("domstate", "life").strip(), virsh("domid", "life")),
                         ("running", identity))
        self.assertEqual(self.operations(), ["reconnect"])
        virsh("destroy", "life")
        self.assertEqual(self.operations(), ["stopped", "release"])
        self.assertEqual(self.daemon.logged(), [])

    def test_program_is_gone(self):
        """The script alone, as after a package was removed: the guest starts, and the journal says what is missing."""
        self.install(own_host=False, program="/nonexistent/vtopo-qemu-hook")
        self.daemon.define(GUEST % ("alone", ""))
        self.daemon.virsh("start", "alone")
        self.assertEqual(self.daemon.virsh("domstate", "alone").strip(), "running")
        lines = self.daemon.logged()
        self.assertEqual(len(lines), 1)
        self.assertIn("no program of vtopo can be run", lines[0])

    def test_enabled(self):
        """What --enable puts there is called, and with --disable libvirt has it no more."""
        programs = self.daemon.work / "installed"
        self.daemon.define(GUEST % ("enabled", GPU))
        for option, expected in (("--enable", 1), ("--disable", 0)):
            layout.install(programs, HOOK, SCRIPT.replace("@BINDIR@", str(programs / "bin")))
            layout.call(self.daemon.etc, programs, option)
            error = self.daemon.try_virsh("start", "enabled").stderr
            self.assertNotIn("Hook script", error)
            self.assertEqual(len(self.daemon.logged()), expected, option)

    def marked(self, name):
        """A guest with controllers of an earlier rewrite, and no device for them."""
        self.daemon.define(GUEST % (name, GPU))
        dump = self.daemon.virsh("dumpxml", "--inactive", "--", name)
        text = subprocess.run([XML, "-q", "--host", str(self.host)], input=dump, text=True,
                              stdout=subprocess.PIPE, check=True).stdout
        self.assertIn("ua-vtopo-", text)
        self.daemon.define(re.sub("<hostdev .*</hostdev>", "", text, flags=re.S))

    def test_differs(self):
        """Such a guest starts, with one line in the journal; its command repairs it."""
        for name in ("left over", "--host"):
            self.install()
            self.marked(name)
            self.daemon.virsh("start", "--", name)
            self.assertEqual(self.daemon.virsh("domstate", "--", name).strip(), "running")
            lines = self.daemon.logged()
            self.assertEqual(len(lines), 1)
            self.assertIn("domain '%s' starts otherwise than vtopo would make it" % name, lines[0])
            self.repair(lines[0])  # while it runs
            self.daemon.virsh("destroy", "--", name)
            self.daemon.virsh("start", "--", name)
            self.assertEqual(self.daemon.logged(), [])
            self.assertNotIn("ua-vtopo-", self.daemon.virsh("dumpxml", "--", name))

    def test_host_devices(self):
        """libvirtd itself asks about a guest with a host device; that it cannot start is not the hook's doing."""
        self.install()
        name = "it's a GPU"
        self.daemon.define(GUEST % (name, GPU))
        error = self.failed_start(name)
        self.assertNotIn("Hook script", error)
        lines = self.daemon.logged()
        self.assertEqual(len(lines), 1)
        self.assertIn("1 of 1 host device is not where it belongs: 0000:41:00.0", lines[0])
        self.repair(lines[0])
        self.assertIn("ua-vtopo-", self.daemon.virsh("dumpxml", name))
        self.assertEqual(self.failed_start(name), error)
        self.assertEqual(self.daemon.logged(), [])

    def failed_start(self, name):
        """What virsh says, without numbers of processes.  libvirt 12 asks about the start, too, before it looks for the device."""
        error = self.daemon.try_virsh("start", name).stderr
        self.assertEqual([one for one in self.operations() if one != "start"], ["prepare", "stopped", "release"])
        return re.sub(r"process \d+", "process N", error)

    def starts(self, name):
        """The seconds of a start, several times."""
        seconds = []
        for _ in range(STARTS):
            began = time.monotonic()
            self.daemon.virsh("start", name)
            seconds.append(time.monotonic() - began)
            self.daemon.virsh("destroy", name)
        return seconds

    def test_time(self):
        """What the hook adds to a start: printed, not judged."""
        self.marked("time")
        without = self.starts("time")
        self.install()
        with_hook = self.starts("time")
        self.assertEqual(len(self.daemon.logged()), STARTS)
        alone = []
        xml = self.daemon.virsh("dumpxml", "time")
        for operation in ("prepare", "start"):
            began = time.monotonic()
            for _ in range(STARTS):
                subprocess.run([HOOK, "--host", str(self.host), "time", operation, "begin", "-"],
                               input=xml, text=True, check=True)
            alone.append((time.monotonic() - began) / STARTS)
        print("\n%d starts: %.0f ms with the hook, %.0f ms without (medians); the hook alone: %.0f ms at prepare, "
              "%.0f ms at each other operation" % (
                  STARTS, statistics.median(with_hook) * 1000, statistics.median(without) * 1000,
                  alone[0] * 1000, alone[1] * 1000))


if __name__ == "__main__":
    if not HOOK or not XML:
        sys.exit("VTOPO_HOOK_QEMU or VTOPO_XML is not set")
    unittest.main()
