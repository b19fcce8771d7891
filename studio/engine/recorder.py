"""Collects a running simulation's spikes, traces and counters, and makes the Recording of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine.connectivity import Synapses
from studio.engine.coupled import Coupled
from studio.engine.parts import Link
from studio.engine.recording import Info, ProjectionInfo, Recording, SpooledSpikes, Trace
from studio.engine.simulation import Simulation
from studio.engine.spool import LIMIT, SpikeSpool, Spool, Stream
from studio.findings import Finding, FindingError
from studio.network.flat import Drawn, FlatProjection

MOST_WEIGHTS = 10_000_000  # synapses of one projection that a recording takes along unasked


class Recorder:
    """Holds what a run gives, in bounded memory. `files`: where each stream belongs in a journal ("spikes", 0), else temporary files."""

    def __init__(self, simulation: Simulation, files: Callable[[str, int], Path] | None = None) -> None:
        self.simulation = simulation
        record = simulation.flat.run.record
        listed = [r for r in record if r.what == "spikes"]
        known = set(simulation.cells) | set(simulation.drives)
        for r in listed:
            if r.path not in known:
                raise FindingError(
                    [Finding("path.record", "error", r.path, "there is no population or spiking source of this path to record.")]
                )
        self._only: dict[str, np.ndarray | None] = {r.path: r.ids for r in listed} or dict.fromkeys(simulation.cells)
        self._weights = {r.path for r in record if simulation.flat.synaptic(r)}
        taps = simulation.tapped()
        limit = max(LIMIT // max(len(self._only) + len(taps), 1), 1 << 16)
        sizes = {**{p: c.size for p, c in simulation.cells.items()}, **{p: d.size for p, d in simulation.drives.items()}}
        self._spools = {path: SpikeSpool(sizes[path], limit, files("spikes", k) if files else None) for k, path in enumerate(self._only)}
        self._traces = [
            (r, Spool(simulation.precision, tap, limit, files("trace", k) if files else None)) for k, (r, tap) in enumerate(taps)
        ]
        self._counts = dict.fromkeys([*simulation.cells, *(p for p in self._only if p in simulation.drives)], 0)

    def take(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Take over the last batch, all of it; returns its recorded spikes. Raises OSError where a file could not take its share."""
        news = {}
        for path in self._counts:
            self._counts[path] += self.simulation.count(path)
            if path in self._only:
                news[path] = self._spikes(path)
                self._spools[path].append(*news[path])
        for (_, spool), (_, rows) in zip(self._traces, self.simulation.traces(), strict=True):
            spool.append(rows)
        if problem := next((s.problem for s in self.streams if s.problem), None):
            raise problem
        return news

    def _spikes(self, path: str) -> tuple[np.ndarray, np.ndarray]:
        steps, ids = self.simulation.spikes(path)
        only = self._only[path]
        if only is None:
            return steps, ids
        keep = np.isin(ids, only)
        return steps[keep], ids[keep]

    @property
    def spools(self) -> Mapping[str, SpikeSpool]:
        return self._spools

    @property
    def counts(self) -> dict[str, int]:
        """Spikes so far by path, recorded or not."""
        return dict(self._counts)

    def resume(self, lengths: Sequence[int], counts: Mapping[str, int]) -> None:
        """Go on with files that hold `lengths` bytes, after so many spikes."""
        for stream, length in zip(self.streams, lengths, strict=True):
            stream.resume(length)
        for spool in self._spools.values():
            spool.n = spool.count()
        self._counts |= counts

    @property
    def streams(self) -> list[Stream]:
        """Where the records go, in an order that lasts."""
        return [spool.stream for spool in self._spools.values()] + [spool.stream for _, spool in self._traces]

    def flush(self) -> None:
        """Everything into its files."""
        for stream in self.streams:
            stream.flush()

    def counters(self) -> dict[str, dict[str, int]]:
        """Spikes by path, synaptic events by projection, neuron updates by path, weight updates by plastic projection; all exact."""
        events, updates = self.simulation.counters()
        step = self.simulation.step
        plastic = {link.projection.key for link in self.simulation.links if link.learning}
        return {
            "spikes": dict(self._counts),
            "events": events,
            "updates": {path: c.size * step for path, c in self.simulation.cells.items()},
            "weight_updates": {k: n for k, n in updates.items() if k in plastic},
        }

    def rates(self) -> dict[str, float]:
        """Mean rates so far [Hz]."""
        seconds = self.simulation.step * self.simulation.plan.dt / 1000.0
        return {path: self._counts[path] / max(c.size, 1) / seconds if seconds else 0.0 for path, c in self.simulation.cells.items()}

    def finish(self, stopped: str, provenance: Mapping[str, Any], wall_s: float) -> Recording:
        """The recording of the run. `stopped`: "" when it ran to its end, else why not."""
        s = self.simulation
        s.finish()
        dt = s.plan.dt
        return Recording(
            spikes={path: SpooledSpikes(spool, dt) for path, spool in self._spools.items()},
            traces=self._all_traces(),
            populations={i.path: i for i in infos(s)},
            projections={p.key: p for p in projections(s)},
            weights={link.projection.key: s.synapses(link) for link in s.links if self._wants(link)},
            counters=self.counters(),
            duration=s.step * dt,
            dt=dt,
            complete=not stopped,
            wall_s=wall_s,
            build_s=s.build_s,
            compile_s=s.compile_s,
            provenance={**provenance, **({"stopped": stopped} if stopped else {})},
        )

    def _wants(self, link: Link) -> bool:
        n = sum(r.n for r in link.rows)
        return (
            link.projection.key in self._weights
            or link.projection.path in self._weights
            or (link.learning is not None and n <= MOST_WEIGHTS)
        )

    def _all_traces(self) -> dict[tuple[str, str], Trace]:
        s, out = self.simulation, {}
        for tap, (record, spool) in zip(s.taps, self._traces, strict=True):
            values = spool.take()
            times = np.arange(1, len(values) + 1) * tap.every * s.plan.dt
            out[(record.path, record.what)] = Trace(times, tap.ids, values, tap.unit)
        return out


