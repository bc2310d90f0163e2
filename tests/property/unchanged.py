# SPDX-License-Identifier: GPL-2.0-or-later
"""
unchanged.py - what a rewrite may not change

Takes:  a domain before and after, the sources of the devices that were moved.
Gives:  violations: bytes outside vtopo's own parts, content of assigned devices, others' places and guest addresses.
Rule:   outside marked controllers and the addresses of moved devices the texts are equal byte for byte.
Not here: which devices move (moves.py).
"""
from collections import Counter
import re

import xmltext
from domain import EXPANDER, PCIE_ROOT, ROOT_PORT
from hostmodel import source_text

FINDING_PORTS_OFF = 37
FINDING_GUEST_BDF_CHANGES = 27


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


def fillers(before, after):
    """Root ports on pcie.0 that take indexes which would otherwise be gaps: a former layout had them.

    They are empty, or an undo has put an assigned device there.
    """
    highest = after.highest or max(after.controllers, default=0)
    back = {device.source for device in before.assigned()}
    used = {address.bus for thing, address in after.everything() if getattr(thing, "source", None) not in back}
    for index, controller in after.controllers.items():
        old = before.controllers.get(index)
        if not controller.marked and not controller.back and (old is None or old.marked) and \
                controller.model == ROOT_PORT and index < highest \
                and controller.address and controller.address.bus == 0 and index not in used:
            yield controller


def added_back(before, after):
    """Root ports that an undo adds: each has an assigned device."""
    used = {device.address.bus for device in after.assigned() if device.address}
    for index, controller in after.controllers.items():
        old = before.controllers.get(index)
        if controller.back and (old is None or old.marked) and index in used:
            yield controller


def own_ranges(domain, moving, either_way):
    """The parts of a text that vtopo may write: its record, its controllers and the addresses of what it moves.

    Where an address is there in one text only, the white space on both sides of its place does not count.
    """
    if domain.record:
        yield xmltext.with_space_before(domain.text, domain.record.outermost)
    for controller in domain.controllers.values():
        if controller.marked:
            yield xmltext.with_space_before(domain.text, controller.element)
    for element in domain.announced.values():
        yield xmltext.with_space_before(domain.text, element)
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


def ports_named_off(domain):
    """Root ports of others that the alias of a controller of vtopo's names as switched off: "...-off-9-10-ports"."""
    for controller in domain.controllers.values():
        named = re.search(r"-off-([0-9-]+)-ports$", controller.alias or "") if controller.marked else None
        yield from map(int, named.group(1).split("-")) if named else ()


def ports_off(domain, before=None):
    """hotplug='off' in ports of others that a mark names: the parts of the text, with the space before.

    The whole <target> where the port had none.
    """
    for index in set(ports_named_off(domain)):
        controller = domain.controllers.get(index)
        if controller is None or controller.marked or controller.model != ROOT_PORT or controller.hotplug != "off":
            continue
        old = before and before.controllers.get(index)
        if old and old.element.find("target") is None:
            yield xmltext.with_space_before(domain.text, controller.element.find("target"))
            continue
        attribute = next(a for a in controller.element.find("target").attributes if a.name == "hotplug")
        start = attribute.start
        while domain.text[start - 1] in " \t\r\n":
            start -= 1
        yield start, attribute.end


def ports_switched_on(before, after):
    """hotplug='on' of ports that were then switched off: the parts of the text before, with the space before."""
    for index in set(ports_named_off(after)):
        controller = before.controllers.get(index)
        target = controller and controller.element.find("target")
        for attribute in target.attributes if target else ():
            if attribute.name == "hotplug" and controller.hotplug == "on":
                start = attribute.start
                while before.text[start - 1] in " \t\r\n":
                    start -= 1
                yield start, attribute.end


def check_ports_off(before, after, findings, report):
    """Only empty ports are switched off, and a finding says so."""
    occupied = {address.bus for _, address in after.everything()}
    named = set(ports_named_off(after))
    if named and findings is not None and FINDING_PORTS_OFF not in findings:
        report.add("ports-off", "ports %s are switched off and no finding says so", sorted(named))
    for index in named:
        old = before.controllers.get(index)
        if index in occupied or old is None or not after.uefi:
            report.add("ports-off", "port %d is switched off", index)


