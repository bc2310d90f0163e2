# SPDX-License-Identifier: GPL-2.0-or-later
"""
legal.py - what is wrong with a domain by itself, whoever made it

Takes:  a domain.Domain.
Gives:  violations: addresses, slots and functions, indexes, chassis, aliases, bus ranges.
Rule:   libvirt accepts much that QEMU or a guest does not; this is what all three want, with libvirt's defaults counted in.
Not here: what vtopo may change (unchanged.py), where devices should be (layout.py).
"""
from collections import Counter

from domain import DOWNSTREAM, EXPANDER, PCIE_ROOT, PORTS, ROOT_PORT, UPSTREAM
from verdict import Report, name

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


def libvirts_slots(domain):
    """Of pcie.0, those for devices of libvirt's own; aarch64's virt has none."""
    return set() if domain.is_virt else {0x01, 0x1A, 0x1B, 0x1D}


def machines_slots(domain):
    """Those that the machine has something in."""
    return {0} if domain.is_virt else {0, 0x1F}


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


def bus_ranges(domain):
    """(first, count, index) of pcie.0 and of each expander; index 1000: one that only QEMU knows."""
    on_root = sum(device.is_port and device.bus == "pcie.0" for device in domain.qemu)
    yield 0, domain.subtree(0) + len(domain.gaps()) + on_root, 0
    for device in domain.qemu:
        if device.is_expander:
            below = sum(other.is_port and other.bus == device.id for other in domain.qemu)
            yield device.number("bus_nr"), 1 + below, 1000
    for index, first in domain.expander_numbers().items():
        yield first, domain.subtree(index), index


def check_bus_ranges(domain, report):
    ranges = list(bus_ranges(domain))
    ranges.sort()
    for (first, count, index), (following, _, other) in zip(ranges, ranges[1:]):
        if first + count > following:
            rule = "pcie.0-buses" if index == 0 else "bus-overlap"
            report.add(rule, "controller %d needs bus numbers %d to %d, controller %d starts at %d", index, first,
                       first + count - 1, other, following)
    for first, count, index in ranges:
        if first + count - 1 > 255:
            report.add("bus-past-255", "controller %d ends at bus number %d", index, first + count - 1)


def check_command_line(domain, report):
    """Devices that only QEMU knows need their places, too.  (Expanders: bus_ranges().)"""
    slots = {address.slot for _, address in domain.everything() if address.bus == 0} | {0, 0x1F}
    for slot in domain.machine_slots:
        if slot in slots:
            report.add("qemu-slot", "slot %02x is that of a device that the machine makes", slot)
        slots.add(slot)
    ports = {address.bus for _, address in domain.everything()}
    chassis = dict(chassis_in_libvirt(domain))
    for device in domain.qemu:
        if device.bus == "pcie.0" and device.slot in slots:
            report.add("qemu-slot", "slot %02x is that of %s", device.slot, device.driver)
        if device.port in ports:
            report.add("qemu-port", "controller %d has a device, and %s", device.port, device.driver)
        if device.is_port and device.number("chassis") in chassis:
            report.add("qemu-chassis", "chassis %d", device.number("chassis"))
    slots |= {device.slot for device in domain.qemu if device.bus == "pcie.0"}
    without = sum(device.bus == "pcie.0" and device.slot is None for device in domain.qemu)
    if without > 32 - len(slots - {None}):
        report.add("qemu-slots", "%d slots are free, QEMU needs %d", 32 - len(slots - {None}), without)


def check_legal(domain):
    """What is wrong with a domain by itself, whoever made it."""
    report = Report()
    check_addresses(domain, report)
    check_controllers(domain, report)
    check_bus_ranges(domain, report)
    check_command_line(domain, report)
    return report.violations
