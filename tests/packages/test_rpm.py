#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_rpm.py - packaging/vtopo.spec: built by Debian's rpmbuild, divided as Debian's packages are, installed, upgraded and erased

Takes:  VTOPO_XML, the program of the same tree; rpmbuild and what the programs need to be built; root.
Rule:   rpm installs into a bare Debian with the libraries that the programs need, and runs the scripts there.  It has no records of
        what Debian has installed, so dependencies are not looked at; the programs show that they find their libraries.
Not here: whether libvirt calls the hook (test_packages.py).

usage: test_rpm.py --root DIR [--cc COMPILER] [--suite DEBIAN]
Exit: never skipped: the mirror is the one that this machine's own packages come from.
"""

import os
import re
import shutil
import tarfile

import bare
from bare import PATHS, SOURCE, run

SPEC = SOURCE / "packaging/vtopo.spec"
DEBIAN = {"vtopo-libs": "libvtopo0", "vtopo-devel": "libvtopo-dev"}  # all others have the same name
UNITS = {"vtopo-guest.service": "vtopo-guest", "vtopod.service": "vtopo-libvirt"}  # which debhelper puts there
LIBRARIES = "/usr/lib64"
# Folders of others: a system that has rpm has them.
STANDING = ["etc/libvirt", "usr/lib64/cmake", "usr/lib64/pkgconfig", "usr/share/licenses", "usr/share/bash-completion/completions",
            "usr/share/fish/vendor_completions.d", "usr/share/zsh/site-functions", "var/lib/rpm"]
# What an RPM has of its own.
OWN = re.compile(r"/usr/lib/\.build-id.*|/usr/share/licenses/.*")


def version():
    return re.search(r"(?m)^Version: +(\S+)$", SPEC.read_text(encoding="utf-8")).group(1)


class Tree:
    """A folder of rpmbuild's."""

    def __init__(self, top):
        self.top = top
        for name in ("SOURCES", "SPECS"):
            (top / name).mkdir(parents=True)
        name = "vtopo-" + version()
        with tarfile.open(top / "SOURCES" / (name + ".tar.gz"), "w:gz") as archive:
            archive.add(SOURCE, name, filter=self.wanted)
        self.spec = top / "SPECS/vtopo.spec"
        shutil.copy(SPEC, self.spec)

    def source(self, name):
        """Where rpmbuild has unpacked it: rpm 4.20 has a folder more."""
        return next((self.top / "BUILD").glob("**/" + name))

    @staticmethod
    def wanted(member):
        _, _, name = member.name.partition("/")
        return None if re.match(r"(build|obj-|\.git(/|$))", name) or name.endswith("__pycache__") else member

    def build(self, *options):
        """{name: file}.  The code is the test's own business elsewhere: it is compiled fast."""
        shutil.rmtree(self.top / "RPMS", ignore_errors=True)
        run("rpmbuild", "-bb", "--nodeps", "--noclean", *options, "--define", "_topdir %s" % self.top, "--define", "debug_package %{nil}",
            "--define", "optflags -O0", self.spec, env={**PATHS, "HOME": str(self.top), "CC": bare.ARGUMENTS.cc})
        return {path.name.rsplit("-", 2)[0]: path for path in (self.top / "RPMS").glob("*/*.rpm")}


