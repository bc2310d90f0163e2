#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_properties.py - the laws and invariants of a rewrite, on generated hosts and domains

Takes:  the program in $VTOPO_XML, --seed and --count; the repository's hosts.
Gives:  for every broken rule a folder with the case, made smaller, to be added to the golden cases.
Rule:   the same seed and count test the same cases on every machine.  R(x) is a rewrite, R2 one with other options,
        U an undo.
Not here: what a good output is (checker.py), libvirt and guests (tests/real).
"""
import argparse
import concurrent.futures
import functools
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import checker
import plan_check
import generate_domain
import generate_host
import hostmodel
import unchanged
import layout
import xmltext
from domain import ROOT_PORT, read
from legal import libvirts_slots, machines_slots
from additions import check_additions
from cells import check_cells
from vacated import check_vacated
from verdict import Options, Violation

HERE = os.path.dirname(os.path.abspath(__file__))
HOSTS = ("../hosts", "../../examples/hosts")
DEFAULT_SEED = 20240917
TIMEOUT = 60
REFUSED = 5
FINDING_GUEST_BDF_CHANGES = 27
# Findings that say that something is not as asked.
GIVEN_UP = {34, 80, 81}
STRICT = {2, 3, 10, 11, 13, 18, 28, 30, 32, 35, 82, 83, 84, 135} | GIVEN_UP
# Findings of devices without the host's topology; perhaps: unless the policy wants it, or there are none.
PERHAPS_LACKING = {2, 3, 11, 82}
LACKING = {10, 18, 32, 83, 84, 85, 135} | PERHAPS_LACKING


class Result:
    def __init__(self, done):
        self.status = done.returncode
        self.text = done.stdout.decode("utf-8", "surrogateescape")
        self.messages = done.stderr.decode("utf-8", "replace")
        self.findings = {int(number) for number in re.findall(r"VTOPO-(\d{4})", self.messages)}


class Text:
    """As if a program had printed it."""

    def __init__(self, text):
        self.status, self.text, self.messages, self.findings = 0, text, "", set()


class Case:
    """A host, a domain and two sets of options; written to a folder to be run."""

    def __init__(self, host, text, options, others, folder):
        self.host, self.text, self.options, self.others = host, text, options, others
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.write()

    def write(self):
        self.put("host.json", self.host.description())
        self.put("domain.xml", self.text)
        self.put("policy.json", policy_text(self.options))
        self.put("policy2.json", policy_text(self.others))

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8", errors="surrogateescape",
                  newline="") as file:
            file.write(text)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, text, *arguments, host="host.json", policy="policy.json"):
        command = [os.environ["VTOPO_XML"], "-v", "--host", self.path(host), "--config", self.path(policy),
                   *arguments]
        done = subprocess.run(command, input=text.encode("utf-8", "surrogateescape"), capture_output=True,
                              timeout=TIMEOUT, check=False)
        return Result(done)

    def before(self):
        return checker.input_of(self.text, self.host, self.options)

    def rewrite(self, text, **rest):
        return self.run(text, **rest)

    def rewrite2(self, text):
        return self.run(text, policy="policy2.json")

    def undo(self, text):
        return self.run(text, "--undo")


def policy_text(options):
    content = {"mirror": options.mirror}
    if options.spare_ports:
        content["spare_ports"] = options.spare_ports
    if options.unmapped != "expander":
        content["unmapped_node"] = options.unmapped
    if options.adopt:
        content["adopt"] = True
    if options.without_numa != "leave":
        content["without_numa"] = options.without_numa
    if options.atomics != "keep":
        content["atomics"] = options.atomics
    devices = {}
    for bdf in options.keep:
        devices.setdefault(bdf, {})["keep"] = True
    for bdf in options.hotplug:
        devices.setdefault(bdf, {})["hotplug"] = True
    for bdf, node in options.nodes.items():
        devices.setdefault(bdf, {})["node"] = node
    if devices:
        content["devices"] = [{"bdf": hostmodel.bdf_text(bdf), **devices[bdf]} for bdf in sorted(devices)]
    return json.dumps(content, indent=1) + "\n"


# --- making a case

def random_options(rng, host, assigned):
    options = checker.Options(rng.choice(["numa", "root", "switch", "switch", "exact"]))
    if rng.random() < 0.15:
        options.spare_ports = rng.choice([1, 2, 5])
    if rng.random() < 0.2:
        options.unmapped = rng.choice(["nearest", "stay"])
    if rng.random() < 0.3:
        options.without_numa = "group"
    options.adopt = rng.random() < 0.2
    if rng.random() < 0.3:
        options.atomics = "ignore"
    assigned = [source for source in assigned if len(source) == 4]
    if assigned and rng.random() < 0.1:
        options.keep = {rng.choice(assigned)}
    if assigned and rng.random() < 0.1:
        options.hotplug = {rng.choice(assigned)}
    if assigned and host.nodes and rng.random() < 0.1:
        node = rng.choice([*host.nodes, -1])
        slot = rng.choice(assigned)[:3]
        options.nodes = {bdf: node for bdf in assigned if bdf[:3] == slot}
    return options


def make_case(seed, number, trees, folder, kind=None):
    rng = random.Random("%d/%d" % (seed, number))
    if trees and rng.random() < 0.15:
        host = rng.choice(trees)
    else:
        host = generate_host.make(rng)
    text = generate_domain.make(rng, host, kind)
    assigned = [device.source for device in read(text).assigned()]
    options = random_options(rng, host, assigned)
    others = random_options(rng, host, assigned) if rng.random() < 0.8 else options
    return Case(host, text, options, others, folder)


def own_cases(scratch):
    """The domains in laws/, each with the name of its host in a file beside it."""
    for folder in sorted(glob.glob(os.path.join(HERE, "laws", "*"))):
        with open(os.path.join(folder, "host"), encoding="utf-8") as file:
            name = file.read().strip() + ".json"
        host = [path for path in (os.path.join(HERE, where, name) for where in HOSTS) if os.path.exists(path)]
        with open(os.path.join(folder, "domain.xml"), encoding="utf-8", newline="") as file:
            text = file.read()
        yield Case(hostmodel.read_description(host[0]), text, Options(), Options(mirror="numa"),
                   os.path.join(scratch, os.path.basename(folder)))


@functools.lru_cache
def own_hosts():
    """The hosts of the repository."""
    return [hostmodel.read_description(path) for folder in HOSTS
            for path in sorted(glob.glob(os.path.join(HERE, folder, "*.json")))]


# --- the laws

def crashes(result):
    if re.search(r"Sanitizer|runtime error:", result.messages) or result.status < 0 or result.status == 70:
        yield Violation("crash", "status %d: %s" % (result.status, result.messages[-1500:]))


def must_fit(case):
    """True or False where the count is plain, else None."""
    before = case.before()
    moving = checker.moving_sources(before, case.host, case.options)
    needs = layout.needed(before, case.host, case.options)
    if needs is None or before.uefi or not before.is_complete(moving):  # UEFI's I/O space is not counted here
        return None
    if any(c.model == "pcie-expander-bus" for c in before.controllers.values()):
        return None
    windows = sum(1 for source in moving if any(bar[2] for bar in case.host.function_of(source).bars))
    if windows > 4:
        return None
    used = {address.slot for _, address in before.everything() if address.bus == 0} | set(before.machine_slots)
    expanders, total = needs
    taken = max(before.controllers)
    # libvirt's fixed places are not to be taken without need, and eight expanders can share a slot
    free = len(set(range(1, 31)) - used)
    if free - 4 < expanders <= 8 * free:
        return None
    return expanders <= 8 * free and before.subtree(0) + total <= 256 and taken + total <= 255


def must_be_refused(case):
    """Spare ports beside devices whose addresses libvirt chooses."""
    before = case.before()
    moving = checker.moving_sources(before, case.host, case.options)
    return bool(case.options.spare_ports and before.cells and not before.is_complete(moving) and moving)


def check_status(case, result):
    if must_be_refused(case) and result.status != REFUSED:
        yield Violation("not-refused", "spare ports beside addresses that libvirt chooses: status %d" % result.status)
    elif result.status == REFUSED and not must_be_refused(case) and must_fit(case):
        yield Violation("refused", result.messages)
    elif result.status == 0 and must_fit(case) is False and not result.findings & GIVEN_UP:
        yield Violation("not-refused", "the layout cannot fit")
    elif result.findings & GIVEN_UP and must_fit(case):
        yield Violation("given-up", "the layout fits as it was asked for: %s" % (result.findings & GIVEN_UP))
    elif result.status not in (0, REFUSED):
        yield Violation("status", "status %d: %s" % (result.status, result.messages))
    if result.status and result.text:
        yield Violation("output-after-failure", "status %d and %d bytes" % (result.status, len(result.text)))


def same(rule, one, other, exactly=True):
    if one.status != other.status:
        yield Violation(rule, "status %d and %d: %s %s" % (one.status, other.status, one.messages, other.messages))
    elif one.text != other.text and (exactly or not checker.alike(one.text, other.text)):
        yield Violation(rule, first_difference(one.text, other.text))


def first_difference(one, other):
    for number, (a, b) in enumerate(zip(one.split("\n"), other.split("\n")), 1):
        if a != b:
            return "line %d: %r and %r" % (number, a, b)
    return "one ends earlier"


def check_laws(case, first):
    again = case.rewrite(first.text)
    yield from crashes(again)
    yield from same("R(R(x)) = R(x)", first, again)
    undone = case.undo(first.text)
    yield from crashes(undone)
    if undone.status:
        yield Violation("undo-status", "status %d: %s" % (undone.status, undone.messages))
        return
    for violation in checker.check_undo(case.before(), first.text, undone.text):
        yield Violation("U: " + violation.rule, violation.text)
    if len(first.text) % 3 == 0:
        yield from same("U(U(x)) = U(x)", undone, case.undo(undone.text))
    after_undo = case.rewrite2(undone.text)
    yield from crashes(after_undo)
    yield from same("R2(R(x)) = R2(U(R(x)))", case.rewrite2(first.text), after_undo, exactly=False)


def without_record(text):
    """As a tool leaves it that writes <metadata> anew; None: there was none."""
    record = read(text).record
    return xmltext.cut(text, [xmltext.with_space_before(text, record.outermost)])[0] if record else None


def check_lost_record(case, first):
    """What was made counts as the user's, and every device has an address after an undo as before; the laws hold."""
    lost = without_record(first.text)
    if lost is None:
        return
    undone = case.undo(lost)
    yield from crashes(undone)
    if undone.status:
        yield Violation("lost: undo-status", "status %d: %s" % (undone.status, undone.messages))
        return
    if not case.options.adopt:  # what was taken over is gone
        for violation in checker.check_undo(case.before(), lost, undone.text):
            yield Violation("lost: " + violation.rule, violation.text)
    yield from same("lost: U(U(x)) = U(x)", undone, case.undo(undone.text))
    yield from same("lost: R(x) = x", case.rewrite(lost), Text(lost))
    yield from check_life_after(case, lost, undone)


