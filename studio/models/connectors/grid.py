"""Grids of elements and a window that moves over them: what convolution and pooling share."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, NoReturn

from studio.findings import Finding, FindingError
from studio.models.spec import Param, Window

Pair = tuple[int, int]
Shape = tuple[int, ...]


def numbers(name: str, doc: str, default: float | None, low: int, advanced: bool = False) -> tuple[Param, Param]:
    """A whole number for rows (`<name>_y`) and one for columns (`<name>_x`); `{}` in `doc` stands for the word."""
    return tuple(  # type: ignore[return-value]
        Param(f"{name}_{axis}", default, "", doc.format(word), low=low, high=2**20, integer=True, shared=True, advanced=advanced)
        for axis, word in (("y", "rows"), ("x", "columns"))
    )


def pair(params: Mapping[str, Any], name: str, default: Pair = (1, 1)) -> Pair:
    """The two numbers of a name, (rows, columns)."""
    given = (params.get(f"{name}_y"), params.get(f"{name}_x"))
    return tuple(d if g is None else int(g) for g, d in zip(given, default, strict=True))  # type: ignore[return-value]


def places(n: int, window: int, stride: int, padding: int, dilation: int) -> int:
    """Where the window can stand along one axis of `n` elements."""
    return (n + 2 * padding - dilation * (window - 1) - 1) // stride + 1


def moved(form: Window, line: bool, target_shape: Shape | None, n_target: int) -> Window:
    """The form with its `out` checked against the target; `line`: told as (channels, length). Raise FindingError where they do not fit."""
    told = flat(form.out) if line else form.out
    if min(form.out) < 1:
        span = tuple(d * (k - 1) + 1 for d, k in zip(form.dilation, form.window, strict=True))
        refuse(
            f"The window spans {said(span[1:] if line else span)}, more than the source {said(flat(form.grid) if line else form.grid)} with its padding holds.",
            "Use a smaller window or dilation, or more padding.",
        )
    if target_shape is not None and prod(target_shape) == n_target:
        if _alone(target_shape) != _alone(told):
            refuse(
                f"The result has the shape {said(told)}; the target has {said(target_shape)}.", f"Give the target the shape {said(told)}."
            )
    elif prod(told) != n_target:
        refuse(
            f"The result has the shape {said(told)}, {prod(told):,} elements; the target has {n_target:,}.",
            f"Give the target the size {prod(told)} and the shape {said(told)}.",
        )
    return form


def flat(shape: Shape) -> Shape:
    """(channels, 1, length) as (channels, length)."""
    return (shape[0], shape[2])


def _alone(shape: Shape) -> Shape:
    """A shape without axes of one element."""
    return tuple(n for n in shape if n != 1)


def synapses(form: Window) -> float:
    """How many synapses there are."""
    axes = zip(form.grid[1:], form.out[1:], form.window, form.stride, form.padding, form.dilation, strict=True)
    rows, columns = (sum(_over(n, out, s, p - i * d) for i in range(k)) for n, out, k, s, p, d in axes)
    return float(rows) * columns * form.out[0] * (form.grid[0] // form.groups)


def _over(n: int, out: int, stride: int, back: int) -> int:
    """Along one axis: at how many of `out` places, `stride` apart, one place of the window lies over the `n` elements, being `back` before its own."""
    return max(0, min((n - 1 + back) // stride, out - 1) - max(-(-back // stride), 0) + 1)


def said(shape: Shape) -> str:
    """[2, 12, 12]"""
    return str([int(n) for n in shape])


def refuse(text: str, fix: str, code: str = "size.connector") -> NoReturn:
    """Raise FindingError."""
    raise FindingError([Finding(code, "error", "", text, fix)])
