#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_mmio.py - is the window for 64-bit BARs where vtopo expects it, and does it hold what vtopo says?

Takes:  rows: a firmware, a processor, RAM, and a tree of ports and BARs (print_window.c says how it is written);
        print_window, which is what vtopo expects; QEMU with TCG, and the firmware of this Debian and of others.
Gives:  a line for each row whose guest is otherwise.
Rule:   pci-testdev has a BAR of any size and nothing behind it.  A guest is done when firmware has given memory to a
        device that always fits, or has given up: OVMF then gives none to any.  Of what fits the end of the highest window is compared, too: it is what is needed.
        Rows come in pairs: one below an edge and one above.
Not here: domains (property/), the elements that make room (golden/).

usage: test_mmio.py --print-window PROGRAM [--suites own|others|all] [--firmware DIR] [--all] [--only TEXT] [--jobs N]
Exit: 77, and a line "skipped:", if another Debian's mirror cannot be reached and everything else is right.  This
        Debian's own firmware has to be here, and a mirror that is reached has to have what is asked for.
"""
import argparse
import concurrent.futures
import json
import pathlib
import platform
import socket
import subprocess
import sys
import tempfile
import time

TOOLS = pathlib.Path(__file__).resolve().parent.parent / "tools"
MIB, GIB = 1, 1024  # rows count in MiB
BOOT_SECONDS = 600  # OVMF 2022.11 writes page tables for all 46 bits, 256 MiB of them
GIVEN_UP = 100  # quarters of a second in which nothing happens after the buses have their numbers

# name: place in enum mmio_firmware, the Debian that has it, its file
FIRMWARE = {
    "ovmf-2022.11": (1, "bookworm", "usr/share/OVMF/OVMF_CODE_4M.fd"),
    "ovmf-2025.02": (6, "trixie", "usr/share/OVMF/OVMF_CODE_4M.fd"),
    "ovmf-2026.08": (7, "forky", "usr/share/OVMF/OVMF_CODE_4M.fd"),
    "seabios-1.16.2": (9, "bookworm", "usr/share/seabios/bios-256k.bin"),
    "seabios-1.16.3": (10, "trixie", "usr/share/seabios/bios-256k.bin"),
    "seabios-1.17": (11, "forky", "usr/share/seabios/bios-256k.bin"),
}
PACKAGES = {"bookworm": ["ovmf", "seabios"], "trixie": ["ovmf", "seabios"], "forky": ["ovmf-generic", "seabios"]}
OWN = platform.freedesktop_os_release().get("VERSION_CODENAME")
VENDORS = {"GenuineIntel": 0, "AuthenticAMD": 1, "CentaurHauls": 2}


class Row:
    def __init__(self, firmware, tree, *, bits=40, vendor="AuthenticAMD", pages_1g=False, memory=GIB, most=0, slots=0,
                 asked=0, quick=False):
        self.firmware, self.tree, self.bits, self.vendor, self.pages_1g = firmware, tree, bits, vendor, pages_1g
        self.memory, self.most, self.slots, self.asked, self.quick = memory, most, slots, asked, quick

    def __str__(self):
        return (f"{self.firmware} {self.bits} bits {self.vendor}{' pdpe1gb' if self.pages_1g else ''} RAM {self.memory}"
                f"{f' to {self.most} in {self.slots}' if self.most else ''}"
                f"{f' asked {self.asked}' if self.asked else ''} tree {self.tree}")

    def expected(self, program):
        """(does it fit, what is needed, start, size), in MiB."""
        place = FIRMWARE[self.firmware][0]
        if self.asked and self.firmware == "ovmf-2025.02":
            place = FIRMWARE["ovmf-2026.08"][0]  # Debian's takes what is asked for as edk2 does since 2025.05
        args = [program, str(place), f"bits={self.bits}", f"vendor={VENDORS[self.vendor]}",
                f"pages_1g={int(self.pages_1g)}", f"memory={self.memory}", f"asked={self.asked}", f"slots={self.slots}"]
        args += [f"most={self.most}"] if self.most else []
        words = subprocess.run(args + [self.tree], check=True, capture_output=True, text=True).stdout.split()
        return words[0] == "yes", *map(int, words[1:])


def rows():
    G, intel = GIB, {"vendor": "GenuineIntel"}
    for ovmf in ("ovmf-2022.11", "ovmf-2025.02", "ovmf-2026.08"):
        first = ovmf == "ovmf-2022.11"
        # 40 bits: an eighth for AMD's processors, 32 GiB for Intel's, whose 40 bits are QEMU's guess
        yield Row(ovmf, f"{64 * G}", quick=first)
        yield Row(ovmf, f"{128 * G}" if first else f"{64 * G},{32 * G}")
        yield Row(ovmf, f"{128 * G},1", quick=first)
        yield Row(ovmf, f"{32 * G}", **intel, quick=True)
        yield Row(ovmf, f"{32 * G},1", **intel, quick=not first)
        # 46 bits: 8 TiB with pages of 1 GiB, without them as with 40 bits
        yield Row(ovmf, f"{4096 * G},{2048 * G}", bits=46, pages_1g=True, **intel, quick=not first)
        yield Row(ovmf, f"{4096 * G},{4096 * G},1", bits=46, pages_1g=True, **intel, quick=not first)
        yield Row(ovmf, f"{128 * G},{64 * G}", bits=41, pages_1g=True, **intel, quick=first)
        yield Row(ovmf, f"{128 * G},{128 * G},1", bits=41, pages_1g=True, **intel, quick=first)
        yield Row(ovmf, f"{64 * G}", bits=46, **intel)
        yield Row(ovmf, f"{128 * G},1", bits=46, **intel, quick=True)
        # eight GPUs below an expander, as --mmio auto makes room for them
        for size in (128, 256):
            cards = ",".join(8 * [f"{size * G}:16:32"])
            yield Row(ovmf, f"1/{cards}", bits=46, pages_1g=True, **intel, quick=not first and size == 256)
        # 47 and more are cut
        yield Row(ovmf, f"{8192 * G}", bits=48, pages_1g=True, **intel)
        yield Row(ovmf, f"{8192 * G},{1}", bits=48, pages_1g=True, **intel)
        # the end of memory moved by memory hot-plug: base + 128 GiB < 1 TiB or it falls to 32 GiB
        yield Row(ovmf, f"{32 * G}", memory=4 * G, most=700 * G, slots=1)
        yield Row(ovmf, f"{64 * G}", memory=4 * G, most=700 * G, slots=1)
        yield Row(ovmf, f"{64 * G}", memory=4 * G, most=840 * G, slots=1, quick=first)
        yield Row(ovmf, f"{64 * G}", memory=4 * G, most=900 * G, slots=1, quick=True)
        yield Row(ovmf, f"{32 * G}", memory=4 * G, most=900 * G, slots=1)
        yield Row(ovmf, f"{32 * G},1", memory=4 * G, most=900 * G, slots=1)
        # what is asked for: more than the eighth, less, and what no address reaches
        yield Row(ovmf, f"{128 * G},{64 * G}", asked=256 * G, quick=True)
        yield Row(ovmf, f"{128 * G},{128 * G},1", asked=256 * G)
        yield Row(ovmf, f"{64 * G}", asked=64 * G, **intel)
        yield Row(ovmf, f"{64 * G},1", asked=64 * G, quick=True)
        yield Row(ovmf, f"{16 * G},1", asked=16 * G, **intel)
        yield Row(ovmf, f"{256 * G}", asked=384 * G)
        yield Row(ovmf, f"{256 * G},{64 * G}:{32 * G}", asked=384 * G)
        # a card of two in an expander needs more than flat, because pcie.0 comes first
        yield Row(ovmf, f"{128 * G}:16:32,{128 * G}:16:32,1", asked=512 * G, **intel)
        yield Row(ovmf, f"1/{128 * G}:16:32,{128 * G}:16:32", asked=512 * G, **intel, quick=first)
        # host bridges come in their order, each at the first place that is free
        yield Row(ovmf, f"1/{64 * G}", quick=True)
        yield Row(ovmf, f"1/{64 * G}/{64 * G}")
        yield Row(ovmf, f"/{64 * G}/{64 * G}" if first else f"/{32 * G}/{32 * G}")
        yield Row(ovmf, f"1/{32 * G}/{64 * G}/1", quick=first)
        yield Row(ovmf, f"/{32 * G}:32/{32 * G}:32/{32 * G}:32")
        yield Row(ovmf, f"/{32 * G}:32,{32 * G}:32/{16 * G}:32")
        yield Row(ovmf, f"/{32 * G}:32,{32 * G},{32 * G}:32")
        # hot-pluggable ports keep a 256th of the window
        yield Row(ovmf, f"+,+,+,+/{64 * G}")
        yield Row(ovmf, f"+,+,+,+,{64 * G},{32 * G},{16 * G},{8 * G},{4 * G},{2 * G}", quick=first)
        yield Row(ovmf, f"+,+,+,+,+,{64 * G},{32 * G},{16 * G},{8 * G},{4 * G},{2 * G}")
        yield Row(ovmf, f"+,+,+,+,{16 * G},{8 * G},{4 * G},{2 * G},{1 * G},{512},{256}", **intel)
        yield Row(ovmf, f"[{32 * G}:1,{32 * G}:1,{16 * G}],1", quick=first)
        yield Row(ovmf, f"[{32 * G}:1,{32 * G}:1,{32 * G}:1],1")
    for seabios in ("seabios-1.16.2", "seabios-1.16.3", "seabios-1.17"):
        old, newest = seabios == "seabios-1.16.2", seabios == "seabios-1.17"
        yield Row(seabios, f"{512 * G}", quick=True)
        yield Row(seabios, f"{512 * G},1")
        yield Row(seabios, f"{512 * G},1", memory=4 * G, quick=True)
        yield Row(seabios, f"{512 * G},{256 * G}", memory=4 * G)
        yield Row(seabios, f"{256 * G},{64 * G}:32", memory=4 * G, quick=True)
        yield Row(seabios, f"{64 * G}:32,{64 * G}:32", memory=4 * G, bits=44, pages_1g=True, quick=True)
        yield Row(seabios, f"{64 * G}:32,{64 * G}:32", memory=4 * G, bits=46, pages_1g=True, quick=not old)
        yield Row(seabios, f"{128 * G}:32,{128 * G}:32", memory=4 * G, bits=46, pages_1g=True)
        yield Row(seabios, f"{128 * G},{128 * G}", memory=4 * G, bits=46, pages_1g=True)
        yield Row(seabios, f"{64 * G},1", memory=4 * G, most=900 * G, slots=1)
        yield Row(seabios, f"{128 * G},1", memory=4 * G, most=900 * G, slots=1, quick=True)
        yield Row(seabios, f"{128 * G},1", memory=4 * G, most=900 * G, slots=1, **intel)
        yield Row(seabios, f"{64 * G}", **intel, memory=4 * G)
        yield Row(seabios, f"1/{64 * G}/{64 * G}:1,1", memory=4 * G)
        yield Row(seabios, f"+,+,+,+/{64 * G},[{64 * G}:1,{64 * G}]", memory=4 * G, quick=newest)
        yield Row(seabios, "256,256:1")
        yield Row(seabios, "1024,256:1")


# --- a guest ---

def firmware_file(name, top):
    _, suite, file = FIRMWARE[name]
    return (pathlib.Path("/") if suite == OWN else pathlib.Path(top) / suite) / file


def device_arguments(tree):
    """QEMU's arguments, and the BARs in MiB."""
    args, bars, count = [], [], 0

    def number():
        nonlocal count
        count += 1
        return count

    def ports(text, bus, first, model):
        slot = first
        while True:
            hotplug, text = text.startswith("+"), text.removeprefix("+")
            n = number()
            kind = ("pcie-root-port", f",hotplug={'on' if hotplug else 'off'},io-reserve=0") \
                if model == "root" else ("xio3130-downstream", "")
            args.extend(["-device", f"{kind[0]},id=p{n},bus={bus},addr={slot:#x},chassis={n}{kind[1]}"])
            if text.startswith("["):
                args.extend(["-device", f"x3130-upstream,id=u{n},bus=p{n}"])
                text = ports(text[1:], f"u{n}", 0, "down")[1:]
            function = 0
            while text[:1].isdigit():
                digits = len(text) - len(text.lstrip("0123456789"))
                size = int(text[:digits])
                text = text[digits:].removeprefix(":")
                args.extend(["-device", f"pci-testdev,membar={size}M,bus=p{n},addr=0.{function},multifunction=on"])
                bars.append(size)
                function += 1
            if not text.startswith(","):
                return text
            text, slot = text[1:], slot + 1

    for i, bridge in enumerate(tree.split("/")):
        if i:
            args.extend(["-device", f"pxb-pcie,id=x{i},bus_nr={i * 32},bus=pcie.0,addr={0x10 + i:#x}"])
        if bridge:
            ports(bridge, f"x{i}" if i else "pcie.0", 0 if i else 3, "root")
    return args, bars


