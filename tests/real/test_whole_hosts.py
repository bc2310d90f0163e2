#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_whole_hosts.py - all GPUs and NICs of a host in one guest, with --mirror exact

Takes:  host descriptions of the project, and, where they are, the sysfs trees of HOSTS in
        ../shared/hosts beside it.
Gives:  for SeaBIOS and OVMF: whether every pair of devices is related in the booted guest as it is
        on the host: the same host bridge or another one, the common switch, how many switches each
        is below it; every device on its node's cell, and in the order of the host; all others
        where the input has them.
Rule:   the host is read here from the description or from the tree's links and configuration
        space, not by vtopo.  The domain is defined by libvirt first, and its dump rewritten.

usage: test_whole_hosts.py --program PATH [--firmware seabios|ovmf] [HOST...]
"""

import argparse
import collections
import functools
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
TOP = REAL.parents[1]
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "tools")]
import compare  # noqa: E402
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import make_domain  # noqa: E402
import run as golden  # noqa: E402

OWN = ["deep-switches"]
RECORDED = ["dgx-a100", "epyc-nps4-mi100"]
SHARED = TOP.parent / "shared" / "hosts"
EMPTY_POLICY = str(TOP / "tests/cli/empty-policy.json")
SECONDS = 400
# 3D and display controllers, network controllers, NVSwitches
CLASSES = ("0302", "0380", "0200", "0207", "0680")


class Tree(hostfacts.Host):
    """A host read from a sysfs tree."""

    def __init__(self, root):
        self.functions, self.nodes, self.parents = {}, {}, {}
        for link in sorted(pathlib.Path(root, "bus/pci/devices").iterdir()):
            self.functions[link.name] = self.function_at(link)
        for node in pathlib.Path(root, "devices/system/node").glob("node[0-9]*"):
            self.nodes[int(node.name[4:])] = hostfacts.id_set((node / "cpulist").read_text().strip())

    @staticmethod
    def function_at(link):
        path = link.resolve()
        function = {"class": (path / "class").read_text().strip(),
                    "node": int((path / "numa_node").read_text())}
        above = path.parent.name
        if above.startswith("pci"):
            function["root"] = above[3:]
        else:
            function["parent"] = above
        if (path / "physfn").exists():
            function["physfn"] = (path / "physfn").resolve().name
        if Tree.port_type((path / "config").read_bytes()) == 5:
            function["port"] = "upstream"
        return function

    @staticmethod
    def port_type(config):
        """Device/Port Type of the PCI Express capability, or None."""
        at = config[0x34]
        while at and at + 3 < len(config):
            if config[at] == 0x10:
                return config[at + 2] >> 4
            at = config[at + 1]
        return None


def whole_guest(host):
    """The devices that the guest gets."""
    return [bdf for bdf, function in host.functions.items()
            if function["class"][2:6] in CLASSES and "physfn" not in function]


def rewrite(program, path, mirror, text):
    result = subprocess.run(
        [program, "--host", str(path), "--config", EMPTY_POLICY, "--mirror", mirror],
        input=text, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 0:
        raise guest.GuestError("vtopo-xml: status %d: %s" % (result.returncode, result.stderr))
    return result.stdout


def pairs(mapped):
    """How many pairs are related how, for people."""
    names = sorted(mapped)
    counts = collections.Counter(
        compare.guest_relation(mapped[a], mapped[b])
        for i, a in enumerate(names) for b in names[i + 1:])
    return ", ".join("%d in %s" % (n, what) for what, n in counts.most_common())


def no_stand_ins(names):
    return {}, ()


def judge(virt, name, host, firmware, mirror, change, more=lambda now, dump, names: (), stand_ins=no_stand_ins):
    """
    @change     makes the output of the input that libvirt has dumped
    @more       further problems, of the guest, libvirt's dump of the output, and its devices' names
    @stand_ins  what stands for devices of these names, and QEMU's arguments for that
    """
    devices = whole_guest(host)
    nodes = sorted({host.node(bdf) for bdf in devices})
    before = virt.define_and_dump(make_domain.domain(nodes, devices, firmware))
    dump = virt.define_and_dump(change(before))
    flat = guest.boot(virt.native(domaincopy.copy(before)[0]), firmware, seconds=SECONDS)
    copy, names = domaincopy.copy(dump)
    arguments = virt.native(copy)
    assigned, words = stand_ins(names)
    now = guest.boot(arguments, firmware, assigned, seconds=SECONDS, more=words)
    ids = [d["id"] for d in guest.pci_devices(guest.pairs(arguments))]
    problems = compare.check(now, flat, dump, host, mirror, ids, names)
    found = now.by_id()
    ours = compare.placed(ET.fromstring(dump))
    mapped = {name: found[i] for i, name in names.items() if name in ours and i in found}
    problems += more(now, dump, names)
    if sorted(mapped) != sorted(devices):
        problems.append("%d of %d devices are placed" % (len(mapped), len(devices)))
    print("%-16s %-8s %s %.0f s, %.0f s: %d devices; %s" % (
        name, firmware, "differs" if problems else "ok", flat.seconds, now.seconds,
        len(mapped), pairs(mapped)), flush=True)
    return problems


def hosts(names, work):
    """(path for vtopo, host)"""
    for name in names or OWN + RECORDED:
        archive = SHARED / (name + ".tar.gz")
        if name not in RECORDED:
            path = golden.host_file(name)
            yield path, hostfacts.Host(path)
        elif not SHARED.is_dir() and not names:
            print("skipped: %s, because %s is not beside the project" % (name, SHARED))
        else:
            path = pathlib.Path(work, name)
            with tarfile.open(archive) as tar:
                tar.extractall(path)
            yield path, Tree(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_XML"))
    parser.add_argument("--firmware", choices=("seabios", "ovmf"))
    parser.add_argument("hosts", nargs="*")
    arguments = parser.parse_args()
    if not arguments.program:
        sys.exit("no program: give --program or VTOPO_XML")
    program = os.path.abspath(arguments.program)
    failed = 0
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="vtopo-hosts-", dir=memory) as work:
        for path, host in hosts(arguments.hosts, work):
            for firmware in [arguments.firmware] if arguments.firmware else ["seabios", "ovmf"]:
                with libvirt.Libvirt() as virt:
                    try:
                        problems = judge(virt, path.stem, host, firmware, "exact",
                                         functools.partial(rewrite, program, path, "exact"))
                    except (guest.GuestError, libvirt.Error) as error:
                        problems = ["%s, %s: %s" % (path.name, firmware, error)]
                failed += bool(problems)
                for problem in problems:
                    print("    " + re.sub("\n", "\n    ", problem))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
