#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_pictures.py - pictures as a real browser shows them, and as Graphviz reads them

Takes:  VTOPO_HOST, VTOPO_XML; hosts of examples/, tests/ and ../shared, golden cases.
Gives:  whether nothing overlaps and nothing is cut off, in each of them; that they are there in light, in dark and on
        paper, and fetch and run nothing; that names of others are text; that the same input gives the same bytes.
Rule:   a page of the test's own has all pictures in it, and look.js measures what the browser made of them.
"""
import concurrent.futures
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import browser

TOP = pathlib.Path(__file__).resolve().parents[2]
HOST = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")
XML = os.environ.get("VTOPO_XML") or sys.exit("VTOPO_XML must name the program")
sys.path.insert(0, str(TOP / "tests/golden"))
import run as golden  # noqa: E402

HOSTS = sorted((TOP / "examples/hosts").glob("*.json")) + sorted((TOP / "tests/hosts").glob("*.json"))
SHARED = sorted((TOP.parent / "shared/hosts").glob("*.tar.gz"))
SVG = "{http://www.w3.org/2000/svg}"

# As wide as text_size.c lets a font be.
WIDE = "<style>.vt text{letter-spacing:0.2px}.vt .vt-title{letter-spacing:0.28px}</style>"


def call(program, *words, **keywords):
    result = subprocess.run([program, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=120, check=False, **keywords)
    assert result.returncode == 0, (words, result.stderr.decode())
    return result.stdout.decode("utf-8")


def host_picture(host):
    return call(HOST, "show", "--svg", "--host", host)


def plan_picture(case):
    words = ["--host", case.host, *case.options, "--explain=svg", case.domain]
    return call(XML, *words, cwd=case.folder)


NAMED = {"ovmf", "nested-exact", "hgx8-numa", "eight-nodes", "expanders-of-others", "attach-pci-rtx8", "metadata",
         "policy-spare-ports", "machine-i440fx", "nvme-disks-move"}


def shape_of(case):
    """What a picture of its plan shows, more or less."""
    plan = json.loads((case.folder / "plan.json").read_text(encoding="utf-8"))
    return json.dumps([str(case.host), [(c["model"], c["parent"]) for c in plan["controllers"]],
                       [(c["host_bdf"], c["cell"], c["switches"]) for c in plan["cards"]],
                       [d["fate"] for d in plan["devices"]]])


def golden_cases():
    """Those that have a plan; of several with one shape the first, and those that a test is about."""
    seen = set()
    for folder in golden.cases():
        case = golden.Case(folder)
        if not (folder / "plan.json").exists() or any(o in case.options for o in ("--diff", "--undo", "--check")):
            continue
        shape = shape_of(case)
        if shape not in seen or case.name in NAMED:
            yield case
        seen.add(shape)


def page_of(pictures, extra=""):
    """All of them in one page, with what look.js says of each."""
    script = (TOP / "tests/pictures/look.js").read_text(encoding="utf-8")
    names = json.dumps(list(pictures)).replace("<", "\\u003c")
    style = re.search("<style>.*?</style>", next(iter(pictures.values())), re.S)[0]
    plain = [picture.replace(style, "") for picture in pictures.values()]
    return (f"<!doctype html><meta charset=utf-8><body>{style}{extra}" + "".join(plain) + f"<script>{script}\n"
            f"const names = {names}; answer([...document.querySelectorAll('svg')].map((svg, i) => "
            "({name: names[i], ...lookAt(svg)})));</script>")


class Pictures(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="vtopo-pictures-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            hosts = HOSTS + cls.shared_trees()
            cases = list(golden_cases())
            cls.hosts = dict(zip([host.stem for host in hosts], pool.map(host_picture, hosts)))
            cls.plans = dict(zip([case.name for case in cases], pool.map(plan_picture, cases)))

    @classmethod
    def shared_trees(cls):
        trees = []
        for archive in SHARED:
            trees.append(cls.folder / archive.name.removesuffix(".tar.gz"))
            with tarfile.open(archive) as tar:
                tar.extractall(trees[-1])
        return trees

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def look(self, pictures, extra=""):
        found = browser.ask(self.write("all.html", page_of(pictures, extra)))
        self.assertEqual(len(found), len(pictures))
        self.assertEqual([(one["name"], one["problems"]) for one in found if one["problems"]], [])
        return {one["name"]: one for one in found}

    def test_nothing_overlaps_and_nothing_is_cut_off(self):
        self.assertGreater(len(self.hosts), 40)
        self.assertGreater(len(self.plans), 100)
        found = self.look({**self.hosts, **{"plan " + name: svg for name, svg in self.plans.items()}})
        self.assertGreater(found["hgx8"]["boxes"], 30)
        self.assertEqual(found["plan hgx8-numa"]["joins"], 16)
        self.look({**self.hosts, **self.plans}, WIDE)

    def test_the_measure_notices(self):
        """What look.js is there for, done on purpose to a picture."""
        picture = self.plans["ovmf"]
        broken = {
            "text leaves its box": re.sub(r">0000:41:00.0<", ">0000:41:00.0 and much more text than that<", picture),
            "texts meet": picture.replace("</svg>", '<text x="20" y="33">over the title</text></svg>'),
            "boxes overlap": re.sub(r'(class="vt-box vt-gpu" x="\d+" y="\d+" width="\d+" height=")\d+', r"\g<1>90", picture),
            "cut off": re.sub(r'viewBox="0 0 (\d+) \d+"', r'viewBox="0 0 \1 500"', picture, 1),
            "a link is over something": re.sub(r'(class="vt-link" x=")(\d+)', lambda m: m[1] + str(int(m[2]) + 20), picture),
            "a line crosses": picture.replace("</svg>", '<g class="vt-join-group"><line x1="60" x2="700" y1="163" y2="163"/></g></svg>'),
        }
        for what, text in broken.items():
            self.assertNotEqual(text, picture, what)
        found = browser.ask(self.write("broken.html", page_of(broken)))
        for one in found:
            self.assertTrue(any(problem.startswith(one["name"]) for problem in one["problems"]), one)

    def test_they_are_plain_documents(self):
        """SVG of few elements, that fetches and runs nothing."""
        for name, text in {**self.hosts, **self.plans}.items():
            root = ElementTree.fromstring(text)
            self.assertEqual({e.tag.removeprefix(SVG) for e in root.iter()} -
                             {"svg", "title", "style", "g", "rect", "line", "path", "text"}, set(), name)
            for element in root.iter():
                self.assertEqual([a for a in element.attrib if a.startswith("on") or "href" in a], [], name)
            self.assertNotRegex(root.find(SVG + "style").text, r"@import|url\(|@font-face")
            for attribute in ("width", "height"):
                self.assertEqual(root.get(attribute), root.get("viewBox").split()[2 if attribute == "width" else 3])

    def test_differences_are_marked(self):
        """What is not as on the host, and nothing else: cards alone on their root ports on the host are so in the guest, too."""
        for name, marks in (("nested-exact", []), ("eight-nodes", []), ("ovmf", ["stands for 2 switches"] * 2),
                            ("hgx8-numa", ["its cards share no switch in the guest"] * 4 + ["stands for 2 root complexes"] * 2),
                            ("teaming", ["needs a root port of its own"]), ("atomics-switch", ["needs a root port of its own"]),
                            ("failover-both-ports", ["function numbers are others"]), ("unknown-node", ["on no NUMA node"])):
            with self.subTest(name):
                svg = plan_picture(golden.Case(TOP / "tests/golden" / name))
                self.assertEqual(sorted(re.findall(r'<text class="vt-mark"[^>]*>(.*?)</text>', svg)), marks)
                self.assertEqual(svg.count(" vt-marked"), len(marks))

    def test_tips_say_more(self):
        root = ElementTree.fromstring(self.hosts["two-dpu"])
        titles = [title.text for title in root.iter(SVG + "title")]
        self.assertTrue(any("0000:3a:00.0 root port" in title for title in titles))
        self.assertTrue(any("group 71" in title and "[vfio-pci]" in title for title in titles))

    def test_same_bytes(self):
        for locale in ("C", "de_DE.UTF-8"):
            environment = {**os.environ, "LC_ALL": locale}
            self.assertEqual(call(HOST, "show", "--svg", "--host", TOP / "examples/hosts/hgx8.json", env=environment),
                             self.hosts["hgx8"])

    def test_light_dark_and_paper(self):
        """Each of two pictures by itself: its paper and its ink, and all of it on one page."""
        for name, text in (("hgx8", self.hosts["hgx8"]), ("nested-exact", self.plans["nested-exact"])):
            path = self.write(name + ".svg", text)
            width, height = map(int, re.search(r'width="(\d+)" height="(\d+)"', text).groups())
            light = browser.screenshot(path, width, height)
            dark = browser.screenshot(path, width, height, dark=True)
            self.assertEqual((len(light), len(light[0])), (height, width))
            self.assertEqual(light[height - 3][width - 3], (255, 255, 255))
            self.assertLess(max(dark[height - 3][width - 3]), 64)
            for rows, ink in ((light, lambda c: max(c) < 100), (dark, lambda c: min(c) > 180)):
                drawn = [y for y, row in enumerate(rows) if any(map(ink, row))]
                self.assertLess(drawn[0], 40)
                self.assertGreater(drawn[-1], height - 40)
                self.assertGreater(len(drawn), height // 3)
            self.assertEqual(browser.print_pages(path), 1)

    def test_names_of_others_are_text(self):
        """A host description has no names that could be anything else; that of a domain is anybody's."""
        names = ["<script>alert(1)</script>", "\"'&lt;\\", "größe 名前 🙂 ﷽ ني", "x" * 3000, "a b " * 300, "]]><!--"]
        domain = (TOP / "tests/domains/small.xml").read_text(encoding="utf-8")
        pictures = {}
        for i, name in enumerate(names):
            path = self.write(f"{i}.xml", re.sub("<name>.*?</name>", lambda _: f"<name>{html.escape(name)}</name>", domain))
            pictures[name] = call(XML, "--host", TOP / "examples/hosts/two-dpu.json", "--explain=svg", path)
            title = ElementTree.fromstring(pictures[name]).find(SVG + "title").text
            self.assertTrue(title.startswith(name.replace("\n", "?")), title)
            self.assertNotIn("<script", pictures[name])
        self.look(pictures)

    def test_graphviz_reads_the_same(self):
        """dot makes a picture of each that has all boxes and lines; hostile names are text there, too."""
        cases = [case for case in golden_cases() if case.name in NAMED]
        self.assertEqual(len(cases), len(NAMED))
        domain = self.write("hostile.xml", re.sub(
            "<name>.*?</name>", lambda _: '<name>a"; b [label="c\\"] &lt;b&gt; größe \\N</name>',
            (TOP / "tests/domains/small.xml").read_text(encoding="utf-8")))
        texts = {case.name: (call(XML, "--host", case.host, *case.options, "--explain=dot", case.domain, cwd=case.folder),
                             plan_picture(case)) for case in cases}
        texts["hostile"] = [call(XML, "--host", TOP / "examples/hosts/two-dpu.json", f"--explain={style}", domain)
                            for style in ("dot", "svg")]
        for name, (dot, svg) in texts.items():
            result = subprocess.run(["dot", "-Tsvg"], input=dot.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    timeout=60, check=False)
            self.assertEqual((result.returncode, result.stderr), (0, b""), name)
            drawn = ElementTree.fromstring(result.stdout)
            nodes = [g for g in drawn.iter(SVG + "g") if g.get("class") == "node" and g.find(f".//{SVG}polygon") is not None]
            leaves = re.findall('<g class="vt-leaf">', svg)
            self.assertEqual(len(nodes), len(leaves), name)
            written = " ".join(text.text for text in drawn.iter(SVG + "text"))
            for line in re.findall(r'<text class="vt-heading"[^>]*>(.*?)</text>', svg):
                self.assertIn(html.unescape(line), written)
        self.assertIn('a"; b [label="c\\"] <b> größe \\N', " ".join(
            text.text for text in ElementTree.fromstring(result.stdout).iter(SVG + "text")))


if __name__ == "__main__":
    unittest.main()
