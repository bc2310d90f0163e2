# SPDX-License-Identifier: GPL-2.0-or-later
"""
libvirt_laws.py - the laws with a real libvirt in between

Takes:  a case of test_properties.py, and tests/real/libvirt.py.
Gives:  violations.  D(x) is the dump of x after libvirt defined it.
Rule:   what libvirt makes of our text counts: it takes a rewrite of everything that it takes, keeps every address of it, puts
        nothing of its own below our controllers, and what it prints is what the next rewrite leaves as it is.
Not here: the laws on texts alone (test_properties.py), booting (tests/real).
"""
import os
import random
import re
import sys

import checker
import xmltext
from additions import check_additions_dump
from domain import BACK, Controller, read, remembered_name
from layout import check_layout
from vacated import check_vacated_dump
from verdict import Report, Violation, name

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../real"))
import libvirt  # noqa: E402


INDEX = re.compile(r"\bindex=['\"]([0-9]+)")


def define(harness, text):
    """(dump, None) or (None, libvirt's message)."""
    try:
        return harness.define_and_dump(text), None
    except libvirt.Error as error:
        return None, str(error)


def by_kind(domain):
    """Devices by kind, in order: libvirt sorts the kinds, and keeps the order within one, disks excepted."""
    kinds = {}
    for device in domain.devices:
        name, rest = device.element.name, None
        if name == "controller":
            rest = device.element.get("type")
        elif name == "disk":
            rest = device.element.find("target").get("dev")
        kinds.setdefault((name, rest), []).append(device)
    return kinds


def check_addresses_unchanged(output, dump):
    """Every address that the output gives is in the dump."""
    there = by_kind(dump)
    sources = {device.source: device for device in dump.assigned()}
    for kind, devices in by_kind(output).items():
        for old, new in zip(devices, there.get(kind, [])):
            new = sources.get(old.source, new) if old.assigned else new
            if old.address and (new.address is None or old.address.place != new.address.place):
                yield Violation("D: address", "%s: %s became %s" % (old, old.address, new.address))
    for index, old in output.controllers.items():
        new = dump.controllers.get(index)
        if new is None or new.model != old.model:
            yield Violation("D: controller", "controller %d (%s) is gone" % (index, old.model))
        elif old.address and old.address.place != (new.address and new.address.place):
            yield Violation("D: address", "controller %d: %s became %s" % (index, old.address, new.address))
        elif old.marked != new.marked:
            yield Violation("D: mark", "controller %d lost its mark" % index)


def check_intruders(dump, moving):
    """Nothing that libvirt places is below a controller of ours."""
    for thing, address in dump.everything():
        parent = dump.controllers.get(address.bus)
        if parent is None or not parent.marked or parent.alias.startswith("ua-vtopo-gap-") or getattr(thing, "source", None) in moving:
            continue
        if not getattr(thing, "marked", False):
            yield Violation("D: intruder", "%s is below vtopo's controller %d" % (name(thing), parent.index))


def check_dump(case, before_dump, output_text, dump_text, findings):
    before = checker.input_of(case.text, case.host, case.options)
    output, dump = read(output_text), read(dump_text)
    moving = checker.moving_sources(before, case.host, case.options)
    moving -= checker.left_alone(before, output, checker.may_stay(before, moving, case.host, case.options))
    yield from check_addresses_unchanged(output, dump)
    yield from check_intruders(dump, moving)
    known = {violation.rule for violation in checker.check_legal(read(before_dump))}
    for violation in checker.check_legal(dump):
        if violation.rule not in known:
            yield Violation("D: " + violation.rule, violation.text)
    report = Report()
    check_layout(before, dump, moving, case.host, case.options, findings, report)
    for violation in report.violations:
        yield Violation("D: " + violation.rule, violation.text)