def check_life_after(case, lost, undone):
    """The laws of what an undo without a record gives."""
    one, other = case.rewrite2(lost), case.rewrite2(undone.text)
    yield from crashes(other)
    if one.text == lost:  # it is as the other options want it, too, and so has no record again
        yield from same("lost: R2(x) = R2(U(x))", one, Text(without_record(other.text) or other.text), exactly=False)
    else:
        yield from same("lost: R2(x) = R2(U(x))", one, other, exactly=False)
    if other.status:
        return
    yield from same("lost: R2(R2(U(x))) = R2(U(x))", case.rewrite2(other.text), other)
    if not read(undone.text).gaps():
        for violation in checker.check(undone.text, other.text, case.host, case.others, other.findings):
            yield Violation("lost: of U(x): " + violation.rule, violation.text)
    if read(undone.text).is_complete():
        yield from same("lost: U(R2(U(x))) = U(x)", case.undo(other.text), undone)


def check_untouched_undo(case):
    undone = case.undo(case.text)
    if undone.status or undone.text != case.text:
        yield Violation("U(x) = x", "status %d, %s" % (undone.status, first_difference(case.text, undone.text)))


def check_check(case, first):
    lacking = first.findings & LACKING
    done = {0} if not lacking else {0, 8} if lacking <= PERHAPS_LACKING else {8}
    for text, wanted in ((first.text, done), (case.text, done if first.text == case.text else {1})):
        result = case.run(text, "--check")
        if result.status not in wanted or result.text:
            yield Violation("--check", "status %d, not of %s: %s" % (result.status, wanted, result.messages))


