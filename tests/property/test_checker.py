#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_checker.py - does the checker catch what it is there to catch?

Takes:  the hand-written cases in fixtures/ (domain.xml, expected.xml).
Rule:   the good outputs pass; each broken one is caught, by the rule that was broken.
"""
import os
import random
import unittest

import checker
import domain
import fixture_hosts
import generate_domain
import generate_host
import mapping
import moves
import xmltext

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = fixture_hosts.make()


def read(case, name):
    with open(os.path.join(HERE, "fixtures", case, name), encoding="utf-8", newline="") as file:
        return file.read()


CASES = {"two-sockets": "switch", "nested": "exact", "bare-crlf": "numa"}


def element(text, what):
    """(start, end) of the whole line(s) of the element that holds @what."""
    root = xmltext.parse(text)
    at = text.index(what)
    devices = root.find("devices")
    found = next(child for child in devices.children if child.start <= at < child.end)
    start = text.rindex("\n", 0, found.start) + 1
    return start, text.index("\n", found.end) + 1


def without(text, what):
    start, end = element(text, what)
    return text[:start] + text[end:]


def twice(text, what):
    start, end = element(text, what)
    return text[:end] + text[start:end] + text[end:]


def replaced(text, old, new, after="", count=1):
    """@text with the first @old behind @after replaced."""
    at = text.index(after)
    if old not in text[at:]:
        raise ValueError("%r is not there" % old)
    return text[:at] + text[at:].replace(old, new, count)


def at(bus, slot=0, function=0):
    return "bus='0x%02x' slot='0x%02x' function='0x%x'" % (bus, slot, function)


def swapped(text, one, other):
    return text.replace(one, "@@").replace(other, one).replace("@@", other)


GPU0 = "bus='0x03' slot='0x00' function='0x0'/>\n      </source>"
NIC0 = "bus='0x04' slot='0x00' function='0x0'/>\n      </source>"
NIC1 = "bus='0x04' slot='0x00' function='0x1'/>\n      </source>"
GPU2 = "bus='0x05' slot='0x00' function='0x0'/>\n      </source>"
GPU3 = "bus='0x81' slot='0x00' function='0x0'/>\n      </source>"

def gap_chassis(text):
    """Index 17 becomes 18 and keeps its chassis 17; libvirt fills index 17 with a root port of chassis 17."""
    text = replaced(text, "index='17'", "index='18'")
    return text.replace(at(17), at(18)).replace(at(17, 0, 1), at(18, 0, 1))


def index_order(text):
    """The upstream port and its root port exchange their indexes."""
    text = swapped(text, "index='11'", "index='12'")
    text = replaced(text, at(11), at(12), "ua-vtopo-12")
    text = replaced(text, at(12), at(11), "ua-vtopo-13")
    return replaced(text, at(12, 1), at(11, 1), "ua-vtopo-14")


def swapped_cards(text):
    """The lone GPU takes the place of its neighbour on the switch."""
    text = replaced(text, at(13), at(99), GPU0)
    text = replaced(text, at(15), at(13), GPU2)
    return replaced(text, at(99), at(15), GPU0)


def sibling_elsewhere(text):
    """The second downstream port becomes a root port beside the switch."""
    start, end = element(text, "ua-vtopo-14")
    port = text[start:end].replace("pcie-switch-downstream-port", "pcie-root-port")
    port = port.replace("xio3130-downstream", "pcie-root-port").replace(" hotplug='off'", "")
    return text[:start] + port.replace(at(12, 1), at(10, 2)) + text[end:]


def ports_swapped(text):
    """The lone GPU's root port goes before the switch's."""
    text = replaced(text, at(10, 0), at(99), "ua-vtopo-11")
    text = replaced(text, at(10, 1), at(10, 0), "ua-vtopo-15")
    return replaced(text, at(99), at(10, 1), "ua-vtopo-11")


# what is done to two-sockets/expected.xml: the rule that must be named
BROKEN = {
    "function 0 of a card is missing":
        ("function-0", lambda t: replaced(t, at(14), at(14, 0, 2), NIC0)),
    "function 0 of a slot of ports is missing":
        ("function-0", lambda t: replaced(t, at(16, 0), at(16, 0, 1), "ua-vtopo-17")),
    "an explicit chassis is another port's default":
        ("chassis", lambda t: replaced(replaced(t, " chassis='9'", "", "index='9'"), "chassis='11'", "chassis='9'")),
    "a chassis is there twice":
        ("chassis", lambda t: replaced(t, "chassis='13'", "chassis='11'")),
    "a chassis is that of a port which libvirt adds for a gap":
        ("chassis", gap_chassis),
    "a child has a lower index than its parent":
        ("index-order", index_order),
    "two bus ranges overlap":
        ("bus-overlap", lambda t: replaced(t, "busNr='32'", "busNr='21'")),
    "a range goes past 255":
        ("bus-past-255", lambda t: replaced(t, "busNr='32'", "busNr='255'")),
    "pcie.0 is one number short":
        ("pcie.0-buses", lambda t: replaced(t, "busNr='16'", "busNr='9'")),
    "a range starts off the multiples of 16 without need":
        ("multiple-of-16", lambda t: replaced(t, "busNr='16'", "busNr='10'")),
    "expanders are in another order than the root complexes":
        ("order", lambda t: swapped(t, "busNr='16'", "busNr='32'")),
    "a device is lost":
        ("device-lost", lambda t: without(t, GPU2)),
    "a device is there twice":
        ("device-twice", lambda t: twice(t, GPU2)),
    "two devices are at one address":
        ("address-twice", lambda t: replaced(t, at(17), at(15), GPU3)),
    "a sibling is on another switch":
        ("switch", sibling_elsewhere),
    "a stranger is on the switch":
        ("switch", swapped_cards),
    "a card is in the wrong cell":
        ("cell", lambda t: replaced(t, "<node>1</node>", "<node>0</node>")),
    "a card is below an expander without a node":
        ("cell", lambda t: replaced(t, "\n        <node>1</node>", "")),
    "a comment changed":
        ("comment", lambda t: replaced(t, "old server", "new server")),
    "a comment is lost":
        ("bytes", lambda t: replaced(t, "    <!-- the disk of the old server -->\n", "")),
    "a quote changed":
        ("quote", lambda t: replaced(t, "model='virtio'", 'model="virtio"')),
    "a line end changed":
        ("line-end", lambda t: replaced(t, "<devices>\n", "<devices>\r\n")),
    "white space changed":
        ("bytes", lambda t: replaced(t, "  <devices>", "   <devices>")),
    "an element of no concern changed":
        ("bytes", lambda t: replaced(t, "memory='1048576'", "memory='1048577'")),
    "the address of another device changed":
        ("other-address", lambda t: replaced(t, at(8), at(6), "<interface")),
    "the guest BDF of another device changed":
        ("guest-bdf", lambda t: replaced(replaced(t, at(0, 2, 1), at(0, 4, 0), "index='2'"), "port='0x11'", "port='0x20'")),
    "an emptied root port is gone":
        ("controller-removed", lambda t: without(t, "index='7'")),
    "a controller of others changed":
        ("controller-changed", lambda t: replaced(t, at(0, 3), at(0, 4), "index='9'")),
    "an alias is lost":
        ("device-content", lambda t: replaced(t, "      <alias name='ua-gpu0'/>\n", "")),
    "a rom element is lost":
        ("device-content", lambda t: replaced(t, "      <rom bar='off'/>\n", "")),
    "a boot order is lost":
        ("device-content", lambda t: replaced(t, "      <boot order='1'/>\n", "")),
    "managed changed":
        ("device-content", lambda t: replaced(t, "managed='yes'", "managed='no'")),
    "multifunction is missing":
        ("multifunction", lambda t: replaced(t, " multifunction='on'", "", NIC0)),
    "an endpoint sits directly on an expander":
        ("endpoint-on-expander", lambda t: replaced(t, at(15), at(10, 2), GPU2)),
    "an endpoint sits on an upstream port":
        ("wrong-bus", lambda t: replaced(t, at(13), at(12, 3), GPU0)),
    "a port has a second slot":
        ("slot", lambda t: replaced(t, at(15), at(15, 1), GPU2)),
    "a bus does not exist":
        ("bus-missing", lambda t: replaced(t, at(15), at(40), GPU2)),
    "two GPUs changed places":
        ("order", ports_swapped),
    "an alias is there twice":
        ("alias-twice", lambda t: replaced(t, "ua-vtopo-13", "ua-vtopo-14")),
    "an alias is one that libvirt drops":
        ("alias", lambda t: replaced(t, "ua-vtopo-13", "ua-vtopo-0000:13")),
    "a controller carries no mark":
        ("controller-unmarked", lambda t: replaced(t, "      <alias name='ua-vtopo-13'/>\n", "")),
    "a card is in two slots":
        ("card-split", lambda t: replaced(t, at(14, 0, 1), at(15, 0, 1), NIC1)),
    "a function has another number":
        ("function-number", lambda t: replaced(t, at(14, 0, 1), at(14, 0, 3), NIC1)),
    "a device that should move stays":
        ("not-placed", lambda t: replaced(t, at(15), at(5), GPU2)),
    "a device has no address":
        ("not-placed", lambda t: replaced(t, "\n      <address type='pci' domain='0x0000' %s/>" % at(15), "", GPU2)),
    "a downstream port can hot-plug":
        ("hotplug", lambda t: replaced(t, " hotplug='off'", "")),
    "an expander sits where libvirt puts the first video device":
        ("expander-slot", lambda t: replaced(t, at(0, 0x1C), at(0, 1))),
    "a port leads nowhere":
        ("spare-ports", lambda t: replaced(t, at(15), at(5), GPU2)),
    "libvirt would add a controller":
        ("index-gap", lambda t: replaced(replaced(t, "index='17'", "index='18'"), at(17), at(18), GPU3)),
    "an index is there twice":
        ("index-twice", lambda t: replaced(t, "index='17'", "index='15'")),
}


class GoodOutputs(unittest.TestCase):
    def test_they_pass(self):
        for case, mirror in CASES.items():
            with self.subTest(case=case):
                found = checker.check(read(case, "domain.xml"), read(case, "expected.xml"), HOST,
                                      checker.Options(mirror), set())
                self.assertEqual(found, [])

    def test_they_are_fixed_points(self):
        for case, mirror in CASES.items():
            with self.subTest(case=case):
                good = read(case, "expected.xml")
                self.assertEqual(checker.check(good, good, HOST, checker.Options(mirror), set()), [])

    def test_another_mirror_is_another_layout(self):
        before, good = read("two-sockets", "domain.xml"), read("two-sockets", "expected.xml")
        for mirror, rule in (("numa", "switch"), ("root", "switch")):
            rules = {v.rule for v in checker.check(before, good, HOST, checker.Options(mirror), set())}
            self.assertIn(rule, rules)
        before, good = read("nested", "domain.xml"), read("nested", "expected.xml")
        self.assertIn("switch", {v.rule for v in checker.check(before, good, HOST, checker.Options("switch"), set())})

    def test_unchanged_is_not_enough(self):
        for case, mirror in CASES.items():
            before = read(case, "domain.xml")
            rules = {v.rule for v in checker.check(before, before, HOST, checker.Options(mirror), set())}
            self.assertIn("not-placed", rules)


class BrokenOutputs(unittest.TestCase):
    def test_each_is_caught_by_name(self):
        before, good = read("two-sockets", "domain.xml"), read("two-sockets", "expected.xml")
        for what, (rule, breaks) in BROKEN.items():
            with self.subTest(what=what):
                broken = breaks(good)
                self.assertNotEqual(broken, good)
                rules = {v.rule for v in checker.check(before, broken, HOST, checker.Options("switch"), set())}
                self.assertIn(rule, rules)

    def test_crlf(self):
        before, good = read("bare-crlf", "domain.xml"), read("bare-crlf", "expected.xml")
        broken = replaced(good, "</os>\r\n", "</os>\n")
        rules = {v.rule for v in checker.check(before, broken, HOST, checker.Options("numa"), set())}
        self.assertEqual(rules, {"line-end"})

    def test_announced(self):
        before, good = read("bare-crlf", "domain.xml"), read("bare-crlf", "expected.xml")
        start, end = element(good, domain.ANNOUNCED)
        behind = element(good, 'index="2"')[1]
        for broken in (good[:start] + good[end:], good[:start] + good[end:behind] + good[start:end] + good[behind:],
                       replaced(good, '"pcie-root"', '"pcie-root-port"'), replaced(good, '<controller type="pci" index="0"', '<controller type="pci" index="1"')):
            rules = {v.rule for v in checker.check(before, broken, HOST, checker.Options("numa"), set())}
            self.assertIn("announced", rules)

    def test_a_flattened_switch(self):
        before, good = read("nested", "domain.xml"), read("nested", "expected.xml")
        start, end = element(good, "ua-vtopo-15")
        broken = good[:start] + good[end:]
        broken = broken.replace(at(15, 0), at(12, 2)).replace(at(15, 1), at(12, 3))
        rules = {v.rule for v in checker.check(before, broken, HOST, checker.Options("exact"), set())}
        self.assertIn("switch", rules)

    def test_a_lost_teaming(self):
        before, good = read("two-sockets", "domain.xml"), read("two-sockets", "expected.xml")
        teaming = GPU3 + "\n      <teaming type='transient' persistent='ua-net0'/>"
        before, with_it = before.replace(GPU3, teaming), good.replace(GPU3, teaming)
        options = checker.Options("switch")
        # It needs a slot of its own, which it has not got there; otherwise all is well.
        self.assertEqual({v.rule for v in checker.check(before, with_it, HOST, options, set())},
                         {"multifunction", "function-number", "port-shared"})
        self.assertIn("device-content", {v.rule for v in checker.check(before, good, HOST, options, set())})

    def test_a_transient_card_on_a_switch(self):
        before, good = read("two-sockets", "domain.xml"), read("two-sockets", "expected.xml")
        options = checker.Options("switch", hotplug={(0, 3, 0, 0)})
        rules = {v.rule for v in checker.check(before, good, HOST, options, set())}
        self.assertIn("transient", rules)

    def test_a_device_that_should_stay_and_moved(self):
        before, good = read("two-sockets", "domain.xml"), read("two-sockets", "expected.xml")
        options = checker.Options("switch", keep={(0, 5, 0, 0)})
        rules = {v.rule for v in checker.check(before, good, HOST, options, set())}
        self.assertIn("device-content", rules)

    def test_what_is_below_a_mark_is_not_left_alone(self):
        """A device whose neighbour in the slot goes back has the place that it had before: vtopo's, all the same."""
        before, good = (domain.read(read("two-sockets", name)) for name in ("domain.xml", "expected.xml"))
        sources = {device.source for device in good.assigned() if device.address.bus in good.controllers
                   and good.controllers[device.address.bus].marked}
        self.assertEqual(moves.left_alone(good, good, sources), set())
        self.assertEqual(moves.left_alone(before, before, sources), sources)
        self.assertEqual(moves.left_alone(good, before, sources), sources)

    def test_something_moves_though_there_are_no_cells(self):
        before, good = read("two-sockets", "domain.xml"), read("two-sockets", "expected.xml")
        for text in ("numa", "numatune"):
            start, end = before.index("<%s>" % text), before.index("</%s>" % text) + len(text) + 3
            good = good.replace(before[start:end], "")
            before = before.replace(before[start:end], "")
        rules = {v.rule for v in checker.check(before, good, HOST, checker.Options("switch"), set())}
        self.assertIn("bytes", rules)


