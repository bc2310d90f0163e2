#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_links.py - with links "host" NCCL counts each pair of cards as on the host, on hosts whose links are all different

Takes:  the program in $VTOPO_XML, --seed and --count.
Gives:  the numbers of cases with a broken rule, and what broke it.
Rule:   what NCCL reads of both /sys (tests/real/nccl_paths.py) is compared for every pair of cards, and for each card
        and the processor. Mode exact: the same. Others: never more; what is less in a guest switch is named in a
        finding; and no other links of one guest switch would make more pairs right (all are tried, on small hosts).
        Every other case writes them with the generic switch, in <target>.
Not here: which QEMU takes it (tests/real/test_links.py), the layout (test_properties.py).
"""
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "real"))
import nccl_paths  # noqa: E402
import seeded  # noqa: E402

DEFAULT_SEED = 20261130
SPEEDS = ["2.5", "5.0", "8.0", "16.0", "32.0", "64.0"]
WIDTHS = [1, 2, 4, 8, 16]
WORDS = {"2_5": "2.5", "5": "5.0", "8": "8.0", "16": "16.0", "32": "32.0", "64": "64.0"}
STOCK = {"pcie-root-port": ("16.0", 32), "pcie-switch-upstream-port": ("2.5", 1)}
QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"
LESS = "VTOPO-0098"
SMALL = 5  # cards of one switch tree: all links are tried


class Host:
    """Trees of switches with cards; every link is random, and often its two ends are not alike."""

    def __init__(self, rng):
        self.rng, self.functions, self.ways, self.cards, self.bus = rng, [], {}, [], 0
        for _ in range(rng.choice([1, 1, 2])):
            root = self.take_bus()
            for slot in range(1, 1 + rng.choice([1, 1, 2])):
                port = self.add("%02x:%02x.0" % (root, slot), None, "root", "0000:%02x" % root)
                self.below(port, rng.choice([1, 2, 3, 4]))

    def take_bus(self):
        self.bus += 1
        return self.bus

    def link(self):
        return "%s GT/s x%d" % (self.rng.choice(SPEEDS), self.rng.choice(WIDTHS))

    def add(self, bdf, parent, kind, root=None):
        bdf = "0000:" + bdf
        entry = {"bdf": bdf, "class": "0x060400" if kind else "0x030200", "vendor": "0x10de", "device": "0x2330",
                 "node": 0, "link_max": self.link()}
        entry.update({"port": kind} if kind else {"driver": "vfio-pci"})
        entry.update({"parent": parent} if parent else {"root": root})
        self.ways[bdf] = self.ways[parent] + [bdf] if parent else ["pci" + root, bdf]
        self.functions.append(entry)
        return bdf

    def below(self, port, depth):
        bus = self.take_bus()
        if not depth or self.rng.random() < 0.3:
            if len(self.cards) < 12:
                self.cards.append(self.add("%02x:00.0" % bus, port, None))
            return
        upstream = self.add("%02x:00.0" % bus, port, "upstream")
        inner = self.take_bus()
        for slot in range(self.rng.choice([1, 2, 2, 3])):
            self.below(self.add("%02x:%02x.0" % (inner, slot), upstream, "downstream"), depth - 1)

    def description(self):
        return json.dumps({"vtopo_host": 1, "nodes": [{"id": 0, "cpus": "0-3", "memory_kib": 8 << 20}],
                           "functions": sorted(self.functions, key=lambda f: f["bdf"])})

    def links(self):
        return {f["bdf"]: nccl_paths.split_link(f["link_max"]) for f in self.functions}


def domain(cards):
    hostdev = ("<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x%s'"
               " slot='0x%s' function='0x%s'/></source></hostdev>")
    return ("<domain type='kvm'><name>links</name><memory unit='GiB'>4</memory><vcpu>4</vcpu>"
            "<numatune><memnode cellid='0' mode='strict' nodeset='0'/></numatune>"
            "<os><type arch='x86_64' machine='pc-q35-10.0'>hvm</type></os>"
            "<features><acpi/></features>"
            "<cpu><numa><cell id='0' cpus='0-3' memory='4' unit='GiB'/></numa></cpu><devices>"
            "<controller type='pci' index='0' model='pcie-root'/>%s"
            "<memballoon model='none'/></devices></domain>"
            % "".join(hostdev % tuple(re.split("[:.]", card)[1:]) for card in cards))


class Guest:
    """The ways of the cards, and what the ports say."""

    def __init__(self, text, host_links):
        root = ET.fromstring(text)
        devices = root.find("devices")
        self.controllers = {int(c.get("index")): c for c in devices.findall("controller[@type='pci']")}
        said = {d.get("alias"): {p.get("name"): p.get("value") for p in d.iter(QEMU + "property")}
                for d in root.iter(QEMU + "device")}
        self.links, self.ways = {}, {}
        for index, c in self.controllers.items():
            alias = c.find("alias")
            words = said.get(alias.get("name") if alias is not None else None, {})
            link = STOCK.get(c.get("model"), (None, 0))
            target = c.find("target[@speed]")
            if target is not None:
                assert not words
                link = "%.1f" % float(target.get("speed")), int(target.get("width"))
            self.links[self.name(index)] = (WORDS[words["x-speed"]], int(words["x-width"])) if words else link
        for hostdev in devices.findall("hostdev"):
            at = hostdev.find("source/address")
            host = "0000:%s:%s.%s" % tuple(at.get(k)[2:] for k in ("bus", "slot", "function"))
            self.ways[host] = self.way(int(hostdev.find("address").get("bus"), 0)) + [host]
            self.links[host] = host_links[host]

    @staticmethod
    def name(index):
        return "ffff:%02x:00.0" % index

    def way(self, index):
        model = self.controllers[index].get("model")
        if model in ("pcie-expander-bus", "pcie-root"):
            return ["pci0000:%02x" % index]
        return self.way(int(self.controllers[index].find("address").get("bus"), 0)) + [self.name(index)]


def pair(ways, links, one, other):
    """Kind and bandwidth; @other None: the processor."""
    if other is None:
        return "CPU", min(b for _, b in nccl_paths.climb(ways[one], links.get))
    return nccl_paths.pair(ways[one], ways[other], links.get)


def ends(cards):
    return [*itertools.combinations(cards, 2), *((card, None) for card in cards)]


def is_named(message, one, other):
    """The two are in one group of the finding."""
    other = other or "the processor"
    return any(one in group and other in group for group in re.split("; ", message))


def most_right(host, cards):
    """How many pairs of one guest switch can be right at most, the processor counted in, and none be too much."""
    links = host.links()
    wanted = {(a, b): pair(host.ways, links, a, b)[1] for a, b in ends(cards)}
    rates = sorted(set(wanted.values()))
    best, places = 0, {card: at for at, card in enumerate([*cards, None])}
    for choice in itertools.product(rates, repeat=len(cards) + 1):
        right = 0
        for (a, b), want in wanted.items():
            have = min(choice[places[a]], choice[places[b]])
            right = -1 if have > want or right < 0 else right + (have == want)
        best = max(best, right)
    return best


def in_one_switch(guest, cards):
    above = {tuple(guest.ways[card][:-2]) for card in cards}
    return len(above) == 1 and len(next(iter(above))) == 3 and len(cards) > 1


def check_mode(host, mode, guest, message):
    links, right = host.links(), 0
    for one, other in ends(host.cards):
        kind, want = pair(host.ways, links, one, other)
        guest_kind, have = pair(guest.ways, guest.links, one, other)
        right += have == want
        where = "%s: %s and %s count %s in the guest, %s on the host" % (mode, one, other or "CPU", have, want)
        if have > want or (mode == "exact" and have != want):
            yield where
        elif have < want and mode == "switch" and guest_kind in ("PIX", "CPU") and not is_named(message, one, other):
            yield where + ", and no finding names them: " + message
        elif have < want and other is None and mode != "switch":
            yield where
        elif have == want and kind != "PHB" and is_named(message, one, other):
            yield where + ", and a finding names them: " + message
    if mode == "switch" and len(host.cards) <= SMALL and in_one_switch(guest, host.cards):
        most = most_right(host, host.cards)
        if right != most:
            yield "%d pairs are right, and %d can be" % (right, most)


def run_one(seed, number, scratch):
    host = Host(random.Random("%d/%d links" % (seed, number)))
    path = os.path.join(scratch, "host.json")
    pathlib.Path(path).write_text(host.description(), encoding="utf-8")
    policy = os.path.join(scratch, "policy.json")
    pathlib.Path(policy).write_text(json.dumps({"generic_switch": number % 2 == 1}), encoding="utf-8")
    for mode in ("exact", "switch", "root", "numa"):
        result = subprocess.run([os.environ["VTOPO_XML"], "--host", path, "--config", policy, "--mirror", mode,
                                 "--links", "host", "-v"],
                                input=domain(host.cards), capture_output=True, text=True)
        if result.returncode:
            yield "status %d: %s" % (result.returncode, result.stderr)
            return
        lines = [line for line in result.stderr.splitlines() if LESS in line]
        yield from check_mode(host, mode, Guest(result.stdout, host.links()), " ".join(lines))


if __name__ == "__main__":
    sys.exit(seeded.main(__doc__.split("\n")[1], DEFAULT_SEED, run_one))
