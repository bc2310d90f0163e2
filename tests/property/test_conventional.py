#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_conventional.py - i440fx guests on generated hosts

Takes:  the program in $VTOPO_XML, --seed and --count.
Gives:  the numbers of cases with a broken rule, and what broke it.
Rule:   R is a rewrite, U an undo, x a domain that has all its addresses: R(R(x)) = R(x) and U(R(x)) = x, byte for
        byte; each assigned device is in a slot of a conventional expander whose node is the cell of its host node, no
        two in one place, functions of a card in one slot; expanders' bus numbers, two each, do not meet; nothing
        else of x changes.
Not here: what a guest makes of it (tests/real/test_guest_decides.py), other machines (test_properties.py).
"""
import os
import pathlib
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import generate_host
import hostmodel
import seeded

DEFAULT_SEED = 20261130
ADDRESS = "<address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x%x'%s/>"


def choose(rng, host):
    """Cards with their functions, as many as pci.0 has slots for."""
    cards = {}
    for function in host.endpoints():
        if function.physfn is None and function.root != (0, 0):
            cards.setdefault(function.bdf[:3], []).append(function)
    chosen = rng.sample(sorted(cards), min(len(cards), rng.randint(1, 20)))
    return [cards[card] for card in chosen]


def domain(rng, host, cards):
    nodes = sorted(host.nodes) or [0]
    elements = []
    for slot, card in enumerate(cards, 6):
        for number, function in enumerate(card):
            at = ADDRESS % (0, slot, number, " multifunction='on'" if not number and len(card) > 1 else "")
            domain_, bus, device, low = function.bdf
            elements.append("    <hostdev mode='subsystem' type='pci' managed='yes'>\n      <source>\n        <address"
                            " domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n      </source>\n      %s\n"
                            "    </hostdev>\n" % (domain_, bus, device, low, at))
    rng.shuffle(elements)
    cells = "".join("<cell id='%d' cpus='%d' memory='1' unit='GiB'/>" % (i, i) for i in range(len(nodes)))
    ties = "".join("<memnode cellid='%d' mode='strict' nodeset='%d'/>" % pair for pair in enumerate(nodes))
    return ("<domain type='kvm'>\n  <name>pc</name>\n  <memory unit='GiB'>%d</memory>\n  <vcpu>%d</vcpu>\n"
            "  <numatune>%s</numatune>\n  <os><type arch='x86_64' machine='%s'>hvm</type></os>\n"
            "  <features><acpi/></features>\n  <cpu><numa>%s</numa></cpu>\n  <devices>\n"
            "    <controller type='pci' index='0' model='pci-root'/>\n"
            "    <controller type='usb' index='0' model='piix3-uhci'>%s</controller>\n%s"
            "    <memballoon model='virtio'>%s</memballoon>\n  </devices>\n</domain>\n"
            % (len(nodes), len(nodes), ties, rng.choice(["pc", "pc-i440fx-7.2"]), cells, ADDRESS % (0, 1, 2, ""),
               "".join(elements), ADDRESS % (0, 3, 0, "")))


class Case:
    def __init__(self, seed, number, folder):
        rng = random.Random("%d/%d conventional" % (seed, number))
        self.host = generate_host.make(rng)
        self.cards = choose(rng, self.host)
        self.text = domain(rng, self.host, self.cards)
        self.mirror = rng.choice(["numa", "root", None])
        self.path = pathlib.Path(folder, "host.json")
        self.path.write_text(self.host.description(), encoding="utf-8")

    def run(self, text, *options):
        words = [os.environ["VTOPO_XML"], "-q", "--host", str(self.path), *options]
        if self.mirror:
            words += ["--mirror", self.mirror]
        return subprocess.run(words, input=text, capture_output=True, text=True)

    def cell(self, function):
        nodes = sorted(self.host.nodes) or [0]
        node = self.host.node_of(function)
        return nodes.index(node) if node in nodes else None


def number(element, key):
    return int(element.get(key), 0)


def check_places(case, root):
    functions = {f.bdf: f for card in case.cards for f in card}
    expanders = {}
    for c in root.iter("controller"):
        if c.get("model") == "pci-expander-bus":
            node = c.find("target/node")
            expanders[number(c, "index")] = int(node.text) if node is not None else None
    buses = sorted(number(c.find("target"), "busNr") for c in root.iter("controller")
                   if c.get("model") == "pci-expander-bus")
    if any(b - a < 2 for a, b in zip(buses, buses[1:])) or (buses and buses[-1] > 254):
        yield "bus numbers %s" % buses
    places, slots = set(), {}
    for hostdev in root.iter("hostdev"):
        source, at = hostdev.find("source/address"), hostdev.find("address")
        bdf = tuple(number(source, key) for key in ("domain", "bus", "slot", "function"))
        place = tuple(number(at, key) for key in ("bus", "slot", "function"))
        if place in places:
            yield "two devices at %s" % (place,)
        places.add(place)
        if place[0] not in expanders or not 1 <= place[1] <= 31:
            yield "%s is at %s" % (hostmodel.bdf_text(bdf), place)
        elif expanders[place[0]] != case.cell(functions[bdf]):
            yield "%s is in cell %s" % (hostmodel.bdf_text(bdf), expanders[place[0]])
        if slots.setdefault(place[:2], bdf[:3]) != bdf[:3]:
            yield "two cards in slot %s" % (place[:2],)


def without(text):
    """The domain without what a rewrite adds and changes."""
    text = re.sub(r" *<metadata>.*?</metadata>\n", "", text, flags=re.S)
    text = re.sub(r" *<controller type='pci' index='\d+' model='pci-expander-bus'>.*?</controller>\n", "", text, flags=re.S)
    return re.sub(r"(</source>\s*)<address [^>]*>", r"\1", text)


def check(case):
    first = case.run(case.text)
    if first.returncode:
        yield "status %d: %s" % (first.returncode, first.stderr)
        return
    if without(first.stdout) != without(case.text):
        yield "something else changed"
    yield from check_places(case, ET.fromstring(first.stdout))
    if case.run(first.stdout).stdout != first.stdout:
        yield "R(R(x)) is not R(x)"
    if case.run(first.stdout, "--undo").stdout != case.text:
        yield "U(R(x)) is not x"
    if case.run(first.stdout, "--check").returncode not in (0, 8):
        yield "--check"


if __name__ == "__main__":
    sys.exit(seeded.main(__doc__.split("\n")[1], DEFAULT_SEED, lambda *case: check(Case(*case))))