# --- order of things

def places_by_source(text):
    return {device.source: device.address and device.address.place for device in read(text).assigned()}


def without_addresses(text, sources):
    """@text without the guest addresses of these devices."""
    ranges = []
    for device in read(text).assigned():
        address = device.element.find("address")
        if device.source in sources and address is not None:
            ranges.append(xmltext.with_space_before(text, address))
    return xmltext.cut(text, ranges)[0]


def shuffled(text, rng):
    """The elements of the assigned devices exchange their places."""
    elements = [device.element for device in read(text).assigned()]
    parts = [text[element.start:element.end] for element in elements]
    rng.shuffle(parts)
    out, at = [], 0
    for element, part in zip(elements, parts):
        out += [text[at:element.start], part]
        at = element.end
    return "".join(out) + text[at:]


def check_order_of_elements(case, rng):
    moving = checker.moving_sources(case.before(), case.host, case.options)
    for text in (case.text, without_addresses(case.text, moving)):
        one, other = case.rewrite(text), case.rewrite(shuffled(text, rng))
        yield from crashes(one)
        if one.status != other.status:
            yield Violation("order of elements", "status %d and %d: %s%s" % (one.status, other.status, one.messages,
                                                                              other.messages))
        elif one.status == 0 and places_by_source(one.text) != places_by_source(other.text):
            yield Violation("order of elements", "the layout depends on the order of the devices")


