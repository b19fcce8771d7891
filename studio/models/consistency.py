"""Are a model's equations consistent in their units? Warnings, not errors: a model of plain numbers may run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio import units
from studio.findings import Finding
from studio.models.dynamics import HELD, LAST, SUMMED, WEIGHTS, read_kinetics, read_neuron
from studio.models.language.dimension import PLAIN, TIME, Dimension, block, dimension, product, same
from studio.models.language.tokens import Refused
from studio.models.language.tree import Block, Expr, Position
from studio.models.learning import read_device, read_plasticity
from studio.models.spec import Device, Kinetics, Model, Neuron, Plasticity

CURRENT: Dimension = (("current", 1),)
VOLTAGE: Dimension = (("voltage", 1),)
WEIGHT: Dimension = (("weight", 1),)
Units = dict[str, "Dimension | None"]


def check_units(model: Model, where: str = "") -> tuple[Finding, ...]:
    """Where a model's texts join different units, and which of its units do not fit the language's (ms, mV, nA, MOhm, nF, uS)."""
    where = where or model.key
    known, out = _declared(model, where)
    parts = _PARTS.get(model.kind)
    for part, check in parts(model, known) if parts else ():
        try:
            check()
        except Refused as refused:
            out.append(
                Finding(
                    "unit.equation",
                    "warning",
                    f"{where}.{part}",
                    f"{str(refused.at).capitalize()}: {refused.text}",
                    "Mend the equation, or the unit of what it uses.",
                )
            )
    return tuple(out)


def _declared(model: Model, where: str) -> tuple[Units, list[Finding]]:
    """What parameters and states measure; a value enters the texts in its own unit, so that unit must be a coherent one."""
    known: Units = {}
    out: list[Finding] = []
    for row in (*model.params, *getattr(model, "states", ()), *getattr(model, "source_states", ())):
        unit = units.parse(row.unit)
        known[row.name] = WEIGHT if row.role.startswith("weight") else unit.dimension
        if not _counted(model, unit):
            time = "s" if model.kind == "device" else "ms"
            text = f"“{row.name}” is in {row.unit}, but the texts count in {time}, mV, nA, MOhm, nF, uS and plain numbers."
            out.append(
                Finding("unit.scale", "warning", f"{where}.{row.name}", text, "Declare it in one of these, or in a product of them.")
            )
    return known, out


def _counted(model: Model, unit: Any) -> bool:
    """Whether texts of this kind count in a unit: in those of the language, devices in s instead of ms."""
    if model.kind == "device" and unit.dimension == TIME:
        return bool(unit.scale == units.parse("s").scale)
    return bool(unit.scale == 1.0) or model.kind not in _PARTS


Parts = list[tuple[str, Callable[[], Any]]]


def _neuron(model: Neuron, known: Units) -> Parts:
    form, _ = read_neuron(model)
    everywhere = block(form.derived, known | {"dt": TIME}) | {"i": PLAIN if model.whole else CURRENT}
    everywhere |= {LAST + s.name: known[s.name] for s in model.states}
    out: Parts = [(f"states.{s}.start", lambda s=s, e=e: _fits(s, e, known)) for s, e in form.starts.items()]
    out += _rates(form.derivatives, everywhere)
    out += [("step", lambda: block(form.step or Block(), everywhere)), ("reset", lambda: block(form.reset, everywhere))]
    out.append(("closing", lambda: block(form.closing, everywhere | {HELD: PLAIN})))
    if form.crossing is not None:
        crossing = form.crossing
        out.append(("crossing", lambda: same(TIME, dimension(crossing, everywhere), Position(), "a crossing is in ms:")))
    if form.threshold is not None:
        threshold = form.threshold
        out.append(("threshold", lambda: dimension(threshold, everywhere)))
    if form.emits is not None:
        emits = form.emits
        out.append(("emits", lambda: dimension(emits, everywhere)))
    return out


def _kinetics(model: Kinetics, known: Units) -> Parts:
    form, _ = read_kinetics(model)
    weight = units.parse(model.weight_unit).dimension
    everywhere = {"v": VOLTAGE} | block(form.derived, known | {"dt": TIME})
    if model.coupled:
        everywhere |= {WEIGHTS: weight, SUMMED: product(weight, VOLTAGE) if model.coupled == "v" else None}
    out: Parts = [(f"states.{s}.start", lambda s=s, e=e: _fits(s, e, known)) for s, e in form.starts.items()]
    out += _rates(form.derivatives, everywhere)
    out.append(("jump", lambda: block(form.jump, everywhere | {"w": weight})))
    if form.current is not None:
        current = form.current
        out.append(("current", lambda: same(CURRENT, dimension(current, everywhere), Position(), "a current is in nA:")))
    return out


def _plasticity(model: Plasticity, known: Units) -> Parts:
    form, _ = read_plasticity(model)
    stored = known | {"w": WEIGHT, "dt": TIME}
    hooks = stored | {t.name: PLAIN for t in model.traces}
    timed = hooks | {s.name: PLAIN for s in model.signals}
    out: Parts = [
        (f"states.{s}.start", lambda s=s, e=e: _fits(s, e, stored)) for s, e in (*form.starts.items(), *form.source_starts.items())
    ]
    out += [("at_source", lambda: block(form.at_source, known | {"gap": TIME, "first": PLAIN, "dt": TIME}))]
    out += [("on_pre", lambda: block(form.on_pre, hooks)), ("on_post", lambda: block(form.on_post, hooks))]
    out.append(("every", lambda: block(form.every, timed)))
    return [*out, *_weight("transmit", form.transmit, stored)]


def _device(model: Device, known: Units) -> Parts:
    form, _ = read_device(model)
    stored = known | {"w": WEIGHT}
    timed = stored | {"age": TIME, "dt": TIME}
    out: Parts = [(f"states.{s}.start", lambda s=s, e=e: _fits(s, e, stored)) for s, e in form.starts.items()]
    out += [("program", lambda: block(form.program, stored)), ("write", lambda: block(form.write, timed | {"dw": WEIGHT}))]
    return [*out, *_weight("read", form.read, timed)]


def _weight(part: str, value: Expr | None, known: Units) -> Parts:
    """What arrives at a target is a weight."""
    if value is None:
        return []
    return [(part, lambda: same(WEIGHT, dimension(value, known), Position(), f"what arrives by `{part}` is in the weight's unit:"))]


def _rates(derivatives: Any, known: Units) -> Parts:
    return [
        ("equations", lambda s=s, e=e: same(product(known[s], TIME, -1), dimension(e, known), e.at, f"d{s}/dt and its value are"))
        for s, e in derivatives.items()
    ]


def _fits(state: str, start: Expr, known: Units) -> None:
    same(known[state], dimension(start, known), start.at, f"“{state}” and its start are")


_PARTS: dict[str, Callable[[Any, Units], Parts]] = {"neuron": _neuron, "kinetics": _kinetics, "plasticity": _plasticity, "device": _device}
