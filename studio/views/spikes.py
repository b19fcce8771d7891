"""The raster: one mark per spike, populations stacked in the document's order, first on top."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np

from studio.analysis.trains import trains
from studio.views.palette import Theme, colour, ramp
from studio.views.populations import kind
from studio.views.theme import TIME, empty, frame

if TYPE_CHECKING:
    from studio.engine.recording import Recording

FEW = 2_000  # up to here a mark is an upright tick, beyond a dot
MARKS = 20_000  # up to here every spike is a mark of its own; beyond, pixels are counted by datashader


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


def raster(recording: Recording, paths: Iterable[str] | None = None, start: float = 0.0, stop: float | None = None, theme: Theme = "light") -> Any:
    """Spikes of `paths` (None: everything recorded) from `start` to `stop` [ms]; coordinates are float64, so long runs keep their steps.

    Blue: excitatory, orange: inhibitory, green: source. Beyond 20,000 spikes the picture is rasterised, and rasterised anew when zoomed.
    """
    rows = bands(recording, paths)
    stop = recording.duration if stop is None else stop
    cuts = {b.path: trains(recording, b.path, start, stop) for b in rows if stop > start}
    n_spikes = sum(len(c.times) for c in cuts.values())
    if not n_spikes:
        return empty("No spikes in this window" if rows else "No spikes were recorded", theme, y="Neuron")
    groups = {}
    for band in rows:
        cut = cuts[band.path]
        groups.setdefault(band.kind, []).append(np.column_stack([cut.times, cut.ids + float(band.offset)]))
    total = rows[-1].offset + rows[-1].size
    layers = [_layer(np.vstack(parts), role, total, theme, n_spikes) for role, parts in groups.items() if sum(map(len, parts))]
    picture = hv.Overlay([*layers, *_borders(rows, theme)]) if n_spikes <= MARKS else _stack([*layers, *_borders(rows, theme)])
    named = {"yticks": _ticks(rows), "ylabel": ""} if len(rows) > 1 else {"ylabel": f"{rows[0].name}: neuron"}
    limits = {"xlim": (start, stop), "ylim": (-0.5, total - 0.5)}
    return picture.opts(hv.opts.Overlay(**frame(theme), **limits, **named, xlabel="Time (ms)", invert_yaxis=True, show_legend=False, show_grid=False))


def _layer(points: np.ndarray, role: str, total: int, theme: Theme, n_spikes: int) -> Any:
    element = hv.Points(points, kdims=[TIME, f"row of {total}"])
    if n_spikes <= MARKS:
        look = {"marker": "dash", "angle": 90, "size": 6} if n_spikes <= FEW else {"marker": "circle", "size": 2.5}
        return element.opts(color=colour(role, theme), line_width=1.2, **look)
    from holoviews.operation.datashader import dynspread, rasterize

    ink, surface = colour(role, theme), colour("surface", theme)
    shaded = rasterize(element, aggregator="count", precompute=True)
    shaded = dynspread(shaded, max_px=2, threshold=0.6)
    return shaded.opts(hv.opts.Image(cmap=ramp(_mix(ink, surface, 0.45), ink), cnorm="eq_hist", clipping_colors={"NaN": "transparent", "min": "transparent"}))


def _stack(layers: list[Any]) -> Any:
    picture = layers[0]
    for layer in layers[1:]:
        picture = picture * layer
    return picture


def _borders(rows: tuple[Band, ...], theme: Theme) -> list[Any]:
    """Hairlines between populations."""
    return [hv.HLine(b.offset - 0.5).opts(color=colour("line-strong", theme), line_width=1) for b in rows[1:]]


def _ticks(rows: tuple[Band, ...]) -> list[tuple[float, str]]:
    """Each population's name at the middle of its band; bands too thin for a label are left out."""
    total = rows[-1].offset + rows[-1].size
    return [(b.offset + (b.size - 1) / 2, b.name) for b in rows if b.size >= total / 24]


def _mix(ink: str, surface: str, share: float) -> str:
    return ramp(surface, ink, 101)[round(share * 100)]
