#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_libvirt_decides.py - what a real libvirt and a real QEMU make of every golden output

Takes:  the golden cases whose status is 0.
Gives:  for each, whether
          libvirt defines the output, with validation where it validates the input;
          every device has the address that the output gives it, and the others the one they had;
          chassis, functions, indexes and bus ranges are in order in libvirt's dump;
          rewriting the dump changes no byte of it, nor does undoing and rewriting it;
          QEMU gets the P2P cliques of the plan, and starts with what libvirt makes of it.
Rule:   libvirt's dump is judged, not our text.
Not here: what a guest sees (test_guest_decides.py); whether an older QEMU starts with true links, which
        are for QEMU 10 (test_links.py).

usage: test_libvirt_decides.py --program PATH [CASE...]
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "property")]
import domaincopy  # noqa: E402
import guest  # noqa: E402
import libvirt  # noqa: E402
import libvirt_laws  # noqa: E402
import run as golden  # noqa: E402

PORTS = ("pcie-root-port", "pcie-switch-downstream-port")
MINE = "ua-vtopo-"
FOR_A_GAP = "ua-vtopo-gap-"
CLIQUE = "x-nv-gpudirect-clique"
POLICY = "{http://vtopo.io/domain/1.0}policy"


def key_of(element):
    """What tells controllers apart; other devices keep their order within a kind."""
    if element.tag == "controller":
        return element.tag, element.get("type"), element.get("index")
    return (element.tag,)


def by_key(domain):
    result = {}
    for element in domain.find("devices"):
        result.setdefault(key_of(element), []).append(element)
    return result


def check_same_addresses(output, dump):
    """Every address of the output is in the dump, on the same device."""
    there = by_key(dump)
    for key, elements in by_key(output).items():
        found = there.get(key, [])
        if len(found) < len(elements):
            yield "libvirt has %d of %s, not %d" % (len(found), key, len(elements))
        for mine, theirs in zip(elements, found):
            want, have = domaincopy.pci_address(mine), domaincopy.pci_address(theirs)
            if want is not None and any(want) and want != have:
                yield "%s: libvirt has it at %s, the output says %s" % (key, have, want)


def ours(dump, mark=MINE):
    """Indexes of the controllers that vtopo made."""
    return {int(c.get("index")) for c in dump.findall("devices/controller[@type='pci']")
            if c.find("alias") is not None and c.find("alias").get("name").startswith(mark)}


def check_others(before, dump):
    """Devices that stand for no host hardware are where they were, or at least not in our places."""
    mine = ours(dump) | ours(before)  # an undo may leave a gap where one of ours was, which libvirt fills
    now = by_key(dump)
    for key, elements in by_key(before).items():
        for old, new in zip(elements, now.get(key, [])):
            adopted = key[:2] == ("controller", "pci") and int(key[2] or -1) in mine
            if domaincopy.host_name(old) or adopted:
                continue
            was, address = domaincopy.pci_address(old), domaincopy.pci_address(new)
            if was is not None and any(was) and was != address:
                yield "%s was at %s, and is at %s" % (key, was, address)
    # libvirt would make a port for a gap for an address of somebody's, too.
    mine -= ours(dump, FOR_A_GAP) | ours(before, FOR_A_GAP)
    for element in domaincopy.devices(dump):
        if not domaincopy.host_name(element) and domaincopy.pci_address(element)[0] in mine:
            yield "%s is in a place that vtopo made" % (key_of(element),)


def check_controllers(dump):
    """Chassis, indexes and functions as QEMU and the guest need them."""
    pci = {int(c.get("index")): c for c in dump.findall("devices/controller[@type='pci']")}
    chassis = {}
    slots = {}
    for index, controller in pci.items():
        target = controller.find("target")
        if controller.get("model") in PORTS:
            number = int(target.get("chassis"), 0)
            if number in chassis:
                yield "chassis %d on controllers %d and %d" % (number, chassis[number], index)
            chassis[number] = index
        address = domaincopy.pci_address(controller)
        if address and address[0] >= index:
            yield "controller %d is below controller %d" % (index, address[0])
    places = list(domaincopy.devices(dump)) + [c for c in pci.values() if domaincopy.pci_address(c)]
    for element in places:
        bus, slot, function = domaincopy.pci_address(element)
        if function in slots.setdefault((bus, slot), {}):
            yield "two devices at bus %d slot %d function %d" % (bus, slot, function)
        slots[bus, slot][function] = element
    for (bus, slot), functions in slots.items():
        multi = 0 in functions and functions[0].find("address").get("multifunction") == "on"
        # the chipset's own functions fill up slot 0x1f
        if (bus, slot) != (0, 0x1f) and (0 not in functions or len(functions) > 1 and not multi):
            yield "bus %d slot %d: functions %s, multifunction %s" % (
                bus, slot, sorted(functions), multi)
    yield from check_ranges(pci)


