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
import re

import xmltext
from domain import BACK, MARK, ROOT_PORT, number, read
from unchanged import added_back, check_bytes, check_devices_unchanged, check_guest_bdfs, check_others, check_ports_off, ports_named_off, shape
from layout import check_layout
from legal import check_legal, libvirts_slots, machines_slots
from moves import PORT_OFF, input_of, left_alone, may_stay, moving_sources
from verdict import Options, Report, Violation


def below_marks(domain):
    """Sources of assigned devices on controllers that carry a mark."""
    return {device.source for device in domain.assigned()
            if device.address and device.address.bus in domain.controllers
            and domain.controllers[device.address.bus].marked}


def check_undone(before, after, sources, report):
    """What a former rewrite moved and this one does not: on a port that was empty, or was added for it."""
    free = empty_ports(before) + [port.index for port in added_back(before, after)]
    for device in after.assigned():
        if before.record and before.record.has(device.source) and \
                before.record.place(device.source) == (device.address and device.address.place):
            continue
        if device.source in sources and device.address and device.address.bus not in free:
            report.add("taken-back", "%s is at %s; ports %s were empty", device, device.address, free)


def check(before_text, after_text, host, options=None, findings=None):
    """Judge one rewrite.  findings: the set of their numbers, None: unknown."""
    options = options or Options()
    report = Report()
    try:
        before, after = input_of(before_text, host, options), read(after_text)
    except xmltext.XmlError as error:
        return [Violation("not-xml", str(error))]
    moving = moving_sources(before, host, options)
    moving -= left_alone(before, after, may_stay(before, moving, host, options))
    taken_back = below_marks(before) - moving
    if not moving and not any(c.marked for c in before.controllers.values()):
        if before_text != after_text:
            report.add("bytes", "nothing moves, but the text changed")
    check_bytes(before, after, moving | taken_back, report)
    check_ports_off(before, after, findings, report)
    check_devices_unchanged(before, after, moving | taken_back, report)
    check_undone(before, after, taken_back, report)
    check_others(before, after, report)
    known = set(check_legal(before))
    report.violations += [violation for violation in check_legal(after) if violation not in known]
    check_guest_bdfs(before, after, moving | taken_back, findings, report)
    check_layout(before, after, moving, host, options, findings, report)
    return report.violations


# --- undo

def empty_ports(domain):
    """Root ports of others with nothing behind them that are on pcie.0, or will be, by index."""
    used = {address.bus for _, address in domain.everything()} | {device.port for device in domain.qemu}
    return sorted(index for index, c in domain.controllers.items()
                  if c.model == ROOT_PORT and not c.marked and index not in used and
                  (c.address is None or c.address.bus == 0))


def check_undo(before, rewritten_text, undone_text):
    """Judge U(R(x)) against x (a Domain), which had no marks.  What was taken over (adopt) comes back."""
    report = Report()
    try:
        before, rewritten, undone = map(read, (before.text, rewritten_text, undone_text))
    except xmltext.XmlError as error:
        return [Violation("not-xml", str(error))]
    if MARK in undone_text.replace(BACK, "") and MARK not in before.text:
        report.add("undo-mark", "a mark is left")
    undone.highest = max(rewritten.controllers, default=0)  # a port for an index below that may stay
    moved = below_marks(rewritten)
    if has_all(before) and rewritten.record:
        if undone_text != before.text:
            report.add("undo-bytes", "%s", first_difference(before.text, undone_text))
        return report.violations
    check_bytes(before, undone, moved, report)
    check_devices_unchanged(before, undone, moved, report)
    check_others(before, undone, report)
    known = set(check_legal(before))
    report.violations += [v for v in check_legal(undone) if v not in known]
    check_undo_places(rewritten, undone, moved, report)
    return report.violations


def has_all(before):
    """Has everything an address, so that an undo gives the very same text?"""
    return before.is_complete()


