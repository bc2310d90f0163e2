#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_policy_keys.py - both schemas, the man pages, the options and the completion know the keys of policy_keys.def

Takes:  lib/model/policy_keys.def, schemas/, the sources of the pages and of the completion, --help of vtopo-xml.
Gives:  a failure for a key that one of them lacks, has too much, or gives other values, limits or another default.
Not here: whether the readers agree (unit/test_policy.c, unit/test_parse_policy.c).
"""
import json
import re
import unittest
import xml.etree.ElementTree

import programs
import test_man

DEFINITIONS = (programs.SOURCE / "lib/model/policy_keys.def").read_text(encoding="utf-8")
SCHEMA = json.loads((programs.SOURCE / "schemas/policy.schema.json").read_text(encoding="utf-8"))
GRAMMAR = xml.etree.ElementTree.parse(programs.SOURCE / "schemas/domain-policy.rng").getroot()
RNG = "{http://relaxng.org/ns/structure/1.0}"
NUMBERS = [-1025, -1000, -255, -16, -2, -1, *range(0, 1200), 2000, 9999, 10000]


class Key:
    def __init__(self, name, values, places, default=None):
        self.name = name
        self.kind = re.match(r"\w+", values).group()
        self.words = re.findall(r'"([^"]*)"', values) if self.kind == "WORD" else []
        self.limits = tuple(map(int, re.findall(r"-?\d+", values))) if self.kind in ("NUMBER", "LIST") else None
        self.places = set(places.split(" | "))
        self.default = default

    def is_in(self, place):
        return place in self.places


def read(pattern):
    return [match.groupdict() for match in re.finditer(pattern, DEFINITIONS, re.M)]


VALUES = r"(?P<values>FLAG|NUMBER\([^)]*\)|WORD\([^)]*\)|VERSION\([^)]*\))"
KEYS = [Key(**groups) for groups in
        read(rf"^POLICY_KEY\((?P<name>\w+), [\w ]+, (?P<default>\w+), {VALUES}, (?P<places>[\w |]+)\)$")]
LISTS = [Key(name=g["name"], values="LIST(0, %s)" % g["highest"], places=g["places"]) for g in
         read(r"^POLICY_LIST\((?P<name>\w+), (?P<highest>\d+), (?P<places>[\w |]+)\)$")]
DEVICE_KEYS = [Key(**groups) for groups in read(rf"^DEVICE_KEY\((?P<name>\w+), {VALUES}, (?P<places>[\w |]+)\)$")]


def names(keys, place):
    return {key.name for key in keys if key.is_in(place)}


def definition(reference):
    return GRAMMAR.find(f"{RNG}define[@name='{reference.get('name')}']")


def attributes(element):
    """{name: the <attribute> element} of all that may be in @element, whatever refers to it."""
    found = {}
    for child in element:
        if child.tag == RNG + "attribute":
            found[child.get("name")] = child
        elif child.tag == RNG + "ref":
            if child.get("name") != "device":
                found |= attributes(definition(child))
        elif child.tag != RNG + "element":
            found |= attributes(child)
    return found


class PolicyKeys(unittest.TestCase):
    maxDiff = None

    def test_every_line_is_read(self):
        self.assertEqual(len(KEYS), len(re.findall(r"^POLICY_KEY\(", DEFINITIONS, re.M)))
        self.assertEqual(len(LISTS), len(re.findall(r"^POLICY_LIST\(", DEFINITIONS, re.M)))
        self.assertEqual(len(DEVICE_KEYS), len(re.findall(r"^DEVICE_KEY\(", DEFINITIONS, re.M)))
        for key in KEYS + LISTS + DEVICE_KEYS:
            self.assertLessEqual(key.places, {"IN_FILE", "IN_METADATA", "AS_OPTION"})

    def check_schema(self, key, rule):
        if key.kind == "FLAG":
            self.assertEqual(rule["$ref"], "#/$defs/flag", key.name)
            self.assertEqual(SCHEMA["$defs"]["flag"]["enum"], [True, False, "yes", "no", "true", "false"])
            return
        self.assertEqual(rule.get("enum", []), key.words, key.name)
        self.assertEqual((rule.get("minimum"), rule.get("maximum")), key.limits or (None, None), key.name)
        self.assertEqual(rule.get("type"), {"NUMBER": "integer", "WORD": None, "VERSION": "string"}[key.kind], key.name)

    def test_schema_of_the_file(self):
        properties, of_device = SCHEMA["properties"], SCHEMA["$defs"]["device"]["properties"]
        self.assertEqual(set(properties), names(KEYS + LISTS, "IN_FILE") | {"$schema", "devices"})
        self.assertEqual(set(of_device), names(DEVICE_KEYS, "IN_FILE") | {"bdf", "id"})
        self.assertEqual([rule["required"] for rule in SCHEMA["$defs"]["device"]["anyOf"]],
                         [[key.name] for key in DEVICE_KEYS])
        for key in KEYS:
            self.check_schema(key, properties[key.name])
        for key in LISTS:
            self.assertEqual(properties[key.name]["$ref"], "#/$defs/list", key.name)
        for key in DEVICE_KEYS:
            self.check_schema(key, of_device[key.name])

    def test_defaults_in_the_schema(self):
        for key in KEYS:
            default = SCHEMA["properties"][key.name].get("default")
            if key.kind == "WORD":
                default = re.sub(r"\W", "_", default).upper()
                self.assertTrue(key.default.endswith("_" + default), key.name)
            elif key.kind != "VERSION":
                self.assertEqual(json.dumps(default), key.default, key.name)

    def check_attribute(self, key, attribute):
        references = attribute.findall(RNG + "ref")
        content = definition(references[0]) if references else attribute
        words = [value.text for value in content.iter(RNG + "value")]
        self.assertEqual(sorted(words), sorted(["false", "no", "true", "yes"] if key.kind == "FLAG" else key.words), key.name)
        if key.kind == "NUMBER":
            pattern = re.compile(content.find(f".//{RNG}param").text)
            low, high = key.limits
            accepted = [number for number in NUMBERS if pattern.fullmatch(str(number))]
            self.assertEqual(accepted, [number for number in NUMBERS if low <= number <= high], key.name)

    def test_schema_of_the_metadata(self):
        policy = attributes(GRAMMAR.find(f"{RNG}start/{RNG}element"))
        device = attributes(GRAMMAR.find(f"{RNG}define[@name='device']/{RNG}element"))
        self.assertEqual(set(policy), names(KEYS + LISTS, "IN_METADATA"))
        self.assertEqual(set(device), names(DEVICE_KEYS, "IN_METADATA") | {"bdf", "id"})
        for key in KEYS:
            if key.is_in("IN_METADATA"):
                self.check_attribute(key, policy[key.name])
        for key in DEVICE_KEYS:
            if key.is_in("IN_METADATA"):
                self.check_attribute(key, device[key.name])

    def check_page(self, keys, page, more):
        self.assertEqual({term.strip("*") for term in page}, {key.name for key in keys} | more)
        for key in keys:
            text = page[f"*{key.name}*"]
            self.assertEqual(set(re.findall(r'\*"([a-z,]+)"\*', text)), set(key.words), key.name)
            for number in key.limits or ():
                self.assertRegex(text, rf"(^|\s|\()({number})\b", key.name)

    def test_page_of_the_policy(self):
        sections = test_man.sections("cmd/vtopo-policy.5.scd")
        self.check_page(KEYS + LISTS, test_man.terms(sections["KEYS"]), {"$schema", "devices"})
        self.check_page(DEVICE_KEYS, test_man.terms(sections["DEVICES"]), {"bdf", "id"})
        listed = re.search(r"A domain can say of itself what (.*?) say", sections["IN THE DOMAIN"], re.S).group(1)
        self.assertEqual(set(re.findall(r"\*(\w+)\*", listed)), names(KEYS + LISTS, "IN_METADATA") | {"devices"})

    def test_options(self):
        options = programs.options("VTOPO_XML")
        page = test_man.terms(test_man.sections("cmd/vtopo-xml.1.scd")["OPTIONS"])
        completion = (programs.SOURCE / "cmd/completion/vtopo-xml").read_text(encoding="utf-8")
        for key in KEYS + LISTS:
            option = "--" + key.name.replace("_", "-")
            self.assertEqual(option in options, key.is_in("AS_OPTION"), key.name)
            if not key.is_in("AS_OPTION"):
                continue
            self.assertEqual(options[option][1] is None, key.kind == "FLAG", key.name)
            term, = (text for heading, text in page.items() if f"*{option}*" in heading)
            for word in key.words:
                self.assertIn(f"*{word}*", term, key.name)
            for number in key.limits or ():
                self.assertRegex(term, rf"\b{number}\b", key.name)
            if key.words:
                offered = re.search(rf"{option}\)\n.*compgen -W '([a-z, ]+)'", completion).group(1)
                self.assertEqual(offered.split(), key.words, key.name)


if __name__ == "__main__":
    unittest.main()
