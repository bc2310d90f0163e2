#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_vtopo_host.py - what people and scripts see of vtopo-host

Takes:  VTOPO_HOST, the program; DOMAIN_MODE, tests/host/domain_mode.c; the hosts of the tree.
Gives:  what show, save and devices print, statuses, what happens to files.
Not here: trees that are wrong (test_hostile.py), real ones (test_shared.py).
"""

import fcntl
import json
import os
import re
import pty
import stat
import struct
import subprocess
import termios
import unittest

from common import Case, HOSTS, PROGRAM, TOP, run

TWO_DPU = TOP / "examples/hosts/two-dpu.json"
RTX8 = TOP / "examples/hosts/rtx8.json"
WRONG = TOP / "tests/hosts/p2p-wrong.json"
SRIOV = TOP / "examples/hosts/sriov.json"


class Save(Case):
    def test_file_to_file(self):
        for host in HOSTS:
            with self.subTest(host.name):
                self.assertEqual(self.succeed("save", "-", "--host", host), host.read_text())

    def test_directory_to_file(self):
        """From a tree comes the description that the tree was made of, byte for byte, but for what libvirt knows."""
        for host in HOSTS:
            with self.subTest(host.name):
                tree = self.tree(host, host.stem + "/sys")
                known = re.compile(r'^  "emulators": \[\n.*?^  \],\n|,\n  "vms": \[\n.*?^  \](?=,?$)', re.M | re.S)
                self.assertEqual(self.succeed("save", "-", "--host", tree), known.sub("", host.read_text()))

    def test_kernel(self):
        """Its release is beside a tree that is called sys, and only there; what is none is not one."""
        iommufd = TOP / "tests/hosts/iommufd.json"
        for name, release, saved in (("a/sys", "6.19.3", "6.19.3"), ("b/tree", "6.19.3", None), ("c/sys", None, None),
                                     ("d/sys", "6.19 \x1b[1m", None), ("e/sys", "6" * 70, None), ("f/sys", "", None)):
            with self.subTest(name):
                tree = self.tree(iommufd, name)
                path = tree.parent / "proc/sys/kernel/osrelease"
                path.unlink(missing_ok=True)
                if release is not None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(release + "\n")
                host = json.loads(self.succeed("save", "-", "--host", tree))
                self.assertEqual(host.get("kernel"), saved)
                self.assertEqual(self.succeed("save", "-", "--host", str(tree) + "/"),
                                 self.succeed("save", "-", "--host", tree))

    def test_domain_mode(self):
        for host in HOSTS:
            with self.subTest(host.name):
                tree = self.tree(host, host.stem + "/sys")
                done = subprocess.run([os.environ["DOMAIN_MODE"], tree], capture_output=True,
                                      text=True, timeout=60)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_new_file(self):
        old = os.umask(0o027)
        self.addCleanup(os.umask, old)
        self.assertEqual(self.succeed("save", self.folder / "h.json", "--host", TWO_DPU), "")
        self.assertEqual((self.folder / "h.json").read_text(), TWO_DPU.read_text())
        self.assertEqual(stat.S_IMODE((self.folder / "h.json").stat().st_mode), 0o640)
        self.assertEqual(os.listdir(self.folder), ["h.json"])

    @unittest.skipIf(os.geteuid(), "only root can make links of others")
    def test_a_link_of_others_where_everybody_makes_files(self):
        own, link = self.folder / "own", self.folder / "planted"
        own.write_text("before")
        link.symlink_to(own)
        os.lchown(link, 65534, 65534)
        self.folder.chmod(0o1777)
        self.refuse(6, "it is somebody else's", "save", link, "--host", TWO_DPU)
        self.assertEqual(own.read_text(), "before")

    def test_old_file_keeps_mode_and_owner(self):
        path = self.folder / "h.json"
        path.write_text("old")
        path.chmod(0o604)
        if os.geteuid() == 0:
            os.chown(path, 12, 34)
        before = path.stat()
        self.succeed("save", path, "--host", TWO_DPU)
        after = path.stat()
        self.assertEqual(path.read_text(), TWO_DPU.read_text())
        self.assertEqual((after.st_mode, after.st_uid, after.st_gid),
                         (before.st_mode, before.st_uid, before.st_gid))

    def test_link_is_followed(self):
        (self.folder / "real.json").write_text("old")
        (self.folder / "link.json").symlink_to("real.json")
        self.succeed("save", self.folder / "link.json", "--host", TWO_DPU)
        self.assertTrue((self.folder / "link.json").is_symlink())
        self.assertEqual((self.folder / "real.json").read_text(), TWO_DPU.read_text())

    def test_not_a_regular_file(self):
        self.refuse(6, "not a regular file", "save", self.folder, "--host", TWO_DPU)
        self.refuse(6, "not a regular file", "save", "/dev/null", "--host", TWO_DPU)

    def test_no_directory(self):
        self.refuse(6, "No such file or directory", "save", self.folder / "no/h.json", "--host",
                    TWO_DPU)

    def test_failure_leaves_the_file_alone(self):
        path = self.folder / "h.json"
        path.write_text("old")
        self.refuse(4, "cannot", "save", path, "--host", self.folder / "none")
        self.assertEqual(path.read_text(), "old")
        self.assertEqual(os.listdir(self.folder), ["h.json"])

    def test_unwritten_file_leaves_no_trace(self):
        """A limit on file sizes: the temporary file cannot be finished."""
        import resource
        import signal

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        path = self.folder / "h.json"
        path.write_text("old")
        self.refuse(6, "File too large", "save", path, "--host", TWO_DPU, preexec_fn=limit)
        self.assertEqual(path.read_text(), "old")
        self.assertEqual(os.listdir(self.folder), ["h.json"])


class Show(Case):
    def test_tree(self):
        """Names are those of this machine's pci.ids, so they are not looked at."""
        lines = self.succeed("--host", TWO_DPU).splitlines()
        self.assertEqual(lines[:4], [
            "node 0: CPUs 0-19,40-59, 196608 MiB, distances 10 21",
            "node 1: CPUs 20-39,60-79, 196608 MiB, distances 21 10",
            "",
            "root complex 0000:00",
        ])
        start = lines.index("root complex 0000:3a")
        starts = [
            "└─ 0000:3a:00.0 root port  8.0 GT/s x16",
            "   └─ 0000:3b:00.0 upstream port  8.0 GT/s x16 (can 16.0 GT/s x16)",
            "      ├─ 0000:3c:00.0 downstream port  16.0 GT/s x16",
            "      │  ├─ 0000:3d:00.0 Ethernet controller: ",
            "      │  ├─ 0000:3d:00.1 Ethernet controller: ",
            "      │  └─ 0000:3d:00.2 ",
            "      └─ 0000:3c:01.0 downstream port  16.0 GT/s x16",
            "         └─ 0000:3f:00.0 upstream port  16.0 GT/s x16",
            "            └─ 0000:40:08.0 downstream port  16.0 GT/s x16",
            "               └─ 0000:41:00.0 3D controller: ",
            "",
        ]
        for line, expected in zip(lines[start + 1:], starts):
            self.assertTrue(line.startswith(expected), f"{line!r} is not {expected!r}...")
        self.assertTrue(lines[start + 10].endswith("  node 0  group 71  16.0 GT/s x16  [vfio-pci]"), lines[start + 10])

    def test_groups_acs_and_links(self):
        lines = {line.split()[1]: line for line in self.succeed("--host", WRONG).replace("│", " ").splitlines()
                 if line.strip().startswith(("├─", "└─"))}
        for bdf, end in {"0000:40:01.0": " root port  16.0 GT/s x16  ACS redirect",
                         "0000:41:00.0": " upstream port  16.0 GT/s x16",
                         "0000:42:00.0": "  ACS redirect", "0000:42:01.0": "  ACS open",
                         "0000:42:02.0": "  ACS none", "0000:c2:00.0": "  ACS block", "0000:c2:02.0": "  ACS direct",
                         "0000:43:00.0": "  node 0  group 69 (shared)  2.5 GT/s x16 (can 16.0 GT/s x16)  [nvidia]",
                         "0000:45:00.0": "  node 0  group 71  16.0 GT/s x8 (can 16.0 GT/s x16)  [vfio-pci]",
                         "0000:c4:00.0": "  node 1  16.0 GT/s x16  [vfio-pci]"}.items():
            self.assertTrue(lines[bdf].endswith(end), lines[bdf])

    def test_acs_in_json(self):
        acs = {}

        def walk(functions):
            for function in functions:
                acs[function["bdf"]] = function["acs"]
                walk(function.get("below", []))

        for root in json.loads(self.succeed("show", "--json", "--host", WRONG))["root_complexes"]:
            walk(root["below"])
        self.assertEqual({bdf: state for bdf, state in acs.items() if state}, {
            "0000:40:01.0": "redirect", "0000:42:00.0": "redirect", "0000:42:01.0": "open", "0000:42:02.0": "none",
            "0000:c0:01.0": "redirect", "0000:c2:00.0": "block", "0000:c2:01.0": "redirect", "0000:c2:02.0": "direct"})

    def test_cliques_are_those_of_clique_auto(self):
        """Of the golden cases whose guest has all GPUs of its host, and for a host with nothing to read."""
        for case, host in {"clique-auto-exact": "acs", "clique-auto-right": "p2p-right", "clique-auto-unreadable": "hgx8"}.items():
            golden = TOP / "tests/golden" / case
            self.assertEqual((golden / "host").read_text().strip(), host)
            plan = json.loads((golden / "plan.json").read_text())
            wanted = {d["host_bdf"]: d["clique"] and d["clique"]["id"] for d in plan["devices"] if d["peer"] == "gpu"}
            path = next(p for p in HOSTS if p.stem == host)
            listed = json.loads(self.succeed("devices", "--json", "--host", path))["devices"]
            self.assertEqual({d["bdf"]: d["clique"] for d in listed if d["bdf"] in wanted}, wanted)
            self.assertFalse([d["bdf"] for d in listed if d["clique"] is not None and d["bdf"] not in wanted])
            shown = self.succeed("show", "--host", path)
            for bdf, clique in wanted.items():
                line = next(line for line in shown.splitlines() if f"─ {bdf} " in line)
                self.assertEqual(f"  clique {clique}  " in line, clique is not None, line)

    def test_nodes_for_the_memory_of_gpus_share_a_line(self):
        for host, lines in (("gh200", ["node 0: CPUs 0-71, 489472 MiB, distances 10, 80 to 1-8",
                                       "nodes 1-8: no CPUs, no memory, for that of devices, distances 80"]),
                            ("gb200", ["node 0: CPUs 0-71, 489472 MiB, distances 10 40, 80 to 2-17, 120 to 18-33",
                                       "node 1: CPUs 72-143, 489472 MiB, distances 40 10, 120 to 2-17, 80 to 18-33",
                                       "nodes 2-17: no CPUs, no memory, for that of devices, distances 80 120",
                                       "nodes 18-33: no CPUs, no memory, for that of devices, distances 120 80"])):
            with self.subTest(host):
                path = str(TOP / f"examples/hosts/{host}.json")
                shown = self.succeed("show", "--host", path)
                self.assertEqual(shown.split("\n\n")[0].splitlines(), lines)
                self.assertIn("root complex 0009:00  smmu3.0x00000000", shown)
                picture = self.succeed("show", "--svg", "--host", path)
                self.assertNotIn(">NUMA node 2<", picture)
                nodes = json.loads(self.succeed("show", "--json", "--host", path))["nodes"]
                self.assertEqual([node["initiator"] for node in nodes].index(True), len(lines) // 2)

    def test_a_gpu_with_coherent_memory_is_prepared_for_its_own_driver(self):
        prepared = self.succeed("prepare", "--host", str(TOP / "examples/hosts/gh200.json"), "0009:01:00.0")
        self.assertIn("driverctl set-override 0009:01:00.0 nvgrace_gpu_vfio_pci", prepared)
        self.assertNotIn("ids=", prepared)

    def test_show_is_the_default(self):
        self.assertEqual(self.succeed("--host", TWO_DPU), self.succeed("show", "--host", TWO_DPU))

    def test_emulators(self):
        """What libvirt knows of each, or why that is not known."""
        known, unknown = TOP / "tests/hosts/emulators.json", TOP / "tests/hosts/emulators-unknown.json"
        shown = self.succeed("show", "--host", known)
        self.assertIn("\nemulator /usr/bin/qemu-system-x86_64: QEMU 7.2.22, asked by libvirt 9.0.0\n"
                      "emulator /usr/libexec/qemu-kvm: QEMU 10.0.8, asked by libvirt 9.0.0\n\nroot complex", shown)
        shown = self.succeed("show", "--host", unknown)
        self.assertIn("\nemulator /usr/bin/qemu-system-x86_64: version unknown, libvirt's capability cache is unreadable\n"
                      "emulator /usr/libexec/qemu-kvm: version unknown, libvirt's capability cache is stale\n", shown)
        listed = [json.loads(self.succeed("show", "--json", "--host", host))["emulators"] for host in (known, unknown)]
        self.assertEqual(listed[0][1], {"path": "/usr/libexec/qemu-kvm", "state": "known", "qemu_version": "10.0.8",
                                        "libvirt_version": "9.0.0"})
        self.assertEqual(listed[1][1], {"path": "/usr/libexec/qemu-kvm", "state": "stale", "qemu_version": None,
                                        "libvirt_version": None})

    def test_empty_ports_and_chipset_share_a_line(self):
        function = {"root": "0000:00", "vendor": "0x8086", "device": "0x2030"}
        port = dict(function, port="root", **{"class": "0x060400"})
        host = self.folder / "host.json"
        host.write_text(json.dumps({"vtopo_host": 1, "functions": [
            dict(port, bdf="0000:00:01.0"), dict(port, bdf="0000:00:02.0"),
            dict(function, bdf="0000:00:00.0", **{"class": "0x060000"}),
            {"bdf": "0000:01:00.0", "parent": "0000:00:03.0", "class": "0x010802",
             "vendor": "0xfefe", "device": "0x0001"},
            dict(port, bdf="0000:00:03.0")]}))
        self.assertEqual(self.succeed("--host", host), (
            "no NUMA nodes\n"
            "\n"
            "root complex 0000:00\n"
            "├─ 0000:00:03.0 root port\n"
            "│  └─ 0000:01:00.0 NVMe controller: fefe:0001\n"
            "├─ 2 empty ports: 0000:00:01.0 0000:00:02.0\n"
            "└─ 1 function of the chipset: 0000:00:00.0\n"))

    def test_other_bridges_below_ports_are_devices(self):
        """NVSwitches are of class 0680, as parts of chipsets are; a guest can have them."""
        function = {"vendor": "0xfefe", "device": "0x0001", "class": "0x068000"}
        port = dict(function, port="root", root="0000:00", **{"class": "0x060400"})
        host = self.folder / "host.json"
        host.write_text(json.dumps({"vtopo_host": 1, "functions": [
            dict(port, bdf="0000:00:01.0"),
            dict(function, bdf="0000:00:02.0", root="0000:00"),
            dict(function, bdf="0000:01:00.0", parent="0000:00:01.0")]}))
        self.assertEqual(self.succeed("--host", host), (
            "no NUMA nodes\n"
            "\n"
            "root complex 0000:00\n"
            "├─ 0000:00:01.0 root port\n"
            "│  └─ 0000:01:00.0 bridge: fefe:0001\n"
            "└─ 1 function of the chipset: 0000:00:02.0\n"))
        devices = json.loads(self.succeed("devices", "--json", "--host", host))["devices"]
        self.assertEqual([device["bdf"] for device in devices], ["0000:01:00.0"])

    def test_json_is_the_same_tree(self):
        for host in HOSTS:
            with self.subTest(host.name):
                description = json.loads(host.read_text())
                shown = json.loads(self.succeed("show", "--json", "--host", host))
                parents = {}

                def walk(functions, above):
                    for function in functions:
                        parents[function["bdf"]] = above
                        walk(function.get("below", []), function["bdf"])

                for root in shown["root_complexes"]:
                    walk(root["below"], root["root"])
                self.assertEqual(parents, {function["bdf"]: function.get("parent", function.get("root"))
                                           for function in description["functions"]})
                self.assertEqual([node["id"] for node in shown["nodes"]],
                                 [node["id"] for node in description.get("nodes", [])])


class Devices(Case):
    def test_table(self):
        lines = self.succeed("devices", "--host", RTX8).split("\n\n")[0].splitlines()
        self.assertEqual(lines[0].split(), ["BDF", "CLASS", "NODE", "GROUP", "DRIVER", "SR-IOV",
                                            "BARS", "LINK", "NAME"])
        self.assertEqual(lines[2].split()[:8], ["0000:1b:00.0", "VGA", "0", "8", "vfio-pci", "-",
                                                "16M+256M+32M+io", "8x16"])
        self.assertIn(" 8x16 of 16x16! ", lines[-1])
        self.assertEqual(len(lines), 1 + 1 + 32 + 2)

    def on_terminal(self, columns):
        """The table's lines on a terminal of that width."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, "devices", "--host", RTX8], stdin=subprocess.DEVNULL, stdout=theirs)
        os.close(theirs)
        text = b""
        try:
            while piece := os.read(ours, 65536):
                text += piece
        except OSError:
            pass  # the other end is closed
        os.close(ours)
        self.assertEqual(process.wait(timeout=60), 0)
        return text.decode().replace("\r", "").split("\n\n")[0].splitlines()

    def test_names_are_cut_on_a_terminal_only(self):
        whole = self.succeed("devices", "--host", RTX8).split("\n\n")[0].splitlines()
        longest = max(map(len, whole))
        self.assertGreater(longest, 110)
        for columns in (100, 110):
            self.assertEqual(self.on_terminal(columns), [line[:columns] for line in whole])
        at = whole[0].index("NAME")
        self.assertEqual(self.on_terminal(20), [line[:at + 16] for line in whole])
        for columns in (0, longest):
            self.assertEqual(self.on_terminal(columns), whole)

    def test_columns_are_aligned(self):
        lines = self.succeed("devices", "--host", SRIOV).split("\n\n")[0].splitlines()
        for title in ("NODE", "DRIVER", "LINK", "NAME"):
            at = lines[0].index(title)
            for line in lines[1:]:
                self.assertEqual(line[at - 1], " ", line)
                self.assertNotEqual(line[at], " ", line)

    def test_groups(self):
        text = self.succeed("devices", "--host", RTX8)
        self.assertIn("\n  8     0000:1b:00.0 0000:1b:00.1 0000:1b:00.2 0000:1b:00.3\n", text)
        self.assertNotIn("IOMMU groups", self.succeed("devices", "--host", TWO_DPU))

    def test_sriov(self):
        text = self.succeed("devices", "--host", SRIOV)
        self.assertRegex(text, r"0000:17:00\.0 .* 4/16 VFs ")
        self.assertRegex(text, r"0000:33:10\.4 .* VF of 32:00\.0 ")
        self.assertRegex(text, r"\n  vdpa0  on 0000:17:00\.3  /dev/vhost-vdpa-1\n")
        self.assertRegex(text, r"\n  vdpa1  on 0000:17:00\.4  not bound to vhost_vdpa\n")

    def test_json(self):
        listed = json.loads(self.succeed("devices", "--json", "--host", SRIOV))
        devices = {device["bdf"]: device for device in listed["devices"]}
        self.assertEqual(devices["0000:68:00.1"]["physfn"], "0000:68:00.0")
        self.assertEqual(devices["0000:ca:00.0"]["link_low"], True)
        self.assertEqual(devices["0000:ca:00.0"]["bars"],
                         ["mem 16M", "mem64 prefetch 64G", "mem64 prefetch 32M"])
        self.assertEqual(devices["0000:67:00.0"]["vfs_total"], 32)
        self.assertNotIn("0000:66:00.0", devices)
        self.assertEqual([vdpa["device"] for vdpa in listed["vdpas"]],
                         ["vhost-vdpa-1", None, "vhost-vdpa-0", "vhost-vdpa-2", "vhost-vdpa-3"])
        listed = json.loads(self.succeed("devices", "--json", "--host", RTX8))
        self.assertEqual(listed["devices"][1]["iommu_group"], 8)
        self.assertEqual(len(listed["shared_groups"]), 8)
        self.assertEqual(listed["shared_groups"][0], {
            "iommu_group": 8,
            "functions": ["0000:1b:00.0", "0000:1b:00.1", "0000:1b:00.2", "0000:1b:00.3"]})


class Usage(Case):
    def expect(self, message, *words):
        done = run(*words)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn(message, done.stderr)

    def test_wrong(self):
        self.expect("unknown command 'nonsense'", "nonsense")
        self.expect("unknown command 'plac'", "plac", "--gpus", "1")
        self.expect("--output twice: 'place' and 'b'", "-o", "place", "-o", "b", "report", "x")
        self.expect("needs a file", "save")
        self.expect("too many operands", "show", "x")
        self.expect("too many operands", "save", "x", "y")
        self.expect("no --json", "save", "x", "--json")
        self.expect("--svg is for 'show'", "devices", "--svg")
        self.expect("give one", "show", "--svg", "--json")
        self.expect("unrecognized option", "--nonsense")
        self.expect("requires an argument", "--host")

    def test_help_and_version(self):
        text = self.succeed("--help")
        self.assertIn("--host=PATH", text)
        self.assertLessEqual(len(text.splitlines()), 24)
        self.assertRegex(self.succeed("--version"), r"^vtopo-host \(vtopo\) [0-9.]+\n$")

    def test_options_may_follow(self):
        self.assertEqual(self.succeed("devices", "--host", RTX8),
                         self.succeed("--host", RTX8, "devices"))


class Output(Case):
    def test_full_disk(self):
        for words in (["show", "--host", TWO_DPU], ["--help"], ["--version"]):
            with open("/dev/full", "w") as full:
                self.refuse(6, "No space left on device", *words, stdout=full)

    def test_reader_that_goes_away(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.refuse(6, "Broken pipe", "show", "--host", TWO_DPU, stdout=writer)
        os.close(writer)

    def test_closed_stdout(self):
        self.refuse(6, "Bad file descriptor", "show", "--host", TWO_DPU, stdout=None,
                    preexec_fn=lambda: os.close(1))


if __name__ == "__main__":
    unittest.main()
