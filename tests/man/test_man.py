#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_man.py - the man pages say what there is: nothing more and nothing less

Takes:  the sources of the pages, --help of the programs, the schema of the policy.
Gives:  a failure for an option, argument, command, exit status, key or value that only one side knows.
"""
import json
import os
import pathlib
import re
import subprocess
import unittest

import programs

SCHEMA = json.loads((programs.SOURCE / "schemas/policy.schema.json").read_text(encoding="utf-8"))
# vtopo-host says nothing about a domain.
HOST_STATUSES = {0, 1, 2, 4, 6, 7, 70}


def sections(page):
    text = (programs.SOURCE / page).read_text(encoding="utf-8")
    parts = re.split(r"^# (.+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def terms(section):
    """{heading line: text below it} of a list with hanging text."""
    found = {}
    for block in re.findall(r"^(\*.+)\n((?:\t.*\n|\n(?=\t))+)", section, flags=re.M):
        found[block[0]] = re.sub(r"\s+", " ", block[1])
    return found


def page_options(section):
    """As programs.options()."""
    found = {}
    for term in terms(section):
        match = re.fullmatch(r"(?:\*(-\w)\*, )?\*(--[\w-]+)\*(?: _(\S+)_|\[=_(\S+)_\])?", term)
        assert match, term
        short, name, word, optional = match.groups()
        found[name] = (short, f"[{optional}]" if optional else word)
    return found


def page_statuses(section):
    return {int(term.strip("*")) for term in terms(section)}


class Pages(unittest.TestCase):
    maxDiff = None

    def test_options_of_vtopo_xml(self):
        self.assertEqual(page_options(sections("cmd/vtopo-xml.1.scd")["OPTIONS"]), programs.options("VTOPO_XML"))

    def test_findings(self):
        """The page is made from the register; what it says of each is what --help-finding says."""
        register = (programs.SOURCE / "lib/model/findings.def").read_text(encoding="utf-8")
        known = [(f"{int(number):04}", title, severity.lower() + (", strict" if strict == "1" and severity != "REFUSAL" else ""))
                 for number, severity, strict, title in re.findall(
                     r'^FINDING\((\d+), \w+, SEVERITY_(\w+), ([01]), "(.*)"\)$', register, re.M)]
        self.assertEqual(len(known), len(re.findall("^FINDING", register, re.M)))
        page = re.sub(r"\\(.)", r"\1", pathlib.Path(os.environ["VTOPO_FINDINGS_PAGE"]).read_text(encoding="utf-8"))
        entries = re.findall(r"^\*VTOPO-(\d{4})\* (.*) \((.*)\)\n\tMeaning: (.+)\n\n\tComes: (.+)\n\n\tTo do: (.+)\n", page, re.M)
        self.assertEqual([entry[:3] for entry in entries], known)
        for number, title, _, *texts in entries:
            printed = subprocess.run([os.environ["VTOPO_XML"], "--help-finding", number], stdout=subprocess.PIPE, check=True,
                                  text=True).stdout
            paragraphs = [" ".join(part.split()) for part in printed.split("\n\n")]
            self.assertTrue(paragraphs[0].startswith(f"VTOPO-{number}: {title} ("), printed)
            self.assertEqual(paragraphs[1:], [f"{heading} {text}" for heading, text in
                                              zip(("What it means", "When it comes", "What to do"), texts)])

    def test_options_of_vtopo_host(self):
        self.assertEqual(page_options(sections("cmd/vtopo-host.1.scd")["OPTIONS"]), programs.options("VTOPO_HOST"))

    def test_commands_of_vtopo_host(self):
        page = {}
        for term in terms(sections("cmd/vtopo-host.1.scd")["COMMANDS"]):
            name, word, more, maybe, dots = re.fullmatch(
                r"\*(\w+)\*(?: _(\w+)_(\.\.\.)?| \[_(\w+)_\](\.\.\.)?)?", term).groups()
            page[name] = f"[{maybe}{dots or ''}]" if maybe else word + (more or "") if word else None
        self.assertEqual(page, programs.commands("VTOPO_HOST"))

    def test_commands_with_options_of_their_own(self):
        for command, statuses in (("place", {0, 2, 3, 4, 5, 6, 7, 70}), ("prepare", {0, 2, 4, 5, 6, 7, 70})):
            page = sections("cmd/vtopo-host-%s.1.scd" % command)
            self.assertEqual(page_options(page["OPTIONS"]), programs.options("VTOPO_HOST " + command))
            self.assertEqual(page_statuses(page["EXIT STATUS"]), statuses)
            self.assertLess(statuses, programs.statuses())

    def test_vtopo_guest(self):
        page = sections("cmd/vtopo-guest.8.scd")
        self.assertEqual(page_options(page["OPTIONS"]), programs.options("VTOPO_GUEST"))
        self.assertEqual(page_statuses(page["EXIT STATUS"]), HOST_STATUSES)

    def test_vtopo_define(self):
        page = sections("cmd/vtopo-define.8.scd")
        self.assertEqual(page_options(page["OPTIONS"]), programs.options("VTOPO_DEFINE"))
        self.assertEqual(page_statuses(page["EXIT STATUS"]), programs.statuses())

    def test_vtopo_sidecar(self):
        page = sections("hooks/vtopo-sidecar.8.scd")
        self.assertEqual(page_options(page["OPTIONS"]), programs.options("VTOPO_SIDECAR"))
        self.assertLess(page_statuses(page["EXIT STATUS"]), programs.statuses())

    def test_vtopod(self):
        page = sections("cmd/vtopod.8.scd")
        self.assertEqual(page_options(page["OPTIONS"]), programs.options("VTOPOD"))
        self.assertLess(page_statuses(page["EXIT STATUS"]), programs.statuses())

    def test_options_of_the_hooks(self):
        page = sections("hooks/vtopo-hooks.8.scd")
        self.assertEqual(page_options(page["OPTIONS OF ONDEFINEDOMAIN"]), programs.options("VTOPO_ON_DEFINE_DOMAIN"))
        text = programs.help_of("VTOPO_QEMU_HOOK")
        usage = {name: (None, word) for name, word in re.findall(r"\[(--\w+) (\w+)\]", text)}
        usage.update((name, (None, None)) for name in re.findall(r"^  (--\w+) ", text, flags=re.M))
        self.assertEqual(page_options(page["OPTIONS OF VTOPO-QEMU-HOOK"]), usage)

    def test_help_fits_a_screen(self):
        for variable in ("VTOPO_XML", "VTOPO_HOST", "VTOPO_HOST place", "VTOPO_HOST prepare", "VTOPO_COMPARE", "VTOPO_GUEST", "VTOPO_DEFINE", "VTOPOD", "VTOPO_ON_DEFINE_DOMAIN", "VTOPO_QEMU_HOOK",
                         "VTOPO_SIDECAR"):
            lines = programs.help_of(variable).splitlines()
            self.assertTrue(lines, variable)
            self.assertLessEqual(len(lines), 28, variable)
            self.assertLessEqual(max(map(len, lines)), 80, variable)

    def test_exit_statuses(self):
        self.assertEqual(page_statuses(sections("cmd/vtopo-xml.1.scd")["EXIT STATUS"]), programs.statuses())
        self.assertEqual(page_statuses(sections("cmd/vtopo-host.1.scd")["EXIT STATUS"]), HOST_STATUSES)
        self.assertLess(HOST_STATUSES, programs.statuses())

    def check_keys(self, section, properties):
        page = terms(sections("cmd/vtopo-policy.5.scd")[section])
        self.assertEqual({term.strip("*") for term in page}, set(properties))
        for name, rule in properties.items():
            words = set(re.findall(r'\*"([\w,]+)"\*', page[f"*{name}*"]))
            self.assertEqual(words, set(rule.get("enum", [])), name)
            for number in (rule.get("maximum"), rule.get("minimum")):
                if number is not None:
                    self.assertRegex(page[f"*{name}*"], rf"(^|\s|\()({number})\b", name)

    def test_keys_of_the_policy(self):
        self.check_keys("KEYS", SCHEMA["properties"])
        self.check_keys("DEVICES", SCHEMA["$defs"]["device"]["properties"])

    def test_defaults_of_the_policy(self):
        page = terms(sections("cmd/vtopo-policy.5.scd")["KEYS"])
        for name, rule in SCHEMA["properties"].items():
            if "enum" in rule:
                self.assertRegex(page[f"*{name}*"], rf'\*"{rule["default"]}"\* \(the default\)')


if __name__ == "__main__":
    unittest.main()
