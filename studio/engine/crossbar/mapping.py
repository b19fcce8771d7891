"""From weights to conductances and back: one device with a reference column, a pair, or slices of digits.

Conductance is linear in the weight: g = g_min + (g_max - g_min)*(w - w_min)/(w_max - w_min) on each device. The devices of one weight lie side by
side on neighbouring columns; what arrives is the sum of their currents times `factors`, minus that of a reference column, which every tile has
where `reference` is not None: cells that hold the weight 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.findings import Finding, FindingError


@dataclass(frozen=True)
class Mapping:
    """How weights lie on devices. `w_min`, `w_max`: range of one device [unit of the weight]; `g_min`, `g_max` [S]."""

    w_min: float = 0.0
    w_max: float = 1.0
    g_min: float = 0.0
    g_max: float = 25e-6
    storage: str = "pair"
    slices: int = 2
    slice_bits: int = 2

    def __post_init__(self) -> None:
        if not (self.w_max > self.w_min and self.g_max > self.g_min >= 0.0):
            text = f"weights from {self.w_min:g} to {self.w_max:g} on conductances from {self.g_min:g} to {self.g_max:g} S leave no range."
            raise FindingError([Finding("bounds.crossbar", "error", "", text, "Give the lower end first; conductances are not negative.")])

    @property
    def scale(self) -> float:
        """Weight for each S of conductance."""
        return (self.w_max - self.w_min) / (self.g_max - self.g_min)

    @property
    def factors(self) -> np.ndarray:
        """What each device of a weight counts, in weight for each S of its cell."""
        if self.storage == "slices":
            base = 2.0**self.slice_bits
            digits = base ** np.arange(self.slices - 1, -1, -1)
            return self.scale * digits * (base - 1.0) / (base**self.slices - 1.0)
        return self.scale * np.array([1.0, -1.0] if self.storage in ("pair", "one_sided") else [1.0])

    @property
    def reference(self) -> float | None:
        """The conductance of a cell that holds 0, for the reference column; None for a pair."""
        return None if self.storage in ("pair", "one_sided") else float(self.cells(np.zeros(())))

    def cells(self, held: np.ndarray) -> np.ndarray:
        """Conductance [S] of devices that hold these weights; noise may carry it past the range, but not below 0."""
        return np.maximum(self.g_min + (held - self.w_min) / self.scale, 0.0)

    def held(self, weights: np.ndarray) -> np.ndarray:
        """What each device of every weight should hold, within its range: a last axis of the devices of one weight is added."""
        w = np.asarray(weights, float)[..., None]
        if self.storage in ("pair", "one_sided"):
            return np.minimum(self.w_min + np.maximum(np.concatenate([w, -w], axis=-1), 0.0), self.w_max)
        if self.storage != "slices":
            return np.clip(w, self.w_min, self.w_max)
        base = 2**self.slice_bits
        place = (w - self.w_min) / (self.w_max - self.w_min) * (base**self.slices - 1)
        level = np.clip(np.floor(place + 0.5), 0, base**self.slices - 1).astype(np.int64)
        digits = level // base ** np.arange(self.slices - 1, -1, -1) % base
        return self.w_min + (self.w_max - self.w_min) * digits / (base - 1)


def fitting(weights: np.ndarray, storage: str = "auto", g_min: float = 0.0, g_max: float = 25e-6) -> Mapping:
    """A mapping whose range is that of the weights: a pair where both signs occur, else one device."""
    most = float(np.max(np.abs(weights), initial=0.0)) or 1.0
    both = bool(np.min(weights, initial=0.0) < 0.0 < np.max(weights, initial=0.0))
    chosen = ("pair" if both else "single") if storage == "auto" else storage
    if chosen == "single":
        low, high = min(0.0, float(np.min(weights, initial=0.0))), max(0.0, float(np.max(weights, initial=0.0)))
        return Mapping(low, high if high > low else low + 1.0, g_min, g_max, "single")
    return Mapping(0.0, most, g_min, g_max, chosen)
