#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
rewrite.py - rewrite a libvirt domain with libvtopo, without a compiler

    virsh dumpxml --inactive --security-info VM | ./rewrite.py
    ./rewrite.py HOST.json <VM.xml

HOST.json is what "vtopo-host save" prints; without it the host is this machine.
"""
import ctypes
import sys

LIBRARY = ctypes.CDLL("libvtopo.so.0")
LIBC = ctypes.CDLL(None)
LIBC.free.argtypes = [ctypes.c_void_p]
POINTER = ctypes.c_void_p
INFO = 0  # VTOPO_INFO


def function(name, result, *arguments):
    """A function of the library; without its types ctypes would cut pointers to 32 bits."""
    found = getattr(LIBRARY, name)
    found.restype, found.argtypes = result, arguments
    return found


OUT = ctypes.POINTER(POINTER)
error_code = function("vtopo_error_code", ctypes.c_int, POINTER)
error_message = function("vtopo_error_message", ctypes.c_char_p, POINTER)
error_free = function("vtopo_error_free", None, POINTER)
host_read = function("vtopo_host_read", ctypes.c_int, ctypes.c_char_p, POINTER, OUT, OUT)
host_free = function("vtopo_host_free", None, POINTER)
rewrite_text = function("vtopo_rewrite", ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, POINTER, POINTER, OUT,
                        ctypes.POINTER(ctypes.c_size_t), OUT, OUT)
finding_count = function("vtopo_plan_finding_count", ctypes.c_size_t, POINTER)
finding_id = function("vtopo_plan_finding_id", ctypes.c_int, POINTER, ctypes.c_size_t)
finding_severity = function("vtopo_plan_finding_severity", ctypes.c_int, POINTER, ctypes.c_size_t)
finding_subject = function("vtopo_plan_finding_subject", ctypes.c_char_p, POINTER, ctypes.c_size_t)
finding_text = function("vtopo_plan_finding_text", ctypes.c_char_p, POINTER, ctypes.c_size_t)
finding_name = function("vtopo_finding_name", ctypes.c_char_p, ctypes.c_int)
plan_free = function("vtopo_plan_free", None, POINTER)


class Error(Exception):
    """A call failed; code is one of VTOPO_ERR_*."""

    def __init__(self, error):
        super().__init__(error_message(error).decode())
        self.code = error_code(error)
        error_free(error)


def check(code, error):
    if code:
        raise Error(error)


def read_host(path):
    host, error = POINTER(), POINTER()
    check(host_read(path.encode(), None, ctypes.byref(host), ctypes.byref(error)), error)
    return host


def rewrite(xml, host=None):
    """The new text, and the findings: (id, severity, subject, text)."""
    text, length, plan, error = POINTER(), ctypes.c_size_t(), POINTER(), POINTER()
    check(rewrite_text(xml, len(xml), host, None, ctypes.byref(text), ctypes.byref(length), ctypes.byref(plan),
                       ctypes.byref(error)), error)
    findings = [(finding_name(finding_id(plan, at)).decode(), finding_severity(plan, at),
                 finding_subject(plan, at).decode(), finding_text(plan, at).decode())
                for at in range(finding_count(plan))]
    result = ctypes.string_at(text, length.value)
    LIBC.free(text)
    plan_free(plan)
    return result, findings


def main():
    host = None
    try:
        host = read_host(sys.argv[1]) if len(sys.argv) > 1 else None
        text, findings = rewrite(sys.stdin.buffer.read(), host)
    except Error as error:
        print(f"rewrite: {error}", file=sys.stderr)
        return -error.code
    finally:
        host_free(host)
    for name, severity, subject, sentence in findings:
        if severity != INFO:
            print(f"rewrite: {name} {subject}: {sentence}", file=sys.stderr)
    sys.stdout.buffer.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
