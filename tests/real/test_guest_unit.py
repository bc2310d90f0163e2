#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_guest_unit.py - the unit vtopo-guest.service in a booted Debian of this machine's own release

Takes:  VTOPO_XML; a build, of which the component "guest" is installed; root, debootstrap, libvirt, QEMU (TCG), a kernel
        with its modules, mke2fs.
Gives:  what systemd, the journal and the folder of NCCL's file say after a boot, after each other start of the unit, in a
        guest that is not as planned, and in one to which nothing was delivered; the unit's score in systemd-analyze.
Rule:   the root has systemd, kmod and what every Debian has, and no udev.  Newer versions of systemd load qemu_fw_cfg themselves,
        so the module is taken out for one start: older ones need the unit for it.  The disk is one of the emulated devices
        that stand for the assigned ones (test_deliver.py), so that nothing is added to the domain.
Not here: vtopo-guest's other cases (host/test_guest.py); the texts that are delivered (test_deliver.py).

usage: test_guest_unit.py --build DIR --root DIR [--suite DEBIAN] [--cmake PROGRAM]
Exit: never skipped: the mirror is the one that this machine's own packages come from.
"""

import argparse
import base64
import concurrent.futures
import json
import os
import pathlib
import platform
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import domaincopy  # noqa: E402
import guest  # noqa: E402
import libvirt  # noqa: E402
import test_deliver  # noqa: E402

XML = os.environ.get("VTOPO_XML")
TOOLS = HERE.parent / "tools"
PACKAGES = ["systemd-sysv", "kmod"]
LEFT_OUT = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/perl*", "usr/lib/*/perl*", "var/cache",
            "var/lib/apt", "var/lib/dpkg", "proc/*", "sys/*", "run/*"]
MODULES = ["kernel/drivers/firmware/qemu_fw_cfg.ko*", "modules.order", "modules.builtin*"]
FILE = test_deliver.NCCL
SCORE_MAX = 1.5
SECONDS = 300
SIGNATURE = 0x76746f70
SECTOR, FIRST = 512, 2048
DISK_MIB = 384

# Units as other people write them: one that says nothing of vtopo starts when NCCL's file is there.
JOB = """[Unit]
Description=Somebody's job
[Service]
Type=oneshot
ExecStart=/bin/sh -c '[ ! -e %s ] || cp %s /root/job'
[Install]
WantedBy=multi-user.target
""" % (FILE, FILE)
TEST = """[Unit]
Description=What this test looks at
After=job.service
[Service]
Type=oneshot
ExecStart=/bin/sh /root/steps
TimeoutStartSec=infinity
[Install]
WantedBy=multi-user.target
"""
# Standard output is a serial port of its own: lines "step NAME", then what is found.
STEPS = r"""
exec >/dev/ttyS1 2>&1
stty -F /dev/ttyS1 -opost
unit=vtopo-guest.service folder=/run/nvidia-topologyd
file=$folder/virtualTopology.xml
step() {
    echo "step $1"
    systemctl show -p ActiveState -p Result -p ExecMainStatus -p ConditionResult -p InvocationID $unit | sed 's/^/unit /'
    id=$(systemctl show -P InvocationID $unit)
    journalctl --sync
    journalctl -q -o json -t vtopo-guest ${id:+_SYSTEMD_INVOCATION_ID=$id} | sed 's/^/journal /'
    [ ! -d $folder ] || ls -A $folder | sed 's/^/left /'
    [ ! -f $file ] || echo "file $(stat -c '%i %Y %a %u %g' $file) $(base64 -w 0 $file)"
}
again() { systemctl reset-failed $unit; systemctl restart $unit; }  # however fast this machine is
step boot
[ ! -e /root/job ] || echo "job $(base64 -w 0 /root/job)"
echo "system $(systemctl list-units --failed --plain --no-legend | tr "\n" " ")"
lsmod | grep -q qemu_fw_cfg && echo module
vtopo-compare >/dev/null 2>&1; echo "compare $?"
[ ! -e /root/more ] || . /root/more
sync
echo VTOPO-END >/dev/ttyS0
"""
MORE = r"""
again; step restart
rmmod qemu_fw_cfg; ls /sys/firmware/qemu_fw_cfg 2>/dev/null; again; step module
echo theirs >$file; again; step other
echo theirs >/root/theirs; ln -sf /root/theirs $file; again; step link
cat /root/theirs | sed 's/^/target /'
ln -sf /root/missing $file; again; step dangling
[ -e /root/missing ] && echo followed
rm $file; mkdir $file; again; step folder
rmdir $file; mkfifo $file; again; step fifo
rm $file; chmod 777 $folder; again; step shared
rmdir $folder; mkdir /root/elsewhere; ln -s /root/elsewhere $folder; again; step elsewhere
ls -A /root/elsewhere | sed 's/^/left /'
rm $folder; again; step mended
"""


def run(*words, **rest):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **rest)
    if done.returncode:
        raise AssertionError("%s:\n%s" % (" ".join(map(str, words)), done.stdout))
    return done.stdout


def make_root(root, suite):
    done = subprocess.run(["sh", str(TOOLS / "make-root"), suite, root, *PACKAGES], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit("no root to boot: " + done.stderr.strip())


class Image:
    """A copy of the root with the guest's part of vtopo installed and enabled, and a disk of it."""

    def __init__(self, work, root, build, cmake):
        self.root = pathlib.Path(work, "root")
        self.root.mkdir()
        with subprocess.Popen(["tar", "-c", "-C", root, *("--exclude=./" + name for name in LEFT_OUT), "."],
                              stdout=subprocess.PIPE) as tar:
            subprocess.run(["tar", "-x", "-C", self.root], stdin=tar.stdout, check=True)
        run(cmake, "--install", build, "--component", "guest", env={**os.environ, "DESTDIR": str(self.root)})
        self.add_modules()
        for name, text in (("root/steps", STEPS), ("etc/systemd/system/job.service", JOB),
                           ("etc/systemd/system/test.service", TEST), ("etc/machine-id", "0" * 31 + "1\n")):
            (self.root / name).write_text(text, encoding="utf-8")
        self.inside("systemctl", "enable", "vtopo-guest", "job", "test")

    def inside(self, *words):
        return run("chroot", self.root, *words, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})

    def add_modules(self):
        source = pathlib.Path(guest.find_modules() or sys.exit("the modules of the kernel are missing"))
        version = source.name
        for pattern in MODULES:
            for path in source.glob(pattern):
                target = self.root / "usr/lib/modules" / version / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        self.inside("depmod", version)

    def write(self, path, more):
        """A disk with one partition, whose name the kernel knows without udev."""
        (self.root / "root/more").unlink(missing_ok=True)
        if more:
            (self.root / "root/more").write_text(MORE, encoding="utf-8")
        with open(path, "wb") as disk:
            disk.truncate(DISK_MIB << 20)
            disk.seek(440)
            sectors = (DISK_MIB << 20) // SECTOR - FIRST
            disk.write(struct.pack("<IHB3sB3sII", SIGNATURE, 0, 0, bytes(3), 0x83, bytes(3), FIRST, sectors))
            disk.seek(510)
            disk.write(b"\x55\xaa")
        run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-E", "offset=%d" % (FIRST * SECTOR), "-d", self.root, path,
            "%dk" % (sectors // 2))


class Step:
    """What was found after one start of the unit."""

    def __init__(self, text):
        self.name, _, rest = text.partition("\n")
        self.unit, self.journal, self.left, self.file, self.rest = {}, [], [], None, []
        for line in rest.splitlines():
            kind, _, words = line.partition(" ")
            if kind == "unit":
                name, _, value = words.partition("=")
                self.unit[name] = value
            elif kind == "journal":
                self.journal.append(json.loads(words))
            elif kind == "left":
                self.left.append(words)
            elif kind == "file":
                *self.status, content = words.split(" ")
                self.file = base64.b64decode(content)
            else:
                self.rest.append(line)

    def lines(self):
        """(level, line) of the journal."""
        return [(int(entry["PRIORITY"]), entry["MESSAGE"]) for entry in self.journal]


class Boot:
    def __init__(self, disk, arguments, assigned, texts):
        self.started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="vtopo-unit-") as work:
            name = sorted(assigned)[0]
            words = guest.for_tcg(arguments, "seabios", work, assigned, kernel=False, disks={name: disk})
            words += ["-kernel", guest.find_kernel(), "-append", "%s root=PARTUUID=%08x-01 rw" % (
                guest.COMMAND_LINE, SIGNATURE), "-serial", "file:" + os.path.join(work, "found")]
            for name, text in texts.items():
                words += ["-fw_cfg", "name=opt/org.vtopo/%s,string=%s" % (name, text.replace(",", ",,"))]
            found = pathlib.Path(work, "found")
            try:
                guest.run(words, work, "VTOPO-END", SECONDS)
            except guest.GuestError as error:
                raise guest.GuestError("%s\nfound so far:\n%s" % (error, found.read_text(errors="replace"))) from error
            text = found.read_text(encoding="utf-8")
        self.steps = {step.name: step for step in map(Step, re.split("^step ", text, flags=re.M)[1:])}
        self.seconds = time.monotonic() - self.started
        print("booted and looked at %s in %.0f s" % (", ".join(self.steps), self.seconds), flush=True)


