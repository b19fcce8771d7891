"""Pair STDP as Loihi's learning engine says it."""

from dataclasses import replace

from studio.models.authored import read_model
from studio.models.products import Learning, Trace, rule

_RULE = Learning("2^-2*x1*y0 - 2^-2*y1*x0", traces={"x1": Trace(16, 20), "y1": Trace(16, 20)}, chip=True, signs="positive")
_READ, _FINDINGS = read_model("loihi_stdp", rule(_RULE))
assert _READ is not None, _FINDINGS

MODEL = replace(
    _READ,
    title="Loihi's STDP",
    doc="Pair STDP in whole numbers, as a sum of products: dw = 2^-2*x1*y0 - 2^-2*y1*x0. Weights are 0 to 255 times w_unit.",
)
