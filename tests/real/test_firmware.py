#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_firmware.py - which firmware vtopo says that guests of this machine have

Takes:  VTOPO_XML, VTOPO_HOST, the programs; root, libvirtd, QEMU, OVMF and SeaBIOS of Debian.
Gives:  the releases beside what dpkg says, what SeaBIOS says as QEMU starts it, and what libvirt says that it may take;
        and what follows for a domain with large BARs, on the live host and with its description.
Rule:   files are this machine's own.  In place of one, in a mount namespace, comes a copy of another: what somebody has
        put there is not known.
Not here: files of other releases and distributions (unit/test_firmware).
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ET

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "hooks"), str(TESTS / "tools")]
import libvirtd  # noqa: E402
import make_sysfs  # noqa: E402
import mounted  # noqa: E402

XML = os.environ.get("VTOPO_XML") or sys.exit("VTOPO_XML must name the program")
HOST = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")
CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
QEMU = "/usr/bin/qemu-system-x86_64"
LARGE = TESTS / "hosts/eight-gpus-128g.json"


def release(version):
    """2022.11.0 of 2022.11-6+deb12u2"""
    return "%d.%d.0" % tuple(map(int, re.match(r"(\d+)\.(\d+)-", version).groups()))


def first_words(seconds=60):
    """What SeaBIOS of this QEMU writes to its debug port."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "words")
        path.touch()
        qemu = subprocess.Popen([QEMU, "-M", "q35", "-accel", "tcg", "-m", "64", "-display", "none", "-nodefaults",
                                 "-chardev", "file,id=words,path=%s" % path,
                                 "-device", "isa-debugcon,iobase=0x402,chardev=words"], stdin=subprocess.DEVNULL)
        try:
            end = time.monotonic() + seconds
            while "\n" not in path.read_text(errors="replace") and time.monotonic() < end and qemu.poll() is None:
                time.sleep(0.1)
            return path.read_text(errors="replace")
        finally:
            qemu.kill()
            qemu.wait()


class Firmware(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid():
            sys.exit("another file in place of one needs root")
        libvirtd.libvirt.require("dpkg-query", "unshare")
        folder = tempfile.TemporaryDirectory(prefix="vtopo-firmware-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "ovmf"], check=True, capture_output=True, text=True)
        cls.ovmf = release(done.stdout)

    def inside(self, binds, *words, text=None, status=0):
        done = subprocess.run(mounted.words(binds, *words), input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout, done.stderr

    def saved(self, *binds):
        return {f["path"]: f for f in json.loads(self.inside(binds, HOST, "save", "-")[0])["firmware"]}

    def test_what_dpkg_says(self):
        listed = pathlib.Path("/var/lib/dpkg/info/ovmf.list").read_text().splitlines()
        files = {f["path"]: f for f in self.saved().values() if f["kind"] == "ovmf"}
        self.assertEqual(set(files), {p for p in listed if p.endswith(".fd") and "VARS" not in p})
        self.assertEqual({f.get("version") for f in files.values()}, {self.ovmf})

    def test_what_seabios_says(self):
        words = first_words()
        said = re.match(r"SeaBIOS \(version (?:rel-)?(\d+\.\d+\.\d+)", words)
        self.assertTrue(said, words)
        self.assertEqual({f.get("version") for f in self.saved().values() if f["kind"] == "seabios"}, {said[1]})

    def test_what_libvirt_may_take(self):
        with libvirtd.Daemon() as daemon:
            loaders = {value.text for machine in (("q35",), ("virt", "--arch", "aarch64"))
                       for value in ET.fromstring(daemon.virsh("domcapabilities", "--virttype", "qemu", "--machine", *machine)).findall(
                           "os/loader/value")}
        self.assertIn(CODE, loaders)
        # Debian 12's descriptors name a file of AAVMF that is not there: libvirt passes it over.
        offered = {f["path"] for f in self.saved().values() if f.get("offered") and pathlib.Path(f["path"]).exists()}
        self.assertEqual(offered, loaders)

    def test_somebodys_own_in_its_place(self):
        other = self.folder / "other.fd"
        other.write_bytes(pathlib.Path(CODE).read_bytes()[:-1] + b"x")
        found = self.saved((other, CODE))
        self.assertNotIn("version", found[CODE])
        self.assertEqual(found["/usr/share/OVMF/OVMF_CODE.fd"]["version"], self.ovmf)
        empty = self.folder / "status"
        empty.write_text("")
        self.assertEqual({f.get("version") for f in self.saved((empty, "/var/lib/dpkg/status")).values()
                          if f["kind"] == "ovmf"}, {None})

    # -- what follows ---------------------------------------------------------------------------------

    def domain(self, firmware):
        """Eight GPUs of 128 GiB, and a window asked for that is large enough for releases that do not go by it alone."""
        text = (TESTS / "golden/mmio-auto-eight-128g/domain.xml").read_text()
        text, count = re.subn(r"\s*<loader.*?</loader>", "", text)
        self.assertEqual(count, 1)
        text = re.sub(r"<cpu mode='host-model'", "<cpu mode='host-passthrough'", text)
        text = text.replace("<domain type='kvm'>", "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>")
        text = text.replace("</domain>", "<qemu:commandline><qemu:arg value='-fw_cfg'/><qemu:arg value="
                            "'name=opt/ovmf/X-PciMmio64Mb,string=65536'/></qemu:commandline></domain>")
        if firmware == "efi":
            return text.replace("<os>", "<os firmware='efi'>")
        return text.replace("</type>", "</type>\n    <loader readonly='yes' type='pflash'>%s</loader>" % firmware, 1)

    def live(self, *words, domain=None, binds=()):
        """/sys, and /proc/cpuinfo beside it, are those of a host with such GPUs."""
        tree = self.folder / "host/sys"
        if not tree.exists():
            make_sysfs.make(json.loads(LARGE.read_text()), str(tree))
        return self.inside([(tree, "/sys"), (tree.parent / "proc/cpuinfo", "/proc/cpuinfo"), *binds], *words, text=domain)

    def described(self, known):
        """The host, saved, with its firmware or without."""
        description = json.loads(self.live(HOST, "save", "-")[0])
        if not known:
            del description["firmware"]
        path = self.folder / ("known.json" if known else "unknown.json")
        path.write_text(json.dumps(description))
        return path

    def offline(self, domain, known=False, policy="{}"):
        path = self.folder / "policy.json"
        path.write_text(policy)
        return self.inside([], XML, "--host", self.described(known), "--config", path, text=domain)

    def test_a_release_that_is_known_decides(self):
        said = json.dumps({"ovmf_version": self.ovmf})
        for firmware in (CODE, "efi"):
            domain = self.domain(firmware)
            wanted = self.offline(domain, policy=said)
            self.assertNotEqual(wanted, self.offline(domain))
            self.assertEqual(self.live(XML, domain=domain), wanted)
            self.assertEqual(self.offline(domain, known=True), wanted)

    def test_one_that_is_not_known_does_not(self):
        elsewhere = self.folder / "copy.fd"
        elsewhere.write_bytes(pathlib.Path(CODE).read_bytes())
        domain = self.domain(elsewhere)
        self.assertEqual(self.live(XML, domain=domain), self.offline(domain))
        other = self.folder / "another.fd"
        other.write_bytes(b"x" * 4096)
        domain = self.domain(CODE)
        self.assertEqual(self.live(XML, domain=domain, binds=[(other, CODE)]), self.offline(domain))
        domain = self.domain("efi")
        self.assertEqual(self.live(XML, domain=domain, binds=[(other, CODE)]), self.offline(domain))

    def test_what_is_opened(self):
        """Of a path that a domain names nothing but what is the package's."""
        for firmware, opened in ((CODE, True), ("/etc/shadow", False), ("/var/lib/dpkg/../../../etc/shadow", False)):
            trace = self.folder / "trace"
            self.live("strace", "-f", "-e", "trace=%file", "-E", "ASAN_OPTIONS=detect_leaks=0", "-o", trace, XML,
                      domain=self.domain(firmware))
            self.assertEqual('"%s"' % firmware in trace.read_text(), opened, firmware)
        trace = self.folder / "trace"
        small = (TESTS / "domains/small.xml").read_text()
        self.live("strace", "-f", "-e", "trace=%file", "-E", "ASAN_OPTIONS=detect_leaks=0", "-o", trace, XML, "--undo", domain=small)
        self.assertNotIn("dpkg", trace.read_text())


if __name__ == "__main__":
    unittest.main()
