"""Recorded states and learnt weights of a twin run: how far apart both runs are, and one neuron of each state drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from studio.views.compiled.parts import number, table
from studio.views.compiled.raster import LEFT, RIGHT, WIDE, svg, times

Json = Mapping[str, Any]
DRAWN = 4  # states
HIGH = 96.0  # px of a drawing
_HEAD = ("Difference, root mean square", "largest", "range of the ideal", "correlation")


def states(comparison: Json) -> str:
    """Both as tables, with drawings of the first few states; nothing where nothing was recorded or learnt."""
    given = comparison.get("outputs") or {}
    drawn = "".join(_drawing(path, one) for path, one in list(given.items())[:DRAWN] if one.get("t_ms"))
    said = table(("State", *_HEAD), [_row(path, one) for path, one in given.items()], "twin plain")
    weights = comparison.get("learnt") or {}
    learnt = table(("Projection", *_HEAD), [_row(path, one) for path, one in weights.items()], "twin plain")
    return (f"<h3>Recorded states</h3>\n{said}{drawn}" if said else "") + (f"<h3>Learnt weights</h3>\n{learnt}" if learnt else "")


def _row(path: str, one: Json) -> list[str]:
    unit = escape(str(one.get("unit") or ""))
    amounts = (f"{_short(one.get(key))} {unit}".strip() for key in ("rms", "largest", "range"))
    return [f"<code>{escape(path)}</code>", *amounts, _short(one.get("correlation"))]


def _short(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else number(value)


def _drawing(path: str, one: Json) -> str:
    """Both runs of the neuron that differs most, the chip's line dashed."""
    values = [v for kind in ("ideal", "chip") for v in one[kind] if v is not None]
    to = float(one["t_ms"][-1]) or 1.0
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    middle = low - 0.5 if high == low else low
    lines = "".join(f'<path class="line by-{kind}" d="{_line(one["t_ms"], one[kind], to, middle, span)}"/>' for kind in ("ideal", "chip"))
    unit = f" {escape(str(one['unit']))}" if one.get("unit") else ""
    base = f'<path class="axis" d="M{LEFT} {HIGH + 1}h{WIDE - LEFT - RIGHT}"/>'
    told = f"neuron {number(one['neuron'])}, which differs most, from {_short(low)} to {_short(high)}{unit}; dashed: the chip"
    drawing = svg(HIGH + 20, f"{path} of both runs", base + lines + times(to, HIGH))
    return f'<p><code>{escape(path)}</code> <span class="quiet">{told}</span></p>\n<div class="wide">{drawing}</div>\n'


def _line(at: Sequence[float], values: Sequence[float | None], to: float, low: float, span: float) -> str:
    """A path; it is broken where a value is missing."""
    out, pen = [], "M"
    for t, v in zip(at, values, strict=True):
        if v is None:
            pen = "M"
            continue
        x = LEFT + (WIDE - LEFT - RIGHT) * t / to
        out.append(f"{pen}{x:.1f} {HIGH - 8 - (HIGH - 16) * (v - low) / span:.1f}")
        pen = "L"
    return "".join(out)
