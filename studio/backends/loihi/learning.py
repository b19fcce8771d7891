"""Pair STDP as Loihi's learning engine says it: sums of products of 7-bit traces, scaled by powers of two, on 8-bit weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.compile.program import Connection
from studio.compile.report import Loss
from studio.findings import Finding
from studio.network.flat import Chosen

LOWEST = -7  # the smallest power of two before a product (lava-nc 0.10, product_series.py: mantissa * 2^(exponent - 7), exponent >= 0)
IMPULSE = 16.0  # of a trace, where the scale leaves a choice: 7 spikes fit its 7 bits
PARTS = 256.0  # an impulse has 8 fractional bits (W_TRACE_FRACTIONAL_PART)
TOP = 255  # the largest mantissa


@dataclass(frozen=True)
class Rule:
    """A rule in integers: `dw` in the notation of Lava, and what its traces do. `exponent`: weights are mantissa * 2^exponent."""

    connection: str
    dw: str
    impulses: Mapping[str, float]
    taus: Mapping[str, float]  # ms
    exponent: int

    def chosen(self) -> Chosen:
        """The rule as a plasticity model of the engine."""
        from studio.models.authored import read_model
        from studio.models.products import Learning, Trace, rule

        traces = {name: Trace(self.impulses[name], self.taus[name]) for name in self.impulses}
        model, findings = read_model("loihi_rule", rule(Learning(self.dw, traces=traces, chip=True, signs="positive")))
        assert model is not None, findings
        return Chosen(model, {**{p.name: p.default for p in model.params}, "w_unit": 2.0**self.exponent})


def largest_weight(c: Connection) -> float:
    """The weight at which a plastic connection saturates, in its unit: what mantissa 255 has to mean."""
    p = c.plasticity.params
    return float(p["w_max"]) if c.plasticity.model.key == "stdp_pair" else TOP * float(p["w_unit"])


def plastic(c: Connection) -> bool:
    return c.plasticity.model.plastic


def unfit(c: Connection) -> Finding | None:
    """Why a plastic connection cannot learn on the chip; None where it can."""
    p, key = c.plasticity.params, c.plasticity.model.key
    if any(not isinstance(v, (int, float)) for v in p.values()):
        return _refused(
            f"{c.path}.plasticity", "the rule's numbers differ from synapse to synapse; a rule is shared.", "Give one number for each."
        )
    if largest_weight(c) <= 0.0 or c.wiring.weights()[0] < 0.0:
        return _refused(
            f"{c.path}.weight", "these weights are negative; a learning weight is one of 0 to 255 here.", "Use excitatory synapses."
        )
    if key != "stdp_pair":
        return None
    for name in ("mu_plus", "mu_minus"):
        if p[name] not in (0, 1):
            text = f"{name} is {p[name]:g}; a sum of products has powers 0 (additive) and 1 (multiplicative)."
            return _refused(f"{c.path}.plasticity.{name}", text, f"Set {c.path}.plasticity.{name} to {round(min(1, max(0, p[name])))}.")
    made = rule_of(c, 0)[0]
    if made is None or min(made.impulses.values()) <= 0.0:
        least = 2.0**LOWEST / PARTS / TOP
        text = f"a step of {p['learning_rate']:g} of w_max is less than the smallest there is, {least:.2g}."
        return _refused(f"{c.path}.plasticity.learning_rate", text, f"Set {c.path}.plasticity.learning_rate to {2 * least:.1g}.")
    return None


def unfit_unit(c: Connection) -> Finding | None:
    """Why a learning weight of integer neurons, which is in the chip's own unit, has no mantissa of 0 to 255."""
    power = np.log2(largest_weight(c) / TOP)
    if power == round(power) and -6 <= power <= 7:
        return None
    name, best = ("w_max", TOP) if c.plasticity.model.key == "stdp_pair" else ("w_unit", 1)
    fit = best * 2.0 ** float(np.clip(np.rint(power), -6, 7))
    text = f"the largest learning weight is {largest_weight(c):g}; of integer neurons it is {TOP} times a power of two, from -6 to 7."
    return _refused(f"{c.path}.plasticity.{name}", text, f"Set {c.path}.plasticity.{name} to {fit:g}.")


def _refused(where: str, text: str, fix: str) -> Finding:
    return Finding("fit.plasticity", "error", where, text, fix)


def rule_of(c: Connection, exponent: int) -> tuple[Rule | None, tuple[Loss, ...]]:
    """The rule of a plastic connection in integers, and what rounding its constants costs."""
    p = c.plasticity.params
    if c.plasticity.model.key == "loihi_stdp":
        names = ("x1", "y1")
        impulses, taus = ({n: float(p[f"{n}_{what}"]) for n in names} for what in ("impulse", "tau"))
        return Rule(c.key, "2^-2*x1*y0 - 2^-2*y1*x0", impulses, taus, exponent), ()
    rate, ratio = float(p["learning_rate"]), float(p["alpha"])
    up, down = (TOP if p["mu_plus"] == 0 else 1.0) * rate, (TOP if p["mu_minus"] == 0 else 1.0) * rate * ratio
    (a, rise), (b, fall) = product(up), product(down)
    more = "" if p["mu_plus"] == 0 else f"*({TOP} - w)"
    less = "" if p["mu_minus"] == 0 else "*w"
    dw = f"2^{a}*x1*y0{more} - 2^{b}*y1*x0{less}"
    rule = Rule(c.key, dw, {"x1": rise, "y1": fall}, {"x1": float(p["tau_plus"]), "y1": float(p["tau_minus"])}, exponent)
    n = round(c.wiring.count())
    off = max(abs(2.0**a * rise / up - 1.0) if up else 0.0, abs(2.0**b * fall / down - 1.0) if down else 0.0)
    text = (
        f"Learns by dw = {dw} with impulses {rise:g} and {fall:g}: steps are off by {100 * off:.2g} %; "
        f"weights are whole numbers of 0 to {TOP}, rounded at random, and traces have 7 bits."
    )
    return rule, (Loss(c.path, "plasticity", "replaced", n, n, 100 * off, "%", text),)


def product(step: float) -> tuple[int, float]:
    """(power of two, impulse) whose product is a step of the mantissa."""
    if step <= 0.0:
        return 0, 0.0
    power = max(LOWEST, int(np.floor(np.log2(step / IMPULSE))))
    return power, float(min(127.0, np.rint(step / 2.0**power * PARTS) / PARTS))
