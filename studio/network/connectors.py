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


def explicit(sources: Any, targets: Any) -> ModelChoice:
    """Synapse k goes from sources[k] to targets[k] (lists, arrays, or what `Network.data` returned)."""
    return ModelChoice("explicit", {"sources": sources, "targets": targets})