class Undo(unittest.TestCase):
    def test_good(self):
        before, good = read("two-sockets", "domain.xml"), read("two-sockets", "expected.xml")
        self.assertEqual(checker.check_undo(domain.read(before), good, self.undone(before)), [])

    def undone(self, before):
        """A card in one slot each, on the lowest ports."""
        places = [(NIC1, at(4), at(3, 0, 1)), (GPU2, at(5), at(4)), (GPU3, at(6), at(5)),
                  ("bus='0x81' slot='0x00' function='0x1'/>\n      </source>", at(7), at(5, 0, 1))]
        for device, old, new in places:
            start = before.index(device) + len(device)
            before = before[:start] + before[start:].replace(old, new, 1)
        return before

    def test_broken(self):
        before, good = read("two-sockets", "domain.xml"), read("two-sockets", "expected.xml")
        undone = self.undone(before)
        for rule, broken in (("undo-mark", good),
                             ("undo-place", replaced(undone, at(4), at(6), GPU2)),
                             ("undo-place", before),
                             ("comment", replaced(undone, "old server", "new server")),
                             ("device-lost", without(undone, GPU2))):
            with self.subTest(rule=rule):
                self.assertIn(rule, {v.rule for v in checker.check_undo(domain.read(before), good, broken)})


class SecondLife(unittest.TestCase):
    """What a domain says of itself before vtopo, in its record and in aliases."""

    PORT = "<controller type='pci' index='%d' model='pcie-root-port'><target hotplug='%s'/>%s</controller>"
    GPU = "<hostdev type='pci'><source><address bus='0x03' slot='0x00' function='0x0'/></source>" \
          "<address type='pci' bus='0x09' slot='0x00' function='0x0'/></hostdev>"
    RECORD = "<metadata><vtopo:record xmlns:vtopo='http://vtopo.io/record/1.0'>" \
             "<vtopo:device host='0000:03:00.0' bus='%s' slot='0x00'/></vtopo:record></metadata>"

    def off(self, record, *ports):
        text = "<domain>%s<devices>%s%s</devices></domain>" % (record, "".join(self.PORT % port for port in ports),
                                                              self.GPU)
        made = domain.Domain(text)
        return moves.port_may_be_off(made, made.assigned()[0])

    def test_a_port_is_off(self):
        ours = "<alias name='ua-vtopo-0000-03-00-0%s'/>"
        named = "<alias name='ua-vtopo-pxb-off-4-ports'/>"
        self.assertEqual(self.off("", (9, "off", "")), (True, True))
        self.assertEqual(self.off("", (9, "on", "")), (False, False))
        # One of vtopo's: as the alias says what the card left, whether or not there was no I/O space for hot-plug.
        self.assertEqual(self.off("", (9, "off", ours % "-off")), (True, True))
        self.assertEqual(self.off("", (9, "off", ours % "")), (False, False))
        # The record knows each function's own port, the alias only that of the whole card.
        self.assertEqual(self.off(self.RECORD % "4", (4, "on", ""), (9, "off", ours % "-off")), (False, False))
        self.assertEqual(self.off(self.RECORD % "4", (4, "off", ""), (9, "off", ours % "")), (True, True))
        self.assertEqual(self.off(self.RECORD % "4", (4, "off", ""), (8, "off", named), (9, "off", ours % "")),
                         (False, False))
        self.assertEqual(self.off(self.RECORD % "5", (4, "off", ""), (9, "off", ours % "-off")), (True, True))

    def test_what_was_taken_over_comes_back(self):
        expander = "<controller type='pci' index='1' model='pcie-expander-bus'%s/>"
        port = "<controller type='pci' index='9' model='pcie-root-port'%s/>"
        bare = self.GPU.replace("<address type='pci' bus='0x09' slot='0x00' function='0x0'/>", "")
        frame = "<domain>%s<devices>%s</devices></domain>"
        text = frame % ("", expander % "" + port % "" + bare)
        alias = "><alias name='ua-vtopo-%s'/></controller"
        made = self.RECORD.replace("bus='%s' slot='0x00'", "made='address'")
        rewritten = frame % (made, expander % (alias % "pxb") + port % (alias % "9") + self.GPU)
        rewritten = rewritten.replace("</controller/>", "</controller>")
        before = domain.Domain(text)
        for controller in before.controllers.values():
            controller.marked = True
        self.assertEqual(checker.check_undo(before, rewritten, text), [])
        self.assertEqual({v.rule for v in checker.check_undo(before, rewritten, frame % ("", bare))},
                         {"bytes", "controller-removed"})


