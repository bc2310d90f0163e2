#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_flat_guests.py - flat domains with eight large GPUs, rewritten with --cells make --mmio auto, and booted

Takes:  domains without cells as libvirt prints them, KVM's, on a host of two nodes whose GPUs have BARs of 128 or 256 GiB;
        this Debian's OVMF and SeaBIOS.
Gives:  for each, what libvirt makes of the rewritten domain, and of the booted guest: nodes, their CPUs and memory, the
        node of every device, and every large BAR, at an address that firmware gave it and that the processor reaches.
Rule:   vtopo-xml gets the domain of KVM.  Without KVM the guest has a processor of TCG with the width of addresses and the
        pages that the rewritten domain asks for.  A GPU is stood for by ivshmem with a BAR of its size and no memory behind
        it: pci-testdev has a BAR of I/O besides, of which OVMF has too few.  What Linux has to assign itself counts as
        missing.  "as-it-was" shows that it would be noticed: without what --mmio auto adds there are no BARs.
Not here: the windows' edges (test_mmio.py), more kinds of domains and topologies (test_cells.py).

usage: test_flat_guests.py --program PATH [--all] [GUEST...]
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "tools")]
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import make_domain  # noqa: E402
import run as golden  # noqa: E402
import test_cells  # noqa: E402
import verdicts  # noqa: E402

SECONDS = 600
GIB = 1 << 30
OVMF = "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
HASWELL = "<cpu mode='custom' match='exact'><model fallback='allow'>Haswell-noTSX</model>%s</cpu>"
QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"
NUMBER = "opt/ovmf/X-PciMmio64Mb"

DOMAIN = """<domain type='kvm'%s>
  <name>flat</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-0000000000f9</uuid>
  <memory unit='MiB'>2048</memory>
  <vcpu>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    %s
  </os>
  <features>
    <acpi/>
  </features>
  %s
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
%s  </devices>
%s</domain>
"""


@dataclasses.dataclass
class Row:
    firmware: str
    gib: int = 128              # of each GPU's BAR
    bits: int = 46              # of the host's processor
    cpu: str = HASWELL % ""
    asked: int = 0              # X-PciMmio64Mb in MiB
    options: tuple = ("--mmio", "auto")
    policy: dict = dataclasses.field(default_factory=dict)
    has: tuple = ()             # of what is added
    misses: bool = False        # the BARs
    quick: bool = False


WIDTH = "<maxphysaddr mode='passthrough'/>"
PAGES = "<feature policy='require' name='pdpe1gb'/>"
NO_PAGES = "<feature policy='disable' name='pdpe1gb'/>"
GUESTS = {
    "ovmf": Row("ovmf", bits=44, has=(WIDTH, PAGES, NUMBER), quick=True),  # with 46 OVMF takes four times as long
    "ovmf-46-bits": Row("ovmf", has=(WIDTH, PAGES)),
    "seabios": Row("seabios", has=(WIDTH,), quick=True),
    "ovmf-256g": Row("ovmf", 256, 52, has=("<maxphysaddr mode='emulate' bits='46'/>", PAGES)),
    "seabios-256g": Row("seabios", 256, 52, has=("<maxphysaddr mode='emulate' bits='46'/>",)),
    "ovmf-number": Row("ovmf", cpu=HASWELL % NO_PAGES, policy={"ovmf_version": "2022.11"},
                       has=(WIDTH, NUMBER + ",string=4194304'")),
    "ovmf-number-raised": Row("ovmf", cpu=HASWELL % NO_PAGES, asked=65536, has=(WIDTH, NUMBER + ",string=4194304'")),
    "as-it-was": Row("ovmf", options=("--mmio", "off"), misses=True),
}


def host_of(row, folder):
    """hgx8 with BARs of another size, on a processor of another width; (path, GPUs and a NIC of each node)."""
    description = json.loads(golden.host_file("hgx8").read_text(encoding="utf-8"))
    description["processor"].update(address_bits=row.bits, guest_address_bits=row.bits, pdpe1gb=True, la57=False)
    gpus, nics = [], {}
    for function in description["functions"]:
        if function["class"].startswith("0x0302"):
            function["bars"][2] = "mem64 prefetch %dG" % row.gib
            gpus.append(function["bdf"])
        elif function["class"].startswith("0x0207") or function["class"].startswith("0x0200"):
            nics.setdefault(function["node"], function["bdf"])
    path = pathlib.Path(folder, "host.json")
    path.write_text(json.dumps(description), encoding="utf-8")
    return path, gpus, gpus + [nics[node] for node in sorted(nics)]


def of_type(text, kind):
    return re.sub(r"^<domain type='\w+'", "<domain type='%s'" % kind, text)


