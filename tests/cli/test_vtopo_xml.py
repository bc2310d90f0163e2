#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_vtopo_xml.py - what scripts and people at a terminal see of vtopo-xml

Takes:  VTOPO_XML, the program; the example hosts and the recorded domains.
Gives:  statuses, what is on which stream, what happens to files.
Not here: whether the rewritten domain is right (golden/, property/, real/).
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import resource
import select
import shlex
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
import xml.etree.ElementTree as ET

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("VTOPO_XML") or sys.exit("VTOPO_XML must name the program")
HOST = str(TOP / "examples/hosts/two-dpu.json")
DOMAIN = TOP / "tests/domains/full-seabios.xml"
OPTIONS = ["--host", HOST, "--config", str(TOP / "tests/cli/empty-policy.json")]
MARK = "ua-vtopo-"


def run(*words, **keywords):
    """vtopo-xml with the words, on the two-dpu host; stdin is empty unless input is given."""
    keywords.setdefault("input", "")
    keywords.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([PROGRAM, *OPTIONS, *map(str, words)], stderr=subprocess.PIPE, text=True,
                          encoding="utf-8", timeout=60, **keywords)


def plain(*words):
    """vtopo-xml with nothing but the words."""
    return subprocess.run([PROGRAM, *words], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-cli-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def copy(self, name="vm.xml"):
        return pathlib.Path(shutil.copy(DOMAIN, self.folder / name))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def assert_fails(self, result, status, message=None):
        """Nothing on stdout, one line on stderr."""
        self.assertEqual((result.returncode, result.stdout or ""), (status, ""), result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("vtopo-xml: "), result.stderr)
        if message:
            self.assertIn(message, result.stderr)


class Help(Case):
    def test_fits_a_screen(self):
        result = plain("--help")
        lines = result.stdout.splitlines()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertLessEqual(len(lines), 40)
        self.assertLessEqual(max(map(len, lines)), 80)

    def test_names_every_option(self):
        text = plain("--help").stdout
        for option in ["--host", "--mirror", "--strict", "--config", "--spare-ports", "--adopt", "--clique", "--cdi-dir",
                       "--check", "--diff", "--explain", "--undo", "--validate", "--output",
                       "--in-place", "--nccl-topo", "--quiet", "--verbose", "--help", "--version"]:
            self.assertIn(option, text)

    def test_version_and_usage(self):
        for option in ["--version", "--usage", "-h"]:
            result = plain(option)
            self.assertEqual((result.returncode, result.stderr), (0, ""), option)
            self.assertIn("vtopo-xml", result.stdout)

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            for option in ["--help", "--version"]:
                self.assert_fails(run(option, stdout=full), 6, "No space left")


class Usage(Case):
    WRONG = [
        ["--unknown"],
        ["a.xml", "b.xml"],
        ["--mirror", "nume", "a.xml"],
        ["--mirror"],
        ["--spare-ports", "-1", "a.xml"],
        ["--spare-ports", "256", "a.xml"],
        ["--spare-ports", "2x", "a.xml"],
        ["--spare-ports", " 2", "a.xml"],
        ["--explain=xml", "a.xml"],
        ["--explain=", "a.xml"],
        ["--in-place"],
        ["--in-place", "-"],
        ["--in-place", "-o", "b.xml", "a.xml"],
        ["--in-place", "--check", "a.xml"],
        ["--in-place", "--diff", "a.xml"],
        ["--in-place", "--explain", "a.xml"],
        ["--explain", "--check", "a.xml"],
        ["--explain", "--diff", "a.xml"],
        ["--explain", "--undo", "a.xml"],
        ["--check", "-o", "b.xml", "a.xml"],
        ["--nccl-topo", "n.xml", "--check", "a.xml"],
        ["--nccl-topo", "n.xml", "--diff", "a.xml"],
        ["--nccl-topo", "n.xml", "--undo", "a.xml"],
        ["--nccl-topo", "b.xml", "-o", "b.xml", "a.xml"],
        ["--nccl-topo", "a.xml", "--in-place", "a.xml"],
        ["--nccl-topo", "-", "a.xml"],
        ["--nccl-topo", "", "a.xml"],
        ["--nccl-topo", "n.xml", "--nccl-topo", "m.xml", "a.xml"],
        ["-q", "-v", "a.xml"],
        ["--host", "/a", "--host", "/b", "a.xml"],
        ["-o", "b.xml", "-o", "c.xml", "a.xml"],
    ]

    def test_wrong_usage(self):
        for words in self.WRONG:
            with self.subTest(words=words):
                result = plain(*words)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                lines = result.stderr.splitlines()
                self.assertEqual(len(lines), 2, result.stderr)
                self.assertTrue(lines[1].startswith("Try "), result.stderr)

    def test_options_after_the_operand(self):
        self.assertEqual(run(DOMAIN, "--mirror", "numa").stdout,
                         run("--mirror", "numa", DOMAIN).stdout)


class Streams(Case):
    def test_file_and_stdin_give_the_same(self):
        text = DOMAIN.read_text(encoding="utf-8")
        product = run(DOMAIN)
        self.assertEqual(product.returncode, 0, product.stderr)
        self.assertIn(MARK, product.stdout)
        self.assertEqual(run(input=text).stdout, product.stdout)
        self.assertEqual(run("-", input=text).stdout, product.stdout)

    def test_output_file(self):
        path = self.folder / "new.xml"
        result = run(DOMAIN, "-o", path)
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertEqual(path.read_text(encoding="utf-8"), run(DOMAIN).stdout)

    def test_a_dash_is_stdout(self):
        self.assertEqual(run(DOMAIN, "-o", "-").stdout, run(DOMAIN).stdout)
        self.assertFalse(os.path.exists("-"))

    def test_findings_are_on_stderr(self):
        result = run(DOMAIN)
        self.assertIn("vtopo-xml: warning: VTOPO-0023 ", result.stderr)
        self.assertNotIn("VTOPO-", result.stdout)
        self.assertNotIn("\033", result.stderr)

    def test_quiet_and_verbose(self):
        self.assertEqual(run(DOMAIN, "-q").stderr, "")
        self.assertNotIn(": info: ", run(DOMAIN).stderr)
        self.assertIn("vtopo-xml: info: VTOPO-", run(DOMAIN, "-v").stderr)

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            self.assert_fails(run("-q", DOMAIN, stdout=full), 6, "No space left")
            self.assert_fails(run("-q", "--explain", DOMAIN, stdout=full), 6, "No space left")
            self.assert_fails(run("-q", "--diff", DOMAIN, stdout=full), 6, "No space left")

    def test_reader_that_went_away(self):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as gone:
            self.assert_fails(run("-q", DOMAIN, stdout=gone), 6, "Broken pipe")

    def test_closed_stdout(self):
        command = "exec %s >&-" % shlex.join([PROGRAM, *OPTIONS, "-q", str(DOMAIN)])
        result = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 6)
        self.assertIn("cannot write to stdout", result.stderr)


