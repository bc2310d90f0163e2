# SPDX-License-Identifier: GPL-2.0-or-later
"""
kubevirt.py - a model of what KubeVirt does to a domain around its hooks

Takes:  a domain as KubeVirt's converter writes it (without placeholders), how many interfaces the VMI has, a release.
Gives:  what the hook is called with, in order, and what libvirt has in the end.
Rule:   no more is kept than KubeVirt's schema keeps; between two calls stands the real libvirt.  The sequences
        are those of allocateHotplugPorts() (pkg/virt-launcher/virtwrap/manager.go) and
        WithNetworkIfacesResources() (network/nichotplug.go), the schema that of virtwrap/api/schema.go; read at the
        releases that RELEASES names.
Not here: the hook, and what its answers should be (test_kubevirt.py).
"""

import copy
import json
import re
import sys
import pathlib
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "real"))
import libvirt  # noqa: E402

QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"

# --- the schema ----------------------------------------------------------------------------------

ADDRESS = ("type domain bus slot function controller target unit uuid device cssid ssid devno", {})
ALIAS = ("name", {})
BOOT = ("order", {})
KEPT = None  # everything: nothing of it matters here

# kind: (attributes, {child: the same}); what is not named is lost.  In the order in which it is written.
DEVICES = {
    "emulator": KEPT,
    "interface": ("type trustGuestRxFilters", {
        "address": ADDRESS, "source": ("network dev bridge mode", {"address": ADDRESS}),
        "target": ("dev managed", {}), "model": ("type", {}), "mac": ("address", {}),
        "mtu": ("size", {}), "boot": BOOT, "link": ("state", {}), "filterref": ("filter", {}),
        "alias": ALIAS, "driver": ("name queues iommu", {}), "rom": ("enabled", {}),
        "acpi": ("index", {})}),
    "channel": ("type", {"source": ("mode path", {}), "target": ("name type address port state", {})}),
    "hostdev": ("type managed mode model display ramfb", {
        "source": ("", {"address": ADDRESS}), "boot": BOOT, "address": ADDRESS, "alias": ALIAS,
        "driver": ("iommufd", {}), "acpi": ("nodeset", {})}),
    "controller": ("type index model", {
        "driver": ("iothread queues iommu", {}), "alias": ALIAS, "address": ADDRESS,
        "pcihole64": ("unit", {}), "target": ("hotplug busNr", {"node": ("", {})})}),
    "video": ("", {"model": ("type heads ram vram vgamem", {})}),
    "graphics": KEPT,
    "memballoon": ("model freePageReporting", {
        "stats": ("period", {}), "address": ADDRESS, "driver": ("iommu", {})}),
    "disk": ("device snapshot type model", {
        "source": ("dev file startupPolicy protocol name", {}), "target": ("bus dev tray", {}),
        "serial": KEPT,
        "driver": ("cache error_policy io name type iothread queues discard iommu", {}),
        "readonly": ("", {}), "alias": ALIAS, "boot": BOOT, "address": ADDRESS}),
    "input": ("type bus model", {"alias": ALIAS, "address": ADDRESS}),
    "serial": ("type", {"target": ("port", {}), "source": ("mode path", {}), "alias": ALIAS,
                        "log": ("file append", {})}),
    "console": ("type", {"target": ("type port", {}), "source": ("mode path", {}), "alias": ALIAS}),
    "watchdog": ("model action", {"alias": ALIAS, "address": ADDRESS}),
    "rng": ("model", {"backend": KEPT, "address": ADDRESS, "driver": ("iommu", {})}),
    "filesystem": ("type accessMode", {"source": ("dir socket", {}), "target": ("dir", {}), "driver": ("type queue", {}),
                                       "binary": KEPT}),
    "sound": ("model", {"alias": ALIAS}),
    "tpm": ("model", {"backend": ("type version persistent_state", {})}),
    "vsock": ("model", {"cid": ("auto address", {})}),
    "iommu": ("model", {"driver": ("pciBus accel ats ril ssidSize oas", {})}),
}
# Of what is outside of <devices>; other elements are kept as a whole.
REST = {
    "cpu": ("mode", {"model": KEPT, "feature": ("name policy", {}), "topology": ("sockets cores threads", {}),
                     "numa": ("", {"cell": ("id cpus memory unit memAccess", {
                         "distances": ("", {"sibling": ("id value", {})})})})}),
    "cputune": ("", {"vcpupin": ("vcpu cpuset", {}), "iothreadpin": ("iothread cpuset", {}),
                     "emulatorpin": ("cpuset", {})}),
    "numatune": ("", {"memory": ("mode nodeset", {}), "memnode": ("cellid mode nodeset", {})}),
    "vcpu": ("placement", {}),
}
TOP = ("name uuid memory currentMemory maxMemory memoryBacking os sysinfo devices clock resource {%s}commandline "
       "metadata features cpu vcpu vcpus cputune numatune iothreads launchSecurity" % QEMU).split()


