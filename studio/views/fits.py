"""A fit beside what was measured: points and the model's curve, against pulses or against voltage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np

from studio.views.palette import Theme, colour, series
from studio.views.theme import frame, legend

if TYPE_CHECKING:
    from studio.analysis.fit import Curve, Fit

MOST_CURVES = 6  # devices that are drawn


def fit(found: Fit, theme: Theme = "light") -> Any:
    """Measured points and the fitted curve of each device (the first six), with the error in the title."""
    layers: list[Any] = []
    for k, (curve, fitted) in enumerate(list(zip(found.curves, found.fitted, strict=True))[:MOST_CURVES]):
        layers += _one(curve, fitted, k, len(found.curves), theme)
    first = found.curves[0]
    y = f"Current ({first.unit})" if first.voltages is not None else f"Conductance ({first.unit})" if first.unit else "Weight"
    title = f"{found.title.partition(' (')[0]}: off by {found.error:.3g} {first.unit} ({100 * found.relative:.2g} % of the span)"
    labels = {"xlabel": "Voltage (V)" if first.voltages is not None else "Pulse", "ylabel": y, "title": title}
    return hv.Overlay(layers).opts(hv.opts.Overlay(**frame(theme), **legend(True, len(layers)), **labels, padding=0.04, show_grid=True))


def _one(curve: Curve, fitted: np.ndarray, k: int, n: int, theme: Theme) -> list[Any]:
    across = np.arange(len(curve.values)) if curve.voltages is None else np.asarray(curve.voltages)
    order = np.argsort(across, kind="stable")
    x, y = ("voltage", "current") if curve.voltages is not None else ("pulse", "conductance")
    name = f" {curve.name}" if curve.name and n > 1 else ""
    points = hv.Scatter((across, curve.values), kdims=[x], vdims=[y], label=f"measured{name}")
    line = hv.Curve((across[order], fitted[order]), kdims=[x], vdims=[y], label=f"fit{name}")
    tone = series(k, theme) if n > 1 else colour("ink-3", theme)
    return [
        points.opts(color=tone, size=4, alpha=0.55, line_alpha=0),
        line.opts(color=series(k, theme) if n > 1 else colour("exc", theme), line_width=2, line_dash="solid"),
    ]


def save(found: Fit, path: str | Path, theme: Theme = "light") -> None:
    """Write the picture as a page of HTML that needs nothing from the net."""
    hv.save(fit(found, theme), path, backend="bokeh", title=found.title, resources="inline")
