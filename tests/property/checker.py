# SPDX-License-Identifier: GPL-2.0-or-later
"""
checker.py - the independent judge of a rewrite

Takes:  the text of a domain before and after, the host, the options, the ids of the findings.
Gives:  a list of violations, each with the name of the broken rule and what broke it; empty: all is well.
Rule:   everything is judged from the two texts and the host by the contract's words (invariants and layout), with
        code that the planner does not share.  What was wrong in the input already is not held against
        the output.
Not here: making domains and hosts (generate_*.py), running the program (test_properties.py).
"""
from collections import Counter, namedtuple
import re

import xmltext
from domain import (DOWNSTREAM, EXPANDER, MARK, PCIE_ROOT, PORTS, ROOT_PORT, UPSTREAM, read)
from hostmodel import bdf_text
from mapping import allowed_cells

Violation = namedtuple("Violation", "rule text")

FINDING_ORDER = 22
DEGRADED = {30}  # a layout that did not fit as asked


class Options:
    """What the program was asked for."""

    def __init__(self, mirror="switch", spare_ports=0, unmapped="expander", keep=(), nodes=None, hotplug=(),
                 without_numa="leave"):
        self.mirror, self.spare_ports, self.unmapped = mirror, spare_ports, unmapped
        self.keep, self.nodes, self.hotplug = set(keep), dict(nodes or {}), set(hotplug)
        self.without_numa = without_numa

    def __str__(self):
        return "mirror %s, spare %d, unmapped %s, keep %s, nodes %s, hotplug %s" % (
            self.mirror, self.spare_ports, self.unmapped, sorted(map(bdf_text, self.keep)),
            {bdf_text(b): n for b, n in self.nodes.items()}, sorted(map(bdf_text, self.hotplug)))


class Report:
    def __init__(self):
        self.violations = []

    def add(self, rule, text, *values):
        self.violations.append(Violation(rule, text % values if values else text))


# --- what an address may be

ENDPOINT = "endpoint"
EVERYWHERE = {ENDPOINT, "pci-bridge"}
ACCEPTS = {
    PCIE_ROOT: {EXPANDER, ROOT_PORT, "dmi-to-pci-bridge", "pci-bridge", ENDPOINT},
    EXPANDER: {ROOT_PORT, "dmi-to-pci-bridge"},
    ROOT_PORT: {ENDPOINT, UPSTREAM, "pcie-to-pci-bridge", "pci-bridge"},
    DOWNSTREAM: {ENDPOINT, UPSTREAM, "pcie-to-pci-bridge", "pci-bridge"},
    UPSTREAM: {DOWNSTREAM},
    "pcie-to-pci-bridge": EVERYWHERE,
    "pci-bridge": EVERYWHERE,
    "dmi-to-pci-bridge": EVERYWHERE,
}
SLOTS = {PCIE_ROOT: (1, 31), EXPANDER: (0, 31), ROOT_PORT: (0, 0), DOWNSTREAM: (0, 0), UPSTREAM: (0, 31),
         "pcie-to-pci-bridge": (1, 31), "pci-bridge": (1, 31), "dmi-to-pci-bridge": (0, 31)}
LIBVIRTS_SLOTS = {0x01, 0x1A, 0x1B, 0x1D}


def name(thing):
    return "controller %d" % thing.index if hasattr(thing, "index") else str(thing)


def check_address(domain, thing, address, report):
    model = domain.model(address.bus)
    if model is None:
        highest = max(domain.controllers, default=0)
        # A gap becomes a root port, and so does a bus above the highest index for an endpoint.
        if hasattr(thing, "index") or getattr(thing, "assigned", False) or address.bus < highest:
            report.add("bus-missing", "%s is on bus %d, which no controller has", name(thing), address.bus)
        return
    if address.domain:
        report.add("slot", "%s is in PCI domain %x", name(thing), address.domain)
    kind = thing.model if hasattr(thing, "index") else ENDPOINT
    if kind not in ACCEPTS.get(model, EVERYWHERE | {kind}):
        rule = "endpoint-on-expander" if model == EXPANDER and kind == ENDPOINT else "wrong-bus"
        report.add(rule, "%s (%s) sits directly on a %s", name(thing), kind, model)
    low, high = SLOTS.get(model, (0, 31))
    if not low <= address.slot <= high:
        report.add("slot", "%s at %s: a %s has slots %d to %d", name(thing), address, model, low, high)
    if address.function > 7:
        report.add("slot", "%s has function %d", name(thing), address.function)


