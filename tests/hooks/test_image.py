#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_image.py - the image of vtopo-sidecar: made twice, judged by skopeo, run as Kubernetes runs it, under load

Takes:  VTOPO_HOOK_KUBEVIRT: the shim's program; skopeo, grpcio; root.
Gives:  two makes with different bytes, an image that is not what it should be, memory or descriptors that grow.
Rule:   what runs is the image's program, in a root that has nothing but the image, read-only, as somebody without any right.
Not here: what calls are answered with (test_sidecar.py).
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

import grpc
from sidecar import INFO, Client, Sidecar
from test_kubevirt_calls import CALL2, TWO_DPU, hook

SOURCE = pathlib.Path(__file__).resolve().parents[2]
MAKE = "examples/kubevirt/make-image"
EPOCH = "1700000000"
# A root that is the image, with what a pod mounts into it: the folder of the socket, a node's description for its /sys.
RUN = """
mount -t tmpfs t "$1" && cp -a "$2"/. "$1" && mkdir -p "$1/var/run/kubevirt-hooks" "$1/node" &&
mount --bind "$3" "$1/var/run/kubevirt-hooks" && mount --bind "$4" "$1/node" && mount -o remount,ro "$1" && root=$1 && shift 4 &&
exec setpriv --no-new-privs chroot --userspec=65534:65534 --groups= "$root" "$@"
"""
KIB_IDLE, KIB_LOAD = 16 << 10, 32 << 10


def run(*words, status=0, **rest):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **rest)
    if done.returncode != status:
        raise AssertionError("%s: %d\n%s%s" % (words, done.returncode, done.stdout, done.stderr))
    return done.stdout


def left_out(folder, names):
    return [name for name in names if name in (".git", "__pycache__") or (
        pathlib.Path(folder) == SOURCE and name.startswith(("build", "obj-")))]


