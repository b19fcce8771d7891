"""What the machine does: the digital neurons on the engine, with the weights that tiles really give, their converters, and devices that learn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from studio.backends.crossbar.learning import Held, projection, put, together
from studio.backends.crossbar.maps import Map
from studio.backends.crossbar.sums import Sums, counted, summed
from studio.backends.crossbar.teach import learns
from studio.compile.backend import Listed, Outcome, Stimulus, in_order
from studio.compile.pipeline import Cancelled
from studio.compile.program import Connection, Program
from studio.compile.watching import tick
from studio.engine.crossbar.network import converted
from studio.models.catalogue import builtin
from studio.network.flat import Chosen, FlatNetwork, FlatProjection, Record

if TYPE_CHECKING:
    from studio.engine.recording import Recording

Heard = Callable[[float], None]


def emulate(program: Program, maps: Iterable[Map], stimulus: Stimulus) -> Outcome:
    """Run a program with these tiles. Several spikes of a source in one step drive its row longer, as far as its converter goes; others are `merged`.

    States are those of the setting `record`, at the end of every step, and under (connection, "weight") what weights that learn came to, (1, synapses), by source and target.
    """
    tiles = [summed(program.connection(m.tile.connection), m) for m in maps]
    stimulus, merged = capped(stimulus, levels(program, tiles))
    flat, held = network(program, tiles, stimulus)
    recording = recorded(flat, held)
    spikes = {
        x.key: in_order(np.asarray(recording.spikes[x.key].steps) - 1, np.asarray(recording.spikes[x.key].ids)) for x in program.layers
    }
    counters: dict[str, dict[str, int]] = {program.node(key).path: {"merged": n} for key, n in merged.items() if n}
    events = {"column_read": 0.0, "weight_update": float(sum(recording.counters["weight_updates"].values()))}
    emitted = {**stimulus.spikes, **spikes}
    for m in tiles:
        c = program.connection(m.tile.connection)
        reads, saturated = counted(m, emitted[c.source], stimulus.steps)
        events["column_read"] += float(reads * m.tile.cut.size)
        if saturated:
            here, name = counters.setdefault(c.path, {}), "perhaps saturated" if m.held else "saturated"
            here[name] = here.get(name, 0) + saturated
    return Outcome(stimulus.steps, program.dt, spikes, dict(_states(program, held, recording)), counters, events)


def recorded(flat: FlatNetwork, held: Mapping[str, Held]) -> Recording:
    """Run a network to its end; the devices of projections that learn begin with what is `held`, by key."""
    from studio.engine.run import simulate

    if held:
        return _begun(flat, held)
    recording = simulate(flat, watch=lambda f: tick(f.t_ms / max(f.duration_ms, 1e-9)))
    if not recording.complete:  # interrupted
        raise Cancelled
    return recording


def _begun(flat: FlatNetwork, held: Mapping[str, Held]) -> Recording:
    """As `simulate` does it, from devices as they are."""
    from studio.engine.memory import check_memory
    from studio.engine.recorder import Recorder
    from studio.engine.run import threads_for
    from studio.engine.simulation import Plan, Simulation

    run, threads = flat.run, threads_for(flat)
    check_memory(flat, threads)
    simulation = Simulation(
        flat, Plan(run.dt, run.seed, run.precision, run.method, threads, weights=run.weights, connectivity=run.connectivity)
    )
    try:
        put(simulation, held)
        recorder, total = Recorder(simulation), round(run.duration / run.dt)
        while simulation.step < total:
            simulation.advance(total - simulation.step)
            recorder.take()
            tick(simulation.step / total)
        return recorder.finish("", {}, 0.0)
    finally:
        simulation.close()


def levels(program: Program, tiles: Sequence[Sums]) -> dict[str, int]:
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
        if not _ordered(steps, ids):
            steps, ids = in_order(steps, ids)
        few = np.ones(len(steps), bool)  # (another spike of this source so many places before it is one of the same step)
        most_of = most.get(key, 1)
        few[most_of:] = (steps[most_of:] != steps[:-most_of]) | (ids[most_of:] != ids[:-most_of])
        merged[key] = len(few) - int(few.sum())
        kept[key] = (steps[few], ids[few]) if merged[key] else (steps, ids)
    return replace(stimulus, spikes=kept), merged


def _ordered(steps: np.ndarray, ids: np.ndarray) -> bool:
    """Whether spikes are by step and id already, as they come from a run."""
    later = steps[1:] > steps[:-1]
    return bool((later | ((steps[1:] == steps[:-1]) & (ids[1:] >= ids[:-1]))).all())


def network(program: Program, tiles: Sequence[Sums], stimulus: Stimulus) -> tuple[FlatNetwork, dict[str, Held]]:
    """The program as the engine runs it, and what devices that learn begin with: each projection on tiles becomes one for each of its delays and blocks of rows."""
    bare = replace(program, connections=tuple(c for c in program.connections if c.kinetics is None))
    flat = bare.network(stimulus)
    by: dict[str, list[Sums]] = {}
    for m in tiles:
        by.setdefault(m.tile.connection, []).append(m)
    held: dict[str, Held] = {}
    more: list[FlatProjection] = []
    for c in program.connections:
        found = by.get(c.key, [])
        for number, members in enumerate(_groups(c, found)):
            more.append(_projection(c, number, members))
            if learns(c):
                values = {name: np.concatenate([m.held[name] for m in members]) for name in members[0].held}
                held[more[-1].key] = Held.of(c, *_ends(members), values)
    records = tuple(Record(str(layer), str(what), None, program.dt) for layer, what in program.settings.get("record", ()))
    run = replace(flat.run, precision="double", connectivity="stored", weights="float32", record=(*flat.run.record, *records))
    return replace(flat, projections=(*flat.projections, *more), run=run), held


def _groups(c: Connection, tiles: Sequence[Sums]) -> Iterator[list[Sums]]:
    """The tiles that the engine runs as one projection."""
    if learns(c):
        found = together([m.tile for m in tiles], tiles[0].design) if tiles else []
        yield from ([tiles[k] for k in members] for members in found)
        return
    groups: dict[tuple[int, int], list[Sums]] = {}
    for m in tiles:
        groups.setdefault((m.tile.delay, m.tile.block), []).append(m)
    yield from (groups[key] for key in sorted(groups))


def _ends(found: Sequence[Sums]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([m.sources for m in found]), np.concatenate([m.targets for m in found])


def _projection(c: Connection, number: int, found: Sequence[Sums]) -> FlatProjection:
    """The `number`-th projection that the engine runs for a connection."""
    lists, weights = _ends(found), np.concatenate([m.values for m in found])
    delays = [m.tile.delay for m in found]
    late = np.repeat(delays, [len(m.values) for m in found]) * c.wiring.dt if len(set(delays)) > 1 else delays[0] * c.wiring.dt
    if learns(c):
        p = projection(c, found[0].design, number, lists, weights, late)
    else:
        given = builtin().get("connector", "explicit")
        connector = Chosen(given, {q.name: q.default for q in given.params} | {"sources": lists[0], "targets": lists[1]})
        key = c.key if number == 0 else f"{c.key}[{number}]"
        p = FlatProjection(key, c.path, c.source, c.target, connector, c.kinetics, c.plasticity, _ideal(), weights, late, False)
    if found[0].adc is None:
        return p
    steps = np.repeat([[1.0], [0.0], [0.0]], c.wiring.n_target, axis=1)  # (targets without a tile here hear nothing)
    for m in found:
        steps[:, m.tile.cut.low : m.tile.cut.high] = m.adc
    return replace(p, kinetics=converted(p, *steps))


def _ideal() -> Chosen:
    return Chosen(builtin().get("device", "ideal"), {})


def _states(program: Program, held: Mapping[str, Held], recording: Recording) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """What was recorded of neurons, and the weights that learnt."""
    for layer, what in program.settings.get("record", ()):
        yield (layer, what), np.asarray(recording.traces[(layer, what)].values, np.float64)
    for c in program.connections:
        found = [recording.weights[key] for key, h in held.items() if h.connection == c.key and key in recording.weights]
        if found:
            sources, targets, weights = (
                np.concatenate([np.asarray(getattr(s, name)) for s in found]) for name in ("sources", "targets", "weights")
            )
            order = np.lexsort((targets, sources))
            yield (c.key, "weight"), np.asarray(weights, np.float64)[order][None]
