"""Recordings built by hand, so that every measure can be checked against a closed form."""

from types import SimpleNamespace

import numpy as np
import pytest


def make_recording(
    spikes, duration=1000.0, dt=0.1, size=10, sizes=None, sources=(), projections=None, weights=None, events=None, wall_s=0.5
):
    """`spikes`: {path: (ids, times [ms])}; `projections`: {key: (source, target, n_synapses, n_nonzero)}; `weights`: {key: (sources, targets, weights)}."""
    sizes = sizes or {}
    trains = {}
    for path, (ids, times) in spikes.items():
        times, ids = np.asarray(times, float), np.asarray(ids, np.int64)
        order = np.lexsort((ids, times))
        steps = np.rint(times[order] / dt).astype(np.int64)
        trains[path] = SimpleNamespace(steps=steps, times=steps * dt, ids=ids[order])
    infos = {
        p: SimpleNamespace(
            path=p, name=p, size=sizes.get(p, size), shape=None, kind="source" if p in sources else "population", model="lif"
        )
        for p in spikes
    }
    return SimpleNamespace(
        spikes=trains,
        traces={},
        populations=infos,
        projections={
            k: SimpleNamespace(key=k, path=k, source=s, target=t, n_synapses=n, n_nonzero=z, plastic=False)
            for k, (s, t, n, z) in (projections or {}).items()
        },
        weights={
            k: SimpleNamespace(sources=np.asarray(s), targets=np.asarray(t), weights=np.asarray(w, float))
            for k, (s, t, w) in (weights or {}).items()
        },
        counters={"spikes": {p: len(t.ids) for p, t in trains.items()}, "events": events or {}, "updates": {}, "weight_updates": {}},
        duration=duration,
        dt=dt,
        complete=True,
        wall_s=wall_s,
        provenance={"hash": "abc", "seed": 1, "versions": {"studio": "0.1"}},
    )


@pytest.fixture
def recording():
    return make_recording
