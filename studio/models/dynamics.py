"""The texts of one neuron or one kinetics, read: trees for every part, with the names each part may use.

    part        reads                                     assigns
    start       parameters
    derived     parameters, dt                            new names, computed once before the run
    equations   parameters, states, derived, i, dt        (a derivative for each state it names)
    step        the same, last, draws, bit operations     states
    threshold   parameters, states, derived, dt, last, draws
    reset       the same                                  states
    closing     the same, held, no draws                  states
    crossing    the same, i, no draws                     (a time)
    emits       as threshold

`last` are the states at the beginning of the step: `last_v` is that of `v`. A kinetics reads the neuron's `v` in `equations` and `current`; its `jump` reads the arriving weight `w` and may assign `v`.
A coupled kinetics has no jump; its `equations` and `current` also read `wx` and `wsum`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.findings import Finding, FindingError
from studio.models.language.check import Scope, scope
from studio.models.language.read import read_block, read_equations, read_expression
from studio.models.language.tree import Block, Expr
from studio.models.spec import Kinetics, Neuron, State

INPUT, STEP, WEIGHT, MEMBRANE = "i", "dt", "w", "v"
HELD = "held"  # 1 while refractory, else 0
SUMMED, WEIGHTS = "wx", "wsum"  # of a coupled kinetics: the sum of weights times the sources' states, and of the weights
LAST = "last_"  # before a state's name: its value at the beginning of the step


@dataclass(frozen=True)
class NeuronForm:
    """A neuron's texts as trees, in its own names."""

    starts: Mapping[str, Expr]
    derived: Block
    derivatives: Mapping[str, Expr]
    step: Block | None
    threshold: Expr | None
    reset: Block
    closing: Block
    crossing: Expr | None
    emits: Expr | None = None


@dataclass(frozen=True)
class KineticsForm:
    """A kinetics' texts as trees, in its own names."""

    starts: Mapping[str, Expr]
    derived: Block
    derivatives: Mapping[str, Expr]
    jump: Block
    current: Expr | None


@dataclass
class _Reading:
    """Collects findings over the parts of one model; a part that cannot be read stands as empty."""

    where: str
    findings: list[Finding] = field(default_factory=list)

    def at(self, part: str) -> str:
        return f"{self.where}.{part}" if self.where else part

    def derived(self, text: str, params: set[str], states: set[str]) -> Block:
        """Values computed once: they read parameters and dt, and make new names."""
        block = self.block(text, "derived", scope(params | {STEP}, where=self.at("derived")))
        for name in sorted(states & set(block.targets)):
            text = f"“{name}” is a state; a derived value needs a name of its own."
            self.findings.append(Finding("text.assign", "error", self.at("derived"), text))
        return block

    def block(self, text: str, part: str, names: Scope) -> Block:
        block, found = read_block(text, names)
        self.findings += found
        return block or Block()

    def expression(self, text: str, part: str, names: Scope, truth: bool = False) -> Expr | None:
        if not text.strip():
            return None
        tree, found = read_expression(text, names, "truth" if truth else "number")
        self.findings += found
        return tree

    def equations(self, text: str, names: Scope, states: set[str]) -> Mapping[str, Expr]:
        found_equations, found = read_equations(text, names, states)
        self.findings += found
        return found_equations or {}

    def starts(self, states: tuple[State, ...], params: set[str]) -> Mapping[str, Expr]:
        out = {}
        for state in states:
            place = self.at(f"states.{state.name}")
            tree = self.expression(state.start, "start", scope(params, where=place))
            if tree is None and not state.start.strip():
                self.findings.append(
                    Finding(
                        "text.empty",
                        "error",
                        place,
                        f"The start of “{state.name}” is empty.",
                        "Write a number or an expression in the parameters.",
                    )
                )
            if tree is not None:
                out[state.name] = tree
        return out


def read_neuron(model: Neuron, where: str = "") -> tuple[NeuronForm, tuple[Finding, ...]]:
    """The neuron's trees, and what is wrong with its texts (with errors, the trees are not to be used)."""
    reading = _Reading(where)
    params, states = {p.name for p in model.params}, {s.name for s in model.states}
    starts = reading.starts(model.states, params)
    derived = reading.derived(model.derived, params, states)
    known = params | states | set(derived.targets) | {STEP}
    derivatives = reading.equations(model.equations, scope(known | {INPUT}, where=reading.at("equations")), states)
    known |= {LAST + s for s in states}
    step = None
    if model.step.strip():
        step = reading.block(model.step, "step", scope(known | {INPUT}, states, draws=True, bits=True, where=reading.at("step")))
    threshold = reading.expression(model.threshold, "threshold", scope(known, draws=True, where=reading.at("threshold")), truth=True)
    reset = reading.block(model.reset, "reset", scope(known, states, draws=True, where=reading.at("reset")))
    closing = reading.block(model.closing, "closing", scope(known | {HELD}, states, where=reading.at("closing")))
    crossing = reading.expression(model.crossing, "crossing", scope(known | {INPUT}, where=reading.at("crossing")))
    emits = reading.expression(model.emits, "emits", scope(known, draws=True, where=reading.at("emits")), truth=True)
    return NeuronForm(starts, derived, derivatives, step, threshold, reset, closing, crossing, emits), tuple(reading.findings)


def read_kinetics(model: Kinetics, where: str = "") -> tuple[KineticsForm, tuple[Finding, ...]]:
    """The kinetics' trees, and what is wrong with its texts."""
    reading = _Reading(where)
    params, states = {p.name for p in model.params}, {s.name for s in model.states}
    starts = reading.starts(model.states, params)
    derived = reading.derived(model.derived, params, states)
    known = params | states | set(derived.targets) | {STEP}
    seen = known | {MEMBRANE} | ({SUMMED, WEIGHTS} if model.coupled else set())
    derivatives = reading.equations(model.equations, scope(seen, where=reading.at("equations")), states)
    jump = reading.block(model.jump, "jump", scope(known | {WEIGHT}, states | {MEMBRANE}, where=reading.at("jump")))
    current = reading.expression(model.current, "current", scope(seen, where=reading.at("current")))
    return KineticsForm(starts, derived, derivatives, jump, current), tuple(reading.findings)


def neuron_form(model: Neuron) -> NeuronForm:
    """The neuron's trees; raise FindingError where its texts are wrong."""
    form, findings = read_neuron(model, model.key)
    if findings:
        raise FindingError(findings)
    return form


def kinetics_form(model: Kinetics) -> KineticsForm:
    """The kinetics' trees; raise FindingError where its texts are wrong."""
    form, findings = read_kinetics(model, model.key)
    if findings:
        raise FindingError(findings)
    return form