def check_host_forms(case, first, rng):
    """The host's functions in another order, and without those that do not matter."""
    content = json.loads(case.host.description())
    rng.shuffle(content["functions"])
    case.put("shuffled.json", json.dumps(content))
    yield from same("order of functions", first, case.rewrite(case.text, host="shuffled.json"))
    needed = [device.source for device in read(case.text).assigned()]
    case.put("small.json", case.host.only(needed).description())
    yield from same("functions that do not matter", first, case.rewrite(case.text, host="small.json"))


def check_plan(case, first):
    result = case.run(case.text, "--explain=json")
    yield from crashes(result)
    before, after = case.before(), read(first.text)
    moving = checker.moving_sources(before, case.host, case.options)
    moving -= checker.left_alone(before, after, checker.may_stay(before, moving, case.host, case.options))
    if result.status:
        yield Violation("plan", "status %d: %s" % (result.status, result.messages))
        return
    yield from plan_check.check(before, after, json.loads(result.text), case.host, moving)


def with_intruder(text, rng):
    """The domain with a NIC on one of vtopo's spare ports, as virsh edit would put it; None without spare ports."""
    made = read(text)
    used = {address.bus for _, address in made.everything()}
    free = [c.index for c in made.controllers.values() if c.marked and c.model == ROOT_PORT and c.index not in used]
    if not free:
        return None
    nic = "<interface type='user'><model type='virtio'/><address type='pci' domain='0x0000' bus='0x%02x' " \
          "slot='0x00' function='0x0'/></interface>" % rng.choice(free)
    at = made.devices_element.close_start
    return text[:at] + nic + text[at:]