def first_difference(one, other):
    at = next((i for i, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
    return "%r became %r" % (one[max(0, at - 30):at + 60], other[max(0, at - 30):at + 60])


def check_remembered(rewritten, undone, moved, report):
    """The sources of devices that the text remembers; they are where it says."""
    record, known = rewritten.record, set()
    for device in undone.assigned():
        if device.source not in moved or record is None or not record.has(device.source):
            continue
        known.add(device.source)
        if record.place(device.source) != (device.address and device.address.place):
            report.add("undo-place", "%s was at %s and is at %s", device, record.place(device.source), device.address)
    return known


def check_undo_places(rewritten, undone, moved, report):
    """A slot below a mark becomes a slot on the lowest empty root port, then on one that is added; none fits: no address.

    What came from a port with hotplug='off' goes back to such a port, and nothing else does.
    """
    moved -= check_remembered(rewritten, undone, moved, report)
    check_added_ports(rewritten, undone, report)
    named = set(ports_named_off(rewritten))
    for off in (False, True):
        of_kind = {device.source for device in rewritten.assigned() if device.source in moved and off == bool(
            PORT_OFF.search(rewritten.controllers[device.address.bus].alias))}
        free = [index for index in empty_ports(rewritten)
                if off == (rewritten.controllers[index].hotplug == "off" and index not in named)]
        check_undo_places_of(rewritten, undone, of_kind, free, off, report)


def check_undo_places_of(rewritten, undone, moved, free, off, report):
    slots = {}
    after = {device.source: device for device in undone.assigned()}
    for device in rewritten.assigned():
        if device.source in moved:
            slots.setdefault(device.address.place[:2], []).append(device)
    used = []
    for devices in slots.values():
        addresses = [after[device.source].address for device in devices if device.source in after]
        if not any(addresses):
            if has_room(undone):
                report.add("undo-place", "%s has no address any more", devices[0])
            continue
        if not all(addresses) or len({address.bus for address in addresses}) > 1:
            report.add("undo-place", "the functions at %s are apart", devices[0].address)
            continue
        used.append(addresses[0].bus)
        if [a.function for a in addresses] != [d.address.function for d in devices]:
            report.add("undo-place", "the functions at %s have other numbers", devices[0].address)
    added = {port.index for port in added_back(rewritten, undone) if port.hotplug == ("off" if off else None)}
    if sorted(set(used) - added) != free[:len(slots)] or len(set(used)) < len(used):
        report.add("undo-place", "ports %s were taken, %s were empty", sorted(used), free)


def taken_slots(domain, but=()):
    """Of pcie.0: those of the machine and of libvirt's own devices, too."""
    slots = machines_slots(domain) | set(domain.machine_slots)
    slots |= {address.slot for thing, address in domain.everything() if address.bus == 0 and thing not in but}
    on_root = [device for device in domain.qemu if device.bus == "pcie.0"]
    slots |= {device.slot for device in on_root}
    for device in on_root:
        if device.slot is None:
            slots |= set(sorted(set(range(32)) - slots)[:1])
    if any(c.model == "dmi-to-pci-bridge" for c in domain.controllers.values()):
        slots.add(0x1E)
    return slots | libvirts_slots(domain)


def taken_indexes(domain, but=()):
    return {0} | {c.index for c in domain.controllers.values() if c not in but} | {device.port for device in domain.qemu} | {
        address.bus for _, address in domain.everything() if address.bus not in {c.index for c in but}}


def has_room(domain):
    """For one more root port?"""
    return len(taken_indexes(domain)) < 256 and set(range(32)) - taken_slots(domain) != set()


def check_added_ports(rewritten, undone, report):
    """The ports that the undo has added have the lowest indexes and slots that would else be free."""
    ports = sorted(added_back(rewritten, undone), key=lambda port: port.index)
    remembered = set(re.findall(BACK + r"[\w-]+", rewritten.text))  # that a rewrite had taken out
    ports = [port for port in ports if port.alias not in remembered]
    indexes = sorted(set(range(256)) - taken_indexes(undone, ports))[:len(ports)]
    slots = sorted(set(range(32)) - taken_slots(undone, ports))[:len(ports)]
    if [port.index for port in ports] != indexes:
        report.add("undo-port", "indexes %s, and %s were free", [port.index for port in ports], indexes)
    if [port.address and port.address.place for port in ports] != [(0, slot, 0) for slot in slots]:
        report.add("undo-port", "%s, and slots %s were free", [str(port.address) for port in ports], slots)


ADDRESS = re.compile(r"<address\b[^>]*>")


NUMBER = re.compile(r"\b(domain|bus|slot|function)\s*=\s*(['\"])(\w+)\2")


def plain_address(match):
    """An address in one spelling, and without multifunction on functions other than 0.

    It says nothing there, and may be left from a former place.
    """
    text = NUMBER.sub(lambda m: "%s=%s%d%s" % (m.group(1), m.group(2), number(m.group(3)), m.group(2)), match.group())
    if re.search(r"function=.0['\"]", text):
        return text
    return re.sub(r"\smultifunction\s*=\s*(['\"])on\1", "", text)


def alike(one_text, other_text):
    """The same domain, and the same bytes outside vtopo's controllers and the addresses of assigned devices."""
    if one_text == other_text:
        return True
    one, other = (read(ADDRESS.sub(plain_address, text)) for text in (one_text, other_text))
    report = Report()
    check_bytes(one, other, {device.source for device in one.assigned()}, report)
    return not report.violations and shape(one.root) == shape(other.root)


__all__ = ["Options", "Violation", "alike", "check", "check_legal", "check_undo", "empty_ports", "input_of", "left_alone",
           "has_all", "may_stay", "moving_sources"]
