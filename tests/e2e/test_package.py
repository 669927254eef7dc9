#!/usr/bin/env python3
"""The Debian package in a bare Debian with Postfix: README.md's own steps give
a gateway that works, and mail goes on when the package is taken away; then
the units, by the systemd of that Debian.

Run as a script it is the part that happens in that Debian.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

from harness.bare import Bare, enter, make, run_isolated
from harness.boot import run_under_systemd
from harness.client import Client, Reply
from harness.left_out import LeftOut
from harness.paths import TREE, wait_until
from harness.sink import Sink
from harness.site import Site

DEB = "postshare_*.deb"
STATE, CONFIGURATION = "/var/lib/postshare", "/etc/postshare"
DOCUMENTS = "/usr/share/doc/postshare"
README = f"{DOCUMENTS}/README.md"
LOG = "/var/log/mail.log"
ANN, CAROL = "ann@company.example", "carol@company.example"
NOBODY = "nobody@company.example"
SMART_HOSTS = {ANN: "10.8.0.25", CAROL: "10.8.1.25"}
NAMESPACE = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.8.0.25" }
}
directory "users" { type = file path = "users.txt" }
directory "program" {
    type = command
    command = { "/bin/echo", "bob@company.example" }
}
"""
# Run within a booted system; each line has to succeed.
UNITS = r"""
ask() {
    perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => shift);
        print $s "request=smtpd_access_policy\nprotocol_state=RCPT\n";
        print $s "recipient=", shift, "\n\n"; $s->flush; print scalar <$s>;
    ' /var/spool/postfix/private/policyd "$1"
}
postfix check
for unit in postshare-build.timer policyd.socket policyd.service; do
    test "$(systemctl is-enabled $unit)" = disabled
    test "$(systemctl is-active $unit)" = inactive
done
systemctl start postshare-build.service
test "$(readlink /var/lib/postshare/current)" = generations/1
mv /root/namespace.conf /root/users.txt /etc/postshare
systemctl start policyd.socket postshare-build.service
test "$(readlink /var/lib/postshare/current)" = generations/2
ask ann@company.example | grep -x action=DUNNO
ask bob@company.example | grep -x action=DUNNO
ask nobody@company.example | grep '^action=550 5.1.1'
echo carol@company.example >>/etc/postshare/users.txt
transport-map-gen build
test "$(stat -c %U /var/lib/postshare/generations/3)" = postshare
echo dave@company.example >>/etc/postshare/users.txt
systemctl start postshare-build.service
test "$(readlink /var/lib/postshare/current)" = generations/4
grep -E "^Uid:[[:space:]]$(id -u postshare-policyd)[[:space:]]" /proc/$(pidof policyd)/status
grep -E '^(NoNewPrivs|Seccomp|CapBnd)' /proc/$(pidof policyd)/status
before=$(pidof policyd)
apt-get install -y --reinstall /root/postshare_*.deb >/root/apt 2>&1
ask dave@company.example | grep -x action=DUNNO
test "$(pidof policyd)" != "$before"
apt-get remove -y postshare >/root/apt 2>&1
test -z "$(pidof policyd)"
test ! -e /var/spool/postfix/private/policyd
"""
# What policyd says of itself there.
CLOSED = ["NoNewPrivs: 1", "Seccomp: 2", "CapBnd: 0000000000000000"]
BY_MAPS = "User unknown in relay recipient table"


def package() -> Path:
    folder = os.environ.get("DEBDIR", "build/deb")
    if not folder:
        raise LeftOut("no package is made of this variant")
    found = list((TREE / folder).glob(DEB))
    assert len(found) == 1, f"no package in {folder}: make deb"
    return found[0]


def test_packages_have_what_the_package_is_built_with(site: Site) -> None:
    """On a Debian that never built one; what begins with "d" is of debhelper."""
    control = (TREE / "debian/control").read_text()
    (wanted,) = re.findall(r"(?ms)^Build-Depends:(.*?)^\S", control)
    names = {n for n in re.findall(r"(?m)^\s+([\w.+-]+)", wanted) if n[0] != "d"}
    assert {"check", "zlib1g-dev"} < names, names
    missing = names | {"build-essential", "debhelper"}
    missing -= {*(TREE / "packages.txt").read_text().split("# tests")[0].split()}
    assert not missing, missing


def test_documents_that_are_named_are_there(site: Site) -> None:
    """What one page of the package says of another."""
    unpacked = site.root / "package"
    subprocess.run(["dpkg-deb", "-x", package(), unpacked], check=True)
    folder = unpacked / DOCUMENTS.lstrip("/")
    for page in [*folder.glob("*.md"), *folder.glob("docs/*.md")]:
        text = page.read_text()
        links = {n for n in re.findall(r"\]\(([^)]+)\)", text) if ":" not in n}
        missing = {n for n in links if not (page.parent / n).exists()}
        named = set(re.findall(r"`(docs/[\w/.-]+)`", text))
        missing |= {n for n in named if not (folder / n).exists()}
        assert not missing, f"{page.name}: {missing}"


