# SPDX-License-Identifier: GPL-2.0-or-later
"""
qemu.py - the devices of <qemu:commandline>

Takes:  <domain> as xmltext has it.
Gives:  whether it is UEFI; for each -device what it (or -set) says of its place, and which bus numbers, chassis and slots are
        gone by it; the slots of what the machine makes itself; whether a rewrite is to leave the domain alone.
Rule:   as generate_domain.py writes them: JSON, or name=value without doubled commas.
Not here: whether they are in each other's way (legal.py).
"""
import json
import re

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
    return list(zip(words, [*words[1:], ""]))


def devices(root):
    found = [QemuDevice(value) for option, value in options(root) if option == "-device"]
    for option, value in options(root):
        _, name, said = value.split(".", 2) if option == "-set" else ("", None, "")
        for device in found:
            if name is not None and device.id == name:
                device.options.update([said.split("=", 1)])
    return found


def is_uefi(root):
    """Is the firmware that QEMU is given by its command line UEFI?"""
    return any((option == "-bios" and "bios" not in value.rsplit("/", 1)[-1]) or
               (option == "-drive" and "if=pflash" in value) for option, value in options(root))


# What the machine makes before all other devices (QEMU 7.2: pc_q35_init(), soundhw_init()), in this order.
MACHINE_OPTIONS = ("-vga", "-nic", "-net", "-audio")
MACHINE_SLOTS = {0, 0x1F}


def makes_device(option, value):
    words = dict(word.split("=", 1) for word in value.split(",") if "=" in word)
    if option == "-audio":
        return "model" in words
    return value != "none" and (option != "-net" or value.startswith("nic"))


def machine_slots(root):
    """Slots of pcie.0 of the machine's own devices: each the lowest that is free, but what says addr=."""
    taken, made = set(MACHINE_SLOTS), []
    there = options(root)
    for wanted in MACHINE_OPTIONS:
        for option, value in there:
            if option != wanted or not makes_device(option, value):
                continue
            said = re.search(r",addr=([0-9a-f]+)", value)
            slot = int(said.group(1), 16) if said else min(set(range(32)) - taken)
            taken.add(slot)
            made.append(slot)
    return made


def names_no_bus(option, value):
    """Does QEMU choose the bus of the device that this makes?"""
    return option in ("-virtfs", "-balloon") or (option == "-watchdog" and value == "i6300esb") or \
        (option == "-drive" and "if=virtio" in value)


def is_left_alone(root, has_cells):
    """Is there something with which a rewrite changes nothing?"""
    there = options(root)
    without_acpi = any(option == "-no-acpi" or (option == "-machine" and "acpi=off" in value) for option, value in there)
    anywhere = any(names_no_bus(option, value) for option, value in there)
    return any(option == "-readconfig" for option, _ in there) or (has_cells and (without_acpi or anywhere))


def has_acpi_table(root):
    os = root.find("os")
    acpi = os.find("acpi") if os is not None else None
    return (acpi is not None and acpi.find("table") is not None) or any(o == "-acpitable" for o, _ in options(root))
