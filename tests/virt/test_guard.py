#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_guard.py - policy on_start with a real libvirtd: which starts are stopped, in the life of a guest, and what vtopod does then

Takes:  VTOPO_HOOK_QEMU, VTOPOD, VTOPO_XML, VTOPO_50: the programs, the script; root, libvirtd, QEMU (TCG; the guests boot into nothing).
Rule:   the guests have the controllers of a device that is gone: they start, and vtopo would make them otherwise.
Not here: single calls, notes that are odd or cannot be written (hooks/test_guard_calls.py).
"""

import os
import pathlib
import re
import signal
import statistics
import subprocess
import time
import unittest

import vtopod
from vtopod import HOST, wait_until

import libvirtd
from test_qemu_hook import script

HOOK, FIFTY = os.environ["VTOPO_HOOK_QEMU"], os.environ["VTOPO_50"]
AGAIN = "start it again"
STARTS = 5


class Guard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.scripts = cls.daemon.hooks / "qemu.d"
        cls.scripts.mkdir()
        cls.record = cls.daemon.work / "calls"
        # They make libvirtd look for hooks at all, and are called before and behind ours.
        for name, path in (("qemu", cls.daemon.hooks / "qemu"), ("10", cls.scripts / "10-other"), ("90", cls.scripts / "90-other")):
            script(path, 'echo "%s $2" >>%s' % (name, cls.record))
        bin_folder = cls.daemon.work / "bin"
        bin_folder.mkdir()
        (bin_folder / "vtopo-qemu-hook").symlink_to(HOOK)
        cls.config = cls.daemon.work / "policy.json"
        text = re.sub(r'^program=.*$', 'program="%s/vtopo-qemu-hook"' % bin_folder,
                      pathlib.Path(FIFTY).read_text(encoding="utf-8"), flags=re.M)
        text = text.replace('"$program" "$@"', '"$program" --host %s --config %s "$@"' % (HOST, cls.config))
        (cls.scripts / "50-vtopo").write_text(text)
        (cls.scripts / "50-vtopo").chmod(0o755)
        cls.daemon.start()

    def setUp(self):
        self.vtopod = vtopod.Vtopod(self.daemon, '{"rewrite": "auto", "on_start": "repair"}')
        self.addCleanup(self.vtopod.close)
        self.addCleanup(self.vtopod.forget_all)
        self.policy("refuse")
        self.daemon.logged()

    def policy(self, mode):
        self.config.write_text('{"on_start": "%s"}' % mode)

    def define(self, name, **how):
        return self.vtopod.define_left_over(name, **how)

    def stopped(self, name, command="start"):
        done = self.daemon.try_virsh(command, name)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Hook script execution failed", done.stderr)
        self.assertIn(AGAIN, done.stderr)
        self.assertEqual(self.daemon.virsh("domstate", name).strip(), "shut off")
        line, = self.daemon.logged()
        self.assertIn("is not started", line)

    def runs(self, name, *why):
        """It does, and the journal says why although the policy speaks against it."""
        self.assertEqual(self.daemon.virsh("domstate", name).strip(), "running")
        lines = self.daemon.logged()
        for word in why:
            self.assertTrue(any("started all the same" in line and word in line for line in lines), (word, lines))
        if not why:
            self.assertEqual(lines, [])

    def started(self, name):
        """A guest that runs, whatever the guard says of it."""
        self.policy("warn")
        self.daemon.virsh("start", name)
        self.policy("refuse")
        self.daemon.logged()

    # -- refuse -------------------------------------------------------------------------------------

    def test_once(self):
        self.define("once")
        self.stopped("once")
        self.daemon.virsh("start", "once")
        self.runs("once", "its last start was stopped")
        self.daemon.virsh("destroy", "once")
        self.stopped("once")

    def test_rewritten(self):
        before = self.define("right")
        self.stopped("right")
        text = subprocess.run([vtopod.XML, "-q", "--host", HOST], input=before, stdout=subprocess.PIPE, check=True, text=True).stdout
        self.daemon.define(text)
        self.daemon.virsh("start", "right")
        self.runs("right")

    def test_chain(self):
        """Those of others are called before and behind it, also where it stops the start."""
        self.define("chain")
        self.record.write_text("")
        self.stopped("chain")
        calls = self.record.read_text().splitlines()
        self.assertEqual(calls[:3], ["qemu prepare", "10 prepare", "90 prepare"])
        self.assertEqual(calls[3:], ["%s %s" % (name, call) for call in ("stopped", "release") for name in ("qemu", "10", "90")])

    def test_save_and_restore(self):
        self.define("saved")
        self.started("saved")
        image = str(self.daemon.work / "image")
        self.daemon.virsh("save", "saved", image)
        self.daemon.virsh("restore", image)
        self.runs("saved", "restored")
        self.daemon.virsh("destroy", "saved")
        self.stopped("saved")

    def test_managed_save(self):
        self.define("managed")
        self.started("managed")
        self.daemon.virsh("managedsave", "managed")
        self.daemon.virsh("start", "managed")
        self.runs("managed", "restored")

    def test_migration(self):
        """From another libvirtd; here it has the same definition."""
        with libvirtd.Daemon() as source:
            with open(source.etc / "libvirtd.conf", "a", encoding="ascii") as file:
                file.write('host_uuid = "6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e0a"\n')
            source.restart()
            source.define(self.define("comes"))
            source.virsh("start", "comes")
            self.daemon.logged()
            source.virsh("migrate", "--live", "--persistent", "comes", self.vtopod.uri, "--migrateuri", "unix://%s/migration" % source.work)
            self.runs("comes", "comes from another host")
        self.daemon.virsh("destroy", "comes")
        self.stopped("comes")

    def with_disk(self, name):
        """Internal snapshots need one."""
        disk = self.daemon.work / "disk.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "1M"], check=True)
        return ("<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
                "<target dev='vda' bus='virtio'/></disk>" % disk)

    def test_snapshot(self):
        """libvirt calls no hook that says so; the snapshot is of another definition."""
        before = self.define("snap", devices=self.with_disk("snap"))
        self.started("snap")
        self.daemon.virsh("snapshot-create-as", "snap", "first")
        self.daemon.virsh("destroy", "snap")
        self.daemon.define(re.sub(r"(<target chassis='3' port=)'0x\w+'", r"\1'0x7f'", before))
        self.assertNotEqual(self.vtopod.dump("snap"), before)
        self.daemon.virsh("snapshot-revert", "snap", "first")
        self.runs("snap", "something else than its definition")
        self.assertEqual(self.vtopod.dump("snap"), before)

    def test_snapshot_of_the_definition(self):
        """Nobody can tell it from a start; the second attempt goes back to it."""
        self.define("same", devices=self.with_disk("same"))
        self.started("same")
        self.daemon.virsh("snapshot-create-as", "same", "first")
        self.daemon.virsh("destroy", "same")
        self.assertIn(AGAIN, self.daemon.try_virsh("snapshot-revert", "same", "first").stderr)
        self.daemon.logged()
        self.daemon.virsh("snapshot-revert", "same", "first")
        self.runs("same", "its last start was stopped")

    def test_transient(self):
        path = self.daemon.work / "transient.xml"
        path.write_text(self.vtopod.left_over("transient"))
        self.daemon.virsh("create", str(path))
        self.runs("transient", "no definition")

    def test_autostart(self):
        """libvirt starts it as it begins; a person's next start is stopped."""
        self.define("auto")
        self.daemon.virsh("autostart", "auto")
        self.daemon.stop()
        for path in (self.daemon.work / "run/libvirt/qemu").glob("autostarted"):
            path.unlink()  # once for each boot
        self.daemon.start()
        wait_until(lambda: self.daemon.virsh("domstate", "auto").strip() == "running")
        self.runs("auto", "autostart")
        self.daemon.virsh("destroy", "auto")
        self.stopped("auto")

    def test_reconnect(self):
        """A restart of the daemon is no start."""
        self.define("stays")
        self.started("stays")
        self.daemon.restart()
        self.runs("stays")

    # -- repair -------------------------------------------------------------------------------------

    def test_nobody_repairs(self):
        self.policy("repair")
        self.define("alone")
        self.daemon.virsh("start", "alone")
        self.runs("alone", "vtopod does not run")

    def pending(self):
        """It runs, and vtopod waits for its end to rewrite it."""
        self.define("vm")
        self.started("vm")
        self.policy("repair")
        self.vtopod.start()
        wait_until(lambda: self.vtopod.note("vm", "pending"))

    def stopped_before_vtopod(self):
        self.pending()
        self.vtopod.process.send_signal(signal.SIGSTOP)
        self.daemon.virsh("destroy", "vm")
        self.stopped("vm")

    def test_repair(self):
        """vtopod is slow, the next start comes before it, and is stopped: the one after has it."""
        self.stopped_before_vtopod()
        self.vtopod.process.send_signal(signal.SIGCONT)
        self.vtopod.wait_rewritten("vm")
        wait_until(lambda: not self.vtopod.note("vm", "pending"))
        self.daemon.virsh("start", "vm")
        self.runs("vm")
        self.assertNotIn("ua-vtopo", self.daemon.virsh("dumpxml", "vm"))

    def test_repair_that_never_comes(self):
        """vtopod hangs: only one start is stopped."""
        self.stopped_before_vtopod()
        self.daemon.virsh("start", "vm")
        self.runs("vm", "its last start was stopped")
        self.vtopod.process.send_signal(signal.SIGCONT)

    def test_vtopod_killed(self):
        """Its notes say that it is about to; nobody is."""
        self.pending()
        self.vtopod.kill()
        self.daemon.virsh("destroy", "vm")
        self.assertTrue(self.vtopod.note("vm", "pending"))
        self.daemon.virsh("start", "vm")
        self.runs("vm", "vtopod does not run")

    # -- what it costs ------------------------------------------------------------------------------

    def start_times(self, name):
        seconds = []
        for _ in range(STARTS):
            began = time.monotonic()
            self.daemon.virsh("start", name)
            seconds.append(time.monotonic() - began)
            self.daemon.virsh("destroy", name)
        return statistics.median(seconds) * 1000

    def test_time(self):
        """What the guard adds to a start where it asks for everything: printed, not judged."""
        self.policy("repair")
        self.define("time")
        before = self.start_times("time")
        self.assertEqual(len(self.daemon.logged()), 2 * STARTS)
        script = self.scripts / "50-vtopo"
        hidden = script.rename(self.daemon.work / "50-vtopo")
        without = self.start_times("time")
        hidden.rename(script)
        print("\n%d starts: %.0f ms with the guard, %.0f ms without (medians)" % (STARTS, before, without), flush=True)


if __name__ == "__main__":
    unittest.main()
