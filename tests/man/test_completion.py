#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_completion.py - what bash offers is what the programs take

Takes:  the completions, --help of the programs.
Rule:   bash runs the function that "complete" names, with the words as readline would split them.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import programs

PROGRAMS = {"vtopo-xml": "VTOPO_XML", "vtopo-host": "VTOPO_HOST", "vtopo-compare": "VTOPO_COMPARE",
            "vtopo-guest": "VTOPO_GUEST", "vtopo-define": "VTOPO_DEFINE", "vtopod": "VTOPOD"}

# "=" is a word of its own: it is in COMP_WORDBREAKS.
RUN = r"""
source "$1" || exit 1
program=$2
shift 2
COMP_WORDS=("$program" "$@")
COMP_CWORD=$#
read -ra spec < <(complete -p "$program")
while [[ ${spec[0]} != -F ]]; do spec=("${spec[@]:1}"); done
"${spec[1]}"
printf '%s\n' "${COMPREPLY[@]}"
"""


def offered(program, *words):
    """What is offered in place of the last word."""
    completion = programs.SOURCE / "cmd/completion" / program
    with tempfile.TemporaryDirectory() as work:
        for name in ("vm.xml", "vm.json", "two words.xml"):
            pathlib.Path(work, name).touch()
        os.mkdir(os.path.join(work, "vms"))
        result = subprocess.run(["bash", "--norc", "-c", RUN, "bash", completion, program, *words], cwd=work,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, text=True)
    assert not result.stderr, result.stderr
    return sorted(filter(None, result.stdout.split("\n")))


def spelled(options):
    """As bash offers them: --output=, -o, --explain and --explain=."""
    words = set()
    for name, (short, word) in options.items():
        words |= {short} if short else set()
        words |= {name} if not word else {name, name + "="} if word.startswith("[") else {name + "="}
    return sorted(words)


