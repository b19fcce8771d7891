"""Traces: how a state of chosen neurons moves in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np

from studio.views.palette import SERIES, Theme, series
from studio.views.theme import DASHES, TIME, empty, frame, legend

if TYPE_CHECKING:
    from studio.engine.recording import Recording

MOST = 6  # curves in one picture, unless asked for


def traces(
    recording: Recording, path: str | None = None, what: str | None = None, ids: Sequence[int] | None = None, theme: Theme = "light"
) -> Any:
    """Recorded traces of a population's state: the first recorded one when `path` and `what` are left out, six neurons unless `ids` says which."""
    chosen = next((k for k in recording.traces if path in (None, k[0]) and what in (None, k[1])), None)
    if chosen is None:
        return empty("No such trace was recorded" if recording.traces else "No traces were recorded", theme)
    trace = recording.traces[chosen]
    where = [k for k, i in enumerate(trace.ids) if ids is None or int(i) in set(ids)]
    where = where[:MOST] if ids is None else where
    if not where or not len(trace.times):
        return empty("No values in this trace", theme)
    curves = [_curve(trace, chosen, k, number, theme) for number, k in enumerate(where)]
    unit = f" ({trace.unit})" if trace.unit else ""
    info = recording.populations.get(chosen[0])
    title = f"{(info.name if info else '') or chosen[0]}: {chosen[1]}{unit}"
    options = frame(theme) | legend(len(curves) > 1, len(curves))
    return hv.Overlay(curves).opts(hv.opts.Overlay(**options, xlabel="Time (ms)", ylabel=title, show_grid=False, padding=(0, 0.06)))


def _curve(trace: Any, chosen: tuple[str, str], column: int, number: int, theme: Theme) -> Any:
    label = f"neuron {trace.ids[column]}"
    data = (np.asarray(trace.times, np.float64), np.asarray(trace.values[:, column], np.float64))
    tone, dash = series(number, theme), DASHES[number // len(SERIES) % len(DASHES)]
    return hv.Curve(data, kdims=[TIME], vdims=[f"{chosen[0]} {chosen[1]}"], label=label).opts(color=tone, line_width=1.4, line_dash=dash)
