#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every C file is as .clang-format has it, and no line is longer than 100 columns, one message string excepted.

Arguments: the project, clang-format.  Skipped (status 77) where clang-format is not version 14, whose output it is:
others break a few lines otherwise.  Debian 12 has version 14, so there it fails without it.
"""
import pathlib
import re
import subprocess
import sys

FOLDERS = ["lib", "cmd", "hooks", "tests", "bench", "examples"]
COLUMNS = 100


def files(top):
    return sorted(p for f in FOLDERS for p in (top / f).rglob("*.[ch]") if not any(
        part.startswith("build") for part in p.relative_to(top).parts))


def too_long(path):
    """A line that is longer may hold one string literal, and what closes the call."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if len(line) > COLUMNS and not re.search(r'"', line):
            yield f"{path}:{number}: {len(line)} columns"


def is_debian_12():
    try:
        words = pathlib.Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    return "ID=debian" in words and 'VERSION_ID="12"' in words


def main():
    top, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    sources = files(top)
    if len(sources) < 100:
        sys.exit("too few files: is this the project?")
    problems = [problem for path in sources for problem in too_long(path)]
    print("\n".join(problems))
    try:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except OSError:
        version = ""
    if "version 14." not in version:
        print("skipped: clang-format 14 is not there")
        sys.exit(1 if problems or is_debian_12() else 77)
    result = subprocess.run([program, "--dry-run", "-Werror", *map(str, sources)], cwd=top)
    sys.exit(1 if problems or result.returncode else 0)


main()
