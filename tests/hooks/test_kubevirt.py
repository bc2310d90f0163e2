#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_kubevirt.py - boots as KubeVirt does them, with the hook and without

Takes:  VTOPO_HOOK_KUBEVIRT: the program; a real libvirt (as root) between the calls.
Rule:   what is defined at the end is judged by the property tests' checker, on libvirt's dump as well; in it
        everything that is no assigned device has the address that the same calls give without the hook.
Not here: KubeVirt itself (kubevirt.py), single calls and bad input (test_kubevirt_calls.py).
"""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

import hosts
import kubevirt
from kubevirt import NEWEST, RELEASES, Boot

import checker
import domain as domains
import libvirt

TESTS = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = TESTS.parent / "examples"
RECORDED = TESTS / "hooks" / "recorded"
HOOK = os.environ.get("VTOPO_HOOK_KUBEVIRT")

TWO_DPU = EXAMPLES / "hosts" / "two-dpu.json"
CALL1 = (TESTS / "domains" / "kubevirt-call1.xml").read_text(encoding="utf-8")
# Guest nodes of the devices in kubevirt-call1.xml, as its <memnode>s and the host give them.
NODES = {"0000:41:00.0": 0, "0000:3d:00.0": 0, "0000:de:00.0": 1, "0000:da:00.0": 1}

# Where places are held, the text has addresses of others, and ports, as libvirt gives them without the hook; that they
# are these is looked at apart.
HELD = ["bytes", "other-address", "controller-changed", "controller-unmarked"]

# What KubeVirt writes where a hook's <numatune> has no <memory>; libvirt refuses it.
UNSET = re.compile(r'\s*<memory mode="" nodeset=""></memory>')

# UEFI has no I/O space for all ports that can hot-plug (VTOPO-0033), which the checker does not count.
UEFI = ["hotplug"]


# One of each kind: a single call or two, placeholders by memory, ports without addresses, ports behind a dump.
KINDS = [RELEASES[1], RELEASES[2], RELEASES[4], NEWEST]


def identity(_vmi, xml):
    return xml


class Hook:
    """The program, called as sidecar-shim does; messages: what it said on stderr, a text per call."""

    def __init__(self, host, options=()):
        self.host, self.options, self.messages = host, options, []

    def __call__(self, vmi, xml):
        result = subprocess.run([HOOK, "--vmi", vmi, "--domain", xml, "--host", str(self.host), *self.options],
                                capture_output=True, text=True, encoding="utf-8")
        self.messages.append(result.stderr)
        if result.returncode:
            raise AssertionError("status %d: %s" % (result.returncode, result.stderr))
        return result.stdout


def name_of(device):
    """A name that a device has in all dumps of one domain."""
    if device.alias:
        return device.alias
    element = device.element
    return " ".join([element.name] + [element.get(a) for a in ("type", "index", "model") if element.get(a)])


def places(text):
    """The address of each device that is not assigned, by name."""
    return {name_of(d): d.address and d.address.place for d in domains.Domain(text).others()}


class Judged(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.virt = libvirt.Libvirt()
        cls.addClassCleanup(cls.virt.close)
        cls.base = kubevirt.base_domain(CALL1)

    def boots(self, domain, host=TWO_DPU, **how):
        hook = Hook(host)
        with_it = Boot(self.virt, domain, hook, **how)
        return Boot(self.virt, domain, identity, **how), with_it, hook

    def holds(self, before, plain):
        """Does the hook write down the addresses that libvirt would choose?"""
        domain, there = domains.Domain(before), places(plain.dump) if plain else {}
        ports = [d.address.bus for d in domain.assigned() if d.address and d.address.bus]
        if ports and any(there.get(name) and there[name][0] > min(ports) for name, place in places(before).items() if not place):
            return True  # one that has none would have a port behind those that host devices leave
        return any(d.address is None for d in domain.assigned()) or \
            any(c.model == domains.EXPANDER and not c.marked for c in domain.controllers.values())

    def held_as_libvirt_has_it(self, before, after, plain):
        """What has an address that it had not, and what is new and not vtopo's, is as in libvirt's dump without the hook."""
        before, after, plain = (domains.Domain(text) for text in (before, after, plain.dump))
        without, there = places(before.text), places(plain.text)
        for name, place in places(after.text).items():
            if place != without.get(name):
                self.assertEqual(place, there[name], name)
        for index, port in after.controllers.items():
            if port.marked or index in before.controllers and before.controllers[index].address:
                continue
            self.assertEqual(port.model, plain.controllers[index].model)
            if port.address:
                self.assertEqual(port.address.place, plain.controllers[index].address.place, index)

    def without_further_ports(self, text):
        """Those that make up for what KubeVirt does not add are as KubeVirt's, and behind all else."""
        return re.sub(r'\t\t<controller type="pci" index="(3[2-9]|[4-9]\d|\d{3})" model="pcie-root-port"/>\n', "", text)

    def judge(self, boot, host=TWO_DPU, mirror="switch", moving=4, but=(), plain=None, adopt=False):
        """The rules for a rewrite, for the call that rewrites, and for what libvirt has in the end."""
        host = hosts.read(host)
        options = checker.Options(mirror=mirror, adopt=adopt)
        before, after = next(call for call in boot.calls if call[0] != call[1])
        if self.holds(before, plain):
            self.held_as_libvirt_has_it(before, self.without_further_ports(after), plain)
            but = [*but, *HELD]
        found = checker.check(before, self.without_further_ports(after), host, options)
        self.assertEqual([v for v in found if v.rule not in but], [])
        before = checker.input_of(before, host, options)
        after, dump = (domains.Domain(text) for text in (boot.calls[-1][1], boot.dump))
        self.assertEqual(checker.check_legal(dump), [])
        sources = checker.moving_sources(before, host, options)
        self.assertEqual(len(sources), moving)
        report = checker.Report()
        checker.check_layout(before, dump, sources, host, options, None, report)
        self.assertEqual([v for v in report.violations if v.rule not in but], [])
        self.same_places(after, dump)

    def same_places(self, after, dump):
        """libvirt took every address and every controller of ours as it was written."""
        dumped = {name_of(d): d.address for d in dump.devices}
        for device in after.devices:
            if device.address and device.element.get("model") != "none":
                self.assertEqual(dumped[name_of(device)].place, device.address.place, str(device))
        marked = [c for c in after.controllers.values() if c.marked]
        self.assertTrue(marked)
        for one in marked:
            other = dump.controllers[one.index]
            self.assertEqual((one.alias, one.model, one.address.place, one.node, one.bus_nr),
                             (other.alias, other.model, other.address.place, other.node, other.bus_nr))
            if one.chassis is not None:
                self.assertEqual((one.chassis, one.port), (other.chassis, other.port))

    def nothing_else_moves(self, plain, boot):
        one, other = places(plain.dump), places(boot.dump)
        self.assertEqual({name for name in one if one[name] != other[name]}, set())
        self.assertEqual(list(one), list(other))

    def acted(self, boot):
        return [before != after for before, after in boot.calls]

    def free(self, boot):
        """Root ports that KubeVirt's devices can be plugged into."""
        dump = domains.Domain(boot.dump)
        used = {d.address.bus for d in dump.devices if d.address}
        used |= {c.address.bus for c in dump.controllers.values() if c.address}
        return [c.index for c in dump.controllers.values()
                if c.model == domains.ROOT_PORT and not c.marked and c.index not in used
                and c.address.bus == 0 and c.hotplug != "off"]


