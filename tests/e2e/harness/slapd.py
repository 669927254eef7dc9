"""A private slapd on loopback, with its own folder, certificates and data.

    slapd = Slapd(site.root / "ldap")
    slapd.load([person("ann", mail=["ann@company.example"])])
    slapd.start()
    slapd.modify("dn: ...\nchangetype: modify\n...")
    slapd.stop()

Entries can be loaded while it does not run; add(), modify() and search() are
for one that runs, as its root.
"""

from __future__ import annotations

import base64
import os
import resource
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from harness.authority import Authority, Certificate
from harness.paths import free_port, wait_until

HERE = Path(__file__).resolve().parent
SCHEMAS = Path("/etc/ldap/schema")
SUFFIX = "dc=company,dc=example"
READER = f"cn=reader,{SUFFIX}"
PASSWORD = "Geh(eim)*\\s"
NEXT_TO_NAME = "IP:127.0.0.1,DNS:localhost"

Values = str | bytes | int | Iterable[str | bytes | int]

ROOTS = f"""\
dn: {SUFFIX}
objectClass: domain
objectClass: top
dc: company

dn: {READER}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: {PASSWORD}

dn: ou=people,{SUFFIX}
objectClass: organizationalUnit
ou: people

"""


class Slapd:
    """limits: lines of slapd.conf's "limits" without that word.  sync_log:
    entries of syncprov's session log, 0 = syncprov without one, None = no
    syncprov.  access: who may read, after "access to".  more: further lines
    of the database; root_dse: LDIF lines that the root DSE gets, as an Active
    Directory has them.
    """

    def __init__(
        self,
        folder: Path,
        certificate: Certificate | None = None,
        authority: Authority | None = None,
        limits: Iterable[str] = ("* size=unlimited",),
        sync_log: int | None = None,
        access: Iterable[str] = ("* by * read",),
        more: Iterable[str] = (),
        root_dse: str = "",
    ):
        self.folder = folder
        (folder / "data").mkdir(parents=True, exist_ok=True)
        # A profile of AppArmor for /usr/sbin/slapd shuts it out of here.
        self._program = folder / "slapd"
        shutil.copy("/usr/sbin/slapd", self._program)
        self.certificate = certificate
        self.authority = authority
        self.limits = list(limits)
        self.sync_log = sync_log
        self.access = list(access)
        self.more = list(more)
        self.root_dse = root_dse
        self.port = free_port()
        self.tls_port = free_port()
        self._socket = folder / "ldapi"
        self._conf = folder / "slapd.conf"
        self.log = folder / "slapd.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._has_roots = False

    def __enter__(self) -> Slapd:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def uri(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_uri(self) -> str:
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @property
    def socket_uri(self) -> str:
        return f"ldapi://{quote(str(self._socket), safe='')}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    # -- its life

    def start(self) -> None:
        self.configure()
        uris = [f"{self.uri}/", f"{self.socket_uri}/"]
        if self.certificate is not None:
            uris.append(f"{self.tls_uri}/")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-d", "0", "-f", self._conf, "-h", " ".join(uris)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_limit_files,
            )
        wait_until(self._answers, f"slapd answers; see {self.log}")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"slapd: {self.log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def restart(self) -> None:
        """With what was set anew in limits, root_dse and the like."""
        self.stop()
        self.start()

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # -- its data

    def load(self, entries: Iterable[str]) -> None:
        """LDIF entries, into a server that does not run."""
        assert self._process is None
        self.configure()
        file = self.folder / "load.ldif"
        with file.open("w") as out:
            if not self._has_roots:
                out.write(ROOTS)
            out.writelines(entries)
        self._has_roots = True
        self._run([self._program, "-T", "add", "-q", "-f", self._conf, "-l", file])
        file.unlink()

    def wipe(self) -> None:
        assert self._process is None
        shutil.rmtree(self.folder / "data")
        (self.folder / "data").mkdir()
        self._has_roots = False

    def modify(self, ldif: str) -> None:
        """Change records: add, modify, delete, modrdn, as many as you like."""
        self._tool("ldapmodify", [], ldif)

    def add(self, *entries: str) -> None:
        self._tool("ldapadd", [], "".join(entries))

    def delete(self, *names: str) -> None:
        self._tool("ldapdelete", list(names))

    def rename(self, name: str, rdn: str, parent: str | None = None) -> None:
        where = ["-s", parent] if parent else []
        self._tool("ldapmodrdn", ["-r", *where, name, rdn])

    def search(self, *arguments: str, base: str = SUFFIX) -> str:
        """LDIF without comments; lines are not folded."""
        options = ["-LLL", "-o", "ldif-wrap=no", "-b", base]
        return self._tool("ldapsearch", [*options, *arguments])

    def _tool(self, tool: str, arguments: list[str], text: str = "") -> str:
        root = ["-x", "-D", f"cn=root,{SUFFIX}", "-w", "root", "-H", self.uri]
        return self._run([tool, *root, *arguments], text)

    @staticmethod
    def _run(command: list[str | Path], text: str = "") -> str:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            env=os.environ | {"LDAPNOINIT": "1"},
            timeout=200,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    # -- its configuration

    def configure(self) -> None:
        schemas = ("core", "cosine", "inetorgperson", "misc")
        head = [
            *(f"include {SCHEMAS / name}.schema" for name in schemas),
            f"include {HERE / 'active_directory.schema'}",
            f"pidfile {self.folder}/slapd.pid",
            f"argsfile {self.folder}/slapd.args",
            "modulepath /usr/lib/ldap",
            "moduleload back_mdb",
            "moduleload syncprov",
            "sizelimit unlimited",
            *self._tls(),
        ]
        if self.root_dse:
            (self.folder / "root_dse.ldif").write_text(f"dn:\n{self.root_dse}")
            head.append(f"rootDSE {self.folder}/root_dse.ldif")
        text = "\n".join([*head, *self._database()]) + "\n"
        self._conf.write_text(text)

    def _tls(self) -> list[str]:
        if self.certificate is None:
            return []
        lines = [
            f"TLSCertificateFile {self.certificate.pem}",
            f"TLSCertificateKeyFile {self.certificate.key}",
        ]
        if self.authority is not None:
            lines += [
                f"TLSCACertificateFile {self.authority.pem}",
                "TLSVerifyClient try",
            ]
        return lines

    def _database(self) -> list[str]:
        lines = [
            "database mdb",
            f"suffix {SUFFIX}",
            f"rootdn cn=root,{SUFFIX}",
            "rootpw root",
            f"directory {self.folder}/data",
            "maxsize 1073741824",
            "dbnosync",
            "index objectClass,entryUUID,entryCSN,uSNChanged,objectGUID eq",
            "index mail,proxyAddresses pres",
            *(f"limits {limit}" for limit in self.limits),
            *self.more,
            "access to attrs=userPassword by anonymous auth by * none",
            *(f"access to {rule}" for rule in self.access),
        ]
        if self.sync_log is not None:
            lines.append("overlay syncprov")
        if self.sync_log:
            lines.append(f"syncprov-sessionlog {self.sync_log}")
        return lines


