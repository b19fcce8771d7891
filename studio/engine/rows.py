"""A projection's synapses on one part of its targets, stored by source, or the procedure that draws them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studio.engine.procedure import Procedure
from studio.engine.recording import Synapses

LONGEST_DELAY = 65_535  # steps


@dataclass(frozen=True)
class Rows:
    """The synapses of one projection onto one part [low, high) of its targets.

    Row s is `starts[s]:starts[s + 1]`, sorted by delay. `weight` and `delay` [steps] hold for all where `weights`, `delays` are None.
    With a `table` the weights are places in it. `table_error`: root mean square and greatest error of the table, in standard deviations.
    With a `procedure` nothing is stored: `starts` and `targets` are empty; if it keeps weights, `table` holds them by tag. `span`: the shortest and longest delay where `delays` vary.
    """

    low: int
    high: int
    starts: np.ndarray  # int64 (n_source + 1,)
    targets: np.ndarray  # uint16 or uint32, relative to `low`
    weight: float = 0.0
    delay: int = 0
    weights: np.ndarray | None = None  # float32, float64, or uint8
    delays: np.ndarray | None = None  # uint8 or uint16
    table: np.ndarray | None = None  # (256,), or (N_TABLE,) of a procedure that keeps weights
    table_error: tuple[float, float] | None = None
    procedure: Procedure | None = None
    span: tuple[int, int] | None = None

    @cached_property
    def n(self) -> int:
        """How many synapses there are. Those of a procedure are drawn once to be counted."""
        if self.procedure is None:
            return len(self.targets)
        from studio.engine.construction import counted  # which builds Rows

        return counted(self.procedure)

    @cached_property
    def n_nonzero(self) -> int:
        """How many synapses have a weight other than zero."""
        if self.procedure is not None and self.procedure.weights == "kept":
            from studio.engine.construction import counted  # which builds Rows

            return counted(self.procedure, self.table)
        if self.weights is None:
            return self.n if self.weight else 0
        return int(np.count_nonzero(self.weights))

    @property
    def nbytes(self) -> int:
        return sum(a.nbytes for a in (self.starts, self.targets, self.weights, self.delays, self.table) if a is not None)

    @property
    def shortest(self) -> int:
        """The shortest delay [steps], of a procedure the shortest possible; LONGEST_DELAY where there is no synapse."""
        return self.delay if self.span is None else self.span[0]

    @property
    def longest(self) -> int:
        """The longest delay [steps], of a procedure the longest possible."""
        return self.delay if self.span is None else self.span[1]

    def sources(self) -> np.ndarray:
        """The source of every stored synapse."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def values(self) -> np.ndarray:
        """The weight of every stored synapse."""
        if self.weights is None:
            return np.full(len(self.targets), self.weight)
        return (self.weights if self.table is None else self.table[self.weights]).astype(float)


def listed(parts: Sequence[Rows], dt: float) -> Synapses:
    """Parts put together, by source, target, and row order: the same list however the targets are cut, stored or not."""
    from studio.engine.construction import write_out  # which builds Rows

    parts = [p if p.procedure is None else write_out(p) for p in parts]
    sources = np.concatenate([p.sources() for p in parts])
    targets = np.concatenate([p.targets.astype(np.int64) + p.low for p in parts])
    weights = np.concatenate([p.values() for p in parts])
    delays = np.concatenate([np.full(p.n, p.delay) if p.delays is None else p.delays.astype(np.int64) for p in parts])
    order = np.lexsort((targets, sources))
    return Synapses(sources[order], targets[order], weights[order], delays[order] * dt)