class Rpm(bare.Bare):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sources = Tree(cls.work / "rpmbuild")
        cls.rpms = cls.sources.build()
        for name in STANDING:
            (cls.root / name).mkdir(parents=True, exist_ok=True)
        cls.hooks = cls.root / "etc/libvirt/hooks"
        cls.script, cls.shipped = cls.hooks / "qemu.d/50-vtopo", cls.root / "usr/share/vtopo/50-vtopo"
        cls.made = cls.script.parent if cls.hooks.exists() else cls.hooks  # Debian 13's libvirt has the folder
        cls.before = cls.tree()

    def rpm(self, *words):
        """--force-debian: Debian 12's rpm warns of itself otherwise; later ones do not know it, and their plugins warn of --root."""
        quiet = ["--force-debian"] if "--force-debian" in run("rpm", "--help") else []
        return run("rpm", *quiet, "--noplugins", "--root", self.root, "--dbpath", "/var/lib/rpm", "--nodeps", *words, env=PATHS)

    @staticmethod
    def files(rpm):
        """Folders are not asked about."""
        lines = run("rpm", "-qp", "--qf", "[%{FILEMODES:perms} %{FILENAMES}\n]", rpm).splitlines()
        return {line.split(" ", 1)[1] for line in lines if not line.startswith("d") and not OWN.fullmatch(line.split(" ", 1)[1])}

    def test_0_the_same_division(self):
        """Each file is in the package that debian/*.install puts it into."""
        self.assertEqual(version(), re.search(r"project\(vtopo VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text()).group(1))
        rules = []
        for path in (SOURCE / "debian").glob("*.install"):
            for line in path.read_text(encoding="utf-8").splitlines():
                pattern = "/" + line.split()[0].replace("usr/lib/*", LIBRARIES[1:])
                rules.append((re.compile(re.escape(pattern).replace(r"\*", ".*") + "(/.*)?"), path.stem))
        found = {}
        for name, rpm in self.rpms.items():
            for file in self.files(rpm):
                package = {package for rule, package in rules if rule.fullmatch(re.sub(r"\.gz$", "", file))}
                if file.endswith(".service"):
                    package = {UNITS[file.rpartition("/")[2]]}
                self.assertEqual(package, {DEBIAN.get(name, name)}, file)
                found.setdefault(name, set()).add(file)
        self.assertEqual({DEBIAN.get(name, name) for name in found}, {path.stem for path in (SOURCE / "debian").glob("*.install")})

    def test_1_install(self):
        """Nothing is switched on by it."""
        self.assertEqual(self.rpm("-i", *self.rpms.values()), "")
        self.assertFalse(self.script.parent.exists())
        self.assertEqual(list(self.root.glob("etc/systemd/system/**/vtopo*")), [])
        for words in ("vtopo-xml", "vtopo-host", "vtopo-compare", "vtopo-guest", "vtopo-define", "vtopo-qemu-hook",
                      "/usr/libexec/vtopo/onDefineDomain"):
            self.assertIn(version(), self.inside(words, "--version"))
        self.check_rewrite()

    def test_2_upgrade(self):
        """The script that is enabled follows the version, unless somebody changed it."""
        self.inside("vtopo-qemu-hook", "--enable")
        self.assertEqual(self.script.read_text(), self.shipped.read_text())
        script = self.sources.source("hooks/50-vtopo.in")
        script.write_text(script.read_text(encoding="utf-8") + "# Of the next version.\n", encoding="utf-8")
        spec = self.sources.spec.read_text(encoding="utf-8")
        self.sources.spec.write_text(re.sub(r"(?m)^(Release: +)\S+$", r"\g<1>9", spec), encoding="utf-8")
        old = {path.name: path.rename(self.work / path.name) for path in self.rpms.values()}
        new = self.sources.build("--noprep")
        self.assertEqual(self.rpm("-U", *new.values()), "")
        self.assertTrue(self.script.read_text().endswith("# Of the next version.\n"))
        self.assertEqual(self.script.stat().st_mode & 0o7777, 0o755)
        self.assertEqual(os.listdir(self.hooks), ["qemu.d"])
        changed = self.script.read_text().replace('"$program" "$@"', '"$program" --config /x "$@"')
        self.script.write_text(changed)
        for rpms in (old, new):
            self.rpm("-U", "--oldpackage", *rpms.values())
            self.assertEqual(self.script.read_text(), changed)
        self.assertEqual(list((self.root / "run").glob("vtopo*")), [])

    def test_3_erase(self):
        """The script goes, what somebody else put there stays; nothing else is left."""
        self.rpm("-e", "vtopo-libvirt")
        self.assertFalse(self.script.exists())
        self.rpm("-i", next((self.sources.top / "RPMS").glob("*/vtopo-libvirt-*.rpm")))
        self.script.parent.mkdir()
        self.script.write_text("#!/bin/sh\nexit 0\n")
        said = self.rpm("-e", *self.rpms)
        self.assertIn("is somebody else's", said)
        self.assertEqual(self.script.read_text(), "#!/bin/sh\nexit 0\n")
        shutil.rmtree(self.made)
        self.check_tree(self.before)


if __name__ == "__main__":
    bare.main()
