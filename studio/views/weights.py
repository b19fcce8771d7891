"""Weights of one projection: as a matrix of source against target, and as a histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np

from studio.views.palette import Theme, colour, diverging, ramp
from studio.views.theme import empty, frame

if TYPE_CHECKING:
    from studio.engine.recording import Recording, Synapses

FINEST = 512  # cells along one side; larger matrices are averaged


def weight_matrix(recording: Recording, key: str | None = None, theme: Theme = "light") -> Any:
    """Mean weight per (source, target) cell of a projection whose weights were recorded; pairs without a synapse stay blank."""
    chosen = _chosen(recording, key)
    if chosen is None:
        return empty("No weights were recorded", theme, x="Source neuron", y="Target neuron")
    info = recording.projections[chosen]
    n_source, n_target = recording.populations[info.source].size, recording.populations[info.target].size
    grid = matrix(recording.weights[chosen], n_source, n_target)
    image = hv.Image(
        grid[::-1],
        bounds=(-0.5, -0.5, n_source - 0.5, n_target - 0.5),
        kdims=[f"source of {chosen}", f"target of {chosen}"],
        vdims=["weight"],
    )
    colours, limits = _scale(grid, theme)
    bar = {"colorbar": True, "clabel": "", "title": _labelled("Weight", info), "colorbar_opts": {"width": 10, "padding": 8}}
    axes = {
        "xlabel": f"{_name(recording, info.source)}: source neuron",
        "ylabel": f"{_name(recording, info.target)}: target neuron",
        "invert_yaxis": True,
    }
    return image.opts(
        **frame(theme), cmap=colours, clim=limits, clipping_colors={"NaN": colour("surface", theme)}, show_grid=False, **bar, **axes
    )


def weight_histogram(recording: Recording, key: str | None = None, bins: int = 50, theme: Theme = "light") -> Any:
    """How many synapses of a projection have which weight."""
    chosen = _chosen(recording, key)
    if chosen is None or not len(recording.weights[chosen].weights):
        return empty("No weights were recorded", theme, x="Weight", y="Synapses")
    values = np.asarray(recording.weights[chosen].weights, np.float64)
    counts, edges = np.histogram(values, bins if np.ptp(values) else 1)
    info = recording.projections[chosen]
    picture = hv.Histogram((edges, counts), kdims=[f"weight of {chosen}"], vdims=["synapses"])
    fill = colour("exc" if values.mean() >= 0 else "inh", theme)
    labels = {"xlabel": _labelled(f"Weight of {chosen}", info), "ylabel": "Synapses"}
    return picture.opts(
        **frame(theme),
        color=fill,
        line_color=colour("surface", theme),
        line_width=1,
        ylim=(0, counts.max() * 1.06),
        show_grid=False,
        **labels,
    )


def matrix(synapses: Synapses, n_source: int, n_target: int, finest: int = FINEST) -> np.ndarray:
    """Mean weight per cell, shape (target cells, source cells), NaN where there is no synapse."""
    across, down = min(n_source, finest), min(n_target, finest)
    cell = np.asarray(synapses.targets, np.int64) * down // n_target * across + np.asarray(synapses.sources, np.int64) * across // n_source
    n = np.bincount(cell, minlength=across * down)
    total = np.bincount(cell, np.asarray(synapses.weights, np.float64), across * down)
    with np.errstate(invalid="ignore"):
        return (total / n).reshape(down, across)


def _scale(grid: np.ndarray, theme: Theme) -> tuple[list[str], tuple[float, float]]:
    """One hue from zero when all weights have one sign, two hues around zero otherwise."""
    known = grid[~np.isnan(grid)]
    most = float(np.abs(known).max()) if len(known) else 1.0
    most = most or 1.0
    pale = ramp(colour("surface", theme), colour("ink", theme), 101)[8]
    if len(known) and known.min() < 0 < known.max():
        return diverging(theme), (-most, most)
    if len(known) and known.max() <= 0 and known.min() < 0:
        return ramp(colour("inh", theme), pale), (-most, 0.0)
    return ramp(pale, colour("exc", theme)), (0.0, most)


def _chosen(recording: Recording, key: str | None) -> str | None:
    return key if key in recording.weights else next(iter(recording.weights), None) if key is None else None


def _labelled(text: str, info: Any) -> str:
    unit = getattr(info, "weight_unit", "")
    return f"{text} ({unit})" if unit else text


def _name(recording: Recording, path: str) -> str:
    return recording.populations[path].name or path
