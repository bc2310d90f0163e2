# SPDX-License-Identifier: GPL-2.0-or-later
"""
plan_check.py - does --explain=json have the truth?

Takes:  a domain before and after a rewrite, the plan that was printed for it, the host.
Gives:  violations: where the plan and the output differ, or a predicted guest address is not what the firmware's rule gives.
Not here: whether the layout is a good one (checker.py).
"""
from domain import EXPANDER
from hostmodel import bdf_parse, bdf_text
from verdict import Violation


def guest_text(bdf):
    return None if bdf is None else "0000:%02x:%02x.%x" % bdf


def check_controllers(after, plan):
    numbers = after.bus_numbers()
    marked = {c.index: c for c in after.controllers.values() if c.marked}
    printed = {c["index"]: c for c in plan["controllers"] if not c["filler"] or c["alias"]}
    if set(marked) != set(printed):
        yield Violation("plan", "controllers %s in the plan, %s in the output" % (sorted(printed), sorted(marked)))
        return
    for index, found in marked.items():
        entry = printed[index]
        is_so = {"model": found.model, "alias": found.alias, "parent": found.address.bus, "slot": found.address.slot,
                 "function": found.address.function, "chassis": found.chassis, "port": found.port, "cell": found.node,
                 "guest_bdf": guest_text(after.guest_bdf(found.address, numbers))}
        if found.model == EXPANDER:
            is_so["bus_range"] = {"first": found.bus_nr, "last": found.bus_nr + after.subtree(index) - 1}
        for key, value in is_so.items():
            if entry[key] != value:
                yield Violation("plan", "controller %d: %s is %s in the plan, %s in the output" % (
                    index, key, entry[key], value))


def check_devices(before, after, plan, host, moving):
    """Devices are in the order of the XML; network pools are not ours to know."""
    entries = [entry for entry in plan["devices"] if entry["kind"] != "network"]
    old, new = before.assigned(), after.assigned()
    if len(entries) != len(new):
        yield Violation("plan", "%d devices in the plan, %d in the output" % (len(entries), len(new)))
        return
    for entry, was, now in zip(entries, old, new):
        if entry["host_bdf"] != bdf_text(host.function_of(now.source).bdf):
            yield Violation("plan", "%s is called %s" % (now, entry["host_bdf"]))
        if (entry["fate"] == "moved") != (now.source in moving):
            yield Violation("plan", "%s: fate %s" % (now, entry["fate"]))
        # Without cells it is on pcie.0, where libvirt may add ports of its own.
        is_planned = plan["outcome"] == "layout"
        yield from check_address(entry, "after", now, after,
                                 is_planned and (after.is_complete() or bool(now.source in moving and after.cells)))
        if not any(c.marked for c in before.controllers.values()):
            yield from check_address(entry, "before", was, before, is_planned and before.is_complete())


def check_address(entry, when, device, domain, must_know):
    address = device.address and dict(zip(("controller", "slot", "function"), device.address.place))
    if entry["address_" + when] != address:
        yield Violation("plan", "%s: address %s is %s, not %s" % (device, when, entry["address_" + when], address))
    guest = guest_text(domain.guest_bdf(device.address, domain.bus_numbers()))
    printed = entry["guest_bdf_" + when]
    if printed is None and any(d.is_port for d in domain.qemu):  # the command line's bridges take bus numbers, too
        return
    if printed != guest and (must_know or printed is not None):
        yield Violation("plan", "%s: guest address %s is %s, not %s" % (device, when, printed, guest))


def check_cards(host, plan):
    for card in plan["cards"]:
        function = host.functions.get(bdf_parse(card["host_bdf"]))
        switches = [bdf_text(bridge.bdf) for bridge in function.switches()]
        if card["switches"] != switches or card["root_complex"] != "%04x:%02x" % function.root:
            yield Violation("plan", "card %s: %s in %s" % (card["host_bdf"], card["switches"], card["root_complex"]))


def check_reserves(after, plan):
    """Only root ports directly on an expander of machine virt ask firmware for memory, and for what it can give."""
    ports = {c.alias: c for c in after.controllers.values() if c.marked}
    for override in plan["overrides"]:
        if override["name"] != "pref64-reserve":
            continue
        port, size = ports.get(override["alias"]), int(override["value"])
        above = port and after.controllers.get(port.address.bus)
        if not after.is_virt or not above or above.model != EXPANDER or size & (size - 1) or size < 1 << 20:
            yield Violation("plan", "%s asks for %d bytes" % (override["alias"], size))


def check(before, after, plan, host, moving):
    yield from check_reserves(after, plan)
    yield from check_controllers(after, plan)
    yield from check_devices(before, after, plan, host, moving)
    yield from check_cards(host, plan)
