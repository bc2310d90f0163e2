#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_capabilities.py - what a real libvirtd found out about emulators is read on the live host

Takes:  VTOPO_XML, VTOPO_HOST: the programs; root, libvirtd, QEMU, strace, setpriv.
Gives:  versions, and what follows from them, beside what virsh says; the same from a description that vtopo-host saved.
Rule:   the programs run in a mount namespace in which /sys is the tree of a host with GPUs and /var/cache/libvirt is
        the daemon's.  Emulators that are changed are scripts of the test's own.
Not here: files that nobody writes (unit/test_emulators, unit/test_cache_text).
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "hooks"), str(TESTS / "tools")]
import libvirtd  # noqa: E402
import make_sysfs  # noqa: E402

XML, HOST = os.environ.get("VTOPO_XML"), os.environ.get("VTOPO_HOST")
QEMU = "/usr/bin/qemu-system-x86_64"
DOMAIN = (TESTS / "golden/clique-held-back/domain.xml").read_text()
CLIQUE, LINKS = ["--clique", "auto"], ["--links", "host"]
INSIDE = r"""
set -e
mount --bind "$1" /sys
mkdir -p /var/cache/libvirt
mount --bind "$2" /var/cache/libvirt
shift 2
exec "$@"
"""
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def number(version):
    """[7, 2, 22] of "7.2.22" """
    return [int(part) for part in version.split(".")]


