# SPDX-License-Identifier: GPL-2.0-or-later
"""
browser.py - a real browser, without a screen: Debian's chromium

Takes:  pages and pictures in files.
Gives:  what a script in a page of the test's found out; screenshots as rows of pixels.
Rule:   a folder of its own for each run; no network (every address leads to nowhere).
"""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

PROGRAM = shutil.which("chromium") or sys.exit("chromium is not installed")
FLAGS = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
         "--disable-extensions", "--disable-background-networking", "--host-resolver-rules=MAP * ^NOTFOUND"]


def run(*words):
    with tempfile.TemporaryDirectory(prefix="vtopo-browser-", ignore_cleanup_errors=True) as home:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        result = subprocess.run([PROGRAM, *FLAGS, *sandbox, "--user-data-dir=" + home, *words], timeout=300,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                                env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home})
        if result.returncode:
            sys.exit("chromium failed: " + result.stderr.decode("utf-8", "replace")[-2000:])
        return result.stdout.decode("utf-8")


def address(path):
    return pathlib.Path(path).resolve().as_uri()


def scheme(dark):
    return ["--blink-settings=preferredColorScheme=0"] if dark else []


def ask(path, *, dark=False, width=1300):
    """What the page's script has put as JSON into <script type=application/json id=answer>."""
    text = run(*scheme(dark), f"--window-size={width},900", "--dump-dom", address(path))
    found = re.search(r'<script type="application/json" id="answer">(.*?)</script>', text, re.S)
    if not found:
        sys.exit("the page has no answer: " + text[:2000])
    return json.loads(found[1])


def screenshot(path, width, height, *, dark=False):
    """Rows of (red, green, blue) tuples."""
    with tempfile.TemporaryDirectory(prefix="vtopo-screen-") as folder:
        picture = pathlib.Path(folder, "screen.png")
        run(*scheme(dark), f"--window-size={width},{height}", f"--screenshot={picture}", address(path))
        return read_png(picture.read_bytes())


def print_pages(path):
    """How many pages of paper it takes."""
    with tempfile.TemporaryDirectory(prefix="vtopo-paper-") as folder:
        paper = pathlib.Path(folder, "paper.pdf")
        run("--no-pdf-header-footer", f"--print-to-pdf={paper}", address(path))
        return len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes()))


def unfilter(kind, line, above, step):
    """A row of a PNG: https://www.w3.org/TR/png-3/#9Filters"""
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        up = above[i]
        corner = above[i - step] if i >= step else 0
        if kind == 1:
            line[i] = line[i] + left & 255
        elif kind == 2:
            line[i] = line[i] + up & 255
        elif kind == 3:
            line[i] = line[i] + (left + up) // 2 & 255
        elif kind == 4:
            guess = left + up - corner
            nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
            line[i] = line[i] + nearest[2] & 255
    return line


def read_png(data):
    """8 bits, RGB or RGBA, not interlaced, as chromium writes them."""
    at, parts, header = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        content = data[at + 8:at + 8 + length]
        header = struct.unpack(">IIBBBBB", content) if kind == b"IHDR" else header
        parts += content if kind == b"IDAT" else b""
        at += length + 12
    width, height, depth, colour, _, _, interlaced = header
    assert depth == 8 and colour in (2, 6) and not interlaced, header
    step = 3 if colour == 2 else 4
    raw, rows, above = zlib.decompress(parts), [], bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        above = unfilter(raw[start], bytearray(raw[start + 1:start + 1 + width * step]), above, step)
        rows.append([tuple(above[x:x + 3]) for x in range(0, width * step, step)])
    return rows
