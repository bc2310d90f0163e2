# SPDX-License-Identifier: GPL-2.0-or-later
"""
libvirt.py - a private libvirt for the tests: the real QEMU driver, no daemon

Takes:  domain XML.
Gives:  what libvirt says of it: accepted or not, the dump, QEMU's arguments.
Rule:   one virsh runs for the whole test (`qemu:///embed?root=DIR`) and is fed commands on its
        standard input, so that a call takes some milliseconds; QEMU's capabilities are probed once.
Not here: what a good answer is (test_libvirt_decides.py), booting (guest.py).

virsh runs in a mount namespace of its own:
- its /dev has no kvm.  A /dev/kvm that cannot run guests makes libvirt probe QEMU again at every
  call, for tens of seconds; so does anything readable bound over it.
- it has an IOMMU group and VFIO's files, without which libvirt 12 converts no domain with host devices.
- libvirt refuses to start without the account that Debian's daemon package makes (libvirt-qemu);
  it is added to a private copy of /etc/passwd and /etc/group.
- it may be the virsh, libvirt and QEMU of another root (tests/tools/make-root), which are then run
  there; the work folder has the same name inside and outside.
Where no such namespace can be had (a container without CAP_SYS_ADMIN, a chroot that is no mount
point), virsh runs as it is, and the account is made as the package would.
"""

import json
import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ET

NAMESPACE = r"""
set -e
work=$1 root=$2; shift 2
[ -e /proc/self ] || mount -t proc proc /proc
mount --make-rprivate /
mkdir -p "$work/dev"
mount -t tmpfs -o mode=755 tmpfs "$work/dev"
for node in null zero full random urandom tty; do
    [ -e "/dev/$node" ] || continue
    : > "$work/dev/$node"
    mount --bind "/dev/$node" "$work/dev/$node"
done
mkdir -p "$work/dev/pts" "$work/dev/shm"
chmod 1777 "$work/dev/shm"
if [ -d /dev/pts ] && [ -e /dev/ptmx ]; then
    mount --rbind /dev/pts "$work/dev/pts"
    ln -s pts/ptmx "$work/dev/ptmx"
fi
ln -s /proc/self/fd "$work/dev/fd"
mkdir "$work/dev/vfio"
: > "$work/dev/vfio/vfio"
: > "$work/dev/iommu"
mount --move "$work/dev" /dev
if [ -d /sys/kernel/iommu_groups ]; then
    mkdir -p "$work/iommu_groups/0/devices"
    mount --bind "$work/iommu_groups" /sys/kernel/iommu_groups
fi
if [ -n "$root" ]; then
    mount --rbind "$root" "$root"
    mkdir -p "$root$work"
    mount --bind "$work" "$root$work"
    mount --rbind /dev "$root/dev"
    mount --rbind /proc "$root/proc"
    mount --rbind /sys "$root/sys"
fi
for file in passwd group; do
    grep -q '^libvirt-qemu:' "$root/etc/$file" && continue
    cp "$root/etc/$file" "$work/$file"
    case $file in
    passwd) echo 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin' ;;
    group) echo 'libvirt-qemu:x:64055:' ;;
    esac >> "$work/$file"
    mount --bind "$work/$file" "$root/etc/$file"
done
[ -z "$root" ] || exec chroot "$root" sh -c 'cd "$1" && shift && exec "$@"' sh "$work/files" "$@"
exec "$@"
"""

# For the guests that are really started (record_domains.py): no log daemon, no cgroups, no
# namespaces of their own, nothing that a bare container does not have.
CONFIG = """
user = "root"
group = "root"
security_driver = "none"
stdio_handler = "file"
cgroup_controllers = []
namespaces = []
remember_owner = 0
seccomp_sandbox = 0
"""

MARK = b"vtopo-end-of-answer"
PROMPT = b"virsh # "
CALL_SECONDS = 120  # the first call probes QEMU


def without_filled_in(text):
    """A dump without what libvirt fills into elements that vtopo has made: it means the same (model/additions.c)."""
    return text.replace("<hyperv mode='custom'>", "<hyperv>").replace(" clusters='1'", "")  # 10.1 and later


