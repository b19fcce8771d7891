"""The same number of inputs for each target."""

from studio.models.connectors.params import AUTAPSES
from studio.models.spec import Connector, InDegree, Param

MODEL = Connector(
    key="fixed_in_degree",
    title="Fixed in-degree",
    family="Drawn",
    doc="Each target draws k sources at random, with replacement.",
    source="NEST rule fixed_indegree.",
    limits="A pair may be connected several times. Out-degrees vary.",
    params=(Param("k", 10, "", "Inputs of each target.", low=0, high=2**31 - 1, integer=True, shared=True), AUTAPSES),
    lower=lambda p, n_source, n_target: InDegree(int(p["k"]), bool(p["autapses"])),
    expected=lambda p, n_source, n_target: float(p["k"]) * n_target,
    formulas=(r"\forall\, t:\; s_1, \dots, s_k \sim \mathcal{U}\{1 \dots n_\mathrm{source}\}",),
)
