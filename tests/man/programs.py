# SPDX-License-Identifier: GPL-2.0-or-later
"""
programs.py - what --help says

Takes:  a program (from the environment: the build tells where it is).
Gives:  its options with the words of their arguments, its commands, its exit statuses.
"""
import itertools
import os
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]

# "  -o, --output=FILE   write...", "      --explain[=tree|json]  print...", "      --check   print...",
# "  -q, -v, --quiet, --verbose print..."
OPTION = re.compile(r"^  (?:    )?((?:-\w, )*)((?:--[\w-]+, )*--[\w-]+)(?:=(\S+)|\[=(\S+)\])?(?: |$)")


def help_of(variable):
    """Of a program, or of a command that has options of its own: "VTOPO_HOST place"."""
    name, *words = variable.split()
    return subprocess.run([os.environ[name], *words, "--help"], stdout=subprocess.PIPE, check=True, text=True).stdout


def options(variable):
    """{"--output": ("-o", "FILE")}; a word that may be left out is in brackets."""
    found = {}
    for line in help_of(variable).splitlines():
        match = OPTION.match(line)
        if match:
            shorts, names, word, optional = match.groups()
            for short, name in itertools.zip_longest(shorts.split(", ")[:-1], names.split(", ")):
                found[name] = (short, f"[{optional}]" if optional else word)
    assert found["--help"] == ("-h", None), "the pattern of an option does not fit --help any more"
    return found


def commands(variable):
    """The words behind "[OPTION...]" in the first lines: {"save": "FILE", "check": "[BDF...]", "report": "HOST..."}."""
    found = {}
    for line in help_of(variable).splitlines():
        match = re.match(r"(?:Usage|  or): +\S+ \[OPTION\.\.\.\] \[?(\w+)\]?(?: (\w+(?:\.\.\.)?|\[\w+(?:\.\.\.)?\]))?$", line)
        if match:
            found[match.group(1)] = match.group(2)
    return found


def statuses():
    """The library's codes with the sign turned, 0, 1, and 8, which is no failure either."""
    header = (SOURCE / "lib/include/vtopo/error.h").read_text(encoding="utf-8")
    return {0, 1, 8} | {int(code) for code in re.findall(r"#define VTOPO_ERR_\w+ \(-(\d+)\)", header)}
