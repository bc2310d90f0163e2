#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_libvirt_corpus.py - the domains of aarch64 that libvirt itself is tested with

Takes:  tests/qemuxmlconfdata of libvirt's source, as Debian has it (fetched with apt, not installed); this machine's libvirt.
Gives:  as they are they have no assigned devices, and come out byte for byte.  With devices of a host of the project's
        own put in, and once more with UEFI, ACPI and GICv3, which expanders need, what libvirt dumps of them keeps the laws:
        R(R(x)) = R(x), U(R(x)) = x, libvirt takes R(x), and R(D(R(x))) = D(R(x)).
Rule:   a domain that libvirt does not take with these devices is counted, and so is one that is not changed.
Exit:   77, and a line "skipped:", if the mirror cannot be reached.

usage: test_libvirt_corpus.py --program PATH --sources DIR [NAME...]
"""

import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tarfile

REAL = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(REAL), str(REAL.parent / "golden"), str(REAL.parent / "tools")]
import libvirt  # noqa: E402
import make_domain  # noqa: E402
import run as golden  # noqa: E402
import test_aarch64  # noqa: E402
import test_whole_hosts  # noqa: E402
import hostfacts  # noqa: E402

SUITE = "trixie"  # of the released ones the newest
FOLDER = "/tests/qemuxmlconfdata/"
OF_ARM = re.compile(rb"arch=['\"]aarch64['\"]")
HOST = golden.host_file(test_aarch64.HOST)
LEAST = 70  # domains; their number grows with each libvirt


def corpus(folder):
    """{name: bytes}, of the inputs and of what libvirt makes of them."""
    archive = next(folder.glob("libvirt_*.orig.tar.*"))
    with tarfile.open(archive) as tar:
        files = {member.name.rpartition("/")[2]: tar.extractfile(member).read() for member in tar
                 if FOLDER in member.name and member.name.endswith(".xml") and member.isfile()}
    return {name: text for name, text in sorted(files.items()) if OF_ARM.search(text)}


class Program:
    def __init__(self, path):
        self.words = [path, "-q", "--host", str(HOST), "--config", test_whole_hosts.EMPTY_POLICY]

    def run(self, text, *options):
        """(status, output); a crash, or a word of a sanitizer, is an error."""
        done = subprocess.run([*self.words, *options], input=text, capture_output=True, timeout=60, check=False)
        if done.returncode not in range(9):
            raise libvirt.Error("vtopo-xml: status %d: %s" % (done.returncode, done.stderr.decode()))
        return done.returncode, done.stdout, done.stderr


def with_devices(text, devices):
    elements = "".join(map(make_domain.element, devices)).encode()
    return re.sub(rb"[ \t]*</devices>", lambda end: elements + end[0], text, count=1)


def with_uefi(text):
    """Of a domain of machine virt, with a vCPU for each node; None: of another one, or it is so already."""
    if not re.search(rb"machine=['\"]virt\b", text) or b"firmware='efi'" in text:
        return None
    text = re.sub(rb"\s*<(kernel|initrd|cmdline|dtb|loader|nvram)\b[^>]*>[^<]*</\1>", b"", text)
    text = re.sub(rb"(<vcpu\b[^>]*>)1(</vcpu>)", rb"\g<1>2\2", text)
    text = re.sub(rb"\s*<(acpi|gic)\b[^>]*/>", b"", text).replace(b"<features/>", b"").replace(b"<os>", b"<os firmware='efi'>")
    if b"<features>" not in text:
        text = text.replace(b"</os>", b"</os>\n  <features>\n  </features>")
    return text.replace(b"<features>", b"<features>\n    <acpi/>\n    <gic version='3'/>")


def as_it_is(program, text):
    status, output, errors = program.run(text)
    if (status, output) != (0, text):
        yield "without assigned devices: status %d, %s %s" % (
            status, "changed" if output != text else "unchanged", errors.decode())


def laws(virt, program, dump, options):
    """Problems, after what became of it."""
    status, once, errors = program.run(dump, *options)
    if status:
        yield "refused" if status == 5 else "status %d: %s" % (status, errors.decode())
        return
    if once == dump:
        yield "unchanged"
        return
    yield "rewritten"
    if program.run(once, *options)[:2] != (0, once):
        yield "R(R(x)) is not R(x)"
    if program.run(once, "--undo")[:2] != (0, dump):
        yield "U(R(x)) is not x"
    again = virt.define_and_dump(once.decode()).encode()
    if program.run(again, *options)[:2] != (0, again):
        yield "R(D(R(x))) is not D(R(x))"


def judge(virt, program, text, devices):
    """(what became of it with devices, problems)"""
    problems = list(as_it_is(program, text))
    try:
        dump = virt.define_and_dump(libvirt.for_this_machine(with_devices(text, devices).decode())).encode()
    except libvirt.Error:
        return "not taken by this libvirt", problems
    try:
        became, *broken = laws(virt, program, dump, ("--cells", "make"))
    except libvirt.Error as error:
        became, broken = "failed", [str(error)]
    return became, problems + broken if became in ("rewritten", "unchanged", "refused") else problems + [became, *broken]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--sources", required=True, type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    if not test_aarch64.fetch(arguments.sources.resolve(), ["-s", SUITE], ["libvirt"]):
        print("skipped: libvirt's source, because the mirror cannot be reached")
        sys.exit(77)
    domains = corpus(arguments.sources)
    program = Program(str(pathlib.Path(arguments.program).resolve()))
    devices = test_whole_hosts.whole_guest(hostfacts.Host(HOST))
    counts, failed = collections.Counter(), 0
    with libvirt.Libvirt() as virt:
        domains.update({name + " with UEFI": with_uefi(text) for name, text in domains.items() if with_uefi(text)})
        for name, text in domains.items():
            if arguments.names and name not in arguments.names:
                continue
            became, problems = judge(virt, program, text, devices)
            counts[became] += 1
            failed += bool(problems)
            if problems or arguments.names:
                print("%s: %s" % (name, became), *problems, sep="\n    ", flush=True)
    print("%d domains, %d failed: %s" % (sum(counts.values()), failed, ", ".join(
        "%d %s" % (n, what) for what, n in counts.most_common())))
    sys.exit(1 if failed or not arguments.names and len(domains) < LEAST else 0)


if __name__ == "__main__":
    main()
