#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clang builds the programs without a warning, and what it builds gives the bytes of the golden cases.

Arguments: the project, cmake.
"""
import pathlib
import subprocess
import sys
import tempfile


def main():
    top, cmake = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory() as build:
        for command in ([cmake, "-S", top, "-B", build, "-G", "Ninja", "-D", "CMAKE_C_COMPILER=clang",
                         "-D", "VTOPO_WERROR=ON", "-D", "BUILD_TESTING=OFF"], [cmake, "--build", build]):
            result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode:
                sys.exit(result.stdout[-5000:] + result.stderr)
        result = subprocess.run([sys.executable, top / "tests/golden/run.py", "--program", f"{build}/cmd/vtopo-xml"])
        sys.exit(result.returncode)


main()
