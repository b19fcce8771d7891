"""Projections as lines of PyNN: a connector where PyNN has the rule, else a list of synapses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.engine.connectivity import ends, synapses
from studio.exchange.pynn.cells import EXCITATORY, INHIBITORY, RECEPTORS, Cell
from studio.exchange.pynn.literals import array, drawn, number, value
from studio.exchange.pynn.names import Names
from studio.findings import Finding
from studio.models.forms import AllToAll, Bernoulli, ConnectorForm, InDegree, OneToOne, OutDegree, Pairs, TotalNumber, Window
from studio.network.flat import Drawn, FlatNetwork, FlatProjection, Value

MOST_LISTED = 400_000  # synapses that a script holds as a list

Lines = list[str]


def span(flat: FlatNetwork, p: FlatProjection) -> tuple[float, float]:
    """(lowest, highest) weight of a projection; of a distribution without bounds five standard deviations from its mean."""
    factors = np.ones(1)
    form = form_of(flat, p)
    own = getattr(form, "weights", None)
    if isinstance(form, Pairs) and own is not None:
        return float(np.min(own, initial=0)), float(np.max(own, initial=0))
    if isinstance(form, Window) and own is None:
        factors = np.array([form.scale])
    elif own is not None:
        factors = np.asarray(own, np.float64).ravel()
    w = p.weight
    if isinstance(w, Drawn):
        if w.shape == "uniform":
            return max(w.a, w.low), min(w.b, w.high)
        if w.shape == "lognormal":
            return max(0.0, w.low), min(float(np.exp(w.a + 5 * w.b)), w.high)
        return max(w.a - 5 * w.b, w.low), min(w.a + 5 * w.b, w.high)
    made = np.multiply.outer(np.asarray(w, np.float64).ravel(), factors)
    return (float(made.min()), float(made.max())) if made.size else (0.0, 0.0)


def form_of(flat: FlatNetwork, p: FlatProjection) -> ConnectorForm:
    e = ends(flat, p)
    return p.connector.model.lower(p.connector.params, e.n_source, e.n_target)


@dataclass(frozen=True)
class Projections:
    """Writes the projections of a network; `exact`: every synapse as the engine draws it, whatever the rule."""

    flat: FlatNetwork
    names: Names
    exact: bool = False

    def lines(self, p: FlatProjection, cell: Cell) -> Iterator[str | Finding]:
        """The statements of one projection, and what PyNN does not carry of it."""
        yield from self._complaints(p)
        rule, receptor, area = self._plain(p, cell), cell.receptor[p.key], ""
        if p.key in cell.area:
            area = self.names(f"{p.key}_area")
            yield f"{area} = {number(cell.area[p.key])} if ON_CHIP else 1.0  # of sPyNNaker a weight is the area of a current, not its peak"
        if rule is not None and receptor is not None:
            yield from self._unshifted(p)
            weight = value(times(p.weight, cell.weight), area)
            yield self._statement(p, self.names(p.key), rule, self._synapse(p, weight, self._delay(p), cell.weight, area), receptor)
            return
        long = self.too_long(p, cell)
        if long is not None:
            yield long
            return
        yield from self._listed(p, receptor, cell.weight, area)

    def too_long(self, p: FlatProjection, cell: Cell) -> Finding | None:
        """What is to be said of a projection whose synapses would have to be listed, and are too many."""
        if self._plain(p, cell) is not None:
            return None
        total = float(p.connector.model.expected(p.connector.params, ends(self.flat, p).n_source, ends(self.flat, p).n_target))
        if total <= MOST_LISTED:
            return None
        text = f"about {total:,.0f} synapses would have to be listed; a PyNN script holds {MOST_LISTED:,}."
        return Finding("lossy.pynn", "error", p.path, text, "Use a rule that PyNN has, with one weight or a distribution of one sign.")

    def _plain(self, p: FlatProjection, cell: Cell) -> str | None:
        """PyNN's connector, where the projection is one with one receptor, and weights and delays that PyNN draws."""
        single = isinstance(p.weight, Drawn) or not isinstance(p.weight, np.ndarray)
        if self.exact or not single or isinstance(p.delay, np.ndarray) or cell.receptor[p.key] is None:
            return None
        return _rule(form_of(self.flat, p))

    def _complaints(self, p: FlatProjection) -> Iterator[Finding]:
        if p.device.model.key != "ideal":
            text = f"the device “{p.device.model.key}” is left out; weights are those that were wanted."
            yield Finding("lossy.pynn", "warning", p.path, text, "Use the device “ideal”.")
        if p.crossbar is not None:
            yield Finding("lossy.pynn", "warning", p.path, "the crossbar is left out.", "Take the crossbar away.")
        if p.plasticity.model.key not in ("static", "stdp_pair"):
            text = f"PyNN has no rule “{p.plasticity.model.key}” here."
            yield Finding("fit.plasticity", "error", p.path, text, "Use static or stdp_pair.")
        elif p.plasticity.model.plastic:
            q = p.plasticity.params
            if (q["mu_plus"], q["mu_minus"]) not in ((0.0, 0.0), (1.0, 1.0)):
                text = f"mu_plus {q['mu_plus']:g} and mu_minus {q['mu_minus']:g}: PyNN has 0 and 0 (additive), or 1 and 1 (multiplicative)."
                yield Finding("fit.plasticity", "error", p.path, text, "Set both to 0 or both to 1.")

    def _listed(self, p: FlatProjection, receptor: int | None, factor: float, area: str) -> Iterator[str]:
        found = synapses(self.flat, p.key)
        listed = self.names(f"{p.key}_list")
        late = " + LATER" if self._late(p) else ""
        yield f"{listed} = np.zeros(({len(found)}, 4))"
        columns = (found.sources.astype(np.int64), found.targets.astype(np.int64), _one(found.weights * factor), _one(found.delays))
        for k, column in enumerate(columns):
            yield f"{listed}[:, {k}] = {array(column)}{late if k == 3 else f' * {area}' if k == 2 and area else ''}"
        places = [receptor] if receptor is not None else [EXCITATORY, INHIBITORY]
        for place in places:
            some = listed if receptor is not None else f"{listed}[{listed}[:, 2] {'>=' if place == EXCITATORY else '<'} 0]"
            synapse = self._synapse(p, "0.0", "1.0", factor, area)
            suffix = "" if receptor is not None else ("_exc" if place == EXCITATORY else "_inh")
            yield self._statement(
                p, self.names(p.key + suffix), f'FromListConnector({some}.tolist(), column_names=["weight", "delay"])', synapse, place
            )

    def _late(self, p: FlatProjection) -> bool:
        return p.kinetics is not None and p.kinetics.model.key != "delta"

    def _delay(self, p: FlatProjection) -> str:
        dt = self.flat.run.dt
        if isinstance(p.delay, Drawn):
            return drawn(p.delay, dt, "LATER" if self._late(p) else "")
        text = number(max(dt, round(float(p.delay) / dt) * dt))
        return f"{text} + LATER" if self._late(p) else text

    def _unshifted(self, p: FlatProjection) -> Iterator[Finding]:
        """What a distribution of PyNN cannot say."""
        for name, given in (("weight", p.weight), ("delay", p.delay)):
            if isinstance(given, Drawn) and given.shape == "lognormal":
                late = name == "delay" and self._late(p)
                bounded = given.low > 0.0 or np.isfinite(given.high)
                said = [
                    *(["is not cut to its bounds"] if bounded else []),
                    *([f"is {self.flat.run.dt:g} ms shorter on SpiNNaker than it should be"] if late else []),
                ]
                if said:
                    text = f"its {name}, a lognormal distribution, {' and '.join(said)}."
                    yield Finding("lossy.pynn", "warning", p.path, text, "Export with exact synapses, or use a normal distribution.")

    def _synapse(self, p: FlatProjection, weight: str, delay: str, factor: float, area: str) -> str:
        if not p.plasticity.model.plastic:
            return f"sim.StaticSynapse(weight={weight}, delay={delay})"
        q: dict[str, Any] = dict(p.plasticity.params)
        kind = "Additive" if q["mu_plus"] == 0.0 else "Multiplicative"
        up, down = number(q["learning_rate"]), number(float(q["alpha"]) * float(q["learning_rate"]))
        timing = f"sim.SpikePairRule(tau_plus={number(q['tau_plus'])}, tau_minus={number(q['tau_minus'])}, A_plus={up}, A_minus={down})"
        dependence = f"sim.{kind}WeightDependence(w_min=0.0, w_max={number(float(q['w_max']) * factor)}{f' * {area}' if area else ''})"
        return f"sim.STDPMechanism(\n        timing_dependence={timing},\n        weight_dependence={dependence},\n        weight={weight}, delay={delay},\n    )"

    def _statement(self, p: FlatProjection, name: str, connector: str, synapse: str, receptor: int) -> str:
        source, target = self.names.of[p.source], self.names.of[p.target]
        return (
            f"{name} = sim.Projection(\n    {source}, {target}, sim.{connector},\n"
            f'    {synapse},\n    receptor_type="{RECEPTORS[receptor]}", label={p.key!r},\n)'
        )


