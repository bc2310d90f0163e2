#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_qemu_calls.py - single calls of libvirt's hook: what it says, hostile input, what it never does

Takes:  VTOPO_HOOK_QEMU, VTOPO_XML: the programs.
Rule:   status 0 and nothing on stdout, always; lines are read from a /dev/log of its own, in a mount
        namespace (and a user namespace, for those who are not root).
Not here: the real libvirtd (test_qemu_hook.py).
"""

import os
import pathlib
import re
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = TESTS.parent / "examples"
HOOK, XML = os.environ.get("VTOPO_HOOK_QEMU"), os.environ.get("VTOPO_XML")
TWO_DPU = str(EXAMPLES / "hosts" / "two-dpu.json")

OPERATIONS = [("prepare", "end"), ("start", "begin"), ("started", "begin"), ("stopped", "end"),
              ("release", "end"), ("migrate", "end"), ("restore", "end"), ("reconnect", "begin"),
              ("attach", "begin"), ("", ""), ("PREPARE", "begin"), ("prepare", "begin ")]
WARNING, NOTICE = 3 * 8 + 4, 3 * 8 + 5  # facility daemon

# A /dev with those of null, zero and log that there are in the first argument; log may be a socket anywhere.
NAMESPACE = """
dev=$1 log=$2 files=$3
shift 3
mount -t tmpfs tmpfs "$dev" || exit 99
for file in $files; do
    : > "$dev/$file" && mount --bind "/dev/$file" "$dev/$file" || exit 99
