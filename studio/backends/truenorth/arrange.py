"""Layers onto cores: cut, their weights coded in four axon types, their neurons in whole numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.backends.truenorth import blocks, codes
from studio.backends.truenorth.cutting import coarser, cuts
from studio.backends.truenorth.fabric import TYPES
from studio.backends.truenorth.heard import Heard, heard, need
from studio.backends.truenorth.losses import of_membrane, of_weights
from studio.backends.truenorth.machine import PLAIN, SATURATED, THRESHOLD, WEIGHT
from studio.backends.truenorth.membrane import Integers, Membrane, membrane, whole
from studio.backends.truenorth.own import forms, own_numbers
from studio.backends.truenorth.own_inputs import potentials
from studio.backends.truenorth.shaping import fed, last_first, prepared
from studio.compile.leaky import Leaky
from studio.compile.passes.split import refused
from studio.compile.program import Connection, Layer, Part, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Block, Cut, stored
from studio.models.catalogue import builtin
from studio.network.flat import Chosen

Seen = tuple[float, float] | None  # of a layer in a run: `own_inputs.potentials`
Form = tuple[Leaky | None, Seen]


@dataclass(frozen=True)
class Coded:
    """The code of a layer: what an axon of each type adds to each neuron, and every (row, neuron) with a type."""

    values: np.ndarray  # float64 (neurons, 4)
    rows: np.ndarray  # of each synapse with a type
    neurons: np.ndarray
    types: np.ndarray


def code(one: Heard, found_cuts: list[Cut], each: int, limit: int) -> Coded:
    """A code for every core, with at most `each` axons a row on average."""
    values = np.zeros((one.n_neurons, TYPES))
    found: list[tuple[np.ndarray, ...]] = []
    for ids in (cut.ids for cut in found_cuts):
        part = one.weights[:, ids]
        rows = np.unique(part.indices)
        made = codes.encode(part.tocsr()[rows].toarray(), one.of[rows], limit, each)
        assert made is not None, "a range was cut so that its rows fit"
        values[ids] = made.values
        r, n, t = np.nonzero(codes.BITS[made.chosen])
        found.append((rows[r], ids[n], t))
    return Coded(values, *(np.concatenate([f[k] for f in found]).astype(np.int64) for k in range(3)))


def typed(program: Program, one: Heard, coded: Coded, numbers: np.ndarray) -> Iterator[tuple[Connection, int]]:
    """(connection, type): the synapses of each connection that come through axons of one type, with whole weights."""
    weight = numbers[coded.neurons, coded.types].astype(np.float64)
    pulse = Chosen(builtin().get("kinetics", "pulse"), {})
    of = one.of[coded.rows]
    for k, c in enumerate(one.connections):
        there = [np.flatnonzero((of == k) & (coded.types == kind) & (weight != 0)) for kind in range(TYPES)]
        silent = not any(map(len, there))  # a projection that is left with nothing stays in the program, and so in the report
        for kind, mine in enumerate(there):
            if not (len(mine) or (silent and kind == 0)):
                continue
            rows = coded.rows[mine]
            block = Block(one.source[rows], coded.neurons[mine], weight[mine], one.delay[rows])
            n_source = c.wiring.n_source * (len(program.settings["levels"][c.source]) if c.kinetics is None else 1)
            wiring = stored(n_source, c.wiring.n_target, block, program.dt, c.wiring.same)
            kinetics = None if c.kinetics is None else pulse
            yield replace(c, key=f"{c.key}/{kind}", kinetics=kinetics, wiring=wiring, connector=None, crossbar=None), kind


@dataclass(frozen=True)
class Arrange:
    """Cuts every layer into parts that fit a core, codes its weights in four axon types, and gives its neurons whole numbers.

    Needs: models that `machine.reach` takes. Guarantees: every layer is of the catalogue's `truenorth` neuron with whole parameters in the
    chip's widths; every connection has whole weights that depend on its target only (`settings["types"]` says which axon type it is), and
    delays of at least a tick from layers; a part hears at most 256 (source, delay, type). Or findings say what does not fit
    (`fit.fan_in`, `fit.model`, `fit.weights`). `Loss` says what decay, refractory time, weights and delays lost.

    Layers are taken from the last to the first, so that it is known how many copies of a neuron its targets ask for: where these fit beside
    each other they need no relay and no tick (`FanOut`).
    """

    dialect: str = "ranc"
    leak: float | None = None
    floor: float | None = None
    axons_per_source: int = TYPES
    measured: float = 0.0
    name: str = "arrange"

    def __call__(self, program: Program, target: Target) -> Program:
        program = prepared(program).choose(dialect=self.dialect)
        limits = {name: int(limit.value) for name, limit in target.limits.items()}
        feeds: dict[str, np.ndarray] = {}
        made: dict[str, tuple[Layer, list[tuple[Connection, int]], list[Part]]] = {}
        kinds = forms(program, self.dialect)
        program = program.say(*(f for _, wrong in kinds.values() for f in wrong))
        seen: Mapping[str, Any] = {}
        if self.measured and not program.stopped:
            seen = potentials(program, {key: leaky for key, (leaky, _) in kinds.items() if leaky is not None}, self.measured)
        for key, after in last_first(program):
            if program.stopped:
                return program
            program, one = self._layer(program, target, key, (kinds[key][0], seen.get(key)), limits, feeds if after else {})
            if one is None:
                continue
            made[key] = one
            for source, counts in fed(one[1], one[2]).items():
                feeds[source] = feeds.get(source, 0) + counts
        return program if program.stopped else _joined(program, made)

    def _layer(
        self, program: Program, target: Target, key: str, form: Form, limits: Mapping[str, int], feeds: Mapping[str, np.ndarray]
    ) -> Any:
        layer, (leaky, seen) = program.layer(key), form
        if leaky is not None and blocks.wanted(program, layer, leaky):
            return self._blocks(program, target, layer, (leaky, seen), limits)
        one = heard(program, key, leaky)
        how = coarser(layer, one, need(one, limits["axons"], self.axons_per_source), limits)
        found = cuts(program, layer, one, how, limits, feeds.get(key))
        if isinstance(found, int):
            axons = len(np.unique(how.units[one.weights.indptr[found] : one.weights.indptr[found + 1]])) * how.each
            return program.say(refused(program, target, layer, {"axons": axons})), None
        coded = code(one, found, how.each, limits["axons"])
        numbers, neuron, losses, findings = self._neurons(layer, form, one, coded)
        made = numbers.weights[coded.neurons, coded.types]
        program = program.lose(*losses, *of_weights(one, coded.rows, coded.neurons, made, numbers.scale, leaky)).say(*findings)
        parts = [Part(f"{key}/{k}", key, cut) for k, cut in enumerate(found)]
        return program, (neuron, list(typed(program, one, coded, numbers.weights)), parts)

    def _depth(self, leaky: Leaky, thrown: np.ndarray) -> np.ndarray:
        """How far below its reset a neuron may be inhibited."""
        return thrown if self.floor is None else self.floor * np.broadcast_to(np.asarray(leaky.threshold, np.float64), thrown.shape)

    def _blocks(self, program: Program, target: Target, layer: Layer, form: tuple[Leaky, Seen], limits: Mapping[str, int]) -> Any:
        """A layer of very many synapses."""
        leaky, seen = form
        refusal = blocks.refusal(program, layer, leaky)
        if refusal is not None:
            return program.say(refusal), None
        values = blocks.weights(program, layer.key, leaky)
        depth = self._depth(leaky, np.array([blocks.thrown(program, layer.key, leaky)]))
        real = membrane(leaky, 1, bool((values < 0).any()), self.leak, depth, self.dialect == "ibm", seen)
        numbers = whole(real, np.pad(values, (0, TYPES - len(values)))[None], WEIGHT, THRESHOLD)
        neuron = chip_layer(layer, numbers, real, self.dialect)
        connections = list(blocks.typed(program, layer.key, leaky, values, numbers.weights[0]))
        parts = blocks.tiles(program, neuron, [c for c, _ in connections], dict(limits))
        if isinstance(parts, int):
            return program.say(refused(program, target, layer, {"axons": parts})), None
        losses, findings = of_membrane(layer, leaky, real, numbers, {c.key: c.path for c in program.into(layer.key)})
        moved = numbers.weights[0, : len(values)] * numbers.scale - values
        for c in program.into(layer.key):
            worst = float(np.abs(moved).max(initial=0.0))
            if worst > 1e-9 * float(np.abs(values).max(initial=1.0)):
                n = round(c.wiring.count())
                losses.append(
                    Loss(
                        c.path,
                        "weight",
                        "rounded",
                        n,
                        n,
                        worst,
                        leaky.unit,
                        f"Weights as whole numbers: at most {worst:.3g} {leaky.unit} off.",
                    )
                )
        return program.lose(*losses).say(*findings), (neuron, connections, parts)

    def _neurons(self, layer: Layer, form: Form, one: Heard, coded: Coded) -> Any:
        """(numbers, the layer with the chip's neuron, losses, findings)."""
        leaky, seen = form
        if leaky is None:
            return own_numbers(layer, coded.values, self.dialect)
        inhibited = bool((one.weights.data < 0).any())
        squares = np.sqrt(np.asarray((one.weights * one.weights).sum(axis=0)).ravel())
        real = membrane(leaky, layer.size, inhibited, self.leak, self._depth(leaky, squares), self.dialect == "ibm", seen)
        numbers = whole(real, coded.values, WEIGHT, THRESHOLD)
        return (
            numbers,
            chip_layer(layer, numbers, real, self.dialect),
            *of_membrane(layer, leaky, real, numbers, {c.key: c.path for c in one.connections}),
        )


def chip_layer(layer: Layer, numbers: Integers, real: Membrane, dialect: str) -> Layer:
    """The layer with the chip's neuron and its numbers."""
    model = builtin().get("neuron", "truenorth")
    params: dict[str, Any] = {p.name: p.default for p in model.params}
    for name, values in (
        ("leak", numbers.leak),
        ("alpha", numbers.alpha),
        ("beta", numbers.beta),
        ("v_reset", numbers.v_reset),
        ("v_start", numbers.v_start),
    ):
        params[name] = _shared(values)
    params |= {"v_limit": SATURATED if dialect == "ibm" else PLAIN}
    if real.reversal:
        params |= {"leak_reversal": 1, "floor_mode": 1}
    return replace(layer, neuron=Chosen(model, params), start={})


def _shared(values: np.ndarray) -> float | np.ndarray:
    return float(values[0]) if len(values) and (values == values[0]).all() else values.astype(np.float64)


def _joined(program: Program, made: Mapping[str, Any]) -> Program:
    """The program of the chip's layers, connections and parts, in the document's order."""
    layers = [made[x.key][0] for x in program.layers]
    connections = [one for x in program.layers for one in made[x.key][1]]
    parts = [p for x in program.layers for p in made[x.key][2]]
    types = {c.key: kind for c, kind in connections}
    whole_ = replace(program, layers=tuple(layers), connections=tuple(c for c, _ in connections), parts=tuple(parts))
    return whole_.choose(types=types)