def check_intruder(case, first, rng):
    """Somebody's device on a spare port: it stays, or an empty port of pcie.0 takes it, and a finding tells."""
    text = with_intruder(first.text, rng)
    if text is None:
        return
    second = case.rewrite(text)
    yield from crashes(second)
    if second.status not in (0, REFUSED):
        yield Violation("intruder", "status %d: %s" % (second.status, second.messages))
    if second.status:
        return
    known = set(checker.check_legal(read(text)))
    for violation in checker.check_legal(read(second.text)):
        if violation not in known:
            yield Violation("intruder: " + violation.rule, violation.text)
    old, new = read(text).others()[-1], read(second.text).others()[-1]
    stays = new.address and old.address.place == new.address.place
    if not stays and (FINDING_GUEST_BDF_CHANGES not in second.findings or
                      (new.address and new.address.bus not in checker.empty_ports(read(text)))):
        yield Violation("intruder", "%s went from %s to %s" % (old, old.address, new.address))
    yield from same("intruder: R(R(x)) = R(x)", second, case.rewrite(second.text))


def check_strict(case, first):
    """Strict: the same output, or a refusal where a finding says that something is not as asked."""
    result = case.run(case.text, "--strict")
    yield from crashes(result)
    if result.status == 0:
        yield from same("--strict", first, result)
        if first.findings & STRICT:
            yield Violation("--strict", "accepted in spite of %s" % (first.findings & STRICT))
    elif result.status != REFUSED or not first.findings & STRICT:
        yield Violation("--strict", "status %d: %s" % (result.status, result.messages))


def with_additions(text, rng):
    """What a management tool does to a defined domain: another root port with a NIC, behind everything."""
    made = read(text)
    if not made.is_complete():
        return None
    index = max(made.controllers, default=0) + 1
    slots = {address.slot for _, address in made.everything() if address.bus == 0}
    free = [slot for slot in range(2, 26) if slot not in slots]
    if index > 240 or not free:
        return None
    added = "<controller type='pci' index='%d' model='pcie-root-port'><target chassis='%d' port='0x1'/>" \
            "<address type='pci' domain='0x0000' bus='0x00' slot='0x%02x' function='0x0'/></controller>" \
            "<interface type='user'><model type='virtio'/><address type='pci' domain='0x0000' bus='0x%02x' " \
            "slot='0x00' function='0x0'/></interface>" % (index, index, rng.choice(free), index)
    at = made.devices_element.close_start
    return text[:at] + added + text[at:]


def fits_behind(before, after):
    """Are there slots behind the last controller's for all root ports that fill the places of what was taken out?"""
    last = max(before.controllers)
    used = {address.slot for thing, address in before.everything() if address.bus == 0 and not getattr(thing, "marked", False)}
    free = set(range(before.controllers[last].address.slot + 1, 32)) - used - libvirts_slots(before) - machines_slots(before)
    if any(c.model == "dmi-to-pci-bridge" for c in before.controllers.values()):
        free.discard(0x1E)  # libvirt's place for one
    return len(list(unchanged.fillers(before, after))) <= 8 * len(free)


def check_second_life(case, first, rng):
    """A rewritten domain that grew, with other options: the same rules."""
    text = with_additions(first.text, rng)
    if text is None or checker.check_legal(read(text)):
        return
    second = case.rewrite2(text)
    incomplete = False
    if "<vtopo:record" in text:
        # What was taken over comes back before a rewrite, and what libvirt was to place is libvirt's again.
        undone = case.undo(text)
        yield from crashes(undone)
        incomplete = not read(undone.text).is_complete()
        if "<vtopo:removed" in text:
            text = undone.text
    yield from crashes(second)
    if second.status not in (0, REFUSED):
        yield Violation("second life", "status %d: %s" % (second.status, second.messages))
    if second.status == 0:
        crowded = not fits_behind(read(text), read(second.text)) and FINDING_GUEST_BDF_CHANGES in second.findings
        for violation in checker.check(text, second.text, case.host, case.others, second.findings):
            if violation.rule == "guest-bdf" and crowded:
                continue  # ports in place of what is gone need slots before the new one, and it is told
            if violation.rule == "index-gap" and incomplete:
                continue
            yield Violation("second life: " + violation.rule, violation.text)


