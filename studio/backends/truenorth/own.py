"""Which neurons go onto the chip: those with a normal form, and the chip's own, which keep their numbers where the dialect can say them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from studio.backends.truenorth.machine import PLAIN, SATURATED, WEIGHT
from studio.backends.truenorth.membrane import Integers
from studio.compile.leaky import Leaky, normal_form
from studio.compile.program import Layer, Program
from studio.findings import Finding
from studio.network.flat import Chosen

OWN = "truenorth"
RANDOM = "its random numbers are not public"
WIDE = f"a potential has 20 bits, so that it is held at {SATURATED}"
ALLOWED = {
    "ranc": {
        "leak_stochastic": ((0,), RANDOM),
        "threshold_bits": ((0,), RANDOM),
        "leak_reversal": ((0,), "RANC's neuron has only the value 0"),
        "floor_mode": ((0,), "RANC's neuron has only the value 0"),
        "reset_mode": ((0, 1), "RANC's neuron has only the value 0 or 1"),
        "v_limit": ((SATURATED, PLAIN), "RANC's potentials are not held anywhere"),
    },
    "ibm": {"leak_stochastic": ((0,), RANDOM), "threshold_bits": ((0,), RANDOM), "v_limit": ((SATURATED,), WIDE)},
}


def forms(program: Program, dialect: str) -> dict[str, tuple[Leaky | None, tuple[Finding, ...]]]:
    """The normal form of every layer, None where it is of the chip's own neuron; and what forbids it."""
    out = {x.key: (None, tuple(_unsaid(x, dialect))) if x.neuron.model.key == OWN else normal_form(program, x.key) for x in program.layers}
    own = [x for x in program.layers if x.neuron.model.key == OWN]
    modes = {x.key: {int(v) for v in np.unique(np.asarray(x.neuron.params["floor_at"]))} for x in own}
    several = [x for x in own if len(modes[x.key]) > 1 or modes[x.key] != modes[own[0].key]]
    for x in several:
        text = "whether a potential of exactly -beta counts as below is one setting of the whole chip; these neurons differ in it."
        fix = f"Set {x.path}.floor_at to {min(modes[own[0].key])}."
        out[x.key] = (None, (*out[x.key][1], Finding("fit.model", "error", f"{x.path}.floor_at", text, fix)))
    return out


def _unsaid(layer: Layer, dialect: str) -> Iterator[Finding]:
    """Numbers of the chip's own neurons that a dialect cannot say."""
    for name, (allowed, why) in ALLOWED[dialect].items():
        if not np.isin(np.asarray(layer.neuron.params[name]), allowed).all():
            fix = f"Set {layer.path}.{name} to {allowed[0]}."
            fix += " Or use the option dialect=ibm." if name not in ALLOWED["ibm"] else ""
            text = f"{name} of “{layer.path}” cannot be said in this dialect: {why}."
            yield Finding("fit.model", "error", f"{layer.path}.{name}", text, fix)


def own_numbers(layer: Layer, values: np.ndarray, dialect: str) -> tuple[Integers, Layer, list[Any], list[Finding]]:
    """A layer of the chip's own neuron, with the weights (n, 4) of its axon types: its numbers stay."""
    n = layer.size
    none = np.zeros(n, np.int64)
    weights = np.rint(values).astype(np.int64)
    findings = []
    if (np.abs(weights) > WEIGHT).any():
        text = f"A weight onto “{layer.path}” is {int(np.abs(weights).max())}; the chip's lie between -{WEIGHT} and {WEIGHT}."
        findings.append(Finding("fit.weights", "error", layer.path, text, "Scale weights, leak and thresholds down together."))
    params = {**layer.neuron.params, "v_limit": float(SATURATED if dialect == "ibm" else PLAIN)}
    layer = replace(layer, neuron=Chosen(layer.neuron.model, params))
    return Integers(np.ones(n), none, none, none, none, none, weights), layer, [], findings