def check_addresses(domain, report):
    places = {}
    for thing, address in domain.everything():
        check_address(domain, thing, address, report)
        places.setdefault(address.place[:2], {}).setdefault(address.function, []).append((thing, address))
    for (bus, slot), functions in sorted(places.items()):
        for function, there in sorted(functions.items()):
            if len(there) > 1:
                report.add("address-twice", "%02x:%02x.%x: %s", bus, slot, function,
                           " and ".join(name(thing) for thing, _ in there))
        built_in = bus == 0 and slot == 0x1F
        if 0 not in functions and not built_in:
            report.add("function-0", "%02x:%02x has functions %s and no function 0", bus, slot, sorted(functions))
        elif len(functions) > 1 and not built_in and functions[0][0][1].multifunction == "off":
            report.add("multifunction", "%02x:%02x.0 says multifunction='off' beside other functions", bus, slot)


def check_controllers(domain, report):
    for index in domain.duplicate_indexes:
        report.add("index-twice", "index %d", index)
    for controller in domain.controllers.values():
        if not 0 <= controller.index <= 255:
            report.add("index-range", "index %d", controller.index)
        if controller.address and controller.index and controller.address.bus >= controller.index:
            report.add("index-order", "controller %d hangs on bus %d, which QEMU makes later", controller.index,
                       controller.address.bus)
    check_chassis(domain, report)
    names = Counter(thing.alias for thing in [*domain.controllers.values(), *domain.devices] if thing.alias)
    for alias, count in names.items():
        if count > 1:
            report.add("alias-twice", "%s", alias)


def chassis_in_libvirt(domain):
    """(chassis, index) of all ports as libvirt's dump will have them: defaults and gaps filled in."""
    for index, controller in domain.controllers.items():
        if controller.model in PORTS:
            yield (index if controller.chassis is None else controller.chassis), index
    for index in domain.gaps():
        yield index, index


def check_chassis(domain, report):
    seen = {}
    for chassis, index in sorted(chassis_in_libvirt(domain)):
        if chassis in seen:
            report.add("chassis", "chassis %d in controllers %d and %d", chassis, seen[chassis], index)
        if not 0 <= chassis <= 255:
            report.add("chassis", "chassis %d of controller %d", chassis, index)
        seen[chassis] = index


def check_bus_ranges(domain, report):
    ranges = [(0, domain.subtree(0) + len(domain.gaps()), 0)]
    for index, first in domain.expander_numbers().items():
        ranges.append((first, domain.subtree(index), index))
    ranges.sort()
    for (first, count, index), (following, _, other) in zip(ranges, ranges[1:]):
        if first + count > following:
            rule = "pcie.0-buses" if index == 0 else "bus-overlap"
            report.add(rule, "controller %d needs bus numbers %d to %d, controller %d starts at %d", index, first,
                       first + count - 1, other, following)
    for first, count, index in ranges:
        if first + count - 1 > 255:
            report.add("bus-past-255", "controller %d ends at bus number %d", index, first + count - 1)


def check_legal(domain):
    """What is wrong with a domain by itself, whoever made it."""
    report = Report()
    check_addresses(domain, report)
    check_controllers(domain, report)
    check_bus_ranges(domain, report)
    return report.violations


# --- what the rewrite may not change

def shape(element, without_address=False):
    """An element's content for comparison, independent of spelling."""
    children = [shape(child) for child in element.children if not (without_address and child.name == "address")]
    attributes = tuple(sorted((a.name, a.value) for a in element.attributes))
    return element.name, attributes, element.text.strip(), tuple(children)


def classify(before, after, at):
    """The name of the rule for the first differing character of two texts."""
    one, other = before[at:at + 1], after[at:at + 1]
    for text in (before, after):
        comment = text.rfind("<!--", 0, at + 1)
        if comment >= 0 and text.find("-->", comment) + 3 > at:
            return "comment"
    if {one, other} == {"'", '"'}:
        return "quote"
    if "\r" in (one, other):
        return "line-end"
    return "bytes"


