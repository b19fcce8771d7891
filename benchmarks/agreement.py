"""Do both simulators simulate the same? Rates, irregularity and spread of learnt weights, several seeds on each side, the same rule of connection."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import environments, results, statistics
from benchmarks.cases import CASES, Case, Peer
from benchmarks.process import measure
from benchmarks.running import run_peer

RATE_SHARE, CV_APART, SPREAD_SHARE = 0.02, 0.01, 0.05


@dataclass(frozen=True)
class Spans:
    """What is discarded, and what is compared [ms]."""

    warm: float
    span: float
    threads: int = 2


SPANS = {"b1": Spans(500.0, 5000.0, 1), "b2": Spans(200.0, 1000.0), "b3": Spans(200.0, 500.0), "b4": Spans(100.0, 900.0)}
Observed = dict[str, dict[str, float]]  # quantity -> place -> value


@dataclass(frozen=True)
class Verdict:
    """One quantity of one population or projection on both sides."""

    quantity: str
    place: str
    engine: list[float]
    nest: list[float]
    low: float  # the mean of the engine's seeds is to lie between these
    high: float

    @property
    def mean(self) -> float:
        return sum(self.engine) / len(self.engine)

    @property
    def agrees(self) -> bool:
        return self.low <= self.mean <= self.high


def run(key: str, seeds: int, out: Path) -> bool:
    """Compare a case under every rule of connection it has; print and save the table; True where all agree."""
    if reason := environments.missing("nest"):
        print(reason)
        return False
    case, spans = CASES[key], SPANS[key]
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory() as name:
        for rule, document in _documents(case, Path(name)):
            pairs = []
            for seed in range(1, seeds + 1):
                pairs.append((ours(case, document, Path(name), spans, seed), theirs(document, spans, seed)))
                print(f"{key} {rule}: seed {seed} of {seeds}", flush=True)
            verdicts += judged([p[0] for p in pairs], [p[1] for p in pairs], rule)
            for v in verdicts:
                print(f"{v.quantity:7} {v.place:32} {v.mean:12.5g}   {v.low:.5g} to {v.high:.5g}   {'agrees' if v.agrees else 'DIFFERS'}")
            content = {
                "title": case.title,
                "seeds": seeds,
                **asdict(spans),
                "verdicts": [{**asdict(v), "agrees": v.agrees} for v in verdicts],
            }
            print(results.save(f"agree_{key}", {"case": key, **content}, out))
    return all(v.agrees for v in verdicts)


def _documents(case: Case, folder: Path) -> list[tuple[str, Path]]:
    """The case's own document, and those of other rules that NEST has, too."""
    own = [("", case.document(folder / "network.snn.json"))]
    others = [w for w in case.ways if w.nest and w.document]
    return own + [(w.nest, w.document(folder / f"network{k}.snn.json")) for k, w in enumerate(others) if w.document]


def judged(engine: Sequence[Observed], nest: Sequence[Observed], rule: str = "") -> list[Verdict]:
    """A verdict for every quantity that both sides have; `rule` is said with the place."""
    out = []
    for quantity in ("rate", "cv", "spread"):
        for place in nest[0].get(quantity, {}):
            a, b = ([one[quantity][place] for one in side] for side in (engine, nest))
            if any(map(math.isnan, (*a, *b))):
                continue
            out.append(Verdict(quantity, f"{place}, {rule}" if rule else place, a, b, *allowed(quantity, b)))
    return out


def allowed(quantity: str, nest: Sequence[float]) -> tuple[float, float]:
    """Rates: within NEST's own range and 2 % beyond; CV: 0.01 beyond; spread of weights: 5 % beyond."""
    low, high = min(nest), max(nest)
    if quantity == "cv":
        return low - CV_APART, high + CV_APART
    share = RATE_SHARE if quantity == "rate" else SPREAD_SHARE
    return low * (1 - share), high * (1 + share)


def ours(case: Case, document: Path, folder: Path, spans: Spans, seed: int) -> Observed:
    """A run of the engine, from the recording it writes."""
    from benchmarks.engine import STUDIO
    from studio.engine.recording import Recording

    asked = ["--duration", f"{spans.warm + spans.span:g}", "--seed", str(seed), "--threads", str(spans.threads), "--json", "--quiet"]
    measure([*STUDIO, str(document), *asked, "--out", str(folder)])
    recording = Recording.load(folder / "recording.h5")
    found: Observed = {"rate": {}, "cv": {}, "spread": {}}
    for path, spikes in recording.spikes.items():
        late = spikes.steps > round(spans.warm / spikes.dt)
        ids = np.asarray(spikes.ids)[late]
        found["rate"][path] = statistics.rate(ids, recording.populations[path].size, spans.span / 1000.0)
        found["cv"][path] = statistics.mean_cv(np.asarray(spikes.times)[late], ids)
    if case.plastic:
        weights = recording.weights[case.plastic].weights
        found["spread"][case.plastic] = float(np.asarray(weights, dtype=np.float64).std())
    return found


def theirs(document: Path, spans: Spans, seed: int) -> Observed:
    """The same of NEST."""
    m: Any = run_peer(Peer("nest", spans.threads, spans.warm, spans.span), document, 0, seed=seed)
    return {"rate": m.rates, "cv": m.cv, "spread": {k: w["spread"] for k, w in m.weights.items()}}
