"""The bytes of a document: RFC 8785 numbers, strings and key order; two-space indent; a final newline.

The same value gives the same bytes in Python and TypeScript; `tests/network/canonical.json` is the table both pass.
Source: https://www.rfc-editor.org/rfc/rfc8785 (key order by UTF-16 code units; numbers as ECMAScript prints them).
"""

from __future__ import annotations

import math
import re
from typing import Any

_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def to_bytes(value: Any) -> bytes:
    """Canonical UTF-8 bytes of a plain JSON value; raise ValueError for NaN, infinity and what JSON cannot hold."""
    lines: list[str] = []
    _write(value, "\n", lines)
    return "".join([*lines, "\n"]).encode()


def number(value: int | float) -> str:
    """A number as ECMAScript prints it: `1e+21`, `1e-7`, `100`, `0` for -0."""
    given = float(value)
    if not math.isfinite(given):
        raise ValueError("NaN and infinity have no place in JSON.")
    if given == 0:
        return "0"
    sign, digits, point = _shortest(given)
    n = len(digits)
    if n <= point <= 21:
        return sign + digits + "0" * (point - n)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = point - 1
    fraction = f".{digits[1:]}" if n > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if power >= 0 else '-'}{abs(power)}"


def _shortest(given: float) -> tuple[str, str, int]:
    """Sign, shortest digits that read back, and where the decimal point stands among them."""
    mantissa, _, power = repr(abs(given)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = whole + fraction
    point = len(whole) + int(power or 0)
    stripped = digits.lstrip("0")
    return "-" if given < 0 else "", stripped.rstrip("0"), point - (len(digits) - len(stripped))


def string(value: str) -> str:
    """A JSON string, escaped as RFC 8785 says."""
    return '"' + _ESCAPED.sub(lambda m: _SHORT.get(m[0]) or f"\\u{ord(m[0]):04x}", value) + '"'


def key_order(key: str) -> bytes:
    """Sort key: UTF-16 code units."""
    return key.encode("utf-16-be", "surrogatepass")


def _write(value: Any, newline: str, out: list[str]) -> None:
    if isinstance(value, dict):
        _block("{", "}", [(string(k) + ": ", value[k]) for k in sorted(value, key=key_order)], newline, out)
    elif isinstance(value, (list, tuple)):
        _block("[", "]", [("", v) for v in value], newline, out)
    else:
        out.append(_scalar(value))


def _block(opening: str, closing: str, items: list[tuple[str, Any]], newline: str, out: list[str]) -> None:
    if not items:
        out.append(opening + closing)
        return
    inner = newline + "  "
    for k, (label, value) in enumerate(items):
        out.append((opening if k == 0 else ",") + inner + label)
        _write(value, inner, out)
    out.append(newline + closing)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return string(value)
    raise ValueError(f"A {type(value).__name__} has no place in JSON.")
