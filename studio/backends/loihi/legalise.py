"""From leaky neurons to Loihi's integers, population by population: registers, weights and delays, and what each of them costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from studio.backends.loihi import learning, said, scaling
from studio.backends.loihi.compartment import BIAS_HIGH, LIMIT
from studio.compile.leaky import Leaky, Receptor, normal_form
from studio.compile.passes.quantise import errors
from studio.compile.passes.quantise import said as weight_losses
from studio.compile.passes.weights import Sample, per_target, sampled
from studio.compile.program import Connection, Layer, Program
from studio.compile.target import Target
from studio.compile.wiring import Block, Quantised
from studio.engine.parameters import collapsed
from studio.findings import Finding
from studio.models.catalogue import builtin
from studio.models.spec import Currents
from studio.network.flat import Chosen, FlatSource

LARGEST_BIAS = BIAS_HIGH * 2**7  # exponents 0 to 7
HIGHEST = 64.0 * 131071  # what a threshold of 17 bits stands for
SILENT = 1e-100  # register units: of a weight of 1 whose current is over before it moves a neuron; it becomes 0, and is counted
DIFFUSIVE = 0.1  # of the threshold: weights below it keep the mean they bring, those above keep their jump


@dataclass(frozen=True)
class Integers:
    """Makes every layer a layer of the catalogue's `loihi` neurons, and every weight a mantissa with an exponent.

    Needs: models that `reach` takes, real weights. Guarantees, where it adds no error: neurons `loihi` with whole parameters; spiking
    connections of kinetics `pulse` with `quantised` weights, which `onto` gives as mantissa * 2^exponent, and delays of 1 to 63 steps (they were 1 to 62);
    `settings["loihi"]` says each layer's scale (register units per unit of the membrane) and how analog inputs become biases.
    Exponential currents act one step late by definition (`compile.leaky`), so their delay grows by one: the chip's order of sums is then the
    propagator's. `rounding`, `merge` (receptors of several time constants), `headroom`, `channels` (a scale for each target): see the target's options.
    """

    rounding: str = "nearest"
    merge: bool = False
    headroom: float | None = None
    channels: bool = False
    name: str = "integers"

    def __call__(self, program: Program, target: Target) -> Program:
        layers: list[Layer] = []
        connections: list[Connection] = []
        settings: dict[str, Any] = {}
        before = program
        for layer in before.layers:
            made = self._layer(before, layer, target)
            program = program.say(*made.findings).lose(*made.losses)
            if made.layer is not None:
                layers.append(made.layer)
                connections += made.connections
                settings[layer.key] = made.settings
        program = program.say(*said.crossbars(program)).with_layers(layers).with_connections(connections)
        return program.choose(loihi=settings)

    def _layer(self, program: Program, layer: Layer, target: Target) -> Made:
        if layer.neuron.model.key == "loihi":
            return passed_on(program, layer)
        leaky, findings = normal_form(program, layer.key)
        if leaky is None:
            return Made(findings=findings)
        leaky, merged = said.one_receptor(program, leaky, self.merge)
        chip = Chip.of(leaky)
        wrong = [*merged.findings, *said.learns(program, layer), *said.unfit(program, layer, leaky, chip, target)]
        if any(f.severity == "error" for f in wrong):
            return Made(findings=tuple(wrong))
        plan = _Plan(self, program, layer, leaky, chip)
        made = plan.made()
        return replace(made, findings=(*wrong, *made.findings), losses=(*merged.losses, *made.losses))


@dataclass(frozen=True)
class Made:
    """What became of one layer."""

    layer: Layer | None = None
    connections: tuple[Connection, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    losses: tuple[Any, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Chip:
    """The decays of a leaky population in registers, and what they mean."""

    du: np.ndarray
    dv: np.ndarray

    @staticmethod
    def of(leaky: Leaky) -> Chip:
        decays = [r.decay for r in leaky.receptors] or [0.0]
        return Chip(scaling.registers_of(decays[0], 1), scaling.registers_of(leaky.decay, 0))

    @property
    def current(self) -> np.ndarray:
        return (4095 - self.du) / 4096.0

    @property
    def voltage(self) -> np.ndarray:
        return (4096 - self.dv) / 4096.0


@dataclass(frozen=True)
class _Plan:
    """One layer on its way."""

    options: Integers
    program: Program
    layer: Layer
    leaky: Leaky
    chip: Chip

    def made(self) -> Made:
        into = [c for c in self.program.into(self.layer.key) if c.kinetics is not None]
        gains = {c.key: self._gain(c, self.leaky.receptor_of(c.key)) for c in into}
        samples = {c.key: sampled(c) for c in into}
        scale, distance = self._scale(into, samples, gains)
        rounded = [self._rounded(c, samples[c.key], gains[c.key], scale) for c in into]
        connections = tuple(integer(c, q, self.leaky.receptor_of(c.key).lag) for c, q in zip(into, rounded, strict=True))
        counted = [replace(c, wiring=replace(c.wiring, quantised=q)) for c, q in zip(into, rounded, strict=True)]
        weights = [loss for c in counted for loss in weight_losses(c, samples[c.key])]
        neuron, start, settings = self._registers(scale, distance)
        layer = replace(self.layer, neuron=neuron, start=start)
        found = said.left(self.layer, self.leaky, self.chip, neuron.params, scale, settings)
        taught = [learnt(c) for c in connections]
        rules = [loss for _, losses in taught for loss in losses]
        return Made(layer, tuple(c for c, _ in taught), settings, (*weights, *rules, *found[0]), found[1])

    def _gain(self, c: Connection, r: Receptor) -> np.ndarray:
        """How far a weight of 1 moves the membrane in a step of the chip: so that all of it together moves it as far as it should."""
        gain, keep = np.asarray(r.gain, float), np.asarray(self.leaky.decay, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            slow = np.where(keep < 1.0, (1.0 - self.chip.voltage) / (1.0 - keep), 1.0)
        if np.any(np.asarray(r.decay) > 0.0):
            return gain * slow * (1.0 - self.chip.current) / (1.0 - np.asarray(r.decay))
        largest = max(abs(w) for w in c.wiring.weights()) * float(np.max(np.abs(gain)))
        threshold = np.inf if self.leaky.threshold is None else float(np.min(self.leaky.threshold))
        return gain * slow if largest < DIFFUSIVE * threshold else gain

    def _scale(
        self, into: list[Connection], samples: Mapping[str, Sample], gains: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """(register units per membrane unit, for all or each neuron; the threshold's distance in register units)."""
        threshold = self._distance(into, gains)
        unit = np.max(threshold) / threshold  # neurons of lower threshold get a larger scale: then all have one threshold
        unit = unit * self._channels(into, gains) if self.options.channels else unit
        weights = [samples[c.key] for c in into]
        room = self.options.headroom or (4.0 if any(np.any(np.asarray(r.decay) > 0.0) for r in self.leaky.receptors) else 32.0)
        most = min(LIMIT / float(room) / float(np.max(threshold)), HIGHEST / float(np.max(unit * threshold)))
        reached = [effective(s, gains[c.key] * unit) for c, s in zip(into, weights, strict=True)]
        for moves in reached:
            largest = float(np.max(np.abs(moves), initial=0.0))
            most = min(most, 254 * 2.0 ** (6 + scaling.EXPONENTS[1]) / largest) if largest else most
        level = self._levels(unit)
        most = min(most, LARGEST_BIAS / level) if level else most
        scale = scaling.best_scale(most, reached)
        taught = [learning.largest_weight(c) * float(np.max(gains[c.key] * unit)) for c in into if learning.plastic(c)]
        scale = scaling.saturating_at(taught[0], most) if taught else scale  # mantissa 255 is the largest weight that is learnt
        return scale * unit, scale * unit * threshold

    def _channels(self, into: list[Connection], gains: Mapping[str, np.ndarray]) -> np.ndarray:
        """How much larger the scale of each neuron may be, whose largest weight is small: quarters of an octave, as a core has 8 thresholds."""
        largest = np.zeros(self.layer.size)
        for c in into:
            ends = per_target(c)
            if ends is None or learning.plastic(c):
                return np.ones(())
            largest = np.maximum(largest, np.maximum(np.abs(ends[0]), np.abs(ends[1])) * np.abs(gains[c.key]))
        with np.errstate(divide="ignore"):
            steps = np.floor(4.0 * np.log2(np.max(largest) / largest))
        return 2.0 ** (np.clip(np.where(np.isfinite(steps), steps, 0), 0, 7) / 4.0)

    def _distance(self, into: list[Connection], gains: Mapping[str, np.ndarray]) -> np.ndarray:
        """From reset to threshold; of a readout, which has none, what its inputs may add up to."""
        if self.leaky.threshold is not None:
            return np.asarray(self.leaky.threshold, float)
        jumps = [max(abs(w) for w in c.wiring.weights()) * float(np.max(np.abs(gains[c.key]))) for c in into]
        slow = 1.0 - np.asarray(self.chip.current)
        reach = 20.0 * max(jumps, default=0.0) / float(np.min(slow)) + self._levels(1.0) / max(1.0 - float(np.max(self.chip.voltage)), 1e-3)
        return np.asarray(reach or 1.0)

    def _levels(self, unit: Any) -> float:
        """The largest drive of a step, analog inputs included, in membrane units."""
        drive = np.max(np.abs(np.asarray(self.leaky.drive) * unit))
        return float(drive + np.max(np.abs(np.asarray(self.leaky.analog) * unit)) * currents(self.program, self.layer))

    def _rounded(self, c: Connection, sample: Sample, gain: np.ndarray, scale: np.ndarray) -> Quantised:
        """How weights become mantissas; the scale is the weight that a mantissa of 1 stands for."""
        moved = np.where(np.abs(gain * scale) < SILENT, SILENT, gain * scale)
        factor = np.broadcast_to(moved, (self.layer.size,)) if np.ndim(moved) else float(moved)
        ends = (sample.low, sample.high) if np.min(factor) > 0 else (-sample.high, -sample.low)
        _, low, high, step = scaling.range_of(*ends)
        largest = float(np.max(np.abs(effective(sample, np.asarray(factor))), initial=0.0)) / 64.0
        largest = learning.largest_weight(c) * float(np.max(factor)) / 64.0 * (1.0 - 1e-9) if learning.plastic(c) else largest
        exponent = int(scaling.exponent_for(np.array(largest), 254 if step == 2 else 255))
        unit = 64.0 * 2.0**exponent / factor
        seed = self.program.seed + [x.key for x in self.program.connections].index(c.key)
        q = Quantised(9 if step == 2 else 8, low, high, unit, exponent, self.options.rounding, seed, step)  # type: ignore[arg-type]
        if np.ndim(unit) and sample.targets is None:
            q = replace(q, scale=float(np.median(unit)))
            return replace(replace(q, **errors(q, c, sample)), scale=unit)
        return replace(q, **errors(q, c, sample))

    def _registers(self, scale: np.ndarray, distance: np.ndarray) -> tuple[Chosen, dict[str, Any], dict[str, Any]]:
        leaky, exact = self.leaky, np.round(np.asarray(distance) / 64.0, 9)
        silent = leaky.threshold is None
        vth = np.asarray(HIGHEST / 64) if silent else np.maximum(1, np.floor(exact) if leaky.strict else np.ceil(exact) - 1)
        level = self._levels(1.0) * np.max(scale)
        exponent = int(np.clip(np.ceil(np.log2(max(level, 1.0) / BIAS_HIGH) - 1e-12), 0, 7))
        numbers = {
            "drive": leaky.drive,
            "analog": leaky.analog,
            "decay": leaky.decay,
            "chip_decay": collapsed(self.chip.voltage),
            "threshold": np.inf if silent else leaky.threshold,
            "scale": collapsed(scale),
            "exponent": float(exponent),
        }
        params = {
            "du": collapsed(self.chip.du),
            "dv": collapsed(self.chip.dv),
            "vth": collapsed(vth),
            "bias_mant": collapsed(scaling.bias_for(np.zeros(()), numbers)),  # type: ignore[arg-type]
            "bias_exp": float(exponent),
            "refractory": collapsed(np.asarray(leaky.hold) + 1.0),
        }
        start = collapsed(np.clip(np.rint(np.asarray(leaky.start) * scale), 1 - LIMIT, LIMIT - 1))
        neuron = Chosen(builtin().get("neuron", "loihi"), params)
        lags = {key: r.lag for r in leaky.receptors for key in r.connections}
        settings = {"numbers": {k: plain(v) for k, v in numbers.items()}, "unit": leaky.unit, "zero": plain(leaky.zero), "lags": lags}
        return neuron, ({"v": start} if np.any(start) else {}), settings


def effective(sample: Sample, factor: np.ndarray) -> np.ndarray:
    """How far each weight moves the membrane, with a factor for all or for each target; the ends of a distribution included."""
    if np.ndim(factor) and sample.targets is not None:
        return sample.weights * factor[sample.targets]
    given = sample.weights if sample.exact else np.append(sample.weights, (sample.low, sample.high))
    return given * float(np.max(np.abs(factor)))


def learnt(c: Connection) -> tuple[Connection, tuple[Any, ...]]:
    """A connection with its rule in integers, and what that costs."""
    if not learning.plastic(c) or c.quantised is None:
        return c, ()
    rule, losses = learning.rule_of(c, c.quantised.exponent)
    assert rule is not None
    return replace(c, plasticity=rule.chosen()), losses


def plain(value: Any) -> Any:
    """A number, or a list of numbers, as JSON has them; None for what is not finite."""
    array = np.asarray(value, float)
    return array.tolist() if array.ndim else float(array) if np.isfinite(array) else None


def integer(c: Connection, q: Quantised, lag: int) -> Connection:
    """A connection of the chip: pulses of whole weights, mantissa times 2^exponent; delays of at least one step, and `lag` longer."""

    def change(block: Block) -> Block:
        return replace(block, weights=block.weights * 2.0**q.exponent, delays=np.maximum(block.delays, 1) + lag)

    wiring = replace(c.wiring, quantised=q).mapped(change)
    return replace(c, wiring=wiring, kinetics=Chosen(builtin().get("kinetics", "pulse"), {}))


def passed_on(program: Program, layer: Layer) -> Made:
    """A layer that is Loihi's already: its weights are whole numbers and get the exponent at which they fit."""
    wrong = [*said.registers(layer), *said.learns(program, layer)]
    connections, losses = [], []
    for c in program.into(layer.key):
        if c.kinetics is None:
            text = "Loihi's integer neuron takes spikes; a current in nA has no meaning in its units."
            wrong.append(Finding("fit.model", "error", c.path, text, f"Drive “{layer.path}” by spikes, or by its bias (bias_mant)."))
        elif c.kinetics.model.key != "pulse":
            text = "Loihi's integer neuron takes spikes by pulse kinetics."
            wrong.append(Finding("fit.model", "error", f"{c.path}.kinetics", text, f"Set {c.path}.kinetics to pulse."))
        elif not any(f.where.startswith(f"{c.path}.") for f in wrong):
            made, cost = own_weights(c)
            connections.append(made)
            losses += cost
    start = {"v": layer.start["v"]} if "v" in layer.start else {}
    return Made(replace(layer, start=start), tuple(connections), {}, tuple(losses), tuple(wrong))


def own_weights(c: Connection) -> tuple[Connection, tuple[Any, ...]]:
    """A connection onto integer neurons with its mantissas, and what they cost where the weights are none."""
    sample = sampled(c)
    _, low, high, step = scaling.range_of(sample.low, sample.high)
    if learning.plastic(c):
        low, high, step, exponent = 0, learning.TOP, 1, round(np.log2(learning.largest_weight(c) / learning.TOP))
    else:
        exponent = int(scaling.exponent_for(np.array(max(abs(sample.low), abs(sample.high))), 254 if step == 2 else 255))
        exponent = max(exponent, 0) if not np.any(sample.weights % 1.0) else exponent
    q = Quantised(9 if step == 2 else 8, low, high, 2.0**exponent, exponent, step=step)
    q = replace(q, **errors(q, c, sample))
    weights = weight_losses(replace(c, wiring=replace(c.wiring, quantised=q)), sample)
    made, rule = learnt(integer(c, q, 0))
    return made, (*weights, *rule)


def currents(program: Program, layer: Layer) -> float:
    """The largest sum of analog inputs [nA] that a neuron of a layer may get."""
    total = 0.0
    for c in program.into(layer.key):
        if c.kinetics is None:
            given = program.node(c.source)
            form = given.source.model.lower(given.source.params, given.size, program.dt)  # type: ignore[union-attr]
            assert isinstance(given, FlatSource) or isinstance(form, Currents)
            gain = max(abs(w) for w in c.wiring.weights()) * c.wiring.fan_in()[1]
            total += float(np.max(np.abs(form.values), initial=0.0)) * gain  # type: ignore[union-attr]
    return total