def test_readme_in_a_bare_debian(site: Site) -> None:
    deb = package()
    make(site.root / "bare", ["postfix", "postfix-cdb", "cron"], [deb])
    run_isolated(Path(__file__), site.root / "bare", "readme")
    run_isolated(Path(__file__), site.root / "bare", "again")
    said = run_under_systemd(site.root / "bare", UNITS)
    for line in CLOSED:
        assert line in said.replace("\t", " ").splitlines(), said


# -- within


class Syslog:
    """Writes what is logged to the mail log, as rsyslog does."""

    LINE = re.compile(r"<\d+>(\w{3} [ \d]\d [\d:]{8}) (.*)", re.S)

    def __init__(self, bare: Bare):
        self._log = bare.path(LOG)
        self._log.touch()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(bare.path("/dev/log")))
        bare.path("/dev/log").chmod(0o666)
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        while True:
            text = self._socket.recv(65536).decode(errors="replace").rstrip("\0\n")
            found = self.LINE.match(text)
            with self._log.open("a") as log:
                log.write(f"{found[1]} gateway {found[2]}\n" if found else f"{text}\n")

    def text(self) -> str:
        return self._log.read_text()


def steps(text: str) -> dict[str, list[str]]:
    """The indented blocks of README.md, by the words in bold that begin a step."""
    found: dict[str, list[str]] = {}
    blocks: list[str] = []
    text = text.split("## Start with your own Postfix")[1]
    in_block = False
    for line in text.split("\n## ")[0].splitlines():
        title = re.match(r"\*\*(.+?)\.?\*\*", line)
        if title:
            blocks = found.setdefault(title[1], [])
        if line.startswith("    "):
            if not in_block:
                blocks.append("")
            blocks[-1] += line[4:] + "\n"
        in_block = line.startswith("    ")
    return found


class Gateway:
    def __init__(self, bare: Bare):
        self.bare = bare
        self.log = Syslog(bare)
        self.sinks = {
            ANN: Sink("exchange", "127.0.0.12"),
            CAROL: Sink("unix", "127.0.0.13"),
        }

    def rcpt(self, recipient: str) -> Reply:
        """In a session of its own; mail is sent to whoever is accepted."""
        with Client(("127.0.0.1", 25), "127.0.0.1") as client:
            return client.send([recipient]).replies[recipient]

    def expect_mail(self) -> Reply:
        """It reaches everybody, and nobody is refused; how he is."""
        for recipient, sink in self.sinks.items():
            sink.forget()
            assert self.rcpt(recipient).code == 250, recipient
            wait_until(lambda: sink.places() != [], f"{recipient} has it", 60)
        refused = self.rcpt(NOBODY)
        assert refused.code == 550 and refused.status == "5.1.1", refused
        return refused

    def verdicts(self) -> list[str]:
        """The lines about whom nobody has."""
        lines = self.log.text().splitlines()
        return [n for n in lines if "postfix/policyd" in n and NOBODY in n]

    def expect_explained(self) -> None:
        """policyd is asked: its text, its line in the log."""
        before = len(self.verdicts())
        refused = self.expect_mail()
        assert BY_MAPS not in refused.text, refused
        # The answer comes first, and another process writes the log.
        wait_until(lambda: len(self.verdicts()) > before, "a verdict is logged", 60)
        last = self.verdicts()[-1]
        assert "verdict=reject reason=unknown" in last, last
        said = self.bare.run("policyd", "verdicts", "--recipient", NOBODY, "--json")
        assert '"reject"' in said, said

    def expect_maps_alone(self) -> None:
        assert BY_MAPS in self.expect_mail().text

    def generation(self) -> str:
        return os.readlink(self.bare.path(f"{STATE}/current"))


def install(gateway: Gateway, step: list[str]) -> None:
    """By README; the maps accept nobody, and Postfix is as it was."""
    (command,) = [block for block in step if block.startswith("apt-get install -y ./")]
    gateway.bare.shell(command)
    assert gateway.generation() == "generations/1"
    accounts = gateway.bare.path("/etc/passwd").read_text()
    (account,) = [
        n.split(":") for n in accounts.splitlines() if n.startswith("postshare:")
    ]
    assert "\npostshare-policyd:" in accounts
    status = gateway.bare.path(STATE).stat()
    assert (str(status.st_uid), status.st_mode & 0o777) == (account[2], 0o750)
    # Debian's zsh looks there, and not into site-functions.
    zsh = "/usr/share/zsh/vendor-completions"
    assert gateway.bare.exists(f"{zsh}/_transport-map-gen"), zsh


