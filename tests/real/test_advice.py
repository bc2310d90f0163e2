#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_advice.py - what VTOPO-0003 prints is pasted into the domain, and does what it says

Takes:  domains without guest NUMA cells, on several hosts; vtopo-xml.
Gives:  for each: a real libvirt defines the domain with the pasted elements, a real QEMU takes its
        CPUs, memory and cells, the rewrite then places every device in the cell of its node, and
        libvirt defines that, too.
Rule:   pasted as the finding says: besides what is there, <topology> and <numa> inside <cpu>.
        Guest threads of a core are in one cell; vCPUs of a cell are pinned to CPUs of its node.
Not here: the words of the finding (unit/test_numa_advice.c, golden/without-cells).

usage: test_advice.py --program PATH [CASE...]
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
TOP = REAL.parents[1]
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "tools")]
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import make_domain  # noqa: E402
import verdicts  # noqa: E402
import run as golden  # noqa: E402

EMPTY_POLICY = str(TOP / "tests/cli/empty-policy.json")
DOMAIN = """<domain type='qemu'>
  <name>advice</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-0000000000fe</uuid>
  {memory}
  {vcpu}
  {more}
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
  </os>
  <features><acpi/></features>
  {cpu}
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
{devices}  </devices>
</domain>
"""
GIB = "<memory unit='GiB'>%d</memory>"
TUNED = """<cputune>
    <shares>2048</shares>
    <vcpupin vcpu='0' cpuset='7'/>
    <emulatorpin cpuset='1-3'/>
  </cputune>
  <numatune>
    <memory mode='preferred' nodeset='0'/>
  </numatune>"""
AUTO = "<numatune>\n    <memory mode='strict' placement='auto'/>\n  </numatune>"

