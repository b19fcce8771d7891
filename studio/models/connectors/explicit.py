"""A given list of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.models.indices import indices, paired
from studio.models.spec import Connector, Pairs, Param


def lower(params: Mapping[str, Any], n_source: int, n_target: int) -> Pairs:
    """The lists as int64 arrays; raise FindingError for unequal lengths or an index outside its side."""
    sources, targets = indices("sources", params.get("sources"), n_source), indices("targets", params.get("targets"), n_target)
    paired(sources=sources, targets=targets)
    return Pairs(sources, targets)


def expected(params: Mapping[str, Any], n_source: int, n_target: int) -> float:
    """The length of the list (0 where it is not known yet)."""
    sources = params.get("sources")
    return float(np.size(sources)) if sources is not None and not isinstance(sources, str | dict) else 0.0


MODEL = Connector(
    key="explicit",
    title="Explicit list",
    family="Without chance",
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
