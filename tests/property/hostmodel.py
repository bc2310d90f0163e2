# SPDX-License-Identifier: GPL-2.0-or-later
"""
hostmodel.py - the host as the property tests see it

Takes:  what generate_host.py makes, or a copy of a sysfs tree.
Gives:  functions with their way up to the root complex, NUMA nodes; a host description for --host.
Rule:   answers questions about the host (which switch tree, which node) from the definitions of words alone.
Not here: what a guest should look like (checker.py).
"""


def bdf_text(bdf):
    return "%04x:%02x:%02x.%x" % tuple(bdf)


def bdf_parse(text):
    domain, bus, rest = text.split(":")
    slot, function = rest.split(".")
    return int(domain, 16), int(bus, 16), int(slot, 16), int(function, 16)


class Function:
    """One PCI function.  kind: endpoint, root, upstream, downstream or bridge."""

    def __init__(self, bdf, root, parent=None, kind="endpoint", class_code=0x020000, node=-1,
                 vendor=0x15b3, device=0x1017, **rest):
        self.bdf, self.root, self.parent, self.kind = bdf, root, parent, kind
        self.class_code, self.node, self.vendor, self.device = class_code, node, vendor, device
        self.physfn = rest.get("physfn")
        self.vfs = rest.get("vfs", 0)
        self.vfs_total = rest.get("vfs_total", self.vfs)
        self.iommu_group = rest.get("iommu_group", -1)
        self.driver = rest.get("driver")
        self.netdev = rest.get("netdev")
        self.bars = rest.get("bars", [])  # (number, size, io, wide, prefetch)

    def path(self):
        """The bridges above, topmost first."""
        above = []
        here = self.parent
        while here is not None:
            above.insert(0, here)
            here = here.parent
        return above

    def switches(self):
        """The upstream ports above, topmost first: each stands for its switch."""
        return [bridge for bridge in self.path() if bridge.kind == "upstream"]

    def tree(self):
        """The switch tree (the BDF of its topmost upstream port), or None."""
        switches = self.switches()
        return switches[0].bdf if switches else None


class Node:
    def __init__(self, number, cpus, memory_kib=0, distances=None):
        self.number, self.cpus, self.memory_kib = number, set(cpus), memory_kib
        self.distances = distances  # by node number; None: unknown


class Host:
    def __init__(self):
        self.functions = {}
        self.nodes = {}

    def add(self, function):
        if function.bdf in self.functions:
            raise ValueError("twice: " + bdf_text(function.bdf))
        self.functions[function.bdf] = function
        return function

    def endpoints(self):
        return [f for f in self.sorted() if f.kind == "endpoint"]

    def sorted(self):
        return [self.functions[bdf] for bdf in sorted(self.functions)]

    def node_of(self, function):
        """The node; on a host with one node or none it is that one, whatever the kernel says."""
        if not self.nodes:
            return 0
        if len(self.nodes) == 1:
            return next(iter(self.nodes))
        return function.node
