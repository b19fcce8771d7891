"""Which models an ONNX model can hold: every text becomes operators. What neurons draw is an input; what synapses draw cannot be said."""

from __future__ import annotations

from collections.abc import Iterable

from studio.exchange.onnx.draws import FED, drawn_in
from studio.exchange.onnx.language import drawing
from studio.exchange.onnx.settled import settled
from studio.models.dynamics import kinetics_form, neuron_form
from studio.models.language.evaluate import evaluate_block
from studio.models.language.tree import Block, Expr
from studio.models.learning import rule_form
from studio.models.spec import Connector, Kinetics, Model, Neuron, Plasticity, Source
from studio.models.system import System, join

_FED = "What it gives in every step is an input of the model."
_DRAWN = "What it draws in every step is an input of the model."


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`."""
    if isinstance(model, Source):
        return "" if model.key in ("spike_list", "step_current") else _FED
    if isinstance(model, Connector):
        return ""
    if isinstance(model, Neuron) and drawing(_trees(model)) and _usual(model).random:
        return _DRAWN if set(drawn_in(_trees(model))) <= set(FED) else None
    if isinstance(model, Neuron):
        return ""
    if isinstance(model, (Kinetics, Plasticity)):
        return None if drawing(_trees(model)) else ""
    return "" if model.key == "ideal" else None


def _usual(model: Neuron) -> System:
    """The neuron with its default parameters, without the draws that they switch off."""
    given = {p.name: float(p.default) for p in model.params if isinstance(p.default, (int, float))}
    system = join(model)
    return settled(system, evaluate_block(system.derived, {**given, "dt": 0.1}))


def _trees(model: Neuron | Kinetics | Plasticity) -> Iterable[Expr]:
    """Every expression that runs in a step, and the starts of a rule."""
    if isinstance(model, Neuron):
        form = neuron_form(model)
        return (*_values(form.step, form.reset, form.closing), *(e for e in (form.threshold, form.emits) if e is not None))
    if isinstance(model, Kinetics):
        return _values(kinetics_form(model).jump)
    rule = rule_form(model)
    blocks = _values(rule.at_source, rule.on_pre, rule.on_post, rule.every)
    return (*blocks, *rule.starts.values(), *([rule.transmit] if rule.transmit is not None else []))


def _values(*blocks: Block | None) -> tuple[Expr, ...]:
    return tuple(a.value for block in blocks if block for a in block)
