"""Rules that read what is not there: signals that nobody gives, states that the target does not have."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.models.learning import post_names
from studio.network.check.context import Context
from studio.network.flat import FlatNetwork, FlatProjection
from studio.network.paths import did_you_mean


def rule(context: Context) -> Iterable[Finding]:
    """`path.signal`: a signal of a rule without a spiking node, or one that the rule does not have; `path.state`: `post_x` without state x."""
    for p in context.flat.projections if context.flat else ():
        if p.kinetics is not None and context.flat is not None:
            yield from _signals(context.flat, p)
            yield from _states(context.flat, p)


def _signals(flat: FlatNetwork, p: FlatProjection) -> Iterable[Finding]:
    names = [s.name for s in p.plasticity.model.signals]
    spiking = [n.path for n in flat.populations if n.model.threshold.strip()] + [
        s.path for s in flat.sources if s.model.signal == "spiking"
    ]
    for name in names:
        where, path = f"{p.path}.plasticity.signals.{name}", p.signals.get(name)
        if path is None:
            text = f"the rule “{p.plasticity.model.key}” needs to know whose spikes are its signal “{name}”."
            yield Finding("path.signal", "error", where, text, f"Name a population or source: {', '.join(spiking[:12])}.")
        elif path not in spiking:
            yield Finding("path.signal", "error", where, f"“{path}” does not spike, so it is no signal.", did_you_mean(path, spiking))
    for name in p.signals.keys() - set(names):
        text = f"the rule “{p.plasticity.model.key}” has no signal “{name}”."
        yield Finding("path.signal", "error", f"{p.path}.plasticity.signals.{name}", text, did_you_mean(name, names))


def _states(flat: FlatNetwork, p: FlatProjection) -> Iterable[Finding]:
    neuron = flat.population(p.target).model
    states = [s.name for s in neuron.states]
    for name in post_names(p.plasticity.model):
        if name not in states:
            text = f"the rule “{p.plasticity.model.key}” reads the state {name} of “{p.target}”, and {neuron.key} has none of that name."
            fix = f"Choose a neuron that has it, or another rule; {neuron.key} has {', '.join(states) or 'no states'}."
            yield Finding("path.state", "error", f"{p.path}.plasticity", text, fix)
