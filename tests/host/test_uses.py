#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_uses.py - what a tree says that its host does with its functions

Takes:  VTOPO_HOST; trees in temporary folders, with what Linux has in class/net, class/block and /proc.
Gives:  whether "use" in the host description is what they say, and nothing where they say nothing.
"""

import json
import os
import unittest

from common import Case, TOP

HOST = json.loads((TOP / "examples/hosts/two-dpu.json").read_text(encoding="utf-8"))
NIC, OTHER, DISK, GPU = "0000:03:00.0", "0000:03:00.1", "0000:18:00.0", "0000:de:00.0"


class Uses(Case):
    def setUp(self):
        super().setUp()
        self.sys = self.tree(HOST, "host/sys")
        self.proc = self.sys.parent / "proc"
        (self.proc / "1/net").mkdir(parents=True)

    def path(self, bdf):
        return (self.sys / "bus/pci/devices" / bdf).resolve()

    def link(self, path, target):
        """A relative link below class/, as sysfs has them."""
        path = self.sys / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(os.path.relpath(target, path.parent))

    def interface(self, bdf, name, flags, uppers=()):
        folder = self.path(bdf) / "net" / name if bdf else self.sys / "devices/virtual/net" / name
        folder.mkdir(parents=True)
        (folder / "flags").write_text(flags + "\n")
        for upper in uppers:
            os.symlink("../somewhere/" + upper, folder / ("upper_" + upper))
        self.link("class/net/" + name, folder)

    def disk(self, bdf, name, number, folder=None):
        folder = folder or self.path(bdf) / "nvme/nvme0" / name
        (folder / "holders").mkdir(parents=True)
        (folder / "dev").write_text(number + "\n")
        self.link("class/block/" + name, folder)
        return folder

    def uses(self, tree=None):
        host = json.loads(self.succeed("save", "-", "--host", tree or self.sys))
        return {f["bdf"]: f["use"] for f in host["functions"] if "use" in f}

    def test_nothing_said(self):
        self.assertEqual(self.uses(), {})

    # -- networks -----------------------------------------------------------------------------------

    def test_interfaces(self):
        self.interface(NIC, "eth0", "0x1002")
        self.interface(OTHER, "eth1", "0x1003")
        self.interface(None, "dummy0", "0x1003")
        self.assertEqual(self.uses(), {NIC: "none", OTHER: "up"})

    def test_the_most_of_several(self):
        self.interface(NIC, "eth0", "0x1002")
        self.interface(NIC, "eth0_1", "0x1003")
        self.interface(NIC, "eth0_2", "0x1002")
        self.assertEqual(self.uses(), {NIC: "up"})

    def test_a_part_of_another(self):
        self.interface(NIC, "eth0", "0x1002", ["br0"])
        self.assertEqual(self.uses(), {NIC: "member"})

    def test_the_default_route(self):
        self.interface(NIC, "eth0", "0x1003")
        self.interface(OTHER, "eth01", "0x1003")
        (self.proc / "1/net/route").write_text(
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
            "eth01\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
            "eth01\t00000000\t0101A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n"
            "eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n")
        self.assertEqual(self.uses(), {NIC: "route", OTHER: "up"})

    def test_the_default_route_of_ipv6(self):
        self.interface(NIC, "eth0", "0x1003")
        self.interface(OTHER, "th0", "0x1003")
        (self.proc / "1/net/ipv6_route").write_text(
            "fe800000000000000000000000000000 40 " + "0" * 32 + " 00 " + "0" * 32 + " 00000100 00000001 00000000 00000001   th0\n"
            + "0" * 32 + " 00 " + "0" * 32 + " 00 fe800000000000000000000000000001 00000400 00000002 00000000 00000003     eth0\n"
            + "0" * 32 + " 00 " + "0" * 32 + " 00 " + "0" * 32 + " ffffffff 00000001 00000000 00200200       lo\n")
        self.assertEqual(self.uses(), {NIC: "route", OTHER: "up"})

    def test_the_default_route_through_bond_and_bridge(self):
        self.interface(NIC, "eth0", "0x1003", ["bond0"])
        self.interface(None, "bond0", "0x1003", ["br0"])
        self.interface(None, "br0", "0x1003")
        (self.proc / "1/net/route").write_text("br0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n")
        self.assertEqual(self.uses(), {NIC: "route"})

    def test_a_circle_ends(self):
        self.interface(NIC, "eth0", "0x1003", ["a"])
        self.interface(None, "a", "0x1003", ["b"])
        self.interface(None, "b", "0x1003", ["a"])
        self.assertEqual(self.uses(), {NIC: "member"})

    # -- disks --------------------------------------------------------------------------------------

    def mounts(self, *lines):
        (self.proc / "1/mountinfo").write_text("".join(line + "\n" for line in lines))

    def test_mounted_by_number(self):
        self.disk(DISK, "nvme0n1", "259:1")
        self.mounts("36 35 259:1 / /data rw,noatime shared:1 - ext4 /dev/root rw")
        self.assertEqual(self.uses(), {DISK: "disk"})

    def test_another_number(self):
        self.disk(DISK, "nvme0n1", "259:1")
        self.mounts("36 35 259:12 / /data rw - ext4 /dev/nvme0n12 rw", "37 35 1259:1 / /x rw - ext4 /dev/other rw")
        self.assertEqual(self.uses(), {})

    def test_mounted_by_name(self):
        """Btrfs has numbers of its own."""
        folder = self.disk(DISK, "nvme0n1", "259:1")
        self.disk(DISK, "nvme0n1p2", "259:3", folder / "nvme0n1p2")
        self.mounts("36 35 0:42 / / rw shared:1 - btrfs /dev/nvme0n1p2 rw,subvol=/root")
        self.assertEqual(self.uses(), {DISK: "disk"})

    def test_swap(self):
        self.disk(DISK, "nvme0n1", "259:1")
        (self.proc / "swaps").write_text("Filename\tType\tSize\tUsed\tPriority\n/dev/nvme0n1\t partition\t 1024\t0\t-2\n")
        self.assertEqual(self.uses(), {DISK: "disk"})

    def test_held(self):
        folder = self.disk(DISK, "nvme0n1", "259:1")
        self.assertEqual(self.uses(), {})
        (folder / "holders/dm-0").mkdir()
        self.assertEqual(self.uses(), {DISK: "disk"})

    def test_several_paths(self):
        subsystem = self.sys / "devices/virtual/nvme-subsystem/nvme-subsys0"
        self.disk(None, "nvme0n1", "259:1", subsystem / "nvme0n1")
        (self.path(DISK) / "nvme/nvme0").mkdir(parents=True)
        self.link("devices/virtual/nvme-subsystem/nvme-subsys0/nvme0", self.path(DISK) / "nvme/nvme0")
        self.mounts("36 35 259:1 / / rw - xfs /dev/nvme0n1 rw")
        self.assertEqual(self.uses(), {DISK: "disk"})

    # -- screens ------------------------------------------------------------------------------------

    def test_boot_vga(self):
        (self.path(GPU) / "boot_vga").write_text("1\n")
        self.assertEqual(self.uses(), {GPU: "console"})

    def test_not_boot_vga(self):
        (self.path(GPU) / "boot_vga").write_text("0\n")
        self.assertEqual(self.uses(), {})

    def test_framebuffer(self):
        (self.path(GPU) / "graphics/fb0").mkdir(parents=True)
        self.link("class/graphics/fb0", self.path(GPU) / "graphics/fb0")
        self.assertEqual(self.uses(), {GPU: "console"})

    # -- what is beside a tree, and odd ones ----------------------------------------------------------

    def test_beside_a_tree_of_another_name(self):
        """What lies beside it is not its host's."""
        self.disk(DISK, "nvme0n1", "259:1")
        self.mounts("36 35 259:1 / /data rw - ext4 /dev/nvme0n1 rw")
        other = self.sys.rename(self.sys.parent / "copy")
        self.assertEqual(self.uses(other), {})

    def test_odd_things_are_passed_over(self):
        self.interface(NIC, "eth0", "0x1003")
        (self.sys / "class/net/bonding_masters").write_text("\n")
        (self.sys / "class/net/nowhere").symlink_to("../../devices/none")
        (self.sys / "class/net/out").symlink_to("../../../../etc")
        (self.sys / "class/graphics").write_text("no folder")
        os.mkfifo(self.proc / "1/mountinfo")
        os.mkfifo(self.proc / "swaps")
        (self.proc / "1/net/route").mkdir()
        self.assertEqual(self.uses(), {NIC: "up"})

    def test_devices_say_why_they_are_the_hosts(self):
        """To scripts and to people, where it is known who has what; a function that shares a group is the host's because of another."""
        host = json.loads(json.dumps(HOST))
        host["vms"] = []
        functions = {f["bdf"]: f for f in host["functions"]}
        functions[NIC]["use"] = "up"
        functions[DISK]["use"] = "disk"
        functions[GPU]["use"] = "console"
        functions["0000:3d:00.1"]["iommu_group"] = functions[NIC]["iommu_group"]
        path = self.folder / "owned.json"
        path.write_text(json.dumps(host))
        devices = {d["bdf"]: d for d in json.loads(self.succeed("devices", "--json", "--host", path))["devices"]}

        def of(bdf):
            return tuple(devices[bdf][key] for key in ("state", "held_by", "because_of", "use"))
        self.assertEqual(of(NIC), ("host", "host", NIC, "up"))
        self.assertEqual(of(DISK), ("host", "host", DISK, "disk"))
        self.assertEqual(of(GPU), ("host", "host", GPU, "console"))
        self.assertEqual(of("0000:86:00.0"), ("host", "driver", "0000:86:00.0", None))
        self.assertEqual(of("0000:3d:00.1"), ("host", "host", NIC, "up"))
        self.assertEqual(of("0000:41:00.0"), ("free", None, None, None))
        listed = self.succeed("devices", "--host", path)
        for bdf, words in ((NIC, r"host \(eno1, up\)"), (DISK, r"host \(disk in use\)"), (GPU, r"host \(console\)")):
            self.assertRegex(listed, r"(?m)^%s .* %s " % (bdf, words))

    def test_there_and_back(self):
        """A description with all of them is what its tree says."""
        host = json.loads(json.dumps(HOST))
        wanted = {NIC: "none", OTHER: "up", "0000:86:00.0": "member", "0000:86:00.1": "route", DISK: "disk", GPU: "console"}
        for function in host["functions"]:
            if function["bdf"] in wanted:
                function["use"] = wanted[function["bdf"]]
                if wanted[function["bdf"]] in ("none", "up", "member", "route"):
                    function["netdev"] = "n" + function["bdf"][5:].replace(":", "").replace(".", "")
        tree = self.tree(host, "all/sys")
        self.assertEqual(self.uses(tree), wanted)
        saved = self.folder / "saved.json"
        self.succeed("save", saved, "--host", tree)
        self.assertEqual(self.uses(saved), wanted)

    def test_a_word_that_is_none(self):
        host = json.loads(json.dumps(HOST))
        host["functions"][0]["use"] = "idle"
        (self.folder / "wrong.json").write_text(json.dumps(host))
        self.refuse(4, "functions[0].use: 'idle' is not", "show", "--host", self.folder / "wrong.json")


if __name__ == "__main__":
    unittest.main()
