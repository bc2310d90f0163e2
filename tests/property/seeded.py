# SPDX-License-Identifier: GPL-2.0-or-later
"""
seeded.py - the main() of a property test whose cases follow from a seed and a number

Takes:  what one case breaks, as a generator of sentences; --seed, --count, --first; the program in $VTOPO_XML.
Gives:  a line for each violation, and how many cases failed; the exit status.
"""
import argparse
import os
import tempfile


def main(title, seed, run_one, count=200):
    """run_one(seed, number, folder); the folder is one for all."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    arguments = parser.parse_args()
    if not os.environ.get("VTOPO_XML"):
        parser.error("set VTOPO_XML to the program")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="vtopo-property-") as folder:
        for number in range(arguments.first, arguments.first + arguments.count):
            found = list(run_one(arguments.seed, number, folder))
            failed += bool(found)
            for violation in found[:5]:
                print("case %d: %s" % (number, violation[:500]), flush=True)
    print("seed %d: %d of %d cases failed" % (arguments.seed, failed, arguments.count))
    return 1 if failed else 0