def without_address(domain, moving):
    """Sources of moving devices that have no <address> element."""
    return {device.source for device in domain.assigned()
            if device.source in moving and device.element.find("address") is None}


def ends_inside(element):
    """Where the start tag and each child of an element end, comments included, the address left out."""
    address = element.find("address")
    children = [(child.start, child.end) for child in element.children if child is not address]
    return [element.open_end] + [end for _, end in sorted(children + element.comments)]


def places_of_addresses(domain, sources):
    """How many children each device has before its address."""
    places = {}
    for device in domain.assigned():
        if device.source in sources:
            at = device.element.find("address").start
            places[device.source] = sum(1 for end in ends_inside(device.element) if end <= at) - 1
    return places


def own_ranges(domain, moving, either_way):
    """The parts of a text that vtopo may write: its controllers and the addresses of what it moves.

    Where an address is there in one text only, the white space on both sides of its place does not count.
    """
    for controller in domain.controllers.values():
        if controller.marked:
            yield xmltext.with_space_before(domain.text, controller.element)
    for device in domain.assigned():
        address = device.element.find("address")
        if device.source not in moving:
            continue
        if address is not None:
            yield xmltext.with_space_before(domain.text, address)
        if device.source in either_way:
            ends = ends_inside(device.element)
            at = end = ends[either_way[device.source]] if address is None else address.end
            while domain.text[end] in " \t\r\n":
                end += 1
            yield at, end


def fixed_numbers(before, after):
    """busNr that vtopo wrote into an expander of others which had none."""
    for index, controller in after.controllers.items():
        old = before.controllers.get(index)
        if controller.marked or old is None or old.marked or controller.model != EXPANDER:
            continue
        if old.bus_nr is None and controller.bus_nr is not None:
            target = controller.element.find("target")
            if old.element.find("target") is None:
                yield xmltext.with_space_before(after.text, target)
                continue
            attribute = next(a for a in target.attributes if a.name == "busNr")
            start = attribute.start
            while after.text[start - 1] in " \t\r\n":
                start -= 1
            yield start, attribute.end


def tidy(text):
    """Without the difference between <a></a>, <a/> and <a /> that cutting leaves behind."""
    return re.sub(r"<(hostdev|interface)([^<>]*)/>", r"<\1\2></\1>", text)