class Capabilities(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        libvirtd.libvirt.require("strace", "setpriv")
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-capabilities-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        make_sysfs.make(json.loads((TESTS / "hosts/p2p-right.json").read_text()), str(cls.folder / "sys"))
        cls.cache = cls.daemon.work / "var/cache/libvirt"
        versions = cls.daemon.virsh("version")
        cls.libvirt = re.search(r"library: libvirt (\S+)", versions)[1]
        cls.qemu = re.search(r"hypervisor: QEMU (\S+)", versions)[1]
        cls.old = number(cls.qemu) < [8, 1]

    def program(self, *words, text=None, wrap=()):
        done = subprocess.run(
            ["unshare", "-m", "/bin/sh", "-c", INSIDE, "sh", str(self.folder / "sys"), str(self.cache), *wrap,
             *map(str, words)], input=text, capture_output=True, text=True, timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=%d" % (not wrap)})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout, done.stderr

    def rewrite(self, domain, *options, wrap=()):
        return self.program(XML, *options, text=domain, wrap=wrap)

    def file_of(self, path):
        """By the rule that libvirt has for the name."""
        return self.cache / "qemu/capabilities" / (hashlib.sha256(path.encode()).hexdigest() + ".xml")

    def emulator(self, name):
        """A script that libvirt has asked."""
        path = self.folder / name
        path.write_text('#!/bin/sh\nexec %s "$@"\n' % QEMU)
        path.chmod(0o755)
        self.daemon.virsh("domcapabilities", "--emulatorbin", str(path))
        self.assertTrue(self.file_of(str(path)).exists())
        return str(path)

    def with_emulator(self, path):
        return DOMAIN.replace("<emulator>%s<" % QEMU, "<emulator>%s<" % path)

    def defined(self, domain):
        """What libvirt stores."""
        self.daemon.define(libvirtd.libvirt.for_this_machine(domain))
        name = re.search("<name>([^<]*)", domain)[1]
        self.addCleanup(self.daemon.virsh, "undefine", name)
        return self.daemon.virsh("dumpxml", "--inactive", name)

    def ids(self, messages):
        return sorted(set(re.findall(r"VTOPO-00(?:70|90|97)|VTOPO-011\d", messages)))

    # -- what is read ---------------------------------------------------------------------------------

    def test_the_file_is_libvirts(self):
        """What vtopo relies on: name, owner, mode, and the time."""
        path = self.file_of(QEMU)
        status, text = path.stat(), path.read_text()
        self.assertEqual((status.st_uid, status.st_mode & 0o777), (0, 0o600))
        self.assertIn("<emulator>%s</emulator>" % QEMU, text)
        self.assertIn("<qemuctime>%d</qemuctime>" % os.stat(QEMU).st_ctime, text)
        self.assertIn("<machine type='tcg' name='pc-q35-%d.%d' alias='q35'" % tuple(number(self.qemu)[:2]), text)

    def test_show(self):
        shown, messages = self.program(HOST, "show")
        self.assertEqual(messages, "")
        self.assertIn("\nemulator %s: QEMU %s, asked by libvirt %s\n" % (QEMU, self.qemu, self.libvirt), shown)

    def test_versions_decide(self):
        """What would not start is not written, and nothing is doubted."""
        _, messages = self.rewrite(DOMAIN, *CLIQUE, *LINKS)
        self.assertEqual(self.ids(messages), ["VTOPO-0070", "VTOPO-0090"] if self.old else
                         [] if number(self.qemu) >= [10] else ["VTOPO-0090"])
        if self.old:
            self.assertIn("libvirt's capability cache says that QEMU is %s (%s)" % (self.qemu, QEMU), messages)

    def test_the_policy_goes_before(self):
        policy = self.folder / "policy.json"
        policy.write_text('{"qemu_version": "10.0", "libvirt_version": "8.0"}')
        output, messages = self.rewrite(DOMAIN, *CLIQUE, "--config", policy)
        self.assertEqual(self.ids(messages), [])
        self.assertIn("x-nv-gpudirect-clique", output)
        self.assertNotIn("qemu:override", output)

    def test_without_emulator_it_is_libvirts_own(self):
        """The one that libvirt writes into the definition, and the machine type that it makes of q35."""
        domain = re.sub(r"\n *<emulator>[^\n]*", "", DOMAIN).replace("machine='pc-q35-7.2'", "machine='q35'")
        output, messages = self.rewrite(domain, *CLIQUE)
        self.assertEqual(self.ids(messages), ["VTOPO-0070"] if self.old else [])
        dump = self.defined(output)
        self.assertIn("<emulator>%s</emulator>" % QEMU, dump)
        again, later = self.rewrite(dump, *CLIQUE)
        self.assertEqual(again, dump)
        self.assertEqual(self.ids(later), self.ids(messages))

    def test_a_link_is_an_emulator_of_its_own(self):
        link = self.folder / "linked-qemu"
        link.symlink_to(QEMU)
        _, messages = self.rewrite(self.with_emulator(link), *LINKS)
        self.assertIn("nothing shows that this is one", messages)
        self.daemon.virsh("domcapabilities", "--emulatorbin", str(link))
        _, messages = self.rewrite(self.with_emulator(link), *LINKS)
        self.assertNotIn("nothing shows that this is one", messages)

    # -- what is not believed -------------------------------------------------------------------------

    def test_stale(self):
        path = self.emulator("changed")
        _, messages = self.rewrite(self.with_emulator(path), *LINKS)
        self.assertNotIn("VTOPO-0111", messages)
        # Seconds count.
        while int(os.stat(path).st_ctime) == int(self.file_of(path).read_text().split("<qemuctime>")[1].split("<")[0]):
            os.utime(path)
        _, messages = self.rewrite(self.with_emulator(path), *LINKS)
        self.assertEqual(self.ids(messages), ["VTOPO-0090", "VTOPO-0111"])
        # What the finding says helps.
        command = re.search(r'"virsh (domcapabilities --emulatorbin [^"]*)"', messages)[1]
        self.daemon.virsh(*command.split())
        _, messages = self.rewrite(self.with_emulator(path), *LINKS)
        self.assertNotIn("VTOPO-0111", messages)

    def test_not_root(self):
        _, messages = self.rewrite(DOMAIN, *LINKS, wrap=NOBODY)
        self.assertEqual(self.ids(messages), ["VTOPO-0090", "VTOPO-0110"])
        self.assertIn("sudo", messages)
        shown, _ = self.program(HOST, "show", wrap=NOBODY)
        self.assertNotIn("emulator", shown)

    def test_damaged(self):
        path = self.emulator("damaged")
        file, domain = self.file_of(path), self.with_emulator(path)
        good = file.read_bytes()
        other = self.file_of(QEMU).read_bytes()
        variants = [good[:n] for n in range(0, len(good), len(good) // 9)] + [
            b"<!DOCTYPE qemuCaps>" + good, good.replace(b"qemuCaps", b"caps"), b"\0" + good, other,
            good.replace(b"<version>", b"<version>x"), good.replace(b"<selfvers>", b"<selfvers>-"),
            good.replace(b"<version>", b"<version>1</version><version>"), good + b"<x/>", good + b" " * (5 << 20)]
        for i, variant in enumerate(variants):
            with self.subTest(i):
                file.write_bytes(variant)
                _, messages = self.rewrite(domain, *LINKS)
                self.assertEqual(self.ids(messages), ["VTOPO-0090", "VTOPO-0112"])
        file.write_bytes(good)
        for change in (lambda: os.chown(file, 65534, 0), lambda: os.chmod(file, 0o666)):
            change()
            _, messages = self.rewrite(domain, *LINKS)
            self.assertIn("VTOPO-0112", self.ids(messages))
            os.chown(file, 0, 0)
        os.chmod(file, 0o600)
        _, messages = self.rewrite(domain, *LINKS)
        self.assertNotIn("VTOPO-0112", messages)

    def test_another_tree_is_another_host(self):
        _, messages = self.rewrite(DOMAIN, *LINKS, "--host", self.folder / "sys")
        self.assertIn("nothing shows that this is one", messages)

    # -- saved ----------------------------------------------------------------------------------------

    def test_saved(self):
        """A description that was saved decides the same, elsewhere."""
        changed = self.emulator("saved")
        while int(os.stat(changed).st_ctime) == int(
                self.file_of(changed).read_text().split("<qemuctime>")[1].split("<")[0]):
            os.utime(changed)
        text, _ = self.program(HOST, "save", "-")
        saved = self.folder / "saved.json"
        saved.write_text(text)
        emulators = {e["path"]: e for e in json.loads(text)["emulators"]}
        self.assertEqual(emulators[QEMU]["qemu_version"], self.qemu)
        self.assertEqual(emulators[QEMU]["libvirt_version"], self.libvirt)
        self.assertTrue(emulators[QEMU]["default"])
        self.assertEqual(emulators[changed], {"path": changed, "state": "stale"})
        without = re.sub(r"\n *<emulator>[^\n]*", "", DOMAIN)
        for domain in (DOMAIN, without, self.with_emulator(changed), self.with_emulator("/opt/elsewhere")):
            done = subprocess.run([XML, *CLIQUE, *LINKS, "--host", saved], input=domain, capture_output=True, text=True)
            self.assertEqual((done.stdout, done.stderr), self.rewrite(domain, *CLIQUE, *LINKS))

    # -- what is touched ------------------------------------------------------------------------------

    def calls(self, domain, *options):
        trace = self.folder / "trace"
        self.rewrite(domain, *options, wrap=["strace", "-f", "-e", "trace=%file,%process", "-o", str(trace)])
        return trace.read_text()

    def test_a_plain_rewrite_reads_nothing(self):
        """Of a definition that has all addresses, as dumpxml prints it; without, libvirt's version counts."""
        self.assertIn("/var/cache/libvirt", self.calls(DOMAIN))
        calls = self.calls(self.defined(DOMAIN))
        self.assertEqual(re.findall(".*(?:/var/cache/libvirt|qemu).*", calls), [])

    def test_the_emulator_is_not_opened(self):
        calls = self.calls(DOMAIN, *LINKS)
        self.assertEqual(len(re.findall("/var/cache/libvirt", calls)), 1)
        named = [line for line in calls.splitlines() if '"%s"' % QEMU in line]
        self.assertEqual([re.sub(r"^\d+ +(\w+)\(.*", r"\1", line) for line in named], ["newfstatat"])
        self.assertEqual(len(re.findall(r"execve\(|clone|vfork", calls)), 1)
        # What libvirt has not run before is not even asked for its time.
        self.assertNotIn('"/opt/secret"', self.calls(self.with_emulator("/opt/secret"), *LINKS))


if __name__ == "__main__":
    unittest.main()
