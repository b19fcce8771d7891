"""The faults of a run: what kinds there are, what each needs, and which neurons, sources and synapses a path means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Union

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Param
from studio.network.flat import Fault, FlatPopulation, FlatProjection, FlatSource
from studio.network.paths import Step, did_you_mean, parse
from studio.network.resolve import Given, resolve

Target = Union[FlatPopulation, FlatSource, FlatProjection]


@dataclass(frozen=True)
class Kind:
    """One kind of fault: what it befalls, whether it has a `fraction` and a `value`, and one line about it."""

    befalls: tuple[str, ...]  # population, source, projection
    doc: str
    fraction: bool = True
    value: bool = False


KINDS: Mapping[str, Kind] = {
    "dead_neurons": Kind(("population", "source"), "Neurons that send no spike; of a current source, elements that give none."),
    "lost_spikes": Kind(("population", "source"), "Each spike is lost to everyone with this probability."),
    "threshold_noise": Kind(
        ("population",), "Every neuron's threshold is shifted, by a normal deviate with this standard deviation.", False, True
    ),
    "dead_synapses": Kind(("projection",), "Synapses whose weight is and stays 0."),
    "stuck_synapses": Kind(("projection",), "Synapses whose weight is and stays at a value.", True, True),
}
FRACTION = Param("fraction", 1.0, "", "Share of the neurons, synapses or spikes.", low=0.0, high=1.0)
WORDS = ("kind", "path", "fraction", "value")


def faults(
    given: Sequence[Any], nodes: Mapping[str, Target], projections: Iterable[FlatProjection]
) -> tuple[tuple[Fault, ...], list[Finding]]:
    """The document's `run.faults` with every path resolved, and what is wrong with them. Entries have the attributes WORDS."""
    out: list[Fault] = []
    findings: list[Finding] = []
    projections = tuple(projections)
    for k, one in enumerate(given):
        try:
            out += _made(one, f"run.faults.{k}", nodes, projections)
        except FindingError as wrong:
            findings += [Finding(f.code, "error", f.where or f"run.faults.{k}", f.text, f.fix) for f in wrong.findings]
    return tuple(out), findings


def _made(one: Any, where: str, nodes: Mapping[str, Target], projections: tuple[FlatProjection, ...]) -> Iterator[Fault]:
    kind = KINDS.get(one.kind)
    if kind is None:
        _fail(
            "text.fault",
            f"{where}.kind",
            f"“{one.kind:.60}” is no kind of fault.",
            did_you_mean(one.kind, list(KINDS)) or f"There is {', '.join(KINDS)}.",
        )
    fraction = 1.0
    if one.fraction is not None:
        if not kind.fraction:
            _fail(
                "text.fault",
                f"{where}.fraction",
                f"{one.kind} befalls every neuron.",
                "Leave the fraction out, or choose neurons in the path.",
            )
        fraction = _number(FRACTION, one.fraction, f"{where}.fraction")
    if (one.value is None) == kind.value:
        text, fix = ("needs a value", "Give it.") if kind.value else ("has no value", "Leave it out.")
        _fail("text.fault", f"{where}.value", f"{one.kind} {text}.", fix)
    for target, ids in _found(one.path, f"{where}.path", nodes, projections):
        _fits(one.kind, target, where)
        value = _number(_value(one.kind, target), one.value, f"{where}.value") if kind.value else 0.0
        yield Fault(one.kind, target.key if isinstance(target, FlatProjection) else target.path, fraction, value, ids)