done
[ -z "$log" ] || { : > "$dev/log" && mount --bind "$log" "$dev/log"; } || exit 99
mount --rbind "$dev" /dev || exit 99
exec "$@"
"""


def domain(name):
    return (TESTS / "domains" / (name + ".xml")).read_bytes()


RUNNING = domain("running")


def rewritten(text):
    return subprocess.run([XML, "--host", TWO_DPU, "-q"], input=text, stdout=subprocess.PIPE,
                          check=True).stdout


class Hook(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.log.close)
        self.log_path = str(self.folder / "log")
        self.log.bind(self.log_path)
        (self.folder / "dev").mkdir()
        self.log.setblocking(False)

    def command(self, *arguments, journal=True, files="null zero", shell="", hook=HOOK):
        user = [] if os.geteuid() == 0 else ["-r"]
        return ["unshare", "-m", *user, "/bin/sh", "-c", NAMESPACE, "sh", str(self.folder / "dev"),
                self.log_path if journal else "", files, "/bin/sh", "-c", 'exec "$@" ' + shell, "sh",
                hook, *arguments]

    def lines(self):
        """(priority, text) of what was logged."""
        found = []
        while True:
            try:
                line = self.log.recv(1 << 16)
            except BlockingIOError:
                return found
            self.assertNotIn(b"\n", line)
            match = re.fullmatch(r"<(\d+)>.{15} vtopo-qemu-hook\[\d+\]: (.*)", line.decode())
            self.assertTrue(match, line)
            found.append((int(match[1]), match[2]))

    def call(self, *arguments, stdin=b""):
        how = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
        result = subprocess.run(self.command(*arguments), capture_output=True, timeout=60, **how)
        self.assertEqual((result.returncode, result.stdout), (0, b""), result.stderr)
        return self.lines()

    def prepare(self, xml, *options, name="vm", host=TWO_DPU):
        return self.call("--host", host, *options, name, "prepare", "begin", "-", stdin=xml)

    def one_line(self, lines, priority, *words):
        self.assertEqual(len(lines), 1, lines)
        self.assertEqual(lines[0][0], priority, lines)
        for word in words:
            self.assertIn(word, lines[0][1])
        return lines[0][1]

    def policy(self, text):
        path = self.folder / "policy.json"
        path.write_text(text)
        return str(path)


class Findings(Hook):
    def test_differs(self):
        line = self.one_line(
            self.prepare(RUNNING), WARNING, "domain 'vm' starts otherwise than vtopo would make it: ",
            "4 of 4 host devices are not where they belong")
        self.assertTrue(line.endswith(
            "run: virsh dumpxml --inactive --security-info 'vm' | vtopo-xml --host '%s' | "
            "virsh define /dev/stdin" % TWO_DPU), line)

    def test_as_planned(self):
        self.assertEqual(self.prepare(rewritten(RUNNING)), [])

    def test_left_over(self):
        """Controllers of an earlier rewrite, and no device for them any more."""
        text = re.sub(rb"    <hostdev .*</hostdev>\n", b"", rewritten(RUNNING), flags=re.S)
        self.assertIn(b"ua-vtopo-", text)
        self.one_line(self.prepare(text), WARNING, "the controllers differ")

    def test_policy(self):
        """The hook and the command that it names go by the same policy."""
        config = self.policy('{"mirror": "root"}')
        line = self.one_line(self.prepare(rewritten(RUNNING), "--config", config), WARNING,
                             "--config '%s' | virsh define" % config)
        command = shlex.split(line.split("run: ")[1].split(" | ")[1])
        text = subprocess.run([XML, *command[1:]], input=RUNNING, capture_output=True, check=True).stdout
        self.assertEqual(self.prepare(text, "--config", config), [])

    def test_policy_of_the_domain(self):
        says = RUNNING.replace(b"  <memory ", b"  <metadata><v:policy xmlns:v='http://vtopo.io/domain/1.0'"
                               b" mirror='root'/></metadata>\n  <memory ", 1)
        config = self.policy('{"mirror": "numa"}')
        self.assertEqual(self.prepare(rewritten(says), "--config", config), [])
        self.one_line(self.prepare(rewritten(RUNNING), "--config", config), WARNING, "--config")
        bad = says.replace(b"'root'", b"'roots'")
        self.one_line(self.prepare(bad), WARNING, "'mirror' must be one of")

    def test_strict_policy(self):
        """What strict refuses is told like everything else."""
        config = self.policy('{"strict": true}')
        xml = domain("no-cells")
        self.one_line(self.prepare(xml, "--config", config), NOTICE, "no guest NUMA cells")

    def test_strict_refuses(self):
        """A command that would end with a refusal repairs nothing: the line says what is refused instead."""
        config = self.policy('{"strict": true}')
        text = re.sub(rb"    <hostdev .*</hostdev>\n", b"", rewritten(RUNNING), flags=re.S)
        xml = RUNNING.replace(b"<memnode cellid='1' mode='strict' nodeset='1'/>", b"")
        xml = re.sub(rb" *<vcpupin vcpu='.*\n", b"", xml)
        refused = subprocess.run([XML, "--host", TWO_DPU, "--config", config], input=xml, capture_output=True)
        self.assertEqual(refused.returncode, 5, refused.stderr)
        line = self.one_line(self.prepare(xml, "--config", config), WARNING, "vtopo-xml would not rewrite it: refused (strict): VTOPO-")
        self.assertNotIn("run: ", line)
        self.one_line(self.prepare(text, "--config", config), WARNING, "the controllers differ")
        lax = subprocess.run([XML, "-q", "--host", TWO_DPU], input=xml, stdout=subprocess.PIPE, check=True).stdout
        self.one_line(self.prepare(lax, "--config", config), NOTICE, "4 of 4 host devices get no guest NUMA cell")

    def test_no_cells(self):
        line = self.one_line(self.prepare(domain("no-cells")), NOTICE, "it has no guest NUMA cells")
        self.assertTrue(line.endswith("run: virsh dumpxml --inactive 'vm' | vtopo-xml --host '%s' --explain"
                                      % TWO_DPU), line)

    def test_other_machine(self):
        self.one_line(self.prepare(domain("pseries")), NOTICE, "its machine type is not q35")

    def test_nothing_assigned(self):
        """Silence, whatever the machine, the policy and the host."""
        for name in ("full-seabios", "i440fx", "no-cells", "pseries"):
            xml = re.sub(rb"    <hostdev .*</hostdev>\n", b"", domain(name), flags=re.S)
            self.assertNotIn(b"<hostdev", xml)
            self.assertEqual(self.prepare(xml), [], name)
            self.assertEqual(self.prepare(xml, "--config", "/nonexistent"), [], name)
            self.assertEqual(self.prepare(xml, host="/nonexistent"), [], name)

    def test_unchecked(self):
        start = "domain 'vm': its topology was not checked: "
        self.one_line(self.prepare(RUNNING, host="/nonexistent"), WARNING, start, "/nonexistent")
        self.one_line(self.prepare(RUNNING.replace(b"0xde", b"0xdf")), WARNING, start, "0000:df:00.0")
        self.one_line(self.prepare(RUNNING, "--config", "/nonexistent"), WARNING, start, "/nonexistent")
        config = self.policy('{"mirrror": "root"}')
        self.one_line(self.prepare(RUNNING, "--config", config), WARNING, start, config, "mirrror")

    def test_live_host(self):
        """Without --host it is /sys, which does not have these devices."""
        self.one_line(self.call("vm", "prepare", "begin", "-", stdin=RUNNING), WARNING, "not checked")


class OtherCalls(Hook):
    def test_operations(self):
        """Nothing is said, and stdin is left alone."""
        for operation, sub_operation in OPERATIONS:
            reader, writer = os.pipe()
            os.write(writer, b"<domain/>")
            os.close(writer)
            with os.fdopen(reader, "rb", buffering=0) as stdin:
                lines = self.call("--host", TWO_DPU, "vm", operation, sub_operation, "-", stdin=stdin)
                self.assertEqual((lines, stdin.read()), ([], b"<domain/>"), operation)

    def test_arguments(self):
        for arguments in ((), ("vm", "prepare"), ("vm", "prepare", "begin"),
                          ("--host", "vm", "prepare", "begin", "-"),
                          ("--hosts", TWO_DPU, "vm", "prepare", "begin", "-"),
                          ("vm", "prepare", "begin", "-", "--host", TWO_DPU)):
            self.assertEqual(self.call(*arguments, stdin=RUNNING), [], arguments)

    def test_people(self):
        for option, word in (("--version", b"vtopo-qemu-hook (vtopo) "), ("--help", b"Usage: vtopo-qemu-hook ")):
            result = subprocess.run([HOOK, option], capture_output=True, check=True)
            self.assertIn(word, result.stdout)

    def test_symbolic_link(self):
        link = self.folder / "50-vtopo"
        link.symlink_to(HOOK)
        subprocess.run(self.command("--host", TWO_DPU, "vm", "prepare", "begin", "-", hook=str(link)),
                       input=RUNNING, check=True)
        self.one_line(self.lines(), WARNING, "starts otherwise")


class Directory:
    """A file that can be opened, not read."""

    def __enter__(self):
        self.descriptor = os.open("/", os.O_RDONLY)
        return self

    def fileno(self):
        return self.descriptor

    def __exit__(self, *_):
        os.close(self.descriptor)


class Hostile(Hook):
    def test_names(self):
        names = {"--host": None, "--config": None, "-x": None, "": None, "it's": None, "'": None,
                 "$(reboot) `id`;&|": None, "%s%n%500000d": None, "Übung 机器 🖥": None,
                 "a\nb": "a?b", "\x1b[31mred": "?[31mred", "\x7f": "?", "\u0085\u009b": "????",
                 "'" * 255: None, "x" * 255: None, "\u20ac" * 85: None}
        for name, shown in names.items():
            line = self.one_line(self.prepare(RUNNING, name=name), WARNING, "starts otherwise")
            words = shlex.split(line.split("run: ")[1].split(" | vtopo-xml")[0])
            options = ["virsh", "dumpxml", "--inactive", "--security-info"] + ["--"] * name.startswith("-")
            self.assertEqual(words, options + [shown or name])

    def test_names_not_utf8(self):
        for name in (b"a\xff", b"a\xc3", b"a\xe2\x82", b"a\xc0\xaf", b"a\xed\xa0\x80", b"a\xf4\x90\x80\x80"):
            line = self.one_line(self.prepare(RUNNING, name=name), WARNING, "domain 'a?")
            self.assertTrue(line.isprintable())

    def test_long_name(self):
        """Longer than any that libvirt takes: cut, but still one quoted word."""
        line = self.one_line(self.prepare(RUNNING, name="'x" * 5000), WARNING, "starts otherwise")
        self.assertLess(len(line), 6000)
        shlex.split(line.split("run: ")[1])

    def test_xml(self):
        bomb = b"<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><domain>&b;</domain>"
        for xml in (b"", b"\0" * 100, b"nonsense", b"<domain>", b"<d>" * 100000, b"<d a='" + b"x" * 100000,
                    b"<domain>\xff</domain>", bomb, RUNNING[:-20], RUNNING.replace(b"0x41", b"0x3d"),
                    b"<domain>" + b" " * (17 << 20) + b"</domain>"):
            line = self.one_line(self.prepare(xml), WARNING, "domain 'vm': its topology was not checked")
            self.assertLess(len(line), 1000)

    def test_endless_stdin(self):
        with open("/dev/zero", "rb") as stdin:
            self.one_line(self.prepare(stdin), WARNING, "not checked")

    def test_stdin_closed(self):
        command = self.command("vm", "prepare", "begin", "-", shell="<&-")
        result = subprocess.run(command, capture_output=True)
        self.assertEqual((result.returncode, result.stdout), (0, b""))
        self.one_line(self.lines(), WARNING, "cannot be read from stdin")

    def test_stdin_no_file(self):
        with Directory() as stdin:
            self.one_line(self.prepare(stdin), WARNING, "cannot be read from stdin")

    def test_nothing_open(self):
        for files, lines in (("null", 1), ("", 0)):
            command = self.command("vm", "prepare", "begin", "-", files=files, shell="<&- >&- 2>&-")
            self.assertEqual(subprocess.run(command).returncode, 0)
            self.assertEqual(len(self.lines()), lines)

    def test_no_journal(self):
        command = self.command("--host", TWO_DPU, "vm", "prepare", "begin", "-", journal=False)
        result = subprocess.run(command, input=RUNNING, capture_output=True)
        self.assertEqual((result.returncode, result.stdout), (0, b""))


class Ends(Hook):
    """The guest starts whatever becomes of the check."""

    def start(self):
        process = subprocess.Popen(self.command("vm", "prepare", "begin", "-"), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for pipe in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(pipe.close)
        return process

    def child(self, process):
        """The process of the check, once the shell that prepares /dev has become the hook."""
        proc = pathlib.Path("/proc/%d" % process.pid)
        for _ in range(200):
            if os.path.samefile(proc / "exe", HOOK):
                children = (proc / "task" / str(process.pid) / "children").read_text().split()
                if children:
                    return int(children[0])
            time.sleep(0.05)
        self.fail("the hook has no child process")

    def test_killed(self):
        process = self.start()
        os.kill(self.child(process), signal.SIGKILL)
        self.assertEqual(process.wait(timeout=20), 0)
        self.one_line(self.lines(), WARNING, "not checked: the check was ended by signal 9")

    def test_hanging(self):
        """stdin that brings nothing and does not end: the check gets ten seconds."""
        started = time.monotonic()
        process = self.start()
        self.assertEqual(process.wait(timeout=30), 0)
        self.assertLess(time.monotonic() - started, 15)
        self.one_line(self.lines(), WARNING, "the check was ended by signal 14")

    def test_stopped(self):
        """
        A check that no signal of its own can end, as one that hangs in the kernel: libvirt, which waits for the end
        of what the hook prints, gets it as long as the check is still there, and afterwards it is gone.
        """
        started = time.monotonic()
        process = self.start()
        child = self.child(process)
        self.closes_outputs(process, child)
        os.kill(child, signal.SIGSTOP)
        self.assertEqual(process.wait(timeout=30), 0)
        for pipe in (process.stdout, process.stderr):
            self.assertTrue(select.select([pipe], [], [], 1)[0])
            self.assertEqual(pipe.read(), b"")
        self.assertLess(time.monotonic() - started, 15)
        self.one_line(self.lines(), WARNING, "not checked: the check hangs")
        self.assertTrue(self.is_gone(child))

    def closes_outputs(self, process, child):
        """It has let go of the pipes before it reads anything."""
        ours = {os.readlink("/proc/%d/fd/%d" % (process.pid, fd)) for fd in (1, 2)}
        for _ in range(100):
            if not ours & {os.readlink("/proc/%d/fd/%d" % (child, fd)) for fd in (1, 2)}:
                return
            time.sleep(0.05)
        self.fail("the check has libvirt's pipes")

    @staticmethod
    def is_gone(child):
        for _ in range(100):
            try:
                if "State:\tZ" in pathlib.Path("/proc/%d/status" % child).read_text():
                    return True
            except (FileNotFoundError, ProcessLookupError):
                return True
            time.sleep(0.05)
        return False

    def test_journal_hanging(self):
        """Nobody reads /dev/log, and its queue is full."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.setblocking(False)
            with self.assertRaises(BlockingIOError):
                while True:
                    other.sendto(b"x", self.log_path)
        process = self.start()
        process.stdin.write(b"nonsense")
        process.stdin.close()
        self.assertEqual(process.wait(timeout=30), 0)


