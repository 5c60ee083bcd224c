"""What a run has found, and on what: kept as JSON, from which the report can be made again."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Result:
    """What one contender did in one case of one round; `error` if it did not."""

    scenario: str
    case: str
    contender: str
    round: int
    figures: dict[str, Any] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Record:
    """A run: the results, and what one has to know to read them. `seconds` are of a measurement."""

    machine: str
    versions: Mapping[str, str]  # Of the contenders, by name, in the order of the report.
    rounds: int
    seconds: float
    results: list[Result]

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Record":
        """Read what was written. Raises OSError, and ValueError for what is no record."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**found, "results": [Result(**one) for one in found["results"]]})
        except (KeyError, TypeError, ValueError):
            raise ValueError(f"{path} is no record of a run") from None


def machine() -> str:
    """What this machine is."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = f"{len(names)} x {names[0]}" if names else platform.processor()
    return f"{cpu}, {platform.system()} {platform.release()}"