class Boots(Judged):
    # --- the newest release

    def test_interfaces(self):
        """Two or three calls, with and without placeholders."""
        calls = {0: [False, True], 1: [False, True, False], 2: [False, True, False],
                 3: [False, True, False], 4: [False, True], 5: [False, True]}
        for count, acted in calls.items():
            with self.subTest(interfaces=count):
                plain, boot, _ = self.boots(kubevirt.with_interfaces(self.base, count))
                self.judge(boot, plain=plain)
                self.nothing_else_moves(plain, boot)
                self.assertEqual(self.acted(boot), acted)

    def test_free_ports(self):
        """
        KubeVirt's ports for hot-plug are all there, and empty, in every release; also where it adds fewer of them
        because the controllers take the indexes up to 31.
        """
        for release in KINDS:
            for interfaces, disks, devices in ((0, 2, 4), (5, 2, 4), (1, 19, 1), (3, 14, 2), (3, 20, 1), (5, 19, 2)):
                with self.subTest(release=release.name, interfaces=interfaces, disks=disks, devices=devices):
                    domain = kubevirt.with_disks(kubevirt.with_interfaces(self.base, interfaces), disks)
                    kubevirt.keep_host_devices(domain, devices)
                    plain, boot, _ = self.boots(domain, release=release)
                    self.judge(boot, plain=plain, moving=devices)
                    self.nothing_else_moves(plain, boot)
                    self.assertGreaterEqual(len(self.free(boot)), len(self.free(plain)))

    def test_hotplug_off(self):
        """KubeVirt's hotplug='off' on every occupied port, ours included, is no reason to do anything."""
        plain, boot, _ = self.boots(self.base, hotplug_off=True)
        self.assertIn('<target chassis="16" port="0x0"', boot.calls[1][1])
        self.assertIn('hotplug="off"', boot.calls[2][0])
        self.assertEqual(self.acted(boot), [False, True, False])
        self.judge(boot, but=["hotplug"])
        self.nothing_else_moves(plain, boot)

    def test_small_memory(self):
        """2 GiB and less: fewer free ports, and none to add if the placeholders are enough."""
        small = ET.fromstring(kubevirt.marshal(self.base))
        small.find("memory").text = str(1 << 30)
        for cell in small.iter("cell"):
            cell.set("memory", str(1 << 29))
        plain, boot, _ = self.boots(small)
        self.assertNotIn("<controller type=\"pci\" index=\"25\"", boot.calls[-1][0])
        self.judge(boot, plain=plain)
        self.nothing_else_moves(plain, boot)

    def test_slot_count(self):
        """The annotation of VMs that were made by 1.6 or 1.7 gives placeholders to any number of interfaces."""
        for count in (0, 1, 5):
            with self.subTest(interfaces=count):
                plain, boot, hook = self.boots(kubevirt.with_interfaces(self.base, count), annotations={kubevirt.SLOTS: "9"})
                self.assertEqual(self.acted(boot), [False, True, False])
                self.judge(boot, plain=plain)
                self.nothing_else_moves(plain, boot)
                self.assertGreaterEqual(len(self.free(boot)), len(self.free(plain)))
                self.assertEqual([m.count("VTOPO-0053") > 0 for m in hook.messages], [False, True, False])

    def test_said_once_without_a_rewrite(self):
        """A call that leaves no mark cannot be told by one: nevertheless the log has each finding once."""
        flat = copy.deepcopy(self.base)
        flat.find("cpu").remove(flat.find("cpu/numa"))
        for name in ("numatune", "cputune"):
            flat.remove(flat.find(name))
        small = copy.deepcopy(flat)
        small.find("memory").text = str(1 << 30)
        start = {"vtopo.io/on-error": "start", "vtopo.io/strict": "yes"}
        for domain, count, more in ((flat, 1, {}), (flat, 5, {}), (flat, 1, start), (flat, 5, start), (small, 1, {}),
                                    (flat, 1, {kubevirt.ROOT_COMPLEX: "true"}), (flat, 1, {kubevirt.ROOT_COMPLEX: "true", **start}),
                                    (flat, 5, {kubevirt.SLOTS: "9"})):
            # Without a port to add, and with none switched off, the last call shows the same as the one before.
            for off in (True,) if domain is small else (False, True):
                with self.subTest(interfaces=count, annotations=more, off=off, small=domain is small):
                    domain = copy.deepcopy(kubevirt.with_interfaces(domain, count))
                    if kubevirt.ROOT_COMPLEX in more:
                        kubevirt.place_on_root_complex(domain)
                    hook = Hook(TWO_DPU)
                    boot = Boot(self.virt, domain, hook, annotations=more, hotplug_off=off)
                    self.assertFalse(any(self.acted(boot)))
                    self.assertEqual("".join(hook.messages).count("VTOPO-0003 domain"), 1, hook.messages)
        # Placeholders although all is on pcie.0: the last two calls are the same, and better twice than never.
        kubevirt.place_on_root_complex(flat)
        hook = Hook(TWO_DPU)
        Boot(self.virt, flat, hook, annotations={kubevirt.ROOT_COMPLEX: "true", kubevirt.SLOTS: "9"})
        self.assertEqual(["VTOPO-0003" in text for text in hook.messages][:2], [False, True])

    def test_addresses_are_lost(self):
        """Some devices have no address in any call, because KubeVirt's schema has none for them: they stay where they were."""
        for release in KINDS:
            for kinds in (["vsock"], ["filesystem"], ["sound"], ["vsock", "filesystem", "sound"]):
                for count in (0, 1, 5):
                    with self.subTest(release=release.name, kinds=kinds, interfaces=count):
                        domain = kubevirt.with_devices(kubevirt.with_interfaces(self.base, count), kinds)
                        plain, boot, _ = self.boots(domain, release=release)
                        self.assertEqual(sum(self.acted(boot)), 1)
                        self.judge(boot, plain=plain)
                        self.nothing_else_moves(plain, boot)

    def test_port_that_libvirt_adds(self):
        """With all on pcie.0 but a device that needs a port, libvirt adds that port and a free one: also with the hook."""
        for release in KINDS:
            with self.subTest(release=release.name):
                domain = kubevirt.with_devices(self.base, ["vsock"])
                kubevirt.place_on_root_complex(domain)
                plain, boot, _ = self.boots(domain, release=release, annotations={kubevirt.ROOT_COMPLEX: "true"})
                self.assertEqual(self.acted(boot)[0], True)
                self.nothing_else_moves(plain, boot)
                self.assertEqual((len(self.free(boot)), len(self.free(plain))), (1, 1))

    def test_mirrors(self):
        for mirror in ("numa", "root", "switch", "exact"):
            with self.subTest(mirror=mirror):
                plain, boot, _ = self.boots(self.base, annotations={"vtopo.io/mirror": mirror})
                self.judge(boot, mirror=mirror, plain=plain)
                self.nothing_else_moves(plain, boot)

    def test_root_complex(self):
        """Everything on bus 0 by KubeVirt's own annotation: the assigned devices move all the same."""
        domain = kubevirt.with_interfaces(self.base, 2)
        kubevirt.place_on_root_complex(domain)
        for release in RELEASES:
            plain, boot, _ = self.boots(domain, annotations={kubevirt.ROOT_COMPLEX: "true"},
                                        release=release)
            self.assertEqual(self.acted(boot), [True, False] if release is NEWEST else [True])
            self.judge(boot, plain=plain)
            self.nothing_else_moves(plain, boot)

    def test_numa_aware(self):
        """KubeVirt's own placement is taken over, and no other device moves, whatever the release shows."""
        for release in RELEASES[1:]:
            for interfaces in (0, 1, 5):
                with self.subTest(release=release.name, interfaces=interfaces):
                    domain = kubevirt.with_interfaces(self.base, interfaces)
                    kubevirt.place_numa_aware(domain, NODES)
                    plain, boot, _ = self.boots(domain, release=release)
                    self.judge(boot, plain=plain, adopt=True)
                    self.nothing_else_moves(plain, boot)
                    self.assertEqual(sum(self.acted(boot)), 1)
                    self.assertGreaterEqual(len(self.free(boot)), len(self.free(plain)))

    def test_numa_aware_kept(self):
        """Unless the VMI, or the node's policy, wants it to stay; with a word, and with strict not at all."""
        for interfaces in (1, 5):
            domain = kubevirt.with_interfaces(self.base, interfaces)
            kubevirt.place_numa_aware(domain, NODES)
            plain, boot, hook = self.boots(domain, annotations={"vtopo.io/adopt": "false"})
            self.assertFalse(any(self.acted(boot)))
            self.nothing_else_moves(plain, boot)
            self.assertEqual([d.address.place for d in domains.Domain(boot.dump).assigned()],
                             [d.address.place for d in domains.Domain(plain.dump).assigned()])
            self.assertEqual(checker.check_legal(domains.Domain(boot.dump)), [])
            self.assertEqual("".join(hook.messages).count("VTOPO-0155"), 1)
            with self.assertRaisesRegex(AssertionError, "status 5: .*refused .strict.: VTOPO-0155"):
                self.boots(domain, annotations={"vtopo.io/adopt": "false", "vtopo.io/strict": "yes"})

    def test_numa_aware_in_part(self):
        """One device has no node for KubeVirt; it gets its place from vtopo as the others."""
        for interfaces in (1, 5):
            domain = kubevirt.with_interfaces(self.base, interfaces)
            kubevirt.place_numa_aware(domain, {k: v for k, v in NODES.items() if k != "0000:de:00.0"})
            plain, boot, _ = self.boots(domain)
            self.judge(boot, plain=plain, adopt=True)
            self.nothing_else_moves(plain, boot)

    def test_some_addresses(self):
        """A device with an address that the VMI gives (pciAddress) does not make the first call the last."""
        for interfaces in (1, 5):
            domain = kubevirt.with_interfaces(self.base, interfaces)
            kubevirt.set_address(domain.find("devices/disk"), 0, 0x10)
            plain, boot, _ = self.boots(domain)
            self.assertFalse(self.acted(boot)[0])
            self.judge(boot, plain=plain)
            self.nothing_else_moves(plain, boot)

    def test_root_bus(self):
        """Nor does the root bus, which kubevirt.io/disablePCIHole64 brings into the first call."""
        for interfaces in (1, 5):
            domain = kubevirt.with_interfaces(self.base, interfaces)
            root = ET.SubElement(domain.find("devices"), "controller", type="pci", index="0",
                                 model="pcie-root")
            ET.SubElement(root, "pcihole64", unit="KiB").text = "0"
            plain, boot, _ = self.boots(domain)
            self.assertFalse(self.acted(boot)[0])
            self.judge(boot, plain=plain)
            self.nothing_else_moves(plain, boot)

    def test_other_losses(self):
        """Whatever KubeVirt's schema loses between two calls, the last call finds nothing to do."""
        plain, boot, _ = self.boots(self.base)
        second, third = boot.calls[1][1], boot.calls[2][0]
        for lost in ("chassis=", "<model name=", "multifunction="):
            self.assertNotIn(lost, third)
        self.assertIn("chassis=", second)
        self.assertEqual(boot.calls[2][1], third)

    def test_arguments(self):
        """
        What QEMU is given as <qemu:commandline> and <qemu:override> is there in the end, and once, whether KubeVirt
        keeps it between two calls or not.
        """
        wish = {"left": {"clique": 1}, "right": {"clique": 1}}
        annotations = {"vtopo.io/devices": json.dumps(wish)}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
            json.dump({"deliver": "nccl,plan", "qemu_version": "9.0"}, policy)
            policy.flush()
            for release in KINDS:
                for interfaces in (1, 5):
                    with self.subTest(release=release.name, interfaces=interfaces):
                        domain = kubevirt.with_interfaces(self.base, interfaces)
                        plain = Boot(self.virt, domain, identity, release=release)
                        hook = Hook(TWO_DPU, ["--config", policy.name])
                        boot = Boot(self.virt, domain, hook, release=release, annotations=annotations)
                        self.judge(boot, but=["bytes"], plain=plain)
                        for name in ("nccl-topo.xml", "plan.json"):
                            self.assertEqual(boot.dump.count("name=opt/org.vtopo/" + name), 1)
                        self.assertEqual(boot.dump.count("<qemu:property name='x-nv-gpudirect-clique' type='unsigned' value='1'/>"), 2)
                        self.assertNotIn("VTOPO-0150", "".join(hook.messages))
                        self.assertEqual(boot.dump.count("<sysinfo"), plain.dump.count("<sysinfo"))  # KubeVirt's own
                        self.nothing_else_moves(plain, boot)

    def with_policy(self, domain, **policy):
        """The last answer of the hook, and libvirt's dump, as trees."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(policy, file)
            file.flush()
            boot = Boot(self.virt, domain, Hook(TWO_DPU, ["--config", file.name]))
        changed = [UNSET.sub("", before) != after for before, after in boot.calls]
        self.assertEqual(changed, [False, True, False])
        return ET.fromstring(boot.calls[-1][1]), ET.fromstring(boot.dump)

    def test_cells(self):
        """
        Cells are made once, and the pins of the pod stay and say where.  Without any it is not known which CPUs the pod
        has, and there are none afterwards.
        """
        for cpus, nodes in (("2 42 3 43 20 60 21 61", "0 1"), ("2 42 3 43 4 44 5 45", "0"), ("", "0 1")):
            with self.subTest(cpus=cpus):
                domain = copy.deepcopy(self.base)
                domain.find("cpu").remove(domain.find("cpu/numa"))
                for name in ("numatune", "cputune"):
                    domain.remove(domain.find(name))
                tune = ET.SubElement(domain, "cputune") if cpus else None
                for vcpu, cpu in enumerate(cpus.split()):
                    ET.SubElement(tune, "vcpupin", {"vcpu": str(vcpu), "cpuset": cpu})
                for tree in self.with_policy(domain, cells="make"):
                    self.assertEqual([n.get("nodeset") for n in tree.findall("numatune/memnode")], nodes.split())
                    self.assertEqual([p.get("cpuset") for p in tree.findall("cputune/vcpupin")], cpus.split())
                    self.assertEqual(len(tree.findall("cpu/numa/cell")), len(nodes.split()))

    def test_pins_of_the_cpuset(self):
        """<vcpu cpuset> bounds the pins that are made."""
        domain = copy.deepcopy(self.base)
        domain.find("cpu").remove(domain.find("cpu/numa"))
        for name in ("numatune", "cputune"):
            domain.remove(domain.find(name))
        domain.find("vcpu").set("cpuset", "4-7,24-27")
        for tree in self.with_policy(domain, cells="make"):
            self.assertEqual([p.get("cpuset") for p in tree.findall("cputune/vcpupin")], ["4-7"] * 4 + ["24-27"] * 4)

    def test_hidden_hypervisor(self):
        for tree in self.with_policy(self.base, hide_hypervisor=True):
            self.assertEqual([h.get("state") for h in tree.findall("features/kvm/hidden")], ["on"])
            self.assertEqual(len(tree.findall("features/hyperv/vendor_id")), 1)

    def test_boots_alike(self):
        """Each boot starts from the same first call and ends the same."""
        one, other = (Boot(self.virt, self.base, Hook(TWO_DPU)) for _ in range(2))
        self.assertEqual(one.calls[-1], other.calls[-1])

    # --- older releases

    def test_releases(self):
        """
        Every release gets its topology, and no other device moves.  Up to 1.9 a VMI with no interface or more than
        three shows no address in any call: there they are written down as libvirt would choose them.
        """
        for release in RELEASES:
            for count in (0, 1, 3, 5):
                with self.subTest(release=release.name, interfaces=count):
                    plain, boot, hook = self.boots(kubevirt.with_interfaces(self.base, count),
                                                   release=release)
                    self.judge(boot, plain=plain)
                    self.assertEqual(sum(self.acted(boot)), 1)
                    last = domains.Domain(boot.calls[-1][0])
                    seen = any(d.address for d in last.others())
                    self.assertEqual(seen, release is NEWEST or release.scaled or
                                     (release.alias is not None and count in (1, 3)))
                    self.assertEqual(self.holds(boot.calls[-1][0], None), not seen)
                    self.nothing_else_moves(plain, boot)

    def statuses(self, domain, host, release, annotations=None):
        """Of the calls of a boot without the hook, each given to it: what it ends with, and is it left alone?"""
        boot = Boot(self.virt, domain, identity, release=release, annotations=annotations)
        results = []
        for text, _ in boot.calls:
            done = subprocess.run([HOOK, "--vmi", boot.vmi(), "--domain", text, "--host", str(host)],
                                  capture_output=True, text=True, encoding="utf-8")
            results.append((done.returncode, "KubeVirt will show the domain again" in done.stderr))
        return results

    def test_refused_in_the_first_call(self):
        """
        KubeVirt starts what an earlier call has defined although a later one was refused: so what is refused is refused
        by the first one, and nothing is that the call which acts would not refuse.
        """
        io_bars = TESTS / "hosts" / "io-bars.json"
        network_cards = [f["bdf"] for f in json.loads(io_bars.read_text(encoding="utf-8"))["functions"] if "bars" in f]
        pinned = kubevirt.with_efi(kubevirt.with_pins(self.base, "0 1 2 3 8 9 10 11"))
        flat = copy.deepcopy(self.base)
        flat.find("cpu").remove(flat.find("cpu/numa"))
        for name in ("numatune", "cputune"):
            flat.remove(flat.find(name))
        both = (1, 5)
        cases = {
            "good": (0, self.base, TWO_DPU, {}, both),
            "EFI, eight with I/O BARs": (0, kubevirt.with_host_devices(pinned, network_cards[:8]), io_bars, {}, both),
            "EFI, nine with I/O BARs": (5, kubevirt.with_host_devices(pinned, network_cards[:9]), io_bars, {}, both),
            "without cells": (0, flat, TWO_DPU, {}, (1,)),
            "without cells, strict": (5, flat, TWO_DPU, {"vtopo.io/strict": "true"}, (1,)),
            "spare ports": (0, self.base, TWO_DPU, {"vtopo.io/spare-ports": "2", "vtopo.io/strict": "true"}, (1,)),
            "too many spare ports": (0, self.base, TWO_DPU, {"vtopo.io/spare-ports": "200"}, both),
            "too many spare ports, strict": (5, self.base, TWO_DPU, {"vtopo.io/spare-ports": "200", "vtopo.io/strict": "true"}, (1,)),
            "no such device": (4, kubevirt.with_host_devices(self.base, ["0000:99:00.0"]), TWO_DPU, {}, (1,)),
            "no such name": (6, self.base, TWO_DPU, {"vtopo.io/devices": '{"none": {"keep": true}}'}, (1,)),
        }
        for release in KINDS:
            for name, (status, domain, host, annotations, counts) in cases.items():
                for interfaces in counts:
                    with self.subTest(release=release.name, case=name, interfaces=interfaces):
                        found = self.statuses(kubevirt.with_interfaces(domain, interfaces), host, release, annotations)
                        self.assertEqual({s for s, _ in found}, {status})
                        if not status:
                            self.assertFalse(found[-1][1])

    def test_ports_of_the_last_call(self):
        """What is refused only with the ports that KubeVirt adds is refused by the first call, too, and nothing else is."""
        io_bars = TESTS / "hosts" / "io-bars.json"
        cards = [f["bdf"] for f in json.loads(io_bars.read_text(encoding="utf-8"))["functions"] if "bars" in f]
        pinned = kubevirt.with_efi(kubevirt.with_pins(self.base, "0 1 2 3 8 9 10 11"))
        found = {}
        for devices in (1, 3):
            for interfaces in (0, 1, 5):
                with self.subTest(devices=devices, interfaces=interfaces):
                    domain = kubevirt.with_interfaces(kubevirt.with_host_devices(pinned, cards[:devices]), interfaces)
                    statuses = self.statuses(domain, io_bars, NEWEST, {"vtopo.io/spare-ports": "1", "vtopo.io/strict": "yes"})
                    self.assertEqual(len({status for status, _ in statuses}), 1, statuses)
                    found[devices, interfaces] = statuses[0][0]
        self.assertEqual(found[1, 0], 5)

    def test_full_root_complex(self):
        """
        Where everything is on pcie.0, one place more or less decides: of a video card and a sound card, whose addresses
        KubeVirt loses between two calls, and of a USB controller "none", which has one in the first call only.
        """
        slots = {kubevirt.SLOTS: "14"}
        for disks, usb, sound, more in ((22, "none", False, slots), (22, "qemu-xhci", False, slots), (21, "qemu-xhci", True, {}),
                                        (22, "qemu-xhci", True, {})):
            with self.subTest(disks=disks, usb=usb, sound=sound, more=more):
                domain = kubevirt.with_interfaces(kubevirt.with_disks(self.base, disks), 0)
                kubevirt.keep_host_devices(domain, 1)
                domain.find("devices/controller[@type='usb']").set("model", usb)
                domain = kubevirt.with_devices(domain, ["video", "sound"] if sound else ["video"])
                kubevirt.place_on_root_complex(domain)
                annotations = {kubevirt.ROOT_COMPLEX: "true", **more}
                self.assertEqual({status for status, _ in self.statuses(domain, TWO_DPU, NEWEST, annotations)}, {0})
                plain = Boot(self.virt, domain, identity, annotations=annotations)
                boot = Boot(self.virt, domain, Hook(TWO_DPU), annotations=annotations)
                self.nothing_else_moves(plain, boot)
                placed = domains.Domain(boot.dump)
                self.assertTrue(all(placed.controllers[device.address.bus].marked for device in placed.assigned()))

    def test_two_in_a_row(self):
        """What a second sidecar makes of the first one's answer is that answer, in each call."""
        for aware in (False, True):
            for on_root in (False, True):
                for kinds in ([], ["video"], ["vsock", "filesystem", "sound", "video"]):
                    with self.subTest(aware=aware, on_root=on_root, kinds=kinds):
                        domain = kubevirt.with_devices(self.base, kinds)
                        if aware:
                            kubevirt.place_numa_aware(domain, NODES)
                        if on_root:
                            kubevirt.place_on_root_complex(domain)
                        first, second, changed = Hook(TWO_DPU), Hook(TWO_DPU), []

                        def both(vmi, text):
                            answer = first(vmi, text)
                            changed.append(second(vmi, answer) != answer)
                            return answer

                        annotations = {kubevirt.ROOT_COMPLEX: "true"} if on_root else {}
                        boot = Boot(self.virt, domain, both, annotations=annotations)
                        plain = Boot(self.virt, domain, identity, annotations=annotations)
                        self.assertNotIn(True, changed)
                        self.nothing_else_moves(plain, boot)

    def test_ports_off_are_said(self):
        """Also of ports that only the last call shows: what the log says last is what is."""
        io_bars = TESTS / "hosts" / "io-bars.json"
        cards = [f["bdf"] for f in json.loads(io_bars.read_text(encoding="utf-8"))["functions"] if "bars" in f]
        pinned = kubevirt.with_efi(kubevirt.with_pins(self.base, "0 1 2 3 8 9 10 11"))
        for release in KINDS:
            for interfaces, devices in ((1, 2), (5, 4), (3, 8)):
                with self.subTest(release=release.name, interfaces=interfaces, devices=devices):
                    domain = kubevirt.with_interfaces(kubevirt.with_host_devices(pinned, cards[:devices]), interfaces)
                    hook = Hook(io_bars)
                    boot = Boot(self.virt, domain, hook, release=release)
                    named = re.findall(r"VTOPO-0037 .*?\(controllers? ([0-9, ]+)\)", "".join(hook.messages))
                    off = sorted(c.index for c in domains.Domain(boot.dump).controllers.values() if not c.marked and c.hotplug == "off")
                    self.assertEqual(named[-1], ", ".join(map(str, off)))

    def test_spare_ports(self):
        """They are on each expander, empty, and no device of KubeVirt's is in them."""
        for release in KINDS:
            for interfaces in (1, 5):
                with self.subTest(release=release.name, interfaces=interfaces):
                    domain = kubevirt.with_interfaces(self.base, interfaces)
                    plain = Boot(self.virt, domain, identity, release=release)
                    boot = Boot(self.virt, domain, Hook(TWO_DPU), release=release, annotations={"vtopo.io/spare-ports": "2"})
                    self.nothing_else_moves(plain, boot)
                    self.assertGreaterEqual(len(self.free(boot)), len(self.free(plain)))
                    dump = domains.Domain(boot.dump)
                    used = {d.address.bus for d in dump.devices if d.address}
                    spare = [c for c in dump.controllers.values() if c.alias and c.alias.startswith("ua-vtopo-spare-")]
                    self.assertEqual(len(spare), 4)
                    self.assertEqual([c.index for c in spare if c.index in used or c.hotplug == "off"], [])

    # --- recorded elsewhere

    def test_uefi(self):
        """16 vCPUs, huge pages, UEFI; two GPUs and a virtual function."""
        domain = kubevirt.base_domain((RECORDED / "uefi" / "call1.xml").read_text(encoding="utf-8"))
        host = RECORDED / "uefi" / "host.json"
        plain, boot, hook = self.boots(domain, host=host)
        self.judge(boot, host=host, moving=3, but=UEFI, plain=plain)
        self.nothing_else_moves(plain, boot)

    def test_uefi_calls(self):
        """Calls 2 and 3 as they were recorded there: rewritten each by itself, and the same way."""
        host = RECORDED / "uefi" / "host.json"
        vmi = (RECORDED / "uefi" / "vmi.json").read_text(encoding="utf-8")
        for name in ("call2", "call3"):
            before = (RECORDED / "uefi" / (name + ".xml")).read_text(encoding="utf-8")
            after = Hook(host)(vmi, before)
            found = checker.check(before, after, hosts.read(host))
            self.assertEqual([v for v in found if v.rule not in UEFI], [], name)
        before = (RECORDED / "uefi" / "call1.xml").read_text(encoding="utf-8")
        self.assertEqual(Hook(host)(vmi, before), before)


