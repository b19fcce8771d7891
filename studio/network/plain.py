"""Plain JSON values: a deep copy that refuses what JSON, or a person's memory, cannot hold."""

from __future__ import annotations

import math
from typing import Any

from studio.findings import Finding

MAX_DEPTH = 60
MAX_WHOLE = 2**53


class _Refused(Exception):
    pass


def plain(given: Any) -> tuple[Any, tuple[Finding, ...]]:
    """A copy of `given` made of dict, list, str, int, float, bool and None only; or the finding that says why not.

    As in JavaScript, 5.0 is 5 (and -0 is 0); whole numbers beyond 2**53 are floats.
    """
    try:
        return _copy(given, 0, ""), ()
    except _Refused as why:
        code, place, text = why.args
        return None, (Finding(code, "error", place, text),)


def _copy(given: Any, depth: int, place: str) -> Any:
    if depth > MAX_DEPTH:
        raise _Refused(
            "size.depth", place.split(".")[1] if "." in place else "", f"Objects and lists are nested deeper than {MAX_DEPTH} levels."
        )
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, str):
        return _text(given, place)
    if isinstance(given, int):
        return int(given) if abs(given) <= MAX_WHOLE else _number(_as_float(given), place)
    if isinstance(given, float):
        return _number(float(given), place)
    if isinstance(given, dict):
        return {_name(key, place): _copy(value, depth + 1, f"{place}.{key}" if place else str(key)) for key, value in given.items()}
    if isinstance(given, (list, tuple)):
        return [_copy(value, depth + 1, f"{place}.{k}") for k, value in enumerate(given)]
    raise _Refused("text.type", place, f"A {type(given).__name__} cannot be kept in a document.")


def _as_float(given: int) -> float:
    try:
        return float(given)
    except OverflowError:
        return math.inf


def _number(given: float, place: str) -> float:
    if not math.isfinite(given):
        raise _Refused("bounds.number", place, "A number must be finite (NaN, infinity and numbers beyond 1e308 are not).")
    return int(given) if given.is_integer() and abs(given) <= MAX_WHOLE else given


def _text(given: str, place: str) -> str:
    if not given.isascii() and any(0xD800 <= ord(c) <= 0xDFFF for c in given):
        raise _Refused("text.encoding", place, "Text contains half of a surrogate pair, which no file can hold.")
    return str(given)


def _name(given: Any, place: str) -> str:
    if not isinstance(given, str):
        raise _Refused("text.type", place, f"The keys of an object are text, not {type(given).__name__}.")
    return _text(given, place)
