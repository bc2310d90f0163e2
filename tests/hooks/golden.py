#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
golden.py - golden cases of a KubeVirt hook's calls: a folder each, found by themselves

Takes:  folders with
          vmi.json    the VirtualMachineInstance
          domain.xml  its domain, or `domain`: one line with the path of a file beside tests/hooks/golden
          host        name of a host description in examples/hosts or tests/hosts
          policy.json the node's policy (may be absent)
Gives:  what onDefineDomain makes of them, compared with expected.xml (stdout; absent: nothing, `same`: the domain),
        messages (stderr) and status.
Rule:   what comes out of status 0 is a call like any other, and comes out of a second one as it is.
Not here: whole boots (test_kubevirt.py).

usage: golden.py --program PATH [--refresh] [CASE...]
"""

import argparse
import os
import pathlib
import subprocess
import sys

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
sys.path.insert(0, str(GOLDEN.parent.parent / "golden"))
import run  # noqa: E402


class Case:
    def __init__(self, folder):
        self.folder, self.name = folder, folder.name
        link = folder / "domain"
        self.domain = (folder / link.read_text().strip()) if link.exists() else folder / "domain.xml"
        self.host = run.host_file((folder / "host").read_text().strip())

    def call(self, program, domain):
        arguments = ["--vmi", (self.folder / "vmi.json").read_text(), "--domain", domain,
                     "--host", os.path.relpath(self.host, self.folder)]
        if (self.folder / "policy.json").exists():
            arguments += ["--config", "policy.json"]
        return subprocess.run([program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, check=False)

    def results(self, program):
        """{file: content, None: there must be none}; and what is wrong beyond the files."""
        before = self.domain.read_bytes()
        result = self.call(program, before)
        wrong = []
        if result.returncode and result.stdout:
            wrong.append("status %d, but something was printed" % result.returncode)
        if result.returncode == 0:
            again = self.call(program, result.stdout)
            if (again.returncode, again.stdout) != (0, result.stdout):
                wrong.append("the output comes out of another call otherwise (status %d):\n%s%s" % (
                    again.returncode, run.difference(result.stdout, again.stdout, "output", "again"),
                    again.stderr.decode("utf-8", "replace")))
        same = result.returncode == 0 and result.stdout == before
        return {"expected.xml": None if same else result.stdout or None, "same": b"" if same else None,
                "messages": result.stderr or None, "status": b"%d\n" % result.returncode}, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_HOOK_KUBEVIRT"))
    parser.add_argument("--refresh", action="store_true")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    failed = count = 0
    for folder in sorted(p.parent for p in GOLDEN.glob("*/vmi.json")):
        if arguments.cases and folder.name not in arguments.cases:
            continue
        case = Case(folder)
        results, wrong = case.results(os.path.abspath(arguments.program))
        count += 1
        if arguments.refresh:
            run.refresh(case, results)
        else:
            wrong += run.compare(case, results)
        for text in wrong:
            print("%s: %s" % (case.name, text))
        failed += bool(wrong)
    print("%d golden cases of KubeVirt, %d failed" % (count, failed))
    sys.exit(1 if failed or not count else 0)


if __name__ == "__main__":
    main()
