#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_prepare.py - what vtopo-host prepare prints is what modprobe, Nova, KubeVirt and Proxmox read

Takes:  VTOPO_HOST; the hosts of the tree, and those of ../shared/hosts if they are there; modprobe, python3-yaml.
Gives:  whether each form has the grammar of whom it is for, names devices of the host alone, and never one that the
        host uses; what is left out, with the reason; that nothing is written.
Rule:   modprobe itself reads its file.  The rules of Nova (nova/pci/request.py, devspec.py), Kubernetes (names of
        resources) and Proxmox (PVE/Mapping/PCI.pm, pve-configid, pve-node) are written down here again.
Not here: which devices and arguments (unit/test_prepare.c).
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

import jsonschema
import yaml

from common import Case, HOSTS, PROGRAM, SHARED, TOP, run

SCHEMA = json.loads((TOP / "schemas/prepare.schema.json").read_text(encoding="utf-8"))
TWO_DPU = TOP / "examples/hosts/two-dpu.json"
RTX8 = TOP / "examples/hosts/rtx8.json"
SRIOV = TOP / "examples/hosts/sriov.json"
BDF = r"[0-9a-f]{4,}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]"
ID = re.compile(r"[0-9a-f]{4}\Z")

# As Nova has it.
ALIAS = {
    "type": "object", "additionalProperties": False, "required": ["name", "vendor_id", "product_id"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 256},
        "vendor_id": {"type": "string", "pattern": "^([0-9a-fA-F]{4})$"},
        "product_id": {"type": "string", "pattern": "^([0-9a-fA-F]{4})$"},
        "device_type": {"enum": ["type-PCI", "type-PF", "type-VF"]},
        "numa_policy": {"enum": ["required", "preferred", "legacy", "socket"]},
    },
}
# A qualified name, with a domain before it.
RESOURCE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/"
                      r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\Z")
CONFIG_ID = re.compile(r"(?i)[a-z][a-z0-9_-]+\Z")
PVE_PATH = re.compile(r"[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(\.[a-f0-9])?\Z")


