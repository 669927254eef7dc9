#!/usr/bin/env python3
"""Runs the examples of README.md and the manuals.

usage: examples.py BIN    BIN: folder of policyd and transport-map-gen
"""

import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", re.M | re.S)
HEREDOC = re.compile(r"cat >namespace\.conf <<'END'\n(.*?)^ *END$", re.M | re.S)
LISTS = {
    "recipients.csv": "EmailAddresses\nSMTP:postmaster@company.example\n",
    "staff.txt": "carol@company.example\n",
    "exchange-users.txt": "ann@company.example\n",
    "unix-users.txt": "carol@company.example\n",
}
# What each command of transport-map-gen(1) says where it succeeds.
SAYS = {"check": "sound", "build": "generation", "explain": "verdict"}


def examples_of(manual):
    """The literal blocks of a manual's EXAMPLES, as they are shown."""
    with open(manual, encoding="utf-8") as stream:
        text = stream.read().split(".Sh EXAMPLES\n")[1].split(".Sh ")[0]
    return [block.replace("\\e", "\\") for block in BLOCK.findall(text)]


def configurations():
    """(where from, text) of each whole configuration."""
    blocks = examples_of("man/namespace.conf.5")
    yield "namespace.conf(5), first example", blocks[0]
    yield "namespace.conf(5), both examples", "".join(blocks)
    with open("README.md", encoding="utf-8") as stream:
        yield "README.md", HEREDOC.search(stream.read()).group(1)


def commands():
    """(command line, words of its output) of transport-map-gen(1), kept to
    the folder of the tests and without the jq(1) behind it."""
    for block in examples_of("man/transport-map-gen.1"):
        for line in block.splitlines():
            words = line.split(" | ")[0].split()
            if words[0] != "transport-map-gen":
                continue
            if "-c" not in words:
                words[1:1] = ["-c", "namespace.conf", "-s", "man"]
            said = next((SAYS[word] for word in words if word in SAYS), "")
            yield " ".join(words).replace("/tmp/trial", "trial"), said


class Examples:
    def __init__(self, programs, folder):
        self.folder = folder
        self.path = "%s:%s" % (os.path.abspath(programs), os.environ["PATH"])
        self.passed = self.failed = 0

    def run(self, name, command, expected):
        """expected: words of the output of a run that succeeds."""
        result = subprocess.run(
            command, shell=True, cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, PATH=self.path))
        if result.returncode == 0 and expected in result.stdout:
            self.passed += 1
            return
        self.failed += 1
        print("%s: %s: status %d\n%s" % (name, command, result.returncode,
                                         result.stdout))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w",
                  encoding="utf-8") as stream:
            stream.write(text)


def main(programs):
    with tempfile.TemporaryDirectory() as folder:
        examples = Examples(programs, folder)
        for name, text in LISTS.items():
            examples.write(name, text)
        for name, text in configurations():
            examples.write("namespace.conf", text)
            examples.run(name, "transport-map-gen -c namespace.conf "
                         "-s state check", "sound")
        for name in ("namespace.conf", "new.conf"):
            examples.write(name, next(configurations())[1])
        for command, said in commands():
            examples.run("transport-map-gen(1)", command, said)
        examples.write("namespace.conf", text)
        options = "-c namespace.conf -s state"
        examples.run("README.md", "transport-map-gen %s build" % options,
                     "published")
        examples.run("README.md", "transport-map-gen %s explain "
                     "carol@company.example" % options, "accept (listed)")
        examples.run("README.md", "transport-map-gen %s explain "
                     "nobody@company.example" % options, "550 5.1.1")
        ask = examples_of("man/policyd.8")[0].rstrip() + " -s state"
        examples.run("policyd(8)", ask, "action=550 5.1.1 ")
    print("examples: %d passed, %d failed" % (examples.passed,
                                              examples.failed))
    return 1 if examples.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
