# SPDX-License-Identifier: GPL-2.0-or-later
"""
generate_host.py - random hosts

Takes:  a random.Random.
Gives:  a hostmodel.Host: nodes, root complexes, ports, switch trees, cards.
Rule:   everything that a real machine may show should turn up: sparse or CPU-less nodes, nodes that do not ascend
        with the bus numbers, PCI domains above 0xffff, switches in switches, virtual functions on the next
        bus, endpoints on root buses, buses that were not numbered in slot order.  The same state of the
        generator gives the same host.
Not here: domains (generate_domain.py).
"""
from hostmodel import Function, Host, Node

KIB = 1 << 10
MIB = 1 << 20

# name, functions as (class, vendor, device, memory BAR), chance of the whole card
CARDS = [
    ("gpu", [(0x030200, 0x10DE, 0x20B5, 256 * MIB)], 4),
    ("gpu-audio", [(0x030000, 0x10DE, 0x2684, 256 * MIB), (0x040300, 0x10DE, 0x22BA, 16 * KIB)], 2),
    ("gpu-usb", [(0x030000, 0x10DE, 0x1E04, 64 * MIB), (0x040300, 0x10DE, 0x10F7, 16 * KIB),
                 (0x0C0330, 0x10DE, 0x1AD6, 256 * KIB), (0x0C8000, 0x10DE, 0x1AD7, 4 * KIB)], 2),
    ("accelerator", [(0x120000, 0x1002, 0x738C, 128 * MIB)], 1),
    ("gpu-amd", [(0x030000, 0x1002, 0x73BF, 256 * MIB), (0x040300, 0x1002, 0xAB28, 16 * KIB)], 1),
    ("nic", [(0x020000, 0x15B3, 0x1017, 32 * MIB)], 3),
    ("nic-two", [(0x020000, 0x15B3, 0x101D, 32 * MIB)] * 2, 3),
    ("nic-four", [(0x020000, 0x8086, 0x1521, 1 * MIB)] * 4, 1),
    ("dpu", [(0x020000, 0x15B3, 0xA2D6, 32 * MIB)] * 2 + [(0x080100, 0x15B3, 0xC2D3, 1 * MIB)], 1),
    ("eight", [(0x0B4000, 0x8086, 0x4940, 64 * KIB)] * 8, 1),
    ("nvme", [(0x010802, 0x144D, 0xA80A, 16 * KIB)], 3),
]


class Builder:
    def __init__(self, rng):
        self.rng = rng
        self.host = Host()
        self.domain = 0
        self.next_bus = 0
        self.root = None
        self.node = -1
        self.groups = 0

    # --- numbering

    def new_bus(self):
        self.next_bus += 1
        if self.next_bus > 0x100:
            raise OverflowError
        return self.next_bus - 1

    def add(self, bus, slot, function, parent, **rest):
        self.groups += 1
        rest.setdefault("node", self.node)
        rest.setdefault("iommu_group", self.groups)
        return self.host.add(Function((self.domain, bus, slot, function), self.root, parent=parent, **rest))

    # --- parts

    def card(self, bus, parent, slot=0):
        rng = self.rng
        name, functions, _ = rng.choices(CARDS, [card[2] for card in CARDS])[0]
        numbers = list(range(len(functions)))
        if len(functions) > 1 and rng.random() < 0.1:  # a hole in the functions
            numbers = [0] + sorted(rng.sample(range(1, 8), len(functions) - 1))
        made = []
        for number, (code, vendor, device, size) in zip(numbers, functions):
            bars = [(0, size, False, size >= MIB, size >= MIB)]
            if rng.random() < 0.02:
                bars.append((5, 128, True, False, False))
            made.append(self.add(bus, slot, number, parent, kind="endpoint", class_code=code, vendor=vendor,
                                 device=device, bars=bars,
                                 driver=rng.choice([None, "vfio-pci", "vfio-pci"])))
        if code >> 16 in (2, 3) and parent is not None and parent.kind != "bridge" and len(made) <= 2 and rng.random() < 0.3:
            self.virtual(made, bus, parent)
        return made

    def virtual(self, physical, bus, parent):
        """Virtual functions: behind the physical ones on the same bus, or on the bus after."""
        rng = self.rng
        count = rng.choice([1, 2, 4, 9, 9, 40])
        where, place = (bus, max(pf.bdf[3] for pf in physical) + 1)
        if rng.random() < 0.3:
            where, place = self.new_bus(), 0
        for pf in physical:
            pf.vfs, pf.vfs_total = count, count * 2
            for number in range(count):
                self.add(where, place >> 3, place & 7, parent, kind="endpoint", class_code=pf.class_code,
                         vendor=pf.vendor, device=pf.device + 1, physfn=pf.bdf,
                         bars=[(0, 64 * KIB, False, True, True)])
                place += 1

    def below_port(self, port, depth):
        bus = self.new_bus()
        choice = self.rng.random()
        if depth > 0 and choice < 0.45:
            self.switch(bus, port, depth)
        elif choice < 0.93:
            self.card(bus, port)
        # otherwise an empty port

    def switch(self, bus, parent, depth):
        rng = self.rng
        upstream = self.add(bus, 0, 0, parent, kind="upstream", class_code=0x060400, vendor=0x1000,
                            device=0xC010)
        inner = self.new_bus()
        slots = sorted(rng.sample(range(32), rng.randint(1, 4)))
        ports = [self.add(inner, slot, 0, upstream, kind="downstream", class_code=0x060400,
                          vendor=0x1000, device=0xC010) for slot in slots]
        self.visit(ports, depth - 1)
        if rng.random() < 0.1:  # a switch's management endpoint beside the upstream port
            self.add(bus, 0, 1, parent, kind="endpoint", class_code=0x088000, vendor=0x1000, device=0xC012)

    def visit(self, ports, depth):
        order = list(ports)
        if self.rng.random() < 0.1:
            self.rng.shuffle(order)
        for port in order:
            self.below_port(port, depth)

    def bridge(self, bus, slot):
        """A PCIe-to-PCI bridge on the root bus with conventional devices behind it."""
        above = self.add(bus, slot, 0, None, kind="bridge", class_code=0x060401, vendor=0x8086, device=0x244E)
        behind = self.new_bus()
        for place in sorted(self.rng.sample(range(32), self.rng.randint(1, 2))):
            self.card(behind, above, place)

    def root_complex(self, depth):
        rng = self.rng
        bus = self.new_bus()
        self.root = (self.domain, bus)
        slots = rng.sample(range(1, 31), rng.randint(1, 5))
        ports = []
        for slot in sorted(slots):
            kind = rng.random()
            if kind < 0.15:
                self.card(bus, None, slot)
            elif kind < 0.2:
                self.bridge(bus, slot)
            else:
                for function in range(rng.choice([1, 1, 1, 2])):
                    ports.append(self.add(bus, slot, function, None, kind="root", class_code=0x060400,
                                          vendor=0x8086, device=0x352A))
        self.visit(ports, depth)

    def integrated_graphics(self):
        self.root = (0, 0)
        self.add(0, 2, 0, None, kind="endpoint", class_code=0x030000, vendor=0x8086, device=0x9BC5,
                 bars=[(0, 16 * MIB, False, True, False), (2, 256 * MIB, False, True, True)])


