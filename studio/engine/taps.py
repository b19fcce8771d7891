"""Traces: chosen states of chosen neurons, copied by the loop at chosen steps."""

from __future__ import annotations

import numpy as np

from studio.engine import loop as L
from studio.engine.cells import Cells
from studio.engine.native import address
from studio.engine.parameters import state_name
from studio.network.flat import Record


class TraceTap:
    """One trace being recorded: a buffer per part, filled by the loop at every `every`-th step."""

    def __init__(self, record: Record, cells: Cells, dt: float) -> None:
        self.record, self.cells = record, cells
        self.every = max(1, int(round(record.every / dt)))
        name = state_name(cells.system, record.what)
        assert name is not None  # the caller has looked
        self.state = cells.system.state(name)
        self.ids = np.arange(cells.size) if record.ids is None else np.unique(np.asarray(record.ids, np.int64))
        self._local = [np.ascontiguousarray(self.ids[(self.ids >= low) & (self.ids < high)] - low) for low, high in cells.parts]

    def allocate(self, batch_steps: int) -> None:
        rows = batch_steps // self.every + 1
        self._out = [np.zeros((rows, len(ids)), self.cells.dtype) for ids in self._local]

    def write(self, row: np.ndarray, part: int, node: int) -> None:
        low, _ = self.cells.parts[part]
        values = self.cells.states[self.state.name]
        row[L.T_NODE], row[L.T_STATE], row[L.T_N] = node, address(values) + low * values.itemsize, len(self._local[part])
        row[L.T_IDS], row[L.T_EVERY], row[L.T_OUT] = address(self._local[part]), self.every, address(self._out[part])

    def rows(self, start: int, end: int) -> np.ndarray:
        n = end // self.every - start // self.every
        return np.concatenate([out[:n] for out in self._out], axis=1)
