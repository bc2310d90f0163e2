# SPDX-License-Identifier: GPL-2.0-or-later
"""
qemu.py - the devices of <qemu:commandline>

Takes:  <domain> as xmltext has it.
Gives:  whether it is UEFI; for each -device what it says of its place, and which bus numbers, chassis and slots are
        gone by it.
Rule:   as generate_domain.py writes them: JSON, or name=value without doubled commas.
Not here: whether they are in each other's way (legal.py).
"""
import json

PORTS = ("pcie-root-port", "ioh3420", "xio3130-downstream")
EXPANDER = "pxb-pcie"


class QemuDevice:
    def __init__(self, text):
        if text.startswith("{"):
            self.options = json.loads(text)
        else:
            words = text.split(",")
            self.options = dict(word.split("=", 1) for word in words[1:])
            self.options["driver"] = words[0]
        self.driver, self.bus = self.options["driver"], self.options["bus"]
        self.id = self.options.get("id")
        self.is_port, self.is_expander = self.driver in PORTS, self.driver == EXPANDER

    @property
    def slot(self):
        """None: QEMU takes the lowest that is free."""
        addr = self.options.get("addr")
        if isinstance(addr, int):
            return addr >> 3
        return addr if addr is None else int(addr.split(".")[0], 16)

    def number(self, name):
        value = self.options.get(name)
        return None if value is None else int(str(value), 0)

    @property
    def port(self):
        """Index of libvirt's controller that it is on; None: of none but pcie.0."""
        return int(self.bus[4:]) if self.bus.startswith("pci.") else None


def options(root):
    """(name, value) of each."""
    line = root.find("qemu:commandline")
    words = [] if line is None else [arg.get("value") for arg in line.all("qemu:arg")]
    return list(zip(words, words[1:]))


def devices(root):
    return [QemuDevice(value) for option, value in options(root) if option == "-device"]


def is_uefi(root):
    """Is the firmware that QEMU is given by its command line UEFI?"""
    return any((option == "-bios" and "bios" not in value.rsplit("/", 1)[-1]) or
               (option == "-drive" and "if=pflash" in value) for option, value in options(root))