class Failures(Case):
    """Each status of design section 2, with nothing on stdout and no file touched."""

    def test_unusable_domain(self):
        for text in ["", "no XML", "<domain>", "<network/>", "<!DOCTYPE domain><domain/>"]:
            with self.subTest(text=text):
                self.assert_fails(run(input=text), 3, "stdin")

    def test_unreadable_host(self):
        result = plain("--host", str(self.folder / "none"), str(DOMAIN))
        self.assert_fails(result, 4, "none")

    def test_host_without_the_device(self):
        result = plain("--host", str(TOP / "examples/hosts/hgx8.json"), str(DOMAIN))
        self.assert_fails(result, 4, "0000:41:00.0")

    def test_strict(self):
        domain = TOP / "tests/domains/no-cells.xml"
        self.assertEqual(run("-q", domain).returncode, 0)
        result = run("--strict", domain)
        self.assertEqual((result.returncode, result.stdout), (5, ""), result.stderr)

    def test_files(self):
        wrong = self.write("policy.json", '{\n"mirrow": "numa"}')
        self.assert_fails(run(self.folder / "none.xml"), 6, "none.xml")
        self.assert_fails(run(self.folder), 6, "Is a directory")
        self.assert_fails(plain("--host", HOST, "--config", str(wrong), str(DOMAIN)), 6,
                          "policy.json:2: unknown key 'mirrow'")
        self.assert_fails(plain("--host", HOST, "--config", "/nowhere", str(DOMAIN)), 6, "/nowhere")
        self.assert_fails(run("-q", DOMAIN, "-o", self.folder / "none/vm.xml"), 6, "none/vm.xml")
        self.assert_fails(run("-q", DOMAIN, "-o", self.folder), 6, "not a regular file")

    def test_a_failure_leaves_files_alone(self):
        output = self.write("out.xml", "before")
        broken = self.write("broken.xml", "<domain>")
        self.assert_fails(run(broken, "-o", output), 3)
        self.assert_fails(run("--in-place", broken), 3)
        self.assertEqual(output.read_text(), "before")
        self.assertEqual(broken.read_text(), "<domain>")
        self.assertEqual(sorted(os.listdir(self.folder)), ["broken.xml", "out.xml"])


class InPlace(Case):
    def test_rewrites_the_file(self):
        path, expected = self.copy(), run(DOMAIN).stdout
        result = run("--in-place", path)
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
        self.assertEqual(path.read_text(encoding="utf-8"), expected)
        self.assertEqual(os.listdir(self.folder), ["vm.xml"])

    def test_keeps_mode_and_owner(self):
        path = self.copy()
        path.chmod(0o640)
        if os.geteuid() == 0:
            os.chown(path, 12, 34)
        before = path.stat()
        self.assertEqual(run("--in-place", path).returncode, 0)
        after = path.stat()
        self.assertEqual(stat.S_IMODE(after.st_mode), 0o640)
        self.assertEqual((after.st_uid, after.st_gid), (before.st_uid, before.st_gid))

    def test_keeps_a_symbolic_link(self):
        path, link = self.copy(), self.folder / "link.xml"
        link.symlink_to("vm.xml")
        self.assertEqual(run("--in-place", link).returncode, 0)
        self.assertTrue(link.is_symlink())
        self.assertIn(MARK, path.read_text(encoding="utf-8"))

    def test_follows_links_to_links(self):
        path = self.copy()
        (self.folder / "below").mkdir()
        (self.folder / "first.xml").symlink_to("below/second.xml")
        (self.folder / "below/second.xml").symlink_to(path)
        self.assertEqual(run("--in-place", "first.xml", cwd=self.folder).returncode, 0)
        self.assertIn(MARK, path.read_text(encoding="utf-8"))
        self.assertEqual(os.listdir(self.folder / "below"), ["second.xml"])

    def test_links_that_lead_nowhere(self):
        for name, to, why in (("loop", "loop", "Too many levels"), ("lost", "none", "a link to a file that is not there")):
            (self.folder / name).symlink_to(to)
            self.assert_fails(run("-q", DOMAIN, "-o", self.folder / name), 6, why)
        self.assertEqual(sorted(os.listdir(self.folder)), ["loop", "lost"])

    def test_a_folder_that_cannot_be_read(self):
        """So it cannot be synced, either; the file is written nevertheless, and the status says so."""
        path = self.copy()
        # the program and what it reads may be where only root can go
        program, host, policy = (shutil.copy(name, self.folder) for name in (PROGRAM, HOST, OPTIONS[3]))
        self.folder.chmod(0o333)
        how = {}
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
            how = {"user": 65534, "group": 65534, "extra_groups": []}
        result = subprocess.run([program, "--host", host, "--config", policy, "-q", "--in-place", path],
                                stderr=subprocess.PIPE, text=True, timeout=60, check=False, **how)
        self.folder.chmod(0o755)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(MARK, path.read_text(encoding="utf-8"))

    def test_leaves_a_domain_alone_that_is_so_already(self):
        path = self.copy()
        self.assertEqual(run("--in-place", path).returncode, 0)
        before = path.stat()
        self.assertEqual(run("--in-place", path).returncode, 0)
        after = path.stat()
        self.assertEqual((after.st_ino, after.st_mtime_ns), (before.st_ino, before.st_mtime_ns))

    @staticmethod
    def limit_files(action):
        """Files end after 100 bytes; the signal's default action kills in the middle of a write."""
        def prepare():
            signal.signal(signal.SIGXFSZ, action)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        return prepare

    def test_is_whole_or_not_at_all(self):
        path, text = self.copy(), DOMAIN.read_bytes()
        result = run("-q", "--in-place", path, preexec_fn=self.limit_files(signal.SIG_IGN))
        self.assert_fails(result, 6, "File too large")
        self.assertEqual(path.read_bytes(), text)
        self.assertEqual(os.listdir(self.folder), ["vm.xml"])

    def test_a_limit_whose_signal_kills(self):
        path, text = self.copy(), DOMAIN.read_bytes()
        result = run("-q", "--in-place", path, preexec_fn=self.limit_files(signal.SIG_DFL))
        self.assert_fails(result, 6, "File too large")
        self.assertEqual(path.read_bytes(), text)
        self.assertEqual(os.listdir(self.folder), ["vm.xml"])


