#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_grace.py - guests of Grace hosts: nodes that only a GPU initiates for, an expander and an SMMU for each GPU

Takes:  this machine's libvirt (12.7 or later) and QEMU (11 or later); the kernel, busybox and firmware of test_aarch64.py;
        examples/hosts/gh200.json and gb200.json.
Gives:  domains that vtopo-xml has rewritten, in the booted guest: all pairs of devices as on the host; as many nodes without
        memory and CPUs as the GPUs have on the host, as far from the CPUs and from each other as there; each GPU on its
        CPUs' node, and alone behind an SMMU where that is asked for.  Of more nodes than the kernel has room for (16 in
        Debian's) it has the first ones, and those of the CPUs are among them.
Rule:   Linux numbers nodes in the order of the SRAT, which is for initiators that of a hash of QEMU's: so distances tell
        which cell one is.  Emulated devices stand for the assigned ones, and QEMU's own SMMU for the host's.
Exit:   77, and a line "skipped:", if this QEMU is older: "sh tests/generation forky" has one that is new enough.

usage: test_grace.py --program PATH --packages DIR [ROW...]
"""

import argparse
import collections
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

REAL = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "tools")]
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import run as golden  # noqa: E402
import test_aarch64  # noqa: E402
import test_whole_hosts  # noqa: E402
import verdicts  # noqa: E402

ROOM = 16  # CONFIG_NODES_SHIFT=4
EACH = 8   # nodes of a GPU
POLICY = {"qemu_version": "11.1", "libvirt_version": "12.7"}


@dataclasses.dataclass(frozen=True)
class Row:
    host: str
    mirror: str
    without: tuple = ()  # devices that the guest does not get
    made: bool = False   # vtopo makes the cells of the CPUs, too
    smmu: bool = False


ROWS = {
    "one GPU": Row("gh200", "switch"),
    "one GPU, cells made": Row("gh200", "root", made=True),
    "two GPUs, an SMMU for each": Row("gb200", "numa", ("0009:01:00.0", "0019:01:00.0"), smmu=True),
}


def without_cells(text):
    """The domain before anybody gave it any."""
    text = re.sub(r"(?s) *<numatune>.*?</numatune>\n", "", text)
    return re.sub(r"(?s)<cpu ([^>]*)>\s*<numa>.*?</cpu>", r"<cpu \1/>", text)


def rewrite(program, row, text):
    policy = dict(POLICY, smmu="accel" if row.smmu else "off")
    words = ["--cells", "make"] if row.made else []
    if row.smmu:
        text = text.replace("<driver name='vfio'/>", "<driver iommufd='yes'/>")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(policy, file)
        file.flush()
        return subprocess.run([program, "--host", str(golden.host_file(row.host)), "--config", file.name, "--mirror", row.mirror,
                               *words], input=text, capture_output=True, text=True, timeout=60, check=True).stdout


def wanted(row, gpus):
    """Distances of the guest's nodes: of the CPUs' nodes to each other, and for every node of a GPU those to the CPUs."""
    nodes = json.loads(golden.host_file(row.host).read_text(encoding="utf-8"))["nodes"]
    cpus = [node for node in nodes if node["cpus"]]
    near = {node["id"]: min(cpus, key=lambda cpu, at=place: cpu["distances"][at])["id"] for place, node in enumerate(nodes)}
    mine = []
    for cpu in cpus:
        own = [node for node in nodes if node.get("initiator") and near[node["id"]] == cpu["id"]]
        mine += own[:EACH * list(gpus.values()).count(cpu["id"])]
    places = [nodes.index(cpu) for cpu in cpus]
    return ([[cpu["distances"][at] for at in places] for cpu in cpus],
            collections.Counter(tuple(node["distances"][at] for at in places) for node in mine))


def check_nodes(now, row, gpus):
    """What the CPUs' nodes say of all others is what the host's say, in some order."""
    between, have_to = wanted(row, gpus)
    nodes, first = now.cells[0], len(between)
    total = first + sum(have_to.values())
    if len(nodes) != min(total, ROOM):
        yield "%d nodes, not %d" % (len(nodes), min(total, ROOM))
        return
    empty = [node for node, (memory, cpus, _) in nodes.items() if not memory and not cpus]
    if len(empty) != len(nodes) - first or min(empty) != first:
        yield "nodes without memory and CPUs are %s" % sorted(empty)
    for near in (lambda cpu, node: nodes[cpu][2][node], lambda cpu, node: nodes[node][2][cpu]):
        have = collections.Counter(tuple(near(cpu, node) for cpu in range(first)) for node in empty)
        if have != have_to if total <= ROOM else have - have_to:
            yield "nodes without memory have the distances %s, not %s" % (dict(have), dict(have_to))
    if [[nodes[one][2][other] for other in range(first)] for one in range(first)] != between:
        yield "the CPUs' nodes are %s apart" % [nodes[one][2][:first] for one in range(first)]
    if any(nodes[one][2][other] != (10 if one == other else 255) for one in empty for other in empty):
        yield "nodes without memory are not as far from each other as on the host"


def check_smmus(now, names, row, gpus):
    found = now.by_id()
    alone = [[found[i].bdf] for i, name in names.items() if row.smmu and name in gpus]
    if sorted(now.iommus.values()) != sorted(alone):
        yield "behind SMMUs are %s, not %s" % (sorted(now.iommus.values()), sorted(alone))


class Judge:
    def __init__(self, virt, program):
        self.virt, self.program = virt, program

    def __call__(self, name):
        row = ROWS[name]
        host = hostfacts.Host(golden.host_file(row.host))
        for bdf in row.without:
            del host.functions[bdf]
        gpus = {bdf: host.node(bdf) for bdf in test_whole_hosts.whole_guest(host) if host.is_coherent_gpu(bdf)}

        def more(now, dump, names):
            yield from check_nodes(now, row, gpus)
            yield from check_smmus(now, names, row, gpus)
            if rewrite(self.program, row, dump) != dump:
                yield "rewriting libvirt's dump changes it"

        return test_whole_hosts.judge(self.virt, row.host, host, "aavmf", row.mirror,
                                      lambda text: rewrite(self.program, row, without_cells(text) if row.made else text),
                                      more)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--packages", required=True, type=pathlib.Path)
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()
    if libvirt.qemu_major() < 11:
        print("skipped: QEMU %d has no SMMU for each expander (sh tests/generation forky has)" % libvirt.qemu_major())
        sys.exit(77)
    test_aarch64.fetch_guest(arguments.packages.resolve())
    with libvirt.Libvirt() as virt:
        verdicts.exit_with_all(arguments.rows or list(ROWS), Judge(virt, os.path.abspath(arguments.program)))


if __name__ == "__main__":
    main()
