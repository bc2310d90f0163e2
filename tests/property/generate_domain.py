# SPDX-License-Identifier: GPL-2.0-or-later
"""
generate_domain.py - random domains for a host

Takes:  a random.Random and a hostmodel.Host.
Gives:  the text of a libvirt domain that assigns some of the host's functions.
Rule:   three kinds: "full", every device at an address as a dump of libvirt 9.0 has it; "bare", no address at
        all; "mixed", a full one to which devices without address were added.  On top of that whatever people do
        to their files: comments, tabs, CRLF, double quotes, attributes in any order, unknown elements.
Not here: hosts (generate_host.py), judging (checker.py).
"""
import json

from domain import DOWNSTREAM, EXPANDER, ROOT_PORT, UPSTREAM
from hostmodel import MDEV, VDPA, bdf_text

QEMU_NS = "http://libvirt.org/schemas/domain/qemu/1.0"
MODEL_NAMES = {ROOT_PORT: "pcie-root-port", UPSTREAM: "x3130-upstream", DOWNSTREAM: "xio3130-downstream",
               EXPANDER: "pxb-pcie", "pcie-to-pci-bridge": "pcie-pci-bridge", "pci-bridge": "pci-bridge",
               "dmi-to-pci-bridge": "i82801b11-bridge"}

# What else people give to QEMU, and what decides which firmware it is.
OTHER_OPTIONS = [
    ("-drive", "if=none,id=own-drive,file=/a,,b.img,format=raw"),
    ("-drive", "file=/usr/share/OVMF/OVMF_CODE_4M.fd,if=pflash,format=raw,unit=0,readonly=on"),
    ("-bios", "/usr/share/OVMF/OVMF_CODE.fd"),
    ("-bios", "/usr/share/seabios/bios-256k.bin"),
    ("-fw_cfg", "name=opt/ovmf/X-PciMmio64Mb,string=65536"),
    ("-fw_cfg", "opt/ovmf/X-PciMmio64Mb,string=131072"),
    ("-fw_cfg", "name=opt/org.example/note,string=a,,b"),
    ("-global", "ICH9-LPC.disable_s3=1"),
    ("-acpitable", "file=/etc/vm/battery.dat"),
]

# What the machine makes on pcie.0 before all other devices; the second of a pair has a place of its own.
MACHINE_DEVICES = [
    (("-vga", "std"), None),
    (("-vga", "virtio"), None),
    (("-nic", "user,model=virtio"), ("-nic", "user,model=virtio,addr=%x")),
    (("-net", "nic,model=e1000e"), ("-net", "nic,model=e1000e,addr=%x")),
    (("-audio", "driver=none,model=hda"), None),
]
# With these a domain is left alone; some only because of its cells.
LEFT_ALONE = [
    ("-virtfs", "local,path=/srv,mount_tag=a,security_model=none"),
    ("-watchdog", "i6300esb"),
    ("-balloon", "virtio"),
    ("-drive", "if=virtio,file=/a.img,format=raw"),
    ("-readconfig", "/etc/vm/more.cfg"),
    ("-machine", "acpi=off"),
    ("-no-acpi", None),
]


class E:
    """An element to be written: name, attributes, children (E, or str for a comment), text."""

    def __init__(self, element, attributes=None, children=None, text=None):
        self.name, self.attributes = element, dict(attributes or {})
        self.children, self.text = list(children or []), text


def pci_address(bus, slot, function, multifunction=False, typed=True, domain=0):
    attributes = {"type": "pci"} if typed else {}
    attributes.update(domain="0x%04x" % domain, bus="0x%02x" % bus, slot="0x%02x" % slot,
                      function="0x%x" % function)
    if multifunction:
        attributes["multifunction"] = "on"
    return E("address", attributes)


