"""What a response is made of: panels with axes in units, and curves in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

POINTS = 400  # of a curve, at most


@dataclass(frozen=True)
class Curve:
    """`form`: "line", "dots", or "ticks" (short strokes at `x` between the two values of `y`). `label` is empty where one curve needs none."""

    x: np.ndarray
    y: np.ndarray
    label: str = ""
    form: Literal["line", "dots", "ticks"] = "line"
    quiet: bool = False  # drawn in the background of the others


@dataclass(frozen=True)
class Panel:
    """Curves over common axes; a unit is empty for plain numbers. `log_x`: decades along x."""

    title: str
    x: str
    x_unit: str
    y: str
    y_unit: str
    curves: tuple[Curve, ...]
    log_x: bool = False


@dataclass(frozen=True)
class Response:
    """Panels from left to right; `note` says what is missing."""

    panels: tuple[Panel, ...] = ()
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"panels": [_panel(p) for p in self.panels], "note": self.note}


@dataclass(frozen=True)
class Axis:
    """A range with round ticks."""

    low: float
    high: float
    ticks: tuple[float, ...] = field(default=())


def line(x: np.ndarray, y: np.ndarray, label: str = "", quiet: bool = False) -> Curve:
    """A line of at most POINTS points that keeps the peaks."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(x) > POINTS:
        pieces = np.array_split(np.arange(len(x)), POINTS // 2)
        kept = np.unique([k for piece in pieces for k in (piece[np.argmin(y[piece])], piece[np.argmax(y[piece])])])
        x, y = x[kept], y[kept]
    return Curve(x, y, label, "line", quiet)


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "title": panel.title,
        "x": panel.x,
        "x_unit": panel.x_unit,
        "y": panel.y,
        "y_unit": panel.y_unit,
        "log_x": panel.log_x,
        "curves": [
            {"x": _short(c.x), "y": _short(c.y), "label": c.label, "form": c.form, "quiet": c.quiet} for c in panel.curves if len(c.x)
        ],
    }


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{v:.5g}") for v in values]