class SharedFolder(Case):
    """A folder like /tmp, where somebody else has put something for root to fall into."""
    OTHER = 65534

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can make files of others")
        self.folder.chmod(0o755)
        self.shared = self.folder / "shared"
        self.shared.mkdir()
        self.shared.chmod(0o1777)
        self.own = self.write("own.xml", "before")

    def link(self, name, to, owner):
        link = self.shared / name
        link.symlink_to(to)
        os.lchown(link, owner, owner)
        return link

    def assert_refused(self, path, *words):
        self.assert_fails(run("-q", *words, path), 6, "it is somebody else's")
        self.assertEqual(self.own.read_text(), "before")
        self.assertNotIn(".vtopo", " ".join(os.listdir(self.folder) + os.listdir(self.shared)))

    def test_a_link_of_others(self):
        self.assert_refused(self.link("planted", self.own, self.OTHER), DOMAIN, "-o")

    def test_a_link_of_ours_to_a_link_of_others(self):
        self.link("planted", self.own, self.OTHER)
        ours = self.folder / "ours"
        ours.symlink_to("shared/planted")
        self.assert_refused(ours, DOMAIN, "-o")

    def test_a_file_of_others(self):
        path = pathlib.Path(shutil.copy(DOMAIN, self.shared))
        os.chown(path, self.OTHER, self.OTHER)
        self.assert_refused(path, "--in-place")
        self.assert_refused(self.link("ours", path.name, 0), "--in-place")
        self.assertEqual(path.read_bytes(), DOMAIN.read_bytes())

    def test_what_is_ours(self):
        self.assertEqual(run("-q", DOMAIN, "-o", self.link("ours", "../own.xml", 0)).returncode, 0)
        self.assertIn(MARK, self.own.read_text(encoding="utf-8"))
        for _ in range(2):
            self.assertEqual(run("-q", DOMAIN, "-o", self.shared / "new.xml").returncode, 0)

    def test_a_folder_link_of_others(self):
        """On the way to the file, wherever on the way."""
        real = self.folder / "real"
        (real / "below").mkdir(parents=True)
        self.link("planted", real, self.OTHER)
        for name in ("planted/own.xml", "planted/below/new.xml", "planted/../real/new.xml"):
            self.assert_fails(run("-q", DOMAIN, "-o", self.shared / name), 6, "it is somebody else's")
        (self.folder / "ours").symlink_to("shared/planted/below")
        self.assert_refused(self.folder / "ours/new.xml", DOMAIN, "-o")
        self.assert_refused(self.folder / "ours/new.xml", DOMAIN, "--nccl-topo")
        self.assertEqual((os.listdir(real), os.listdir(real / "below")), (["below"], []))

    def test_a_folder_link_of_others_without_sticky_bit(self):
        self.shared.chmod(0o777)
        self.link("planted", self.folder, self.OTHER)
        self.assert_refused(self.shared / "planted/own.xml", DOMAIN, "-o")

    def test_a_link_in_a_folder_of_others(self):
        """Which was there before somebody said "mkdir -p shared/work/out"."""
        work, real = self.shared / "work", self.folder / "real"
        work.mkdir()
        os.chown(work, self.OTHER, self.OTHER)
        (real / "below").mkdir(parents=True)
        self.link("work/out", real, self.OTHER)
        self.link("work/file", self.own, self.OTHER)
        for name in ("work/out/new.xml", "work/out/below/new.xml", "work/../work/file"):
            self.assert_refused(self.shared / name, DOMAIN, "-o")
        self.assertEqual(os.listdir(real), ["below"])
        self.link("work/ours", real, 0)
        for name in ("work/new.xml", "work/ours/new.xml"):
            self.assertEqual(run("-q", DOMAIN, "-o", self.shared / name).returncode, 0)

    def test_a_folder_link_of_ours(self):
        self.link("folder", "../", 0)
        self.assertEqual(run("-q", DOMAIN, "-o", self.shared / "folder/shared/../own.xml").returncode, 0)
        self.assertIn(MARK, self.own.read_text(encoding="utf-8"))

    def test_a_folder_of_one_person(self):
        """Where only its owner makes files, nothing is planted; but nobody leads us to what is not theirs."""
        self.shared.chmod(0o755)
        link, real = self.link("theirs", self.own, self.OTHER), self.folder / "real"
        self.assert_fails(run("-q", DOMAIN, "-o", link), 6, "somebody else's link leads to what is not theirs")
        self.assertEqual(self.own.read_text(), "before")
        os.chown(self.own, self.OTHER, self.OTHER)
        self.assertEqual(run("-q", DOMAIN, "-o", link).returncode, 0)
        self.assertIn(MARK, self.own.read_text(encoding="utf-8"))
        real.mkdir()
        folder = self.link("folder", real, self.OTHER)
        self.assert_fails(run("-q", DOMAIN, "-o", folder / "new.xml"), 6, "somebody else's link leads to what is not theirs")
        self.assertEqual(os.listdir(real), [])
        os.chown(real, self.OTHER, self.OTHER)
        self.assertEqual(run("-q", DOMAIN, "-o", folder / "new.xml").returncode, 0)


