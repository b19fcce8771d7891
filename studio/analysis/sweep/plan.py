"""Which runs a sweep makes: every combination of the values (grid), values side by side (zip), or draws (random); each with every seed."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError

MODES = ("grid", "zip", "random")
DRAWN = ("uniform", "loguniform", "normal", "lognormal")
MOST_DRAWS = 10_000  # attempts to draw one value between its limits

Settings = Mapping[str, Any]  # path -> a value of the document


@dataclass(frozen=True)
class Run:
    """One run: its place in the sweep, the place of its settings, which repeat of them it is, and its seed."""

    index: int
    point: int
    repeat: int
    seed: int
    settings: Settings


def runs(over: Mapping[str, Any], mode: str, samples: int | None, seeds: Sequence[int]) -> tuple[Run, ...]:
    """All runs in order: settings in the order they are given, the last parameter changing fastest; within them the seeds.

    Every point has the same seeds, so what differs between two points is not a matter of other draws. Random settings are drawn from the
    first seed. Raises FindingError for empty lists, lists of different lengths side by side, and what is no value.
    """
    if not seeds:
        raise _wrong("bounds.repeats", "repeats", "a sweep with 0 repeats runs nothing.", "Give at least 1.")
    found = points(over, mode, samples, seeds[0])
    both = enumerate(itertools.product(enumerate(found), enumerate(seeds)))
    return tuple(Run(index, point, repeat, seed, settings) for index, ((point, settings), (repeat, seed)) in both)


def seeds(first: int, repeats: int | Sequence[int]) -> tuple[int, ...]:
    """The seeds of the repeats: `first`, `first` + 1, and so on (each gives draws of its own), or those that are given."""
    if isinstance(repeats, int):
        return tuple(range(first, first + repeats))
    if any(not isinstance(seed, int) or seed < 0 for seed in repeats) or len(set(repeats)) < len(repeats):
        raise _wrong("bounds.seed", "repeats", f"{list(repeats)!r:.80} are not seeds.", "Give different whole numbers of at least 0.")
    return tuple(repeats)


def points(over: Mapping[str, Any], mode: str, samples: int | None, seed: int) -> list[dict[str, Any]]:
    """The settings of each point of a sweep."""
    if mode not in MODES:
        raise _wrong("text.mode", "mode", f"“{mode}” is not a way to combine values.", f"Use {', '.join(MODES)}.")
    if mode == "random":
        return _random(over, samples, seed)
    if samples is not None:
        raise _wrong("text.mode", "samples", f"samples belong to mode “random”, not to “{mode}”.")
    lists = {path: listed(path, given) for path, given in over.items()}
    if mode == "grid":
        return [dict(zip(lists, values)) for values in itertools.product(*lists.values())]
    lengths = {path: len(values) for path, values in lists.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{path} has {n}" for path, n in lengths.items())
        raise _wrong("size.sweep", "over", f"Values side by side need lists of one length; {said}.", "Give as many of each, or use a grid.")
    return [dict(zip(lists, values)) for values in zip(*lists.values())] or [{}]


def listed(path: str, given: Any) -> list[Any]:
    """The values of one parameter as the document says values: numbers, {"value", "unit"}, distributions, words."""
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], str) and not isinstance(given[0], str):
        unit = given[1]  # ([10, 15], "ms"), or (10, "ms")
        return [_value(path, (one, unit)) for one in (given[0] if _several(given[0]) else [given[0]])]
    values = [_value(path, one) for one in given] if _several(given) else [_value(path, given)]
    if not values:
        raise _wrong("size.sweep", path, "there are no values to take.", "Give at least one.")
    return values


def _several(given: Any) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, str | Mapping)


def _value(path: str, given: Any) -> Any:
    if isinstance(given, np.generic):
        given = given.item()
    if isinstance(given, bool | int | float | str):
        return given
    if isinstance(given, Mapping):
        return dict(given)
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], str):
        return {"value": _value(path, given[0]), "unit": given[1]}
    raise _wrong("text.value", path, f"{given!r:.60} cannot be taken by a parameter.", 'Give numbers, (number, "unit"), or distributions.')


def _random(over: Mapping[str, Any], samples: int | None, seed: int) -> list[dict[str, Any]]:
    if not isinstance(samples, int) or samples < 1:
        raise _wrong("bounds.samples", "samples", f"{samples} random settings cannot be drawn.", "Give a whole number of at least 1.")
    columns = {path: _drawn(path, given, samples, seed) for path, given in over.items()}
    return [dict(zip(columns, values)) for values in zip(*columns.values())] if columns else [{}] * samples


def _drawn(path: str, given: Any, n: int, seed: int) -> list[Any]:
    """`n` draws for one parameter: from a distribution, or from a list with equal chances."""
    rng = np.random.default_rng(int.from_bytes(hashlib.blake2b(f"{seed}\x00{path}".encode(), digest_size=8).digest(), "little"))
    shape = next((name for name in DRAWN if isinstance(given, Mapping) and name in given), None)
    if shape is None:
        values = listed(path, given)
        return [values[k] for k in rng.integers(0, len(values), n)]
    a, b = (float(x) for x in given[shape])
    if shape == "loguniform" and not 0 < a <= b:
        raise _wrong("bounds.distribution", path, f"a range on a logarithmic scale goes from above 0 upwards, not from {a:g} to {b:g}.")
    unit = given.get("unit")
    draws = [_between(path, rng, shape, a, b, given.get("min"), given.get("max")) for _ in range(n)]
    return [{"value": value, "unit": unit} if unit else value for value in draws]


def _between(path: str, rng: np.random.Generator, shape: str, a: float, b: float, low: float | None, high: float | None) -> float:
    for _ in range(MOST_DRAWS):
        value = float(np.exp(rng.uniform(np.log(a), np.log(b)))) if shape == "loguniform" else float(getattr(rng, shape)(a, b))
        if (low is None or value >= low) and (high is None or value <= high):
            return value
    raise _wrong("bounds.distribution", path, f"{shape} ({a:g}, {b:g}) gives no value between {low} and {high}.", "Move the limits.")


def _wrong(code: str, where: str, text: str, fix: str = "") -> FindingError:
    return FindingError([Finding(code, "error", where, text, fix)])