def configure(gateway: Gateway, readme: dict[str, list[str]]) -> None:
    """Steps 2 to 6, in one shell, as they stand but for the smart hosts."""
    titles = [t for t in readme if re.match("[2-6]", t)]
    assert len(titles) == 5, readme.keys()
    script = "".join(block for title in titles for block in readme[title])
    for recipient, host in SMART_HOSTS.items():
        assert f'"{host}"' in script, host
        script = script.replace(f'"{host}"', f'"{gateway.sinks[recipient].hop}"')
    # These wait for ever, ask systemd, or draw by a package that is not there.
    for line in ("verdicts --follow", "systemctl enable", "graph --svg"):
        script, count = re.subn(f"(?m)^.*{line}.*$", ":", script)
        assert count == 1, line
    said = gateway.bare.shell(script)
    assert "published: generation 2, 2 recipients" in said, said
    assert "smtp:[127.0.0.13]" in said, said


def expect_sound(gateway: Gateway) -> None:
    """What doctor says, where Postfix is asked by it."""
    said = gateway.bare.run("sh", "-c", "transport-map-gen doctor; echo status $?")
    assert "status 0\n" in said, said


def remove(gateway: Gateway) -> None:
    said = gateway.bare.run("apt-get", "remove", "-y", "postshare")
    asks, cron = "Postfix still asks policyd", "rm /etc/cron.d/postshare"
    for told in (asks, "postconf -MX policyd/unix", cron):
        assert told in said, said
    assert not gateway.bare.exists("/usr/sbin/policyd")
    # A child of spawn lives on with its smtpd; the next one is not there.
    gateway.expect_mail()
    gateway.bare.run("postfix", "reload")
    gateway.expect_maps_alone()


def purge_in_use(gateway: Gateway) -> None:
    said = gateway.bare.run("apt-get", "purge", "-y", "postshare")
    assert "are kept" in said and "/etc/postfix/main.cf" in said, said
    assert gateway.bare.exists(f"{CONFIGURATION}/namespace.conf")
    assert BY_MAPS in gateway.rcpt(NOBODY).text


def take_out(gateway: Gateway, blocks: list[str]) -> None:
    """By README; what is left is a Postfix that never knew us."""
    (script,) = blocks
    gateway.bare.shell(script)
    for name in (STATE, CONFIGURATION, "/etc/cron.d/postshare"):
        assert not gateway.bare.exists(name), name
    refused = gateway.rcpt("someone@elsewhere.example.invalid")
    assert refused.code == 250, refused  # of mynetworks, as ever
    said = gateway.bare.run("postconf", "-n") + gateway.bare.run("postconf", "-M")
    assert "postshare" not in said and "policyd" not in said, said
    assert "recipient_delimiter = +\n" in said, "as Debian has it"
    tail = gateway.log.text().splitlines()[-10:]
    assert not [n for n in tail if "fatal" in n or "error:" in n], tail


def scenario(gateway: Gateway) -> None:
    bare = gateway.bare
    (deb,) = bare.path("/root").glob(DEB)
    bare.run("postfix", "start")
    # As it is in the package, which is not installed yet.
    bare.run("dpkg-deb", "-x", f"/root/{deb.name}", "/root/package")
    readme = steps(bare.path(f"/root/package{README}").read_text())
    install(gateway, readme["1. Install"])
    configure(gateway, readme)
    gateway.expect_explained()
    expect_sound(gateway)
    bare.run("apt-get", "install", "-y", "--reinstall", f"/root/{deb.name}")
    assert gateway.generation() == "generations/2"
    gateway.expect_explained()
    remove(gateway)
    purge_in_use(gateway)
    bare.run("apt-get", "install", "-y", f"/root/{deb.name}")
    assert gateway.generation() == "generations/2"
    gateway.expect_explained()
    take_out(gateway, readme["Take it out again"])


def install_again(bare: Bare) -> None:
    """For a boot; what it is given is not there yet when that begins."""
    bare.shell("apt-get install -y ./postshare_*.deb")
    bare.path("/root/namespace.conf").write_text(NAMESPACE)
    bare.path("/root/users.txt").write_text(f"{ANN}\n")


def main(root: Path, part: str) -> None:
    enter(root)
    if part == "again":
        install_again(Bare(root))
        return
    gateway = Gateway(Bare(root))
    try:
        scenario(gateway)
    except BaseException:
        print(*gateway.log.text().splitlines()[-25:], sep="\n", flush=True)
        raise


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
