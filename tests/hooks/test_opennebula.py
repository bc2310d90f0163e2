#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_opennebula.py - hooks/opennebula/make-driver, and a deploy with what it makes, which a real libvirtd is asked to create

Takes:  VTOPO_XML; root, libvirtd, QEMU (TCG).
Rule:   DEPLOY does what OpenNebula's script of that name does with the domain (src/vmm_mad/remotes/kvm/deploy): from stdin to a file,
        virsh create, the UUID as the last line; 255 if virsh fails.  A VM with host devices is not created where there are none; what
        libvirt would have started is what stands in the file then.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import doors
import libvirtd
from test_qemu_hook import GUEST

DEPLOY = r"""#!/bin/bash
source $(dirname $0)/../../etc/vmm/kvm/kvmrc

DEP_FILE=$1

mkdir -p $(dirname $DEP_FILE)
cat > $DEP_FILE

# virsh create $DEP_FILE comes later
DATA=`virsh --connect $LIBVIRT_URI create $DEP_FILE`

if [ "x$?" != "x0" ]; then
    echo "Could not create domain from $DEP_FILE" 1>&2
    exit -1
fi

NAME=$(sed -n 's,.*<name>\(.*\)</name>.*,\1,p' $DEP_FILE)
virsh --connect $LIBVIRT_URI domuuid $NAME | head -n 1
"""
MAKE = doors.HOOKS / "opennebula/make-driver"


class OpenNebula(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vtopo-opennebula-")
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)
        self.programs = doors.Programs(self.work)
        self.remotes = self.work / "remotes"
        self.kvm, self.made = self.remotes / "vmm/kvm", self.remotes / "vmm/kvm-vtopo"
        self.kvm.mkdir(parents=True)
        self.script(self.kvm / "deploy", DEPLOY)
        self.script(self.kvm / "shutdown", "#!/bin/sh\n")

    @staticmethod
    def script(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def make(self, status=0):
        done = subprocess.run(["sh", MAKE, self.remotes], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout + done.stderr

    def lines(self):
        """What of deploy is not OpenNebula's."""
        text = (self.made / "deploy").read_text(encoding="utf-8")
        before, _, after = text.partition("timeout -k")
        line, _, rest = after.partition("DATA=")
        self.assertEqual(before + "DATA=" + rest, (self.kvm / "deploy").read_text(encoding="utf-8"))
        return "timeout -k" + line

    def deploy(self, text, uri):
        self.script(self.remotes / "etc/vmm/kvm/kvmrc", "export LIBVIRT_URI='%s'\n" % uri)
        file = self.work / "datastores/0/15/deployment.0"
        done = subprocess.run([self.made / "deploy", file, "host"], input=text, capture_output=True, text=True, check=False,
                              env=self.programs.environment(), timeout=120)
        self.assertEqual(os.listdir(file.parent), [file.name])
        return done, file.read_text(encoding="utf-8")

    def test_driver(self):
        """A copy with the line that README shows; made again it is the same, and follows what has changed."""
        self.assertIn("is made", self.make())
        readme = (MAKE.parent / "README.md").read_text(encoding="utf-8")
        self.assertIn("".join("    %s\n" % line for line in self.lines().splitlines()), readme)
        self.assertEqual(os.listdir(self.made), os.listdir(self.kvm))
        self.assertTrue(os.access(self.made / "deploy", os.X_OK))
        self.script(self.kvm / "new", "#!/bin/sh\n")
        before = self.lines()
        self.make()
        self.assertEqual(self.lines(), before)
        self.assertTrue((self.made / "new").exists())
        self.script(self.kvm / "deploy", DEPLOY.replace("create $DEP_FILE`", 'create "$DEP_FILE"`'))
        self.make()
        self.assertEqual(self.lines(), before)
        self.assertEqual(sorted(os.listdir(self.remotes / "vmm")), ["kvm", "kvm-vtopo"])

    def test_driver_of_another_kind(self):
        """Nothing is made, and what was there stays."""
        self.make()
        before = self.lines()
        for text in (DEPLOY.replace("virsh --connect $LIBVIRT_URI create", "qemu"), DEPLOY + DEPLOY, ""):
            self.script(self.kvm / "deploy", text)
            self.assertIn("not as expected", self.make(status=1))
            self.script(self.kvm / "deploy", DEPLOY)
            self.assertEqual(self.lines(), before)
        (self.kvm / "deploy").unlink()
        self.assertIn("there is no", self.make(status=1))
        self.assertEqual(sorted(os.listdir(self.remotes / "vmm")), ["kvm", "kvm-vtopo"])

    def test_deploy(self):
        """libvirt creates what deploy has rewritten, or says what it lacks; OpenNebula's own expanders are taken over."""
        self.make()
        text = doors.domain("opennebula").replace("type='kvm'", "type='qemu'").replace("<cpu mode='host-passthrough'>", "<cpu>")
        with libvirtd.Daemon() as daemon:
            uri = "qemu+unix:///system?socket=%s" % daemon.socket
            done, created = self.deploy(text, uri)
            self.assertEqual(created, self.programs.rewrite(text, "--adopt"))
            self.assertNotEqual(created, self.programs.rewrite(text))
            self.assertEqual((done.returncode, done.stdout), (255, ""))
            self.assertIn("Could not create domain from", done.stderr)
            self.assertNotIn("vtopo: ", done.stderr)
            self.assertEqual(doors.nodes(doors.define(daemon, created)), doors.NODES)

            done, created = self.deploy(GUEST % ("one-15", ""), uri)
            self.assertEqual((done.returncode, done.stderr, created), (0, "", GUEST % ("one-15", "")))
            self.assertRegex(done.stdout, r"\A[0-9a-f-]{36}\n\Z")
            self.assertEqual(daemon.virsh("domstate", "one-15").strip(), "running")
            daemon.virsh("destroy", "one-15")

            for program, status in ((None, 127), ("exit 5", 5)):
                self.programs.put(program)
                done, created = self.deploy(GUEST % ("one-15", ""), uri)
                self.assertEqual((done.returncode, created), (0, GUEST % ("one-15", "")))
                self.assertRegex(done.stderr, r"vtopo: the VM starts as it was \(vtopo-xml ended with status %d\)\n\Z" % status)
                daemon.virsh("destroy", "one-15")


if __name__ == "__main__":
    if not doors.XML:
        sys.exit("VTOPO_XML is not set")
    unittest.main()
