"""One unit system: ms, mV, nA, MOhm, nF, uS, Hz.

With these, mV = MOhm * nA, ms = MOhm * nF and uS = 1 / MOhm, so no factor appears inside a kernel. A dimension is a product of powers of
time, voltage and current, so that MOhm * nA and mV, or Hz and 1/ms, measure the same thing; of these only Hz is not coherent (1 Hz = 0.001 / ms).
A unit is a product of known units: `mV/ms`, `1/ms`, `1/(mV*ms)`, `nA^2`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from studio.findings import Finding, FindingError

_PREFIX = {"": 1.0, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9}
_FAMILY = {  # SI symbol -> (what it is in time, voltage, current; the prefix of the studio's unit; prefixes people use)
    "s": ({"time": 1}, "m", ["", "m", "u", "n"]),
    "V": ({"voltage": 1}, "m", ["", "m", "u", "n"]),
    "A": ({"current": 1}, "n", ["", "m", "u", "n", "p"]),
    "Ohm": ({"voltage": 1, "current": -1}, "M", ["", "k", "M", "G"]),
    "F": ({"current": 1, "time": 1, "voltage": -1}, "n", ["", "m", "u", "n", "p"]),
    "S": ({"current": 1, "voltage": -1}, "u", ["", "m", "u", "n", "p"]),
    "Hz": ({"time": -1}, "k", ["", "k", "M"]),
}
_NUMBER: dict[str, int] = {}
_TABLE: dict[str, tuple[dict[str, int], float]] = {
    "": (_NUMBER, 1.0),
    "1": (_NUMBER, 1.0),
    "%": (_NUMBER, 0.01),
}  # name -> (powers, how many base units it is)
for _symbol, (_powers, _base, _prefixes) in _FAMILY.items():
    for _p in _prefixes:
        _TABLE[_p + _symbol] = (_powers, float(f"{_PREFIX[_p] / _PREFIX[_base]:.12g}"))
_TABLE |= {"min": ({"time": 1}, 60_000.0), "h": ({"time": 1}, 3_600_000.0), "d": ({"time": 1}, 86_400_000.0)}
_ALIASES = {"µ": "u", "μ": "u", "Ω": "Ohm", "ohm": "Ohm", "·": "*"}
_SI = {"time": 1e-3, "voltage": 1e-3, "current": 1e-9}
_SIGN = re.compile(r"\s*([*/()])\s*")
_PART = re.compile(r"([^\s^*/()]*)(?:\^([1-9]))?")
MAX_LENGTH = 60

BASE = {"time": "ms", "voltage": "mV", "current": "nA"}


@dataclass(frozen=True)
class Unit:
    """A parsed unit: what it measures, as powers of time, voltage and current, and how many base units (ms, mV, nA) one of it is."""

    text: str
    dimension: tuple[tuple[str, int], ...]
    scale: float


def parse(text: str) -> Unit:
    """Read `ms`, `1/ms`, `mV/ms`, `1/(mV*ms)`; raise FindingError for a name nobody knows."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise _unknown(str(text)[:MAX_LENGTH])
    return _parse(text)


@lru_cache(maxsize=512)
def _parse(text: str) -> Unit:
    clean = _clean(text)
    powers: dict[str, int] = {}
    scale, sign, group = 1.0, 1, 1  # `group` is -1 inside the parentheses of a denominator
    tokens = [t for t in _SIGN.split(clean) if t]
    if not _alternates(tokens):
        raise _unknown(text)
    for token in tokens:
        if token in "*/":
            sign = -1 if token == "/" else 1
        elif token == "(":
            group, sign = sign, 1
        elif token == ")":
            group, sign = 1, 1
        else:
            names, factor_, n = _part(token, text)
            scale *= factor_ ** (n * sign * group)
            for name, power in names.items():
                powers[name] = powers.get(name, 0) + power * n * sign * group
    return Unit(clean, tuple(sorted((d, n) for d, n in powers.items() if n)), float(f"{scale:.12g}"))


def _clean(text: str) -> str:
    clean = text.strip()
    for other, own in _ALIASES.items():
        clean = clean.replace(other, own)
    return clean


def _alternates(tokens: list[str]) -> bool:
    """Whether names and signs alternate, with at most one level of parentheses."""
    shape = "".join(t if t in "*/()" else "u" for t in tokens)
    return re.fullmatch(r"(?:(?:u|\(u(?:[*/]u)*\))(?:[*/](?:u|\(u(?:[*/]u)*\)))*)?", shape) is not None


def _part(token: str, text: str) -> tuple[dict[str, int], float, int]:
    match = _PART.fullmatch(token)
    if match is None or match[1] not in _TABLE:
        raise _unknown(text)
    return (*_TABLE[match[1]], int(match[2] or 1))


def _unknown(text: str) -> FindingError:
    known = ", ".join(u for u in _TABLE if u and u != "1")
    return FindingError(
        [Finding("unit.unknown", "error", "", f"“{text}” is not a unit.", f"Use one of {known}, or a product such as mV/ms.")]
    )


def names() -> tuple[str, ...]:
    """Every simple unit that can be typed."""
    return tuple(_TABLE)


def factor(given: str, wanted: str) -> float:
    """How many `wanted` one `given` is; raise FindingError when they measure different things."""
    a, b = parse(given), parse(wanted)
    if a.dimension != b.dimension:
        raise FindingError(
            [
                Finding(
                    "unit.mismatch",
                    "error",
                    "",
                    f"“{given}” cannot be turned into {wanted or 'a plain number'}.",
                    f"Give a value in {wanted or 'no unit'}.",
                )
            ]
        )
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
    return float(f"{out:.12g}")
