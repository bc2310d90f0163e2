#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_guest_decides.py - boot rewritten domains and look

Takes:  golden cases, named in BOOTS, each with the firmware that it is booted with.
Gives:  for each and for SeaBIOS and OVMF: a guest booted from what libvirt makes of the input, one
        from what it makes of the output, and what compare.py says of them, of the addresses that
        --explain predicts, of what it says NCCL sees, of NCCL's topology file, and what vtopo-compare says
        in the guest.
Rule:   nothing is skipped: a machine without QEMU, kernel or busybox fails.
Not here: that libvirt and QEMU take every other golden output (test_libvirt_decides.py).

usage: test_guest_decides.py --program PATH [--firmware seabios|ovmf] [--jobs N] [BOOT...]
"""

import argparse
import concurrent.futures
import copy
import json
import os
import pathlib
import re
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(REAL), str(REAL.parent / "golden")]
import bootdisk  # noqa: E402
import compare  # noqa: E402
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import run as golden  # noqa: E402

# golden case: how many assigned devices vtopo must have placed (a test that finds nothing to
# compare would pass)
BOOTS = {
    "mirror-root": 6,      # two expanders
    "small": 4,            # a switch for each GPU and its NIC
    "gpu-functions": 11,   # cards of four and two functions
    "behind-ports": 2,     # what is behind empty ports and a card of four functions, on pcie.0 and on an expander
    "attach-pci-rtx8": 32,  # audio and USB functions behind bridges
    "rtx8": 32,            # eight cards of four functions, each with an I/O BAR
    "eight-nodes": 16,     # eight cells
    "hgx8-switch": 16,     # the whole host
    "expanders-of-others": 2,
    "nested-switch": 7,
    "nested-exact": 7,     # three levels
    "sriov": 8,
    "vgpu": 6,             # mdevs, two on one function, two on VFs in a switch
    "vdpa": 6,             # on VFs and on scalable functions
    "nvme-disks-move": 4,  # two disks on one drive
    "policy-without-numa-group": 4,
    "kubevirt-call2": 4,
    "bus-numbers-to-255": 8,   # between expanders of others, and the last number is 255
    "io-windows-14": 14,
    "io-windows-9-ovmf": 9,
    # OVMF's I/O space depends on what libvirt adds to a domain that lacks some addresses
    "ovmf-address-missing": 2,  # an interface fills a port, and others are turned off for a GPU with an I/O BAR
    "ovmf-index-gap": 1,
    "machine-i440fx": 2,        # conventional expanders
    "machine-i440fx-cards": 11,  # slots of one, cards of several functions with I/O BARs
    "ovmf-index-gap-io": 1,     # root ports that libvirt would add are written to be off
}

# What is just within a limit, which is another one for each firmware.
ONLY = {"bus-numbers-to-255": "seabios", "io-windows-14": "seabios", "io-windows-9-ovmf": "ovmf",
        "ovmf-address-missing": "ovmf", "ovmf-index-gap": "ovmf", "ovmf-index-gap-io": "ovmf"}

# All places but the host device's are libvirt's choice, and other ones without vtopo's controllers.
CHOSEN = {"ovmf-index-gap", "ovmf-index-gap-io"}

MERGED = "VTOPO-0080"
DISK_BOOT = "nvme-boot"
MARKER = "vtopo booted from disk"
SECONDS = 240


LOADER = re.compile(rb"\s*<(loader|nvram)\b[^>]*>([^<]*</\1>)?")
OVMF = (b"\\g<0><loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
        b"<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/>")


def with_firmware(text, firmware):
    """The domain says with which firmware it boots: what vtopo does may depend on it."""
    text = LOADER.sub(b"", text)
    if firmware == "ovmf":
        text, found = re.subn(rb"</type>(?=\s*<[^>]*>|\s*</os>)", OVMF, text, count=1)
        assert found, "no <type> in <os>"
    return text


class Case:
    """A golden case as libvirt and QEMU see it, before and after."""

    def __init__(self, virt, program, name, firmware):
        self.golden = golden.Case(golden.GOLDEN / name)
        self.name = name
        self.firmware = firmware
        self.host = hostfacts.Host(self.golden.host)
        source = with_firmware((self.golden.folder / self.golden.domain).read_bytes(), firmware)
        status, output, messages = self.golden.run(program, domain="-", text=source)
        if status != 0:
            raise guest.GuestError("vtopo-xml: status %d: %s" % (status, messages.decode()))
        self.compare = pathlib.Path(program).with_name("vtopo-compare")
        self.before = self.layout(virt, source)
        self.after = self.layout(virt, output)
        # of libvirt's dump: that is what will be started
        dump = self.after["dump"].encode()
        self.plan = json.loads(self.golden.run(program, "--explain=json", domain="-", text=dump)[1])
        with tempfile.TemporaryDirectory(prefix="vtopo-topology-") as work:
            path = pathlib.Path(work, "nccl.xml")
            self.golden.run(program, "--nccl-topo", str(path), domain="-", text=dump)
            self.topology = path.read_text()

    @staticmethod
    def layout(virt, text):
        dump = virt.define_and_dump(libvirt.for_this_machine(text.decode("utf-8")))
        copy, names = domaincopy.copy(dump)
        arguments = virt.native(copy)
        ids = [d["id"] for d in guest.pci_devices(guest.pairs(arguments))]
        return {"dump": dump, "names": names, "arguments": arguments, "ids": ids}

    def placed(self):
        return compare.placed(ET.fromstring(self.after["dump"]))

    def stand_ins(self):
        """Functions with I/O BARs are stood for by devices that have one: I/O space is scarce."""
        return {i: guest.with_io if self.has_io(name) else guest.stands_for(name)
                for i, name in self.after["names"].items()}

    def has_io(self, name):
        bars = self.host.functions.get(name, {}).get("bars", [])
        return any(bar and bar.startswith("io") for bar in bars)

    def attached(self):
        """Host devices that the policy wants behind a PCIe-to-PCI bridge: by address, or by vendor and device."""
        path = self.golden.folder / "policy.json"
        entries = json.loads(path.read_text()).get("devices", []) if path.exists() else []
        wishes = {e.get("bdf") or e["id"]: e["attach_pci"] for e in entries if "attach_pci" in e}
        names = [n for n in self.after["names"].values() if n in self.host.functions]
        return {n for n in names if wishes.get(n, wishes.get(self.host.ids(n)))}

    def merged(self):
        """OVMF has less I/O space than SeaBIOS, and so room for one bridge where there is room for two."""
        return any(finding["id"] == MERGED for finding in self.plan["findings"])

    def boots(self):
        """(problems, seconds of the two boots)"""
        flat = guest.boot(self.before["arguments"], self.firmware, self.stand_ins(), SECONDS)
        now = guest.boot(self.after["arguments"], self.firmware, self.stand_ins(), SECONDS,
                         files=self.plans(flat))
        problems = compare.check(now, flat, self.after["dump"], self.host, self.golden.mirror(),
                                 self.after["ids"], self.after["names"], self.attached(), self.merged(),
                                 others=self.name not in CHOSEN)
        problems += compare.check_predictions(now, self.after["dump"], self.after["names"], self.plan)
        problems += compare.check_topology(now, self.after["names"], self.topology)
        problems += compare.check_nccl(now, self.plan)
        problems += check_compared(now.compared, len(self.placed()))
        if len(self.placed()) != BOOTS[self.name]:
            problems.append("%d devices placed by vtopo, not %d" % (
                len(self.placed()), BOOTS[self.name]))
        return problems, (flat.seconds, now.seconds)

    def plans(self, flat):
        """vtopo-compare and two plans for the initramfs: one as it is, but with what the stand-ins are, and one
        with a node, an address, a port and a link that are wrong."""
        good = copy.deepcopy(self.plan)
        found = flat.by_id()
        places = {domaincopy.host_name(e): domaincopy.pci_address(e)
                  for e in domaincopy.devices(ET.fromstring(self.after["dump"]))}
        ids = {places[name]: i for i, name in self.after["names"].items()}
        for device in good["devices"]:
            place = device["address_after"]
            there = found.get(ids.get(place and tuple(place.values())))
            if there is not None:
                width, _, speed = there.link.partition(" ")
                device["vendor_device"] = "%04x:%04x" % (there.vendor, there.device)
                if device["link"] and "GT/s" in speed and width.isdigit():  # else it differs
                    device["link"] = "%s x%s" % (speed.replace(" PCIe", ""), width)
        wrong = copy.deepcopy(good)
        moved = [d for d in wrong["devices"] if d["card"] is not None]
        for number, device in enumerate(moved):
            if number == 0:
                device["guest_bdf_after"] = "0000:ff:1f.7"
            elif number == 1:
                device["link"] = "64.0 GT/s x2"
            else:
                device["card"] = moved[0]["card"]
        return [("bin/vtopo-compare", 0o755, self.compare.read_bytes()),
                ("plans/good", 0o644, json.dumps(good).encode()),
                ("plans/wrong", 0o644, json.dumps(wrong).encode())]

    def disk_boot(self):
        """The firmware's own boot order leads to the moved NVMe disk: no kernel is given."""
        work = tempfile.mkdtemp(prefix="vtopo-disk-")
        started = time.monotonic()
        try:
            disk = os.path.join(work, "disk")
            bootdisk.write(disk, self.firmware, MARKER)
            name = [i for i, n in self.after["names"].items() if n == "0000:18:00.0"][0]
            arguments = guest.for_tcg(self.after["arguments"], self.firmware, work, kernel=False,
                                      disks={name: disk})
            text, buses = guest.run(arguments, work, MARKER, SECONDS)
            bdf = {i: b for b, i in guest.ids_by_bdf(buses).items()}[name]
            problems = [] if MARKER in text else ["no marker"]
            if bdf.startswith("0000:00:"):
                problems.append("the disk is at %s: it was not moved" % bdf)
            return problems, (time.monotonic() - started,)
        finally:
            guest.remove(work)


