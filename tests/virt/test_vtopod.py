#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_vtopod.py - vtopod with a real libvirtd: what it rewrites, what not, and what it says

Takes:  VTOPOD, VTOPO_XML, VTOPO_DEFINE: the programs; root, libvirtd, QEMU (TCG), strace, which makes single calls slow.
Rule:   what is looked at are definitions, as virsh dumps them.  To see that nothing is done, something is done after it.
Not here: vtopod killed (test_vtopod_killed.py), libvirt's hook (test_guard.py).

usage: test_vtopod.py [--all] [TEST...]: with --all also 200 VMs, and a libvirt that hangs
"""

import fcntl
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as ET

import between
import vtopod
from vtopod import wait_until

import libvirtd

DEFINE = os.environ["VTOPO_DEFINE"]
POLICY = "<metadata><vtopo:policy xmlns:vtopo='http://vtopo.io/domain/1.0' %s/></metadata>"
MANY = 200
ALL = False


class Daemon(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()

    def setUp(self):
        self.vtopod = vtopod.Vtopod(self.daemon)
        self.addCleanup(self.vtopod.close)
        self.addCleanup(self.vtopod.forget_all)

    def virsh(self, *words):
        return self.daemon.virsh(*words)

    def barrier(self):
        """vtopod has looked at all that came before: this VM comes last."""
        self.vtopod.define_with_gpu("zz-barrier")
        self.vtopod.wait_rewritten("zz-barrier")
        self.virsh("undefine", "zz-barrier")

    # -- what is rewritten --------------------------------------------------------------------------

    def test_at_its_start_and_when_defined(self):
        """The same as vtopo-define makes of it; what was there is kept for root alone."""
        before = self.vtopod.define_with_gpu("early")
        self.vtopod.start()
        after = self.vtopod.dump("early")
        self.assertNotEqual(after, before)
        self.assertEqual([text.rstrip("\n") + "\n" for text in self.vtopod.kept()], [before])
        late = self.vtopod.define_with_gpu("late")
        self.vtopod.wait_rewritten("late")
        self.assertEqual(len(self.vtopod.kept()), 2)
        for name, old in (("early", before), ("late", late)):
            self.daemon.define(old)
        self.vtopod.stop()
        new = {name: self.vtopod.dump(name) for name in ("early", "late")}
        self.assertEqual(new, {"early": before, "late": late})
        subprocess.run([DEFINE, "--connect", self.vtopod.uri, "--host", vtopod.HOST, "--config", str(self.vtopod.config), "--history",
                        str(self.vtopod.history), "--yes", "early"], check=True, capture_output=True)
        self.assertEqual(self.vtopod.dump("early"), after)

    def test_what_it_leaves(self):
        self.vtopod.define_with_gpu("gpu")
        self.vtopod.start()
        self.assertRegex("\n".join(self.vtopod.remembered("gpu")), "^done [0-9a-f]{32}$")
        for folder in (self.vtopod.history, self.vtopod.spool):
            self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
            for path in folder.iterdir():
                self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        words = set(re.findall(r"\S+", (self.vtopod.spool / self.vtopod.uuid("gpu")).read_text()))
        self.assertTrue(all(re.fullmatch("done|begun|[0-9a-f]{32}", word) for word in words), words)
        self.assertIsNone(self.vtopod.note("gpu", "pending"))

    def test_passwords_stay(self):
        text = vtopod.guest("secret", "", vtopod.GPU + "<graphics type='vnc' passwd='s3cret'/>")
        self.daemon.define(text)
        self.vtopod.start()
        self.assertIn("passwd='s3cret'", self.vtopod.dump("secret"))
        self.assertIn("ua-vtopo", self.vtopod.dump("secret"))

    def test_policy(self):
        """Nobody asked for it; one VM asks for it itself, when it is defined, or in its metadata afterwards."""
        self.vtopod.config.write_text("{}")
        silent = self.vtopod.define_with_gpu("silent")
        self.vtopod.define_with_gpu("asks", POLICY % "rewrite='auto'")
        self.vtopod.start()
        self.assertIn("ua-vtopo", self.vtopod.dump("asks"))
        self.assertEqual(self.vtopod.dump("silent"), silent)
        self.virsh("metadata", "silent", "http://vtopo.io/domain/1.0", "--config", "--key", "vtopo", "--set", "<policy rewrite='auto'/>")
        wait_until(lambda: "ua-vtopo" in self.vtopod.dump("silent"))

    def test_lacking(self):
        """Nothing can be rewritten for it: that is said, once, and not of those that ask for nothing."""
        text = libvirtd.libvirt.for_this_machine((vtopod.TOP / "tests/domains/no-cells.xml").read_text())
        text = re.sub(r"\s*<uuid>[^<]*</uuid>", "", text)
        self.daemon.define(re.sub("<name>[^<]*", "<name>flat", text))
        self.daemon.define(re.sub("<name>[^<]*</name>", "<name>silent</name>" + POLICY % "rewrite='off'", text))
        before = self.vtopod.dump("flat")
        self.vtopod.start()
        self.daemon.define(before)
        self.barrier()
        self.assertEqual(self.vtopod.dump("flat"), before)
        self.assertEqual([line for line in self.vtopod.said if "barrier" not in line], [
            "vtopod: VM 'flat': its definition stays as it is, and yet its guest starts without its host's topology: "
            "it has no guest NUMA cells"])

    def test_policy_against_it(self):
        before = self.vtopod.define_with_gpu("not-this", POLICY % "rewrite='off'")
        self.vtopod.start()
        self.barrier()
        self.assertEqual(self.vtopod.dump("not-this"), before)

    def test_reload(self):
        """The policy is read at each look; SIGHUP is one at all."""
        self.vtopod.config.write_text("{}")
        before = self.vtopod.define_with_gpu("gpu")
        self.vtopod.start()
        self.assertEqual(self.vtopod.dump("gpu"), before)
        self.vtopod.config.write_text('{"rewrite": "auto"}')
        self.vtopod.process.send_signal(signal.SIGHUP)
        self.vtopod.wait_rewritten("gpu")

    def test_cores_of_those_that_went_before_are_left_to_them(self):
        self.vtopod.config.write_text('{"rewrite": "auto", "cells": "make", "cells_pin": "core"}')
        text = libvirtd.libvirt.for_this_machine((vtopod.TOP / "tests/domains/no-cells.xml").read_text())
        text = re.sub(r"\s*<uuid>[^<]*</uuid>", "", text)
        names = ("one", "another", "third")
        for name in names:
            self.daemon.define(re.sub("<name>[^<]*", "<name>" + name, text))
        self.vtopod.start()
        pins = [re.findall(r"<vcpupin vcpu='\d+' cpuset='(\d+)'/>", self.vtopod.dump(name)) for name in names]
        self.assertTrue(all(pins))
        self.assertEqual(len(set(sum(pins, []))), sum(map(len, pins)), pins)

    def test_running(self):
        """Not while it runs; its guest keeps what it has; when it is shut off, at once."""
        before = self.vtopod.define_left_over("runs")
        self.virsh("start", "runs")
        self.vtopod.start()
        self.vtopod.wait_said("'runs': its definition is rewritten when its guest is shut off")
        self.assertEqual(self.vtopod.dump("runs"), before)
        self.assertRegex(self.vtopod.note("runs", "pending"), "^[0-9a-f]{32}$")
        self.virsh("destroy", "runs")
        self.vtopod.wait_rewritten("runs")
        self.vtopod.starts("runs")

    def test_started_meanwhile(self):
        """Between the plan and the definition."""
        before = self.vtopod.define_left_over("quick")
        self.slow_start("fsync", 1, lambda: self.virsh("start", "quick"))
        self.vtopod.wait_said("when its guest is shut off")
        self.assertEqual(self.vtopod.dump("quick"), before)
        self.assertEqual(self.vtopod.remembered("quick"), [])
        self.virsh("destroy", "quick")
        self.vtopod.wait_rewritten("quick")

    def test_transient_and_without_devices(self):
        path = self.daemon.work / "transient.xml"
        path.write_text(self.vtopod.left_over("transient"))
        self.virsh("create", str(path))
        self.daemon.define(vtopod.guest("plain", "", ""))
        plain = self.vtopod.dump("plain")
        self.vtopod.start()
        self.barrier()
        self.assertEqual(self.vtopod.dump("plain"), plain)
        self.assertEqual([line for line in self.vtopod.said if "barrier" not in line], [])

    def test_managed_save(self):
        self.vtopod.define_left_over("saved")
        self.virsh("start", "saved")
        self.virsh("managedsave", "saved")
        self.vtopod.start()
        self.vtopod.wait_said("managed-save image")
        self.virsh("start", "saved")
        self.assertIn("ua-vtopo", self.virsh("dumpxml", "saved"))
        self.virsh("destroy", "saved")
        self.vtopod.starts("saved")

    # -- never twice --------------------------------------------------------------------------------

    def test_put_back(self):
        """Others define it as it was, again and again: it stays so, and that is said once."""
        before = self.vtopod.define_with_gpu("theirs")
        self.vtopod.start()
        for _ in range(5):
            self.daemon.define(before)
            self.vtopod.wait_said("'theirs': vtopod has rewritten this definition before, and it is back")
        self.barrier()
        self.assertEqual(self.vtopod.dump("theirs"), before)
        self.assertEqual(len([line for line in self.vtopod.said if "it is back" in line]), 1)
        self.assertIn("vtopo-define 'theirs'", "\n".join(self.vtopod.said))
        self.vtopod.stop()
        self.vtopod.start()
        self.assertEqual(self.vtopod.dump("theirs"), before)

    def test_two_definitions_in_turns(self):
        """Each of them is rewritten once."""
        first = self.vtopod.define_with_gpu("turns")
        second = first.replace("</uuid>", "</uuid>\n  <title>second</title>", 1)
        self.vtopod.start()
        self.daemon.define(second)
        wait_until(lambda: len(self.vtopod.kept()) >= 3 or self.vtopod.is_rewritten("turns"))
        self.vtopod.wait_rewritten("turns")
        for text in (first, second) * 3:
            self.daemon.define(text)
        self.barrier()
        self.assertEqual(self.vtopod.dump("turns"), second)
        self.assertEqual(len(self.vtopod.remembered("turns")), 2)

    def test_others_define_it_always_anew(self):
        """It is rewritten in the end, and not each time: more than one is passed over."""
        text = self.vtopod.define_with_gpu("busy")
        self.vtopod.start()
        for i in range(30):
            self.daemon.define(text.replace("</uuid>", "</uuid>\n  <title>%d</title>" % i, 1))
        self.vtopod.wait_rewritten("busy")
        self.assertIn("<title>29</title>", self.vtopod.dump("busy"))
        self.assertLess(len(self.vtopod.remembered("busy")), 30)

    def test_undefined_and_defined_again(self):
        """As some tools do: it is the same definition."""
        before = self.vtopod.define_with_gpu("again")
        self.vtopod.start()
        self.virsh("undefine", "again")
        self.daemon.define(before)
        self.vtopod.wait_said("this definition before, and it is back")
        self.assertEqual(self.vtopod.dump("again"), before)

    def test_forgotten(self):
        """What is remembered of VMs that are no more goes at the next start."""
        self.vtopod.define_with_gpu("gone")
        self.vtopod.start()
        self.virsh("undefine", "gone")
        self.vtopod.define_with_gpu("stays")
        self.vtopod.wait_rewritten("stays")
        self.assertEqual(len(list(self.vtopod.spool.iterdir())), 2)
        self.vtopod.stop()
        self.vtopod.start()
        self.assertEqual([path.name for path in self.vtopod.spool.iterdir()], [self.vtopod.uuid("stays")])

    # -- races --------------------------------------------------------------------------------------

    def slow_start(self, call, number, what, seconds=3):
        """vtopod is started, and @what is done while it is held at a call."""
        trace = self.vtopod.work / "trace"
        self.vtopod.start("strace", "-D", "-o", str(trace), "-e", "trace=" + call,
                          "-e", "inject=%s:delay_enter=%ds:when=%d" % (call, seconds, number), ready=False)
        wait_until(lambda: trace.exists() and len(re.findall(r"\b%s\(" % call, trace.read_text())) >= number)
        what()

    def test_defined_otherwise_meanwhile(self):
        """Somebody's change is not lost, and is rewritten itself."""
        before = self.vtopod.define_with_gpu("race")
        changed = before.replace("</uuid>", "</uuid>\n  <title>theirs</title>", 1)
        self.slow_start("fsync", 3, lambda: self.daemon.define(changed))
        self.vtopod.wait_rewritten("race")
        self.assertIn("<title>theirs</title>", self.vtopod.dump("race"))
        self.assertEqual(len(self.vtopod.remembered("race")), 1)

    def test_two_definitions_meanwhile(self):
        before = self.vtopod.define_with_gpu("race")
        titles = [before.replace("</uuid>", "</uuid>\n  <title>%s</title>" % title, 1) for title in ("one", "two")]
        self.slow_start("fsync", 3, lambda: [self.daemon.define(text) for text in titles])
        self.vtopod.wait_rewritten("race")
        self.assertIn("<title>two</title>", self.vtopod.dump("race"))

    def test_undefined_meanwhile(self):
        """It does not come back."""
        self.vtopod.define_with_gpu("race")
        self.slow_start("fsync", 3, lambda: self.virsh("undefine", "race"))
        self.vtopod.wait_ready()
        self.barrier()
        self.assertEqual(self.virsh("list", "--all", "--name").split(), [])
        self.assertEqual([line for line in self.vtopod.said if "barrier" not in line], [])

    def test_undefined_in_the_last_moment(self):
        """Between the last look and the definition: libvirt makes it again, and that is said."""
        self.vtopod.define_with_gpu("race")
        with between.Between(self.daemon.socket, between.DEFINE, lambda: self.virsh("undefine", "race")) as way:
            self.vtopod.uri = "qemu+unix:///system?socket=%s" % way.path
            self.vtopod.start(ready=False)
            self.vtopod.wait_said("was undefined by somebody else in the moment in which its definition was rewritten")
            self.assertEqual(way.count, 1)
            self.assertTrue(self.vtopod.is_rewritten("race"))
            self.vtopod.stop()

    # -- failures -----------------------------------------------------------------------------------

    def test_libvirt_refuses(self):
        """It validates, and the definition has something that is not valid: that is said once, and it is not tried again at once."""
        text = vtopod.guest("invalid", "", vtopod.GPU)
        self.daemon.define(text.replace("</os>", "<kernel>vmlinuz</kernel></os>"))  # no absolute path
        before = self.vtopod.dump("invalid")
        self.vtopod.start()
        self.vtopod.wait_said("'invalid': its definition stays as it is: the new definition of VM 'invalid' is not taken")
        self.assertRegex("\n".join(self.vtopod.remembered("invalid")), "^begun [0-9a-f]{32}$")
        self.assertEqual(self.vtopod.dump("invalid"), before)

    def test_cannot_be_planned(self):
        """Others are not kept from it."""
        self.daemon.define(vtopod.guest("strange", "", vtopod.GPU.replace("0x41", "0x42")))
        self.vtopod.define_with_gpu("vm")
        self.vtopod.start()
        self.vtopod.wait_rewritten("vm")
        line, = [line for line in self.vtopod.said if "cannot be checked" in line]
        self.assertRegex(line, r"'strange': .*0000:42:00\.0")

    def test_broken_policy(self):
        """Of VMs without devices of the host nobody hears."""
        self.daemon.define(vtopod.guest("plain", "", ""))
        before = self.vtopod.define_with_gpu("vm")
        self.vtopod.config.write_text('{"rewrite": "always"}')
        self.vtopod.start()
        self.vtopod.wait_said("'vm': its definition cannot be checked: %s:1" % self.vtopod.config)
        self.assertEqual((self.vtopod.dump("vm"), len(self.vtopod.said)), (before, 1))
        self.vtopod.config.write_text('{"rewrite": "auto"}')
        self.vtopod.process.send_signal(signal.SIGHUP)
        self.vtopod.wait_rewritten("vm")

    def covered(self, folder, options):
        """vtopod sees another file system there."""
        folder.mkdir(parents=True, mode=0o700)
        script = 'mount -t tmpfs -o %s,mode=700 tmpfs "$0" && { head -c 4096 /dev/zero >"$0/x"; exec "$@"; }' % options
        return ["unshare", "-m", "sh", "-c", script, str(folder)]

    def unusable(self, words, said):
        """A folder that cannot be written to: nothing is rewritten, that is said, and VMs start."""
        before = self.vtopod.define_left_over("vm")
        self.vtopod.start(*words)
        self.vtopod.wait_said("'vm': its definition stays as it is: ")
        self.vtopod.wait_said(said)
        self.assertEqual(self.vtopod.dump("vm"), before)
        self.assertIsNone(self.vtopod.note("vm", "pending"))
        self.vtopod.starts("vm")
        self.assertEqual(self.vtopod.dump("vm"), before)
        self.vtopod.stop()
        self.vtopod.start()
        self.assertTrue(self.vtopod.is_rewritten("vm"))

    def test_spool_full(self):
        self.unusable(self.covered(self.vtopod.spool, "size=4k"), "No space left")

    def test_spool_read_only(self):
        self.unusable(self.covered(self.vtopod.spool, "ro"), "Read-only file system")

    def test_spool_of_others(self):
        self.unusable(self.covered(self.vtopod.spool, "size=1m") + ["sh", "-c", 'chmod 755 "$0" && exec "$@"', str(self.vtopod.spool)],
                      "open to others")

    def test_nothing_is_claimed(self):
        """Of a VM that is right already, with a spool that cannot be read: that nothing is known, not that something was done."""
        self.vtopod.define_with_gpu("right")
        self.vtopod.start()
        self.vtopod.stop()
        shutil.rmtree(self.vtopod.spool)
        self.vtopod.spool.symlink_to(self.vtopod.history)
        self.vtopod.start()
        line, = self.vtopod.said
        self.assertIn("VM 'right': whether a rewrite of it was ended is not known: ", line)

    def test_history_full(self):
        """What would be replaced cannot be kept."""
        self.unusable(self.covered(self.vtopod.history, "size=4k"), "No space left")

    def test_no_folder_for_notes(self):
        """Only libvirt's hook misses them."""
        self.vtopod.define_with_gpu("vm")
        self.vtopod.run.mkdir(mode=0o755, parents=True)
        self.vtopod.start()
        self.assertTrue(self.vtopod.is_rewritten("vm"))
        self.vtopod.wait_said("where vtopod's locks are, is open to others")
        self.vtopod.wait_said("libvirt's hook will not stop")

    # -- libvirt and systemd ------------------------------------------------------------------------

    def test_libvirt_restarts(self):
        """Also what was defined while nobody listened."""
        self.vtopod.start()
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.vtopod.wait_said("the connection to libvirt has ended")
        self.daemon.start()
        self.vtopod.define_with_gpu("meanwhile")
        self.vtopod.wait_rewritten("meanwhile")
        self.vtopod.define_with_gpu("later")
        self.vtopod.wait_rewritten("later")

    def test_libvirt_comes_later(self):
        self.vtopod.define_with_gpu("vm")
        self.daemon.stop()
        self.vtopod.start(ready=False)
        wait_until(lambda: "STATUS=waiting for libvirt" in self.vtopod.notified())
        self.assertIn("READY=1", self.vtopod.states)
        self.daemon.start()
        self.vtopod.wait_rewritten("vm")
        self.assertEqual(len([line for line in self.vtopod.said if "cannot connect" in line]), 1)
        self.assertEqual(self.vtopod.notified().count("READY=1"), 1)

    def test_libvirt_hangs(self):
        """It is given up after half a minute, and is connected to again when it lives."""
        if not ALL:
            self.skipTest("--all")
        self.vtopod.start()
        self.assertTrue(self.lock_is_held())
        self.daemon.hang()
        self.vtopod.wait_said("the connection to libvirt has ended")
        self.assertFalse(self.lock_is_held())
        self.daemon.go_on()
        self.vtopod.define_with_gpu("vm")
        self.vtopod.wait_rewritten("vm")

    def test_libvirt_does_not_answer(self):
        """At the connecting: it can be ended, and waits for as long as it takes."""
        self.vtopod.define_with_gpu("vm")
        self.daemon.hang()
        self.addCleanup(self.daemon.go_on)
        for _ in range(2):
            self.vtopod.start(ready=False)
            wait_until(lambda: "STATUS=connecting to libvirt" in self.vtopod.notified())
            time.sleep(0.5)  # it is in libvirt's call then, mostly
            self.assertEqual(self.vtopod.stop(), 0)
        self.vtopod.start(ready=False)
        wait_until(lambda: "STATUS=connecting to libvirt" in self.vtopod.notified())
        self.daemon.go_on()
        self.vtopod.wait_rewritten("vm")
        self.assertEqual([line for line in self.vtopod.said if "connect" in line], [])

    def lock_is_held(self):
        """That it knows libvirt's VMs, for libvirt's hook."""
        with open(self.vtopod.run / "vtopod.lock", "r+b") as file:
            found = fcntl.fcntl(file, fcntl.F_OFD_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 1, 1, 0))
        return struct.unpack("hhqqi4x", found)[0] != fcntl.F_UNLCK

    def test_two_of_them(self):
        self.vtopod.start()
        done = subprocess.run(self.vtopod.command(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (5, "vtopod: another vtopod runs\n"))

    def test_end(self):
        self.vtopod.define_with_gpu("vm")
        self.vtopod.start()
        self.assertEqual(self.vtopod.states[:2], ["READY=1", "STATUS=connecting to libvirt"])
        self.assertIn("STATUS=watching 1 VMs, 1 definitions rewritten", self.vtopod.states)
        self.assertTrue(self.lock_is_held())
        self.assertEqual(self.vtopod.stop(), 0)
        self.assertEqual(self.vtopod.notified()[-1], "STOPPING=1")
        self.assertFalse(self.lock_is_held())

    def test_usage(self):
        for options in (("--bogus",), ("vm",), ("--spool", "a", "--spool", "b"), ("--spool",)):
            done = subprocess.run([vtopod.PROGRAM, *options], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""), options)

    def test_many(self):
        """200 VMs in a row, at its start and one after the other."""
        if not ALL:
            self.skipTest("--all")
        text = vtopod.guest("many", "", vtopod.GPU)
        folder = self.vtopod.work / "many"
        folder.mkdir()
        commands = []
        for i in range(MANY):
            path = folder / ("%d.xml" % i)
            path.write_text(text.replace("<name>many<", "<name>many-%03d<" % i))
            commands.append("define %s" % path)
        half = MANY // 2
        self.shell(commands[:half])
        self.vtopod.start()
        self.shell(commands[half:])
        self.vtopod.wait_rewritten("many-%03d" % (MANY - 1))
        for i in range(MANY):
            self.vtopod.wait_rewritten("many-%03d" % i)
        self.assertEqual(len(self.vtopod.kept()), MANY)

    def shell(self, commands):
        subprocess.run(["virsh", "-q", "-c", self.vtopod.uri], input="\n".join(commands) + "\n", text=True, check=True,
                       stdout=subprocess.DEVNULL, timeout=600)


