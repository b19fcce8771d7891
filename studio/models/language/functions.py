"""The functions of the language: how many arguments each takes, and what it means, once for NumPy and once for LaTeX.

`FUNCTIONS` is the whole list; a text can call nothing else. `DRAWS` are declared random draws: allowed where a step may be random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Function:
    """One function: `n` arguments, its meaning on NumPy values, and a LaTeX template."""

    name: str
    n: int
    numpy: Callable[..., Any]
    latex: str
    python: str  # template for plain Python and numba; `math` is in scope
    dimension: str = "number"  # what it does to units: "number" (number in, number out), "same" (all alike), "sqrt", "any" (in, number out)


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


FUNCTIONS = {
    f.name: f
    for f in (
        Function("exp", 1, np.exp, r"e^{{{0}}}", "math.exp({0})"),
        Function("log", 1, np.log, r"\ln\left({0}\right)", "math.log({0})"),
        Function("sqrt", 1, np.sqrt, r"\sqrt{{{0}}}", "math.sqrt({0})", "sqrt"),
        Function("tanh", 1, np.tanh, r"\tanh\left({0}\right)", "math.tanh({0})"),
        Function("sigmoid", 1, _sigmoid, r"\sigma\left({0}\right)", "(1.0 / (1.0 + math.exp(-({0}))))"),
        Function("abs", 1, np.abs, r"\left|{0}\right|", "abs({0})", "same"),
        Function("floor", 1, np.floor, r"\left\lfloor {0} \right\rfloor", "math.floor({0})", "same"),
        Function("sign", 1, np.sign, r"\mathrm{{sign}}\left({0}\right)", "((({0}) > 0.0) * 1.0 - (({0}) < 0.0) * 1.0)", "any"),
        Function("min", 2, np.minimum, r"\min\left({0},\, {1}\right)", "min({0}, {1})", "same"),
        Function("max", 2, np.maximum, r"\max\left({0},\, {1}\right)", "max({0}, {1})", "same"),
    )
}

# name -> (number of arguments, LaTeX). Uniform on [0, 1); standard normal; Poisson count with the given mean.
DRAWS: dict[str, tuple[int, str]] = {
    "uniform": (0, r"\mathcal{{U}}(0, 1)"),
    "normal": (0, r"\mathcal{{N}}(0, 1)"),
    "poisson": (1, r"\mathcal{{P}}\left({0}\right)"),
}


def arity(name: str) -> int | None:
    """How many arguments a function or draw takes; None for a name that is neither."""
    if name in FUNCTIONS:
        return FUNCTIONS[name].n
    return DRAWS[name][0] if name in DRAWS else None
