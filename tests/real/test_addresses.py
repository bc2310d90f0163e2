#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_addresses.py - what vtopo-host save says of this machine's processor, with its own /proc/cpuinfo and with others

Takes:  VTOPO_HOST, the program; PRINT_CPUID, print_cpuid.c; x86-64, root, unshare, mount.
Gives:  vendor, widths, pages and page tables beside what the instruction CPUID says and what /proc/cpuinfo says.
Rule:   nothing is set by hand: a cpuinfo is the machine's own, from which lines are taken out, and is put into its place
        in a mount namespace.  One line is changed: a width with fewer bits, as memory encryption leaves the kernel.
Not here: processors that this machine has not (unit/test_addresses).
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
import mounted  # noqa: E402

HOST = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")
CPUID = os.environ.get("PRINT_CPUID") or sys.exit("PRINT_CPUID must name the program")
CPUINFO = pathlib.Path("/proc/cpuinfo").read_text()
MODALIAS = "/sys/devices/system/cpu/modalias"
ADDRESSES = ("address_bits", "kernel_address_bits", "guest_address_bits", "pdpe1gb", "la57")


def ask():
    """{leaf: (EAX, EBX, ECX, EDX)}, of leaves that there are."""
    def leaves(*numbers):
        done = subprocess.run([CPUID, *("%x" % n for n in numbers)], check=True, capture_output=True, text=True)
        lines = [[int(word, 16) for word in line.split()] for line in done.stdout.splitlines()]
        return {line[0]: tuple(line[1:]) for line in lines}
    last = {base: answer[0] for base, answer in leaves(0, 0x80000000).items()}
    return leaves(*(n for n in (0, 1, 7, 0x80000001, 0x80000008) if n <= last[n & 0x80000000]))


def lines(name):
    """What the first processor's lines of that name say."""
    return re.findall(r"(?m)^%s[ \t]*:(.*)$" % name, CPUINFO.split("\n\n")[0])


def without(*names):
    return re.sub(r"(?m)^(?:%s)[ \t]*:.*\n" % "|".join(names), "", CPUINFO)


class Addresses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid():
            sys.exit("another /proc/cpuinfo needs root")
        cls.leaves = ask()
        cls.folder = tempfile.TemporaryDirectory(prefix="vtopo-addresses-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.bits = cls.leaves[0x80000008][0] & 0xff
        cls.cpuid_pages = bool(cls.leaves[0x80000001][3] >> 26 & 1)
        cls.cpuid_la57 = bool(cls.leaves[7][2] >> 16 & 1)

    def processor(self, cpuinfo=None, modalias=None, *words):
        """As it is saved, with other files in place of these."""
        binds = []
        for text, place in ((cpuinfo, "/proc/cpuinfo"), (modalias, MODALIAS)):
            if text is not None:
                path = pathlib.Path(self.folder.name, place.rpartition("/")[2])
                path.write_text(text)
                binds.append((path, place))
        done = subprocess.run(mounted.words(binds, HOST, "save", "-", *words), capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        saved = pathlib.Path(self.folder.name, "saved.json")
        saved.write_text(done.stdout)
        again = subprocess.run([HOST, "save", "-", "--host", str(saved)], check=True, capture_output=True, text=True)
        self.assertEqual(again.stdout, done.stdout)
        return json.loads(done.stdout).get("processor", {})

    def addresses(self, *files):
        found = self.processor(*files)
        return {key: found[key] for key in ADDRESSES if key in found}

    def kernels(self):
        """Of the kernel's own words."""
        flags, vmx = lines("flags")[0].split(), lines("vmx flags")
        five = "ept_5level" in vmx[0].split() if vmx else "la57" in flags
        return flags, self.bits if five else min(self.bits, 48)

    def test_as_it_is(self):
        flags, reach = self.kernels()
        self.assertEqual(self.addresses(), {"address_bits": self.bits, "guest_address_bits": reach,
                                            "pdpe1gb": "pdpe1gb" in flags, "la57": self.cpuid_la57} | self.taken())

    def taken(self):
        """Of a machine whose memory is encrypted."""
        left = int(lines("address sizes")[0].split()[0])
        return {"kernel_address_bits": left} if left < self.bits else {}

    def test_nothing_of_it(self):
        """An empty cpuinfo, one without such lines, none that can be read as text."""
        asked = {"address_bits": self.bits, "guest_address_bits": min(self.bits, 48), "pdpe1gb": self.cpuid_pages,
                 "la57": self.cpuid_la57}
        for text in ("", "\n", "processor\t: 0\n", without("address sizes", "flags", "vmx flags"), "\0" + CPUINFO):
            with self.subTest(text[:20]):
                self.assertEqual(self.addresses(text), asked)

    def test_a_line_is_missing(self):
        flags, reach = self.kernels()
        asked = {"address_bits": self.bits, "la57": self.cpuid_la57}
        self.assertEqual(self.addresses(without("address sizes")),
                         asked | {"guest_address_bits": reach, "pdpe1gb": "pdpe1gb" in flags})
        self.assertEqual(self.addresses(without("flags"))["pdpe1gb"], self.cpuid_pages)
        self.assertFalse(self.addresses(CPUINFO.replace(" pdpe1gb ", " "))["pdpe1gb"])

    def test_what_encryption_takes(self):
        less = self.bits - 5
        changed = re.sub(r"(?m)^(address sizes\s*: )\d+", r"\g<1>%d" % less, CPUINFO)
        found = self.addresses(changed)
        self.assertEqual((found["address_bits"], found["kernel_address_bits"]), (self.bits, less))

    def test_another_tree_is_another_machine(self):
        """/sys by another name, with that cpuinfo beside it: what it does not say is not known."""
        root = pathlib.Path(self.folder.name, "root")
        for name in ("sys", "proc"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "proc/cpuinfo").write_text(without("address sizes"))
        mount = 'mount --rbind /sys "$1/sys" && shift && exec "$@"'
        done = subprocess.run(["unshare", "-m", "sh", "-c", mount, "sh", str(root), HOST, "save", "-", "--host",
                               str(root / "sys")], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse(set(ADDRESSES) & set(json.loads(done.stdout)["processor"]))

    def test_whose_it_is(self):
        eax, ebx, ecx, edx = self.leaves[1][0], *self.leaves[0][1:]
        vendor = b"".join(n.to_bytes(4, "little") for n in (ebx, edx, ecx)).decode()
        kind = {"vendor": vendor, "family": int(lines("cpu family")[0]), "model": int(lines(r"model")[0])}
        self.assertEqual(eax >> 8 & 0xf, min(kind["family"], 0xf))
        for modalias in (None, "", "cpu:type:x86,ven00FFfam0006mod008F:feature:,0000\n"):
            found = self.processor(None, modalias)
            self.assertEqual({key: found[key] for key in kind}, kind)


if __name__ == "__main__":
    unittest.main()
