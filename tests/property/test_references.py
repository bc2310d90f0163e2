#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_references.py - what XML can say in several ways is the same domain

Takes:  VTOPO_XML; the golden cases that are printed as a domain.
Gives:  a character of an attribute's value or of an element's text is written as a character reference, in CDATA, or with a comment
        behind it, or an attribute has the other quotes: status and plan are those of the case as it is, the output means the same,
        a rewrite of it changes nothing, and so does an undo.
Rule:   each kind of place (element, attribute or text) once in each case of a sample; --all takes every case.  A <pcihole64> is
        raised only as people and libvirt write it.
Not here: whether what comes out is right (golden), broken text (fuzz).
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

TESTS = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("VTOPO_XML") or sys.exit("VTOPO_XML must name the program")
TOKEN = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|</?[^<>]+>|[^<]+", re.S)
ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*('[^']*'|"[^"]*")""")
ARGUMENTS = argparse.Namespace(all=False, only="", seed=1)
# One of what decides each thing that is spliced into the text: addresses, controllers, cells, windows, overrides, policies.
SAMPLE = ("cells-made", "expanders-adopted", "gh200-own-distances", "hide-hypervisor-merged", "mmio-auto-raises")


class Place:
    """Where a character can be written otherwise."""

    def __init__(self, element, name, begin, end, value=b""):
        self.kind, self.begin, self.end = (element, name, value), begin, end

    def ways(self):
        return ("decimal", "hexadecimal", "quotes") if self.kind[1] else ("decimal", "hexadecimal", "cdata", "comment")

    def write(self, text, way, pick):
        """The text with that character so; None: there is no such character."""
        if way == "quotes":
            quote, other = text[self.begin - 1:self.begin], b'"' if text[self.begin - 1:self.begin] == b"'" else b"'"
            value = text[self.begin:self.end]
            return None if quote in value or other in value else text[:self.begin - 1] + other + value + other + text[self.end + 1:]
        taken = {i for m in re.finditer(rb"&[^;]*;", text[self.begin:self.end]) for i in range(*m.span())}
        at = [i for i in range(self.begin, self.end) if 32 < text[i] < 127 and i - self.begin not in taken]
        if not at:
            return None
        at = pick(at)
        written = {"decimal": b"&#%d;", "hexadecimal": b"&#x%x;", "cdata": b"<![CDATA[%c]]>", "comment": b"%c<!-- -->"}[way] % text[at]
        return text[:at] + written + text[at + 1:]


def places(text):
    element = b""
    for token in TOKEN.finditer(text):
        part = token.group()
        if part.startswith((b"<!", b"<?", b"</")):
            continue
        if not part.startswith(b"<"):
            if part.strip() and element != b"pcihole64":
                begin = token.start() + len(part) - len(part.lstrip())
                yield Place(element, b"", begin, begin + len(part.strip()))
            continue
        element = re.match(rb"<([^\s/>]+)", part).group(1)
        for attribute in ATTRIBUTE.finditer(part):
            begin, end = (token.start() + where for where in attribute.span(2))
            if end - begin > 2 and not attribute.group(1).startswith(b"xmlns") and element != b"pcihole64":
                # What is looked for by its kind.
                value = attribute.group(2) if element == b"controller" and attribute.group(1) in (b"type", b"model") else b""
                yield Place(element, attribute.group(1), begin + 1, end - 1, value)


def meaning(domain):
    """Whatever it is written like, and without what vtopo remembers of how it was written."""
    root = ET.fromstring(domain)
    for parent in root.iter():
        for child in list(parent):
            if child.tag.startswith("{http://vtopo.io/record/"):
                parent.remove(child)
    return ET.canonicalize(ET.tostring(root), strip_text=True)


class Case:
    def __init__(self, folder):
        self.folder, self.name = folder, folder.name
        domain = folder / "domain.xml"
        self.text = (domain if domain.exists() else folder / (folder / "domain").read_text().strip()).read_bytes()
        name = (folder / "host").read_text().strip() + ".json"
        host = next(h / name for h in (TESTS.parent / "examples/hosts", TESTS / "hosts") if (h / name).exists())
        options = folder / "options"
        self.options = ["--host", str(host)] + (options.read_text().splitlines() if options.exists() else [])
        self.plain, self.plan = self.run(self.text), self.run(self.text, "--explain=json")
        self.undone = self.run(self.plain[1], undo=True) if self.plain[0] == 0 else None

    def run(self, text, *more, undo=False):
        options = ["--undo"] if undo else self.options
        done = subprocess.run([PROGRAM, *options, *more, "-"], input=text, cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout

    def wrong(self, text):
        """What is not as it is of the case itself; "": nothing."""
        found = self.run(text)
        if found[0] != self.plain[0]:
            return "status %d, not %d" % (found[0], self.plain[0])
        if self.run(text, "--explain=json") != self.plan:
            return "another plan"
        if found[0]:
            return ""
        if meaning(found[1]) != meaning(self.plain[1]):
            return "another output"
        if self.run(found[1]) != found:
            return "a rewrite of the output changes it"
        undone = self.run(found[1], undo=True)
        if undone[0] or meaning(undone[1]) != meaning(self.undone[1]):
            return "another undo"
        return ""


def cases():
    for folder in sorted((TESTS / "golden").iterdir()):
        options = folder / "options"
        words = options.read_text().split() if options.exists() else []
        if not (folder / "expected.xml").exists() or set(words) & {"--check", "--diff", "--undo", "-"}:
            continue
        if ARGUMENTS.only in folder.name and (ARGUMENTS.all or ARGUMENTS.only or folder.name in SAMPLE):
            yield Case(folder)


class References(unittest.TestCase):
    def test_places(self):
        seen, jobs = {}, []
        pick = random.Random(ARGUMENTS.seed)
        for case in cases():
            of_case = set()
            for place in places(case.text):
                if place.kind in of_case:
                    continue
                of_case.add(place.kind)
                way = place.ways()[seen.setdefault(place.kind, len(seen)) % len(place.ways())]
                seen[place.kind] += 1
                text = place.write(case.text, way, pick.choice)
                if text:
                    jobs.append((case, place.kind, way, text))
        self.assertGreater(len(jobs), 20)
        with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
            results = list(pool.map(lambda job: job[0].wrong(job[3]), jobs))
        for (case, kind, way, text), wrong in zip(jobs, results):
            with self.subTest(case=case.name, place=b" ".join(kind).decode(), way=way):
                self.assertEqual(wrong, "")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    ARGUMENTS = parser.parse_args()
    unittest.main(argv=sys.argv[:1])
