# SPDX-License-Identifier: GPL-2.0-or-later
"""
cells.py - the laws for guest cells that are made (--cells make)

Takes:  a case of test_properties.py and its rewrite, which only advises.
Gives:  violations.
Rule:   made cells change back to none with advise, and that is one rewrite of what an undo gives; a second rewrite
        changes nothing; an undo gives the input, byte for byte, where that has all addresses; what is refused is
        refused with a status of its own.
"""
import checker
from domain import read
from verdict import Violation

REFUSED = 5


def make(case, text):
    return case.run(text, "--cells", "make")


def as_if_undone(case, text):
    """What the next rewrite of @text, a rewrite, is one of: the input, where that has all addresses."""
    return case.text if checker.has_all(case.before()) else case.undo(text).text


def change_of_mind(case, first, done):
    """One rewrite, then the other, is the other of what the undo of the one gives."""
    back, advised = case.rewrite(done.text), case.rewrite(as_if_undone(case, done.text))
    if not (back.text == advised.text or checker.alike(back.text, advised.text)):
        yield Violation("cells make, then advise", back.messages[:300])
    there, made = make(case, first.text), make(case, as_if_undone(case, first.text))
    if not (there.text == made.text or checker.alike(there.text, made.text)):
        yield Violation("cells advise, then make", there.messages[:300])


def check_cells(case, first):
    done = make(case, case.text)
    if done.status:
        if done.status not in (REFUSED, first.status):
            yield Violation("cells make", "status %d: %s" % (done.status, done.messages[:300]))
        return
    again = make(case, done.text)
    if again.text != done.text:
        yield Violation("cells make: R(R(x)) = R(x)", again.messages[:300])
    if first.status == 0:
        yield from change_of_mind(case, first, done)
    if checker.has_all(case.before()) and case.undo(done.text).text != case.undo(case.text).text:
        yield Violation("cells make: U(R(x)) = U(x)", "not what an undo of the input gives")
    known = {violation.rule for violation in checker.check_legal(read(first.text))} if first.status == 0 else set()
    for violation in checker.check_legal(read(done.text)):
        if violation.rule not in known:
            yield Violation("cells make: %s" % violation.rule, violation.text)
