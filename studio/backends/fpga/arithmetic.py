"""Every layer as fixed-point arithmetic: whole-number weights, formats of states, and what rounding costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.backends.fpga.reach import goes, reach
from studio.compile.passes.quantise import errors, losses
from studio.compile.passes.weights import sampled
from studio.compile.program import Connection, Layer, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Quantised
from studio.findings import Finding, FindingError
from studio.models.catalogue import builtin

if TYPE_CHECKING:
    from studio.backends.fpga.formats import Joined, Precision
    from studio.backends.fpga.shape import Datapath


@dataclass(frozen=True)
class ChoosePrecision:
    """Keeps the bits and the headroom that the options ask for in the program's settings. Needs nothing; changes nothing else."""

    options: Mapping[str, Any]
    name: str = "precision"

    def __call__(self, program: Program, target: Target) -> Program:
        bits = {name: int(self.options[name]) for name in ("word", "coefficient", "weight")}
        return program.choose(fpga={**bits, "headroom": float(self.options["headroom"])})


@dataclass(frozen=True)
class NoWaitWithin:
    """Refuses delays of 0 steps between layers (`fit.delay`): all neurons of a step are computed before any of its spikes is handed round.

    Needs: the program's step. Guarantees: spikes of layers wait a step or more; those of inputs may act in the step in which they are given.
    """

    name: str = "delays of layers"

    def __call__(self, program: Program, target: Target) -> Program:
        return program.say(*(self._too_soon(c, program.dt) for c in program.connections if self._within(program, c)))

    def _within(self, program: Program, c: Connection) -> bool:
        return c.kinetics is not None and isinstance(program.node(c.source), Layer) and c.wiring.delays()[0] < 1

    def _too_soon(self, c: Connection, dt: float) -> Finding:
        text = f"A spike of “{c.source}” would have to act in the step in which it is emitted (a delay of 0); the shortest delay between populations is {dt:g} ms."
        return Finding("fit.delay", "error", f"{c.path}.delay", text, f"Set {c.path}.delay to {dt:g} ms.")


@dataclass(frozen=True)
class RenderArithmetic:
    """Turns every layer into arithmetic on integers, and weights into whole numbers.

    Needs: models that `reach` takes, the program's step. Guarantees: every spiking connection is quantised with a scale of 2**-f, the same for all
    at one receptor; `settings["arithmetic"]` has what a core of each layer is made of. Says what is lost: weights, the steps of states, constants.
    A layer that is no arithmetic here is an error (`fit.model`), with what would help.
    """

    name: str = "arithmetic"

    def __call__(self, program: Program, target: Target) -> Program:
        from studio.backends.fpga.datapath import datapath
        from studio.backends.fpga.formats import formats, joined, precision
        from studio.backends.fpga.wire import UnfitError

        made: dict[str, dict[str, Any]] = {}
        said: list[Loss] = []
        for layer in program.layers:
            try:
                of = joined(program, layer)
                chosen = formats(program, layer, of)
                path = datapath(of.system, of.numbers, chosen)
            except UnfitError as problem:
                program = program.say(_refused(program, layer, str(problem)))
                continue
            except FindingError as problem:
                program = program.say(*(_refused(program, layer, f.text.removesuffix(".")) for f in problem.findings))
                continue
            program = program.with_connections(quantised(program, of, precision(program)))
            made[layer.key] = summary(program, layer, path)
            said += _losses(layer, path)
        done = [c for c in program.connections if c.kinetics is not None]
        return program.choose(arithmetic=made).say(*_crossbars(program)).lose(*losses(done), *said)


def _crossbars(program: Program) -> Iterator[Finding]:
    """Projections whose weights lie on a crossbar in the document: here they are as they were meant."""
    for c in program.connections:
        if c.crossbar is not None:
            text = "In the document these weights lie on a crossbar; here they are whole numbers in a memory, without its losses."
            yield Finding("lossy.crossbar", "info", c.path, text)


def quantised(program: Program, of: Joined, p: Precision) -> Iterator[Connection]:
    """The connections of a layer with whole numbers for weights."""
    from studio.backends.fpga.formats import weight_fraction

    for group in of.connections:
        fraction = weight_fraction(group, p.weight)
        low, high = -(2 ** (p.weight - 1)), 2 ** (p.weight - 1) - 1
        for c in group:
            q = Quantised(p.weight, low, high, 2.0**-fraction, -fraction)
            yield replace(c, wiring=replace(c.wiring, quantised=replace(q, **errors(q, c, sampled(c)))))


def summary(program: Program, layer: Layer, path: Datapath) -> dict[str, Any]:
    """What `usage` must know of a layer's cores: bits of a neuron's words, factors of its multiplications, simple operations."""
    from studio.backends.fpga.cost import simple_bits

    return {
        "state_bits": sum(r.bits for r in path.registers),
        "arrival_bits": sum(a.bits for a in path.arrivals),
        "own_bits": sum(c.bits for c in path.own_constants),
        "current_bits": path.current.bits if path.current is not None else 0,
        "factors": sorted([max(p), min(p)] for p in path.multipliers),
        "operation_bits": simple_bits(path),
        "latency": path.latency,
        "formats": {r.name: f"{r.bits} bits, {r.fraction} behind the point" for r in path.registers},
    }


def _losses(layer: Layer, path: Datapath) -> Iterator[Loss]:
    for r in path.registers:
        if r.fraction and r.signed:
            step = 2.0**-r.fraction
            text = f"{r.name} in steps of {step:.3g} {r.unit}".rstrip() + f" ({r.bits} bits), up to {2.0 ** (r.bits - 1 - r.fraction):.6g}."
            yield Loss(layer.path, r.name, "rounded", layer.size, layer.size, step / 2.0, r.unit, text)
    rounded = [c for c in path.constants.values() if c.error > 0.0]
    if rounded:
        worst = max(rounded, key=lambda c: c.error * 2.0**c.fraction / max(1, _largest(c.values)))
        share = worst.error * 2.0**worst.fraction / max(1, _largest(worst.values))
        text = f"{len(rounded)} of {len(path.constants)} constants of a step are rounded, {worst.text} most: by {share:.2g} of itself."
        yield Loss(layer.path, "constants", "rounded", len(rounded), len(path.constants), share, "", text)


def _largest(values: Any) -> int:
    import numpy as np

    return int(np.max(np.abs(values), initial=0))


def _refused(program: Program, layer: Layer, why: str) -> Finding:
    model, where = layer.neuron.model, f"{layer.path}.model"
    text = f"{model.title} of “{layer.path}” does not go into fixed point as it is here: {why}."
    if "adaptive" in why:
        return Finding("fit.model", "error", where, text, "Set run.method to rk4.")
    others = _others(program, layer)
    if not others:
        return Finding("fit.model", "error", where, text, "No neuron of the catalogue takes these receptors here: choose other kinetics.")
    return Finding("fit.model", "error", where, text, f"Set {where} to {others[0]}. It takes {', '.join(others)}.")


def _others(program: Program, layer: Layer) -> Sequence[str]:
    """Neurons that go with the kinetics that the layer has, those of its family first."""
    kinetics = {c.kinetics.model.key: c.kinetics.model for c in program.into(layer.key) if c.kinetics is not None}
    mine = layer.neuron.model
    taken = [m for m in builtin().all("neuron") if m.key != mine.key and reach(m) is not None]
    found = [m for m in taken if all(goes(m, k) for k in kinetics.values())]
    return [m.key for m in sorted(found, key=lambda m: m.family != mine.family)][:6]