def _fits(name: str, target: Target, where: str) -> None:
    """Raise where this fault cannot befall the target."""
    word = _word(target)
    if word not in KINDS[name].befalls:
        _fail(
            "path.fault",
            f"{where}.path",
            f"{name} befalls {' and '.join(f'{w}s' for w in KINDS[name].befalls)}; “{target.path}” is a {word}.",
        )
    if isinstance(target, FlatSource) and target.model.signal == "analog" and name == "lost_spikes":
        _fail("path.fault", f"{where}.path", f"“{target.path}” gives a current: it has no spikes to lose.", "Use dead_neurons.")
    if isinstance(target, FlatPopulation) and not target.model.threshold.strip():
        _fail("path.fault", f"{where}.path", f"{target.model.title} of “{target.path}” never fires: {name} changes nothing.")
    if name == "threshold_noise" and isinstance(target, FlatPopulation) and threshold(target) is None:
        _fail("path.fault", f"{where}.path", f"{target.model.title} of “{target.path}” has no threshold that could be shifted.")
    if isinstance(target, FlatProjection) and target.kinetics is None:
        _fail("path.fault", f"{where}.path", f"“{target.path}” carries a current and has no synapses.", "Use dead_neurons on its source.")
    if isinstance(target, FlatProjection) and target.crossbar is not None:
        text = f"“{target.path}” lies on a crossbar, which has faults of its own."
        _fail("path.fault", f"{where}.path", text, "Use stuck_low and stuck_high of the crossbar.")


def threshold(population: FlatPopulation) -> Param | None:
    """The parameter that is a neuron's threshold: the first of that role."""
    return next((p for p in population.model.params if p.role == "threshold" and p.kind == "number"), None)


def _value(kind: str, target: Target) -> Param:
    """The value of a fault as a parameter, with its unit."""
    if isinstance(target, FlatProjection):
        return Param("value", 0.0, target.kinetics.model.weight_unit if target.kinetics else "", "Weight of a stuck synapse.")
    own = threshold(target) if isinstance(target, FlatPopulation) else None
    return Param("value", 0.0, own.unit if own else "", "Standard deviation.", low=0.0)


def _word(target: Target) -> str:
    return "projection" if isinstance(target, FlatProjection) else "source" if isinstance(target, FlatSource) else "population"


def _found(
    text: str, where: str, nodes: Mapping[str, Target], projections: tuple[FlatProjection, ...]
) -> list[tuple[Target, np.ndarray | None]]:
    """What a path names: nodes, some of their neurons, projections; a step without a copy names all copies."""
    keyed = [p for p in projections if p.key == text and p.key != p.path]
    if keyed:
        return [(p, None) for p in keyed]
    try:
        steps = parse(text).steps
    except FindingError as wrong:
        raise FindingError([Finding(f.code, "error", where, f.text, f.fix) for f in wrong.findings]) from None
    out: list[tuple[Target, np.ndarray | None]] = [
        (node, _ids(node, steps[-1], where)) for path, node in nodes.items() if _meant(steps, parse(path).steps, last=True)
    ]
    own = {p.path: parse(p.path).steps for p in projections}
    out += [(p, None) for p in projections if _meant(steps, own[p.path], last=False)]
    if not out:
        known = [str(path) for path in (*nodes, *own)]
        _fail("path.unknown", where, f"“{text}” names no population, source or projection.", did_you_mean(text.split("[")[0], known))
    return out


def _meant(wanted: tuple[Step, ...], own: tuple[Step, ...], last: bool) -> bool:
    if len(wanted) != len(own) or (wanted[-1].index and not last):
        return False
    inner = all(
        w.key == o.key and (not w.index or (bool(o.index) and w.takes(int(str(o.index[0])))))
        for w, o in zip(wanted[:-1], own, strict=False)
    )
    return inner and wanted[-1].key == own[-1].key


def _ids(node: Any, step: Step, where: str) -> np.ndarray | None:
    from studio.network.record import neurons

    return neurons(step.index, node.size, node.shape, where) if step.index else None


def _number(param: Param, given: Any, where: str) -> float:
    value, findings = resolve(param, Given(given, where), _no_array, None)
    if findings:
        raise FindingError(findings)
    if not isinstance(value, (int, float)):
        _fail("bounds.shared", where, f"“{param.name}” is one number.", "Give a single number.")
    return float(value)


def _no_array(name: str) -> np.ndarray:
    _fail("text.value", "", f"The array “{name}” cannot stand here.", "Give a single number.")


def _fail(code: str, where: str, text: str, fix: str = "") -> NoReturn:
    raise FindingError([Finding(code, "error", where, text, fix)])