def check_ranges(pci):
    """Expanders' bus numbers: a range of one number per controller below, none twice; QEMU puts a bridge into
    conventional ones."""
    expanders = ("pcie-expander-bus", "pci-expander-bus")

    def size(index):
        own = 2 if pci[index].get("model") == "pci-expander-bus" else 1
        return own + sum(size(i) for i, c in pci.items() if domaincopy.pci_address(c)
                         and domaincopy.pci_address(c)[0] == index and c.get("model") not in expanders)

    ranges = []
    for index, controller in pci.items():
        if controller.get("model") in expanders:
            first = int(controller.find("target").get("busNr"), 0)
            ranges.append((first, first + size(index) - 1, index))
        elif controller.get("model") in ("pcie-root", "pci-root"):
            ranges.append((0, size(index) - 1, index))
    ranges.sort()
    for (_, last, one), (first, _, other) in zip(ranges, ranges[1:]):
        if last >= first:
            yield "the bus numbers of controllers %d and %d overlap at %d" % (one, other, first)
    if ranges and ranges[-1][1] > 255:
        yield "controller %d needs bus number %d" % (ranges[-1][2], ranges[-1][1])


def cliques_of_qemu(arguments):
    """{host BDF: P2P clique} of the vfio-pci devices that libvirt starts QEMU with."""
    devices = [d for d in libvirt.devices_of(arguments) if d["driver"] == "vfio-pci"]
    got = {d["host"]: d[CLIQUE] for d in devices if CLIQUE in d}
    for name, value in zip(arguments, arguments[1:]):
        match = re.fullmatch(r"device\.([\w-]+)\.%s=(\w+)" % CLIQUE, value)
        if name == "-set" and match:
            got[next((d["host"] for d in devices if d["id"] == match[1]), match[1])] = int(match[2], 0)
    return got


def check_cliques(arguments, case):
    if not (case.folder / "plan.json").exists():  # undo
        return
    plan = json.loads((case.folder / "plan.json").read_text(encoding="utf-8"))
    wanted = {d["host_bdf"]: d["clique"]["id"] for d in plan["devices"]
              if d["clique"] and d["clique"]["given"]}
    got = cliques_of_qemu(arguments)
    if got != wanted:
        yield "QEMU gets the cliques %s, and the plan has %s" % (got, wanted)


def check_policy(output, dump):
    """What a domain says of its own policy is there as it was."""
    def policies(tree):
        return [ET.canonicalize(ET.tostring(e), strip_text=True) for e in tree.findall("metadata/" + POLICY)]

    if policies(output) != policies(dump):
        yield "the policy in <metadata> was %s and is %s" % (policies(output), policies(dump))


# What libvirt before these drops, and refuses where it validates.
NEW_ELEMENTS = ((r"<driver pciBus=", (11, 10)), (r"<driver pciBus=[^>]*accel=", (12, 7)), (r"<target [^>]*speed=", (12, 9)),
                (r"(?s)machine='virt-.*<pcihole64 ", (12, 8)), (r"<acpi nodeset=", (11, 8)))


def is_for_newer_libvirt(output):
    return any(re.search(element, output) and libvirt.version() < version for element, version in NEW_ELEMENTS)


def needs_newer_qemu(dump):
    """True links are for QEMU 10: test_links.py starts them with one."""
    return "x-speed" in dump and libvirt.qemu_major() < 10


def starts(virt, dump, case):
    """Start QEMU with the devices in place, as far as its monitor; returns what it complains of."""
    copy, _ = domaincopy.copy(dump)
    work = tempfile.mkdtemp(prefix="vtopo-start-")
    try:
        native = virt.native(copy)
        problems = list(check_cliques(native, case))
        if problems or needs_newer_qemu(dump):
            return problems
        arguments = guest.for_tcg(native, "seabios", work, kernel=False)
        guest.run(arguments + ["-S"], work, "", 60)
    except (guest.GuestError, libvirt.Error) as error:
        return [str(error)]
    finally:
        guest.remove(work)
    return []


ODD_TEXT = re.compile(r'<vtopo:removed [^>]*text="[^"]*(?:&quot;|&lt;!--)')


