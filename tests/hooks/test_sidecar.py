#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_sidecar.py - vtopo-sidecar, called by grpcio

Takes:  VTOPO_SIDECAR, VTOPO_HOOK_KUBEVIRT: the programs; root.
Gives:  calls that are answered otherwise than the shim's program does, calls without an answer, sockets that are left.
Rule:   the client is not ours, but for the connections that are to be broken (raw HTTP/2).
Not here: memory, which a build with sanitizers says nothing of (test_image.py).
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

import grpc
import hpack
import jsonschema
import sidecar
from sidecar import DEFINE, INFO, MIB, MUTATE, SHUTDOWN, Client, Sidecar, define_params, domain_of, field, fields, mutate_request
from test_kubevirt_calls import ANNOTATED, CALL1, CALL2, PLAIN, TWO_DPU, annotated, hook

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
          "--no-new-privs")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A header of HPACK, neither compressed nor remembered."""
    return b"\0" + bytes([len(name)]) + name + struct.pack(">B", len(value)) + value


def headers(path, stream=1, flags=4, **more):
    block = b"".join(literal(n, v) for n, v in ((b":method", b"POST"), (b":scheme", b"http"), (b":path", path.encode()),
                                                (b":authority", b"localhost"), (b"content-type", b"application/grpc"),
                                                (b"te", b"trailers"),
                                                *((n.replace("_", "-").encode(), v) for n, v in more.items())))
    return frame(1, flags, stream, block)


def data(payload, stream=1, flags=0):
    return frame(0, flags, stream, payload)


def message(payload, length=None, flag=0):
    return struct.pack(">BI", flag, len(payload) if length is None else length) + payload


class Raw:
    """A connection that has sent these parts."""

    def __init__(self, path, *parts):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(str(path))
        self.decoder = hpack.Decoder()
        self.got, self.kinds, self.found, self.bodies = b"", [], {}, {}
        self.send(PREFACE + frame(4, 0, 0) + b"".join(parts))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def bytes(self, count):
        while len(self.got) < count:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError
            self.got += part
        taken, self.got = self.got[:count], self.got[count:]
        return taken

    def read(self):
        """A frame: its kind and its flags; headers and data are kept."""
        length, kind, flags, stream = struct.unpack(">IBBI", b"\0" + self.bytes(9))
        payload = self.bytes(length)
        if kind == 1:
            self.found.setdefault(stream, {}).update(self.decoder.decode(payload))
        elif kind == 0:
            self.bodies[stream] = self.bodies.get(stream, b"") + payload
        return kind, flags

    def until(self, kind, flag=0):
        while True:
            found, flags = self.read()
            if found == kind and flags & flag == flag:
                return

    def reply(self, stream=1):
        """(status, its text), when they are there."""
        while "grpc-status" not in self.found.get(stream, {}):
            self.read()
        found = self.found[stream]
        return int(found["grpc-status"]), urllib.parse.unquote(found.get("grpc-message", ""))


class Calls(unittest.TestCase):
    """One server for all of them: none of what is wrong may end it."""

    @classmethod
    def setUpClass(cls):
        cls.server = Sidecar("--host", TWO_DPU)
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        self.client = self.server.client()
        self.addCleanup(self.client.channel.close)

    def tearDown(self):
        with self.server.client() as client:
            self.assertEqual(client.define(CALL2, "{}"), hook("{}", CALL2).stdout.decode())
        self.assertIsNone(self.server.process.poll())

    def refused(self, code, words, path, request, **rest):
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.call(path, request, **rest)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        self.assertIn(words, caught.exception.details())

    def test_info(self):
        found = fields(self.client.call(INFO))
        self.assertEqual([value for number, value in found if number == 4], [b"v1alpha3", b"v1alpha2", b"v1alpha1"])
        self.assertEqual([fields(value)[0][1] for number, value in found if number == 3], [b"OnDefineDomain", b"Shutdown"])
        self.assertIn((1, b"vtopo"), found)

    def test_same_as_the_shim(self):
        """Whoever is asked: the same bytes, and the same reason."""
        for domain in (CALL1, CALL2, PLAIN):
            for vmi in ("{}", ANNOTATED, annotated(mirror="exact"), annotated(mirror="numa", strict="no")):
                shim = hook(vmi, domain)
                for version in (1, 2, 3):
                    self.assertEqual(self.client.define(domain, vmi, version), shim.stdout.decode())
                self.assertEqual(domain_of(self.client.call(MUTATE, mutate_request(domain, vmi))), shim.stdout.decode())
        for vmi, domain in (("{", CALL2), ("{}", "<domain>"), ("{}", ""), (annotated(mirror="x"), CALL2),
                            (annotated(other="x"), CALL2), ("{}", CALL2.replace('bus="0x3d"', 'bus="0x77"'))):
            with self.assertRaises(grpc.RpcError) as caught:
                self.client.define(domain, vmi)
            shim = hook(vmi, domain)
            self.assertNotEqual(shim.returncode, 0)
            self.assertEqual("onDefineDomain: %s\n" % caught.exception.details(), shim.stderr.decode())
            self.assertIn(caught.exception.code(), (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION))

    def test_more_than_the_shim_can(self):
        """128 KiB are the end of an argument, so of the shim's VMI."""
        vmi = json.dumps({"spec": {"userData": "x" * (130 << 10)}})
        with self.assertRaises(OSError):
            hook(vmi, CALL2)
        self.assertEqual(self.client.define(CALL2, vmi), self.client.define(CALL2, "{}"))
        vmi = json.dumps({"spec": {"userData": "x" * (120 << 10)}})
        self.assertEqual(self.client.define(CALL2, vmi), hook(vmi, CALL2).stdout.decode())

    def test_migration(self):
        """The guest is there, its layout stays."""
        for context in ("MigrationSource", "MigrationTarget"):
            self.assertEqual(domain_of(self.client.call(MUTATE, mutate_request(CALL2, "{}", context))), CALL2)
        self.refused(grpc.StatusCode.INVALID_ARGUMENT, "not libvirt's", MUTATE, mutate_request(CALL2, "{}", domain_type="x"))

    def test_wrong_method(self):
        for path in ("/kubevirt.hooks.info.Info/Other", "/", "/kubevirt.hooks.v1alpha3.Callbacks/PreCloudInitIso", "/" + "x" * 5000,
                     DEFINE % 4, (DEFINE % 3) + "/", "/../etc/passwd"):
            self.refused(grpc.StatusCode.UNIMPLEMENTED, "no such method", path, b"")

    def test_malformed(self):
        for request in (b"\xff", b"\x0a\x7f", b"\x0a", b"\x0b\x0c", field(1, CALL2)[:-5], b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
                        b"\x08\x01" * (1 << 20), b"\x00" * 100, b"\x0d\x00\x00\x00\x00\x0a"):
            self.refused(grpc.StatusCode.INVALID_ARGUMENT, "not what the method takes", DEFINE % 3, request)
        for path in (INFO, MUTATE):
            self.refused(grpc.StatusCode.INVALID_ARGUMENT, "not what the method takes", path, b"\x0a\x05ab")

    def test_unknown_fields(self):
        """A later KubeVirt may say more."""
        more = field(9, "later") + b"\x78\x05"
        self.assertEqual(domain_of(self.client.call(DEFINE % 3, define_params(CALL2, "{}") + more)), self.client.define(CALL2, "{}"))
        self.assertEqual(fields(self.client.call(INFO, more))[0], (1, b"vtopo"))

    def test_sizes(self):
        wanted = self.client.define(CALL2, "{}")
        for size in (4 * MIB, 5 * MIB, 16 * MIB - 20000):
            self.assertEqual(self.client.define(CALL2, json.dumps({"spec": "x" * size})), wanted)
            domain = CALL2.replace("<metadata>", "<metadata><a xmlns='urn:a'>%s</a>" % ("x" * size))
            self.refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "takes at most 4 MiB back", DEFINE % 3, define_params(domain, "{}"))
        for size in (16 * MIB + 1, 20 * MIB):
            self.refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "more than 16 MiB", DEFINE % 3, b"x" * size)
        # The greatest answer that the client takes, to the byte.
        domain = CALL1.replace("<metadata>", "<metadata><a xmlns='urn:a'>%s</a>")
        room = 4 * MIB - len(domain.replace("%s", "")) - 5
        self.assertEqual(self.client.define(domain % ("x" * room), "{}"), domain % ("x" * room))
        self.refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "the answer has 4194305 bytes", DEFINE % 3,
                     define_params(domain % ("x" * (room + 1)), "{}"))

    def test_compressed(self):
        self.refused(grpc.StatusCode.UNIMPLEMENTED, "compressed", DEFINE % 3, define_params(CALL2 * 3, "{}"),
                     compression=grpc.Compression.Gzip)

    def test_many_at_once(self):
        """On one connection, more than it has streams, and on more connections than the server has places."""
        wanted = self.client.define(CALL2, "{}")
        running = [self.client.method(DEFINE % 3).future(define_params(CALL2, "{}"), timeout=60) for _ in range(100)]
        self.assertEqual({domain_of(one.result()) for one in running}, {wanted})
        clients = [self.server.client() for _ in range(40)]
        running = [c.method(DEFINE % 3).future(define_params(CALL2, "{}"), timeout=60) for c in clients for _ in range(3)]
        self.assertEqual({domain_of(one.result()) for one in running}, {wanted})
        for client in clients:
            client.channel.close()

    def test_large_at_once(self):
        """They wait for each other's room, and small calls for none of them."""
        vmi = json.dumps({"spec": "x" * (5 * MIB)})
        running = [self.client.method(DEFINE % 3).future(define_params(CALL2, vmi), timeout=60) for _ in range(8)]
        with self.server.client() as other:
            self.assertEqual(fields(other.call(INFO))[0], (1, b"vtopo"))
        self.assertEqual({domain_of(one.result()) for one in running}, {self.client.define(CALL2, "{}")})

    def test_deadline(self):
        """A message that does not come in time; and a timeout that is none."""
        with Raw(self.server.path, headers(DEFINE % 3, grpc_timeout=b"100m"), data(message(b"x", length=100))) as peer:
            self.assertEqual(peer.reply(), (4, "the call took longer than its caller waits"))
        for timeout in (b"", b"5", b"m", b"-1S", b"123456789S", b"1x", b"1 S"):
            with Raw(self.server.path, headers(INFO, grpc_timeout=timeout), data(message(b""), flags=1)) as peer:
                self.assertEqual(peer.reply(), (3, "the grpc-timeout is none"))
        with Raw(self.server.path, headers(INFO, grpc_timeout=b"99999999H"), data(message(b""), flags=1)) as peer:
            self.assertEqual(peer.reply(), (0, ""))

    def test_half_a_message(self):
        whole = message(define_params(CALL2, "{}"))
        for part, words in ((b"", "has no message"), (whole[:3], "ends within"), (whole[:5], "ends within"), (whole[:-1], "ends within")):
            with Raw(self.server.path, headers(DEFINE % 3), data(part, flags=1)) as peer:
                status, text = peer.reply()
                self.assertEqual(status, 3)
                self.assertIn(words, text)
        with Raw(self.server.path, headers(DEFINE % 3, flags=5)) as peer:
            self.assertEqual(peer.reply(), (3, "the call has no message"))
        for part, status, words in ((message(b"ab") * 2, 3, "more than one message"), (message(b"", length=0xffffffff), 8, "16 MiB"),
                                    (message(b"x", flag=1), 12, "compressed")):
            with Raw(self.server.path, headers(DEFINE % 3), data(part)) as peer:
                found, text = peer.reply()
                self.assertEqual(found, status)
                self.assertIn(words, text)
                peer.until(3)  # it is asked to stop
        for part in (b"", whole[:3], whole[:-1]):  # and then nothing more
            with Raw(self.server.path, headers(DEFINE % 3), data(part)):
                pass

    def test_not_grpc(self):
        with Raw(self.server.path, frame(1, 5, 1, b"".join(literal(n, v) for n, v in (
                (b":method", b"GET"), (b":scheme", b"http"), (b":path", INFO.encode()), (b":authority", b"x"))))) as peer:
            self.assertEqual(peer.reply(), (3, "this is no call of gRPC"))
            self.assertEqual(peer.found[1][":status"], "415")
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 1000, PREFACE[:10], PREFACE + b"\xff" * 100,
                      PREFACE + frame(0, 0, 7, b"x"), PREFACE + frame(4, 0, 0) + frame(1, 4, 1, b"\xff" * 50)):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(self.server.path))
            connection.sendall(noise)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(20)
            try:
                while connection.recv(65536):
                    pass
            except ConnectionResetError:
                pass
            connection.close()

    def test_reset(self):
        """Calls that are taken back at once, many of them: the server may end such a connection, and no other."""
        parts = b"".join(headers(DEFINE % 3, n) + frame(3, 0, n, struct.pack(">I", 8)) for n in range(1, 4001, 2))
        try:
            with Raw(self.server.path) as peer:
                peer.send(parts)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def test_slow(self):
        """Byte by byte, and all others go on meanwhile; at last it has its answer."""
        whole = message(b"")
        with Raw(self.server.path, headers(INFO)) as peer:
            for number, byte in enumerate(whole):
                peer.send(data(bytes([byte]), flags=number + 1 == len(whole)))
                self.assertEqual(fields(self.client.call(INFO))[0], (1, b"vtopo"))
            self.assertEqual(peer.reply(), (0, ""))
            self.assertEqual(peer.bodies[1][5:], self.client.call(INFO))

    def test_does_not_read(self):
        """A peer that takes no answer keeps nobody else's."""
        whole = message(define_params(CALL1.replace("<metadata>", "<metadata><a xmlns='urn:a'>%s</a>" % ("x" * 30000)), "{}"))
        with Raw(self.server.path) as peer:
            for stream in range(1, 40, 2):
                peer.send(headers(DEFINE % 3, stream), data(whole[:16000], stream), data(whole[16000:32000], stream),
                          data(whole[32000:], stream, 1))
            self.assertEqual(self.client.define(CALL2, "{}"), hook("{}", CALL2).stdout.decode())

    def test_idle_connections(self):
        """The one that has been idle longest makes room for a new one."""
        with contextlib.ExitStack() as stack:
            idle = [stack.enter_context(Raw(self.server.path)) for _ in range(30)]
            self.assertEqual(fields(self.client.call(INFO))[0], (1, b"vtopo"))
            with self.assertRaises(EOFError):
                idle[0].until(99)


    def test_floods(self):
        """Of what costs a peer little: it is ended or outlived, and others are heard meanwhile."""
        many = range(1, 4001, 2)
        floods = {
            "continuations": [headers(INFO, flags=0)] + [frame(9, 0, 1, literal(b"a", b"b" * 100) * 100)] * 100,
            "empty continuations": [headers(INFO, flags=0)] + [frame(9, 0, 1)] * 10000,
            "resets": [headers(INFO, i) + frame(3, 0, i, b"\0\0\0\x08") for i in many],
            "settings": [frame(4, 0, 0)] * 10000,
            "pings": [frame(6, 0, 0, b"x" * 8)] * 10000,
            "priorities": [frame(2, 0, i, b"\0\0\0\0\x10") for i in many],
            "windows": [frame(8, 0, 0, b"\0\0\0\1")] * 10000,
            "a window too large": [frame(8, 0, 0, b"\x7f\xff\xff\xff")] * 2,
            "empty data": [headers(DEFINE % 3)] + [data(b"")] * 10000,
            "unknown frames": [frame(77, 0, 1, b"z" * 16000)] * 500,
            "wrong Huffman": [frame(1, 5, 1, b"\x00\x83\xff\xff\xff\x83\xff\xff\xff")],
            "a large table": [frame(1, 4, 1, b"\x3f\xff\xff\xff\x7f")],
            "a header without an end": [frame(1, 0, 1, b"\0\x01a\x7f\xff\xff\x03" + b"x" * 16000)] + [frame(9, 0, 1, b"x" * 16000)] * 50,
        }
        for name, parts in floods.items():
            with self.subTest(name), Raw(self.server.path) as peer:
                with contextlib.suppress(OSError):  # it may be ended at any time
                    peer.send(*parts)
                self.assertEqual(fields(self.client.call(INFO, timeout=5))[0], (1, b"vtopo"))

    def test_places_are_taken(self):
        """By peers that send without saying anything, say half a message, or take no answer: within a second others are heard."""
        whole = message(define_params(CALL1, "{}"))
        # A window of nothing, in which no answer has room.
        closed = frame(4, 0, 0, b"\0\4\0\0\0\0")
        for name, first, more in (("pings", [], [frame(6, 0, 0, b"x" * 8)]),
                                  ("half", [headers(DEFINE % 3), data(whole[:20])], [data(b"x")]),
                                  ("unread", [closed, headers(DEFINE % 3), data(whole[:16000]), data(whole[16000:], flags=1)], [])):
            with self.subTest(name), contextlib.ExitStack() as stack:
                peers = [stack.enter_context(Raw(self.server.path, *first)) for _ in range(16)]
                for _ in range(6):
                    for peer in peers:
                        peer.send(*more)
                    time.sleep(0.2)
                with self.server.client() as client:
                    self.assertEqual(fields(client.call(INFO, timeout=0.7))[0], (1, b"vtopo"))


