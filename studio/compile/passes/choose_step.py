"""How long one step is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from studio.compile.program import Connection, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Block, Wiring
from studio.findings import Finding
from studio.models.spec import Pairs
from studio.network.flat import Chosen, Drawn, Value

GRID = 1e-6  # steps: times nearer than that to a whole number of them are that number


@dataclass(frozen=True)
class ChooseStep:
    """Sets `Program.dt` and `steps`: `dt` [ms] where it is given, else the machine's fixed step, else the document's.

    Needs: a lowered program; synapses by rules, or lists whose delays are whole numbers of the new step. Guarantees: every wiring counts its
    delays in steps of the new length. Says what rounding to them loses (`Loss` of "delay" and of times such as a refractory time, in ms), and
    which time constants are shorter than a step (`fit.step`, warnings). A step that the machine does not have is an error (`fit.step`).
    """

    dt: float | None = None
    name: str = "choose step"

    def __call__(self, program: Program, target: Target) -> Program:
        dt = program.dt if self.dt is None else float(self.dt)
        if not np.isfinite(dt) or dt <= 0.0:
            return program.say(Finding("fit.step", "error", "run.dt", f"A step of {dt:g} ms is no time.", "Give a step of more than 0 ms."))
        if target.dt is not None and abs(dt - target.dt) > GRID * target.dt:
            text = f"{target.title} has a step of {target.dt:g} ms; {dt:g} ms is asked for."
            return program.say(Finding("fit.step", "error", "run.dt", text, f"Leave the step out, or set it to {target.dt:g} ms."))
        before = program.flat.run.dt if program.flat is not None else program.dt
        duration = program.flat.run.duration if program.flat is not None else program.steps * program.dt
        made, wrong = [], []
        for c in program.connections:
            wiring = _timed(c.wiring, dt)
            made.append(c if wiring is None else replace(c, wiring=wiring))
            wrong += [_off(c, dt)] if wiring is None else []
        program = replace(program.with_connections(made), dt=dt, steps=max(1, round(duration / dt)))
        if abs(dt - before) <= GRID * before:
            return program.say(*wrong)
        text = f"One step is {dt:g} ms; the document's is {before:g} ms."
        said = Finding("fit.step", "info", "run.dt", text, f"Set run.dt to {dt:g} ms. Then the simulation has the same steps.")
        losses = [*_delays(program, before), *_times(program, before)]
        return program.say(said, *wrong, *_short(program)).lose(*losses)


def _timed(w: Wiring, dt: float) -> Wiring | None:
    """The wiring with steps of `dt`; None where listed delays are no whole numbers of them."""
    if not isinstance(w.form, Block) or w.dt == dt:
        return replace(w, dt=dt)
    steps = w.form.delays * (w.dt / dt)
    if np.abs(steps - np.rint(steps)).max(initial=0.0) > GRID:
        return None
    return replace(w, dt=dt, form=replace(w.form, delays=np.rint(steps).astype(np.int64)))


def _off(c: Connection, dt: float) -> Finding:
    text = f"Listed delays of “{c.path}” are no whole numbers of steps of {dt:g} ms."
    return Finding("fit.step", "error", f"{c.path}.delay", text, "Choose the step before synapses are listed.")


def moved(value: Value, dt: float, before: float) -> tuple[float, float]:
    """(share of values that change, furthest in ms) when times on the grid of `before` are rounded to that of `dt`."""
    if isinstance(value, Drawn):
        ratio = dt / before
        if abs(ratio - 1.0) < GRID:
            return 0.0, 0.0
        if abs(ratio - round(ratio)) < GRID and round(ratio) >= 1:
            return 1.0 - 1.0 / round(ratio), dt / 2.0
        return 1.0, dt / 2.0
    old = np.rint(np.atleast_1d(np.asarray(value, float)) / before) * before
    new = np.rint(old / dt) * dt
    apart = np.abs(new - old)
    return float(np.mean(apart > GRID * before)), float(f"{apart.max(initial=0.0):.12g}")


def _delays(program: Program, before: float) -> Iterator[Loss]:
    for c in program.connections:
        if c.kinetics is None or isinstance(c.wiring.form, Block):
            continue
        form = c.wiring.form
        share, worst = moved(form.delays if isinstance(form, Pairs) and form.delays is not None else c.wiring.delay, program.dt, before)
        total = round(c.wiring.count())
        if total and worst > GRID * before:
            text = f"Delays in steps of {program.dt:g} ms: {share:.0%} of them change, by up to {worst:.3g} ms."
            yield Loss(c.path, "delay", "rounded", max(1, round(share * total)), total, worst, "ms", text)


def _times(program: Program, before: float) -> Iterator[Loss]:
    """Refractory times."""
    for layer in program.layers:
        for param in layer.neuron.model.params:
            value = layer.neuron.params.get(param.name)
            if param.role == "refractory" and param.unit == "ms" and value is not None:
                share, worst = moved(value, program.dt, before)
                if worst > GRID * before:
                    text = f"{param.name} in steps of {program.dt:g} ms moves by up to {worst:.3g} ms."
                    yield Loss(layer.path, param.name, "rounded", round(share * layer.size), layer.size, worst, "ms", text)


def _short(program: Program) -> Iterator[Finding]:
    """Time constants shorter than a step: the machine's neuron is then another."""
    chosen = [(layer.path, layer.neuron) for layer in program.layers]
    chosen += [(f"{c.path}.kinetics", c.kinetics) for c in program.connections if c.kinetics is not None]
    for where, one in dict.fromkeys((w, _Same(c)) for w, c in chosen):
        for param in one.chosen.model.params:
            value = one.chosen.params.get(param.name)
            if param.role != "time_constant" or param.unit != "ms" or isinstance(value, Drawn) or value is None:
                continue
            least = float(np.min(np.asarray(value, float)))
            if 0.0 < least < program.dt:
                text = f"{param.name} = {least:g} ms is shorter than a step of {program.dt:g} ms."
                yield Finding(
                    "fit.step",
                    "warning",
                    f"{where}.{param.name}",
                    text,
                    f"Use a shorter step, or {param.name} of {program.dt:g} ms or more.",
                )


@dataclass(frozen=True, eq=False)
class _Same:
    """A choice compared by what it is, so that it can be kept in a set."""

    chosen: Chosen

    def __hash__(self) -> int:
        return id(self.chosen)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.chosen is other.chosen
