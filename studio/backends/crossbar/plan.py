"""Which tiles a projection takes: its delays apart, its targets cut by columns, the sources of each cut by rows. Crossings that hold nothing take no tile.

Where synapses are drawn, all sources reach all tiles of their columns; where they are given (lists, matrices, kernels, one to one), only those that
have a weight other than 0 there, so that a kernel unrolled onto tiles takes the rows it needs. A synapse that learns has a device whatever its weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from studio.backends.crossbar.design import Design
from studio.backends.crossbar.teach import learns
from studio.compile.program import Connection, Program
from studio.compile.wiring import Block, Cut, Wiring, drawn

DRAWN = ("bernoulli", "in_degree", "out_degree", "total", "regular")


@dataclass(frozen=True)
class Tile:
    """One tile of a projection: the `number`-th; its rows are `sources`, the `block`-th of its columns' rows; its columns are the targets of `cut`."""

    connection: str
    number: int
    delay: int  # steps
    block: int
    sources: np.ndarray  # int64 (n_rows,), ascending
    cut: Cut

    @property
    def key(self) -> str:
        return f"{self.connection}/{self.number}"


def laid(program: Program) -> Iterator[tuple[Connection, Design]]:
    """The connections that lie on tiles, with their designs."""
    for c in program.connections:
        if c.crossbar is not None and "storage" in c.crossbar and "params" in c.crossbar:
            yield c, Design.from_json(c.crossbar)


def n_tiles(c: Connection, made: Design) -> float:
    """How many tiles a projection takes, counted from its rule."""
    return n_delays(c.wiring) * sum(_blocks(c, made, cut) for cut in column_cuts(c, made))


def _blocks(c: Connection, made: Design, cut: Cut) -> int:
    return -(-n_rows(c, cut) // made.rows)


def n_rows(c: Connection, cut: Cut) -> int:
    """How many rows the tiles of some targets need, counted from the rule."""
    w = c.wiring
    return w.n_source if w.kind in (*DRAWN, "dense") else round(w.axons(None, cut))


def n_delays(w: Wiring) -> int:
    """How many different delays a projection has; where they are drawn, how many are possible."""
    if isinstance(w.delay, (int, float)) and not isinstance(w.form, Block) and getattr(w.form, "delays", None) is None and not w.changes:
        return 1
    shortest, longest = w.delays()
    if shortest == longest:
        return 1
    return longest - shortest + 1 if w.kind in DRAWN or drawn(w.delay) else len(np.unique(w.onto().delays))


def column_cuts(c: Connection, made: Design) -> tuple[Cut, ...]:
    """The targets of each column of tiles, as equal as can be."""
    n = c.wiring.n_target
    pieces = max(1, -(-n // made.outputs))
    edges = [n * k // pieces for k in range(pieces + 1)]
    return tuple(Cut(a, b) for a, b in zip(edges, edges[1:], strict=False) if b > a)


def tiles(c: Connection, made: Design) -> Iterator[tuple[Tile, Block]]:
    """The tiles of a projection, each with its synapses, one after the other; always the same for the same projection."""
    number = 0
    for cut in column_cuts(c, made):
        here = c.wiring.onto(cut)
        here = here if learns(c) else here.keep(here.weights != 0.0)  # a weight of 0 takes no device
        for delay in np.unique(here.delays).tolist():
            block = here.keep(here.delays == delay)
            for k, sources in enumerate(_rows(c, block, made.rows)):
                part = block if len(sources) == c.wiring.n_source else block.keep(np.isin(block.sources, sources))
                if len(part):
                    yield Tile(c.key, number, int(delay), k, sources, cut), part
                    number += 1


def _rows(c: Connection, block: Block, most: int) -> list[np.ndarray]:
    """The sources of each block of rows, as equal as can be."""
    every = np.arange(c.wiring.n_source) if c.wiring.kind in DRAWN else np.unique(block.sources)
    return [np.asarray(part, np.int64) for part in np.array_split(every, max(1, -(-len(every) // most)))]
