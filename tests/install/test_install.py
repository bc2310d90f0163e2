#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_install.py - install, build with what is installed, take it away again

Takes:  a build, its prefix and compiler.
Rule:   everything happens below a DESTDIR.  What must be there is read from the source tree, so that a new header,
        schema, example or page is looked for without a change here.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Folders that a system has before anything is installed: they stay.
STANDING = ["bin", "etc", "include", "lib", "libexec", "sbin", "share/doc", "share/man", "src"]
ARGUMENTS = None


def run(*command, **rest):
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, check=False, **rest)
    if result.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}:\n{result.stdout}{result.stderr}")
    return result.stdout


def below(folder, pattern="**/*"):
    """Files below a folder of the source tree."""
    return [path.relative_to(SOURCE / folder) for path in (SOURCE / folder).glob(pattern) if path.is_file()]


def headers():
    """The public headers: HEADER.h.in is where HEADER.h is made from."""
    return [pathlib.Path(str(path).removesuffix(".in")) for path in below("lib/include")]


def expected():
    lib = ARGUMENTS.lib
    major, version = "0", re.search(r"VERSION (\d+\.\d+\.\d+)", (SOURCE / "CMakeLists.txt").read_text()).group(1)
    files = {"bin/vtopo-xml", "bin/vtopo-host", "bin/vtopo-compare", "bin/vtopo-guest", "bin/vtopo-define", "bin/vtopod", "lib/systemd/system/vtopod.service", f"{ARGUMENTS.lib}/vtopo/vtopo-owners.so", "bin/vtopo-qemu-hook", "bin/vtopo-sidecar",
             "libexec/vtopo/onDefineDomain", "share/vtopo/50-vtopo", "lib/systemd/system/vtopo-guest.service",
             f"{lib}/libvtopo.so", f"{lib}/libvtopo.so.{major}", f"{lib}/libvtopo.so.{version}",
             f"{lib}/pkgconfig/libvtopo.pc", f"{lib}/cmake/vtopo/vtopoConfig.cmake",
             f"{lib}/cmake/vtopo/vtopoConfigVersion.cmake", f"{lib}/cmake/vtopo/vtopoTargets.cmake",
             f"{lib}/cmake/vtopo/vtopoTargets-{ARGUMENTS.type.lower() or 'noconfig'}.cmake", "share/doc/vtopo/hooks/README.md"}
    files |= {f"include/{path}" for path in headers()}
    files |= {f"share/vtopo/schemas/{path}" for path in below("schemas")}
    files |= {f"share/doc/vtopo/examples/{path}" for path in below("examples") if path.name not in ("try", "make-image")}
    files |= {f"share/doc/vtopo/hooks/{path}" for name in ("ovirt", "cloudstack", "opennebula", "selinux") for path in below("hooks", f"{name}/*")}
    files |= {f"share/doc/vtopo/{name}" for name in ("LICENSE", "NEWS", "README.md")}
    files |= {f"share/bash-completion/completions/{path}" for path in below("cmd/completion", "*")}
    files |= {f"share/zsh/site-functions/{path}" for path in below("cmd/completion/zsh")}
    files |= {f"share/fish/vendor_completions.d/{path}" for path in below("cmd/completion/fish")}
    for folder in ("cmd", "hooks") if ARGUMENTS.scdoc == "1" else ():
        for page in below(folder, "*.scd"):
            files.add(f"share/man/man{page.stem[-1]}/{page.stem}")
    if ARGUMENTS.scdoc == "1":
        files |= {"share/man/man7/vtopo-findings.7", "share/man/man1/vtopo-compare.1", "share/man/man8/vtopo-qemu-hook.8"}
    return files