class Monitor:
    def __init__(self, path, process):
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(200):
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"QEMU ended: {process.stdout.read().decode()}") from None
                time.sleep(0.05)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command):
        self.file.write(json.dumps({"execute": command}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])

    def devices(self):
        """Each with the range of prefetchable memory that the port above it lets through; None: it is below none."""
        def walk(devices, above):
            for device in devices:
                yield device, above
                bridge = device.get("pci_bridge")
                if bridge:
                    own = bridge["bus"]["prefetchable_range"]
                    yield from walk(bridge.get("devices", []), (own["base"], own["limit"]))
        for bus in self.ask("query-pci"):
            yield from walk(bus["devices"], None)

    def close(self):
        self.file.close()
        self.socket.close()


def is_test_device(device):
    return (device["id"]["vendor"], device["id"]["device"]) == (0x1b36, 5)


def look(monitor):
    """(is firmware done, [(size, address, does the port above let it through)], the end of the highest window)."""
    done, bars, end = False, [], 0
    for device, above in monitor.devices():
        for region in device["regions"]:
            if region["type"] != "memory" or not is_test_device(device):
                continue
            if region.get("mem_type_64"):
                last = region["address"] + region["size"] - 1
                bars.append((region["size"], region["address"],
                             above is None or above[0] <= region["address"] <= last <= above[1]))
            elif device["qdev_id"] == "done":
                done = region["address"] > 0
        window = device.get("pci_bridge", {}).get("bus", {}).get("prefetchable_range", {})
        if window and window["base"] >= 1 << 32 and window["base"] <= window["limit"]:
            end = max(end, window["limit"] + 1)
    return done, bars, end