class Numbering(unittest.TestCase):
    def test_guest_bus_numbers(self):
        """Switches in switches: depth first by slot and function."""
        good = domain.Domain(read("nested", "expected.xml"))
        numbers = good.bus_numbers()
        self.assertEqual([numbers[index] for index in range(10, 18)], [16, 17, 18, 19, 20, 21, 22, 23])
        self.assertEqual(good.subtree(10), 8)
        self.assertEqual(good.subtree(0), 10)


class Mapping(unittest.TestCase):
    def cells(self, text, node):
        return mapping.allowed_cells(domain.Domain("<domain>" + text + "<devices/></domain>"), HOST, node)

    NUMA = "<cpu><numa><cell id='0' cpus='0-1'/><cell id='1' cpus='2-3'/></numa></cpu>"
    ONE = "<cpu><numa><cell id='0' cpus='0-1'/></numa></cpu>"

    def test_rules(self):
        memnode = "<numatune><memnode cellid='%d' nodeset='%s'/>%s</numatune>"
        both = memnode % (0, "0,1", "<memnode cellid='1' nodeset='0'/>")
        self.assertEqual(self.cells(self.NUMA + both, 0), {1})
        self.assertEqual(self.cells(self.NUMA + both, 1), {0})
        self.assertEqual(self.cells(self.NUMA, 0), {None})
        pins = "<cputune><vcpupin vcpu='0' cpuset='5'/><vcpupin vcpu='2' cpuset='0-3'/></cputune>"
        self.assertEqual(self.cells(self.NUMA + pins, 0), {1})
        self.assertEqual(self.cells(self.NUMA + pins, 1), {0})
        self.assertEqual(self.cells(self.NUMA + memnode % (0, "0", "") + pins, 0), {0})
        self.assertEqual(self.cells(self.ONE + "<vcpu cpuset='4-5'>2</vcpu>", 1), {0})
        self.assertEqual(self.cells(self.ONE + "<vcpu cpuset='3-4'>2</vcpu>", 1), {None})
        self.assertEqual(self.cells(self.ONE + "<numatune><memory nodeset='1'/></numatune>", 1), {0})
        self.assertEqual(self.cells(self.ONE + "<numatune><memory nodeset='0-1'/></numatune>", 1), {None})
        self.assertEqual(self.cells(self.NUMA + both, -1), {None})


