#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clang-tidy finds nothing in lib, cmd and hooks with the checks of .clang-tidy.

Arguments: the project, the build folder with compile_commands.json.
"""
import json
import os
import pathlib
import subprocess
import sys


def sources(top, build):
    """What is compiled; another compiler's commands are good enough for the checks."""
    commands = json.loads((build / "compile_commands.json").read_text())
    files = {str(pathlib.Path(c["directory"], c["file"]).resolve()) for c in commands}
    return sorted(f for f in files if f.startswith(tuple(f"{top}/{folder}/" for folder in ("lib", "cmd", "hooks"))))


def main():
    top, build = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    files = sources(top, build)
    if len(files) < 50:
        sys.exit("too few files: is this the project?")
    parts = [files[i::os.cpu_count() or 1] for i in range(os.cpu_count() or 1)]
    running = [subprocess.Popen(["clang-tidy", "-p", build, "--quiet", *part], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True) for part in parts if part]
    failed = False
    for process in running:
        output, _ = process.communicate()
        failed = failed or process.returncode != 0
        print(output if process.returncode else "", end="")
    print(f"{len(files)} files")
    sys.exit(failed)


main()
