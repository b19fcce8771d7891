"""Coupled projections: in every step each synapse brings its weight times a state of its source. No spikes travel; slices are of one step.

What is read is the sources' state at the end of the previous step, copied apart when all have advanced: two copies, for even and odd steps,
so that no thread writes what another still reads. At one target contributions are added in the order (projection, source, synapse).
The sum of the weights of each target is a number of its receptor, known before the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.engine import loop as L
from studio.engine import store
from studio.engine.connectivity import Ends, build
from studio.engine.delivery import DELAY, N_SOURCE, RING, SIZE, SLOTS, STARTS, STRIDE, TARGETS, WEIGHTS
from studio.engine.native import address, zeros
from studio.engine.programming import programmed
from studio.engine.rows import Rows
from studio.findings import FindingError
from studio.models.dynamics import WEIGHTS as SUM
from studio.network.coupling import coupled, unfit
from studio.network.flat import FlatNetwork, FlatProjection

if TYPE_CHECKING:
    from studio.engine.cells import Cells
    from studio.engine.parameters import Receptor
    from studio.engine.ranks import Group

Made = tuple[list[Rows], list[Any]]  # synapses, and what they remember beside their weights, as `programmed` gives them


def built(
    p: FlatProjection, ends: Ends, seed: int, dt: float, dtype: Any = np.float64, parts: Sequence[tuple[int, int]] | None = None
) -> Made:
    """The synapses of a coupled projection, stored with weights of their own precision, one step late, and what their devices remember."""
    return programmed(p, build(replace(p, delay=dt), ends, seed, dt, dtype, parts), dtype, seed)


def refuse(flat: FlatNetwork) -> None:
    """Raise FindingError where a coupled projection cannot be."""
    nodes = {n.path: n for n in (*flat.populations, *flat.sources)}
    if wrong := [f for p in flat.projections for f in unfit(p, nodes[p.source])]:
        raise FindingError(wrong)


def sums(size: int, receptors: Sequence[Receptor], rows: Mapping[str, Sequence[Rows]]) -> dict[str, np.ndarray]:
    """What the weights of each target of a population sum to, of every coupled receptor; 0 for targets that `rows` do not have."""
    out = {}
    for k, receptor in enumerate(receptors):
        if receptor.kinetics.model.coupled:
            total = out[f"r{k}_{SUM}"] = np.zeros(size)
            for key in receptor.projections:
                for part in rows[key]:
                    np.add.at(total, part.targets.astype(np.int64) + part.low, part.values())
    return out


def render(precision: str, target_bytes: int, own_weights: bool) -> str:
    """The kernel: `deliver(pointers, numbers, values, 0, 0, step, 0) -> 0`; `values`: the address of one value per source."""
    real, width = ("np.float64", 8) if precision == "double" else ("np.float32", 4)
    return "\n".join(
        [
            f"S = {real}",
            "",
            "",
            "@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')",
            "def deliver(p_, n_, values_, a_, b_, step, c_):",
            f"    p = carray(p_, ({SIZE},))",
            "    w = S(carray(n_, (1,))[0])",
            f"    values = view(values_, p[{N_SOURCE}], S)",
            f"    starts = view(p[{STARTS}], p[{N_SOURCE}] + 1, np.int64)",
            f"    targets = view(p[{TARGETS}], starts[p[{N_SOURCE}]], np.uint{8 * target_bytes})",
            *([f"    weights = view(p[{WEIGHTS}], starts[p[{N_SOURCE}]], S)"] if own_weights else []),
            f"    ring = view(p[{RING}] + (step + p[{DELAY}]) % p[{SLOTS}] * p[{STRIDE}] * {width}, p[{STRIDE}], S)",
            f"    for j in range(p[{N_SOURCE}]):",
            "        x = values[j]",
            "        if x != S(0.0):",
            "            for s in range(starts[j], starts[j + 1]):",
            f"                ring[targets[s]] += {'weights[s]' if own_weights else 'w'} * x",
            "    return 0",
            "",
        ]
    )


class Coupled:
    """One coupled projection at work onto every part of its target."""

    def __init__(self, rows: list[Rows], precision: str) -> None:
        self.rows, first = rows, rows[0]
        self._weight = np.array([first.weight])
        self.text = render(precision, first.targets.itemsize, first.weights is not None)

    def compile(self) -> int:
        """The kernel's address."""
        return int(store.load(self.text).deliver.address)

    def write(self, row: np.ndarray, part: int, kernel: int, ring: np.ndarray, values: np.ndarray, keep: list[np.ndarray]) -> None:
        """Fill this projection's row of the projection table of one part. `values` (2, sources): where the sources' state will be."""
        r = self.rows[part]
        p = np.zeros(SIZE, np.int64)
        p[STARTS], p[N_SOURCE], p[TARGETS], p[WEIGHTS] = address(r.starts), len(r.starts) - 1, address(r.targets), address(r.weights)
        p[RING], p[SLOTS], p[STRIDE], p[DELAY] = address(ring), ring.shape[0], ring.shape[1], r.delay
        keep.append(p)
        row[L.FORM], row[L.VALUES], row[L.VALUES_STRIDE] = L.STATES_OF_SOURCE, address(values), values[0].nbytes
        row[L.ROW_KERNEL], row[L.ROW_POINTERS], row[L.ROW_NUMBERS] = kernel, address(p), address(self._weight)


class Published:
    """The states that coupled projections read, by population and state: in one process, or put together from all."""

    def __init__(self, projections: Iterable[FlatProjection], cells: Mapping[str, Cells]) -> None:
        self._cells = cells
        self.values: dict[tuple[str, str], np.ndarray] = {}
        for p in projections:
            if (state := coupled(p)) and (p.source, state) not in self.values:
                start = cells[p.source].states[state]
                both = zeros((2, max(start.size, 1)), start.dtype)[:, : start.size]
                both[:] = start
                self.values[p.source, state] = both

    def of(self, p: FlatProjection) -> np.ndarray:
        """The two copies (2, sources) that a projection reads."""
        return self.values[p.source, coupled(p)]

    def table(self, threads: int) -> np.ndarray:
        """What each thread copies after every step, for the loop."""
        out = np.zeros((threads, len(self.values), L.COUPLING_COLUMNS), np.int64)
        for c, ((path, state), both) in enumerate(self.values.items()):
            own, width = self._cells[path].states[state], both.itemsize
            for part, (low, high) in enumerate(self._cells[path].parts):
                row = out[part, c]
                row[L.C_FROM], row[L.C_TO] = address(own) + low * width, address(both) + low * width
                row[L.C_STRIDE], row[L.C_WORDS] = both.strides[0], (high - low) * width // 4
        return out

    def exchange(self, group: Group, step: int, ranges: Mapping[str, Sequence[tuple[int, int]]]) -> None:
        """Give the others this process's part of the step's copies, and take theirs. `ranges`: of each population, by process."""
        now = [(both[step % 2].view(np.uint32), both.itemsize // 4, ranges[path]) for (path, _), both in self.values.items()]
        longest = max((sum(words * (of[r][1] - of[r][0]) for _, words, of in now) for r in range(group.size)), default=0)
        if not longest:
            return
        message, into = np.zeros(longest, np.uint32), np.zeros((group.size, longest), np.uint32)
        own = [both[words * of[group.rank][0] : words * of[group.rank][1]] for both, words, of in now]
        message[: sum(len(o) for o in own)] = np.concatenate(own)
        group.share(message, into)
        for r in range(group.size):
            at = 0
            for both, words, of in now:
                low, high = words * of[r][0], words * of[r][1]
                both[low:high] = into[r, at : at + high - low]
                at += high - low