def judge(case, harness):
    """All violations of the laws with D; None if libvirt does not take the input."""
    text = libvirt.for_this_machine(case.text)
    before_dump, refusal = define(harness, text)
    if before_dump is None:
        return None, refusal
    case.text = text
    first = case.rewrite(text)
    if first.status:
        return [], None
    dump, refusal = define(harness, first.text)
    if dump is None:
        return [Violation("libvirt refuses", refusal)], None
    found = list(check_dump(case, before_dump, first.text, dump, first.findings))
    again = case.rewrite(dump)
    if again.status or again.text != dump:
        found.append(Violation("R(D(R(x))) = D(R(x))", "status %d, %s %s" % (
            again.status, first_line_changed(dump, again.text), again.messages[:300] if again.status else "")))
    undone = case.undo(dump)
    found += check_given_back(case, harness, before_dump, dump, undone)
    back = case.rewrite(undone.text)
    if back.status or not alike(back.text, dump, undone.text):
        found.append(Violation("R(U(D(R(x)))) = D(R(x))", "status %d, %s %s" % (
            back.status, first_line_changed(dump, back.text), back.messages[:300] if back.status else "")))
    one, other = case.rewrite2(dump), case.rewrite2(undone.text)
    if one.status != other.status or not alike(one.text, other.text, undone.text):
        found.append(Violation("R2(D(R(x))) = R2(U(D(R(x))))", "status %d and %d, %s" % (
            one.status, other.status, first_line_changed(one.text, other.text))))
    for what, result in (("U(D(R(x)))", undone), ("R2(D(R(x)))", one)):
        if result.status == 0 and define(harness, result.text)[0] is None:
            found.append(Violation("libvirt refuses " + what, define(harness, result.text)[1]))
    found += check_real_dump(case, before_dump)
    found += check_vacated_dump(case, text, define, harness)
    found += check_additions_dump(case, define, harness, random.Random(len(case.text)))
    return found, None


def check_given_back(case, harness, before_dump, dump, undone):
    """Of a domain that had all its addresses an undo means the same to libvirt as the domain.

    What libvirt adds unasked (a balloon, a USB controller) it puts into the lowest port that is empty, which may be one that
    a card has left, and then the card cannot go back there.  Where it puts it into the same places as without vtopo, the
    law holds, too.
    """
    if not checker.has_all(case.before()) or places_of_others(before_dump) != places_of_others(dump):
        return
    given_back, refusal = define(harness, undone.text)
    # Of a domain without one libvirt makes an id of its own each time.
    one, other = (re.sub("<uuid>.*</uuid>", "", text or "") for text in (before_dump, given_back))
    if one != other:
        yield Violation("D(U(D(R(x)))) = D(x)", refusal or first_line_changed(one, other))


def places_of_others(text):
    return [(device.element.name, device.address and device.address.place) for device in read(text).others()]


def alike(one, other, undone):
    """The same bytes, but for what the record says of devices and controllers that could not go back to their places.

    What libvirt fills into an added element does not count. Where libvirt has put something there, @undone has the device elsewhere, and that is then what is remembered of it.
    """
    one, other = (libvirt.without_filled_in(text) for text in (one, other))
    if one == other:
        return True
    undone = read(undone)
    lost = lost_entries(one, undone) | lost_entries(other, undone)
    return without(one, lost) == without(other, lost)


def entries(text):
    """{what it is about: entry} of the record."""
    record = read(text).record
    if record is None:
        return {}
    return {key_of(entry): entry for entry in record.element.children}


def key_of(entry):
    """The host's device, the index of a controller that was taken out; of all else the place of the entry, which nobody loses."""
    if entry.name == "vtopo:removed":
        return INDEX.search(entry.get("text"))[1]
    return entry.get("host") if entry.name == "vtopo:device" else entry.start


def is_back(entry, undone):
    """Is the controller that the entry has there, not another one with its index?"""
    was = Controller(xmltext.parse(entry.get("text").strip()), int(INDEX.search(entry.get("text"))[1]))
    now = undone.controllers.get(was.index)
    return now is not None and (now.model, str(now.address)) == (was.model, str(was.address))


def lost_entries(text, undone):
    """What the record says of devices and controllers that are elsewhere in the undone domain, or gone, and of ports that
    only the undo has added."""
    record = read(text).record
    places = {remembered_name(device.source): device.address and device.address.place for device in undone.assigned()}
    lost = set()
    for key, entry in entries(text).items():
        was = record.devices.get(key)
        if entry.name == "vtopo:removed" and (not is_back(entry, undone) or BACK in entry.get("text")) or \
           entry.name == "vtopo:device" and places.get(key) != (was and was.place):
            lost.add(key)
    return lost


def without(text, lost):
    """The text without these entries of its record."""
    ranges = [xmltext.with_space_before(text, entry) for key, entry in entries(text).items() if key in lost]
    return xmltext.cut(text, ranges)[0]


def check_real_dump(case, dump):
    """A rewrite of what libvirt really prints."""
    result = case.rewrite(dump)
    if result.status:
        return
    for violation in checker.check(dump, result.text, case.host, case.options, result.findings):
        yield Violation("of a dump: " + violation.rule, violation.text)


def first_line_changed(one, other):
    for number, (a, b) in enumerate(zip(one.split("\n"), other.split("\n")), 1):
        if a != b:
            return "line %d: %r and %r" % (number, a, b)
    return "one ends earlier"
