#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Folders of lib/ include downwards only, as lib/CMakeLists.txt says, and no files include each other in a circle.

Argument: the project.  Prints every include that is not allowed, every circle, and what ARCHITECTURE.md does not say of
the folders as lib/CMakeLists.txt does, or says of files that are not there.  With --table it prints the table for it.
"""
import pathlib
import re
import sys


def rules(cmake):
    """{folder: the folders that it may include}, from the vtopo_folder() lines."""
    text = cmake.read_text()
    sets = {f"${{{name}}}": words.split() for name, words in re.findall(r"^set\((\w+) ([^)]*)\)", text, re.M)}
    found = {}
    for call in re.findall(r"^ *vtopo_folder\(([^)]*)\)", text, re.M):
        words = call.split()
        uses = words[words.index("USES") + 1:] if "USES" in words else []
        uses = uses[:uses.index("LIBRARIES")] if "LIBRARIES" in uses else uses
        found[words[0]] = {f for use in uses for f in sets.get(use, [use])}
    return found


def includes(lib):
    """{file: the files of lib/ that it includes}; public headers are left out."""
    found = {}
    for path in sorted([*lib.rglob("*.c"), *lib.rglob("*.h")]):
        name = str(path.relative_to(lib))
        if not name.startswith("include/"):
            found[name] = [i for i in re.findall(r'^#\s*include "([^"]+)"', path.read_text(), re.M)
                           if not i.startswith("vtopo/")]
    return found


def folder_of(name):
    return name.rsplit("/", 1)[0]


def upward(found, allowed):
    for name, names in found.items():
        for other in names:
            mine, theirs = folder_of(name), folder_of(other)
            if mine not in allowed:
                yield f"{name}: lib/CMakeLists.txt has no folder {mine}"
            elif theirs != mine and theirs not in allowed[mine]:
                yield f"{name} includes {other}, which {mine} may not"


def unit(name):
    """A .c and its .h are one."""
    return name.rsplit(".", 1)[0]


def circles(found):
    """Circles of units: NAME.c and NAME.h count as one."""
    edges = {}
    for name, names in found.items():
        edges.setdefault(unit(name), set()).update(unit(other) for other in names if unit(other) != unit(name))
    state, path = {}, []

    def visit(node):
        state[node] = "open"
        path.append(node)
        for other in sorted(edges.get(node, ())):
            if state.get(other) == "open":
                yield " -> ".join([*path[path.index(other):], other])
            elif other not in state:
                yield from visit(other)
        path.pop()
        state[node] = "done"

    for node in sorted(edges):
        if node not in state:
            yield from visit(node)


def reduced(allowed, folder):
    """What a folder may include, without what follows from the rest of it; "all" of plan/ is one word."""
    mine = set(allowed[folder])
    plan = {f for f in allowed if f.startswith("plan/")}
    words = ["plan/*"] if plan <= mine else []
    mine -= plan if words else set()
    return words + sorted(f for f in mine if not any(f in allowed[other] for other in mine))


def table(allowed):
    for folder in allowed:
        uses = ", ".join(f"`{f}`" for f in reduced(allowed, folder)) or "nothing"
        yield f"| `{folder}` | {uses} |"


def undocumented(top, allowed, found):
    """What ARCHITECTURE.md has not, or has and is not there."""
    text = (top / "ARCHITECTURE.md").read_text()
    yield from (f"ARCHITECTURE.md lacks the line: {line}" for line in table(allowed) if line not in text)
    for name in re.findall(r"`([\w/]+\.(?:c|h|def))`", text):
        if not any((top / folder / name).exists() for folder in ("lib", "lib/include", ".")):
            yield f"ARCHITECTURE.md names {name}, which is not there"
    for name in sorted(found):
        if name.startswith("plan/") and name.endswith(".c") and f"`{name}`" not in text:
            yield f"ARCHITECTURE.md does not name {name}"


def main():
    lib = pathlib.Path(sys.argv[1]) / "lib"
    found, allowed = includes(lib), rules(lib / "CMakeLists.txt")
    if len(found) < 50 or len(allowed) < 10:
        sys.exit("too few files or folders: is this the project?")
    if "--table" in sys.argv[2:]:
        print("\n".join(table(allowed)))
        return
    problems = [*upward(found, allowed), *(f"circle: {c}" for c in circles(found)),
                *undocumented(lib.parent, allowed, found)]
    print("\n".join(problems))
    print(f"{len(found)} files in {len(allowed)} folders, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
