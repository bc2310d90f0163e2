# SPDX-License-Identifier: GPL-2.0-or-later
"""
domain.py - a libvirt domain as the checker sees it

Takes:  the text of a domain XML.
Gives:  PCI controllers, devices, guest cells and pinning; the bus numbers that a guest's firmware will give.
Rule:   what libvirt and QEMU make of the text (facts: defaults, firmware numbering), written down a second time.
Not here: judging (checker.py).
"""
import functools
import re

import qemu
import xmltext
from hostmodel import MDEV, VDPA, bdf_text, source_text

MARK = "ua-vtopo-"
BACK = "ua-vtopo-back-"  # a root port that an undo has added: the domain's own from then on
PORTS = ("pcie-root-port", "pcie-switch-downstream-port")  # these have a chassis
ROOT_PORT, DOWNSTREAM = PORTS
UPSTREAM = "pcie-switch-upstream-port"
EXPANDER = "pcie-expander-bus"
PCIE_ROOT = "pcie-root"


def number(text):
    """A number as libvirt reads it: C's prefixes."""
    text = text.strip()
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", text):
        return int(text, 16)
    if re.fullmatch(r"0[0-7]+", text):
        return int(text, 8)
    return int(text)


def id_set(text):
    """0-3,8,^2"""
    result = set()
    for part in text.replace(" ", "").split(","):
        if not part:
            continue
        if part.startswith("^"):
            result.discard(int(part[1:]))
        elif "-" in part:
            low, high = part.split("-")
            result |= set(range(int(low), int(high) + 1))
        else:
            result.add(int(part))
    return result


class Address:
    """A PCI address: bus is a controller's index."""

    def __init__(self, element):
        self.domain = number(element.get("domain", "0"))
        self.bus = number(element.get("bus", "0"))
        self.slot = number(element.get("slot", "0"))
        self.function = number(element.get("function", "0"))
        self.multifunction = element.get("multifunction")

    @property
    def place(self):
        return self.bus, self.slot, self.function

    def __str__(self):
        return "%02x:%02x.%x" % self.place


def address_of(element):
    """(kind, Address): the first <address> child counts; all zeros is no address."""
    child = element.find("address")
    if child is None:
        return "none", None
    if child.get("type") != "pci":
        return child.get("type") or "other", None
    address = Address(child)
    if address.domain == 0 and address.bus == 0 and address.slot == 0:
        return "none", None
    return "pci", address


class Controller:
    def __init__(self, element, index):
        self.element, self.index = element, index
        self.model = element.get("model")
        self.kind, self.address = address_of(element)
        target = element.find("target")
        self.bus_nr = self.chassis = self.port = self.node = None
        self.hotplug = None
        if target is not None:
            self.bus_nr = number(target.get("busNr")) if target.get("busNr") else None
            self.chassis = number(target.get("chassis")) if target.get("chassis") else None
            self.port = number(target.get("port")) if target.get("port") else None
            self.hotplug = target.get("hotplug")
            node = target.find("node")
            self.node = int(node.text) if node is not None else None
        alias = element.find("alias")
        self.alias = alias.get("name") if alias is not None else None
        self.back = (self.alias or "").startswith(BACK)
        self.marked = (self.alias or "").startswith(MARK) and not self.back


class Device:
    """A child of <devices>, PCI controllers excepted."""

    def __init__(self, element, place):
        self.element, self.place = element, place
        self.kind, self.address = address_of(element)
        alias = element.find("alias")
        self.alias = alias.get("name") if alias is not None else None
        self.source = self.host_source()
        self.assigned = self.source is not None
        teaming = element.find("teaming")
        self.transient = teaming is not None and teaming.get("type") == "transient"

    def host_source(self):
        """What of the host an assigned device stands for: a BDF, (MDEV, uuid) or (VDPA, path); else None."""
        if self.element.get("mode", "subsystem") != "subsystem":
            return None
        kind = self.element.name, self.element.get("type")
        if kind == ("hostdev", "mdev") and self.element.get("model") == "vfio-pci":
            return MDEV, self.element.find("source", "address").get("uuid")
        if kind == ("interface", "vdpa"):
            return VDPA, self.element.find("source").get("dev")
        if kind not in (("hostdev", "pci"), ("interface", "hostdev")):
            return None
        found = self.element.find("source", "address")
        if found is None:
            return None
        return (number(found.get("domain", "0")), number(found.get("bus")), number(found.get("slot")),
                number(found.get("function", "0")))

    def __str__(self):
        if self.source:
            return "%s %s" % (self.element.name, source_text(self.source))
        return "device %d <%s>" % (self.place, self.element.name)


