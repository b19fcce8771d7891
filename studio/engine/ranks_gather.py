"""One recording out of those of all processes: each has what its own neurons did, and rank 0 puts it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from studio.engine.ranks import Group
from studio.engine.recording import ProjectionInfo, Recording, Spikes, Synapses, Trace

_OWN = ("sources", "targets", "weights", "delays")
SUMMED = ("spikes", "events", "weight_updates")  # counters of which each process has its share


def whole(group: Group, recording: Recording) -> Recording:
    """The recording of the whole network on rank 0; elsewhere the process's own part as it is. All processes must call it."""
    if group.size == 1:
        return recording
    shares = collected(group, recording)
    return joined(shares) if shares else recording


def collected(group: Group, own: Recording) -> list[Recording]:
    """Everyone's recording on rank 0, by rank; nothing elsewhere."""
    out = group.all(replace(own, spikes={}, traces={}, weights={}))
    spikes = {path: _collected(group, steps=s.steps, ids=s.ids) for path, s in own.spikes.items()}
    # columns travel as rows, for arrays that are collected differ in their length only
    traces = {key: _collected(group, ids=t.ids, values=np.ascontiguousarray(t.values.T)) for key, t in own.traces.items()}
    weights = {key: _collected(group, **_columns(w)) for key, w in own.weights.items()}
    if group.rank:
        return []
    return [
        replace(
            share,
            spikes={path: Spikes(**parts[k], dt=own.dt) for path, parts in spikes.items()},
            traces={key: replace(own.traces[key], ids=p[k]["ids"], values=p[k]["values"].T) for key, p in traces.items()},
            weights={key: _of_columns(parts[k]) for key, parts in weights.items()},
        )
        for k, share in enumerate(out)
    ]


def _collected(group: Group, **arrays: np.ndarray) -> list[dict[str, np.ndarray]]:
    everyone = {name: group.collect(array) for name, array in arrays.items()}
    n = 0 if group.rank else group.size
    return [{name: parts[k] for name, parts in everyone.items()} for k in range(n)]


def joined(shares: Sequence[Recording]) -> Recording:
    """One recording of the processes' own, by rank; as long as the shortest of them."""
    first = min(shares, key=lambda share: share.duration)
    return replace(
        first,
        spikes={path: _spikes([s.spikes[path] for s in shares], first.duration) for path in first.spikes},
        traces={key: _trace([s.traces[key] for s in shares]) for key in first.traces},
        weights={key: _synapses([s.weights[key] for s in shares]) for key in first.weights},
        counters=_counters([s.counters for s in shares]),
        projections={key: _projection([s.projections[key] for s in shares]) for key in first.projections},
        build_s=max(s.build_s for s in shares),
        compile_s=max(s.compile_s for s in shares),
        provenance={**first.provenance, "ranks": len(shares)},
    )


def _spikes(shares: list[Any], duration: float) -> Spikes:
    """Spikes by step and id: ranks hold ranges of rising ids, so a stable order by step keeps ids in order."""
    steps, ids = np.concatenate([s.steps for s in shares]), np.concatenate([s.ids for s in shares])
    order = np.argsort(steps, kind="stable")
    order = order[: np.searchsorted(steps[order], round(duration / shares[0].dt), side="right")]
    return Spikes(steps[order], ids[order], shares[0].dt)


def _trace(shares: list[Trace]) -> Trace:
    """Columns side by side, of the processes that have any."""
    shares = [t for t in shares if len(t.ids)] or shares[:1]
    n = min(len(t.times) for t in shares)
    values = np.concatenate([t.values[:n] for t in shares], axis=1)
    return replace(shares[0], times=shares[0].times[:n], ids=np.concatenate([t.ids for t in shares]), values=values)


def _synapses(shares: list[Synapses]) -> Synapses:
    """By source and target, as in a recording of one process; synapses of one pair lie on one rank, in their order."""
    columns = [_columns(s) for s in shares]
    every = {name: np.concatenate([c[name] for c in columns]) for name in columns[0]}
    order = np.lexsort((every["targets"], every["sources"]))
    return _of_columns({name: values[order] for name, values in every.items()})


def _columns(s: Synapses) -> dict[str, np.ndarray]:
    """All arrays of a projection's synapses by name, states behind the others."""
    return {**{name: getattr(s, name) for name in _OWN}, **{f"state:{name}": values for name, values in s.states.items()}}


def _of_columns(columns: Mapping[str, np.ndarray]) -> Synapses:
    states = {name.removeprefix("state:"): values for name, values in columns.items() if name not in _OWN}
    return Synapses(*(columns[name] for name in _OWN), states=states)


def _counters(shares: list[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    def total(name: str, key: str) -> int:
        return sum(share[name][key] for share in shares) if name in SUMMED else shares[0][name][key]

    return {name: {key: total(name, key) for key in counts} for name, counts in shares[0].items()}


def _projection(shares: list[ProjectionInfo]) -> ProjectionInfo:
    return replace(shares[0], n_synapses=sum(s.n_synapses for s in shares), n_nonzero=sum(s.n_nonzero for s in shares))
