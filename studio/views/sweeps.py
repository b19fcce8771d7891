"""A sweep as a picture: a measure against one parameter, with its spread over the repeats, or over two as a map of colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np
from bokeh.models import TeeHead

from studio.views.palette import SERIES, Theme, colour, ramp, series
from studio.views.theme import DASHES, empty, frame, legend

if TYPE_CHECKING:
    from studio.analysis.sweep import Sweep

RATE = "rate_hz."
# measure (or what stands before its point) -> (words, unit)
WORDS = {
    "rate_hz": ("Rate", "Hz"),
    "cv": ("CV of intervals", ""),
    "spikes": ("Spikes", ""),
    "sparsity": ("Silent neuron-steps, share", ""),
    "synaptic_events": ("Synaptic events", ""),
    "real_time_factor": ("Computing per biological second", "s"),
    "duration_ms": ("Simulated", "ms"),
    "wall_s": ("Computing", "s"),
    "build_s": ("Building", "s"),
    "compile_s": ("Compiling", "s"),
    "accuracy": ("Right answers, share", ""),
}
CATEGORIES = 30  # so many rows or columns of a map keep their own labels


def sweep(
    result: Sweep, measure: str | Iterable[str] | None = None, over: str | Sequence[str] | None = None, theme: Theme = "light"
) -> Any:
    """One parameter varied: mean and standard deviation over the runs of each value. Two: a map of the mean.

    `measure`: columns of `result.to_pandas()`; None: every rate (the first one, in a map). `over`: one or two of the varied paths; None:
    the first two. Runs that differ in other parameters are averaged as repeats are. Runs that failed or were cut short are left out.
    """
    table: Any = result.to_pandas()
    table = table[table["status"] == "done"] if len(table) else table
    paths = [over] if isinstance(over, str) else list(over if over is not None else result.units)[:2]
    wanted = [measure] if isinstance(measure, str) else list(measure or (name for name in table.columns if name.startswith(RATE)))
    wanted = [name for name in wanted if name in table.columns]
    if not len(table) or not wanted:
        return empty("No run was done" if not len(table) else "No such measure", theme, x=_path(result, paths[0]) if paths else "")
    if not paths:
        return empty("Nothing was varied", theme, x="", y=_label(wanted[:1]))
    return _lines(result, table, paths[0], wanted, theme) if len(paths) == 1 else _map(result, table, paths, wanted[0], theme)


def _lines(result: Sweep, table: Any, path: str, wanted: list[str], theme: Theme) -> Any:
    layers = [layer for index, name in enumerate(wanted) for layer in _line(table, path, name, index, theme)]
    options = frame(theme) | legend(len(wanted) > 1, len(wanted))
    labels = {"xlabel": _path(result, path), "ylabel": _label(wanted) + _said(table, path), "yformatter": "%.6g"}
    limits = _limits(table, path, wanted)
    return hv.Overlay(layers).opts(
        hv.opts.Overlay(**options, **labels, ylim=limits, padding=(0.04, 0), show_grid=True, gridstyle={"xgrid_line_color": None})
    )


def _line(table: Any, path: str, name: str, index: int, theme: Theme) -> list[Any]:
    """One measure: points, a line between them where the parameter is a number, and bars where runs were repeated."""
    words = _words(table[path])
    points = table.groupby(path, sort=not words)[name].agg(["mean", "std", "count"]).reset_index()
    x = points[path].astype(str).to_numpy() if words else points[path].to_numpy(float)
    y, spread = points["mean"].to_numpy(float), points["std"].fillna(0.0).to_numpy(float)
    tone, dash = series(index, theme), DASHES[index // len(SERIES) % len(DASHES)]
    kind, _, label = name.partition(".")
    up = f"mean of {kind}"  # pictures side by side share the axes of one measure only
    layers = [hv.Scatter((x, y), kdims=[path], vdims=[up], label=label or name).opts(color=tone, size=6)]
    if not words:
        layers.append(hv.Curve((x, y), kdims=[path], vdims=[up], label=label or name).opts(color=tone, line_width=1.6, line_dash=dash))
    if (points["count"] > 1).any():
        head = TeeHead(size=8, line_color=tone)
        bars = hv.ErrorBars((x, y, spread), kdims=[path], vdims=[up, "spread"])
        layers.append(bars.opts(color=tone, line_width=1.2, upper_head=head, lower_head=head))
    return layers


def _limits(table: Any, path: str, wanted: list[str]) -> tuple[float, float]:
    """From zero where nothing is below it, with air for the bars."""
    groups = table.groupby(path)[wanted]
    spread = groups.std().fillna(0.0).to_numpy(float)
    low, high = float(np.nanmin(groups.mean() - spread)), float(np.nanmax(groups.mean() + spread))
    air = 0.06 * (high - low) or abs(high) * 0.05 or 0.5
    return (0.0 if 0 <= low <= 0.6 * high else low - air, high + air)


def _map(result: Sweep, table: Any, paths: list[str], name: str, theme: Theme) -> Any:
    grid = table.pivot_table(index=paths[1], columns=paths[0], values=name, aggfunc="mean")
    if grid.notna().to_numpy().mean() < 0.5 and not any(_words(table[p]) for p in paths):
        return _scattered(result, table, paths, name, theme)
    across, up = ([_short(v) for v in axis] for axis in (grid.columns, grid.index))
    cells = [(a, u, grid.iloc[j, i]) for i, a in enumerate(across) for j, u in enumerate(up)]
    picture = hv.HeatMap(cells, kdims=paths, vdims=[name])
    line = {"line_color": colour("surface", theme), "line_width": 1} if max(len(across), len(up)) <= CATEGORIES else {}
    return picture.opts(**frame(theme), **_coloured(table, name, theme), **_axes(result, paths), **line, show_grid=False)


def _scattered(result: Sweep, table: Any, paths: list[str], name: str, theme: Theme) -> Any:
    """Random settings: a point each."""
    mean = table.groupby(paths, sort=False)[name].mean().reset_index()
    picture = hv.Points(mean, kdims=paths, vdims=[name])
    look = {"color": name, "size": 9, "line_color": colour("line-strong", theme), "padding": 0.05}
    return picture.opts(**frame(theme), **_coloured(table, name, theme), **_axes(result, paths), **look)


def _coloured(table: Any, name: str, theme: Theme) -> dict[str, Any]:
    pale = ramp(colour("surface", theme), colour("ink", theme), 101)[8]
    values = table[name].to_numpy(float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    limits = (0.0, high) if 0 <= low <= 0.6 * high else (low, high)
    bar = {"colorbar": True, "clabel": "", "title": _title(name), "colorbar_opts": {"width": 10, "padding": 8}}
    scale = {"cmap": ramp(pale, colour("exc", theme)), "clim": limits if high > low else (low, low + 1.0)}
    return {**scale, **bar, "clipping_colors": {"NaN": colour("surface", theme)}}


def _axes(result: Sweep, paths: list[str]) -> dict[str, Any]:
    return {"xlabel": _path(result, paths[0]), "ylabel": _path(result, paths[1])}


def _path(result: Sweep, path: str) -> str:
    unit = result.units.get(path, "")
    return f"{path} ({unit})" if unit else path


def _label(names: list[str]) -> str:
    """What several measures of one kind are, with their unit; the one measure by its whole name."""
    kinds = list(dict.fromkeys(name.partition(".")[0] for name in names))
    if len(names) == 1:
        return _title(names[0])
    words, unit = WORDS.get(kinds[0], (kinds[0], "")) if len(kinds) == 1 else (", ".join(kinds), "")
    return f"{words} ({unit})" if unit else words


def _title(name: str) -> str:
    kind, _, path = name.partition(".")
    words, unit = WORDS.get(kind, (name, "")) if kind in WORDS else (name, "")
    of = f" of {path}" if path and kind in WORDS else ""
    return f"{words}{of} ({unit})" if unit else f"{words}{of}"


def _said(table: Any, path: str) -> str:
    repeats = int(table.groupby(path)["run"].count().max())
    return f", mean ± sd of {repeats} runs" if repeats > 1 else ""


def _words(column: Any) -> bool:
    return not np.issubdtype(np.asarray(column).dtype, np.number)


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, int | float | np.number) else str(value)