RECORD = "http://vtopo.io/record/1.0"


class Record:
    """What the domain remembers of itself before vtopo."""

    def __init__(self, element):
        self.element = element
        alone = element.get("made") == "metadata" and len(element.parent.children) == 1
        self.outermost = element.parent if alone else element
        self.devices = {e.get("host"): Address(e) if e.get("bus") or e.get("slot") else None
                        for e in element.children if e.name == "vtopo:device"}

    def has(self, source):
        return remembered_name(source) in self.devices

    def place(self, source):
        """None: it had no address."""
        address = self.devices[remembered_name(source)]
        return address and address.place


def remembered_name(source):
    return bdf_text(source) if len(source) == 4 else source[1]


def find_record(root):
    metadata = root.find("metadata")
    for child in metadata.children if metadata is not None else ():
        if any(a.name.startswith("xmlns:") and a.value == RECORD for a in child.attributes):
            return Record(child)
    return None


# What a controller says that libvirt would add, and that was written so that vtopo's own are behind it.
ANNOUNCED = "<!-- vtopo: libvirt would add this -->"


class Domain:
    def __init__(self, text):
        self.text = text
        self.highest = 0  # the highest index that a former layout had, if that is known
        self.root = xmltext.parse(text)
        self.devices_element = self.root.find("devices")
        self.controllers = {}
        self.announced = {}
        self.duplicate_indexes = []
        self.devices = []
        elements = self.devices_element.children if self.devices_element is not None else []
        announced = [e for e in elements if is_pci_controller(e) and text[e.open_end:e.close_start] == ANNOUNCED]
        self.announced = {number(e.get("index")): e for e in announced}
        self.read_controllers([e for e in elements if is_pci_controller(e) and e not in announced])
        for place, element in enumerate(e for e in elements if not is_pci_controller(e)):
            self.devices.append(Device(element, place))
        self.read_numa()
        self.qemu = qemu.devices(self.root)
        self.machine_slots = qemu.machine_slots(self.root)
        self.left_alone = qemu.is_left_alone(self.root, bool(self.cells))
        self.acpi_table = qemu.has_acpi_table(self.root)
        self.record = find_record(self.root)

    def read_controllers(self, elements):
        given = {number(e.get("index")) for e in elements if e.get("index")}
        for element in elements:
            if element.get("index"):
                index = number(element.get("index"))
            else:
                index = next(i for i in range(512) if i not in given)
                given.add(index)
            if index in self.controllers:
                self.duplicate_indexes.append(index)
            self.controllers[index] = Controller(element, index)

    def read_numa(self):
        numa = self.root.find("cpu", "numa")
        self.cells = {}
        for place, cell in enumerate(numa.all("cell") if numa is not None else []):
            self.cells[int(cell.get("id", str(place)))] = id_set(cell.get("cpus", ""))
        tune = self.root.find("numatune")
        self.memnodes = {}
        self.memory_nodes = set()
        if tune is not None:
            for memnode in tune.all("memnode"):
                self.memnodes[int(memnode.get("cellid"))] = id_set(memnode.get("nodeset", ""))
            memory = tune.find("memory")
            if memory is not None and memory.get("nodeset"):
                self.memory_nodes = id_set(memory.get("nodeset"))
        cputune = self.root.find("cputune")
        self.pins = {}
        for pin in cputune.all("vcpupin") if cputune is not None else []:
            self.pins[int(pin.get("vcpu"))] = id_set(pin.get("cpuset", ""))
        os = self.root.find("os")
        loader = os.find("loader") if os is not None else None
        machine = os.find("type") if os is not None else None
        self.is_virt = machine is not None and (machine.get("arch") or "") == "aarch64"
        self.uefi = os is not None and (os.get("firmware") == "efi" or
                                        (loader is not None and loader.get("type") == "pflash"))
        self.uefi = self.uefi or qemu.is_uefi(self.root)
        vcpu = self.root.find("vcpu")
        self.cpuset = id_set(vcpu.get("cpuset") or "") if vcpu is not None else set()

    # --- questions

    def assigned(self):
        return [device for device in self.devices if device.assigned]

    def others(self):
        return [device for device in self.devices if not device.assigned]

    def model(self, index):
        if index == 0:
            return PCIE_ROOT
        controller = self.controllers.get(index)
        return controller.model if controller else None

    def gaps(self):
        """Indexes that libvirt fills with root ports."""
        highest = max(self.controllers, default=0)
        return [index for index in range(1, highest) if index not in self.controllers]

    def is_complete(self, but=()):
        """Has everything that may need a PCI address one (so that libvirt chooses nothing)?  but: sources of devices that
        do not count."""
        if self.gaps():
            return False
        if any(c.index and c.kind != "pci" for c in self.controllers.values()):
            return False
        return all(device.kind != "none" or (device.assigned and device.source in but) or
                   not may_be_pci(device.element) for device in self.devices)

    def everything(self):
        """(what, Address) of all that has a PCI address."""
        for index in sorted(self.controllers):
            if self.controllers[index].address:
                yield self.controllers[index], self.controllers[index].address
        for device in self.devices:
            if device.address:
                yield device, device.address

    def children(self, index):
        """Controllers on the bus of controller @index in the order in which firmware meets them."""
        found = [c for c in self.controllers.values() if c.index and c.address and c.address.bus == index]
        return sorted(found, key=lambda c: (c.address.slot, c.address.function))

    def above(self, index):
        """Controllers from @index up to pcie.0, both included; ends early at a missing bus or a loop."""
        way, here = [], index
        while here in self.controllers and here and here not in [c.index for c in way]:
            way.append(self.controllers[here])
            if not self.controllers[here].address:
                break
            here = self.controllers[here].address.bus
        return way

    def subtree(self, index):
        """How many bus numbers a controller takes, itself included; pcie.0's expanders do not count."""
        count, pending, seen = 0, [index], set()
        while pending:
            here = pending.pop()
            if here in seen:
                continue
            seen.add(here)
            count += 1
            pending += [c.index for c in self.children(here) if c.model != EXPANDER]
        return count

    def expander_numbers(self):
        """busNr of every expander by index, libvirt's default included: lowest of all - 2."""
        numbers = {}
        for index in sorted(self.controllers):
            if self.controllers[index].model == EXPANDER and self.controllers[index].bus_nr is not None:
                numbers[index] = self.controllers[index].bus_nr
        for index in sorted(self.controllers):
            if self.controllers[index].model == EXPANDER and index not in numbers:
                numbers[index] = min(list(numbers.values()) + [256]) - 2
        return numbers

    def bus_numbers(self):
        """The guest's bus number of every controller's bus, by index: depth first by slot and function."""
        numbers = {}

        def number_from(index, first):
            numbers[index] = first
            following = first + 1
            for child in self.children(index):
                if child.model == EXPANDER or child.index in numbers:
                    continue
                following = number_from(child.index, following)
            return following
        number_from(0, 0)
        for index, first in self.expander_numbers().items():
            number_from(index, first)
        return numbers

    def guest_bdf(self, address, numbers):
        """(bus, slot, function), or None if the bus does not exist."""
        if address is None or address.bus not in numbers:
            return None
        return numbers[address.bus], address.slot, address.function


