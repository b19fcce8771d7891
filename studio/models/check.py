"""What every model must satisfy, built-in, third party or written into a document: sound names, units, bounds and texts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from studio import units
from studio.findings import Finding, FindingError
from studio.models.dynamics import HELD, LAST, MEMBRANE, SUMMED, WEIGHTS, read_kinetics, read_neuron
from studio.models.language.check import QUALIFIED, RESERVED
from studio.models.language.functions import DRAWS, FUNCTIONS
from studio.models.learning import PROVIDED, read_device, read_plasticity
from studio.models.presets import check_presets
from studio.models.spec import Device, Kinetics, Model, Neuron, Param, Plasticity, Signal, State, Trace

KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
TAKEN = RESERVED | {"t"} | FUNCTIONS.keys() | DRAWS.keys()
MAX_SUBSTEPS = 100
WEIGHT_UNITS = ("mV", "nA", "uS")


def check_model(model: Model, where: str = "") -> tuple[Finding, ...]:
    """Everything wrong with a model; `where` is put before the part that is meant."""
    where = where or model.key
    return (
        *_own(model, where),
        *_names(model, where),
        *(f for p in model.params for f in check_param(p, f"{where}.params.{p.name}")),
        *check_presets(model, where),
        *_texts(model, where),
    )


def _own(model: Model, where: str) -> Iterator[Finding]:
    if not KEY.fullmatch(model.key):
        yield Finding(
            "text.name", "error", where, f"“{model.key:.70}” cannot be a key.", "Use small letters, digits and _, beginning with a letter."
        )
    for part in ("title", "doc"):
        if not getattr(model, part).strip():
            yield Finding("text.empty", "warning", f"{where}.{part}", f"The {part} is empty.", "Write one sentence.")


def _names(model: Model, where: str) -> Iterator[Finding]:
    states: tuple[State, ...] = (*getattr(model, "states", ()), *getattr(model, "source_states", ()))
    fading: tuple[Trace | Signal, ...] = (*getattr(model, "traces", ()), *getattr(model, "signals", ()))
    taken = TAKEN | PROVIDED.get(model.kind, frozenset())
    seen: set[str] = set()
    for name in [*(p.name for p in model.params), *(s.name for s in states), *(t.name for t in fading)]:
        if not NAME.fullmatch(name) or QUALIFIED.match(name):
            yield Finding(
                "text.name",
                "error",
                where,
                f"“{name:.70}” cannot be a name.",
                "Use letters, digits and _, beginning with a letter; r0_, r1_ ... are taken.",
            )
        elif name in taken:
            yield Finding("text.name", "error", where, f"“{name}” has a meaning of its own in the language.", "Choose another name.")
        if name in seen:
            yield Finding("text.name", "error", where, f"“{name}” is declared twice.")
        if name.removeprefix(LAST) != name and name.removeprefix(LAST) in {s.name for s in states}:
            text = f"“{name}” means the state {name.removeprefix(LAST)} at the beginning of the step."
            yield Finding("text.name", "error", where, text, "Choose another name.")
        seen.add(name)
    for state in states:
        yield from _unit(state.unit, f"{where}.states.{state.name}")
    for trace in fading:
        if model.param(trace.tau) is None:
            part = "traces" if isinstance(trace, Trace) else "signals"
            yield Finding("text.name", "error", f"{where}.{part}.{trace.name}", f"Its time constant “{trace.tau}” is not a parameter.")


def _unit(unit: str, where: str) -> tuple[Finding, ...]:
    try:
        units.parse(unit)
    except FindingError as problem:
        return tuple(Finding(f.code, f.severity, where, f.text, f.fix) for f in problem.findings)
    return ()


def check_param(param: Param, where: str) -> Iterator[Finding]:
    """A parameter's unit, bounds and default."""
    yield from _unit(param.unit, where)
    if param.kind == "word":
        if param.default not in param.choices:
            yield Finding(
                "bounds.choice",
                "error",
                where,
                f"The default “{param.default}” is not one of {', '.join(param.choices) or 'its choices (there are none)'}.",
            )
        return
    if param.low is not None and param.high is not None and param.low > param.high:
        yield Finding("bounds.order", "error", where, f"The lowest value {param.low:g} is above the highest {param.high:g}.")
    if param.default is None or param.kind == "array":
        return
    if isinstance(param.default, str) or not math.isfinite(param.default):
        yield Finding("bounds.number", "error", where, f"The default “{param.default}” is not a number.")
    elif not allowed(param, float(param.default)):
        yield Finding("bounds.default", "error", where, f"The default {param.default:g} {param.unit} is outside {interval(param)}.")


def allowed(param: Param, value: float) -> bool:
    """Whether a number lies within the parameter's bounds and is whole where it must be."""
    if math.isnan(value) or (param.integer and value != math.floor(value)):
        return False
    low = param.low is None or value > param.low or (value == param.low and not param.low_open)
    high = param.high is None or value < param.high or (value == param.high and not param.high_open)
    return low and high


