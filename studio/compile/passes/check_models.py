"""Whether a machine has every model of a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import Finding
from studio.models.catalogue import builtin
from studio.models.spec import Model

Reach = Callable[[Model], "str | None"]
WORDS = {
    "neuron": "neuron",
    "kinetics": "kinetics",
    "plasticity": "plasticity rule",
    "device": "device",
    "source": "source",
    "connector": "connector",
}
FEW = 6  # alternatives that are named


@dataclass(frozen=True)
class CheckModels:
    """Says which models the machine does not have (`fit.model`, `fit.plasticity`: errors) and what is lost of others (`lossy.model`).

    Needs: nothing but the lowered program. Guarantees: where it adds no error, `reach` is not None for every neuron, kinetics, rule,
    device, connector and source. `reach` is the back end's: None for what it does not have, else what is lost (empty: nothing).
    """

    reach: Reach
    name: str = "check models"

    def __call__(self, program: Program, target: Target) -> Program:
        return program.say(*self._findings(program, target))

    def _findings(self, program: Program, target: Target) -> Iterator[Finding]:
        for where, kind, model in used(program):
            lost = self.reach(model)
            if lost is None:
                yield self._missing(where, kind, model, target)
            elif lost:
                yield Finding("lossy.model", "info", where, f"{model.title} on {target.title}: {lost}")

    def _missing(self, where: str, kind: str, model: Model, target: Target) -> Finding:
        code = "fit.plasticity" if kind == "plasticity" else "fit.model"
        text = f"{target.title} has no {WORDS[kind]} “{model.title}” ({model.key})."
        return Finding(code, "error", where, text, _instead(where, model, self._others(kind, model)))

    def _others(self, kind: str, model: Model) -> list[Model]:
        """What the machine has of this kind: of the same family first, without loss first."""
        taken = [(lost, m) for m in builtin().all(kind) if m.key != model.key and (lost := self.reach(m)) is not None]
        return [m for _, m in sorted(taken, key=lambda pair: (pair[1].family != model.family, pair[0] != ""))]


def used(program: Program) -> Iterator[tuple[str, str, Model]]:
    """(place in the document, kind, model) of every model of a program, each place once."""
    return iter(dict.fromkeys(_used(program)))


def _used(program: Program) -> Iterable[tuple[str, str, Model]]:
    for layer in program.layers:
        yield f"{layer.path}.model", "neuron", layer.neuron.model
    for source in program.inputs:
        yield f"{source.path}.model", "source", source.source.model
    for c in program.connections:
        for kind, chosen in (("kinetics", c.kinetics), ("plasticity", c.plasticity), ("device", c.device), ("connector", c.connector)):
            if chosen is not None:
                yield f"{c.path}.{kind}", kind, chosen.model


def _instead(where: str, model: Model, others: list[Model]) -> str:
    if not others:
        return "Choose another target."
    named = ", ".join(m.key for m in others[:FEW])
    return f"Set {where} to {others[0].key}." + (f" It takes {named}." if len(others) > 1 else "")
