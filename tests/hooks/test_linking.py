#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_linking.py - what runs for every start of a guest has few shared libraries to load

Takes:  programs into which libxml2 was linked (arguments).
Gives:  a failure for a program that needs another shared library than libc, libm and those of sanitizers.
"""
import re
import subprocess
import sys

ALLOWED = re.compile(r"lib(c|m|gcc_s|asan|ubsan|lsan|clang_rt\.\w+)(-\w+)?\.so(\.\d+)?|ld-linux[\w-]*\.so\.\d+")

assert len(sys.argv) > 1
for program in sys.argv[1:]:
    dynamic = subprocess.run(["readelf", "--dynamic", "--wide", program], stdout=subprocess.PIPE, check=True, text=True).stdout
    needed = re.findall(r"\(NEEDED\) .*\[(.*)\]", dynamic)
    assert needed, f"{program} needs no shared library at all?"
    more = [name for name in needed if not ALLOWED.fullmatch(name)]
    if more:
        sys.exit(f"{program} needs {', '.join(more)}")