def interval(param: Param) -> str:
    """The allowed values in words: `more than 0 ms`, `0 to 1`, `whole, at least 0`."""
    unit = f" {param.unit}" if param.unit else ""
    whole = "whole, " if param.integer else ""
    low = None if param.low is None else f"{'more than' if param.low_open else 'at least'} {param.low:g}"
    high = None if param.high is None else f"{'less than' if param.high_open else 'at most'} {param.high:g}"
    if low and high and not (param.low_open or param.high_open):
        return f"{whole}{param.low:g} to {param.high:g}{unit}"
    return whole + (f"{low} and {high}{unit}" if low and high else f"{low or high}{unit}" if low or high else "any number")


def _texts(model: Model, where: str) -> tuple[Finding, ...]:
    if isinstance(model, Neuron):
        return (*_neuron_parts(model, where), *read_neuron(model, where)[1])
    if isinstance(model, Kinetics):
        return (*_kinetics_parts(model, where), *read_kinetics(model, where)[1])
    if isinstance(model, Plasticity):
        return (*_plasticity_parts(model, where), *read_plasticity(model, where)[1])
    return read_device(model, where)[1] if isinstance(model, Device) else ()


def _neuron_parts(model: Neuron, where: str) -> Iterator[Finding]:
    states = {s.name for s in model.states}
    if bool(model.equations.strip()) == bool(model.step.strip()):
        yield Finding("text.form", "error", where, "A neuron has either equations or a step.", "Write one of the two.")
    if (model.method == "step") != bool(model.step.strip()):
        yield Finding(
            "text.form",
            "error",
            f"{where}.method",
            f"The method “{model.method}” does not fit.",
            "It is step for a step, and exact, rk4 or adaptive for equations.",
        )
    if model.methods and model.method not in model.methods:
        yield Finding("text.form", "error", f"{where}.methods", f"“{model.method}” is not among the methods offered.")
    if model.reset.strip() and not model.threshold.strip():
        yield Finding("text.form", "warning", f"{where}.reset", "There is a reset but no threshold: it never happens.")
    refractory = model.param(model.refractory) if model.refractory else None
    if model.refractory and (refractory is None or units.parse(refractory.unit).dimension != units.parse("ms").dimension):
        yield Finding("text.name", "error", f"{where}.refractory", f"“{model.refractory}” is not a parameter in ms.")
    if not 1 <= model.substeps <= MAX_SUBSTEPS:
        yield Finding(
            "bounds.high", "error", f"{where}.substeps", f"{model.substeps} sub-steps are not offered; allowed is 1 to {MAX_SUBSTEPS}."
        )
    for name in (*model.clamped, *([model.saved] if model.saved else [])):
        if name not in states:
            yield Finding("text.name", "error", f"{where}.{'clamped' if name in model.clamped else 'saved'}", f"“{name}” is not a state.")
    if model.saved and not (model.refractory and MEMBRANE in model.clamped):
        yield Finding("text.form", "error", f"{where}.saved", "Nothing is saved where v is not clamped while refractory.")
    if model.closing.strip() and (HELD in states or model.param(HELD)):
        yield Finding("text.name", "error", where, f"“{HELD}” has a meaning of its own in `closing`.", "Choose another name.")
    if model.whole and not model.step.strip():
        yield Finding("text.form", "error", f"{where}.whole", "Only a step counts in whole numbers.", "Write a step, or leave `whole` out.")


def _kinetics_parts(model: Kinetics, where: str) -> Iterator[Finding]:
    states = {s.name for s in model.states}
    if model.coupled:
        yield from _coupled_parts(model, where)
    elif not model.jump.strip():
        yield Finding("text.form", "error", f"{where}.jump", "A kinetics needs a jump: what a spike of weight w does.")
    for name in model.transient:
        if name not in states:
            yield Finding("text.name", "error", f"{where}.transient", f"“{name}” is not a state.")
    if model.weight_unit not in WEIGHT_UNITS:
        yield Finding(
            "unit.weight",
            "error",
            f"{where}.weight_unit",
            f"A weight is not given in “{model.weight_unit:.40}”.",
            f"Use {', '.join(WEIGHT_UNITS)}.",
        )


def _coupled_parts(model: Kinetics, where: str) -> Iterator[Finding]:
    if not NAME.fullmatch(model.coupled):
        yield Finding("text.name", "error", f"{where}.coupled", f"“{model.coupled:.70}” cannot be the name of a source's state.")
    if model.jump.strip():
        text = "A coupled kinetics has no jump: no spikes arrive."
        yield Finding("text.form", "error", f"{where}.jump", text, f"Use {SUMMED} in `current` or `equations`.")
    for name in {SUMMED, WEIGHTS} & {*(p.name for p in model.params), *(s.name for s in model.states)}:
        yield Finding("text.name", "error", where, f"“{name}” has a meaning of its own in a coupled kinetics.", "Choose another name.")


def _plasticity_parts(model: Plasticity, where: str) -> Iterator[Finding]:
    if model.every.strip() and model.param(model.interval) is None:
        fix = "Name the parameter that says how often `every` runs."
        yield Finding("text.name", "error", f"{where}.interval", f"“{model.interval}” is not a parameter.", fix)
    if model.source_states and not model.at_source.strip():
        text = "The source states never change: there is no `at_source`."
        yield Finding("text.form", "warning", f"{where}.source_states", text, "Write what a spike of the source does to them.")
