#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_packages.py - Debian's packages: built twice, judged by lintian, installed in a bare Debian, used, upgraded, purged

Takes:  VTOPO_XML, the program of the same tree; dpkg-buildpackage with what debian/control asks for, lintian, debootstrap; root.
Gives:  what of a purged package is left, a guest that does not start without the hook, bytes that differ between two builds.
Rule:   the tree is copied, and nothing is installed on this machine: the root is this Debian's, with libvirt, QEMU and the
        libraries that the packages need, and an overlay takes what is written to it.  The guests are started by the root's own
        libvirtd (hooks/libvirtd.py).
Not here: what the hook says (hooks/), AppArmor, which needs a kernel that has it.

usage: test_packages.py --root DIR [--cc COMPILER] [--suite DEBIAN]
Exit: never skipped: the mirror is the one that this machine's own packages come from.
"""

import filecmp
import os
import re
import shutil

import bare
from bare import EXAMPLES, PATHS, SOURCE, run

import libvirtd
from test_qemu_hook import GPU, GUEST

PACKAGES = ["libvtopo-dev", "libvtopo0", "vtopo", "vtopo-guest", "vtopo-kubevirt", "vtopo-libvirt"]
NEXT = """vtopo (0.1.0) unstable; urgency=medium

  * The next version.

 -- vtopo maintainers <maintainers@users.noreply.github.com>  Tue, 01 Dec 2026 12:00:00 +0000

"""


def build(folder, *options, umask=0o022, **surroundings):
    """The files that dpkg-buildpackage makes of a copy of this tree.  Its surroundings are a build machine's."""
    if not (folder / "vtopo").exists():
        shutil.copytree(SOURCE, folder / "vtopo", symlinks=True, ignore=bare.left_out)
    words = {name: value for name, value in os.environ.items() if name in ("HOME", "TMPDIR")}
    run("dpkg-buildpackage", "-b", "-uc", *options, cwd=folder / "vtopo", umask=umask,
        env={**words, **PATHS, "DEB_BUILD_OPTIONS": "nocheck", **surroundings})
    return {path.name.partition("_")[0]: path for path in sorted(folder.glob("*.deb"))}


def build_next(folder):
    """The next version, whose script is another one, of a tree that is built already."""
    for path in folder.glob("vtopo_*"):
        path.unlink()
    for path in folder.glob("*.deb"):
        path.rename(folder / "old" / path.name)
    changelog, script = folder / "vtopo/debian/changelog", folder / "vtopo/hooks/50-vtopo.in"
    changelog.write_text(NEXT + changelog.read_text(encoding="utf-8"), encoding="utf-8")
    script.write_text(script.read_text(encoding="utf-8") + "# Of the next version.\n", encoding="utf-8")
    return build(folder, "-nc")


