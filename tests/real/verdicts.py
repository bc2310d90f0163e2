# SPDX-License-Identifier: GPL-2.0-or-later
"""
verdicts.py - judge one case after the other, and end the program

Takes:  names of cases, and a function that gives one case's problems.
Gives:  a line for each case, its problems below it; status 0 if there was a case, and none had a problem; 77, and a
        line "skipped:", if besides there is a reason why others were not judged.
Rule:   what libvirt or a guest fails at is a problem of the case that asked for it, and the others are judged, too.
"""

import subprocess
import sys

import guest
import libvirt


def judge(check, name):
    try:
        return list(check(name))
    except (libvirt.Error, guest.GuestError, subprocess.CalledProcessError) as error:
        return [str(error)]


def exit_with_all(names, check, skipped=""):
    failed = 0
    for name in names:
        problems = judge(check, name)
        failed += bool(problems)
        print("%-24s %s" % (name, "FAILED" if problems else "ok"), flush=True)
        for problem in problems:
            print("    " + problem.replace("\n", "\n    "))
    print("%d cases, %d failed" % (len(names), failed))
    if skipped:
        print("skipped: " + skipped)
    sys.exit(1 if failed or not (names or skipped) else 77 if skipped else 0)
