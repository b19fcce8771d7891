"""Given values become values in the parameter's own unit; what cannot be becomes a finding with path, value, unit and range."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Model, Param
from studio.network.flat import Drawn, Value
from studio.network.paths import did_you_mean
from studio.network.values import DataRef, Lognormal, Normal, Quantity, Uniform
from studio.units import convert, factor

Arrays = Callable[[str], np.ndarray]  # name -> array; raises FindingError
FAR = 5.0  # standard deviations: a range further out than this would be drawn for ever


@dataclass(frozen=True)
class Given:
    """A value and the path where the document says it."""

    value: Any
    where: str


def params(model: Model, given: Mapping[str, Given], arrays: Arrays, size: int | None) -> tuple[dict[str, Any], list[Finding]]:
    """Every parameter of a model, default or given; a wrong one keeps its default and gives findings."""
    out: dict[str, Any] = {p.name: p.default for p in model.params}
    findings: list[Finding] = []
    for name, one in given.items():
        param = model.param(name)
        if param is None:
            known = [p.name for p in model.params]
            findings.append(
                Finding("path.param", "error", one.where, f"“{model.key}” has no parameter “{name}”.", did_you_mean(name, known))
            )
            continue
        value, found = resolve(param, one, arrays, size)
        findings += found
        if value is not None:
            out[name] = value
    return out, findings


def resolve(param: Param, given: Given, arrays: Arrays, size: int | None) -> tuple[Any, list[Finding]]:
    """One value in the parameter's unit, or None and why. `size` is how many elements there are (None: not known)."""
    try:
        if param.kind == "word":
            return _word(param, given), []
        if param.kind == "array":
            return _array(param, given, arrays), []
        value = in_unit(given.value, param.unit, given.where, arrays)
        if isinstance(value, Drawn):
            value = _narrowed(param, value, given)
        _allowed(param, value, given)
        if isinstance(value, np.ndarray) and size is not None and value.size != size:
            text = f"The array for {param.name} has shape {value.shape}; there are {size} elements."
            raise _error("size.data", given.where, text, f"Give {size} values.")
        return value, []
    except FindingError as wrong:
        return None, [Finding(f.code, f.severity, f.where or given.where, f.text, f.fix) for f in wrong.findings]


def in_unit(given: Any, unit: str, where: str, arrays: Arrays) -> Value:
    """A number, distribution or array in `unit`; raise FindingError for a wrong unit, a word or a missing array."""
    if isinstance(given, bool):
        return float(given)
    if isinstance(given, (int, float)):
        return float(given)
    if isinstance(given, Quantity):
        return float(convert(float(given.value), given.unit, unit))
    if isinstance(given, (Normal, Uniform, Lognormal)):
        return _drawn(given, unit, where)
    if isinstance(given, DataRef):
        array = np.asarray(arrays(given.data), float)
        ratio = factor(given.unit, unit) if given.unit is not None else 1.0
        return _read_only(array * ratio if ratio != 1.0 else array)
    raise _error("text.value", where, f"“{given}” is not a number.", f"Give a number{f' in {unit}' if unit else ''}.")


def _drawn(given: Normal | Uniform | Lognormal, unit: str, where: str) -> Drawn:
    own = unit if given.unit is None else given.unit

    def to(value: float) -> float:
        return float(convert(float(value), own, unit))

    low = -math.inf if given.min is None else to(given.min)
    high = math.inf if given.max is None else to(given.max)
    if isinstance(given, Normal):
        drawn = Drawn("normal", to(given.normal[0]), to(given.normal[1]), low, high)
    elif isinstance(given, Uniform):
        drawn = Drawn("uniform", to(given.uniform[0]), to(given.uniform[1]), low, high)
    else:
        drawn = Drawn("lognormal", float(given.lognormal[0]) + math.log(factor(own, unit)), float(given.lognormal[1]), low, high)
    if drawn.shape != "uniform" and drawn.b < 0:
        raise _error("bounds.distribution", where, f"The standard deviation {drawn.b:g} is negative.", "Give 0 or more.")
    if drawn.shape == "uniform" and drawn.b < drawn.a:
        raise _error("bounds.distribution", where, f"The range goes from {drawn.a:g} down to {drawn.b:g}.", "Give the lower end first.")
    return _reachable(drawn, where)


