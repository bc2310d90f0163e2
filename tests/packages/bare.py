# SPDX-License-Identifier: GPL-2.0-or-later
"""
bare.py - a bare Debian with libvirt, for packages: its root, and what of it is not as it was

Takes:  debootstrap, this machine's mirror; root.
Gives:  the root, made once; a cover of it, where what is written goes elsewhere and is gone with the process.
Rule:   nothing is installed on this machine, and what is mounted is in a mount namespace of its own.
Not here: packages (test_packages.py, test_rpm.py).
"""

import argparse
import os
import pathlib
import platform
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
SOURCE = TESTS.parent
sys.path.insert(0, str(TESTS / "hooks"))

XML = os.environ.get("VTOPO_XML")
NEEDED = ["libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients", "qemu-system-x86", "libxml2", "libjansson4",
          "libnettle8", "libyaml-0-2", "libpci3", "libnghttp2-14", "libprotobuf-c1"]
PATHS = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
# What dpkg, rpm and the dynamic loader write for every package.
RECORDS = re.compile(r"/var/lib/(dpkg|rpm)/.*|/var/log/.*|/var/cache/.*|/usr/lib/sysimage(/.*)?|/etc/ld\.so\.cache|"
                     r"/(dev|proc|run|sys|tmp)(/.*)?")
EXAMPLES = "/usr/share/doc/vtopo/examples/"
ARGUMENTS = None


def run(*words, status=0, **rest):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **rest)
    if done.returncode != status:
        raise AssertionError("%s: status %d\n%s" % (" ".join(map(str, words)), done.returncode, done.stdout[-20000:]))
    return done.stdout


def make_root():
    done = subprocess.run(["sh", str(TESTS / "tools" / "make-root"), ARGUMENTS.suite, ARGUMENTS.root, *NEEDED],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit("no root for the packages: " + done.stderr.strip())


def left_out(folder, names):
    """What is made in a tree: builds, and what Python keeps."""
    return [name for name in names if name in (".git", "__pycache__") or (
        pathlib.Path(folder) == SOURCE and name.startswith(("build", "obj-")))]


class Bare(unittest.TestCase):
    """A suite with a root of its own: self.root; self.work is beside it."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.root = cls.cover()

    @classmethod
    def cover(cls):
        """The root, with all that is written to it elsewhere."""
        top = cls.work / "cover"
        top.mkdir()
        run("mount", "-t", "tmpfs", "tmpfs", top)
        cls.addClassCleanup(run, "umount", "-l", top)
        for name in ("upper", "work", "root"):
            (top / name).mkdir()
        run("mount", "-t", "overlay", "-o", "lowerdir=%s,upperdir=%s/upper,workdir=%s/work" % (ARGUMENTS.root, top, top), "overlay",
            top / "root")
        cls.addClassCleanup(run, "umount", "-l", top / "root")
        run("mount", "-t", "proc", "proc", top / "root/proc")
        return top / "root"

    @classmethod
    def tree(cls):
        """Names, kinds, sizes and times of all that is in the root, but for what every package leaves."""
        found = {}
        for folder, _, names in os.walk(cls.root):
            for path in (folder, *(os.path.join(folder, name) for name in names)):
                name = path[len(str(cls.root)):]
                if not RECORDS.fullmatch(name) and not name.startswith("/etc/libvirt/"):
                    status = os.lstat(path)
                    plain = stat.S_ISREG(status.st_mode)
                    found[name] = (status.st_mode, *((status.st_size, int(status.st_mtime)) if plain else ()))
        return found

    def check_tree(self, before):
        after = self.tree()
        self.assertEqual({name for name in after.keys() | before.keys() if after.get(name) != before.get(name)}, set())

    def inside(self, *words, status=0, **environment):
        return run("chroot", self.root, *words, status=status,
                   env={**PATHS, "DEBIAN_FRONTEND": "noninteractive", **environment})

    def check_rewrite(self):
        """The same as with the program of this tree, with an example that is installed."""
        domain, host = EXAMPLES + "domains/hgx8-train.xml", EXAMPLES + "hosts/hgx8.json"
        text = self.inside("vtopo-xml", "--quiet", "--host", host, domain)
        self.assertIn("ua-vtopo-", text)
        self.assertEqual(text, run(XML, "--quiet", "--host", str(self.root) + host, str(self.root) + domain))


def main():
    global ARGUMENTS
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--suite", default=platform.freedesktop_os_release().get("VERSION_CODENAME"))
    ARGUMENTS, rest = parser.parse_known_args()
    if os.geteuid() != 0 or not XML:
        sys.exit("root is needed, and VTOPO_XML")
    if not os.environ.get("VTOPO_PACKAGES_INSIDE"):
        make_root()
        os.environ["VTOPO_PACKAGES_INSIDE"] = "1"  # what is mounted is gone with this process
        os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    unittest.main(argv=sys.argv[:1] + rest)
