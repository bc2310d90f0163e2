#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_cells.py - --cells make on the domains that people have, through libvirt, and booted

Takes:  domains as virt-install, virt-manager, Nova and people write them, Proxmox's as XML; some that are at the
        edge of what can be made; hosts.
Gives:  for each: the laws of a rewrite with a real libvirt (R rewrite, D define and dump, U undo), that libvirt
        prints what was made as it was written, that advise is a diff to what make writes; and for those in BOOTS a
        guest that is booted with all its CPUs: its nodes, their CPUs, memory and distances, the node of every device,
        and what hwloc says of sockets and nodes.
Rule:   what is expected is worked out from the dump and the host, not from vtopo's words.  Without KVM: TCG, stand-ins
        for the devices.  hwloc (package hwloc-nox) looks in the guest.  Cores of a socket are a power of two: with three of them
        Linux hangs under TCG with one thread.
Not here: the decisions, one by one (unit/test_make_cells.c).

usage: test_cells.py --program PATH [--no-boots] [CASE...]
"""

import argparse
import difflib
import json
import os
import pathlib
import re
import shutil
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
import verdicts  # noqa: E402
import run as golden  # noqa: E402

MADE = "VTOPO-0130"
CUT = "VTOPO-0093"
REFUSED = 5
SECONDS = 300

# As "virt-install --osinfo debian12 --machine q35 --hostdev ..." prints it.
VIRT_INSTALL = """<domain type="kvm">
  <name>cells</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-0000000000fd</uuid>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory>1048576</memory>
  <currentMemory>1048576</currentMemory>
  <vcpu>8</vcpu>
  <os>
    <type arch="x86_64" machine="pc-q35-7.2">hvm</type>
    <boot dev="hd"/>
  </os>
  <features>
    <acpi/>
    <apic/>
    <vmport state="off"/>
  </features>
  <cpu mode="host-passthrough"/>
  <clock offset="utc">
    <timer name="rtc" tickpolicy="catchup"/>
    <timer name="pit" tickpolicy="delay"/>
    <timer name="hpet" present="no"/>
  </clock>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type="usb" model="qemu-xhci" ports="15"/>
{ports}    <interface type="network">
      <source network="default"/>
      <mac address="52:54:00:12:34:56"/>
      <model type="virtio"/>
    </interface>
    <console type="pty"/>
    <memballoon model="virtio"/>
{devices}  </devices>
</domain>
"""
PORTS = '    <controller type="pci" model="pcie-root"/>\n' + '    <controller type="pci" model="pcie-root-port"/>\n' * 14

# As Nova 28 writes it: a socket for each vCPU.
NOVA = """<domain type="kvm">
  <name>instance-0000002a</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-0000000000fc</uuid>
  <metadata>
    <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
      <nova:package version="28.0.0"/>
      <nova:name>gpu</nova:name>
      <nova:flavor name="g1"><nova:memory>1024</nova:memory><nova:vcpus>8</nova:vcpus></nova:flavor>
    </nova:instance>
  </metadata>
  <memory>1048576</memory>
  <vcpu>8</vcpu>
  <cputune>
    <shares>8192</shares>
  </cputune>
  <sysinfo type="smbios">
    <system>
      <entry name="manufacturer">OpenStack Foundation</entry>
      <entry name="product">OpenStack Nova</entry>
    </system>
  </sysinfo>
  <os>
    <type machine="pc-q35-7.2">hvm</type>
    <boot dev="hd"/>
    <smbios mode="sysinfo"/>
  </os>
  <features>
    <acpi/>
    <apic/>
    <vmcoreinfo/>
  </features>
  <cpu mode="host-model" match="exact">
    <topology sockets="8" cores="1" threads="1"/>
  </cpu>
  <clock offset="utc"/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <serial type="pty"/>
{ports}    <rng model="virtio">
      <backend model="random">/dev/urandom</backend>
    </rng>
{devices}  </devices>
</domain>
"""

# What "qm showcmd" has, as XML: one socket, cores, huge pages off.
PROXMOX = """<domain type='kvm'>
  <name>vm100</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-0000000000fb</uuid>
  <memory unit='MiB'>1024</memory>
  <vcpu placement='static' current='8'>8</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
  </os>
  <features>
    <acpi/>
  </features>
  <cpu mode='host-passthrough'>
    <topology sockets='%d' cores='%d' threads='1'/>
  </cpu>
  <clock offset='utc'/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <memballoon model='virtio'/>
{devices}  </devices>
</domain>
"""

BY_HAND = """<domain type='kvm'>
  <name>hand</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-0000000000fa</uuid>
  {memory}
  {vcpu}{more}
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <features><acpi/></features>
{cpu}  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
{extra}{devices}  </devices>
</domain>
"""
GPUS = ["0000:3d:00.0", "0000:41:00.0", "0000:da:00.0", "0000:de:00.0"]


def hand(memory="<memory unit='GiB'>1</memory>", vcpu="<vcpu>4</vcpu>", more="", cpu="", extra=""):
    return BY_HAND.format(memory=memory, vcpu=vcpu, more=more and "\n  " + more, cpu=cpu and "  %s\n" % cpu,
                          extra=extra and "    %s\n" % extra, devices="{devices}")


UNTIED = """<cpu mode='host-passthrough'>
    <topology sockets='2' dies='1' cores='2' threads='1'/>
    <numa>
      <cell id='0' cpus='0-1' memory='512' unit='MiB'/>
      <cell id='1' cpus='2-3' memory='512' unit='MiB'/>
    </numa>
  </cpu>"""
DIMM = """<memory model='dimm'>
      <target>
        <size unit='MiB'>256</size>
        <node>1</node>
      </target>
    </memory>"""
HUGE = "<memoryBacking><hugepages><page size='%s' unit='KiB'%s/></hugepages></memoryBacking>"

# name: domain, host, devices, policy, and what is special: the text of a refusal ("refused"), of a finding that leaves
# the domain as it is ("unchanged"), or of what is made ("has": regular expressions)
CASES = {
    "virt-install": (VIRT_INSTALL, "two-dpu", GPUS, {}, {"boot": True}),
    "virt-manager": (VIRT_INSTALL.replace('<cpu mode="host-passthrough"/>', '<cpu mode="host-passthrough">\n    '
                                          '<topology sockets="2" dies="1" cores="2" threads="2"/>\n  </cpu>'),
                     "two-dpu", GPUS, {}, {"boot": True}),
    "nova": (NOVA, "two-dpu", GPUS, {}, {"boot": True}),
    "proxmox": (PROXMOX % (2, 4), "two-dpu", GPUS, {}, {"boot": True}),
    "proxmox-one-socket": (PROXMOX % (1, 8), "two-dpu", GPUS, {}, {"cut": True}),
    "by-hand": (hand(), "two-dpu", GPUS, {}, {"boot": True}),
    "eight-nodes": (hand(memory="<memory unit='GiB'>2</memory>", vcpu="<vcpu>8</vcpu>"), "eight-nodes", None, {},
                    {"boot": True}),
    "sparse-nodes": (hand(), "sparse-nodes", None, {}, {"boot": True}),
    "node-without-cpus": (hand(), "sparse-nodes", ["0000:41:00.0", "0000:c1:00.0"], {}, {"boot": True}),
    "one-node": (hand(), "one-node", None, {}, {}),
    "odd-vcpus": (hand(vcpu="<vcpu>7</vcpu>"), "two-dpu", GPUS, {}, {"boot": True}),
    "odd-memory": (hand(memory="<memory unit='KiB'>1049601</memory>"), "two-dpu", GPUS, {}, {}),
    "one-vcpu": (hand(vcpu="<vcpu>1</vcpu>"), "two-dpu", GPUS, {}, {"unchanged": "cannot be divided over 2 nodes"}),
    "pinned-to-cores": (hand(vcpu="<vcpu>8</vcpu>"), "two-dpu", GPUS,
                        {"cells_pin": "core", "avoid_cpus": "0-3"},
                        {"has": [r"<topology sockets='2' dies='1' cores='2' threads='2'/>",
                                 r"<vcpupin vcpu='1' cpuset='44'/>"]}),
    "own-pins": (hand(vcpu="<vcpu>4</vcpu>", more="<cputune><vcpupin vcpu='1' cpuset='20-21'/>"
                      "<emulatorpin cpuset='0'/></cputune>"), "two-dpu", GPUS[2:], {},
                 {"has": [r"<vcpupin vcpu='1' cpuset='20-21'/>", r"<emulatorpin cpuset='0'/>"]}),
    "some-pinned": (hand(vcpu="<vcpu>8</vcpu>", more="<cputune>" + "".join(
        "<vcpupin vcpu='%d' cpuset='%s'/>" % (n, "0-3" if n < 2 else "20-23") for n in (0, 1, 4, 5)) + "</cputune>"),
                    "two-dpu", GPUS, {}, {"has": [r"<topology sockets='2' dies='1' cores='4' threads='1'/>",
                                                  r"<cell id='0' cpus='0-3'", r"<vcpupin vcpu='4' cpuset='20-23'/>"]}),
    "no-pins-preferred": (hand(), "two-dpu", GPUS, {"cells_pin": "none", "cells_memory": "preferred"},
                          {"has": [r"<memnode cellid='1' mode='preferred' nodeset='1'/>"]}),
    "named-nodes": (hand(), "two-dpu", GPUS[2:], {"cells_nodes": [0, 1]}, {}),
    "gib-pages": (hand(memory="<memory unit='GiB'>3</memory>", more=HUGE % (1048576, "")), "two-dpu", GPUS, {},
                  {"has": [r"<cell id='0' cpus='0-1' memory='2097152' unit='KiB'",
                           r"<cell id='1' cpus='2-3' memory='1048576' unit='KiB'"]}),
    "pages-of-the-one-node": (hand(more=HUGE % (2048, " nodeset='0'")), "two-dpu", GPUS, {},
                              {"raw": r"<page size='2048' unit='KiB' nodeset='0-1'/>"}),
    "odd-pages": (hand(memory="<memory unit='KiB'>1049600</memory>", more=HUGE % (2048, "")), "two-dpu", GPUS, {},
                  {"refused": "no multiple of the huge page"}),
    "memory-hotplug": (hand(memory="<maxMemory slots='4' unit='GiB'>4</maxMemory>\n  <memory unit='MiB'>1280</memory>",
                            extra=DIMM), "two-dpu", GPUS, {}, {"undefinable": True, "kib": 1048576}),
    "cpu-hotplug": (hand(vcpu="<vcpu current='3'>6</vcpu>"), "two-dpu", GPUS, {}, {"refused": "plugged in later"}),
    "cpu-hotplug-spread": (hand(vcpu="<vcpu current='2'>4</vcpu>\n  <vcpus>" + "".join(
        "<vcpu id='%d' enabled='%s' hotpluggable='%s'/>" % (
            n, "no" if n % 2 else "yes", "no" if not n else "yes") for n in range(4)) + "</vcpus>"),
                           "two-dpu", GPUS, {}, {}),
    "untied": (hand(cpu=UNTIED), "two-dpu", GPUS, {}, {"boot": True, "own": True}),
    "numatune-elsewhere": (hand(more="<numatune><memory mode='strict' nodeset='0'/></numatune>",
                                vcpu="<vcpu cpuset='20-23'>4</vcpu>"), "two-dpu", GPUS, {},
                           {"refused": "outside of the nodes that <numatune> binds"}),
    "numatune-of-all": (hand(more="<numatune><memory mode='interleave' nodeset='0-1'/></numatune>"), "two-dpu", GPUS,
                        {}, {"has": [r"<memory mode='interleave' nodeset='0-1'/>",
                                     r"<memnode cellid='0' mode='interleave' nodeset='0'/>"]}),
    "placement-auto": (hand(vcpu="<vcpu placement='auto'>6</vcpu>"), "two-dpu", GPUS, {},
                       {"refused": "placement='auto'"}),
}


def all_devices(description):
    return [f["bdf"] for f in description["functions"]
            if f["class"][2:6] in ("0300", "0302", "0200", "0207") and "physfn" not in f
            and not f["bdf"].startswith("0000:00:1f")]


class Case:
    def __init__(self, program, name):
        text, host, devices, self.policy, self.special = CASES[name]
        self.program = program
        self.path = golden.host_file(host)
        self.host = hostfacts.Host(self.path)
        self.description = json.loads(self.path.read_text(encoding="utf-8"))
        self.devices = devices or all_devices(self.description)
        text = text.replace("{ports}", PORTS).replace(
            "{devices}", "".join(map(make_domain.element, self.devices)))
        self.text = libvirt.for_this_machine(text.replace("{devices}", ""))

    def run(self, text, *options, cells="make"):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
            json.dump(dict(self.policy, cells=cells), policy)
            policy.flush()
            return subprocess.run(
                [self.program, "--host", str(self.path), "--config", policy.name, *options],
                input=text, capture_output=True, text=True, timeout=60, check=False)

    def rewrite(self, text):
        done = self.run(text)
        if done.returncode:
            raise libvirt.Error("vtopo-xml: status %d: %s" % (done.returncode, done.stderr))
        return done.stdout

    def undo(self, text):
        return subprocess.run([self.program, "--undo"], input=text, capture_output=True, text=True, timeout=60,
                              check=True).stdout

    def patched(self, text):
        """What patch makes of the text with what --cells advise prints."""
        done = self.run(text, cells="advise")
        with tempfile.TemporaryDirectory() as work:
            path = pathlib.Path(work, "domain.xml")
            path.write_text(text)
            subprocess.run(["patch", "-s", str(path)], input=done.stderr, text=True, check=True, timeout=60)
            return path.read_text(), done.stdout == text and done.returncode == 0


def differ(what, one, other):
    if one == other:
        return []
    lines = list(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=1))
    return ["%s:\n%s" % (what, "\n".join(lines[:30]))]


def check_laws(virt, case, text, defined):
    """@defined: the text is libvirt's dump."""
    first = case.rewrite(text)
    problems = differ("R(R(x)) = R(x)", first, case.rewrite(first))
    dump = virt.define_and_dump(first)
    problems += differ("R(D(R(x))) = D(R(x))", dump, case.rewrite(dump))
    if defined:
        problems += differ("libvirt reprints R(x)", *map(libvirt.without_filled_in, (first, dump)))
        problems += differ("U(R(x)) = x", text, case.undo(first))
        problems += differ("D(U(D(R(x)))) = x", text, virt.define_and_dump(case.undo(dump)))
        patched, unchanged = case.patched(text)
        problems += differ("the diff of advise gives R(x)", first, patched)
        # with cells of its own it is rewritten, but no device gets a node
        problems += [] if unchanged or case.special.get("own") else ["advise does not leave the domain as it is"]
    return problems, dump


