"""One unit system: ms, mV, nA, MOhm, nF, uS, Hz.

With these, mV = MOhm * nA, ms = MOhm * nF and uS = 1 / MOhm, so no factor appears inside a kernel.
Every unit is written `scale * base of its dimension`; compound units (`mV/ms`, `1/ms`) are products of table entries.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio.findings import Finding, FindingError

# name -> (dimension, how many base units one of it is)
_PREFIX = {"": 1.0, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9}
_FAMILY = {  # SI symbol -> (dimension, the prefix of the studio's base unit, prefixes people use)
    "s": ("time", "m", ["", "m", "u", "n"]),
    "V": ("voltage", "m", ["", "m", "u", "n"]),
    "A": ("current", "n", ["", "m", "u", "n", "p"]),
    "Ohm": ("resistance", "M", ["", "k", "M", "G"]),
    "F": ("capacitance", "n", ["", "m", "u", "n", "p"]),
    "S": ("conductance", "u", ["", "m", "u", "n", "p"]),
    "Hz": ("frequency", "", ["", "k", "M"]),
}
_TABLE: dict[str, tuple[str, float]] = {"": ("number", 1.0), "1": ("number", 1.0), "%": ("number", 0.01)}
for _symbol, (_dim, _base, _prefixes) in _FAMILY.items():
    for _p in _prefixes:
        _TABLE[_p + _symbol] = (_dim, float(f"{_PREFIX[_p] / _PREFIX[_base]:.12g}"))
_TABLE["min"] = ("time", 60_000.0)
_TABLE["h"] = ("time", 3_600_000.0)
_TABLE["d"] = ("time", 86_400_000.0)
_ALIASES = {"µ": "u", "μ": "u", "Ω": "Ohm", "ohm": "Ohm"}
_SI = {"time": 1e-3, "voltage": 1e-3, "current": 1e-9, "resistance": 1e6, "capacitance": 1e-9, "conductance": 1e-6, "frequency": 1.0}

BASE = {"time": "ms", "voltage": "mV", "current": "nA", "resistance": "MOhm", "capacitance": "nF", "conductance": "uS", "frequency": "Hz", "number": ""}


@dataclass(frozen=True)
class Unit:
    """A parsed unit: what it measures and how many base units one of it is."""

    text: str
    dimension: tuple[tuple[str, int], ...]
    scale: float


def parse(text: str) -> Unit:
    """Read `ms`, `1/ms`, `mV/ms`, `uS*mV`; raise FindingError for a name nobody knows."""
    clean = text.strip()
    for other, own in _ALIASES.items():
        clean = clean.replace(other, own)
    powers: dict[str, int] = {}
    scale = 1.0
    sign = 1
    for part in clean.replace("*", " * ").replace("/", " / ").split() or [""]:
        if part in "*/" and part:
            sign = -1 if part == "/" else 1
            continue
        name, _, exponent = part.partition("^")
        if name not in _TABLE or (exponent and not exponent.isdigit()):
            known = ", ".join(u for u in _TABLE if u and u != "1")
            raise FindingError([Finding("unit.unknown", "error", "", f"“{text}” is not a unit.", f"Use one of {known}, or a product such as mV/ms.")])
        dim, factor = _TABLE[name]
        n = sign * int(exponent or 1)
        scale *= factor**n
        if dim != "number":
            powers[dim] = powers.get(dim, 0) + n
        sign = 1
    return Unit(clean, tuple(sorted((d, n) for d, n in powers.items() if n)), scale)


def names() -> tuple[str, ...]:
    """Every simple unit that can be typed."""
    return tuple(_TABLE)


def factor(given: str, wanted: str) -> float:
    """How many `wanted` one `given` is; raise FindingError when they measure different things."""
    a, b = parse(given), parse(wanted)
    if a.dimension != b.dimension:
        raise FindingError([Finding("unit.mismatch", "error", "", f"“{given}” cannot be turned into {wanted or 'a plain number'}.", f"Give a value in {wanted or 'no unit'}.")])
    return a.scale / b.scale


def convert(value: float, given: str, wanted: str) -> float:
    """`value` in unit `given`, expressed in unit `wanted` (exact when they are equal)."""
    if given == wanted:
        return value
    ratio = factor(given, wanted)
    # dividing by a whole number is one rounding; multiplying by its inexact inverse would be two
    return value / round(1 / ratio) if ratio < 1 and abs(1 / ratio - round(1 / ratio)) < 1e-9 / ratio else value * ratio


def si_factor(unit: str) -> float:
    """How many SI units (s, V, A, Ohm, F, S, Hz) one `unit` is."""
    parsed = parse(unit)
    out = parsed.scale
    for dim, n in parsed.dimension:
        out *= _SI[dim] ** n
    return out