def through(element, rule):
    """The element as it comes out of the schema."""
    if rule is KEPT:
        result = copy.deepcopy(element)
        result.tail = None
        return result
    attributes, children = rule
    result = ET.Element(element.tag, {name: element.get(name) for name in attributes.split()
                                      if element.get(name) is not None})
    if not len(element):
        result.text = (element.text or "").strip() or None
    for name, below in children.items():
        result.extend(through(child, below) for child in element.findall(name))
    return result


def devices_through(devices):
    result = ET.Element("devices")
    for name, rule in DEVICES.items():
        result.extend(through(device, rule) for device in devices.findall(name))
    return result


def domain_through(domain):
    """Unmarshal and marshal: what a hook printed, as KubeVirt goes on with it."""
    result = ET.Element("domain", {"type": domain.get("type")})
    for name in TOP:
        for part in domain.findall(name):
            result.append(devices_through(part) if name == "devices" else through(part, REST.get(name, KEPT)))
    for tune in result.findall("numatune"):  # no pointer in its struct, so it is always there
        if tune.find("memory") is None:
            tune.insert(0, ET.Element("memory", mode="", nodeset=""))
    for metadata in result.findall("metadata"):  # of others it is lost
        for child in [c for c in metadata if not c.tag.startswith("{http://kubevirt.io}")]:
            metadata.remove(child)
    return result


def marshal(domain):
    """The text as Go writes it: tabs, double quotes, no empty-element tags, no newline at the end."""
    domain = copy.deepcopy(domain)
    for element in domain.iter():
        element.tail = None
        if len(element):
            element.text = None
    ET.indent(domain, "\t")
    ET.register_namespace("qemu", QEMU)
    text = ET.tostring(domain, encoding="unicode", short_empty_elements=False)
    return text if "xmlns:qemu" in text else text.replace(
        "<domain ", '<domain xmlns:qemu="%s" ' % QEMU, 1)


# --- what the converter and the manager do -------------------------------------------------------

ROOT_COMPLEX = "kubevirt.io/placePCIDevicesOnRootComplex"
VERSION = "kubevirt.io/pci-topology-version"
SLOTS = "kubevirt.io/pci-interface-slot-count"


def is_pci_controller(device):
    return device.tag == "controller" and device.get("type") == "pci"


def addressed(domain):
    """iteratePCIAddresses(): what KubeVirt counts as a PCI device, in its order."""
    devices = domain.find("devices")
    for kind in ("interface", "hostdev", "controller", "disk", "input", "watchdog", "rng",
                 "memballoon"):
        for device in devices.findall(kind):
            bus = device.find("target").get("bus") if kind == "disk" else device.get("bus")
            if (kind in ("disk", "input") and bus != "virtio") or \
               (kind == "hostdev" and device.get("type") != "pci") or \
               device.get("model") in ("pci-root", "pcie-root", "pcie-expander-bus"):
                continue
            yield device


def set_address(device, bus, slot, function=0):
    ET.SubElement(device, "address", type="pci", domain="0x0000", bus="0x%02x" % bus,
                  slot="0x%02x" % slot, function="0x%x" % function)


def place_on_root_complex(domain):
    """Annotation kubevirt.io/placePCIDevicesOnRootComplex: a slot of bus 0 for everything."""
    slots = iter(sorted(set(range(2, 0x20)) - {0x1b, 0x1f}))
    for device in addressed(domain):
        if device.find("address") is None:
            set_address(device, 0, next(slots))


