#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_guard_calls.py - single calls of libvirt's hook where the policy says on_start: which starts are stopped, and why others are not

Takes:  VTOPO_HOOK_QEMU, VTOPO_XML, VTOPO_50: the programs, the script.
Rule:   /run, /etc/libvirt and /dev/log are the test's own.  Each test begins with a start that is stopped, and changes one thing.
        The script is what is called; it says what it passes on to libvirt.
Not here: the real libvirtd and vtopod (virt/test_guard.py).
"""

import fcntl
import os
import pathlib
import re
import struct
import subprocess
import sys
import unittest

from test_qemu_calls import HOOK, NOTICE, TWO_DPU, WARNING, XML, Hook, domain, rewritten

FIFTY = os.environ.get("VTOPO_50")
UUID = re.search(rb"<uuid>(.*)</uuid>", domain("small"))[1].decode()
DEFINED = domain("small")
STARTS = DEFINED.replace(b"<domain type='qemu'>", b"<domain type='qemu' id='7'>").replace(b"passwd='", b"x='")
OTHER = rewritten(DEFINED).replace(b"<domain type='qemu'>", b"<domain type='qemu' id='7'>")
STOPPED = "domain 'vm' is not started"
PASSED = "domain 'vm' is started all the same (policy on_start \"%s\"): "

COVER = """mount --bind "$1" /run && mount --bind "$2" /etc/libvirt || exit 99
shift 2
exec "$@"
"""


class Guard(Hook):
    mode = "refuse"

    def setUp(self):
        super().setUp()
        self.run_folder, self.etc = self.folder / "run", self.folder / "etc"
        self.notes, self.libvirt = self.run_folder / "vtopo", self.etc / "qemu"
        for folder in (self.run_folder, self.libvirt / "autostart"):
            folder.mkdir(parents=True)
        self.define(DEFINED)
        self.config = self.policy('{"on_start": "%s"}' % self.mode)
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "vtopo-qemu-hook").symlink_to(HOOK)
        self.script = self.folder / "50-vtopo"
        text = pathlib.Path(FIFTY).read_text(encoding="utf-8")
        text = re.sub(r'^program=.*$', 'program="%s/vtopo-qemu-hook"' % bin_folder, text, flags=re.M)
        self.script.write_text(text.replace('"$program" "$@"', '"$program" --host %s --config %s "$@"' % (TWO_DPU, self.config)))
        self.script.chmod(0o755)
        # Of a process that has libvirt's name, as its child.
        self.caller = self.folder / "libvirtd"
        self.caller.write_text('#!/bin/sh\n"$@"\nexit $?\n')
        self.caller.chmod(0o755)

    def define(self, text, name="vm"):
        (self.libvirt / (name + ".xml")).write_bytes(b"<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE.\n-->\n\n" + text)

    def hook(self, operation="prepare", xml=STARTS, name="vm", caller=()):
        command = self.command(str(self.run_folder), str(self.etc), *caller, str(self.script), name, operation, "begin", "-",
                               hook="/bin/sh")
        at = command.index(str(self.run_folder))
        command[at:at] = ["-c", COVER, "sh"]
        done = subprocess.run(command, input=xml, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.stdout, b"")
        return done.returncode, done.stderr.decode(), self.lines()

    def stopped(self, **how):
        status, errors, lines = self.hook(**how)
        self.assertEqual(status, 5, lines)
        self.assertRegex(errors, r"^vtopo-qemu-hook: domain '.*' is not started, .*start it again.*\n$")
        return self.one_line(lines, WARNING, "is not started (policy on_start \"%s\"): " % self.mode,
                             "of 4 host devices are not where they belong", "start it again")

    def passed(self, *words, **how):
        """It starts, and the journal says why although the policy speaks against it."""
        status, errors, lines = self.hook(**how)
        self.assertEqual((status, errors), (0, ""), lines)
        self.assertEqual([line[0] for line in lines], [WARNING, NOTICE], lines)
        self.assertIn("starts otherwise than vtopo would make it", lines[0][1])
        self.assertIn(PASSED % self.mode, lines[1][1])
        for word in words:
            self.assertIn(word, lines[1][1])

    def silent(self, **how):
        self.assertEqual(self.hook(**how), (0, "", []))

    def note(self, kind):
        path = self.notes / ("%s.%s" % (UUID, kind))
        return path.read_text().strip() if path.exists() else None

    def write_note(self, kind, text):
        self.notes.mkdir(mode=0o700, exist_ok=True)
        path = self.notes / ("%s.%s" % (UUID, kind))
        path.write_text(text + "\n")
        return path


class Refuse(Guard):
    def test_once(self):
        """The same definition is not stopped twice in a row; after a start that passed it is again."""
        self.stopped()
        self.assertRegex(self.note("stopped"), "^[0-9a-f]{32}$")
        self.passed("its last start was stopped")
        self.assertIsNone(self.note("stopped"))
        self.stopped()

    def test_another_definition_is_stopped_again(self):
        self.stopped()
        other = DEFINED.replace(b"bus='0x05' slot='0x00'", b"bus='0x0d' slot='0x00'")
        self.assertNotEqual(other, DEFINED)
        self.define(other)
        self.stopped(xml=other.replace(b"<domain type='qemu'>", b"<domain type='qemu' id='8'>"))

    def test_notes_are_for_root_alone(self):
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        self.stopped()
        self.assertEqual(self.notes.stat().st_mode & 0o777, 0o700)
        self.assertEqual({path.stat().st_mode & 0o777 for path in self.notes.iterdir()}, {0o600})

    def test_as_it_should_be(self):
        self.define(rewritten(DEFINED))
        self.silent(xml=OTHER)
        self.assertFalse(self.notes.exists())

    def test_transient(self):
        (self.libvirt / "vm.xml").unlink()
        self.passed("no definition")

    def test_not_its_definition(self):
        """A snapshot is gone back to, or somebody starts something else under its name."""
        for defined in (rewritten(DEFINED), DEFINED.replace(UUID.encode(), b"6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e01"),
                        DEFINED.replace(b"<target chassis='1'", b"<target chassis='99'")):
            self.assertNotEqual(defined, DEFINED)
            self.define(defined)
            self.passed("something else than its definition")

    def test_what_differs_in_every_start(self):
        """Passwords, ids, aliases, the name of the file that libvirt writes: it is the definition all the same."""
        text = STARTS.replace(b"<alias", b"<x").replace(b"</devices>", b"<graphics type='vnc' port='5900'/></devices>")
        self.stopped(xml=text)

    def test_definition_unreadable(self):
        path = self.libvirt / "vm.xml"
        for make in (lambda: path.write_bytes(b"<domain>"), lambda: path.write_bytes(b""),
                     lambda: (path.unlink(), path.symlink_to("/dev/zero")), lambda: (path.unlink(), path.mkdir()),
                     lambda: (path.rmdir(), os.mkfifo(path))):
            make()
            self.passed("its definition cannot be read")

    def test_names(self):
        """A name is no path."""
        for name in ("../qemu/vm", "/etc/libvirt/qemu/vm", "", ".", "..", "a" * 300, "-x", "a\nb"):
            status, _, lines = self.hook(name=name)
            self.assertEqual((status, len(lines)), (0, 2), name)
        odd = "it's $(a) \"vm\""
        self.define(DEFINED, odd)
        status, errors, lines = self.hook(name=odd)
        self.assertEqual(status, 5)
        self.assertIn(r"""domain 'it'\''s $(a) "vm"' is not started""", errors)

    def test_no_uuid(self):
        """It cannot be known again."""
        status, _, lines = self.hook(xml=re.sub(rb"<uuid>.*</uuid>", b"", STARTS))
        self.assertEqual((status, len(lines)), (0, 1))

    def test_arrivals(self):
        for operation in ("restore", "migrate"):
            self.silent(operation=operation)
            self.assertEqual(self.note("arrives"), "yes")
            self.passed("restored, or comes from another host")
            self.assertIsNone(self.note("arrives"))
            self.stopped()
            self.passed("last start")

    def test_arrival_that_did_not_start(self):
        """The note is for the next start, which may be another one: that passes, and the one after is stopped."""
        self.silent(operation="restore")
        self.silent(operation="restore")
        self.passed("restored")
        self.stopped()

    def test_arrival_of_what_is_as_it_should_be(self):
        self.silent(operation="restore", xml=OTHER)
        self.silent(xml=OTHER)
        self.assertIsNone(self.note("arrives"))

    def test_broken_arrivals(self):
        for xml in (b"", b"<domain>", b"\0" * 100):
            status, errors, lines = self.hook(operation="restore", xml=xml)
            self.assertEqual((status, errors, len(lines)), (0, "", 1))

    def test_autostart(self):
        """libvirt starts it by itself: the first start since libvirt began passes."""
        libvirtd = [str(self.caller)]
        for link in ("vm.xml", "vm.xml.once"):
            path = self.libvirt / "autostart" / link
            path.symlink_to("/etc/libvirt/qemu/vm.xml")
            self.passed("autostart", caller=libvirtd)
            self.passed("autostart", caller=libvirtd)  # another process
            path.unlink()
        twice = self.folder / "twice"
        twice.mkdir()
        both = twice / "libvirtd"
        both.write_text('#!/bin/sh\ncat >"%s/xml"\n"$@" <"%s/xml" 2>/dev/null\necho first $? >&2\n"$@" <"%s/xml" 2>/dev/null\n'
                        'echo second $? >&2\n' % (twice, twice, twice))
        both.chmod(0o755)
        (self.libvirt / "autostart/vm.xml").symlink_to("/etc/libvirt/qemu/vm.xml")
        status, errors, lines = self.hook(caller=[str(both)])
        self.assertEqual((status, errors, len(lines)), (0, "first 0\nsecond 5\n", 3), lines)

    def test_autostart_of_nobody_known(self):
        (self.libvirt / "autostart/vm.xml").symlink_to("/etc/libvirt/qemu/vm.xml")
        self.passed("it is not known whether libvirt starts it by itself")

    def test_notes_cannot_be_written(self):
        """A stop that cannot be remembered would be one for ever."""
        self.notes.mkdir(mode=0o755)
        self.passed("noted")
        self.notes.rmdir()
        self.notes.symlink_to(self.folder)
        self.passed("noted")
        self.notes.unlink()
        self.notes.write_text("")
        self.passed("noted")

    def test_full(self):
        """No space is left in /run."""
        self.notes.mkdir(mode=0o700)
        size = "mount -t tmpfs -o size=4k,mode=700 tmpfs /run/vtopo && dd if=/dev/zero of=/run/vtopo/x bs=4k count=2 2>/dev/null;"
        status, errors, lines = self.hook(caller=["/bin/sh", "-c", size + ' exec "$0" "$@"'])
        self.assertEqual((status, errors), (0, ""), lines)
        self.assertIn("could not be noted", lines[1][1])

    def test_odd_notes(self):
        self.stopped()
        path = self.notes / (UUID + ".stopped")
        for text in ("", "x" * 50, "x" * 5000, "\0" * 40, "0" * 32):
            path.write_text(text)
            status = self.hook()[0]
            self.assertEqual(status, 5 if len(text) < 60 else 0, text)
        path.unlink()
        path.mkdir()
        self.passed("noted")

    def test_strict(self):
        """What vtopo would not make itself is not stopped."""
        pathlib.Path(self.config).write_text('{"on_start": "refuse", "strict": true}')
        xml = STARTS.replace(b"<memnode cellid='1' mode='strict' nodeset='1'/>", b"")
        xml = re.sub(rb" *<vcpupin vcpu='.*\n", b"", xml)
        self.define(xml)
        status, _, lines = self.hook(xml=xml)
        self.assertEqual(status, 0)
        self.assertIn("refused (strict)", lines[0][1])

    def test_the_domain_says_it(self):
        pathlib.Path(self.config).write_text("{}")
        says = STARTS.replace(b"  <memory ", b"  <metadata><v:policy xmlns:v='http://vtopo.io/domain/1.0'"
                              b" on_start='refuse'/></metadata>\n  <memory ", 1)
        self.stopped(xml=says)
        status, errors, lines = self.hook()
        self.assertEqual((status, errors, len(lines)), (0, "", 1))

    def test_what_is_unclear(self):
        for xml, config in ((STARTS.replace(b"0xde", b"0xdf"), self.config), (STARTS[:-20], self.config), (STARTS, "/nonexistent")):
            text = self.script.read_text()
            self.script.write_text(text.replace(self.config, config))
            status, errors, lines = self.hook(xml=xml)
            self.assertEqual((status, errors), (0, ""))
            self.one_line(lines, WARNING, "was not checked")
            self.script.write_text(text)

    def test_a_person(self):
        """At a terminal it is said what would be, and nothing is left of it."""
        terminal, end = os.openpty()
        self.addCleanup(os.close, terminal)
        command = self.command(str(self.run_folder), str(self.etc), str(self.script), "vm", "prepare", "begin", "-", hook="/bin/sh")
        at = command.index(str(self.run_folder))
        command[at:at] = ["-c", COVER, "sh"]
        done = subprocess.run(command, input=STARTS, stdout=subprocess.PIPE, stderr=end, check=False)
        os.close(end)
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertIn(b"domain 'vm' is not started (policy on_start \"refuse\")", os.read(terminal, 65536))
        self.assertFalse(self.notes.exists())


