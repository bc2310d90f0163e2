#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_aarch64.py - guests of aarch64's machine "virt", booted on this machine

Takes:  this machine's libvirt and its qemu-system-aarch64; a kernel and busybox of Debian's arm64, and the firmware of
        this Debian and of others, fetched with apt and not installed; a host of the project's own.
Gives:  for each row a guest, compared pair by pair with the host (test_whole_hosts.py).  Where the layout is made by hand,
        what such a domain promises is what QEMU, firmware and the kernel show; with firmware older than 2023.02 the guest
        has no cells, and a GPU alone below an expander has no memory if its port keeps none.  Where vtopo-xml makes it, the
        guest is compared with what that predicts, too: addresses, NCCL's topology file and arithmetic; with QEMU 10 or
        later, and --links host, the links of its ports; with libvirt 12.8, that GPUs with BARs as large as the host's have
        memory in the window that a finding names, and not without it.
Rule:   everything goes through libvirt: define, dump, domxml-to-native.  Emulated devices stand for the assigned ones.
Exit:   77, and a line "skipped:", if firmware of another Debian cannot be had, because the mirror cannot be reached, and
        everything else is right.  Without the kernel nothing can be judged, and the test fails.

usage: test_aarch64.py --program PATH --packages DIR [ROW...]
"""

import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
TOP = REAL.parents[1]
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "tools")]
import compare  # noqa: E402
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import make_domain  # noqa: E402
import run as golden  # noqa: E402
import test_links  # noqa: E402
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
ROOM = """<qemu:device alias='%s'><qemu:frontend>
<qemu:property name='pref64-reserve' type='unsigned' value='%d'/></qemu:frontend></qemu:device>"""

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


def fetch_guest(folder):
    """Its kernel and busybox, which come from where the test's own packages come from: they have to be there."""
    if not fetch(folder / "guest", *KERNEL):
        sys.exit("the guest's kernel cannot be fetched")
    os.environ["VTOPO_ARM64"] = str(folder / "guest")


def large_stand_ins(names):
    """({id: what stands for it}, QEMU's words for that); the 64-bit BARs are those of nvme for a controller's own memory."""
    words, made = [], {}
    for name in names:
        words += ["-object", "memory-backend-ram,id=bar-%s,size=%dG,reserve=off,prealloc=off" % (name, BAR_GIB)]
        made[name] = lambda device: dict(guest.with_bar(32)(device), pmrdev="bar-" + device["id"])
    return made, words


def with_room(text, aliases):
    """These ports keep a window as large as Linux wants it."""
    devices = "".join(ROOM % (alias, 3 * BAR_GIB << 29) for alias in aliases)
    override = "<qemu:override xmlns:qemu='%s'>%s</qemu:override></domain>" % (domaincopy.QEMU, devices)
    return text.replace("</domain>", override)


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

    def __init__(self, host, room):
        self.host, self.room = host, room

    def change(self, before):
        hand = ByHand(before)
        text = hand.text()
        return with_room(text, [ALIAS % hand.places[ALONE]]) if self.room else text

    @staticmethod
    def alone(names):
        return {name: bdf for name, bdf in names.items() if bdf == ALONE}

    def problems(self, virt):
        found = test_whole_hosts.judge(
            virt, HOST, self.host, "aavmf", "switch", self.change, lambda now, dump, names: missing_bars(now, self.alone(names)),
            lambda names: large_stand_ins(self.alone(names)))
        return found if self.room else expect("has no BAR of", [p for p in found if "has no memory" not in p])


