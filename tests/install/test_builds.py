#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_builds.py - builds that leave something out, or put it in other folders

Takes:  the compiler and CMake.
Rule:   every build rewrites a domain, and a program of others is built with what it installs.
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
HOST, DOMAIN = SOURCE / "examples/hosts/two-dpu.json", SOURCE / "tests/domains/small.xml"
SPEC = """cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
- name: "0"
  annotations: {bdf: "0000:41:00.0", clique-id: "1"}
"""
ARGUMENTS = None


def run(*command, status=0, **rest):
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            check=False, **rest)
    if result.returncode != status:
        raise AssertionError(f"{' '.join(map(str, command))}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout, result.stderr


class Builds(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-builds-"))
        self.addCleanup(shutil.rmtree, self.work)
        self.build, self.root = self.work / "build", self.work / "root"

    def make(self, *settings):
        run(ARGUMENTS.cmake, "-S", SOURCE, "-B", self.build, "-G", ARGUMENTS.generator, "-DBUILD_TESTING=OFF",
            "-DVTOPO_WERROR=ON", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O0 -g0",
            f"-DCMAKE_C_COMPILER={ARGUMENTS.cc}", *settings)
        run(ARGUMENTS.cmake, "--build", self.build, "--parallel", str(os.cpu_count() or 1))
        run(ARGUMENTS.cmake, "--install", self.build, env={**os.environ, "DESTDIR": str(self.root)})

    def needed(self, libdir):
        """The libraries that the installed one needs."""
        output, _ = run(ARGUMENTS.readelf, "-d", self.root / libdir.strip("/") / "libvtopo.so")
        return re.findall(r"NEEDED.*\[(lib\w+)", output)

    def check_use(self, prefix, libdir):
        """A program of others is built with pkg-config's file and rewrites."""
        inside = self.root / libdir.strip("/")
        settings, _ = run("pkg-config", "--cflags", "--libs", "libvtopo", env={
            **os.environ, "PKG_CONFIG_SYSROOT_DIR": str(self.root), "PKG_CONFIG_PATH": str(inside / "pkgconfig")})
        program = self.work / "rewrite"
        run(ARGUMENTS.cc, "-o", program, SOURCE / "examples/library/rewrite.c", *settings.split())
        with open(DOMAIN, encoding="utf-8") as file:
            output, _ = run(program, HOST, stdin=file, env={**os.environ, "LD_LIBRARY_PATH": str(inside)})
        program = self.root / prefix.strip("/") / "bin/vtopo-xml"
        self.assertEqual(output, run(program, "--quiet", "--host", HOST, DOMAIN)[0])
        self.assertIn("ua-vtopo-", output)

    def test_without_cdi_and_with_an_absolute_libdir(self):
        self.make("-DVTOPO_CDI=OFF", "-DCMAKE_INSTALL_PREFIX=/opt/vtopo", "-DCMAKE_INSTALL_LIBDIR=/usr/lib/vtopo64")
        self.assertNotIn("libyaml", self.needed("/usr/lib/vtopo64"))
        self.check_use("/opt/vtopo", "/usr/lib/vtopo64")
        text = (self.root / "usr/lib/vtopo64/pkgconfig/libvtopo.pc").read_text(encoding="utf-8")
        self.assertIn("prefix=/opt/vtopo\nlibdir=/usr/lib/vtopo64\nincludedir=${prefix}/include\n", text)
        targets = (self.root / "usr/lib/vtopo64/cmake/vtopo/vtopoTargets.cmake").read_text(encoding="utf-8")
        self.assertIn('"/opt/vtopo"', targets)

        folder = self.work / "cdi"
        folder.mkdir()
        (folder / "gpu.yaml").write_text(SPEC)
        program = self.root / "opt/vtopo/bin/vtopo-xml"
        output, message = run(program, "--host", HOST, "--cdi-dir", folder, DOMAIN, status=6)
        self.assertEqual(output, "")
        self.assertEqual(message, f"vtopo-xml: {folder}/gpu.yaml: this vtopo is built without CDI\n")

    def test_without_libpci_and_sidecar_and_with_a_deeper_libdir(self):
        self.make("-DVTOPO_LIBPCI=OFF", "-DVTOPO_SIDECAR=OFF", "-DCMAKE_INSTALL_PREFIX=/usr", "-DCMAKE_INSTALL_LIBDIR=lib/x86_64-linux-gnu")
        self.assertNotIn("libpci", self.needed("/usr/lib/x86_64-linux-gnu"))
        self.assertIn("libyaml", self.needed("/usr/lib/x86_64-linux-gnu"))
        self.check_use("/usr", "/usr/lib/x86_64-linux-gnu")
        output, _ = run(self.root / "usr/bin/vtopo-host", "devices", "--host", HOST)
        self.assertRegex(output, r"(?m) 8086:[0-9a-f]{4}$")


def main():
    global ARGUMENTS
    parser = argparse.ArgumentParser()
    for name in ("cmake", "generator", "cc", "readelf"):
        parser.add_argument("--" + name, required=True)
    ARGUMENTS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
