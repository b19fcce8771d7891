"""b6: what a run costs as the network grows, fires more, has more threads, or has more spread of delays; NEST beside it where it fits."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import documents, environments, results
from benchmarks.cases import Case, Peer, Way
from benchmarks.engine import Engine
from benchmarks.process import Failed
from benchmarks.results import Measurement
from benchmarks.running import Asked, run_peer

NEST_BYTES = 75  # per synapse, as measured; NEST runs where twice that fits into memory and time allows
NEST_MOST = 30_000_000  # synapses


@dataclass(frozen=True)
class Point:
    """One network of a series. `x` is what the series varies."""

    series: str
    x: float
    n: int
    k: int
    rate: float = 5.0
    delay: Any = 1.5
    threads: int = 2
    span: float = 1000.0


def points() -> list[Point]:
    """All networks: size at two in-degrees, rate, threads, shortest delay, spread of delays."""
    sizes = (10_000, 30_000, 100_000, 300_000, 1_000_000)
    made = [Point("size, 100 synapses each", n, n, 100, span=span_for(n)) for n in sizes]
    made += [Point("size, 1,000 synapses each", n, n, 1_000, span=span_for(n)) for n in sizes[:4]]
    made += [Point("rate", rate, 30_000, 1_000, rate) for rate in documents.DRIVES]
    made += [Point("threads", threads, 30_000, 1_000, threads=threads) for threads in (1, 2)]
    made += [Point("shortest delay", d, 30_000, 1_000, delay=d) for d in (0.1, 0.5, 1.5, 5.0)]
    made += [Point("spread of delays", s, 30_000, 1_000, delay={"uniform": [1.5, 1.5 + s]} if s else 1.5) for s in (0.0, 1.0, 5.0, 15.0)]
    return made


def span_for(n: int) -> float:
    """Biological time [ms]: shorter for larger networks, never so short that the beginning counts."""
    return max(300.0, min(3000.0, round(1e7 / n) * 10.0))


def run(asked: Asked) -> Path:
    """Every point with the engine, the best of the repeats; NEST once."""
    repeats = asked.repeats or 2
    rows: list[dict[str, Any]] = []
    known: dict[tuple[Any, ...], dict[str, Any]] = {}  # several series meet in one network
    with tempfile.TemporaryDirectory() as name:
        engine = Engine(Path(name))
        for point in points():
            same = (point.n, point.k, point.rate, str(point.delay), point.threads)
            if same not in known:
                known[same] = measured(engine, point, repeats, nest=_nest(point, asked))
            rows.append({**known[same], **asdict(point)})
            path = results.save("b6", {"case": "b6", "title": "Cost against size, rate, threads and delays", "points": rows}, asked.out)
    return path


def _nest(point: Point, asked: Asked) -> bool:
    wanted = (asked.peers is None or "nest" in asked.peers) and not environments.missing("nest")
    return wanted and point.n * point.k <= NEST_MOST


def measured(engine: Engine, point: Point, repeats: int, nest: bool) -> dict[str, Any]:
    """Wall seconds per biological second, build time and memory of one network."""
    row: dict[str, Any] = {}
    document = documents.sheet(point.n, point.k, point.rate, engine.folder / "sheet.snn.json", delay=point.delay)
    case = Case("b6", "", point.span, (Way(threads=(point.threads,)),), make=lambda into: document)
    try:
        engine.warm_up(case, case.ways[0], point.threads)
        runs = [engine.run(case, case.ways[0], point.threads, r) for r in range(repeats)]
        row["engine"] = shortened(min(runs, key=lambda m: m.wall_s[0]))
        if nest:
            row["nest"] = shortened(run_peer(Peer("nest", point.threads, 50.0, nest_span(point)), document, 0))
    except Failed as wrong:
        row["problem"] = wrong.brief
    said = {who: f"{row[who]['rtf']:.3g}" for who in ("engine", "nest") if who in row}
    print(f"{point.series:26} {point.x:>9g}: {said or row.get('problem')}", flush=True)
    return row


def nest_span(point: Point) -> float:
    """Biological time [ms] that NEST simulates in some ten seconds."""
    events = point.n * point.rate * point.k + 2e4 * point.n
    return max(50.0, min(point.span, round(1e10 / max(events, 1.0)) * 10.0))


def shortened(m: Measurement) -> dict[str, float]:
    """What a plot needs of a measurement."""
    return {
        "rtf": min(m.factors),
        "build_s": m.build_s,
        "rate": sum(m.rates.values()) / len(m.rates),
        "bytes_per_synapse": m.network_bytes / m.synapses if m.synapses else 0.0,
        "peak_bytes": m.peak_bytes,
        "synapses": m.synapses,
        "wait_share": m.wait_share,
    }
