#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
suites.py - has each source file a unit suite?

Takes:  the sources of the library, the suites of tests/unit, and tests/unit/covered, which has a line
        "FILE SUITE..." for each file without a suite of its own that others cover.
Gives:  a line for each file of FOLDERS that nothing covers, and for each line of "covered" that is wrong.
Rule:   the suite of lib/FOLDER/NAME.c is tests/unit/test_NAME.c.

usage: tests/core/suites.py TOP
"""
import pathlib
import sys

FOLDERS = ("attach", "base", "check", "draw", "model", "peer", "place", "plan", "prepare")  # the rest is tested through its interface, or by programs


def covered(top):
    """{file: its suites} of tests/unit/covered."""
    lines = (pathlib.Path(top) / "tests/unit/covered").read_text().splitlines()
    words = [line.split() for line in lines if line and not line.startswith("#")]
    return {first: rest for first, *rest in words}


def has(top, suite):
    return (pathlib.Path(top) / f"tests/unit/{suite}.c").exists()


def of(top, path):
    """The suites that test a file, the best one first."""
    own = "test_" + pathlib.PurePath(path).stem
    return [own] if has(top, own) else covered(top).get(str(path), [])


def problems(top):
    files = {str(f.relative_to(top)) for n in FOLDERS for f in (pathlib.Path(top) / "lib" / n).rglob("*.c")}
    for path in sorted(files):
        if not of(top, path):
            yield f"{path}: has no suite tests/unit/test_{pathlib.PurePath(path).stem}.c, and tests/unit/covered none"
    for path, suites in sorted(covered(top).items()):
        if path not in files:
            yield f"tests/unit/covered: there is no {path}"
        if has(top, "test_" + pathlib.PurePath(path).stem):
            yield f"tests/unit/covered: {path} has a suite of its own"
        for suite in suites:
            if not has(top, suite):
                yield f"tests/unit/covered: there is no {suite}, which {path} names"


def main():
    found = list(problems(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
