# SPDX-License-Identifier: GPL-2.0-or-later
"""
make_domain.py - a domain with the assigned devices that a test names

Takes:  the host's nodes that get a cell, and names of devices: BDFs, UUIDs of mdevs, paths of
        vDPA devices.
Gives:  domain XML as a person would write it: a cell for each node, no addresses.
Rule:   two vCPUs and 1 GiB in each cell; the cell with the number n is the n-th node of the list.
"""

import re

HEAD = """<domain type='qemu'>
  <name>made</name>
  <uuid>7d1f0a52-3c0e-4a57-9b6e-0000000000ff</uuid>
  <memory unit='GiB'>%d</memory>
  <vcpu placement='static'>%d</vcpu>
  <numatune>
    <memory mode='strict' nodeset='%s'/>
%s  </numatune>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode='maximum'>
    <numa>
%s    </numa>
  </cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
"""
TAIL = """    <serial type='pty'/>
    <console type='pty'/>
  </devices>
%s</domain>
"""
# room for many large BARs below OVMF
MMIO64 = """  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
    <qemu:arg value='-fw_cfg'/>
    <qemu:arg value='name=opt/ovmf/X-PciMmio64Mb,string=4194304'/>
  </qemu:commandline>
"""
HOSTDEV = """    <hostdev mode='subsystem' type='pci' managed='yes'>
      <driver name='vfio'/>
      <source>
        <address domain='0x%s' bus='0x%s' slot='0x%s' function='0x%s'/>
      </source>
    </hostdev>
"""
MDEV = """    <hostdev mode='subsystem' type='mdev' model='vfio-pci'>
      <source>
        <address uuid='%s'/>
      </source>
    </hostdev>
"""
VDPA = """    <interface type='vdpa'>
      <source dev='%s'/>
    </interface>
"""
# what is otherwise on aarch64
VIRT = (("arch='x86_64' machine='q35'", "arch='aarch64' machine='virt'"), ("<os>", "<os firmware='efi'>"),
        ("<apic/>", "<gic version='3'/>"), ("qemu-system-x86_64", "qemu-system-aarch64"))
FIRMWARE = """    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
  </os>
"""


def element(name):
    bdf = re.fullmatch(r"([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])", name)
    if bdf:
        return HOSTDEV % bdf.groups()
    if name.startswith("/dev/"):
        return VDPA % name
    return MDEV % name


def domain(nodes, devices, firmware="seabios"):
    """@firmware: ovmf and seabios are q35's, aavmf is that of aarch64's machine virt."""
    nodeset = ",".join(str(node) for node in nodes)
    memnodes = "".join("    <memnode cellid='%d' mode='strict' nodeset='%d'/>\n" % pair
                       for pair in enumerate(nodes))
    cells = "".join("      <cell id='%d' cpus='%d-%d' memory='1' unit='GiB'/>\n" % (
        cell, 2 * cell, 2 * cell + 1) for cell in range(len(nodes)))
    text = HEAD % (len(nodes), 2 * len(nodes), nodeset, memnodes, cells)
    if firmware == "ovmf":
        text = text.replace("  </os>\n", FIRMWARE, 1)
    if firmware == "aavmf":
        for here, there in VIRT:
            text = text.replace(here, there, 1)
    return text + "".join(map(element, devices)) + TAIL % (MMIO64 if firmware == "ovmf" else "")
