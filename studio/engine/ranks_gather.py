"""One recording out of those of all processes: each has what its own neurons did, and rank 0 puts it together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from studio.engine.ranks import Group
from studio.engine.recording import ProjectionInfo, Recording, Spikes, Synapses, Trace

SUMMED = ("spikes", "events", "weight_updates")  # counters of which each process has its share


def whole(group: Group, recording: Recording, given: Collection[str]) -> Recording:
    """The recording of the whole network on rank 0; elsewhere the process's own part as it is. All processes must call it.

    `given`: paths of sources whose spikes every process knows.
    """
    if group.size == 1:
        return recording
    spikes = {path: s if path in given else _spikes(group, s) for path, s in recording.spikes.items()}
    traces = {key: _trace(group, t) for key, t in recording.traces.items()}
    weights = {key: _synapses(group, w) for key, w in recording.weights.items()}
    shares = group.all((recording.counters, recording.projections, recording.build_s, recording.compile_s))
    if group.rank:
        return recording
    return replace(
        recording,
        spikes=spikes,
        traces=traces,
        weights=weights,
        counters=_counters([counters for counters, *_ in shares], given),
        projections={key: _projection([projections[key] for _, projections, *_ in shares]) for key in recording.projections},
        build_s=max(build_s for _, _, build_s, _ in shares),
        compile_s=max(compile_s for *_, compile_s in shares),
        provenance={**recording.provenance, "ranks": group.size},
    )


def _spikes(group: Group, own: Any) -> Any:
    """Spikes by step and id: ranks hold ranges of rising ids, so a stable order by step keeps ids in order."""
    steps, ids = group.collect(own.steps), group.collect(own.ids)
    if group.rank:
        return own
    all_steps, all_ids = np.concatenate(steps), np.concatenate(ids)
    order = np.argsort(all_steps, kind="stable")
    return Spikes(all_steps[order], all_ids[order], own.dt)


def _trace(group: Group, own: Trace) -> Trace:
    """Columns side by side. Columns travel as rows, for arrays that are collected differ in their length only."""
    ids, columns = group.collect(own.ids), group.collect(np.ascontiguousarray(own.values.T))
    return own if group.rank else replace(own, ids=np.concatenate(ids), values=np.ascontiguousarray(np.concatenate(columns).T))


def _synapses(group: Group, own: Synapses) -> Synapses:
    """By source and target, as in a recording of one process; synapses of one pair lie on one rank, in their order."""
    sources, targets = group.collect(own.sources), group.collect(own.targets)
    weights, delays = group.collect(own.weights), group.collect(own.delays)
    if group.rank:
        return own
    order = np.lexsort((np.concatenate(targets), np.concatenate(sources)))
    return Synapses(*(np.concatenate(parts)[order] for parts in (sources, targets, weights, delays)))


def _counters(shares: list[Mapping[str, Mapping[str, int]]], given: Collection[str]) -> dict[str, dict[str, int]]:
    def total(name: str, key: str) -> int:
        return shares[0][name][key] if name not in SUMMED or key in given else sum(share[name][key] for share in shares)

    return {name: {key: total(name, key) for key in counts} for name, counts in shares[0].items()}


def _projection(shares: list[ProjectionInfo]) -> ProjectionInfo:
    return replace(shares[0], n_synapses=sum(s.n_synapses for s in shares), n_nonzero=sum(s.n_nonzero for s in shares))