# --- what was made -----------------------------------------------------------------------------


def memory_kib(element):
    units = {"b": 1 / 1024, "KiB": 1, "MiB": 1024, "GiB": 1024 * 1024}
    return int(int(element.text) * units[element.get("unit", "KiB")])


def check_made(case, before, dump):
    """Cells cover the domain, stand for nodes, and are bound to them."""
    domain = ET.fromstring(dump)
    cells = domain.findall("cpu/numa/cell")
    vcpus = sorted(v for c in cells for v in hostfacts.id_set(c.get("cpus") or ""))
    if vcpus != list(range(int(domain.findtext("vcpu")))):
        yield "the cells have vCPUs %s" % vcpus
    want = case.special.get("kib") or memory_kib(ET.fromstring(before).find("memory"))
    if sum(int(c.get("memory")) for c in cells) != want:
        yield "the cells have %s KiB, not %d" % ([c.get("memory") for c in cells], want)
    nodes = {int(m.get("cellid")): int(m.get("nodeset")) for m in domain.findall("numatune/memnode")}
    if sorted(nodes) != list(range(len(cells))) and case.host.nodes:
        yield "memnodes of %s, and %d cells" % (sorted(nodes), len(cells))
    for pin in domain.findall("cputune/vcpupin"):
        home = [i for i, c in enumerate(cells) if int(pin.get("vcpu")) in hostfacts.id_set(c.get("cpus") or "")][0]
        if not hostfacts.id_set(pin.get("cpuset")) <= case.host.nodes.get(nodes.get(home), set()):
            yield "vCPU %s of cell %d is pinned to %s" % (pin.get("vcpu"), home, pin.get("cpuset"))
    for expression in case.special.get("has", ()):
        if not re.search(expression, libvirt.without_filled_in(dump)):
            yield "no %s" % expression


