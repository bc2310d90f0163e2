#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_vtopod_killed.py - vtopod killed at each step of a rewrite: the old definition stands or the new one, and nothing is lost

Takes:  VTOPOD, VTOPO_XML: the programs; root, libvirtd, QEMU (TCG), strace, which kills it at a call.
Gives:  for each call of a rewrite that changes something outside (folders, files, what is sent to libvirt): what the definition is
        after a SIGKILL there, whether the VM starts, and whether the next vtopod goes on from there.
Rule:   which calls there are is read from a trace, so that a new step is a new kill.  A call that is numbered otherwise in one
        run than in another is another kill, and just as good.

usage: test_vtopod_killed.py [--all] [TEST...]: with --all at every call of a rewrite, whatever it does
"""

import re
import signal
import sys
import unittest

import vtopod
from vtopod import wait_until

import libvirtd

CALL = re.compile(r"^(\w+)\((.*)$")
ALL = False


def changes_something(name, rest, libvirt):
    """Files and folders, and what is sent to libvirt, or comes from there."""
    if name == "write":
        return not re.search(r", 8\) += 8$", rest)  # those wake the event loop
    if name == "openat":
        return "O_CREAT" in rest
    return name in ("mkdir", "renameat", "unlinkat", "fsync") or (name == "read" and rest.startswith("%s," % libvirt))


class Killed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = libvirtd.Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()
        some = vtopod.Vtopod(cls.daemon)
        cls.text = some.left_over("vm")
        some.close()

    def fresh(self):
        """A VM that is to be rewritten, a vtopod that knows nothing."""
        self.vtopod = vtopod.Vtopod(self.daemon)
        self.addCleanup(self.vtopod.close)
        self.addCleanup(self.vtopod.forget_all)
        self.daemon.define(self.text)
        return self.vtopod.dump("vm")

    def forget(self):
        self.vtopod.forget_all()
        self.vtopod.close()

    def trace(self):
        """[(call, its number among those of its name)] of a rewrite, from the note for the hook to the end of that."""
        self.fresh()
        path = self.vtopod.work / "trace"
        self.vtopod.start("strace", "-D", "-o", str(path))
        wait_until(lambda: re.search(r"unlinkat.*\.pending\", 0\) = 0\n", path.read_text()))
        self.vtopod.stop()
        counts, found, begun = {}, [], False
        text = path.read_text()
        # its messages: how long, then the number of libvirt's protocol, 0x20008086
        libvirt = re.search(r'^write\((\d+), "\\0\\0\\\d\S* \\0\\200\\206', text, re.M)[1]
        for line in text.splitlines():
            match = CALL.match(line)
            if not match:
                continue
            name, rest = match.groups()
            counts[name] = counts.get(name, 0) + 1
            begun = begun or ".pending.new" in rest
            if begun and (ALL or changes_something(name, rest, libvirt)):
                found.append((name, counts[name]))
            if re.search(r"\.pending\", 0\) = 0$", rest):
                break
        self.forget()
        return found

    def kill_at(self, name, number):
        """What stands then."""
        before = self.fresh()
        self.vtopod.start("strace", "-D", "-o", "/dev/null", "-e", "trace=" + name, "-e",
                          "inject=%s:signal=KILL:when=%d" % (name, number), ready=False)
        status = self.vtopod.process.wait(timeout=vtopod.SECONDS)
        self.assertEqual(status, -signal.SIGKILL, self.vtopod.said)
        found = self.vtopod.dump("vm")
        self.assertTrue(found == before or self.vtopod.is_rewritten("vm"))
        self.vtopod.starts("vm")
        after = self.vtopod.dump("vm")
        is_old = after == before
        self.assertTrue(is_old or self.vtopod.is_rewritten("vm"))
        self.assertIn(found, (before, after))  # what was sent may have been read only now: from the old one to the new one, not back
        if not is_old:  # what was replaced is kept
            self.assertEqual(self.vtopod.kept()[0].rstrip("\n") + "\n", before)
        self.go_on(before)
        self.forget()
        return is_old

    def go_on(self, before):
        """The next one ends it, or finds that it is done; what was there is kept, and no half of a file counts."""
        self.vtopod.start()
        self.assertTrue(self.vtopod.is_rewritten("vm"), self.vtopod.said)
        self.assertEqual([text.rstrip("\n") + "\n" for text in self.vtopod.kept()], [before])
        self.assertIsNone(self.vtopod.note("vm", "pending"))
        self.assertRegex("\n".join(self.vtopod.remembered("vm")), "^done [0-9a-f]{32}$")
        self.vtopod.stop()

    def test_each_step(self):
        steps = self.trace()
        print("%d calls: %s" % (len(steps), " ".join("%s:%d" % step for step in steps)), flush=True)
        self.assertGreater(len(steps), 20)
        results = [self.kill_at(*step) for step in steps]
        print("killed at %d calls: the old definition stands after %d of them, the new one after %d" % (
            len(results), results.count(True), results.count(False)), flush=True)
        self.assertTrue(results[0])
        self.assertFalse(results[-1])
        self.assertGreater(results.count(False), 3)

    def test_killed_again_and_again(self):
        """Before it can finish: after a few times it is left alone, and that is said."""
        self.fresh()
        for _ in range(3):
            self.vtopod.start("strace", "-D", "-o", "/dev/null", "-e", "trace=renameat", "-e", "inject=renameat:signal=KILL:when=3",
                              ready=False)
            self.assertEqual(self.vtopod.process.wait(timeout=vtopod.SECONDS), -signal.SIGKILL)
        before = self.vtopod.dump("vm")
        self.vtopod.start()
        self.vtopod.wait_said("it was tried several times")
        self.assertEqual(self.vtopod.dump("vm"), before)
        self.vtopod.starts("vm")


if __name__ == "__main__":
    if "--all" in sys.argv:
        sys.argv.remove("--all")
        ALL = True
    unittest.main()
