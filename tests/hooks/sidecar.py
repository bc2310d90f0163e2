# SPDX-License-Identifier: GPL-2.0-or-later
"""
sidecar.py - vtopo-sidecar, started, and grpcio to call it

Takes:  VTOPO_SIDECAR: the program.
Gives:  a server in a folder of its own; calls of KubeVirt's methods, with messages made by hand of the protocol's facts.
"""
import os
import pathlib
import subprocess
import tempfile
import time

import grpc

PROGRAM = os.environ.get("VTOPO_SIDECAR")
INFO = "/kubevirt.hooks.info.Info/Info"
DEFINE = "/kubevirt.hooks.v1alpha%d.Callbacks/OnDefineDomain"
SHUTDOWN = "/kubevirt.hooks.v1alpha3.Callbacks/Shutdown"
MUTATE = "/kubevirt.hooks.plugins.v1alpha1.DomainHookService/MutateDomain"
MIB = 1 << 20
# What KubeVirt's client (grpc-go) receives at most, and sends without a limit.
OPTIONS = [("grpc.max_receive_message_length", 4 * MIB), ("grpc.max_send_message_length", -1), ("grpc.enable_http_proxy", 0),
           ("grpc.use_local_subchannel_pool", 1)]


def varint(number):
    out = bytearray()
    while number > 0x7f:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes(out + bytearray([number]))


def field(number, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(message):
    """[(number, value)] of a message of lengths and varints."""
    found, at = [], 0

    def read():
        nonlocal at
        number = shift = 0
        while True:
            byte = message[at]
            at += 1
            number |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(message):
        key = read()
        if key & 7 == 0:
            found.append((key >> 3, read()))
        else:
            assert key & 7 == 2, key
            length = read()
            assert at + length <= len(message)
            found.append((key >> 3, message[at:at + length]))
            at += length
    return found


def define_params(domain, vmi):
    return field(1, domain) + field(2, vmi)


def mutate_request(domain, vmi, context="Boot", domain_type="libvirt"):
    return field(1, domain_type) + field(2, domain) + field(3, vmi) + field(4, field(1, context))


def domain_of(message):
    (number, domain), = fields(message)
    assert number == 1
    return domain.decode()


class Client:
    """A channel of its own: a connection of its own."""

    def __init__(self, path):
        self.channel = grpc.insecure_channel("unix:%s" % path, options=OPTIONS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def method(self, path):
        return self.channel.unary_unary(path)

    def call(self, path, message=b"", timeout=60, **rest):
        return self.method(path)(message, timeout=timeout, **rest)

    def define(self, domain, vmi, version=3, timeout=60):
        return domain_of(self.call(DEFINE % version, define_params(domain, vmi), timeout))


class Sidecar:
    """The program; self.log has its stderr when it has ended."""

    def __init__(self, *arguments, folder=None, program=PROGRAM, prefix=(), container=None):
        self.own = None if folder else tempfile.TemporaryDirectory(prefix="vtopo-sidecar-")
        self.folder = pathlib.Path(folder or self.own.name)
        names = {"CONTAINER_NAME": container} if container else {}
        self.logfile = tempfile.TemporaryFile()
        self.started = time.monotonic()
        where = () if {"--socket", "--plugin", "--folder"} & set(arguments) else ("--folder", self.folder)
        self.process = subprocess.Popen([*prefix, program, *where, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.logfile,
                                        env={**{k: v for k, v in os.environ.items() if k != "CONTAINER_NAME"}, **names})
        self.path = self.wait_for_socket()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def sockets(self):
        return sorted(path for path in self.folder.iterdir() if path.is_socket())

    def wait_for_socket(self):
        """What it says when it is ready."""
        while b"ready on " not in self.log():
            if self.process.poll() is not None:
                said = self.log().decode()
                self.close()
                raise AssertionError("status %d: %s" % (self.process.returncode, said))
            time.sleep(0.005)
        words = self.log().decode().partition("ready on ")[2]
        return pathlib.Path(words.split("\n")[0].split('"')[0])

    def log(self):
        return os.pread(self.logfile.fileno(), 1 << 24, 0)

    def client(self):
        return Client(self.path)

    def memory(self, what="VmRSS"):
        """In KiB."""
        for line in pathlib.Path("/proc/%d/status" % self.process.pid).read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1])
        raise AssertionError(what)

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def wait_for_descriptors(self, count):
        """Those of connections that are closed are gone as soon as the server has seen that."""
        end = time.monotonic() + 20
        while self.descriptors() != count:
            if time.monotonic() > end:
                raise AssertionError("%d descriptors, not %d" % (self.descriptors(), count))
            time.sleep(0.01)

    def wait(self, seconds=10):
        """The status, when it has ended."""
        return self.process.wait(seconds)

    def terminate(self):
        """The status, and how long the end took."""
        begin = time.monotonic()
        self.process.terminate()
        return self.wait(), time.monotonic() - begin

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.logfile.close()
        if self.own:
            self.own.cleanup()
