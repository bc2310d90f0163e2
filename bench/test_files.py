#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_files.py - vtopo-xml reads no more of the host than the assigned devices need, and that once

Takes:  the program.
Gives:  a failure if a larger host makes it open other files, if a device more costs another number of them than the
        one before, if an attribute is opened or read twice, if more of config space is read than says what a port is,
        or if the host costs more system calls than it did.
Rule:   counts files, bytes and calls, with strace; never time.
"""
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import machines

# A card: its directory, uevent, numa_node, resource; its downstream port: directory, uevent, config; the directory of
# the IOMMU group.
PER_DEVICE = 4 + 3 + 1
# Eight cards, each below a root port and two switches: 1,600 calls when each attribute was read twice, all of config
# space, and each path from the root.  Who holds a card is one call of these.
DEEP_CALLS = 498
# Of a downstream port: the header, two capabilities as far as PCI Express, two extended ones as far as ACS.
DEEP_CONFIG = 64 + 2 * 4 + 2 * 8
CALLS = ("open,openat,openat2,readlink,readlinkat,stat,lstat,newfstatat,statx,fstat,access,faccessat,faccessat2,"
         "read,pread64,getdents64,close,fcntl,dup")
BY_NAME = ("open", "readlink", "stat", "lstat", "newfstatat", "statx", "fstat", "access", "faccessat")

Call = collections.namedtuple("Call", "name of result error opened")


def calls(program, host, domain, trace, *options):
    """What it did below the host, in order."""
    subprocess.run(["strace", "-f", "-y", "-o", trace, "-e", "trace=" + CALLS, program, *options, "--host", host, domain],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
                   env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    lines = [line.replace(host, "HOST") for line in pathlib.Path(trace).read_text(encoding="utf-8").splitlines()
             if host in line]
    return [Call(line.split("(")[0].split()[-1],
                 re.findall(r'(?<=\()(?:AT_FDCWD|\d+)<[^>]*>|"[^"]*"', line),
                 re.search(r" = (-?\d+)", line).group(1),
                 re.search(r" = -1 (\w+)|$", line).group(1),
                 re.search(r" = \d+<(.*)>$|$", line).group(1))
            for line in lines]


def named_calls(trace):
    """Files and directories by their names: the rest only goes on with what is open."""
    return [call for call in trace if call.name.startswith(BY_NAME)]


def count_opened(trace):
    """Files and directories, without those that are not there."""
    return sum(call.name.startswith("open") and not call.error for call in trace)


def file_of(call):
    """The path of an open file, "" where it is none."""
    return re.sub(r"^\d+<(.*)>$", r"\1", call.of[0]) if call.of and "<" in call.of[0] else ""


def count_reads(trace):
    """{file: (reads, bytes)} of attributes"""
    found = collections.defaultdict(lambda: (0, 0))
    for call in trace:
        if call.name in ("read", "pread64") and "/devices/" in file_of(call):
            reads, size = found[file_of(call)]
            found[file_of(call)] = (reads + 1, size + max(0, int(call.result)))
    return found


def check(holds, what):
    print(("good: " if holds else "WRONG: ") + what)
    return holds


def check_deep(trace):
    reads = count_reads(trace)
    config = {path: size for path, (_, size) in reads.items() if path.endswith("/config")}
    opened = collections.Counter(call.opened for call in trace if call.opened)
    twice = [path for path, (count, _) in reads.items() if count > 1 and not path.endswith("/config")]
    good = check(len(trace) <= DEEP_CALLS, f"eight cards below two switches each cost at most {DEEP_CALLS} calls below "
                 f"the host: {len(trace)}")
    good &= check(len(config) == 16, f"of 40 bridges config space is read where a downstream port is: {len(config)}")
    good &= check(set(config.values()) == {DEEP_CONFIG}, f"and {DEEP_CONFIG} bytes of it: {sorted(set(config.values()))}")
    good &= check(len(reads) > 60 and not twice, f"each of {len(reads)} attributes is read once: {twice[:3]}")
    good &= check(not any(call.name in ("fstat", "newfstatat") for call in trace[1:]), "nobody asks for their status")
    good &= check(max(size for _, size in reads.values()) <= 512, "and none has more than 512 bytes read")
    again = [path for path, count in opened.items() if count > 1]
    return good & check(len(opened) > 100 and not again, f"none of {len(opened)} files and directories is opened twice: "
                        f"{again[:3]}")


def main():
    program = sys.argv[1]
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="vtopo-files-", dir=memory) as work:

        def trace_of(name, tree, addresses, *counts, options=()):
            """What is done for domains of so many of the host's devices."""
            host, domain = os.path.join(work, name), os.path.join(work, "domain.xml")
            tree.write(host)
            traces = []
            for count in counts:
                pathlib.Path(domain).write_text(machines.domain(addresses[:count]), encoding="utf-8")
                traces.append(calls(program, host, domain, os.path.join(work, "trace"), *options))
            return traces

        def named_calls_of(cards, functions, *counts, options=()):
            traces = trace_of(str(functions), *machines.host(cards, functions), *counts, options=options)
            return [named_calls(trace) for trace in traces]

        [small], [large] = named_calls_of(8, 100, 4), named_calls_of(8, 2000, 4)
        opened = [count_opened(trace) for trace in named_calls_of(16, 200, 3, 4, 5, 6, 7, 8)]
        more = [b - a for a, b in zip(opened, opened[1:])]
        closely = [count_opened(trace) for trace in named_calls_of(16, 300, 3, 4, 5, 6, 7, 8, options=["--explain"])]
        more_closely = [b - a for a, b in zip(closely, closely[1:])]
        [deep] = trace_of("deep", *machines.deep_host(), 8)
    good = check(len(small) > 50, f"the trace shows how the host is read ({len(small)} calls)")
    good &= check(small == large, "a host of 2,000 functions is asked for the same as one of 100: "
                  f"{len(small)} and {len(large)} calls")
    good &= check(more == [PER_DEVICE] * len(more), f"each device costs {PER_DEVICE} files more: {more}")
    good &= check(len(set(more_closely)) == 1 and more_closely[0] > PER_DEVICE,
                  f"each device costs the same with --explain, too: {more_closely}")
    good &= check_deep(deep)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
