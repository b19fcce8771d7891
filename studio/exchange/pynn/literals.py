"""Numbers, lists and arrays as Python text."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np

from studio.network.flat import Drawn, Value

FEW = 16  # numbers up to which an array is written out
FAR = 20.0  # standard deviations that stand for no bound


def number(value: float) -> str:
    """A number, a whole one with its point."""
    return repr(float(value)) if np.isfinite(value) else f'float("{value}")'


def array(values: np.ndarray) -> str:
    """An array: as numbers where there are few, else as packed bytes that the script's `unpacked` reads."""
    a = np.ascontiguousarray(values)
    if a.size <= FEW and a.ndim == 1:
        return f"np.array([{', '.join(repr(x) for x in a.tolist())}])"
    a = a.astype("<f8") if a.dtype.kind == "f" else a.astype("<i4")
    text = base64.b64encode(zlib.compress(a.tobytes(), 9)).decode("ascii")
    lines = [text[k : k + 120] for k in range(0, len(text), 120)]
    body = "\n        ".join(f'"{line}"' for line in lines)
    return f'unpacked(\n        "{a.dtype.str}", {tuple(a.shape)},\n        {body},\n    )'


def value(given: Value | Any, times: str = "") -> str:
    """A number, an array, or a distribution; `times`: a name by which it is multiplied."""
    if isinstance(given, Drawn):
        return drawn(given, times=times)
    text = array(given) if isinstance(given, np.ndarray) and given.ndim else number(float(given))
    return f"{text} * {times}" if times else text


def drawn(d: Drawn, least: float = -np.inf, later: str = "", times: str = "") -> str:
    """A RandomDistribution; bounds of a normal one that are not there lie 20 standard deviations away. `later`: a name that is added to what is
    drawn, which a lognormal one has no way to say, nor its bounds; `times`: one by which it is multiplied."""

    def end(x: float) -> str:
        return f"{number(x)} + {later}" if later else f"{number(x)} * {times}" if times else number(x)

    if d.shape == "lognormal":
        more = f" + np.log({times})" if times else ""
        return f'RandomDistribution("lognormal", mu={number(d.a)}{more}, sigma={number(d.b)}, rng=RNG)'
    low, high = max(d.low, least), d.high
    if d.shape == "uniform":
        return f'RandomDistribution("uniform", low={end(max(d.a, low))}, high={end(min(d.b, high))}, rng=RNG)'
    low, high = max(low, d.a - FAR * d.b), min(high, d.a + FAR * d.b)
    width = f"{number(d.b)} * {times}" if times else number(d.b)
    return f'RandomDistribution("normal_clipped", mu={end(d.a)}, sigma={width}, low={end(low)}, high={end(high)}, rng=RNG)'
