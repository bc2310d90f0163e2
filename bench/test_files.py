#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_files.py - vtopo-xml opens only the files of the host that the assigned devices need

Takes:  the program.
Gives:  a failure if a larger host makes it open other files, or if a device more costs another number of them than
        the one before.
Rule:   counts files, with strace; never time.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import machines

# A card, its downstream port: class, vendor, device, numa_node, resource or config; two directories and the directory of
# the IOMMU group, each opened by its path; the group's directory once more, to list it.
PER_DEVICE = 2 * 5 + 2 + 2
CALLS = "open,openat,openat2,readlink,readlinkat,stat,lstat,newfstatat,statx,access,faccessat,faccessat2"


def calls(program, host, domain, trace, *options):
    """What it asked for below the host, in order: (call, names, error)."""
    subprocess.run(["strace", "-f", "-y", "-o", trace, "-e", "trace=" + CALLS, program, *options, "--host", host, domain],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
                   env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    lines = pathlib.Path(trace).read_text(encoding="utf-8").splitlines()
    return [(line.split("(")[0].split()[-1],  # the call
             re.findall(r'(?<=\()(?:AT_FDCWD|\d+)<[^>]*>|"[^"]*"', line.replace(host, "HOST")),  # of what
             re.search(r" = -1 (\w+)|$", line).group(1))  # error
            for line in lines if host in line]


def count_opened(asked):
    """Files and directories, without those that are not there and questions to open ones (fstat)."""
    return sum(call.startswith("open") and not error for call, _, error in asked)


def check(holds, what):
    print(("good: " if holds else "WRONG: ") + what)
    return holds


def main():
    program = sys.argv[1]
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="vtopo-files-", dir=memory) as work:

        def ask(cards, functions, *counts, options=()):
            """What is asked for domains of so many of the host's devices."""
            host, domain = os.path.join(work, str(functions)), os.path.join(work, "domain.xml")
            tree, addresses = machines.host(cards, functions)
            tree.write(host)
            traces = []
            for count in counts:
                pathlib.Path(domain).write_text(machines.domain(addresses[:count]), encoding="utf-8")
                traces.append(calls(program, host, domain, os.path.join(work, "trace"), *options))
            return traces

        [small], [large] = ask(8, 100, 4), ask(8, 2000, 4)
        opened = [count_opened(trace) for trace in ask(16, 200, 3, 4, 5, 6, 7, 8)]
        more = [b - a for a, b in zip(opened, opened[1:])]
        closely = [count_opened(trace) for trace in ask(16, 300, 3, 4, 5, 6, 7, 8, options=["--explain"])]
        more_closely = [b - a for a, b in zip(closely, closely[1:])]
    good = check(len(small) > 50, f"the trace shows how the host is read ({len(small)} calls)")
    good &= check(small == large, "a host of 2,000 functions is asked for the same as one of 100: "
                  f"{len(small)} and {len(large)} calls")
    good &= check(more == [PER_DEVICE] * len(more), f"each device costs {PER_DEVICE} files more: {more}")
    good &= check(len(set(more_closely)) == 1 and more_closely[0] > PER_DEVICE,
                  f"each device costs the same with --explain, too: {more_closely}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