class HostAddress(unittest.TestCase):
    """A GPU where firmware's tables find it on the host."""

    def stays(self, place, table="<os><acpi><table>/a</table></acpi></os>", function=0):
        text = "<domain>%s<devices><controller type='pci' index='3' model='pcie-root-port'/><hostdev type='pci'>" \
               "<source><address bus='0x03' slot='0x00' function='0x%d'/></source><address type='pci' %s/></hostdev>" \
               "</devices></domain>" % (table, function, place)
        made = domain.Domain(text)
        return moves.is_on_purpose(made, made.assigned()[0], HOST)

    def test_it_stays(self):
        self.assertTrue(self.stays(at(3)))
        self.assertFalse(self.stays(at(3), ""))
        self.assertFalse(self.stays(at(4)))
        self.assertFalse(self.stays(at(3, 0, 1), function=1))  # the GPU itself is not there


class CommandLine(unittest.TestCase):
    """What devices of <qemu:commandline> are in the way of, in two-sockets/expected.xml."""

    TEXT = read("two-sockets", "expected.xml")

    def broken(self, *devices):
        line = "".join("<qemu:arg value='-device'/><qemu:arg value='%s'/>" % device for device in devices)
        text = replaced(self.TEXT, "</devices>", "</devices><qemu:commandline>%s</qemu:commandline>" % line)
        return {violation.rule for violation in checker.check_legal(domain.read(text))}

    def test_places(self):
        used = domain.read(self.TEXT)
        slot = next(c.address.slot for c in used.controllers.values() if c.model == domain.EXPANDER)
        free = next(s for s in range(2, 31) if all(a.slot != s or a.bus for _, a in used.everything()))
        self.assertEqual(self.broken("edu,bus=pcie.0,addr=%x" % free), set())
        self.assertEqual(self.broken("edu,bus=pcie.0,addr=%x.0" % slot), {"qemu-slot"})
        self.assertEqual(self.broken('{"driver": "edu", "bus": "pcie.0", "addr": %d}' % (slot << 3)), {"qemu-slot"})
        self.assertEqual(self.broken(*["edu,bus=pcie.0"] * 31), {"qemu-slots"})
        self.assertEqual(self.broken("edu,bus=pci.1"), {"qemu-port"})

    def options(self, *words):
        line = "".join("<qemu:arg value='%s'/>" % word for word in words)
        return domain.read(replaced(self.TEXT, "</devices>", "</devices><qemu:commandline>%s</qemu:commandline>" % line))

    def test_the_machines_own_devices(self):
        """The lowest slots, in QEMU's order; what says addr= takes none of them."""
        words = ["-nic", "user,model=virtio", "-audio", "driver=none,model=hda", "-vga", "std", "-net", "nic,addr=5"]
        self.assertEqual(self.options(*words).machine_slots, [1, 2, 5, 3])
        self.assertEqual(self.options("-nic", "none", "-net", "user", "-audio", "none", "-vga", "none").machine_slots, [])
        self.assertIn("qemu-slot", {v.rule for v in checker.check_legal(self.options(*words))})

    def test_domains_that_are_left_alone(self):
        for words in (["-virtfs", "local"], ["-watchdog", "i6300esb"], ["-readconfig", "/a"], ["-no-acpi"],
                      ["-machine", "acpi=off"], ["-drive", "if=virtio,file=/a"]):
            self.assertTrue(self.options(*words).left_alone, words)
        for words in (["-watchdog", "ib700"], ["-machine", "acpi=on"], ["-drive", "if=none,file=/a"], ["-vga", "std"]):
            self.assertFalse(self.options(*words).left_alone, words)

    def test_multiples_that_are_taken(self):
        """Expanders that only QEMU knows are at each multiple of 16."""
        broken = replaced(self.TEXT, "busNr='16'", "busNr='17'")
        line = "".join("<qemu:arg value='-device'/><qemu:arg value='pxb-pcie,bus=pcie.0,id=a%d,bus_nr=%d'/>" % (n, n)
                       for n in range(16, 256, 16))
        rules = []
        for line in ("", "<qemu:commandline>%s</qemu:commandline>" % line):
            before, after = (replaced(t, "</devices>", "</devices>" + line)
                             for t in (read("two-sockets", "domain.xml"), broken))
            rules.append({v.rule for v in checker.check(before, after, HOST, checker.Options("switch"), set())})
        self.assertIn("multiple-of-16", rules[0])
        self.assertNotIn("multiple-of-16", rules[1])

    def test_numbers(self):
        self.assertEqual(self.broken("ioh3420,bus=pcie.0,chassis=11"), {"qemu-chassis"})
        self.assertEqual(self.broken("pxb-pcie,bus=pcie.0,id=a,bus_nr=200"), set())
        self.assertEqual(self.broken("pxb-pcie,bus=pcie.0,id=a,bus_nr=17"), {"bus-overlap"})
        self.assertEqual(self.broken("pxb-pcie,bus=pcie.0,id=a,bus_nr=255", "ioh3420,bus=a,chassis=99"),
                         {"bus-past-255"})