def check_compared(compared, placed):
    """vtopo-compare, run in the guest, agrees with the plan and notices a wrong one."""
    status, text = compared.get("good", (None, "it was not run"))
    if status != 0 or "as planned" not in text or text.count(" ok ") < placed:
        yield "vtopo-compare: status %s\n%s" % (status, text)
    status, text = compared.get("wrong", (None, "it was not run"))
    if status != 1 or "nothing is at 0000:ff:1f.7" not in text or (placed > 1 and "not 64.0 GT/s x2" not in text):
        yield "vtopo-compare does not notice a wrong plan: status %s\n%s" % (status, text)


def judge(case):
    try:
        if case.name == DISK_BOOT:
            return case.disk_boot()
        return case.boots()
    except guest.GuestError as error:
        return ["no guest: %s" % error], ()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_XML"))
    parser.add_argument("--firmware", choices=("seabios", "ovmf"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("boots", nargs="*")
    arguments = parser.parse_args()
    if not arguments.program:
        sys.exit("no program: give --program or VTOPO_XML")
    program = os.path.abspath(arguments.program)
    guest.find_kernel()
    libvirt.require("busybox", "qemu-system-x86_64")
    names = arguments.boots or list(BOOTS) + [DISK_BOOT]
    firmwares = [arguments.firmware] if arguments.firmware else ["seabios", "ovmf"]
    started = time.monotonic()
    with libvirt.Libvirt() as virt:
        cases = [Case(virt, program, name, firmware) for name in names for firmware in firmwares
                 if firmware == ONLY.get(name, firmware)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        jobs = {pool.submit(judge, case): (case.name, case.firmware) for case in cases}
        for job in concurrent.futures.as_completed(jobs):
            problems, seconds = job.result()
            failed += bool(problems)
            print("%-22s %-8s %s %s" % (*jobs[job], "FAILED" if problems else "ok    ",
                                        " ".join("%.0f s" % s for s in seconds)), flush=True)
            for problem in problems[:20]:
                print("    " + problem.replace("\n", "\n    "))
            if len(problems) > 20:
                print("    and %d more" % (len(problems) - 20))
    print("%d boots judged, %d failed, %.0f s" % (len(jobs), failed, time.monotonic() - started))
    sys.exit(1 if failed or not jobs else 0)


if __name__ == "__main__":
    main()
