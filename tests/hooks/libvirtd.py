# SPDX-License-Identifier: GPL-2.0-or-later
"""
libvirtd.py - a private libvirtd with hooks, for the tests

Takes:  nothing, or a root with another libvirtd and QEMU (tests/tools/make-root); another daemon than libvirtd, a path or
        command, from the caller or from VTOPO_LIBVIRT_DAEMON: virtqemud, or either behind a socket that systemd holds.
Gives:  a daemon that can be stopped and started again, virsh commands, what is written to /dev/log.
Rule:   nothing of the machine's own libvirt is touched: the daemon has a mount namespace with its own
        /etc/libvirt, /run, /var/lib/libvirt, /var/log/libvirt and /dev (no kvm, a /dev/log that is read here).
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "real"))
import libvirt  # noqa: E402

PRIVATE = r"""
set -e
work=$1
touch /dev/log
mount --bind "$work/log" /dev/log
for folder in /etc/libvirt /run /var/lib/libvirt /var/log/libvirt /var/cache/libvirt; do
    mkdir -p "$work$folder" "$folder"
    mount --bind "$work$folder" "$folder"
done
mkdir -p /run/lock /run/libvirt /var/lib/libvirt/qemu
shift
exec "$@"
"""

DAEMON = 'auth_unix_rw = "none"\nunix_sock_rw_perms = "0700"\n'
START_SECONDS = 60


def activated(program, timeout):
    """The daemon behind a socket that systemd's own tool holds: it starts when somebody connects, and ends without anybody."""
    name = os.path.basename(program)
    return ["sh", "-c", "while rm -f $0; do systemd-socket-activate -l $0 --fdname=%s.socket %s --timeout %d || exit; done" % (
        name, program, timeout), "/run/libvirt/" + SOCKETS[name]]


SOCKETS = {"libvirtd": "libvirt-sock", "virtqemud": "virtqemud-sock"}


class Daemon:
    def __init__(self, root="", command=None):
        libvirt.require("virsh", "unshare", "mount", *(() if root else ("libvirtd", "qemu-system-x86_64")))
        if os.geteuid() != 0:
            sys.exit("the tests with a real libvirtd need root")
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-libvirtd-"))
        self.etc = self.work / "etc" / "libvirt"
        self.hooks = self.etc / "hooks"
        self.hooks.mkdir(parents=True)
        (self.etc / "qemu.conf").write_text(libvirt.CONFIG)
        self.command = command or [os.environ.get("VTOPO_LIBVIRT_DAEMON") or "libvirtd"]
        name = next(name for name in SOCKETS if any(name in word for word in self.command))
        (self.etc / (name + ".conf")).write_text(DAEMON)
        self.socket = self.work / "run" / "libvirt" / SOCKETS[name]
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.log.bind(str(self.work / "log"))
        os.chmod(self.work / "log", 0o666)
        self.log.setblocking(False)
        self.messages = self.work / "libvirtd.stderr"
        self.process, self.root = None, str(root)
        (self.work / "files").mkdir()  # where libvirt.NAMESPACE goes in another root

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.close()

    # -- the daemon ---------------------------------------------------------------------------------

    def start(self):
        env = dict(os.environ, LC_ALL="C.UTF-8")
        env.pop("LIBVIRT_DEFAULT_URI", None)
        with open(self.messages, "ab") as messages:
            self.process = subprocess.Popen(
                ["unshare", "-m", "/bin/sh", "-c", libvirt.NAMESPACE, "sh", str(self.work), self.root,
                 "/bin/sh", "-c", PRIVATE, "sh", str(self.work), *self.command],
                env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=messages,
                start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if self.socket.exists() and self.try_virsh("uri").returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError("libvirtd does not start: " + self.messages.read_text())

    def stop(self):
        """The daemon goes, its guests stay."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def signal(self, number):
        """To the daemon itself, below what it was started with."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False).stdout.split()
        os.kill(int(children[0]) if children else self.process.pid, number)

    def hang(self):
        """Its sockets take connections, and nobody answers; until go_on()."""
        self.signal(signal.SIGSTOP)

    def go_on(self):
        self.signal(signal.SIGCONT)

    def close(self):
        if self.process:
            for name in self.try_virsh("list", "--name").stdout.split():
                self.try_virsh("destroy", name)
            self.stop()
        self.log.close()
        shutil.rmtree(self.work, ignore_errors=True)

    # -- virsh --------------------------------------------------------------------------------------

    def try_virsh(self, *words):
        return subprocess.run(["virsh", "-q", "-c", "qemu+unix:///system?socket=%s" % self.socket, *words],
                              capture_output=True, text=True, timeout=120)

    def virsh(self, *words):
        result = self.try_virsh(*words)
        if result.returncode:
            raise libvirt.Error("virsh %s: %s" % (" ".join(words), result.stderr.strip()))
        return result.stdout

    def define(self, xml):
        path = self.work / "define.xml"
        path.write_text(xml, encoding="utf-8")
        self.virsh("define", str(path))

    def logged(self):
        """What came to /dev/log since the last call, the lines of this hook only."""
        lines = []
        while True:
            try:
                lines.append(self.log.recv(1 << 16))
            except BlockingIOError:
                return [line.decode() for line in lines if b"vtopo-qemu-hook" in line]
