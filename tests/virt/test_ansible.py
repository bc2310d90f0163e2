#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_ansible.py - examples/ansible/vtopo.yml, played on this machine with a libvirtd of its own, and played again

Takes:  VTOPO_DEFINE, VTOPO_HOST, VTOPO_HOOK_QEMU, VTOPO_50: the programs; ansible-playbook; root, libvirtd.
Rule:   the daemon's mount namespace, with an /etc of the test's own above this machine's; no service is restarted, no package installed.
Not here: packages (tests/packages).
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "hooks"))
import layout  # noqa: E402
import libvirtd  # noqa: E402
from test_qemu_hook import GPU, GUEST, TWO_DPU  # noqa: E402

PLAYBOOK = TESTS.parent / "examples/ansible/vtopo.yml"
DEFINE, HOST, HOOK = (os.environ.get(name) for name in ("VTOPO_DEFINE", "VTOPO_HOST", "VTOPO_HOOK_QEMU"))
INSIDE = """work=$1
shift
mkdir -p "$work/upper" "$work/overlay" "$work/home"
mount -t overlay -o lowerdir=/etc,upperdir="$work/upper",workdir="$work/overlay" overlay /etc &&
    mount --bind "$work/etc/libvirt" /etc/libvirt && exec "$@"
"""


class Ansible(unittest.TestCase):
    def play(self, daemon, *words):
        """What is said, and how many tasks changed something."""
        environment = {**os.environ, "HOME": str(daemon.work / "home"), "PATH": "%s/usr/bin:/usr/bin:/bin:/usr/sbin:/sbin" % daemon.work,
                       "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_NO_TARGET_SYSLOG": "1"}
        inside = self.child(daemon)
        done = subprocess.run(["nsenter", "-t", str(inside), "-m", "-r", "-w", "unshare", "-m", "/bin/sh", "-c", INSIDE, "sh", daemon.work,
                               "ansible-playbook", "-i", daemon.work / "inventory", "--skip-tags", "restart", PLAYBOOK, *words],
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout, int(re.search(r"changed=(\d+)", done.stdout).group(1))

    @staticmethod
    def child(daemon):
        """A process of the daemon's namespace: unshare has become libvirtd."""
        return daemon.process.pid

    def test_play(self):
        with libvirtd.Daemon() as daemon:
            prefix = daemon.work / "usr"
            layout.install(prefix, HOOK, pathlib.Path(os.environ["VTOPO_50"]).read_text(encoding="utf-8"))
            for name, program, more in (("vtopo-define", DEFINE, "--host %s --history %s/history" % (TWO_DPU, daemon.work)),
                                        ("vtopo-host", HOST, "")):
                (prefix / "bin" / name).write_text('#!/bin/sh\nexec %s %s "$@"\n' % (program, more))
                (prefix / "bin" / name).chmod(0o755)
            (daemon.work / "inventory").write_text("[libvirt_hosts]\nlocalhost ansible_connection=local ansible_become=false\n")
            daemon.define(GUEST % ("gpu", GPU))
            daemon.define(GUEST % ("plain", ""))
            words = ["-e", '{"vtopo_policy": {"mirror": "root"}, "vtopo_define": ["gpu", "plain"]}']
            said, changed = self.play(daemon, *words)
            # The policy and its folder, the hook, the VM.
            self.assertEqual(changed, 4, said)
            self.assertIn("ua-vtopo-", daemon.virsh("dumpxml", "gpu"))
            self.assertEqual((daemon.hooks / "qemu.d/50-vtopo").read_text(), (prefix / "share/vtopo/50-vtopo").read_text())
            self.assertEqual((daemon.work / "upper/vtopo/vtopo.json").read_text().split(), ["{", '"mirror":', '"root"', "}"])
            said, changed = self.play(daemon, *words)
            self.assertEqual(changed, 0, said)
            _, changed = self.play(daemon, "-e", "{vtopo_hook: false}", "--tags", "hook")
            self.assertEqual(changed, 1)
            self.assertFalse((daemon.hooks / "qemu.d").exists())


if __name__ == "__main__":
    if not DEFINE or not HOST or not HOOK or not os.environ.get("VTOPO_50"):
        sys.exit("VTOPO_DEFINE, VTOPO_HOST, VTOPO_HOOK_QEMU or VTOPO_50 is not set")
    unittest.main()
