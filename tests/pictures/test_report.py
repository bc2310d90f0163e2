#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_report.py - the page of one or many hosts, in a real browser

Takes:  VTOPO_HOST; hosts of examples/ and tests/.
Gives:  whether it says whose each GPU is and which VMs are misplaced; that choosing works without script, that it is
        readable in light, dark and on a narrow screen, and aloud; that nothing runs and nothing is fetched, whatever VMs
        and files are called; a hundred hosts.
Rule:   scripts are in copies of the page that the test makes, which have no Content-Security-Policy.
"""
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import browser

TOP = pathlib.Path(__file__).resolve().parents[2]
HOST = os.environ.get("VTOPO_HOST") or sys.exit("VTOPO_HOST must name the program")
OWNED = TOP / "tests/hosts/owned.json"
HGX8 = TOP / "examples/hosts/hgx8.json"

ANSWER = """
function answer(value) {
    const element = document.createElement("script");
    element.type = "application/json";
    element.id = "answer";
    element.textContent = JSON.stringify(value).replaceAll("<", "\\\\u003c");
    document.body.append(element);
}
"""
# What is shown of rows and headings, and how far the page reaches.
LOOK = """
const shown = element => element.checkVisibility();
answer({
    rows: [...document.querySelectorAll("tr.gpu")].filter(shown).map(row => row.innerText.split("\\t").map(t => t.trim())),
    problems: [...document.querySelectorAll("#vms ~ .scroll tbody tr")].filter(row => !row.classList.contains("gpu") && shown(row))
        .map(row => row.innerText.split("\\t").map(t => t.trim())),
    hosts: [...document.querySelectorAll("h3")].filter(shown).map(h => h.innerText),
    pictures: [...document.querySelectorAll("svg")].filter(shown).length,
    text: document.body.innerText,
    width: document.documentElement.scrollWidth, window: window.innerWidth,
    scripts: document.scripts.length, title: document.title, has: CSS.supports("selector(:has(a))"),
});
"""
# Text and what is behind it, as WCAG 2.1 counts contrast.
CONTRAST = """
function luminance(colour) {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(c => c / 255)
        .map(c => c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function behind(element) {
    for (; element; element = element.parentElement) {
        const style = getComputedStyle(element);
        const rect = element.tagName === "g" && element.querySelector(":scope > rect");
        const colour = rect ? getComputedStyle(rect).fill : style.backgroundColor;
        if (colour !== "none" && !/, 0\\)$/.test(colour)) return colour;
        if (element.tagName === "svg") return getComputedStyle(element.querySelector(".vt-paper")).fill;
    }
    return "rgb(255, 255, 255)";
}
const low = new Set();
let count = 0;
for (const element of document.querySelectorAll("h1, h2, h3, p, a, th, td, label, legend, summary, pre, code, text")) {
    const style = getComputedStyle(element);
    const ink = element.tagName === "text" ? style.fill : style.color, paper = behind(element);
    const [a, b] = [luminance(ink), luminance(paper)].sort((x, y) => y - x);
    count++;
    if ((a + 0.05) / (b + 0.05) < 4.5) low.add(element.tagName + "." + element.className.baseVal + " " + ink + " on " + paper);
}
answer({ low: [...low], count, dark: matchMedia("(prefers-color-scheme: dark)").matches });
"""


class Reader(html.parser.HTMLParser):
    """Tags, attributes, headings."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.wrong = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "rect", "line", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


class Report(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vtopo-report-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_program(self, *words, status=0):
        result = subprocess.run([HOST, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                                check=False)
        self.assertEqual(result.returncode, status, result.stderr.decode())
        return result

    def page(self, *hosts):
        return self.run_program("report", *hosts).stdout.decode("utf-8")

    def with_script(self, page, script):
        path = self.folder / "page.html"
        plain = re.sub("<meta http-equiv=[^>]*>", "", page)
        self.assertNotEqual(plain, page)
        path.write_text(plain.replace("</body>", f"<script>{ANSWER}{script}</script></body>"), encoding="utf-8")
        return path

    def look(self, page, **keywords):
        return browser.ask(self.with_script(page, LOOK), **keywords)

    def write_host(self, name, vms, base=OWNED):
        description = json.loads(base.read_text(encoding="utf-8"))
        description["vms"] = vms
        path = self.folder / name
        path.write_text(json.dumps(description), encoding="utf-8")
        return path

    def test_what_it_says(self):
        found = self.look(self.page(OWNED, HGX8))
        self.assertEqual(found["rows"][:3], [
            ["owned", "0000:41:00.0", found["rows"][0][2], "node 0, switch 0000:3b:00.0", "train-1, running"],
            ["owned", "0000:de:00.0", found["rows"][0][2], "node 1, switch 0000:d8:00.0", "! größe <2> and spare"],
            ["hgx8", "0000:18:00.0", found["rows"][2][2], "node 0, switch 0000:16:00.0", "not known"]])
        self.assertEqual(len(found["rows"]), 10)
        self.assertEqual(found["problems"], [
            ["owned", "größe <2>", "is not as vtopo would define it: 2 of 2 host devices are not where they belong, the first is 0000:da:00.0, which belongs below controller 14"],
            ["owned", "spare", "lacks its host's topology: it has no guest NUMA cells"],
            ["owned", "0000:de:00.0", "is assigned to several VMs, of which only one can run: größe <2> and spare"]])
        self.assertEqual((found["hosts"], found["pictures"]), (["owned", "hgx8"], 2))
        self.assertIn("10 GPUs: 1 with VMs, 1 assigned to several VMs, 8 of which nobody knows", found["text"])
        self.assertIn("Who has what is not known of hgx8", found["text"])
        self.assertIn("4 VMs with devices of the hosts whose libvirt was asked; what is not", found["text"])
        unasked = self.look(self.page(HGX8))["text"]
        self.assertIn("No libvirt was asked for them", unasked)
        self.assertNotIn("nothing is known to be wrong", unasked)

    def test_free_ones(self):
        """A GPU without VM: free, or the host's; one that is given away in parts."""
        found = self.look(self.page(self.write_host("free.json", [])))
        self.assertEqual([row[-1] for row in found["rows"]], ["free", "host (nvidia)"])
        self.assertIn("nothing is known to be wrong", found["text"])
        uuid = json.loads((TOP / "tests/hosts/vgpu.json").read_text(encoding="utf-8"))["mdevs"][0]
        parts = self.write_host("parts.json", [
            {"name": "vm", "running": True, "topology": "as_host", "devices": [{"device": uuid["uuid"], "running": True}]}],
            TOP / "tests/hosts/vgpu.json")
        self.assertIn("in parts: vm", [row[-1] for row in self.look(self.page(parts))["rows"]])

    def test_choosing_by_model_and_state(self):
        free = self.write_host("free.json", [])
        page = self.page(free, HGX8)
        models = re.findall(r'id="(m\d+)"> (.*?) \(\d+\)</label>', page)
        self.assertEqual(len(models), 2)
        everything = self.look(page)
        self.assertTrue(everything["has"], "this browser does not know :has()")
        for identifier, model in models:
            chosen = page.replace(' id="all" checked', ' id="all"').replace(f'id="{identifier}"', f'id="{identifier}" checked')
            found = self.look(chosen)
            self.assertEqual(found["rows"], [row for row in everything["rows"] if row[2] == model])
            self.assertEqual(found["hosts"], sorted({row[0] for row in found["rows"]}))
        chosen = page.replace(' id="any" checked', ' id="any"').replace('id="free"', 'id="free" checked')
        self.assertEqual([row[-1] for row in self.look(chosen)["rows"]], ["free"])

    def test_names_of_others_are_text(self):
        names = ["<script>document.title='gone'</script>", "\"'><img src=x onerror=\"document.title='gone'\">", "größe 名前 🙂",
                 "x" * 2000, "</td></tr></table>", "</style><style>*{display:none}", "a &lt; b &amp; c", "]]>--><!--"]
        vms = [{"name": name, "running": True, "topology": "failed", "reason": name,
                "devices": [{"device": "0000:41:00.0", "running": True}]} for name in names]
        hostile = self.write_host("<b>\"'&amp; onload=x.json", vms)
        page = self.page(hostile)
        found = self.look(page)
        self.assertEqual(found["title"], "GPUs of 1 host")
        self.assertEqual(found["hosts"], ["<b>\"'&amp; onload=x"])
        self.assertEqual(found["scripts"], 1)
        self.assertEqual(sorted(row[1] for row in found["problems"][:-1]), sorted(f"{name} (running)" for name in names))
        for name in names:
            self.assertIn(name, found["rows"][0][-1])
        self.assertLessEqual(found["width"], found["window"])
        reader = Reader(page)
        self.assertEqual((reader.wrong, reader.open), ([], []))
        self.assertEqual([tag for tag, attributes in reader.tags if tag in ("script", "img", "b") or
                          any(a.startswith("on") for a in attributes)], [])

    def test_nothing_runs_and_nothing_is_fetched(self):
        page = self.page(OWNED)
        for tag, attributes in Reader(page).tags:
            self.assertNotIn(tag, ("script", "link", "img", "iframe", "object", "embed", "base", "form"))
            self.assertFalse({"src", "srcset", "action", "style"} & set(attributes), attributes)
            self.assertTrue(attributes.get("href", "#").startswith("#"), attributes)
        self.assertNotRegex(page, r"@import|url\(|@font-face")
        self.assertIn("Content-Security-Policy\" content=\"default-src 'none'", page)

    def test_it_can_be_read_aloud(self):
        """Language, title, one h1, headings in order, headings of columns, every choice and region with a name."""
        tags = Reader(self.page(OWNED, HGX8)).tags
        names = [tag for tag, _ in tags]
        self.assertEqual(next(a for tag, a in tags if tag == "html")["lang"], "en")
        headings = [int(name[1]) for name in names if re.fullmatch(r"h[1-6]", name)]
        self.assertEqual((headings[0], headings.count(1)), (1, 1))
        self.assertTrue(all(b - a <= 1 for a, b in zip(headings, headings[1:])), headings)
        self.assertEqual({a.get("scope") for tag, a in tags if tag == "th"}, {"col"})
        self.assertEqual(names.count("fieldset"), names.count("legend"))
        self.assertEqual(names.count("input"), names.count("label"))
        self.assertTrue(all(a.get("aria-label") for _, a in tags if a.get("role") == "region"))
        identifiers = [a["id"] for _, a in tags if "id" in a]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        for target in (a["href"][1:] for tag, a in tags if tag == "a"):
            self.assertIn(target, identifiers)

    def test_light_dark_narrow_and_paper(self):
        page = self.page(OWNED)
        for dark in (False, True):
            path = self.with_script(page.replace("<details>", "<details open>"), CONTRAST)
            found = browser.ask(path, dark=dark)
            self.assertEqual((found["low"], found["dark"]), ([], dark))
            self.assertGreater(found["count"], 100)
        for width in (1300, 500):
            found = self.look(page, width=width)
            self.assertLessEqual(found["width"], width)
        path = self.folder / "plain.html"
        path.write_text(page, encoding="utf-8")
        for dark in (False, True):
            rows = browser.screenshot(path, 1300, 900, dark=dark)
            self.assertEqual((len(rows), len(rows[0])), (900, 1300))
            paper = rows[0][0]
            self.assertTrue(max(paper) < 64 if dark else min(paper) > 240, paper)
            self.assertGreater(sum(any(colour != paper for colour in row) for row in rows), 400)
        self.assertGreater(browser.print_pages(path), 0)

    def test_a_hundred_hosts(self):
        """Each once, in the order of the command line; the page grows with them and no more."""
        hosts = []
        for i in range(100):
            hosts.append(self.folder / f"host-{i:03}.json")
            hosts[-1].write_text((HGX8 if i % 2 else OWNED).read_text(encoding="utf-8"), encoding="utf-8")
        half, whole = self.page(*hosts[:50]), self.page(*hosts)
        self.assertAlmostEqual(len(whole) / len(half), 2, delta=0.02)
        found = self.look(whole)
        self.assertEqual(found["hosts"], [host.stem for host in hosts])
        self.assertEqual(len(found["rows"]), 50 * 2 + 50 * 8)
        self.assertEqual(found["pictures"], 0)  # folded: nobody looks at a hundred at once
        self.assertIn("500 GPUs", found["text"])

    def test_names_of_hosts(self):
        """That of the file; where two have one, the path; a tree has that of its folder."""
        (self.folder / "a").mkdir()
        (self.folder / "b").mkdir()
        paths = [self.folder / "a/host.json", self.folder / "b/host.json", self.folder / "b/other.json"]
        for path in paths:
            path.write_text(OWNED.read_text(encoding="utf-8"), encoding="utf-8")
        self.assertEqual(re.findall("<h3 [^>]*>(.*?)</h3>", self.page(*paths)), [str(paths[0]), str(paths[1]), "other"])

    def test_files(self):
        """-o writes it whole or not at all; what is wrong is told in a line."""
        page = self.folder / "page.html"
        self.run_program("report", OWNED, "-o", page)
        self.assertEqual(page.read_text(encoding="utf-8"), self.page(OWNED))
        self.assertEqual(self.run_program("report", OWNED, "-o", "-").stdout.decode(), self.page(OWNED))
        before = page.read_bytes()
        bad = self.folder / "bad.json"
        bad.write_text("{}")
        for words, status, message in (
                (["report", OWNED, bad, "-o", page], 4, "not a host description"),
                (["report", OWNED, self.folder / "none.json", "-o", page], 4, "No such file"),
                (["report", OWNED, "-o", self.folder / "none/page.html"], 6, "No such file"),
                (["report", "-o", page], 2, "needs host descriptions"),
                (["report", OWNED, "--json"], 2, "has no --json"),
                (["report", OWNED, "--host", OWNED], 2, "no --host"),
                (["report", OWNED, "--connect", "qemu:///system"], 2, "--connect is for"),
                (["show", "-o", page], 2, "--output is for 'report'")):
            result = self.run_program(*words, status=status)
            self.assertEqual(result.stdout, b"")
            self.assertIn(message, result.stderr.decode())
            self.assertEqual(page.read_bytes(), before)

    def test_a_description_is_not_replaced(self):
        """By its name, by a link to it, by another way to it."""
        host, link = self.folder / "host.json", self.folder / "link.json"
        host.write_text(OWNED.read_text(encoding="utf-8"), encoding="utf-8")
        link.symlink_to("host.json")
        for output in (host, link, self.folder / "." / ".." / self.folder.name / "host.json"):
            result = self.run_program("report", HGX8, host, "-o", output, status=2)
            self.assertEqual((result.stdout, result.stderr.count(b"\n")), (b"", 1))
            self.assertEqual(host.read_text(encoding="utf-8"), OWNED.read_text(encoding="utf-8"))

    def test_lists_and_pictures_know_it_too(self):
        listed = self.run_program("devices", "--host", OWNED).stdout.decode()
        self.assertRegex(listed, r"(?m)^0000:41:00.0 .* train-1, running ")
        devices = {d["bdf"]: d for d in json.loads(self.run_program("devices", "--json", "--host", OWNED).stdout)["devices"]}
        self.assertEqual((devices["0000:de:00.0"]["state"], devices["0000:3d:00.1"]["state"]), ("conflict", "free"))
        self.assertIn("train-1, running", self.run_program("show", "--svg", "--host", OWNED).stdout.decode())


if __name__ == "__main__":
    unittest.main()