class Planned:
    """vtopo-xml makes the layout."""

    def __init__(self, program, host, mirror, *options):
        self.words = [program, "--host", str(golden.host_file(HOST)), "--config", test_whole_hosts.EMPTY_POLICY,
                      "--mirror", mirror, *options]
        self.host, self.mirror, self.options = host, mirror, options

    def run(self, text, *options):
        """(output, what it says)"""
        done = subprocess.run([*self.words, *options], input=text, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise libvirt.Error("vtopo-xml: status %d: %s" % (done.returncode, done.stderr))
        return done.stdout, done.stderr

    def change(self, text):
        return self.run(text)[0]

    def stand_ins(self, names):
        return test_whole_hosts.no_stand_ins(names)

    def predictions(self, now, dump, names):
        plan = json.loads(self.run(dump, "--explain=json")[0])
        with tempfile.TemporaryDirectory(prefix="vtopo-topology-") as work:
            path = pathlib.Path(work, "nccl.xml")
            self.run(dump, "--nccl-topo", str(path))
            topology = path.read_text(encoding="utf-8")
        yield from compare.check_predictions(now, dump, names, plan)
        yield from compare.check_topology(now, names, topology)
        yield from compare.check_nccl(now, plan)
        if "--links" in self.options:
            yield from test_links.Ports(self.host).ports(now)
        if self.run(dump)[0] != dump:
            yield "rewriting libvirt's dump changes it"

    def problems(self, virt):
        return test_whole_hosts.judge(virt, HOST, self.host, "aavmf", self.mirror, self.change, self.predictions, self.stand_ins)


class LargeBars(Planned):
    """GPUs have BARs as large as the host's, and the window that the finding names."""

    def change(self, text):
        errors = self.run(text)[1]
        named = re.search(r"<pcihole64 unit='GiB'>\d+</pcihole64>", errors)
        if not named:
            raise libvirt.Error("no finding names a window")
        root = "<controller type='pci' index='0' model='pcie-root'"
        return self.run(text.replace(root + "/>", "%s>%s</controller>" % (root, named[0])))[0]

    def gpus(self, names):
        return {name: bdf for name, bdf in names.items() if self.host.functions[bdf]["class"].startswith("0x0302")}

    def stand_ins(self, names):
        return large_stand_ins(self.gpus(names))

    def predictions(self, now, dump, names):
        return missing_bars(now, self.gpus(names))


class LargeBarsAlone(Planned):
    """As AloneByHand: vtopo-xml lets the port keep room.  It is told that the other GPUs have smaller BARs, as QEMU's have."""

    def change(self, text):
        lines = golden.host_file(HOST).read_text(encoding="utf-8").splitlines(True)
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as told:
            told.writelines(line if ALONE in line else line.replace("%dG" % BAR_GIB, "256M") for line in lines)
            told.flush()
            self.words[self.words.index("--host") + 1] = told.name
            return super().change(text)

    def stand_ins(self, names):
        return large_stand_ins(AloneByHand.alone(names))

    def predictions(self, now, dump, names):
        return missing_bars(now, AloneByHand.alone(names))


class WindowTooSmall(LargeBars):
    """What the finding says becomes true."""

    def change(self, text):
        return self.run(text)[0]

    def problems(self, virt):
        without = [problem for problem in super().problems(virt) if "has no BAR of" in problem]
        return [] if without else ["all BARs have memory, and a finding says that they have none"]


class ByHandRow:
    def __init__(self, host, suite):
        self.host, self.suite = host, suite

    def problems(self, virt):
        if self.suite == WITHOUT_CELLS:
            return without_cells(virt, self.host)
        return test_whole_hosts.judge(virt, HOST, self.host, "aavmf", "switch", by_hand)


def rows(program):
    """{name: (firmware, row)}"""
    host = hostfacts.Host(golden.host_file(HOST))
    found = {"by hand, " + suite: (suite, ByHandRow(host, suite)) for suite in FIRMWARE}
    found["large BARs alone, by hand"] = NEWEST, AloneByHand(host, True)
    found["large BARs alone, by hand, without room"] = NEWEST, AloneByHand(host, False)
    found.update({"mirror " + mirror: (NEWEST, Planned(program, host, mirror)) for mirror in ("numa", "switch", "exact")})
    found["large BARs alone"] = NEWEST, LargeBarsAlone(program, host, "switch")
    if libvirt.qemu_major() >= 10:
        found["links"] = NEWEST, Planned(program, host, "exact", "--links", "host")
    if libvirt.qemu_major() >= 11:  # and libvirt 12.8, which knows the window
        found["large BARs"] = NEWEST, LargeBars(program, host, "switch")
        found["large BARs, small window"] = NEWEST, WindowTooSmall(program, host, "switch")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--packages", required=True, type=pathlib.Path)
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()
    packages = arguments.packages.resolve()
    libvirt.require("qemu-system-aarch64")
    fetch_guest(packages)
    missing = [suite for suite in FIRMWARE if suite != OWN and not fetch(packages / suite, [suite], ["qemu-efi-aarch64"])]
    todo, installed = rows(os.path.abspath(arguments.program)), guest.AAVMF

    def judge(name):
        suite, row = todo[name]
        root = "" if suite == OWN else str(packages / suite)
        guest.AAVMF = [tuple(root + path for path in pair) for pair in installed]
        return row.problems(virt)

    with libvirt.Libvirt() as virt:
        verdicts.exit_with_all([name for name in arguments.rows or todo if todo[name][0] not in missing], judge,
                               missing and "firmware of %s, because the mirror cannot be reached" % " and ".join(missing))


if __name__ == "__main__":
    main()
