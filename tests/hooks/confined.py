# SPDX-License-Identifier: GPL-2.0-or-later
"""
confined.py - a guest whose kernel confines a stand-in for libvirt's daemon, which executes the hook

Takes:  VTOPO_50, VTOPO_HOST: the script and the program; QEMU (TCG), a kernel, busybox, a compiler.
Gives:  for each step of the guest's init: what became of the hook, and what "vtopo-host check" says of the same moment.
Rule:   stand-ins for the daemon and for vtopo-qemu-hook (static programs that say what became of an execve()): what counts are
        paths and labels, and only those and the script are of interest here.
Not here: policies and what is changed between steps (test_apparmor.py, test_selinux.py).
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "real"))
import guest  # noqa: E402
import libvirt  # noqa: E402

FIFTY, HOST = os.environ.get("VTOPO_50"), os.environ.get("VTOPO_HOST")
SECONDS = 300
PACKAGES = None  # what main() has fetched
HOOK = "/etc/libvirt/hooks/qemu.d/50-vtopo"

# Runs the hook as libvirt does, says how it ended, and stays, as a daemon does, until it is killed.
DAEMON = r"""
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    char path[64];
    FILE *file;
    int status;
    snprintf(path, sizeof(path), "/run/%s.pid", strrchr(argv[0], '/') + 1);
    file = fopen(path, "w");
    fprintf(file, "%d\n", getpid());
    fclose(file);
    if (argc > 1 && fork() == 0) {
        execl(argv[1], argv[1], "vm", "prepare", "begin", "-", NULL);
        printf("execve: %s\n", strerror(errno));
        return 99;
    }
    wait(&status);
    printf("status %d\n", WEXITSTATUS(status));
    fflush(stdout);
    fclose(fopen("/run/ready", "w"));
    pause();
    return 0;
}
"""
PROGRAM = r"""
#include <stdio.h>
int main(void)
{
    char label[200] = "";
    FILE *file = fopen("/proc/self/attr/current", "r"), *log = fopen("/log", "a");
    fgets(label, sizeof(label), file);
    fprintf(log, "program %s\n", label);
    return 0;
}
"""
INIT = """#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
# try NAME DAEMON: the hook, and what is said of it.
try() {
    echo "STEP $1"
    : >/log
    "$2" %(hook)s 2>/dev/null &
    while [ ! -e /run/ready ]; do sleep 0.1; done
    sed '/^$/d' /log
    echo CHECK
    check
    kill -9 $!
    wait $! 2>/dev/null
    rm -f /run/ready
}
check() {
    ASAN_OPTIONS=detect_leaks=0 vtopo-host check --json
    ASAN_OPTIONS=detect_leaks=0 vtopo-host check | grep "^libvirt's hook"
}
%(steps)s
echo VTOPO-END
poweroff -f
"""


def run(*words, **rest):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **rest)
    if done.returncode:
        raise AssertionError("%s:\n%s" % (" ".join(map(str, words)), done.stdout))
    return done.stdout


def compile_static(path, text):
    source = path.with_suffix(".c")
    source.write_text(text, encoding="utf-8")
    run("cc", "-static", "-o", path, source)
    source.unlink()


def write_script(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def copy_program(program, root, to):
    """With the libraries that it needs."""
    shutil.copy(program, root / to)
    for library in re.findall(r"(/\S+) \(0x", run("ldd", program)):
        path = root / library.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            shutil.copy(library, path)


def make_root(root, daemons, steps):
    for folder in ("bin", "proc", "sys", "dev", "run", "usr/bin", "usr/sbin", "usr/share/vtopo", "usr/local/bin",
                   "etc/libvirt/hooks/qemu.d"):
        (root / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    copy_program(HOST, root, "bin/vtopo-host")
    compile_static(root / "daemon", DAEMON)
    for daemon in daemons:
        shutil.copy(root / "daemon", root / "usr/sbin" / daemon)
    (root / "daemon").unlink()
    compile_static(root / "usr/bin/vtopo-qemu-hook", PROGRAM)
    write_script(root / "init", INIT % {"hook": HOOK, "steps": steps})
    # As it is with the prefix of Debian's packages.
    text = re.sub(r'^program=".*"$', 'program="/usr/bin/vtopo-qemu-hook"',
                  pathlib.Path(FIFTY).read_text(encoding="utf-8"), flags=re.M)
    write_script(root / "usr/share/vtopo/50-vtopo", text)


class Step:
    def __init__(self, text):
        said, _, check = text.partition("CHECK\n")
        self.name, *self.lines = said.splitlines()
        found, end = json.JSONDecoder().raw_decode(check)
        self.findings = {item["id"]: item["is"] for item in found["findings"] if "hook" in item["title"]}
        self.hook, self.line = found["hook"], check[end:].strip()


def boot(work, root, parameters):
    """The steps by their names."""
    libvirt.require("qemu-system-x86_64", "cpio", "busybox")
    found = work / "found"
    with open(work / "initrd", "wb") as initrd:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root, stdout=initrd, check=True)
    run("qemu-system-x86_64", "-accel", "tcg", "-m", "1024", "-display", "none", "-no-reboot", "-net", "none", "-serial",
        "file:%s" % found, "-kernel", guest.find_kernel(), "-initrd", work / "initrd", "-append",
        "console=ttyS0 quiet panic=-1 " + parameters, stdin=subprocess.DEVNULL, timeout=SECONDS)
    text = found.read_text(encoding="utf-8", errors="replace").replace("\r", "")
    if "VTOPO-END" not in text or "FAILED" in text:
        raise AssertionError(text)
    text = re.sub(r"^.*\[ *\d+\.\d+\].*\n", "", text, flags=re.M).split("VTOPO-END")[0]
    return {step.name: step for step in map(Step, text.split("STEP ")[1:])}


def main(*packages):
    """Fetches the packages, which are not installed, and runs the calling file's suite."""
    global PACKAGES
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", required=True)
    parser.add_argument("--suite", default=platform.freedesktop_os_release().get("VERSION_CODENAME"))
    arguments, rest = parser.parse_known_args()
    if not FIFTY or not HOST:
        sys.exit("VTOPO_50 or VTOPO_HOST is not set")
    done = subprocess.run(["sh", str(TESTS / "tools" / "get-packages"), arguments.suite, arguments.packages, *packages],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit("no policy: " + done.stderr.strip())
    PACKAGES = pathlib.Path(arguments.packages)
    unittest.main(argv=sys.argv[:1] + rest)
