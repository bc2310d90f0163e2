#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_kubevirt_calls.py - single calls of onDefineDomain: which ones act, annotations, bad input

Takes:  VTOPO_HOOK_KUBEVIRT: the program.
Rule:   status 0 and a domain, or another status, nothing on stdout and one line on stderr.
Not here: whole boots (test_kubevirt.py).
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = TESTS.parent / "examples"
HOOK = os.environ.get("VTOPO_HOOK_KUBEVIRT")
TWO_DPU = str(EXAMPLES / "hosts" / "two-dpu.json")

CALL1 = (TESTS / "domains" / "kubevirt-call1.xml").read_text(encoding="utf-8")
CALL2 = (TESTS / "domains" / "kubevirt-call2.xml").read_text(encoding="utf-8")
PLACEHOLDER = CALL1[CALL1.index('\t\t<interface type="ethernet">\n\t\t\t<source></source>\n\t\t\t<target dev="pl'):
                    CALL1.index("\t\t<channel")]
PLAIN = CALL1.replace(PLACEHOLDER, "")  # without placeholders
BARE_PORT = PLAIN.replace(
    '\t\t<memballoon', '\t\t<controller type="pci" index="1" model="pcie-root-port"></controller>\n\t\t<memballoon')

USAGE, DOMAIN, HOST, REFUSED, FILE = 2, 3, 4, 5, 6




ANNOTATED = json.dumps({"metadata": {"annotations": {"kubevirt.io/pci-topology-version": "v3"}}})


def annotated(**vtopo):
    return json.dumps({"metadata": {"annotations": {"vtopo.io/" + n: v for n, v in vtopo.items()}}})


def call(*arguments, **how):
    return subprocess.run([HOOK, *arguments], capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL, **how)


def hook(vmi_text, xml, *more):
    return call("--vmi", vmi_text, "--domain", xml, "--host", TWO_DPU, *more)


