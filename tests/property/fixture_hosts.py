# SPDX-License-Identifier: GPL-2.0-or-later
"""
fixture_hosts.py - the host that the hand-written cases in fixtures/ run on

Two nodes.  Node 0: a switch with a GPU (03:00.0) and a two-port NIC (04:00), and a GPU alone (05:00.0).
Node 1: a GPU with audio (81:00), and a switch (41) with a GPU (44:00.0) beside a second switch (45) with two
NVMe disks (46:00.0, 47:00.0).
"""
from hostmodel import Function, Host, Node

GPU, AUDIO, NIC, NVME, PORT = 0x030200, 0x040300, 0x020000, 0x010802, 0x060400


def make():
    host = Host()
    distances = {0: {0: 10, 1: 21}, 1: {0: 21, 1: 10}}
    host.nodes = {node: Node(node, range(4 * node, 4 * node + 4), 1 << 24, distances[node]) for node in (0, 1)}

    def add(bus, slot, function, parent, kind="endpoint", code=PORT, root=(0, 0), node=0):
        return host.add(Function((0, bus, slot, function), root, parent=parent, kind=kind, class_code=code, node=node,
                                 iommu_group=len(host.functions), vendor=0x10DE if code in (GPU, AUDIO) else 0x15B3))
    port = add(0x00, 1, 0, None, "root")
    switch = add(0x01, 0, 0, port, "upstream")
    add(0x03, 0, 0, add(0x02, 0, 0, switch, "downstream"), code=GPU)
    down = add(0x02, 1, 0, switch, "downstream")
    add(0x04, 0, 0, down, code=NIC)
    add(0x04, 0, 1, down, code=NIC)
    add(0x05, 0, 0, add(0x00, 3, 0, None, "root"), code=GPU)
    far = {"root": (0, 0x40), "node": 1}
    switch = add(0x41, 0, 0, add(0x40, 1, 0, None, "root", **far), "upstream", **far)
    add(0x44, 0, 0, add(0x42, 0, 0, switch, "downstream", **far), code=GPU, **far)
    inner = add(0x45, 0, 0, add(0x42, 4, 0, switch, "downstream", **far), "upstream", **far)
    add(0x46, 0, 0, add(0x43, 0, 0, inner, "downstream", **far), code=NVME, **far)
    add(0x47, 0, 0, add(0x43, 1, 0, inner, "downstream", **far), code=NVME, **far)
    far = {"root": (0, 0x80), "node": 1}
    port = add(0x80, 1, 0, None, "root", **far)
    add(0x81, 0, 0, port, code=GPU, **far)
    add(0x81, 0, 1, port, code=AUDIO, **far)
    return host