class NcclTopo(Case):
    def test_writes_beside_the_domain(self):
        path = self.folder / "nccl.xml"
        result = run("--nccl-topo", path, DOMAIN)
        self.assertEqual((result.returncode, result.stdout), (0, run(DOMAIN).stdout), result.stderr)
        plan = json.loads(run("--explain=json", DOMAIN).stdout)
        root = ET.parse(path).getroot()
        self.assertEqual((root.tag, root.get("version")), ("system", "1"))
        self.assertEqual({d["guest_bdf_after"] for d in plan["devices"] if d["kind"] != "network"},
                         {p.get("busid") for p in root.iter("pci") if p.get("class") != "0x060400"})

    def test_goes_with_every_way_to_write(self):
        path = self.folder / "nccl.xml"
        run("--nccl-topo", path, DOMAIN)
        expected = path.read_text()
        for words in (["-o", self.folder / "out.xml", DOMAIN], ["--explain", DOMAIN],
                      ["--in-place", self.copy()], ["--validate", DOMAIN]):
            path.unlink()
            self.assertEqual(run("--nccl-topo", path, *words).returncode, 0, words)
            self.assertEqual(path.read_text(), expected, words)

    def test_takes_part_in_all_or_nothing(self):
        path = self.folder / "nccl.xml"
        self.assert_fails(run("--nccl-topo", path, self.write("bad.xml", "<domain/")), 3)
        self.assertFalse(path.exists())
        missing = self.folder / "missing" / "nccl.xml"
        self.assert_fails(run("-q", "--nccl-topo", missing, DOMAIN), 6, "missing/nccl.xml")

    def test_stays_away_when_the_domain_cannot_be_written(self):
        path = self.folder / "nccl.xml"
        path.write_text("as it was")
        missing = self.folder / "missing" / "vm.xml"
        self.assert_fails(run("-q", "--nccl-topo", path, "-o", missing, DOMAIN), 6, "missing/vm.xml")
        with open("/dev/full", "w", encoding="ascii") as full:
            self.assertEqual(run("-q", "--nccl-topo", path, DOMAIN, stdout=full).returncode, 6)
        self.assertEqual(path.read_text(), "as it was")
        self.assertEqual(os.listdir(self.folder), ["nccl.xml"])

    def test_refuses_what_it_cannot_know(self):
        path = self.folder / "nccl.xml"
        for name, why in (("pseries", "VTOPO-0002"), ("no-cells", "VTOPO-0003")):
            result = run("-q", "--nccl-topo", path, TOP / f"tests/domains/{name}.xml")
            self.assert_fails(result, 5, why)
            self.assertFalse(path.exists())


class TwoIntoOne(Case):
    """No two products go into one file, by whatever names, and no product over a file that is read."""

    def setUp(self):
        super().setUp()
        self.copy()
        (self.folder / "below").mkdir()
        (self.folder / "link.xml").symlink_to("vm.xml")
        (self.folder / "folder").symlink_to(".")
        os.link(self.folder / "vm.xml", self.folder / "hard.xml")
        self.write("policy.json", "{}")

    def state(self):
        return {str(path): path.read_bytes() for path in sorted(self.folder.rglob("*"))
                if path.is_file() and "folder" not in path.parts}

    def assert_clash(self, *words, **how):
        before = self.state()
        self.assert_fails(run("-q", *words, cwd=self.folder, **how), 2)
        self.assertEqual(self.state(), before, words)
        self.assertNotIn(".vtopo", " ".join(os.listdir(self.folder)))

    def test_names_of_the_domain_that_is_written(self):
        for name in ("./vm.xml", "below/../vm.xml", "link.xml", "folder/vm.xml", "hard.xml",
                     self.folder / "vm.xml", "folder/folder/link.xml"):
            self.assert_clash("--nccl-topo", name, "--in-place", "vm.xml")
            self.assert_clash("--nccl-topo", "vm.xml", "--in-place", name)
            self.assert_clash("--nccl-topo", name, "-o", "vm.xml", DOMAIN)

    def test_names_of_a_file_that_is_not_there_yet(self):
        for name in ("./new.xml", "folder/new.xml", "below/../new.xml", self.folder / "new.xml"):
            self.assert_clash("--nccl-topo", name, "-o", "new.xml", "vm.xml")

    def test_the_domain_that_is_read(self):
        for name in ("vm.xml", "./vm.xml", "link.xml", "hard.xml"):
            self.assert_clash("--nccl-topo", name, "vm.xml")
            self.assert_clash("--nccl-topo", name, "-o", "new.xml", "vm.xml")
            self.assert_clash("--explain", "-o", name, "vm.xml")
            self.assert_clash("--diff", "-o", name, "vm.xml")
            with open(self.folder / "vm.xml", encoding="utf-8") as file:
                self.assert_clash("--nccl-topo", name, input=None, stdin=file)
        self.assertEqual(run("-q", "-o", "link.xml", "vm.xml", cwd=self.folder).returncode, 0)

    def test_stdout(self):
        path = self.folder / "out.xml"
        for name in ("out.xml", "/dev/stdout", "/proc/self/fd/1"):
            with open(path, "w", encoding="utf-8") as file:
                self.assert_clash("--nccl-topo", name, "vm.xml", stdout=file)
        with open(path, "w", encoding="utf-8") as file:
            self.assert_clash("--nccl-topo", "out.xml", "-o", "/dev/stdout", "vm.xml", stdout=file)

    def test_output_to_dev_stdout(self):
        expected = run("-q", DOMAIN).stdout
        self.assertEqual(run("-q", "-o", "/dev/stdout", DOMAIN).stdout, expected)
        path = self.write("log", "before\n")
        with open(path, "a", encoding="utf-8") as file:
            self.assertEqual(run("-q", "-o", "/dev/stdout", DOMAIN, stdout=file).returncode, 0)
        self.assertEqual(path.read_text(encoding="utf-8"), "before\n" + expected)

    def test_policy_and_host(self):
        host = shutil.copy(HOST, self.folder / "host.json")
        for option in ("-o", "--nccl-topo"):
            for name in ("policy.json", "./host.json"):
                result = subprocess.run([PROGRAM, "--config", "folder/policy.json", "--host", host, option, name,
                                         "vm.xml"], cwd=self.folder, capture_output=True, text=True, timeout=60)
                self.assert_fails(result, 2, "name another file")
        self.assertEqual((self.folder / "policy.json").read_text(), "{}")