def check_placed(case, dump):
    plan = json.loads(case.run(dump, "--explain=json").stdout)
    domain = ET.fromstring(dump)
    cells = {int(m.get("nodeset")): int(m.get("cellid")) for m in domain.findall("numatune/memnode")}
    ids = {finding["id"] for finding in plan["findings"]}
    if MADE not in ids:
        yield "no finding %s" % MADE
    if (CUT in ids) != bool(case.special.get("cut")):
        yield "finding %s: %s" % (CUT, CUT in ids)
    devices = [device for device in plan["devices"] if device["host_bdf"]]  # no interface on a network
    for device in devices:
        want = cells.get(case.host.node(device["host_bdf"]), None if cells else 0)
        cell = plan["cards"][device["card"]]["cell"] if device["card"] is not None else "no card"
        if cell != want:
            yield "%s is in cell %s, not in %s" % (device["host_bdf"], cell, want)
    if len(devices) != len(case.devices):
        yield "%d devices in the plan" % len(devices)


# --- the guest ---------------------------------------------------------------------------------


def lstopo_files():
    """hwloc and what it is linked with, for the initramfs."""
    program = shutil.which("lstopo-no-graphics")
    if not program:
        sys.exit("lstopo-no-graphics is missing (package hwloc-nox)")
    text = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    paths = re.findall(r"(/\S+) \(0x", text)
    folders = {"/".join(p.strip("/").split("/")[:n]) for p in paths for n in range(1, p.count("/"))}
    return [(f, 0o755, None) for f in sorted(folders)] + [
        (p.strip("/"), 0o755, pathlib.Path(p).read_bytes()) for p in paths] + [
        ("bin/lstopo", 0o755, pathlib.Path(program).read_bytes())]


