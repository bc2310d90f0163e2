#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
record_domains.py - make the recorded domains of tests/domains anew

Takes:  tests/domains/src/NAME.xml, what a person would write; the libvirt of this machine.
Gives:  tests/domains/NAME.xml, what that libvirt prints.
Rule:   a recording is libvirt's text as it came.  What no libvirt prints (other line ends, comments)
        or what this machine does not have (assigned devices in a running guest) is put in by a
        function here, named in ADDITIONS and in tests/README.md.
Not here: the domains written by hand; they stand in tests/domains and have no source.

usage: record_domains.py [NAME...]        (as root; recorded with Debian 12's libvirt 9.0)
"""

import pathlib
import re
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "real"))
import libvirt  # noqa: E402

DOMAINS = TESTS / "domains"
LIVE = {"running"}
IMAGE = "/var/lib/libvirt/images/system.raw"


def crlf(text):
    """Line ends of an editor on Windows."""
    return text.replace("\n", "\r\n")


def comments(text):
    """Comments and odd spacing as people put them into files; libvirt drops them at define."""
    text = text.replace("  <devices>\n", "  <devices>\n    <!-- disks first -->\n", 1)
    text = text.replace("    <hostdev ", "    <!-- GPU <hostdev> 0: do not touch -->\n    <hostdev ", 1)
    text = text.replace("      <source>\n        <address domain",
                        "      <!-- on the host --><source  >\n        <address domain", 2)
    text = text.replace("    <controller type='pci' index='1'",
                        "    <!-- ports\n         of libvirt --><controller type='pci' index='1'", 1)
    text = text.replace("</hostdev>\n    <hostdev", "</hostdev><!-- next --><hostdev", 1)
    return "<?xml version='1.0' encoding='UTF-8'?>\n<!-- kept in git, 2024 -->\n" + text


def hostdevs(text):
    """Assigned devices of a running guest, with the names that libvirt gives them, in the ports
    that the recorded guest has free; and pinned vCPUs, as the host has more CPUs than
    this machine."""
    taken = {int(bus, 16) for bus in re.findall(r"<address type='pci' [^>]*bus='(0x..)'", text)}
    ports = [int(i) for i in re.findall(r"index='(\d+)' model='pcie-root-port'", text)]
    free = [port for port in ports if port not in taken]
    sources = [(0x41, 0), (0x3d, 0), (0xde, 0), (0xda, 0)]
    lines = ""
    for number, ((bus, function), port) in enumerate(zip(sources, free, strict=True)):
        lines += """    <hostdev mode='subsystem' type='pci' managed='yes'>
      <driver name='vfio'/>
      <source>
        <address domain='0x0000' bus='0x%02x' slot='0x00' function='0x%x'/>
      </source>
      <alias name='hostdev%d'/>
      <address type='pci' domain='0x0000' bus='0x%02x' slot='0x00' function='0x0'/>
    </hostdev>
""" % (bus, function, number, port)
    pins = "".join("    <vcpupin vcpu='%d' cpuset='%d'/>\n" % (vcpu, cpu)
                   for vcpu, cpu in enumerate((2, 3, 22, 23)))
    text = text.replace("  <resource>", "  <cputune>\n" + pins + "  </cputune>\n  <resource>", 1)
    return text.replace("    <memballoon", lines + "    <memballoon", 1)


# name: (source, what is added)
ADDITIONS = {
    "crlf": ("full-seabios", crlf),
    "comments": ("boot-order", comments),
    "running": ("running", hostdevs),
}


def record(virt, name):
    source, addition = ADDITIONS.get(name, (name, None))
    text = (DOMAINS / "src" / (source + ".xml")).read_text(encoding="utf-8")
    if name in LIVE:
        disk = pathlib.Path(virt.files, "system.raw")
        disk.write_bytes(bytes(1 << 20))
        virt.call("create", virt._file("create.xml", text.replace(IMAGE, str(disk))))
        time.sleep(1)
        uuid = re.search("<uuid>(.*?)</uuid>", text)[1]
        text = virt.dump(uuid, inactive=False)
        virt.call("destroy", uuid)
        # what differs from run to run and from machine to machine
        text = text.replace(str(disk), IMAGE).replace(virt.work + "/root/lib", "/var/lib/libvirt")
        text = re.sub(r"/dev/pts/\d+", "/dev/pts/3", text)
        text = re.sub(r"<domain type='qemu' id='\d+'", "<domain type='qemu' id='7'", text)
    else:
        text = virt.define_and_dump(text)
    return addition(text) if addition else text


def main():
    names = sys.argv[1:] or sorted(
        {p.stem for p in (DOMAINS / "src").glob("*.xml")} | set(ADDITIONS))
    with libvirt.Libvirt() as virt:
        for name in names:
            (DOMAINS / (name + ".xml")).write_bytes(record(virt, name).encode("utf-8"))
            print(name)


if __name__ == "__main__":
    main()
