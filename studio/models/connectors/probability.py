"""Each pair by chance."""

from studio.models.connectors.params import AUTAPSES
from studio.models.spec import Bernoulli, Connector, Param

MODEL = Connector(
    key="probability",
    title="Probability",
    family="Drawn",
    doc="Each pair of source and target is connected with probability p, independently of the others.",
    source="Erdős P, Rényi A (1959) On random graphs I; NEST rule pairwise_bernoulli.",
    limits="At most one synapse a pair. Degrees vary (binomial).",
    params=(Param("p", 0.1, "", "Probability of a connection.", low=0.0, high=1.0, shared=True), AUTAPSES),
    lower=lambda p, n_source, n_target: Bernoulli(float(p["p"]), bool(p["autapses"])),
    expected=lambda p, n_source, n_target: float(p["p"]) * n_source * n_target,
    formulas=(r"P(s \to t) = p",),
)
