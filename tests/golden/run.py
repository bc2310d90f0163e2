#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
run.py - golden cases: a folder each, found by themselves

Takes:  folders with
          domain.xml  the input, or `domain`: one line with the path of a file beside tests/golden
          host        name of a host description in examples/hosts or tests/hosts
          options     further arguments, one in a line (may be absent)
Gives:  what vtopo-xml makes of them, compared with
          expected.xml  stdout (absent: nothing may be printed)
          plan.json     stdout of --explain=json with the same options
          nccl.xml      what --nccl-topo writes, with the same options; only where it is there already
          plan.matrix   stdout of --explain=matrix with the same options; only where it is there already;
                        plan.svg and plan.dot are the same of the other words
          messages      stderr
          status        exit status
          undone.xml    what --undo makes of expected.xml, if that is not the input again
Rule:   the program runs in the case's folder, so that messages name files the same way everywhere.
        A rewrite is also rewritten once more, which must change nothing.  With --sysfs the host is
        not read from the description but from a sysfs tree made of it, and all must be the same
        (hosts with emulators are left out).  The pictures of examples/pictures are as the program draws them.
Not here: whether what is expected is right: review it, and see tests/real and tests/property.

usage: run.py --program PATH [--refresh | --sysfs] [CASE...]
"""

import argparse
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

GOLDEN = pathlib.Path(__file__).resolve().parent
TESTS = GOLDEN.parent
sys.path.insert(0, str(TESTS / "tools"))
import make_sysfs  # noqa: E402

DRAWN = ("matrix", "svg", "dot")  # further ways to print a plan
HOSTS = [TESTS.parent / "examples" / "hosts", TESTS / "hosts"]


def cases():
    return sorted(p for p in GOLDEN.iterdir()
                  if (p / "domain").exists() or (p / "domain.xml").exists())


def host_file(name):
    for folder in HOSTS:
        if (folder / (name + ".json")).exists():
            return folder / (name + ".json")
    sys.exit("no host description named " + name)


class Case:
    def __init__(self, folder):
        self.folder = folder
        self.name = folder.name
        link = folder / "domain"
        self.domain = link.read_text().strip() if link.exists() else "domain.xml"
        self.description = host_file((folder / "host").read_text().strip())
        self.host = self.description
        options = folder / "options"
        self.options = options.read_text().split("\n") if options.exists() else []
        self.options = [line for line in self.options if line]

    def mirror(self):
        for option, value in zip(self.options, self.options[1:] + [""]):
            if option == "--mirror":
                return value
        return "switch"

    def run(self, program, *more, domain=None, text=None):
        """(status, stdout, stderr)"""
        host = os.path.relpath(self.host, self.folder)
        description = os.path.relpath(self.description, self.folder)
        result = subprocess.run(
            [program, "--host", host, *self.options, *more, domain or self.domain],
            cwd=self.folder, input=text, stdin=None if text is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        return result.returncode, result.stdout, result.stderr.replace(
            host.encode(), description.encode())

    def results(self, program):
        """{file: content, None: there must be none}; and what is wrong beyond the files."""
        status, output, messages = self.run(program)
        wrong = []
        plan = None
        if status in (0, 1):
            _, plan, _ = self.run(program, "--explain=json")
        elif output:
            wrong.append("status %d, but something was printed" % status)
        if status == 0 and not any(o in self.options for o in ("--diff", "--undo")):
            again = self.run(program, "-q", domain="-", text=output)
            if again[0] != 0 or again[1] != output:
                wrong.append("rewriting the output again changes it (status %d):\n%s" % (
                    again[0], difference(output, again[1], "output", "rewritten again")
                    or again[2].decode("utf-8", "replace")))
        files = {"expected.xml": output or None, "plan.json": plan or None,
                 "messages": messages or None, "status": b"%d\n" % status}
        files["undone.xml"] = self.undone(program, output) if status == 0 and output else None
        for style in DRAWN:
            if (self.folder / f"plan.{style}").exists():
                files[f"plan.{style}"] = self.run(program, f"--explain={style}")[1]
        if (self.folder / "nccl.xml").exists():
            files["nccl.xml"] = self.topology(program, output, wrong)
        if re.search(rb"Sanitizer|runtime error:", messages):
            wrong.append(messages.decode("utf-8", "replace"))
        return files, wrong

    def undone(self, program, output):
        """What an undo makes of the output; None: the input."""
        before = (self.folder / self.domain).read_bytes()
        if b"ua-vtopo-" in before or any(o in self.options for o in ("--diff", "--undo")):
            return None
        with subprocess.Popen([program, "-q", "--undo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            text = process.communicate(output)[0]
        return None if process.returncode == 0 and text == before else text

    def topology(self, program, output, wrong):
        """NCCL's topology file; the domain must come out as without it."""
        with tempfile.TemporaryDirectory(prefix="vtopo-golden-") as work:
            path = pathlib.Path(work, "nccl.xml")
            status, text, messages = self.run(program, "-q", "--nccl-topo", str(path))
            if status != 0 or text != output:
                wrong.append("--nccl-topo changes the output (status %d): %s" % (
                    status, messages.decode("utf-8", "replace")))
            return path.read_bytes() if path.exists() else None