class Unit(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        libvirt.require("qemu-system-x86_64", "mke2fs")
        source = libvirt.for_this_machine(test_deliver.DOMAIN.read_text(encoding="utf-8"))
        done = subprocess.run([XML, "-q", "--host", test_deliver.HOST, "--deliver", "nccl,plan"], input=source, text=True,
                              capture_output=True, check=True)
        texts = test_deliver.entries(done.stdout)
        with libvirt.Libvirt() as virt:
            copy, names = domaincopy.copy(virt.define_and_dump(done.stdout))
            arguments = virt.native(copy)
        assigned = {i: guest.stands_for(name) for i, name in names.items()}
        plan = json.loads(texts["plan.json"])
        for device in plan["devices"]:
            device.update(vendor_device=None, link=None)
        cls.count = len(plan["devices"])
        cls.nccl = texts["nccl-topo.xml"]
        right = dict(texts, **{"plan.json": json.dumps(plan)})
        plan["devices"][0]["cell"] = 1 - plan["devices"][0]["cell"]
        wrong = dict(texts, **{"plan.json": json.dumps(plan)})
        with tempfile.TemporaryDirectory(prefix="vtopo-disk-") as work:
            cls.image = image = Image(work, ARGUMENTS.root, ARGUMENTS.build, ARGUMENTS.cmake)
            cls.score = cls.judge(image)
            first, second = (os.path.join(work, name) for name in ("first", "second"))
            image.write(first, True)
            image.write(second, False)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                boots = [pool.submit(Boot, first, arguments, assigned, right),
                         pool.submit(lambda: [Boot(second, arguments, assigned, texts) for texts in ({}, wrong)])]
                cls.right = boots[0].result()
                cls.nothing, cls.wrong = boots[1].result()

    @staticmethod
    def judge(image):
        """What systemd itself thinks of the unit."""
        image.inside("systemd-analyze", "verify", "--man=no", "vtopo-guest.service")
        text = image.inside("systemd-analyze", "security", "--offline=true", "--no-pager", "vtopo-guest.service")
        print(text.strip().splitlines()[-1], flush=True)
        return float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", text)[1])

    def expect(self, step, level, line, status=0, state="active"):
        """The unit's start ended like this, and the journal has this line and no other."""
        self.assertEqual(step.unit["ActiveState"], state, step.name)
        self.assertEqual(step.unit["ExecMainStatus"], str(status), step.name)
        self.assertEqual(step.unit["ConditionResult"], "yes", step.name)
        self.assertEqual(step.lines(), [(level, line)], step.name)
        self.assertEqual({entry["_SYSTEMD_UNIT"] for entry in step.journal}, {"vtopo-guest.service"})

    def line(self, nccl):
        return "all %d are as planned; %s %s" % (self.count, nccl, FILE)

    def test_score(self):
        self.assertLessEqual(self.score, SCORE_MAX)

    def test_1_boot(self):
        """NCCL's file is there before services that know nothing of vtopo start, and nothing failed."""
        step = self.right.steps["boot"]
        self.expect(step, 6, self.line("NCCL's topology is in"))
        self.assertEqual(step.file, self.nccl.encode())
        self.assertEqual((step.left, step.status[2:]), (["virtualTopology.xml"], ["644", "0", "0"]))
        job = base64.b64encode(self.nccl.encode()).decode()
        self.assertEqual(step.rest, ["job " + job, "system ", "module", "compare 0"])

    def test_2_another_start(self):
        """It changes nothing, and loads the module where that is not."""
        before = self.right.steps["boot"]
        for name in ("restart", "module"):
            step = self.right.steps[name]
            self.assertNotEqual(step.unit["InvocationID"], before.unit["InvocationID"])
            self.expect(step, 6, self.line("NCCL's topology is in"))
            self.assertEqual((step.file, step.status, step.left, step.rest), (before.file, before.status, before.left, []))

    def test_3_what_others_put_there(self):
        steps = self.right.steps
        for name in ("other", "link", "dangling", "folder", "fifo"):
            self.expect(steps[name], 5, self.line("a topology of somebody else stays in"))
            self.assertEqual(steps[name].left, ["virtualTopology.xml"])
        self.assertEqual((steps["other"].file, steps["link"].file), (b"theirs\n", b"theirs\n"))
        self.assertEqual((steps["link"].rest, steps["dangling"].rest), (["target theirs"], []))

    def test_4_folders_of_others(self):
        steps = self.right.steps
        self.expect(steps["shared"], 4, self.line("nothing is written where others may write:"))
        self.assertEqual(steps["shared"].left, [])
        self.expect(steps["elsewhere"], 3, "vtopo-guest: cannot use /var/run/nvidia-topologyd: Not a directory", 6, "failed")
        self.assertEqual((steps["elsewhere"].unit["Result"], steps["elsewhere"].left), ("exit-code", []))
        self.expect(steps["mended"], 6, self.line("NCCL's topology is in"))
        self.assertEqual(steps["mended"].file, self.nccl.encode())

    def test_5_not_as_planned(self):
        step = self.wrong.steps["boot"]
        self.expect(step, 4, "1 of %d are not as planned (vtopo-compare says which); NCCL's topology is in %s" % (
            self.count, FILE), 1)
        self.assertEqual((step.file, step.rest[1:]), (self.nccl.encode(), ["system ", "module", "compare 1"]))

    def test_6_nothing_delivered(self):
        step = self.nothing.steps["boot"]
        self.assertEqual((step.unit["ActiveState"], step.unit["ConditionResult"], step.unit["Result"]),
                         ("inactive", "no", "success"))
        self.assertEqual((step.lines(), step.left, step.file), ([], [], None))
        self.assertEqual(step.rest[0:2], ["system ", "module"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--suite", default=platform.freedesktop_os_release().get("VERSION_CODENAME"))
    ARGUMENTS, rest = parser.parse_known_args()
    make_root(ARGUMENTS.root, ARGUMENTS.suite)
    unittest.main(argv=sys.argv[:1] + rest)
