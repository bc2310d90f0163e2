#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_grace.py - guests as GPUs of Grace hosts need them: nodes that only a GPU initiates for, an SMMU for each

Takes:  this machine's libvirt (11.10 or later) and QEMU (11 or later); the kernel, busybox and firmware of test_aarch64.py.
Gives:  of domains made by hand, in the booted guest: every GPU on the node of its CPUs and behind an SMMU of its own; as
        many nodes without memory and CPUs as cells, each as far from the CPUs as its cell is.  Of more nodes
        than the kernel has room for (16 in Debian's) it has the first ones, and those of the CPUs are among them.
Rule:   Linux numbers nodes in the order of the SRAT, which is for initiators that of a hash of QEMU's: so distances tell
        which cell one is.
Exit:   77, and a line "skipped:", if this QEMU is older: "sh tests/generation forky" has one that is new enough.

usage: test_grace.py --packages DIR [ROW...]
"""

import argparse
import collections
import pathlib
import sys

REAL = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "tools")]
import domaincopy  # noqa: E402
import guest  # noqa: E402
import libvirt  # noqa: E402
import test_aarch64  # noqa: E402
import verdicts  # noqa: E402

DOMAIN = """<domain type='qemu'>
  <name>grace</name>
  <memory unit='MiB'>1024</memory>
  <vcpu placement='static'>4</vcpu>
  <os firmware='efi'>
    <type arch='aarch64' machine='virt'>hvm</type>
  </os>
  <features>
    <acpi/>
    <gic version='3'/>
  </features>
  <cpu mode='maximum'>
    <numa>
%s    </numa>
  </cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-aarch64</emulator>
    <controller type='pci' index='0' model='pcie-root'>
      <pcihole64 unit='GiB'>1024</pcihole64>
    </controller>
%s    <serial type='pty'/>
  </devices>
</domain>
"""
CPU_CELL = "      <cell id='%d' cpus='%s' memory='512' unit='MiB'>\n        <distances>%s</distances>\n      </cell>\n"
GPU_CELL = "      <cell id='%d' memory='0' unit='MiB'>\n        <distances>%s</distances>\n      </cell>\n"
GPU = """    <controller type='pci' index='{expander}' model='pcie-expander-bus'>
      <target busNr='{number}'>
        <node>{cell}</node>
      </target>
    </controller>
    <controller type='pci' index='{port}' model='pcie-root-port'>
      <address type='pci' domain='0' bus='{expander}' slot='0' function='0'/>
    </controller>
    <hostdev mode='subsystem' type='pci' managed='no'>
      <driver name='vfio'/>
      <source>
        <address domain='{host}' bus='0x01' slot='0x00' function='0x0'/>
      </source>
      <acpi nodeset='{first}-{last}'/>
      <address type='pci' domain='0' bus='{port}' slot='0' function='0'/>
    </hostdev>
    <iommu model='smmuv3'>
      <driver pciBus='{expander}'/>
    </iommu>
"""
CPUS = 2  # cells with CPUs, and as many GPUs
ROOM = 16  # CONFIG_NODES_SHIFT=4
# row: nodes of a GPU
ROWS = {"7 nodes for each GPU": 7, "8 nodes for each GPU": 8}


def socket_of(cell, each):
    return cell if cell < CPUS else (cell - CPUS) // each


def distance(one, other, each):
    """As a GH200 with two modules has them."""
    near = socket_of(one, each) == socket_of(other, each)
    if one == other:
        return 10
    if max(one, other) < CPUS:
        return 40
    if min(one, other) < CPUS:
        return 80 if near else 120
    return 11 if near else 160


def domain(each):
    total = CPUS * (1 + each)
    distances = ["".join("<sibling id='%d' value='%d'/>" % (other, distance(one, other, each)) for other in range(total))
                 for one in range(total)]
    cells = [CPU_CELL % (cell, "%d-%d" % (2 * cell, 2 * cell + 1), distances[cell]) if cell < CPUS else
             GPU_CELL % (cell, distances[cell]) for cell in range(total)]
    gpus = [GPU.format(expander=1 + 2 * n, port=2 + 2 * n, number=64 + 64 * n, cell=n, host="0x%04x" % (9 + 16 * n),
                       first=CPUS + each * n, last=CPUS + each * n + each - 1) for n in range(CPUS)]
    return DOMAIN % ("".join(cells), "".join(gpus))


def check_nodes(now, each):
    """What the CPUs' nodes say of all others is what the cells say, in some order."""
    nodes = now.cells[0]
    total = CPUS * (1 + each)
    if len(nodes) != min(total, ROOM):
        yield "%d nodes, not %d" % (len(nodes), min(total, ROOM))
        return
    empty = [node for node, (memory, cpus, _) in nodes.items() if not memory and not cpus]
    if len(empty) != len(nodes) - CPUS or min(empty) != CPUS:
        yield "nodes without memory and CPUs are %s" % sorted(empty)
    have = collections.Counter(tuple(nodes[node][2][other] for node in range(CPUS)) for other in empty)
    want = collections.Counter(tuple(distance(node, cell, each) for node in range(CPUS)) for cell in range(CPUS, total))
    if have != want if total <= ROOM else have - want:
        yield "nodes without memory have the distances %s, not %s" % (dict(have), dict(want))
    if [nodes[0][2][1], nodes[1][2][0]] != [40, 40]:
        yield "the CPUs' nodes are %d apart" % nodes[0][2][1]


def check_gpus(now, names):
    found = now.by_id()
    gpus = sorted((name, found[i]) for i, name in names.items())
    for cell, (name, device) in enumerate(gpus):
        if device.node != cell:
            yield "%s (host %s) is on node %d, not %d" % (device.bdf, name, device.node, cell)
        behind = [below for below in now.iommus.values() if device.bdf in below]
        if behind != [[device.bdf]]:
            yield "%s is not alone behind an SMMU: %s" % (device.bdf, now.iommus)


def judge(virt, row):
    copy, names = domaincopy.copy(virt.define_and_dump(domain(ROWS[row])))
    now = guest.boot(virt.native(copy), "aavmf", seconds=240)
    yield from check_nodes(now, ROWS[row])
    yield from check_gpus(now, names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", required=True, type=pathlib.Path)
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()
    if libvirt.qemu_major() < 11:
        print("skipped: QEMU %d has no SMMU for each expander (sh tests/generation forky has)" % libvirt.qemu_major())
        sys.exit(77)
    test_aarch64.fetch_guest(arguments.packages.resolve())
    with libvirt.Libvirt() as virt:
        verdicts.exit_with_all(arguments.rows or list(ROWS), lambda row: judge(virt, row))


if __name__ == "__main__":
    main()
