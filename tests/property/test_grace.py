#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_grace.py - generated guests of Grace hosts

Takes:  the program in $VTOPO_XML, --seed and --count; examples/hosts/gh200.json and gb200.json.
Gives:  the numbers of cases with a broken rule, and what broke it.
Rule:   R is a rewrite, R' one with other options, U an undo, x a domain that has all its addresses: R(R(x)) = R(x),
        U(R(x)) = x and R'(R(x)) = R'(x), byte for byte. Each GPU is alone below an expander of its cell in every mirror.
        Where it may have them, it names cells that are no other GPU's, have no vCPUs and no memory, come behind all
        others, and are as many as the host has nodes for it; every distance that the host knows of two cells is
        in both directions what it is there, and what somebody has written stays.
Not here: what a guest makes of it (tests/real/test_grace.py), other hosts (test_properties.py).
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import seeded

DEFAULT_SEED = 20261201
HOSTS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "hosts"
ADDRESS = "<address type='pci' domain='0x0000' bus='0x%02x' slot='0x00' function='0x0'/>"
EACH = 8  # nodes of a GPU
GPUS = ("0x2342", "0x2941")
NEW = {"libvirt_version": "11.8", "qemu_version": "9.0"}


class Host:
    def __init__(self, name):
        self.path = HOSTS / (name + ".json")
        self.description = json.loads(self.path.read_text(encoding="utf-8"))
        self.nodes = self.description["nodes"]
        self.functions = {f["bdf"]: f for f in self.description["functions"] if f["class"] != "0x060400"}
        self.cpus = [node for node in self.nodes if node["cpus"]]

    def is_gpu(self, bdf):
        return self.functions[bdf]["device"] in GPUS

    def distance(self, one, other):
        """Of nodes."""
        return self.nodes[one]["distances"][other]

    def serving(self, node):
        """Nodes for the memory of GPUs of a node."""
        return [n["id"] for n in self.nodes
                if n.get("initiator") and min(self.cpus, key=lambda cpu: self.distance(cpu["id"], n["id"]))["id"] == node]


class Case:
    def __init__(self, seed, number, folder):
        rng = random.Random("%d/%d grace" % (seed, number))
        self.host = Host(rng.choice(["gh200", "gb200"]))
        self.devices = rng.sample(sorted(self.host.functions), rng.randint(1, len(self.host.functions)))
        self.cells = self.ties(rng)
        self.distances = rng.random() < 0.3 and len(self.cells) > 1
        self.newline = rng.choice(["\n", "\n", "\r\n"])
        self.text = self.domain(rng).replace("\n", self.newline)
        self.options = self.choose(rng, folder, "one.json")
        self.others = self.choose(rng, folder, "other.json")

    def ties(self, rng):
        """The node of each cell, -1: none; no cells at all: vtopo makes them."""
        if rng.random() < 0.25:
            return []
        nodes = [node["id"] for node in self.host.cpus for _ in range(rng.choice([1, 1, 2]))]
        return [node if rng.random() < 0.9 else -1 for node in nodes]

    def cell(self, number):
        rows = ""
        if self.distances:
            rows = "".join("          <sibling id='%d' value='%d'/>\n" % (other, 10 if other == number else 33)
                           for other in range(len(self.cells)))
            rows = ">\n        <distances>\n%s        </distances>\n      </cell>\n" % rows
        return "      <cell id='%d' cpus='%d-%d' memory='1048576' unit='KiB'%s" % (
            number, 2 * number, 2 * number + 1, rows or "/>\n")

    def domain(self, rng):
        ports, elements = [], []
        for index, bdf in enumerate(self.devices, 1):
            ports.append("    <controller type='pci' index='%d' model='pcie-root-port'>\n      <target chassis='%d' port='0x%x'/>\n"
                         "      <address type='pci' domain='0x0000' bus='0x00' slot='0x%02x' function='0x0'/>\n"
                         "    </controller>\n" % (index, index, index, index))
            numbers = re.fullmatch(r"(\w+):(\w+):(\w+)\.(\w)", bdf).groups()
            elements.append("    <hostdev mode='subsystem' type='pci' managed='no'>\n%s      <source>\n        <address domain="
                            "'0x%s' bus='0x%s' slot='0x%s' function='0x%s'/>\n      </source>\n      %s\n    </hostdev>\n" % (
                                rng.choice(["", "      <driver iommufd='yes'/>\n"]), *numbers, ADDRESS % index))
        rng.shuffle(elements)
        vcpus = 2 * max(len(self.cells), 2)
        numa = "".join(self.cell(number) for number in range(len(self.cells)))
        ties = "".join("    <memnode cellid='%d' mode='strict' nodeset='%d'/>\n" % pair for pair in enumerate(self.cells)
                       if pair[1] >= 0)
        return ("<domain type='kvm'>\n  <name>grace</name>\n  <memory unit='KiB'>%d</memory>\n  <vcpu>%d</vcpu>\n%s"
                "  <os firmware='efi'>\n    <type arch='aarch64' machine='virt'>hvm</type>\n  </os>\n"
                "  <features>\n    <acpi/>\n  </features>\n  <cpu mode='host-passthrough'%s\n  <devices>\n"
                "    <controller type='pci' index='0' model='pcie-root'/>\n%s%s  </devices>\n</domain>\n" % (
                    1048576 * max(len(self.cells), 2), vcpus, "  <numatune>\n%s  </numatune>\n" % ties if ties else "",
                    ">\n    <numa>\n%s    </numa>\n  </cpu>" % numa if numa else "/>", "".join(ports), "".join(elements)))

    def choose(self, rng, folder, name):
        policy = dict(rng.choice([NEW, NEW, NEW, {"libvirt_version": "11.7", "qemu_version": "9.0"}]), mmio="off")
        policy["initiators"] = rng.choice(["auto", "auto", "auto", "off"])
        policy["smmu"] = rng.choice(["off", "accel"])
        path = pathlib.Path(folder, name)
        path.write_text(json.dumps(policy), encoding="utf-8")
        return {"policy": policy, "words": ["--config", str(path), "--cells", "make", "--mirror",
                                            rng.choice(["numa", "root", "switch", "exact"])]}

    def run(self, text, *words):
        return subprocess.run([os.environ["VTOPO_XML"], "-q", "--host", str(self.host.path), *words], input=text.encode(),
                              capture_output=True, check=False)