def check_bytes(before, after, moving, report):
    lost = without_address(after, moving) - without_address(before, moving)
    either_way = places_of_addresses(before, lost)
    one, place = xmltext.cut(before.text, own_ranges(before, moving, either_way))
    other, _ = xmltext.cut(after.text, [*own_ranges(after, moving, either_way), *fixed_numbers(before, after)])
    if one == other or tidy(one) == tidy(other):
        return
    at = next((i for i, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
    line = before.text.count("\n", 0, place(at)) + 1
    report.add(classify(one, other, at), "line %d: %r became %r", line, one[max(0, at - 30):at + 30],
               other[max(0, at - 30):at + 30])


def check_devices_kept(before, after, moving, report):
    old = {device.source: device for device in before.assigned()}
    sources = Counter(device.source for device in after.assigned())
    for source in old:
        if not sources[source]:
            report.add("device-lost", "%s", bdf_text(source))
    for source, count in sources.items():
        if count > 1 or source not in old:
            report.add("device-twice", "%s", bdf_text(source))
    for device in after.assigned():
        if device.source in old:
            check_content(old[device.source], device, device.source in moving, report)


def check_content(old, new, moves, report):
    if shape(old.element, moves) == shape(new.element, moves):
        return
    had, has = (Counter(shape(child) for child in d.element.children if not moves or child.name != "address")
                for d in (old, new))
    lost = ", ".join(sorted({part[0] for part in had - has})) or "an attribute"
    report.add("device-content", "%s: %s changed or lost", new, lost)


def check_others(before, after, report):
    for old, new in zip(before.others(), after.others()):
        if (old.kind, old.address and old.address.place) != (new.kind, new.address and new.address.place):
            report.add("other-address", "%s went from %s to %s", old, old.address, new.address)
    for index, old in before.controllers.items():
        new = after.controllers.get(index)
        if old.marked:
            continue
        if new is None or new.marked:
            report.add("controller-removed", "controller %d (%s)", index, old.model)
        elif (old.address and old.address.place) != (new.address and new.address.place) or old.model != new.model:
            report.add("controller-changed", "controller %d", index)
    for index, new in after.controllers.items():
        if not new.marked and index not in before.controllers:
            report.add("controller-unmarked", "controller %d (%s) is new and carries no mark", index, new.model)


def check_guest_bdfs(before, after, moving, report):
    """Of a domain that had all its addresses: everything that was not moved is where it was for the guest."""
    if not before.is_complete(moving):
        return
    if not after.is_complete():
        report.add("index-gap", "libvirt would add controllers: gaps %s", after.gaps())
    one, other = before.bus_numbers(), after.bus_numbers()
    for (old, new) in zip(before.devices, after.devices):
        if old.address is None or old.source in moving:
            continue
        was, is_now = before.guest_bdf(old.address, one), after.guest_bdf(new.address, other)
        if was != is_now:
            report.add("guest-bdf", "%s: %s became %s", old, was, is_now)
    for index, old in before.controllers.items():
        if not old.marked and one.get(index) != other.get(index):
            report.add("guest-bdf", "bus of controller %d: %s became %s", index, one.get(index), other.get(index))


# --- who moves

def is_on_purpose(domain, device, host):
    """Did somebody choose this device's place?"""
    if device.address is None:
        return False
    if device.address.bus == 0:
        function = host.functions.get(device.source)
        return (device.address.slot, device.address.function) == (2, 0) and function is not None and \
            function.class_code >> 16 == 3
    parent = domain.controllers.get(device.address.bus)
    if parent is None:  # libvirt makes a root port
        return False
    if parent.marked:
        return False
    return not (parent.model == ROOT_PORT and (parent.address is None or parent.address.bus == 0))


class Card:
    """The moved functions of a host slot, as they are in the output."""

    def __init__(self, key, devices, host, options):
        self.key = key
        self.devices = sorted(devices, key=lambda device: device.source)
        self.functions = [host.functions[device.source] for device in self.devices]
        self.bdf = self.functions[0].bdf
        self.root = self.functions[0].root
        self.node = options.nodes.get(self.bdf, host.node_of(self.functions[0]))
        self.tree = self.functions[0].tree()
        self.switches = [bridge.bdf for bridge in self.functions[0].switches()]
        self.hot = any(device.transient or device.source in options.hotplug for device in self.devices)
        self.cell = self.expander = None  # as found
        self.guest_switches = []
        self.way = []  # controllers from pcie.0 down

    def home(self):
        """What only neighbours share: the cell; without one the expander, as nodes without a cell may have one each."""
        return ("cell", self.cell) if self.cell is not None else ("expander", self.expander)

    def __str__(self):
        return "card " + bdf_text(self.bdf)


def moving_sources(before, host, options):
    """Sources of the assigned devices that vtopo places."""
    if not before.cells and options.without_numa != "group":
        return set()
    found = set()
    for device in before.assigned():
        if device.kind not in ("pci", "none") or device.source in options.keep:
            continue
        if is_on_purpose(before, device, host):
            continue
        function = host.functions.get(device.source)
        if function is None:
            continue
        node = options.nodes.get(device.source, host.node_of(function))
        if options.unmapped == "stay" and allowed_cells(before, host, node) == {None} and before.cells:
            continue
        found.add(device.source)
    return found


def may_stay(before, moving, host, options):
    """Sources that may as well stay, because moving them helps nobody or harms a device that stays.

    A device that shares its guest slot with one that stays: without function 0 the guest sees neither.  Without guest
    cells only the switches are mirrored: a card that is to be on none may be left alone.
    """
    slots = {}
    for device in before.devices:
        if device.address:
            slots.setdefault(device.address.place[:2], []).append(device)
    found = set()
    for there in slots.values():
        if any(device.source not in moving for device in there):
            found |= {device.source for device in there}
    if options.unmapped == "stay" and before.cells:
        found |= {source for source in moving if None in allowed_cells(before, host, options.nodes.get(
            source, host.node_of(host.functions[source])))}
    if not before.cells:
        cards = cards_of(before, moving, host, options)
        for card in cards:
            if not wanted_switches(card, cards, options.mirror):
                found |= {device.source for device in card.devices}
    return found & moving


def left_alone(before, after, sources):
    """Those of @sources whose address is the same, or as absent, in both."""
    old = {device.source: device.address and device.address.place for device in before.assigned()}
    return {device.source for device in after.assigned() if device.source in sources and
            old.get(device.source) == (device.address and device.address.place)}


def cards_of(after, moving, host, options):
    groups = {}
    for device in after.assigned():
        if device.source in moving:
            function = host.functions[device.source]
            key = ("vf", device.source) if function.physfn else device.source[:3]
            groups.setdefault(key, []).append(device)
    return [Card(key, devices, host, options) for key, devices in sorted(groups.items(), key=lambda g: g[1][0].source)]


# --- the layout

def check_functions(card, report):
    """One slot; the lowest function becomes 0, the others keep their number."""
    addresses = [device.address for device in card.devices]
    if any(address is None for address in addresses):
        report.add("not-placed", "%s has no address", card)
        return False
    if len({address.place[:2] for address in addresses}) > 1:
        report.add("card-split", "%s is at %s", card, ", ".join(map(str, addresses)))
        return False
    for at, (address, function) in enumerate(zip(addresses, card.functions)):
        wanted = 0 if at == 0 else function.bdf[3]
        if address.function != wanted:
            report.add("function-number", "%s is function %d, not %d", bdf_text(function.bdf), address.function, wanted)
    if len(addresses) > 1 and addresses[0].multifunction != "on":
        report.add("multifunction", "%s: function 0 lacks multifunction='on'", card)
    return True


def find_way(after, card, has_cells, report):
    """Follow the card up to pcie.0."""
    card.way = list(reversed(after.above(card.devices[0].address.bus)))
    foreign = [c.index for c in card.way if not c.marked]
    if foreign or not card.way:
        report.add("not-placed", "%s hangs below controllers that are not vtopo's: %s", card, foreign)
        return False
    top = card.way[0]
    if top.address is None or top.address.bus != 0 or (top.model == EXPANDER) != has_cells:
        report.add("not-placed", "%s: the topmost controller is %d (%s)", card, top.index, top.model)
        return False
    card.expander = top.index if has_cells else None
    card.cell = top.node
    card.guest_switches = [c.index for c in card.way if c.model == UPSTREAM]
    if card.way[-1].model not in PORTS:
        report.add("not-placed", "%s sits on a %s", card, card.way[-1].model)
        return False
    return True


def check_cells(before, cards, host, options, report):
    of_node = {}
    for card in cards:
        allowed = allowed_cells(before, host, card.node, options.unmapped)
        if card.cell not in allowed:
            report.add("cell", "%s of node %s is in cell %s, not in %s", card, card.node, card.cell,
                       " or ".join(map(str, allowed)))
        elif of_node.setdefault(card.node, card.cell) != card.cell:
            report.add("cell", "devices of node %s are in cells %s and %s", card.node, of_node[card.node], card.cell)


def pairs(cards):
    for at, one in enumerate(cards):
        for other in cards[at + 1:]:
            yield one, other


def share_expander(one, other, mirror):
    """True, False, or None where the contract leaves it open."""
    if one.cell != other.cell:
        return False
    if mirror == "numa":
        if one.cell is None and one.node != other.node:
            return None
        return True
    if one.root != other.root:
        return False
    return True if one.cell is not None or one.node == other.node else None


def check_expanders(cards, mirror, degraded, report):
    for one, other in pairs(cards):
        wanted = share_expander(one, other, mirror)
        if wanted is None or (one.expander == other.expander) == wanted:
            continue
        if degraded and not wanted and one.cell == other.cell:
            continue
        report.add("expander", "%s and %s: %s expander", one, other, "not one" if wanted else "one and the same")


def wanted_switches(card, cards, mirror):
    """The host switches that are to be above a card in the guest, topmost first."""
    if mirror in ("numa", "root") or card.tree is None or card.hot:
        return []
    group = [c for c in cards if c.tree == card.tree and c.home() == card.home() and not c.hot]
    if len(group) < 2:
        return []
    if mirror == "switch":
        return [card.tree]
    shortest = min(len(c.switches) for c in group)
    common = 0
    while common < shortest and len({c.switches[common] for c in group}) == 1:
        common += 1
    return card.switches[common - 1:]


def common_prefix(one, other):
    count = 0
    for a, b in zip(one, other):
        if a != b:
            break
        count += 1
    return count


def check_switches(cards, mirror, degraded, report):
    wanted = {card: wanted_switches(card, cards, mirror) for card in cards}
    if degraded and mirror == "exact":
        wanted = {card: wanted_switches(card, cards, "switch") for card in cards}
        if any(len(card.guest_switches) != len(wanted[card]) for card in cards):
            wanted = {card: wanted_switches(card, cards, "exact") for card in cards}
    for card in cards:
        if len(card.guest_switches) != len(wanted[card]):
            report.add("switch", "%s is below %d switches, not %d", card, len(card.guest_switches), len(wanted[card]))
    for one, other in pairs(cards):
        is_so = common_prefix(one.guest_switches, other.guest_switches)
        should = common_prefix(wanted[one], wanted[other]) if one.home() == other.home() else 0
        if is_so != should:
            report.add("switch", "%s and %s share %d switches, not %d", one, other, is_so, should)


def check_ports(after, cards, options, degraded, report):
    """Every port of vtopo's has a card, a switch, or is one of the spare ones; details of each kind."""
    used = set()
    for card in cards:
        used |= {controller.index for controller in card.way}
    marked = [c for c in after.controllers.values() if c.marked]
    buses = Counter(card.way[-1].index for card in cards)
    for index, count in buses.items():
        if count > 1:
            report.add("port-shared", "%d cards on the port of controller %d", count, index)
    spare = [c for c in marked if c.index not in used]
    of_others = {device.address.bus for device in after.others() if device.address}
    spare_count = Counter()
    for controller in spare:
        parent = after.controllers.get(controller.address.bus) if controller.address else None
        if controller.model != ROOT_PORT or parent is None or parent.model != EXPANDER or not parent.marked:
            report.add("useless-controller", "controller %d (%s) leads to no card", controller.index, controller.model)
        elif controller.index not in of_others:
            spare_count[parent.index] += 1
    last = max(used, default=0)
    if any(controller.index < last for controller in spare):
        report.add("spare-ports", "spare ports have lower indexes than controllers in use")
    for expander in {card.expander for card in cards if card.expander}:
        if spare_count[expander] != options.spare_ports and not degraded:
            report.add("spare-ports", "expander %d has %d spare ports, not %d", expander, spare_count[expander],
                       options.spare_ports)
    for controller in marked:
        check_port_details(after, controller, report)


def check_port_details(after, controller, report):
    index = controller.index
    if not re.fullmatch(r"ua-vtopo-[A-Za-z0-9_-]+", controller.alias):
        report.add("alias", "controller %d: %r", index, controller.alias)
    if controller.kind != "pci":
        report.add("explicit", "controller %d has no address", index)
    if controller.element.get("index") is None:
        report.add("explicit", "a %s without an index", controller.model)
    if controller.model in PORTS and (controller.chassis is None or controller.port is None):
        report.add("explicit", "controller %d has no chassis or port", index)
    if controller.model == EXPANDER and controller.bus_nr is None:
        report.add("explicit", "controller %d has no busNr", index)
    if controller.model == DOWNSTREAM and controller.hotplug != "off":
        report.add("hotplug", "downstream port %d can hot-plug", index)
    if controller.model == ROOT_PORT and controller.hotplug == "off":
        report.add("hotplug", "root port %d cannot hot-plug", index)
    siblings = [c for c in after.children(controller.address.bus)] if controller.address else []
    same_slot = [c for c in siblings if c.address.slot == controller.address.slot]
    if len(same_slot) > 1 and controller.address.function == 0 and controller.address.multifunction != "on":
        report.add("multifunction", "controller %d lacks multifunction='on'", index)


def check_expander_slots(before, after, report):
    """Not where the machine or libvirt's fixed devices sit, as long as there is another place."""
    taken = {address.slot for thing, address in before.everything()
             if address.bus == 0 and not getattr(thing, "marked", False)}
    mine = {c.address.slot for c in after.controllers.values()
            if c.marked and c.model == EXPANDER and c.address and c.address.bus == 0}
    free = set(range(2, 31)) - LIBVIRTS_SLOTS - taken - mine
    if 0x1F in mine or (free and mine & LIBVIRTS_SLOTS):
        report.add("expander-slot", "expanders at slots %s of pcie.0", sorted(mine))


class Tree:
    """Cards below controllers, to see in which order the guest can number them at best."""

    def __init__(self):
        self.children = {}
        self.card = None

    def put(self, way, card):
        here = self
        for controller in way:
            here = here.children.setdefault(controller.index, Tree())
        here.card = card

    def least(self):
        if self.card:
            return self.card.bdf
        return min(child.least() for child in self.children.values())

    def best_order(self):
        if self.card:
            return [self.card.bdf]
        order = []
        for child in sorted(self.children.values(), key=Tree.least):
            order += child.best_order()
        return order


def check_order(after, cards, mirror, findings, report):
    numbers = after.bus_numbers()
    in_guest = sorted(cards, key=lambda card: after.guest_bdf(card.devices[0].address, numbers))
    order = [card.bdf for card in in_guest]
    tree = Tree()
    for card in cards:
        tree.put(card.way, card)
    if tree.children and tree.best_order() == sorted(order) and order != sorted(order):
        wrong = next(pair for pair in zip(order, order[1:]) if pair[0] > pair[1])
        report.add("order", "%s comes before %s in the guest", *map(bdf_text, wrong))
    elif order != sorted(order) and findings is not None and FINDING_ORDER not in findings:
        report.add("order-finding", "the order of the cards is not the host's and no finding says so")
    if mirror == "numa":
        return
    for one, other in pairs(cards):
        if one.expander == other.expander or one.root == other.root:
            continue
        if (one.root < other.root) != (numbers[one.expander] < numbers[other.expander]):
            report.add("order", "root complexes of %s and %s", one, other)


def check_multiples(after, report):
    """Ranges start at multiples of 16 when the whole layout fits that way."""
    mine = sorted((c.bus_nr, after.subtree(c.index)) for c in after.controllers.values()
                  if c.marked and c.model == EXPANDER and c.bus_nr is not None)
    if all(first % 16 == 0 for first, _ in mine):
        return
    numbers = after.expander_numbers()
    taken = [(0, after.subtree(0) + len(after.gaps()))]
    taken += [(numbers[i], after.subtree(i)) for i in numbers if not after.controllers[i].marked]
    at = 0
    for _, count in mine:
        while any(at < first + size and first < at + count for first, size in taken):
            at += 16
        if at + count > 256:
            return
        at = (at + count + 15) // 16 * 16
    if after.is_complete():
        report.add("multiple-of-16", "ranges start at %s, though multiples of 16 fit", [first for first, _ in mine])


def check_layout(before, after, moving, host, options, findings, report):
    degraded = bool(findings) and bool(DEGRADED & set(findings))
    cards = cards_of(after, moving, host, options)
    placed = [card for card in cards if check_functions(card, report) and
              find_way(after, card, bool(before.cells), report)]
    for card in placed:
        if card.hot and (len(card.guest_switches) or card.way[-1].model != ROOT_PORT):
            report.add("transient", "%s needs a root port of its own", card)
    if before.cells:
        check_cells(before, placed, host, options, report)
        check_expanders(placed, options.mirror, degraded, report)
        check_expander_slots(before, after, report)
        check_multiples(after, report)
    check_switches(placed, options.mirror, degraded, report)
    check_ports(after, placed, options, degraded, report)
    if len(placed) == len(cards) and before.cells:
        check_order(after, placed, options.mirror, findings, report)


def check(before_text, after_text, host, options=None, findings=None):
    """Judge one rewrite.  findings: the set of their numbers, None: unknown."""
    options = options or Options()
    report = Report()
    try:
        before, after = read(before_text), read(after_text)
    except xmltext.XmlError as error:
        return [Violation("not-xml", str(error))]
    moving = moving_sources(before, host, options)
    moving -= left_alone(before, after, may_stay(before, moving, host, options))
    if not moving and not any(c.marked for c in before.controllers.values()):
        if before_text != after_text:
            report.add("bytes", "nothing moves, but the text changed")
    check_bytes(before, after, moving, report)
    check_devices_kept(before, after, moving, report)
    check_others(before, after, report)
    known = set(check_legal(before))
    report.violations += [violation for violation in check_legal(after) if violation not in known]
    check_guest_bdfs(before, after, moving, report)
    check_layout(before, after, moving, host, options, findings, report)
    return report.violations


# --- what a layout needs

def needed(before, host, options):
    """(expanders, controllers) that the layout takes, or None where the contract leaves it open."""
    moving = moving_sources(before, host, options)
    if may_stay(before, moving, host, options) or not before.cells:
        return None
    cards = cards_of(before, moving, host, options)
    expanders = set()
    for card in cards:
        allowed = allowed_cells(before, host, card.node, options.unmapped)
        if len(allowed) > 1:
            return None
        card.cell = next(iter(allowed))
        home = card.cell if card.cell is not None else "no cell"
        card.expander = (home, None if options.mirror == "numa" else card.root)
        if card.cell is None and {c.node for c in cards if c.cell is None} != {card.node}:
            return None
        expanders.add(card.expander)
    ways = {card: wanted_switches(card, cards, options.mirror) for card in cards}
    switches = {(card.expander, tuple(way[:depth + 1])) for card, way in ways.items() for depth in range(len(way))}
    # Each switch has an upstream port and the port that it hangs on; each card has a port.
    total = len(expanders) * (1 + options.spare_ports) + 2 * len(switches) + len(cards)
    return len(expanders), total


# --- undo

def empty_ports(domain):
    """Root ports on pcie.0 of others with nothing behind them, by index."""
    used = {address.bus for _, address in domain.everything()}
    return sorted(index for index, c in domain.controllers.items()
                  if c.model == ROOT_PORT and not c.marked and c.address and c.address.bus == 0 and index not in used)


def check_undo(before_text, rewritten_text, undone_text):
    """Judge U(R(x)) against x, which had no marks."""
    report = Report()
    try:
        before, rewritten, undone = map(read, (before_text, rewritten_text, undone_text))
    except xmltext.XmlError as error:
        return [Violation("not-xml", str(error))]
    if MARK in undone_text and MARK not in before_text:
        report.add("undo-mark", "a mark is left")
    moved = {device.source for device in rewritten.assigned()
             if device.address and device.address.bus in rewritten.controllers
             and rewritten.controllers[device.address.bus].marked}
    check_bytes(before, undone, moved, report)
    check_devices_kept(before, undone, moved, report)
    check_others(before, undone, report)
    known = set(check_legal(before))
    report.violations += [v for v in check_legal(undone) if v not in known]
    check_undo_places(rewritten, undone, moved, report)
    return report.violations


def check_undo_places(rewritten, undone, moved, report):
    """A slot below a mark becomes a slot on the lowest empty root port; none left: no address."""
    slots = {}
    after = {device.source: device for device in undone.assigned()}
    for device in rewritten.assigned():
        if device.source in moved:
            slots.setdefault(device.address.place[:2], []).append(device)
    free = empty_ports(rewritten)
    used = []
    for devices in slots.values():
        addresses = [after[device.source].address for device in devices if device.source in after]
        if not any(addresses):
            continue
        if not all(addresses) or len({address.bus for address in addresses}) > 1:
            report.add("undo-place", "the functions at %s are apart", devices[0].address)
            continue
        used.append(addresses[0].bus)
        if [a.function for a in addresses] != [d.address.function for d in devices]:
            report.add("undo-place", "the functions at %s have other numbers", devices[0].address)
    if sorted(used) != free[:len(slots)]:
        report.add("undo-place", "ports %s were taken, %s were empty", sorted(used), free)


def alike(one_text, other_text):
    """The same domain, and the same bytes outside vtopo's controllers and the addresses of assigned devices."""
    if one_text == other_text:
        return True
    one, other = read(one_text), read(other_text)
    report = Report()
    check_bytes(one, other, {device.source for device in one.assigned()}, report)
    return not report.violations and shape(one.root) == shape(other.root)


__all__ = ["Options", "Violation", "alike", "check", "check_undo", "check_legal"]
