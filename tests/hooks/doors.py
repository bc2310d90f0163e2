# SPDX-License-Identifier: GPL-2.0-or-later
"""
doors.py - what the tests of the platforms' hooks have in common

Takes:  VTOPO_XML: the program.
Gives:  a folder with a vtopo-xml that has a host of the test's own, for every user; what libvirt makes of a domain.
Rule:   what a hook gives is what vtopo-xml gives of the same domain with the same options, and libvirt defines it with every host
        device below an expander of its node.
Not here: what the platforms do (test_ovirt.py, test_cloudstack.py, test_opennebula.py).
"""

import os
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as etree

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
HOOKS, DOMAINS = TOP / "hooks", TOP / "tests" / "hooks" / "doors"
XML = os.environ.get("VTOPO_XML")
# The cells of the devices of the host two-dpu.
NODES = {"0x3d": "0", "0x41": "0", "0xda": "1", "0xde": "1"}


class Programs:
    """A folder for PATH; @options: of every call of vtopo-xml there."""

    def __init__(self, folder, *options):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o755)
        shutil.copy(XML, self.folder / "real")
        (self.folder / "real").chmod(0o755)
        shutil.copy(TOP / "examples/hosts/two-dpu.json", self.folder / "host.json")
        (self.folder / "host.json").chmod(0o644)
        self.words = [str(self.folder / "real"), "--host", str(self.folder / "host.json"), *options]
        self.put('exec %s "$@"' % " ".join(self.words))

    def put(self, text):
        """Another program in the place of vtopo-xml; None: there is none."""
        path = self.folder / "bin" / "vtopo-xml"
        path.parent.mkdir(exist_ok=True)
        path.parent.chmod(0o755)
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text("#!/bin/sh\n%s\n" % text, encoding="utf-8")
            path.chmod(0o755)

    def environment(self):
        return {"PATH": "%s/bin:/usr/bin:/bin" % self.folder, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}

    def rewrite(self, text, *options):
        """What the hook should give."""
        done = subprocess.run([*self.words, "--quiet", *options], input=text.encode(), capture_output=True, check=True)
        return done.stdout.decode()


def domain(name):
    return (DOMAINS / name).with_suffix(".xml").read_text(encoding="utf-8")


def define(daemon, text):
    """What libvirt makes of it, on a machine without KVM."""
    text = re.sub(r"(<domain\b[^>]*\btype=.)kvm\b", r"\1qemu", text)
    text = re.sub(r"<cpu mode='host-passthrough'>", "<cpu>", text)
    daemon.define(text)
    name = etree.fromstring(text.encode()).findtext("name")
    dump = daemon.virsh("dumpxml", "--inactive", name)
    daemon.virsh("undefine", name)
    return dump


def places(dump):
    """{bus of the host device: (its address in the domain, the node of the expander above it)}"""
    devices = etree.fromstring(dump.encode()).find("devices")
    controllers = {int(item.get("index")): item for item in devices.findall("controller[@type='pci']")}
    found = {}
    for item in devices.findall("hostdev"):
        address = item.find("address")
        above = controllers[int(address.get("bus"), 16)]
        while above.get("model") not in ("pcie-expander-bus", "pcie-root"):
            above = controllers[int(above.find("address").get("bus"), 16)]
        found[item.find("source/address").get("bus")] = (
            tuple(sorted(address.attrib.items())), above.findtext("target/node"))
    return found


def nodes(dump):
    return {bus: node for bus, (_, node) in places(dump).items()}
