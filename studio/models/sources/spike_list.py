"""Given spikes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.models.indices import indices, paired
from studio.models.sources.timing import finite, refuse, step_of
from studio.models.spec import Events, Param, Source


def lower(params: Mapping[str, Any], size: int, dt: float) -> Events:
    """Spikes sorted by (step, id); times on the nearest grid point, of which spike time t is the end of step t/dt - 1."""
    times = finite("times", params["times"] if params["times"] is not None else []).ravel()
    ids = np.zeros(times.size, np.int64) if params["ids"] is None else indices("ids", params["ids"], size)
    paired(times=times, ids=ids)
    if times.size and times.min() < 0:
        raise refuse("bounds.low", f"“times” holds {times.min():g} ms; a spike cannot come before 0 ms.")
    steps = step_of(times, dt) - 1
    order = np.lexsort((ids, steps))
    return Events(steps[order], ids[order])


MODEL = Source(
    key="spike_list",
    title="Spike list",
    family="Spikes",
    doc="Elements fire at the given times.",
    source="The times of the document.",
    limits="Times fall on the time grid.",
    params=(
        Param("times", None, "ms", "Spike times, in any order.", kind="array"),
        Param("ids", None, "", "Which element fires at each time; empty: element 0.", kind="array"),
    ),
    lower=lower,
    formulas=(r"s_j(t) = \sum_k \delta_{j, \mathrm{ids}_k} \, \delta(t - \mathrm{times}_k)",),
)