class Recorded(Judged):
    """What KubeVirt's own virt-launcher showed to a hook, on a host with eight GPUs and eight NICs."""

    REAL = RECORDED
    HOST = REAL / "host.json"

    def recorded(self, name):
        """(first call without its placeholders, VMI)"""
        path = self.REAL / name / "vmi.json"
        vmi = json.loads((path if path.exists() else self.REAL / "two-gpus" / "vmi.json").read_text(encoding="utf-8"))
        return kubevirt.base_domain((self.REAL / name / "call1.xml").read_text(encoding="utf-8")), vmi

    def test_boots(self):
        for name, moving in (("two-gpus", 3), ("gpus8-nics8", 16), ("numa-aware-gpus8", 8), ("plugin.two-gpus", 3)):
            domain, vmi = self.recorded(name)
            for release in KINDS:
                with self.subTest(name=name, release=release.name):
                    annotations = {k: v for k, v in vmi["metadata"]["annotations"].items() if k != kubevirt.VERSION}
                    plain = Boot(self.virt, domain, identity, release=release, vmi=vmi, annotations=annotations)
                    hook = Hook(self.HOST)
                    boot = Boot(self.virt, domain, hook, release=release, vmi=vmi, annotations=annotations)
                    self.judge(boot, host=self.HOST, moving=moving, but=UEFI, plain=plain, adopt=True)
                    self.nothing_else_moves(plain, boot)
                    self.assertGreaterEqual(len(self.free(boot)), len(self.free(plain)))
                    for finding in re.findall("VTOPO-[0-9]{4} [^ ]*:", "".join(hook.messages)):
                        self.assertEqual("".join(hook.messages).count(finding), 1, finding)

    def test_address_of_an_interface(self):
        domain, vmi = self.recorded("pciaddress")
        plain = Boot(self.virt, domain, identity, vmi=vmi)
        boot = Boot(self.virt, domain, Hook(self.HOST), vmi=vmi)
        self.nothing_else_moves(plain, boot)
        dump = domains.Domain(boot.dump)
        place = {d.alias: d.address.place for d in dump.assigned()}
        self.assertEqual(place["ua-sriov-rail0"], (0x81, 0, 1))
        marked = {c.index for c in dump.controllers.values() if c.marked}
        self.assertEqual(sorted(alias for alias, at in place.items() if at[0] not in marked), ["ua-sriov-rail0"])

    def test_each_call(self):
        """As it was recorded, and once more what comes of it."""
        for folder in sorted(p for p in self.REAL.iterdir() if p.is_dir() and p.name != "uefi"):  # of another host
            _, vmi = self.recorded(folder.name)
            for call in sorted(folder.glob("call[123].xml")):
                with self.subTest(call=str(call.relative_to(self.REAL))):
                    hook = Hook(self.HOST)
                    once = hook(json.dumps(vmi), call.read_text(encoding="utf-8"))
                    self.assertEqual(hook(json.dumps(vmi), once), once)


if __name__ == "__main__":
    if not HOOK:
        sys.exit("VTOPO_HOOK_KUBEVIRT is not set")
    unittest.main()
