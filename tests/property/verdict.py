# SPDX-License-Identifier: GPL-2.0-or-later
"""
verdict.py - what the checker is asked and what it answers
"""
from collections import namedtuple

from hostmodel import bdf_text

Violation = namedtuple("Violation", "rule text")


class Options:
    """What the program was asked for."""

    def __init__(self, mirror="switch", spare_ports=0, unmapped="expander", keep=(), nodes=None, hotplug=(),
                 without_numa="leave", adopt=False, atomics="keep"):
        self.mirror, self.spare_ports, self.unmapped = mirror, spare_ports, unmapped
        self.keep, self.nodes, self.hotplug = set(keep), dict(nodes or {}), set(hotplug)
        self.without_numa, self.adopt, self.atomics = without_numa, adopt, atomics

    def __str__(self):
        return "%satomics %s, mirror %s, spare %d, unmapped %s, keep %s, nodes %s, hotplug %s" % (
            "adopt, " if self.adopt else "", self.atomics, self.mirror, self.spare_ports, self.unmapped,
            sorted(map(bdf_text, self.keep)),
            {bdf_text(b): n for b, n in self.nodes.items()}, sorted(map(bdf_text, self.hotplug)))


class Report:
    def __init__(self):
        self.violations = []

    def add(self, rule, text, *values):
        self.violations.append(Violation(rule, text % values if values else text))


def name(thing):
    return "controller %d" % thing.index if hasattr(thing, "index") else str(thing)
