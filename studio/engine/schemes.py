"""Runge-Kutta schemes as text: the classical one in equal steps, and an embedded pair that chooses its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.engine.kernels import Writer

# Dormand and Prince (1980), doi:10.1016/0771-050X(80)90013-3: a fifth-order step with a fourth-order estimate of its error
A: tuple[tuple[float, ...], ...] = (
    (),
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
E = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
MOST_STEPS = 20_000  # sub-steps in one step; beyond them the state becomes NaN, which ends the run with an error


def tolerance(unit: str) -> float:
    """The absolute error allowed in one sub-step: 1e-9 mV, and 1e-12 nA or uS."""
    return 1e-9 if unit == "mV" else 1e-12


def _slopes(w: Writer, mark: str, at: Mapping[str, str]) -> Iterator[str]:
    """Lines `{mark}_state = derivative` at the point `at`; a refractory neuron's clamped states have slope 0."""
    clamped = {s.name for s in w.system.states if s.clamped} if w.system.refractory else set()
    for s, tree in w.system.derivatives.items():
        value = w.expr(tree, at)
        yield f"{mark}_{s} = (F(0.0) if still else {value})" if s in clamped else f"{mark}_{s} = {value}"


def runge_kutta(w: Writer) -> Iterator[str]:
    """The classical fourth-order scheme, `substeps` times, unrolled."""
    states = w.system.flowing
    h = w.number("dt_sub")
    for _ in range(w.system.substeps):
        yield from _slopes(w, "k1", {})
        for stage, part in (("k2", "F(0.5)"), ("k3", "F(0.5)"), ("k4", "F(1.0)")):
            before = f"k{int(stage[1]) - 1}"
            for s in states:
                yield f"y_{s} = s_{s} + ({part} * {h}) * {before}_{s}"
            yield from _slopes(w, stage, {s: f"y_{s}" for s in states})
        for s in states:
            yield f"s_{s} = s_{s} + ({h} / F(6.0)) * (k1_{s} + F(2.0) * k2_{s} + F(2.0) * k3_{s} + k4_{s})"


def adaptive(w: Writer, refractory_steps: str) -> Iterator[str]:
    """Dormand-Prince sub-steps within tolerances, in double; threshold and reset act after every accepted sub-step."""
    states = w.system.flowing
    dt = w.number("dt")
    if w.system.refractory:
        yield "was = still"
    yield "left, h, tries = " + f"{dt}, {dt}, 0"
    yield "while left > 0.0:"
    for stage in range(7):
        at = {}
        if stage:
            for s in states:
                terms = " + ".join(f"{a!r} * k{j + 1}_{s}" for j, a in enumerate(A[stage]) if a)
                yield f"    y_{s} = s_{s} + h * ({terms})"
            at = {s: f"y_{s}" for s in states}
        yield from (f"    {line}" for line in _slopes(w, f"k{stage + 1}", at))
    yield "    worst = 0.0"
    for s in states:
        terms = " + ".join(f"{e!r} * k{j + 1}_{s}" for j, e in enumerate(E) if e)
        yield f"    worst = max_(worst, abs_(h * ({terms})) / {tolerance(w.system.state(s).unit)!r})"
    yield "    tries += 1"
    yield f"    if not (worst > 1.0) or tries > {MOST_STEPS}:"
    yield "        left = left - h"
    for s in states:
        yield f"        s_{s} = y_{s}"
    yield f"    if tries > {MOST_STEPS}:"
    for s in states:
        yield f"        s_{s} = math.nan"
    yield "        break"
    yield "    if not (worst > 1.0):"
    yield from (f"        {line}" for line in _fire(w, refractory_steps))
    yield "    h = min_(h * min_(5.0, max_(0.2, 0.9 * math.pow(max_(worst, 1e-10), -0.2))), left)"


def _unarrived(w: Writer) -> dict[str, str]:
    """Receptors' states as they were before the spikes of this step arrived: what the rest of the step still sees."""
    jumped = {s for block in w.system.jumps for s in block.targets}
    return {s.name: f"p_{s.name}" for s in w.system.states if s.owner >= 0 and s.name in jumped} if w.system.overwritten else {}


def keep(w: Writer) -> Iterator[str]:
    """Before the arrivals: those states, where a crossing will ask for them."""
    yield from (f"{kept} = s_{name}" for name, kept in _unarrived(w).items())


def rest(w: Writer) -> Iterator[str]:
    """What is left of the step after the crossing, where the system says when that was, and slopes as they are before the reset."""
    if w.system.overwritten and w.system.crossing is not None:
        dt, old = w.number("dt"), _unarrived(w)
        yield f"rest = {dt} - min_(max_({w.expr(w.system.crossing, old)}, F(0.0)), {dt})"
        yield from (f"k2_{s} = {w.expr(w.system.derivatives[s], old)}" for s in w.system.bent)


def resume(w: Writer, refractory_steps: str) -> Iterator[str]:
    """After the reset: for the rest of the step what it has overwritten flows on, unless it is held now, and the others as it bends them."""
    held = {s.name for s in w.system.states if s.clamped} if w.system.refractory else set()
    for s in (*w.system.overwritten, *w.system.bent):
        yield f"k1_{s} = {w.expr(w.system.derivatives[s], _unarrived(w))}"
    for s in w.system.overwritten:
        free = f"now & ({w.number(refractory_steps)} == np.int32(0))" if s in held else "now"
        yield f"s_{s} = s_{s} + rest * k1_{s} if {free} else s_{s}"
    for s in w.system.bent:
        yield f"s_{s} = s_{s} + rest * (k1_{s} - k2_{s}) if now else s_{s}"


def _fire(w: Writer, refractory_steps: str) -> Iterator[str]:
    system = w.system
    if not system.within:
        yield "pass"
        return
    assert system.threshold is not None
    yield f"now = ({w.expr(system.threshold)}){' & (not still)' if system.refractory else ''}"
    yield from w.block(system.reset, lambda state, value: f"{value} if now else s_{state}")
    yield "hit = hit | now"
    if system.refractory:
        yield f"r = {w.number(refractory_steps)} if now else r"
        yield "still = r > np.int32(0)"