def check_guest(case, dump, names, now):
    """What the booted guest says of itself."""
    domain = ET.fromstring(dump)
    cells = domain.findall("cpu/numa/cell")
    nodes, cpus, (status, lines) = now.cells
    if sorted(nodes) != list(range(len(cells))):
        yield "the guest has nodes %s, and the domain %d cells" % (sorted(nodes), len(cells))
        return
    for place, cell in enumerate(cells):
        kib, have, distances = nodes[place]
        if hostfacts.id_set(have) != hostfacts.id_set(cell.get("cpus") or ""):
            yield "node %d has CPUs %s, not %s" % (place, have, cell.get("cpus"))
        # kernel, firmware and initramfs take their part
        if not int(cell.get("memory")) * 0.5 < kib <= int(cell.get("memory")):
            yield "node %d has %d KiB, not %s" % (place, kib, cell.get("memory"))
        want = [int(s.get("value")) for s in cell.findall("distances/sibling")]
        if want and distances != want:
            yield "node %d has distances %s, not %s" % (place, distances, want)
    memnodes = {int(m.get("nodeset")): int(m.get("cellid")) for m in domain.findall("numatune/memnode")}
    found = now.by_id()
    for name, device in names.items():
        want = memnodes[case.host.node(device)]
        if name not in found or found[name].node != want:
            yield "%s has node %s, not %d" % (device, found[name].node if name in found else "none", want)
    sockets = {}
    for node, (_, have, _) in nodes.items():
        for cpu in hostfacts.id_set(have):
            sockets.setdefault(cpus[cpu][0], set()).add(node)
    if any(len(of) > 1 for of in sockets.values()):
        yield "a socket is in several nodes: %s" % sockets
    if status != 0 or not any("Machine" in line for line in lines) or any(
            word in line for line in lines for word in ("hwloc", "Error", "inconsistent")):
        yield "lstopo: status %s\n%s" % (status, "\n".join(lines))
    if sum("NUMANode" in line for line in lines) != len(cells):
        yield "lstopo shows other nodes:\n%s" % "\n".join(lines)


