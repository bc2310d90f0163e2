#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_p2p.py - what a rewrite adds for peer-to-peer: cliques, links, PCIe-to-PCI bridges, on generated hosts and domains

Takes:  the program in $VTOPO_XML, --seed and --count; hosts, domains and options of test_properties.py.
Gives:  the numbers of cases with a broken rule, and what broke it.
Rule:   R(x) is a rewrite with the options of the case, P one with cliques and links besides, B one with bridges, too.
        Cliques and links change no place of anything, are there exactly where they belong, and an undo leaves nothing.
Not here: the layout itself (test_properties.py); whether libvirt and guests take it (tests/real).
"""
import argparse
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

import checker
import hostmodel
from domain import MARK, PORTS, ROOT_PORT, UPSTREAM, read
from test_properties import TIMEOUT, crashes, make_case, own_hosts, policy_text, same
from verdict import Violation

DEFAULT_SEED = 20261121
NVIDIA, DISPLAY = 0x10DE, 3
REFUSED = 5
FINDING_LINKS_UNKNOWN = 91


def functions(case):
    """The host functions that are given to the guest as they are."""
    for device in read(case.text).assigned():
        address = device.element.find("address")
        given = address is None or address.get("type") != "unassigned"
        if given and len(device.source) == 4 and device.element.name == "hostdev":
            function = case.host.function_of(device.source)
            if function is not None:
                yield device.source, function


def can_have_clique(function):
    return function.vendor == NVIDIA and function.class_code >> 16 == DISPLAY and function.physfn is None


def write_links(case, rng):
    """Links for the host's functions; returns whether all have one."""
    host = json.loads(case.host.description())
    every = rng.random() < 0.7
    for function in host["functions"]:
        if every or rng.random() < 0.5:
            function["link_max"] = "%s GT/s x%d" % (rng.choice(["5.0", "8.0", "16.0", "32.0", "64.0"]),
                                                    rng.choice([1, 2, 4, 8, 16]))
    case.put("host.json", json.dumps(host))
    return every


def write_policies(case, rng):
    """policy-p2p.json, policy-bridges.json; returns the clique of each GPU that gets one."""
    content = json.loads(policy_text(case.options))
    if rng.random() < 0.3:
        content.update(links="host", qemu_version="11.2", libvirt_version="12.9", generic_switch=True)
    else:
        content.update(links="host", qemu_version="10.0", libvirt_version="9.0")
    devices = {device["bdf"]: device for device in content.pop("devices", [])}
    cliques = {}
    for source, function in functions(case):
        if rng.random() < 0.2:
            continue
        cliques[source] = rng.randrange(16)
        devices.setdefault(hostmodel.bdf_text(source), {"bdf": hostmodel.bdf_text(source)})["clique"] = cliques[source]
    case.put("policy-p2p.json", json.dumps({**content, "devices": list(devices.values())}))
    for source, function in functions(case):
        if not can_have_clique(function) and rng.random() < 0.5:
            devices.setdefault(hostmodel.bdf_text(source), {"bdf": hostmodel.bdf_text(source)})["attach_pci"] = True
    case.put("policy-bridges.json", json.dumps({**content, "devices": list(devices.values())}))
    return {source: clique for source, clique in cliques.items() if can_have_clique(case.host.function_of(source))}


def properties(domain):
    """{alias: {name: value}} of all overrides."""
    found = {}
    for override in domain.root.children:
        if override.name.split(":")[-1] != "override":
            continue
        for device in override.children:
            for frontend in device.children:
                for prop in frontend.children:
                    found.setdefault(device.get("alias"), {})[prop.get("name")] = prop.get("value")
    return found


def alias_of(device):
    alias = device.element.find("alias")
    return alias.get("name") if alias is not None else None


def check_cliques(text, expected):
    """Exactly the GPUs with a clique have the property."""
    made = read(text)
    written = properties(made)
    has = {device.source: int(written[alias_of(device)]["x-nv-gpudirect-clique"]) for device in made.assigned()
           if "x-nv-gpudirect-clique" in written.get(alias_of(device), {})}
    if has != expected:
        yield Violation("cliques", "%s instead of %s" % (has, expected))


def check_links(text, every):
    """Ports of vtopo that stand for a link say it, and nothing else does."""
    made = read(text)
    written = properties(made)
    ports = {c.alias: c for c in made.controllers.values() if c.marked and c.model in (*PORTS, UPSTREAM)}
    for alias, found in written.items():
        if {"x-speed", "x-width", "driver"} & set(found) and alias not in ports:
            yield Violation("links", "%s is no port of vtopo's: %s" % (alias, found))
    occupied = {address.bus for _, address in made.everything()}
    for alias, port in ports.items():
        target = port.element.find("target")
        generic = target is not None and target.get("speed") is not None
        model = port.element.find("model").get("name")
        if generic != (model in ("pcie-upstream-port", "pcie-downstream-port")) and port.model != ROOT_PORT:
            yield Violation("links", "%s: model %s" % (alias, model))
        if generic and {"x-speed", "x-width", "driver"} & set(written.get(alias, {})):
            yield Violation("links", "%s says its link twice" % alias)
        if every and port.index in occupied and "x-speed" not in written.get(alias, {}) and not generic:
            yield Violation("links", "%s says no speed" % alias)
        if (port.model == ROOT_PORT) != ("driver" not in written.get(alias, {})) and alias in written:
            yield Violation("links", "%s: driver %s" % (alias, written[alias].get("driver")))