class Case:
    """As test_cells.check_guest() takes one."""

    def __init__(self, program, row, folder):
        self.program, self.row, self.folder = program, row, folder
        self.path, self.gpus, self.devices = host_of(row, folder)
        self.host = hostfacts.Host(self.path)
        more = "" if not row.asked else (
            "  <qemu:commandline>\n    <qemu:arg value='-fw_cfg'/>\n    <qemu:arg value='name=%s,string=%d'/>\n"
            "  </qemu:commandline>\n" % (NUMBER, row.asked))
        self.text = DOMAIN % (" xmlns:qemu='%s'" % QEMU if row.asked else "", OVMF if row.firmware == "ovmf" else "",
                              row.cpu, "".join(map(make_domain.element, self.devices)), more)

    def rewrite(self, text):
        """@text: TCG's.  So is what comes back; vtopo-xml gets that of KVM."""
        policy = pathlib.Path(self.folder, "policy.json")
        policy.write_text(json.dumps(self.row.policy), encoding="utf-8")
        done = subprocess.run([self.program, "--host", str(self.path), "--config", str(policy), "--cells", "make",
                               *self.row.options], input=of_type(text, "kvm"), capture_output=True, text=True,
                              timeout=60, check=False)
        if done.returncode:
            raise libvirt.Error("vtopo-xml: status %d: %s" % (done.returncode, done.stderr))
        return of_type(done.stdout, "qemu")


def processor(row, dump):
    """TCG's, with what the domain asks for."""
    cpu = ET.fromstring(dump).find("cpu")
    width, pages = cpu.find("maxphysaddr"), cpu.find("feature[@name='pdpe1gb']")
    bits = 40
    if width is not None:
        bits = int(width.get("bits") or min(row.bits, int(width.get("limit") or row.bits)))
    return bits, "qemu64,vendor=GenuineIntel,phys-bits=%d,pdpe1gb=%s" % (
        bits, "on" if pages is not None and pages.get("policy") == "require" else "off")


def stand_ins(case, names):
    """({id: function that makes the stand-in}, QEMU's arguments for them)"""
    made, arguments = {}, []
    for place, (name, device) in enumerate(names.items()):
        if device not in case.gpus:
            made[name] = guest.stands_for(device)
            continue
        arguments += ["-object", "memory-backend-ram,id=bar%d,size=%dG,reserve=off,prealloc=off" % (
            place, case.row.gib)]
        made[name] = lambda _, place=place: {"driver": "ivshmem-plain", "memdev": "bar%d" % place}
    return made, arguments


def check_bars(case, names, now, bits):
    found = now.by_id()
    for name, device in names.items():
        if device not in case.gpus:
            continue
        ranges = [(start, end) for number, (start, end, flags) in found[name].resources.items()
                  if number < 6 and end - start + 1 == case.row.gib * GIB] if name in found else []
        itself = [line for line in now.log if name in found and re.search(
            r"pci %s: BAR \d+: (?:assigned|no space|failed|can't)" % re.escape(found[name].bdf), line)]
        if not ranges or not ranges[0][0] or itself:
            yield "%s has no BAR of %d GiB from firmware: %s" % (device, case.row.gib, itself or ranges)
        elif ranges[0][0] % (case.row.gib * GIB) or ranges[0][1] >= 1 << bits:
            yield "%s has its BAR at %#x, and addresses have %d bits" % (device, ranges[0][0], bits)


def check(virt, program, row, folder):
    case = Case(program, row, folder)
    before = virt.define_and_dump(of_type(case.text, "qemu"))
    after = case.rewrite(before)
    problems = ["no %s" % text for text in row.has if text not in after]
    dump = virt.define_and_dump(after)
    problems += test_cells.differ("libvirt reprints R(x)", *map(libvirt.without_filled_in, (after, dump)))
    problems += test_cells.differ("R(D(R(x))) = D(R(x))", dump, case.rewrite(dump))
    copy, names = domaincopy.copy(dump)
    bits, cpu = processor(row, dump)
    made, arguments = stand_ins(case, names)
    now = guest.boot(virt.native(copy), row.firmware, made, SECONDS if row.quick else 3 * SECONDS, files=test_cells.lstopo_files(), whole=True,
                     cpu=cpu, more=arguments)
    problems += test_cells.check_guest(case, dump, names, now)
    bars = list(check_bars(case, names, now, bits))
    if row.misses:
        bars = [] if bars else ["all BARs are there, although nothing was added"]
    print("    %.0f s" % now.seconds, flush=True)
    return problems + bars


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_XML"))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("guests", nargs="*")
    arguments = parser.parse_args()
    if not arguments.program:
        sys.exit("no program: give --program or VTOPO_XML")
    program = os.path.abspath(arguments.program)

    def check_in_folder(name):
        with tempfile.TemporaryDirectory() as folder:
            return check(virt, program, GUESTS[name], folder)

    with libvirt.Libvirt() as virt:
        verdicts.exit_with_all(arguments.guests or [name for name, row in GUESTS.items() if row.quick or arguments.all],
                               check_in_folder)


if __name__ == "__main__":
    main()
