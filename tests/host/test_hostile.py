#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_hostile.py - trees and files that are wrong, by accident or on purpose

Takes:  VTOPO_HOST, the program.
Gives:  status 4, one line that names the file and what is wrong, empty stdout; nothing outside of the
        tree is read.
"""

import copy
import json
import os
import shutil
import unittest

import common
from common import Case, TOP, run

PORT, UPSTREAM, DOWNSTREAM, GPU = ("0000:3a:00.0", "0000:3b:00.0", "0000:3c:00.0", "0000:3d:00.0")
ROOT = "devices/pci0000:3a"
GPU_PATH = f"{ROOT}/{PORT}/{UPSTREAM}/{DOWNSTREAM}/{GPU}"

IDS = {"vendor": "0x10de", "device": "0x20b8", "node": 0}
HOST = {
    "vtopo_host": 1,
    "nodes": [{"id": 0, "cpus": "0-1", "distances": [10, 21]},
              {"id": 1, "cpus": "2-3", "distances": [21, 10]}],
    "processor": {"vendor": "GenuineIntel", "family": 6, "model": 143},
    "cores": [{"cpus": "0,1", "core": 0}, {"cpus": "2,3", "core": 1}],
    "functions": [
        dict(IDS, bdf=PORT, root="0000:3a", port="root", **{"class": "0x060400"}),
        dict(IDS, bdf=UPSTREAM, parent=PORT, port="upstream", **{"class": "0x060400"}),
        dict(IDS, bdf=DOWNSTREAM, parent=UPSTREAM, port="downstream", **{"class": "0x060400"}),
        dict(IDS, bdf=GPU, parent=DOWNSTREAM, driver="vfio-pci", iommu_group=7,
             bars=["mem 16M"], link_max="16.0 GT/s x16", vfs_total=4, vfs=0, **{"class": "0x030200"}),
    ],
    "mdevs": [{"uuid": "4b20d080-1b54-4048-85b3-a6a62d165c01", "parent": GPU, "type": "nvidia-222",
               "type_name": "GRID"}],
    "vdpas": [{"name": "vdpa0", "parent": GPU, "device": "vhost-vdpa-0"}],
}

# A file of the tree, what is in it, and what the program says about it.
MALFORMED = [
    (f"{GPU_PATH}/class", "3d", "says '3d': not a hexadecimal number"),
    (f"{GPU_PATH}/class", "0x", "says '0x': not a hexadecimal number"),
    (f"{GPU_PATH}/class", "0x0302zz", "says '0x0302zz': not a hexadecimal number"),
    (f"{GPU_PATH}/class", "0x1030200", "says '0x1030200': not a hexadecimal number"),
    (f"{GPU_PATH}/class", "", "says '': not a hexadecimal number"),
    (f"{GPU_PATH}/class", "0x030200\0", "not a text"),
    (f"{GPU_PATH}/class", "0" * 100000, "too long"),
    (f"{GPU_PATH}/vendor", "0x-1", "says '0x-1'"),
    (f"{GPU_PATH}/vendor", "0x110de", "says '0x110de'"),
    (f"{GPU_PATH}/numa_node", "x", f"{GPU}/numa_node' says 'x': not a number"),
    (f"{GPU_PATH}/numa_node", "-2", "says '-2': not a number in range"),
    (f"{GPU_PATH}/numa_node", "99999999999999999999", "not a number in range"),
    (f"{GPU_PATH}/numa_node", "7", f"function {GPU} is on node 7, which the host does not have"),
    (f"{GPU_PATH}/numa_node", "0\nx", "numa_node' says '0?x'"),
    (f"{GPU_PATH}/resource", "", "resource' says '': not a resource line"),
    (f"{GPU_PATH}/resource", "0x0 0x1\n" * 6, "says '0x0 0x1': not a resource line"),
    (f"{GPU_PATH}/resource", "0x2 0x1 0x200\n" * 6, "says '0x2 0x1 0x200': not a resource line"),
    (f"{GPU_PATH}/resource", "0x0 0xffffffffffffffff 0x200\n" * 6, "not a resource line"),
    (f"{GPU_PATH}/resource", "0x0 0x1 0x200\n" * 5, "not a resource line"),
    (f"{GPU_PATH}/max_link_speed", "fast", "max_link_speed' says 'fast': not a link speed"),
    (f"{GPU_PATH}/max_link_speed", "99999 GT/s", "not a link speed"),
    (f"{GPU_PATH}/max_link_width", "256", "max_link_width' says '256'"),
    (f"{GPU_PATH}/sriov_totalvfs", "many", "sriov_totalvfs' says 'many'"),
    (f"{GPU_PATH}/sriov_numvfs", "65536", "sriov_numvfs' says '65536'"),
    ("devices/system/node/node0/cpulist", "0-", "cpulist' says '0-': not a list"),
    ("devices/system/node/node0/cpulist", "0-99999", "cpulist' says '0-99999': not a list"),
    ("devices/system/node/node0/meminfo", "Node 0 MemTotal: x kB", "not an amount of memory"),
    ("devices/system/node/node0/meminfo", "Node 0", "no MemTotal"),
    ("devices/system/node/node0/distance", "10", "distance' says '10': not a distance for each"),
    ("devices/system/node/node0/distance", "10 21 21", "more distances than nodes"),
    ("devices/system/node/node0/distance", "10 999", "not a distance for each"),
    ("devices/system/cpu/online", "all", "online' says 'all': not a list"),
    ("devices/system/cpu/cpu0/topology/core_id", "x", "core_id' says 'x'"),
    ("devices/system/cpu/cpu0/topology/core_id", "9", "which cpu1 does not confirm"),
    ("devices/system/cpu/cpu0/topology/thread_siblings_list", "0,2", "cpu2 does not confirm"),
    ("devices/system/cpu/cpu0/topology/thread_siblings_list", "0,9", "cpu9 does not confirm"),
    (f"{GPU_PATH}/mdev_supported_types/nvidia-222/name", "a\033[2J", "says 'a?[2J': not a name"),
]

# A link of the tree, its new text, and what the program says about it.
LINKS = [
    (f"bus/pci/devices/{GPU}", f"/{GPU_PATH}", "leads to no device of the tree"),
    (f"bus/pci/devices/{GPU}", f"../../../../outside/{GPU}", "leads to no device of the tree"),
    (f"bus/pci/devices/{GPU}", f"../../../devices/../../outside/{GPU}", "no device of the tree"),
    (f"bus/pci/devices/{GPU}", f"../../../devices/./{GPU}", "no device of the tree"),
    (f"bus/pci/devices/{GPU}", f"../../../devices//{GPU}", "no device of the tree"),
    (f"bus/pci/devices/{GPU}", "../../..", "no device of the tree"),
    (f"bus/pci/devices/{GPU}", f"../../../{ROOT}/{PORT}", "not the path of this function"),
    (f"bus/pci/devices/{GPU}", f"../../../devices/{GPU}", "not the path of this function"),
    (f"bus/pci/devices/{GPU}", f"../../../{GPU_PATH}/x", "not the path of this function"),
    (f"bus/pci/devices/{GPU}", f"../../../{ROOT}/x/{GPU}", "not the path of this function"),
    (f"bus/pci/devices/{GPU}", f"../../../{ROOT}/{GPU}", "no such directory"),
    (f"bus/pci/devices/{UPSTREAM}", f"../../../{ROOT}/{UPSTREAM}", "no such directory"),
    (f"{GPU_PATH}/driver", "drivers/a b", "driver' says 'a b': not the name of a driver"),
    (f"{GPU_PATH}/driver", "x/..", "driver' says '..': not the name of a driver"),
    (f"{GPU_PATH}/driver", "\033[2J", "not the name of a driver"),
    (f"{GPU_PATH}/iommu_group", "groups/x", "iommu_group' says 'x': not the number of a group"),
    (f"{GPU_PATH}/iommu_group", "groups/9999999999", "not the number of a group"),
    (f"{GPU_PATH}/physfn", "../nothing", "physfn' says 'nothing': not a PCI address"),
    (f"{GPU_PATH}/physfn", "../0000:99:00.0",
     f"virtual function {GPU} belongs to 0000:99:00.0, which is not there"),
    (f"{GPU_PATH}/class", "/etc/hostname", "class': is a symbolic link"),
    (f"{GPU_PATH}/config", "/dev/zero", "config': is a symbolic link"),
    (f"{ROOT}", "/", f"{ROOT}"),
    ("bus/pci/devices", "/", "is a symbolic link"),
    ("devices/system/node/node0", "node1", "is a symbolic link"),
]


class Trees(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(copy.deepcopy(HOST))

    def refused(self, message):
        self.refuse(4, message, "show", "--host", self.root)

    def replace_by_link(self, path, text):
        path = self.root / path
        if path.is_dir() and not path.is_symlink():
            path.rename(self.folder / "moved")
        elif path.is_symlink() or path.exists():
            path.unlink()
        path.symlink_to(text)

    def test_the_tree_is_good(self):
        self.assertEqual(json.loads(self.succeed("save", "-", "--host", self.root))["vtopo_host"], 1)


def add_test(kind, number, check):
    setattr(Trees, f"test_{kind}_{number:02}", check)


for number, (path, content, message) in enumerate(MALFORMED):
    def malformed(self, path=path, content=content, message=message):
        self.assertTrue((self.root / path).is_file())
        (self.root / path).write_text(content)
        self.refused(message)
    add_test("file", number, malformed)

for number, (path, text, message) in enumerate(LINKS):
    def misled(self, path=path, text=text, message=message):
        self.replace_by_link(path, text)
        self.refused(message)
    add_test("link", number, misled)


class Others(Trees):
    """Runs the good tree's test again; that costs nothing."""

    def test_path_through_a_link_inside(self):
        """A directory on the way is a link to a good copy outside of the tree: refused."""
        outside = self.folder / "outside"
        (self.root / ROOT / PORT).rename(outside)
        (self.root / ROOT / PORT).symlink_to(outside)
        self.refused("is a symbolic link")

    def test_fifo(self):
        (self.root / GPU_PATH / "class").unlink()
        os.mkfifo(self.root / GPU_PATH / "class")
        self.refused("class': is not a regular file")

    def test_directory_for_a_file(self):
        (self.root / GPU_PATH / "class").unlink()
        (self.root / GPU_PATH / "class").mkdir()
        self.refused("class': is not a regular file")

    def test_file_for_a_link(self):
        (self.root / "bus/pci/devices" / GPU).unlink()
        (self.root / "bus/pci/devices" / GPU).write_text("")
        self.refused("is not a symbolic link")

    def test_name_that_is_no_address(self):
        (self.root / "bus/pci/devices/0000:3d:00.0x").symlink_to("x")
        self.refused("says '0000:3d:00.0x': not a PCI address")

    def test_missing_bridge(self):
        (self.root / "bus/pci/devices" / UPSTREAM).unlink()
        self.refused("the bridge above it is not there")

    def test_bridge_in_another_place(self):
        link = self.root / "bus/pci/devices" / DOWNSTREAM
        link.unlink()
        link.symlink_to(f"../../../{ROOT}/{DOWNSTREAM}")
        (self.root / ROOT / DOWNSTREAM).mkdir()
        for name in ("class", "vendor", "device"):
            (self.root / ROOT / DOWNSTREAM / name).write_text("0x0604\n")
        self.refused("the bridge above it is in another place")

    def test_missing_ids(self):
        (self.root / GPU_PATH / "device").unlink()
        self.refused(f"{GPU}' has no 'device'")

    def test_absent_is_not_wrong(self):
        for name in ("numa_node", "resource", "max_link_speed", "max_link_width", "driver",
                     "iommu_group", "revision", "subsystem_vendor", "subsystem_device",
                     "sriov_numvfs", "sriov_totalvfs"):
            (self.root / GPU_PATH / name).unlink()
        saved = json.loads(self.succeed("save", "-", "--host", self.root))
        self.assertEqual(saved["functions"][3], {
            "bdf": GPU, "parent": DOWNSTREAM, "class": "0x030200", "vendor": "0x10de",
            "device": "0x20b8"})

    def test_unreadable(self):
        """Root may read everything, so the program runs as nobody."""
        self.folder.chmod(0o755)
        (self.root / GPU_PATH / "class").chmod(0)
        words = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
        # the build may be where only root can go
        words["executable"] = shutil.copy(common.PROGRAM, self.folder / "program")
        self.refuse(4, f"{GPU_PATH}/class': Permission denied", "--host", self.root, **words)

    def test_capabilities_in_a_circle(self):
        """A list that never ends, and one that leads outside of what could be read."""
        config = bytearray(256)
        config[0:2] = b"\x86\x80"
        config[6] = 0x10
        config[14] = 1
        config[0x34] = 0x40
        config[0x40:0x42] = b"\x01\x40"
        (self.root / ROOT / PORT / "config").write_bytes(config)
        saved = json.loads(self.succeed("save", "-", "--host", self.root))
        self.assertEqual(saved["functions"][0]["port"], "bridge")
        config[0x40:0x42] = b"\x10\xfc"
        config[0x42] = 0x42
        (self.root / ROOT / PORT / "config").write_bytes(config[:0x43])
        saved = json.loads(self.succeed("save", "-", "--host", self.root))
        self.assertEqual(saved["functions"][0]["port"], "root")

    def test_strange_interface_names(self):
        for name in ("a b", "ü", "\033c", "x" * 65):
            (self.root / GPU_PATH / "net" / name).mkdir(parents=True)
        self.assertNotIn("netdev", self.succeed("save", "-", "--host", self.root))
        (self.root / GPU_PATH / "net/ens1").mkdir()
        self.assertIn('"netdev": "ens1"', self.succeed("save", "-", "--host", self.root))

    def test_mdev_that_is_no_uuid(self):
        (self.root / "bus/mdev/devices/x").symlink_to("x")
        self.refused("says 'x': not a UUID")

    def test_mdev_and_vdpa_of_no_function(self):
        """Software devices have no PCI function."""
        (self.root / "devices/virtual/mtty/c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03").mkdir(parents=True)
        (self.root / "bus/mdev/devices/c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03").symlink_to(
            "../../../devices/virtual/mtty/c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03")
        (self.root / "devices/vdpa_sim0").mkdir()
        (self.root / "bus/vdpa/devices/vdpa_sim0").symlink_to("../../../devices/vdpa_sim0")
        saved = json.loads(self.succeed("save", "-", "--host", self.root))
        mdevs = HOST["mdevs"] + [{"uuid": "c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03"}]
        self.assertEqual(sorted(saved["mdevs"], key=str), sorted(mdevs, key=str))
        self.assertEqual(saved["vdpas"], HOST["vdpas"] + [{"name": "vdpa_sim0"}])


