#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_packages.py - Debian's packages: built twice, judged by lintian, installed in a bare Debian, used, purged

Takes:  VTOPO_XML, the program of the same tree; dpkg-buildpackage with what debian/control asks for, lintian, debootstrap; root.
Gives:  what of a purged package is left, a guest that does not start without the hook, bytes that differ between two builds.
Rule:   the tree is copied, and nothing is installed on this machine: the root is this Debian's, with libvirt, QEMU and the
        libraries that the packages need, and an overlay takes what is written to it.  The guests are started by the root's own
        libvirtd (hooks/libvirtd.py).
Not here: what the hook says (hooks/), AppArmor, which needs a kernel that has it.

usage: test_packages.py --root DIR [--cc COMPILER] [--suite DEBIAN]
Exit: never skipped: the mirror is the one that this machine's own packages come from.
"""

import argparse
import filecmp
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
import libvirtd  # noqa: E402
from test_qemu_hook import GPU, GUEST  # noqa: E402

XML = os.environ.get("VTOPO_XML")
PACKAGES = ["libvtopo-dev", "libvtopo0", "vtopo", "vtopo-guest", "vtopo-kubevirt", "vtopo-libvirt"]
NEEDED = ["libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients", "qemu-system-x86", "libxml2", "libjansson4",
          "libnettle8", "libyaml-0-2", "libpci3", "libnghttp2-14", "libprotobuf-c1"]
PATHS = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
# What dpkg and the dynamic loader write for every package.
RECORDS = re.compile(r"/var/lib/dpkg/.*|/var/log/.*|/var/cache/.*|/etc/ld\.so\.cache|/(dev|proc|run|sys|tmp)(/.*)?")
HOOK = "/etc/libvirt/hooks/qemu.d/50-vtopo"
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


def build(folder):
    """The files that dpkg-buildpackage makes of a copy of this tree.  Its surroundings are a build machine's."""
    shutil.copytree(SOURCE, folder / "vtopo", symlinks=True, ignore=left_out)
    words = {name: value for name, value in os.environ.items() if name in ("HOME", "TMPDIR")}
    run("dpkg-buildpackage", "-b", "-uc", "-j%d" % (os.cpu_count() or 1), cwd=folder / "vtopo",
        env={**words, **PATHS, "DEB_BUILD_OPTIONS": "nocheck"})
    return sorted(folder.glob("*.deb"))


