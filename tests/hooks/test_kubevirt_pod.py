#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_kubevirt_pod.py - onDefineDomain with as much of the host as a pod may see: a part of /sys, or what DRA drivers say

Takes:  VTOPO_HOOK_KUBEVIRT: the program; root, libvirt and QEMU for whole boots.
Gives:  places of devices that are neither the host's nor as their drivers say; missing parts without the mount that
        brings them.
Rule:   trees are made of a host description; metadata is written as Kubernetes writes it (KEP-5304).
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from test_kubevirt import Boot, Judged, domains, hosts, kubevirt, places
from test_kubevirt_calls import CALL1, CALL2, HOST, REFUSED, TWO_DPU, annotated, call

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
import make_sysfs  # noqa: E402

GPUS = {"left": "0000:41:00.0", "right": "0000:de:00.0"}
DEVICES = {**GPUS, "nic0": "0000:3d:00.0", "nic1": "0000:da:00.0"}
MOUNT = "a volume with hostPath {path: /sys}, and a volumeMount of it with mountPath /sys"
DESCRIPTION = json.loads(pathlib.Path(TWO_DPU).read_text(encoding="utf-8"))


def attributes(bdf):
    """As a driver reads them of the host's /sys."""
    function = hosts.read(TWO_DPU).functions[hosts.address(bdf)]
    return {"resource.kubernetes.io/pciBusID": {"string": bdf},
            "resource.kubernetes.io/pcieRoot": {"string": "pci" + function.root},
            "resource.kubernetes.io/numaNode": {"int": function.node}}


def metadata(name, found):
    """A file: a stream of the newest version and the ones before it."""
    return "".join(json.dumps({
        "kind": "DeviceMetadata", "apiVersion": "metadata.resource.k8s.io/" + version,
        "metadata": {"name": name, "namespace": "lab", "uid": "c7e7b22e", "generation": 1}, "podClaimName": name,
        "requests": [{"name": "gpu", "devices": [{"driver": "gpu.example.com", "pool": "node-1", "name": name,
                                                  "attributes": found}]}]}) + "\n" for version in ("v1beta1", "v1alpha1"))