class Paths(Case):
    def test_not_a_tree(self):
        self.refuse(4, f"'{self.folder}' is not a sysfs tree (no bus/pci)", "--host", self.folder)

    def test_nothing(self):
        self.refuse(4, "No such file or directory", "--host", self.folder / "none")
        self.refuse(4, "No such file or directory", "--host", "")

    def test_control_characters_in_a_path(self):
        self.refuse(4, "a?[2Jb", "--host", self.folder / "a\033[2Jb")

    def test_not_a_description(self):
        for content, message in (
                (b"", ":1: not a host description: "),
                (b"{\n\n  x", ":3: not a host description: "),
                (b"[]", "not a host description (no key 'vtopo_host')"),
                (b"\xff\xfe{}", ":1: not a host description: "),
                (b'{"vtopo_host": 1, "functions": ["\xff"]}', "not a host description: "),
                (b"[" * 1000000, "not a host description: "),
                (b'{"vtopo_host": 1, "functions": [], "functions": []}', "duplicate object key")):
            with self.subTest(content=content[:60]):
                (self.folder / "h.json").write_bytes(content)
                self.refuse(4, message, "--host", self.folder / "h.json")

    def test_description_that_would_fill_the_memory(self):
        """Each core has a copy of its list per CPU: these would be 64 GB."""
        core = json.dumps({"cpus": "0-16383"})
        (self.folder / "h.json").write_text(
            '{"vtopo_host": 1, "functions": [], "cores": [' + ", ".join([core] * 2000) + "]}")
        self.refuse(4, "cores[1].cpus: CPU 0 is in another core, too", "--host",
                    self.folder / "h.json")

    def test_large_description(self):
        with open(self.folder / "h.json", "wb") as file:
            file.truncate(64 * 1024 * 1024 + 1)
        self.refuse(4, "larger than", "--host", self.folder / "h.json")

    def test_device_file(self):
        self.refuse(4, "not a host description", "--host", "/dev/null")

    def test_example_read_as_text(self):
        """A domain XML in the place of the host."""
        self.refuse(4, "not a host description",
                    "--host", TOP / "tests/CMakeLists.txt")


if __name__ == "__main__":
    unittest.main()
