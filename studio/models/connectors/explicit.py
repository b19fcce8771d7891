"""A given list of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Connector, Pairs, Param


def lower(params: Mapping[str, Any], n_source: int, n_target: int) -> Pairs:
    """The lists as int64 arrays; raise FindingError for unequal lengths or an index outside its side."""
    sources, targets = (_indices(params, name, n) for name, n in (("sources", n_source), ("targets", n_target)))
    if sources.size != targets.size:
        raise FindingError(
            [
                Finding(
                    "size.mismatch",
                    "error",
                    "",
                    f"“sources” holds {sources.size} values and “targets” {targets.size}.",
                    "Give both the same length.",
                )
            ]
        )
    return Pairs(sources, targets)


def _indices(params: Mapping[str, Any], name: str, n: int) -> np.ndarray:
    given = np.asarray([] if params.get(name) is None else params[name]).ravel()
    if given.size and not (np.issubdtype(given.dtype, np.number) and np.array_equal(given, np.floor(given))):
        raise FindingError([Finding("bounds.number", "error", "", f"“{name}” must hold whole numbers.")])
    indices = given.astype(np.int64)
    if indices.size and not (indices.min() >= 0 and indices.max() < n):
        raise FindingError(
            [Finding("bounds.high", "error", "", f"“{name}” goes from {indices.min()} to {indices.max()}; allowed is 0 to {n - 1}.")]
        )
    return indices


def expected(params: Mapping[str, Any], n_source: int, n_target: int) -> float:
    """The length of the list (0 where it is not known yet)."""
    sources = params.get("sources")
    return float(np.size(sources)) if sources is not None and not isinstance(sources, str | dict) else 0.0


MODEL = Connector(
    key="explicit",
    title="Explicit list",
    doc="Synapse k connects sources[k] to targets[k]; weights and delays may be arrays of the same length.",
    source="The lists of the document.",
    limits="Nothing is drawn.",
    params=(
        Param("sources", None, "", "Source element of each synapse, counted from 0.", kind="array"),
        Param("targets", None, "", "Target element of each synapse, counted from 0.", kind="array"),
    ),
    lower=lower,
    expected=expected,
    random=False,
    formulas=(r"s_k \to t_k",),
)
