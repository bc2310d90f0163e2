# SPDX-License-Identifier: GPL-2.0-or-later
"""
hostfacts.py - what a host description promises about the places of devices

Takes:  a host description (schemas/host.schema.json) and a domain.
Gives:  the way from the root complex to a device's function, its node, the cell that node maps to.
Rule:   straight from the words of the contract; shares nothing with vtopo.
Not here: the guest (compare.py).
"""

import json
import re


def id_set(text):
    """"0-3,8" as a set."""
    result = set()
    for part in filter(None, (text or "").replace(" ", "").split(",")):
        first, _, last = part.partition("-")
        result |= set(range(int(first), int(last or first) + 1))
    return result


COHERENT_GPUS = {("0x10de", device) for device in ("0x2342", "0x2345", "0x2348", "0x2941", "0x31c2")}


class Host:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            description = json.load(file)
        self.functions = {f["bdf"]: f for f in description["functions"]}
        self.nodes = {n["id"]: id_set(n.get("cpus")) for n in description.get("nodes", [])}
        self.parents = {"mdev " + m["uuid"]: m["parent"] for m in description.get("mdevs", [])}
        self.parents.update({"vdpa /dev/" + v["device"]: v["parent"]
                             for v in description.get("vdpas", []) if "device" in v})

    def function(self, name):
        """The BDF of the function whose place a device takes (names: domaincopy.host_name)."""
        if name.startswith("disk "):
            return name.split(" ")[1]
        return self.parents.get(name, name)

    def way(self, name):
        """The root complex, then the bridges down to the function, itself last."""
        bdf = self.function(name)
        result = [bdf]
        function = self.functions[bdf]
        while "parent" in function:
            result.insert(0, function["parent"])
            function = self.functions[function["parent"]]
        return ["pci" + function["root"]] + result

    def switches(self, name):
        """The upstream ports above, from the root down: one for each switch."""
        return [b for b in self.way(name)[1:-1] if self.functions[b].get("port") == "upstream"]

    def node(self, name):
        node = self.functions[self.function(name)].get("node", -1)
        if node < 0 and len(self.nodes) <= 1:
            return 0
        return node

    def is_coherent_gpu(self, name):
        """A GPU of Grace Hopper or Grace Blackwell, whose memory the processors reach."""
        function = self.functions.get(name, {})
        return (function.get("vendor"), function.get("device")) in COHERENT_GPUS

    def ids(self, name):
        function = self.functions[name]
        return "%s:%s" % (function["vendor"][2:], function["device"][2:])

    def card(self, name):
        """Functions of one slot are one card; whatever else is one of its own."""
        if self.function(name) != name or "physfn" in self.functions[name]:
            return name
        return name[:-2]

    def order(self, name):
        """The key that sorts devices as the guest should number them."""
        number = re.search(r"namespace (\d+)", name)
        return ([int(x, 16) for x in self.function(name).replace(".", ":").split(":")],
                int(number[1]) if number else 0, name)


def cell_of_node(domain, host, node):
    """The cell that a host node maps to, or -1."""
    def best(cells):
        # one that has this node alone goes first, then the lowest
        return min(cells, key=lambda c: (cells[c] != {node}, c)) if cells else None

    memory = {}
    for element in domain.findall("numatune/memnode"):
        nodes = id_set(element.get("nodeset"))
        if node in nodes:
            memory[int(element.get("cellid"))] = nodes
    if memory:
        return best(memory)
    cells = {int(c.get("id", number)): id_set(c.get("cpus"))
             for number, c in enumerate(domain.findall("cpu/numa/cell"))}
    pins = {int(p.get("vcpu")): id_set(p.get("cpuset"))
            for p in domain.findall("cputune/vcpupin")}
    shares = {}
    for cell, vcpus in cells.items():
        pinned = [pins[v] for v in vcpus if v in pins]
        here = sum(len(p & host.nodes.get(node, set())) / len(p) for p in pinned if p)
        if here:
            shares[cell] = here / len(pinned)
    if shares:
        return max(sorted(shares), key=lambda c: shares[c])
    if len(cells) == 1:
        element = domain.find("numatune/memory")
        if element is not None and id_set(element.get("nodeset")) == {node}:
            return next(iter(cells))
        cpuset = id_set(domain.find("vcpu").get("cpuset"))
        if cpuset and cpuset <= host.nodes.get(node, set()):
            return next(iter(cells))
    return -1

