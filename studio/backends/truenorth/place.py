"""Where parts lie: every part on a core of its own, in the order of a curve that keeps neighbours near each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil, isqrt

import numpy as np

from studio.compile.passes.place import Place
from studio.compile.program import Part, Program
from studio.compile.target import Target, Topology
from studio.compile.wiring import Cut
from studio.findings import Finding

Usage = Callable[[Program, str, Cut], Mapping[str, float]]


@dataclass(frozen=True)
class PlaceCores:
    """Gives every part a core of its own (`Part.core`); the chips' grids join into one.

    Needs: parts. Guarantees: no core holds two parts. A layer that is cut into a grid of boxes lies in that grid, so that cores that do the
    same also have the same neighbours; other parts follow in rows, to and fro, within a square. With routing constraints the shared greedy pass
    places (`Place`). Too many parts are a finding (`fit.cores`).
    """

    usage: Usage
    name: str = "place"

    def __call__(self, program: Program, target: Target) -> Program:
        t = target.topology
        if len(program.parts) > t.cores:
            those = f"{t.chips} chips have" if t.chips > 1 else "a chip has"
            text = f"{len(program.parts):,} cores are needed; {those} {t.cores:,}."
            chips = ceil(len(program.parts) / t.cores_per_chip)
            where = max(program.layers, key=lambda x: len(program.parts_of(x.key))).path
            return program.say(
                Finding("fit.cores", "error", where, text, f"Use {chips} chips (option chips={chips}), or fewer neurons or synapses.")
            )
        if program.constraints or (program.flat is not None and program.flat.constraints):
            return Place(self.usage, share=False)(program, target)
        places = _places(program, t)
        return replace(program, parts=tuple(replace(p, core=number(t, x, y)) for p, (x, y) in zip(program.parts, places, strict=True)))


def number(t: Topology, x: int, y: int) -> int:
    """The number of the core in column x and row y of the joined grid."""
    chip = y // t.rows * t.chip_columns + x // t.columns
    return chip * t.cores_per_chip + y % t.rows * t.columns + x % t.columns


def position(t: Topology, core: int) -> tuple[int, int]:
    """(column, row) on the joined grid."""
    chip, x, y = t.place(core)
    return chip % t.chip_columns * t.columns + x, chip // t.chip_columns * t.rows + y


def _places(program: Program, t: Topology) -> list[tuple[int, int]]:
    """A place for each part: grids first, below each other; the rest below them."""
    width = min(t.columns * t.chip_columns, t.columns * t.chips)
    out: dict[str, tuple[int, int]] = {}
    row = 0
    rest: list[Part] = []
    for layer in program.layers:
        parts = program.parts_of(layer.key)
        grid = _grid(parts)
        if grid is None or grid[0] > width or row + grid[1] > t.rows * ceil(t.chips / t.chip_columns):
            rest += parts
            continue
        columns, rows = grid
        for k, p in enumerate(parts):
            out[p.key] = (k % columns, row + k // columns)
        row += rows
    free = width * t.rows * ceil(t.chips / t.chip_columns) - row * width
    if len(rest) > free or (t.chips < t.chip_columns**2 and row):
        out, rest, row = {}, list(program.parts), 0
    side = min(width, max(1, isqrt(max(len(rest) - 1, 0)) + 1)) if row == 0 else width
    if t.chips > 1 and len(rest) > t.cores_per_chip and row == 0:
        return _by_chip(rest, t)
    for k, p in enumerate(rest):
        y, x = divmod(k, side)
        out[p.key] = (x if y % 2 == 0 else side - 1 - x, row + y)
    return [out[p.key] for p in program.parts]


def _by_chip(parts: list[Part], t: Topology) -> list[tuple[int, int]]:
    """Chip after chip, each filled in rows."""
    return [position(t, k) for k in range(len(parts))]


def _grid(parts: tuple[Part, ...]) -> tuple[int, int] | None:
    """(columns, rows) of boxes that make a grid in two dimensions, row by row."""
    if len(parts) < 4 or any(p.cut.box is None or len(p.cut.box) != 2 for p in parts):
        return None
    firsts = np.array([[box[0] for box in p.cut.box] for p in parts if p.cut.box is not None])
    columns = int((firsts[:, 0] == firsts[0, 0]).sum())
    return (columns, len(parts) // columns) if len(parts) % columns == 0 else None
