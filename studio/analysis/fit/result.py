"""What a fit found: values with intervals, how far the curve is off, and what is left over as noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.analysis.fit.measured import Curve


@dataclass(frozen=True)
class Estimate:
    """One parameter: its value and 95 % interval, in `unit`. `seen` False: these data say nothing about it, the value is
    what it began with. An infinite interval: they fix it only together with others."""

    name: str
    value: float
    low: float
    high: float
    unit: str = ""
    doc: str = ""
    seen: bool = True


@dataclass(frozen=True)
class Fit:
    """A model's fit to measured curves.

    `fitted`: the model's curve for each measured one, in its unit. `error`: root mean square of the differences, in the same unit; `relative`: of the
    span of the data. `noise`: estimated from what is left from pulse to pulse (spread of a step, of a write, of devices), as far as it can be seen.
    Intervals take the differences as independent of each other, which the walk of a noisy device is not: read them as lower limits.
    """

    model: str
    title: str
    estimates: tuple[Estimate, ...]
    curves: tuple[Curve, ...]
    fitted: tuple[np.ndarray, ...]
    error: float
    relative: float
    r2: float
    noise: Mapping[str, float]
    notes: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, float]:
        """The parameters as a document takes them, noise included."""
        return {e.name: e.value for e in self.estimates if e.seen} | dict(self.noise)

    def to_json(self) -> dict[str, object]:
        """Everything but the curves, as plain data."""
        rows = {e.name: {"value": e.value, "low": e.low, "high": e.high, "unit": e.unit, "seen": e.seen} for e in self.estimates}
        return {
            "model": self.model, "params": rows, "noise": dict(self.noise), "rmse": self.error, "rmse_of_span": self.relative,
            "r2": self.r2, "points": int(sum(len(c.values) for c in self.curves)), "notes": list(self.notes),
        }  # fmt: skip

    def text(self) -> str:
        """A table for people."""
        unit = self.curves[0].unit
        lines = [
            f"{self.title}: {sum(len(c.values) for c in self.curves)} points of {len(self.curves)} curve{'s' if len(self.curves) > 1 else ''}"
        ]
        for e in self.estimates:
            value = f"  {e.name:<16} {e.value:>12.6g} {e.unit:<4}"
            known = (
                f"95 %: {e.low:.6g} to {e.high:.6g}"
                if np.isfinite(e.high - e.low) and e.high > e.low
                else "as in the data"
                if e.high == e.low
                else "not fixed by these data alone"
            )
            lines.append(f"{value} {known if e.seen else 'not seen in these data'}")
        lines += [f"  {name:<16} {value:>12.6g}      from what is left" for name, value in self.noise.items()]
        lines.append(f"  off by {self.error:.4g} {unit} (root mean square), {100 * self.relative:.2f} % of the span; R2 {self.r2:.4f}")
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])