class Error(Exception):
    """libvirt said no; the text is its message."""


class Crashed(Exception):
    """virsh died: a finding about libvirt or about its surroundings, never an answer."""


def require(*programs):
    """The real parts are part of the test: without them it fails."""
    missing = [p for p in programs if not shutil.which(p)]
    if missing:
        sys.exit("missing programs: %s (see README.md for the packages)" % ", ".join(missing))


def qemu_major():
    """The first number of this machine's QEMU."""
    text = subprocess.run(["qemu-system-x86_64", "--version"], stdout=subprocess.PIPE, check=True,
                          text=True).stdout
    return int(re.search(r"version (\d+)", text)[1])


def version():
    """This machine's libvirt, as numbers that compare: (9, 0, 0)."""
    text = subprocess.run(["virsh", "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout
    return tuple(int(number) for number in text.strip().split("."))


def for_this_machine(xml):
    """
    The domain as a libvirt without KVM takes it: TCG, QEMU's default CPU, a machine type and an
    emulator that exist here.  Nothing else is touched, and no line is added or taken away.
    """
    xml = re.sub(r"(<domain\b[^>]*\btype\s*=\s*)(['\"])kvm\2", r"\1\2qemu\2", xml, count=1)
    xml = re.sub(r"(<cpu\b[^>]*\bmode\s*=\s*)(['\"])host-(?:passthrough|model)\2[^>/]*?(/?>)",
                 r"\1\2maximum\2\3", xml, count=1)
    xml = re.sub(r"(machine\s*=\s*)(['\"])pc-q35-rhel[0-9.]+\2", r"\1\2q35\2", xml, count=1)
    return xml.replace("/usr/libexec/qemu-kvm", "/usr/bin/qemu-system-x86_64")


class Libvirt:
    """
    `with Libvirt() as libvirt:` - removes everything at the end.

    root: of another machine, whose libvirt it shall be.
    """

    def __init__(self, keep=None, root=""):
        self.root = root and os.path.abspath(root)
        require("unshare", "mount", *["virsh", "qemu-system-x86_64"] * (not root))
        if os.geteuid() != 0:
            sys.exit("the tests with a real libvirt need root")
        # Not below a deep build folder: libvirt's sockets must fit into 108 bytes.
        self.work = keep or tempfile.mkdtemp(prefix="vtopo-libvirt-")
        self.temporary = keep is None
        os.makedirs(os.path.join(self.work, "root", "etc"), exist_ok=True)
        with open(os.path.join(self.work, "root", "etc", "qemu.conf"), "w") as conf:
            conf.write(CONFIG)
        self.files = os.path.join(self.work, "files")
        os.makedirs(self.files, exist_ok=True)
        self.virsh = None
        self.namespace = self._namespace()

    def _namespace(self):
        """The words before virsh, or none."""
        words = ["unshare", "-m", "/bin/sh", "-c", NAMESPACE, "sh", self.work, self.root]
        tried = subprocess.run(words + ["true"], stdin=subprocess.DEVNULL, check=False,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if tried.returncode == 0:
            return words
        if self.root:
            sys.exit("%s: no mount namespace: %s" % (self.root, tried.stdout.strip()))
        print("libvirt runs without a mount namespace of its own (%s)%s" % (
            tried.stdout.strip(), "; with this /dev/kvm it may take minutes"
            if os.path.exists("/dev/kvm") else ""), file=sys.stderr)
        try:
            pwd.getpwnam("libvirt-qemu")
        except KeyError:
            subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--shell",
                            "/usr/sbin/nologin", "libvirt-qemu"], check=True)
        return []

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self._stop()
        if self.temporary:
            shutil.rmtree(self.work, ignore_errors=True)

    # -- the process ------------------------------------------------------------------------

    def _start(self):
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="dumb", HOME=self.work,
                   LIBVIRT_LOG_OUTPUTS="4:file:/dev/null", XDG_RUNTIME_DIR=self.work + "/run",
                   XDG_CACHE_HOME=self.work + "/cache", XDG_CONFIG_HOME=self.work + "/config")
        env.pop("VIRSH_DEFAULT_CONNECT_URI", None)
        self.virsh = subprocess.Popen(
            self.namespace + ["virsh", "-q", "-c", "qemu:///embed?root=" + self.work + "/root"],
            cwd=self.files, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)

    def _stop(self):
        if self.virsh is None:
            return
        try:
            self.virsh.stdin.close()
            self.virsh.wait(timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            os.killpg(self.virsh.pid, signal.SIGKILL)
            self.virsh.wait()
        self.virsh.stdout.close()
        self.virsh = None

    def call(self, *words):
        """One virsh command; returns what it printed, raises Error if that is an error."""
        if self.virsh is None or self.virsh.poll() is not None:
            self._start()
        command = " ".join(shlex.quote(w) for w in words)
        virsh = self.virsh
        watchdog = threading.Timer(CALL_SECONDS, lambda: os.killpg(virsh.pid, signal.SIGKILL))
        watchdog.start()
        end = b"echo %s\n%s%s" % (MARK, MARK, PROMPT)
        answer = b""
        try:
            virsh.stdin.write(b"%s\necho %s\n" % (command.encode("utf-8"), MARK))
            virsh.stdin.flush()
            while not answer.endswith(end):
                piece = os.read(virsh.stdout.fileno(), 1 << 16)
                if not piece:
                    break
                answer += piece
        except BrokenPipeError:
            pass
        finally:
            watchdog.cancel()
        if answer.endswith(end):
            return self._answer(answer[:-len(end)])
        status = virsh.wait()
        virsh.stdout.close()
        self.virsh = None
        raise Crashed("virsh ended (%s) during: %s\n%s" % (
            "signal %d" % -status if status < 0 else "status %d" % status, command,
            answer.decode("utf-8", "replace")))

    @staticmethod
    def _answer(answer):
        # readline echoes the command first, and the next prompt stands before its end mark
        text = answer.partition(b"\n")[2].decode("utf-8")
        text = text[:text.rindex(PROMPT.decode())]
        error = re.search(r"^error: ", text, re.M)
        if error:
            raise Error(text[error.start():].replace("error: ", "").strip())
        return text

    # -- domains ----------------------------------------------------------------------------

    def _file(self, name, text):
        path = os.path.join(self.files, name)
        with open(path, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode("utf-8"))
        return name

    def uuids(self):
        return set(self.call("list", "--all", "--uuid").split())

    def define(self, xml, validate=False):
        """Returns the UUID of the defined domain; raises Error."""
        before = self.uuids()
        options = ["--validate"] if validate else []
        self.call("define", self._file("define.xml", xml), *options)
        new = self.uuids() - before
        if new:
            return new.pop()
        return ET.fromstring(xml).findtext("uuid").strip()

    def dump(self, uuid, inactive=True, security_info=True):
        options = ["--inactive"] * inactive + ["--security-info"] * security_info
        # virsh prints an empty line after the document
        return self.call("dumpxml", uuid, *options).rstrip("\n") + "\n"

    def undefine(self, uuid):
        self.call("undefine", uuid, "--keep-nvram")

    def define_and_dump(self, xml, validate=False):
        """The dump of the domain as libvirt sees it, which is forgotten again."""
        uuid = self.define(xml, validate)
        try:
            return self.dump(uuid)
        finally:
            self.undefine(uuid)

    def native(self, xml):
        """QEMU's arguments for this domain, the program's name first."""
        line = self.call("domxml-to-native", "qemu-argv", "--xml", self._file("native.xml", xml))
        words = shlex.split(line)
        # environment first: NAME=VALUE …
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)
        if not words:
            raise Error("domxml-to-native printed nothing")
        return words


def devices_of(arguments):
    """The -device arguments as dictionaries (libvirt writes JSON since 6.9)."""
    result = []
    for name, value in zip(arguments, arguments[1:]):
        if name != "-device":
            continue
        if value.startswith("{"):
            result.append(json.loads(value))
            continue
        words = value.split(",")
        device = dict(w.split("=", 1) for w in words[1:] if "=" in w)
        device["driver"] = words[0]
        result.append(device)
    return result
