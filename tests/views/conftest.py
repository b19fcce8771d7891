"""Small recordings with excitatory, inhibitory and source populations, traces and weights."""

from types import SimpleNamespace

import numpy as np
import pytest


def make(n_spikes=300, n=40, duration=1000.0, dt=0.1, seed=0):
    rng = np.random.default_rng(seed)
    spikes, infos = {}, {}
    for path, name, kind, sign in (
        ("drive", "Thalamus", "source", None),
        ("exc", "Excitatory", "population", "excitatory"),
        ("inh", "Inhibitory", "population", "inhibitory"),
    ):
        steps = np.sort(rng.integers(1, round(duration / dt) + 1, n_spikes))
        spikes[path] = SimpleNamespace(steps=steps, times=steps * dt, ids=rng.integers(0, n, n_spikes))
        infos[path] = SimpleNamespace(path=path, name=name, size=n, shape=None, kind=kind, model="lif", sign=sign)
    pairs = np.indices((n, n)).reshape(2, -1)
    times = np.arange(1, 1001) * 1.0
    return SimpleNamespace(
        spikes=spikes,
        populations=infos,
        traces={("exc", "v"): SimpleNamespace(times=times, ids=np.arange(8), values=rng.normal(-60, 2, (1000, 8)), unit="mV")},
        projections={"p1": SimpleNamespace(key="p1", source="exc", target="inh", n_synapses=n * n, n_nonzero=n * n, weight_unit="nA")},
        weights={"p1": SimpleNamespace(sources=pairs[0], targets=pairs[1], weights=rng.normal(0, 1, n * n))},
        counters={"spikes": dict.fromkeys(spikes, n_spikes)},
        duration=duration,
        dt=dt,
    )


@pytest.fixture
def recording():
    return make


@pytest.fixture
def figure():
    """Render an element to its Bokeh figure, as a page would."""
    import holoviews as hv

    hv.extension("bokeh", logo=False)

    def draw(element):
        return hv.render(element, backend="bokeh")

    return draw