class Calls(unittest.TestCase):
    def product(self, vmi_text, xml, *more):
        result = hook(vmi_text, xml, *more)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode()

    def fails(self, status, words, result):
        self.assertEqual((result.returncode, result.stdout), (status, b""), result.stderr.decode())
        message = result.stderr.decode()
        self.assertEqual(message.count("\n"), 1, message)
        self.assertTrue(message.startswith("onDefineDomain: "), message)
        self.assertIn(words, message)

    # --- which calls act

    def test_placeholders(self):
        """Another call is sure to follow, with or without the alias that they have since KubeVirt 1.8."""
        without_alias = CALL1
        for number in range(3):
            without_alias = without_alias.replace('\t\t\t<alias name="placeholder-%d"></alias>\n' % number, "")
        self.assertNotIn("alias name=\"placeholder", without_alias)
        for xml in (CALL1, without_alias):
            for vmi_text in ("{}", ANNOTATED):
                self.assertEqual(self.product(vmi_text, xml), xml)

    def test_skipped_call_is_reported(self):
        self.assertIn(b"KubeVirt will show the domain again", hook("{}", CALL1).stderr)

    def test_no_addresses(self):
        """No placeholders, no address: the annotation says whether KubeVirt is one that calls again."""
        self.assertEqual(self.product(ANNOTATED, PLAIN), PLAIN)
        self.assertIn('name="ua-vtopo-', self.product("{}", PLAIN))

    def test_bare_ports(self):
        """Root ports without anything on them are added before the last call only."""
        self.assertIn('name="ua-vtopo-', self.product(ANNOTATED, BARE_PORT))

    def test_addresses(self):
        for vmi_text in ("{}", ANNOTATED):
            self.assertIn('name="ua-vtopo-', self.product(vmi_text, CALL2))

    def test_twice(self):
        """The output is an input to which nothing is to be added."""
        for xml in (PLAIN, BARE_PORT, CALL2):
            once = self.product("{}", xml)
            self.assertEqual(self.product("{}", once), once)
            self.assertEqual(self.product(ANNOTATED, once), once)

    def test_nothing_assigned(self):
        start, end = CALL2.index("\t\t<hostdev"), CALL2.rindex("</hostdev>\n") + len("</hostdev>\n")
        xml = CALL2[:start] + CALL2[end:]
        self.assertEqual(self.product("{}", xml), xml)

    # --- annotations

    def test_mirror(self):
        products = {mirror: self.product(annotated(mirror=mirror), CALL2)
                    for mirror in ("numa", "root", "switch", "exact")}
        self.assertEqual(products["switch"], self.product("{}", CALL2))
        self.assertNotIn("upstream-port", products["root"])
        self.assertIn("upstream-port", products["exact"])

    def test_mirror_over_policy(self):
        """The VMI's wish is stronger than the node's policy, and what it does not say stays."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
            policy.write('{"mirror": "root", "strict": true}')
            policy.flush()
            config = ("--config", policy.name)
            self.assertEqual(self.product("{}", CALL2, *config),
                             self.product(annotated(mirror="root"), CALL2))
            self.assertEqual(self.product(annotated(mirror="switch"), CALL2, *config),
                             self.product("{}", CALL2))
            pins = CALL2[CALL2.index("\t<cputune>"):CALL2.index("\t<numatune>")]
            unmapped = CALL2.replace(pins, "").replace('strict" nodeset="1"', 'strict" nodeset="0"')
            self.fails(REFUSED, "VTOPO-0010", hook("{}", unmapped, *config))
            self.assertIn("ua-vtopo-", self.product(annotated(strict="false"), unmapped, *config))
            self.fails(REFUSED, "VTOPO-0010", hook(annotated(strict="true"), unmapped))

    def test_mirror_over_domain(self):
        """What the domain itself says is stronger than the node's policy, and the VMI's wish stronger than that."""
        policy = '<v:policy xmlns:v="http://vtopo.io/domain/1.0" mirror="%s" spare_ports="1"/>'

        def with_mirror(mirror, text=CALL2):
            return text.replace("\t<metadata>", "\t<metadata>" + policy % mirror)

        for mirror in ("numa", "root"):
            wanted = self.product(annotated(mirror=mirror), CALL2)
            self.assertEqual(self.product("{}", with_mirror(mirror)), with_mirror(mirror, wanted))
            self.assertEqual(self.product(annotated(mirror=mirror), with_mirror("exact")), with_mirror("exact", wanted))
        self.fails(DOMAIN, "'mirror' must be one of", hook(annotated(mirror="root"), with_mirror("")))

    def test_spare_ports(self):
        """KubeVirt leaves interfaces to libvirt and adds ports of its own: the policy's spare ports are not for it."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
            policy.write('{"spare_ports": 2}')
            policy.flush()
            self.assertEqual(self.product("{}", CALL2, "--config", policy.name), self.product("{}", CALL2))

    def test_bad_annotations(self):
        for value in ("", "Switch", "switch ", 1, 1.5, True, None, {}):
            self.fails(FILE, "vtopo.io/mirror", hook(annotated(mirror=value), CALL2))
        for value in ("", "Yes", "True", "on", 1, True, None, ["true"]):
            self.fails(FILE, "vtopo.io/strict", hook(annotated(strict=value), CALL2))
        # in a call that is left alone already
        self.fails(FILE, "vtopo.io/strict", hook(annotated(strict="maybe"), CALL1))

    # --- bad input

    def test_vmi_without_annotations(self):
        wanted = self.product("{}", CALL2)
        for text in ('{"metadata": {}}', '{"metadata": null}', '{"metadata": {"annotations": null}}',
                     '{"metadata": {"annotations": []}}', '{"metadata": 5}', '{"metadata": "x"}',
                     ' \n{"spec": {"a": 1e300}}', '{"metadata": {"annotations": {"other": 5}}}',
                     '{"metadata": {"name": "\\ud83d\\ude00"}}'):
            self.assertEqual(self.product(text, CALL2), wanted, text)

    def test_bad_vmi(self):
        for text in ("", " ", "{", "nonsense", "[]", "null", "5", '"text"', "{} {}", '{"a": 1,}',
                     '{"metadata": {}, "metadata": {}}', "[" * 60000, '{"a":' * 20000,
                     '{"a": 1e999}', "{'a': 1}", '{"a": "\x01"}'):
            self.fails(FILE, "the VMI is not a JSON object", hook(text, CALL2))
        self.fails(FILE, "the VMI is not a JSON object", hook(b'{"a": "\xff\xfe"}', CALL2))

    def test_bad_domain(self):
        for xml in ("", "nonsense", "<domain>", "<network/>", "<!DOCTYPE domain []><domain/>",
                    "<d>" * 20000, CALL2.replace("0xde", "0x41"), CALL2.replace('bus="0x41"', 'bus="x"')):
            self.fails(DOMAIN, "domain XML", hook("{}", xml))
        self.fails(DOMAIN, "domain XML", hook("{}", b"<domain>\xff</domain>"))

    def test_bad_host(self):
        self.fails(HOST, "0000:41:00.1", hook("{}", CALL2.replace(
            'bus="0x41" slot="0x00" function="0x0"', 'bus="0x41" slot="0x00" function="0x1"')))
        self.fails(HOST, "/nonexistent", call("--vmi", "{}", "--domain", CALL2, "--host", "/nonexistent"))

    def test_bad_policy(self):
        self.fails(FILE, "/nonexistent", hook("{}", CALL2, "--config", "/nonexistent"))
        with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
            policy.write('{"mirrror": "root"}')
            policy.flush()
            self.fails(FILE, "mirrror", hook("{}", CALL2, "--config", policy.name))

    def test_usage(self):
        for arguments in ((), ("--vmi", "{}"), ("--domain", CALL2), ("--vmi", "{}", "--domain"),
                          ("--vmi", "{}", "--domain", CALL2, "more"),
                          ("--vmi", "{}", "--domain", CALL2, "--cloud-init", "x")):
            result = call(*arguments)
            self.assertEqual((result.returncode, result.stdout), (USAGE, b""))
            self.assertTrue(result.stderr)
        self.assertIn(b"(vtopo)", call("--version").stdout)
        self.assertIn(b"--vmi", call("--help").stdout)

    def test_argument_limit(self):
        """Linux takes 128 KiB (32 pages) an argument; a VMI below that is no difficulty."""
        limit = 32 * os.sysconf("SC_PAGE_SIZE")
        text = '{"spec": "%s"}'
        fits = text % ("x" * (limit - len(text) + 1))
        self.assertEqual(len(fits), limit - 1)
        self.product(fits, CALL2)
        with self.assertRaises(OSError):
            hook(fits + " ", CALL2)

    def test_stdout(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([HOOK, "--vmi", "{}", "--domain", CALL2, "--host", TWO_DPU],
                                    stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, FILE)
        self.assertIn(b"cannot write to stdout", result.stderr)


if __name__ == "__main__":
    if not HOOK:
        sys.exit("VTOPO_HOOK_KUBEVIRT is not set")
    unittest.main()
