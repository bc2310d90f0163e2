#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_judges.py - the judges can say no

Takes:  a made-up guest that keeps its promises, and a dump in order.
Gives:  whether each broken promise is noticed.
Rule:   no libvirt, no QEMU: what the judges get from them is made up here.
Not here: real guests.
"""

import json
import pathlib
import sys
import tempfile
import types
import unittest
from unittest import mock
import xml.etree.ElementTree as ET

REAL = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(REAL), str(REAL.parent / "golden")]
import compare  # noqa: E402
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402
import test_grace as grace  # noqa: E402
import test_libvirt_decides as decides  # noqa: E402

MEMORY = {0: (0xc0000000, 0xc0003fff, 0x40200)}

# Two switches on node 0, a port on node 1; three switches deep on the left.
HOST = {"vtopo_host": 1, "nodes": [{"id": 0, "cpus": "0-3"}, {"id": 1, "cpus": "4-7"}], "functions": [
    {"bdf": "0000:10:00.0", "root": "0000:10", "port": "root", "node": 0},
    {"bdf": "0000:11:00.0", "parent": "0000:10:00.0", "port": "upstream", "node": 0},
    {"bdf": "0000:12:00.0", "parent": "0000:11:00.0", "port": "downstream", "node": 0},
    {"bdf": "0000:12:01.0", "parent": "0000:11:00.0", "port": "downstream", "node": 0},
    {"bdf": "0000:13:00.0", "parent": "0000:12:00.0", "node": 0},
    {"bdf": "0000:14:00.0", "parent": "0000:12:01.0", "node": 0},
    {"bdf": "0000:14:00.1", "parent": "0000:12:01.0", "node": 0},
    {"bdf": "0000:80:00.0", "root": "0000:80", "port": "root", "node": 1},
    {"bdf": "0000:81:00.0", "parent": "0000:80:00.0", "node": 1},
]}


def address(bus, slot, function=0, more=""):
    return "<address type='pci' domain='0' bus='%d' slot='%d' function='%d'%s/>" % (
        bus, slot, function, more)


def controller(index, model, bus, slot, more="", alias="ua-vtopo-x%d"):
    return "<controller type='pci' index='%d' model='%s'>%s<alias name='%s'/>%s</controller>" % (
        index, model, more, alias % index if "%" in alias else alias, address(bus, slot))


def hostdev(bdf, place):
    domain, bus, slot = bdf[:-2].split(":")
    return ("<hostdev mode='subsystem' type='pci'><source><address domain='0x%s' bus='0x%s' "
            "slot='0x%s' function='0x%s'/></source>%s</hostdev>" % (
                domain, bus, slot, bdf[-1], address(*place)))


def chassis(number):
    return "<target chassis='%d'/>" % number


DUMP = """<domain><vcpu>4</vcpu><cpu><numa><cell id='0' cpus='0-1'/><cell id='1' cpus='2-3'/></numa></cpu>
<numatune><memnode cellid='0' nodeset='0'/><memnode cellid='1' nodeset='1'/></numatune><devices>
<controller type='pci' index='0' model='pcie-root'/>""" + "\n".join([
    controller(1, "pcie-root-port", 0, 1, chassis(1), alias="pci.1"),
    controller(2, "pcie-expander-bus", 0, 0x1e, "<target busNr='32'/>"),
    controller(3, "pcie-root-port", 2, 0, chassis(3)),
    controller(4, "pcie-switch-upstream-port", 3, 0),
    controller(5, "pcie-switch-downstream-port", 4, 0, chassis(5)),
    controller(6, "pcie-switch-downstream-port", 4, 1, chassis(6)),
    controller(7, "pcie-expander-bus", 0, 0x1d, "<target busNr='64'/>"),
    controller(8, "pcie-root-port", 7, 0, chassis(8)),
    "<rng model='virtio'>" + address(1, 0) + "</rng>",
    hostdev("0000:13:00.0", (5, 0)),
    hostdev("0000:14:00.0", (6, 0, 0, " multifunction='on'")),
    hostdev("0000:14:00.1", (6, 0, 1)),
    hostdev("0000:81:00.0", (8, 0)),
]) + "</devices></domain>"

NAMES = {"a": "0000:13:00.0", "b": "0000:14:00.0", "c": "0000:14:00.1", "d": "0000:81:00.0"}
LEFT = ["pci0000:20", "0000:20:00.0", "0000:21:00.0"]
PATHS = {
    "a": LEFT + ["0000:22:00.0", "0000:23:00.0"],
    "b": LEFT + ["0000:22:01.0", "0000:24:00.0"],
    "c": LEFT + ["0000:22:01.0", "0000:24:00.1"],
    "d": ["pci0000:40", "0000:40:00.0", "0000:41:00.0"],
}


def make_guest(paths=None, nodes=None, log=(), without=(), moved=None):
    devices = {}
    for name, path in dict(PATHS, **(paths or {})).items():
        node = (nodes or {}).get(name, 1 if name == "d" else 0)
        devices[path[-1]] = guest.Device(path[-1], 0x1b36, 0x10, 0x010802, node, path, id=name,
                                         resources=dict(MEMORY))
    for bdf, name in {"0000:00:00.0": "", moved or "0000:01:00.0": "rng0"}.items():
        devices[bdf] = guest.Device(bdf, 0x1af4, 0x1044, 0xff00, -1, ["pci0000:00", bdf], id=name,
                                    resources=dict(MEMORY))
    for bdf in without:
        del devices[bdf]
    return guest.Guest("seabios", devices, "0-1", list(log), 1.0)


def read_host():
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(HOST, file)
        file.flush()
        return hostfacts.Host(file.name)


class Promises(unittest.TestCase):
    host = read_host()

    def judge(self, seen, mirror="switch", flat=None, dump=DUMP):
        return compare.check(seen, flat or make_guest(), dump, self.host, mirror,
                             ["a", "b", "c", "d", "rng0"], NAMES)

    def notices(self, words, *arguments, **options):
        problems = self.judge(*arguments, **options)
        self.assertTrue(any(words in p for p in problems), problems)

    def test_good_guest(self):
        self.assertEqual(self.judge(make_guest()), [])
        self.assertEqual(self.judge(make_guest(), mirror="exact"), [])

    def test_wrong_node(self):
        self.notices("is on node 0, not on 1", make_guest(nodes={"d": 0}))
        self.notices("is on node -1, not on 0", make_guest(nodes={"a": -1}))

    def test_missing_device(self):
        self.notices("d (0000:81:00.0) is not in the guest", make_guest(without=["0000:41:00.0"]))

    def test_no_memory(self):
        seen = make_guest()
        seen.devices["0000:41:00.0"].resources = {}
        self.notices("has no memory", seen)
        seen.devices["0000:41:00.0"].resources = {0: (0, 0x3fff, 0x40200)}
        self.notices("has no memory", seen)

    def test_not_in_the_switch(self):
        alone = {"a": ["pci0000:20", "0000:20:01.0", "0000:23:00.0"]}
        self.notices("not in 1 common switch", make_guest(paths=alone))

    def test_in_a_switch_too_many(self):
        self.notices("not in one host bridge", make_guest(), mirror="root")

    def test_a_level_too_many(self):
        deep = {name: LEFT + ["0000:22:00.0", "0000:23:00.0"] + [down, bdf] for name, down, bdf in (
            ("a", "0000:24:00.0", "0000:25:00.0"), ("b", "0000:24:01.0", "0000:26:00.0"),
            ("c", "0000:24:01.0", "0000:26:00.1"))}
        self.notices("2 common switches", make_guest(paths=deep), mirror="exact")

    def test_card_torn_apart(self):
        apart = {"c": LEFT + ["0000:22:02.0", "0000:25:00.0"]}
        self.notices("not in one slot", make_guest(paths=apart))

    def test_order(self):
        swapped = {"a": PATHS["b"][:-1] + ["0000:24:00.0"], "b": PATHS["a"][:-1] + ["0000:23:00.0"],
                   "c": PATHS["a"][:-1] + ["0000:23:00.1"]}
        self.notices("comes before", make_guest(paths=swapped))

    def test_other_device_moved(self):
        self.notices("rng0 was at", make_guest(moved="0000:02:00.0"))
        self.notices("no longer at 0000:00:00.0", make_guest(without=["0000:00:00.0"]))

    def test_kernel_log(self):
        lines = ["[1.0] pci 0000:00:02.0: bridge configuration invalid ([bus 00-00]), reconfiguring",
                 "[1.0] pci_bus 0000:05: busn_res: can not insert [bus 05-06] under [bus 00-04]",
                 "[1.0] pci 0000:21:00.0: BAR 0 [mem size 0x4000 64bit]: failed to assign"]
        for line in lines:
            self.notices("the kernel complains", make_guest(log=[line]))
            self.assertEqual(self.judge(make_guest(log=[line]), flat=make_guest(log=[line])), [])

    def predict(self, **wrong):
        bdfs = dict({"a": "0000:23:00.0", "b": "0000:24:00.0", "c": "0000:24:00.1", "d": "0000:41:00.0"}, **wrong)
        elements = {domaincopy.host_name(e): domaincopy.pci_address(e)
                    for e in domaincopy.devices(ET.fromstring(DUMP)) if domaincopy.host_name(e)}
        devices = [{"address_after": dict(zip(("controller", "slot", "function"), elements[NAMES[i]])),
                    "guest_bdf_after": bdf} for i, bdf in bdfs.items()]
        return {"devices": devices, "controllers": []}

    def test_predictions(self):
        self.assertEqual(list(compare.check_predictions(make_guest(), DUMP, NAMES, self.predict())), [])
        problems = list(compare.check_predictions(make_guest(), DUMP, NAMES, self.predict(d="0000:42:00.0")))
        self.assertEqual(problems, ["d was predicted to be at 0000:42:00.0, and is at 0000:41:00.0"])
        problems = list(compare.check_predictions(make_guest(), DUMP, NAMES, self.predict(d=None)))
        self.assertEqual(len(problems), 2, problems)

    def test_topology(self):
        good = ("<system><cpu numaid='0'><pci busid='ffff:13:00.0'><pci busid='0000:23:00.0'/></pci>"
                "<pci busid='0000:24:00.0'/><pci busid='0000:24:00.1'/></cpu>"
                "<cpu numaid='1'><pci busid='0000:41:00.0'/></cpu></system>")
        self.assertEqual(list(compare.check_topology(make_guest(), NAMES, good)), [])
        for old, new, words in (("0000:41:00.0", "0000:42:00.0", "is not in the topology file"),
                                ("numaid='1'", "numaid='0'", "in the topology file on 0"),
                                ("0000:41:00.0", "0000:01:00.0", "not among the guest's host devices")):
            problems = list(compare.check_topology(make_guest(), NAMES, good.replace(old, new)))
            self.assertTrue(any(words in p for p in problems), problems)

    def test_nccl(self):
        def judge(one, other, path, bandwidth, link=None):
            devices = [{"kind": "hostdev", "guest_bdf_after": PATHS[i][-1], "link": link} for i in (one, other)]
            pair = {"one": 0, "other": 1, "nccl": {"path": path, "gb_per_s": bandwidth}}
            return list(compare.check_nccl(make_guest(), {"devices": devices, "pairs": [pair]}))

        # the ports say nothing of their width, and that is 16 lanes
        for good in (("a", "b", "PIX", 12), ("a", "b", "PIX", 3, "2.5 GT/s x1"), ("a", "d", "SYS", 10),
                     ("a", "d", "SYS", None), ("a", "d", "SYS", 3, "2.5 GT/s x1")):
            self.assertEqual(judge(*good), [], good)
        for wrong in (("a", "b", "PXB", 12), ("a", "b", "PIX", 24), ("a", "d", "PHB", 12), ("a", "d", "SYS", 11),
                      ("a", "d", "SYS", 22), ("a", "d", "SYS", None, "2.5 GT/s x1")):
            self.assertEqual(len(judge(*wrong)), 1, wrong)

    def test_io_windows_do_not_count(self):
        line = "[1.0] pci 0000:20:00.0: BAR 13: failed to assign [io  size 0x1000]"
        self.assertEqual(self.judge(make_guest(log=[line])), [])


class Dump(unittest.TestCase):
    def notices(self, words, text, check=decides.check_controllers):
        self.assertNotEqual(text, DUMP)
        problems = list(check(ET.fromstring(text)))
        self.assertTrue(any(words in p for p in problems), problems)

    def test_good_dump(self):
        self.assertEqual(list(decides.check_controllers(ET.fromstring(DUMP))), [])
        self.assertEqual(list(decides.check_same_addresses(ET.fromstring(DUMP),
                                                           ET.fromstring(DUMP))), [])
        self.assertEqual(list(decides.check_others(ET.fromstring(DUMP), ET.fromstring(DUMP))), [])

    def test_chassis_twice(self):
        self.notices("chassis 3 on", DUMP.replace("chassis='8'", "chassis='3'"))

    def test_child_before_parent(self):
        self.notices("controller 5 is below controller 9", DUMP.replace(
            "index='4' model='pcie-switch-up", "index='9' model='pcie-switch-up").replace(
            "bus='4'", "bus='9'"))

    def test_function_zero(self):
        self.notices("functions [1, 2]", DUMP.replace(
            "bus='6' slot='0' function='0' multifunction='on'", "bus='6' slot='0' function='2'"))
        self.notices("multifunction False", DUMP.replace(" multifunction='on'", ""))

    def test_address_twice(self):
        self.notices("two devices at bus 5", DUMP.replace("bus='8' slot='0'", "bus='5' slot='0'"))

    def test_bus_ranges(self):
        self.notices("overlap at 36", DUMP.replace("busNr='64'", "busNr='36'"))
        self.notices("needs bus number 256", DUMP.replace("busNr='64'", "busNr='255'"))
        self.notices("overlap at 1", DUMP.replace("busNr='32'", "busNr='1'"))

    def test_address_changed(self):
        other = ET.fromstring(DUMP.replace("bus='8' slot='0'", "bus='1' slot='0'"))
        self.assertTrue(list(decides.check_same_addresses(ET.fromstring(DUMP), other)))

    def test_other_moved(self):
        moved = ET.fromstring(DUMP.replace("<rng model='virtio'>" + address(1, 0),
                                           "<rng model='virtio'>" + address(8, 0)))
        problems = list(decides.check_others(ET.fromstring(DUMP), moved))
        self.assertEqual(len(problems), 2, problems)


class Cliques(unittest.TestCase):
    """What libvirt tells QEMU: as properties of devices, or as -set."""

    def judge(self, given, reported, arguments=()):
        """@given: {host BDF: clique of the plan, or None}, @reported: {host BDF: what the device says, or None}"""
        devices = [{"driver": "vfio-pci", "host": bdf, "id": "ua-%d" % n,
                    **({} if clique is None else {decides.CLIQUE: clique})}
                   for n, (bdf, clique) in enumerate(reported.items())]
        line = [word for d in devices for word in ("-device", json.dumps(d))] + list(arguments)
        plan = {"devices": [{"host_bdf": bdf, "clique": None if clique is None else {"id": clique, "given": True}}
                            for bdf, clique in given.items()] +
                           [{"host_bdf": "0000:99:00.0", "clique": {"id": 5, "given": False}}]}
        with tempfile.TemporaryDirectory() as folder:
            case = types.SimpleNamespace(folder=pathlib.Path(folder))
            (case.folder / "plan.json").write_text(json.dumps(plan))
            return list(decides.check_cliques(line, case))

    def test_as_planned(self):
        self.assertEqual(self.judge({NAMES["a"]: 0, NAMES["d"]: None}, {NAMES["a"]: 0, NAMES["d"]: None}), [])
        self.assertEqual(self.judge({NAMES["a"]: 12}, {NAMES["a"]: None},
                                    ["-set", "device.ua-0.%s=0xc" % decides.CLIQUE]), [])

    def test_otherwise(self):
        for given, reported in (({"a": 0}, {"a": 1}), ({"a": 0}, {"a": None}), ({"a": None}, {"a": 0}),
                                ({"a": 0, "b": 1}, {"a": 1, "b": 0}), ({"a": 3}, {"b": 3})):
            problems = self.judge({NAMES[i]: c for i, c in given.items()}, {NAMES[i]: c for i, c in reported.items()})
            self.assertEqual(len(problems), 1, (given, reported))
            self.assertIn("and the plan has", problems[0])

    def test_set_says_something_else(self):
        for argument in ("device.ua-0.%s=0xd" % decides.CLIQUE, "device.ua-1.%s=12" % decides.CLIQUE,
                         "device.ua-0.x-foo=12"):
            self.assertEqual(len(self.judge({NAMES["a"]: 12}, {NAMES["a"]: None}, ["-set", argument])), 1, argument)


class Policies(unittest.TestCase):
    def test_policies(self):
        text = "<domain><metadata><p:policy xmlns:p='%s' mirror='%s'>%s</p:policy></metadata></domain>"
        device = "<p:device bdf='41:00.0' keep='yes'/>"
        good = text % (decides.POLICY[1:].split("}")[0], "root", device)

        def judge(dump):
            return list(decides.check_policy(ET.fromstring(good), ET.fromstring(dump)))

        self.assertEqual(judge(good.replace("<p:", "<v:").replace("</p:", "</v:").replace(":p=", ":v=")), [])
        for lost in (good.replace("root", "exact"), good.replace(device, ""),
                     good.replace("metadata", "other")):
            self.assertEqual(len(judge(lost)), 1, lost)


class Copies(unittest.TestCase):
    def test_interfaces_become_hostdevs(self):
        text = ("<domain><devices><interface type='network'><mac address='52:54:00:00:00:01'/>%s"
                "</interface><interface type='hostdev'><source><address type='pci' domain='0' "
                "bus='0x68' slot='0' function='1'/></source>%s</interface><hostdev type='mdev' "
                "mode='subsystem'><source><address uuid='u'/></source>%s</hostdev></devices></domain>"
                % (address(1, 0), address(2, 0), address(3, 0)))
        copied, names = domaincopy.copy(text)
        found = ET.fromstring(copied).findall("devices/hostdev[@type='pci']")
        self.assertEqual([domaincopy.pci_address(e) for e in found], [(1, 0, 0), (2, 0, 0), (3, 0, 0)])
        self.assertEqual(sorted(names.values()), ["0000:68:00.1", "mdev u"])

    def test_for_this_machine(self):
        text = "<domain type='kvm'>\n<cpu mode=\"host-passthrough\" check='none'>x</cpu></domain>"
        self.assertEqual(libvirt.for_this_machine(text),
                         "<domain type='qemu'>\n<cpu mode=\"maximum\">x</cpu></domain>")


class OtherMachines(unittest.TestCase):
    LINE = ["/usr/bin/qemu-system-aarch64", "-machine", "virt-11.1,usb=off,gic-version=3,pflash0=f,highmem-mmio-size=1024G",
            "-numa", "node,nodeid=0,cpus=0-1,memdev=ram0", "-numa", "node,nodeid=1,cpus=2-3,memdev=ram1", "-numa", "node,nodeid=2",
            "-device", '{"driver":"pxb-pcie","id":"pci.1","bus":"pcie.0","addr":"0x1"}',
            "-device", '{"driver":"arm-smmuv3","primary-bus":"pci.1","id":"iommu0","accel":true}',
            "-device", '{"driver":"vfio-pci","id":"gpu","bus":"pci.1","addr":"0x0"}',
            "-object", '{"qom-type":"acpi-generic-initiator","id":"gi","pci-dev":"gpu","node":2}', "-display", "none"]

    def words(self):
        with mock.patch.object(guest, "firmware_arguments", lambda *_: []):
            return guest.for_tcg(self.LINE, "aavmf", "/nowhere", kernel=False)

    def test_what_counts_is_kept(self):
        words = self.words()
        self.assertEqual(words[words.index("-machine") + 1], "virt-11.1,gic-version=3,highmem-mmio-size=1024G")
        self.assertEqual([json.loads(value)["driver"] for name, value in zip(words, words[1:]) if name == "-device"],
                         ["pxb-pcie", "arm-smmuv3", "nvme"])
        self.assertNotIn('"accel"', " ".join(words))
        self.assertTrue(any("acpi-generic-initiator" in word for word in words))

    def test_cells_without_memory(self):
        words = self.words()
        self.assertEqual([w for w in words if w.startswith("node,")],
                         ["node,nodeid=0,memdev=cell0,cpus=0", "node,nodeid=1,memdev=cell1,cpus=1", "node,nodeid=2"])
        self.assertEqual(words[words.index("-smp") + 1], "2")

    def test_padding(self):
        lines = ["pci 0000:40:00.0: bridge window [mem size 0x00200000 64bit pref]: can't assign; no space",
                 "pci 0000:41:00.0: BAR 0 [mem size 0x00004000 64bit]: can't assign; no space"]
        self.assertEqual(guest.Guest("aavmf", {}, "0", lines, 0).complaints(), lines[1:])
        self.assertEqual(guest.Guest("ovmf", {}, "0", lines, 0).complaints(), lines)


class Cells(unittest.TestCase):
    def cell(self, text, node):
        return hostfacts.cell_of_node(ET.fromstring(text), read_host(), node)

    def test_memnode(self):
        self.assertEqual(self.cell(DUMP, 1), 1)

    def test_vcpupin(self):
        text = ("<domain><vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='4-5'/><vcpupin vcpu='1' "
                "cpuset='0'/></cputune><cpu><numa><cell id='0' cpus='0'/><cell id='1' cpus='1'/>"
                "</numa></cpu></domain>")
        self.assertEqual((self.cell(text, 0), self.cell(text, 1)), (1, 0))

    def test_single_cell(self):
        text = ("<domain><vcpu>2</vcpu><numatune><memory nodeset='1'/></numatune><cpu><numa>"
                "<cell id='0' cpus='0-1'/></numa></cpu></domain>")
        self.assertEqual((self.cell(text, 0), self.cell(text, 1)), (-1, 0))


class Grace(unittest.TestCase):
    """A guest of gh200 with its GPU: a node with CPUs, and eight that only the GPU initiates for."""

    row = grace.Row("gh200", "switch", smmu=True)
    gpus = {"0009:01:00.0": 0}

    @staticmethod
    def guest(nodes=9, change=()):
        distances = [[10 if one == other else 80 if 0 in (one, other) else 255 for other in range(nodes)] for one in range(nodes)]
        for one, other, value in change:
            distances[one][other] = value
        cells = {node: (1024 if not node else 0, {0} if not node else set(), distances[node]) for node in range(nodes)}
        return types.SimpleNamespace(cells=(cells,), iommus={"smmu": ["0000:81:00.0"]},
                                     by_id=lambda: {"gpu": types.SimpleNamespace(bdf="0000:81:00.0")})

    def problems(self, now, row=row):
        return list(grace.check_nodes(now, row, self.gpus)) + list(grace.check_smmus(now, {"gpu": "0009:01:00.0"}, row, self.gpus))

    def notices(self, text, now, row=row):
        self.assertTrue(any(text in problem for problem in self.problems(now, row)), self.problems(now, row))

    def test_nodes_and_smmus(self):
        self.assertEqual([], self.problems(self.guest()))
        self.notices("8 nodes, not 9", self.guest(8))
        self.notices("have the distances", self.guest(change=[(0, 3, 81)]))
        self.notices("have the distances", self.guest(change=[(3, 0, 81)]))
        self.notices("as far from each other", self.guest(change=[(3, 4, 20)]))
        self.notices("the CPUs' nodes are", self.guest(change=[(0, 0, 11)]))
        self.notices("behind SMMUs are", self.guest(), grace.Row("gh200", "switch"))
        full = self.guest()
        full.cells[0][5] = (1, set(), full.cells[0][5][2])
        self.notices("nodes without memory and CPUs are", full)


if __name__ == "__main__":
    unittest.main()