class Generators(unittest.TestCase):
    """The generated inputs are legal by themselves and show what they are there to show."""

    def test_inputs(self):
        seen = {"nodes": set(), "domains": set(), "levels": set(), "kinds": set(), "sources": set(), "vfs": False, "crlf": False,
                "machine": 0, "alone": 0, "table": 0}
        for seed in range(150):
            rng = random.Random(seed)
            host = generate_host.make(rng)
            text = generate_domain.make(rng, host)
            again = random.Random(seed)
            self.assertEqual(text, generate_domain.make(again, generate_host.make(again)))
            made = domain.Domain(text)
            rules = {v.rule for v in checker.check_legal(made)} - {"bus-past-255"}
            self.assertEqual(rules, set(), seed)
            for device in made.assigned():
                function = host.function_of(device.source)
                self.assertIsNotNone(function)
                seen["levels"].add(len(function.switches()))
                seen["vfs"] |= function.physfn is not None
                seen["domains"].add(function.bdf[0])
                seen["sources"].add(len(device.source))
                seen["table"] += moves.belongs_to_acpi_table(made, device, host)
            seen["machine"] += bool(made.machine_slots)
            seen["alone"] += made.left_alone
            seen["nodes"].add(len(host.nodes))
            seen["kinds"].add(made.is_complete())
            seen["crlf"] |= "\r\n" in text
        self.assertEqual(seen["nodes"], {0, 1, 2, 4, 8})
        self.assertEqual(seen["domains"], {0, 1, 0x10000})
        self.assertLessEqual({0, 1, 2}, seen["levels"])
        self.assertEqual(seen["kinds"], {True, False})
        self.assertEqual(seen["sources"], {2, 4})
        self.assertTrue(seen["vfs"] and seen["crlf"])
        self.assertTrue(seen["machine"] and seen["alone"] and seen["table"])


if __name__ == "__main__":
    unittest.main()
