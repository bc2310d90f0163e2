# SPDX-License-Identifier: GPL-2.0-or-later
"""
moves.py - which devices vtopo places, and the cards that they form

Takes:  a domain, the host, the options.
Gives:  sources of the devices that move or may move; cards; the switches that a card is to have above it.
Rule:   what somebody placed on purpose stays: below an expander, switch or bridge that vtopo did not make,
        integrated graphics, what the policy keeps.
Not here: where a card should be (layout.py).
"""
import re

from domain import DOWNSTREAM, EXPANDER, MARK, ROOT_PORT, UPSTREAM, Domain, read, remembered_name
from hostmodel import bdf_text
from mapping import allowed_cells
from unchanged import ports_named_off

AMD, DISPLAY, ACCELERATOR = 0x1002, 0x03, 0x12


def is_at_host_address(device):
    return device.address is not None and len(device.source) == 4 and device.source == (0, *device.address.place)


def belongs_to_acpi_table(domain, device, host):
    """Is it a function of a GPU that a table of the domain's own finds where it is on the host?"""
    if not domain.acpi_table or not is_at_host_address(device):
        return False
    return any(other.source == (*device.source[:3], 0) and is_at_host_address(other) and
               host.function_of(other.source).class_code >> 16 == DISPLAY for other in domain.assigned()
               if host.function_of(other.source))


def is_on_purpose(domain, device, host):
    """Did somebody choose this device's place?"""
    if device.address is None:
        return False
    if belongs_to_acpi_table(domain, device, host):
        return True
    if device.address.bus == 0:
        function = host.function_of(device.source)
        # An integrated GPU is one only at this place, on the host as in the guest.
        return (device.address.slot, device.address.function) == (2, 0) and device.source == (0, 0, 2, 0) and \
            function is not None and function.class_code >> 16 == 3 and function.vendor == 0x8086
    parent = domain.controllers.get(device.address.bus)
    if parent is None:  # libvirt makes a root port
        return False
    if parent.marked:
        return False
    return not (parent.model == ROOT_PORT and (parent.address is None or parent.address.bus == 0))


def wants_atomics(device, host, options):
    """A GPU or accelerator of AMD as a whole; these hosts say nothing of what their ports complete."""
    function = host.function_of(device.source)
    return options.atomics == "keep" and len(device.source) == 4 and not function.physfn and \
        function.vendor == AMD and function.class_code >> 16 in (DISPLAY, ACCELERATOR)


def is_single(device, host, options):
    """Does it need a slot of its own?"""
    return device.transient or device.source in options.hotplug or wants_atomics(device, host, options)


class Card:
    """The moved functions of a host slot, as they are in the output."""

    def __init__(self, key, devices, host, options):
        self.key = key
        self.devices = sorted(devices, key=lambda device: device.source)
        self.functions = [host.function_of(device.source) for device in self.devices]
        self.bdf = self.functions[0].bdf
        self.root = self.functions[0].root
        self.node = options.nodes.get(self.bdf, host.node_of(self.functions[0]))
        self.tree = self.functions[0].tree()
        self.switches = [bridge.bdf for bridge in self.functions[0].switches()]
        self.hot = any(device.transient or device.source in options.hotplug for device in self.devices)
        self.single = any(is_single(device, host, options) for device in self.devices)
        self.own_port = self.hot or any(wants_atomics(device, host, options) for device in self.devices)
        self.cell = self.expander = None  # as found
        self.guest_switches = []
        self.way = []  # controllers from pcie.0 down

    def home(self):
        """What only neighbours share: the cell; without one the expander, as nodes without a cell may have one each."""
        return ("cell", self.cell) if self.cell is not None else ("expander", self.expander)

    def __str__(self):
        return "card " + bdf_text(self.bdf)


def below_expander(domain, expander):
    """The controllers from it on downwards, and the devices there."""
    below = [c for c in domain.controllers.values() if expander in domain.above(c.index)]
    buses = {c.index for c in below}
    return below, [device for device in domain.devices if device.address and device.address.bus in buses]


def adopt(domain, host, options, lone):
    """Marks the expanders that are taken over, not those with one of the sources of @lone below; sources below them."""
    sources = set()
    for expander in [c for c in domain.controllers.values() if c.model == EXPANDER and not c.marked]:
        below, devices = below_expander(domain, expander)
        models = {c.model for c in below}
        if len(below) > 1 and models <= {EXPANDER, ROOT_PORT, UPSTREAM, DOWNSTREAM} and \
                all(device.assigned and may_move(domain, device, host, options) and device.source not in lone
                    for device in devices):
            sources |= {device.source for device in devices}
            for controller in below:
                controller.marked = True
    return sources


