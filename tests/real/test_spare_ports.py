#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_spare_ports.py - plug devices into the spare ports of a running guest

Takes:  the golden case SPARE, whose policy asks for spare ports.
Gives:  for SeaBIOS and OVMF: a device added to each spare port through QEMU's monitor is found by
        the guest's kernel, has memory, and is on the cell of the expander; and everything that was
        there at boot is where it was promised.
Not here: guests in which nothing is plugged in (test_guest_decides.py).

usage: test_spare_ports.py --program PATH [--firmware seabios|ovmf]
"""

import argparse
import os
import sys
import xml.etree.ElementTree as ET

import compare
import domaincopy
import guest
import libvirt
import test_guest_decides as decides
import verdicts

SPARE = "policy-spare-ports"
PORTS = 2


def spare_ports(dump):
    """{alias: cell} of the spare ports."""
    controllers = compare.controllers(ET.fromstring(dump))
    result = {}
    for element in controllers.values():
        alias = element.find("alias")
        if alias is None or not alias.get("name").startswith("ua-vtopo-spare"):
            continue
        expander = controllers[domaincopy.pci_address(element)[0]]
        result[alias.get("name")] = int(expander.findtext("target/node"))
    return result


def plug(place, alias):
    """A function with memory BARs only; another kind in every second port."""
    device = {"driver": "nvme", "serial": "plugged-%d" % place} if place % 2 == 0 else {
        "driver": "virtio-net-pci", "romfile": ""}
    return dict(device, id="plugged-%d" % place, bus=alias)


def judge(case):
    ports = spare_ports(case.after["dump"])
    plugs = [plug(place, alias) for place, alias in enumerate(sorted(ports))]
    flat = guest.boot(case.before["arguments"], case.firmware, case.stand_ins(), decides.SECONDS)
    now = guest.boot(case.after["arguments"], case.firmware, case.stand_ins(), decides.SECONDS,
                     plugs)
    problems = compare.check(now, flat, case.after["dump"], case.host, case.golden.mirror(),
                             case.after["ids"], case.after["names"])
    problems += compare.check_predictions(now, case.after["dump"], case.after["names"], case.plan)
    if len(plugs) != PORTS or sorted(ports.values()) != [0, 1]:
        problems.append("spare ports: %s" % ports)
    found = now.by_id()
    for device in plugs:
        there = found.get(device["id"])
        if there is None:
            problems.append("%s: not found" % device["bus"])
            continue
        print("    %-8s %s on %s: node %d, %s" % (
            case.firmware, device["driver"], device["bus"], there.node, "/".join(there.path)))
        if there.node != ports[device["bus"]]:
            problems.append("%s: node %d" % (device["bus"], there.node))
        if not there.usable():
            problems.append("%s: no memory" % device["bus"])
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_XML"))
    parser.add_argument("--firmware", choices=("seabios", "ovmf"))
    arguments = parser.parse_args()
    if not arguments.program:
        sys.exit("no program: give --program or VTOPO_XML")
    program = os.path.abspath(arguments.program)

    def judge_one(firmware):
        with libvirt.Libvirt() as virt:
            case = decides.Case(virt, program, SPARE, firmware)
        return judge(case)

    verdicts.exit_with_all([arguments.firmware] if arguments.firmware else ["seabios", "ovmf"], judge_one)


if __name__ == "__main__":
    main()