@functools.lru_cache(maxsize=16)
def read(text):
    """The domain of a text; not to be changed, as who asks next gets the same one."""
    return Domain(text)


def is_pci_controller(element):
    return element.name == "controller" and element.get("type") == "pci"


# Children of <devices> that never get a PCI address on q35, whatever their attributes.
NEVER_PCI = {"emulator", "serial", "parallel", "console", "channel", "graphics", "audio", "hub", "tpm", "smartcard",
             "redirdev", "redirfilter", "lease", "panic", "nvram"}


def may_be_pci(element):
    """Without an <address>, might libvirt give it a PCI one?  When in doubt yes."""
    name = element.name
    if name in NEVER_PCI or ":" in name:
        return False
    if name == "controller":
        if element.get("type") == "usb" and element.get("model") == "none":
            return False
        return element.get("type") not in ("fdc", "ccid", "isa")
    if name == "disk":
        target = element.find("target")
        return target is None or target.get("bus") in (None, "virtio")
    if name == "input":
        return element.get("bus") == "virtio"
    if name in ("memballoon", "video", "iommu", "watchdog", "memory", "sound", "rng", "vsock", "shmem", "filesystem",
                "interface", "hostdev", "crypto"):
        model = element.find("model")
        if name == "video" and model is not None and model.get("type") == "none":
            return False
        if element.get("model") in ("none", "intel", "itco", "dimm", "nvdimm"):
            return False
        if name == "hostdev" and element.get("type") in ("usb", "scsi"):
            return False
        return True
    return False