def boot(virt, case, dump):
    copy, names = domaincopy.copy(dump)
    now = guest.boot(virt.native(copy), "seabios", {i: guest.stands_for(n) for i, n in names.items()}, SECONDS,
                     files=lstopo_files(), whole=True)
    return list(check_guest(case, dump, names, now))


# --- a case ------------------------------------------------------------------------------------


def check(virt, program, name, boots):
    case = Case(program, name)
    if "refused" in case.special:
        done = case.run(case.text)
        said = case.run(case.text, cells="advise")
        return [] if done.returncode == REFUSED and not done.stdout and case.special["refused"] in done.stderr and \
            said.returncode == 0 and case.special["refused"] in said.stderr else [done.stderr, said.stderr]
    if "unchanged" in case.special:
        done = case.run(case.text)
        return [] if done.stdout == case.text and case.special["unchanged"] in done.stderr else [done.stderr]
    problems, dump = check_laws(virt, case, case.text, False)
    if not re.search(case.special.get("raw", ""), dump):
        problems.append("no %s" % case.special["raw"])
    problems += check_made(case, case.text, dump)
    if "undefinable" not in case.special:
        before = virt.define_and_dump(case.text)
        more, dump = check_laws(virt, case, before, True)
        problems += more + list(check_made(case, before, dump))
    problems += check_placed(case, dump)
    if boots and case.special.get("boot"):
        problems += boot(virt, case, dump)
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_XML"))
    parser.add_argument("--no-boots", action="store_true")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    if not arguments.program:
        sys.exit("no program: give --program or VTOPO_XML")
    libvirt.require("patch", "ldd")
    program = os.path.abspath(arguments.program)
    with libvirt.Libvirt() as virt:
        verdicts.exit_with_all(arguments.cases or list(CASES),
                               lambda name: check(virt, program, name, not arguments.no_boots))


if __name__ == "__main__":
    main()
