# SPDX-License-Identifier: GPL-2.0-or-later
"""
guest.py - boot a guest from libvirt's QEMU arguments and read what it sees

Takes:  the arguments that libvirt makes of a domain (libvirt.Libvirt.native), and which of its
        devices stand for host hardware.
Gives:  every PCI device of the booted guest: address, path, NUMA node, BARs, and which domain
        device it is; what the kernel complained about.
Rule:   topology as libvirt wrote it, everything else as cheap as it can be.  Each PCI device keeps
        its bus, slot, function and id.  What the machine lacks is replaced by an emulated device at
        the same place; disks, networks and sockets have nothing behind them; a cell has a little
        memory, and the first has the only CPU.
Not here: what the guest should see (compare.py).

TCG runs with thread=single: with several vCPU threads QEMU 7.2 now and then dies or hangs at boot.
"""

import dataclasses
import glob
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

CELL_MIB = 192
PLAIN_MIB = 512
BOOT_SECONDS = 180

# What costs time under TCG and has nothing to do with the topology is off.
COMMAND_LINE = ("console=ttyS0 quiet loglevel=0 panic=-1 mitigations=off cryptomgr.notests nokaslr "
                "pcie_ports=compat audit=0 no_timer_check")

OVMF = [
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
]
# Debian 12 and 13 have one without Secure Boot under the plain name.
AAVMF = [
    ("/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
    ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
]


NOTHING = re.compile(r"(?!)")


@dataclasses.dataclass(frozen=True)
class Platform:
    """What differs between the machines that QEMU has, and is no topology."""
    cpu: str
    console: str
    kept: re.Pattern      # properties of -machine that count for the topology
    kernel: callable
    busybox: callable


def platform_of(arguments):
    return ARM if arguments[0].endswith("-aarch64") else PC

INIT = r"""#!/bin/busybox sh
export PATH=/bin
busybox mkdir -p /proc /sys
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs devtmpfs /dev 2>/dev/null
# NVMe controllers are probed beside us; their serial numbers come last
tries=0
while [ $tries -lt 100 ]; do
    waiting=0
    for file in /sys/class/nvme/nvme*/state; do
        [ -e "$file" ] || continue
        read state < "$file"
        [ "$state" = live ] || [ "$state" = dead ] || waiting=1
    done
    for file in /sys/bus/pci/devices/*; do
        read class < "$file/class"
        [ "$class" != 0x010802 ] || [ -e "$file/nvme" ] || waiting=1
    done
    [ $waiting = 1 ] || break
    busybox usleep 100000
    tries=$((tries + 1))
done
report() {
echo
echo VTOPO-BEGIN
read online < /sys/devices/system/node/online
echo "nodes $online"
for dir in /sys/devices/system/node/node[0-9]*; do
    cpus=$(busybox cat $dir/cpulist)
    read distances < $dir/distance
    while read word number key size unit; do
        [ "$key" != MemTotal: ] || memory=$size
    done < $dir/meminfo
    echo "node ${dir##*node} $memory [$cpus] $distances"
done
for dir in /sys/devices/system/cpu/cpu[0-9]*; do
    [ -e $dir/topology ] || continue
    read package < $dir/topology/physical_package_id
    read core < $dir/topology/core_id
    echo "cpu ${dir##*cpu} $package $core"
done
for dir in /sys/bus/pci/devices/*; do
    bdf=${dir##*/}
    read vendor < $dir/vendor
    read device < $dir/device
    read class < $dir/class
    read node < $dir/numa_node
    cd -P $dir
    echo "device $bdf $vendor $device $class $node $PWD"
    speed=- width=-
    [ ! -e max_link_speed ] || read speed < max_link_speed
    [ ! -e max_link_width ] || read width < max_link_width
    echo "link $bdf $width $speed"
    number=0
    while read start end flags; do
        [ "$flags" = 0x0000000000000000 ] || echo "resource $bdf $number $start $end $flags"
        number=$((number + 1))
    done < resource
    for file in nvme/*/serial; do
        [ -e $file ] || continue
        read serial < $file
        echo "serial $bdf $serial"
    done
done
if [ -e /bin/lstopo ]; then
    HWLOC_HIDE_ERRORS=0 lstopo --no-io -p --of console > /lstopo 2>&1
    echo "lstopo $?"
    while IFS= read -r text; do echo "lstopo-says $text"; done < /lstopo
fi
for plan in /plans/*; do
    [ -e $plan ] || continue
    vtopo-compare $plan > /compared 2>&1
    echo "compared $? ${plan##*/}"
    while IFS= read -r text; do echo "says ${plan##*/} $text"; done < /compared
done
for dir in /sys/class/iommu/*; do
    [ -e $dir ] || continue
    below=$(busybox ls $dir/devices)
    echo "iommu ${dir##*/}" $below
done
busybox dmesg | busybox grep -iE 'pci|busn|bridge|numa' | busybox sed 's/^/log /'
echo VTOPO-END
}
devices() { busybox ls /sys/bus/pci/devices | busybox wc -l; }
report
# whatever is plugged in later
before=$(devices)
while :; do
    busybox sleep 1
    now=$(devices)
    [ $now != $before ] || continue
    before=$now
    report
    echo VTOPO-NOW $now
done
"""

# The kernel's words when buses or BARs did not fit.
COMPLAINT = re.compile(
    r"can't assign|failed to assign|no space|busn_res: can not|bridge configuration invalid"
    r"|conflicts? with|can't claim|no compatible bridge window|invalid BAR|not claimed", re.I)
# SeaBIOS leaves the I/O windows of ports to Linux, which has too little for all of them.  Nobody
# uses them: no device of ours has I/O BARs.
TOLERATED = re.compile(
    r"BAR 1[3-6]: (?:no space for|failed to assign|can't assign) \[io |bridge window \[io .*"
    r"(?:no space|can't assign|failed to assign)|pcieport .*\[io ", re.I)
# AAVMF leaves an expander as much memory as its devices need, and Linux asks for more, for devices that may come.
PADDING = re.compile(r"bridge window \[mem size .*\]: (?:can't assign|failed to assign)")

CONTROLLERS = {
    "pxb", "pxb-pcie", "pcie-root-port", "ioh3420", "x3130-upstream", "xio3130-downstream",
    "pcie-pci-bridge", "pci-bridge", "i82801b11-bridge", "cxl-upstream", "cxl-downstream",
}
# Devices that need nothing but their place; anything else is replaced by a virtio-rng.
SELF_SUFFICIENT = re.compile(
    r"(?:virtio-(?:rng|balloon|scsi|serial|net|gpu|vga|keyboard|mouse|tablet)(?:-pci)?"
    r"(?:-non-transitional)?|qemu-xhci|nec-usb-xhci|ich9-usb-.*|piix[34]-usb-uhci|usb-ehci|pci-ohci"
    r"|ahci|ich9-ahci|lsi.*|megasas.*|mptsas1068|am53c974|dc390|VGA|secondary-vga|bochs-display"
    r"|cirrus-vga|e1000|e1000e|rtl8139|AC97|ES1370|intel-hda|ich9-intel-hda|i6300esb|pvpanic-pci"
    r"|sdhci-pci|pci-testdev|edu|virtio-blk-pci(?:-non-transitional)?)\Z")
NETWORK = re.compile(r"virtio-net|e1000|rtl8139|virtio-blk")
PLACE = ("id", "bus", "addr", "multifunction", "masterbus", "firstport")

# What people write without a bus.
OF_PEOPLE = re.compile(r"(?:vfio-pci|ivshmem-plain|pci-testdev|edu|nvme|virtio-.*-pci)\Z")

OF_A_BAR = re.compile(r"(pci [0-9a-f:.]+: BAR \d+) ?[:\[]")


class GuestError(Exception):
    """No answer from the guest: QEMU failed, was killed or ran out of time.  Says nothing about
    the topology unless the text does."""


@dataclasses.dataclass
class Device:
    bdf: str
    vendor: int
    device: int
    class_code: int
    node: int
    path: list            # from the root complex down, itself last: ["pci0000:20", "0000:20:00.0"…]
    id: str = ""          # of the domain's device (QEMU's id); "" for built-in ones
    serial: str = ""
    link: str = ""
    resources: dict = dataclasses.field(default_factory=dict)  # number: (start, end, flags)

    @property
    def bridge(self):
        return self.class_code >> 8 in (0x0604, 0x0600)

    def usable(self):
        """Does its memory have an address?  (A BAR without one shows as zeros.)  Our stand-ins all
        have memory BARs."""
        return any(number < 6 and flags & 0x200 and start
                   for number, (start, end, flags) in self.resources.items())


@dataclasses.dataclass
class Guest:
    firmware: str
    devices: dict         # BDF: Device
    nodes: str
    log: list
    seconds: float
    compared: dict = dataclasses.field(default_factory=dict)  # plan: (status, text) of vtopo-compare
    cells: tuple = ()     # of cells()
    iommus: dict = dataclasses.field(default_factory=dict)    # name: [BDF] behind it

    def by_id(self):
        return {d.id: d for d in self.devices.values() if d.id}

    def complaints(self):
        return [line for place, line in enumerate(self.log)
                if COMPLAINT.search(line) and not TOLERATED.search(line)
                and not (self.firmware == "aavmf" and PADDING.search(line)) and not self.is_settled(line, place)]

    def is_settled(self, line, place):
        """The kernel tried a BAR several times and gave it an address in the end."""
        bar = OF_A_BAR.search(line)
        return bool(bar) and any(bar[1] in later and later.endswith(": assigned")
                                 for later in self.log[place:])


# -- arguments ------------------------------------------------------------------------------


def pairs(arguments):
    """QEMU's options as (name, value or None)."""
    result = []
    index = 1
    while index < len(arguments):
        name = arguments[index]
        value = None
        if index + 1 < len(arguments) and not re.match(r"-[a-z]", arguments[index + 1]):
            value = arguments[index + 1]
            index += 1
        result.append((name, value))
        index += 1
    return result


def parse_device(value):
    """As JSON has it: people write name=value into <qemu:commandline>."""
    if value.startswith("{"):
        return json.loads(value)
    words = value.split(",")
    device = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    for name, text in device.items():
        if text in ("on", "off"):
            device[name] = text == "on"
        elif name in ("chassis", "chassis_nr", "slot", "port", "bus_nr"):
            device[name] = int(text, 0)
    device["driver"] = words[0]
    return device


def set_properties(devices, options):
    """-set, which QEMU does not take for devices in JSON, as they are all written here."""
    for name, value in options:
        match = re.fullmatch(r"device\.([^.]+)\.(\w+)=(.*)", value or "") if name == "-set" else None
        for device in devices:
            if match and device.get("id") == match[1]:
                device.update(parse_device("%s,%s=%s" % (device["driver"], match[2], match[3])))


def properties_of_controllers(options):
    """-global for what is started as it is."""
    return [word for name, value in options if name == "-global" and
            re.split("[.,]", value.replace("driver=", ""))[0] in CONTROLLERS for word in (name, value)]


def nvme(device):
    """Stands for a passed-through function: memory BARs only, as I/O windows are scarce."""
    return {"driver": "nvme", "serial": device["id"][-20:]}


def virtio_net(device):
    """What the guest sees of a vDPA device."""
    return {"driver": "virtio-net-pci", "romfile": ""}


def virtio_blk(device):
    """What the guest sees of a disk of type nvme."""
    return {"driver": "virtio-blk-pci"}


def stands_for(name):
    """The function that makes the stand-in of a host device (names: domaincopy.host_name)."""
    return {"vdpa": virtio_net, "disk": virtio_blk}.get(name.split(" ")[0], nvme)


def with_io(device):
    """A stand-in that has an I/O BAR, as GPUs have."""
    return {"driver": "e1000e", "romfile": ""}


def with_bar(mib):
    """A stand-in with a 64-bit BAR of this size."""
    def make(device):
        return dict(nvme(device), cmb_size_mb=mib)
    return make


def stand_in(device, assigned, extra):
    """What is really plugged in where libvirt wants this device; also backends it needs."""
    driver = device["driver"]
    if driver in CONTROLLERS:
        return dict(device)
    place = {key: device[key] for key in PLACE if key in device}
    if driver.startswith("qxl"):
        driver = "VGA" if driver == "qxl-vga" else "secondary-vga"
    if device["id"] in assigned or driver.startswith("vfio-pci"):
        place.update(assigned.get(device["id"], nvme)(device))
        driver = place["driver"]
    elif not SELF_SUFFICIENT.match(driver):
        driver = "virtio-rng-pci"
    place["driver"] = driver
    if NETWORK.match(driver) and "blk" not in driver:
        place["romfile"] = ""
    if "virtio-blk" in driver:
        place["drive"] = "null-%d" % len(extra)  # a node's name has 31 characters at most
        extra += ["-blockdev", json.dumps({"driver": "null-co", "node-name": place["drive"],
                                           "read-zeroes": True, "size": 1 << 20})]
    if driver in ("AC97", "ES1370"):
        place["audiodev"] = "null-audio"
    return place


def pci_devices(options):
    """
    The -device options that are plugged into PCI buses.  Those of <qemu:commandline> need not have
    an id, nor a bus: libvirt's own always have.
    """
    devices = [parse_device(value) for name, value in options if name == "-device"]
    set_properties(devices, options)
    buses = {"pcie.0", "pci.0", "pci"}
    buses.update(d["id"] for d in devices if d["driver"] in CONTROLLERS and "id" in d)
    found = [d for d in devices if d.get("bus") in buses
             or "bus" not in d and OF_PEOPLE.match(d["driver"])]
    for place, device in enumerate(found):
        device.setdefault("id", "line-%d" % place)
    return found


def whole_memory_and_cpus(options):
    """All as libvirt has it."""
    return [word for name, value in options for word in (name, value)
            if name in ("-smp", "-m", "-numa") or name == "-object" and "memory-backend" in value]


def memory_and_cpus(options):
    """
    CELL_MIB for every cell that has memory, and the distances as they are; one CPU, in the first cell.  Where cells have no
    memory, each of the others has a CPU: Linux numbers nodes with CPUs first, and initiators before memory alone.
    """
    cells = [value for name, value in options if name == "-numa" and value.startswith("node,")]
    if not cells:
        return ["-smp", "1", "-m", "%dM" % PLAIN_MIB]
    with_memory = [cell for cell in cells if "mem" in cell]
    with_cpus = with_memory if len(with_memory) < len(cells) else cells[:1]
    result = ["-smp", str(len(with_cpus)), "-m", "%dM" % (CELL_MIB * len(with_memory))]
    for cell in cells:
        node = int(re.search(r"nodeid=(\d+)", cell)[1])
        words = "node,nodeid=%d" % node
        if cell in with_memory:
            result += ["-object", "memory-backend-ram,id=cell%d,size=%dM" % (node, CELL_MIB)]
            words += ",memdev=cell%d" % node
        if cell in with_cpus:
            words += ",cpus=%d" % with_cpus.index(cell)
        result += ["-numa", words]
    for name, value in options:
        if name == "-numa" and value.startswith("dist,"):
            result += ["-numa", value]
    return result


def firmware_arguments(firmware, work):
    if firmware == "seabios":
        return []
    for code, variables in AAVMF if firmware == "aavmf" else OVMF:
        if os.path.exists(code):
            copy = os.path.join(work, "vars.fd")
            shutil.copyfile(variables, copy)
            return ["-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + code,
                    "-drive", "if=pflash,unit=1,format=raw,file=" + copy]
    sys.exit("firmware is missing (package %s)" % ("qemu-efi-aarch64" if firmware == "aavmf" else "ovmf"))


def machine(options, kept=NOTHING):
    name, *properties = dict(options)["-machine"].split(",")
    return ",".join([name, *filter(kept.match, properties)])


def iommus(options):
    """{bus: its SMMU}.  What only a device of a host needs is left out."""
    devices = [parse_device(value) for name, value in options if name == "-device"]
    return {device["primary-bus"]: {key: device[key] for key in ("driver", "id", "primary-bus")}
            for device in devices if device["driver"] == "arm-smmuv3"}


def initiators(options):
    """Which nodes a device initiates for."""
    return [word for name, value in options if name == "-object" and "acpi-generic-initiator" in value
            for word in (name, value)]


def for_tcg(arguments, firmware, work, assigned=None, kernel=True, disks=None, hotplug=False,
            files=(), whole=False, cpu="", more=()):
    """
    @assigned    id: function that makes the stand-in, for devices that stand for host hardware
                 (those that libvirt writes as vfio-pci need not be named)
    @kernel      boot Linux with INIT; otherwise what libvirt's boot order leads to
    @disks       id: disk image, for stand-ins that are disks
    @hotplug     the kernel drives hot-pluggable ports
    @files       more for the initramfs: (name, mode, content); content None: a folder
    @whole       memory and CPUs are libvirt's, too
    @cpu         the processor, which has the addresses that the domain asks for, so that its -fw_cfg counts, too
    @more        further arguments, for stand-ins
    """
    options = pairs(arguments)
    platform = platform_of(arguments)
    extra = []
    devices = []
    smmus = iommus(options)
    for device in pci_devices(options):
        index = device.get("bootindex")
        device = stand_in(device, assigned or {}, extra)
        if index is not None and not kernel:
            device["bootindex"] = index
        if device["id"] in (disks or {}):
            device["drive"] = "disk-" + device["id"]
            extra += ["-blockdev", json.dumps(
                {"driver": "raw", "node-name": device["drive"],
                 "file": {"driver": "file", "filename": disks[device["id"]]}})]
        devices += ["-device", json.dumps(device)]
        if device["id"] in smmus:
            devices += ["-device", json.dumps(smmus[device["id"]])]
    result = [arguments[0], "-name", "vtopo-test", "-machine", machine(options, platform.kept), "-accel",
              "tcg,thread=single", "-cpu", cpu or platform.cpu, "-no-user-config", "-nodefaults",
              "-display", "none", "-audiodev", "none,id=null-audio", "-no-reboot"]
    result += (whole_memory_and_cpus if whole else memory_and_cpus)(options)
    result += firmware_arguments(firmware, work)
    # No -fw_cfg otherwise: an MMIO window made for real BARs is beyond the address bits that qemu64 has.
    result += [word for name, value in options if cpu and name == "-fw_cfg" for word in (name, value)]
    if kernel:
        words = COMMAND_LINE.replace("ttyS0", platform.console)
        result += ["-kernel", platform.kernel(), "-initrd", initramfs(work, files, platform.busybox()),
                   "-append", words.replace("pcie_ports=compat ", "") if hotplug else words]
    result += [*more, *extra, *properties_of_controllers(options), *devices, *initiators(options)]
    result += ["-chardev", "file,id=console,path=" + os.path.join(work, "console"),
               "-serial", "chardev:console",
               "-qmp", "unix:" + os.path.join(work, "qmp") + ",server=on,wait=off"]
    return result


# -- kernel and initramfs -------------------------------------------------------------------


def find_kernel():
    if os.environ.get("VTOPO_KERNEL"):
        return os.environ["VTOPO_KERNEL"]
    kernels = sorted(glob.glob("/boot/vmlinuz-*cloud-amd64") or glob.glob("/boot/vmlinuz-*"))
    if not kernels:
        sys.exit("no kernel in /boot (package linux-image-cloud-amd64)")
    return kernels[-1]


def find_modules():
    """The folder of the modules of find_kernel(); None: there is none.  Debian 13's packages have it in /usr, and later
    ones have the kernel there, too."""
    kernel = os.path.realpath(find_kernel())
    if os.path.basename(kernel) == "vmlinuz":
        return os.path.dirname(kernel)
    version = os.path.basename(kernel).partition("-")[2]
    for root in (os.path.dirname(os.path.dirname(kernel)), "/"):
        for folder in ("lib/modules", "usr/lib/modules"):
            path = os.path.join(root, folder, version)
            if os.path.isdir(path):
                return path
    return None


def find_busybox():
    return shutil.which("busybox") or sys.exit("busybox is missing (package busybox-static)")


def of_arm(pattern):
    """A file of $VTOPO_ARM64, where packages of Debian's arm64 are unpacked (tests/tools/get-packages)."""
    folder = os.environ.get("VTOPO_ARM64") or sys.exit("VTOPO_ARM64 must name the folder of arm64's kernel and busybox")
    found = sorted(glob.glob(os.path.join(folder, pattern)))
    return found[-1] if found else sys.exit("%s: no %s" % (folder, pattern))


PC = Platform("qemu64", "ttyS0", NOTHING, find_kernel, find_busybox)
# 44 address bits, and twice as fast under TCG as "max"
ARM = Platform("cortex-a57", "ttyAMA0", re.compile(r"(?:gic-version|its|acpi|highmem[a-z-]*|iommu)="),
               lambda: of_arm("boot/vmlinuz-*"), lambda: of_arm("*bin/busybox"))


def archive(entries):
    """A cpio archive in the kernel's "newc" form.  @entries: (name, mode, data, (major, minor))"""
    result = b""
    for inode, (name, mode, data, device) in enumerate(entries + [("TRAILER!!!", 0, b"", (0, 0))]):
        encoded = name.encode() + b"\0"
        fields = [inode + 1, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(encoded), 0]
        result += b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        result += bytes(-len(result) % 4) + data
        result += bytes(-len(result) % 4)
    return result


def initramfs(work, files=(), busybox=None):
    with open(busybox or find_busybox(), "rb") as program:
        data = program.read()
    path = os.path.join(work, "initramfs")
    with open(path, "wb") as out:
        out.write(archive([
            ("dev", stat.S_IFDIR | 0o755, b"", (0, 0)),
            ("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)),
            ("bin", stat.S_IFDIR | 0o755, b"", (0, 0)),
            ("bin/busybox", stat.S_IFREG | 0o755, data, (0, 0)),
            ("init", stat.S_IFREG | 0o755, INIT.encode(), (0, 0)),
            ("plans", stat.S_IFDIR | 0o755, b"", (0, 0)),
            *((name, (stat.S_IFDIR if content is None else stat.S_IFREG) | mode, content or b"", (0, 0))
              for name, mode, content in files),
        ]))
    return path


# -- running --------------------------------------------------------------------------------


class Qmp:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.command("qmp_capabilities")

    def command(self, name, arguments=None):
        self.file.write(json.dumps({"execute": name, "arguments": arguments or {}}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise GuestError("QEMU closed its monitor")
            answer = json.loads(line)
            if "error" in answer:
                raise GuestError("QMP %s: %s" % (name, answer["error"]))
            if "return" in answer:
                return answer["return"]


    def close(self):
        self.file.close()
        self.socket.close()


def ids_by_bdf(buses):
    """What `query-pci` says: guest address: id of the -device."""
    result = {}
    for bus in buses:
        for device in bus["devices"]:
            bdf = "0000:%02x:%02x.%x" % (device["bus"], device["slot"], device["function"])
            result[bdf] = device["qdev_id"]
            if "pci_bridge" in device:
                below = device["pci_bridge"].get("devices", [])
                result.update(ids_by_bdf([{"devices": below}]))
    return result


def wait_for(process, seconds=5):
    """The exit status, or None if it does not end."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def run(arguments, work, until, seconds=BOOT_SECONDS, plugs=()):
    """
    Run QEMU until @until is on the serial console, and then, with @plugs (devices to add), until
    INIT has reported that many more; returns the console's text and the answer to query-pci.
    Raises GuestError.
    """
    console = os.path.join(work, "console")
    open(console, "wb").close()
    errors = open(os.path.join(work, "errors"), "w+b")
    # a test that is killed takes its guest along
    qemu = subprocess.Popen(["setpriv", "--pdeathsig", "KILL"] + arguments, cwd=work,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=errors, start_new_session=True)
    end = time.monotonic() + seconds
    try:
        while True:
            with open(console, "rb") as file:
                text = file.read().decode("utf-8", "replace")
            status = qemu.poll()
            if status is None and until in text and os.path.exists(os.path.join(work, "qmp")):
                try:
                    qmp = Qmp(os.path.join(work, "qmp"))
                    if not plugs:
                        answer = qmp.command("query-pci")
                        qmp.close()
                        return text, answer
                    for device in plugs:
                        qmp.command("device_add", device)
                    until = "VTOPO-NOW %d" % (len(parse(text)[0]) + len(plugs))
                    plugs = ()
                    qmp.close()
                except ConnectionRefusedError:
                    pass  # the socket is there, and nobody listens yet
                except (OSError, ValueError, GuestError) as error:
                    # usually QEMU did not like its devices and is on its way out
                    status = wait_for(qemu)
                    if status is None:
                        raise GuestError("QEMU's monitor: %s" % error) from error
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip()
            if status is not None and status < 0:
                raise GuestError("QEMU was killed by %s\n%s" % (signal.Signals(-status).name, said))
            if status is not None:
                raise GuestError("QEMU ended with status %d: %s\n%s" % (status, said, text[-2000:]))
            if time.monotonic() > end:
                raise GuestError("no \"%s\" within %d s; the console's end:\n%s\n%s" % (
                    until, seconds, text[-2000:], said))
            time.sleep(0.1)
    finally:
        if qemu.poll() is None:
            qemu.kill()
        qemu.wait()
        errors.close()


def remove(work):
    shutil.rmtree(work, ignore_errors=True)


def parse(text):
    """What INIT printed last, as devices, nodes and log."""
    text = text[text.rindex("VTOPO-BEGIN"):].replace("\r", "")
    devices, nodes, log = {}, "", []
    for line in text.split("\n"):
        kind, _, rest = line.partition(" ")
        if kind == "nodes":
            nodes = rest
        elif kind == "log":
            log.append(rest)
        elif kind == "device":
            bdf, vendor, device, class_code, node, path = rest.split(" ")
            path = path[path.index("/pci") + 1:].split("/")
            devices[bdf] = Device(bdf, int(vendor, 16), int(device, 16), int(class_code, 16),
                                  int(node), path)
        elif kind == "link":
            bdf, devices[rest.split(" ")[0]].link = rest.split(" ", 1)
        elif kind == "serial":
            bdf, devices[rest.split(" ")[0]].serial = (rest + " ").split(" ", 1)
        elif kind == "resource":
            bdf, number, *values = rest.split(" ")
            devices[bdf].resources[int(number)] = tuple(int(value, 16) for value in values)
    return devices, nodes, log


def cells(text):
    """What the guest's kernel and hwloc say of nodes and CPUs: ({node: (KiB, [CPUs], [distances])},
    {CPU: (package, core)}, lstopo's (status, lines))."""
    text = text[text.rindex("VTOPO-BEGIN"):].replace("\r", "")
    nodes = {int(n): (int(kib), cpus, [int(d) for d in distances.split()])
             for n, kib, cpus, distances in re.findall(r"^node (\d+) (\d+) \[([^]]*)\] (.*)$", text, re.M)}
    cpus = {int(c): (int(package), int(core))
            for c, package, core in re.findall(r"^cpu (\d+) (-?\d+) (-?\d+)$", text, re.M)}
    status = re.search(r"^lstopo (\d+)$", text, re.M)
    return nodes, cpus, (int(status[1]) if status else None, re.findall(r"^lstopo-says (.*)$", text, re.M))


def behind_iommus(text):
    text = text[text.rindex("VTOPO-BEGIN"):].replace("\r", "")
    return {line.split(" ")[1]: line.split(" ")[2:] for line in re.findall(r"^iommu .*$", text, re.M)}


def compared(text):
    """What vtopo-compare said: {plan: (status, text)}."""
    text = text[text.rindex("VTOPO-BEGIN"):].replace("\r", "")
    result = {}
    for line in text.split("\n"):
        kind, _, rest = line.partition(" ")
        if kind == "compared":
            status, plan = rest.split(" ")
            result[plan] = (int(status), "")
        elif kind == "says":
            plan, _, words = rest.partition(" ")
            result[plan] = (result[plan][0], result[plan][1] + words + "\n")
    return result


def boot(arguments, firmware="seabios", assigned=None, seconds=BOOT_SECONDS, plugs=(), files=(), whole=False,
         cpu="", more=()):
    """
    Boot Linux and return a Guest; @files go into its initramfs; with @plugs after these devices were added to the running guest.
    A QEMU that is killed by a signal gets a second chance.
    """
    for attempt in (1, 2):
        work = tempfile.mkdtemp(prefix="vtopo-guest-")
        started = time.monotonic()
        try:
            command = for_tcg(arguments, firmware, work, assigned, hotplug=bool(plugs), files=files, whole=whole,
                              cpu=cpu, more=more)
            text, buses = run(command, work, "VTOPO-END", seconds, plugs)
            devices, nodes, log = parse(text)
            for bdf, name in ids_by_bdf(buses).items():
                if bdf in devices:
                    devices[bdf].id = name
            return Guest(firmware, devices, nodes, log, time.monotonic() - started, compared(text),
                         cells(text), behind_iommus(text))
        except GuestError as error:
            if attempt == 2 or "killed by SIG" not in str(error):
                raise
            print("%s; trying once more" % str(error).partition("\n")[0], flush=True)
        finally:
            remove(work)
    raise AssertionError("not reached")