# name: host, devices (None: all GPUs and NICs that are no VFs), and what is special
CASES = {
    "two-dpu": ("two-dpu", None, {}),
    "hgx8": ("hgx8", None, {}),
    "eight-nodes": ("eight-nodes", None, {}),
    "rtx8": ("rtx8", None, {}),
    "mdevs": ("vgpu", ["e4a8c7d2-3f60-4d9b-8e15-b06f2a7d9c05",
                       "0f1c6a5e-2b44-4f0e-9d61-70a3c1e4b901"], {}),
    "vdpa": ("sriov", ["/dev/vhost-vdpa-1", "/dev/vhost-vdpa-2"], {}),
    "one-device": ("two-dpu", ["0000:de:00.0"], {}),
    "sparse-nodes": ("sparse-nodes", None, {}),
    "node-without-cpus": ("sparse-nodes", ["0000:41:00.0"], {}),
    "node-without-cpus-first": ("sparse-nodes", ["0000:41:00.0", "0000:c1:00.0"], {}),
    "no-numa": ("no-numa", None, {}),
    "one-node": ("one-node", None, {}),
    "node-by-policy": ("unknown-node", None,
                       {"policy": {"devices": [{"id": "15b3:1015", "node": 1}]}}),
    "other-node-by-policy": ("two-dpu", ["0000:de:00.0"],
                             {"policy": {"devices": [{"bdf": "0000:de:00.0", "node": 0}]}}),
    "fewer-vcpus-than-nodes": ("eight-nodes", None, {
        "vcpu": "<vcpu>3</vcpu>", "says": "3 vCPUs cannot be divided over 8 nodes"}),
    "one-vcpu": ("two-dpu", None, {
        "vcpu": "<vcpu>1</vcpu>", "says": "1 vCPU cannot be divided over 2 nodes"}),
    "more-vcpus-than-cpus": ("two-dpu", None, {
        "vcpu": "<vcpu>200</vcpu>", "says": "no cells fit"}),
    "odd-vcpus": ("two-dpu", None, {"vcpu": "<vcpu>7</vcpu>"}),
    "current-vcpus": ("two-dpu", None, {
        "vcpu": "<vcpu current='2'>12</vcpu>", "says": "would be plugged in later"}),
    "vcpu-cpuset": ("two-dpu", None, {"vcpu": "<vcpu placement='static' cpuset='0-3'>8</vcpu>",
                                      "follows": "the CPUs of its vCPUs, which share them"}),
    "cpus-and-memory-apart": ("two-dpu", None, {
        "vcpu": "<vcpu placement='static' cpuset='0-3'>4</vcpu>", "says": "a cell has vCPUs and memory of one node",
        "more": "<numatune>\n    <memory mode='strict' nodeset='1'/>\n  </numatune>"}),
    "memory-on-a-node-without-cpus": ("sparse-nodes", ["0000:41:00.0"], {
        "more": "<numatune>\n    <memory mode='strict' nodeset='2'/>\n  </numatune>",
        "follows": "the memory"}),
    "vcpu-placement-auto": ("two-dpu", None, {
        "vcpu": "<vcpu placement='auto'>8</vcpu>", "says": "placement='auto'"}),
    "odd-memory": ("two-dpu", None, {"memory": "<memory unit='KiB'>3145735</memory>"}),
    "odd-mib": ("eight-nodes", None, {"memory": "<memory unit='MiB'>4099</memory>"}),
    "odd-gib": ("two-dpu", None, {"memory": GIB % 5}),
    "little-memory": ("eight-nodes", None, {"memory": "<memory unit='MiB'>67</memory>"}),
    "huge-pages": ("two-dpu", None, {
        "memory": "<memory unit='MiB'>4098</memory>",
        "more": "<memoryBacking>\n    <hugepages/>\n  </memoryBacking>"}),
    "huge-pages-of-the-one-node": ("two-dpu", None, {
        "more": "<memoryBacking>\n    <hugepages>\n      <page size='1' unit='G' nodeset='0'/>\n"
                "    </hugepages>\n  </memoryBacking>"}),
    "huge-page-for-two-cells": ("two-dpu", None, {
        "memory": GIB % 1, "says": "no cells fit",
        "more": "<memoryBacking>\n    <hugepages>\n      <page size='1' unit='G'/>\n"
                "    </hugepages>\n  </memoryBacking>"}),
    "topology-of-dies": ("two-dpu", None, {
        "vcpu": "<vcpu>8</vcpu>",
        "cpu": "<cpu mode='maximum'><topology sockets='1' dies='2' cores='2' threads='2'/></cpu>"}),
    "topology": ("two-dpu", None, {
        "vcpu": "<vcpu>16</vcpu>",
        "cpu": "<cpu mode='maximum'><topology sockets='2' dies='1' cores='4' threads='2'/></cpu>"}),
    "topology-one-socket": ("two-dpu", None, {
        "vcpu": "<vcpu>6</vcpu>",
        "cpu": "<cpu mode='maximum'><topology sockets='1' cores='3' threads='2'/></cpu>"}),
    "topology-eight": ("eight-nodes", None, {
        "vcpu": "<vcpu>16</vcpu>",
        "cpu": "<cpu mode='maximum'><topology sockets='1' dies='8' cores='1' threads='2'/></cpu>"}),
    "cpu-passthrough": ("two-dpu", None, {"cpu": "<cpu mode='host-passthrough'/>"}),
    "cpu-features": ("two-dpu", None, {
        "cpu": "<cpu mode='custom' match='exact'>\n    <model fallback='allow'>qemu64</model>\n  </cpu>"}),
    "tuned": ("two-dpu", None, {"more": TUNED, "follows": "the pins and nodes that are there"}),
    "tuned-auto": ("two-dpu", None, {
        "more": AUTO, "vcpu": "<vcpu placement='auto'>8</vcpu>", "says": "placement='auto'"}),
}


def all_devices(description):
    return [f["bdf"] for f in description["functions"]
            if f["class"][2:6] in ("0300", "0302", "0200", "0207")
            and "physfn" not in f and not f["bdf"].startswith("0000:00:1f")]


def paste_into_cpu(xml, elements):
    if "<cpu" not in re.sub("<cputune.*</cputune>", "", xml, flags=re.S):
        return xml.replace("  <devices>", "<cpu>" + elements + "</cpu>\n  <devices>", 1)
    if "</cpu>" in xml:
        return xml.replace("</cpu>", elements + "</cpu>", 1)
    return re.sub(r"<cpu( [^>]*)/>", r"<cpu\1>" + elements + "</cpu>", xml, count=1)


