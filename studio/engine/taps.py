"""Traces: chosen states of chosen neurons, copied by the loop at chosen steps."""

from __future__ import annotations

import numpy as np

from studio.engine import loop as L
from studio.engine.cells import Cells
from studio.engine.native import address
from studio.findings import Finding, FindingError
from studio.network.flat import Record


class TraceTap:
    """One trace being recorded: buffers filled by the loop at every `every`-th step."""

    def __init__(self, record: Record, cells: Cells | None, dt: float) -> None:
        self.record, self.cells = record, known(record, cells)
        self.every = max(1, int(round(record.every / dt)))
        self.states = self.cells.named(record.what)
        self.unit = self.cells.system.state(self.states[0]).unit
        ids = np.arange(self.cells.size) if record.ids is None else np.unique(np.asarray(record.ids, np.int64))
        self.ids = ids[(ids >= self.cells.parts[0][0]) & (ids < self.cells.parts[-1][1])]  # those of this process
        self._local = [np.ascontiguousarray(self.ids[(self.ids >= low) & (self.ids < high)] - low) for low, high in self.cells.parts]

    def allocate(self, batch_steps: int) -> None:
        """A buffer for each state and part."""
        rows = batch_steps // self.every + 1
        self._out = [[np.zeros((rows, len(ids)), self.cells.dtype) for ids in self._local] for _ in self.states]

    def write(self, rows: np.ndarray, part: int, node: int) -> None:
        """Fill one row of the trace table per state."""
        low, _ = self.cells.parts[part]
        for row, name, out in zip(rows, self.states, self._out, strict=True):
            values = self.cells.states[name]
            row[L.T_NODE], row[L.T_STATE], row[L.T_N] = node, address(values) + low * values.itemsize, len(self._local[part])
            row[L.T_IDS], row[L.T_EVERY], row[L.T_OUT] = address(self._local[part]), self.every, address(out[part])
            row[L.T_WIDTH] = values.itemsize

    def rows(self, start: int, end: int) -> np.ndarray:
        """What the steps from `start` to `end` gave, (n_times, n_ids); summed where several receptors are meant."""
        n = end // self.every - start // self.every
        return sum(np.concatenate([part[:n] for part in out], axis=1) for out in self._out)  # type: ignore[return-value]


def known(record: Record, cells: Cells | None) -> Cells:
    """The cells whose state is recorded; raise FindingError where there is none of that name."""
    if cells is not None and cells.named(record.what):
        return cells
    names = ", ".join(s.name for s in cells.system.states if s.owner < 0) if cells else "none"
    links = sorted({f"{r.kinetics.model.key}.{s.name}" for r in cells.receptors for s in r.kinetics.model.states}) if cells else []
    raise FindingError(
        [
            Finding(
                "path.record",
                "error",
                record.path,
                f"“{record.what}” cannot be recorded here.",
                f"States of this population: {names}" + (f"; of its receptors: {', '.join(links)}." if links else "."),
            )
        ]
    )
