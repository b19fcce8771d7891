"""Independent Poisson spike trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.models.sources.timing import window
from studio.models.spec import Param, Rates, Source


def lower(params: Mapping[str, Any], size: int, dt: float) -> Rates:
    """One rate for all, or one per element, inside the window."""
    rate = np.broadcast_to(np.asarray(params["rate"], float), (size,)) if np.ndim(params["rate"]) else np.array([float(params["rate"])])
    starts, hz = window(params["start"], params["stop"], dt, rate)
    return Rates(starts, hz)


MODEL = Source(
    key="poisson",
    title="Poisson",
    family="Spikes",
    doc="Each element fires at random at its rate, independently of all others; several spikes in one step are possible.",
    source="Poisson process with a rate; counts per step are Poisson with mean rate * dt.",
    limits="No refractory time and no correlation between elements.",
    params=(
        Param("rate", 10.0, "Hz", "Mean rate of each element.", low=0.0, high=1e6, role="rate"),
        Param("start", 0.0, "ms", "Time at which firing begins.", low=0.0, shared=True, advanced=True),
        Param("stop", None, "ms", "Time at which firing ends; empty: never.", low=0.0, shared=True, advanced=True),
    ),
    lower=lower,
    formulas=(r"n_j \sim \mathcal{P}(\mathrm{rate}_j \, dt)",),
)
