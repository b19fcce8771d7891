"""Trees evaluated with NumPy: start values, derived values, and the slow reference run. Nothing is compiled or executed as Python.

Division by zero, overflow and invalid arguments follow IEEE 754 (inf, nan), as in the rendered kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from studio.models.language.functions import FUNCTIONS
from studio.models.language.tree import Binary, Block, Call, Expr, Name, Number, Select, Unary

Draw = Callable[[str, tuple[Any, ...]], Any]  # (name of the draw, its arguments) -> value

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide, "**": lambda a, b: np.power(np.asarray(a, float)[()], b),
    "<<": np.left_shift, ">>": np.right_shift, "&": np.bitwise_and, "|": np.bitwise_or,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
    "and": np.logical_and, "or": np.logical_or,
}  # fmt: skip


def _no_draws(name: str, args: tuple[Any, ...]) -> Any:
    raise ValueError(f"the draw {name} needs a source of random numbers")


def evaluate(node: Expr, values: Mapping[str, Any], draw: Draw = _no_draws) -> Any:
    """The value of an expression; names may be numbers or arrays that broadcast. KeyError for a name without a value."""
    with np.errstate(all="ignore"):
        return _value(node, values, draw)


def evaluate_block(block: Block, values: Mapping[str, Any], draw: Draw = _no_draws) -> dict[str, Any]:
    """All values after the assignments of a block, in order; `values` itself stays as it was."""
    out = dict(values)
    with np.errstate(all="ignore"):
        for assign in block:
            out[assign.target] = _value(assign.value, out, draw)
    return out


def _value(node: Expr, values: Mapping[str, Any], draw: Draw) -> Any:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        return values[node.id]
    if isinstance(node, Unary):
        inner = _value(node.a, values, draw)
        return np.logical_not(inner) if node.op == "not" else np.negative(inner)
    if isinstance(node, Binary):
        return _BINARY[node.op](_value(node.a, values, draw), _value(node.b, values, draw))
    if isinstance(node, Select):
        return np.where(_value(node.test, values, draw), _value(node.yes, values, draw), _value(node.no, values, draw))[()]
    return _call(node, values, draw)


def _call(node: Call, values: Mapping[str, Any], draw: Draw) -> Any:
    args = tuple([_value(a, values, draw) for a in node.args])
    function = FUNCTIONS.get(node.fn)
    return draw(node.fn, args) if function is None else function.numpy(*args)