def _by(name: str) -> str:
    return f" * {name}" if name else ""


def times(weight: Value, factor: float) -> Value:
    """A weight, or what it is drawn from, multiplied."""
    if not isinstance(weight, Drawn):
        return weight * factor
    if weight.shape == "lognormal":
        return replace(weight, a=weight.a + float(np.log(factor)), low=weight.low * factor, high=weight.high * factor)
    return replace(weight, a=weight.a * factor, b=weight.b * factor, low=weight.low * factor, high=weight.high * factor)


def _one(values: np.ndarray) -> np.ndarray:
    """One number in a list where all are equal."""
    return values[:1] if len(values) and bool(np.all(values == values[0])) else values


def _rule(form: ConnectorForm) -> str | None:
    """PyNN's connector of a rule, or None."""
    if isinstance(form, AllToAll):
        return f"AllToAllConnector(allow_self_connections={form.autapses})"
    if isinstance(form, OneToOne):
        return "OneToOneConnector()"
    if isinstance(form, Bernoulli):
        return f"FixedProbabilityConnector({number(form.p)}, allow_self_connections={form.autapses}, rng=RNG)"
    if isinstance(form, InDegree):
        return f"FixedNumberPreConnector({form.k}, allow_self_connections={form.autapses}, with_replacement=True, rng=RNG)"
    if isinstance(form, OutDegree):
        return f"FixedNumberPostConnector({form.k}, allow_self_connections={form.autapses}, with_replacement=True, rng=RNG)"
    if isinstance(form, TotalNumber):
        return f"FixedTotalNumberConnector({form.n}, allow_self_connections={form.autapses}, with_replacement=True, rng=RNG)"
    return None
