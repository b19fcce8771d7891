"""The raster: one mark per spike, populations stacked in the document's order, first on top.

Beyond MARKS spikes the picture is rasterised: spikes are counted per pixel, anew at every zoom. NumPy counts 100,000 spikes in
a few milliseconds; datashader needs several seconds of compiling before its first picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np
from holoviews.streams import PlotSize, RangeXY

from studio.analysis.trains import trains
from studio.views.bins import grid
from studio.views.palette import Theme, colour, ramp
from studio.views.populations import kind
from studio.views.theme import TIME, empty, frame

if TYPE_CHECKING:
    from studio.engine.recording import Recording

FEW = 2_000  # up to here a mark is an upright tick, beyond a dot
MARKS = 20_000  # beyond, pixels
SIZE = (1000, 300)  # pixels before the page says how large the picture is
PIXEL = 2  # screen pixels along one side of a counted pixel

Range = tuple[float, float]


@dataclass(frozen=True)
class Band:
    """The rows of one population in the raster: first row at the top."""

    path: str
    name: str
    kind: str
    offset: int
    size: int


def bands(recording: Recording, paths: Iterable[str] | None = None) -> tuple[Band, ...]:
    """Where each recorded population's neurons stand."""
    out, offset = [], 0
    for path in recording.spikes if paths is None else paths:
        info = recording.populations[path]
        out.append(Band(path, info.name or path, kind(recording, path), offset, info.size))
        offset += info.size
    return tuple(out)


def raster(
    recording: Recording, paths: Iterable[str] | None = None, start: float = 0.0, stop: float | None = None, theme: Theme = "light"
) -> Any:
    """Spikes of `paths` (None: everything recorded) from `start` to `stop` [ms]; coordinates are float64, so long runs keep their steps.

    Blue: excitatory, orange: inhibitory, green: source, grey: both or unknown.
    """
    rows = bands(recording, paths)
    stop = recording.duration if stop is None else stop
    points = _points(recording, rows, start, stop) if stop > start else {}
    n_spikes = sum(len(p) for p in points.values())
    if not n_spikes:
        return empty("No spikes in this window" if rows else "No spikes were recorded", theme, y="Neuron")
    if n_spikes <= MARKS:
        return _dressed([_marks(p, role, n_spikes, rows, theme) for role, p in points.items()], rows, (start, stop), theme)
    return _pixels(points, rows, (start, stop), theme)


def _points(recording: Recording, rows: tuple[Band, ...], start: float, stop: float) -> dict[str, np.ndarray]:
    """(time, row) of every spike, float64 (n, 2), by kind."""
    parts: dict[str, list[np.ndarray]] = {}
    for band in rows:
        cut = trains(recording, band.path, start, stop)
        if len(cut.times):
            parts.setdefault(band.kind, []).append(np.column_stack([cut.times, cut.ids + float(band.offset)]))
    return {role: np.vstack(several) for role, several in parts.items()}


def _marks(points: np.ndarray, role: str, n_spikes: int, rows: tuple[Band, ...], theme: Theme) -> Any:
    look = {"marker": "dash", "angle": 90, "size": 6} if n_spikes <= FEW else {"marker": "circle", "size": 2.5}
    return hv.Points(points, kdims=[TIME, _row(rows)]).opts(color=colour(role, theme), line_width=1.2, **look)


def _pixels(points: Mapping[str, np.ndarray], rows: tuple[Band, ...], window: Range, theme: Theme) -> Any:
    """Counts per pixel of what is in view, one image per kind."""
    whole = (-0.5, rows[-1].offset + rows[-1].size - 0.5)

    def picture(x_range: Range | None, y_range: Range | None, width: int | None, height: int | None, scale: float = 1.0) -> Any:
        x, y = _rising(x_range or window), _rising(y_range or whole)
        columns, lines = max(1, (width or SIZE[0]) // PIXEL), max(1, (height or SIZE[1]) // PIXEL)
        return _dressed(
            [
                _image(grid(p[:, 0], p[:, 1], x, y, columns, lines), role, (x[0], y[0], x[1], y[1]), rows, theme)
                for role, p in points.items()
            ],
            rows,
            window,
            theme,
        )

    return hv.DynamicMap(picture, streams=[RangeXY(), PlotSize()])


def _image(counts: np.ndarray, role: str, bounds: tuple[float, float, float, float], rows: tuple[Band, ...], theme: Theme) -> Any:
    filled = counts[counts > 0]
    full = max(2.0, float(np.quantile(filled, 0.99))) if len(filled) else 2.0
    shown = np.where(counts > 0, counts, np.nan)[::-1]
    ink = colour(role, theme)
    pale = ramp(colour("surface", theme), ink, 101)[45]
    image = hv.Image(shown, bounds=bounds, kdims=[TIME, _row(rows)], vdims=[f"spikes {role}"])
    return image.opts(cmap=ramp(pale, ink), clim=(1, full), clipping_colors={"NaN": "transparent"})


def _dressed(layers: list[Any], rows: tuple[Band, ...], window: Range, theme: Theme) -> Any:
    """Layers with hairlines between populations, names and axes."""
    borders = [hv.HLine(b.offset - 0.5).opts(color=colour("line-strong", theme), line_width=1) for b in rows[1:]]
    total = rows[-1].offset + rows[-1].size
    first = rows[0]
    named = {"yticks": _ticks(rows), "ylabel": ""} if rows[1:] else {"ylabel": f"{first.name}: neuron"}
    axes = {
        "xlabel": "Time (ms)",
        "xlim": window,
        "ylim": (-0.5, total - 0.5),
        "invert_yaxis": True,
        "show_legend": False,
        "show_grid": False,
    }
    return hv.Overlay([*layers, *borders]).opts(hv.opts.Overlay(**frame(theme), **named, **axes))


def _ticks(rows: tuple[Band, ...]) -> list[tuple[float, str]]:
    """Each population's name at the middle of its band; bands too thin for a label are left out."""
    total = rows[-1].offset + rows[-1].size
    return [(b.offset + (b.size - 1) / 2, b.name) for b in rows if b.size >= total / 24]


def _row(rows: tuple[Band, ...]) -> str:
    """Pictures with as many rows zoom together, others do not."""
    return f"row of {rows[-1].offset + rows[-1].size}"


def _rising(limits: Range) -> Range:
    return (min(limits), max(limits))
