"""How active the populations are: rates and sparsity over time, one curve a population."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np

from studio import analysis
from studio.views.palette import Theme, colour
from studio.views.populations import kind
from studio.views.theme import DASHES, TIME, empty, frame, legend

if TYPE_CHECKING:
    from studio.engine.recording import Recording

BINS = 100  # about so many points in a curve, when no width is given


def rates(recording: Recording, paths: Iterable[str] | None = None, width: float | None = None, theme: Theme = "light") -> Any:
    """Mean rate per neuron over time in bins of `width` ms (None: a round width that gives about 100 points)."""
    width = width or round_width(recording)
    courses = {p: analysis.rate_over_time(recording, p, width) for p in _paths(recording, paths)}
    return _curves(recording, {p: (c.times, c.hz) for p, c in courses.items()}, f"Rate (Hz), {width:g} ms bins", (0, None), theme)


def sparsity(recording: Recording, paths: Iterable[str] | None = None, width: float | None = None, theme: Theme = "light") -> Any:
    """Share of silent neuron-steps over time (NeuroBench's activation sparsity, in bins): 1 means nobody fired."""
    width = width or round_width(recording)
    wanted = [p for p in _paths(recording, paths) if recording.populations[p].kind != "source"]
    courses = {p: analysis.sparsity_over_time(recording, p, width) for p in wanted}
    return _curves(
        recording, {p: (c.times, 100 * c.sparsity) for p, c in courses.items()}, f"Silent (%), {width:g} ms bins", (None, 100), theme
    )


def round_width(recording: Recording, bins: int = BINS) -> float:
    """1, 2 or 5 times a power of ten [ms] for about `bins` bins, at least one step."""
    wanted = max(recording.duration / bins, recording.dt)
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(next(m * power for m in (1, 2, 5, 10) if m * power >= wanted * 0.99))


def _paths(recording: Recording, paths: Iterable[str] | None) -> list[str]:
    return list(recording.spikes if paths is None else paths)


Course = tuple[np.ndarray, np.ndarray]


def _curves(recording: Recording, courses: dict[str, Course], label: str, limits: tuple[Any, Any], theme: Theme) -> Any:
    if not any(len(times) for times, _ in courses.values()):
        return empty("No spikes were recorded" if not courses else "The run is shorter than one bin", theme, y=label)
    seen: dict[str, int] = {}
    curves = []
    for path, (times, values) in courses.items():
        role = kind(recording, path)
        dash = DASHES[seen.get(role, 0) % len(DASHES)]
        seen[role] = seen.get(role, 0) + 1
        named = hv.Curve((times, values), kdims=[TIME], vdims=[label], label=recording.populations[path].name or path)
        curves.append(named.opts(color=colour(role, theme), line_width=1.6, line_dash=dash))
    options = frame(theme) | legend(len(curves) > 1, len(curves))
    bounds = {"xlim": (0, recording.duration), "ylim": _limits(courses, limits)}
    return hv.Overlay(curves).opts(
        hv.opts.Overlay(**options, **bounds, xlabel="Time (ms)", ylabel=label, show_grid=True, gridstyle={"xgrid_line_color": None})
    )


def _limits(courses: dict[str, Course], fixed: tuple[Any, Any]) -> tuple[float, float]:
    """The data's range with a little air, kept at a fixed end where there is one; never empty."""
    values = np.concatenate([v for _, v in courses.values() if len(v)])
    low, high = (float(values.min()), float(values.max()))
    air = (high - low) * 0.06 or max(abs(high) * 0.05, 0.5)
    return (low - air if fixed[0] is None else fixed[0], high + air if fixed[1] is None else fixed[1] + air / 4)
