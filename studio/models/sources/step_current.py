"""A current that changes in steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.models.sources.timing import finite, refuse, step_of, window
from studio.models.spec import Currents, Param, Source


def lower(params: Mapping[str, Any], size: int, dt: float) -> Currents:
    """Either one amplitude (for all, or one per element) inside the window, or a table of times and amplitudes."""
    if params["times"] is None:
        amplitude = np.atleast_1d(np.asarray(params["amplitude"], float))
        starts, values = window(params["start"], params["stop"], dt, amplitude)
        return Currents(starts, values)
    return _table(params, size, dt)


def _table(params: Mapping[str, Any], size: int, dt: float) -> Currents:
    times = finite("times", params["times"]).ravel()
    if params["amplitudes"] is None:
        raise refuse("size.mismatch", "“times” is given without “amplitudes”.", "Give one amplitude for each time.")
    values = finite("amplitudes", params["amplitudes"])
    values = values.reshape(len(values), -1) if values.ndim else values.reshape(1, 1)
    if len(values) != times.size or values.shape[1] not in (1, size):
        raise refuse(
            "size.mismatch",
            f"“amplitudes” has shape {values.shape}; {times.size} times and {size} elements need ({times.size}, 1) or ({times.size}, {size}).",
        )
    if times.size and (times.min() < 0 or (np.diff(times) < 0).any()):
        raise refuse("bounds.order", "“times” must not be negative and must not fall.", "Sort the times.")
    starts = step_of(times, dt)
    last = np.append(np.diff(starts) > 0, True)  # of several changes in one step the last counts
    starts, values = starts[last], values[last]
    if not starts.size or starts[0] > 0:
        starts, values = (
            np.insert(starts, 0, 0),
            np.concatenate(
                [np.zeros((1, values.shape[1] if values.size else 1)), values.reshape(-1, values.shape[1] if values.size else 1)]
            ),
        )
    return Currents(starts, values)


MODEL = Source(
    key="step_current",
    title="Step current",
    family="Currents",
    doc="A current that is constant between the given times, or one amplitude between start and stop.",
    source="NEST step_current_generator, dc_generator.",
    limits="Changes fall on the time grid; a change at time t first moves a voltage at t + dt.",
    signal="analog",
    params=(
        Param("amplitude", 0.5, "nA", "Current between start and stop.", low=-1e6, high=1e6, role="current"),
        Param("start", 0.0, "ms", "Time at which the current begins.", low=0.0, shared=True),
        Param("stop", None, "ms", "Time at which the current ends; empty: never.", low=0.0, shared=True),
        Param(
            "times", None, "ms", "Instead of amplitude, start and stop: times at which the current changes.", kind="array", advanced=True
        ),
        Param(
            "amplitudes", None, "nA", "The current from each of these times on: (n_times,) or (n_times, size).", kind="array", advanced=True
        ),
    ),
    lower=lower,
    formulas=(r"i(t) = \mathrm{amplitude} \quad \text{for } \mathrm{start} \le t < \mathrm{stop}",),
)