class Repair(Guard):
    mode = "repair"

    def setUp(self):
        """vtopod lives, knows the VMs, and is about to rewrite this one."""
        super().setUp()
        config = pathlib.Path(self.config).read_text()
        pathlib.Path(self.config).write_text('{"on_start": "refuse"}')
        self.mode = "refuse"
        self.stopped()
        self.mode = "repair"
        pathlib.Path(self.config).write_text(config)
        self.places = self.note("stopped")
        (self.notes / (UUID + ".stopped")).unlink()
        self.write_note("pending", self.places)
        self.lock = self.hold(1)

    def hold(self, *bytes_of_file):
        """The byte that vtopod has while it knows libvirt's VMs."""
        fd = os.open(self.notes / "vtopod.lock", os.O_RDWR | os.O_CREAT, 0o600)
        for at in bytes_of_file:
            fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, at, 1, 0))
        self.addCleanup(os.close, fd)
        return fd

    def give(self):
        fcntl.fcntl(self.lock, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_UNLCK, os.SEEK_SET, 1, 1, 0))

    def test_once(self):
        self.stopped()
        self.passed("its last start was stopped")
        self.stopped()

    def test_nothing_pending(self):
        (self.notes / (UUID + ".pending")).unlink()
        self.passed("vtopod is not about to rewrite its definition")

    def test_something_else_pending(self):
        for text in ("0" * 32, "", self.places[:-1], self.places + "0"):
            self.write_note("pending", text)
            self.passed("vtopod is not about to rewrite its definition")
        self.write_note("pending", "x" * 500)
        self.passed("cannot be read")

    def test_daemon_away(self):
        self.give()
        self.passed("vtopod does not run, or does not know libvirt's VMs yet")
        self.hold(0)  # it runs, and is not connected
        self.passed("vtopod does not run, or does not know libvirt's VMs yet")
        (self.notes / "vtopod.lock").unlink()
        self.passed("vtopod does not run")
        (self.notes / "vtopod.lock").symlink_to("/dev/zero")
        self.passed("it is not known whether vtopod runs")

    def test_as_it_should_be(self):
        """vtopod is late to notice."""
        self.define(rewritten(DEFINED))
        self.silent(xml=OTHER)

    def test_the_rest_is_as_with_refuse(self):
        self.silent(operation="migrate")
        self.passed("comes from another host")
        self.define(rewritten(DEFINED))
        self.passed("something else than its definition")
        (self.libvirt / "vm.xml").unlink()
        self.passed("no definition")


class Warn(Guard):
    mode = "warn"

    def test_nothing_is_noted(self):
        for operation in ("restore", "migrate"):
            self.silent(operation=operation)
        status, errors, lines = self.hook()
        self.assertEqual((status, errors), (0, ""))
        self.one_line(lines, WARNING, "starts otherwise than vtopo would make it")
        self.assertFalse(self.notes.exists())


del Hook

if __name__ == "__main__":
    if not HOOK or not XML or not FIFTY:
        sys.exit("VTOPO_HOOK_QEMU, VTOPO_XML or VTOPO_50 is not set")
    unittest.main()