def infos(s: Simulation) -> list[Info]:
    """Every population and spiking source."""
    out = [Info(p.path, p.name, p.size, p.shape, "population", p.model.key, sign_of(s, p.path)) for p in s.flat.populations]
    return out + [
        Info(p.path, p.name, p.size, p.shape, "source", p.model.key, sign_of(s, p.path)) for p in s.flat.sources if p.path in s.drives
    ]


def projections(s: Simulation) -> list[ProjectionInfo]:
    """Every spiking projection."""
    return [_projection(link) for link in s.links]


def sign_of(s: Simulation, path: str) -> str:
    """Excitatory or inhibitory, where all that a node sends says the same."""
    signs = {_sign(s, link) for link in s.links if link.projection.source == path and not isinstance(link.delivery, Coupled)}
    sign = signs.pop() if len(signs) == 1 else ""
    return "" if sign == "mixed" else sign


def _sign(s: Simulation, link: Link) -> str:
    p = link.projection
    if isinstance(p.weight, np.ndarray) and p.weight.size and p.weight.min() < 0.0 < p.weight.max():
        return "mixed"
    weight = p.weight.a if isinstance(p.weight, Drawn) else float(np.mean(p.weight)) if np.size(p.weight) else 0.0
    if p.kinetics is not None and p.kinetics.model.sign == "nonnegative":
        reversal, rest = p.kinetics.params.get("e_rev"), s.cells[p.target].population.neuron.params.get("v_rest", -65.0)
        if not isinstance(reversal, (int, float)) or not isinstance(rest, (int, float)):
            return ""
        return "excitatory" if reversal > rest + 5.0 else "inhibitory"
    return "excitatory" if weight > 0 else "inhibitory" if weight < 0 else ""


def _projection(link: Link) -> ProjectionInfo:
    p = link.projection
    nonzero = sum(r.n_nonzero for r in link.rows) if link.learning is None else sum(int(np.count_nonzero(w)) for w in link.learning.weights)
    return ProjectionInfo(p.key, p.path, p.source, p.target, sum(r.n for r in link.rows), nonzero, p.plasticity.model.plastic, _unit(p))


def _unit(p: FlatProjection) -> str:
    return p.kinetics.model.weight_unit if p.kinetics is not None else ""


__all__ = ["Recorder", "Synapses", "infos", "sign_of"]
