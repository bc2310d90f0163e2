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
import re
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

NO_CELLS = re.sub(r"\t+<(numa|numatune|cputune)>.*?</\1>\n", "", CALL2, flags=re.S)
CALL1_NO_CELLS = re.sub(r"\t+<(numa|numatune|cputune)>.*?</\1>\n", "", CALL1, flags=re.S)

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

    def test_unknown_annotations(self):
        """The nearest known one is named; of others nothing is asked."""
        for name, near in (("mirorr", "mirror"), ("Strict", "strict"), ("spare_ports", "spare-ports"), ("spareports", "spare-ports"),
                           ("device", "devices"), ("onerror", "on-error"), ("cell", "cells"), ("m" * 63, "mmio")):
            self.fails(FILE, "the VMI has an unknown annotation vtopo.io/%s: the nearest that is known is vtopo.io/%s\n" % (
                name, near), hook(annotated(**{name: "yes"}), CALL2))
        self.fails(FILE, "unknown annotation vtopo.io/: the nearest", hook(annotated(**{"": "yes"}), CALL2))
        other = json.dumps({"metadata": {"annotations": {"evtopo.io/mirorr": "x", "vtopo.iox/y": "z", "vtopo.io": "w"}}})
        self.assertEqual(self.product(other, CALL2), self.product("{}", CALL2))

    def test_annotations_are_the_policy(self):
        """The same bytes as with the node's policy, over which they go, key by key."""
        for name, key, value, other in (("clique", "clique", "auto", "off"), ("links", "links", "host", "stock"),
                                        ("cells", "cells", "make", "advise"), ("mmio", "mmio", "off", "auto"),
                                        ("mirror", "mirror", "exact", "root"), ("adopt", "adopt", "yes", "no")):
            def with_policy(content):
                with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
                    json.dump(content, policy)
                    policy.flush()
                    return [self.product(vmi, CALL2, "--config", policy.name) for vmi in ("{}", annotated(**{name: value}))]

            said, both = with_policy({key: value})
            self.assertEqual(said, both)
            self.assertEqual(with_policy({key: other})[1], said, name)
            self.assertEqual(self.product(annotated(**{name: value}), CALL2), said)
        bad = {"clique": "on", "links": "Host", "cells": "yes", "mmio": "", "adopt": "maybe", "spare-ports": "-1"}
        for name, value in bad.items():
            self.fails(FILE, "annotation vtopo.io/%s of the VMI: '%s' must be" % (name, name.replace("-", "_")),
                       hook(annotated(**{name: value}), CALL2))

    def test_spare_ports_of_a_vmi(self):
        self.assertEqual(self.product(annotated(**{"spare-ports": "2"}), CALL2).count("ua-vtopo-spare-"), 4)
        self.assertNotIn("ua-vtopo-spare-", self.product(annotated(**{"spare-ports": "0"}), CALL2))

    def devices(self, wishes):
        return annotated(devices=wishes if isinstance(wishes, str) else json.dumps(wishes))

    def test_devices(self):
        """Keys of the policy for devices by their names in the VMI, whatever kind they are of."""
        def addresses(text):
            return {alias: bus for bus, alias in re.findall(
                r'</source>\s*<address type="pci" domain="0x0000" bus="(\w+)"[^>]*></address>\s*<alias name="([^"]*)"', text)}

        before, after = addresses(CALL2), addresses(self.product("{}", CALL2))
        self.assertEqual(len(after), 4)
        self.assertEqual({name for name in after if before[name] == after[name]}, set())
        for wish in ({"keep": True}, {"keep": "yes"}, {"keep": "true"}):
            kept = addresses(self.product(self.devices({"left": wish, "nic1": wish}), CALL2))
            self.assertEqual({name for name in kept if before[name] == kept[name]}, {"ua-gpu-left", "ua-hostdevice-nic1"})
        for prefix in ("ua-sriov-", "ua-dra-gpu-", "ua-dra-hostdevice-", "ua-hostdevice-"):
            text = CALL2.replace("ua-gpu-left", prefix + "left")
            kept = addresses(self.product(self.devices({"left": {"keep": True}}), text))
            self.assertEqual(kept[prefix + "left"], before["ua-gpu-left"])
        self.assertEqual(self.product(self.devices({}), CALL2), self.product("{}", CALL2))
        self.assertEqual(self.product(self.devices({"left": {}}), CALL2), self.product("{}", CALL2))
        both = self.product(self.devices({"left": {"node": 1, "clique": 3}, "right": {"clique": "3"}}), CALL2)
        self.assertEqual(both.count('name="x-nv-gpudirect-clique" type="unsigned" value="3"'), 2)

    def test_bad_devices(self):
        what = "annotation vtopo.io/devices of the VMI"
        for text in ("", "left", "[]", "5", "null", '"left"', "{", '{"left": {}, "left": {}}'):
            self.fails(FILE, what + " is not a JSON object", hook(self.devices(text), CALL2))
        for name, near in (("lefd", "left"), ("gpu-left", "left"), ("", "left"), ("default", "left"), ("NIC1", "nic1")):
            self.fails(FILE, "%s: no GPU, host device or SR-IOV interface of the VMI is called '%s'; the nearest name is '%s'" % (
                what, name, near), hook(self.devices({name: {"keep": True}}), CALL2))
        for wish in (True, None, [], "keep"):
            self.fails(FILE, what + ": 'left' must be an object like", hook(self.devices({"left": wish}), CALL2))
        for wish, words in (({"kep": True}, "unknown key 'kep' (known: keep, node"), ({"node": 2000}, "'node' must be a whole number"),
                            ({"node": 1.0}, "neither true or false"), ({"keep": None}, "neither true or false"),
                            ({"keep": {}}, "neither true or false"), ({"keep": 1}, "'keep' must be one of"),
                            ({"clique": -1}, "'clique' must be"), ({"clique": 1 << 62}, "'clique' must be"),
                            ({"bdf": "0000:41:00.0"}, "unknown key 'bdf'")):
            self.fails(FILE, words, hook(self.devices({"left": wish}), CALL2))
        twice = CALL2.replace("ua-hostdevice-nic0", "ua-hostdevice-left")
        self.fails(FILE, "two of its devices are called 'left': write ua-gpu-left or ua-hostdevice-left, so that",
                   hook(self.devices({"left": {"keep": True}}), twice))

    def test_devices_by_their_aliases(self):
        """With the kind, where two of a kind each have one name."""
        for text in (CALL2, CALL2.replace("ua-hostdevice-nic0", "ua-hostdevice-left")):
            kept = self.product(self.devices({"ua-gpu-left": {"keep": True}}), text)
            device = re.search(r'<hostdev[^>]*>(?:(?!</hostdev>).)*"ua-gpu-left".*?</hostdev>', text, re.S)[0]
            other = re.search(r'<hostdev[^>]*>(?:(?!</hostdev>).)*"ua-gpu-right".*?</hostdev>', text, re.S)[0]
            self.assertIn(device, kept)
            self.assertNotIn(other, kept)

    def test_address_of_an_interface(self):
        """It is the VMI's wish, whatever the policy says of the device; but not whatever the VMI says besides."""
        text = CALL2.replace("ua-hostdevice-nic0", "ua-sriov-rail")

        def vmi(interface, **annotations):
            content = json.loads(annotated(**annotations))
            content["spec"] = {"domain": {"devices": {"interfaces": [{"name": "default"}, interface]}}}
            return json.dumps(content)

        moved = self.product("{}", text)
        kept = self.product(vmi({"name": "rail", "sriov": {}, "pciAddress": "0000:0b:00.0"}), text)
        self.assertIn('bus="0x0b" slot="0x00" function="0x0"></address>\n\t\t\t<alias name="ua-sriov-rail">', kept)
        for interface in ({"name": "rail", "sriov": {}}, {"name": "rail", "pciAddress": ""}, {"name": "none", "pciAddress": "x"},
                          {"name": 5, "pciAddress": []}, {}, None, "rail"):
            self.assertEqual(self.product(vmi(interface), text), moved, interface)
        wish = vmi({"name": "rail", "pciAddress": "0000:0b:00.0"}, devices='{"rail": {"keep": false}}')
        self.assertEqual(self.product(wish, text), moved)

    def test_on_error(self):
        """The domain comes back byte for byte, and the log says why, whatever is wrong but the VMI itself."""
        def start(expected, xml=CALL2, *more, **annotations):
            result = hook(annotated(**{"on-error": "start"}, **annotations), xml, *more)
            self.assertEqual((result.returncode, result.stdout.decode()), (0, xml), result.stderr.decode())
            self.assertIn("the VMI starts without its host's topology, as annotation vtopo.io/on-error wants it: ",
                          result.stderr.decode())
            self.assertIn(expected, result.stderr.decode())

        start("unknown annotation vtopo.io/mirorr", mirorr="x")
        start("'mirror' must be one of", mirror="x")
        start("is not a JSON object", devices="x")
        start("domain XML:", "<domain>")
        start("domain XML:", "")
        start("0000:99:00.0", CALL2.replace('bus="0x41"', 'bus="0x99"'))
        start("/nonexistent", CALL2, "--config", "/nonexistent")
        start("VTOPO-0003", NO_CELLS, strict="yes")
        # In a call behind which another one is sure to say it, the log is left alone.
        vmi = annotated(**{"on-error": "start"}, strict="yes")
        self.assertEqual(self.product(vmi, CALL1_NO_CELLS), CALL1_NO_CELLS)
        self.assertEqual(hook(vmi, CALL1_NO_CELLS).stderr, b"")
        for value in ("", "Start", "ignore", "yes", 1, None, True):
            self.fails(FILE, "annotation vtopo.io/on-error of the VMI must be one of 'fail', 'start'",
                       hook(annotated(**{"on-error": value}), CALL2))
        self.fails(FILE, "unknown annotation", hook(annotated(**{"on-error": "fail", "x": "y"}), CALL2))
        self.assertEqual(self.product(annotated(**{"on-error": "start"}), CALL2), self.product("{}", CALL2))

    def test_words(self):
        """A VMI without cells is told which of its fields make them, and only those that it lacks; no XML."""
        fields = {"dedicatedCpuPlacement": {"cpu": {"dedicatedCpuPlacement": True}},
                  "guestMappingPassthrough": {"cpu": {"numa": {"guestMappingPassthrough": {}}}},
                  "hugepages": {"memory": {"hugepages": {"pageSize": "1Gi"}}}}
        for there in ([], ["dedicatedCpuPlacement"], ["hugepages"], ["dedicatedCpuPlacement", "guestMappingPassthrough"],
                      list(fields)):
            domain = {"cpu": {}, "memory": {}}
            for name in there:
                for part, content in fields[name].items():
                    domain[part].update(content)
            result = hook(json.dumps({"spec": {"domain": domain}}), NO_CELLS)
            self.assertEqual((result.returncode, result.stdout.decode()), (0, NO_CELLS))
            message = result.stderr.decode()
            self.assertEqual(message.count("\n"), 1, message)
            self.assertNotIn("<", message)
            for name in fields:
                self.assertEqual(name in message, name not in there, message)
            self.assertIn('annotation vtopo.io/cells "make"', message)

    def test_words_of_what_a_vmi_can_cause(self):
        """Fields of the VMI, and no elements of a domain that nobody has: groups given in part, a hidden hypervisor, cut sockets."""
        for case, words in (("group-with-host-driver", "or keep them from host and guest"),
                            ("clique-kvm-hidden", "spec.domain.features.kvm.hidden hides the hypervisor"),
                            ("cells-of-whole-sockets", "are one socket of spec.domain.cpu, and are in the cells 0 and 1"),
                            ("cells-of-whole-sockets", "; a whole number of sockets (spec.domain.cpu.sockets) for each cell mends it")):
            folder = TESTS / "golden" / case
            policy = ["--config", str(folder / "policy.json")] if (folder / "policy.json").exists() else []
            result = call("--vmi", annotated(cells="make"), "--domain", (folder / "domain.xml").read_text(encoding="utf-8"), *policy,
                          "--host", next(map(str, TESTS.parent.glob("*/hosts/%s.json" % (folder / "host").read_text().strip()))))
            self.assertIn(words, result.stderr.decode())
            self.assertNotIn("<", result.stderr.decode())

    def test_words_of_a_window(self):
        """Which annotation makes the window for 64-bit BARs large enough, and that it does."""
        case = TESTS / "golden" / "mmio-auto-eight-128g"
        xml = (case / "domain.xml").read_text(encoding="utf-8")
        host = ["--host", str(TESTS / "hosts" / "eight-gpus-128g.json")]
        advised = call("--vmi", "{}", "--domain", xml, *host)
        self.assertIn(b'; annotation vtopo.io/mmio "auto" adds what makes room', advised.stderr)
        self.assertNotIn(b"<", advised.stderr)
        done = call("--vmi", annotated(mmio="auto"), "--domain", xml, *host)
        self.assertNotIn(b"vtopo.io/mmio", done.stderr)
        self.assertEqual((done.returncode, done.stdout.count(b"<maxphysaddr mode")), (0, 1))

    def test_what_earlier_calls_made_is_made_again(self):
        """KubeVirt loses numa and foreign metadata between calls, and keeps the expanders with their nodes."""
        once = self.product(annotated(cells="make"), NO_CELLS)
        lost = once
        for element in ("numa", "numatune", "vtopo:record"):
            lost = re.sub(r"\t+<%s[ >].*?</%s>\n" % (element, element), "", lost, flags=re.S)
        self.assertNotEqual(lost, once)
        again = self.product(annotated(cells="make"), lost)
        record = re.compile(r"\t*<vtopo:device [^>]*>\n")  # where devices were before is lost for good
        self.assertEqual(record.sub("", again), record.sub("", once))

    def test_sockets_for_later(self):
        """A VMI whose vCPUs can be more is told the field that says so, which a cluster may set by itself."""
        vcpus = '\t<vcpus>\n%s\t</vcpus>\n' % "".join('\t\t<vcpu id="%d" enabled="%s" hotpluggable="%s"></vcpu>\n' % (
            number, "yes" if number < 8 else "no", "no" if number < 8 else "yes") for number in range(32))
        xml = re.sub(r"(\t<vcpu placement=\"static\">)8(</vcpu>\n)", r"\g<1>32\2" + vcpus, NO_CELLS)
        xml = re.sub(r"<topology [^>]*>", '<topology sockets="16" cores="1" threads="2">', xml)
        self.assertIn("<vcpus>", xml)
        message = hook(annotated(cells="make"), xml).stderr.decode()
        self.assertIn("spec.domain.cpu.maxSockets", message)
        self.assertNotIn("<", message)

    def test_memory_that_kubevirt_writes_for_nothing(self):
        """Of <numatune> without <memory> its schema makes one that libvirt refuses; it goes, and nothing else."""
        once = self.product(annotated(cells="make"), NO_CELLS)
        for unset in ('<memory mode="" nodeset=""></memory>', "<memory nodeset='' mode=''/>", '<memory mode="" nodeset="">\n</memory>'):
            line = "\t\t%s\n" % unset
            shown = once.replace("<numatune>\n", "<numatune>\n" + line)
            self.assertIn(line, shown)
            self.assertEqual(self.product(annotated(cells="make"), shown), once)
            start = annotated(**{"mirror": "nonsense", "on-error": "start"})
            self.assertEqual(self.product(start, shown), once)
        memory = '\t\t<memory mode="strict" nodeset="0,1"></memory>\n'
        self.assertIn(memory, CALL1)
        without = CALL1.replace(memory, "")
        self.assertEqual(self.product("{}", CALL1.replace(memory, '\t\t<memory mode="" nodeset=""></memory>\n')), without)
        self.assertEqual(self.product("{}", CALL1.replace(memory, "<memory/>")), CALL1.replace(memory, "<memory/>"))
        for other in ('<memory mode="strict" nodeset=""></memory>', '<memory mode="" nodeset=""><!-- ours --></memory>'):
            self.fails(DOMAIN, "<memory>: nodeset='' is empty", hook("{}", CALL1.replace(memory, other)))

    def test_cells_that_kubevirt_writes_for_nothing(self):
        """Of <cell memory="0"> without vCPUs KubeVirt before 1.9 makes one that libvirt refuses; it goes, and nothing else."""
        end = "\t\t</numa>\n"
        self.assertIn(end, CALL1)
        cells = "".join('\t\t\t<cell id="%d" cpus="" unit="KiB"></cell>\n' % number for number in (2, 3))
        self.assertEqual(self.product("{}", CALL1.replace(end, cells + end)), CALL1)
        whole = '\t\t\t<cell id="2" memory="0" unit="KiB"></cell>\n'
        self.assertEqual(self.product("{}", CALL1.replace(end, whole + end)), CALL1.replace(end, whole + end))

    def test_said_once(self):
        """By the call that acts; whose words come out of another call is silent."""
        result = hook("{}", CALL2)
        self.assertIn(b"VTOPO-0053", result.stderr)
        self.assertEqual(hook("{}", result.stdout).stderr, b"")
        self.assertNotIn(b"VTOPO", hook("{}", CALL1).stderr)

    def test_machine_without_pcie(self):
        """KubeVirt calls once, so this call is the one that says why nothing is done."""
        vmi = json.loads(ANNOTATED)
        for machine, words in (("pc-i440fx-9.2", b"VTOPO-0184"), ("q35", b"will show the domain again"), ("pc-q35-9.2", b"again")):
            vmi["spec"] = {"domain": {"machine": {"type": machine}}}
            xml = PLAIN.replace('machine="q35"', 'machine="%s"' % machine)
            result = hook(json.dumps(vmi), xml)
            self.assertEqual((result.returncode, result.stdout.decode()), (0, xml))
            self.assertIn(words, result.stderr)

    # --- bad input

    def test_vmi_without_annotations(self):
        wanted = self.product("{}", CALL2)
        for text in ('{"metadata": {}}', '{"metadata": null}', '{"metadata": {"annotations": null}}',
                     '{"metadata": {"annotations": []}}', '{"metadata": 5}', '{"metadata": "x"}',
                     ' \n{"spec": {"a": 1e300}}', '{"metadata": {"annotations": {"other": 5}}}',
                     '{"metadata": {"name": "\\ud83d\\ude00"}}'):
            self.assertEqual(self.product(text, CALL2), wanted, text)

    def test_nul_in_a_vmi(self):
        """Kubernetes takes it in data of the guest's, so it stops no guest; in words for vtopo it is an error."""
        self.assertEqual(self.product('{"metadata": {"name": "a\\u0000b", "annotations": {"other": "\\u0000"}}, "spec": {"x": "\\u0000"}}',
                                      CALL2), self.product("{}", CALL2))
        self.fails(FILE, "annotation vtopo.io/mirror of the VMI must be a text", hook(annotated(mirror="root\0"), CALL2))
        self.fails(FILE, "must be one of 'fail', 'start'", hook(annotated(**{"on-error": "start\0"}), CALL2))
        self.fails(FILE, "is neither true or false", hook(annotated(devices=json.dumps({"left": {"keep": "yes\0"}})), CALL2))

    def test_bad_vmi(self):
        for text in ("", " ", "{", "nonsense", "[]", "null", "5", '"text"', "{} {}", '{"a": 1,}',
                     '{"metadata": {}, "metadata": {}}', "[" * 60000, '{"a":' * 20000,
                     "{'a': 1}", '{"a" 1}', '{"a": }', '{"a": "b', '{"a": ]}', '{"spec": {"domain": {}}', '{"spec": {}} {}',
                     '{"spec": {"domain": {"a": 1e999}}}', '{"metadata": {"a": "\x01"}}', '{"metadata": {"a": 1, "a": 2}}'):
            self.fails(FILE, "the VMI is not a JSON object", hook(text, CALL2))
        self.fails(FILE, "the VMI is not a JSON object", hook(b'{"metadata": {"a": "\xff\xfe"}}', CALL2))

    def test_parts_that_nobody_reads(self):
        """They are passed over, whatever is in them; the others count, wherever they are."""
        wanted = self.product(annotated(mirror="root"), CALL2)
        self.assertNotEqual(wanted, self.product("{}", CALL2))
        noise = r'{"a": "}]\"\\", "b": [[{}, {"c": "\\"}], -1.5e3, true, null, ""], "": {"spec": {"domain": 5}}}'
        deep = "[" * 20000 + "]" * 20000
        for junk in (noise, deep, '1e999', '"\x01"', "5", "nonsense"):
            for text in ('{"status": %s, "metadata": {"managedFields": %s, "annotations": {"vtopo.io/mirror": "root"}}}',
                         ' {"metadata" : { "annotations" :\n{ "vtopo.io/mirror" : "root" } , "managedFields" : %s } , "x" : %s } ',
                         '{"metadata": {"annotations": {"vtopo.io/mirror": "root"}}, "spec": {"volumes": %s, "domain": {}, "z": %s}}'):
                self.assertEqual(self.product(text % (junk, junk), CALL2), wanted)
        disguised = r'{"m\u0065tadata": {"annotations": {"vtopo.io/mirror": "root"}}, "status": {}}'
        self.assertEqual(self.product(disguised, CALL2), wanted)
        for text in ('{"spec": 5, "metadata": "x"}', '{"spec": ["domain"], "metadata": null}'):
            self.assertEqual(self.product(text, CALL2), self.product("{}", CALL2))

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