class Pod:
    """A /sys without some of the host's functions, and a folder of metadata."""

    def __init__(self, case, without=(), but=()):
        top = tempfile.TemporaryDirectory(prefix="vtopo-pod-")
        case.addCleanup(top.cleanup)
        self.sys, self.metadata = pathlib.Path(top.name) / "sys", pathlib.Path(top.name) / "dra"
        self.sys.mkdir()
        make_sysfs.make(DESCRIPTION, str(self.sys))
        for bdf in without:
            (self.sys / "bus/pci/devices" / bdf).unlink()
        for part in but:
            shutil.rmtree(self.sys / part)

    def claim(self, name, content, folder="resourceclaims", driver="gpu.example.com"):
        path = self.metadata / folder / name / "gpu" / (driver + "-metadata.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else metadata(name, content), encoding="utf-8")
        return path

    def claims(self, names=DEVICES):
        for name in names:
            self.claim(name, attributes(DEVICES[name]))
        return self

    def options(self):
        return ("--host", str(self.sys), "--device-metadata", str(self.metadata))

    def hook(self, vmi="{}", xml=CALL2):
        return call("--vmi", vmi, "--domain", xml, *self.options())


class Calls(unittest.TestCase):
    def product(self, result):
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode(), result.stderr.decode()

    def fails(self, status, result, *words):
        message = result.stderr.decode()
        self.assertEqual((result.returncode, result.stdout, message.count("\n")), (status, b"", 1), message)
        for word in words:
            self.assertIn(word, message)

    def test_all_of_sys(self):
        """Metadata is not even read: what it says there is wrong."""
        pod = Pod(self)
        for name, bdf in DEVICES.items():
            pod.claim(name, {**attributes(bdf), "resource.kubernetes.io/numaNode": {"int": 5}})
        pod.claim("broken", "{")
        text, said = self.product(pod.hook())
        self.assertEqual(text, self.product(call("--vmi", "{}", "--domain", CALL2, "--host", TWO_DPU))[0])
        self.assertNotIn("VTOPO-016", said)

    def test_not_seen(self):
        """The sentence names the device, where it was looked for, and the mount."""
        self.fails(HOST, Pod(self, [GPUS["left"]]).hook(), "0000:41:00.0 (ua-gpu-left)", "/sys/bus/pci/devices'", "KEP-5304", MOUNT)
        self.fails(HOST, Pod(self, DEVICES.values()).hook(), "(ua-gpu-right), 0000:3d:00.0 (ua-hostdevice-nic0)")
        self.fails(HOST, Pod(self, [GPUS["left"]]).claims(["right"]).hook(), "onDefineDomain: 0000:41:00.0 (ua-gpu-left): not in '")
        # In the first call, too, after which KubeVirt starts no guest.
        self.fails(HOST, Pod(self, [GPUS["left"]]).hook(xml=CALL1), "0000:41:00.0 (ua-gpu-left)", MOUNT)

    def test_no_pci(self):
        """As in a sandbox: a guest without host devices starts, the others are told."""
        pod = Pod(self, but=["bus/pci"])
        self.fails(HOST, pod.hook(), "0000:41:00.0 (ua-gpu-left)", MOUNT)
        plain = re.sub(r"\t\t<hostdev .*?</hostdev>\n", "", CALL2, flags=re.S)
        self.assertEqual(self.product(pod.hook(xml=plain)), (plain, ""))

    def test_default_places(self):
        """Without options: /sys, and the folder where Kubernetes mounts metadata."""
        def hook(xml, *commands):
            script = "mount -t tmpfs none /sys; mount -t tmpfs none /run; %s; exec \"$@\"" % "; ".join(commands or ("true",))
            return subprocess.run(["unshare", "-m", "sh", "-ec", script, "sh", os.environ["VTOPO_HOOK_KUBEVIRT"], "--vmi", "{}",
                                   "--domain", xml], capture_output=True, timeout=60, check=False)

        pod = Pod(self).claims()
        wanted = Pod(self, DEVICES.values(), but=["bus/pci", "devices/system/node"]).claims().hook()
        self.fails(HOST, hook(CALL2), "'/sys/bus/pci/devices'", MOUNT)
        for folder in ("/run/kubernetes.io/dra-device-attributes", "/run/dra-device-attributes"):
            found = hook(CALL2, "mkdir -p %s" % folder, "cp -r %s/. %s" % (pod.metadata, folder))
            self.assertEqual((found.returncode, found.stdout), (0, wanted.stdout), found.stderr.decode())
        plain = re.sub(r"\t\t<hostdev .*?</hostdev>\n", "", CALL2, flags=re.S)
        self.assertEqual(self.product(hook(plain)), (plain, ""))

    def test_no_nodes(self):
        pod = Pod(self, but=["devices/system/node"])
        self.fails(HOST, pod.hook(), "which the host does not have, because", "/sys/devices/system/node' is not there", MOUNT)
        _, said = self.product(Pod(self, DEVICES.values(), but=["devices/system/node"]).claims().hook())
        self.assertEqual(said.count("VTOPO-0163"), 1)
        self.assertIn(MOUNT, said)

    def layout(self, text):
        """{alias: (cell of its expander, its expander, models from the expander down)}"""
        domain, found = domains.Domain(text), {}
        for device in domain.assigned():
            above, index = [], device.address.bus
            while domain.controllers[index].model != domains.EXPANDER:
                above.append(domain.controllers[index].model)
                index = domain.controllers[index].address.bus
            found[device.alias] = (domain.controllers[index].node, index, above)
        return found

    def test_metadata(self):
        """Node and root complex are the host's; of switches there is none, and the log says so, once."""
        text, said = self.product(Pod(self, DEVICES.values(), but=["bus/pci"]).claims().hook())
        found = self.layout(text)
        self.assertEqual({alias: node for alias, (node, _, _) in found.items()},
                         {"ua-gpu-left": 0, "ua-hostdevice-nic0": 0, "ua-gpu-right": 1, "ua-hostdevice-nic1": 1})
        self.assertEqual(len({index for _, index, _ in found.values()}), 2)
        self.assertEqual({tuple(above) for _, _, above in found.values()}, {("pcie-root-port",)})
        self.assertEqual(said.count("VTOPO-0161"), 1)
        self.assertIn("0000:41:00.0 (node 0, pci0000:3a), 0000:de:00.0 (node 1, pci0000:d7)", said)
        self.assertIn(MOUNT, said)
        again = Pod(self, DEVICES.values()).claims()
        self.assertEqual(self.product(again.hook())[0], text)
        self.assertEqual(self.product(again.hook(xml=text)), (text, ""))

    def test_some_are_seen(self):
        """Those that /sys shows have their switches."""
        text, said = self.product(Pod(self, [DEVICES["nic1"]]).claims().hook())
        whole = self.product(Pod(self).hook())[0]
        found, wanted = self.layout(text), self.layout(whole)
        for alias in ("ua-gpu-left", "ua-hostdevice-nic0"):
            self.assertEqual(found[alias][2], wanted[alias][2])
        self.assertEqual(found["ua-hostdevice-nic1"][0], 1)
        self.assertEqual(found["ua-hostdevice-nic1"][1], found["ua-gpu-right"][1])
        self.assertIn("0000:da:00.0 (node 1, pci0000:d7);", said)

    def test_not_all_is_said(self):
        """Without a root complex those of a node are together; without a node the finding is the one of the host."""
        pod = Pod(self, DEVICES.values())
        for name, bdf in DEVICES.items():
            pod.claim(name, {k: v for k, v in attributes(bdf).items() if "pcieRoot" not in k})
        text, said = self.product(pod.hook())
        self.assertEqual(sorted((node, index) for node, index, _ in self.layout(text).values()), [(0, 15), (0, 15), (1, 18), (1, 18)])
        self.assertIn("0000:41:00.0 (node 0, root complex not known)", said)
        pod.claim("left", {k: v for k, v in attributes(GPUS["left"]).items() if "numaNode" not in k})
        said = self.product(pod.hook())[1]
        self.assertIn("0000:41:00.0 (node not known, pci0000:3a)", said)
        self.assertIn("VTOPO-0011 0000:41:00.0", said)
        pod.claim("left", {**attributes(GPUS["left"]), "resource.kubernetes.io/numaNode": {"int": 9}})
        self.assertIn("0000:41:00.0 (node not known, pci0000:3a)", self.product(pod.hook())[1])

    def test_strict(self):
        """As much as switches count: refused, in the first call already."""
        pod = Pod(self, DEVICES.values()).claims()
        for xml in (CALL1, CALL2):
            self.fails(REFUSED, pod.hook(annotated(strict="yes"), xml), "refused (strict): VTOPO-0161", MOUNT)

    def test_templates_and_drafts(self):
        """Where Kubernetes mounts the claims of a template, and where it did in drafts."""
        wanted = self.product(Pod(self, DEVICES.values()).claims().hook())[0]
        for folder in ("resourceclaimtemplates", "."):
            pod = Pod(self, DEVICES.values())
            for name, bdf in DEVICES.items():
                pod.claim(name, attributes(bdf), folder)
            self.assertEqual(self.product(pod.hook())[0], wanted)

    def test_files_that_cannot_be_used(self):
        """A finding each, and what is in the others counts."""
        pod = Pod(self, DEVICES.values()).claims()
        wanted = self.product(pod.hook())[0]
        path = pod.claim("broken", "{")
        large = pod.claim("large", " " * (256 * 1024 + 1))
        link = pod.claim("link", "")
        link.unlink()
        link.symlink_to(path)
        fifo = pod.claim("fifo", "")
        fifo.unlink()
        os.mkfifo(fifo)
        pod.claim("other", "").with_name("not-of-a-driver.json").write_text("{")
        pod.claim("later", "")  # not written yet
        (pod.metadata / "loop").symlink_to(pod.metadata)
        text, said = self.product(pod.hook())
        self.assertEqual(text, wanted)
        self.assertEqual(said.count("VTOPO-0162"), 4, said)
        for file in (path, large, link, fifo):
            self.assertIn(str(file), said)
        shutil.rmtree(pod.metadata)
        pod.claim("broken", "{")
        self.fails(HOST, pod.hook(), "0000:41:00.0", "broken/gpu/gpu.example.com-metadata.json' cannot be used", MOUNT)

    def test_limits(self):
        """Neither many files nor deep ones take long."""
        pod = Pod(self, DEVICES.values())
        deep = pod.metadata / "/".join("d" * 100)
        deep.mkdir(parents=True)
        for number in range(5000):
            (pod.metadata / str(number)).mkdir()
        self.fails(HOST, pod.hook(), "0000:41:00.0")

    def test_description(self):
        """It is no pod's view: what it lacks is not taken from elsewhere."""
        pod = Pod(self).claims()
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({**DESCRIPTION, "functions": [f for f in DESCRIPTION["functions"] if f["bdf"] != GPUS["left"]]}, file)
            file.flush()
            self.fails(HOST, call("--vmi", "{}", "--domain", CALL2, "--host", file.name, "--device-metadata", str(pod.metadata)),
                       "the host has no device 0000:41:00.0")


class Boots(Judged):
    def test_dra(self):
        """A whole boot with libvirt between the calls: the guest's devices are in their cells, and no other device moves."""
        pod = Pod(self, DEVICES.values(), but=["bus/pci"]).claims()
        said = []

        def hook(vmi, xml):
            result = subprocess.run([os.environ["VTOPO_HOOK_KUBEVIRT"], "--vmi", vmi, "--domain", xml, *pod.options()],
                                    capture_output=True, text=True, check=False)
            self.assertEqual(result.returncode, 0, result.stderr)
            said.append(result.stderr)
            return result.stdout

        without, boot = Boot(self.virt, self.base, lambda _, xml: xml), Boot(self.virt, self.base, hook)
        before, after = places(without.dump), places(boot.dump)
        self.assertEqual({name: after[name] for name in before}, before)
        found = Calls.layout(self, boot.dump)
        self.assertEqual({alias: node for alias, (node, _, _) in found.items()},
                         {"ua-gpu-left": 0, "ua-hostdevice-nic0": 0, "ua-gpu-right": 1, "ua-hostdevice-nic1": 1})
        self.assertEqual("".join(said).count("VTOPO-0161"), 1)


if __name__ == "__main__":
    if not os.environ.get("VTOPO_HOOK_KUBEVIRT"):
        sys.exit("VTOPO_HOOK_KUBEVIRT is not set")
    unittest.main()
