"""The passes of crossbar machines: how projections lie, on which tiles, on which cores, and what programming makes of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.backends.crossbar.design import Design, chosen_device, design, scales
from studio.backends.crossbar.plan import Tile, column_cuts, laid, n_delays, n_rows, n_tiles, tiles
from studio.backends.crossbar.teach import learns, repeated, taught, twice, unheeded
from studio.compile.program import Connection, Input, Part, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Block, Cut
from studio.findings import Finding, FindingError
from studio.models.catalogue import Catalogue, builtin
from studio.models.spec import Window
from studio.network.flat import Drawn

if TYPE_CHECKING:
    from studio.backends.crossbar.maps import Map

HOME = "neurons"  # of parts without a tile: neurons of which no tile is the home


@dataclass(frozen=True)
class Choose:
    """Says for every spiking projection how it lies on tiles (`Connection.crossbar` becomes a `Design` as JSON).

    Needs: models that `reach` takes. Guarantees: tiles within the chip's; an error where a projection asks for what cannot be, or cannot learn as it
    should. Analog inputs get none: the host writes their currents to the digital units. The document's own crossbar and device come first.
    """

    options: Mapping[str, Any]
    catalogue: Catalogue = field(default_factory=builtin)
    name: str = "choose devices"

    def __call__(self, program: Program, target: Target) -> Program:
        said: list[Finding] = list(_ignored(program))
        made: list[Connection] = []
        for c in program.connections:
            if c.kinetics is None:
                made.append(replace(c, crossbar=None))
                continue
            try:
                c = taught(c, *chosen_device(c, self.options, self.catalogue), self.options) if learns(c) else c
                chosen = design(c, self.options, target, self.catalogue)
            except FindingError as problem:
                said += problem.findings
                continue
            said += unheeded(c, self.options)
            made.append(replace(c, crossbar=replace(chosen, drive=_drive(program, c)).to_json()))
        keep = {name: self.options[name] for name in ("chip", "netlist", "csv")}
        return program.with_connections(made).choose(**keep).say(*said)


def _drive(program: Program, c: Connection) -> float:
    """How often an element of a drawn source spikes in a step at its busiest, on average; 0 of all else."""
    source = program.node(c.source)
    rate = source.source.params.get("rate", source.source.params.get("rate_max")) if isinstance(source, Input) else None
    highest = rate.a + 3.0 * rate.b if isinstance(rate, Drawn) else np.max(rate) if isinstance(rate, (int, float, np.ndarray)) else 0.0
    return float(highest) * program.dt / 1000.0


def _ignored(program: Program) -> Iterator[Finding]:
    """What a document says that tiles do not follow."""
    if program.flat is not None and program.flat.run.events:
        text = f"{len(program.flat.run.events)} waits of the run are not followed: devices are read once."
        yield Finding("lossy.wait", "warning", "run.events", text, "Compile once for each age: --option age=86400 is a day.")
    for c in program.connections:
        own = {k: v for k, v in (c.crossbar or {}).items() if v is not None}
        if own.get("layers", 1) > 1:
            yield Finding("lossy.crossbar", "warning", f"{c.path}.crossbar.layers", "stacked layers become tiles of their own.")


@dataclass(frozen=True)
class Lay:
    """Cuts every laid projection into tiles, a part each (`Part.key` = "connection/number", `Part.layer` its target).

    Needs: designs. Guarantees: each synapse lies on one tile, no tile exceeds the design's rows and columns; every neuron has a home (the first part that
    holds it) of at most as many neurons as a digital unit computes. More tiles than the machine has is an error, before anything is listed.
    `estimate`: counted from rules; tiles that hold nothing are then counted too.
    """

    estimate: bool = False
    name: str = "lay"

    def __call__(self, program: Program, target: Target) -> Program:
        counts = {c.key: n_tiles(c, made) for c, made in laid(program)}
        program = program.choose(tiles=int(sum(counts.values())))
        if sum(counts.values()) > target.topology.cores:
            return program.say(*_too_many(program, counts, target))
        parts: list[Part] = []
        rows: dict[str, list[int]] = {}
        for c, made in laid(program):
            found, shared = self._tiles(c, made, counts[c.key])
            each = 1 + max((t.block for t in found), default=0)
            rows[c.key] = [-(-(n_rows(c, t.cut) - t.block) // each) if self.estimate else len(t.sources) for t in found]
            parts += [Part(t.key, c.target, t.cut, path=c.path) for t in found]
            program = program.say(*_unrolled(c, len(found)), *twice(c, shared))
        homes, more = _homes(program, parts, int(target.limit("neurons")))
        parts += more
        program = program.choose(rows=rows, homes=homes, tiles=sum(len(r) for r in rows.values()))
        if len(parts) > target.topology.cores:
            return program.say(*_too_many(program, {**counts, "": len(more)}, target))
        return replace(program, parts=tuple(parts))

    def _tiles(self, c: Connection, made: Design, count: float) -> tuple[list[Tile], float]:
        """The tiles, and how many synapses that learn share a crossing."""
        if not self.estimate:
            found, shared = [], 0
            for tile, block in tiles(c, made):
                found.append(tile)
                shared += len(block) - len(np.unique(block.sources * c.wiring.n_target + block.targets)) if learns(c) else 0
            return found, shared
        cuts = column_cuts(c, made)
        each = math.ceil(count / max(len(cuts), 1))
        nobody = np.zeros(0, np.int64)
        found = [Tile(c.key, k, 0, k % each, nobody, cut) for k, cut in enumerate(cut for cut in cuts for _ in range(each))]
        return found, repeated(c.wiring) if learns(c) else 0


def _unrolled(c: Connection, n: int) -> Iterator[Finding]:
    """What it costs that a tile cannot share a kernel between places."""
    form = c.wiring.form
    if isinstance(form, Window):
        kernel = 1 if form.weights is None else int(np.size(form.weights))
        text = f"Its kernel ({kernel:,} number{'s' * (kernel != 1)}) is laid out for every place: {c.wiring.count():,.0f} weights on {n:,} tile{'s' * (n != 1)}."
        yield Finding("lossy.unrolled", "info", c.path, text)


def _homes(program: Program, parts: list[Part], most: int) -> tuple[list[str], list[Part]]:
    """Where neurons are computed: the first tiles that hold targets of which no other tile is the home, and parts of digital units alone for the rest."""
    homes: list[str] = []
    more: list[Part] = []
    for layer in program.layers:
        free = np.ones(layer.size, bool)
        for p in parts:
            if p.layer == layer.key and free[p.cut.low : p.cut.high].all():
                free[p.cut.low : p.cut.high] = False
                homes.append(p.key)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8)))
        cuts = [Cut(k, min(k + most, int(b))) for a, b in edges.reshape(-1, 2).tolist() for k in range(a, b, most)]
        more += [Part(f"{layer.key}/{HOME} {k}", layer.key, cut) for k, cut in enumerate(cuts)]
    return homes, more


def _too_many(program: Program, counts: Mapping[str, float], target: Target) -> Iterator[Finding]:
    total, most = int(sum(counts.values())), target.topology.cores
    for key, n in sorted(counts.items(), key=lambda pair: -pair[1])[:3]:
        if not key or not n:
            continue
        c = program.connection(key)
        text = f"{n:,.0f} tiles for {c.wiring.n_source:,} sources and {c.wiring.n_target:,} targets; all projections take {total:,}, the machine has {most:,}."
        fix = "Make its ends smaller, or take more chips (option chips)."
        delays = n_delays(c.wiring)
        if delays > 1:
            text = f"{text[:-1]}; each of its {delays:,} delays lies on tiles of its own."
            middle = round(sum(c.wiring.delays()) / 2) * c.wiring.dt
            fix = f"Set {c.path}.delay to {middle:g} ms, or let its delays be of few classes (a delay_class constraint). Or {fix[0].lower()}{fix[1:]}"
        yield Finding("fit.cores", "error", c.path, text, fix)


@dataclass(frozen=True)
class Programmed:
    """Programs every tile once, and says what that costs in weights (`Loss`, by stage: rounding, programming, age and noise, wires).

    Needs: tiles. Guarantees: nothing is changed; the maps are made again, the same, when they are written or run.
    """

    catalogue: Catalogue = field(default_factory=builtin)
    name: str = "program devices"

    def __call__(self, program: Program, target: Target) -> Program:
        from studio.backends.crossbar.maps import maps

        losses: list[Loss] = []
        for c, made in laid(program):
            losses += _losses(c, made, zip(maps(c, made, program.seed, self.catalogue), tiles(c, made), strict=True))
        return program.lose(*losses)


TINY = 1e-6  # of a tile's largest weight: a smaller change is none
STAGES = (
    ("rounded", "the conductance levels of a device, or its range", "target"),
    ("replaced", "programming, in which devices miss their targets", "programmed"),
    ("replaced", "time and noise since programming, as they are at one reading", "read"),
    ("replaced", "the resistance of wires", "weights"),
)


@dataclass
class _Lost:
    """What became of weights at one stage, added up tile by tile."""

    squares: float = 0.0
    changed: int = 0
    total: int = 0
    worst: float = 0.0

    def add(self, off: np.ndarray, least: float) -> None:
        self.squares += float((off**2).sum())
        self.changed += int(np.count_nonzero(off > least))
        self.total += len(off)
        self.worst = max(self.worst, float(off.max(initial=0.0)))


def _losses(c: Connection, made: Design, found: Iterable[tuple[Map, tuple[Tile, Block]]]) -> Iterator[Loss]:
    """What every stage did to the weights, one tile after the other."""
    from studio.backends.crossbar.maps import wanted

    unit = c.kinetics.model.weight_unit if c.kinetics is not None else ""
    lost, size = [_Lost() for _ in STAGES], _Lost()
    for m, (tile, block) in found:
        weights, there = wanted(tile, block)
        size.add(np.abs(weights[there]), 0.0)
        before = weights
        for stage, one in zip(STAGES, lost, strict=True):
            after = _at(stage[2], m, made, weights)
            one.add(np.abs(after - before)[there], TINY * float(np.abs(weights).max(initial=0.0)))
            before = after
    mean = math.sqrt(size.squares / max(size.total, 1))
    for (kind, why, _), one in zip(STAGES, lost, strict=True):
        if one.changed:
            rms = math.sqrt(one.squares / one.total)
            share = f" ({rms / mean:.1%} of the weights')" if mean else ""
            text = f"Weights changed by {why}: root mean square {rms:.3g} {unit}{share}."
            yield Loss(f"{c.path}.weight", "weight", kind, one.changed, one.total, one.worst, unit, text)  # type: ignore[arg-type]


def _at(stage: str, m: Map, made: Design, weights: np.ndarray) -> np.ndarray:
    """What the weights of a tile are at a stage; a calibration acts on what is read."""
    from studio.backends.crossbar.maps import arriving

    if stage == "weights":
        return m.weights
    scale = m.scale if stage == "read" else scales(weights, made)
    return arriving(getattr(m, stage), made, scale, wires=False)