def make_nodes(rng, host):
    count = rng.choice([0, 1, 1, 2, 2, 2, 2, 4, 4, 8])
    numbers = list(range(count))
    if count > 1 and rng.random() < 0.2:
        numbers = sorted(rng.sample(range(12), count))
    each = rng.choice([2, 4, 8])
    interleave = rng.random() < 0.3
    has_distances = rng.random() < 0.8
    for place, number in enumerate(numbers):
        cpus = range(place * each, (place + 1) * each)
        if interleave:
            cpus = range(place, count * each, count)
        if count > 1 and place and rng.random() < 0.1:
            cpus = []  # memory only
        distances = None
        if has_distances:
            distances = {other: 10 if other == number else 12 if other // 2 == number // 2 else 21
                         for other in numbers}
        host.nodes[number] = Node(number, cpus, rng.choice([0, 16, 64]) * MIB, distances)
    return numbers


def make(rng):
    """A random host with at least one endpoint."""
    while True:
        builder = Builder(rng)
        nodes = make_nodes(rng, builder.host)
        try:
            fill(builder, nodes)
        except OverflowError:
            continue
        if builder.host.endpoints():
            make_mediated(rng, builder.host)
            return builder.host


def make_mediated(rng, host):
    """A few mdevs and vDPA devices, on functions that may have virtual functions or be one."""
    if rng.random() < 0.8:
        return
    endpoints = host.endpoints()
    for number in range(rng.randint(1, 4)):
        host.mdevs["0e1b2c3d-0000-4000-8000-%012x" % number] = rng.choice(endpoints)
        host.vdpas["/dev/vhost-vdpa-%d" % number] = rng.choice(endpoints)


def fill(builder, nodes):
    rng = builder.rng
    domains = [0]
    if rng.random() < 0.15:
        domains = [0, 1]
    if rng.random() < 0.1:
        domains.append(0x10000)
    complexes = rng.choice([1, 2, 3, 4, 4, 6, 8, 8, 24])
    owners = [rng.choice(nodes or [-1]) for _ in range(complexes)]
    if rng.random() < 0.6:
        owners.sort()
    depth = rng.choice([0, 1, 1, 2, 3])
    wide = rng.random() < 0.5
    for domain in domains:
        builder.domain, builder.next_bus = domain, 0
        for place, owner in enumerate(owners if domain == 0 else owners[:2]):
            unknown = rng.random() < 0.06 or not nodes
            builder.node = -1 if unknown else owner
            if wide:
                builder.next_bus = (builder.next_bus + 15) // 16 * 16
            builder.root_complex(depth)
            if domain == 0 and place == 0 and rng.random() < 0.1 and (0, 0, 2, 0) not in builder.host.functions:
                builder.integrated_graphics()
