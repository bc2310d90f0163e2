# SPDX-License-Identifier: GPL-2.0-or-later
"""
nccl_paths.py - what NCCL makes of the PCI paths of two devices

Takes:  for each device its way in sysfs, root complex first, and a function that gives the greatest
        link of a PCI function, (GT/s as text, lanes).
Gives:  for a pair the kind of path and its bandwidth in GB/s.
Rule:   as NCCL has it (src/graph): xml.cc ncclTopoGetXmlFromSys() climbs two directories at a time
        and takes the lesser link of a device and of the port above it; topo.cc ncclTopoAddPci()
        turns a link into bandwidth; paths.cc ncclTopoSetPaths() names the path and takes the least.
Not here: CPUs, whose links are no PCI; GPUs' NVLinks.
"""

import re

# topo.cc kvDictPciGen: 100 Mb/s of a lane
SPEEDS = {"2.5": 15, "5": 30, "5.0": 30, "8": 60, "8.0": 60, "16.0": 120, "32.0": 240, "64.0": 480}
BDF = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$")


def least(links):
    """The lesser speed and the lesser width; what is unknown does not count."""
    speeds = [speed for speed, _ in links if speed in SPEEDS]
    widths = [width for _, width in links if width]
    return (min(speeds, key=SPEEDS.get) if speeds else None, min(widths) if widths else 0)


def split_link(text):
    """"32.0 GT/s x16" or "16 32.0 GT/s PCIe" as (speed, width)."""
    speed = re.search(r"([0-9.]+) GT/s", text or "")
    width = re.search(r"x(\d+)$|^(\d+) ", text or "")
    return (speed[1] if speed else None, int(width[1] or width[2]) if width else 0)


def as_read(device, port):
    """ncclTopoGetXmlFromSys(): the lesser of the speeds that are known; the lesser width, and 0 is one."""
    return (least([device, port])[0], min(device[1], port[1]))


def bandwidth(link):
    speed, width = link
    return (width or 16) * SPEEDS.get(speed, 60) / 80


def climb(way, link_of):
    """From the device up: (name of the node, bandwidth of the link above it); then the CPU."""
    nodes = []
    at = len(way) - 1
    while True:
        port = way[at - 1]
        link = as_read(link_of(way[at]), link_of(port) if BDF.match(port) else (None, 0))
        nodes.append((way[at], bandwidth(link)))
        if not BDF.match(port) or not BDF.match(way[at - 2]):
            return nodes
        at -= 2


def pair(one, other, link_of):
    """("PIX", 48.0) and so on; PHB stands for every path through a CPU."""
    ways = climb(one, link_of), climb(other, link_of)
    names = [[name for name, _ in way] for way in ways]
    for depth, name in enumerate(names[0]):
        if name in names[1]:
            other_depth = names[1].index(name)
            crossed = ways[0][:depth] + ways[1][:other_depth]
            return ("PIX" if depth + other_depth == 2 else "PXB", min(b for _, b in crossed))
    return ("PHB", min(b for _, b in ways[0] + ways[1]))