class Style:
    """How the text is written."""

    def __init__(self, rng):
        plain = rng.random() < 0.4
        self.rng = rng
        self.quote = "'" if plain or rng.random() < 0.7 else '"'
        self.mixed_quotes = not plain and rng.random() < 0.1
        self.eol = "\n" if plain or rng.random() < 0.8 else "\r\n"
        self.indent = "  " if plain else rng.choice(["  ", "  ", "    ", "\t", ""])
        self.shuffle = 0.0 if plain else rng.choice([0.0, 0.0, 0.5])
        self.comments = 0.0 if plain else rng.choice([0.0, 0.1])
        self.blank_lines = 0.0 if plain else rng.choice([0.0, 0.0, 0.05])
        self.inner_space = not plain and rng.random() < 0.1
        self.one_line = not plain and rng.random() < 0.03
        self.numbers = not plain and rng.random() < 0.15  # spelled in other ways than libvirt's
        self.final_newline = plain or rng.random() < 0.8

    def attribute(self, name, value):
        rng = self.rng
        if self.numbers and str(value).startswith("0x") and name in ("bus", "slot", "function") and rng.random() < 0.5:
            value = rng.choice([str(int(value, 16)), hex(int(value, 16)), "0x%04X" % int(value, 16)])
        quote = rng.choice("'\"") if self.mixed_quotes else self.quote
        equals = " = " if self.inner_space and rng.random() < 0.2 else "="
        value = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(quote, "&#%d;" % ord(quote))
        gap = "  " if self.inner_space and rng.random() < 0.3 else " "
        return gap + name + equals + quote + value + quote

    def write(self, element, depth, out):
        rng = self.rng
        pad = "" if self.one_line else self.indent * depth
        eol = "" if self.one_line else self.eol
        if isinstance(element, str):
            out.append(pad + "<!--" + element + "-->" + eol)
            return
        if rng.random() < self.comments and depth:
            out.append(pad + "<!-- note %d: <hostdev type='pci'/> -->" % rng.randrange(1000) + eol)
        if rng.random() < self.blank_lines:
            out.append(eol)
        names = list(element.attributes)
        if rng.random() < self.shuffle:
            rng.shuffle(names)
        tag = "<" + element.name + "".join(self.attribute(n, element.attributes[n]) for n in names)
        if element.text is not None:
            out.append(pad + tag + ">" + element.text + "</" + element.name + ">" + eol)
        elif not element.children:
            out.append(pad + tag + ("  />" if self.inner_space and rng.random() < 0.3 else "/>") + eol)
        else:
            out.append(pad + tag + ">" + eol)
            for child in element.children:
                self.write(child, depth + 1, out)
            out.append(pad + "</" + element.name + ">" + eol)

    def text(self, root):
        out = []
        if self.rng.random() < 0.1:
            out.append("<?xml version='1.0' encoding='UTF-8'?>" + self.eol)
        self.write(root, 0, out)
        text = "".join(out)
        return text if self.final_newline else text.rstrip("\r\n")


class TooLarge(Exception):
    """pcie.0 or the bus numbers are full."""


class Slot:
    """A place for one endpoint: bus and slot; functions are counted up."""

    def __init__(self, bus, slot=0):
        self.bus, self.slot = bus, slot