class Packages(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.work)
        for name in ("first", "a/second"):
            (cls.work / name).mkdir(parents=True)
        cls.first, cls.second = build(cls.work / "first"), build(cls.work / "a/second")
        cls.debs = {path.name.partition("_")[0]: path for path in cls.first}
        cls.root = cls.cover()
        cls.daemon = libvirtd.Daemon(cls.root)
        cls.addClassCleanup(cls.daemon.close)
        # The machine's folder and the daemon's are one.
        run("mount", "--bind", cls.daemon.etc, cls.root / "etc/libvirt")
        cls.addClassCleanup(run, "umount", cls.root / "etc/libvirt")
        cls.daemon.start()
        cls.before = cls.tree()

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

    def inside(self, *words, status=0):
        return run("chroot", self.root, *words, status=status, env={**PATHS, "DEBIAN_FRONTEND": "noninteractive"})

    def dpkg(self, *words):
        return self.inside("dpkg", *words)

    def install(self, *names):
        for name in names:
            shutil.copy(self.debs[name], self.root / "tmp")
        return self.dpkg("-i", *("/tmp/" + self.debs[name].name for name in names))

    def enabled(self):
        return (self.daemon.hooks / "qemu.d/50-vtopo").exists()

    def starts(self, name):
        """A guest without host devices starts; what the hook said."""
        self.daemon.virsh("start", name)
        self.assertEqual(self.daemon.virsh("domstate", name).strip(), "running")
        self.daemon.virsh("destroy", name)
        return self.daemon.logged()

    def test_0_the_same_bytes(self):
        self.assertEqual([path.name for path in self.first], [path.name for path in self.second])
        self.assertEqual({name for name in self.debs if not name.endswith("-dbgsym")}, set(PACKAGES))
        for name in ("libvtopo0", "vtopo", "vtopo-guest", "vtopo-kubevirt", "vtopo-libvirt"):
            self.assertIn(name + "-dbgsym", self.debs)
        for first, second in zip(self.first, self.second):
            self.assertTrue(filecmp.cmp(first, second, shallow=False), first.name)

    def test_1_lintian(self):
        changes = next((self.work / "first").glob("*.changes"))
        said = run("lintian", "--allow-root", "--fail-on", "error,warning", changes)
        self.assertEqual([line for line in said.splitlines() if not line.startswith("N:")], [])

    def test_2_install(self):
        """Nothing is switched on by it: no hook, no unit."""
        self.install(*PACKAGES)
        self.assertFalse(self.enabled())
        self.assertEqual(list(self.root.glob("etc/systemd/system/**/vtopo*")), [])
        for unit in ("vtopo-guest", "vtopod"):
            self.assertTrue((self.root / "lib/systemd/system" / (unit + ".service")).is_file())
        for words in ("vtopo-xml", "vtopo-host", "vtopo-compare", "vtopo-guest", "vtopo-define", "vtopod", "vtopo-qemu-hook", "vtopo-sidecar",
                      "/usr/libexec/vtopo/onDefineDomain"):
            self.assertRegex(self.inside(words, "--version"), r"0\.1\.0")
        self.assertIn("--restore", self.inside("vtopo-define", "--help"))

    def test_3_rewrite(self):
        """The same as with the program of this tree, with an example that is installed."""
        domain, host = EXAMPLES + "domains/hgx8-train.xml", EXAMPLES + "hosts/hgx8.json"
        text = self.inside("vtopo-xml", "--quiet", "--host", host, domain)
        self.assertIn("ua-vtopo-", text)
        self.assertEqual(text, run(XML, "--quiet", "--host", str(self.root) + host, str(self.root) + domain))

    def test_3_library(self):
        """A program of others is built with libvtopo-dev, and runs with libvtopo0."""
        lib = next(self.root.glob("usr/lib/*/pkgconfig/libvtopo.pc")).parent
        flags = run("pkg-config", "--cflags", "--libs", "libvtopo",
                    env={**PATHS, "PKG_CONFIG_PATH": str(lib), "PKG_CONFIG_SYSROOT_DIR": str(self.root)}).split()
        run(ARGUMENTS.cc, "-o", self.root / "tmp/rewrite", str(self.root) + EXAMPLES + "library/rewrite.c",
            "-L%s" % lib.parent, *flags)
        text = self.inside("sh", "-c", "exec /tmp/rewrite %shosts/hgx8.json <%sdomains/hgx8-train.xml" % (EXAMPLES, EXAMPLES))
        self.assertIn("ua-vtopo-", text)

    def test_4_hook(self):
        """Enabled, libvirtd calls it; a new version of the packages changes nothing of that."""
        self.daemon.define(GUEST % ("plain", ""))
        self.daemon.define(GUEST % ("gpu", GPU))
        self.assertIn("it is the first hook here", self.inside("vtopo-qemu-hook", "--enable"))
        self.daemon.restart()
        for _ in range(2):
            self.assertEqual(self.starts("plain"), [])
            self.assertNotIn("Hook", self.daemon.try_virsh("start", "gpu").stderr)
            line, = self.daemon.logged()
            self.assertIn("domain 'gpu'", line)
            self.assertNotIn("can be run", line)
            self.install(*PACKAGES)

    def test_5_program_lost(self):
        """Without dpkg knowing of it: guests start, and the journal says what is missing."""
        program = self.root / "usr/bin/vtopo-qemu-hook"
        hidden = program.rename(self.root / "tmp/hidden")
        line, = self.starts("plain")
        self.assertIn("no program of vtopo can be run", line)
        hidden.rename(program)

    def test_6_remove(self):
        """The script goes with the package, and guests start; somebody else's stays."""
        self.assertTrue(self.enabled())
        self.dpkg("--remove", "vtopo-libvirt")
        self.assertFalse(self.enabled())
        self.assertEqual(self.starts("plain"), [])
        self.install("vtopo-libvirt")
        self.assertFalse(self.enabled())
        theirs = self.daemon.hooks / "qemu.d/50-vtopo"
        theirs.parent.mkdir(exist_ok=True)
        theirs.write_text("#!/bin/sh\nexit 0\n")
        theirs.chmod(0o755)
        self.dpkg("--remove", "vtopo-libvirt")
        self.assertEqual(theirs.read_text(), "#!/bin/sh\nexit 0\n")
        theirs.unlink()
        theirs.parent.rmdir()

    def test_7_purge(self):
        self.install("vtopo-libvirt")
        self.inside("vtopo-qemu-hook", "--enable")
        self.dpkg("--purge", *PACKAGES)
        self.assertEqual(self.starts("plain"), [])
        self.assertEqual(list(self.daemon.hooks.iterdir()), [])
        after = self.tree()
        self.assertEqual({name for name in after.keys() | self.before.keys() if after.get(name) != self.before.get(name)}, set())
        self.assertEqual([path.name for path in (self.root / "var/lib/dpkg/info").glob("*vtopo*")], [])


if __name__ == "__main__":
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