def tree(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-image-"))
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.image = cls.work / "image"
        # No ccache in front of the compiler, and none of the flags of this build.
        cls.words = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SOURCE_DATE_EPOCH": EPOCH}
        cls.said = run("sh", SOURCE / MAKE, cls.image, env=cls.words)
        cls.inspected = json.loads(run("skopeo", "inspect", "oci:%s:0.1.0" % cls.image))
        cls.root, cls.node = cls.work / "root", cls.work / "node"
        for folder in (cls.root, cls.node, cls.work / "mount"):
            folder.mkdir()
        for layer in cls.inspected["Layers"]:
            with tarfile.open(cls.blob(layer)) as archive:
                archive.extractall(cls.root)
        shutil.copy(TWO_DPU, cls.node / "host.json")
        shutil.copy(SOURCE / "examples/hosts/hgx8.json", cls.node / "large.json")

    @classmethod
    def blob(cls, digest):
        return cls.image / "blobs" / digest.replace(":", "/")

    def server(self, host="host.json"):
        """The image's entry point, in the image."""
        folder = tempfile.mkdtemp(dir=self.work)
        os.chown(folder, 65534, 65534)
        program, = self.config["Entrypoint"]
        server = Sidecar("--host", "/node/" + host, "--folder", "/var/run/kubevirt-hooks", folder=folder, program=program,
                         container="hook-sidecar-0",
                         prefix=("unshare", "-m", "sh", "-c", RUN, "sh", self.work / "mount", self.root, folder, self.node))
        server.path = pathlib.Path(folder, server.path.name)
        return server

    @property
    def config(self):
        return json.loads(run("skopeo", "inspect", "--config", "oci:%s:0.1.0" % self.image))["config"]

    def test_skopeo(self):
        """It reads it, and copies it into another layout with all digests as they are."""
        self.assertIn(self.inspected["Digest"], self.said)
        self.assertEqual((self.inspected["Os"], self.inspected["Created"]), ("linux", "2023-11-14T22:13:20Z"))
        self.assertEqual(self.config["User"], "107:107")
        self.assertEqual(len(self.inspected["Layers"]), 1)
        run("skopeo", "copy", "--insecure-policy", "oci:%s:0.1.0" % self.image, "dir:%s" % (self.work / "copy"))
        manifest = (self.work / "copy/manifest.json").read_bytes()
        self.assertEqual(manifest, self.blob(self.inspected["Digest"]).read_bytes())

    def test_contents(self):
        """One program, static; nothing that is anybody's in particular."""
        with tarfile.open(self.blob(self.inspected["Layers"][0])) as archive:
            members = archive.getmembers()
        self.assertEqual([(m.name, oct(m.mode)) for m in members],
                         [("LICENSE", "0o644"), ("etc", "0o755"), ("etc/vtopo", "0o755"), ("vtopo-sidecar", "0o755")])
        self.assertEqual({(m.uid, m.gid, m.mtime) for m in members}, {(0, 0, int(EPOCH))})
        program = self.root / "vtopo-sidecar"
        self.assertNotIn("INTERP", run("readelf", "-lW", program))
        self.assertNotIn("NEEDED", run("readelf", "-dW", program))
        self.assertNotIn(str(SOURCE).encode(), program.read_bytes())
        self.assertLess(program.stat().st_size, 8 << 20)
        print("the program has %d KiB" % (program.stat().st_size >> 10), file=sys.stderr)

    def test_made_again(self):
        """Elsewhere, of the same source, with another environment: the same bytes."""
        other = self.work / "a/longer/name"
        shutil.copytree(SOURCE, other, symlinks=True, ignore=left_out)
        run("sh", other / MAKE, self.work / "again", cwd="/", env={**self.words, "CFLAGS": "-O0", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"})
        self.assertEqual(tree(self.work / "again"), tree(self.image))

    def test_usage(self):
        for status, words in ((2, ()), (5, (self.image,))):
            before = tree(self.image)
            run("sh", SOURCE / MAKE, *words, status=status)
            self.assertEqual(tree(self.image), before)

    def test_short_of_memory(self):
        """A call for which there is none is refused, and the next one is answered."""
        large = json.dumps({"spec": "x" * (4 << 20)})
        wanted = hook("{}", CALL2).stdout.decode()
        refused = 0
        for mib in range(6, 40, 2):
            prefix = ("prlimit", "--as=%d" % (mib << 20))
            with Sidecar("--host", TWO_DPU, program=self.root / "vtopo-sidecar", prefix=prefix) as server, server.client() as client:
                try:
                    self.assertEqual(client.define(CALL2, large), wanted)
                except grpc.RpcError as error:
                    self.assertEqual((error.code(), error.details()), (grpc.StatusCode.RESOURCE_EXHAUSTED, "out of memory"), mib)
                    refused += 1
                self.assertEqual(client.define(CALL2, "{}"), wanted)
        self.assertIn(refused, range(1, 17))  # some, and not all

    def test_ready_at_once(self):
        """Info, a tenth of a second after the start: KubeVirt waits for one second.  Of five starts, for the machine may be busy."""
        times = []
        for _ in range(5):
            with Sidecar("--host", TWO_DPU, program=self.root / "vtopo-sidecar") as server, server.client() as client:
                client.call(INFO)
                times.append(time.monotonic() - server.started)
        print("Info was answered %.0f ms after the start" % (min(times) * 1000), file=sys.stderr)
        self.assertLess(min(times), 0.1)

    def test_load_on_a_large_host(self):
        """224 CPUs, 16 devices: no more threads, and no more memory."""
        domain = (SOURCE / "tests/domains/hgx8.xml").read_text(encoding="utf-8")
        wanted = run(os.environ["VTOPO_HOOK_KUBEVIRT"], "--host", self.node / "large.json", "--vmi", "{}", "--domain", domain)
        self.assertIn("ua-vtopo-", wanted)

        def once(_):
            with Client(server.path) as client:
                return client.define(domain, "{}")

        with self.server("large.json") as server, concurrent.futures.ThreadPoolExecutor(8) as pool:
            idle = server.memory()
            self.assertEqual(set(pool.map(once, range(100))), {wanted})
            self.assertRegex(pathlib.Path("/proc/%d/status" % server.process.pid).read_text(), r"Threads:\t1\n")
            print("224 CPUs: idle %d KiB, peak %d KiB" % (idle, server.memory("VmHWM")), file=sys.stderr)
            self.assertLess(idle, KIB_IDLE)
            self.assertLess(server.memory("VmHWM"), KIB_LOAD)

    def test_load(self):
        """A thousand calls, eight at a time, with a VMI that the shim cannot take; then some of 4 MiB, and as large as there can be."""
        wanted = hook("{}", CALL2).stdout.decode()
        fields = {"f:%d" % number: {"f:name": {}} for number in range(2000)}
        meta = {"namespace": "lab", "name": "trainer", "managedFields": [{"fieldsV1": fields}]}
        vmi = json.dumps({"metadata": meta, "spec": {"userData": "x" * (130 << 10)}})
        large = json.dumps({"metadata": meta, "spec": {"userData": "x" * (4 << 20)}})
        fields = {"f:%d" % number: {"f:name": {}} for number in range(100000)}
        many = json.dumps({"metadata": {**meta, "managedFields": [{"fieldsV1": fields}]}})
        largest = json.dumps({"metadata": meta, "spec": {"userData": "x" * ((16 << 20) - (200 << 10))}})

        def once(text):
            with Client(server.path) as client:
                return client.define(CALL2, text)

        with self.server() as server, concurrent.futures.ThreadPoolExecutor(8) as pool:
            status = pathlib.Path("/proc/%d/status" % server.process.pid).read_text()
            self.assertRegex(status, r"Uid:\t65534\t65534\t65534\t65534\n")
            self.assertRegex(status, r"Cap(Prm|Eff):\t0+\n")
            idle, descriptors = server.memory(), server.descriptors()
            seen = []
            for _ in range(10):
                self.assertEqual(set(pool.map(once, [vmi] * 100)), {wanted})
                server.wait_for_descriptors(descriptors)
                seen.append(server.memory())
            peak = server.memory("VmHWM")
            self.assertEqual(set(pool.map(once, [large] * 24)), {wanted})
            self.assertRegex(pathlib.Path("/proc/%d/status" % server.process.pid).read_text(), r"Threads:\t1\n")
            four = server.memory("VmHWM")
            self.assertEqual(set(pool.map(once, [many, largest] * 4)), {wanted})
            print("idle %d KiB, 1,000 calls %s KiB, peak %d KiB, with 4 MiB %d KiB, with 16 MiB %d KiB" % (
                idle, seen, peak, four, server.memory("VmHWM")), file=sys.stderr)
            self.assertLess(idle, KIB_IDLE)
            self.assertLess(server.memory("VmHWM"), KIB_LOAD)
            self.assertLess(max(seen[5:]), seen[1] + 1024)
            server.wait_for_descriptors(descriptors)
            self.assertEqual(server.terminate()[0], 0)
            self.assertEqual(server.sockets(), [])


if __name__ == "__main__":
    if os.geteuid() != 0 or not os.environ.get("VTOPO_HOOK_KUBEVIRT"):
        sys.exit("root is needed, and VTOPO_HOOK_KUBEVIRT")
    unittest.main()
