#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_ovirt.py - hooks/ovirt/50_vtopo, called as VDSM calls it, again and again with what the engine remembers

Takes:  VTOPO_XML; root, libvirtd.
Rule:   what VDSM does (lib/vdsm/common/hooks.py): the domain in a file of mkstemp(), custom properties and vmId in the environment, no
        arguments, not as root; a VM starts with what the file holds then, unless a hook has failed.  What the engine does
        (VmDevicesConverter, LibvirtVmXmlBuilder): it remembers of devices their address, of PCI controllers index, model and address,
        and no more.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as etree

import doors
import libvirtd

VM = "7d1f0a52-3c0e-4a57-9b6e-0000000000a1"
NOBODY = 65534
# VDSM's user has no /run of this machine; launch flags are there for a start.
CALL = """mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -p /run/vdsm/{vm} || exit 99
[ -z "$2" ] || echo 0 >/run/vdsm/{vm}/launchflags
exec setpriv --reuid={user} --regid={user} --clear-groups -- "$1"
""".format(vm=VM, user=NOBODY)
ADDRESS = ("type", "slot", "bus", "domain", "function", "controller", "target", "unit", "port", "multifunction", "base")


class HookError(Exception):
    pass


class Vdsm:
    """Its folder of hooks has ours alone."""

    def __init__(self, work, programs):
        self.work, self.programs, self.said = work, programs, ""
        self.hook = work / "before_vm_start" / "50_vtopo"
        self.hook.parent.mkdir()
        self.hook.parent.chmod(0o755)
        self.hook.write_bytes((doors.HOOKS / "ovirt/50_vtopo").read_bytes())
        self.hook.chmod(0o755)
        (work / "tmp").mkdir()
        os.chmod(work / "tmp", 0o1777)

    def run(self, text, custom, start):
        handle, name = tempfile.mkstemp(dir=self.work / "tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        os.chown(name, NOBODY, NOBODY)
        before = os.stat(name)
        done = subprocess.run(["unshare", "-m", "/bin/sh", "-c", CALL, "sh", self.hook, "start" if start else ""],
                              env={**self.programs.environment(), **custom, "vmId": VM, "_hook_domxml": name},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)
        self.said = done.stderr
        after = os.stat(name)
        assert done.stdout == "" and (after.st_uid, after.st_mode) == (before.st_uid, before.st_mode), done.stdout
        result = pathlib.Path(name).read_text(encoding="utf-8")
        os.unlink(name)
        assert os.listdir(self.work / "tmp") == [], "something is left"
        if done.returncode:
            raise HookError(done.returncode, done.stderr)
        return result

    def start(self, text, custom=()):
        return self.run(text, dict(custom), True)

    def resume(self, text, custom=()):
        self.run(text, dict(custom), False)


def remembered(element):
    address = element.find("address")
    return {name: address.get(name) for name in ADDRESS if address.get(name) is not None}


def next_start(first, dump):
    """The domain of the next start: the first one, with what the engine has learned of the machine that ran."""
    domain, machine = etree.fromstring(first.encode()), etree.fromstring(dump.encode())
    devices, ran = domain.find("devices"), machine.find("devices")
    known = {item.find("alias").get("name"): remembered(item) for item in ran
             if item.find("alias") is not None and item.find("address") is not None}
    for item in devices.findall("controller[@type='pci']"):
        devices.remove(item)
    for item in devices:
        alias = item.find("alias")
        if alias is not None and alias.get("name") in known:
            for old in item.findall("address"):
                item.remove(old)
            etree.SubElement(item, "address", known[alias.get("name")])
    ports = 0
    # In the order of a database.
    for item in sorted(ran.findall("controller[@type='pci']"), key=lambda item: item.get("index")[::-1]):
        if item.find("address") is not None:
            again = etree.Element("controller", type="pci", model=item.get("model"), index=item.get("index"))
            etree.SubElement(again, "address", remembered(item))
            devices.insert(ports % len(devices), again)
            ports += item.get("model") == "pcie-root-port"
    etree.SubElement(devices, "controller", type="pci", model="pcie-root")
    in_use = sum(item.find("address") is not None for item in devices if item.get("type") != "pci")
    for _ in range(ports, 16 + in_use):
        etree.SubElement(devices, "controller", type="pci", model="pcie-root-port")
    return etree.tostring(domain, encoding="unicode")


class Ovirt(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vtopo-ovirt-")
        self.addCleanup(folder.cleanup)
        self.programs = doors.Programs(folder.name)
        self.vdsm = Vdsm(self.programs.folder, self.programs)
        self.first = doors.domain("ovirt")

    def expected(self, *options):
        text = self.programs.rewrite(self.first, "--adopt", *options)
        self.assertIn("ua-vtopo-", text)
        return text

    def test_properties(self):
        """A mirror, none; what is not allowed changes nothing."""
        self.assertEqual(self.vdsm.start(self.first), self.expected())
        self.assertEqual(self.vdsm.said, "")
        for mirror in ("numa", "root", "switch", "exact"):
            for more in ("", ",strict"):
                self.assertEqual(self.vdsm.start(self.first, {"vtopo": mirror + more}), self.expected("--mirror", mirror))
        for off in ("off", "off,strict"):
            self.assertEqual(self.vdsm.start(self.first, {"vtopo": off}), self.first)
            self.assertEqual(self.vdsm.said, "")
        for odd in ("switch ", "--help", "switch,exact", "$(touch /tmp/x)", ",,"):
            self.assertEqual(self.vdsm.start(self.first, {"vtopo": odd}), self.first)
            self.assertIn("vtopo: VM %s: the custom property vtopo is none of" % VM, self.vdsm.said)
        with self.assertRaisesRegex(HookError, "is none of"):
            self.vdsm.start(self.first, {"vtopo": "everything,strict"})

    def test_starts(self):
        """The engine sends back what it has seen, and each start gives the guest the same; without the hook it would not."""
        with libvirtd.Daemon() as daemon:
            text, seen = self.first, []
            for _ in range(4):
                dump = doors.define(daemon, self.vdsm.start(text))
                self.assertEqual(doors.nodes(dump), doors.NODES)
                seen.append(doors.places(dump))
                text = next_start(self.first, dump)
            self.assertEqual(seen[1:], seen[:1] * 3)
            flat = doors.define(daemon, self.vdsm.start(text, {"vtopo": "off"}))
            self.assertEqual(set(doors.nodes(flat).values()), {None})
            other = doors.define(daemon, self.vdsm.start(text, {"vtopo": "numa"}))
            self.assertEqual(doors.nodes(other), doors.NODES)
            self.assertNotIn(" model='pcie-switch-upstream-port'", other)
            self.assertIn(" model='pcie-switch-upstream-port'", flat)

    def test_a_start_that_fails(self):
        """Without 'strict' the VM starts as it was; with it it does not, but for one that comes back from a file."""
        gone = self.first.replace('bus="65"', 'bus="66"')
        self.assertNotEqual(gone, self.first)
        for program, wrong in ((None, "status 12[67]"), ("exit 70", "status 70"), ("kill -9 $$", "status 137"), ("", "")):
            if program == "":
                self.programs.put('exec %s "$@"' % " ".join(self.programs.words))
                text, wrong = gone, "0000:42:00.0.*\n.*status 4"
            else:
                self.programs.put(program)
                text = self.first
            self.assertEqual(self.vdsm.start(text), text)
            self.assertRegex(self.vdsm.said, "(?s)%s\\)\n$" % wrong)
            self.assertIn("nothing is changed", self.vdsm.said)
            with self.assertRaises(HookError) as caught:
                self.vdsm.start(text, {"vtopo": "switch,strict"})
            self.assertEqual(caught.exception.args[0], 2)
            self.assertRegex(caught.exception.args[1], "(?s)%s\\)\n$" % wrong)
            self.assertIn("does not start", caught.exception.args[1])
            self.vdsm.resume(text, {"vtopo": "switch,strict"})
            self.assertIn("nothing is changed", self.vdsm.said)

    def test_a_program_that_hangs(self):
        """With a limit of one second in the place of 30: the VM starts as it was."""
        text = self.vdsm.hook.read_text(encoding="utf-8")
        self.assertIn("timeout -k 5 30 ", text)
        self.vdsm.hook.write_text(text.replace("timeout -k 5 30 ", "timeout -k 1 1 "), encoding="utf-8")
        for program in ("exec sleep 600", "trap '' TERM\nwhile :; do sleep 600; done"):
            self.programs.put(program)
            self.assertEqual(self.vdsm.start(self.first), self.first)
            self.assertRegex(self.vdsm.said, r"nothing is changed \(vtopo-xml ended with status 1(24|37)\)\n$")

    def test_resume(self):
        """A domain that nobody will use: nothing fails, whatever it is."""
        for text in (self.first, "<domain/>", "", "no XML"):
            for custom in ({}, {"vtopo": "exact,strict"}, {"vtopo": "odd,strict"}):
                self.vdsm.resume(text, custom)


if __name__ == "__main__":
    if not doors.XML:
        sys.exit("VTOPO_XML is not set")
    unittest.main()
