"""Measured curves out of a CSV file whose header names what stands in each column and its unit.

    pulse, direction, conductance [uS], device        direction: +1 up, -1 down, 0 a value that no pulse came before (a new start)
    voltage [V], current [uA]

Only the conductance (or weight) is needed of a pulse curve. Without `direction` the sign of a column `voltage` says it; without that the curve
is taken to go up until its highest value and down after it. Rows of one `device` (any word) belong together, in their order.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio import units
from studio.findings import Finding, FindingError

NAMES = {
    "conductance": ("conductance", "g", "weight", "w"),
    "resistance": ("resistance", "r"),
    "direction": ("direction", "polarity", "sign"),
    "voltage": ("voltage", "v", "pulse_voltage", "bias"),
    "current": ("current", "i"),
    "pulse": ("pulse", "pulses", "n", "number", "index"),
    "device": ("device", "cell", "cycle", "sample", "run"),
}
UNITS = {"conductance": "uS", "resistance": "MOhm", "voltage": "V", "current": "uA"}
_HEADER = re.compile(r"\s*([^\[\](]*?)\s*(?:[\[(]\s*([^\])]*?)\s*[\])])?\s*\Z")


@dataclass(frozen=True)
class Curve:
    """One device: `values` [unit] after each pulse, `directions` of the pulses (+1, -1; 0: a new start), or current against `voltages` [V]."""

    name: str
    values: np.ndarray
    directions: np.ndarray
    unit: str
    voltages: np.ndarray | None = None


def read(source: str | Path | io.StringIO) -> tuple[Curve, ...]:
    """The curves in a CSV file (or in text that is one). Raises FindingError with line and column for what cannot be read."""
    text, name = (source.read(), "") if isinstance(source, io.StringIO) else (_text(Path(source)), str(source))
    rows = [row for row in csv.reader(io.StringIO(text), skipinitialspace=True) if any(cell.strip() for cell in row)]
    rows = [row for row in rows if not row[0].lstrip().startswith("#")]
    if len(rows) < 4:
        raise _wrong(name, f"{max(len(rows) - 1, 0)} rows of numbers are too few for a fit.", "Give a header and at least three rows.")
    columns = _columns(rows[0], name)
    numbers = {key: _numbers(rows, k, unit, UNITS.get(key, ""), name) for key, (k, unit) in columns.items() if key not in ("device",)}
    groups = [row[columns["device"][0]].strip() for row in rows[1:]] if "device" in columns else [""] * (len(rows) - 1)
    if "current" in columns and "voltage" in columns:
        return tuple(_curve_iv(group, numbers, mine) for group, mine in _grouped(groups))
    if "resistance" in columns and "conductance" not in columns:
        numbers["conductance"] = 1.0 / numbers["resistance"]
        columns["conductance"] = (columns["resistance"][0], "MOhm")
    if "conductance" not in columns:
        known = ", ".join(f"“{c.strip()}”" for c in rows[0])
        raise _wrong(name, f"no column is a conductance, or a voltage with a current; there are {known}.", "Name it “conductance [uS]”.")
    unit = "uS" if columns["conductance"][1] else ""
    return tuple(_curve(group, numbers, mine, unit) for group, mine in _grouped(groups))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as why:
        raise _wrong(str(path), f"the file cannot be read: {why.strerror or why}.") from None
    except UnicodeDecodeError:
        raise _wrong(str(path), "the file is not text.", "Give a CSV file in UTF-8.") from None


def _columns(header: list[str], name: str) -> dict[str, tuple[int, str]]:
    """Which column holds what, and in which unit."""
    out: dict[str, tuple[int, str]] = {}
    for k, cell in enumerate(header):
        match = _HEADER.match(cell)
        word, unit = (match[1].lower().replace(" ", "_"), match[2] or "") if match else (cell, "")
        key = next((key for key, words in NAMES.items() if word in words), None)
        if key is None:
            continue
        if key in out:
            raise _wrong(name, f"two columns are a {key}: “{header[out[key][0]].strip()}” and “{cell.strip()}”.", "Leave one of them out.")
        if key in ("voltage", "current") and not unit:
            raise _wrong(
                name, f"the column “{cell.strip()}” has no unit.", f"Write it behind the name, for example “{word} [{UNITS[key]}]”."
            )
        out[key] = (k, unit)
    return out


def _numbers(rows: list[list[str]], k: int, unit: str, wanted: str, name: str) -> np.ndarray:
    try:
        factor = units.factor(unit, wanted) if unit else 1.0
    except FindingError as problem:
        raise _wrong(name, f"the column “{rows[0][k].strip()}”: {problem.findings[0].text}", problem.findings[0].fix) from None
    out = np.empty(len(rows) - 1)
    for line, row in enumerate(rows[1:]):
        try:
            out[line] = float(row[k]) * factor
        except (ValueError, IndexError):
            given = f"“{row[k].strip():.40}”" if k < len(row) else "nothing"
            raise _wrong(name, f"row {line + 1} of numbers, column “{rows[0][k].strip()}”: {given} is not a number.") from None
    if not np.isfinite(out).all():
        raise _wrong(name, f"the column “{rows[0][k].strip()}” holds values that are not finite.")
    return out


def _grouped(groups: list[str]) -> Iterable[tuple[str, np.ndarray]]:
    for group in dict.fromkeys(groups):
        yield group, np.array([g == group for g in groups])


def _curve(group: str, numbers: dict[str, np.ndarray], mine: np.ndarray, unit: str) -> Curve:
    values = numbers["conductance"][mine]
    signs = next((np.sign(numbers[key][mine]) for key in ("direction", "voltage") if key in numbers), None)
    if signs is None:
        signs = np.where(np.arange(len(values)) <= int(np.argmax(values)), 1.0, -1.0)
    signs = signs.copy()
    signs[0] = 0.0  # the first value is where the device starts
    return Curve(group, values, signs, unit)


def _curve_iv(group: str, numbers: dict[str, np.ndarray], mine: np.ndarray) -> Curve:
    return Curve(group, numbers["current"][mine], np.zeros(int(mine.sum())), "uA", numbers["voltage"][mine])


def _wrong(where: str, text: str, fix: str = "") -> FindingError:
    return FindingError([Finding("text.csv", "error", where, text[0].upper() + text[1:], fix)])