def take_back(domain, host, options, lone):
    """Marks the ports that an undo has added where all that is in them are assigned devices that move; their sources."""
    sources = set()
    for port in [c for c in domain.controllers.values() if c.back and c.model == ROOT_PORT]:
        inside = [thing for thing, address in domain.everything() if address.bus == port.index]
        if inside and all(getattr(thing, "assigned", False) and may_move(domain, thing, host, options) and
                          thing.source not in lone for thing in inside):
            sources |= {device.source for device in inside}
            port.marked = True
    return sources


def input_of(text, host, options):
    """The domain of an input; with adopt others' expanders count as vtopo's where only assigned devices that move hang
    below, and so do ports that an undo has added.  Without cells a card moves only if it shares a switch with another one
    that does."""
    if not options.adopt and not any(c.back for c in read(text).controllers.values()):
        return read(text)
    lone = set()
    while True:
        domain = Domain(text)
        if not any(device.assigned and may_move(domain, device, host, options) and device.source not in lone
                   for device in domain.devices):
            return domain
        sources = take_back(domain, host, options, lone)
        if options.adopt:
            sources |= adopt(domain, host, options, lone)
        cards = [] if domain.cells else cards_of(domain, moving_sources(domain, host, options), host, options)
        more = sources & {device.source for card in cards if not wanted_switches(card, cards, options.mirror)
                          for device in card.devices}
        if not more:
            return domain
        lone |= more


def may_move(domain, device, host, options):
    """Does nothing but its place keep this device where it is?"""
    function = host.function_of(device.source)
    if device.source in options.keep or function is None or domain.left_alone:
        return False
    if not domain.cells:
        return options.without_numa == "group"
    node = options.nodes.get(device.source, host.node_of(function))
    return options.unmapped != "stay" or allowed_cells(domain, host, node) != {None}


def moving_sources(before, host, options):
    """Sources of the assigned devices that vtopo places."""
    return {device.source for device in before.assigned()
            if device.kind in ("pci", "none") and may_move(before, device, host, options) and
            not is_on_purpose(before, device, host)}


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
            source, host.node_of(host.function_of(source))))}
    if not before.cells:
        cards = cards_of(before, moving, host, options)
        for card in cards:
            if not wanted_switches(card, cards, options.mirror):
                found |= {device.source for device in card.devices}
        # What stays may be function 0 of a slot (a GPU that needs a port of its own), and then all in it do.
        for there in slots.values():
            if any(device.source in found for device in there):
                found |= {device.source for device in there}
    return found & moving


def left_alone(before, after, sources):
    """Those of @sources that stay: their address is the same, or as absent, in both, and not below a mark, or the place
    that a former rewrite gave them was taken back.  Below a mark is who moves, also where it was before."""
    old = {device.source: device.address and device.address.place for device in before.assigned()}

    def is_marked(domain, place):
        return bool(place) and place[0] in domain.controllers and domain.controllers[place[0]].marked

    def stays(device):
        place = device.address and device.address.place
        return not is_marked(after, place) and (old.get(device.source) == place or is_marked(before, old.get(device.source)))
    return {device.source for device in after.assigned() if device.source in sources and stays(device)}


PORT_OFF = re.compile(r"-off(-\d+)?$")


def port_left(before, device):
    """The controller whose bus a device leaves: that of the place which the domain remembers for it; None: none."""
    address = device.address
    if before.record and before.record.has(device.source):
        remembered = before.record.devices[remembered_name(device.source)]
        if remembered is None or remembered.bus in before.controllers:
            address = remembered
    return before.controllers.get(address.bus) if address else None


def port_may_be_off(before, device):
    """Is the port of a device hotplug='off', as somebody wants it: (it may be so, it is so)?

    Ports that are taken over (adopt) have to be matched by one on pcie.0.
    """
    port = port_left(before, device)
    if port is None or device.kind != "pci":
        return False, False
    if port.back:
        return (port.hotplug == "off",) * 2
    if (port.alias or "").startswith(MARK):
        return (bool(PORT_OFF.search(port.alias)),) * 2
    is_off = port.model == ROOT_PORT and port.hotplug == "off" and port.index not in set(ports_named_off(before))
    return is_off, is_off and not port.marked


def cards_of(after, moving, host, options):
    groups = {}
    for device in after.assigned():
        if device.source in moving:
            function = host.function_of(device.source)
            alone = function.physfn or len(device.source) == 2 or is_single(device, host, options)
            key = ("alone", device.source) if alone else device.source[:3]
            groups.setdefault(key, []).append(device)
    return [Card(key, devices, host, options) for key, devices in sorted(groups.items(), key=lambda g: g[1][0].source)]


def wanted_switches(card, cards, mirror):
    """The host switches that are to be above a card in the guest, topmost first."""
    if mirror in ("numa", "root") or card.tree is None or card.own_port:
        return []
    group = [c for c in cards if c.tree == card.tree and c.home() == card.home() and not c.own_port]
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