def nova(text):
    """[(key, value)] of the section, as oslo.config reads it: a value is a line."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[0] == "[pci]", lines[0]
    return [(key, json.loads(value)) for key, _, value in (line.partition(" = ") for line in lines[1:])]


class Prepare(Case):
    def prepare(self, host, *words):
        return self.succeed("prepare", "--host", host, *words)

    def answer(self, host, *words):
        answer = json.loads(self.prepare(host, *words, "--json"))
        jsonschema.validate(answer, SCHEMA, jsonschema.Draft202012Validator)
        return answer

    # -- the forms ------------------------------------------------------------------------------------

    def check_nova(self, text, answer):
        functions = {d["pciBusID"]: d for d in answer["devices"]}
        specs = [value for key, value in nova(text) if key == "device_spec"]
        aliases = [value for key, value in nova(text) if key == "alias"]
        self.assertEqual(len(specs) + len(aliases), len(nova(text)))
        self.assertEqual([s["address"] for s in specs],
                         [b for b, d in functions.items() if d["kind"] != "companion" and int(b.split(":")[0], 16) <= 0xffff])
        for spec in specs:
            self.assertEqual(sorted(spec), ["address", "product_id", "vendor_id"])
            self.assertRegex(spec["address"], BDF + r"\Z")
            self.assertIn({k: spec[k] for k in ("vendor_id", "product_id")},
                          [{k: a[k] for k in ("vendor_id", "product_id")} for a in aliases])
        for alias in aliases:
            jsonschema.validate(alias, ALIAS, jsonschema.Draft202012Validator)
        names = [alias["name"] for alias in aliases]
        self.assertEqual(len(set(names)), len(names))

    def check_kubevirt(self, text):
        document = yaml.safe_load(text)
        self.assertEqual(list(document), ["spec"])
        devices = document["spec"]["configuration"]["permittedHostDevices"]["pciHostDevices"] or []
        for device in devices:
            self.assertEqual(sorted(device), ["pciVendorSelector", "resourceName"])
            self.assertRegex(device["pciVendorSelector"], r"\A[0-9A-F]{4}:[0-9A-F]{4}\Z")
            self.assertRegex(device["resourceName"], RESOURCE)
        self.assertEqual(len({d["pciVendorSelector"] for d in devices}), len(devices))
        self.assertEqual(len({d["resourceName"] for d in devices}), len(devices))
        return devices

    def check_proxmox(self, text, answer):
        functions = {d["pciBusID"]: d for d in answer["devices"]}
        ids, paths = [], []
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if not words:
                continue
            self.assertEqual(words[:4], ["pvesh", "create", "/cluster/mapping/pci", "--id"])
            self.assertRegex(words[4], CONFIG_ID)
            ids.append(words[4])
            self.assertEqual(words[5::2], ["--map"] * (len(words[5:]) // 2))
            for value in words[6::2]:
                entry = dict(pair.split("=", 1) for pair in value.split(","))
                self.assertLessEqual(set(entry), {"node", "path", "id", "subsystem-id", "iommugroup"})
                self.assertEqual(entry["node"], "pve-1")
                self.assertRegex(entry["path"], PVE_PATH)
                self.assertRegex(entry["id"], r"\A[0-9a-f]{4}:[0-9a-f]{4}\Z")
                whole = entry["path"] if "." in entry["path"] else entry["path"] + ".0"
                self.assertEqual(int(entry.get("iommugroup", -1)), functions[whole]["iommu_group"]
                                 if functions[whole]["iommu_group"] is not None else -1)
                paths.append(whole)
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual(sorted(paths), sorted(b for b, d in functions.items() if d["kind"] != "companion"))

    def check_modprobe(self, text, answer):
        """modprobe says again what it has read."""
        path = self.folder / "vfio.conf"
        path.write_text(text)
        done = subprocess.run([shutil.which("modprobe") or "/sbin/modprobe", "-C", path, "--showconfig"], capture_output=True,
                              text=True, check=True, timeout=60)
        self.assertEqual(done.stderr, "")
        said = done.stdout.splitlines()
        options = [line for line in said if line.startswith("options vfio_pci ids=")]
        self.assertEqual(options, ["options vfio_pci ids=" + ",".join(answer["vfio_ids"])] if answer["vfio_ids"] else [])
        self.assertEqual(sorted(line for line in said if line.startswith("softdep ")),
                         sorted("softdep %s pre: vfio-pci" % m.replace("-", "_") for m in answer["softdeps"]))
        self.assertEqual(sorted(line for line in said if line.startswith("blacklist ")),
                         sorted("blacklist %s" % m for m in answer["blacklist"]))

    def check_driverctl(self, text, answer):
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        self.assertEqual(lines, ["driverctl set-override %s %s" % (d["pciBusID"], d["vfio_driver"])
                                 for d in answer["devices"] if not d["by_id"]])

    def check_host(self, host):
        done = run("prepare", "--host", host, "--json")
        self.assertIn(done.returncode, (0, 5), done.stderr)
        if done.returncode == 5:
            self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1))
            return False
        answer = self.answer(host)
        self.check_nova(self.prepare(host, "--format", "nova"), answer)
        self.check_kubevirt(self.prepare(host, "--format", "kubevirt"))
        self.check_proxmox(self.prepare(host, "--format", "proxmox", "--node", "pve-1"), answer)
        self.check_modprobe(self.prepare(host, "--format", "modprobe"), answer)
        self.check_driverctl(self.prepare(host, "--format", "driverctl"), answer)
        arguments = answer["command_line"]
        self.assertEqual(self.prepare(host, "--format", "cmdline").split(), arguments["add"] + arguments["useful"])
        text = self.prepare(host)
        for device in answer["devices"] + answer["left_out"]:
            self.assertIn(device["pciBusID"], text)
        return True

    def test_all_hosts(self):
        self.assertGreater(sum(self.check_host(host) for host in HOSTS), len(HOSTS) // 2)

    @unittest.skipUnless(SHARED.is_dir(), "no ../shared/hosts")
    def test_shared_hosts(self):
        for archive in sorted(SHARED.glob("*.tar.gz")):
            with self.subTest(archive.name), tempfile.TemporaryDirectory() as work:
                subprocess.run(["tar", "xzf", archive, "-C", work], check=True)
                self.succeed("save", self.folder / "host.json", "--host", work)
                self.check_host(self.folder / "host.json")

    # -- what the host keeps --------------------------------------------------------------------------

    def busy(self):
        """A tree whose host uses one port of each NIC, a GPU, a disk."""
        host = json.loads(TWO_DPU.read_text(encoding="utf-8"))
        uses = {"0000:03:00.0": "route", "0000:03:00.1": "none", "0000:86:00.0": "member", "0000:86:00.1": "none",
                "0000:da:00.0": "up", "0000:da:00.1": "none", "0000:de:00.0": "console", "0000:18:00.0": "disk"}
        for function in host["functions"]:
            if function["bdf"] in uses:
                function["use"] = uses[function["bdf"]]
        return self.tree(host, "busy/sys")

    def test_what_the_host_uses(self):
        tree = self.busy()
        answer = self.answer(tree)
        self.assertEqual([d["pciBusID"] for d in answer["devices"]],
                         ["0000:03:00.1", "0000:3d:00.0", "0000:3d:00.1", "0000:41:00.0", "0000:86:00.1", "0000:da:00.1"])
        self.assertEqual({d["pciBusID"]: d["why"] for d in answer["left_out"]}, {
            "0000:03:00.0": "has the default route (eno1)",
            "0000:86:00.0": "has a network interface that is a part of another (ens5f0)",
            "0000:da:00.0": "has a network interface that is up (ens7f0np0)",
            "0000:de:00.0": "has the host's console"})
        for form in ("nova", "proxmox", "driverctl", "modprobe"):
            text = self.prepare(tree, "--format", form, "--node", "n1")
            for device in answer["left_out"]:
                self.assertNotIn(device["pciBusID"], re.sub("#.*", "", text), form)
        # Their ids would take them, too.
        self.assertEqual(answer["vfio_ids"], [])
        self.assertIn("The id 8086:1563 would take 0000:03:00.0, too", self.prepare(tree, "--format", "driverctl"))

    def test_what_is_named_and_used(self):
        tree = self.busy()
        for bdf, why in (("0000:03:00.0", "has the default route (eno1)"), ("0000:de:00.0", "has the host's console"),
                         ("0000:18:00.0", "has a disk that is mounted or held")):
            done = run("prepare", "--host", tree, bdf)
            self.assertEqual((done.returncode, done.stdout), (5, ""))
            self.assertEqual(done.stderr, "vtopo-host prepare: no device is left: %s %s\n" % (bdf, why))
        both = self.answer(tree, "0000:de:00.0", "41:00.0")
        self.assertEqual([d["pciBusID"] for d in both["devices"]], ["0000:41:00.0"])
        self.assertEqual([d["pciBusID"] for d in both["left_out"]], ["0000:de:00.0"])

    def test_a_group_goes_with_what_is_named(self):
        answer = self.answer(RTX8, "1b:00.0")
        self.assertEqual([(d["pciBusID"][5:], d["kind"]) for d in answer["devices"]],
                         [("1b:00.0", "gpu"), ("1b:00.1", "companion"), ("1b:00.2", "companion"), ("1b:00.3", "companion")])
        self.assertIn("path=0000:1b:00,id=10de:1e04", self.prepare(RTX8, "1b:00.0", "--format", "proxmox", "--node", "n1"))
        self.assertEqual(len(nova(self.prepare(RTX8, "1b:00.0", "--format", "nova"))), 2)

    def test_virtual_functions(self):
        aliases = [v for k, v in nova(self.prepare(SRIOV, "--format", "nova")) if k == "alias"]
        self.assertEqual({a["device_type"] for a in aliases}, {"type-VF", "type-PF"})
        self.assertNotIn("15b3:101e", self.prepare(SRIOV, "--format", "modprobe"))

    def test_a_node_that_nobody_knows(self):
        host = json.loads(TWO_DPU.read_text(encoding="utf-8"))
        for function in host["functions"]:
            if function["bdf"] == "0000:41:00.0":
                del function["node"]
        path = self.folder / "host.json"
        path.write_text(json.dumps(host))
        aliases = {v["vendor_id"]: v["numa_policy"] for k, v in nova(self.prepare(path, "--format", "nova")) if k == "alias"}
        self.assertEqual(aliases, {"10de": "preferred", "15b3": "required"})

    # -- the kernel and the machine -------------------------------------------------------------------

    def test_without_an_iommu(self):
        host = json.loads(TWO_DPU.read_text(encoding="utf-8"))
        for function in host["functions"]:
            function.pop("iommu_group", None)
        host["processor"] = {"vendor": "GenuineIntel"}
        path = self.folder / "host.json"
        path.write_text(json.dumps(host))
        self.assertEqual(self.prepare(path, "--format", "cmdline"), "intel_iommu=on iommu=pt\n")
        self.assertIn("The IOMMU is off", self.prepare(path))
        self.assertFalse(self.answer(path)["iommu_on"])

    def test_this_machine(self):
        """Of the live host the command line is known; whatever devices it has."""
        done = run("prepare", "--json")
        self.assertIn(done.returncode, (0, 5), done.stderr)
        if done.returncode == 0:
            self.assertTrue(json.loads(done.stdout)["command_line"]["known"])

    @unittest.skipUnless(shutil.which("strace"), "no strace")
    def test_nothing_is_written(self):
        trace = self.folder / "trace"
        subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=openat,open,creat,mkdir,unlink,rename,execve,connect,socket",
                        PROGRAM, "prepare", "--host", TWO_DPU], check=True, capture_output=True, timeout=120,
                       env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        lines = trace.read_text(encoding="utf-8").splitlines()
        self.assertEqual([l for l in lines if re.search(r"O_WRONLY|O_RDWR|O_CREAT|creat\(|mkdir|unlink|rename|connect|socket\(", l)
                          and "/dev/null" not in l], [])
        self.assertEqual(sum("execve" in line for line in lines), 1)

    # -- words ----------------------------------------------------------------------------------------

    def test_wrong_words(self):
        for status, message, words in (
                (2, "there is no form 'yaml'", ("--format", "yaml")), (2, "needs its name of this host", ("--format", "proxmox")),
                (2, "is no name of a node", ("--format", "proxmox", "--node", "a;b")), (2, "is not a PCI address", ("41:00",)),
                (2, "is no name of a node", ("--format", "proxmox", "--node", "-a")),
                (2, "contradict", ("--json", "--format", "nova")), (4, "has no device 0000:ff:00.0", ("ff:00.0",)),
                (4, "is a bridge", ("40:08.0",)), (2, "twice", ("--format", "nova", "--format", "nova"))):
            with self.subTest(message):
                done = run("prepare", "--host", TWO_DPU, *words)
                self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
                self.assertIn(message, done.stderr)
                self.assertTrue(done.stderr.startswith("vtopo-host prepare: "), done.stderr)

    def test_help_fits_a_screen(self):
        lines = self.prepare(TWO_DPU, "--help").splitlines()
        self.assertLessEqual(len(lines), 28)
        self.assertLessEqual(max(map(len, lines)), 80)


if __name__ == "__main__":
    unittest.main()
