# SPDX-License-Identifier: GPL-2.0-or-later
"""
layout.py - libvirt's hook, installed somewhere and called with an /etc/libvirt of the test's own

Takes:  a prefix, the program, the text of 50-vtopo.
Rule:   the machine's own /etc/libvirt is covered in a mount namespace (and a user namespace, for those who are not root).
"""

import os
import shutil
import subprocess

INSIDE = """mount --bind "$1" /etc/libvirt || exit 99
if [ -n "$2" ]; then
    mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/selinux && echo "$2" >/sys/fs/selinux/enforce || exit 99
fi
shift 2
exec "$@"
"""


def install(prefix, program, script):
    """The program finds the script from its own folder on."""
    for folder in ("bin", "share/vtopo"):
        (prefix / folder).mkdir(parents=True, exist_ok=True)
    shutil.copy(program, prefix / "bin" / "vtopo-qemu-hook")
    path = prefix / "share/vtopo/50-vtopo"
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


def call(etc, prefix, *arguments, status=0, enforce=""):
    """What it said.  @enforce: SELinux, as if it were "0" or "1" here."""
    user = [] if os.geteuid() == 0 else ["-r"]
    done = subprocess.run(["unshare", "-m", *user, "/bin/sh", "-c", INSIDE, "sh", etc, enforce, prefix / "bin/vtopo-qemu-hook",
                           *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != status or done.stdout:
        raise AssertionError("status %d: %s%s" % (done.returncode, done.stdout, done.stderr))
    return done.stderr
