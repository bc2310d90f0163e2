# SPDX-License-Identifier: GPL-2.0-or-later
"""
vacated.py - the laws for ports that devices leave (--vacated off and drop)

Takes:  a case of test_properties.py and its rewrite, which keeps such ports.
Gives:  violations.
Rule:   off and drop change back to keep, and keep to them; an undo gives the same as one of the input; nobody who stays has
        another address in the guest because of them.
"""
import checker
from domain import read
from verdict import Violation

FINDING_GUEST_BDF_CHANGES = 27
REFUSED = 5
MODES = ("off", "drop")


def rewrite(case, text, mode):
    return case.run(text, "--vacated", mode)


def compare(rule, one, other):
    if one.status != other.status or not (one.text == other.text or checker.alike(one.text, other.text)):
        yield Violation(rule, "status %d and %d %s %s" % (one.status, other.status, one.messages[:200], other.messages[:200]))


def check_mode(case, first, mode):
    done = rewrite(case, case.text, mode)
    if done.status:
        if done.status != REFUSED:
            yield Violation("vacated " + mode, "status %d: %s" % (done.status, done.messages[:300]))
        return
    again = rewrite(case, done.text, mode)
    if again.text != done.text:
        yield Violation("vacated %s: R(R(x)) = R(x)" % mode, again.messages[:300])
    yield from compare("vacated %s, then keep" % mode, case.rewrite(done.text), first)
    yield from compare("keep, then vacated %s" % mode, rewrite(case, first.text, mode), done)
    if checker.has_all(case.before()):
        undone, expected = case.undo(done.text), case.undo(first.text)
        if undone.text != expected.text:
            yield Violation("vacated %s: U" % mode, "not what an undo of keep gives")
    if FINDING_GUEST_BDF_CHANGES in done.findings - first.findings:
        yield Violation("vacated %s: guest address" % mode, done.messages[:300])
    known = {violation.rule for violation in checker.check_legal(read(first.text))}
    for violation in checker.check_legal(read(done.text)):
        if violation.rule not in known:
            yield Violation("vacated %s: %s" % (mode, violation.rule), violation.text)


def check_vacated(case, first):
    for mode in MODES:
        yield from check_mode(case, first, mode)


def check_vacated_dump(case, text, define, harness):
    """What libvirt makes of it stays as it is."""
    for mode in MODES:
        done = rewrite(case, text, mode)
        if done.status:
            continue
        dump, refusal = define(harness, done.text)
        if dump is None:
            yield Violation("vacated %s: libvirt refuses" % mode, refusal)
            continue
        again = rewrite(case, dump, mode)
        if again.text != dump:
            yield Violation("vacated %s: R(D(R(x))) = D(R(x))" % mode, "status %d %s" % (again.status, again.messages[:300]))
        back, refusal = define(harness, case.undo(dump).text)
        if back is None:
            yield Violation("vacated %s: libvirt refuses U" % mode, refusal)
