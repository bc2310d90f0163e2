#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_shared.py - host trees that are not part of the project

Takes:  VTOPO_HOST, DOMAIN_MODE; ../shared/hosts/*.tar.gz, if it is there.
Gives:  each is read; saved and read again it is the same; a tree made of the saved one saves the
        same; with 64 bytes of config space, or none, ports are what they are with all of it.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

from common import Case, MEMORY, SHARED, make_sysfs

ARCHIVES = sorted(SHARED.glob("*.tar.gz"))


def ports(text):
    return {function["bdf"]: function.get("port") for function in json.loads(text)["functions"]}


def shorten(description, size):
    """The same host as somebody sees it who may read only so much of config space."""
    for bdf, config in list(description["config"].items()):
        if size:
            description["config"][bdf] = {key: row for key, row in config.items()
                                          if key != "size" and int(key, 16) < size}
            description["config"][bdf]["size"] = size
        else:
            del description["config"][bdf]
    return description


class Shared(Case):
    @classmethod
    def setUpClass(cls):
        cls.trees = pathlib.Path(tempfile.mkdtemp(prefix="vtopo-shared-", dir=MEMORY))
        cls.addClassCleanup(shutil.rmtree, cls.trees)
        for archive in ARCHIVES:
            with tarfile.open(archive) as tar:
                tar.extractall(cls.trees / archive.name.removesuffix(".tar.gz"))

    def each(self):
        for tree in sorted(self.trees.iterdir()):
            with self.subTest(tree.name):
                yield tree

    def test_round_trips(self):
        for tree in self.each():
            saved = self.folder / f"{tree.name}.json"
            self.succeed("save", saved, "--host", tree)
            text = saved.read_text()
            self.assertEqual(self.succeed("save", "-", "--host", saved), text)
            made = self.tree(saved, f"{tree.name}-made")
            self.assertEqual(self.succeed("save", "-", "--host", made), text)
            for words in (["show"], ["show", "--json"], ["devices"], ["devices", "--json"]):
                self.assertEqual(self.succeed(*words, "--host", saved),
                                 self.succeed(*words, "--host", tree))

    def test_all_functions_are_there(self):
        for tree in self.each():
            self.assertEqual(sorted(ports(self.succeed("save", "-", "--host", tree))),
                             sorted(os.listdir(tree / "bus/pci/devices")))

    def test_little_config_space(self):
        for tree in self.each():
            text = self.succeed("save", "-", "--host", tree)
            for size in (64, 0):
                made = self.folder / f"{tree.name}-{size}"
                make_sysfs.make(shorten(json.loads(text), size), str(made))
                self.assertEqual(ports(self.succeed("save", "-", "--host", made)), ports(text))

    def test_domain_mode(self):
        for tree in self.each():
            done = subprocess.run([os.environ["DOMAIN_MODE"], tree], capture_output=True, text=True,
                                  timeout=120)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


if __name__ == "__main__":
    if not SHARED.is_dir():
        print(f"skipped: {SHARED} is not beside the project")
        sys.exit(77)
    if not ARCHIVES:
        sys.exit(f"there are no archives in {SHARED}")
    unittest.main()