def tidy(text):
    """Without the difference between <a></a>, <a/> and <a /> that cutting leaves behind."""
    text = re.sub(r"<(hostdev|interface|controller)([^<>]*)/>", r"<\1\2></\1>", text)
    return re.sub(r"(<controller\b[^<>]*>)\s+</controller>", r"\1</controller>", text)


def check_bytes(before, after, moving, report):
    if after.is_virt and "pref64-reserve" in after.text:  # with <qemu:override> and its namespace; undoing is held to the bytes
        return
    lost = without_address(after, moving) - without_address(before, moving)
    either_way = places_of_addresses(before, lost)
    one, place = xmltext.cut(before.text, [*own_ranges(before, moving, either_way), *ports_off(before),
                                          *ports_switched_on(before, after)])
    filled = [xmltext.with_space_before(after.text, controller.element)
              for controller in [*fillers(before, after), *added_back(before, after)]]
    other, _ = xmltext.cut(after.text, [*own_ranges(after, moving, either_way), *filled,
                                        *fixed_numbers(before, after), *ports_off(after, before)])
    if one == other or tidy(one) == tidy(other):
        return
    at = next((i for i, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
    line = before.text.count("\n", 0, place(at)) + 1
    report.add(classify(one, other, at), "line %d: %r became %r", line, one[max(0, at - 30):at + 30],
               other[max(0, at - 30):at + 30])


def check_devices_unchanged(before, after, moving, report):
    old = {device.source: device for device in before.assigned()}
    sources = Counter(device.source for device in after.assigned())
    for source in old:
        if not sources[source]:
            report.add("device-lost", "%s", source_text(source))
    for source, count in sources.items():
        if count > 1 or source not in old:
            report.add("device-twice", "%s", source_text(source))
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
    check_announced(after, report)
    filled = [*fillers(before, after), *added_back(before, after)]
    for index, new in after.controllers.items():
        if not new.marked and index not in before.controllers and new not in filled:
            report.add("controller-unmarked", "controller %d (%s) is new and carries no mark", index, new.model)


def check_announced(after, report):
    """Exactly what libvirt would add below the last of our own, as it would have it, and in front of ours."""
    ours = {index: c.element.start for index, c in after.controllers.items() if c.marked}
    own = [index for index, c in after.controllers.items() if not c.marked]
    for index, element in after.announced.items():
        if [a.name for a in element.attributes] != ["type", "index", "model"] or \
           element.get("model") != (ROOT_PORT if index else PCIE_ROOT) or index in after.controllers:
            report.add("announced", "controller %d is announced as %s", index, element.get("model"))
        if not any(index < higher for higher in ours) or any(i > index and at < element.start for i, at in ours.items()):
            report.add("announced", "controller %d is announced behind vtopo's, or in front of none", index)
    for index in range(max(own, default=-1) + 1, max(ours, default=0)):
        if after.announced and index not in after.announced and index not in after.controllers:
            report.add("announced", "controller %d is not announced", index)
        elif not after.announced and own == [] and ours:
            report.add("announced", "nothing is announced in front of vtopo's controllers")


def check_guest_bdfs(before, after, moving, findings, report):
    """Of a domain that had all its addresses: everything that was not moved is where it was for the guest.

    Where a port goes that an undo had added, what is behind it comes back to the number that it had before the undo, and
    a finding says so of devices.
    """
    if not before.is_complete(moving):
        return
    if not after.is_complete():
        report.add("index-gap", "libvirt would add controllers: gaps %s", after.gaps())
    one, other = before.bus_numbers(), after.bus_numbers()
    taken_out = any(c.back and c.marked for c in before.controllers.values())
    if taken_out and (findings is None or FINDING_GUEST_BDF_CHANGES in findings):
        return
    for (old, new) in zip(before.devices, after.devices):
        if old.address is None or old.source in moving:
            continue
        was, is_now = before.guest_bdf(old.address, one), after.guest_bdf(new.address, other)
        if was != is_now:
            report.add("guest-bdf", "%s: %s became %s", old, was, is_now)
    for index, old in before.controllers.items():
        if not old.marked and one.get(index) != other.get(index) and not taken_out:
            report.add("guest-bdf", "bus of controller %d: %s became %s", index, one.get(index), other.get(index))