class Maker:
    def __init__(self, rng, host, kind):
        self.rng, self.host, self.kind = rng, host, kind
        self.controllers = []
        self.next_index = 1
        self.cells = {}
        self.pcie0 = {0, 0x1F}
        self.port_slot = self.port_function = None
        self.port_firsts = {}
        self.boot = 0
        self.macs = 0
        self.aliases = 0
        self.persistent = None
        self.full = kind != "bare"
        self.expander_top = 0xF8
        self.qemu_devices, self.qemu_options = [], []
        self.assigned_aliases = []
        self.acpi_table = False

    # --- PCI controllers of the user's own

    def controller(self, model, address, target=None, alias=None):
        """Adds a controller and returns its index.  address: (bus, slot, function) or None."""
        index = self.next_index
        self.next_index += 1
        if index > 0xD0:
            raise TooLarge
        attributes = {"type": "pci", "index": index, "model": model}
        children = []
        if self.full:
            children.append(E("model", {"name": MODEL_NAMES[model]}))
        if target is not None:
            children.append(target)
        if alias:
            children.append(E("alias", {"name": alias}))
        element = E("controller", attributes, children)
        if address is not None:
            element.children.append(pci_address(*address))
        self.controllers.append(element)
        return index

    def port_target(self, port):
        if not self.full:
            return None
        attributes = {"chassis": self.next_index, "port": hex(port)}
        if self.rng.random() < 0.1:
            attributes["hotplug"] = "off"
        return E("target", attributes)

    def root_port(self):
        """A root port on pcie.0 as libvirt packs them; returns its index."""
        if self.port_slot is None or self.port_function == 7:
            self.port_slot = next((slot for slot in range(1, 31) if slot not in self.pcie0), None)
            if self.port_slot is None:
                raise TooLarge
            self.port_function = -1
            self.pcie0.add(self.port_slot)
        self.port_function += 1
        slot, function = self.port_slot, self.port_function
        index = self.controller(ROOT_PORT, (0, slot, function), self.port_target(slot * 8 + function))
        if function == 0:
            self.port_firsts[slot] = self.controllers[-1]
        elif function == 1:
            self.port_firsts[slot].children[-1].attributes["multifunction"] = "on"
        return index

    def users_expander(self):
        """Somebody's expander with ports; returns the free slots below it."""
        rng = self.rng
        slot = next(s for s in range(0x10, 31) if s not in self.pcie0)
        self.pcie0.add(slot)
        attributes = {}
        if self.full or rng.random() < 0.5:
            self.expander_top -= 16
            attributes["busNr"] = self.expander_top
        children = []
        if self.cells and rng.random() < 0.8:
            children.append(E("node", text=str(rng.choice(list(self.cells)))))
        target = E("target", attributes, children) if attributes or children else None
        expander = self.controller(EXPANDER, (0, slot, 0), target)
        places = []
        for number in range(rng.randint(1, 3)):
            port = self.controller(ROOT_PORT, (expander, number, 0), self.port_target(number))
            if rng.random() < 0.3:
                upstream = self.controller(UPSTREAM, (port, 0, 0))
                for down in range(rng.randint(1, 2)):
                    places.append(Slot(self.controller(DOWNSTREAM, (upstream, down, 0), self.port_target(down))))
            else:
                places.append(Slot(port))
        return places

    def users_switch(self):
        upstream = self.controller(UPSTREAM, (self.root_port(), 0, 0))
        return [Slot(self.controller(DOWNSTREAM, (upstream, down, 0), self.port_target(down)))
                for down in range(self.rng.randint(1, 3))]

    def bridge(self):
        """A PCIe-to-PCI bridge, or one behind another, with two slots to use."""
        bus = self.controller("pcie-to-pci-bridge", (self.root_port(), 0, 0))
        if self.rng.random() < 0.3:
            target = E("target", {"chassisNr": self.next_index}) if self.full else None
            bus = self.controller("pci-bridge", (bus, 1, 0), target)
        return [Slot(bus, slot) for slot in (3, 4)]

    # --- devices that only QEMU knows

    def qemu_slot(self):
        """As people choose them, and where a rewrite would put something."""
        free = [s for s in [0x1E, 0x1C, 0x19, 0x18, *range(4, 0x18)] if s not in self.pcie0]
        if not free:
            raise TooLarge
        slot = free[0] if self.rng.random() < 0.5 else self.rng.choice(free)
        self.pcie0.add(slot)
        return slot

    def qemu_device(self, kind, number):
        slot, rng = self.qemu_slot() if kind < 5 else None, self.rng
        if kind == 0:
            return [{"driver": "pci-testdev", "bus": "pcie.0", "addr": "%x.0" % slot}]
        if kind == 1:
            return [{"driver": "edu", "bus": "pcie.0", "addr": slot << 3}]
        if kind == 2:
            port = {"driver": "ioh3420", "bus": "pcie.0", "addr": hex(slot), "id": rng.choice(["own.%d", "own-%d"]) % number,
                    "chassis": rng.choice([200 + number, self.next_index + 30 + number])}
            return [port, {"driver": "pci-testdev", "bus": port["id"]}]
        if kind == 3:
            self.expander_top -= 16
            expander = {"driver": "pxb-pcie", "bus": "pcie.0", "addr": hex(slot), "id": rng.choice(["own.%d", "own-%d"]) % number,
                        "bus_nr": self.expander_top}
            return [expander, {"driver": "pcie-root-port", "bus": expander["id"], "id": "below.%d" % number,
                               "chassis": 210 + number}]
        if kind == 4:
            self.pcie0.discard(slot)  # QEMU chooses one
            return [{"driver": "pci-testdev", "bus": "pcie.0"}]
        return [{"driver": "pci-testdev", "bus": "pci.%d" % self.root_port()}]

    def machine_devices(self):
        """First of all, since QEMU gives them the lowest slots."""
        chosen, low = self.rng.sample(MACHINE_DEVICES, self.rng.randint(1, 3)), []
        for anywhere, at_a_place in chosen:
            if at_a_place and self.rng.random() < 0.3:
                self.qemu_options.append((at_a_place[0], at_a_place[1] % self.qemu_slot()))
            else:
                self.qemu_options.append(anywhere)
                low.append(min(set(range(1, 32)) - self.pcie0))
                self.pcie0.add(low[-1])

    def past_libvirt(self, host, taken):
        """One of the host's functions, as old recipes give it to QEMU."""
        free = [f for f in host.endpoints() if f.bdf not in taken and f.bdf[0] == 0]
        if not free:
            return []
        function = self.rng.choice(free)
        return [{"driver": "vfio-pci", "host": bdf_text(function.bdf)[self.rng.choice([0, 5]):], "bus": "pcie.0",
                 "addr": "%x.0" % self.qemu_slot()}]

    def command_line(self, host, taken):
        for number in range(self.rng.randint(1, 3)):
            self.qemu_devices += self.qemu_device(self.rng.randrange(6), number)
        if self.rng.random() < 0.2:
            self.qemu_devices += self.past_libvirt(host, taken)
        self.qemu_options += [option for option in OTHER_OPTIONS if self.rng.random() < 0.15]
        if self.rng.random() < 0.15:
            self.qemu_options.append(self.rng.choice(LEFT_ALONE))

    def properties(self):
        """A property of each of some devices that have an alias: (-set ..., elements of <qemu:override>)."""
        sets, overrides = [], []
        for name in self.assigned_aliases:
            if self.rng.random() < 0.2:
                sets += ["-set", "device.%s.rombar=%d" % (name, self.rng.randrange(2))]
            elif self.rng.random() < 0.2:
                overrides.append(E("qemu:device", {"alias": name}, [E("qemu:frontend", children=[
                    E("qemu:property", {"name": "x-no-mmap", "type": "bool", "value": "true"})])]))
        return sets, overrides

    def is_on_command_line(self):
        return bool(self.qemu_devices or self.qemu_options)

    def qemu_arguments(self):
        for option in self.qemu_options:
            yield from (part for part in option if part)
        for device in self.qemu_devices:
            if isinstance(device.get("addr"), int) or self.rng.random() < 0.4:
                yield from ("-device", json.dumps(device))
                continue
            given, later = self.given_later(device)
            options = ",".join("%s=%s" % (name, value) for name, value in given.items() if name != "driver")
            yield from ("-device", device["driver"] + "," + options)
            for name, value in later.items():
                yield from ("-set", "device.%s.%s=%s" % (device["id"], name, value))

    def given_later(self, device):
        """What of a device is said by -set, which takes no id with a dot; instead of something else, or of nothing."""
        given, later = dict(device), {}
        if "." in device.get("id", "."):
            return given, later
        for name in ("chassis", "bus_nr", "addr"):
            if name in device and self.rng.random() < 0.5:
                later[name] = given.pop(name)
        if "chassis" in later and self.rng.random() < 0.5:
            given["chassis"] = 199
        return given, later

    # --- devices

    def alias(self, what):
        self.aliases += 1
        return E("alias", {"name": "ua-%s%d" % (what, self.aliases)})

    def boot_order(self):
        self.boot += 1
        return E("boot", {"order": self.boot})

    def mac(self):
        self.macs += 1
        return E("mac", {"address": "52:54:00:00:%02x:%02x" % divmod(self.macs, 256)})

    def assigned(self, function):
        """The element of an assigned function, without a guest address."""
        rng = self.rng
        domain, bus, slot, number = function.bdf
        as_interface = function.physfn is not None and function.class_code >> 8 == 0x0200 and rng.random() < 0.5
        source = E("source", children=[pci_address(bus, slot, number, domain=domain, typed=as_interface)])
        extras = []
        if rng.random() < 0.3:
            extras.append(E("driver", {"name": "vfio"}))
        if rng.random() < 0.15 and not as_interface:
            extras.append(E("rom", {"bar": rng.choice(["on", "off"])}))
        if rng.random() < 0.15:
            extras.append(self.boot_order())
        if rng.random() < 0.2:
            extras.append(self.alias("dev"))
            self.assigned_aliases.append(extras[-1].attributes["name"])
        if rng.random() < 0.05 and function.class_code >> 16 == 2:
            self.persistent = self.persistent or self.alias("net").attributes["name"]
            extras.append(E("teaming", {"type": "transient", "persistent": self.persistent}))
        if as_interface:
            extras = [self.mac()] + extras
            if rng.random() < 0.3:
                extras.append(E("vlan", children=[E("tag", {"id": rng.randrange(1, 4000)})]))
            element = E("interface", {"type": "hostdev", "managed": rng.choice(["yes", "no"])})
        else:
            element = E("hostdev", {"mode": "subsystem", "type": "pci", "managed": rng.choice(["yes", "no"])})
            if rng.random() < 0.1:
                del element.attributes["mode"]
            if rng.random() < 0.1:
                del element.attributes["managed"]
        element.children = [source] + extras
        if rng.random() < 0.2:
            rng.shuffle(element.children)
        return element

    def mediated(self, source):
        """The element of an mdev or a vDPA device."""
        if source[0] == MDEV:
            return E("hostdev", {"mode": "subsystem", "type": "mdev", "managed": "no", "model": "vfio-pci"},
                     [E("source", children=[E("address", {"uuid": source[1]})])])
        return E("interface", {"type": "vdpa"}, [self.mac(), E("source", {"dev": source[1]}),
                                                 E("model", {"type": "virtio"})])

    def disk(self, number):
        name = "vd" + chr(97 + number // 26) + chr(97 + number % 26)
        return E("disk", {"type": "file", "device": "disk"}, [
            E("driver", {"name": "qemu", "type": "qcow2"}),
            E("source", {"file": "/var/lib/libvirt/images/a & b %d.qcow2" % number}),
            E("target", {"dev": name, "bus": "virtio"})])

    def interface(self):
        element = E("interface", {"type": "user"}, [self.mac(), E("model", {"type": "virtio"})])
        return element

    def add_address(self, element, place, function=0, multifunction=False):
        element.children.append(pci_address(place.bus, place.slot, function, multifunction))
        return element


def choose_functions(rng, host):
    """Which host functions are assigned: whole cards mostly, now and then a part of one."""
    cards = {}
    for function in host.endpoints():
        if function.class_code == 0x088000:
            continue
        key = function.bdf if function.physfn else function.bdf[:3]
        cards.setdefault((function.physfn is not None, key), []).append(function)
    keys = sorted(cards)
    wanted = min(len(keys), rng.choice([0, 1, 2, 3, 4, 6, 8, 12, 20, rng.choice([40, 90, 160])]))
    chosen = []
    if rng.random() < 0.5 and keys:  # neighbours rather than a random sample
        first = rng.randrange(len(keys))
        picked = (keys + keys)[first:first + wanted]
    else:
        picked = rng.sample(keys, wanted)
    for key in picked:
        functions = cards[key]
        if rng.random() < 0.25:
            functions = rng.sample(functions, rng.randint(1, len(functions)))
        chosen += functions
    rng.shuffle(chosen)
    return chosen


def make_numa(rng, host, maker):
    """The elements <vcpu>, <numatune>, <cputune> and <numa>; fills maker.cells."""
    nodes = sorted(host.nodes)
    count = rng.choice([0, 1, 1, 2, 2, 2, 2, 4, 4, 8])
    if nodes and rng.random() < 0.5:
        count = len(nodes)
    each = rng.choice([1, 2, 4])
    maker.cells = {cell: list(range(cell * each, (cell + 1) * each)) for cell in range(count)}
    vcpu = E("vcpu", {"placement": "static"}, text=str(max(1, count * each)))
    # The node(s) that each cell is meant to be on.
    meant = {}
    for cell in maker.cells:
        if nodes and rng.random() < 0.9:
            meant[cell] = {nodes[cell % len(nodes)]} if rng.random() < 0.8 else {rng.choice(nodes)}
            if rng.random() < 0.1:
                meant[cell].add(rng.choice(nodes))
    tune, cputune = memory_tuning(rng, host, maker, meant), cpu_tuning(rng, host, maker, meant)
    if count == 1 and meant and tune is None and rng.random() < 0.5:
        cpus = set().union(*(host.nodes[node].cpus for node in meant[0]))
        if cpus:
            vcpu.attributes["cpuset"] = ",".join(str(cpu) for cpu in sorted(cpus))
    numa = None
    if count:
        numa = E("numa", children=[
            E("cell", {"id": cell, "cpus": "%d-%d" % (cpus[0], cpus[-1]), "memory": 524288, "unit": "KiB"})
            for cell, cpus in maker.cells.items()])
        if rng.random() < 0.1:
            rng.shuffle(numa.children)
    return vcpu, tune, cputune, numa


def memory_tuning(rng, host, maker, meant):
    if not meant or rng.random() < 0.3:
        return None
    everything = sorted(set().union(*meant.values()))
    children = []
    if rng.random() < 0.7 or len(maker.cells) == 1:
        children.append(E("memory", {"mode": "strict", "nodeset": ",".join(map(str, everything))}))
    if len(maker.cells) > 1 or rng.random() < 0.6:
        for cell in sorted(meant):
            if rng.random() < 0.92:
                children.append(E("memnode", {"cellid": cell, "mode": "strict",
                                              "nodeset": ",".join(map(str, sorted(meant[cell])))}))
    return E("numatune", children=children) if children else None


def cpu_tuning(rng, host, maker, meant):
    if not meant or rng.random() < 0.5:
        return None
    pins = []
    for cell, nodes in sorted(meant.items()):
        cpus = sorted(set().union(*(host.nodes[node].cpus for node in nodes)))
        if not cpus:
            continue
        for vcpu in maker.cells[cell]:
            if rng.random() < 0.15:
                one = rng.random() < 0.5
                pins.append(E("vcpupin", {"vcpu": vcpu, "cpuset": str(rng.choice(cpus)) if one
                                          else ",".join(map(str, cpus))}))
    return E("cputune", children=pins) if pins else None


def special_places(maker, rng):
    """Places that somebody built on purpose, in a list to draw from."""
    places = []
    if rng.random() < 0.12:
        places += maker.users_expander()
        if rng.random() < 0.3:
            places += maker.users_expander()
    if rng.random() < 0.1:
        places += maker.users_switch()
    conventional = []
    if rng.random() < 0.15:
        conventional = maker.bridge()
    rng.shuffle(places)
    return places, conventional


def place_devices(maker, rng, host, endpoints, hostdevs, places, conventional):
    """Give every endpoint an address as libvirt's dump has it (kinds full and mixed)."""
    for element in endpoints:
        if element.name in ("watchdog", "sound"):
            maker.add_address(element, conventional.pop())
        elif places and rng.random() < 0.3:
            maker.add_address(element, places.pop())
        else:
            maker.add_address(element, Slot(maker.root_port()))
    shared = {}
    for function, element in hostdevs:
        key = function.bdf[:3]
        if function.bdf == (0, 0, 2, 0) and 2 not in maker.pcie0:
            maker.pcie0.add(2)
            maker.add_address(element, Slot(0, 2))
        elif places and rng.random() < 0.4:
            maker.add_address(element, places.pop())
        elif element.name == "hostdev" and rng.random() < 0.02:  # libvirt takes it nowhere else
            element.children.append(E("address", {"type": "unassigned"}))
        elif conventional and rng.random() < 0.1:
            maker.add_address(element, conventional.pop())
        elif rng.random() < 0.04:
            slot = next((s for s in range(3, 31) if s not in maker.pcie0), None)
            if slot is None:
                maker.add_address(element, Slot(maker.root_port()))
                continue
            maker.pcie0.add(slot)
            maker.add_address(element, Slot(0, slot))
        elif maker.gathers and function.physfn is None:
            shared.setdefault(key, []).append((function, element))
        else:
            maker.add_address(element, Slot(maker.root_port()))
    for group in shared.values():  # a card in one slot, as careful people do it
        group.sort(key=lambda pair: pair[0].bdf)
        place = Slot(maker.root_port())
        for at, (function, element) in enumerate(group):
            maker.add_address(element, place, function.bdf[3] if at else 0, at == 0 and len(group) > 1)


def put_at_host_address(maker, rng, hostdevs, others):
    """A GPU where it is on the host, as firmware's tables have it; what is in that slot changes places with its slot."""
    maker.acpi_table = rng.random() < 0.8
    at = {id(element): address for element in [*others, *maker.controllers, *(element for _, element in hostdevs)]
          for address in addresses_of(element) if address.attributes.get("type") == "pci"}
    gpus = [(function, element) for function, element in hostdevs if function.class_code >> 16 == 3 and
            function.bdf[1] and function.bdf[::2] == (0, 0) and not function.bdf[3] and id(element) in at]
    if not gpus:
        return
    function, element = rng.choice(gpus)
    while maker.next_index <= function.bdf[1] <= maker.next_index + 40:
        maker.root_port()
    models = {controller.attributes["index"]: controller.attributes["model"] for controller in maker.controllers}
    new = ("0x%02x" % function.bdf[1], "0x00")
    old = tuple(at[id(element)].attributes[name] for name in ("bus", "slot"))
    slots = {place: [address for address in at.values() if (address.attributes["bus"], address.attributes["slot"]) == place]
             for place in (old, new)}
    above = {id(at[id(controller)]) for controller in maker.controllers if id(controller) in at}
    if models.get(function.bdf[1]) not in (ROOT_PORT, DOWNSTREAM) or \
            models.get(int(old[0], 16)) not in (ROOT_PORT, DOWNSTREAM) or any(id(a) in above for a in slots[new]):
        return
    for place, there in ((new, slots[old]), (old, slots[new])):
        for address in there:
            address.attributes["bus"], address.attributes["slot"] = place


def other_devices(maker, rng, full):
    """Emulated devices: (elements with an address of their own or none, elements that need a PCIe port)."""
    fixed, endpoints = [], []
    if rng.random() < 0.6:
        video = E("video", children=[E("model", {"type": "virtio", "heads": 1, "primary": "yes"})])
        if full and 1 not in maker.pcie0:
            maker.pcie0.add(1)
            maker.add_address(video, Slot(0, 1))
        (endpoints if full and not addresses_of(video) else fixed).append(video)
    sata = E("controller", {"type": "sata", "index": 0})
    if full:
        maker.add_address(sata, Slot(0, 0x1F), 2)
    fixed.append(sata)
    for _ in range(rng.choice([0, 1, 1, 2])):
        endpoints.append(maker.interface())
    if rng.random() < 0.6:
        endpoints.append(E("controller", {"type": "usb", "index": 0, "model": "qemu-xhci", "ports": 15}))
    else:
        fixed.append(E("controller", {"type": "usb", "index": 0, "model": "none"}))
    if rng.random() < 0.4:
        endpoints.append(E("controller", {"type": "virtio-serial", "index": 0}))
    for number in range(rng.choice([0, 1, 1, 2, 2, 12])):
        endpoints.append(maker.disk(number))
    return fixed, endpoints


def tail_devices(maker, rng, full):
    endpoints, fixed = [], []
    if rng.random() < 0.7:
        endpoints.append(E("memballoon", {"model": "virtio"}))
    else:
        fixed.append(E("memballoon", {"model": "none"}))
    if rng.random() < 0.4:
        endpoints.append(E("rng", {"model": "virtio"}, [E("backend", {"model": "random"}, text="/dev/urandom")]))
    fixed.append(E("serial", {"type": "pty"}, [E("target", {"type": "isa-serial", "port": 0})]))
    fixed.append(E("input", {"type": "mouse", "bus": "ps2"}))
    fixed.append(E("input", {"type": "keyboard", "bus": "ps2"}))
    return fixed, endpoints


def make(rng, host, kind=None):
    """The text of a random domain on @host."""
    while True:
        try:
            return make_one(rng, host, kind)
        except TooLarge:
            continue


def addresses_of(element):
    return [child for child in element.children if isinstance(child, E) and child.name == "address"]


def forget_places(maker, rng, devices, others):
    """Takes away addresses of devices, and root ports that nothing is in, as people and KubeVirt leave them out."""
    chance = rng.choice([0.1, 0.5, 0.9])
    for device in devices:
        if rng.random() < chance:
            device.children = [child for child in device.children if child not in addresses_of(device)]
    given = [address for element in maker.controllers + devices + others for address in addresses_of(element)]
    used = {int(address.attributes["bus"], 16) for address in given if address.attributes.get("type") == "pci"}
    gaps = rng.random() < 0.6

    def goes(controller):
        first = any(address.attributes["function"] == "0x0" for address in addresses_of(controller))
        return (gaps and controller.attributes["model"] == "pcie-root-port" and not first
                and controller.attributes["index"] not in used and rng.random() < 0.4)

    maker.controllers = [controller for controller in maker.controllers if not goes(controller)]


def make_one(rng, host, kind=None, functions=None):
    kind = kind or rng.choices(["full", "bare", "mixed"], [6, 2, 2])[0]
    maker = Maker(rng, host, kind)
    full = kind != "bare"
    numa_elements = make_numa(rng, host, maker)
    functions = choose_functions(rng, host) if functions is None else functions
    maker.gathers = rng.random() < 0.5
    hostdevs = [(function, maker.assigned(function)) for function in functions]
    taken = {function.bdf for function in functions}
    sources = [(MDEV, uuid) for uuid in host.mdevs] + [(VDPA, path) for path in host.vdpas]
    mediated = [maker.mediated(source) for source in sources
                if host.function_of(source).bdf not in taken and rng.random() < 0.7]
    if kind in ("full", "mixed") and rng.random() < 0.08:
        maker.machine_devices()
    fixed, endpoints = other_devices(maker, rng, full)
    tail, tail_endpoints = tail_devices(maker, rng, full)
    conventional_devices = []
    if rng.random() < 0.1:
        conventional_devices.append(E("watchdog", {"model": "i6300esb", "action": "reset"}))
        if rng.random() < 0.5:
            conventional_devices.append(E("sound", {"model": "ac97"}))
    late = []
    if kind == "mixed":
        late = [maker.interface() for _ in range(rng.choice([0, 1, 2]))]
        count = rng.randint(0, len(hostdevs))
        hostdevs_placed = hostdevs[:len(hostdevs) - count]
    else:
        hostdevs_placed = hostdevs
    if maker.persistent:
        backup = maker.interface()
        backup.children += [E("teaming", {"type": "persistent"}), E("alias", {"name": maker.persistent})]
        endpoints.append(backup)
    if full:
        places, conventional = special_places(maker, rng)
        if conventional_devices and not conventional:
            conventional = maker.bridge()
        place_devices(maker, rng, host, endpoints + tail_endpoints + conventional_devices + mediated,
                      hostdevs_placed, places, conventional)
        for _ in range(rng.choice([0, 0, 1, 2, 14, rng.choice([14, 60, 100])])):
            maker.root_port()
        if rng.random() < 0.15:
            put_at_host_address(maker, rng, hostdevs_placed, fixed + endpoints + tail_endpoints + conventional_devices + mediated)
        if kind == "partly":
            forget_places(maker, rng, endpoints + tail_endpoints + conventional_devices,
                          [element for _, element in hostdevs] + mediated + fixed + tail)
        elif maker.qemu_options or rng.random() < 0.15:
            maker.command_line(host, taken)
        maker.controllers.insert(0, E("controller", {"type": "pci", "index": 0, "model": "pcie-root"}))
    elif rng.random() < 0.4:
        maker.controllers.insert(0, E("controller", {"type": "pci", "index": 0, "model": "pcie-root"}))
        if rng.random() < 0.2:
            maker.users_expander()
        elif rng.random() < 0.4:  # as virt-install writes them
            maker.controllers += [E("controller", {"type": "pci", "model": "pcie-root-port"})
                                  for _ in range(rng.randint(1, 14))]
    order = maker.controllers + fixed + endpoints + conventional_devices
    order += late
    order += [element for _, element in hostdevs] + mediated + tail_endpoints + tail
    if rng.random() < 0.15:  # people's files have any order
        rng.shuffle(order)
    return Style(rng).text(domain_element(maker, rng, numa_elements, order))


def domain_element(maker, rng, numa_elements, devices):
    vcpu, tune, cputune, numa = numa_elements
    root = E("domain", {"type": "kvm"})
    children = root.children
    children.append(E("name", text="generated"))
    if rng.random() < 0.8:
        children.append(E("uuid", text="c7a5fdbd-edaf-9455-926a-d65c16db1809"))
    if rng.random() < 0.2:
        children.append(E("description", text="gäst &lt;hostdev&gt; &#38; more \u65e5\u672c"))
    if rng.random() < 0.15:
        children.append(E("metadata", children=[
            E("x:note", {"xmlns:x": "http://example.org/1.0"}, [
                " kept by libvirt ",
                E("x:hostdev", {"type": "pci"}, [E("address", {"type": "pci", "bus": "0x09", "slot": "0x00"})]),
                E("devices", children=[E("controller", {"type": "pci", "index": 1, "model": "pcie-root-port"})])])]))
    children.append(E("memory", {"unit": "KiB"}, text=str(524288 * max(1, len(maker.cells)))))
    children.append(vcpu)
    children += [element for element in (cputune, tune) if element]
    # What the machine and QEMU's command line have otherwise is x86's.
    virt = not maker.qemu_options and not maker.is_on_command_line() and not maker.acpi_table and rng.random() < 0.15
    arch, machines = ("aarch64", ["virt", "virt-7.2"]) if virt else ("x86_64", ["q35", "pc-q35-7.2"])
    os = E("os", children=[E("type", {"arch": arch, "machine": rng.choice(machines)}, text="hvm")])
    if virt:
        os.children.append(E("loader", {"readonly": "yes", "type": "pflash"}, text="/usr/share/AAVMF/AAVMF_CODE.fd"))
    elif rng.random() < (0.8 if maker.kind == "partly" else 0.25):
        os.children.append(E("loader", {"readonly": "yes", "type": "pflash"}, text="/usr/share/OVMF/OVMF_CODE_4M.fd"))
    if not maker.boot:
        os.children.append(E("boot", {"dev": "hd"}))
    if maker.acpi_table:
        os.children.append(E("acpi", children=[E("table", {"type": "slic"}, text="/etc/vm/battery.dat")]))
    children.append(os)
    children.append(E("features", children=[E("acpi"), E("gic") if virt else E("apic")]))
    cpu = E("cpu", {"mode": "host-passthrough", "check": "none"})
    if numa:
        cpu.children.append(numa)
    children.append(cpu)
    children.append(E("devices", children=[E("emulator", text="/usr/bin/qemu-system-" + arch)] + devices))
    sets, overrides = maker.properties() if rng.random() < 0.2 else ([], [])
    if maker.is_on_command_line() or sets or overrides or rng.random() < 0.1:
        root.attributes["xmlns:qemu"] = QEMU_NS
        children.append(E("qemu:commandline", children=[
            E("qemu:arg", {"value": argument}) for argument in [*maker.qemu_arguments(), *sets]] + [
            E("qemu:env", {"name": "A", "value": "b'\"c"})]))
    if overrides:
        children.append(E("qemu:override", children=overrides))
    if rng.random() < 0.05:
        children.append(E("unknown", {"a": 1}, [E("address", {"type": "pci"})]))
    return root

