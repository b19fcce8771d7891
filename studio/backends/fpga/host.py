"""What the host sends a design, command by command: spikes of inputs, currents as whole numbers, and the word to advance by one step."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.fpga.datapath import LEFT, NOISE
from studio.backends.fpga.design import Core, Design
from studio.compile.backend import Stimulus

FILE = "host.json"
SPIKE, CURRENT, STEP, SKIP, END = 1, 2, 3, 4, 0
Spikes = tuple[int, np.ndarray]  # population, ids (repeated where an element fires more than once)
Currents = tuple[int, np.ndarray, np.ndarray]  # core, its neurons, whole numbers
HIDDEN = (LEFT, NOISE)


@dataclass(frozen=True)
class Gains:
    """How the host adds up analog inputs for one core: neuron `targets[k]` gets `gains[k]` times element `sources[k]` of `key`, `delays[k]` steps later."""

    key: str
    sources: np.ndarray
    targets: np.ndarray
    gains: np.ndarray
    delays: np.ndarray


@dataclass(frozen=True)
class Ward:
    """One core as the host sees it. `current`: (bits, fraction bits) of the numbers it takes as currents; `registers`: (name, bits, signed)."""

    layer: str
    path: str
    low: int
    high: int
    current: tuple[int, int] | None
    gains: tuple[Gains, ...]
    registers: tuple[tuple[str, int, bool], ...]


@dataclass(frozen=True)
class Host:
    """All a host must know of a design: the numbers of inputs and layers, and its cores. `inputs` and `layers` by key."""

    dt: float
    inputs: Mapping[str, int]
    layers: Mapping[str, int]
    cores: tuple[Ward, ...]


@dataclass(frozen=True)
class Timeline:
    """What is given before each step is advanced, by step."""

    spikes: dict[int, list[Spikes]]
    currents: dict[int, list[Currents]]


def host_of(design: Design) -> Host:
    """What the host of a design must know."""
    return Host(
        design.dt,
        {p.key: p.number for p in design.populations if p.host},
        {p.key: p.number for p in design.populations if not p.host},
        tuple(_ward(design, core) for core in design.cores),
    )


def _ward(design: Design, core: Core) -> Ward:
    form, gains = core.datapath.current, []
    if form is not None:
        for c in design.analog[core.layer]:
            block = c.wiring.onto((core.low, core.high))
            gains.append(Gains(c.source, block.sources, block.targets - core.low, block.weights, block.delays))
    registers = tuple((r.name, r.bits, r.signed) for r in core.datapath.registers)
    return Ward(core.layer, core.path, core.low, core.high, None if form is None else (form.bits, form.fraction), tuple(gains), registers)


def write(host: Host, folder: Path) -> None:
    """Write it as `host.json`."""
    plain: Any = {**vars(host), "cores": [{**vars(w), "gains": [_listed(g) for g in w.gains]} for w in host.cores]}
    (folder / FILE).write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _listed(gains: Gains) -> dict[str, Any]:
    return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(gains).items()}


def read(folder: Path) -> Host:
    """Read `host.json`."""
    plain = json.loads((folder / FILE).read_text(encoding="utf-8"))
    cores = []
    for w in plain["cores"]:
        kinds = {"sources": np.int64, "targets": np.int64, "gains": np.float64, "delays": np.int64}
        gains = tuple(Gains(g["key"], **{k: np.array(g[k], kind) for k, kind in kinds.items()}) for g in w["gains"])
        current = None if w["current"] is None else tuple(w["current"])
        registers = tuple((name, bits, signed) for name, bits, signed in w["registers"])
        cores.append(Ward(w["layer"], w["path"], w["low"], w["high"], current, gains, registers))  # type: ignore[arg-type]
    return Host(plain["dt"], plain["inputs"], plain["layers"], tuple(cores))


def timeline(host: Host, stimulus: Stimulus) -> Timeline:
    """A stimulus in the numbers of a design."""
    spikes: dict[int, list[Spikes]] = defaultdict(list)
    for key in sorted(stimulus.spikes, key=lambda k: host.inputs[k]):
        steps, ids = stimulus.spikes[key]
        inside = (steps >= -1) & (steps < stimulus.steps)
        steps, ids = np.asarray(steps)[inside], np.asarray(ids)[inside]
        edges = np.flatnonzero(np.diff(steps)) + 1
        for when, who in zip(np.split(steps, edges), np.split(ids, edges), strict=True):
            if len(when):
                spikes[int(when[0])].append((host.inputs[key], who.astype(np.int64)))
    currents: dict[int, list[Currents]] = defaultdict(list)
    for number, ward in enumerate(host.cores):
        for step, ids, values in _changes(ward, stimulus):
            currents[step].append((number, ids, values))
    return Timeline(dict(spikes), dict(currents))


def _changes(ward: Ward, stimulus: Stimulus) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """(step, neurons, numbers) wherever the summed input current of a core's neurons changes."""
    if ward.current is None:
        return
    bits, fraction = ward.current
    given = [
        (np.asarray(starts, np.int64), np.asarray(values, np.float64), g)
        for g in ward.gains
        if g.key in stimulus.currents
        for starts, values in (stimulus.currents[g.key],)
    ]
    moments = np.unique(
        np.concatenate([(s[:, None] + np.unique(g.delays)[None, :]).ravel() for s, _, g in given] or [np.zeros(0, np.int64)])
    )
    before = np.zeros(ward.high - ward.low, np.int64)
    for step in moments[(moments >= 0) & (moments < stimulus.steps)].tolist():
        total = np.zeros(ward.high - ward.low)
        for starts, values, g in given:
            frame = np.searchsorted(starts, step - g.delays, side="right") - 1
            column = g.sources if values.shape[1] > 1 else np.zeros_like(g.sources)
            now = np.where(frame >= 0, values[np.maximum(frame, 0), column], 0.0)
            np.add.at(total, g.targets, g.gains * now)
        numbers = np.clip(np.rint(total * 2.0**fraction), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1).astype(np.int64)
        changed = np.flatnonzero(numbers != before)
        if len(changed):
            yield step, changed, numbers[changed]
        before = numbers


def commands(host: Host, stimulus: Stimulus) -> Iterator[tuple[int, int, int, int]]:
    """(what, a, b, value): a spike of element b of population a; a current of neuron b of core a; advance; advance without updating; end."""
    given = timeline(host, stimulus)
    for step in range(-1, stimulus.steps):
        for core, ids, values in given.currents.get(step, ()):
            for i, v in zip(ids.tolist(), values.tolist(), strict=True):
                yield CURRENT, core, i, v
        for population, who in given.spikes.get(step, ()):
            for i in who.tolist():
                yield SPIKE, population, i, 0
        yield (SKIP if step < 0 else STEP), 0, 0, 0
    yield END, 0, 0, 0
