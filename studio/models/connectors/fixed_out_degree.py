"""The same number of outputs for each source."""

from studio.models.connectors.params import AUTAPSES
from studio.models.spec import Connector, OutDegree, Param

MODEL = Connector(
    key="fixed_out_degree",
    title="Fixed out-degree",
    family="Drawn",
    doc="Each source draws k targets at random, with replacement.",
    source="NEST rule fixed_outdegree.",
    limits="A pair may be connected several times. In-degrees vary.",
    params=(Param("k", 10, "", "Outputs of each source.", low=0, high=2**31 - 1, integer=True, shared=True), AUTAPSES),
    lower=lambda p, n_source, n_target: OutDegree(int(p["k"]), bool(p["autapses"])),
    expected=lambda p, n_source, n_target: float(p["k"]) * n_source,
    formulas=(r"\forall\, s:\; t_1, \dots, t_k \sim \mathcal{U}\{1 \dots n_\mathrm{target}\}",),
)