def boot(row, top, accel="tcg,thread=single"):
    """(does it fit, the end of the highest window in MiB)"""
    devices, sizes = device_arguments(row.tree)
    memory = f"{row.memory}M" + (f",maxmem={row.most}M,slots={row.slots}" if row.most else "")
    firmware = firmware_file(row.firmware, top)
    args = ["qemu-system-x86_64", "-M", "q35", "-accel", accel, "-m", memory, "-display", "none",
            "-nodefaults", "-cpu",
            f"qemu64,vendor={row.vendor},phys-bits={row.bits},pdpe1gb={'on' if row.pages_1g else 'off'}",
            "-device", "pci-testdev,id=done,bus=pcie.0,addr=0x1e"]
    args += ["-drive", f"if=pflash,format=raw,readonly=on,file={firmware}"] if row.firmware.startswith("ovmf") \
        else ["-bios", str(firmware)]
    args += ["-fw_cfg", f"name=opt/ovmf/X-PciMmio64Mb,string={row.asked}"] if row.asked else []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "qmp"
        process = subprocess.Popen([*args, *devices, "-qmp", f"unix:{path},server=on,wait=off"],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            monitor, quiet, before = Monitor(path, process), 0, None
            end = time.monotonic() + BOOT_SECONDS
            while quiet < (4 if before and before[0] else GIVEN_UP):
                if time.monotonic() > end:
                    raise RuntimeError("firmware did not come as far as PCI")
                time.sleep(0.25)
                seen = look(monitor)
                quiet = quiet + 1 if seen[1] and seen == before else 0
                before = seen
            monitor.close()
        finally:
            process.kill()
            process.communicate()
    _, bars, highest = seen
    good = [size for size, address, through in bars
            if through and address > 0 and not address % size and address + size <= 1 << row.bits]
    return sorted(good) == sorted(size << 20 for size in sizes), highest >> 20


def wrong(row, program, top, accel):
    """What is otherwise than expected; None: nothing."""
    fits, need, base, size = row.expected(program)
    try:
        boots, end = boot(row, top, accel)
    except RuntimeError as error:
        return str(error)
    if fits != boots:
        return (f"vtopo says that it {'fits' if fits else 'does not fit'} ({need} MiB needed, {size} MiB at {base}), "
                f"and in the guest it {'does' if boots else 'does not'}")
    if fits and need and end != base + need:
        return f"the highest window ends at {end} MiB, and vtopo expects {base} + {need}"
    return None


def unreachable(suites, top):
    """Those of the suites whose mirror cannot be reached; what else goes wrong ends the test."""
    found = []
    for suite in suites:
        if suite != OWN:
            status = subprocess.run([TOOLS / "get-packages", suite, pathlib.Path(top) / suite, *PACKAGES[suite]],
                                    check=False).returncode
            if status == 75:
                found.append(suite)
                continue
            if status:
                sys.exit(f"test_mmio.py: get-packages {suite}: status {status}")
        for name, (_, where, _) in FIRMWARE.items():
            if where == suite and not firmware_file(name, top).exists():
                sys.exit(f"test_mmio.py: {firmware_file(name, top)} is not there ({name})")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--print-window", required=True)
    parser.add_argument("--suites", choices=("own", "others", "all"), default="all")
    parser.add_argument("--firmware", default="/var/tmp/vtopo-firmware")
    parser.add_argument("--all", action="store_true", help="all rows, about an hour of one processor")
    parser.add_argument("--only", default="", help="rows with this text")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--accel", default="tcg,thread=single", help="kvm is faster, where addresses are wide enough")
    options = parser.parse_args()
    if OWN not in PACKAGES and options.suites == "own":
        sys.exit(f"test_mmio.py: what firmware {OWN} has is not known here")
    suites = [suite for suite in PACKAGES
              if options.suites == "all" or (suite == OWN) == (options.suites == "own")]
    missing = unreachable(suites, options.firmware)
    todo = [row for row in rows() if (options.all or row.quick) and options.only in str(row)
            and FIRMWARE[row.firmware][1] in suites and FIRMWARE[row.firmware][1] not in missing]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for row, problem in zip(todo, pool.map(lambda row: wrong(row, options.print_window, options.firmware, options.accel),
                                                     todo)):
            failed += problem is not None
            if problem or options.all:
                print(f"{row}: {problem or 'as expected'}", flush=True)
    print(f"{len(todo)} guests, {failed} otherwise than expected")
    if missing:
        print(f"skipped: firmware of {' and '.join(missing)}, because the mirror cannot be reached")
    if failed or not (todo or missing):
        return 1
    return 77 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
