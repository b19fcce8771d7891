"""Delays that a machine can wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from studio.compile.constraints import Rules
from studio.compile.passes.weights import quantiles
from studio.compile.program import Connection, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Block, Wiring
from studio.findings import Finding
from studio.models.spec import Pairs
from studio.network.flat import Drawn, Value

TAIL = 0.01  # the largest part of drawn delays that may be cut off at the machine's longest


@dataclass(frozen=True)
class ScheduleDelays:
    """Rounds delays to their classes and brings them into the range that the machine has (`Target.delay`, in steps).

    Needs: a program with its step. Guarantees: every delay of a spiking connection lies in the range, and in a class where a `delay_class`
    constraint names some. Each change is a `Loss` of "delay" in ms: "rounded" to a class, "replaced" where it was shorter than the shortest
    (a delay of 0 becomes one step: that layer is one step later), "saturated" where the tail of a distribution is cut off (at most 1 % of it).
    A delay that is too long otherwise is an error (`fit.delay`). `classes` are delays in steps that the machine has (None: all in the range).
    Rules keep their form where one number is the delay.
    """

    classes: tuple[int, ...] | None = None
    name: str = "schedule delays"

    def __call__(self, program: Program, target: Target) -> Program:
        wanted = _wanted(program, target)
        made: list[Connection] = []
        losses: list[Loss] = []
        for c in program.connections:
            if c.kinetics is None:
                continue
            to = self._schedule(c, wanted.get(c.key), target, program.dt)
            low, high = c.wiring.delays()
            if isinstance(to, Finding):
                program = program.say(to)
            elif low != to.one(low) or high != to.one(high) or to.classes:
                changed, lost = scheduled(c, to, program.dt, target)
                made.append(changed)
                losses += lost
        return program.with_connections(made).lose(*losses)

    def _schedule(self, c: Connection, own: tuple[int, ...] | None, target: Target, dt: float) -> Schedule | Finding:
        low, high = target.delay
        classes = self.classes if own is None else own if self.classes is None else tuple(k for k in self.classes if k in own)
        if classes is not None:
            classes = tuple(k for k in classes if low <= k <= high)
            if not classes:
                text = f"No delay of the class of “{c.path}” lies between {low * dt:g} and {high * dt:g} ms, which {target.title} has."
                return Finding("fit.delay", "error", f"{c.path}.delay", text, "Add a delay in that range to the class.")
        to = Schedule(low, high, classes)
        beyond = _beyond(c.wiring, high)
        if beyond > TAIL and classes is None:
            return _too_long(c, target, dt, beyond)
        return to


@dataclass(frozen=True)
class Schedule:
    """A map of delays in steps: to the nearest class, the shorter of two; else to the nearest end of the range."""

    low: int
    high: int
    classes: tuple[int, ...] | None = None

    def __call__(self, block: Block) -> Block:
        return replace(block, delays=self.many(block.delays))

    def many(self, steps: np.ndarray) -> np.ndarray:
        if self.classes is None:
            return np.clip(steps, self.low, self.high).astype(np.int64)
        classes = np.array(sorted(self.classes), np.int64)
        return classes[np.abs(np.asarray(steps)[:, None] - classes).argmin(axis=1)]

    def one(self, steps: int) -> int:
        return int(self.many(np.array([steps]))[0])

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """(shortest, longest) delay after the map, from those before."""
        return self.one(low), self.one(high)


def _wanted(program: Program, target: Target) -> dict[str, tuple[int, ...]]:
    """Connection -> the delays in steps that its constraints leave it."""
    out: dict[str, tuple[int, ...]] = {}
    for one in Rules(program, target).all:
        if one.kind != "delay_class":
            continue
        steps = tuple(sorted({round(d / program.dt) for d in one.delays}))
        for c in program.connections:
            key = c.wiring.drawn.key if c.wiring.drawn is not None else c.key
            if key in one.paths:
                out[c.key] = tuple(k for k in out[c.key] if k in steps) if c.key in out else steps
    return out


def _given(w: Wiring) -> Value:
    form = w.form
    return form.delays if isinstance(form, Pairs) and form.delays is not None else w.delay


def _beyond(w: Wiring, high: int) -> float:
    """The part of the delays that is longer than `high` steps."""
    if isinstance(w.form, Block):
        return float(np.mean(w.form.delays > high)) if len(w.form) else 0.0
    value = _given(w)
    if not isinstance(value, Drawn):
        return float(np.any(np.rint(np.asarray(value, float) / w.dt) > high))
    from studio.engine.laws import law

    return 1.0 - law(value).below((high + 0.5) * w.dt)


def _too_long(c: Connection, target: Target, dt: float, beyond: float) -> Finding:
    low, high = target.delay
    longest = c.wiring.delays()[1]
    share = f", {beyond:.0%} of them longer than that" if isinstance(_given(c.wiring), Drawn) else ""
    text = (
        f"Delays of “{c.path}” go up to {longest * dt:g} ms ({longest:,} steps of {dt:g} ms); "
        f"{target.title} waits {low * dt:g} to {high * dt:g} ms ({low:,} to {high:,} steps){share}."
    )
    return Finding("fit.delay", "error", f"{c.path}.delay", text, f"Set {c.path}.delay to {high * dt:g} ms. Or use a longer step.")


def scheduled(c: Connection, to: Schedule, dt: float, target: Target) -> tuple[Connection, list[Loss]]:
    """The connection with its delays in the schedule, and what that cost."""
    w, value = c.wiring, _given(c.wiring)
    if isinstance(value, float) and not isinstance(w.form, Block):
        steps = round(value / dt)
        new = to.one(steps) * dt
        drawn = None if w.drawn is None else replace(w.drawn, delay=new)
        moved = np.array([(to.one(steps) - steps) * dt])
        return replace(c, wiring=replace(w, delay=new, drawn=drawn)), list(_losses(c, moved, np.array([steps]), to, target, dt))
    steps = _sample(w, value)
    after = to.many(steps)
    return replace(c, wiring=w.mapped(to)), list(_losses(c, (after - steps) * dt, steps, to, target, dt))


def _sample(w: Wiring, value: Value) -> np.ndarray:
    """Delays in steps: all of them where they are given, else points of equal probability."""
    if isinstance(w.form, Block):
        return w.form.delays
    if not isinstance(value, Drawn):
        return np.rint(np.atleast_1d(np.asarray(value, float)).ravel() / w.dt).astype(np.int64)
    return np.maximum(1, np.rint(quantiles(value) / w.dt)).astype(np.int64)


def _losses(c: Connection, moved: np.ndarray, steps: np.ndarray, to: Schedule, target: Target, dt: float) -> Iterator[Loss]:
    total = round(c.wiring.count())
    if not total:
        return
    kinds: Mapping[str, np.ndarray] = {
        "replaced": steps < to.low,
        "saturated": steps > to.high,
        "rounded": (steps >= to.low) & (steps <= to.high),
    }
    texts = {
        "replaced": f"shorter than {to.low} step{'s' * (to.low != 1)} of {dt:g} ms, the shortest of {target.title}: they arrive later",
        "saturated": f"longer than {to.high} steps of {dt:g} ms, the longest of {target.title}: they arrive earlier",
        "rounded": f"not in the class ({', '.join(f'{k * dt:g}' for k in sorted(to.classes or ()))} ms)",
    }
    for kind, where in kinds.items():
        changed = where & (moved != 0.0)
        if changed.any():
            count = max(1, round(total * float(changed.mean())))
            text = f"{count:,} of {total:,} delays are {texts[kind]}."
            yield Loss(c.path, "delay", kind, count, total, float(f"{np.abs(moved[changed]).max():.12g}"), "ms", text)  # type: ignore[arg-type]
