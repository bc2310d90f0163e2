#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The schemas are schemas, refuse what is wrong, and accept what vtopo writes and its examples."""

import json
import pathlib
import sys
import unittest
from xml.etree import ElementTree

try:
    import jsonschema
except ImportError:
    sys.exit("test_schemas: python3-jsonschema is missing")

TOP = pathlib.Path(__file__).resolve().parents[2]


def load(path):
    return json.loads((TOP / path).read_text(encoding="utf-8"))


def accepts(schema, value):
    return jsonschema.Draft202012Validator(schema).is_valid(value)


class Schemas(unittest.TestCase):
    def test_they_are_schemas(self):
        paths = sorted((TOP / "schemas").glob("*.schema.json"))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(path.name):
                jsonschema.Draft202012Validator.check_schema(load(path))

    def test_every_policy_key_is_explained(self):
        schema = load("schemas/policy.schema.json")
        for name, key in (schema["properties"] | schema["$defs"]["device"]["properties"]).items():
            self.assertIn("description", key, name)

    def test_example_policies(self):
        schema = load("schemas/policy.schema.json")
        for path in sorted((TOP / "examples/policies").glob("*.json")):
            with self.subTest(path.name):
                jsonschema.validate(load(path), schema, jsonschema.Draft202012Validator)

    def test_hosts(self):
        schema = load("schemas/host.schema.json")
        paths = [*(TOP / "examples/hosts").glob("*.json"), *(TOP / "tests/hosts").glob("*.json")]
        self.assertTrue(paths)
        for path in sorted(paths):
            with self.subTest(path.name):
                jsonschema.validate(load(path), schema, jsonschema.Draft202012Validator)

    def test_policies_that_the_reader_refuses(self):
        # The same as in unit/test_policy.c: schema and reader must agree.
        schema = load("schemas/policy.schema.json")
        device = {"bdf": "41:00.0", "keep": True}
        wrong = [
            [], {"mirrow": "numa"}, {"mirror": "nume"}, {"mirror": 1}, {"adopt": 1},
            {"strict": "on"}, {"spare_ports": -1}, {"spare_ports": 256},
            {"clique": 0}, {"libvirt_version": 8.0}, {"libvirt_version": "8"},
            {"devices": [device | {"clique": 16}]}, {"devices": [device | {"clique": "0"}]},
            {"devices": [device | {"attach_pci": ""}]},
            {"unmapped_node": "group"}, {"without_numa": True}, {"nvme_disks": None},
            {"devices": {}}, {"devices": [3]}, {"devices": [{"keep": True}]},
            {"devices": [{"bdf": "41:00.0"}]}, {"devices": [device | {"id": "10de:2235"}]},
            {"devices": [device | {"kepp": 1}]}, {"devices": [device | {"keep": 1}]},
            {"devices": [device | {"bdf": "41:20.0"}]}, {"devices": [device | {"node": 1024}]},
            {"devices": [{"id": "10de:22355", "keep": True}]},
        ]
        self.assertTrue(accepts(schema, {"devices": [device]}))
        for policy in wrong:
            with self.subTest(policy=policy):
                self.assertFalse(accepts(schema, policy))

    def test_golden_policies(self):
        # schema and reader agree about the policies of golden cases, too
        schema = load("schemas/policy.schema.json")
        paths = sorted((TOP / "tests/golden").glob("*/policy.json"))
        self.assertGreater(len(paths), 10)
        for path in paths:
            with self.subTest(str(path)):
                try:
                    good = accepts(schema, load(path))
                except json.JSONDecodeError:
                    good = False
                self.assertEqual(good, (path.parent / "status").read_text() != "6\n")

    def test_every_value_of_a_policy_has_a_golden_case(self):
        schema = load("schemas/policy.schema.json")
        missing = {(name, value) for name, key in schema["properties"].items()
                   for value in key.get("enum", [True]) if value != key.get("default")
                   and name not in ("$schema", "devices", "spare_ports", "libvirt_version",
                                    "qemu_version", "ovmf_version", "seabios_version",
                                    "rewrite", "on_start")}  # tests/virt: no plan depends on these two
        missing |= {("spare_ports", 1), ("libvirt_version", "8.0.0"), ("qemu_version", "10.0"),
                    ("ovmf_version", "2025.02"), ("seabios_version", "1.17.0")}
        missing |= {(by, name) for name in ("keep", "node", "hotplug", "clique", "attach_pci") for by in ("bdf", "id")}
        missing |= {("keep", False), ("hotplug", False), ("node", -1), ("attach_pci", False)}
        for path in (TOP / "tests/golden").glob("*/policy.json"):
            if (path.parent / "status").read_text() == "6\n":
                continue
            policy = load(path)
            for device in policy.pop("devices", []):
                by = "bdf" if "bdf" in device else "id"
                missing -= {(by, name) for name in device} | set(device.items())
            lists = {name for name, key in schema["properties"].items() if key.get("$ref", "").endswith("/list")}
            missing -= {(name, name in lists or value) for name, value in policy.items()}
        # --mirror says root in the golden cases of that mode: the reader does not tell them apart
        self.assertEqual(missing, {("mirror", "root")})

    def test_plans(self):
        schema = load("schemas/plan.schema.json")
        paths = sorted((TOP / "tests/unit/expected").glob("plan-*.json"))
        paths += sorted((TOP / "tests/golden").glob("*/plan.json"))
        self.assertGreater(len(paths), 10)
        for path in paths:
            with self.subTest(str(path)):
                jsonschema.validate(load(path), schema, jsonschema.Draft202012Validator)

    def test_plans_for_guests(self):
        """Of the golden cases that put one into the domain."""
        schema = load("schemas/guest-plan.schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        found = 0
        for path in sorted((TOP / "tests/golden").glob("deliver*/expected.xml")):
            for argument in ElementTree.parse(path).iterfind("{*}commandline/{*}arg"):
                name, _, text = argument.get("value").partition(",string=")
                if name != "name=opt/org.vtopo/plan.json":
                    continue
                with self.subTest(str(path)):
                    plan = json.loads(text.replace(",,", ","))
                    jsonschema.validate(plan, schema, jsonschema.Draft202012Validator)
                    self.assertEqual(set(plan), set(schema["properties"]))
                    for part, kind in [("devices", "device"), ("switches", "switch"), ("root_complexes", "root_complex")]:
                        for item in plan[part]:
                            self.assertEqual(set(item), set(schema["$defs"][kind]["properties"]), part)
                found += 1
        self.assertGreater(found, 1)

    def test_plans_have_no_key_that_the_schema_does_not_know(self):
        schema = load("schemas/plan.schema.json")
        plan = load("tests/unit/expected/plan-switch.json")
        self.assertEqual(set(plan) | {"address_space"}, set(schema["properties"]))  # that only where BARs are large
        for part, kind in [("controllers", "controller"), ("cards", "card"),
                           ("devices", "device"), ("budgets", "budget"), ("findings", "finding")]:
            self.assertTrue(plan[part])
            for item in plan[part]:
                self.assertEqual(set(item), set(schema["$defs"][kind]["properties"]), part)


if __name__ == "__main__":
    unittest.main()
