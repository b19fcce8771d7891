"""How little a network does: NeuroBench's sparsities and synaptic operations, for whole runs and over time.

Definitions: NeuroBench 2.3, Yik et al. 2025, doi:10.1038/s41467-025-56739-4. Sources count as inputs, not as neurons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.analysis.trains import recorded_populations, trains

if TYPE_CHECKING:
    from studio.engine.recording import ProjectionInfo, Recording


@dataclass(frozen=True)
class SparsityCourse:
    """Share of silent neuron-steps over time: `times` [ms] are bin centres, `sparsity` in [0, 1]."""

    path: str
    times: np.ndarray
    sparsity: np.ndarray
    width: float  # ms


@dataclass(frozen=True)
class SynapticOperations:
    """Operations of a whole run.

    `effective`: spikes times the non-zero weights they meet (accumulates). `stored`: every stored synapse in every step.
    `dense`: every (source, target) pair in every step, as a machine that ignores sparsity would do. `exact` is False where the
    spread of zero weights over the sources had to be taken as even.
    """

    effective: float
    stored: float
    dense: float
    exact: bool = True


def activation_sparsity(recording: Recording, paths: Iterable[str] | None = None) -> dict[str, float]:
    """1 - spikes / (neurons x steps) of each population; a neuron fires at most once a step."""
    counted = recording.counters.get("spikes", {})
    wanted = _populations(recording) if paths is None else tuple(paths)
    steps = n_steps(recording)
    return {p: 1.0 - _spikes(recording, counted, p) / max(recording.populations[p].size * steps, 1) for p in wanted}


def total_activation_sparsity(recording: Recording) -> float:
    """The activation sparsity of all populations together, every neuron weighing the same; NaN without neurons."""
    counted = recording.counters.get("spikes", {})
    wanted = _populations(recording)
    places = sum(recording.populations[p].size for p in wanted) * n_steps(recording)
    return 1.0 - sum(_spikes(recording, counted, p) for p in wanted) / places if places else float("nan")


def sparsity_over_time(
    recording: Recording, path: str, width: float = 10.0, start: float = 0.0, stop: float | None = None
) -> SparsityCourse:
    """Activation sparsity in bins of `width` ms (rounded to whole steps); a last, incomplete bin is left out."""
    cut = trains(recording, path, start, stop)
    edges, index = cut.bins(width)
    n = len(edges) - 1
    if n < 1:
        return SparsityCourse(path, np.zeros(0), np.zeros(0), width)
    step = float(edges[1] - edges[0])
    places = cut.size * round(step / cut.dt)
    counts = np.bincount(index[index >= 0], minlength=n)
    return SparsityCourse(path, (edges[:-1] + edges[1:]) / 2, 1.0 - counts / max(places, 1), step)


def connection_sparsity(recording: Recording, key: str | None = None) -> float:
    """Share of the (source, target) pairs that carry no non-zero weight, of one projection or of all; NaN without projections.

    A dense layer gives NeuroBench's value; a random projection counts the pairs it left out as zeros.
    """
    chosen = list(recording.projections.values()) if key is None else [recording.projections[key]]
    pairs = sum(_pairs(recording, p) for p in chosen)
    return max(0.0, 1.0 - sum(p.n_nonzero for p in chosen) / pairs) if pairs else float("nan")


def zero_share(arrays: Iterable[np.ndarray]) -> float:
    """Share of zeros in weight arrays, as NeuroBench counts a layer's tensors (biases are left out by the caller)."""
    weights = [np.asarray(a) for a in arrays]
    total = sum(w.size for w in weights)
    return 1.0 - sum(int(np.count_nonzero(w)) for w in weights) / total if total else float("nan")


def synaptic_operations(recording: Recording) -> SynapticOperations:
    """Operations over all spiking projections of the run (NeuroBench divides by the number of samples)."""
    steps = n_steps(recording)
    parts = [_effective(recording, key, p) for key, p in recording.projections.items()]
    stored = sum(p.n_synapses for p in recording.projections.values()) * steps
    dense = sum(_pairs(recording, p) for p in recording.projections.values()) * steps
    return SynapticOperations(sum(n for n, _ in parts), float(stored), float(dense), all(exact for _, exact in parts))


def n_steps(recording: Recording) -> int:
    """Steps that were simulated."""
    return int(round(recording.duration / recording.dt))


def _populations(recording: Recording) -> tuple[str, ...]:
    counted = recording.counters.get("spikes", {})
    silent_types = {p for p, info in recording.populations.items() if info.kind == "source"}
    return tuple(p for p in counted if p in recording.populations and p not in silent_types) or recorded_populations(recording)


def _spikes(recording: Recording, counted: Mapping[str, int], path: str) -> int:
    return counted[path] if path in counted else len(recording.spikes[path].times)


def _pairs(recording: Recording, projection: ProjectionInfo) -> int:
    return recording.populations[projection.source].size * recording.populations[projection.target].size


def _effective(recording: Recording, key: str, projection: ProjectionInfo) -> tuple[float, bool]:
    """(operations, exactly known): from weights and spikes where both are kept, else from the engine's event counter."""
    if key in recording.weights and projection.source in recording.spikes:
        synapses = recording.weights[key]
        useful = np.asarray(synapses.sources)[np.asarray(synapses.weights) != 0]
        fan_out = np.bincount(useful, minlength=recording.populations[projection.source].size)
        return float(fan_out[np.asarray(recording.spikes[projection.source].ids)].sum()), True
    events = float(recording.counters.get("events", {}).get(key, 0))
    if projection.n_nonzero == projection.n_synapses or not projection.n_synapses:
        return events, True
    return events * projection.n_nonzero / projection.n_synapses, False
