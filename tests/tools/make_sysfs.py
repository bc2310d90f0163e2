#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make_sysfs.py DESCRIPTION DIR - build a sysfs tree from a host description

Takes:  a host description (schemas/host.schema.json) that vtopo has accepted.
Gives:  a tree in DIR with the files and links that vtopo reads, laid out as Linux does.
Rule:   what the description leaves out is absent in the tree, as on a kernel that does not know it;
        so `vtopo-host save` on the tree gives the description back, byte for byte, if its ports are
        where vtopo expects them when there is no config space (lib/sysfs/function.h), and, where it
        names a kernel, if DIR is called sys (lib/sysfs/kernel.c).
"""

import json
import os
import re
import sys

SOFTWARE = "devices/virtual"
UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40, "P": 50, "E": 60}
# include/linux/ioport.h
RESOURCE_IO, RESOURCE_MEM, RESOURCE_PREFETCH, RESOURCE_MEM_64 = 0x100, 0x200, 0x2000, 0x100000


def canonical(bdf):
    """The address as the kernel writes it."""
    parts = bdf.lower().split(":")
    domain = int(parts[0], 16) if len(parts) == 3 else 0
    slot, function = parts[-1].split(".")
    return f"{domain:04x}:{int(parts[-2], 16):02x}:{int(slot, 16):02x}.{function}"


def numbers(text):
    """The numbers in "0-3,8"."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


class Tree:
    def __init__(self, root):
        self.root = root

    def directory(self, path):
        os.makedirs(os.path.join(self.root, path), exist_ok=True)

    def file(self, path, content):
        self.directory(os.path.dirname(path))
        data = content if isinstance(content, bytes) else (content + "\n").encode()
        with open(os.path.join(self.root, path), "wb") as out:
            out.write(data)

    def link(self, path, target):
        """A relative link at path to target, both below the root."""
        self.directory(os.path.dirname(path))
        text = os.path.relpath(target, os.path.dirname(path))
        os.symlink(text, os.path.join(self.root, path))


    def proc(self, path, line):
        """Adds a line to what is beside a tree that is called sys."""
        if os.path.basename(os.path.abspath(self.root)) != "sys":
            return
        self.directory(os.path.dirname("../proc/" + path))
        with open(os.path.join(self.root, "../proc", path), "a", encoding="ascii") as out:
            out.write(line + "\n")


def device_paths(functions):
    """The directory of each function."""
    by_bdf = {canonical(function["bdf"]): function for function in functions}

    def path(bdf):
        function = by_bdf[bdf]
        if "root" in function:
            domain, bus = function["root"].lower().split(":")
            return f"devices/pci{int(domain, 16):04x}:{bus}/{bdf}"
        return f"{path(canonical(function['parent']))}/{bdf}"

    return {bdf: path(bdf) for bdf in by_bdf}


