"""A matrix of weights between all elements of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Connector, Matrix, Param


def lower(params: Mapping[str, Any], n_source: int, n_target: int) -> Matrix:
    """The form; raise FindingError for a matrix of another shape."""
    given = params.get("weights")
    if given is None or isinstance(given, str | dict):
        text = "A dense connection needs a matrix of weights."
    elif np.shape(given) != (n_target, n_source):
        text = f"The matrix has the shape {list(np.shape(given))}; there are {n_target:,} targets and {n_source:,} sources."
        if np.shape(given) == (n_source, n_target):
            text += " It seems to be turned round."
    else:
        return Matrix(np.asarray(given))
    raise FindingError(
        [Finding("size.connector", "error", "", text, f"Give an array of the shape (targets, sources), [{n_target}, {n_source}].")]
    )


MODEL = Connector(
    key="dense",
    title="Dense",
    doc="Each source connects to each target with the weight that a matrix of the shape (targets, sources) says, multiplied with the projection's weight. "
    "No synapse stores its target.",
    source="NIR Linear and Affine (Pedersen JE et al. 2024, doi:10.1038/s41467-024-52259-9); PyTorch Linear.",
    limits="Weights of zero are synapses too. Where most are zero, an explicit list is smaller and quicker.",
    params=(Param("weights", None, "", "The matrix, shape (targets, sources).", kind="array"),),
    lower=lower,
    expected=lambda p, n_source, n_target: float(n_source) * n_target,
    random=False,
    compact=True,
    formulas=(r"w_{s \to t} = w\,W_{t,s}",),
)