def place_numa_aware(domain, nodes):
    """Gate PCINUMAAwareTopology: an expander without an address per node, a port per device.

    nodes: the guest node of each host address that has one."""
    devices = domain.find("devices")
    groups = {}
    for device in devices.findall("hostdev"):
        source = device.find("source/address")
        bdf = "%s:%s:%s.%s" % tuple(source.get(a)[2:] for a in ("domain", "bus", "slot", "function"))
        if bdf in nodes:
            groups.setdefault(nodes[bdf], []).append((bdf, device))
    index = 0
    for node, members in sorted(groups.items()):
        index += 1
        expander = index
        controller = ET.SubElement(devices, "controller", type="pci", index=str(index),
                                   model="pcie-expander-bus")
        for slot, (_, device) in enumerate(sorted(members, key=lambda m: m[0])):
            index += 1
            port = ET.SubElement(devices, "controller", type="pci", index=str(index),
                                 model="pcie-root-port")
            set_address(port, expander, slot)
            set_address(device, index, 0)
        target = ET.SubElement(controller, "target", busNr=str(255 - index + 1))
        ET.SubElement(target, "node").text = str(node)


def memory_bytes(domain):
    units = {"b": 1, "bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
    memory = domain.find("memory")
    return int(memory.text) * units[memory.get("unit", "KiB")]


def add_placeholders(domain, count, alias):
    devices = domain.find("devices")
    at = max((i for i, d in enumerate(devices) if d.tag == "interface"), default=-1) + 1
    for i in range(count):
        name = "placeholder-%d" % i
        interface = ET.Element("interface", type="ethernet")
        ET.SubElement(interface, "source")
        ET.SubElement(interface, "target", dev=name, managed="no")
        ET.SubElement(interface, "model", type="virtio-non-transitional")
        if alias:
            ET.SubElement(interface, "alias", name=name)
        devices.insert(at + i, interface)


def add_ports(domain, count):
    """appendPCIeRootPortControllers(): above the highest index, not above 31."""
    devices = domain.find("devices")
    following = max((int(d.get("index")) for d in devices if is_pci_controller(d)), default=0) + 1
    for index in range(following, min(following + count, 32)):
        ET.SubElement(devices, "controller", type="pci", index=str(index), model="pcie-root-port")


def switch_hotplug_off(domain, every_port):
    """DisableHotplugOnOccupiedRootPorts(); every_port: as if libvirt gave the bus number of every port."""
    devices = domain.find("devices")
    occupied = set()
    for device in devices:
        address = device.find("address")
        if device.tag == "interface" or address is None or address.get("type") != "pci":
            continue
        if device.get("model") not in ("pcie-root", "pcie-root-port", "pcie-expander-bus"):
            occupied.add(int(address.get("bus"), 16))
    for device in devices:
        if not is_pci_controller(device) or device.get("model") != "pcie-root-port":
            continue
        target = device.find("target")
        number = target.get("busNr") if target is not None else None
        if number is None and every_port:
            number = device.get("index")
            if target is None:
                target = ET.SubElement(device, "target")
        if number is not None and int(number, 0) in occupied:
            target.set("hotplug", "off")


class Release:
    """How a release prepares a domain; the switches are in the order in which they came."""

    def __init__(self, name, annotates=True, alias=True, extra_ports=True, reads_back=True,
                 scaled=False, keeps_arguments=False):
        self.name = name
        self.annotates = annotates      # the webhook sets pci-topology-version
        self.alias = alias              # placeholders have an alias
        self.extra_ports = extra_ports  # root ports are added before a further call
        self.reads_back = reads_back    # without placeholders, too, before that call
        self.scaled = scaled            # the number of placeholders grows with the memory
        # TransferQEMUCommandline(), since 2026-07: <qemu:commandline> of a hook is not lost as <qemu:override> is
        self.keeps_arguments = keeps_arguments

    def __str__(self):
        return self.name


RELEASES = [
    Release("0.59", annotates=False, alias=None, extra_ports=False),
    Release("1.0 to 1.5", annotates=False, alias=False, extra_ports=False),
    Release("1.6.3, 1.7.1", annotates=False, alias=False, extra_ports=False, scaled=True),
    Release("1.6.4, 1.7.2", alias=False, reads_back=False),
    Release("1.8, 1.9", reads_back=False),
    Release("after 1.9", keeps_arguments=True),
]
NEWEST = RELEASES[-1]


class Boot:
    """The calls of one boot.  calls: (input, output) of the hook; dump: what libvirt has at the end."""

    def __init__(self, virt, domain, hook, release=NEWEST, annotations=None, hotplug_off=False, vmi=None):
        self.virt, self.hook, self.release = virt, hook, release
        self.hotplug_off, self.recorded = hotplug_off, vmi
        self.annotations = dict(annotations or {})
        if release.annotates:
            self.annotations.setdefault(VERSION, "v3")
        self.calls, self.dump, self.uuid = [], None, None
        self.interfaces = domain.findall("devices/interface")
        try:
            self.run(copy.deepcopy(domain))
        finally:
            if self.uuid:
                virt.undefine(self.uuid)

    def vmi(self):
        if self.recorded:
            vmi = copy.deepcopy(self.recorded)
            vmi["metadata"]["annotations"] = self.annotations
            return json.dumps(vmi)
        return json.dumps({
            "kind": "VirtualMachineInstance", "apiVersion": "kubevirt.io/v1",
            "metadata": {"name": "trainer", "namespace": "lab", "annotations": self.annotations},
            "spec": {"domain": {"devices": {"interfaces": [
                {"name": i.find("alias").get("name")[3:]} for i in self.interfaces]}}}})

    def define(self, domain):
        """Call the hook, define what it says; the domain becomes what KubeVirt reads of that."""
        text = marshal(domain)
        answer = self.hook(self.vmi(), text)
        self.calls.append((text, answer))
        text = libvirt.for_this_machine(answer)
        if self.uuid:  # known to libvirt by the UUID in <sysinfo>
            self.virt.call("define", self.virt._file("define.xml", text))
        else:
            self.uuid = self.virt.define(text)
        self.dump = self.virt.dump(self.uuid)
        spec = domain_through(ET.fromstring(answer))
        if not self.release.keeps_arguments:
            for part in spec.findall("{%s}commandline" % QEMU):
                spec.remove(part)
        return spec

    def read_back(self):
        return devices_through(ET.fromstring(self.dump).find("devices"))

    def placeholders(self, ports):
        if self.release.alias is None:
            return 0
        if SLOTS in self.annotations and not self.release.scaled:
            return max(0, int(self.annotations[SLOTS]) - len(self.interfaces))
        if self.annotations.get(ROOT_COMPLEX) == "true":
            return 0
        if self.release.scaled:
            return ports
        return max(0, 4 - len(self.interfaces)) if self.interfaces else 0

    def run(self, domain):
        large = memory_bytes(domain) > 2 << 30
        used = len(list(addressed(domain)))
        ports = max((16 if large else 8) - used, 6 if large else 3)
        placeholders = self.placeholders(ports)
        on_root = self.annotations.get(ROOT_COMPLEX) == "true"
        extra = 0 if on_root or not self.release.extra_ports else max(0, ports - placeholders)
        if placeholders:
            first = copy.deepcopy(domain)
            add_placeholders(first, placeholders, self.release.alias)
            self.define(first)
            self.replace_devices(domain, self.interfaces)
        domain = self.define(domain)
        if not self.release.extra_ports:
            return
        if not placeholders and self.release.reads_back:
            self.replace_devices(domain)
        if extra:
            add_ports(domain, extra)
        if self.release.reads_back:
            switch_hotplug_off(domain, self.hotplug_off)
        if extra or self.release.reads_back:
            self.define(domain)

    def replace_devices(self, domain, interfaces=None):
        """The devices that libvirt has; the interfaces are the original ones, if given."""
        devices = self.read_back()
        if interfaces is not None:
            for interface in devices.findall("interface"):
                devices.remove(interface)
            for at, interface in enumerate(interfaces):
                devices.insert(at + 1, interface)  # behind <emulator>
        old = domain.find("devices")
        at = list(domain).index(old)
        domain.remove(old)
        domain.insert(at, devices)


def base_domain(text):
    """A recorded first call without its placeholders."""
    domain = ET.fromstring(text)
    devices = domain.find("devices")
    for interface in devices.findall("interface"):
        if re.match("placeholder-", interface.find("target").get("dev")):
            devices.remove(interface)
    return domain_through(domain)


def with_interfaces(domain, count):
    """The same domain with @count interfaces."""
    domain = copy.deepcopy(domain)
    devices = domain.find("devices")
    first = devices.find("interface")
    for interface in devices.findall("interface"):
        devices.remove(interface)
    for number in range(count):
        interface = copy.deepcopy(first)
        interface.find("target").set("dev", "tap%d" % number)
        interface.find("mac").set("address", "52:54:00:5e:20:%02x" % (number + 1))
        interface.find("alias").set("name", "ua-net%d" % number)
        devices.insert(number, interface)
    return domain


# Devices that libvirt gives an address, which the schema loses between two calls.
WITHOUT_ADDRESS = {
    "vsock": '<vsock model="virtio-non-transitional"><cid auto="no" address="%d"/></vsock>',
    "filesystem": '<filesystem type="mount" accessMode="passthrough"><driver type="virtiofs" queue="1024"/>'
                  '<source dir="/srv/%d"/><target dir="data"/></filesystem>',
    "sound": '<sound model="ich9"><alias name="ua-sound%d"/></sound>',
    "video": '<video><model type="vga" heads="1" vram="16384"/></video>',
}


def with_devices(domain, kinds):
    """The same domain with these, where the schema has them."""
    domain = copy.deepcopy(domain)
    devices = domain.find("devices")
    for number, kind in enumerate(kinds):
        devices.append(ET.fromstring(WITHOUT_ADDRESS[kind].replace("%d", str(number + 3))))
    if "filesystem" in kinds and domain.find("memoryBacking") is None:
        backing = ET.SubElement(domain, "memoryBacking")
        ET.SubElement(backing, "source", type="memfd")
        ET.SubElement(backing, "access", mode="shared")
    return domain


def with_disks(domain, count):
    """The same domain with @count virtio disks."""
    domain = copy.deepcopy(domain)
    devices = domain.find("devices")
    disks = [d for d in devices.findall("disk") if d.find("target").get("bus") == "virtio"]
    at = list(devices).index(disks[0])
    for disk in disks:
        devices.remove(disk)
    for number in range(count):
        disk = copy.deepcopy(disks[0])
        name = "vd" + chr(ord("a") + number)
        disk.find("target").set("dev", name)
        disk.find("alias").set("name", "ua-disk-" + name)
        if number:
            for boot in disk.findall("boot"):
                disk.remove(boot)
        devices.insert(at + number, disk)
    return domain


def keep_host_devices(domain, count):
    """Takes all but the first @count host devices out."""
    devices = domain.find("devices")
    for device in devices.findall("hostdev")[count:]:
        devices.remove(device)


def with_host_devices(domain, addresses):
    """The same domain with these functions of the host in place of its own."""
    domain = copy.deepcopy(domain)
    devices = domain.find("devices")
    old = devices.findall("hostdev")
    at = list(devices).index(old[0])
    for device in old:
        devices.remove(device)
    for number, bdf in enumerate(addresses):
        device = copy.deepcopy(old[0])
        for name, value in zip(("domain", "bus", "slot", "function"), re.split("[:.]", bdf)):
            device.find("source/address").set(name, "0x" + value)
        device.find("alias").set("name", "ua-hostdevice-dev%d" % number)
        devices.insert(at + number, device)
    return domain


def with_efi(domain):
    domain = copy.deepcopy(domain)
    firmware = domain.find("os")
    ET.SubElement(firmware, "loader", readonly="yes", secure="no", type="pflash").text = "/usr/share/OVMF/OVMF_CODE_4M.fd"
    ET.SubElement(firmware, "nvram", template="/usr/share/OVMF/OVMF_VARS_4M.fd").text = "/nonexistent/VARS.fd"
    return domain


def with_pins(domain, cpus):
    domain = copy.deepcopy(domain)
    for pin, cpu in zip(domain.findall("cputune/vcpupin"), cpus.split()):
        pin.set("cpuset", cpu)
    return domain
