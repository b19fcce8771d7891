"""Numbers of the command line, with their limits."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable


def above(low: float) -> Callable[[str], float]:
    """A finite number greater than `low`."""

    def number(text: str) -> float:
        value = float(text)
        if not low < value < float("inf"):
            raise ArgumentTypeError(f"{text} is not a number above {low:g}")
        return value

    return number


def whole(low: int) -> Callable[[str], int]:
    """A whole number of at least `low`."""

    def number(text: str) -> int:
        value = int(text)
        if value < low:
            raise ArgumentTypeError(f"{text} is not a whole number of at least {low}")
        return value

    return number
