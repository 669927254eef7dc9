"""A certificate authority for one test, and what it signs."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


@dataclass(frozen=True)
class Certificate:
    pem: Path
    key: Path


class Authority:
    def __init__(self, folder: Path, name: str = "Test CA"):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._key = folder / "ca.key"
        self.pem = folder / "ca.pem"
        self._openssl(
            ["req", "-x509", *KEY, "-subj", f"/CN={name}", "-days", "30"]
            + ["-keyout", self._key, "-out", self.pem]
        )

    def issue(
        self, name: str, subject: str, alternatives: str = "", days: int = 30
    ) -> Certificate:
        """subject as "/O=x/CN=y", alternatives as "DNS:x,IP:127.0.0.1"; days
        below 0: it has ended."""
        made = Certificate(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        request = self.folder / f"{name}.csr"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(
            f"subjectAltName={alternatives}\n" if alternatives else ""
        )
        self._openssl(
            ["req", *KEY, "-subj", subject, "-keyout", made.key, "-out", request]
        )
        self._openssl(
            ["x509", "-req", "-in", request, "-CA", self.pem, "-CAkey", self._key]
            + ["-CAcreateserial", "-days", str(days), "-extfile", extensions]
            + ["-out", made.pem]
        )
        # Servers that are not root read it, too.
        made.key.chmod(0o644)
        return made

    def _openssl(self, arguments: list[str | Path]) -> None:
        done = subprocess.run(
            ["openssl", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"openssl {arguments}: {done.stderr}"
