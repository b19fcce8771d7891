"""What the machine does: the digital neurons on the engine, with the weights that tiles really give and their converters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from studio.backends.crossbar.maps import Map
from studio.compile.backend import Listed, Outcome, Stimulus, in_order
from studio.compile.pipeline import Cancelled
from studio.compile.program import Connection, Program
from studio.compile.watching import tick
from studio.engine.crossbar.network import converted
from studio.models.catalogue import builtin
from studio.network.flat import Chosen, FlatNetwork, FlatProjection

AT_ONCE = 4096  # steps whose sums are counted together


def emulate(program: Program, tiles: Sequence[Map], stimulus: Stimulus) -> Outcome:
    """Run a program with these tiles. Several spikes of a source in one step drive its row longer, as far as its converter goes; others are `merged`."""
    from studio.engine.run import simulate

    stimulus, merged = capped(stimulus, levels(program, tiles))
    recording = simulate(network(program, tiles, stimulus), watch=lambda f: tick(f.t_ms / max(f.duration_ms, 1e-9)))
    if not recording.complete:  # interrupted
        raise Cancelled
    spikes = {
        x.key: in_order(np.asarray(recording.spikes[x.key].steps) - 1, np.asarray(recording.spikes[x.key].ids)) for x in program.layers
    }
    counters: dict[str, dict[str, int]] = {program.node(key).path: {"merged": n} for key, n in merged.items() if n}
    events = {"column_read": 0.0}
    emitted = {**stimulus.spikes, **spikes}
    for m in tiles:
        c = program.connection(m.tile.connection)
        reads, saturated = counted(m, emitted[c.source], stimulus.steps)
        events["column_read"] += float(reads * m.tile.cut.size)
        if saturated:
            here = counters.setdefault(c.path, {})
            here["saturated"] = here.get("saturated", 0) + saturated
    return Outcome(stimulus.steps, program.dt, spikes, {}, counters, events)


def levels(program: Program, tiles: Sequence[Map]) -> dict[str, int]:
    """How many spikes of one source in one step the rows of every input tell apart: the least of its tiles."""
    out: dict[str, int] = {}
    for m in tiles:
        source, most = program.connection(m.tile.connection).source, 2**m.design.dac_bits - 1
        out[source] = min(out.get(source, most), most)
    return out


def capped(stimulus: Stimulus, most: Mapping[str, int]) -> tuple[Stimulus, dict[str, int]]:
    """The stimulus with at most so many spikes of a source in a step (1 where nothing is said), and how many were merged, by input."""
    kept: dict[str, Listed] = {}
    merged: dict[str, int] = {}
    for key, (steps, ids) in stimulus.spikes.items():
        steps, ids = in_order(steps, ids)
        new = np.ones(len(steps), bool)
        new[1:] = (np.diff(steps) != 0) | (np.diff(ids) != 0)
        place = np.arange(len(steps))
        rank = place - np.maximum.accumulate(np.where(new, place, 0))
        few = rank < most.get(key, 1)
        kept[key], merged[key] = (steps[few], ids[few]), int(len(few) - few.sum())
    return replace(stimulus, spikes=kept), merged


def network(program: Program, tiles: Sequence[Map], stimulus: Stimulus) -> FlatNetwork:
    """The program as the engine runs it: each projection on tiles becomes one for each of its delays and blocks of rows."""
    bare = replace(program, connections=tuple(c for c in program.connections if c.kinetics is None))
    flat = bare.network(stimulus)
    by: dict[str, dict[tuple[int, int], list[Map]]] = {}
    for m in tiles:
        by.setdefault(m.tile.connection, {}).setdefault((m.tile.delay, m.tile.block), []).append(m)
    more = [p for c in program.connections for p in _projections(c, by.get(c.key, {}))]
    return replace(
        flat, projections=(*flat.projections, *more), run=replace(flat.run, precision="double", connectivity="stored", weights="float32")
    )


def _projections(c: Connection, groups: Mapping[tuple[int, int], list[Map]]) -> Iterator[FlatProjection]:
    for number, ((delay, _), found) in enumerate(sorted(groups.items())):
        sources, targets, weights = (np.concatenate(x) for x in zip(*(_listed(c, m) for m in found), strict=True))
        lists = {"sources": sources, "targets": targets}
        given = builtin().get("connector", "explicit")
        connector = Chosen(given, {q.name: q.default for q in given.params} | lists)
        key = c.key if number == 0 else f"{c.key}[{number}]"
        p = FlatProjection(
            key, c.path, c.source, c.target, connector, c.kinetics, c.plasticity, _ideal(), weights, delay * c.wiring.dt, False
        )
        adc = [m for m in found if m.adc is not None]
        if adc:
            steps = np.repeat([[1.0], [0.0], [0.0]], c.wiring.n_target, axis=1)  # (targets without a tile here hear nothing)
            for m in adc:
                steps[:, m.tile.cut.low : m.tile.cut.high] = m.adc
            p = replace(p, kinetics=converted(p, *steps))
        yield p


def _ideal() -> Chosen:
    return Chosen(builtin().get("device", "ideal"), {})


def _listed(c: Connection, m: Map) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sources, targets and weights of a tile; crossings that give nothing are left out. Kinetics without negative weights get none."""
    weights = m.weights
    if c.kinetics is not None and c.kinetics.model.sign == "nonnegative":
        weights = np.maximum(weights, 0.0)
    rows, columns = np.nonzero(weights)
    return m.tile.sources[rows], columns + m.tile.cut.low, weights[rows, columns]


def counted(m: Map, spikes: Listed, steps: int) -> tuple[int, int]:
    """(reads, saturated): in how many steps a row of a tile is driven, and how many sums of an output then lie beyond its converter."""
    at, ids = spikes
    here = np.isin(ids, m.tile.sources)
    at, rows = np.asarray(at)[here], np.searchsorted(m.tile.sources, np.asarray(ids)[here])
    when, place = np.unique(at, return_inverse=True)
    if m.adc is None or not len(when):
        return len(when), 0
    step, low, high = m.adc
    weights, saturated = m.weights, 0
    for first in range(0, len(when), AT_ONCE):
        now = (place >= first) & (place < first + AT_ONCE)
        driven = np.zeros((min(AT_ONCE, len(when) - first), len(m.tile.sources)))
        np.add.at(driven, (place[now] - first, rows[now]), 1.0)
        level = np.floor(driven @ weights / step + 0.5)
        saturated += int(((level < low) | (level > high)).sum())
    return len(when), saturated
