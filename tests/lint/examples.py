#!/usr/bin/env python3
"""Runs the examples of README.md and the manuals.

usage: examples.py BIN    BIN: folder of policyd and transport-map-gen
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile

from verdict_log import journal, mail_log

BLOCK = re.compile(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", re.M | re.S)
HEREDOC = re.compile(r"cat >namespace\.conf <<'END'\n(.*?)^ *END$", re.M | re.S)
LISTS = {
    "recipients.csv": "EmailAddresses\nSMTP:postmaster@company.example\n",
    "staff.txt": "carol@company.example\n",
    "exchange-users.txt": "ann@company.example\n",
    "unix-users.txt": "carol@company.example\n",
}
# What the examples of directories read, in the folder of the tests.
SOURCES = {
    "get-recipient.csv": "PrimarySmtpAddress,RecipientTypeDetails\n"
                         "ann@company.example,UserMailbox\n",
    "suppliers.csv": "Mail;Other mail;Forward to\n"
                     "parts@company.example;;sales@parts.example\n",
    "ad.ldif": "dn: cn=Ann,dc=company,dc=example\nobjectClass: user\n"
               "proxyAddresses: SMTP:ann@company.example\n\n",
    "etc/postfix/relay_recipients": "carol@company.example x\n",
    "etc/aliases": "sales: carol\n",
    "usr/local/bin/list-users": "#!/bin/sh\n"
                                "printf 'mail\\nann@company.example\\n'\n",
}
AROUND = """
accepted-domain "company.example" {
    type = internal-relay
    recipient-filter = directories
}
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.8.0.25" }
}
connector "unix" { transport = "lmtp:unix:private/dovecot-lmtp" }
"""
TYPES = 9
JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"
# What the examples of policyd-verdicts(8) answer, by a part of each.
ANSWERS = {
    "--since today --verdict reject": "ghost@company.example",
    "--verdict reject --since today": "ghost@company.example",
    "--recipient ann@company.example": "10.8.0.25[10.8.0.25]:25",
    "9B1F2A3C4D": "ann@company.example",
    "'*@customer.example'": "sent",
    "--reason unknown --since 1w": "ghost@company.example",
    "--generation 42": "directory-stale",
    "--reason loop": "10.8.0.25\tbob@company.example",
    "--follow": "ghost@company.example",
    "--count-by reason,directory": "directory-stale\tad",
    "--count-by day,connector": "exchange",
    ">outage.tsv": "time\thost\tverdict",
    "--json": '"us":2400',
    "--count-by client --top 5": "192.0.2.8",
    "'<>'": "ghost@company.example",
    "--count-by shadow": "yes\tcompany.example\tunknown",
    "--html report.html": "<!DOCTYPE html>",
    "sendmail": "Content-Transfer-Encoding: base64",
    "--last 20 -": "ann@company.example",
    "--journal": "bob@company.example",
    "xzcat": "loop",
}
# What is elsewhere when they are tried.
ELSEWHERE = [
    ("ssh mx2 cat /var/log/mail.log", "cat mail.log"),
    ("xzcat mail.log.5.xz", "cat mail.log"),
    ("--journal", "--journal=journal"),
    ("/usr/sbin/sendmail -t", "cat"),
    ("policyd verdicts --follow",
     "timeout --preserve-status -s INT 2 policyd verdicts --follow"),
]
# What the examples of transport-map-gen-changes(1) answer, in their order:
# ann moves to the unix system, bob leaves, ghost comes.
CHANGES = [
    "recipients rerouted                     1",
    "ann@company.example",
    "ghost@company.example: reject unknown -> unix",
    "accepted: reject unknown -> unix",
    '"recipient": "new@company.example", "change": "refused"',
    "rerouted: exchange smtp:[10.8.0.25]:25 -> unix",
    "published: generation 2",
    "current",
    "generation 1 -> generation 2",
    "generation 3 published with the content of 1 (was 2)",
    "held: generation 3 has the content of 1",
    "generation 3 -> candidate",
    "the next build publishes",
    "published: generation 4",
    "sound",
    "log -> candidate: 11 lines",
]
BEFORE = {
    "exchange-users.txt": "ann@company.example\nbob@company.example\n"
                          "dora@company.example\n",
    "unix-users.txt": "carol@company.example\n",
}
AFTER = {
    "exchange-users.txt": "dora@company.example\n",
    "unix-users.txt": "ann@company.example\ncarol@company.example\n"
                      "ghost@company.example\n",
}
# What each command of transport-map-gen(1) says where it succeeds.
SAYS = {"check": "sound", "build": "generation", "explain": "verdict"}


def examples_of(manual, section="EXAMPLES"):
    """The literal blocks of a section of a manual, as they are shown."""
    with open(manual, encoding="utf-8") as stream:
        text = stream.read().split(".Sh %s\n" % section)[1].split(".Sh ")[0]
    return [block.replace("\\e", "\\") for block in BLOCK.findall(text)]


def configurations():
    """(where from, text) of each whole configuration."""
    blocks = examples_of("man/namespace.conf.5")
    yield "namespace.conf(5), first example", blocks[0]
    yield "namespace.conf(5), both examples", "".join(blocks)
    with open("README.md", encoding="utf-8") as stream:
        yield "README.md", HEREDOC.search(stream.read()).group(1)


def directories():
    """(name, text) of each directory that namespace.conf(5) shows.  Files
    are looked for in the folder of the tests; where a server is asked, there
    being none, the text alone is proved."""
    shown = "".join(block for block in examples_of(
        "man/namespace.conf.5", "DIRECTORIES") if block[:10] == "directory ")
    for block in re.findall(r"^directory .*?^}$", shown, re.M | re.S):
        if re.search(r"^ +(uri|hosts) ", block, re.M):
            block = block.replace("{\n", "{\n    enabled = no\n", 1)
        yield block.split('"')[1], re.sub(r'"/(etc|usr)/', r'"./\1/', block)


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


def step(shown):
    """On what is at hand, without the jq(1) behind it; nothing waits the 12
    seconds, for no Postfix is there that could hold a map open."""
    line = shown.split(" |")[0].replace("41 42", "1 2")
    if " replay" in line:
        line = line.split(" /var/log")[0] + " mail.log"
    if re.search(" (build|rollback)$", line):
        line += " --reload"
    conf = "" if " -c " in line else " -c namespace.conf"
    return line.replace("transport-map-gen",
                        "transport-map-gen -s state" + conf, 1)


def steps():
    """(command line, words of its output) of the way of a change, as
    transport-map-gen-changes(1) shows it."""
    shown = [line for block in examples_of("man/transport-map-gen-changes.1")
             for line in re.sub(r"\|\n +", "| ", block).splitlines()]
    if len(shown) != len(CHANGES):
        yield "false", "as many answers in CHANGES as are shown"
    yield from zip(map(step, shown), CHANGES)


def questions():
    """Each command that asks the log in policyd-verdicts(8) and policyd(8),
    as it is shown; a script as a whole."""
    for manual in ("man/policyd-verdicts.8", "man/policyd.8"):
        for block in examples_of(manual):
            if block.startswith("#!"):
                yield block
                continue
            # What is indented goes on with the line before.
            lines = re.sub(r" *\\?\n +", " ", block).splitlines()
            yield from (line for line in lines if "policyd verdicts" in line)


def here(command):
    """Of the log of the tests, and without the jq(1) behind it."""
    for there, instead in ELSEWHERE:
        command = command.replace(there, instead)
    if not re.search(r" -$|--journal", command):
        command = command.replace("policyd verdicts",
                                  "policyd verdicts mail.log")
    file = re.search(r"(?:>|--html )(\w+\.\w+)$", command)
    return command.split(" | jq")[0] + (" && cat " + file[1] if file else "")


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
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
        if text.startswith("#!"):
            os.chmod(path, 0o755)

    def check_directories(self):
        """Those that namespace.conf(5) shows, one by one."""
        for name, text in SOURCES.items():
            self.write(name, text)
        database = sqlite3.connect(os.path.join(self.folder, "mail.db"))
        database.execute("CREATE TABLE recipient (address, target)")
        database.execute("INSERT INTO recipient VALUES "
                         "('ann@company.example', NULL)")
        database.commit()
        database.close()
        types = set()
        for name, text in directories():
            types.update(re.findall(r"^ +type += (\w+)$", text, re.M))
            self.write("namespace.conf", AROUND + text)
            self.run("namespace.conf(5), directory " + name,
                     "transport-map-gen -c namespace.conf -s state-dir check",
                     "sound")
        if len(types) != TYPES:
            self.failed += 1
            print("namespace.conf(5): directories of %d types are shown, not "
                  "of %d" % (len(types), TYPES))

    def check_changes(self):
        """The way of a change, from a first build on."""
        folder, self.folder = self.folder, os.path.join(self.folder, "change")
        files = {"mail.log": mail_log(), "postfix": "#!/bin/sh\n"}
        for name in ("namespace.conf", "new.conf"):
            files[name] = list(configurations())[-1][1]
        path, self.path = self.path, "%s:%s" % (self.folder, self.path)
        for name, text in (files | BEFORE).items():
            self.write(name, text)
        self.run("transport-map-gen-changes(1)",
                 step("transport-map-gen build"), "generation 1")
        for name, text in AFTER.items():
            self.write(name, text)
        for command, said in steps():
            self.run("transport-map-gen-changes(1)", command, said)
        self.folder, self.path = folder, path

    def check_questions(self):
        """Those to the verdict log."""
        self.write("mail.log", mail_log())
        os.mkdir(os.path.join(self.folder, "journal"))
        subprocess.run([JOURNAL_REMOTE, "-o", "journal/system.journal", "-"],
                       cwd=self.folder, input="".join(journal()), text=True,
                       stderr=subprocess.DEVNULL, check=True)
        left = set(ANSWERS)
        for shown in questions():
            part = next((part for part in ANSWERS if part in shown), None)
            left.discard(part)
            # Nothing answers what nobody has thought of.
            self.run("policyd-verdicts(8)", here(shown),
                     ANSWERS.get(part, "an answer in ANSWERS"))
        if left:
            self.failed += 1
            print("policyd-verdicts(8): not shown any more: %s" % left)


def main(programs):
    with tempfile.TemporaryDirectory() as folder:
        examples = Examples(programs, folder)
        for name, text in LISTS.items():
            examples.write(name, text)
        for name, text in configurations():
            examples.write("namespace.conf", text)
            examples.run(name, "transport-map-gen -c namespace.conf "
                         "-s state check", "sound")
        examples.check_directories()
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
        examples.check_questions()
        examples.check_changes()
    print("examples: %d passed, %d failed" % (examples.passed,
                                              examples.failed))
    return 1 if examples.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
