"""The passes of crossbar machines: how projections lie, on which tiles, on which cores, and what programming makes of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.backends.crossbar.design import Design, design, scales
from studio.backends.crossbar.plan import Tile, column_cuts, laid, n_delays, n_rows, n_tiles, tiles
from studio.compile.program import Connection, Part, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Block, Cut
from studio.findings import Finding, FindingError
from studio.models.catalogue import Catalogue, builtin
from studio.models.spec import Window

if TYPE_CHECKING:
    from studio.backends.crossbar.maps import Map

HOME = "neurons"  # of parts without a tile: neurons that no projection reaches


@dataclass(frozen=True)
class Choose:
    """Says for every spiking projection how it lies on tiles (`Connection.crossbar` becomes a `Design` as JSON).

    Needs: models that `reach` takes. Guarantees: tiles within the chip's; an error where a projection has more delays than may be, or asks for what
    cannot be. Analog inputs get none: the host writes their currents to the digital units. The document's own crossbar and device come first.
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
                chosen = design(c, self.options, target, self.catalogue)
            except FindingError as problem:
                said += problem.findings
                continue
            said += _delays(c, target)
            made.append(replace(c, crossbar=chosen.to_json()))
        keep = {name: self.options[name] for name in ("chip", "netlist", "csv")}
        return program.with_connections(made).choose(**keep).say(*said)


def _ignored(program: Program) -> Iterator[Finding]:
    """What a document says that tiles do not follow."""
    if program.flat is not None and program.flat.run.events:
        text = f"{len(program.flat.run.events)} waits of the run are not followed: devices are read once."
        yield Finding("lossy.wait", "warning", "run.events", text, "Compile once for each age: --option age=86400 is a day.")
    for c in program.connections:
        own = {k: v for k, v in (c.crossbar or {}).items() if v is not None}
        if own.get("layers", 1) > 1:
            yield Finding("lossy.crossbar", "warning", f"{c.path}.crossbar.layers", "stacked layers become tiles of their own.")


def _delays(c: Connection, target: Target) -> Iterator[Finding]:
    n, most = n_delays(c.wiring), int(target.limit("delays"))
    if n > most:
        text = f"up to {n} different delays; each needs tiles of its own, and a projection has at most {most}."
        where = f"{c.path}.delay"
        middle = round(sum(c.wiring.delays()) / 2) * c.wiring.dt
        yield Finding(
            "fit.delay",
            "error",
            where,
            text,
            f"Set {where} to {middle:g} ms. Or let its delays be of few classes (a delay_class constraint).",
        )


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
        homes: list[str] = []
        reached: dict[str, str] = {}
        for c, made in laid(program):
            found = self._tiles(c, made, counts[c.key])
            each = 1 + max((t.block for t in found), default=0)
            rows[c.key] = [-(-(n_rows(c, t.cut) - t.block) // each) if self.estimate else len(t.sources) for t in found]
            parts += [Part(t.key, c.target, t.cut, path=c.path) for t in found]
            program = program.say(*_unrolled(c, len(found)))
            if reached.setdefault(c.target, c.key) == c.key:
                homes += dict.fromkeys({t.cut: t.key for t in reversed(found)}.values())
        parts += _unreached(program, reached, int(target.limit("neurons")))
        return replace(program, parts=tuple(parts)).choose(rows=rows, homes=homes)

    def _tiles(self, c: Connection, made: Design, count: float) -> list[Tile]:
        if not self.estimate:
            return [tile for tile, _ in tiles(c, made)]
        cuts = column_cuts(c, made)
        each = math.ceil(count / max(len(cuts), 1))
        nobody = np.zeros(0, np.int64)
        return [Tile(c.key, k, 0, k % each, nobody, cut) for k, cut in enumerate(cut for cut in cuts for _ in range(each))]


def _unrolled(c: Connection, n: int) -> Iterator[Finding]:
    """What it costs that a tile cannot share a kernel between places."""
    form = c.wiring.form
    if isinstance(form, Window):
        kernel = 1 if form.weights is None else int(np.size(form.weights))
        text = f"Its kernel ({kernel:,} number{'s' * (kernel != 1)}) is laid out for every place: {c.wiring.count():,.0f} weights on {n:,} tile{'s' * (n != 1)}."
        yield Finding("lossy.unrolled", "info", c.path, text)


def _unreached(program: Program, reached: Mapping[str, str], most: int) -> Iterator[Part]:
    """Parts of digital units alone, for neurons that no projection on tiles reaches."""
    for layer in program.layers:
        for k in range(0, 0 if layer.key in reached else layer.size, most):
            yield Part(f"{layer.key}/{HOME} {k // most}", layer.key, Cut(k, min(k + most, layer.size)))


def _too_many(program: Program, counts: Mapping[str, float], target: Target) -> Iterator[Finding]:
    total, most = int(sum(counts.values())), target.topology.cores
    for key, n in sorted(counts.items(), key=lambda pair: -pair[1])[:3]:
        c = program.connection(key)
        text = f"{n:,.0f} tiles for {c.wiring.n_source:,} sources and {c.wiring.n_target:,} targets; all projections take {total:,}, the machine has {most:,}."
        yield Finding("fit.cores", "error", c.path, text, "Make its ends smaller, or take more chips (option chips).")


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
            blocks = tiles(c, made)
            losses += _losses(c, made, maps(c, made, program.seed, self.catalogue), [block for _, block in blocks])
        return program.lose(*losses)


STAGES = (
    ("rounded", "the conductance levels of a device, or its range", "target"),
    ("replaced", "programming: devices miss their targets", "programmed"),
    ("replaced", "time and noise since programming, as they are at one reading", "read"),
    ("replaced", "the resistance of wires", "weights"),
)


def _losses(c: Connection, made: Design, found: tuple[Map, ...], blocks: list[Block]) -> Iterator[Loss]:
    from studio.backends.crossbar.maps import wanted

    unit = c.kinetics.model.weight_unit if c.kinetics is not None else ""
    pairs = [wanted(m.tile, block) for m, block in zip(found, blocks, strict=True)]
    before = [weights for weights, _ in pairs]
    size = float(np.sqrt(np.mean(np.concatenate([w[there] ** 2 for w, there in pairs])))) if pairs else 0.0
    for kind, why, stage in STAGES:
        after = [_at(stage, m, made, weights) for m, (weights, _) in zip(found, pairs, strict=True)]
        off = [np.abs(b - a)[there] for a, b, (_, there) in zip(before, after, pairs, strict=True)]
        every = np.concatenate(off) if off else np.zeros(0)
        changed = int(np.count_nonzero(every > 1e-6 * size))
        if changed:
            rms = float(np.sqrt(np.mean(every**2)))
            text = f"Weights changed by {why}: root mean square {rms:.3g} {unit} ({rms / size:.1%} of the weights')." if size else why
            yield Loss(f"{c.path}.weight", "weight", kind, changed, len(every), float(every.max()), unit, text)  # type: ignore[arg-type]
        before = after


def _at(stage: str, m: Map, made: Design, weights: np.ndarray) -> np.ndarray:
    """What the weights of a tile are at a stage; a calibration acts on what is read."""
    from studio.backends.crossbar.maps import arriving

    if stage == "weights":
        return m.weights
    scale = m.scale if stage == "read" else scales(weights, made)
    return arriving(getattr(m, stage), made, scale, wires=False)