class Resources:
    """Hands out addresses, naturally aligned, so that no two BARs are at one place."""

    def __init__(self):
        self.next = {RESOURCE_IO: 0x1000, RESOURCE_MEM: 0x90000000}

    def line(self, text):
        if text is None:
            return "0x%016x 0x%016x 0x%016x" % (0, 0, 0)
        *kind, size = text.split(" ")
        number, unit = re.fullmatch("([0-9]+)([A-Z]?)", size).groups()
        size = int(number) << UNITS[unit]
        space = RESOURCE_IO if "io" in kind else RESOURCE_MEM
        flags = space
        flags |= RESOURCE_MEM_64 if "mem64" in kind else 0
        flags |= RESOURCE_PREFETCH if "prefetch" in kind else 0
        start = -(-self.next[space] // size) * size
        self.next[space] = start + size
        return "0x%016x 0x%016x 0x%016x" % (start, start + size - 1, flags)


def write_link_state(tree, path, function, key, names, unknown_width):
    if key not in function:
        return
    speed, width = function[key].rsplit(" x", 1)
    tree.file(f"{path}/{names}_link_speed", "Unknown" if speed == "?" else f"{speed} PCIe")
    tree.file(f"{path}/{names}_link_width", unknown_width if width == "?" else width)


def write_function(tree, path, function, resources):
    for key in ("class", "vendor", "device"):
        tree.file(f"{path}/{key}", function[key])
    for key in ("subsystem_vendor", "subsystem_device"):
        tree.file(f"{path}/{key}", function.get(key, "0x0000"))
    tree.file(f"{path}/revision", function.get("revision", "0x00"))
    tree.file(f"{path}/numa_node", str(function.get("node", -1)))
    bars = function.get("bars", []) + [None] * 6
    tree.file(f"{path}/resource", "\n".join(resources.line(bar) for bar in bars[:6]))
    write_link_state(tree, path, function, "link_max", "max", "255")
    write_link_state(tree, path, function, "link_now", "current", "0")
    if "vfs" in function or "vfs_total" in function:
        tree.file(f"{path}/sriov_numvfs", str(function.get("vfs", 0)))
        tree.file(f"{path}/sriov_totalvfs", str(function.get("vfs_total", 0)))
    if "vgpu_type" in function:
        tree.file(f"{path}/nvidia/current_vgpu_type", "558")
        tree.file(f"{path}/nvidia/creatable_vgpu_types",
                  f"ID    : vGPU Name\n557   : NVIDIA A40-1B\n558   : {function['vgpu_type']}")
    if "netdev" in function:
        tree.directory(f"{path}/net/{function['netdev']}")


def write_function_links(tree, paths, bdf, function):
    path = paths[bdf]
    tree.link(f"bus/pci/devices/{bdf}", path)
    if "driver" in function:
        driver = f"bus/pci/drivers/{function['driver']}"
        tree.link(f"{path}/driver", driver)
        tree.link(f"{driver}/{bdf}", path)
    if "iommu_group" in function:
        group = f"kernel/iommu_groups/{function['iommu_group']}"
        tree.link(f"{path}/iommu_group", group)
        tree.link(f"{group}/devices/{bdf}", path)
    if "smmu" in function:
        smmu = f"devices/platform/arm-{function['smmu']}.auto/iommu/{function['smmu']}"
        tree.directory(smmu)
        tree.link(f"{path}/iommu", smmu)
    if "physfn" in function:
        tree.link(f"{path}/physfn", paths[canonical(function["physfn"])])


def write_use(tree, path, function, number):
    """What the host does with it; interfaces, disks and framebuffers have the function's number, if they have no name."""
    use = function.get("use")
    if use in ("none", "up", "member", "route"):
        name = function.get("netdev") or f"net{number}"
        tree.link(f"class/net/{name}", f"{path}/net/{name}")
        tree.file(f"{path}/net/{name}/flags", "0x1002" if use == "none" else "0x1003")
        if use == "member":
            tree.link(f"{path}/net/{name}/upper_br0", "devices/virtual/net/br0")
        if use == "route":
            tree.proc("1/net/route", f"{name}\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0")
    if use == "console":
        tree.file(f"{path}/boot_vga", "1")
    if use == "disk":
        tree.link(f"class/block/nvme{number}n1", f"{path}/nvme/nvme{number}/nvme{number}n1")
        tree.file(f"{path}/nvme/nvme{number}/nvme{number}n1/dev", f"259:{number}")
        tree.directory(f"{path}/nvme/nvme{number}/nvme{number}n1/holders/dm-0")


def write_config(tree, path, config):
    data = bytearray(config["size"])
    for key, row in config.items():
        if key != "size":
            row = bytes.fromhex(row)
            data[int(key, 16):int(key, 16) + len(row)] = row
    tree.file(f"{path}/config", bytes(data))


def write_functions(tree, description):
    functions = description["functions"]
    paths = device_paths(functions)
    resources = Resources()
    tree.directory("bus/pci/devices")
    for number, function in enumerate(functions):
        bdf = canonical(function["bdf"])
        write_use(tree, paths[bdf], function, number)
        write_function(tree, paths[bdf], function, resources)
        write_function_links(tree, paths, bdf, function)
    for bdf, config in description.get("config", {}).items():
        write_config(tree, paths[canonical(bdf)], config)
    return paths


def write_nodes(tree, nodes):
    order = sorted(range(len(nodes)), key=lambda i: nodes[i]["id"])
    if nodes:
        initiators = [str(node["id"]) for node in nodes if node.get("initiator")]
        tree.file("devices/system/node/has_generic_initiator", ",".join(initiators))
    for node in nodes:
        path = f"devices/system/node/node{node['id']}"
        tree.file(f"{path}/cpulist", node["cpus"])
        lines = [f"Node {node['id']} MemTotal:       {node.get('memory_kib', 0)} kB"]
        if "memory_free_kib" in node:
            lines.append(f"Node {node['id']} MemFree:        {node['memory_free_kib']} kB")
        tree.file(f"{path}/meminfo", "\n".join(lines))
        for pages in node.get("huge_pages", []):
            folder = f"{path}/hugepages/hugepages-{pages['size_kib']}kB"
            tree.file(f"{folder}/nr_hugepages", str(pages["total"]))
            tree.file(f"{folder}/free_hugepages", str(pages["free"]))
        if "distances" in node:
            tree.file(f"{path}/distance", " ".join(str(node["distances"][i]) for i in order))


def write_cores(tree, cores):
    online = []
    for core in cores:
        for cpu in numbers(core["cpus"]):
            path = f"devices/system/cpu/cpu{cpu}/topology"
            online.append(cpu)
            tree.file(f"{path}/physical_package_id", str(core.get("package", 0)))
            tree.file(f"{path}/core_id", str(core.get("core", 0)))
            tree.file(f"{path}/thread_siblings_list", core["cpus"])
    if cores:
        tree.file("devices/system/cpu/online", ",".join(map(str, sorted(online))))


def write_processor(tree, processor):
    """asm/processor.h numbers the vendors"""
    vendors = {"GenuineIntel": 0, "AuthenticAMD": 2, "CentaurHauls": 5, "HygonGenuine": 9,
               "  Shanghai  ": 10}
    if "vendor" in (processor or {}):
        tree.file("devices/system/cpu/modalias", "cpu:type:x86,ven%04Xfam%04Xmod%04X:feature:,0000,0001" % (
            vendors[processor["vendor"]], processor.get("family", 0), processor.get("model", 0)))
    if processor and "address_bits" in processor:
        bits = processor["address_bits"]
        flags = [flag for flag in ("pdpe1gb", "la57") if processor.get(flag)]
        lines = ["processor\t: 0", f"vendor_id\t: {processor.get('vendor', 'ARM')}", f"flags\t\t: fpu {' '.join(flags)} sse",
                 f"vmx flags\t: vnmi{' ept_5level' if processor.get('guest_address_bits', 48) > 48 else ''}",
                 f"address sizes\t: {bits} bits physical, 57 bits virtual", "power management:", "",
                 "processor\t: 1", "address sizes\t: 33 bits physical, 32 bits virtual", ""]
        tree.file("../proc/cpuinfo", "\n".join(lines))


def write_mdevs(tree, mdevs, paths):
    for mdev in mdevs:
        parent = paths[canonical(mdev["parent"])] if "parent" in mdev else f"{SOFTWARE}/mtty"
        path = f"{parent}/{mdev['uuid']}"
        tree.directory(path)
        tree.link(f"bus/mdev/devices/{mdev['uuid']}", path)
        if "type" in mdev:
            kind = f"{parent}/mdev_supported_types/{mdev['type']}"
            tree.directory(kind)
            tree.link(f"{path}/mdev_type", kind)
            if "type_name" in mdev:
                tree.file(f"{kind}/name", mdev["type_name"])
        if "iommu_group" in mdev:
            group = f"kernel/iommu_groups/{mdev['iommu_group']}"
            tree.link(f"{path}/iommu_group", group)
            tree.link(f"{group}/devices/{mdev['uuid']}", path)


def write_vdpas(tree, vdpas, paths, functions):
    """A vDPA device is on its function, or, below a PF of mlx5_core, on a scalable function of it."""
    by_bdf = {canonical(function["bdf"]): function for function in functions}
    for number, vdpa in enumerate(vdpas):
        bdf = canonical(vdpa["parent"]) if "parent" in vdpa else None
        parent = paths[bdf] if bdf else f"{SOFTWARE}/vduse"
        if bdf and by_bdf[bdf].get("driver") == "mlx5_core" and "physfn" not in by_bdf[bdf]:
            name = f"mlx5_core.sf.{number + 2}"
            parent = f"{parent}/{name}"
            tree.link(f"bus/auxiliary/devices/{name}", parent)
        path = f"{parent}/{vdpa['name']}"
        tree.directory(path)
        tree.link(f"bus/vdpa/devices/{vdpa['name']}", path)
        if "device" in vdpa:
            tree.directory(f"{path}/{vdpa['device']}")


def write_kernel(tree, release):
    if release and os.path.basename(os.path.abspath(tree.root)) == "sys":
        tree.file("../proc/sys/kernel/osrelease", release)


def make(description, root):
    tree = Tree(root)
    paths = write_functions(tree, description)
    write_nodes(tree, description.get("nodes", []))
    write_cores(tree, description.get("cores", []))
    if "isolated" in description:
        tree.file("devices/system/cpu/isolated", description["isolated"])
    write_kernel(tree, description.get("kernel"))
    write_processor(tree, description.get("processor"))
    write_mdevs(tree, description.get("mdevs", []), paths)
    write_vdpas(tree, description.get("vdpas", []), paths, description["functions"])


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: make_sysfs.py DESCRIPTION DIR")
    with open(sys.argv[1], encoding="utf-8") as file:
        description = json.load(file)
    os.makedirs(sys.argv[2], exist_ok=True)
    make(description, sys.argv[2])


if __name__ == "__main__":
    main()
