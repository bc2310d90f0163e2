#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_cloudstack.py - hooks/cloudstack/libvirt-vm-xml-transformer.groovy, run by Debian's groovy as CloudStack's agent runs it

Takes:  VTOPO_XML; groovy and Java; root, libvirtd.
Rule:   doors/cloudstack_agent.groovy does what the agent does.  A machine has one encoding and the agent another one: ASCII here.
        All starts of a test are one run, as Java takes seconds.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import doors
import libvirtd

SCRIPT = doors.HOOKS / "cloudstack/libvirt-vm-xml-transformer.groovy"
AGENT = doors.DOMAINS / "cloudstack_agent.groovy"
UNCHANGED = "WARN vtopo: the VM starts as it was: "


def java():
    """Where groovy looks for Java, if that is not installed as Debian's default."""
    if pathlib.Path("/usr/lib/jvm/default-java/bin/java").exists():
        return {}
    found = subprocess.run(["readlink", "-f", "/usr/bin/java"], capture_output=True, text=True, check=True).stdout.strip()
    return {"JAVA_HOME": str(pathlib.Path(found).parent.parent)}


class Cloudstack(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vtopo-cloudstack-")
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)
        (self.work / "policy.json").write_text('{"cells": "make"}')
        self.programs = doors.Programs(self.work, "--config", str(self.work / "policy.json"))
        self.hooks = self.put("hooks", SCRIPT.read_text(encoding="utf-8"))
        self.domain = doors.domain("cloudstack")

    def put(self, folder, text):
        """A folder of hooks."""
        (self.work / folder).mkdir()
        (self.work / folder / SCRIPT.name).write_text(text, encoding="utf-8")
        return self.work / folder

    def start(self, *machines):
        """Of each (folder, domain): what is started, and what is logged meanwhile."""
        words = []
        for number, (folder, text) in enumerate(machines):
            (self.work / ("%d.xml" % number)).write_text(text, encoding="utf-8")
            words += [folder, self.work / ("%d.xml" % number), self.work / ("%d.out" % number)]
        done = subprocess.run(["groovy", AGENT, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
                              env={**self.programs.environment(), **java(), "LC_ALL": "C", "HOME": str(self.work)})
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        logs = done.stderr.split("END\n")
        self.assertEqual(logs.pop(), "")
        self.assertEqual(len(logs), len(machines))
        return [((self.work / ("%d.out" % number)).read_text(encoding="utf-8"), log) for number, log in enumerate(logs)]

    def test_starts(self):
        """A VM with devices, one without (a system VM), others; libvirt takes what is started."""
        plain = (doors.TOP / "tests/domains/forty.xml").read_text(encoding="utf-8")
        large = self.domain.replace("<devices>", "<!--%s-->\n<devices>" % ("ä" * 400000), 1)
        none = re.sub(r"(?s)<hostdev.*</hostdev>\n", "", self.domain)
        texts = [self.domain, none, plain, large]
        bad = ["<domain", self.domain.replace("0x41", "0x42")]
        found = self.start(*((self.hooks, text) for text in texts + bad))
        self.assertEqual(found[:4], [(self.programs.rewrite(text), "") for text in texts])
        self.assertEqual(found[1][0], none)
        for (result, log), text, status in zip(found[4:], bad, (3, 4)):
            self.assertEqual(result, text)
            self.assertRegex(log, r"^WARN vtopo-xml: .*\n%svtopo-xml ended with status %d\n$" % (UNCHANGED, status))
        self.assertIn("ua-vtopo-", found[0][0])
        with libvirtd.Daemon() as daemon:
            self.assertEqual(doors.nodes(doors.define(daemon, found[0][0])), doors.NODES)

    def test_what_fails(self):
        """The VM starts as it was, and the log says why."""
        programs = (("exit 0", "vtopo-xml printed nothing"), ("kill -9 $$", "vtopo-xml ended with status 137"),
                    ("echo '<domain/>'; exit 1", "vtopo-xml ended with status 1"),
                    ("cat >/dev/null; exec 0<&- 1>&- 2>&-; exit 5", "vtopo-xml ended with status 5"),
                    ("rm $0; exit 6", "vtopo-xml ended with status 6"), ("", "java.io.IOException: .*"))
        # A program that is another one each time, and then it is gone.
        turn = self.work / "turn"
        turn.write_text("0\n")
        cases = "".join("%d) %s;;\n" % (number, program) for number, (program, _) in enumerate(programs))
        self.programs.put("read n <%s; echo $((n + 1)) >%s\ncase $n in\n%sesac" % (turn, turn, cases))
        for (result, log), (_, said) in zip(self.start(*[(self.hooks, self.domain)] * len(programs)), programs):
            self.assertRegex(log, "^%s%s\n$" % (UNCHANGED, said))
            self.assertEqual(result, self.domain)

    def test_a_program_that_hangs(self):
        """With a limit of one second in the place of ten, and more XML than a pipe takes."""
        text = SCRIPT.read_text(encoding="utf-8")
        self.assertIn("int SECONDS = 10\n", text)
        hooks = self.put("quick", text.replace("int SECONDS = 10\n", "int SECONDS = 1\n"))
        self.programs.put("trap '' TERM\nwhile :; do sleep 10; done")
        large = self.domain + "<!--%s-->\n" % ("x" * 400000)
        for (result, log), text in zip(self.start((hooks, large), (hooks, self.domain)), (large, self.domain)):
            self.assertEqual(result, text)
            self.assertEqual(log, UNCHANGED + "vtopo-xml did not end in 1 seconds\n")

    def test_other_scripts(self):
        """What is wrong with the script itself stops no start, either."""
        texts = ("this is no Groovy {", "null", "throw new RuntimeException('x')", "new Object()", "")
        folders = [self.put("other%d" % number, text) for number, text in enumerate(texts)] + [self.work / "none"]
        for result, log in self.start(*((folder, self.domain) for folder in folders)):
            self.assertEqual(result, self.domain)
            self.assertNotEqual(log, "")


if __name__ == "__main__":
    if not doors.XML:
        sys.exit("VTOPO_XML is not set")
    os.environ.pop("JAVA_HOME", None)
    unittest.main()