def places(text):
    made = read(text)
    return ([(c.index, c.model, c.alias, c.address and c.address.place) for c in made.controllers.values()],
            [(str(d), d.address and d.address.place) for d in made.devices])


def check_p2p(case, cliques, every):
    run = lambda text, *words: case.run(text, *words, policy="policy-p2p.json")
    plain, first = case.rewrite(case.text), run(case.text)
    yield from crashes(first)
    if plain.status or first.status:
        if plain.status != first.status:
            yield Violation("status", "%d and %d: %s" % (plain.status, first.status, first.messages))
        return
    if places(plain.text) != places(first.text):
        yield Violation("places", "cliques or links moved something")
    laid_out = json.loads(run(case.text, "--explain=json").text)["outcome"] == "layout"
    yield from check_cliques(first.text, cliques if laid_out else {})
    yield from check_links(first.text, every and not first.findings & {FINDING_LINKS_UNKNOWN})
    yield from same("P(P(x)) = P(x)", first, run(first.text))
    yield from same("P(R(x)) = P(x)", first, run(plain.text), exactly=False)
    yield from same("R(P(x)) = R(x)", plain, case.rewrite(first.text), exactly=False)
    undone = case.undo(first.text)
    yield from same("U(P(x)) = U(R(x))", case.undo(plain.text), undone, exactly=False)
    if MARK in undone.text and MARK not in case.text:
        yield Violation("undo-mark", "a mark is left")
    if run(first.text, "--check").status not in (0, 8):
        yield Violation("--check", "the rewritten domain is not as it would be made")


def check_bridges(case):
    run = lambda text, *words: case.run(text, *words, policy="policy-bridges.json")
    first = run(case.text)
    yield from crashes(first)
    if first.status not in (0, REFUSED):
        yield Violation("bridges: status", "status %d: %s" % (first.status, first.messages))
    if first.status:
        return
    known = set(checker.check_legal(read(case.text)))
    for violation in checker.check_legal(read(first.text)):
        if violation not in known:
            yield Violation("bridges: " + violation.rule, violation.text)
    one, other = (sorted(str(d.source) for d in read(text).assigned()) for text in (case.text, first.text))
    if one != other:
        yield Violation("bridges: devices", "%s became %s" % (one, other))
    yield from same("B(B(x)) = B(x)", first, run(first.text))
    undone = case.undo(first.text)
    yield from crashes(undone)
    if undone.status or (MARK in undone.text and MARK not in case.text):
        yield Violation("bridges: undo", "status %d, or a mark is left: %s" % (undone.status, undone.messages))
    yield from same("R(B(x)) = R(U(B(x)))", case.rewrite(first.text), case.rewrite(undone.text), exactly=False)


def run_one(seed, number, scratch, save):
    case = make_case(seed, number, own_hosts(), os.path.join(scratch, str(number)))
    rng = random.Random("%d/%d p2p" % (seed, number))
    every = write_links(case, rng)
    cliques = write_policies(case, rng)
    try:
        found = [*check_p2p(case, cliques, every), *check_bridges(case)]
    except subprocess.TimeoutExpired as error:
        found = [Violation("timeout", "%d s: %s" % (TIMEOUT, error))]
    if found and save:
        shutil.copytree(case.folder, os.path.join(save, "p2p-seed%d-%d" % (seed, number)), dirs_exist_ok=True)
    shutil.rmtree(case.folder)
    return number, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--save", help="folder for failing cases")
    arguments = parser.parse_args()
    if not os.environ.get("VTOPO_XML"):
        parser.error("set VTOPO_XML to the program")
    print("seed %d, %d cases" % (arguments.seed, arguments.count), flush=True)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="vtopo-p2p-") as scratch, \
            concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        futures = [pool.submit(run_one, arguments.seed, number, scratch, arguments.save)
                   for number in range(arguments.first, arguments.first + arguments.count)]
        for future in concurrent.futures.as_completed(futures):
            number, found = future.result()
            failed += bool(found)
            for violation in found[:5]:
                print("case %d: %s: %s" % (number, violation.rule, violation.text[:500]), flush=True)
    print("%d of %d cases failed" % (failed, arguments.count))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
