"""What the figures of the templates' page have in common: where they lie, how they are drawn, and intervals."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from benchmarks.svg import Drawing, Scale, label  # noqa: E402  (beside the package, not in it)

__all__ = ["IMAGES", "Drawing", "Scale", "grey", "interval", "label", "picture"]
IMAGES = ROOT / "docs" / "images"
T_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 14: 2.145, 19: 2.093}  # Student's t


def interval(values: Any) -> tuple[float, float]:
    """The mean and half the 95 % interval of the mean (Student's t); few numbers of values are known."""
    v = np.asarray(values, np.float64)
    return float(v.mean()), float(T_975[v.size - 1] * v.std(ddof=1) / math.sqrt(v.size))


def grey(value: float) -> str:
    """A colour between white (0) and dark blue (1)."""
    low, high = (238, 242, 247), (18, 66, 140)
    return "#" + "".join(f"{round(a + (b - a) * min(1.0, max(0.0, value))):02x}" for a, b in zip(low, high, strict=True))


def picture(drawing: Drawing, x: float, y: float, size: float, values: Sequence[Sequence[float]] | np.ndarray) -> None:
    """A small image: a square for each value of a matrix between 0 and 1."""
    for i, row in enumerate(np.asarray(values, np.float64)):
        for j, value in enumerate(row):
            drawing.parts.append(
                f'<rect x="{x + size * j:g}" y="{y + size * i:g}" width="{size:g}" height="{size:g}" fill="{grey(value)}"/>'
            )
