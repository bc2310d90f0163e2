#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_pairs.py - table of pairs, cliques and findings say the same

Takes:  the program in $VTOPO_XML; the golden cases whose plan has pairs, a host and a domain each.
Gives:  a line for each contradiction in what --explain=json prints of them: as they are, and in the modes of MODES; and
        exit status 1.
Rule:   a checker that finds nothing wrong with plans that were made wrong is no checker: it is tried out first.
Not here: what the rules are (pair_check.py).

usage: test_pairs.py [CASE...]
"""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import pair_check

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "golden"))
import run  # noqa: E402 (the path must be set first)

PROGRAM = os.path.abspath(os.environ["VTOPO_XML"])
# Policies that put every question about a pair otherwise.
MODES = [
    {"clique": "auto", "qemu_version": "11.0"},
    {"clique": "auto", "qemu_version": "8.0", "mirror": "root"},
    {"qemu_version": "10.0", "devices": [{"id": vendor_device, "clique": 5} for vendor_device in (
        "10de:20b0", "10de:20b8", "10de:2330", "10de:1e04", "10de:2235", "10de:20b2", "10de:20b5")]},
]


def explain(case, options):
    done = subprocess.run([PROGRAM, "--host", case.description, *options, "--explain=json", case.domain], cwd=case.folder,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def check(case, options):
    """Whether there were pairs; and violations."""
    plan = explain(case, options)
    if not plan or not plan["pairs"]:
        return False, []
    text = (case.folder / case.domain).read_text(encoding="utf-8")
    own = 'what="hidden"' not in text  # what vtopo has added goes where the policy does not ask for it any more
    hidden = own and "<hidden state='on'" in text or any(a["what"] == "hidden" for a in plan["additions"])
    return True, list(pair_check.check_pairs(plan, hidden))


def try_out_the_checker():
    """A plan that is right, and what would be wrong with it."""
    case = run.Case(run.GOLDEN / "clique-auto-right")
    plan = explain(case, case.options)
    assert not list(pair_check.check_pairs(plan, False))
    works = next(p for p in plan["pairs"] if p["mode"] == "p2p" and p["works"] == "yes")
    place = plan["pairs"].index(works)

    def breaks(change):
        broken = copy.deepcopy(plan)
        change(broken, broken["pairs"][place])
        return list(pair_check.check_pairs(broken, False))

    assert breaks(lambda plan, pair: pair.update(works="no"))
    assert breaks(lambda plan, pair: pair.update(works="no", obstacles=["acs"]))
    assert breaks(lambda plan, pair: pair.update(works="unknown", obstacles=["iommufd"]))
    assert breaks(lambda plan, pair: plan["devices"][pair["one"]].update(clique=None))
    assert breaks(lambda plan, pair: plan["findings"].append(
        {"id": "VTOPO-0066", "subject": plan["devices"][pair["one"]]["host_bdf"],
         "text": "gets no P2P clique with %s: ..." % plan["devices"][pair["other"]]["host_bdf"]}))
    assert list(pair_check.check_pairs(plan, True))


def main():
    try_out_the_checker()
    seen, count, failed = set(), 0, 0
    with tempfile.TemporaryDirectory(prefix="vtopo-pairs-") as work:
        modes = []
        for number, mode in enumerate(MODES):
            path = pathlib.Path(work, "%d.json" % number)
            path.write_text(json.dumps(mode))
            modes.append(["--config", str(path)])
        for folder in run.cases():
            if sys.argv[1:] and folder.name not in sys.argv[1:]:
                continue
            case = run.Case(folder)
            what = (case.description, (folder / case.domain).resolve())
            if "--undo" in case.options or "--diff" in case.options or "--check" in case.options:
                continue
            paired, found = check(case, case.options)
            if paired and what not in seen:
                seen.add(what)
                for mode in modes:
                    found += check(case, mode)[1]
            count += paired
            failed += bool(found)
            for violation in found:
                print("%s: %s" % (folder.name, violation.text))
    print("%d cases with pairs, %d of them with contradictions" % (count, failed))
    sys.exit(bool(failed or not count))


if __name__ == "__main__":
    main()