class BothOrNeither(Case):
    def setUp(self):
        super().setUp()
        self.path = self.copy()
        self.nccl = self.write("nccl.xml", "as it was")
        self.nccl.chmod(0o640)

    def assert_untouched(self):
        self.assertEqual(self.path.read_bytes(), DOMAIN.read_bytes())
        self.assertEqual((self.nccl.read_text(), stat.S_IMODE(self.nccl.stat().st_mode)), ("as it was", 0o640))
        self.assertEqual(sorted(os.listdir(self.folder)), ["nccl.xml", "vm.xml"])

    def test_both(self):
        self.assertEqual(run("--nccl-topo", self.nccl, "--in-place", self.path).returncode, 0)
        self.assertIn(MARK, self.path.read_text(encoding="utf-8"))
        self.assertIn("<system", self.nccl.read_text())
        self.assertEqual(stat.S_IMODE(self.nccl.stat().st_mode), 0o640)
        self.assertEqual(sorted(os.listdir(self.folder)), ["nccl.xml", "vm.xml"])

    def bound(self, target, *words):
        """The program where a file is bound over the target, so that no rename gets through."""
        source = tempfile.NamedTemporaryFile(prefix="vtopo-bound-")
        self.addCleanup(source.close)
        shutil.copy(target, source.name)
        script = 'mount --bind "$1" "$2" || exit 77; shift 2; exec "$@"'
        result = subprocess.run(["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", source.name, target,
                                 PROGRAM, *OPTIONS, "-q", *map(str, words)], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=60, check=False)
        if result.returncode in (77, 127) or result.stderr.startswith("unshare:"):
            self.skipTest("no mount namespaces here")
        return result

    def test_a_domain_that_cannot_be_replaced(self):
        result = self.bound(self.path, "--nccl-topo", self.nccl, "--in-place", self.path)
        self.assert_fails(result, 6, "it is a mount point, and cannot be replaced as a whole")
        self.assert_untouched()

    def test_a_new_nccl_file_and_a_domain_that_cannot_be_replaced(self):
        result = self.bound(self.path, "--nccl-topo", self.folder / "new.xml", "--in-place", self.path)
        self.assert_fails(result, 6, "it is a mount point, and cannot be replaced as a whole")
        self.assert_untouched()

    def test_an_nccl_file_that_cannot_be_replaced(self):
        for words in (["--in-place", self.path], ["-o", self.folder / "new.xml", self.path], [self.path]):
            self.assert_fails(self.bound(self.nccl, "--nccl-topo", self.nccl, *words), 6, "it is a mount point, and cannot be replaced as a whole")
            self.assert_untouched()

    def test_stdout_that_is_full(self):
        for name in (self.nccl, self.folder / "new.xml"):
            with open("/dev/full", "w", encoding="ascii") as full:
                self.assert_fails(run("-q", "--nccl-topo", name, self.path, stdout=full), 6)
            self.assert_untouched()

    def test_a_signal_while_the_reader_waits(self):
        """Nobody reads the pipe, so the program waits with the new file in its place."""
        self.path.write_text(DOMAIN.read_text().replace("</name>", "</name><!--" + "x" * (1 << 20) + "-->", 1))
        before = self.path.read_bytes()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGALRM,
                       signal.SIGXCPU):
            with subprocess.Popen([PROGRAM, *OPTIONS, "-q", "--nccl-topo", self.nccl, self.path],
                                  stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
                for _ in range(500):
                    if self.nccl.read_text() != "as it was":
                        break
                    time.sleep(0.01)
                process.send_signal(number)
                self.assertEqual(process.wait(timeout=30), -number)
            self.assertEqual((self.nccl.read_text(), self.path.read_bytes()), ("as it was", before))
            self.assertEqual(sorted(os.listdir(self.folder)), ["nccl.xml", "vm.xml"])

    def test_a_signal_at_any_time(self):
        for delay in range(0, 60, 4):
            with subprocess.Popen([PROGRAM, *OPTIONS, "-q", "--nccl-topo", self.nccl, "-o", self.path, DOMAIN],
                                  stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
                time.sleep(delay / 1000)
                process.terminate()
                process.wait(timeout=30)
            self.assertEqual(sorted(os.listdir(self.folder)), ["nccl.xml", "vm.xml"])


class Check(Case):
    def test_a_domain_that_would_change(self):
        result = run("--check", DOMAIN)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("would change: ", result.stderr)
        self.assertEqual(run("--check", "-q", DOMAIN).stderr, "")

    def repair(self, command, path, options=()):
        """Run it with a virsh that only notes what it is printed."""
        (self.folder / "bin").mkdir(exist_ok=True)
        virsh = self.write("bin/virsh", '#!/bin/sh\nprintf "%s\\n" "$@"\n')
        virsh.chmod(0o755)
        env = {**os.environ, "PATH": "%s:%s" % (virsh.parent, os.environ["PATH"])}
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, env=env, check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertEqual(done.stdout.splitlines(), ["define", *options, str(path)])

    def test_the_repair_that_it_names_works(self):
        path = self.copy("it's a vm.xml")
        words = ["--mirror", "numa", "--spare-ports", "1"]
        result = run("--check", path, *words)
        self.assertEqual(result.returncode, 1)
        command = result.stderr.split("to repair: ")[1]
        command = command.replace("vtopo-xml", shlex.quote(PROGRAM), 1)
        self.repair(command, path)
        result = run("--check", path, *words)
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
        self.assertNotIn("would change", result.stderr)

    def test_odd_file_names(self):
        self.copy("-x.xml")
        path = self.copy("a\nb\033.xml")
        result = run("--check", path)
        self.assertIn("a?b?.xml would change: ", result.stderr)
        self.assertNotIn("\033", result.stderr)
        result = run("--check", self.copy("a\u009b\udcff\u00e4.xml"))
        self.assertIn("a???\u00e4.xml would change: ", result.stderr)
        self.assertEqual(result.stderr.count("a???\u00e4.xml"), 3)
        self.assert_fails(run(self.folder / "no\u009bne.xml"), 6, "no??ne.xml")
        result = run("--check", "--", "-x.xml", cwd=self.folder)
        command = result.stderr.split("to repair: ")[1]
        command = command.replace("vtopo-xml", shlex.quote(PROGRAM), 1)
        self.repair(command, "-x.xml", options=["--"])
        self.assertEqual(run("--check", "--", "-x.xml", cwd=self.folder).returncode, 0)

    def test_a_domain_that_lacks_topology(self):
        """Status 8 is not 0, goes behind 1, and a strict policy refuses instead."""
        no_cells = TOP / "tests/domains/no-cells.xml"
        for path, why in ((no_cells, "it has no guest NUMA cells"),
                          (TOP / "tests/domains/pseries.xml", "its machine type is not q35, pc or aarch64's virt"),
                          (TOP / "tests/golden/qemu-device-without-bus/domain.xml", "a device of QEMU's command "),
                          (TOP / "tests/golden/qemu-reads-file/domain.xml", "QEMU reads options from a file"),
                          (TOP / "tests/golden/qemu-no-acpi/domain.xml", "it has no ACPI")):
            result = run("--check", path)
            self.assertEqual((result.returncode, result.stdout), (8, ""), result.stderr)
            self.assertIn("topology: " + why, result.stderr)
            self.assertEqual(run("--check", "-q", path).stderr, "")
            self.assertEqual(run("--check", "--diff", path).returncode, 8)
            self.assertEqual(run("--check", "--undo", path).returncode, 0)
        self.assert_fails(run("--check", "-q", "--strict", no_cells), 5, "VTOPO-0003")

    def test_cells_that_nothing_ties(self):
        text = DOMAIN.read_text(encoding="utf-8")
        text = re.sub(r" *<(memnode|vcpupin) .*\n", "", text)
        self.assertEqual(run("--check", input=text).returncode, 1)
        result = run("--check", input=run(input=text).stdout)
        self.assertEqual(result.returncode, 8, result.stderr)
        self.assertIn("host devices get no guest NUMA cell, the first is ", result.stderr)

    def test_nothing_lacks_where_somebody_decided(self):
        """Kept by policy, or nothing assigned."""
        no_cells = TOP / "tests/domains/no-cells.xml"
        places = [{"bdf": f"0000:{bus}:00.0", "keep": True} for bus in ("41", "3d", "de", "da")]
        for count, status in ((4, 0), (3, 8)):
            keep = self.write("keep.json", json.dumps({"devices": places[:count]}))
            result = plain("--host", HOST, "--config", str(keep), "--check", str(no_cells))
            self.assertEqual(result.returncode, status, result.stderr)
        text = no_cells.read_text(encoding="utf-8")
        without = re.sub(r" *<hostdev .*?</hostdev>\n", "", text, flags=re.S)
        self.assertEqual(run("--check", input=without).returncode, 0)
        other = re.sub(r"pc-q35-[0-9.]+", "ubuntu-q35", without)
        self.assertEqual(run("--check", input=other).returncode, 0)

    def test_the_repair_of_a_running_guest(self):
        """Whose XML must not be defined, wherever it is."""
        result = run("--check", TOP / "tests/domains/running.xml")
        self.assertEqual(result.returncode, 1)
        self.assertIn("to repair: virsh dumpxml --inactive --security-info VM | vtopo-xml ", result.stderr)
        self.assertTrue(result.stderr.endswith(" | virsh define /dev/stdin\n"), result.stderr)

    def test_the_repair_of_a_pipe(self):
        result = run("--check", input=DOMAIN.read_text(encoding="utf-8"))
        self.assertEqual(result.returncode, 1)
        self.assertIn("to repair: virsh dumpxml --inactive --security-info VM | vtopo-xml ",
                      result.stderr)
        self.assertTrue(result.stderr.endswith(" | virsh define /dev/stdin\n"), result.stderr)


class Encodings(Case):
    def test_what_is_not_utf8_is_refused(self):
        # of iconv, of ICU alone (which need not be there), of nobody
        for name in ("ISO-8859-1", "windows-1252", "scsu", "lmbcs-1", "x-unknown"):
            text = f"<?xml version='1.0' encoding='{name}'?>\n" + DOMAIN.read_text(encoding="utf-8")
            self.assert_fails(run(input=text), 3, name)


class Diff(Case):
    def test_shows_vtopo_lines_only(self):
        result = run("--diff", DOMAIN)
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stdout.splitlines()
        self.assertTrue(lines[0].startswith("--- ") and lines[1].startswith("+++ "), lines[:2])
        gone = [line for line in lines[2:] if line.startswith("-")]
        self.assertTrue(gone)
        self.assertTrue(all("<address " in line for line in gone), gone)

    def test_turns_the_input_into_the_output(self):
        path = self.copy()
        subprocess.run(["patch", "-s", str(path)], input=run("--diff", DOMAIN).stdout, text=True,
                       check=True)
        self.assertEqual(path.read_text(encoding="utf-8"), run(DOMAIN).stdout)

    def test_is_empty_without_a_difference(self):
        path = self.copy()
        self.assertEqual(run("--in-place", path).returncode, 0)
        for words in [["--diff"], ["--diff", "--check"]]:
            result = run(*words, path)
            self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)

    def test_with_check(self):
        result = run("--diff", "--check", DOMAIN)
        self.assertEqual((result.returncode, result.stdout), (1, run("--diff", DOMAIN).stdout))


class Validate(Case):
    def test_a_valid_domain(self):
        result = run("--validate", DOMAIN)
        self.assertEqual((result.returncode, result.stdout), (0, run(DOMAIN).stdout), result.stderr)

    def test_a_domain_that_never_was_valid(self):
        text = DOMAIN.read_text(encoding="utf-8").replace("<devices>", "<devices><toaster/>")
        self.assertEqual(run("-q", input=text).returncode, 0)
        self.assert_fails(run("--validate", input=text), 3,
                          "stdin: the domain is not valid, with or without vtopo: ")


class Undo(Case):
    def test_takes_everything_out(self):
        rewritten = run(DOMAIN).stdout
        undone = run("--undo", input=rewritten)
        self.assertEqual((undone.returncode, undone.stderr), (0, ""))
        self.assertNotIn(MARK, undone.stdout)
        self.assertEqual(run(input=undone.stdout).stdout, rewritten)

    def test_check(self):
        self.assertEqual(run("--undo", "--check", DOMAIN).returncode, 0)
        result = run("--undo", "--check", input=run(DOMAIN).stdout)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(" --undo ", result.stderr)


class Explain(Case):
    def test_the_name_cannot_drive_a_terminal(self):
        text = DOMAIN.read_text(encoding="utf-8")
        text = text.replace("<name>", "<name>&#10;&#9;&#x9b;31m&#xe9;", 1)
        first = run("--explain", input=text).stdout.splitlines()[0]
        self.assertTrue(first.startswith("????31m\u00e9"), first)

    def test_tree(self):
        result = run("--explain", DOMAIN)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("HOST", result.stdout)
        self.assertIn("VTOPO-0023", result.stdout)
        self.assertNotIn("\033", result.stdout)
        self.assertEqual(run("--explain=tree", DOMAIN).stdout, result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 100)

    def test_json(self):
        result = run("--explain=json", DOMAIN)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        plan = json.loads(result.stdout)
        self.assertEqual((plan["format"], plan["version"]), ("vtopo-plan", 1))
        self.assertEqual(plan["domain"], "full-seabios")

    def test_matrix(self):
        """Side by side where it fits; the same on a terminal but for colours; nothing of a guest that is left alone."""
        result = run("--explain=matrix", DOMAIN)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        lines = result.stdout.splitlines()
        self.assertLessEqual(max(map(len, lines)), 100)
        self.assertTrue(any("HOST" in line and "GUEST" in line for line in lines))
        self.assertIn("  GPU0   X    SYS   PXB   SYS   0-19,40-59   0      GPU0   X    SYS   PIX*  SYS   0-7          0", lines)
        status, shown = on_terminal("--explain=matrix", DOMAIN)
        self.assertEqual(status, 0)
        self.assertIn("\033[1;33mPIX*\033[0m", shown)
        self.assertEqual(re.sub("\033\\[[0-9;]*m", "", shown).replace("\r\n", "\n"), result.stdout)
        self.assertIn("left as it is", run("--explain=matrix", TOP / "tests/domains/pseries.xml").stdout)

    def test_links_of_the_host(self):
        """A table of their own, where they are neither as QEMU's nor as the file of --nccl-topo says."""
        def shown(host, domain, *words):
            result = plain("--host", str(TOP / host), "--explain", str(TOP / "tests/domains" / domain), *words)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            return result.stdout

        text = shown("tests/hosts/nested-switches.json", "nested.xml")
        self.assertIn("WITH --links host  0    1    2    3    4    5    6\n"
                      "   0 e3:00.0 GPU     .    X12  X6   X12  X12  X6   S?\n"
                      "   1 e4:00.0 GPU          .    X6   X12  X12  X6   S?\n", text)
        self.assertIn("? as fast as the processor says", text)
        text = shown("examples/hosts/hgx8.json", "hgx8.xml")
        self.assertIn("--nccl-topo, and the same with --links host", text)
        self.assertNotIn("WITH --links", text)
        policy = self.write("policy.json", '{"links": "host", "qemu_version": "10.0"}')
        text = shown("tests/hosts/nested-switches.json", "nested.xml", "--config", str(policy))
        self.assertNotIn("--links", text)

    def test_file(self):
        path = self.folder / "plan.json"
        self.assertEqual(run("--explain=json", DOMAIN, "-o", path).returncode, 0)
        self.assertEqual(path.read_text(encoding="utf-8"), run("--explain=json", DOMAIN).stdout)


class Policy(Case):
    def test_options_win_over_the_file(self):
        policy = self.write("policy.json", '{"mirror": "numa", "spare_ports": 3}')
        config = ["--host", HOST, "--config", str(policy), "--explain=json", str(DOMAIN)]
        plan = json.loads(plain(*config).stdout)
        self.assertEqual(plan["mirror"], "numa")
        self.assertTrue(any(c["spare"] for c in plan["controllers"]))
        plan = json.loads(plain(*config, "--mirror", "root", "--spare-ports", "0").stdout)
        self.assertEqual(plan["mirror"], "root")
        self.assertFalse(any(c["spare"] for c in plan["controllers"]))

    def test_default_file(self):
        """Read if it is there: in a mount namespace of its own."""
        path = plain("--help").stdout.split("policy (")[1].split(")")[0]
        top = os.path.dirname(os.path.dirname(path))
        script = "mount -t tmpfs tmpfs {} && mkdir {} && echo '{}' > {} && exec \"$@\"".format(
            shlex.quote(top), shlex.quote(os.path.dirname(path)), '{"mirrow": 1}',
            shlex.quote(path))
        if os.geteuid() != 0:
            self.skipTest("only root can make a mount namespace")
        result = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", PROGRAM, "--host", HOST,
                                 str(DOMAIN)], capture_output=True, text=True)
        self.assert_fails(result, 6, path + ":1: unknown key 'mirrow'")


