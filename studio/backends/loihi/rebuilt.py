"""An artefact that learns, as a flat network again: what its registers, lists and rules say, for the engine, which has the rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.backends.loihi.learning import Rule
from studio.backends.loihi.registers import Registers
from studio.compile.backend import Stimulus
from studio.models.catalogue import builtin
from studio.network.flat import Chosen, FlatNetwork, FlatPopulation, FlatProjection, FlatSource, Record, RunSettings

FIELDS = ("du", "dv", "vth", "refractory")
STATIC = -1


def network(r: Registers, stimulus: Stimulus) -> FlatNetwork:
    """Layers and inputs by their keys; a projection for each rule, and one for all other synapses between two of them."""
    run = RunSettings(stimulus.steps * r.dt, r.dt, r.seed, "double", record=tuple(Record(key, "spikes", None, r.dt) for key in r.sizes))
    populations = tuple(_population(r, key, size) for key, size in r.sizes.items())
    sources = tuple(_source(p.key, p.size, stimulus, r.dt) for p in r.ports)
    return FlatNetwork(r.name, populations, sources, tuple(_projections(r)), run, r.hash)


def _population(r: Registers, key: str, size: int) -> FlatPopulation:
    values = {name: np.zeros(size) for name in (*FIELDS, "bias_mant", "bias_exp", "v")}
    cores = {c.number: c for c in r.cores}
    for p in r.populations:
        if p.key == key:
            core, here = cores[p.core], slice(p.first, p.first + len(p.ids))
            for name in FIELDS:
                values[name][p.ids] = np.array([getattr(x, name) for x in core.profiles])[core.profile[here]]
            for name in ("bias_mant", "bias_exp", "v"):
                values[name][p.ids] = getattr(core, name)[here]
    start = {"v": values.pop("v")}
    return FlatPopulation(key, key, size, None, Chosen(builtin().get("neuron", "loihi"), values), start if np.any(start["v"]) else {})


def _source(key: str, size: int, stimulus: Stimulus, dt: float) -> FlatSource:
    steps, ids = stimulus.spikes[key]
    return FlatSource(key, key, size, None, Chosen(builtin().get("source", "spike_list"), {"times": (steps + 1) * dt, "ids": ids}))


def _projections(r: Registers) -> list[FlatProjection]:
    """Synapses gathered from the lists of all cores, by source node, target layer and rule."""
    layers, nodes = list(r.sizes), [*r.sizes, *(p.key for p in r.ports)]
    at, axons = Offsets.of([c.size for c in r.cores]), Offsets.of([c.axons for c in r.cores])
    numbers = {c.number: k for k, c in enumerate(r.cores)}
    layer, neuron = np.zeros(at.total, np.int64), np.zeros(at.total, np.int64)
    for p in r.populations:
        here = at.first[numbers[p.core]] + p.first + np.arange(len(p.ids))
        layer[here], neuron[here] = layers.index(p.key), p.ids
    owner, source = np.zeros(axons.total, np.int64), np.zeros(axons.total, np.int64)
    place = np.zeros(max(numbers, default=0) + 1, np.int64)
    place[list(numbers)] = list(numbers.values())
    for k, core in enumerate(r.cores):
        to = axons.first[place[core.out[:, 1]]] + core.out[:, 2]
        owner[to], source[to] = layer[at.first[k] + core.out[:, 0]], neuron[at.first[k] + core.out[:, 0]]
    for k, port in enumerate(r.ports):
        to = axons.first[place[port.to[:, 1]]] + port.to[:, 2]
        owner[to], source[to] = len(layers) + k, port.to[:, 0]
    found: dict[tuple[int, int, int], list[np.ndarray]] = {}
    for k, core in enumerate(r.cores):
        axon = axons.first[k] + np.repeat(np.arange(core.axons), np.diff(core.start))
        target = at.first[k] + core.compartment
        exponents = 2.0 ** np.array([f.exponent for f in core.formats] or [0])
        rule = np.array([f.rule for f in core.formats] or [STATIC])[core.format]
        kinds = np.column_stack([owner[axon], layer[target], rule])
        rows = np.column_stack([source[axon], neuron[target], core.weight * exponents[core.format], core.delay + 1.0])
        for kind in np.unique(kinds, axis=0):
            found.setdefault(tuple(kind.tolist()), []).append(rows[(kinds == kind).all(axis=1)])
    return [_projection(r, nodes[a], layers[b], rule, np.concatenate(rows)) for (a, b, rule), rows in found.items()]


@dataclass(frozen=True)
class Offsets:
    """Where each core's share of a long list begins."""

    first: np.ndarray
    total: int

    @staticmethod
    def of(sizes: list[int]) -> Offsets:
        ends = np.cumsum([0, *sizes])
        return Offsets(ends[:-1], int(ends[-1]))


def _projection(r: Registers, source: str, target: str, rule: int, rows: np.ndarray) -> FlatProjection:
    rows = rows[np.lexsort((rows[:, 0], rows[:, 1]))]
    taught: Rule | None = None if rule == STATIC else r.rules[rule]
    delays = rows[:, 3] * r.dt
    key = f"{source}->{target}" if taught is None else taught.connection
    known = builtin()
    return FlatProjection(
        key,
        f"synapses{rule + 1}" if taught is None else f"rule{rule}",
        source,
        target,
        Chosen(known.get("connector", "explicit"), {"sources": rows[:, 0].astype(np.int64), "targets": rows[:, 1].astype(np.int64)}),
        Chosen(known.get("kinetics", "pulse"), {}),
        Chosen(known.get("plasticity", "static"), {}) if taught is None else taught.chosen(),
        Chosen(known.get("device", "ideal"), {}),
        rows[:, 2],
        float(delays[0]) if np.all(delays == delays[0]) else delays,
        False,
    )
