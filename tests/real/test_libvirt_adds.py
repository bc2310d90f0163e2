#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_libvirt_adds.py - what a real libvirt adds to domains without addresses, and where it puts what is there

Takes:  the domains of tests/domains, generated ones (of tests/property, and those below), and what vtopo-xml makes of
        them.
Gives:  for each, whether the controllers, devices and addresses of libvirt's dump are those that
        lib/plan/ground/libvirt_define.c expects of it, and whether it expects nothing more of the dump.
Rule:   every difference fails, and so does an expectation that is refused where libvirt takes the domain.  What cannot be
        known in advance is in libvirt_define.h; here it is counted.
Not here: the laws of the rewrite (test_libvirt_decides.py).

usage: test_libvirt_adds.py --print-defined PATH [--suite SUITE [--root DIR]] [--count N] [--seed N]
  --suite  the libvirt of that Debian (trixie: 11.3, forky: 12.8), in a root that is made below --root and kept there;
           exit status 77 if it cannot be fetched.  Without it this machine's.
"""
import argparse
import collections
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

REAL = pathlib.Path(__file__).resolve().parent
TOP = REAL.parent.parent
sys.path[:0] = [str(REAL), str(REAL.parent / "property")]
import generate_domain  # noqa: E402
import generate_host  # noqa: E402
import libvirt  # noqa: E402

PACKAGES = ["libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients", "qemu-system-x86", "qemu-utils", "seabios", "ovmf"]
# Names that tell devices of a kind apart in both, the domain and its dump.
NAMED = re.compile(r"device \d+ (disk \S+|controller \S+ \d+|hostdev \S+|interface 0000:\S+|\S+).* (\S+( multifunction)?)$")


def root_of(suite, folder):
    """A root of another Debian with its libvirt; made once."""
    root = os.path.join(folder, suite)
    os.makedirs(folder, exist_ok=True)
    status = subprocess.run(["sh", str(TOP / "tests/tools/make-root"), suite, root] + PACKAGES, check=False).returncode
    if status:
        sys.exit(77 if status == 75 else status)
    return root


class Definer:
    """The program that says what is expected: for all texts at once, since starting it takes longest."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def lines(self, texts, version):
        """For each text ("domain", lines), or ("unknown WHY", []) and the like."""
        files = []
        for number, text in enumerate(texts):
            files.append(os.path.join(self.folder, "%d.xml" % number))
            with open(files[-1], "w", encoding="utf-8", newline="") as out:
                out.write(text)
        printed = subprocess.run([self.program, str(version), *files], stdout=subprocess.PIPE, check=True,
                                 text=True).stdout.splitlines()
        result = []
        for line in printed:
            if line.startswith("controller"):
                result[-1][1].append(line)
            elif line.startswith("device"):
                result[-1][1].append(" ".join(NAMED.match(line).groups()[:2]))
            else:
                result.append((line, []))
        assert len(result) == len(files), "a line for each file"
        return result


def difference(expected, found):
    """The lines that only one of them has."""
    one, other = collections.Counter(expected), collections.Counter(found)
    return ["expected, not there: " + line for line in (one - other).elements()] + \
           ["there, not expected: " + line for line in (other - one).elements()]


def compare(expected, found):
    """What is wrong with the pair (said, lines), when libvirt made @found of the domain."""
    said, lines = expected
    if said == "domain":
        return difference(lines, found)
    return [said] if "refuses" in said else []


def dump_of(virt, text):
    try:
        return virt.define_and_dump(text)
    except libvirt.Error as error:
        if os.environ.get("VERBOSE"):
            print("refused: %s" % error)
        return None


def names_a_function_of_here(lines):
    """Libvirt asks a function that is there whether it is PCIe; this machine is not the host that is meant."""
    return any(os.path.exists("/sys/bus/pci/devices/" + line.split()[1]) for line in lines
               if line.startswith(("hostdev 0000", "interface 0000")))


