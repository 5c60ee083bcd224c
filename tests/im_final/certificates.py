"""Certificates, made anew for each run by the `openssl` program, and clients who trust them."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.needs import need

NAME = "localhost"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, in two files."""

    cert: Path
    key: Path

    @property
    def options(self) -> dict[str, str]:
        """As keyword arguments of a server."""
        return {"tls_cert": str(self.cert), "tls_key": str(self.key)}

    @property
    def words(self) -> list[str]:
        """As words of a command line."""
        return ["--tls-cert", str(self.cert), "--tls-key", str(self.key)]

    def client(self) -> ssl.SSLContext:
        """For a client who trusts this certificate, and no other."""
        return ssl.create_default_context(cafile=str(self.cert))

    def replaces(self, other: "Certificate") -> None:
        """Put this one in the place of another."""
        other.cert.write_bytes(self.cert.read_bytes())
        other.key.write_bytes(self.key.read_bytes())


def make_certificate(folder: Path, name: str = "server") -> Certificate:
    """A certificate that signs itself, for a week."""
    made = Certificate(folder / f"{name}.crt", folder / f"{name}.key")
    words = f"req -x509 -nodes -days 7 -newkey ec -subj /CN={NAME}".split()
    words += f"-pkeyopt ec_paramgen_curve:P-256 -keyout {made.key} -out {made.cert}".split()
    words += ["-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    subprocess.run([need("openssl"), *words], check=True, capture_output=True, timeout=20)
    return made
