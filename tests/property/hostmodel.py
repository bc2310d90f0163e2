# SPDX-License-Identifier: GPL-2.0-or-later
"""
hostmodel.py - the host as the property tests see it

Takes:  what generate_host.py makes, or a copy of a sysfs tree.
Gives:  functions with their way up to the root complex, NUMA nodes; a host description for --host.
Rule:   answers questions about the host (which switch tree, which node) from the definitions of words alone.
Not here: what a guest should look like (checker.py).
"""
import json
import os


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

    # --- a host description (schemas/host.schema.json)

    def description(self):
        """The JSON text for --host."""
        content = {"vtopo_host": 1}
        if self.nodes:
            content["nodes"] = [self.node_entry(self.nodes[number]) for number in sorted(self.nodes)]
        content["functions"] = [self.function_entry(function) for function in self.sorted()]
        return json.dumps(content, indent=1) + "\n"

    def node_entry(self, node):
        entry = {"id": node.number, "cpus": ",".join(map(str, sorted(node.cpus)))}
        if node.memory_kib:
            entry["memory_kib"] = node.memory_kib
        if node.distances:
            entry["distances"] = [node.distances[number] for number in sorted(self.nodes)]
        return entry

    @staticmethod
    def function_entry(function):
        entry = {"bdf": bdf_text(function.bdf)}
        if function.parent is None:
            entry["root"] = "%04x:%02x" % function.root
        else:
            entry["parent"] = bdf_text(function.parent.bdf)
        if function.kind != "endpoint":
            entry["port"] = function.kind
        entry.update({"class": "0x%06x" % function.class_code, "vendor": "0x%04x" % function.vendor,
                      "device": "0x%04x" % function.device})
        for key, value, absent in (("node", function.node, -1), ("iommu_group", function.iommu_group, -1),
                                   ("vfs", function.vfs, 0), ("vfs_total", function.vfs_total, 0),
                                   ("driver", function.driver, None), ("netdev", function.netdev, None)):
            if value != absent:
                entry[key] = value
        if function.physfn:
            entry["physfn"] = bdf_text(function.physfn)
        if function.bars:
            bars = [None] * (1 + max(bar[0] for bar in function.bars))
            for number, size, io, wide, prefetch in function.bars:
                kind = "io" if io else "mem64" if wide else "mem"
                bars[number] = kind + (" prefetch " if prefetch else " ") + size_text(size)
            entry["bars"] = bars
        return entry

    def only(self, bdfs):
        """A smaller host: these functions and the bridges above them."""
        small = Host()
        small.nodes = self.nodes
        for bdf in bdfs:
            for function in [self.functions[bdf], *self.functions[bdf].path()]:
                small.functions[function.bdf] = function
                if function.physfn in self.functions:
                    small.functions[function.physfn] = self.functions[function.physfn]
        return small


def size_text(size):
    for unit in ("", "K", "M", "G", "T"):
        if size % 1024 or unit == "T":
            return "%d%s" % (size, unit)
        size //= 1024
    raise ValueError(size)


# --- a copy of a sysfs tree

def read_text(*parts):
    try:
        with open(os.path.join(*parts), encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None


def port_kind(path, class_code, parent):
    """From the PCI Express capability; where config space is cut short, from the place."""
    if class_code >> 8 != 0x0604:
        return "endpoint"
    with open(os.path.join(path, "config"), "rb") as file:
        config = file.read()
    at = config[0x34] if len(config) > 64 else 0
    while at and at + 3 < len(config):
        if config[at] == 0x10:
            return {4: "root", 5: "upstream", 6: "downstream"}.get(config[at + 2] >> 4, "bridge")
        at = config[at + 1]
    if len(config) > 64:
        return "bridge"
    return {None: "root", "root": "upstream", "upstream": "downstream", "downstream": "upstream"}.get(
        parent.kind if parent else None, "bridge")


def read_cpus(text):
    cpus = set()
    for part in filter(None, (text or "").split(",")):
        low, _, high = part.partition("-")
        cpus |= set(range(int(low), int(high or low) + 1))
    return cpus


def read_sysfs(root):
    """The host of a sysfs tree (or a copy of one)."""
    host = Host()
    devices = os.path.join(root, "bus/pci/devices")
    chains = {}
    for name in os.listdir(devices):
        path = os.path.realpath(os.path.join(devices, name))
        chains[name] = (path, [part for part in path.split("/") if part.count(":") == 2 and "." in part],
                        [part for part in path.split("/") if part.startswith("pci") and ":" in part][-1])
    for name in sorted(chains, key=lambda name: len(chains[name][1])):
        path, chain, top = chains[name]
        domain = bdf_parse(name)[0]
        above = [bdf_parse(part) for part in chain[:-1] if bdf_parse(part)[0] == domain]
        parent = host.functions[above[-1]] if above else None
        code = int(read_text(path, "class"), 16)
        physfn = os.path.join(path, "physfn")
        physfn = bdf_parse(os.path.basename(os.readlink(physfn))) if os.path.islink(physfn) else None
        host.add(Function(bdf_parse(name), tuple(int(n, 16) for n in top[3:].split(":")), parent=parent,
                          kind=port_kind(path, code, parent), class_code=code, physfn=physfn,
                          node=int(read_text(path, "numa_node") or -1),
                          vendor=int(read_text(path, "vendor"), 16), device=int(read_text(path, "device"), 16)))
    nodes = os.path.join(root, "devices/system/node")
    numbers = sorted(int(n[4:]) for n in os.listdir(nodes) if n[:4] == "node" and n[4:].isdigit()) \
        if os.path.isdir(nodes) else []
    for number in numbers:
        base = os.path.join(nodes, "node%d" % number)
        row = [int(text) for text in (read_text(base, "distance") or "").split()]
        host.nodes[number] = Node(number, read_cpus(read_text(base, "cpulist")), 0,
                                  dict(zip(numbers, row)) if len(row) == len(numbers) else None)
    return host
