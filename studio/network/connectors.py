"""The connectors as values for `connect`: `probability(0.1)`, `one_to_one()`, ..."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModelChoice:
    """A model by its key, with the parameters that differ from its defaults."""

    model: str
    params: dict[str, Any] = field(default_factory=dict)


def all_to_all(**params: Any) -> ModelChoice:
    """Each source with each target."""
    return ModelChoice("all_to_all", params)


def one_to_one(**params: Any) -> ModelChoice:
    """Element k with element k; both ends have the same size."""
    return ModelChoice("one_to_one", params)


def probability(p: float, **params: Any) -> ModelChoice:
    """Each pair with probability p."""
    return ModelChoice("probability", {"p": p, **params})


def fixed_in_degree(k: int, **params: Any) -> ModelChoice:
    """Each target draws k sources."""
    return ModelChoice("fixed_in_degree", {"k": k, **params})


def fixed_out_degree(k: int, **params: Any) -> ModelChoice:
    """Each source draws k targets."""
    return ModelChoice("fixed_out_degree", {"k": k, **params})


def fixed_total_number(n: int, **params: Any) -> ModelChoice:
    """n synapses in all, with ends drawn uniformly."""
    return ModelChoice("fixed_total_number", {"n": n, **params})


def regular(k: int, **params: Any) -> ModelChoice:
    """Each source with k targets, every target with equally many sources."""
    return ModelChoice("regular", {"k": k, **params})


def convolution(kernel: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1, **params: Any) -> ModelChoice:
    """A kernel (output channels, input channels / groups, rows, columns) moved over the source; without rows in one dimension.

    `stride`, `padding` and `dilation` are a number, or a pair (rows, columns).
    """
    moves = {**_pair("stride", stride, 1), **_pair("padding", padding, 0), **_pair("dilation", dilation, 1)}
    return ModelChoice("convolution", {"kernel": kernel, **moves, **({"groups": groups} if groups != 1 else {}), **params})


def pooling(operation: str = "sum", size: Any = 2, stride: Any = None, padding: Any = 0, **params: Any) -> ModelChoice:
    """The "sum" or "average" over a window of each channel; `size`, `stride` (empty: the size) and `padding` are a number, or a pair."""
    moves = {**_pair("size", size, 2), **_pair("stride", stride, None), **_pair("padding", padding, 0)}
    return ModelChoice("pooling", {**({"operation": operation} if operation != "sum" else {}), **moves, **params})


def _pair(name: str, given: Any, default: Any) -> dict[str, Any]:
    """`<name>_y` and `<name>_x`, where they are not the default."""
    y, x = given if isinstance(given, (tuple, list)) else (given, given)
    return {f"{name}_{axis}": value for axis, value in (("y", y), ("x", x)) if value != default}


def dense(weights: Any) -> ModelChoice:
    """Each source with each target, weights[target, source]."""
    return ModelChoice("dense", {"weights": weights})


def explicit(sources: Any, targets: Any) -> ModelChoice:
    """Synapse k goes from sources[k] to targets[k] (lists, arrays, or what `Network.data` returned)."""
    return ModelChoice("explicit", {"sources": sources, "targets": targets})
