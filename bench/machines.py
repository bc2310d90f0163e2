# SPDX-License-Identifier: GPL-2.0-or-later
"""
machines.py - hosts of any size as sysfs trees, and domains that have devices of them

Takes:  how many cards, how many functions besides.
Gives:  a tree in a directory, or as the archive that tests/fuzz/sysfs.c unpacks; a domain XML.
Rule:   two hosts that differ only in the functions besides have the same cards at the same addresses, so a domain
        fits both.  The same arguments give the same bytes.

Host: root complexes in PCI domain 0, each a root port, a switch (or several, one below the other) and its cards, the
first half on node 0; then PCI domains that hold a root port and a NIC with virtual functions, as many as are wanted.
"""
import os

ROOT_PORT, UPSTREAM, DOWNSTREAM, ENDPOINT = 4, 5, 6, 0
BUSES_PER_ROOT = 32
CARDS_PER_ROOT = BUSES_PER_ROOT - 3  # the root bus, the switch's two (each level of switches more takes two)
CPUS_PER_NODE = 8


def address(domain, bus, slot=0, function=0):
    return f"{domain:04x}:{bus:02x}:{slot:02x}.{function}"


class Tree:
    def __init__(self):
        self.files = {}  # path: bytes, or the str that a link says
        self.groups = 0
        self.functions = 0

    def text(self, path, value):
        self.files[path] = f"{value}\n".encode()

    def link(self, path, target):
        """A link as sysfs has it: relative, from the directory that it is in."""
        self.files[path] = os.path.relpath(target, os.path.dirname(path))

    def node(self, number, nodes):
        path = f"devices/system/node/node{number}"
        first = number * CPUS_PER_NODE
        self.text(f"{path}/cpulist", f"{first}-{first + CPUS_PER_NODE - 1}")
        self.text(f"{path}/distance", " ".join("10" if other == number else "21" for other in range(nodes)))
        self.text(f"{path}/meminfo", f"Node {number} MemTotal:       131841124 kB")

    def cpu(self, number):
        path = f"devices/system/cpu/cpu{number}/topology"
        self.text(f"{path}/physical_package_id", number // CPUS_PER_NODE)
        self.text(f"{path}/core_id", number % CPUS_PER_NODE)
        self.text(f"{path}/thread_siblings_list", number)

    def function(self, above, bdf, kind, node, class_code, ids, bars=(), physfn=None, vfs=None, group=None):
        """A PCI function below the path @above, in a group of its own or in @group; gives its path."""
        path = f"{above}/{bdf}"
        bridge = kind in (ROOT_PORT, UPSTREAM, DOWNSTREAM)
        self.functions += 1
        self.text(f"{path}/class", f"0x{class_code:06x}")
        self.text(f"{path}/vendor", f"0x{ids[0]:04x}")
        self.text(f"{path}/device", f"0x{ids[1]:04x}")
        self.text(f"{path}/subsystem_vendor", f"0x{ids[0]:04x}")
        self.text(f"{path}/subsystem_device", "0x0001")
        self.text(f"{path}/revision", "0xa1")
        self.text(f"{path}/numa_node", node)
        self.text(f"{path}/uevent", self.uevent(bdf, bridge, class_code, ids))
        self.text(f"{path}/enable", 1)
        self.text(f"{path}/irq", 16)
        self.text(f"{path}/local_cpulist", f"{node * CPUS_PER_NODE}-{(node + 1) * CPUS_PER_NODE - 1}")
        self.text(f"{path}/resource", self.resource(bars))
        if not physfn:
            self.text(f"{path}/max_link_speed", "16.0 GT/s PCIe")
            self.text(f"{path}/max_link_width", 16)
            self.text(f"{path}/current_link_speed", "16.0 GT/s PCIe")
            self.text(f"{path}/current_link_width", 16)
        self.files[f"{path}/config"] = self.config(kind, bridge, ids, class_code)
        self.link(f"{path}/driver", "bus/pci/drivers/" + ("pcieport" if bridge else "vfio-pci"))
        if group is None:
            group = self.groups
            self.groups += 1
        self.link(f"{path}/iommu_group", f"kernel/iommu_groups/{group}")
        self.link(f"kernel/iommu_groups/{group}/devices/{bdf}", path)
        self.link(f"bus/pci/devices/{bdf}", path)
        if physfn:
            self.link(f"{path}/physfn", f"{above}/{physfn}")
        if vfs is not None:
            self.text(f"{path}/sriov_totalvfs", 255)
            self.text(f"{path}/sriov_numvfs", vfs)
        return path

    @staticmethod
    def uevent(bdf, bridge, class_code, ids):
        return (f"DRIVER={'pcieport' if bridge else 'vfio-pci'}\nPCI_CLASS={class_code:04X}\n"
                f"PCI_ID={ids[0]:04X}:{ids[1]:04X}\nPCI_SUBSYS_ID={ids[0]:04X}:0001\nPCI_SLOT_NAME={bdf}")

    @staticmethod
    def resource(bars):
        """@bars: sizes of 64-bit memory BARs, by place."""
        lines = []
        for place in range(6):
            size = dict(bars).get(place, 0)
            first, last, flags = (0x200000000000, 0x200000000000 + size - 1, 0x14220C) if size else (0, 0, 0)
            lines.append(f"0x{first:016x} 0x{last:016x} 0x{flags:016x}")
        return "\n".join(lines)

    @staticmethod
    def config(kind, bridge, ids, class_code):
        """Header, power management and PCIe capability, and of downstream ports AER and ACS: all 4,096 bytes."""
        space = bytearray(4096)
        space[0:4] = ids[0].to_bytes(2, "little") + ids[1].to_bytes(2, "little")
        space[6] = 0x10
        space[9:12] = class_code.to_bytes(3, "little")
        space[14] = 1 if bridge else 0
        space[0x34] = 0x40
        space[0x40:0x44] = bytes([0x01, 0x50, 0x03, 0])
        space[0x50:0x54] = bytes([0x10, 0, kind << 4 | 2, 0])
        if kind == DOWNSTREAM:
            space[0x100:0x104] = (0x148 << 20 | 1 << 16 | 0x0001).to_bytes(4, "little")
            space[0x148:0x150] = (1 << 16 | 0x000D).to_bytes(4, "little") + bytes([0x1F, 0, 0x1D, 0])
        return bytes(space)

    def write(self, directory):
        """Files of one content are one file with many names: a large host then costs little."""
        made = set()
        first = {}
        for path, content in self.files.items():
            full = os.path.join(directory, path)
            parent = os.path.dirname(full)
            if parent not in made:
                os.makedirs(parent, exist_ok=True)
                made.add(parent)
            if isinstance(content, str):
                os.symlink(content, full)
            elif content in first:
                os.link(first[content], full)
            else:
                with open(full, "wb") as file:
                    file.write(content)
                first[content] = full

    def archive(self):
        lines = []
        for path, content in self.files.items():
            if isinstance(content, str):
                lines.append(f"{path} -> {content}")
            elif path.endswith("/config") or b"\n" in content[:-1]:
                lines.append(f"{path} : {content.rstrip(bytes(1)).hex()}")
            else:
                lines.append(f"{path} = {content.decode().rstrip()}")
        return "\n".join(lines) + "\n"


def add_root(tree, number, cards, node, levels=1, functions=1):
    """A root complex with @cards cards below @levels switches, one below the other; gives their functions' addresses."""
    bus = number * BUSES_PER_ROOT
    root = f"devices/pci0000:{bus:02x}"
    above = tree.function(root, address(0, bus, 1), ROOT_PORT, node, 0x060400, (0x8086, 0x347A))
    for level in range(levels):
        up = tree.function(above, address(0, bus + 1), UPSTREAM, node, 0x060400, (0x10B5, 0x8796))
        bus += 2
        if level + 1 < levels:
            above = tree.function(up, address(0, bus, 31), DOWNSTREAM, node, 0x060400, (0x10B5, 0x8796))
    made = []
    for card in range(cards):
        down = tree.function(up, address(0, bus, card), DOWNSTREAM, node, 0x060400, (0x10B5, 0x8796))
        for function in range(functions):
            made.append(address(0, bus + 1 + card, 0, function))
            tree.function(down, made[-1], ENDPOINT, node, 0x030200 if not function else 0x040300, (0x10DE, 0x2235),
                          [(1, 1 << 24)])
    return made


def add_nic(tree, domain, vfs, one_group=False):
    """A PCI domain with a NIC and its virtual functions (on slots 0 to 31 of one bus); gives the addresses of these."""
    node = domain % 2
    port = tree.function(f"devices/pci{domain:04x}:00", address(domain, 0, 1), ROOT_PORT, node, 0x060400,
                         (0x8086, 0x347A))
    group = tree.groups if one_group else None
    tree.groups += one_group
    physical, made = address(domain, 1), []
    tree.function(port, physical, ENDPOINT, node, 0x020000, (0x15B3, 0x101D), [(0, 1 << 25)], vfs=vfs, group=group)
    for vf in range(1, vfs + 1):
        made.append(address(domain, 1, vf // 8, vf % 8))
        tree.function(port, made[-1], ENDPOINT, node, 0x020000, (0x15B3, 0x101E), [(0, 1 << 20)], physfn=physical,
                      group=group)
    return made


def processors():
    """A tree of two nodes with their CPUs."""
    tree = Tree()
    for node in range(2):
        tree.node(node, 2)
    tree.text("devices/system/cpu/online", f"0-{2 * CPUS_PER_NODE - 1}")
    for cpu in range(2 * CPUS_PER_NODE):
        tree.cpu(cpu)
    return tree


def host(cards, functions, levels=1, of_card=1):
    """
    (Tree, addresses of the cards' functions): at least @functions functions, none too many unless the cards need them;
    @levels of switches above the cards, @of_card functions in each.
    """
    tree, addresses = processors(), []
    roots = max(2, -(-cards // (CARDS_PER_ROOT - 2 * (levels - 1))))
    for root in range(roots):
        share = cards // roots + (root < cards % roots)
        addresses += add_root(tree, root, share, root * 2 // roots, levels, of_card)
    domain = 1
    while tree.functions + 2 <= functions:
        add_nic(tree, domain, min(254, functions - tree.functions - 2))
        domain += 1
    return tree, addresses


def deep_host():
    """(Tree, addresses of its eight cards): each alone on a root complex, below two switches, so below five bridges."""
    tree, addresses = processors(), []
    for root in range(256 // BUSES_PER_ROOT):
        addresses += add_root(tree, root, 1, root // 4, levels=2)
    return tree, addresses


def virtual_functions(count):
    """(Tree, addresses): virtual functions of one NIC, all in one IOMMU group."""
    tree = processors()
    return tree, add_nic(tree, 1, 250, one_group=True)[:count]


def models(count):
    """A Tree with @count GPUs and NICs, each of a model of its own, the GPUs with drivers of their own."""
    tree = processors()
    for number in range(count):
        domain, bus = number // 200, number % 200
        node = number % 2
        port = tree.function(f"devices/pci{domain:04x}:00", address(domain, 0, bus % 32, bus // 32), ROOT_PORT, node,
                             0x060400, (0x8086, 0x347A))
        path = tree.function(port, address(domain, 1 + bus), ENDPOINT, node, 0x020000 if number % 2 else 0x030200,
                             (0x10DE, number), [(0, 1 << 25)])
        if not number % 2:
            tree.link(f"{path}/driver", f"bus/pci/drivers/of{number}")
    return tree


HEAD = """<domain type='kvm'>
  <name>bench</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-0000000000ff</uuid>
  <memory unit='KiB'>67108864</memory>
  <currentMemory unit='KiB'>67108864</currentMemory>
  <vcpu placement='static'>16</vcpu>
  <cputune>
{pins}
  </cputune>
  <numatune>
    <memnode cellid='0' mode='strict' nodeset='0'/>
    <memnode cellid='1' mode='strict' nodeset='1'/>
  </numatune>
  <os>
    <type arch='x86_64' machine='pc-q35-10.0'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode='host-passthrough' check='none'>
    <maxphysaddr mode='emulate' bits='46'/>
    <numa>
      <cell id='0' cpus='0-7' memory='33554432' unit='KiB'/>
      <cell id='1' cpus='8-15' memory='33554432' unit='KiB'/>
    </numa>
  </cpu>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/bench.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
    </disk>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' index='1' model='pcie-root-port'>
      <model name='pcie-root-port'/>
      <target chassis='1' port='0x8'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0' multifunction='on'/>
    </controller>
    <controller type='pci' index='2' model='pcie-root-port'>
      <model name='pcie-root-port'/>
      <target chassis='2' port='0x9'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x1'/>
    </controller>
    <controller type='sata' index='0'>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x1f' function='0x2'/>
    </controller>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <model type='virtio'/>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
    </interface>
"""
HOSTDEV = """    <hostdev mode='subsystem' type='pci' managed='yes'>
      <driver name='vfio'/>
      <source>
        <address domain='0x{0}' bus='0x{1}' slot='0x{2}' function='0x{3}'/>
      </source>
    </hostdev>
"""
TAIL = """    <memballoon model='none'/>
  </devices>
</domain>
"""


def domain(addresses):
    """A domain with two cells, each on a node, that has the devices @addresses, as somebody wrote them."""
    pins = "\n".join(f"    <vcpupin vcpu='{cpu}' cpuset='{cpu}'/>" for cpu in range(2 * CPUS_PER_NODE))
    devices = (HOSTDEV.format(*bdf.replace(".", ":").split(":")) for bdf in addresses)
    return HEAD.format(pins=pins) + "".join(devices) + TAIL