class Completion(unittest.TestCase):
    maxDiff = None

    def test_options(self):
        for program, variable in PROGRAMS.items():
            self.assertEqual(offered(program, "-"), spelled(programs.options(variable)))

    def test_options_of_zsh_and_fish(self):
        """Their files name each option of --help once, and say which have an argument."""
        for program, variable in PROGRAMS.items():
            options = programs.options(variable)
            zsh = (programs.SOURCE / "cmd/completion/zsh" / f"_{program}").read_text(encoding="utf-8")
            zsh = re.sub(r"^_[\w-]+\(\) \{.*?^\}", "", zsh, flags=re.M | re.S)  # of commands: see below
            found = {name: word for name, word in re.findall(r"(--[\w-]+)(=-?)?[}'\[]", re.sub(r"'\(.*?\)'", "", zsh))}
            self.assertEqual(found, {name: "=-" if (word or "").startswith("[") else "=" if word else ""
                                     for name, (_, word) in options.items()})
            fish = (programs.SOURCE / "cmd/completion/fish" / f"{program}.fish").read_text(encoding="utf-8")
            found = {"--" + name: (short and "-" + short) or None for short, name in re.findall(r"^complete -c \S+(?: -s (\w))? -l ([\w-]+)", fish, re.M)}
            self.assertEqual(found, {name: short for name, (short, _) in options.items()})

    def test_hook(self):
        """vtopo-qemu-hook has a help of its own: each option there is offered, by all three shells, and the two of every program."""
        options = set(re.findall(r"--[a-z]+\b", programs.help_of("VTOPO_QEMU_HOOK"))) | {"--help", "--version"}
        self.assertEqual(offered("vtopo-qemu-hook", "-"), sorted(options))
        self.assertEqual(offered("vtopo-qemu-hook", "--en"), ["--enable"])
        self.assertEqual(offered("vtopo-qemu-hook", "--config", "vm."), ["vm.json", "vm.xml"])
        for name, pattern in (("zsh/_vtopo-qemu-hook", r"(--[\w-]+)\["), ("fish/vtopo-qemu-hook.fish", r"(?<= -l )[\w-]+")):
            text = (programs.SOURCE / "cmd/completion" / name).read_text(encoding="utf-8")
            self.assertEqual({"--" + word.lstrip("-") for word in re.findall(pattern, text)}, options)

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh_can_read_it(self):
        for program in (*PROGRAMS, "vtopo-qemu-hook"):
            subprocess.run(["zsh", "-n", programs.SOURCE / "cmd/completion/zsh" / f"_{program}"], check=True)

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish_offers_it(self):
        for program in (*PROGRAMS, "vtopo-qemu-hook"):
            file = programs.SOURCE / "cmd/completion/fish" / f"{program}.fish"
            result = subprocess.run(["fish", "-N", "-c", f"source {file}; complete -C '{program} --h'"], stdout=subprocess.PIPE,
                                    check=True, text=True)
            self.assertIn("--help", result.stdout)

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish_offers_values_alone(self):
        file = programs.SOURCE / "cmd/completion/fish/vtopo-xml.fish"
        with tempfile.TemporaryDirectory() as work:
            os.mkdir(os.path.join(work, "vms"))
            for option, values in (("--explain", ["dot", "json", "matrix", "svg", "tree"]), ("--vacated", ["drop", "keep", "off"])):
                result = subprocess.run(["fish", "-N", "-c", f"source {file}; complete -C 'vtopo-xml {option}='"], cwd=work,
                                        stdout=subprocess.PIPE, check=True, text=True)
                self.assertEqual([line.split("\t")[0] for line in result.stdout.splitlines()],
                                 [f"{option}={value}" for value in values])

    def test_the_beginning_counts(self):
        self.assertEqual(offered("vtopo-xml", "--ve"), ["--verbose", "--version"])

    def test_commands(self):
        self.assertEqual(offered("vtopo-host", ""), sorted(programs.commands("VTOPO_HOST")))
        self.assertEqual(offered("vtopo-host", "show", ""), [])
        self.assertEqual(offered("vtopo-host", "--json", "d"), ["devices"])

    def test_commands_with_options_of_their_own(self):
        for command in ("place", "prepare"):
            options = programs.options("VTOPO_HOST " + command)
            self.assertEqual(offered("vtopo-host", command, "-"), spelled(options))
            zsh = (programs.SOURCE / "cmd/completion/zsh/_vtopo-host").read_text(encoding="utf-8")
            part = zsh[zsh.index("_vtopo-host-%s()" % command):]
            part = part[:part.index("\n}")]
            found = {name: word for name, word in re.findall(r"(--[\w-]+)(=-?)?[}'\[]", re.sub(r"'\(.*?\)'", "", part))}
            self.assertEqual(found, {name: "=" if word else "" for name, (_, word) in options.items()})
            fish = (programs.SOURCE / "cmd/completion/fish/vtopo-host.fish").read_text(encoding="utf-8")
            found = set(re.findall(r"^complete -c vtopo-host -n '__fish_seen_subcommand_from %s' (?:-s \w )?-l ([\w-]+)" % command,
                                   fish, re.M))
            self.assertEqual({"--" + name for name in found}, set(options))
        self.assertEqual(offered("vtopo-host", "prepare", "--format", ""),
                         ["cmdline", "driverctl", "json", "kubevirt", "modprobe", "nova", "proxmox", "text"])
        self.assertEqual(offered("vtopo-host", "place", "--domain", "vm."), ["vm.json", "vm.xml"])

    def test_values(self):
        keys = (programs.SOURCE / "lib/model/policy_keys.def").read_text(encoding="utf-8")
        for option, count in (("mirror", 4), ("clique", 3), ("links", 2)):
            words = re.search(r"^POLICY_KEY\(%s,.*WORD\(([^)]*)\)" % option, keys, re.M).group(1)
            known = sorted(re.findall(r'"(\w+)"', words))
            self.assertEqual(len(known), count)
            for typed in (["--" + option, ""], ["--" + option, "="]):
                self.assertEqual(offered("vtopo-xml", *typed), known)
        self.assertEqual(offered("vtopo-xml", "--mirror", "=", "s"), ["switch"])
        explain = programs.options("VTOPO_XML")["--explain"][1].strip("[]").split("|")
        self.assertEqual(offered("vtopo-xml", "--explain", "="), sorted(explain))
        self.assertEqual(offered("vtopo-xml", "--spare-ports", ""), [])

    def test_files(self):
        everything = ["two words.xml", "vm.json", "vm.xml", "vms"]
        self.assertEqual(offered("vtopo-xml", ""), ["two words.xml", "vm.xml", "vms"])
        self.assertEqual(offered("vtopo-xml", "--explain", ""), ["two words.xml", "vm.xml", "vms"])
        self.assertEqual(offered("vtopo-xml", "-q", "vm"), ["vm.xml", "vms"])
        for words in (["--host", "="], ["--config", ""], ["-o", ""], ["--output", "=", ""]):
            self.assertEqual(offered("vtopo-xml", *words), everything)
        for words in (["save", ""], ["report", ""], ["report", "a.json", ""], ["report", "a.json", "-o", ""]):
            self.assertEqual(offered("vtopo-host", *words), everything)
        self.assertEqual(offered("vtopo-host", "--host", "=", "vm."), ["vm.json", "vm.xml"])


if __name__ == "__main__":
    unittest.main()
