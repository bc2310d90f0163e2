# SPDX-License-Identifier: GPL-2.0-or-later
"""
layout.py - is every card where the host's topology wants it?

Takes:  a domain before and after, the host, the options, the findings.
Gives:  violations: functions, cells, expanders, switches, ports, order, bus numbers.
Rule:   the contract's section on the layout, judged from what the output says.
Not here: whether the output is legal at all (legal.py).
"""
from collections import Counter
import re

from domain import DOWNSTREAM, EXPANDER, PORTS, ROOT_PORT, UPSTREAM
from hostmodel import bdf_text
from legal import bus_ranges, libvirts_slots, machines_slots
from mapping import allowed_cells
from moves import cards_of, common_prefix, port_left, port_may_be_off, may_stay, moving_sources, wanted_switches

FINDING_ORDER = 22
# What was given up, because the layout did not fit as asked.
FINDING_SPARE_PORTS, FINDING_MERGED, FINDING_FLATTENED = 34, 80, 81
FINDING_HOTPLUG_OFF = 33  # UEFI has no I/O space for all ports that can hot-plug


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
    if card.single and addresses[0].multifunction == "on":
        report.add("multifunction", "%s needs a slot of its own, and says multifunction='on'", card)
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


def check_expanders(cards, mirror, merged, report):
    for one, other in pairs(cards):
        wanted = share_expander(one, other, mirror)
        if wanted is None or (one.expander == other.expander) == wanted:
            continue
        if merged and not wanted and one.cell == other.cell:
            continue
        report.add("expander", "%s and %s: %s expander", one, other, "not one" if wanted else "one and the same")


def check_switches(cards, mirror, report):
    wanted = {card: wanted_switches(card, cards, mirror) for card in cards}
    for card in cards:
        if len(card.guest_switches) != len(wanted[card]):
            report.add("switch", "%s is below %d switches, not %d", card, len(card.guest_switches), len(wanted[card]))
    for one, other in pairs(cards):
        is_so = common_prefix(one.guest_switches, other.guest_switches)
        should = common_prefix(wanted[one], wanted[other]) if one.home() == other.home() else 0
        if is_so != should:
            report.add("switch", "%s and %s share %d switches, not %d", one, other, is_so, should)


def check_ports_left(before, cards, report):
    """A card that leaves a port with hotplug='off' gets such a port; the indexes of ports that may be so."""
    ports = {device.source: port_may_be_off(before, device) for device in before.assigned()}
    buses = {device.source: port_left(before, device) for device in before.assigned()}
    may_be_off = set()
    left = Counter(port for card in cards for port in {buses[device.source] for device in card.devices})
    for card in cards:
        roots = [controller for controller in card.way if controller.model == ROOT_PORT]
        if any(ports[device.source][0] for device in card.devices):
            may_be_off |= {controller.index for controller in roots}
        if any(ports[device.source][1] and left[buses[device.source]] == 1 for device in card.devices) and not card.hot and \
                any(controller.hotplug != "off" for controller in roots):
            report.add("hotplug-off-lost", "%s left a port with hotplug='off'", card)
    return may_be_off


def check_ports(before, after, cards, options, findings, report):
    """Every port of vtopo's has a card, a switch, or is one of the spare ones; details of each kind."""
    off = after.uefi and FINDING_HOTPLUG_OFF in findings
    left_off = check_ports_left(before, cards, report)
    hot = {controller.index for card in cards if card.hot for controller in card.way}
    used = set()
    for card in cards:
        used |= {controller.index for controller in card.way}
    marked = [c for c in after.controllers.values() if c.marked]
    buses = Counter(card.way[-1].index for card in cards)
    for index, count in buses.items():
        if count > 1:
            report.add("port-shared", "%d cards on the port of controller %d", count, index)
    # Ports that take an index that would be a gap stand for no card, and have any index.
    spare = [c for c in marked if c.index not in used and not c.alias.startswith("ua-vtopo-gap-")]
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
        if spare_count[expander] != options.spare_ports and not (
                FINDING_SPARE_PORTS in findings and spare_count[expander] < options.spare_ports):
            report.add("spare-ports", "expander %d has %d spare ports, not %d", expander, spare_count[expander],
                       options.spare_ports)
    for controller in marked:
        of_a_gap = controller.alias.startswith("ua-vtopo-gap-")  # nothing is ever plugged in there
        check_port_details(after, controller, of_a_gap or controller.index in left_off or
                           (off and controller.index not in hot), report)


def check_port_details(after, controller, may_be_off, report):
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
    if controller.model == ROOT_PORT and controller.hotplug == "off" and not may_be_off:
        report.add("hotplug", "root port %d cannot hot-plug", index)
    siblings = [c for c in after.children(controller.address.bus)] if controller.address else []
    same_slot = [c for c in siblings if c.address.slot == controller.address.slot]
    if len(same_slot) > 1 and controller.address.function == 0 and controller.address.multifunction != "on":
        report.add("multifunction", "controller %d lacks multifunction='on'", index)


def check_expander_slots(before, after, report):
    """Not where the machine or libvirt's fixed devices sit, as long as there is another place."""
    taken = {address.slot for thing, address in before.everything()
             if address.bus == 0 and not getattr(thing, "marked", False)}
    taken |= {*before.machine_slots, *(device.slot for device in before.qemu if device.bus == "pcie.0")}
    mine = {c.address.slot for c in after.controllers.values()
            if c.marked and c.model == EXPANDER and c.address and c.address.bus == 0}
    free = set(range(2, 31)) - libvirts_slots(before) - taken - mine
    if mine & machines_slots(before) or (free and mine & libvirts_slots(before)):
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
    taken = [(first, size) for first, size, index in bus_ranges(after)
             if index not in after.controllers or not after.controllers[index].marked]
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
    findings_known = findings or set()
    mirror = "switch" if options.mirror == "exact" and FINDING_FLATTENED in findings_known else options.mirror
    cards = cards_of(after, moving, host, options)
    placed = [card for card in cards if check_functions(card, report) and
              find_way(after, card, bool(before.cells), report)]
    for card in placed:
        if card.own_port and (len(card.guest_switches) or card.way[-1].model != ROOT_PORT):
            report.add("transient", "%s needs a root port of its own", card)
    if before.cells:
        check_cells(before, placed, host, options, report)
        check_expanders(placed, options.mirror, FINDING_MERGED in findings_known, report)
        check_expander_slots(before, after, report)
        check_multiples(after, report)
    check_switches(placed, mirror, report)
    check_ports(before, after, placed, options, findings_known, report)
    if len(placed) == len(cards) and before.cells:
        check_order(after, placed, options.mirror, findings, report)


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
