"""What a run needs of a tile: the weights that arrive, as a list, and what reads their sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from studio.backends.crossbar.design import Design
from studio.backends.crossbar.maps import Map
from studio.backends.crossbar.plan import Tile
from studio.compile.backend import Listed
from studio.compile.program import Connection

AT_ONCE = 4096  # steps whose sums are counted together


@dataclass(frozen=True)
class Sums:
    """A tile without its conductances: the weight at some of its crossings; crossings that give nothing are left out.

    `held`: of a tile that learns, what these synapses begin with, by the names of the engine's arrays; the weights are then those of the beginning.
    """

    tile: Tile
    design: Design
    adc: np.ndarray | None
    rows: np.ndarray  # int32 (n,)
    columns: np.ndarray  # int32 (n,)
    values: np.ndarray  # float64 (n,), in the projection's unit
    held: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def sources(self) -> np.ndarray:
        return self.tile.sources[self.rows]

    @property
    def targets(self) -> np.ndarray:
        return self.columns.astype(np.int64) + self.tile.cut.low

    def matrix(self, values: np.ndarray | float) -> np.ndarray:
        """These values at their crossings, (rows, outputs), 0 elsewhere."""
        out = np.zeros((len(self.tile.sources), self.tile.cut.size))
        out[self.rows, self.columns] = values
        return out


def summed(c: Connection, m: Map) -> Sums:
    """What a run needs of a tile."""
    if m.memory:
        from studio.backends.crossbar.learning import PRESENT, started

        rows, columns = np.nonzero(m.memory[PRESENT])
        held = started(c, m)
        return Sums(m.tile, m.design, m.adc, rows.astype(np.int32), columns.astype(np.int32), held["w"], held)
    weights = m.weights
    rows, columns = np.nonzero(weights)
    return Sums(m.tile, m.design, m.adc, rows.astype(np.int32), columns.astype(np.int32), weights[rows, columns])


def counted(m: Sums, spikes: Listed, steps: int) -> tuple[int, int]:
    """(reads, saturated): in how many steps a row of a tile is driven, and how many sums of an output then lie beyond its converter.

    Where the tile learns they may lie there: those are counted that would with every device at an end of its range.
    """
    at, ids = spikes
    here = np.isin(ids, m.tile.sources)
    at, rows = np.asarray(at)[here], np.searchsorted(m.tile.sources, np.asarray(ids)[here])
    when, place = np.unique(at, return_inverse=True)
    if m.adc is None or not len(when):
        return len(when), 0
    step, low, high = m.adc
    least = most = m.matrix(m.values)
    if m.held:
        least, most = (m.matrix(end) for end in (min(m.design.ends[0], 0.0), max(m.design.ends[1], 0.0)))
    saturated = 0
    for first in range(0, len(when), AT_ONCE):
        now = (place >= first) & (place < first + AT_ONCE)
        driven = np.zeros((min(AT_ONCE, len(when) - first), len(m.tile.sources)))
        np.add.at(driven, (place[now] - first, rows[now]), 1.0)
        below, above = (np.floor(driven @ weights / step + 0.5) for weights in (least, most))
        saturated += int(((below < low) | (above > high)).sum())
    return len(when), saturated