def judge(case, rng, everything=False):
    """All violations of one case.  What costs most runs of the program is looked at in every other case."""
    try:
        first = case.rewrite(case.text)
        found = [*crashes(first), *check_status(case, first)]
        if first.status:
            return found
        found += checker.check(case.text, first.text, case.host, case.options, first.findings)
        found += check_laws(case, first)
        if everything or rng.random() < 0.3:
            found += check_lost_record(case, first)
        if everything or rng.random() < 0.3:
            found += check_vacated(case, first)
        if everything or rng.random() < 0.3:
            found += check_additions(case, rng)
            found += check_cells(case, first)
        chosen = [lambda: [*check_check(case, first), *check_untouched_undo(case)],
                  lambda: [*check_plan(case, first), *check_strict(case, first)],
                  lambda: check_second_life(case, first, rng), lambda: check_order_of_elements(case, rng), lambda: check_host_forms(case, first, rng)]
        for check in chosen if everything else [rng.choice(chosen)]:
            found += check()
        found += check_intruder(case, first, rng)
        found += check_typing_mistake(case, rng)
    except subprocess.TimeoutExpired as error:
        found = [Violation("timeout", str(error))]
    return found


TYPING_MISTAKES = ["mirrow='switch'", "mirror='switsh'", "spare_ports='two'", "strict='maybe'"]


def check_typing_mistake(case, rng):
    """A policy of the domain's own that cannot be read is not taken for another one."""
    if "<metadata>" in case.text:
        return
    policy = "<metadata><v:policy xmlns:v='http://vtopo.io/domain/1.0' %s/></metadata>" % rng.choice(TYPING_MISTAKES)
    at = case.text.index("<name>")
    result = case.rewrite(case.text[:at] + policy + case.text[at:])
    yield from crashes(result)
    if result.status != 3 or result.text:
        yield Violation("typing mistake", "status %d: %s" % (result.status, result.messages))


# --- failing cases

def candidates(text):
    """Smaller texts: without one device, comment-like things or one unused controller at a time."""
    made = read(text)
    used = {address.bus for _, address in made.everything()}
    elements = [device.element for device in made.devices if device.element.name != "emulator"]
    elements += [c.element for c in made.controllers.values() if c.index == max(made.controllers, default=0) and c.index not in used]
    elements += [child for child in made.root.children if child.name in
                 ("metadata", "description", "unknown", "qemu:commandline", "cputune", "numatune")]
    for element in reversed(elements):
        yield xmltext.cut(text, [xmltext.with_space_before(text, element)])[0]


def shrink(case, rules, limit=40):
    """Drop parts of the domain while one of the rules is still broken; then what the host does not need."""
    progress = True
    while progress and limit > 0:
        progress = False
        for text in candidates(case.text):
            limit -= 1
            smaller = Case(case.host, text, case.options, case.others, case.folder)
            if limit > 0 and rules & {v.rule for v in judge(smaller, random.Random(0), everything=True)}:
                case, progress = smaller, True
                break
    needed = [device.source for device in read(case.text).assigned()]
    smaller = Case(case.host.only(needed), case.text, case.options, case.others, case.folder)
    if rules & {v.rule for v in judge(smaller, random.Random(0), everything=True)}:
        return smaller
    case.write()
    return case


def save(case, found, seed, number, where):
    """The case as a folder."""
    folder = os.path.join(where, "seed%d-%d" % (seed, number))
    case = shrink(case, {violation.rule for violation in found})
    os.makedirs(folder, exist_ok=True)
    for name in ("host.json", "domain.xml", "policy.json", "policy2.json"):
        shutil.copy(case.path(name), folder)
    with open(os.path.join(folder, "violations.txt"), "w", encoding="utf-8") as file:
        file.write("%s\nsecond: %s\n" % (case.options, case.others))
        for violation in judge(case, random.Random(0), everything=True):
            file.write("%s: %s\n" % violation)
    return folder