class Packages(bare.Bare):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("first", "a/second/old"):
            (cls.work / name).mkdir(parents=True)
        jobs = os.cpu_count() or 1
        cls.debs = build(cls.work / "first", "-j%d" % jobs)
        # Elsewhere, for another user's eyes, with other words and clocks, one more at a time.
        cls.again = build(cls.work / "a/second", "-j%d" % (jobs + 1), umask=0o027, LC_ALL="C", LANG="de_DE.UTF-8",
                          TZ="Pacific/Kiritimati", HOME="/nonexistent", USER="somebody")
        cls.daemon = libvirtd.Daemon(cls.root)
        cls.addClassCleanup(cls.daemon.close)
        # The machine's folder and the daemon's are one.
        run("mount", "--bind", cls.daemon.etc, cls.root / "etc/libvirt")
        cls.addClassCleanup(run, "umount", cls.root / "etc/libvirt")
        cls.daemon.start()
        cls.before = cls.tree()

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
        self.assertEqual([path.name for path in self.debs.values()], [path.name for path in self.again.values()])
        self.assertEqual({name for name in self.debs if not name.endswith("-dbgsym")}, set(PACKAGES))
        for name in ("libvtopo0", "vtopo", "vtopo-guest", "vtopo-kubevirt", "vtopo-libvirt"):
            self.assertRegex(run("dpkg-deb", "-c", self.debs[name + "-dbgsym"]), r"\./usr/lib/debug/\.build-id/\w\w/\w+\.debug\n")
        for name, path in self.debs.items():
            self.assertTrue(filecmp.cmp(path, self.again[name], shallow=False), path.name)

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
        self.check_rewrite()

    def test_3_library(self):
        """A program of others is built with libvtopo-dev, and runs with libvtopo0."""
        lib = next(self.root.glob("usr/lib/*/pkgconfig/libvtopo.pc")).parent
        flags = run("pkg-config", "--cflags", "--libs", "libvtopo",
                    env={**PATHS, "PKG_CONFIG_PATH": str(lib), "PKG_CONFIG_SYSROOT_DIR": str(self.root)}).split()
        run(bare.ARGUMENTS.cc, "-o", self.root / "tmp/rewrite", str(self.root) + EXAMPLES + "library/rewrite.c",
            "-L%s" % lib.parent, *flags)
        text = self.inside("sh", "-c", "exec /tmp/rewrite %shosts/hgx8.json <%sdomains/hgx8-train.xml" % (EXAMPLES, EXAMPLES))
        self.assertIn("ua-vtopo-", text)

    def test_3_autopkgtest(self):
        """debian/tests, but for the one that needs a compiler, as autopkgtest calls them."""
        text = (SOURCE / "debian/tests/control").read_text(encoding="utf-8")
        names = re.findall(r"(?m)^Tests: (\w+)$", text)
        self.assertEqual(sorted(names + ["control"]), sorted(path.name for path in (SOURCE / "debian/tests").iterdir()))
        shutil.copytree(SOURCE / "debian/tests", self.root / "tmp/tests")
        for name in names:
            if name != "library":
                (self.root / "tmp/autopkgtest" / name).mkdir(parents=True)
                self.inside("/tmp/tests/" + name, AUTOPKGTEST_TMP="/tmp/autopkgtest/" + name)
        self.assertFalse(self.enabled())

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

    def test_4_upgrade(self):
        """What is switched on stays on, what the admin wrote stays as it is, and the script follows the version unless somebody
        changed it."""
        enabled, shipped = self.daemon.hooks / "qemu.d/50-vtopo", self.root / "usr/share/vtopo/50-vtopo"
        kept = {self.root / "etc/vtopo/vtopo.json": "{}\n", self.root / "var/lib/vtopo/definitions/plain/1.xml": "<domain/>\n",
                self.daemon.hooks / "qemu": "#!/bin/sh\n"}
        for path, text in kept.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o700)
        # As systemctl enables it, which a bare Debian has not.
        unit = self.root / "etc/systemd/system/sysinit.target.wants/vtopo-guest.service"
        made = [folder for folder in unit.parents if not folder.exists()]
        unit.parent.mkdir(parents=True, exist_ok=True)
        unit.symlink_to("/lib/systemd/system/vtopo-guest.service")
        before, state = enabled.read_text(), enabled.stat()
        old, new = self.debs, build_next(self.work / "a/second")
        type(self).debs = new
        self.install(*PACKAGES)
        for name in PACKAGES:
            self.assertEqual(self.inside("dpkg-query", "-W", "-f", "${Version} ${Status}", name), "0.1.0 install ok installed")
        self.assertEqual(enabled.read_text(), before + "# Of the next version.\n")
        self.assertEqual((enabled.stat().st_mode, enabled.stat().st_uid), (state.st_mode, state.st_uid))
        self.assertEqual(sorted(path.name for path in self.daemon.hooks.iterdir()), ["qemu", "qemu.d"])
        self.assertEqual(self.starts("plain"), [])
        self.assertNotIn("Hook", self.daemon.try_virsh("start", "gpu").stderr)
        self.assertEqual(len(self.daemon.logged()), 1)

        changed = enabled.read_text().replace('"$program" "$@"', '"$program" --config /x "$@"')
        enabled.write_text(changed)
        for debs in (old, new):
            type(self).debs = debs
            self.install(*PACKAGES)
            self.assertEqual(enabled.read_text(), changed)
        self.assertTrue(unit.is_symlink())
        unit.unlink()
        for folder in made:
            folder.rmdir()
        for path, text in kept.items():
            self.assertEqual((path.read_text(), path.stat().st_mode & 0o777), (text, 0o700))
            path.unlink()
        self.inside("rm", "-r", "/etc/vtopo", "/var/lib/vtopo")
        enabled.write_text(shipped.read_text())
        self.assertEqual(list((self.root / "run").glob("vtopo*")), [])

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
        self.check_tree(self.before)
        self.assertEqual([path.name for path in (self.root / "var/lib/dpkg/info").glob("*vtopo*")], [])


if __name__ == "__main__":
    bare.main()