class Person(unittest.TestCase):
    def call(self, name, stderr):
        return subprocess.run([HOOK, "--host", TWO_DPU, "VM", "prepare", "begin", "-"], input=domain(name),
                              stdout=subprocess.PIPE, stderr=stderr, check=True)

    def test_at_a_terminal_the_line_is_on_it(self):
        terminal, end = os.openpty()
        self.addCleanup(os.close, terminal)
        self.assertEqual(self.call("full-seabios", end).stdout, b"")
        os.close(end)
        self.assertIn(b"domain 'VM' starts otherwise than vtopo would make it", os.read(terminal, 65536))

    def told(self, *arguments, text=b""):
        terminal, end = os.openpty()
        self.addCleanup(os.close, terminal)
        done = subprocess.run([HOOK, *arguments], input=text, stdout=subprocess.PIPE, stderr=end, check=True)
        os.close(end)
        self.assertEqual(done.stdout, b"")
        return os.read(terminal, 65536).decode().replace("\r\n", "\n")

    def test_what_is_right_is_told_at_a_terminal(self):
        vm = ["--host", TWO_DPU, "VM", "prepare", "begin", "-"]
        self.assertEqual(self.told(*vm, text=rewritten(domain("small"))),
                         "vtopo-qemu-hook: domain 'VM': nothing to report, it is as vtopo would make it\n")
        self.assertEqual(self.told(*vm, text=b"<domain/>"),
                         "vtopo-qemu-hook: domain 'VM': nothing to report, no host device is assigned\n")

    def test_wrong_arguments_are_told_at_a_terminal(self):
        for arguments in ([], ["VM"], ["VM", "prepare"], ["--bogus"], ["--bogus", "x", "VM", "prepare", "begin", "-"]):
            self.assertEqual(self.told(*arguments),
                             "vtopo-qemu-hook: nothing is done with these arguments, see --help\n")
        self.assertEqual(self.told("VM", "start", "begin", "-"),
                         "vtopo-qemu-hook: domain 'VM': nothing is done but at \"prepare begin\"\n")

    def test_a_pipe_gets_nothing(self):
        self.assertEqual(self.call("full-seabios", subprocess.PIPE).stderr, b"")
        for arguments in ([], ["VM"], ["VM", "start", "begin", "-"]):
            done = subprocess.run([HOOK, *arguments], input=b"", capture_output=True, check=True)
            self.assertEqual((done.stdout, done.stderr), (b"", b""))


if __name__ == "__main__":
    if not HOOK or not XML:
        sys.exit("VTOPO_HOOK_QEMU or VTOPO_XML is not set")
    unittest.main()
