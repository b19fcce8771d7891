"""A number of synapses in all."""

from studio.models.connectors.params import AUTAPSES
from studio.models.spec import Connector, Param, TotalNumber

MODEL = Connector(
    key="fixed_total_number",
    title="Fixed total number",
    family="Drawn",
    doc="n synapses in all, the source and the target of each drawn at random, with replacement.",
    source="NEST rule fixed_total_number.",
    limits="A pair may be connected several times. In- and out-degrees vary.",
    params=(Param("n", 100, "", "Number of synapses.", low=0, high=2**40, integer=True, shared=True), AUTAPSES),
    lower=lambda p, n_source, n_target: TotalNumber(int(p["n"]), bool(p["autapses"])),
    expected=lambda p, n_source, n_target: float(p["n"]),
    formulas=(r"(s, t)_1, \dots, (s, t)_n \sim \mathcal{U}\{1 \dots n_\mathrm{source}\} \times \mathcal{U}\{1 \dots n_\mathrm{target}\}",),
)
