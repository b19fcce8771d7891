"""Weights as whole numbers of few bits, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from studio.compile.passes.weights import Sample, per_target, sampled
from studio.compile.program import Connection, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Quantised, Rounding
from studio.findings import Finding
from studio.network.flat import Chosen

Together = Literal["connection", "receptor", "layer"]
Scale = float | np.ndarray
HALF = 0.5  # steps: the most that rounding to the nearest whole number moves a weight


@dataclass(frozen=True)
class Quantise:
    """Gives every spiking connection whole numbers for weights (`Connection.quantised`), and says what was lost (`Loss`, in the weight's unit).

    Needs: real weights, a rule or a list. Guarantees: numbers in [low, high] with weight = scale * number; nothing is listed: errors are
    counted from the given numbers or from the distribution (then they are expected values). Connections that are quantised already stay.

    `bits`: sign included; `signed` False: magnitudes, for machines that are told the sign once for a connection: an inhibitory one has a
    negative scale, and one with weights of both signs is refused (`fit.weights`).
    `channels` "target": one scale for each target neuron, as far as the weights are given one by one. `together`: which connections share
    a scale: each its own, those of one receptor (equal kinetics onto one layer), or all onto a layer. With `exponents` (low, high) scales that
    are shared differ by powers of two in that range, so that weak connections keep their bits. `step`: numbers are multiples of it.
    `rounding` "stochastic" is seeded by the document's seed and the connection's place.
    """

    bits: int = 8
    signed: bool = True
    channels: Literal["connection", "target"] = "connection"
    together: Together = "connection"
    exponents: tuple[int, int] = (0, 0)
    rounding: Rounding = "nearest"
    step: int = 1
    name: str = "quantise"

    def __post_init__(self) -> None:
        if self.range[1] < self.step or self.step < 1:
            raise ValueError(f"{self.bits} bits have no number above 0 in steps of {self.step}")

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and the highest number."""
        return (-(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1) if self.signed else (0, 2**self.bits - 1)

    def __call__(self, program: Program, target: Target) -> Program:
        if mixed := () if self.signed else tuple(self._mixed(program, target)):
            return program.say(*mixed)
        made: list[Connection] = []
        losses: list[Loss] = []
        places = {c.key: k for k, c in enumerate(program.connections)}
        for group in self._groups(program):
            samples = [sampled(c) for c in group]
            shared = max((float(np.max(self.smallest(c, s))) for c, s in zip(group, samples, strict=True)), default=0.0)
            for c, sample in zip(group, samples, strict=True):
                q = self._quantised(c, sample, shared, len(group) > 1, program.seed + places[c.key])
                made.append(replace(c, wiring=replace(c.wiring, quantised=q)))
                losses += said(made[-1], sample)
        order = {c.key: c for c in made}
        return program.with_connections(order.values()).lose(*sorted(losses, key=lambda x: x.path))

    def _mixed(self, program: Program, target: Target) -> Iterator[Finding]:
        for c in program.connections:
            low, high = c.wiring.weights() if c.kinetics is not None and c.quantised is None else (0.0, 0.0)
            if low < 0.0 < high:
                text = f"Weights of “{c.path}” have both signs, from {low:.6g} to {high:.6g}; {target.title} has one sign for a projection."
                yield Finding(
                    "fit.weights", "error", f"{c.path}.weight", text, "Give excitatory and inhibitory synapses a projection each."
                )

    def _groups(self, program: Program) -> Iterator[list[Connection]]:
        groups: dict[object, list[Connection]] = {}
        for c in program.connections:
            if c.kinetics is not None and c.quantised is None:
                groups.setdefault(self._group(c), []).append(c)
        yield from groups.values()

    def _group(self, c: Connection) -> object:
        if self.together == "connection":
            return c.key
        return c.target if self.together == "layer" else (c.target, receptor(c.kinetics))

    def smallest(self, c: Connection, sample: Sample) -> Scale:
        """The smallest scale at which no weight saturates: one number, or one per target."""
        ends = per_target(c) if self.channels == "target" else None
        least, most = (sample.low, sample.high) if ends is None else ends
        low, high = self._ends()
        scale = np.maximum(_needed(least, low or -high), _needed(most, high))
        return float(scale) if ends is None else scale

    def _ends(self) -> tuple[int, int]:
        """The range, as far as numbers are multiples of the step."""
        low, high = self.range
        return -(-low // self.step) * self.step if low else 0, high // self.step * self.step

    def _quantised(self, c: Connection, sample: Sample, shared: float, several: bool, seed: int) -> Quantised:
        own, exponent = self.smallest(c, sample), 0
        scale: Scale = own
        if several:
            scale, exponent = self._shared(float(np.max(own)), shared)
        scale = np.where(scale > 0.0, scale, 1.0) if isinstance(scale, np.ndarray) else scale or 1.0
        if not self.signed and sample.low < 0.0:
            scale = -scale  # magnitudes: the machine is told the sign once
        low, high = self.range
        q = Quantised(self.bits, low, high, scale, exponent, self.rounding, seed, self.step)
        return replace(q, **errors(q, c, sample))

    def _shared(self, own: float, shared: float) -> tuple[float, int]:
        """(scale, exponent) of a connection whose own scale would be `own`, where the coarsest of its group needs `shared`."""
        lowest, highest = self.exponents
        base = shared / 2.0**highest if shared else 1.0
        if not own:
            return base * 2.0**lowest, lowest
        exponent = int(np.clip(np.ceil(np.log2(own / base) - 1e-12), lowest, highest))
        return base * 2.0**exponent, exponent


def receptor(kinetics: Chosen | None) -> object:
    """What makes two kinetics the same receptor: the model, and equal parameters (arrays by identity)."""
    if kinetics is None:
        return None
    plain = tuple(sorted((k, v if isinstance(v, (int, float, str, type(None))) else id(v)) for k, v in kinetics.params.items()))
    return kinetics.model.key, plain


def _needed(weight: float | np.ndarray, end: int) -> float | np.ndarray:
    """The scale at which a weight lies at this end of the range; 0 where it has the other sign."""
    return np.maximum(0.0, np.asarray(weight) / end)


def errors(q: Quantised, c: Connection, sample: Sample) -> dict[str, float | int]:
    """Root mean square and worst error in the weight's unit, and how many weights saturate or become zero (expected, where they are drawn)."""
    if not len(sample.weights):
        return {"rms": 0.0, "worst": 0.0, "saturated": 0, "zeroed": 0}
    scale = q.scale if np.ndim(q.scale) == 0 else np.asarray(q.scale)[_targets(sample)]
    exact = sample.weights / scale / q.step
    low, high = -(-q.low // q.step), q.high // q.step
    part = exact - np.floor(exact)
    if q.rounding == "stochastic":
        inside = np.clip(exact, low, high)
        square = np.where(inside == exact, part * (1.0 - part), (exact - inside) ** 2)
        worst = np.where(inside == exact, np.where(part > 0.0, np.maximum(part, 1.0 - part), 0.0), np.abs(exact - inside))
        none = np.where(np.abs(exact) < 1.0, 1.0 - np.abs(exact), 0.0)
    else:
        whole = np.clip(np.rint(exact) if q.rounding == "nearest" else np.floor(exact), low, high)
        worst = np.abs(exact - whole)
        square, none = worst**2, (whole == 0).astype(float)
    over = (np.rint(exact) < low) | (np.rint(exact) > high)
    factor = np.abs(np.asarray(scale)) * q.step
    counts, coarsest = sample.counts, float(np.max(factor))  # (so that no square overflows)
    return {
        "rms": coarsest * float(np.sqrt(np.average(square * (factor / coarsest) ** 2, weights=counts))) if counts.sum() else 0.0,
        "worst": float(np.max(worst * factor)),
        "saturated": round(float(np.sum(counts * over))),
        "zeroed": round(float(np.sum(counts * none * (sample.weights != 0.0)))),
    }


def _targets(sample: Sample) -> np.ndarray:
    assert sample.targets is not None, "a scale per target comes with targets"
    return sample.targets


def said(c: Connection, sample: Sample) -> Iterable[Loss]:
    """The losses of a quantised connection."""
    q = c.quantised
    assert q is not None and c.kinetics is not None and q.rms is not None and q.worst is not None
    unit, total = c.kinetics.model.weight_unit, round(float(sample.counts.sum()))
    if not total:
        return
    finest = float(np.max(np.abs(q.scale))) * q.step
    if q.worst > 1e-12 * max(abs(sample.low), abs(sample.high)):
        about = "" if sample.exact else ", expected"
        text = f"Weights in steps of {finest:.3g} {unit} ({q.bits} bits): root mean square error {q.rms:.3g} {unit}, worst {q.worst:.3g} {unit}{about}."
        yield Loss(c.path, "weight", "rounded", total, total, q.worst, unit, text)
    if q.saturated:
        ends = "[{:.3g}, {:.3g}]".format(*sorted(float(np.min(q.scale)) * n for n in (q.low, q.high))) + f" {unit}"
        yield Loss(c.path, "weight", "saturated", q.saturated, total, q.worst, unit, f"{q.saturated} of {total} weights lie beyond {ends}.")
    if q.zeroed:
        text = f"{q.zeroed} of {total} weights are less than half a step of {finest:.3g} {unit} and became 0."
        yield Loss(c.path, "weight", "dropped", q.zeroed, total, finest * HALF, unit, text)


def losses(connections: Sequence[Connection]) -> tuple[Loss, ...]:
    """The losses of connections that a back end quantised itself."""
    return tuple(loss for c in connections if c.quantised is not None for loss in said(c, sampled(c)))
