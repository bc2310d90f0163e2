# SPDX-License-Identifier: GPL-2.0-or-later
"""
additions.py - the laws for what is added besides controllers and addresses (policy hide_hypervisor)

Takes:  a case of test_properties.py and its rewrite without additions.
Gives:  violations.
Rule:   with the policy a domain is what it is without, and what is added; turning the policy on and off again leaves nothing,
        and an undo gives the same bytes; whatever form the parents of what is added have.
"""
import json
import re

import checker
from domain import read
from verdict import Violation

REFUSED = 5
POLICY = "hide.json"
GPU_CLASSES = (0x03, 0x12)
FEATURES = re.compile(r"<features\b.*?</features>|<features\b[^>]*/>", re.S)
FORMS = (
    "<features><acpi/><kvm/><hyperv /></features>",
    "<features>\n    <acpi/><apic/>\n    <kvm></kvm> <!-- mine -->\n  </features>",
    "<features>\n    <vmport state='off'/>\n    <acpi/>\n    <hyperv mode='custom'>\n      <relaxed state='on'/> <vapic state='on'/>\n"
    "    </hyperv>\n    <kvm>\n    <poll-control state='on'/></kvm>\n  </features>",
    "<features>\n    <acpi/>\n    <hyperv mode='passthrough'/>\n    <kvm>\n    </kvm>\n  </features>",
    "<features><acpi/><kvm><hidden state='off'/></kvm><hyperv><vendor_id state='on' value='mine'/></hyperv></features>",
)


def write_policy(case):
    with open(case.path("policy.json"), encoding="utf-8") as file:
        content = json.load(file)
    case.put(POLICY, json.dumps({**content, "hide_hypervisor": True}))


def texts(case, rng):
    """The domain as it is, and with its features in another form."""
    yield case.text
    found = FEATURES.search(case.text)
    if found:
        form = rng.choice(FORMS)
        if "\r\n" in case.text:
            form = form.replace("\n", "\r\n")
        yield case.text[:found.start()] + form + case.text[found.end():]


def has_gpu(case):
    for device in read(case.text).assigned():
        function = case.host.function_of(device.source) if len(device.source) == 4 else None
        if function and function.class_code >> 16 in GPU_CLASSES and "unassigned" not in str(device.address):
            return True
    return False


def compare(rule, one, other):
    if one.status != other.status or not (one.text == other.text or checker.alike(one.text, other.text)):
        yield Violation(rule, "status %d and %d %s %s" % (one.status, other.status, one.messages[:200], other.messages[:200]))


def check_text(case, text):
    plain, done = case.rewrite(text), case.run(text, policy=POLICY)
    if plain.status or done.status:
        if plain.status != done.status:
            yield Violation("additions", "status %d and %d: %s" % (plain.status, done.status, done.messages[:300]))
        return
    if "<vtopo:added" not in done.text and plain.text != done.text:
        yield Violation("additions: nothing is added", "and yet the text is another one")
    if case.run(done.text, policy=POLICY).text != done.text:
        yield Violation("additions: R(R(x)) = R(x)", "")
    yield from compare("additions: on, then off", case.rewrite(done.text), plain)
    yield from compare("additions: off, then on", case.run(plain.text, policy=POLICY), done)
    one, other = case.undo(done.text), case.undo(plain.text)
    if one.text != other.text:
        yield Violation("additions: U", "not what an undo without them gives")
    features = FEATURES.search(done.text)
    hidden = features and "<hidden" in features.group().replace('"', "'")
    if has_gpu(case) and done.text != plain.text and not hidden:
        yield Violation("additions: <hidden>", "it is not there")


def check_additions(case, rng):
    write_policy(case)
    for text in texts(case, rng):
        yield from check_text(case, text)


def check_additions_dump(case, define, harness, rng):
    """What libvirt makes of it stays as it is."""
    write_policy(case)
    for text in texts(case, rng):
        done = case.run(text, policy=POLICY)
        if done.status or "<vtopo:added" not in done.text or define(harness, text)[0] is None:
            continue
        dump, refusal = define(harness, done.text)
        if dump is None:
            yield Violation("additions: libvirt refuses", refusal)
            continue
        if "<vtopo:record" not in dump:
            yield Violation("additions: the record is lost", "")
        again = case.run(dump, policy=POLICY)
        if again.text != dump:
            yield Violation("additions: R(D(R(x))) = D(R(x))", "status %d %s" % (again.status, again.messages[:300]))
        undone = case.undo(dump)
        if "<vtopo:" in undone.text or define(harness, undone.text)[0] is None:
            yield Violation("additions: U(D(R(x)))", define(harness, undone.text)[1] or "something is left")
        yield from compare("additions: R'(D(R(x))) = R'(U(D(R(x))))", case.rewrite(dump), case.rewrite(undone.text))
