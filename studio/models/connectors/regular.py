"""The same number of outputs for each source and of inputs for each target."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd
from typing import Any

from studio.findings import Finding, FindingError
from studio.models.connectors.params import AUTAPSES
from studio.models.spec import Connector, Param, Regular


def lower(params: Mapping[str, Any], n_source: int, n_target: int) -> Regular:
    """The scheme; raise FindingError where not every target can have equally many inputs."""
    k = int(params["k"])
    if n_target and n_source * k % n_target:
        step = n_target // gcd(n_source, n_target)
        near = max(k // step, 1) * step
        text = f"{n_source} sources with k = {k} outputs each do not give {n_target} targets equally many inputs ({n_source * k} / {n_target})."
        fix = f"k must be a multiple of {step}: try {near}" + (f" or {near + step}." if near < k else ".")
        raise FindingError([Finding("size.connector", "error", "", text, fix)])
    return Regular(k, bool(params["autapses"]))


MODEL = Connector(
    key="regular",
    title="Regular",
    family="Drawn",
    doc="Each source has k outputs and every target equally many inputs: a random permutation of all synapses.",
    source="Configuration model of graphs with given degrees: Bollobás B (1980), doi:10.1016/S0195-6698(80)80030-8. "
    "The permutation: Black J, Rogaway P (2002), doi:10.1007/3-540-45760-7_9.",
    limits="A pair may be connected several times. n_source * k must be a multiple of n_target.",
    params=(Param("k", 10, "", "Outputs of each source.", low=0, high=2**31 - 1, integer=True, shared=True), AUTAPSES),
    lower=lower,
    expected=lambda p, n_source, n_target: float(p["k"]) * n_source,
    formulas=(
        r"s_j = \lfloor j / k \rfloor,\; t_j = \lfloor \pi(j) / k_\mathrm{in} \rfloor,\; k_\mathrm{in} = n_\mathrm{source} k / n_\mathrm{target}",
    ),
)
