"""What a source sends: spikes of a few elements, or its current."""

from __future__ import annotations

import numpy as np

from studio.models.spec import Currents, Events, Rates
from studio.views.response.bench import Bench
from studio.views.response.picture import Curve, Panel, line

ELEMENTS, SHOWN_MS = 8, 200.0


def panels(bench: Bench) -> tuple[Panel, ...]:
    given = {p.name: p.default if p.kind == "array" else bench.params.get(p.name, p.default) for p in bench.model.params}
    given |= {p.name: bench.number(p.name) for p in bench.model.params if p.kind == "number" and given[p.name] is not None}
    if any(p.kind == "array" and p.name in ("times", "images") for p in bench.model.params) and bench.model.signal == "spiking":
        return ()
    form = bench.model.lower(given, ELEMENTS, bench.dt)
    if isinstance(form, Currents):
        return (_current(form, bench.dt),)
    return () if isinstance(form, Events) else (_spikes(form),)


def _current(form: Currents, dt: float) -> Panel:
    starts = form.starts * dt
    end = max(SHOWN_MS, 1.4 * float(starts[-1]))
    at = np.repeat(np.append(starts, end), 2)[1:-1]
    return Panel("Current", "time", "ms", "i", "nA", (line(at, np.repeat(form.values[:, 0], 2)),))


def _spikes(form: Rates) -> Panel:
    rng = np.random.default_rng(1)
    hz = np.broadcast_to(form.hz[0], (ELEMENTS,))
    curves = []
    for k in range(ELEMENTS):
        times = np.sort(rng.uniform(0.0, SHOWN_MS, rng.poisson(min(float(hz[k]), 2000.0) * SHOWN_MS / 1000.0)))
        curves.append(Curve(times, np.array([k + 0.6, k + 1.4]), "", "ticks"))
    return Panel("Spikes", "time", "ms", "element", "", tuple(curves))