def on_terminal(*words, environment=(), keys=b"", columns=0):
    """Run on a pseudo terminal, with the keys typed; gives (status, what the terminal shows)."""
    pid, terminal = pty.fork()
    if not pid:
        fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.environ["TERM"] = "xterm"
        os.environ.pop("NO_COLOR", None)
        os.environ.update(environment)
        os.execv(PROGRAM, [PROGRAM, *OPTIONS, *map(str, words)])
    shown = b""
    os.write(terminal, keys)
    while select.select([terminal], [], [], 30)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break  # the other end is closed
        if not piece:
            break
        shown += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


class Terminal(Case):
    def test_colours(self):
        status, shown = on_terminal("--explain", DOMAIN)
        self.assertEqual(status, 0)
        self.assertIn("\033[1m", shown)
        self.assertIn("\033[1;33mwarning", on_terminal(DOMAIN)[1])

    def test_no_colours(self):
        for environment in [{"NO_COLOR": "1"}, {"TERM": "dumb"}]:
            with self.subTest(environment=environment):
                for words in [["--explain", DOMAIN], [DOMAIN]]:
                    self.assertNotIn("\033", on_terminal(*words, environment=environment)[1])

    def test_an_empty_no_color_is_none(self):
        self.assertIn("\033", on_terminal("--explain", DOMAIN, environment={"NO_COLOR": ""})[1])

    def test_messages_are_wrapped(self):
        """The title first, then the sentence; all of it is there, whatever the width."""
        result = run("--check", DOMAIN)
        lines = [line for line in result.stderr.splitlines() if "VTOPO-" in line]
        self.assertTrue(lines)
        for columns in (40, 72, 100, 200):
            status, shown = on_terminal("--check", DOMAIN, columns=columns, environment={"NO_COLOR": "1"})
            self.assertEqual(status, 1)
            findings = shown.replace("\r", "")
            findings = findings[:findings.index("(vtopo-xml --help-finding")].splitlines()
            longest = max(len(line) for line in findings if " " in line.strip())
            self.assertLessEqual(longest, columns)
            words = " ".join(" ".join(findings).split())
            for line in lines:
                number, _, text = line.split(": ", 2)[2].partition(": ")
                self.assertIn(f" ({number.split()[0]}) ", words)
                self.assertIn(text, words)

    def test_a_command_to_copy_is_one_line(self):
        shown = on_terminal("--check", DOMAIN, columns=40)[1]
        self.assertRegex(shown, r"(?m)^ +vtopo-xml --host .* && virsh define \S+\r$")

    def test_a_line_each_if_it_is_no_terminal(self):
        for line in run("--check", DOMAIN).stderr.splitlines():
            self.assertTrue(line.startswith("vtopo-xml: "), line)

    def test_says_that_it_waits(self):
        status, shown = on_terminal(keys=b"<network/>\n\x04")
        self.assertEqual(status, 3)
        self.assertIn("from the terminal", shown)


