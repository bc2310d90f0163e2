#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_deliver.py - what --deliver puts into a domain arrives in a booted guest, byte for byte, and is used there

Takes:  VTOPO_XML, and vtopo-guest and vtopo-compare beside it; root, libvirt, QEMU (TCG), a kernel with its module
        qemu_fw_cfg, busybox.
Gives:  what libvirt gives QEMU is what the domain says; what Linux in the guest shows is that; vtopo-guest puts NCCL's file
        where NCCL looks, once, and both programs say that the guest is as planned.
Rule:   emulated devices stand for the assigned ones: of the plan that is given to QEMU their ids and links are left out.
Not here: vtopo-guest's other cases (host/test_guest.py), its unit (test_guest_unit.py), the texts (unit/test_guest_plan, unit/test_nccl_file).
"""

import hashlib
import json
import lzma
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import domaincopy  # noqa: E402
import guest  # noqa: E402
import libvirt  # noqa: E402

XML = os.environ.get("VTOPO_XML")
DOMAIN = HERE.parent / "golden/clique-auto-right/domain.xml"
HOST = HERE.parent / "hosts/p2p-right.json"
ENTRIES = "/sys/firmware/qemu_fw_cfg/by_name/opt/org.vtopo"
NCCL = "/var/run/nvidia-topologyd/virtualTopology.xml"
NAMES = ("nccl-topo.xml", "plan.json")

# In place of vtopo-compare, which the guest's init runs.
SCRIPT = f"""#!/bin/busybox sh
busybox insmod /qemu_fw_cfg.ko
for name in {" ".join(NAMES)}; do
    echo "entry $name $(busybox sha256sum < {ENTRIES}/$name/raw)"
done
busybox mkdir -p /var/run
vtopo-guest; echo "status $?"
echo "file $(busybox sha256sum < {NCCL})"
echo other > {NCCL}
vtopo-guest; echo "status $?"
echo "kept $(busybox cat {NCCL})"
real-compare; echo "status $?"
"""


def module():
    """The one of the kernel that is booted."""
    folder = guest.find_modules()
    for path in pathlib.Path(folder or "/nonexistent").glob("kernel/drivers/firmware/qemu_fw_cfg.ko*"):
        return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    sys.exit("the kernel's module qemu_fw_cfg is missing")


def entries(text):
    """{name: what the domain has for it}"""
    values = [e.get("value") for e in ET.fromstring(text).iterfind("{*}commandline/{*}arg")]
    return of_options(zip(values, values[1:]))


def given(arguments):
    """{name: what QEMU gets}"""
    return of_options(guest.pairs(arguments))


def of_options(options):
    """A comma is two in an option."""
    found = {}
    for name, value in options:
        match = name == "-fw_cfg" and re.fullmatch(r"name=opt/org\.vtopo/([\w.-]+),string=(.*)", value, re.S)
        if match:
            found[match[1]] = match[2].replace(",,", ",")
    return found


class Deliver(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        libvirt.require("busybox", "qemu-system-x86_64")
        source = libvirt.for_this_machine(DOMAIN.read_text(encoding="utf-8"))
        done = subprocess.run([XML, "-q", "--host", HOST, "--deliver", "nccl,plan"], input=source, text=True,
                              capture_output=True, check=True)
        cls.wanted = entries(done.stdout)
        with libvirt.Libvirt() as virt:
            cls.dump = virt.define_and_dump(done.stdout)
            copy, cls.names = domaincopy.copy(cls.dump)
            cls.arguments = virt.native(copy)

    def test_1_libvirt(self):
        """It stores the texts as they are, and gives them to QEMU."""
        self.assertEqual(set(self.wanted), set(NAMES))
        self.assertEqual(entries(self.dump), self.wanted)
        self.assertEqual(given(self.arguments), self.wanted)

    def boot(self, texts):
        """The lines of the script."""
        programs = pathlib.Path(XML)
        files = [("bin/vtopo-compare", 0o755, SCRIPT.encode()), ("plans/all", 0o644, b""), ("qemu_fw_cfg.ko", 0o644, module()),
                 ("bin/vtopo-guest", 0o755, programs.with_name("vtopo-guest").read_bytes()),
                 ("bin/real-compare", 0o755, programs.with_name("vtopo-compare").read_bytes())]
        assigned = {i: guest.stands_for(name) for i, name in self.names.items()}
        with tempfile.TemporaryDirectory(prefix="vtopo-deliver-") as work:
            arguments = guest.for_tcg(self.arguments, "seabios", work, assigned, files=files)
            for name, text in texts.items():
                arguments += ["-fw_cfg", "name=opt/org.vtopo/%s,string=%s" % (name, text.replace(",", ",,"))]
            console, _ = guest.run(arguments, work, "VTOPO-END", 300)
        return guest.compared(console)["all"][1].splitlines()

    def test_2_guest(self):
        plan = json.loads(self.wanted["plan.json"])
        for device in plan["devices"]:
            device.update(vendor_device=None, link=None)
        texts = dict(self.wanted, **{"plan.json": json.dumps(plan)})
        lines = self.boot(texts)
        sums = {name: hashlib.sha256(text.encode()).hexdigest() + "  -" for name, text in texts.items()}
        count = len(plan["devices"])
        self.assertGreater(count, 3)
        planned = "all %d are as planned" % count
        self.assertEqual(lines[:7], [
            *("entry %s %s" % (name, sums[name]) for name in NAMES),
            "%s; NCCL's topology is in %s" % (planned, NCCL), "status 0", "file " + sums["nccl-topo.xml"],
            "%s; a topology of somebody else stays in %s" % (planned, NCCL), "status 0"])
        self.assertEqual(lines[7], "kept other")
        self.assertEqual(lines[-2:], [planned, "status 0"])

    def test_3_another_guest(self):
        """One that is not as planned says so."""
        plan = json.loads(self.wanted["plan.json"])
        for device in plan["devices"]:
            device.update(vendor_device=None, link=None)
        plan["devices"][0]["cell"] = 1 - plan["devices"][0]["cell"]
        lines = self.boot(dict(self.wanted, **{"plan.json": json.dumps(plan)}))
        self.assertIn("1 of %d are not as planned (vtopo-compare says which); NCCL's topology is in %s" % (
            len(plan["devices"]), NCCL), lines)
        self.assertEqual(lines[-1], "status 1")


if __name__ == "__main__":
    unittest.main()