def nodeset(text):
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def bdf_of(hostdev):
    source = hostdev.find("source/address")
    return "%04x:%02x:%02x.%x" % tuple(int(source.get(key), 0) for key in ("domain", "bus", "slot", "function"))


def check_expanders(case, root):
    controllers = {c.get("index"): c for c in root.iter("controller")}
    below = {}
    for hostdev in root.iter("hostdev"):
        bus = int(hostdev.find("address").get("bus"), 0)
        while controllers[str(bus)].get("model") != "pcie-expander-bus":
            bus = int(controllers[str(bus)].find("address").get("bus"), 0)
            if not bus:
                break
        below.setdefault(bus, []).append(bdf_of(hostdev))
    for bdf in filter(case.host.is_gpu, case.devices):
        for bus, there in below.items():
            if bdf in there and (not bus or there != [bdf]):
                yield "%s is with %s below %d" % (bdf, there, bus)


def owned_nodes(case, gpus):
    """The host's node of each cell that is new, in their order."""
    result = []
    for place, bdf in enumerate(gpus):
        node = case.host.functions[bdf]["node"]
        before = sum(case.host.functions[other]["node"] == node for other in gpus[:place])
        result += case.host.serving(node)[EACH * before:EACH * (before + 1)]
    return result


def check_cells(case, root):
    gpus = sorted(filter(case.host.is_gpu, case.devices))
    named = {bdf_of(h): nodeset(h.find("acpi").get("nodeset")) for h in root.iter("hostdev") if h.find("acpi") is not None}
    cells = root.findall("cpu/numa/cell")
    bare = [int(c.get("id")) for c in cells if c.get("cpus") is None and c.get("memory") == "0"]
    if case.options["policy"]["initiators"] == "off" or case.options["policy"]["libvirt_version"] == "11.7":
        if named or bare:
            yield "cells %s, and %s" % (bare, named)
        return
    first = len(cells) - len(bare)
    if [named.get(bdf) for bdf in gpus] != [list(range(first + EACH * n, first + EACH * (n + 1))) for n in range(len(gpus))]:
        yield "GPUs name the cells %s" % named
    if set(named) != set(gpus) or bare != list(range(first, first + EACH * len(gpus))):
        yield "cells without vCPUs and memory are %s" % bare
    if gpus:
        yield from check_distances(case, root, cells, owned_nodes(case, gpus))


def check_distances(case, root, cells, new):
    ties = {int(m.get("cellid")): int(m.get("nodeset")) for m in root.iter("memnode")}
    own = len(cells) - len(new)
    nodes = [ties.get(cell) for cell in range(own)] + new
    for one, cell in enumerate(cells):
        have = {int(s.get("id")): int(s.get("value")) for s in cell.iter("sibling")}
        want = {other: 10 if one == other else max(case.host.distance(nodes[one], nodes[other]), 11)
                for other in range(len(cells)) if nodes[one] is not None and nodes[other] is not None or
                one == other and nodes[one] is not None}
        if case.distances and one < own:
            want = {other: 10 if one == other else 33 for other in range(own)} | {
                other: value for other, value in want.items() if other >= own}
        if have != want:
            yield "cell %d has the distances %s, not %s" % (one, have, want)


def check(case):
    first = case.run(case.text, *case.options["words"])
    if first.returncode:
        yield "status %d: %s" % (first.returncode, first.stderr.decode())
        return
    output = first.stdout.decode()
    root = ET.fromstring(output)
    yield from check_expanders(case, root)
    yield from check_cells(case, root)
    if case.run(output, *case.options["words"]).stdout.decode() != output:
        yield "rewriting it again changes it"
    if case.run(output, "--undo").stdout.decode() != case.text:
        yield "an undo does not give the input"
    if case.run(output, *case.others["words"]).stdout != case.run(case.text, *case.others["words"]).stdout:
        yield "with other options it is not what comes out of the input"


if __name__ == "__main__":
    sys.exit(seeded.main(__doc__.split("\n")[1], DEFAULT_SEED, lambda *case: check(Case(*case))))