def paste_into(xml, name, elements):
    """Into the element of that name, which is made where there is none."""
    if not elements:
        return xml
    if "</%s>" % name in xml:
        return xml.replace("</%s>" % name, elements + "</%s>" % name, 1)
    return xml.replace("  <os>", "<%s>%s</%s>\n  <os>" % (name, elements, name), 1)


def paste(xml, advice):
    """As a person would do it: what is there stays."""
    topology = re.search("<topology[^>]*/>", advice)
    xml = paste_into(xml, "numatune", "".join(re.findall("<memnode[^>]*/>", advice)))
    xml = paste_into(xml, "cputune", "".join(re.findall("<vcpupin[^>]*/>", advice)))
    for nodeset, old in re.findall(r"<page nodeset='([^']*)'/> <!-- in place of '([^']*)' -->", advice):
        xml = re.sub(r"(<page[^>]*nodeset=')%s'" % old, r"\g<1>%s'" % nodeset, xml, count=1)
    numa = re.search(r"<numa>.*</numa>", advice, re.S)[0].replace("<!-- inside <cpu> -->", "")
    return paste_into_cpu(xml, (topology[0] if topology else "") + numa)


class Case:
    def __init__(self, program, name):
        host, devices, self.special = CASES[name]
        self.program = program
        self.path = golden.host_file(host)
        self.host = hostfacts.Host(self.path)
        self.description = json.loads(self.path.read_text(encoding="utf-8"))
        self.devices = devices or all_devices(self.description)
        parts = {"memory": GIB % 4, "vcpu": "<vcpu>16</vcpu>", "more": "", "cpu": ""}
        parts.update({k: v for k, v in self.special.items() if k != "policy"})
        self.xml = DOMAIN.format(devices="".join(map(make_domain.element, self.devices)), **parts)

    def rewrite(self, xml, *options):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
            json.dump(self.special.get("policy", {}), policy)
            policy.flush()
            return subprocess.run(
                [self.program, "--host", str(self.path), "--config", policy.name, *options],
                input=xml, capture_output=True, text=True, timeout=60, check=False)

    def plan(self, xml):
        result = self.rewrite(xml, "--explain=json")
        return json.loads(result.stdout)

    def node(self, name):
        for wish in self.special.get("policy", {}).get("devices", []):
            function = self.host.functions[self.host.function(name)]
            if wish.get("bdf") == name or wish.get("id") == "%s:%s" % (
                    function["vendor"][2:], function["device"][2:]):
                return wish["node"]
        return self.host.node(name)

    def cpus(self, node):
        if self.host.nodes:
            return self.host.nodes.get(node, set())
        return set().union(*(hostfacts.id_set(core["cpus"]) for core in self.description["cores"]))


