#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_examples.py - examples/kubevirt: does what stands there work?

Takes:  VTOPO_HOOK_KUBEVIRT: the program.
Rule:   no YAML library: the parts that matter are cut out of the text as they stand there.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
KUBEVIRT = TOP / "examples" / "kubevirt"
HOOK = os.environ.get("VTOPO_HOOK_KUBEVIRT")
CALL2 = (TOP / "tests" / "domains" / "kubevirt-call2.xml").read_text(encoding="utf-8")


def block(text, key):
    """The lines of a YAML block `KEY: |`."""
    lines = text[text.index(key + ": |\n") + len(key + ": |\n"):].splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    return textwrap.dedent("\n".join(
        line for line in lines[:next((i for i, line in enumerate(lines)
                                      if line.strip() and len(line) - len(line.lstrip()) < indent),
                                     len(lines))]) + "\n")


def call(*command, vmi="{}"):
    return subprocess.run([*command, "--vmi", vmi, "--domain", CALL2,
                           "--host", str(TOP / "examples" / "hosts" / "two-dpu.json")],
                          capture_output=True, text=True)


class Examples(unittest.TestCase):
    def test_annotations(self):
        shim = json.loads(block((KUBEVIRT / "vm-shim.yaml").read_text(), "hooks.kubevirt.io/hookSidecars"))
        self.assertEqual(shim[0]["args"], ["--version", "v1alpha3"])
        text = (KUBEVIRT / "vm.yaml").read_text()
        sidecars = json.loads(block(text, "hooks.kubevirt.io/hookSidecars"))
        self.assertEqual([sorted(s) for s in sidecars], [["args", "image", "imagePullPolicy"]])
        annotations = dict(re.findall(r'(vtopo\.io/\w+): "(\w+)"', text))
        self.assertEqual(sorted(annotations), ["vtopo.io/mirror", "vtopo.io/strict"])
        result = call(HOOK, vmi=json.dumps({"metadata": {"annotations": annotations}}))
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_config_map(self):
        script = block((KUBEVIRT / "configmap.yaml").read_text(), "onDefineDomain")
        self.assertIn("/usr/libexec/vtopo/onDefineDomain ", script)
        script = script.replace("/usr/libexec/vtopo/onDefineDomain ", HOOK + " ")
        result = call("/bin/sh", "-c", script, "sh")
        self.assertEqual(result.returncode, 0, result.stderr)
        exact = call(HOOK, vmi='{"metadata": {"annotations": {"vtopo.io/mirror": "exact"}}}')
        self.assertEqual(result.stdout, exact.stdout)
        bad = call("/bin/sh", "-c", script.replace('"exact"', '"exactly"'), "sh")
        self.assertEqual((bad.returncode, bad.stdout), (6, ""))

    def test_registries(self):
        """Nobody's registry is named."""
        for path in filter(pathlib.Path.is_file, KUBEVIRT.rglob("*")):
            for name in re.findall(r"[\w.-]+\.[\w-]+(?=/[\w./-]+:[\w.-]+)", path.read_text()):
                self.assertEqual(name, "registry.example", path)


if __name__ == "__main__":
    if not HOOK:
        sys.exit("VTOPO_HOOK_KUBEVIRT is not set")
    unittest.main()
