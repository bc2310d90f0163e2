#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_aarch64.py - guests of aarch64's machine "virt", booted on this machine

Takes:  this machine's libvirt and its qemu-system-aarch64; a kernel and busybox of Debian's arm64, and the firmware of
        this Debian and of others, fetched with apt and not installed; a host of the project's own.
Gives:  for each row a guest, compared pair by pair with the host (test_whole_hosts.py).  Where the layout is made by hand,
        what such a domain promises is what QEMU, firmware and the kernel show; with firmware older than 2023.02 the guest
        has no cells, and a GPU alone below an expander has no memory if its port keeps none.
Rule:   everything goes through libvirt: define, dump, domxml-to-native.  Emulated devices stand for the assigned ones.
Exit:   77, and a line "skipped:", if the mirror cannot be reached and everything else is right.

usage: test_aarch64.py --packages DIR [ROW...]
"""

import argparse
import os
import pathlib
import platform
import subprocess
import sys
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
TOP = REAL.parents[1]
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "tools")]
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import make_domain  # noqa: E402
import run as golden  # noqa: E402
import test_whole_hosts  # noqa: E402
import verdicts  # noqa: E402

NOT_FETCHED = 75  # of get-packages
OWN = platform.freedesktop_os_release().get("VERSION_CODENAME")
# Debians whose firmware is booted: 2022.11, this one's, 2026.08
WITHOUT_CELLS, NEWEST = "bookworm", "forky"
FIRMWARE = [suite for suite in ("bookworm", "trixie", "forky") if suite in (WITHOUT_CELLS, OWN, NEWEST)]
KERNEL = ["-a", "arm64", "bookworm"], ["busybox-static", "linux-image-cloud-arm64"]
HOST = "altra-like"
BAR_GIB = 64  # of its GPUs
ALONE = "0011:01:00.0"  # one of them, without a switch
ALIAS = "ua-vtopo-by-hand-%d"
OVERRIDE = """<qemu:override xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:device alias='%s'><qemu:frontend>
<qemu:property name='pref64-reserve' type='unsigned' value='%d'/></qemu:frontend></qemu:device></qemu:override>"""

# A layout of HOST as "switch" means it: expander, its first bus number and node, what is below it.
EXPANDERS = [
    (0x20, 0, ["000c:01:00.0", "000c:02:00.0"]),
    (0x40, 0, [["000d:03:00.0", "000d:04:00.0", "000d:05:00.0"]]),
    (0x60, 1, [["0010:05:00.0", "0010:06:00.0", "0010:07:00.0"]]),
    (0x80, 1, ["0011:01:00.0"]),
]


class ByHand:
    """The layout of EXPANDERS in a domain whose devices are elsewhere."""

    def __init__(self, before):
        self.domain = ET.fromstring(before)
        self.devices = self.domain.find("devices")
        self.index = max(int(c.get("index")) for c in self.devices.findall("controller[@type='pci']"))
        self.places = {}

    def controller(self, model, bus=None, slot=0):
        self.index += 1
        element = ET.SubElement(self.devices, "controller", type="pci", index=str(self.index), model=model)
        ET.SubElement(element, "alias", name=ALIAS % self.index)
        if bus is not None:
            ET.SubElement(element, "address", type="pci", domain="0", bus=str(bus), slot=str(slot), function="0")
        return self.index, element

    def text(self):
        buses = []
        for number, node, below in EXPANDERS:
            index, element = self.controller("pcie-expander-bus")
            target = ET.SubElement(element, "target", busNr=str(number))
            ET.SubElement(target, "node").text = str(node)
            buses.append((index, below))
        for bus, below in buses:
            for slot, card in enumerate(below):
                port, _ = self.controller("pcie-root-port", bus, slot)
                if isinstance(card, str):
                    self.places[card] = port
                else:
                    self.switch(port, card)
        for element in self.devices.findall("hostdev"):
            element.find("address").attrib.update(bus=str(self.places[domaincopy.source_bdf(element)]), slot="0")
        return ET.tostring(self.domain, encoding="unicode")

    def switch(self, port, cards):
        upstream, _ = self.controller("pcie-switch-upstream-port", port)
        for slot, card in enumerate(cards):
            self.places[card], _ = self.controller("pcie-switch-downstream-port", upstream, slot)


def by_hand(before):
    return ByHand(before).text()


def without_cells(virt, host):
    """Firmware older than 2023.02 maps its own flash so that Linux drops all cells (edk2 e5ec3ba409)."""
    devices = test_whole_hosts.whole_guest(host)
    dump = virt.define_and_dump(by_hand(virt.define_and_dump(make_domain.domain([0, 1], devices, "aavmf"))))
    now = guest.boot(virt.native(domaincopy.copy(dump)[0]), "aavmf", seconds=test_whole_hosts.SECONDS)
    if now.nodes != "0":
        yield "the guest has the nodes %s" % now.nodes
    yield from ("%s is on node %d" % (device.bdf, device.node) for device in now.devices.values() if device.node != -1)
    if not any("invalid memblk" in line for line in now.log):
        yield "the kernel says nothing of it"


def fetch(folder, where, packages):
    """Is it there?  False: the mirror cannot be reached."""
    status = subprocess.run(["sh", REAL.parent / "tools/get-packages", *where, folder, *packages], check=False).returncode
    if status not in (0, NOT_FETCHED):
        sys.exit("get-packages %s: status %d" % (where[-1], status))
    return status == 0


def fetch_all(folder, wanted):
    """Ends the test, and says so, where the mirror cannot be reached."""
    missing = [name for name, what in wanted.items() if not fetch(folder / name, *what)]
    if missing:
        print("skipped: %s, because the mirror cannot be reached" % " and ".join(missing))
        sys.exit(77)


def fetch_guest(folder):
    """Its kernel and busybox."""
    fetch_all(folder, {"guest": KERNEL})
    os.environ["VTOPO_ARM64"] = str(folder / "guest")


def large_stand_ins(names):
    """({id: what stands for it}, QEMU's words for that); the 64-bit BARs are those of nvme for a controller's own memory."""
    words, made = [], {}
    for name in names:
        words += ["-object", "memory-backend-ram,id=bar-%s,size=%dG,reserve=off,prealloc=off" % (name, BAR_GIB)]
        made[name] = lambda device: dict(guest.with_bar(32)(device), pmrdev="bar-" + device["id"])
    return made, words


def missing_bars(now, names):
    found = now.by_id()
    for name, bdf in names.items():
        if BAR_GIB << 30 not in [end - start + 1 for start, end, _ in found[name].resources.values() if start]:
            yield "%s (host %s) has no BAR of %d GiB" % (found[name].bdf, bdf, BAR_GIB)


def expect(wanted, problems):
    """None but that one."""
    problems = [problem for problem in problems if "kernel complains" not in problem]
    return [] if problems and all(wanted in problem for problem in problems) else problems + ["nothing " + wanted]


class AloneByHand:
    """
    A GPU with two 64-bit BARs alone below an expander.  Firmware gives the expander what the BARs need, and Linux 6.1 and
    6.12, which assign all anew there, want half of the larger one more; what the port keeps (pref64-reserve) is room for
    that.  Linux 7.2 needs no more than firmware.
    """

    def __init__(self, host, reserve_gib):
        self.host, self.reserve_gib = host, reserve_gib

    def change(self, before):
        hand = ByHand(before)
        text = hand.text()
        if not self.reserve_gib:
            return text
        return text.replace("</domain>", OVERRIDE % (ALIAS % hand.places[ALONE], self.reserve_gib << 30) + "</domain>")

    @staticmethod
    def alone(names):
        return {name: bdf for name, bdf in names.items() if bdf == ALONE}

    def problems(self, virt):
        found = test_whole_hosts.judge(
            virt, HOST, self.host, "aavmf", "switch", self.change, lambda now, dump, names: missing_bars(now, self.alone(names)),
            lambda names: large_stand_ins(self.alone(names)))
        return found if self.reserve_gib else expect("has no BAR of", [p for p in found if "has no memory" not in p])


class ByHandRow:
    def __init__(self, host, suite):
        self.host, self.suite = host, suite

    def problems(self, virt):
        if self.suite == WITHOUT_CELLS:
            return without_cells(virt, self.host)
        return test_whole_hosts.judge(virt, HOST, self.host, "aavmf", "switch", by_hand)


def rows():
    """{name: (firmware, row)}"""
    host = hostfacts.Host(golden.host_file(HOST))
    found = {"by hand, " + suite: (suite, ByHandRow(host, suite)) for suite in FIRMWARE}
    found["large BARs alone, by hand"] = NEWEST, AloneByHand(host, 96)
    found["large BARs alone, by hand, without room"] = NEWEST, AloneByHand(host, 0)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", required=True, type=pathlib.Path)
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()
    packages = arguments.packages.resolve()
    libvirt.require("qemu-system-aarch64")
    fetch_guest(packages)
    fetch_all(packages, {suite: ([suite], ["qemu-efi-aarch64"]) for suite in FIRMWARE if suite != OWN})
    todo, installed = rows(), guest.AAVMF

    def judge(name):
        suite, row = todo[name]
        root = "" if suite == OWN else str(packages / suite)
        guest.AAVMF = [tuple(root + path for path in pair) for pair in installed]
        return row.problems(virt)

    with libvirt.Libvirt() as virt:
        verdicts.exit_with_all(arguments.rows or list(todo), judge)


if __name__ == "__main__":
    main()
