"""Every option of the server: its default, its unit, and the reason for the number.

This is the only place that knows them. `Server` takes them as keyword arguments, the command line
and the TOML file (`settings.py`) are made from the fields here, and so is the table in the docs.
"""

import ipaddress
import math
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

LAST_PORT = 65535
MOST = 10**9  # Of bytes, seconds, lines: more is a mistake, or too much for a clock of the system.
SHOWN = 10**20  # A number above it is not repeated in an error message.
SHORTEST_LINE = 64  # Bytes; a limit below this refuses what people type.

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def option(
    default: Any, text: str, unit: str = "", least: float | None = None, most: int = MOST
) -> Any:
    """A field with what the command line and the docs say about it.

    A number is refused below `least` and above `most`.
    """
    metadata = {"help": text, "unit": unit, "least": least, "most": most}
    return field(default=default, metadata=metadata)


@dataclass(eq=False)
class Options:
    """What a server is told when it is made. Raises ValueError, in a line, for what makes no sense.

    Times are seconds, sizes are bytes.
    """

    host: str = option("127.0.0.1", "address or name to listen on; '' is every address there is")
    port: int = option(9999, "port to listen on; 0 takes a free one", least=0, most=LAST_PORT)
    _: KW_ONLY
    max_line: int = option(4096, "longest line; as NATS has it (IRC: 512)", "BYTES", SHORTEST_LINE)
    max_backlog: int = option(
        2**20, "dropped when so far behind the room; as Centrifugo has it", "BYTES", 2**16
    )
    max_stall: float = option(
        10.0, "dropped when behind and taking nothing for so long; as NATS has it", "SECONDS", 0.1
    )
    flood_burst: int = option(10, "lines that may come at once before they are delayed", "LINES", 1)
    flood_rate: float = option(
        5.0, "lines a second after that; 0 sets no pace (ergo: 2)", "LINES", 0
    )
    max_connections: int = option(
        10_000, "connections in all; keep the limit of open files above it", "COUNT", 1
    )
    max_per_address: int = option(
        16, "connections from one address, IPv6 counted by /64; as ergo has it", "COUNT", 1
    )
    arrival_burst: int = option(
        20, "connections from one address that may come at once", "COUNT", 1
    )
    arrival_rate: float = option(
        1.0, "connections from one address a second after that; 0 sets no pace", "COUNT", 0
    )
    exempt: tuple[str, ...] = option(
        ("127.0.0.0/8", "::1/128"),
        "networks for which there is no pace, and no limit to connections but the one in all",
        "NETWORK",
    )
    idle_timeout: float = option(300.0, "shown out after so long without a line", "SECONDS", 0.1)
    handshake_timeout: float = option(
        10.0, "for the TLS handshake, and for the password", "SECONDS", 0.1
    )
    drain: float = option(5.0, "to deliver all that is owed when the server stops", "SECONDS", 0)
    tls_cert: str = option("", "certificate chain in PEM; makes the port a TLS port", "FILE")
    tls_key: str = option(
        "", "private key of the certificate, if it is not in the same file", "FILE"
    )
    password_file: str = option(
        "", "file with the password that must be the first line of every connection", "FILE"
    )

    def __post_init__(self) -> None:
        for name, one in self.__dataclass_fields__.items():
            value, least = getattr(self, name), one.metadata.get("least")
            if least is None:
                continue
            given = f", not {value}" if not abs(value) >= SHOWN else ""
            if not value >= least:
                raise ValueError(f"{name} must be at least {least}{given}")
            if value == math.inf:
                raise ValueError(f"{name} must be a finite number, not {value}")
            if value > one.metadata["most"]:
                raise ValueError(f"{name} must be at most {one.metadata['most']}{given}")
        if self.max_backlog < 2 * self.max_line:
            raise ValueError("max_backlog must be at least twice max_line: a line is no backlog")
        if self.tls_key and not self.tls_cert:
            raise ValueError("tls_key is of no use without tls_cert")
        self.networks()

    def networks(self) -> list[Network]:
        """`exempt`, understood. Raises ValueError."""
        try:
            return [ipaddress.ip_network(text) for text in self.exempt]
        except ValueError as error:
            raise ValueError(f"exempt: {error}") from None