def judge(definer, virt, version, domains):
    """Prints what is wrong, and how many were what."""
    counts = collections.Counter()
    texts = [libvirt.for_this_machine(text) for _, text in domains]
    dumps = [dump_of(virt, text) for text in texts]
    names = [name for (name, _), dump in zip(domains, dumps) if dump]
    texts = [text for text, dump in zip(texts, dumps) if dump]
    counts["refused by libvirt"] = len(dumps) - len(texts)
    dumps = [dump for dump in dumps if dump]
    found = definer.lines(dumps, "as-it-is")
    columns = zip(names, texts, found, definer.lines(texts, version), definer.lines(texts, 0), definer.lines(dumps, 0))
    for name, text, (_, there), expected, without_version, of_dump in columns:
        if names_a_function_of_here(there):
            counts["with functions of this machine"] += 1
            continue
        problems = compare(expected, there)
        problems += ["version not known: " + line for line in compare(without_version, there)]
        problems += ["of the dump: " + line for line in compare(of_dump, there)]
        counts["failed" if problems else "right" if expected[0] == "domain" else expected[0]] += 1
        counts["known without the version"] += without_version[0] == "domain"
        if problems:
            print("%s:\n    %s" % (name, "\n    ".join(problems)))
            if os.environ.get("KEEP"):
                pathlib.Path(os.environ["KEEP"], name.replace("/", "-").replace(" ", "-") + ".xml").write_text(text)
    print(", ".join("%d %s" % (n, what) for what, n in sorted(counts.items())))
    return counts["right"] and not counts["failed"]


# --- generated domains: what software adds, and controllers at odd places ---

def choose(rng, words):
    return rng.choice(words.split("|"))


def drive_address(rng, number):
    """None, or one on a controller that may have to be made."""
    controller = choose(rng, "|||0|1|2")
    return controller and "<address type='drive' controller='%s' bus='0' target='0' unit='%d'/>" % (controller, number % 7)