def _narrowed(param: Param, drawn: Drawn, given: Given) -> Drawn:
    """The distribution redrawn outside the parameter's own bounds as well."""
    low = -math.inf if param.low is None else math.nextafter(param.low, math.inf) if param.low_open else param.low
    high = math.inf if param.high is None else math.nextafter(param.high, -math.inf) if param.high_open else param.high
    return _reachable(Drawn(drawn.shape, drawn.a, drawn.b, max(low, drawn.low), min(high, drawn.high)), given.where)


def _reachable(drawn: Drawn, where: str) -> Drawn:
    low, high = drawn.low, drawn.high
    if drawn.shape == "uniform":
        possible = max(low, drawn.a) <= min(high, drawn.b)
    else:
        log = drawn.shape == "lognormal"
        a = math.log(low) if log and low > 0 else -math.inf if log else low
        b = (math.log(high) if high > 0 else math.nan) if log and not math.isinf(high) else high
        possible = a <= b and drawn.a + FAR * drawn.b >= a and drawn.a - FAR * drawn.b <= b
    if not possible:
        raise _error(
            "bounds.distribution",
            where,
            f"No value drawn from {_described(drawn)} would lie between {low:g} and {high:g}.",
            "Move the distribution or its limits.",
        )
    return drawn


def _described(drawn: Drawn) -> str:
    return f"{drawn.shape} ({drawn.a:g}, {drawn.b:g})"


def _allowed(param: Param, value: Value, given: Given) -> None:
    if param.shared and isinstance(value, (Drawn, np.ndarray)):
        raise _error("bounds.shared", given.where, f"{param.name} is one value for all.", "Give a single number.")
    if isinstance(value, Drawn):
        if param.integer:
            raise _error("bounds.whole", given.where, f"{param.name} is a whole number and cannot be drawn.", "Give a single number.")
        return
    smallest, largest = (
        (float(value.min(initial=math.inf)), float(value.max(initial=-math.inf))) if isinstance(value, np.ndarray) else (value, value)
    )
    if isinstance(value, np.ndarray) and not np.isfinite(value).all():
        raise _error("bounds.number", given.where, f"The array for {param.name} holds values that are not finite.")
    if param.low is not None and (smallest < param.low or (param.low_open and smallest == param.low)):
        raise _outside(param, smallest, given, "low")
    if param.high is not None and (largest > param.high or (param.high_open and largest == param.high)):
        raise _outside(param, largest, given, "high")
    if param.integer and not np.array_equal(np.floor(value), value):
        raise _error("bounds.whole", given.where, f"{param.name} is a whole number, not {value if isinstance(value, float) else 'these'}.")


def _outside(param: Param, value: float, given: Given, side: str) -> FindingError:
    unit = f" {param.unit}" if param.unit else ""
    return _error(
        f"bounds.{side}",
        given.where,
        f"{param.name} = {value:g}{unit} is out of bounds; {allowed_range(param)}.",
        f"Give a value in that range{', for example ' + format(param.default, 'g') if isinstance(param.default, (int, float)) else ''}.",
    )


def allowed_range(param: Param) -> str:
    """`allowed is more than 0 ms and at most 1000 ms`."""
    unit = f" {param.unit}" if param.unit else ""
    parts = []
    if param.low is not None:
        parts.append(f"{'more than' if param.low_open else 'at least'} {param.low:g}{unit}")
    if param.high is not None:
        parts.append(f"{'less than' if param.high_open else 'at most'} {param.high:g}{unit}")
    return "allowed is " + (" and ".join(parts) or "any number")


def _word(param: Param, given: Given) -> str:
    if not isinstance(given.value, str):
        raise _error(
            "text.value", given.where, f"{param.name} is a word.", f"Use one of {', '.join(param.choices)}." if param.choices else ""
        )
    if param.choices and given.value not in param.choices:
        raise _error("text.value", given.where, f"{param.name} cannot be “{given.value}”.", f"Use one of {', '.join(param.choices)}.")
    return given.value


def _array(param: Param, given: Given, arrays: Arrays) -> np.ndarray:
    if isinstance(given.value, DataRef):
        array = arrays(given.value.data)
        ratio = factor(given.value.unit, param.unit) if given.value.unit is not None else 1.0
        return array if ratio == 1.0 else _read_only(array * ratio)
    if isinstance(given.value, (bool, str)):
        raise _error(
            "text.value", given.where, f"{param.name} is an array.", 'Put it into the document\'s data and give its name: {"data": "name"}.'
        )
    return _read_only(np.atleast_1d(np.asarray(in_unit(given.value, param.unit, given.where, arrays), float)))


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


def _error(code: str, where: str, text: str, fix: str = "") -> FindingError:
    return FindingError([Finding(code, "error", where, text, fix)])
