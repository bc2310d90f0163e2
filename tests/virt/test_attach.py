#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_attach.py - the port that vtopo-host place BDF --domain finds, in a real libvirtd and a guest that runs

Takes:  VTOPO_HOST, VTOPO_XML; root; two CPUs.
Gives:  what is plugged in at the address that vtopo-host prints is, for QEMU and for the guest's kernel, below the
        expander of its root complex and on its node; libvirt takes the very element for the definition; a port that is
        taken, in the guest or in its definition, is no port any more.
Rule:   the host has the node of CPU 0 and that of CPU 1, so that vCPUs can be pinned here.  Its devices are not there:
        the guest has the controllers that vtopo made for them, and an emulated device is plugged in for one.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as ET

import test_define
from test_define import TOP, XML, libvirt, libvirtd
import guest

PROGRAM = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")
GPUS = ["0000:41:00.0", "0000:de:00.0"]
BOOT_SECONDS = 300

DOMAIN = """<domain type='qemu'>
  <name>attach</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-00000000a77a</uuid>
  <memory unit='MiB'>448</memory>
  <vcpu>2</vcpu>
  <cputune>
    <vcpupin vcpu='0' cpuset='0'/>
    <vcpupin vcpu='1' cpuset='1'/>
  </cputune>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>%(kernel)s</kernel>
    <initrd>%(initrd)s</initrd>
    <cmdline>%(command_line)s</cmdline>
  </os>
  <features><acpi/></features>
  <cpu>
    <numa>
      <cell id='0' cpus='0' memory='224' unit='MiB'/>
      <cell id='1' cpus='1' memory='224' unit='MiB'/>
    </numa>
  </cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <serial type='file'><source path='%(console)s'/></serial>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    %(devices)s
  </devices>
</domain>
"""


def hostdev(bdf):
    domain, bus, slot, function = re.split("[:.]", bdf)
    return ("<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x%s' bus='0x%s' slot='0x%s' "
            "function='0x%s'/></source></hostdev>" % (domain, bus, slot, function))


def buses_below(devices):
    """{bus number: the bus above} of what query-pci says."""
    found = {}
    for device in devices:
        if "pci_bridge" in device:
            found[device["pci_bridge"]["bus"]["secondary"]] = device["bus"]
            found.update(buses_below(device["pci_bridge"].get("devices", [])))
    return found