def software_device(rng, number):
    """One element, perhaps."""
    mac = "<mac address='52:54:00:00:%02x:%02x'/>" % (number >> 8, number & 255)
    return rng.choice([
        lambda: "<interface type='user'>%s%s</interface>" % (
            mac, choose(rng, "|<model type='virtio'/>|<model type='e1000'/>|<model type='e1000e'/>|<model type='rtl8139'/>|"
                             "<model type='virtio-transitional'/>|<model type='virtio-non-transitional'/>")),
        lambda: "<disk type='file' device='disk'%s><driver name='qemu' type='raw'/><source file='/d%d'/>"
                "<target dev='vd%s' bus='virtio'/></disk>" % (
                    choose(rng, "|| model='virtio-transitional'"), number, disk_letters(number)),
        lambda: "<disk type='file' device='%s'><driver name='qemu' type='raw'/><source file='/d%d'/>"
                "<target dev='sd%s' bus='%s'/></disk>" % (
                    choose(rng, "disk|cdrom"), number, disk_letters(number), choose(rng, "sata|sata|scsi")),
        lambda: "<sound model='%s'/>" % choose(rng, "ich9|ich9|ich6|ac97|usb"),
        lambda: "<rng model='%s'><backend model='random'>/dev/urandom</backend></rng>" % choose(
            rng, "virtio|virtio-transitional"),
        lambda: "<channel type='unix'><target type='virtio' name='c%d'/></channel>" % number,
        lambda: "<input type='tablet' bus='%s'/>" % choose(rng, "usb|virtio"),
        lambda: "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x%02x' "
                "slot='0x%02x' function='0x0'/></source></hostdev>" % (0x40 + number // 32, number % 32),
        lambda: "<filesystem type='mount'><source dir='/srv'/><target dir='f%d'/></filesystem>" % number,
        lambda: "<shmem name='s%d'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>" % number,
        lambda: "<serial type='pty'><target type='pci-serial'/></serial>",
        lambda: "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/><address bus='0' target='0' "
                "unit='%d'/></source>%s</hostdev>" % (number, drive_address(rng, number)),
        lambda: "<console type='pty'><target type='virtio'/></console>",
    ])()


def disk_letters(number):
    return chr(ord("a") + number % 26) if number < 26 else disk_letters(number // 26 - 1) + disk_letters(number % 26)


def single_devices(rng):
    """What there is at most one of."""
    for words in ("||||<watchdog model='i6300esb'/>", "||<memballoon model='none'/>|<memballoon model='virtio'/>",
                  "||||<vsock model='virtio'><cid auto='yes'/></vsock>",
                  "||<graphics type='vnc'/>|<graphics type='vnc'/><video><model type='virtio'/></video>|"
                  "<video><model type='vga'/></video>|<video><model type='bochs'/></video>|<video><model type='none'/></video>|"
                  "<video><model type='virtio'/></video><video><model type='virtio' primary='yes'/></video>",
                  "|||<controller type='usb' model='none'/>|<controller type='usb' index='0' model='qemu-xhci'/>|"
                  "<controller type='usb' index='0' model='ich9-ehci1'/><controller type='usb' index='0' model='ich9-uhci1'/>"
                  "<controller type='usb' index='0' model='ich9-uhci2'/><controller type='usb' index='0' model='ich9-uhci3'/>",
                  "|||<controller type='scsi' index='0' model='virtio-scsi'/>|<controller type='scsi' index='1' model='lsilogic'/>",
                  "||||<iommu model='virtio'/>",
                  "||||<controller type='pci' model='dmi-to-pci-bridge'/>|<controller type='pci' model='pcie-root-port'/>",
                  "|||||<controller type='virtio-serial' index='1'/><controller type='virtio-serial' index='0'/>"):
        yield choose(rng, words)


class Controllers:
    """PCI controllers with parents, indexes and slots in many ways, all of which libvirt takes."""

    def __init__(self, rng):
        self.rng, self.lines, self.ports, self.slots = rng, [], [], list(range(2, 0x1f))
        self.indexes = list(range(1, rng.choice([6, 12, 30])))
        rng.shuffle(self.indexes)
        rng.shuffle(self.slots)

    def add(self, model, parent=None, target=""):
        index = self.indexes.pop()
        address = ""
        if parent is not None or self.rng.random() < 0.5:
            bus, slot, function = parent or (0, self.slots.pop(), 0)
            address = "<address type='pci' domain='0' bus='%d' slot='%d' function='%d'/>" % (bus, slot, function)
        self.lines.append("<controller type='pci' index='%d' model='%s'>%s%s</controller>" % (
            index, model, target, address))
        return index

    def make(self):
        rng = self.rng
        while self.indexes and rng.random() < 0.85:
            kind = rng.random()
            if kind < 0.6:
                target = choose(rng, "||<target hotplug='off'/>|<target chassis='%d'/>" % rng.randrange(100, 250))
                self.ports.append(self.add("pcie-root-port", None, target))
            elif kind < 0.8 and len(self.indexes) > 3:
                expander = self.add("pcie-expander-bus", (0, self.slots.pop(), 0),
                                    choose(rng, "|<target busNr='%d'/>" % rng.randrange(100, 200)))
                for slot in range(rng.randrange(3)):
                    self.ports.append(self.add("pcie-root-port", (expander, slot, 0)))
            elif kind < 0.9 and len(self.indexes) > 4:
                port = self.add("pcie-root-port")
                upstream = self.add("pcie-switch-upstream-port", (port, 0, 0))
                self.ports.append(self.add("pcie-switch-downstream-port", (upstream, 0, 0)))
            elif self.ports:
                self.add("pcie-to-pci-bridge", (self.ports.pop(rng.randrange(len(self.ports))), 0, 0))
        return self.lines


def with_address(rng, device, ports):
    """Some devices are at a port already."""
    if device.startswith(("<input type='tablet' bus='usb'", "<sound model='usb'", "<channel", "<console")) or \
            "bus='s" in device or "type='scsi'" in device:
        return device
    if ports:
        place = ports.pop(rng.randrange(len(ports))), 0
    else:
        place = rng.choice([(0, rng.randrange(2, 0x1f)), (rng.randrange(1, 40), 0)])
    at = "<address type='pci' domain='0' bus='%d' slot='%d' function='0'/></" % place
    if device.endswith("/>"):
        return device[:-2] + ">" + at + device[1:device.index(" ")] + ">"
    return at.join(device.rsplit("</", 1))


def software_domain(rng):
    controllers = Controllers(rng)
    lines = controllers.make() if rng.random() < 0.7 else []
    devices = [software_device(rng, number) for number in range(rng.choice([0, 3, 8, 20]))]
    devices = [with_address(rng, device, controllers.ports) if rng.random() < 0.4 else device for device in devices]
    lines += devices + list(single_devices(rng))
    if rng.random() < 0.5:
        rng.shuffle(lines)
    return """<domain type='qemu'><name>adds</name><memory unit='MiB'>1024</memory><vcpu>4</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<cpu mode='maximum'><numa><cell id='0' cpus='0-3' memory='1024' unit='MiB'/></numa></cpu>
<devices>
%s
</devices></domain>
""" % "\n".join(line for line in lines if line)


def kubevirt_domain(rng):
    """As KubeVirt's second call: all has an address but the interfaces; ports to spare, usb and balloon off."""
    ports = rng.randrange(4, 24)
    lines = ["<controller type='usb' index='0' model='none'/>", "<memballoon model='none'/>",
             "<controller type='pci' index='0' model='pcie-root'/>"]
    lines += ["<controller type='pci' index='%d' model='pcie-root-port'><address type='pci' domain='0' bus='0' slot='%d' "
              "function='%d'/></controller>" % (i, 2 + (i - 1) // 8, (i - 1) % 8) for i in range(1, ports + 1)]
    free = list(range(1, ports + 1))
    rng.shuffle(free)
    for number in range(rng.randrange(1, 4)):
        lines.append(with_address(rng, software_device(rng, number), free))
    for number in range(rng.randrange(1, 4)):
        lines.append("<interface type='user'><mac address='52:54:00:00:00:%02x'/><model type='%s'/></interface>" % (
            number, choose(rng, "virtio-non-transitional|virtio")))
    return software_domain(rng).split("<devices>")[0] + "<devices>\n" + "\n".join(lines) + "\n</devices></domain>\n"


def virt_domain(rng):
    """The machine of aarch64, to which libvirt adds nothing but what is needed."""
    return software_domain(rng).replace("<os><type arch='x86_64' machine='q35'>",
                                        "<os firmware='efi'><type arch='aarch64' machine='virt'>")


# --- all of them ---

def files():
    for path in sorted((TOP / "tests/domains").glob("*.xml")) + sorted((TOP / "examples").glob("**/*.xml")):
        yield path.name, path.read_text(encoding="utf-8")


def generated(seed, count, aarch64):
    for number in range(count):
        rng = random.Random("%s %d" % (seed, number))
        yield "software %d" % number, software_domain(rng)
        if number % 4 == 0:
            yield "kubevirt %d" % number, kubevirt_domain(rng)
        if number % 2 == 0 and aarch64:
            yield "virt %d" % number, virt_domain(rng)
        if number % 4 == 1:
            host = generate_host.make(rng)
            yield "property %d" % number, generate_domain.make(rng, host)


def rewritten():
    """What vtopo-xml makes of the golden cases, which libvirt has to complete as well."""
    for case in sorted((TOP / "tests/golden").glob("**/expected.xml")):
        yield "golden " + case.parent.name, case.read_text(encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--print-defined", required=True)
    parser.add_argument("--suite")
    parser.add_argument("--root", default="/var/tmp/vtopo-roots")
    parser.add_argument("--seed", default="adds")
    parser.add_argument("--count", type=int, default=400)
    arguments = parser.parse_args()
    root = root_of(arguments.suite, arguments.root) if arguments.suite else ""
    with tempfile.TemporaryDirectory(prefix="vtopo-adds-") as folder, libvirt.Libvirt(root=root) as virt:
        major, minor = re.search(r"Using library: libvirt (\d+)\.(\d+)", virt.call("version")).groups()
        print("libvirt %s.%s" % (major, minor))
        aarch64 = os.path.exists(root + "/usr/bin/qemu-system-aarch64")
        if not aarch64:
            print("no domains of aarch64: qemu-system-aarch64 is not installed there")
        domains = [*files(), *rewritten(), *generated(arguments.seed, arguments.count, aarch64)]
        definer = Definer(os.path.abspath(arguments.print_defined), folder)
        sys.exit(0 if judge(definer, virt, int(major) * 1000000 + int(minor) * 1000, domains) else 1)


if __name__ == "__main__":
    main()