class Lives(unittest.TestCase):
    """Start, end, and what is in the folder."""

    def readable(self, path):
        """A copy that everybody can reach: the tree may lie in somebody's home."""
        folder = tempfile.mkdtemp(prefix="vtopo-sidecar-")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        copy = shutil.copy(path, folder)
        os.chmod(copy, 0o755)
        return copy

    def refused(self, status, words, *arguments, program=sidecar.PROGRAM, **rest):
        done = subprocess.run([program, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=30, check=False, **rest)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertIn(words, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_ready_at_once(self):
        with Sidecar("--host", TWO_DPU) as server, server.client() as client:
            client.call(INFO)
            print("Info was answered %.0f ms after the start" % ((time.monotonic() - server.started) * 1000), file=sys.stderr)

    def test_names(self):
        """One for each start, with the container's name where Kubernetes could have given it."""
        with tempfile.TemporaryDirectory() as folder:
            with Sidecar(folder=folder, container="hook-sidecar-0") as first, Sidecar(folder=folder) as second, \
                    Sidecar(folder=folder, container="../evil") as third:
                self.assertRegex(first.path.name, r"^vtopo-hook-sidecar-0-[0-9a-f]{16}\.sock$")
                for server in (second, third):
                    self.assertRegex(server.path.name, r"^vtopo-[0-9a-f]{16}\.sock$")
                self.assertEqual(set(map(str, pathlib.Path(folder).iterdir())), {str(s.path) for s in (first, second, third)})
                for server in (first, second, third):
                    with server.client() as client:
                        client.call(INFO)

    def test_two_in_a_row(self):
        """The second one gets what the first one made, and has nothing to add."""
        with Sidecar("--host", TWO_DPU, container="hook-sidecar-0") as first, \
                Sidecar("--host", TWO_DPU, container="hook-sidecar-1") as second:
            self.assertNotEqual(first.path.name, second.path.name)
            with first.client() as one, second.client() as two:
                once = one.define(CALL2, "{}")
                self.assertEqual(two.define(once, "{}"), once)

    def test_killed_and_started_again(self):
        """In a call; what is left of it is taken over under its name, as virt-launcher knows it."""
        with tempfile.TemporaryDirectory() as folder:
            with Sidecar("--host", TWO_DPU, folder=folder, container="hook-sidecar-0") as server:
                path = server.path
                with Raw(path, headers(DEFINE % 3), data(message(b"x" * 1000, length=100000))) as peer:
                    peer.until(4, 1)
                    os.kill(server.process.pid, signal.SIGKILL)
                    server.wait()
                    with self.assertRaises((EOFError, ConnectionResetError)):
                        peer.reply()
            self.assertTrue(path.is_socket())
            other = pathlib.Path(folder, "vtopo-hook-sidecar-0-%016x.sock" % 5)
            alone = pathlib.Path(folder, "vtopo-hook-sidecar-1-%016x.sock" % 5)
            for dead in (other, alone):
                with socket.socket(socket.AF_UNIX) as gone:
                    gone.bind(str(dead))
            with Sidecar("--host", TWO_DPU, folder=folder, container="hook-sidecar-0") as server:
                self.assertIn(server.path, (path, other))
                self.assertEqual(server.sockets(), sorted((server.path, alone)))
                with server.client() as client:
                    self.assertEqual(client.define(CALL2, "{}"), hook("{}", CALL2).stdout.decode())

    def test_live_socket(self):
        """Not stolen, and nothing else in its place is either."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "v.sock")
            with Sidecar("--socket", path) as server:
                self.refused(5, "somebody listens on", "--socket", path)
                with server.client() as client:
                    client.call(INFO)
                os.kill(server.process.pid, signal.SIGSTOP)  # alive, and does not answer
                self.refused(5, "somebody listens on", "--socket", path)
                os.kill(server.process.pid, signal.SIGKILL)
                server.wait()
            with Sidecar("--socket", path) as server, server.client() as client:
                client.call(INFO)
            self.assertFalse(path.exists() and not path.is_socket())
            for make in (lambda: path.write_text("x"), path.mkdir, lambda: path.symlink_to("/etc/passwd"), lambda: os.mkfifo(path)):
                if path.is_socket():
                    path.unlink()
                make()
                self.refused(5, "is no socket", "--socket", path)
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()

    def test_somebody_elses(self):
        """Its file is another one by now: that stays."""
        with tempfile.TemporaryDirectory() as folder, Sidecar(folder=folder) as server:
            server.path.unlink()
            server.path.write_text("x")
            self.assertEqual(server.terminate()[0], 0)
            self.assertEqual(server.path.read_text(), "x")

    def test_usage(self):
        for words in (("--socket", "/a", "--folder", "/b"), ("--plugin", "../x"), ("--plugin", ""), ("--plugin", "A"), ("--log", "x"),
                      ("--socket", "x.sock"), ("--socket", "/tmp/"), ("--plugin", "a/b"), ("extra",)):
            done = subprocess.run([sidecar.PROGRAM, *words], capture_output=True, text=True, timeout=30, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
        self.refused(6, "longer than the 107 bytes", "--socket", "/tmp/" + "x" * 110)
        self.refused(6, "No such file", "--folder", "/nonexistent")
        self.refused(6, "Not a directory", "--folder", "/etc/passwd")
        with tempfile.TemporaryDirectory() as folder:
            self.refused(6, "longer than the 107 bytes", "--folder", pathlib.Path(folder, *("./" * 60)).joinpath("x" * 0).as_posix()
                         + "/." * 50)
            os.chmod(folder, 0o755)
            self.refused(6, "Permission denied", "--folder", folder, program=self.readable(sidecar.PROGRAM),
                         preexec_fn=lambda: os.setuid(65534))

    def test_terminated(self):
        """Within a second, calls answered, the socket gone."""
        wanted, times = hook("{}", CALL2).stdout.decode(), []
        for end in (signal.SIGTERM, signal.SIGINT):
            with Sidecar("--host", TWO_DPU) as server:
                whole = message(define_params(CALL2, "{}"))
                with Raw(server.path, headers(DEFINE % 3), data(whole[:100])) as slow, \
                        Raw(server.path, headers(DEFINE % 3), data(whole[:6000])) as good, Raw(server.path) as idle:
                    for peer in (slow, good, idle):
                        peer.until(4, 1)  # its settings are known, so is the call
                    begin = time.monotonic()
                    os.kill(server.process.pid, end)
                    idle.until(7)
                    self.assertEqual(server.sockets(), [])
                    good.send(data(whole[6000:], flags=1))
                    self.assertEqual(good.reply(), (0, ""))
                    self.assertEqual(domain_of(good.bodies[1][5:]), wanted)
                    self.assertEqual(slow.reply(), (14, "the sidecar ends"))
                    self.assertEqual(server.wait(), 0)
                    times.append(time.monotonic() - begin)
                    print("ended %.0f ms after signal %d" % (times[-1] * 1000, end), file=sys.stderr)
        self.assertLess(min(times), 1)  # of both: the machine may have been busy

    def test_terminated_with_an_answer_that_nobody_takes(self):
        """Whoever closes its window keeps it from ending no longer than others do."""
        whole, times = message(define_params(CALL2, "{}")), []
        closed = frame(4, 0, 0, b"\0\4\0\0\0\0")
        for _ in range(3):
            with Sidecar("--host", TWO_DPU) as server, \
                    Raw(server.path, closed, headers(DEFINE % 3), data(whole[:16000]), data(whole[16000:], flags=1)) as peer:
                peer.until(1)  # the answer has begun
                status, seconds = server.terminate()
                self.assertEqual((status, server.sockets()), (0, []))
                times.append(seconds)
        self.assertLess(min(times), 1)

    def test_shutdown(self):
        with Sidecar("--host", TWO_DPU) as server:
            with server.client() as client:
                self.assertEqual(client.call(SHUTDOWN), b"")
            self.assertEqual(server.wait(), 0)
            self.assertEqual(server.sockets(), [])

    def test_plugin(self):
        """Below its own folder, of a read-only root in which nothing else can be written, as somebody without any right."""
        script = ("mount -t tmpfs t /run && mkdir -p /run/kubevirt-plugin/topology && chown 65534 /run/kubevirt-plugin/topology && "
                  "mount --bind \"$1\" /run/kubevirt-plugin/topology && mount -o remount,ro,bind / && shift && exec \"$@\"")
        with tempfile.TemporaryDirectory() as folder:
            os.chown(folder, 65534, 65534)
            prefix = ("unshare", "-m", "sh", "-c", script, "sh", folder, *NOBODY)
            with Sidecar("--host", self.readable(TWO_DPU), "--plugin", "topology", prefix=prefix,
                         program=self.readable(sidecar.PROGRAM)) as server:
                self.assertEqual(str(server.path), "/var/run/kubevirt-plugin/topology/vtopo.sock")
                path = pathlib.Path(folder, "vtopo.sock")
                status = pathlib.Path("/proc/%d/status" % server.process.pid).read_text()
                self.assertRegex(status, r"Uid:\t65534")
                self.assertRegex(status, r"CapEff:\t0+\n")
                self.assertRegex(status, r"Threads:\t1\n")
                self.assertEqual(path.stat().st_mode & 0o7777, 0o660)
                with Client(path) as client:
                    answer = domain_of(client.call(MUTATE, mutate_request(CALL2, "{}")))
                    self.assertEqual(answer, hook("{}", CALL2).stdout.decode())
                self.assertEqual(server.terminate()[0], 0)
                self.assertEqual(os.listdir(folder), [])

    def test_log(self):
        """Lines of text, or of JSON; which VMI; nothing of a peer's that a terminal takes for more than text."""
        vmi = json.dumps({"metadata": {"namespace": "lab", "name": "train\x1b[31mer", "annotations": {"vtopo.io/mirror": "\x1b"}}})
        good = json.dumps({"metadata": {"namespace": "lab", "name": "trainer"}})
        logs = {}
        for form in ("text", "json"):
            with Sidecar("--host", TWO_DPU, "--log", form) as server, server.client() as client:
                client.define(CALL2, good)
                client.define(CALL1, good)
                with self.assertRaises(grpc.RpcError):
                    client.define(CALL2, vmi)
                self.assertEqual(server.terminate()[0], 0)
                logs[form] = server.log().decode()
        for line in logs["text"].splitlines():
            self.assertTrue(line.startswith("vtopo-sidecar: "), line)
            self.assertTrue(line.isprintable(), line)
        self.assertIn("vtopo-sidecar: lab/trainer: warning: VTOPO-", logs["text"])
        self.assertIn("vtopo-sidecar: lab/trainer: the domain is rewritten\n", logs["text"])
        self.assertIn("vtopo-sidecar: lab/trainer: the domain stays as it is\n", logs["text"])
        self.assertIn("vtopo-sidecar: lab/train?[31mer: error: ", logs["text"])
        lines = [json.loads(line) for line in logs["json"].splitlines()]
        schema = json.loads((pathlib.Path(__file__).parents[2] / "schemas/sidecar-log.schema.json").read_text(encoding="utf-8"))
        for line in lines:
            jsonschema.Draft202012Validator(schema).validate(line)
            self.assertEqual(set(line) - set(schema["properties"]), set())
            self.assertEqual(line.get("finding", ""), re.match("(VTOPO-[0-9]{4} )?", line["msg"]).group(0).strip())
        self.assertTrue(any("finding" in line for line in lines))
        self.assertEqual(len(lines), len(logs["text"].splitlines()))
        self.assertIn({"component": "vtopo-sidecar", "level": "info", "msg": "the domain is rewritten", "kind": "VirtualMachineInstance",
                       "namespace": "lab", "name": "trainer"}, lines)

    def test_log_of_refusals(self):
        """Each has its line, and the VMI's name where there is a VMI; a guest that migrates, too."""
        good = json.dumps({"metadata": {"namespace": "lab", "name": "trainer"}})
        large = CALL2.replace("<metadata>", "<metadata><a xmlns='urn:a'>%s</a>" % ("x" * 4 * MIB))
        with Sidecar("--host", TWO_DPU, "--log", "json") as server, server.client() as client:
            for path, request, error in (("/a/B", b"", True), (DEFINE % 3, b"x" * (16 * MIB + 1), True),
                                         (DEFINE % 3, define_params(large, good), True),
                                         (MUTATE, mutate_request(CALL2, good, domain_type="x"), True),
                                         (MUTATE, mutate_request(CALL2, good, "MigrationSource"), False)):
                try:
                    client.call(path, request)
                    self.assertFalse(error, path)
                except grpc.RpcError:
                    self.assertTrue(error, path)
            server.terminate()
            lines = [json.loads(line) for line in server.log().decode().splitlines()]
        found = [(line["level"], line["msg"], line.get("namespace"), line.get("name")) for line in lines]
        for level, words, named in (("error", "a call: vtopo has no such method", False), ("error", DEFINE % 3 + ": ", False),
                                    ("error", "takes at most 4 MiB back", True), ("error", "the domain is not libvirt's", True),
                                    ("info", "its guest migrates", True)):
            self.assertEqual([line[2:] for line in found if line[0] == level and words in line[1]],
                             [("lab", "trainer") if named else (None, None)], words)

    def test_log_is_full(self):
        """Nobody reads the log: calls are answered nevertheless."""
        reader, writer = os.pipe()
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen([sidecar.PROGRAM, "--host", TWO_DPU, "--folder", folder], stderr=writer)
            try:
                while not os.listdir(folder):
                    time.sleep(0.01)
                with Client(next(pathlib.Path(folder).iterdir())) as client:
                    client.call(INFO, wait_for_ready=True)  # the name is there a moment before somebody listens
                    long = json.dumps({"metadata": {"namespace": "n" * 5000, "name": "x"}})
                    for _ in range(10):
                        client.define(CALL2, long)
                    os.close(reader)  # and now there is not even somebody who could
                    client.define(CALL2, "{}")
            finally:
                process.kill()
                process.wait()
                os.close(writer)


if __name__ == "__main__":
    if not sidecar.PROGRAM or os.geteuid() != 0:
        sys.exit("VTOPO_SIDECAR is needed, and root")
    unittest.main()