def get_terminals():
    """A bare chroot has no /dev/pts: start again in a mount namespace that has one."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError as error:
        if "VTOPO_OWN_PTS" in os.environ:
            sys.exit(f"no pseudo-terminals: {error}")
        os.environ["VTOPO_OWN_PTS"] = "1"
        os.execvp("unshare", ["unshare", "-m", "sh", "-c",
                              'mount -t devpts devpts /dev/pts && exec "$@"', "sh",
                              sys.executable, *sys.argv])


class HelpFinding(unittest.TestCase):
    def test_spellings_of_an_id(self):
        printed = plain("--help-finding", "VTOPO-0033")
        self.assertEqual((printed.returncode, printed.stderr), (0, ""))
        self.assertTrue(printed.stdout.startswith("VTOPO-0033: "))
        self.assertLessEqual(max(map(len, printed.stdout.splitlines())), 80)
        for word in ("33", "033", "0033", "vtopo-0033", "VTOPO-33"):
            self.assertEqual(plain("--help-finding", word).stdout, printed.stdout)

    def test_what_is_no_finding(self):
        for word in ("", "0", "9999", "VTOPO-", "00033", "-1", "33x", "VTOPO-VTOPO-33"):
            printed = plain("--help-finding=" + word)
            self.assertEqual((printed.returncode, printed.stdout), (2, ""))
            self.assertIn(f"there is no finding '{word}'", printed.stderr)


if __name__ == "__main__":
    get_terminals()
    unittest.main()