def check_undone(program, case, dump):
    """Of libvirt's dump an undo and another rewrite give the same bytes.

    Not asked where the text of a controller that was taken out is none that libvirt would print, because its place is
    counted in bytes; nor of a record that is damaged, which is not written again.
    """
    undone = subprocess.run([program, "-q", "--undo"], input=dump.encode("utf-8"), stdout=subprocess.PIPE, check=True).stdout
    status, back, messages = case.run(program, domain="-", text=undone)
    if status == 0 and (ODD_TEXT.search(dump) or b"VTOPO-0094" in case.run(program)[2] or
                        libvirt_laws.alike(back.decode("utf-8"), dump, undone.decode("utf-8"))):
        return
    yield "undoing and rewriting libvirt's dump changes it (status %d):\n%s%s" % (
        status, golden.difference(dump.encode("utf-8"), back, "dump", "undone and rewritten"),
        messages.decode("utf-8", "replace"))


def validates(virt, text):
    try:
        virt.define_and_dump(text, validate=True)
        return True
    except libvirt.Error:
        return False


def with_kvm_again(dump, output):
    """What a libvirt with KVM would have dumped, as far as type and processor go (libvirt.for_this_machine())."""
    cpu = re.search(r"<cpu\b[^>]*\bmode\s*=\s*['\"]host-(?:passthrough|model)['\"][^>]*?(?=/?>)", output)
    if cpu:
        dump = re.sub(r"<cpu mode='maximum'[^>]*?(?=/?>)", cpu[0], dump, count=1)
    return re.sub(r"<domain type='qemu'", "<domain type='kvm'", dump, count=1)


def check(virt, program, case):
    """Problems, or words for what this libvirt cannot judge."""
    original = (case.folder / case.domain).read_bytes().decode("utf-8")
    status, output, _ = case.run(program)
    if status != 0:
        return ["status %d" % status]
    before = libvirt.for_this_machine(original)
    try:
        virt.define_and_dump(before)
    except libvirt.Error as error:
        if is_for_newer_libvirt(output.decode("utf-8")):
            return "not judged: this libvirt is older than what the output is for"
        if output.decode("utf-8") != original:
            return ["libvirt refuses the input (%s), but it was changed" % error]
        return "this libvirt cannot define the input, unchanged"
    if is_for_newer_libvirt(output.decode("utf-8")):
        return "not judged: this libvirt is older than what the output is for"
    after = libvirt.for_this_machine(output.decode("utf-8"))
    try:
        dump = virt.define_and_dump(after, validate=validates(virt, before))
    except libvirt.Error as error:
        return ["libvirt refuses the output: %s" % error]
    tree = ET.fromstring(dump)
    problems = list(check_same_addresses(ET.fromstring(after), tree))
    problems += check_others(ET.fromstring(before), tree)
    problems += check_policy(ET.fromstring(before), tree)
    if re.search(r"machine=.(pc-)?(q35|virt)\b", original):
        problems += check_controllers(tree)
    started = dump
    if re.search(r"<domain\b[^>]*\btype\s*=\s*['\"]kvm['\"]", original):
        dump = with_kvm_again(dump, output.decode("utf-8"))
    status, again, messages = case.run(program, "-q", domain="-", text=dump.encode("utf-8"))
    if status != 0 or again.decode("utf-8") != dump:
        problems.append("rewriting libvirt's dump changes it (status %d):\n%s%s" % (
            status, golden.difference(dump.encode("utf-8"), again, "dump", "rewritten"),
            messages.decode("utf-8", "replace")))
    else:
        problems += check_undone(program, case, dump)
    if output.decode("utf-8") == original:
        return problems  # it starts as it did, or does not
    return problems + starts(virt, started, case)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_XML"))
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    if not arguments.program:
        sys.exit("no program: give --program or VTOPO_XML")
    program = os.path.abspath(arguments.program)
    failed = done = 0
    with libvirt.Libvirt() as virt:
        for folder in golden.cases():
            if arguments.cases and folder.name not in arguments.cases:
                continue
            case = golden.Case(folder)
            if (folder / "status").read_text() != "0\n" or {"--diff", "--check"} & set(case.options):
                continue
            started = time.monotonic()
            problems = check(virt, program, case)
            done += not isinstance(problems, str)
            failed += isinstance(problems, list) and bool(problems)
            print("%-24s %s %.1f s" % (case.name, problems if isinstance(problems, str) else "FAILED" if problems else "ok",
                                       time.monotonic() - started), flush=True)
            for problem in problems if isinstance(problems, list) else []:
                print("    " + problem.replace("\n", "\n    "))
    print("%d cases, %d failed" % (done, failed))
    sys.exit(1 if failed or not done else 0)


if __name__ == "__main__":
    main()