class Installed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp(prefix="vtopo-install-")
        cls.root = pathlib.Path(cls.work, "root")
        cls.prefix = cls.root / ARGUMENTS.prefix.strip("/")
        for folder in STANDING:
            (cls.prefix / folder).mkdir(parents=True)
        (cls.prefix / "share/doc/other").write_text("")
        cls.before = cls.tree()
        cls.environment = {**os.environ, "DESTDIR": str(cls.root)}
        run(ARGUMENTS.cmake, "--install", ARGUMENTS.build, env=cls.environment)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.work)

    @classmethod
    def tree(cls):
        return sorted(str(path.relative_to(cls.root)) for path in cls.root.glob("**/*"))

    def config(self, *options):
        below = self.root in self.prefix.parents
        return run("pkg-config", *options, "libvtopo", env={
            **os.environ, "PKG_CONFIG_SYSROOT_DIR": str(self.root) if below else "",
            "PKG_CONFIG_PATH": str(self.prefix / ARGUMENTS.lib / "pkgconfig")}).split()

    def compile(self, output, *sources):
        run(ARGUMENTS.cc, *ARGUMENTS.flags, "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", *self.config("--cflags"),
            "-o", output, *sources, *self.config("--libs"))

    def test_1_files(self):
        found = {str(path.relative_to(self.prefix)) for path in self.prefix.glob("**/*") if not path.is_dir()}
        self.assertEqual(found - {"share/doc/other"}, expected())
        everything = {path for path in self.root.glob("**/*") if not path.is_dir()}
        self.assertEqual(len(everything), len(found), "something is installed beside the prefix")

    def test_1_links_and_paths_in_documents(self):
        for page in (self.prefix / "share/doc/vtopo").glob("**/*.md"):
            text = page.read_text(encoding="utf-8")
            for link in re.findall(r"\]\((?!\w+:)([^)#]+)", text):
                self.assertTrue((page.parent / link).exists(), f"{page}: {link}")
            for path in re.findall(r"/[\w/.-]*(?:libexec|share)/vtopo/[\w/.-]*\w", text):
                self.assertTrue((self.root / path[1:]).exists(), f"{page}: {path}")
        script = (self.prefix / "share/vtopo/50-vtopo").read_text(encoding="utf-8")
        self.assertIn(f'"{ARGUMENTS.prefix}/bin/vtopo-qemu-hook"', script)

    def test_2_a_program_of_others(self):
        program = pathlib.Path(self.work, "use")
        self.compile(program, SOURCE / "tests/install/use.c")
        host, domain = SOURCE / "examples/hosts/two-dpu.json", SOURCE / "tests/domains/small.xml"
        library = {**os.environ, "LD_LIBRARY_PATH": str(self.prefix / ARGUMENTS.lib)}
        output = run(program, host, domain, env=library)
        self.assertIn("ua-vtopo-", output)
        self.assertEqual(output, run(self.prefix / "bin/vtopo-xml", "--quiet", "--host", host, domain))

    def check_example(self, *command, **environment):
        """An example gives what vtopo-xml gives, and reports errors as it does."""
        host, domain = SOURCE / "examples/hosts/two-dpu.json", SOURCE / "tests/domains/small.xml"
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.prefix / ARGUMENTS.lib), **environment}
        with open(domain, encoding="utf-8") as file:
            output = run(*command, host, env=environment, stdin=file)
        self.assertEqual(output, run(self.prefix / "bin/vtopo-xml", "--quiet", "--host", host, domain))
        bad = subprocess.run([*map(str, command), str(host)], input="<domain>", capture_output=True, text=True,
                             check=False, env=environment)
        self.assertEqual((bad.returncode, bad.stdout), (3, ""))
        self.assertRegex(bad.stderr, r"^rewrite: domain:1: .*\n$")

    def examples(self):
        return self.prefix / "share/doc/vtopo/examples/library"

    def test_2_the_example_in_c_with_pkg_config(self):
        program = pathlib.Path(self.work, "rewrite")
        self.compile(program, self.examples() / "rewrite.c")
        self.check_example(program)

    def build_with_cmake(self, prefix, name):
        """The example, built with the package that is below @prefix."""
        build = pathlib.Path(self.work, name)
        flags = " ".join(ARGUMENTS.flags)
        run(ARGUMENTS.cmake, "-S", prefix / "share/doc/vtopo/examples/library", "-B", build, "-G", ARGUMENTS.generator,
            f"-DCMAKE_PREFIX_PATH={prefix}", f"-Dvtopo_DIR={prefix / ARGUMENTS.lib / 'cmake/vtopo'}",
            f"-DCMAKE_C_COMPILER={ARGUMENTS.cc}", f"-DCMAKE_C_FLAGS={flags}")
        run(ARGUMENTS.cmake, "--build", build)
        return build / "rewrite"

    def test_2_the_example_in_c_with_cmake(self):
        self.check_example(self.build_with_cmake(self.prefix, "cmake"))

    def test_2_another_minor_version_is_not_found(self):
        with self.assertRaisesRegex(AssertionError, 'requested version "0.2"'):
            project = pathlib.Path(self.work, "newer")
            project.mkdir()
            (project / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(newer LANGUAGES C)\n"
                                                    "find_package(vtopo 0.2 REQUIRED)\n")
            run(ARGUMENTS.cmake, "-S", project, "-B", project / "build", "-G", ARGUMENTS.generator,
                f"-Dvtopo_DIR={self.prefix / ARGUMENTS.lib / 'cmake/vtopo'}", f"-DCMAKE_C_COMPILER={ARGUMENTS.cc}")

    def test_2_the_example_in_python(self):
        preload = {}
        if ARGUMENTS.flags:  # the interpreter has no sanitizer: it must be there before the library
            preload = {"LD_PRELOAD": run(ARGUMENTS.cc, "-print-file-name=libasan.so").strip(),
                       "ASAN_OPTIONS": "detect_leaks=0"}
        self.check_example(sys.executable, self.examples() / "rewrite.py", **preload)

    def test_5_moved(self):
        """What others build with goes with the tree (test_builds.py: absolute folders)."""
        moved, old = pathlib.Path(self.work, "moved"), self.prefix
        shutil.copytree(self.prefix, moved, symlinks=True)
        hidden = self.prefix.rename(self.prefix.with_name("hidden"))
        try:
            type(self).prefix = moved
            program = pathlib.Path(self.work, "moved-rewrite")
            self.compile(program, self.examples() / "rewrite.c")
            self.check_example(program)
            self.check_example(self.build_with_cmake(moved, "moved-cmake"))
        finally:
            type(self).prefix = old
            hidden.rename(old)

    def test_3_our_programs_need_nothing_that_is_not_public(self):
        for name, *more in (("vtopo-xml", "help_finding.c", "make_plan.c", "quote.c", "blocked_signals.c", "write_file.c",
                             "policy_options.c", "print_findings.c", "xml_options.c", "xml_output.c"),
                            ("vtopo-host", "compare.c", "host_place.c", "host_prepare.c", "host_report.c", "owned_devices.c", "blocked_signals.c", "write_file.c"),
                            ("vtopo-compare", "compare.c"), ("vtopo-guest", "compare.c")):
            self.compile(pathlib.Path(self.work, name), '-DVTOPO_SYSCONFDIR="/etc"', '-DVTOPO_MODULES="."', "-I", SOURCE / "lib",
                         SOURCE / "cmd" / f"{name}.c", SOURCE / "cmd/common.c", SOURCE / "cmd/terminal.c",
                         *(SOURCE / "lib/base" / f"{file}.c" for file in ("buffer", "error", "mem", "printable", "readall", "readfile", "utf8", "wrap")),
                         *(SOURCE / "cmd" / file for file in more))

    def test_4_headers_in_c_and_cxx(self):
        include = self.prefix / "include"
        for header in headers():
            for compiler, language in ((ARGUMENTS.cc, ("-x", "c", "-std=c11")), ("g++", ("-x", "c++", "-std=c++11"))):
                run(compiler, *language, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", include,
                    include / header)

    def test_5_symbols(self):
        listed = re.findall(r"^    (\w+);$", (SOURCE / "lib/libvtopo.map").read_text(), flags=re.M)
        self.assertEqual(listed, sorted(listed))
        lines = run(ARGUMENTS.nm, "-D", "--defined-only", self.prefix / ARGUMENTS.lib / "libvtopo.so").split("\n")
        exported = {line.split()[-1].split("@")[0] for line in lines if " T " in line or " D " in line}
        self.assertEqual(exported, set(listed))
        declared = "".join((self.prefix / "include" / header).read_text() for header in headers())
        functions = set(re.findall(r"\b(vtopo_\w+)\((?!\))", re.sub(r"/\*.*?\*/", "", declared, flags=re.S)))
        self.assertEqual(functions, set(listed))

    def test_5_the_part_for_guests(self):
        """Two programs, the unit and its page, which "uninstall" takes away, too."""
        root = pathlib.Path(self.work, "guest")
        prefix = root / ARGUMENTS.prefix.strip("/")
        environment = {**os.environ, "DESTDIR": str(root)}
        run(ARGUMENTS.cmake, "--install", ARGUMENTS.build, "--component", "guest", env=environment)
        files = ["bin/vtopo-compare", "bin/vtopo-guest", "lib/systemd/system/vtopo-guest.service"]
        files += ["share/man/man8/vtopo-guest.8"] * (ARGUMENTS.scdoc == "1")
        self.assertEqual(sorted(str(path.relative_to(prefix)) for path in root.glob("**/*") if path.is_file()), files)
        self.assertIn(f"\nExecStart={ARGUMENTS.prefix}/bin/vtopo-guest\n", (prefix / files[2]).read_text(encoding="utf-8"))
        manifest = pathlib.Path(self.work, "build")
        manifest.mkdir()
        shutil.copy(pathlib.Path(ARGUMENTS.build, "install_manifest_guest.txt"), manifest)
        run(ARGUMENTS.cmake, "-D", f"BUILD={manifest}", "-D", f"PREFIX={ARGUMENTS.prefix}", "-P",
            SOURCE / "cmd/uninstall.cmake", env=environment)
        self.assertEqual([path for path in root.glob("**/*") if path.is_file()], [])

    def test_6_uninstall(self):
        run(ARGUMENTS.cmake, "--build", ARGUMENTS.build, "--target", "uninstall", env=self.environment)
        self.assertEqual(self.tree(), self.before)


def main():
    global ARGUMENTS
    parser = argparse.ArgumentParser()
    parser.add_argument("--type", default="")
    parser.add_argument("--generator", required=True)
    for name in ("build", "prefix", "lib", "cmake", "cc", "nm", "scdoc"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--flags", type=str.split, default=[])
    ARGUMENTS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
