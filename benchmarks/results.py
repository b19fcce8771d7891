"""Measurements: kept as small JSON files, put together into medians and minima."""

from __future__ import annotations

import datetime
import json
import math
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.process import ROOT

TELLING = 1_000_000  # synapses; the memory of fewer says nothing about each
FOLDER = ROOT / "benchmarks" / "results"


@dataclass(frozen=True)
class Measurement:
    """One process. Times in s, spans in ms, memory in bytes, rates in Hz."""

    who: str  # engine, or the name of a peer
    way: str
    threads: int
    repeat: int
    wall_s: list[float]
    span_ms: float
    build_s: float
    compile_s: float
    synapses: int
    peak_bytes: int
    network_bytes: int
    rates: dict[str, float]
    elapsed_s: float
    cpu_s: float
    wait_share: float
    load: float
    version: str = ""
    cv: dict[str, float] = field(default_factory=dict)
    weights: dict[str, dict[str, float]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def factors(self) -> list[float]:
        """Wall seconds per biological second, of each span."""
        return [1000.0 * wall / self.span_ms for wall in self.wall_s]


@dataclass(frozen=True)
class Row:
    """All measurements of one simulator, way and number of threads."""

    who: str
    way: str
    threads: int
    factors: list[float]
    build_s: float
    compile_s: float
    bytes_per_synapse: float
    peak_bytes: int
    wait_share: float
    n: int

    @property
    def least(self) -> float:
        return min(self.factors)

    @property
    def median(self) -> float:
        return statistics.median(self.factors)


def rows(measurements: Iterable[Measurement]) -> list[Row]:
    """One row for each (simulator, way, threads), in the order they first appear."""
    groups: dict[tuple[str, str, int], list[Measurement]] = {}
    for m in measurements:
        groups.setdefault((m.who, m.way, m.threads), []).append(m)
    return [_row(key, group) for key, group in groups.items()]


def _row(key: tuple[str, str, int], group: list[Measurement]) -> Row:
    waits = [m.wait_share for m in group if not math.isnan(m.wait_share)]
    return Row(
        *key,
        [f for m in group for f in m.factors],
        min(m.build_s for m in group),
        min(m.compile_s for m in group),
        statistics.median(m.network_bytes / m.synapses if m.synapses >= TELLING else math.nan for m in group),
        max(m.peak_bytes for m in group),
        statistics.median(waits) if waits else math.nan,
        len(group),
    )


def ratio(row: Row, engine: Row) -> tuple[float, float]:
    """How many times faster the engine is: by the minima, and by the medians."""
    return row.least / engine.least, row.median / engine.median


def save(name: str, content: dict[str, Any], folder: Path = FOLDER) -> Path:
    """Write a result with the date, the version and the machine; measurements may be objects."""
    from studio.version import __version__

    head = {"date": datetime.date.today().isoformat(), "version": __version__, "machine": machine.description()}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**head, **plain(content)}, indent=1) + "\n", encoding="utf-8")
    return path


def load(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """A result as it was saved, its measurements as objects; None where there is none."""
    path = folder / f"{name}.json"
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda _: math.nan)
    if "measurements" in found:
        found["measurements"] = [Measurement(**{k: math.nan if v is None else v for k, v in m.items()}) for m in found["measurements"]]
    return found


def plain(value: Any) -> Any:
    """Ready for JSON: objects as dicts, what is no number as null, five digits of every float."""
    if isinstance(value, Measurement):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return float(f"{value:.5g}") if math.isfinite(value) else None
    return value
