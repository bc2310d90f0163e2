# SPDX-License-Identifier: GPL-2.0-or-later
"""
hostmodel.py - the host as the property tests see it

Takes:  what generate_host.py makes, or a host description of the repository.
Gives:  functions with their way up to the root complex, NUMA nodes; a host description for --host.
Rule:   answers questions about the host (which switch tree, which node) from the definitions of words alone.
Not here: what a guest should look like (checker.py).
"""
import json


def bdf_text(bdf):
    return "%04x:%02x:%02x.%x" % tuple(bdf)


def bdf_parse(text):
    domain, bus, rest = text.split(":")
    slot, function = rest.split(".")
    return int(domain, 16), int(bus, 16), int(slot, 16), int(function, 16)


# Sources of assigned devices are BDFs, or one of these with a name.  They sort behind all BDFs.
MDEV, VDPA = 1 << 32, 1 << 33


def source_text(source):
    return bdf_text(source) if len(source) == 4 else "%s %s" % ("mdev" if source[0] == MDEV else "vdpa", source[1])


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
        self.mdevs = {}  # uuid: function
        self.vdpas = {}  # path below /dev: function

    def function_of(self, source):
        """The function that an assigned device is, or is made of; None if the host lacks it."""
        if len(source) == 4:
            return self.functions.get(source)
        return (self.mdevs if source[0] == MDEV else self.vdpas).get(source[1])

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
        if self.mdevs:
            content["mdevs"] = [{"uuid": uuid, "parent": bdf_text(self.mdevs[uuid].bdf)} for uuid in sorted(self.mdevs)]
        if self.vdpas:
            content["vdpas"] = [{"name": "vdpa%d" % number, "device": path.split("/")[-1],
                                 "parent": bdf_text(self.vdpas[path].bdf)}
                                for number, path in enumerate(sorted(self.vdpas))]
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

    def only(self, sources):
        """A smaller host: the functions of these devices and the bridges above them."""
        small = Host()
        small.nodes = self.nodes
        for source in sources:
            own = self.function_of(source)
            if len(source) == 2:
                (small.mdevs if source[0] == MDEV else small.vdpas)[source[1]] = own
            for function in [own, *own.path()]:
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


# --- the hosts in the repository

def id_list(text):
    found = set()
    for part in filter(None, text.split(",")):
        low, _, high = part.partition("-")
        found |= set(range(int(low), int(high or low) + 1))
    return found


def size_of(text):
    return int(text[:-1]) << {"K": 10, "M": 20, "G": 30, "T": 40}[text[-1]] if text[-1].isalpha() else int(text)


def read_bars(entries):
    return [(number, size_of(text.split()[-1]), text.startswith("io"), "mem64" in text, "prefetch" in text)
            for number, text in enumerate(entries) if text]


def read_description(path):
    """The host of a host description; what the checker has no use for is left out."""
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    host = Host()
    numbers = [entry["id"] for entry in content.get("nodes", [])]
    for entry in content.get("nodes", []):
        distances = dict(zip(numbers, entry["distances"])) if "distances" in entry else None
        host.nodes[entry["id"]] = Node(entry["id"], id_list(entry["cpus"]), entry.get("memory_kib", 0), distances)
    waiting = {entry["bdf"]: entry for entry in content["functions"]}

    def add(entry):
        bdf = bdf_parse(entry["bdf"])
        if bdf in host.functions:
            return host.functions[bdf]
        parent = add(waiting[entry["parent"]]) if "parent" in entry else None
        root = tuple(int(part, 16) for part in entry["root"].split(":")) if parent is None else parent.root
        return host.add(Function(bdf, root, parent=parent, kind=entry.get("port", "endpoint"),
                                 class_code=int(entry["class"], 16), node=entry.get("node", -1),
                                 vendor=int(entry["vendor"], 16), device=int(entry["device"], 16),
                                 physfn=bdf_parse(entry["physfn"]) if "physfn" in entry else None,
                                 iommu_group=entry.get("iommu_group", -1), driver=entry.get("driver"),
                                 netdev=entry.get("netdev"), bars=read_bars(entry.get("bars", []))))
    for entry in content["functions"]:
        add(entry)
    return host
