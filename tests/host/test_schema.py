#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_schema.py - the schema of host descriptions and the program say the same

Takes:  VTOPO_HOST; schemas/host.schema.json; python3-jsonschema.
Gives:  every host of the tree passes the schema; what the program refuses, the schema refuses, as far
        as a schema can say it.
"""

import copy
import json
import sys
import unittest

from common import Case, HOSTS, TOP, run

import jsonschema

SCHEMA = json.loads((TOP / "schemas/host.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

GOOD = {
    "vtopo_host": 1,
    "nodes": [{"id": 0, "cpus": "0-3, 5,^2", "memory_kib": 1, "distances": [10], "initiator": True}],
    "processor": {"vendor": "GenuineIntel", "family": 6, "model": 143, "address_bits": 52, "kernel_address_bits": 46,
                  "guest_address_bits": 48, "pdpe1gb": True, "la57": False},
    "emulators": [
        {"path": "/usr/bin/qemu", "default": True, "arch": "x86_64", "qemu_version": "7.2.22",
         "libvirt_version": "9.0", "machines": {"q35": "pc-q35-7.2"}},
        {"path": "//opt/qemu \u00e4", "state": "stale"}],
    "firmware": [
        {"path": "/usr/share/OVMF/OVMF_CODE_4M.fd", "kind": "ovmf", "version": "2022.11.0", "offered": True},
        {"path": "/usr/share/seabios/bios-256k.bin", "kind": "seabios", "version": "1.16.2"},
        {"path": "/opt/OVMF.fd", "kind": "ovmf"}],
    "cores": [{"package": 0, "core": 0, "cpus": "0"}],
    "functions": [
        {"bdf": "3a:0.0", "root": "0000:3A", "port": "root", "class": "0x060400",
         "vendor": "0x8086", "device": "0x2030"},
        {"bdf": "0000:3b:00.0", "parent": "0000:3a:00.0", "class": "0x030200", "vendor": "0x10DE",
         "device": "0x20b8", "subsystem_vendor": "0x1234", "subsystem_device": "0x5678",
         "revision": "0xa1", "node": 0, "iommu_group": 7, "physfn": "3a:00.0", "vfs": 1,
         "vfs_total": 2, "driver": "vfio-pci", "smmu": "smmu3.0x11000000", "netdev": "ens1f0np0",
         "vgpu_type": "NVIDIA A100-3-20C",
         "bars": ["mem 16M", None, "mem64 prefetch 64G", "io 128"], "link_max": "16.0 GT/s x16",
         "link_now": "? x?"}],
    "mdevs": [{"uuid": "4b20d080-1b54-4048-85b3-a6a62d165c01", "parent": "0000:3b:00.0",
               "type": "nvidia-222", "type_name": "GRID T4-1B", "iommu_group": 5}],
    "vdpas": [{"name": "vdpa0", "parent": "0000:3b:00.0", "device": "vhost-vdpa-0"}],
    "vms": [{"name": "gr\u00f6\u00dfe <&>", "running": True, "topology": "differs", "reason": "because",
             "devices": [{"device": "0000:3b:00.0", "running": True, "defined": False}]},
            {"name": "other", "topology": "as_host"}],
    "config": {"0000:3b:00.0": {"size": 4096, "000": "DE10", "fe0": "00" * 32}},
}

# Where in GOOD, and a value that is wrong there; ... takes the key away.
BAD = [
    (["vtopo_host"], 2), (["vtopo_host"], ...), (["functions"], ...), (["other"], 1),
    (["nodes", 0, "id"], -1), (["nodes", 0, "id"], ...), (["nodes", 0, "cpus"], "a"),
    (["nodes", 0, "cpus"], 3), (["nodes", 0, "distances"], [300]), (["nodes", 0, "other"], 1),
    (["nodes", 0, "initiator"], 1), (["functions", 1, "smmu"], ""),
    (["processor", "vendor"], "Intel"), (["processor", "vendor"], "Genuine<ntel"),
    (["processor", "family"], -1), (["processor", "model"], 65536), (["processor", "other"], 1), (["processor"], []),
    (["processor", "address_bits"], 31), (["processor", "address_bits"], 64), (["processor", "address_bits"], "52"),
    (["processor", "kernel_address_bits"], 31), (["processor", "kernel_address_bits"], True),
    (["processor", "guest_address_bits"], 64), (["processor", "pdpe1gb"], 1), (["processor", "la57"], "no"),
    (["firmware"], {}), (["firmware", 0, "path"], ...), (["firmware", 0, "path"], "OVMF.fd"), (["firmware", 0, "kind"], ...),
    (["firmware", 0, "kind"], "edk2"), (["firmware", 0, "version"], "2022"), (["firmware", 0, "version"], 2022),
    (["firmware", 0, "offered"], 1), (["firmware", 0, "other"], 1),
    (["emulators"], {}), (["emulators", 0, "path"], ...), (["emulators", 0, "path"], "qemu"),
    (["emulators", 0, "arch"], ...), (["emulators", 0, "arch"], "x 86"), (["emulators", 0, "default"], 1),
    (["emulators", 0, "qemu_version"], ...), (["emulators", 0, "qemu_version"], "7"),
    (["emulators", 0, "libvirt_version"], ...), (["emulators", 0, "libvirt_version"], 9),
    (["emulators", 0, "machines"], []), (["emulators", 0, "machines", "q35"], ""),
    (["emulators", 0, "state"], "stale"), (["emulators", 0, "state"], "absent"), (["emulators", 0, "other"], 1),
    (["emulators", 1, "state"], ...), (["emulators", 1, "state"], "known"), (["emulators", 1, "default"], True),
    (["emulators", 1, "qemu_version"], "7.2"), (["emulators", 1, "machines"], {}),
    (["cores", 0, "cpus"], ...), (["cores", 0, "core"], -1), (["cores", 0, "other"], 1),
    (["functions", 1, "bdf"], "3b:20.0"), (["functions", 1, "bdf"], "3b:00.8"),
    (["functions", 1, "bdf"], ...), (["functions", 1, "root"], "0000:3a"),
    (["functions", 0, "root"], "3a"), (["functions", 0, "root"], ...),
    (["functions", 0, "port"], "switch"), (["functions", 1, "class"], "0x0302"),
    (["functions", 1, "vendor"], 4318), (["functions", 1, "vendor"], "10de"),
    (["functions", 1, "revision"], "0xa"), (["functions", 1, "node"], "0"),
    (["functions", 1, "iommu_group"], -1), (["functions", 1, "vfs"], 65536),
    (["functions", 1, "driver"], "a b"), (["functions", 1, "driver"], "a/b"),
    (["functions", 1, "netdev"], ""), (["functions", 1, "bars"], ["16M"]),
    (["functions", 1, "bars"], ["mem 0"]), (["functions", 1, "bars"], [None] * 7),
    (["functions", 1, "link_max"], "16 x16"), (["functions", 1, "link_max"], "16 GT/s x0"),
    (["functions", 1, "other"], 1),
    (["mdevs", 0, "uuid"], "4B20D080-1b54-4048-85b3-a6a62d165c01"), (["mdevs", 0, "parent"], ""),
    (["mdevs", 0, "type_name"], "a\tb"), (["vdpas", 0, "name"], ...), (["vdpas", 0, "device"], "/"),
    (["vms"], {}), (["vms", 0, "name"], ""), (["vms", 0, "name"], ...), (["vms", 0, "running"], 1), (["vms", 0, "other"], 1),
    (["vms", 0, "topology"], "no_devices"), (["vms", 0, "topology"], ...), (["vms", 0, "reason"], None),
    (["vms", 0, "devices"], {}), (["vms", 0, "devices", 0, "device"], ""), (["vms", 0, "devices", 0, "device"], ...),
    (["vms", 0, "devices", 0, "running"], False), (["vms", 0, "devices", 0, "other"], 1),
    (["config", "0000:3b:00.0", "size"], ...), (["config", "0000:3b:00.0", "size"], 0),
    (["config", "0000:3b:00.0", "010"], "00"), (["config", "0000:3b:00.0", "000"], "0"),
    (["config", "0000:3b:00.0", "000"], "00" * 33), (["config", "3b"], {"size": 64}),
]


def change(path, value):
    description = copy.deepcopy(GOOD)
    place = description
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return description


class Schema(Case):
    def status(self, description):
        (self.folder / "h.json").write_text(json.dumps(description))
        return run("save", "-", "--host", self.folder / "h.json").returncode

    def test_schema_is_valid(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_hosts_of_the_tree(self):
        for host in HOSTS:
            with self.subTest(host.name):
                VALIDATOR.validate(json.loads(host.read_text()))

    def test_good(self):
        VALIDATOR.validate(GOOD)
        self.assertEqual(self.status(GOOD), 0)

    def test_bad(self):
        for path, value in BAD:
            with self.subTest(path=path, value=value):
                description = change(path, value)
                self.assertFalse(VALIDATOR.is_valid(description))
                self.assertEqual(self.status(description), 4)


if __name__ == "__main__":
    unittest.main()
