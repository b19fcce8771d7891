"""Pulse curves: the parameters of a device for which its own text, pulse after pulse, comes closest to what was measured.

The device runs without its variation, one pulse at a time and from each measured start on; all perturbed parameter sets that a derivative needs run
side by side. It is started from the defaults and from every preset, and the best is kept. What is left between measured steps is then taken apart:
differences that alternate from one pulse to the next are write (or read) noise, the others the spread of a pulse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.analysis.fit.least import least_squares, statistics
from studio.analysis.fit.measured import Curve
from studio.analysis.fit.result import Estimate, Fit
from studio.engine.crossbar.cells import Cells
from studio.findings import Finding, FindingError
from studio.models.spec import Device, Param

LEFT_ALONE = ("variation", "driving", "convention")
MOST_POINTS = 20_000
CLEARLY = 0.8  # the part of the squared differences that two more parameters must leave at most
TRIED = 3  # starts from which a fit is made: the best of those known


@dataclass(frozen=True)
class _Problem:
    """What is fitted: the parameters that move, those that stay, and the measured curves."""

    device: Device
    free: tuple[Param, ...]
    still: Mapping[str, Any]
    curves: tuple[Curve, ...]

    def run(self, sets: np.ndarray) -> list[np.ndarray]:
        """The curves of all parameter sets (sets, parameters): for each measured one an array (sets, points)."""
        values = {p.name: sets[:, k] for k, p in enumerate(self.free)} | dict(self.still)
        span = np.asarray(values["w_max"]) - np.asarray(values["w_min"])
        pulse = span * (values.get("dw_min", 1.0 / float(values.get("levels", 1000.0))))
        out: dict[int, np.ndarray] = {}
        for alike in self._alike():
            runs = self._together([self.curves[k] for k in alike], values, pulse, len(sets))
            out |= {k: runs[:, place] for place, k in enumerate(alike)}
        return [out[k] for k in range(len(self.curves))]

    def _alike(self) -> list[list[int]]:
        """Curves of the same pulses, which run side by side."""
        groups: dict[bytes, list[int]] = {}
        for k, curve in enumerate(self.curves):
            groups.setdefault(curve.directions.tobytes(), []).append(k)
        return list(groups.values())

    def _together(self, curves: list[Curve], values: Mapping[str, Any], pulse: Any, n: int) -> np.ndarray:
        """The model's curves (sets, curves, points)."""
        measured = np.array([c.values for c in curves])
        out = np.empty((n, *measured.shape))
        cells = Cells(self.device, {k: v[:, None] if isinstance(v, np.ndarray) else v for k, v in values.items()}, 0)
        pulse = np.asarray(pulse, float).reshape(-1, 1)
        for k, direction in enumerate(curves[0].directions):
            if direction == 0.0:
                cells.program(np.broadcast_to(measured[:, k], (n, len(curves))))
            else:
                cells.write(direction * pulse)
            out[:, :, k] = cells.w
        return out

    def off(self, x: np.ndarray) -> np.ndarray:
        return np.concatenate([(c[0] - m.values) for c, m in zip(self.run(x[None]), self.curves, strict=True)])

    def slopes(self, x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The derivative of `off`, by one step to each parameter's side, all at once."""
        step = 1e-6 * np.maximum(np.abs(x), 1e-3)
        step = np.where(x + step > high, -step, step)
        sets = np.concatenate([x[None], x[None] + np.diag(step)])
        curves = np.concatenate(self.run(sets), axis=1)
        return (curves[1:] - curves[0]).T / step


def fit_pulses(curves: tuple[Curve, ...], device: Device, fixed: Mapping[str, float]) -> Fit:
    """The best fit whose range of weights is that of the data; one with a range of its own where that comes clearly closer."""
    values = np.concatenate([c.values for c in curves])
    ends = {"w_min": float(values.min()), "w_max": float(values.max())}
    problem = _problem(curves, device, fixed)
    span = float(np.ptp(values)) or 1.0
    taken = {name: value for name, value in ends.items() if name not in fixed}
    simple = _problem(curves, device, {**fixed, **taken})
    best = _solved(simple, values)
    if taken and np.sqrt(np.mean(best.fun**2)) > 1e-4 * span:
        wider = _solved(problem, values)
        if wider.cost < CLEARLY * best.cost:
            return _result(problem, wider, values, {})
    return _result(simple, best, values, taken)


def _solved(problem: _Problem, values: np.ndarray) -> Any:
    """The best of the fits from a few starts."""
    low, high = _bounds(problem, values)
    starts = np.clip(np.array(_starts(problem, values)), low, high)
    found: Any = None
    for start in starts[np.argsort(_costs(problem, starts))[:TRIED]]:
        result = least_squares(problem.off, start, low, high, lambda x: problem.slopes(x, low, high))
        if found is None or result.cost < found.cost:
            found = result
    if found is None or not np.isfinite(found.cost):
        raise _wrong(f"“{problem.device.title}” came to no finite curve.", "Check the units of the conductances.")
    return found


def _costs(problem: _Problem, starts: np.ndarray) -> np.ndarray:
    """How far each start is off."""
    measured = np.concatenate([c.values for c in problem.curves])
    off = np.concatenate(problem.run(starts), axis=1) - measured
    return np.where(np.isfinite(off), off**2, np.inf).sum(axis=1)


def _problem(curves: tuple[Curve, ...], device: Device, fixed: Mapping[str, float]) -> _Problem:
    points = sum(len(c.values) for c in curves)
    if points > MOST_POINTS:
        raise _wrong(f"{points:,} points are more than the {MOST_POINTS:,} that are fitted.", "Leave some curves out.")
    unknown = sorted(set(fixed) - {p.name for p in device.params})
    if unknown:
        raise _wrong(f"“{device.title}” has no parameter {', '.join(unknown)}.", f"It has {', '.join(p.name for p in device.params)}.")
    if device.param("w_min") is None or not device.write.strip():
        raise _wrong(f"“{device.title}” does not answer to pulses.", "Choose a pulsed device, for example exp_step or linear_step.")
    quiet: dict[str, Any] = {p.name: p.default for p in device.params}
    quiet |= {p.name: 0.0 for p in device.params if p.role == "variation"}
    quiet |= {"pulses": "nearest"} if device.param("pulses") else {}
    free = tuple(p for p in device.params if _moves(p, device) and p.name not in fixed)
    still = {k: v for k, v in quiet.items() if k not in {p.name for p in free}} | dict(fixed)
    problem = _Problem(device, free, still, curves)
    if _random(problem):
        raise _wrong(
            f"“{device.title}” answers at random even without variation; a single curve cannot be fitted.", "Choose another device."
        )
    return problem


def _moves(param: Param, device: Device) -> bool:
    """Whether a parameter is one of the response: a number of the text, and neither variation, convention nor a matter of the driver."""
    own = param.kind == "number" and not param.integer and param.role not in LEFT_ALONE and isinstance(param.default, float)
    return own and not param.advanced and any(param.name in text for text in (device.write, *(s.start for s in device.states)))


def _random(problem: _Problem) -> bool:
    """Whether two runs of the same parameters differ."""
    params: dict[str, Any] = {p.name: p.default for p in problem.free} | dict(problem.still)
    runs = []
    for seed in (1, 2):
        cells = Cells(problem.device, params, seed)
        cells.program(np.full(64, 0.5 * (float(params["w_min"]) + float(params["w_max"]))))
        runs.append(cells.write(0.3 * (float(params["w_max"]) - float(params["w_min"]))))
    return not np.array_equal(*runs)


def _bounds(problem: _Problem, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The parameters' own bounds; the range of the weight may reach somewhat beyond the data, but not fall short of their middle."""
    low = np.array([-np.inf if p.low is None else p.low for p in problem.free], float)
    high = np.array([np.inf if p.high is None else p.high for p in problem.free], float)
    bottom, top = float(values.min()), float(values.max())
    span = (top - bottom) or max(abs(top), 1.0)
    for k, p in enumerate(problem.free):
        if p.name == "w_min":
            low[k], high[k] = bottom - 3 * span, bottom + 0.4 * span
        elif p.name == "w_max":
            low[k], high[k] = top - 0.4 * span, top + 3 * span
        elif p.low_open:
            low[k] = low[k] + 1e-12
    return low, high


def _starts(problem: _Problem, values: np.ndarray) -> list[np.ndarray]:
    """The defaults and every preset, with the range and the size of a step taken from the data."""
    bottom, top = float(values.min()), float(values.max())
    span = (top - bottom) or 1.0
    steps = [np.abs(np.diff(c.values)[c.directions[1:] != 0.0]) for c in problem.curves]
    typical = max(float(np.mean(np.concatenate(steps))) / span, 1e-6) if steps and np.concatenate(steps).size else 1e-3
    known = {"w_min": bottom - 0.02 * span, "w_max": top + 0.02 * span, "dw_min": typical}
    gentle = {p.name: 0.5 if p.name.startswith("gamma") else 0.0 for p in problem.free if p.name.startswith(("gamma", "a_"))}
    sets: list[dict[str, Any]] = [{}, *(dict(p.params) for p in problem.device.presets), gentle]
    defaults: dict[str, Any] = {p.name: p.default for p in problem.free}
    return [np.array([float({**defaults, **one, **known}[p.name]) for p in problem.free]) for one in sets]


def _result(problem: _Problem, found: Any, values: np.ndarray, taken: Mapping[str, float]) -> Fit:
    half, seen, tied = statistics(found)
    unit = problem.curves[0].unit
    rows = zip(problem.free, found.x, half, seen, strict=True)
    estimates = tuple(
        Estimate(p.name, float(x), float(x - h), float(x + h), unit if p.role.startswith("weight") else p.unit, p.doc, bool(s))
        for p, x, h, s in rows
    )
    words = "The {} of the data: they show no bound of their own."
    ends = {"w_min": "lowest value", "w_max": "highest value"}
    given = tuple(Estimate(name, value, value, value, unit, words.format(ends[name])) for name, value in taken.items())
    estimates = (*given, *estimates)
    fitted = tuple(c[0] for c in problem.run(found.x[None]))
    off = float(np.sqrt(np.mean(found.fun**2)))
    r2 = 1.0 - float(found.fun @ found.fun) / max(float(((values - values.mean()) ** 2).sum()), 1e-30)
    kept = dict(problem.still) | {p.name: float(x) for p, x in zip(problem.free, found.x, strict=True)}
    noise, notes = _noise(problem, kept)
    together = [p.name for p, one in zip(problem.free, tied, strict=True) if one]
    if together:
        text = (
            f"Only together, not each by itself, these data say what {', '.join(together)} are: give one of them a value (`fixed`, --fix)."
        )
        notes = (text, *notes)
    return Fit(
        problem.device.key,
        problem.device.title,
        estimates,
        problem.curves,
        fitted,
        off,
        off / (float(np.ptp(values)) or 1.0),
        r2,
        noise,
        notes,
    )


def _noise(problem: _Problem, params: Mapping[str, float]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Spread of a pulse, of a write, and of devices, from the differences between measured steps and those that the fit foresees there."""
    left, foreseen, along = [], [], []
    for curve in problem.curves:
        step, expected = _steps(problem, curve, params)
        left.append(step - expected)
        foreseen.append(expected)
        along.append(float(step @ expected / max(expected @ expected, 1e-30)))
    rest, mean = np.concatenate(left), np.concatenate(foreseen)
    lag = np.concatenate([r[1:] * r[:-1] for r in left])
    if len(rest) < 8 or not np.any(mean):
        return {}, ()
    write = max(-float(lag.mean()), 0.0)  # a write's error is added at one step and taken back at the next
    pulse = max(float(np.mean(rest**2)) - 2.0 * write, 0.0)
    span = (params.get("w_max", 1.0) - params.get("w_min", 0.0)) or 1.0
    size = params.get("dw_min", 0.0) * span
    out: dict[str, float] = {}
    if problem.device.param("dw_min_std") is not None:
        out["dw_min_std"] = float(np.sqrt(pulse / max(float(np.mean(mean**2)), 1e-30)))
    if problem.device.param("write_noise_std") is not None and size:
        out["write_noise_std"] = float(np.sqrt(write)) / size
    if len(problem.curves) >= 3 and problem.device.param("dw_min_dtod") is not None:
        out["dw_min_dtod"] = float(np.std(along, ddof=1))
    notes = () if len(problem.curves) >= 3 else ("How devices differ is not estimated: that takes curves of three devices or more.",)
    return out, notes


def _steps(problem: _Problem, curve: Curve, params: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Measured steps and those that the device takes from each measured value."""
    moved = curve.directions[1:] != 0.0
    values = {**problem.still, **params}
    cells = Cells(problem.device, values, 0)
    cells.program(curve.values[:-1][moved])
    begun = cells.w.copy()
    span = float(values["w_max"]) - float(values["w_min"])
    pulse = span * float(values.get("dw_min", 1.0 / float(values.get("levels", 1000.0))))
    return (curve.values[1:] - curve.values[:-1])[moved], cells.write(curve.directions[1:][moved] * pulse) - begun


def _wrong(text: str, fix: str) -> FindingError:
    return FindingError([Finding("fit.device", "error", "", text[0].upper() + text[1:], fix)])
