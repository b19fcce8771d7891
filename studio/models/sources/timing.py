"""Times of a source as whole steps, and the sentences for what a source cannot do."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.findings import Finding, FindingError


def step_of(time: Any, dt: float) -> Any:
    """The step that begins at `time` [ms], to the nearest grid point."""
    return np.round(np.asarray(time, float) / dt).astype(np.int64)


def refuse(code: str, text: str, fix: str = "") -> FindingError:
    return FindingError([Finding(code, "error", "", text, fix)])


def finite(name: str, values: Any) -> np.ndarray:
    """The values as a float array; raise FindingError where one is not a finite number."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise refuse("bounds.number", f"“{name}” must hold numbers.") from None
    if not np.isfinite(array).all():
        raise refuse("bounds.number", f"“{name}” holds a value that is not a finite number.")
    return array


def window(start: float, stop: float | None, dt: float, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frames of a value that holds from `start` to `stop` [ms; None: to the end] and is 0 outside: (starts, values)."""
    first = int(step_of(start, dt))
    rows = [(0, np.zeros_like(inside))] if first > 0 else []
    rows.append((max(first, 0), inside))
    if stop is not None and np.isfinite(stop):
        last = int(step_of(stop, dt))
        if last <= first:
            return np.array([0]), np.zeros((1, inside.size))
        rows.append((last, np.zeros_like(inside)))
    return np.array([r[0] for r in rows]), np.stack([r[1] for r in rows])
