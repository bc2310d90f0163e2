#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_abi.py - what a release had is still there, with the same types and numbers

Takes:  the public headers and the shared library.
Gives:  exit status 1 and each line of the record that is no longer true.
Rule:   all structs are opaque, so functions with their types and versions, numbers of enums and macros are the whole
        binary interface.  What is new is fine.  --record FILE writes the record of a new release; the record of an
        older one is never changed.
"""
import argparse
import pathlib
import re
import subprocess
import sys

HEADER = "#include <vtopo/vtopo.h>\n"


def preprocess(arguments, *options):
    # Since C23, which newer compilers take for granted, bool is a word of the language and no macro.
    command = [arguments.cc, "-std=c17", "-E", "-P", *options, "-x", "c", *(f"-I{folder}" for folder in arguments.include), "-"]
    return subprocess.run(command, input=HEADER, stdout=subprocess.PIPE, text=True, check=True).stdout


def type_of(parameter):
    """A parameter without its name, which may change."""
    parameter = re.sub(r"\s*\*\s*", "*", " ".join(parameter.split()))
    return parameter if parameter == "void" else re.sub(r"(?<=[ *])\w+$", "", parameter).strip()


def functions(text, versions):
    """A line for each function: its type and the version of its symbol."""
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    for result, name, parameters in re.findall(r"(?<![\w,(*])([\w][\w\s*]*?)\b(vtopo_\w+)\(([^()]*)\)\s*(?=;)", text):
        types = ", ".join(type_of(parameter) for parameter in parameters.split(","))
        yield f"{type_of(result + ' x')} {name}({types}) {versions.get(name, 'NOT EXPORTED')}"


def numbers(text):
    """A line for each constant of an enum."""
    for match in re.finditer(r"\benum (vtopo_\w+) \{([^}]*)\}", text):
        value = -1
        for item in filter(None, (part.strip() for part in match.group(2).split(","))):
            name, _, given = (part.strip() for part in item.partition("="))
            value = int(given, 0) if given else value + 1
            yield f"enum {match.group(1)} {name} = {value}"


def macros(text):
    """A line for each macro with a value; versions are meant to change."""
    for name, value in re.findall(r"^#define (VTOPO_\w+) (.+)$", text, flags=re.M):
        if not name.startswith("VTOPO_VERSION"):
            yield f"macro {name} = {value}"


def symbol_versions(arguments):
    lines = subprocess.run([arguments.nm, "-D", "--defined-only", arguments.library], stdout=subprocess.PIPE, text=True,
                           check=True).stdout
    return {name: version for name, version in re.findall(r" T (vtopo_\w+)@@(\S+)$", lines, flags=re.M)}


def main():
    parser = argparse.ArgumentParser()
    for name in ("cc", "nm", "library"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--include", action="append", required=True)
    parser.add_argument("--record", type=pathlib.Path)
    arguments = parser.parse_args()
    text = preprocess(arguments)
    current = {*functions(text, symbol_versions(arguments)), *numbers(text), *macros(preprocess(arguments, "-dM"))}
    if len(current) < 100:
        sys.exit(f"only {len(current)} lines: the headers are not understood")
    if arguments.record:
        arguments.record.write_text("".join(line + "\n" for line in sorted(current)))
        return
    records = sorted(pathlib.Path(__file__).parent.glob("libvtopo-*.txt"))
    lost = [f"{record.stem}: {line}" for record in records
            for line in record.read_text().splitlines() if line not in current]
    lost += [f"declared and not exported: {line}" for line in current if line.endswith("NOT EXPORTED")]
    print("\n".join(lost))
    print(f"{len(current)} functions and numbers, {len(lost)} are not as in a release")
    sys.exit(1 if lost or not records else 0)


main()
