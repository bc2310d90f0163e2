# SPDX-License-Identifier: GPL-2.0-or-later
"""
vtopod.py - vtopod beside a private libvirtd, for the tests

Takes:  VTOPOD, VTOPO_XML: the programs; a libvirtd of hooks/libvirtd.py.
Gives:  a vtopod that can be started, ended and killed, what it says, what it tells systemd; VMs that it would rewrite.
Rule:   its notes are where libvirtd's hook looks for them: the daemon's own /run.  Nothing waits for a time, but for a state.
"""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests" / "hooks"), str(TOP / "tests" / "real")]
import libvirt  # noqa: E402
import test_qemu_hook  # noqa: E402
from test_qemu_hook import GPU  # noqa: E402

PROGRAM = os.environ.get("VTOPOD") or sys.exit("VTOPOD must name the program")
XML = os.environ.get("VTOPO_XML") or sys.exit("VTOPO_XML must name the program")
HOST = str(TOP / "examples" / "hosts" / "two-dpu.json")
SECONDS = 60  # until something that has to happen did not

def guest(name, metadata="", devices=""):
    """A domain that starts, but for devices of the host."""
    return (test_qemu_hook.GUEST % (name, devices)).replace("</name>", "</name>" + metadata, 1)


def wait_until(what, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


class Vtopod:
    def __init__(self, daemon, policy='{"rewrite": "auto"}'):
        self.daemon = daemon
        self.folder = tempfile.TemporaryDirectory(prefix="vtopod-")
        self.work = pathlib.Path(self.folder.name)
        self.history, self.spool = self.work / "lib" / "definitions", self.work / "lib" / "spool"
        self.run = daemon.work / "run" / "vtopo"
        self.config = self.work / "policy.json"
        self.config.write_text(policy)
        self.uri = "qemu+unix:///system?socket=%s" % daemon.socket
        self.process, self.said, self.states = None, [], []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.work / "notify"))

    def close(self):
        if self.process:
            self.kill()
        self.socket.close()
        self.folder.cleanup()
        shutil.rmtree(self.run, ignore_errors=True)

    def command(self, *options):
        return [PROGRAM, "--connect", self.uri, "--host", HOST, "--config", str(self.config), "--history", str(self.history),
                "--spool", str(self.spool), "--run", str(self.run), *options]

    # -- the process --------------------------------------------------------------------------------

    def start(self, *before, ready=True, options=()):
        """With a program before it that runs it, perhaps."""
        env = dict(os.environ, NOTIFY_SOCKET=str(self.work / "notify"))
        env.pop("LIBVIRT_DEFAULT_URI", None)
        self.said, self.states = [], []
        self.process = subprocess.Popen([*before, *self.command(*options)], env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        reader = threading.Thread(target=self.read, args=(self.process, self.said))
        reader.daemon = True
        reader.start()
        if ready:
            self.wait_ready()
        return self

    @staticmethod
    def read(process, said):
        for line in process.stderr:
            said.append(line.rstrip("\n"))
        process.stderr.close()

    def notified(self):
        while True:
            try:
                self.states += self.socket.recv(4096, socket.MSG_DONTWAIT).decode().splitlines()
            except BlockingIOError:
                return self.states

    def wait_ready(self):
        """It knows all VMs, and has done with them what is to be done."""
        return wait_until(lambda: any(state.startswith("STATUS=watching") for state in self.notified()) or self.ended())

    def ended(self):
        if self.process.poll() is not None:
            raise AssertionError("vtopod has ended: %s" % "\n".join(self.said))

    def wait_said(self, text, count=1):
        try:
            return wait_until(lambda: sum(text in line for line in self.said) >= count)
        except AssertionError as error:
            raise AssertionError("%r was not said, but: %s" % (text, "\n".join(self.said))) from error

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=SECONDS)
        self.process = None
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    # -- what it leaves -----------------------------------------------------------------------------

    def kept(self):
        """The replaced definitions, the oldest first."""
        return [path.read_text() for path in sorted(self.history.glob("*.xml"))]

    def remembered(self, name):
        path = self.spool / self.uuid(name)
        return path.read_text().splitlines() if path.exists() else []

    def note(self, name, kind):
        path = self.run / ("%s.%s" % (self.uuid(name), kind))
        return path.read_text().strip() if path.exists() else None

    # -- VMs ----------------------------------------------------------------------------------------

    def uuid(self, name):
        return self.daemon.virsh("domuuid", "--", name).strip()

    def dump(self, name):
        return self.daemon.virsh("dumpxml", "--inactive", "--security-info", "--", name).rstrip("\n") + "\n"

    def define_with_gpu(self, name, metadata=""):
        """A VM with a device of the host, which this machine has not: it cannot be started."""
        self.daemon.define(guest(name, metadata, GPU))
        return self.dump(name)

    def left_over(self, name, metadata="", devices=""):
        """The definition of a VM that can be started, and has the controllers of a device that it has no more."""
        gpu = self.daemon.work / "left-over.xml"
        gpu.write_text(guest(name, metadata, devices + GPU))
        self.daemon.virsh("define", str(gpu))
        text = subprocess.run([XML, "-q", "--host", HOST], input=self.dump(name), text=True, stdout=subprocess.PIPE,
                              check=True).stdout
        self.daemon.virsh("undefine", "--", name)
        return re.sub("<hostdev .*</hostdev>", "", text, flags=re.S)

    def define_left_over(self, name, metadata="", devices=""):
        self.daemon.define(self.left_over(name, metadata, devices))
        return self.dump(name)

    def is_rewritten(self, name):
        """As vtopo would make it."""
        done = subprocess.run([XML, "--check", "-q", "--host", HOST, "--config", str(self.config)], input=self.dump(name), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1, 8):
            raise AssertionError(done.stderr)
        return done.returncode != 1

    def wait_rewritten(self, name):
        wait_until(lambda: self.is_rewritten(name))

    def starts(self, name):
        """It runs, and is shut off again."""
        said = self.daemon.virsh("start -- '%s'; domstate -- '%s'; destroy -- '%s'" % (name, name, name))
        if "running" not in said.splitlines():
            raise AssertionError("%s does not run: %s" % (name, said))

    def forget_all(self):
        for name in self.daemon.virsh("list", "--all", "--name").split("\n"):
            if name:
                self.daemon.try_virsh("destroy", "--", name)
                self.daemon.try_virsh("undefine", "--managed-save", "--nvram", "--snapshots-metadata", "--", name)


__all__ = ["GPU", "HOST", "TOP", "Vtopod", "guest", "libvirt", "wait_until"]