def run_with_libvirt(arguments, scratch):
    """The laws with a real libvirt in between, one case after the other."""
    import libvirt_laws  # needs root, virsh and the QEMU driver

    failed = refused = 0
    trees = own_hosts()
    with libvirt_laws.libvirt.Libvirt() as harness:
        for case in own_cases(scratch) if arguments.first == 0 else []:
            found, refusal = libvirt_laws.judge(case, harness)
            found = [Violation("libvirt refuses", refusal)] if found is None else found
            if found:
                failed += 1
                report(os.path.basename(case.folder), found, None)
        for number in range(arguments.first, arguments.first + arguments.count):
            # Often OVMF and addresses that are missing here and there: what libvirt adds decides then.
            kind = "partly" if number % 3 == 2 else None
            case = make_case(arguments.seed, number, trees, os.path.join(scratch, "libvirt%d" % number), kind)
            found, refusal = libvirt_laws.judge(case, harness)
            if found is None:
                refused += 1
                print("case %d: libvirt does not take the input: %s" % (number, refusal))
                continue
            if found:
                failed += 1
                report(number, found, keep(case, found, arguments.seed, number, arguments.save))
            if failed >= arguments.most:
                break
    if refused * 10 > arguments.count:
        print("libvirt refused %d generated domains: the generator is at fault" % refused)
        failed += 1
    return failed


def keep(case, found, seed, number, where):
    """The case as it is, in a folder."""
    if not where:
        return None
    folder = os.path.join(where, "seed%d-%d-libvirt" % (seed, number))
    case.write()
    shutil.copytree(case.folder, folder, dirs_exist_ok=True)
    with open(os.path.join(folder, "violations.txt"), "w", encoding="utf-8") as file:
        file.write("%s\nsecond: %s\n" % (case.options, case.others))
        file.writelines("%s: %s\n" % violation for violation in found)
    return folder


def report(number, found, folder):
    print("case %s%s" % (number, " saved in " + folder if folder else ""))
    for violation in found[:8]:
        print("  %s: %s" % (violation.rule, violation.text[:600]), flush=True)


def run_one(seed, number, scratch, where, everything):
    trees = own_hosts()
    case = make_case(seed, number, trees, os.path.join(scratch, str(number)))
    found = judge(case, random.Random("%d/%d" % (seed, number)), everything)
    folder = save(case, found, seed, number, where) if found and where else None
    shutil.rmtree(case.folder)
    return number, found, folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--save", help="folder for failing cases")
    parser.add_argument("--libvirt", action="store_true", help="the laws with a real libvirt in between")
    parser.add_argument("--everything", action="store_true", help="look at every law in every case")
    parser.add_argument("--most", type=int, default=10, help="stop after so many failing cases")
    arguments = parser.parse_args()
    if not os.environ.get("VTOPO_XML"):
        parser.error("set VTOPO_XML to the program")
    print("seed %d, %d cases" % (arguments.seed, arguments.count), flush=True)
    with tempfile.TemporaryDirectory(prefix="vtopo-property-") as scratch:
        run = run_with_libvirt if arguments.libvirt else run_all
        failed = run(arguments, scratch)
    print("%d of %d cases failed" % (failed, arguments.count))
    return 1 if failed else 0


def run_all(arguments, scratch):
    failed = 0
    numbers = range(arguments.first, arguments.first + arguments.count)
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        futures = [pool.submit(run_one, arguments.seed, number, scratch, arguments.save,
                               arguments.everything)
                   for number in numbers]
        for future in concurrent.futures.as_completed(futures):
            number, found, folder = future.result()
            if not found:
                continue
            failed += 1
            report(number, found, folder)
            if failed >= arguments.most:
                for pending in futures:
                    pending.cancel()
                break
    return failed


if __name__ == "__main__":
    sys.exit(main())