class Activated(unittest.TestCase):
    """The daemon of libvirt starts when somebody connects, and ends when nobody is connected any more."""

    def setUp(self):
        libvirtd.libvirt.require("systemd-socket-activate")
        self.daemon = libvirtd.Daemon(command=libvirtd.activated(os.environ.get("VTOPO_LIBVIRT_DAEMON") or "libvirtd", 3))
        self.addCleanup(self.end)
        self.daemon.start()
        self.vtopod = vtopod.Vtopod(self.daemon)
        self.addCleanup(self.vtopod.close)

    def end(self):
        for pid in self.below(self.daemon.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.daemon.process.wait()
        self.daemon.process = None
        self.daemon.close()

    def below(self, pid):
        """A process, and those that it has started."""
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            children = file.read().split()
        return [pid, *(one for child in children for one in self.below(int(child)))]

    def libvirt_lives(self):
        """Not what waits for somebody to connect."""
        for pid in self.below(self.daemon.process.pid):
            try:
                with open("/proc/%d/cmdline" % pid, encoding="ascii") as file:
                    words = file.read().split("\0")
            except OSError:
                continue  # it has ended meanwhile
            if words[1:2] == ["--timeout"]:
                return True
        return False

    def test_socket(self):
        self.vtopod.define_with_gpu("vm")
        wait_until(lambda: not self.libvirt_lives())
        self.vtopod.start()
        self.vtopod.wait_rewritten("vm")
        # It stays for vtopod: a definition that comes later is rewritten, and none was lost in between.
        self.vtopod.define_with_gpu("later")
        self.vtopod.wait_rewritten("later")
        self.assertNotIn("vtopod: the connection to libvirt has ended", self.vtopod.said)
        self.assertTrue(self.libvirt_lives())
        self.assertEqual(self.vtopod.stop(), 0)
        wait_until(lambda: not self.libvirt_lives())


if __name__ == "__main__":
    if "--all" in sys.argv:
        sys.argv.remove("--all")
        ALL = True
    unittest.main()
