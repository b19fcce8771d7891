"""Sums or means over the places of a window, channel by channel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from studio.findings import FindingError
from studio.models.connectors.grid import moved, numbers, pair, places, refuse, said, synapses
from studio.models.spec import Connector, Param, Window


def lower(params: Mapping[str, Any], n_source: int, n_target: int) -> Window:
    """The form; raise FindingError where window and the shapes of both ends do not fit, with the shape that would."""
    source = params.get("source_shape")
    shape = source if source is not None and math.prod(source) == n_source else None
    if shape is None or not 1 <= len(shape) <= 3:
        told = "" if shape is None else f"; it has {said(shape)}"
        rows = max(k for k in range(1, math.isqrt(n_source) + 1) if n_source % k == 0)
        refuse(
            f"Pooling needs the shape of its source, [channels, rows, columns]{told}.",
            f"Give the source a shape, for example {said((1, rows, n_source // rows))}.",
        )
    grid = (1,) * (3 - len(shape)) + tuple(shape)
    window = pair(params, "size", (2, 2))
    window = (1, window[1]) if len(shape) == 1 else window
    stride, padding = pair(params, "stride", window), pair(params, "padding", (0, 0))
    stride, padding = ((1, stride[1]), (0, padding[1])) if len(shape) == 1 else (stride, padding)
    if any(2 * p > k for p, k in zip(padding, window, strict=True)):
        refuse(
            f"The padding {said(padding)} is more than half the window {said(window)}.",
            f"Use at most {said(tuple(k // 2 for k in window))}.",
        )  # type: ignore[arg-type]
    out = tuple(places(n, k, s, p, 1) for n, k, s, p in zip(grid[1:], window, stride, padding, strict=True))
    scale = 1.0 / (window[0] * window[1]) if params.get("operation") == "average" else 1.0
    form = Window(grid, (grid[0], *out), window, stride, padding, (1, 1), grid[0], scale)  # type: ignore[arg-type]
    return moved(form, len(shape) == 1, params.get("target_shape"), n_target)


def expected(params: Mapping[str, Any], n_source: int, n_target: int) -> float:
    """The number of synapses (0 where the shapes do not fit)."""
    try:
        return synapses(lower(params, n_source, n_target))
    except FindingError:
        return 0.0


MODEL = Connector(
    key="pooling",
    title="Pooling",
    doc="Each target sums, or averages, the places of a window of its own channel. The source is a grid of the shape [channels, rows, columns]; "
    "without channels [rows, columns] or [length]. Nothing is stored. The projection's weight multiplies the sum.",
    source="Dumoulin V, Visin F (2016) A guide to convolution arithmetic for deep learning. arXiv:1603.07285; NIR SumPool2d and AvgPool2d.",
    limits="No maximum: that is not a sum of synapses. A mean divides by the whole window, also where it hangs over the edge.",
    params=(
        Param("operation", "sum", "", "Whether the window is summed or averaged.", kind="word", choices=("sum", "average")),
        *numbers("size", "How many {} the window has.", 2, 1),
        *numbers("stride", "How many {} the window moves on; empty: as many as it has.", None, 1),
        *numbers("padding", "How many {} of nothing surround the source on either side.", 0, 0, advanced=True),
    ),
    lower=lower,
    expected=expected,
    random=False,
    shaped=True,
    compact=True,
    formulas=(r"w_{(c,\,y s - p + i)\,\to\,(c,\,y)} = w \;\text{or}\; w / k",),
)
