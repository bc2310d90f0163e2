#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_links.py - with --links host the guest's ports say what the host's links are

Takes:  golden cases that mirror switches; QEMU 10 of a Debian 13 root (tests/tools/make-root).
Gives:  for SeaBIOS and OVMF a guest of each: every port of vtopo's says its host link, and NCCL's
        arithmetic gives each pair of devices what it gives them on the host.
Rule:   only where that root cannot be fetched the test is skipped (status 77), and says why; any other failure to make
        it fails the test.
Not here: topology without links (test_guest_decides.py).

usage: test_links.py --program PATH --root DIR [--firmware seabios|ovmf] [CASE...]
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(REAL), str(REAL.parent / "golden")]
import compare  # noqa: E402
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import nccl_paths  # noqa: E402
import verdicts  # noqa: E402
import run as golden  # noqa: E402
from nccl_paths import split_link  # noqa: E402

SKIPPED = 77
NOT_FETCHED = 75  # of make-root
PACKAGES = ["qemu-system-x86", "ovmf", "seabios"]
# golden case, mode: how many devices must be compared
CASES = {("hgx8-switch", "switch"): 16, ("nested-exact", "exact"): 7}
MACHINE = re.compile(rb"machine=(['\"])(pc-q35-[0-9.]+|q35)\1")
SECONDS = 300

# QEMU of the root sees that root's /usr, with its libraries, modules and firmware, and all else of this machine.
EMULATOR = """#!/bin/sh
exec unshare -m sh -c 'mount --rbind "$0/usr" /usr && exec /usr/bin/qemu-system-x86_64 "$@"' {root} "$@"
"""


def make_root(root):
    tool = REAL.parent / "tools" / "make-root"
    result = subprocess.run(["sh", str(tool), "trixie", root] + PACKAGES, stderr=subprocess.PIPE,
                            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)
    if result.returncode == NOT_FETCHED:
        print("skipped: no QEMU 10: " + result.stderr.strip())
        sys.exit(SKIPPED)
    if result.returncode:
        sys.exit("no QEMU 10: " + result.stderr.strip())


def write_emulator(work, root):
    path = os.path.join(work, "qemu-10")
    with open(path, "w", encoding="utf-8") as file:
        file.write(EMULATOR.format(root=root))
    os.chmod(path, 0o755)
    return path


class Ports:
    """What the ports of a guest say, and what the links of its host are."""

    def __init__(self, host):
        self.host = host

    def ports(self, seen):
        """Ports of ours carry the BDF of what is below them in their name."""
        checked = 0
        for name, device in seen.by_id().items():
            found = re.match(r"ua-vtopo-(rp|up|dp)-(\w{4,8})-(\w\w)-(\w\w)-(\w)(-up)?$", name)
            if not found:
                continue
            below = "%s:%s:%s.%s" % found.group(2, 3, 4, 5)
            want = self.link_of_host(below)
            if split_link(device.link) != want:
                yield "%s (%s) says %r, and the host's link at %s is %r" % (
                    device.bdf, name, device.link, below, want)
            checked += 1
        if not checked:
            yield "no port was checked"

    def link_of_host(self, bdf):
        """Of both ends of the link above a function."""
        function = self.host.functions[bdf]
        links = [split_link(f.get("link_max"))
                 for f in (function, self.host.functions[function["parent"]])]
        return nccl_paths.least(links)


class Case(Ports):
    """A golden case as QEMU 10 runs it."""

    def __init__(self, virt, program, name, mirror, emulator):
        case = golden.Case(golden.GOLDEN / name)
        self.name = "%s %s" % (name, mirror)
        super().__init__(hostfacts.Host(case.host))
        source = MACHINE.sub(rb"machine='pc-q35-10.0'", (case.folder / case.domain).read_bytes())
        source = re.sub(rb"<emulator>[^<]*<", b"<emulator>%s<" % emulator.encode(), source)
        result = subprocess.run(
            [program, "-q", "--host", str(case.host), "--mirror", mirror, "--links", "host"],
            input=source, capture_output=True)
        if result.returncode:
            raise guest.GuestError(result.stderr.decode())
        self.dump = virt.define_and_dump(libvirt.for_this_machine(result.stdout.decode()))
        copy, self.names = domaincopy.copy(self.dump)
        self.arguments = virt.native(copy)

    def boot(self, firmware):
        stand_ins = {i: guest.stands_for(name) for i, name in self.names.items()}
        return guest.boot(self.arguments, firmware, stand_ins, SECONDS)

    def problems(self, firmware):
        seen = self.boot(firmware)
        ours = compare.placed(ET.fromstring(self.dump))
        found = seen.by_id()
        mapped = {name: found[i] for i, name in self.names.items() if name in ours}
        yield from ("%s is not in the guest" % n for i, n in self.names.items() if i not in found)
        yield from self.ports(seen)
        yield from self.pairs(seen, mapped)
        if len(mapped) != CASES[tuple(self.name.split(" "))]:
            yield "%d devices compared" % len(mapped)

    def pairs(self, seen, mapped):
        """What stands in for an assigned device has a link of its own; the real one has the host's."""
        ends = {device.bdf: name for name, device in mapped.items()}

        def in_guest(bdf):
            if bdf in ends:
                return in_host(self.host.function(ends[bdf]))
            return split_link(seen.devices[bdf].link)

        def in_host(bdf):
            return split_link(self.host.functions[bdf].get("link_max"))

        names = sorted(mapped)
        for place, one in enumerate(names):
            for other in names[place + 1:]:
                if self.host.card(one) == self.host.card(other):
                    continue
                want = nccl_paths.pair(self.host.way(one), self.host.way(other), in_host)
                have = nccl_paths.pair(mapped[one].path, mapped[other].path, in_guest)
                if want != have:
                    yield "host %s and %s: NCCL has %s in the guest, %s on the host" % (
                        one, other, have, want)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--root", required=True, help="where the root is made, or is already")
    parser.add_argument("--firmware", choices=("seabios", "ovmf"))
    arguments = parser.parse_args()
    root = os.path.abspath(arguments.root)
    make_root(root)
    guest.OVMF = [(root + "/usr/share/OVMF/OVMF_CODE_4M.fd", root + "/usr/share/OVMF/OVMF_VARS_4M.fd")]
    firmwares = [arguments.firmware] if arguments.firmware else ["seabios", "ovmf"]
    with tempfile.TemporaryDirectory(prefix="vtopo-links-") as work, libvirt.Libvirt() as virt:
        emulator = write_emulator(work, root)
        cases = [Case(virt, os.path.abspath(arguments.program), *case, emulator) for case in CASES]
        jobs = {"%s, %s" % (case.name, firmware): (case, firmware) for case in cases for firmware in firmwares}
        verdicts.exit_with_all(list(jobs), lambda job: list(jobs[job][0].problems(jobs[job][1]))[:20])


if __name__ == "__main__":
    main()