def check_cells(case, domain):
    """The cells cover the domain and are bound to what they stand for."""
    cells = {int(c.get("id")): c for c in domain.findall("cpu/numa/cell")}
    vcpus = [v for c in cells.values() for v in sorted(hostfacts.id_set(c.get("cpus")))]
    if sorted(vcpus) != list(range(int(domain.findtext("vcpu")))):
        yield "the cells have vCPUs %s" % vcpus
    topology = domain.find("cpu/topology")
    threads = int(topology.get("threads")) if topology is not None else 1
    nodes = {int(m.get("cellid")): int(m.get("nodeset"))
             for m in domain.findall("numatune/memnode")}
    pins = {int(p.get("vcpu")): hostfacts.id_set(p.get("cpuset"))
            for p in domain.findall("cputune/vcpupin")}
    for number, cell in cells.items():
        mine = hostfacts.id_set(cell.get("cpus"))
        if {v // threads * threads + t for v in mine for t in range(threads)} != mine:
            yield "cell %d has a part of a core: %s" % (number, cell.get("cpus"))
        allowed = case.cpus(nodes.get(number, 0))
        for vcpu in mine:
            if allowed and not pins.get(vcpu, {-1}) <= allowed:
                yield "vCPU %d of cell %d is pinned to %s" % (vcpu, number, pins.get(vcpu))
    single = [next(iter(p)) for p in pins.values() if len(p) == 1]
    if len(single) != len(set(single)):
        yield "two vCPUs are pinned to one CPU"


def check_memory(before, domain):
    """Nothing is lost; what libvirt rounds up is less than a huge page per cell."""
    def kib(element):
        return int(element.text) if element is not None else 0
    cells = domain.findall("cpu/numa/cell")
    have = sum(int(c.get("memory")) for c in cells)
    want = kib(before.find("memory"))
    if not want <= have < want + 2048 * len(cells) or kib(domain.find("memory")) < want:
        yield "the cells have %d KiB, the domain %d" % (have, want)


def check_qemu(virt, dump):
    """A real QEMU takes CPUs, memory and cells."""
    # no numad here
    copy, _ = domaincopy.copy(dump.replace("placement='auto'", "placement='static'"))
    options = guest.pairs(virt.native(copy))
    wanted = [x for name, value in options for x in (name, value)
              if name in ("-m", "-smp", "-numa") or
              name == "-object" and "memory-backend" in value]
    work = tempfile.mkdtemp(prefix="vtopo-advice-")
    try:
        guest.run(["qemu-system-x86_64", "-machine", guest.machine(options), "-accel", "tcg",
                   "-nodefaults", "-display", "none", "-S",
                   "-qmp", "unix:" + os.path.join(work, "qmp") + ",server=on,wait=off",
                   *wanted], work, "", 60)
    except guest.GuestError as error:
        yield str(error)
    finally:
        guest.remove(work)


def check_placed(case, dump):
    """Every device is in the cell of its node."""
    plan = case.plan(dump)
    domain = ET.fromstring(dump)
    cells = {int(m.get("nodeset")): int(m.get("cellid"))
             for m in domain.findall("numatune/memnode")}
    names = {"hostdev " + n: n for n in case.devices}
    for device in plan["devices"]:
        name = names.get(device["name"]) or [
            n for n in case.devices if n.startswith("/dev/")
            and case.host.function("vdpa " + n) == device["host_bdf"]][0]
        if device["fate"] != "moved":
            yield "%s %s" % (name, device["fate"])
            continue
        cell = plan["cards"][device["card"]]["cell"]
        full = next(prefix + name for prefix in ("", "mdev ", "vdpa ")
                    if prefix + name in case.host.functions or prefix + name in case.host.parents)
        want = cells.get(case.node(full), 0 if not cells else None)
        if cell is None or cell != want:
            yield "%s of node %s is in cell %s, not in %s" % (name, case.node(full), cell, want)
    if len(plan["devices"]) != len(case.devices):
        yield "%d devices in the plan, not %d" % (len(plan["devices"]), len(case.devices))


def check(virt, program, name):
    case = Case(program, name)
    before = virt.define_and_dump(libvirt.for_this_machine(case.xml))
    findings = [f for f in case.plan(before)["findings"] if f["id"] == "VTOPO-0003"]
    if len(findings) != 1:
        return ["no finding VTOPO-0003"]
    if "says" in CASES[name][2]:  # nothing to paste
        return [] if CASES[name][2]["says"] in findings[0]["text"] else [findings[0]["text"]]
    # what libvirt printed is what people edit; it may have added elements
    if "<numa>" not in findings[0]["text"]:
        return ["nothing to paste: " + findings[0]["text"]]
    pasted = paste(before, findings[0]["text"].partition("\n")[2])
    try:
        dump = virt.define_and_dump(pasted)
    except libvirt.Error as error:
        return ["libvirt refuses the pasted elements: %s\n%s" % (error, findings[0]["text"])]
    domain = ET.fromstring(dump)
    problems = list(check_memory(ET.fromstring(before), domain)) + list(check_qemu(virt, dump))
    if "follows" in CASES[name][2]:  # cells are where the domain's own pins are, its devices may be elsewhere
        return problems
    problems += list(check_cells(case, domain)) + list(check_placed(case, dump))
    result = case.rewrite(dump, "--strict")
    if result.returncode != 0:
        return problems + ["the rewrite fails: " + result.stderr]
    try:
        virt.define_and_dump(result.stdout)
    except libvirt.Error as error:
        problems.append("libvirt refuses the rewrite: %s" % error)
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_XML"))
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    if not arguments.program:
        sys.exit("no program: give --program or VTOPO_XML")
    program = os.path.abspath(arguments.program)
    with libvirt.Libvirt() as virt:
        verdicts.exit_with_all(arguments.cases or list(CASES), lambda name: check(virt, program, name))


if __name__ == "__main__":
    main()