class Attach(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.cpu_count() < 2:
            sys.exit("the guest's vCPUs are pinned to two CPUs, and this machine has one")
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()
        cls.work = cls.daemon.work
        cls.uri = "qemu+unix:///system?socket=%s" % cls.daemon.socket
        host = json.loads((TOP / "examples/hosts/two-dpu.json").read_text(encoding="utf-8"))
        del host["cores"]
        for node in host["nodes"]:
            node["cpus"] = str(node["id"])
        cls.host = cls.work / "host.json"
        cls.host.write_text(json.dumps(host))
        cls.console = cls.work / "console"
        cls.start_guest()

    @classmethod
    def start_guest(cls):
        """Defined with the GPUs, rewritten with a spare port on each expander, and started without them."""
        values = {"kernel": guest.find_kernel(), "initrd": guest.initramfs(str(cls.work)), "console": cls.console,
                  "command_line": guest.COMMAND_LINE.replace("pcie_ports=compat ", "") + " maxcpus=1", "devices": "".join(map(hostdev, GPUS))}
        cls.daemon.define(DOMAIN % values)
        dump = cls.daemon.virsh("dumpxml", "--inactive", "attach").strip() + "\n"
        rewritten = subprocess.run([XML, "--host", str(cls.host), "--spare-ports", "1", "-q"], input=dump, check=True,
                                   capture_output=True, text=True, timeout=60).stdout
        cls.controllers = ET.fromstring(rewritten)
        cls.daemon.define(re.sub(r"\s*<hostdev.*?</hostdev>", "", rewritten, flags=re.S))
        cls.daemon.virsh("start", "attach")
        cls.wait_for("VTOPO-END")

    @classmethod
    def wait_for(cls, word):
        end = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < end:
            text = cls.console.read_text(errors="replace") if cls.console.exists() else ""
            if word in text:
                return guest.parse(text)[0]
            time.sleep(0.5)
        raise guest.GuestError("no %r within %d s:\n%s" % (word, BOOT_SECONDS, text[-2000:]))

    def place(self, bdf, *words, status=0):
        result = subprocess.run([PROGRAM, "place", bdf, "--host", str(self.host), "--domain", "attach", "--connect",
                                 self.uri, *words], capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def attach(self, element, *words):
        path = pathlib.Path(self.work, "device.xml")
        path.write_text(element)
        self.daemon.virsh("attach-device", "attach", str(path), *words)

    def detach(self, element, *words):
        path = pathlib.Path(self.work, "device.xml")
        path.write_text(element)
        self.daemon.virsh("detach-device", "attach", str(path), *words)

    def controller(self, index):
        return self.controllers.find("devices/controller[@type='pci'][@index='%d']" % index)

    def expander_of(self, index):
        parent = int(self.controller(index).find("address").get("bus"), 16)
        return self.controller(parent)

    def test_a_port_of_each_node(self):
        for bdf, node, root in (("0000:3d:00.0", 0, "0000-3a"), ("0000:da:00.0", 1, "0000-d7")):
            answer = json.loads(self.place(bdf, "--json").stdout)
            self.assertEqual((answer["numaNode"], answer["cell"], answer["fit"]), (node, node, "root"), answer)
            expander = self.expander_of(answer["controller"])
            self.assertEqual(int(expander.findtext("target/node")), node)
            self.assertIn(root, expander.find("alias").get("name"))
            self.assertIn("spare", self.controller(answer["controller"]).find("alias").get("name"))

    def test_the_port_of_its_own_card(self):
        """It is still there, and its card is not."""
        answer = json.loads(self.place("0000:de:00.0", "--json").stdout)
        self.assertEqual((answer["fit"], answer["alias"]), ("card", "ua-vtopo-rp-0000-de-00-0"))

    def test_libvirt_takes_the_element_for_the_definition(self):
        element = self.place("0000:da:00.0").stdout
        address = ET.fromstring(element).find("address").attrib
        self.attach(element, "--config")
        try:
            dump = ET.fromstring(self.daemon.virsh("dumpxml", "--inactive", "attach"))
            self.assertEqual([h.find("address").attrib for h in dump.findall("devices/hostdev")], [address])
            # It is the definition's now: another device goes elsewhere, or is for the running guest alone.
            other = self.place("0000:da:00.1").stdout
            self.assertNotEqual(ET.fromstring(other).find("address").attrib, address)
            self.assertNotIn("to the running guest alone", other)
            # No other port is left then, in the definition.
            self.attach(other, "--config")
            last = self.place("0000:3d:00.1").stdout
            self.assertNotIn("to the running guest alone", last)
            last = self.place("0000:de:00.0").stdout
            self.assertIn("to the running guest alone", last)
            self.detach(other, "--config")
        finally:
            self.detach(element, "--config")

    def test_z_in_the_guest(self):
        """The last one: what is plugged in stays."""
        before = len(self.wait_for("VTOPO-END"))
        element = ET.fromstring(self.place("0000:da:00.0").stdout)
        address = ET.tostring(element.find("address"), encoding="unicode").strip()
        rng = ("<rng model='virtio'><backend model='random'>/dev/urandom</backend><alias name='ua-plugged'/>%s</rng>"
               % address)
        self.attach(rng, "--live")
        devices = self.wait_for("VTOPO-NOW %d" % (before + 1))
        answer = json.loads(self.daemon.virsh("qemu-monitor-command", "attach", '{"execute": "query-pci"}'))["return"]
        names = guest.ids_by_bdf(answer)
        plugged = [bdf for bdf, name in names.items() if name == "ua-plugged"]
        self.assertEqual(len(plugged), 1, names)
        self.assertEqual(devices[plugged[0]].node, 1)
        # QEMU: its port is on the bus of the expander of its root complex
        port = int(element.find("address").get("bus"), 16)
        number = int(self.expander_of(port).find("target").get("busNr"))
        above = {}
        for bus in answer:
            above.update(buses_below(bus["devices"]))
        self.assertEqual(above[int(plugged[0].split(":")[1], 16)], number)
        self.assertIn("pci0000:%02x" % number, devices[plugged[0]].path)
        # The port is taken now: that of the GPU's own card is the only one left for the node, and then there is none.
        left = ET.fromstring(self.place("0000:da:00.1").stdout).find("address").get("bus")
        self.assertEqual(self.controller(int(left, 16)).find("alias").get("name"), "ua-vtopo-rp-0000-de-00-0")
        self.attach(rng.replace("ua-plugged", "ua-more").replace('bus="0x%02x"' % port, 'bus="%s"' % left), "--live")
        refused = self.place("0000:da:00.1", status=5)
        self.assertEqual(refused.stdout, "")
        self.assertIn("no root port below the expanders of cell 1", refused.stderr)
        self.assertIn("--spare-ports 1", refused.stderr)

    def test_a_vm_that_is_not_there(self):
        result = subprocess.run([PROGRAM, "place", "0000:da:00.0", "--host", str(self.host), "--domain", "none", "--connect",
                                 self.uri], capture_output=True, text=True, timeout=60)
        self.assertEqual((result.returncode, result.stdout), (6, ""))
        self.assertIn("knows no VM 'none'", result.stderr)


if __name__ == "__main__":
    unittest.main()
