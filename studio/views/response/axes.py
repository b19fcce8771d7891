"""Round ticks, and curves in the pixels of a panel."""

from __future__ import annotations

import math

import numpy as np

from studio.views.response.picture import Panel


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers from `low` to `high`, about `wanted` of them."""
    span = high - low
    if not span > 0:
        return [low]
    rough = span / wanted
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * k for k in (1, 2, 2.5, 5, 10) if size * k >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def tick_text(value: float) -> str:
    """A tick as it is read: no -0, no tail of zeros, powers of ten where it is far from 1."""
    if abs(value) < 1e-12:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.6g}".replace("-", "−")
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}".replace("-", "−")


def ranges(panel: Panel) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the axes span: all that is drawn, with a little air above and below."""
    xs = np.concatenate([c.x for c in panel.curves if len(c.x)])
    ys = np.concatenate([c.y for c in panel.curves if len(c.y)])
    xs = np.log10(xs) if panel.log_x else xs
    low, high = float(ys.min()), float(ys.max())
    pad = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    if low >= 0 and low < 0.3 * high:
        low, bottom = 0.0, 0.0
    else:
        bottom = pad
    left, right = float(xs.min()), float(xs.max())
    return (left, right if right > left else left + 1.0), (low - bottom, high + pad)


def simplified(points: np.ndarray, tolerance: float) -> np.ndarray:
    """The points that are needed to draw a line within `tolerance` (Ramer, Douglas, Peucker)."""
    if len(points) < 3:
        return points
    keep = np.zeros(len(points), bool)
    keep[0] = keep[-1] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        a, b = waiting.pop()
        if b - a < 2:
            continue
        along = points[b] - points[a]
        across = points[a + 1 : b] - points[a]
        length = math.hypot(*along)
        away = np.abs(along[0] * across[:, 1] - along[1] * across[:, 0]) / length if length else np.hypot(across[:, 0], across[:, 1])
        far = int(np.argmax(away))
        if away[far] > tolerance:
            keep[a + 1 + far] = True
            waiting += [(a, a + 1 + far), (a + 1 + far, b)]
    return points[keep]


def path(points: np.ndarray) -> str:
    """An SVG path through points, in tenths of a pixel."""
    out = [f"M{_short(points[0][0])} {_short(points[0][1])}"]
    for before, (x, y) in zip(points[:-1], points[1:], strict=True):
        if _short(x) == _short(before[0]):
            out.append(f"V{_short(y)}")
        elif _short(y) == _short(before[1]):
            out.append(f"H{_short(x)}")
        else:
            out.append(f"L{_short(x)} {_short(y)}")
    return "".join(out)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