def _limit_files() -> None:
    """slapd makes room for as many connections as it may open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = 1024 if hard == resource.RLIM_INFINITY else min(1024, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def entry(name: str, classes: Iterable[str], **attributes: Values) -> str:
    """One LDIF entry; values of any bytes."""
    lines = [_line("dn", name), *(f"objectClass: {c}" for c in classes)]
    for key, values in attributes.items():
        if isinstance(values, str | bytes | int):
            values = [values]
        lines += [_line(key, value) for value in values]
    return "\n".join(lines) + "\n\n"


def _line(key: str, value: str | bytes | int) -> str:
    data = value if isinstance(value, bytes) else str(value).encode()
    if data and data.isascii() and data.decode().isprintable():
        if data[:1] not in b" :<" and data[-1:] != b" ":
            return f"{key}: {data.decode()}"
    return f"{key}:: {base64.b64encode(data).decode()}"


def person(name: str, **attributes: Values) -> str:
    """An inetOrgPerson below ou=people."""
    return entry(
        f"cn={name},ou=people,{SUFFIX}",
        ["inetOrgPerson"],
        **({"cn": name, "sn": name} | attributes),
    )


def ad_object(kind: str, name: str, **attributes: Values) -> str:
    """kind: user, contact, group, publicFolder, ... below ou=people."""
    classes = ["top", kind, "mailRecipient"]
    own: dict[str, Values] = {"cn": name}
    if kind in ("user", "contact", "msExchSystemMailbox"):
        classes[1:1] = ["person", "organizationalPerson"]
        own["sn"] = name
    return entry(f"cn={name},ou=people,{SUFFIX}", classes, **(own | attributes))
