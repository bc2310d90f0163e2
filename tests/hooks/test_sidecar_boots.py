#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_sidecar_boots.py - boots as KubeVirt does them (test_kubevirt.py), with vtopo-sidecar: as a sidecar and as a plugin

Takes:  VTOPO_SIDECAR: the program; what test_kubevirt.py takes.
Rule:   one server for the calls of a boot, and a channel of its own for each call, as virt-launcher has it.
"""
import os
import sys
import unittest

import test_kubevirt
from sidecar import MUTATE, PROGRAM, Sidecar, domain_of, mutate_request


class Server:
    """In the place of the program that sidecar-shim calls."""

    def __init__(self, host, options=()):
        self.sidecar, self.messages = Sidecar("--host", str(host), *options), []
        unittest.addModuleCleanup(self.sidecar.close)

    def __call__(self, vmi, xml):
        before = len(self.sidecar.log())
        with self.sidecar.client() as client:
            answer = self.answer(client, vmi, xml)
        self.messages.append(self.sidecar.log()[before:].decode())
        return answer

    def answer(self, client, vmi, xml):
        return client.define(xml, vmi)


class Plugin(Server):
    def answer(self, client, vmi, xml):
        return domain_of(client.call(MUTATE, mutate_request(xml, vmi)))


class AsSidecar(test_kubevirt.Boots):
    hook = Server

    def setUp(self):
        before, test_kubevirt.Hook = test_kubevirt.Hook, self.hook
        self.addCleanup(setattr, test_kubevirt, "Hook", before)


class AsPlugin(AsSidecar):
    hook = Plugin


if __name__ == "__main__":
    if not PROGRAM or os.geteuid() != 0:
        sys.exit("VTOPO_SIDECAR is needed, and root")
    # Those in which a boot's calls differ; the others differ in what is in a domain.
    unittest.main(argv=sys.argv[:1] + ["%s.%s" % (way, test) for way, tests in (
        ("AsSidecar", ("test_interfaces", "test_cells", "test_boots_alike")), ("AsPlugin", ("test_releases",))) for test in tests])
