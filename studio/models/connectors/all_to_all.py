"""Everyone with everyone."""

from studio.models.connectors.params import AUTAPSES
from studio.models.spec import AllToAll, Connector

MODEL = Connector(
    key="all_to_all",
    title="All to all",
    family="Without chance",
    doc="Each source element connects to each target. A weight array has the shape (n_source, n_target).",
    source="NEST rule all_to_all.",
    limits="n_source * n_target synapses, stored one by one where weights differ.",
    params=(AUTAPSES,),
    lower=lambda p, n_source, n_target: AllToAll(bool(p["autapses"])),
    expected=lambda p, n_source, n_target: float(n_source) * n_target,
    random=False,
    formulas=(r"\forall\, s, t:\; s \to t",),
)
