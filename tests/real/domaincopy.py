# SPDX-License-Identifier: GPL-2.0-or-later
"""
domaincopy.py - a copy of a domain that domxml-to-native takes, with every device at its place

Takes:  a dump (every device has its address).
Gives:  the copy, and which of its devices stands for which host hardware.
Rule:   libvirt 9.0's domxml-to-native forgets the addresses of interfaces, fails with interfaces
        that are hostdevs, and wants host devices to exist unless the driver is named.  So whatever
        it cannot do becomes a `<hostdev>` with `<driver name='vfio'/>` at the same address; the
        stand-ins of guest.py come from there.
Not here: which addresses are right.
"""

import re
import xml.etree.ElementTree as ET

QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"
ET.register_namespace("qemu", QEMU)

# No host has this PCI domain; devices that are no PCI functions of the host count up in it.
NOWHERE = 0xfff0


def source_bdf(element):
    address = element.find("source/address")
    values = [int(address.get(key, "0"), 0) for key in ("domain", "bus", "slot", "function")]
    return "%04x:%02x:%02x.%x" % tuple(values)


def host_name(element):
    """What a device stands for on the host: "BDF", "mdev UUID", "vdpa PATH", "disk BDF namespace N";
    None: nothing."""
    kind = element.get("type")
    if element.tag == "hostdev" and kind == "pci":
        return source_bdf(element)
    if element.tag == "hostdev" and kind == "mdev":
        return "mdev " + element.find("source/address").get("uuid")
    if element.tag == "interface" and kind == "hostdev":
        return source_bdf(element)
    if element.tag == "interface" and kind == "vdpa":
        return "vdpa " + element.find("source").get("dev")
    if element.tag == "disk" and kind == "nvme":
        return "disk %s namespace %s" % (
            source_bdf(element), element.find("source").get("namespace"))
    return None


def pci_address(element):
    """(bus, slot, function) of an element's own address, or None."""
    address = element.find("address")
    if address is None or address.get("type") != "pci":
        return None
    return tuple(int(address.get(key, "0"), 0) for key in ("bus", "slot", "function"))


def devices(domain):
    """Every device with a PCI address that is no PCI controller."""
    return [element for element in domain.find("devices")
            if pci_address(element) and not (
                element.tag == "controller" and element.get("type") == "pci")]


def hostdev(element, source, alias):
    address = element.find("address")
    result = ET.Element("hostdev", mode="subsystem", type="pci", managed="no")
    ET.SubElement(result, "driver", name="vfio")
    bdf = re.match(r"(\w+):(\w+):(\w+)\.(\w)", source)
    ET.SubElement(ET.SubElement(result, "source"), "address", **{
        key: "0x" + value for key, value in zip(("domain", "bus", "slot", "function"), bdf.groups())})
    ET.SubElement(result, "alias", name=alias)
    result.extend(element.findall("acpi"))  # the nodes that it initiates for
    result.append(address)
    return result


def copy(dump):
    """
    Returns the copy's text and {id: what it stands for on the host} of the assigned devices; ids
    of replaced devices are the same for every layout of the same domain.
    """
    domain = ET.fromstring(dump)
    for tag in ("memoryBacking", "numatune", "seclabel", "resource"):
        for element in domain.findall(tag):
            domain.remove(element)
    parent = domain.find("devices")
    names = {}
    counts = {}
    for place, element in enumerate(list(parent)):
        address = element.find("address")
        if address is not None and address.get("type") == "unassigned" or element.tag == "tpm":
            parent.remove(element)
            continue
        name = host_name(element)
        if pci_address(element) is None or not (
                name or element.tag in ("interface", "filesystem", "vsock", "shmem")):
            continue
        number = counts[element.tag] = counts.get(element.tag, -1) + 1
        alias = element.find("alias")
        if alias is not None and alias.get("name", "").startswith("ua-"):
            alias = alias.get("name")
        elif name:
            alias = "ua-host-" + re.sub(r"[^0-9A-Za-z_-]", "_", name)
        else:
            alias = "ua-%s-%d" % (element.tag, number)
        source = name if name and re.match(r"\w+:\w+:\w+\.\w$", name) else (
            "%x:%02x:%02x.0" % (NOWHERE, place // 32, place % 32))
        parent.insert(list(parent).index(element), hostdev(element, source, alias))
        parent.remove(element)
        if name:
            names[alias] = name
    return ET.tostring(domain, encoding="unicode"), names
