#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_manifests.py - the manifests of examples/kubevirt: known names only, and they fit each other and the program

Takes:  VTOPO_SIDECAR: the program; Debian's python3-yaml and python3-jsonschema.
Rule:   manifests.json has of the API what the examples use; what is not in it is an error, as it is for the API server.
Not here: what Kubernetes makes of them and of their expressions (test_admission.py), a cluster; what the sidecars are told to do (test_examples.py, test_sidecar.py).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import jsonschema
import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
KUBEVIRT = TOP / "examples/kubevirt"
SCHEMA = json.loads((TOP / "tests/hooks/manifests.json").read_text(encoding="utf-8"))
PROGRAM = os.environ.get("VTOPO_SIDECAR")


def validate(value, kind):
    jsonschema.Draft7Validator({**SCHEMA, "$ref": "#/definitions/" + kind}).validate(value)


def manifests():
    """{(kind, file): the object}"""
    found = {}
    for path in sorted(KUBEVIRT.rglob("*.yaml")):
        for value in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            found[value["kind"], str(path.relative_to(KUBEVIRT))] = value
    return found


def of(kind):
    value, = [value for (found, _), value in manifests().items() if found == kind]
    return value


def sidecars(name):
    text = manifests()["VirtualMachine", name]["spec"]["template"]["metadata"]["annotations"]["hooks.kubevirt.io/hookSidecars"]
    return json.loads(text)


def is_understood(*arguments):
    """By the program: it ends because there is no such folder here, and not because of its options."""
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode == 6 and "cannot open the folder '/var/run/kubevirt-" in done.stderr


class Manifests(unittest.TestCase):
    def test_names(self):
        found = manifests()
        self.assertEqual(sorted({kind for kind, _ in found}),
                         ["ConfigMap", "Kustomization", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "Plugin", "VirtualMachine"])
        for (kind, path), value in found.items():
            with self.subTest(path, kind=kind):
                validate(value, kind)

    def test_a_wrong_name_is_noticed(self):
        machine = manifests()["VirtualMachine", "vm.yaml"]
        machine["spec"]["template"]["spec"]["domain"]["cpu"]["dedicatedCPUPlacement"] = True
        with self.assertRaises(jsonschema.ValidationError):
            validate(machine, "VirtualMachine")

    def test_annotation(self):
        for name in ("vm.yaml", "vm-shim.yaml"):
            validate(sidecars(name), "hookSidecars")
        only, = sidecars("vm.yaml")
        self.assertTrue(is_understood(*only["args"]))

    def test_config_map(self):
        """The annotation names what is there."""
        only, = sidecars("vm-shim.yaml")
        config = of("ConfigMap")
        self.assertEqual(only["configMap"]["name"], config["metadata"]["name"])
        self.assertIn(only["configMap"]["key"], config["data"])

    def test_plugin(self):
        """KubeVirt waits for the socket that the added container binds, in the folder that both see."""
        plugin, policy, binding = of("Plugin"), of("MutatingAdmissionPolicy"), of("MutatingAdmissionPolicyBinding")
        name = plugin["metadata"]["name"]
        self.assertEqual(plugin["spec"]["mutatingAdmissionPolicies"], [{"name": policy["metadata"]["name"]}])
        self.assertEqual(binding["spec"]["policyName"], policy["metadata"]["name"])
        expression = policy["spec"]["mutations"][0]["jsonPatch"]["expression"]
        for opening, closing in ("{}", "[]", "()"):
            self.assertEqual(expression.count(opening), expression.count(closing))
        arguments = json.loads(re.search(r"args: (\[.*\])", expression).group(1))
        self.assertEqual(arguments[:2], ["--plugin", name])
        self.assertTrue(is_understood(*arguments))
        socket = plugin["spec"]["domainHooks"][0]["sidecar"]["socketPath"]
        self.assertEqual(socket, "/var/run/kubevirt-plugin/%s/vtopo.sock" % name)
        self.assertEqual(re.search(r'mountPath: "(.*)"', expression).group(1), os.path.dirname(socket) + "/")
        self.assertEqual(re.search(r'subPath: "(.*)"', expression).group(1), name)
        image = re.search(r'image: "(.*)"', expression).group(1)
        self.assertEqual(image, sidecars("vm.yaml")[0]["image"])
        self.assertTrue(image.endswith(":" + re.search(r"project\(vtopo VERSION (\S+)", (TOP / "CMakeLists.txt").read_text()).group(1)))

    def test_kustomization(self):
        folder = KUBEVIRT / "plugin"
        listed = of("Kustomization")["resources"]
        self.assertEqual(sorted(listed), sorted(path.name for path in folder.iterdir() if path.name != "kustomization.yaml"))


if __name__ == "__main__":
    if not PROGRAM:
        sys.exit("VTOPO_SIDECAR is not set")
    unittest.main()
