# SPDX-License-Identifier: GPL-2.0-or-later
"""
compare.py - does the guest show what the host and the domain promise?

Takes:  a booted guest (guest.Guest), the domain that libvirt printed, the host, the mode; and the
        guest that the input domain gave.
Gives:  a list of sentences, one for each broken promise; an empty list is a pass.
Rule:   two devices are related by their paths in sysfs, pair by pair, as NCCL or UCX would see it.
Not here: booting (guest.py), XML that libvirt would refuse (test_libvirt_decides.py).
"""

import re
import xml.etree.ElementTree as ET

import domaincopy
import hostfacts
import nccl_paths

PCI_BRIDGE = 0x1b36, 0x000e  # QEMU's pcie-pci-bridge
SLOT, BRIDGE, APART = "one slot", "one host bridge", "different host bridges"


def switches(count, one, other):
    """Two devices that have @count switches in common, of @one and @other switches above them."""
    text = "%d common switch%s" % (count, "" if count == 1 else "es")
    if one > count or other > count:
        text += " with %d and %d more below" % (one - count, other - count)
    return text


def common(one, other):
    """The length of the common beginning of two ways."""
    length = 0
    for a, b in zip(one, other):
        if a != b:
            break
        length += 1
    return length


def guest_relation(one, other):
    """How near two devices of the guest are."""
    if one.path[:-1] == other.path[:-1] and one.bdf[:-2] == other.bdf[:-2]:
        return SLOT
    if one.path[:-1] == other.path[:-1] and len(one.path) == 3:
        return BRIDGE  # slots of a conventional expander
    # root complex, root port, then an upstream and a downstream port for each switch
    length = common(one.path[:-1], other.path[:-1])
    if length == 0:
        return APART
    if length == 1:
        return BRIDGE
    return switches((length - 1) // 2, *((len(d.path) - 3) // 2 for d in (one, other)))


def unneeded(host, tree, mapped):
    """How many switches at the top of a switch tree have one occupied branch only: "exact" leaves
    them out."""
    cards = {host.card(b): host.switches(b) for b in mapped if host.switches(b)[:1] == [tree]}
    ways = list(cards.values())
    return min(common(a, b) for i, a in enumerate(ways) for b in ways[i + 1:]) - 1


def host_relation(host, one, other, mirror, cells, merged=False):
    """How near they should be.  @cells: cell of every mapped device; without cells there is one
    host bridge.  @merged: vtopo had to merge the expanders of a cell."""
    if host.card(one) == host.card(other):
        return SLOT
    if mirror == "numa":
        shares = cells[one] == cells[other] and not (host.is_coherent_gpu(one) or host.is_coherent_gpu(other))
        return BRIDGE if shares else APART
    if merged and host.way(one)[0] != host.way(other)[0] and cells[one] == cells[other]:
        return BRIDGE
    if host.way(one)[0] != host.way(other)[0] or cells[one] != cells[other]:
        return APART if cells[one] is not None else BRIDGE
    trees = host.switches(one)[:1], host.switches(other)[:1]
    if mirror == "root" or not trees[0] or trees[0] != trees[1]:
        return BRIDGE
    if mirror == "switch":
        return switches(1, 1, 1)
    above = unneeded(host, trees[0][0], cells)
    ways = host.switches(one), host.switches(other)
    return switches(common(*ways) - above, *(len(way) - above for way in ways))


def controllers(domain):
    result = {}
    for element in domain.findall("devices/controller[@type='pci']"):
        result[int(element.get("index"))] = element
    return result


def is_ours(domain, element):
    """Is the device below a controller that vtopo made?"""
    alias = controllers(domain)[domaincopy.pci_address(element)[0]].find("alias")
    return alias is not None and alias.get("name").startswith("ua-vtopo-")


def placed(domain):
    """{host name} of the assigned devices that vtopo placed."""
    return {domaincopy.host_name(e) for e in domaincopy.devices(domain)
            if domaincopy.host_name(e) and is_ours(domain, e)}


def check_present(guest, arguments_ids, names):
    found = guest.by_id()
    for name in sorted(set(arguments_ids) - set(found)):
        yield "%s%s is not in the guest" % (name, " (%s)" % names[name] if name in names else "")
    for name, device in sorted(found.items()):
        if name in names and not device.usable():
            yield "%s (%s) has no memory: neither firmware nor kernel gave its BARs an address" % (
                device.bdf, names[name])


def check_nodes(mapped, cells):
    for name, device in mapped.items():
        if device.node != (-1 if cells[name] is None else cells[name]):
            yield "%s (host %s) is on node %d, not on %s" % (
                device.bdf, name, device.node, cells[name])


def check_pairs(mapped, host, mirror, cells, merged):
    names = sorted(mapped)
    for place, one in enumerate(names):
        for other in names[place + 1:]:
            want = host_relation(host, one, other, mirror, cells, merged)
            have = guest_relation(mapped[one], mapped[other])
            if have != want:
                yield "host %s and %s: the guest has them in %s (%s, %s), not in %s" % (
                    one, other, have, mapped[one].bdf, mapped[other].bdf, want)


def check_order(mapped, host):
    by_host = sorted(mapped, key=host.order)
    in_guest = [mapped[name].bdf for name in by_host]
    for (a, x), (b, y) in zip(zip(by_host, in_guest), zip(by_host[1:], in_guest[1:])):
        if x >= y:
            yield "host %s comes before %s, in the guest %s after %s" % (a, b, x, y)


def check_attached(guest, mapped, attached, host, mirror, cells, merged):
    """Those that are to be behind a PCIe-to-PCI bridge: one of their own expander."""
    for one in sorted(attached):
        bridge = guest.devices.get(mapped[one].path[-2])
        if bridge is None or (bridge.vendor, bridge.device) != PCI_BRIDGE:
            yield "%s (host %s) is not behind a PCIe-to-PCI bridge" % (mapped[one].bdf, one)
        for other in sorted(set(mapped) - attached):
            shared = common(mapped[one].path, mapped[other].path)
            near = cells[one] == cells[other] and (
                merged or mirror == "numa" or host.way(one)[0] == host.way(other)[0])
            if bool(shared) != near:
                yield "%s and %s: one host bridge: %s" % (one, other, bool(shared))


def check_others(guest, flat, mapped_ids):
    """Everything that was not moved has the address that the input gives it."""
    now, before = guest.by_id(), flat.by_id()
    for name in sorted(set(before) - set(mapped_ids)):
        if name not in now:
            yield "%s was in the guest before, and is not now" % name
        elif now[name].bdf != before[name].bdf:
            yield "%s was at %s, and is now at %s" % (name, before[name].bdf, now[name].bdf)
    for bdf, device in flat.devices.items():
        there = guest.devices.get(bdf)
        if not device.id and (there is None or there.device != device.device):
            yield "the machine's own %04x:%04x is no longer at %s" % (
                device.vendor, device.device, bdf)


def check_kernel(guest, flat):
    """Complaints that the input's guest does not have, too.  (With OVMF's default ports the chipset's
    own I/O BARs are in the way of port windows; that is so in every such guest.)"""
    before = {without_numbers(line) for line in flat.complaints()}
    for line in guest.complaints():
        if without_numbers(line) not in before:
            yield "the kernel complains: " + line


def without_numbers(line):
    return re.sub(r"0x[0-9a-f]+(-0x[0-9a-f]+)?|Bus \S+", "N", re.sub(r"^\[[ .0-9]+\] ", "", line))


def predicted(dump, plan):
    """{host name: guest BDF} of the devices whose address the plan (--explain=json) predicts."""
    after = {}
    for device in plan["devices"]:
        place = device["address_after"]
        if place and device["guest_bdf_after"]:
            after[place["controller"], place["slot"], place["function"]] = device["guest_bdf_after"]
    return {domaincopy.host_name(e): after[domaincopy.pci_address(e)]
            for e in domaincopy.devices(ET.fromstring(dump))
            if domaincopy.host_name(e) and domaincopy.pci_address(e) in after}


def check_predictions(guest, dump, names, plan):
    """Devices and ports are where the plan says that they will be."""
    found = guest.by_id()
    wanted = predicted(dump, plan)
    if sorted(wanted) != sorted(names.values()):
        yield "the plan predicts the addresses of %s, the guest has %s" % (
            sorted(wanted), sorted(names.values()))
    wanted = {i: wanted.get(name) for i, name in names.items()}
    wanted.update({c["alias"]: c["guest_bdf"] for c in plan["controllers"]
                   if c["alias"] and c["model"] not in ("pcie-expander-bus", "pci-expander-bus")})
    for name, bdf in sorted(wanted.items()):
        if name not in found or found[name].bdf != bdf:
            yield "%s was predicted to be at %s, and is %s" % (
                name, bdf, "at " + found[name].bdf if name in found else "not there")


def check_topology(guest, names, text):
    """NCCL's topology file names each device by the address that it has, on its node, and no port."""
    found = guest.by_id()
    file = {}
    for cpu in ET.fromstring(text):
        for pci in cpu.iter("pci"):
            file[pci.get("busid")] = int(cpu.get("numaid"))
    devices = {found[i].bdf: found[i].node for i in names if i in found}
    for bdf in sorted(set(devices) - set(file)):
        yield "%s is not in the topology file" % bdf
    for bdf, cell in file.items():
        if not bdf.startswith("ff") and bdf not in devices:
            yield "%s is in the topology file, and not among the guest's host devices" % bdf
        elif bdf.startswith("ff") and bdf in guest.devices:
            yield "a host switch has the address of the guest's %s" % bdf
        elif devices.get(bdf, -1) not in (-1, cell):
            yield "%s is on node %d, in the topology file on %d" % (bdf, devices[bdf], cell)


# topo.h: what NCCL takes for the bandwidth between CPUs, GB/s; the least where it is not known
BETWEEN_CPUS = (6, 9, 10, 16, 22, 40)


def is_between_cpus(predicted, pcie):
    """Is it the lesser of what PCIe lets through and of a processor's?  None: not known."""
    if predicted is None:
        return pcie > BETWEEN_CPUS[0]
    return predicted == pcie or (predicted < pcie and predicted in BETWEEN_CPUS)


def check_nccl(guest, plan):
    """NCCL's arithmetic over the guest's /sys gives each pair what --explain predicted."""
    links = {bdf: nccl_paths.split_link(device.link) for bdf, device in guest.devices.items()}
    for device in plan["devices"]:  # stand-ins have links of their own
        if device["kind"] in ("hostdev", "interface", "mdev"):
            links[device["guest_bdf_after"]] = nccl_paths.split_link(device["link"])
    for pair in plan["pairs"]:
        ends = [guest.devices.get(plan["devices"][pair[end]]["guest_bdf_after"]) for end in ("one", "other")]
        if None in ends:
            continue  # and said so already
        kind, bandwidth = nccl_paths.pair(ends[0].path, ends[1].path, lambda bdf: links.get(bdf, (None, 0)))
        if kind == "PHB" and ends[0].node != ends[1].node:
            kind = "SYS"
        predicted = pair["nccl"]
        if predicted["path"] != kind or not (predicted["gb_per_s"] == bandwidth if kind != "SYS" else
                                            is_between_cpus(predicted["gb_per_s"], bandwidth)):
            yield "%s and %s: NCCL has %s %s, and %s was predicted" % (
                ends[0].bdf, ends[1].bdf, kind, bandwidth, predicted)


def check(guest, flat, dump, host, mirror, ids, names, attached=(), merged=False, others=True):
    """
    @attached  host devices that are to be behind a PCIe-to-PCI bridge
    @merged    the expanders of a cell are one, for lack of room
    @others    the input has the addresses of those that are not moved
    @dump   libvirt's dump of the output
    @ids    ids of all PCI devices that QEMU was given
    @names  id: host device, of the assigned ones (domaincopy.copy)
    """
    domain = ET.fromstring(dump)
    ours = placed(domain)
    found = guest.by_id()
    mapped = {name: found[i] for i, name in names.items()
              if name in ours and i in found}
    cells = dict.fromkeys(mapped)
    if domain.find("cpu/numa") is not None:
        cells = {name: hostfacts.cell_of_node(domain, host, host.node(name)) for name in mapped}
    problems = list(check_present(guest, ids, names))
    problems += check_nodes(mapped, cells)
    own = {name: device for name, device in mapped.items() if name not in attached}
    problems += check_pairs(own, host, mirror, cells, merged)
    problems += check_order(own, host)
    problems += check_attached(guest, mapped, set(mapped) & set(attached), host, mirror, cells, merged)
    if others:
        problems += check_others(guest, flat, [i for i, name in names.items() if name in ours])
    return problems + list(check_kernel(guest, flat))
