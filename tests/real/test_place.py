#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_place.py - what vtopo-host place proposes becomes a guest

Takes:  hosts, and what is asked of them.
Gives:  for each: the elements that vtopo-host prints, put into a domain without cells, are taken by libvirt and
        rewritten (--cells make) by all the laws of test_cells.py; the cells are on the nodes, and as large, as was
        proposed; with all of the host's switches nothing is found about the places of the devices; and for some a
        guest is booted, in which every device is on the node that stands for its own.
Rule:   the devices of a proposal are what --json says, and where they are what the host description says.
Not here: which proposal is the best (unit/test_propose.c), VMs that have devices (virt/test_place.py).

usage: test_place.py --program VTOPO_XML --host VTOPO_HOST [CASE...]
"""

import argparse
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import test_cells as cells
from test_cells import domaincopy, golden, guest, hostfacts, libvirt

# name: host, what is asked, the nodes, boot
CASES = {
    "one-switch": ("hgx8", "--gpus 2 --nics 2 --cpus 8 --memory 1G", {1}, True),
    "two-nodes": ("two-dpu", "--gpus 2 --nics 2 --cpus 8 --memory 1G", {0, 1}, True),
    "card-of-four-functions": ("rtx8", "--gpus 2 --cpus 4 --memory 1G", {0}, True),
    "all-of-eight": ("hgx8", "--gpus 8 --nics 8 --cpus 8 --memory 2G", {0, 1}, False),
    "eight-nodes": ("eight-nodes", "--gpus 4 --nics 4 --cpus 8 --memory 1G", {0, 1, 2, 3}, False),
    "virtual-functions": ("sriov", "--gpus 1 --nics 3 --cpus 4 --memory 1G", {0}, False),
}
# That cells were made, and of how many sockets; NVLink's fabric; the window of firmware that is not
# known; a host without config space, with slow links.
ABOUT_OTHER_THINGS = {"VTOPO-0130", "VTOPO-0132", "VTOPO-0096", "VTOPO-0042", "VTOPO-0050", "VTOPO-0031"}


def place(program, host, words, *more):
    return subprocess.run([program, "place", "--host", str(golden.host_file(host)), *words.split(), *more],
                          capture_output=True, text=True, timeout=60, check=True).stdout


def check_proposal(name, proposal, nodes):
    devices = proposal["devices"]
    if {device["numaNode"] for device in devices} != nodes:
        yield "%s: devices of nodes %s" % (name, {device["numaNode"] for device in devices})
    for kind, word in (("gpu", "--gpus"), ("nic", "--nics")):
        words = CASES[name][1].split()
        want = int(words[words.index(word) + 1]) if word in words else 0
        if sum(device["kind"] == kind for device in devices) != want:
            yield "%s: %d %ss" % (name, sum(device["kind"] == kind for device in devices), kind)


def check_cells(case, proposal):
    """The cells that --cells make makes are on the nodes that were proposed, as large, and on CPUs that have room."""
    domain = ET.fromstring(case.rewrite(case.text))
    made = {int(m.get("nodeset")): int(m.get("cellid")) for m in domain.findall("numatune/memnode")}
    want = {share["node"]: share for share in proposal["nodes"]}
    if set(made) != set(want):
        yield "cells for nodes %s, and %s were proposed" % (sorted(made), sorted(want))
        return
    sizes = {int(c.get("id")): c for c in domain.findall("cpu/numa/cell")}
    for node, cell in made.items():
        vcpus = hostfacts.id_set(sizes[cell].get("cpus"))
        proposed = hostfacts.id_set(want[node]["cpus"])
        if len(vcpus) != len(proposed) or not proposed <= case.host.nodes[node]:
            yield "node %d: vCPUs %s, and CPUs %s were proposed" % (node, vcpus, proposed)
        if int(sizes[cell].get("memory")) != want[node]["memory_kib"]:
            yield "node %d: %s KiB, and %d were proposed" % (node, sizes[cell].get("memory"), want[node]["memory_kib"])


def check_exact(virt, case):
    """With all of the host's switches nothing is odd, and libvirt takes that, too."""
    text = case.run(virt.define_and_dump(case.text), "--mirror", "exact").stdout
    virt.define_and_dump(text)
    plan = json.loads(case.run(text, "--mirror", "exact", "--explain=json").stdout)
    for finding in plan["findings"]:
        if finding["id"] not in ABOUT_OTHER_THINGS:
            yield "%s %s: %s" % (finding["id"], finding["subject"], finding["text"])
    for device in plan["devices"]:
        if device["fate"] != "moved":
            yield "%s: %s" % (device["host_bdf"], device["fate"])


def check(virt, program, vtopo_host, name):
    host, words, nodes, boots = CASES[name]
    proposal = json.loads(place(vtopo_host, host, words, "--json"))["proposals"][0]
    elements = place(vtopo_host, host, words, "--xml")
    if proposal["devices_xml"] != elements:
        return ["--xml and --json have other elements"]
    vcpus, gib = (words.split()[words.split().index(word) + 1] for word in ("--cpus", "--memory"))
    text = cells.hand(memory="<memory unit='GiB'>%s</memory>" % gib.rstrip("G"), vcpu="<vcpu>%s</vcpu>" % vcpus)
    text = text.replace("{devices}", elements)
    devices = [device["pciBusID"] for device in proposal["devices"]]
    cells.CASES[name] = (text, host, devices, {}, {"boot": boots})
    case = cells.Case(program, name)
    problems = list(check_proposal(name, proposal, nodes))
    problems += check_cells(case, proposal)
    problems += check_exact(virt, case)
    return problems + cells.check(virt, program, name, True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    failed = 0
    names = arguments.cases or list(CASES)
    with libvirt.Libvirt() as virt:
        for name in names:
            try:
                problems = check(virt, os.path.abspath(arguments.program), os.path.abspath(arguments.host), name)
            except (libvirt.Error, guest.GuestError, subprocess.CalledProcessError) as error:
                problems = [str(error)]
            failed += bool(problems)
            print("%-24s %s" % (name, "FAILED" if problems else "ok"), flush=True)
            for problem in problems:
                print("    " + problem.replace("\n", "\n    "))
    sys.exit(1 if failed or not names else 0)


if __name__ == "__main__":
    main()