def difference(old, new, before="expected", after="now"):
    lines = difflib.unified_diff(
        (old or b"").decode("utf-8", "replace").splitlines(keepends=True),
        (new or b"").decode("utf-8", "replace").splitlines(keepends=True), before, after)
    return "".join(line if line.endswith("\n") else line + "\n" for line in list(lines)[:80])


def refresh(case, results):
    for name, content in results.items():
        path = case.folder / name
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content)


def compare(case, results):
    for name, content in results.items():
        path = case.folder / name
        expected = path.read_bytes() if path.exists() else None
        if expected != content:
            yield "%s differs:\n%s" % (name, difference(expected, content))


def tree_of(description, work):
    """The sysfs tree of a host description, made once."""
    tree = pathlib.Path(work, description.stem, "sys")
    if not tree.exists():
        with open(description, encoding="utf-8") as file:
            make_sysfs.make(json.load(file), tree)
    return tree


def knows_emulators(description):
    """What libvirt knows of them goes with /sys alone, not with any other tree."""
    return "emulators" in json.loads(description.read_text(encoding="utf-8"))


PICTURES = TESTS.parent / "examples" / "pictures"
# Of which host and domain each is.
DRAWINGS = {"two-dpu.svg": ("examples/hosts/two-dpu.json", "tests/domains/small.xml"),
            "dgx-a100.svg": ("examples/hosts/dgx-a100.json", "examples/domains/dgx-train.xml")}


def draw(arguments, program):
    """How many of the example pictures are others than they were."""
    failed = 0
    for name, (host, domain) in DRAWINGS.items():
        text = subprocess.run([program, "--host", host, "--explain=svg", domain], cwd=TESTS.parent, timeout=60, check=True,
                              stdout=subprocess.PIPE).stdout
        if arguments.refresh:
            (PICTURES / name).write_bytes(text)
        elif (PICTURES / name).read_bytes() != text:
            print("examples/pictures/%s is not what the program draws" % name)
            failed += 1
    return failed


def run_all(arguments, program, work):
    failed = count = 0
    for folder in cases():
        if arguments.cases and folder.name not in arguments.cases:
            continue
        case = Case(folder)
        if arguments.sysfs and knows_emulators(case.host):
            continue
        if arguments.sysfs:
            case.host = tree_of(case.host, work)
        results, wrong = case.results(program)
        count += 1
        if arguments.refresh:
            refresh(case, results)
        else:
            wrong += compare(case, results)
        for text in wrong:
            print("%s: %s" % (case.name, text))
        failed += bool(wrong)
    if not arguments.cases and not arguments.sysfs:
        failed += draw(arguments, program)
    print("%d golden cases, %d failed" % (count, failed))
    return failed or not count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.environ.get("VTOPO_XML"))
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--refresh", action="store_true")
    group.add_argument("--sysfs", action="store_true")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    if not arguments.program or not os.access(arguments.program, os.X_OK):
        sys.exit("no program: give --program or VTOPO_XML")
    with tempfile.TemporaryDirectory(prefix="vtopo-golden-") as work:
        sys.exit(run_all(arguments, os.path.abspath(arguments.program), work))


if __name__ == "__main__":
    main()
