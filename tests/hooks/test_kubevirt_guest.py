#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_kubevirt_guest.py - a guest as KubeVirt starts it, booted

Takes:  VTOPO_HOOK_KUBEVIRT: the program; VTOPO_XML.
Gives:  what libvirt has after KubeVirt's calls, with the hook and without, boots, every device has its memory, and the guest
        shows what the host does: of a VMI with EFI and eight devices that have I/O BARs, and of one whose devices the pod
        knows of their DRA drivers only.
Rule:   OVMF keeps I/O space for each port that can hot-plug, and KubeVirt adds such ports: with all of them hot-pluggable no
        device below an expander would get any memory. What drivers' metadata says is node and root complex, so that is what
        is compared.
Not here: the calls themselves (test_kubevirt.py), other guests (../real/test_guest_decides.py).
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ET

import kubevirt
from test_kubevirt_pod import DEVICES as CLAIMED, TWO_DPU, Pod

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "real"))
import compare  # noqa: E402
import domaincopy  # noqa: E402
import guest  # noqa: E402
import hostfacts  # noqa: E402
import libvirt  # noqa: E402

TESTS = pathlib.Path(__file__).resolve().parent.parent
HOST = TESTS / "hosts" / "io-bars.json"
CALL1 = (TESTS / "domains" / "kubevirt-call1.xml").read_text(encoding="utf-8")
DEVICES = ["0000:%x:00.0" % bus for bus in range(0x11, 0x19)]
SECONDS = 240


def domain():
    """The recorded VMI with EFI and with the host's devices, its vCPUs on the host's nodes."""
    recorded = kubevirt.with_host_devices(kubevirt.base_domain(CALL1), DEVICES)
    return kubevirt.with_efi(kubevirt.with_pins(recorded, "0 1 2 3 8 9 10 11"))


def hook(*options):
    def call(vmi, text):
        done = subprocess.run([os.environ["VTOPO_HOOK_KUBEVIRT"], "--vmi", vmi, "--domain", text, *options],
                              stdout=subprocess.PIPE, check=True, text=True, encoding="utf-8")
        return done.stdout

    return call


def boot(virt, dump, firmware, stand_in):
    """(guest, ids of QEMU's devices, names of the host's)"""
    text, names = domaincopy.copy(dump)
    arguments = virt.native(text)
    ids = [d["id"] for d in guest.pci_devices(guest.pairs(arguments))]
    return guest.boot(arguments, firmware, {i: stand_in for i in names} if stand_in else None, SECONDS), ids, names


def compare_boots(virt, base, host, mirror, devices, options, firmware="seabios", stand_in=None):
    """(what is wrong, the dumps without the hook and with it)"""
    plain, with_it = (kubevirt.Boot(virt, base, call) for call in (lambda vmi, text: text, hook(*options)))
    flat, _, _ = boot(virt, plain.dump, firmware, stand_in)
    now, ids, names = boot(virt, with_it.dump, firmware, stand_in)
    placed = compare.placed(ET.fromstring(with_it.dump))
    problems = compare.check(now, flat, with_it.dump, hostfacts.Host(host), mirror, ids, names,
                             others=False)  # KubeVirt's empty ports have other indexes
    if len(placed) != len(devices):
        problems.append("%d devices placed, not %d" % (len(placed), len(devices)))
    print("%s: %d devices, %.0f s and %.0f s, %d problems" % (host.stem, len(placed), flat.seconds, now.seconds, len(problems)))
    return problems, plain.dump, with_it.dump


def io_bars(virt):
    problems, plain, with_it = compare_boots(virt, domain(), HOST, "switch", DEVICES, ("--host", HOST), "ovmf", guest.with_io)
    if "hotplug='off'" in plain or "hotplug='off'" not in with_it:
        problems.append("nothing had to be switched off: this is no case")
    return problems


class Cleanup(contextlib.ExitStack):
    addCleanup = contextlib.ExitStack.callback


def claims(virt):
    """The pod's /sys has none of its PCI devices."""
    with Cleanup() as case:
        pod = Pod(case, CLAIMED.values(), but=["bus/pci"]).claims()
        problems, _, _ = compare_boots(virt, kubevirt.base_domain(CALL1), pathlib.Path(TWO_DPU), "root", CLAIMED, pod.options())
    return problems


def main():
    guest.find_kernel()
    libvirt.require("busybox", "qemu-system-x86_64")
    with libvirt.Libvirt() as virt:
        problems = io_bars(virt) + claims(virt)
    print("".join("    %s\n" % problem for problem in problems), end="")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
