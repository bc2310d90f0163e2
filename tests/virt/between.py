# SPDX-License-Identifier: GPL-2.0-or-later
"""
between.py - something happens between a program's call of libvirt and libvirt

Takes:  libvirtd's socket; the number of a procedure of libvirt's protocol; what is to be done before it gets there.
Gives:  a socket that goes on to libvirtd's, for one client.
Rule:   the messages stay as they are: their length (4 bytes, their own counted in), then the program's number, its version, the
        procedure's number.
Source: libvirt's src/rpc/virnetprotocol.x and src/remote/remote_protocol.x.
"""
import os
import pathlib
import socket
import struct
import tempfile
import threading

REMOTE_PROGRAM = 0x20008086
DEFINE = 350  # REMOTE_PROC_DOMAIN_DEFINE_XML_FLAGS


class Between:
    def __init__(self, libvirtd, procedure, what):
        self.libvirtd, self.procedure, self.what, self.count = str(libvirtd), procedure, what, 0
        self.folder = tempfile.TemporaryDirectory(prefix="vtopo-between-")
        self.path = str(pathlib.Path(self.folder.name, "socket"))
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(self.path)
        self.listening.listen()

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.listening.close()
        self.folder.cleanup()

    def serve(self):
        client = self.listening.accept()[0]
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.libvirtd)
        threading.Thread(target=self.answers, args=(server, client), daemon=True).start()
        with client.makefile("rb") as calls:
            while head := calls.read(16):
                length, program, _, procedure = struct.unpack(">IIII", head)
                rest = calls.read(length - len(head))
                if (program, procedure) == (REMOTE_PROGRAM, self.procedure):
                    self.count += 1
                    self.what()
                server.sendall(head + rest)
        server.shutdown(socket.SHUT_WR)

    @staticmethod
    def answers(server, client):
        while data := os.read(server.fileno(), 65536):
            client.sendall(data)
        client.close()
