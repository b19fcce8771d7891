"""An artefact that learns, as a flat network again: what its registers, lists and rules say, for the engine, which has the rules."""

from __future__ import annotations

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
    """Synapses gathered from the lists of all cores, by source, target and rule."""
    found: dict[tuple[str, str, int], list[np.ndarray]] = {}
    for core in r.cores:
        owner, source = _senders(r, core.number, core.axons)
        axon = np.repeat(np.arange(core.axons), np.diff(core.start))
        exponents = 2.0 ** np.array([f.exponent for f in core.formats] or [0])
        rules = np.array([f.rule for f in core.formats] or [STATIC])
        rows = np.column_stack([source[axon], core.compartment, core.weight * exponents[core.format], core.delay + 1.0, rules[core.format]])
        for p in r.populations:
            if p.core != core.number:
                continue
            inside = (core.compartment >= p.first) & (core.compartment < p.first + len(p.ids))
            for node in dict.fromkeys(owner):
                for rule in range(STATIC, len(r.rules)):
                    mine = rows[inside & (rows[:, 4] == rule) & (np.array(owner, object)[axon] == node)]
                    if len(mine):
                        mine[:, 1] = p.ids[mine[:, 1].astype(int) - p.first]
                        found.setdefault((node, p.key, rule), []).append(mine)
    return [_projection(r, *key, np.concatenate(rows)) for key, rows in found.items()]


def _senders(r: Registers, number: int, axons: int) -> tuple[list[str], np.ndarray]:
    """Whose spikes each in-axon of a core brings: layer or input, and which of it."""
    owner, source = [""] * axons, np.zeros(axons, np.int64)
    for port in r.ports:
        for element, core, axon in port.to.tolist():
            if core == number:
                owner[axon], source[axon] = port.key, element
    places = {c.number: [p for p in r.populations if p.core == c.number] for c in r.cores}
    for core in r.cores:
        for compartment, _, axon in core.out[core.out[:, 1] == number].tolist():
            p = next(p for p in places[core.number] if p.first <= compartment < p.first + len(p.ids))
            owner[axon], source[axon] = p.key, int(p.ids[compartment - p.first])
    return owner, source


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
