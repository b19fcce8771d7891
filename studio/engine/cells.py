"""The working memory of one population: states, input rings, spike lists; and the tables by which its kernel finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from studio.engine import kernels as K
from studio.engine import loop as L
from studio.engine import store
from studio.engine.kernels import Kernel, Variant, render_kernel
from studio.engine.native import address, zeros
from studio.engine.parameters import Number, Numbers, Receptor, state_names
from studio.engine.random import path_key
from studio.models.system import System
from studio.network.flat import FlatPopulation

ROOM = 1 << 18  # spikes a list holds beyond the worst case of one slice


class Lists:
    """The spike lists of one node's parts: ids, where each step begins, and (for sources) counts."""

    def __init__(self, sizes: list[int], slice_steps: int, batch_steps: int, counted: bool) -> None:
        self.capacity = [n * slice_steps + min(ROOM, n * batch_steps) for n in sizes]
        self.ids = [np.empty(c, np.uint32) for c in self.capacity]
        self.offsets = [np.zeros(batch_steps + 1, np.int64) for _ in sizes]
        self.counts = [np.empty(c if counted else 0, np.int32) for c in self.capacity]
        self.counted = counted

    def table(self, row: np.ndarray, part: int) -> None:
        """Write the lists' columns of a node's row."""
        row[L.IDS] = address(self.ids[part])
        row[L.OFFSETS] = address(self.offsets[part])
        row[L.COUNTS] = address(self.counts[part]) if self.counted else 0
        row[L.CAPACITY] = self.capacity[part]

    def count(self, steps: int) -> int:
        """How many spikes the lists of a batch hold."""
        if self.counted:
            return sum(int(c[: o[steps]].sum()) for c, o in zip(self.counts, self.offsets, strict=True))
        return sum(int(o[steps]) for o in self.offsets)

    def drain(self, start: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps and ids of a batch, by step and id; an id that emitted n spikes in a step stands n times."""
        found = []
        for ids, offsets, counts in zip(self.ids, self.offsets, self.counts, strict=True):
            n = offsets[steps]
            at = np.repeat(np.arange(start, start + steps), np.diff(offsets[: steps + 1]))
            who = ids[:n].astype(np.int64)
            found.append((np.repeat(at, counts[:n]), np.repeat(who, counts[:n])) if self.counted else (at, who))
        when = np.concatenate([f[0] for f in found])
        who = np.concatenate([f[1] for f in found])
        if len(found) > 1:
            order = np.argsort(when, kind="stable")  # parts are ranges of rising ids
            when, who = when[order], who[order]
        return when, who


class Cells:
    """One population at work. Arrays live as long as this object; the tables hold their addresses."""

    def __init__(
        self,
        population: FlatPopulation,
        system: System,
        numbers: Numbers,
        seed: int,
        precision: str,
        parts: Sequence[tuple[int, int]],
        analog: bool,
        receptors: Sequence[Receptor] = (),
        sums: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.population, self.system, self.numbers, self.receptors = population, system, numbers, receptors
        self.sums = dict(sums or {})  # of the weights of coupled receptors
        self.path, self.size = population.path, population.size
        self.parts = list(parts)
        self.fires = system.threshold is not None
        self.dtype = np.dtype(np.float64 if precision == "double" else np.float32)
        arrays = frozenset(k for k, v in numbers.values.items() if isinstance(v, np.ndarray))
        self.variant = Variant(precision, arrays, analog)
        self.kernel: Kernel = render_kernel(system, self.variant)
        self.states = {s.name: self._full(numbers.starts[s.name]) for s in system.states}
        self.refractory = zeros(population.size, np.int32)
        self.analog = zeros(population.size if analog else 0, self.dtype)
        self._scalars = np.array([float(numbers.values[n]) for n in self.kernel.numbers] or [0.0])
        self._vectors = [self._vector(n, numbers.values[n]) for n in self.kernel.arrays]
        self._key = path_key(seed, self.path, "draws")

    def _full(self, value: Number) -> np.ndarray:
        out = zeros(self.size, self.dtype)
        out[:] = np.asarray(value, self.dtype)
        return out

    def _vector(self, name: str, value: Number) -> np.ndarray:
        out = zeros(np.shape(value), np.int32 if name == K.REFRACTORY_STEPS else self.dtype)
        out[:] = value
        return out

    def named(self, what: str) -> tuple[str, ...]:
        """The states that `what` of a record means; see `state_names`."""
        return state_names(self.system, self.receptors, what)

    def steer(self, population: FlatPopulation, receptors: Sequence[Receptor], scalars: np.ndarray, vectors: Sequence[np.ndarray]) -> None:
        """Take other numbers, written where the kernel reads them; not while it runs."""
        self.population, self.receptors = population, receptors
        self._scalars[:] = scalars
        for own, new in zip(self._vectors, vectors, strict=True):
            own[:] = new

    def defer(self, receptor: int) -> None:
        """Give a receptor a second ring, for projections that deliver epoch by epoch."""
        self.variant = replace(self.variant, deferred=self.variant.deferred | {receptor})
        self.kernel = render_kernel(self.system, self.variant)

    def compile(self) -> int:
        """The address of this population's kernel (compiled, or loaded from the cache)."""
        return int(store.load(self.kernel.source).kernel.address)

    def allocate(self, slots: int, epoch: int, slice_steps: int, batch_steps: int) -> None:
        """Rings, masks and lists, once the delays are known; `epoch`: slots of the rings for deferred deliveries."""
        sizes = [high - low for low, high in self.parts]
        self.slots, self.strides = slots, [-(-n // 64) * 64 for n in sizes]
        self.rings = [[zeros((slots, s), self.dtype) for s in self.strides] for _ in self.system.receptors]
        self.epoch = epoch
        self.late_rings = {k: [zeros((epoch, s), self.dtype) for s in self.strides] for k in sorted(self.variant.deferred)}
        self.masks = [zeros((slice_steps, s), np.uint8) for s in self.strides]
        self.lists = Lists(sizes if self.fires else [0] * len(sizes), slice_steps, batch_steps, counted=False)

    def tables(self, part: int) -> np.ndarray:
        """The kernel's pointer table for one part."""
        low, _ = self.parts[part]
        size = self.dtype.itemsize
        p = np.zeros(K.HEADER + len(self.states) + len(self.rings) + len(self._vectors) + len(self.late_rings), np.int64)
        p[K.FIRED], p[K.FIRED_STRIDE] = address(self.masks[part]), self.strides[part]
        p[K.REFRACTORY] = address(self.refractory) + 4 * low
        p[K.ANALOG] = address(self.analog) + size * low
        p[K.SLOTS], p[K.RING_STRIDE], p[K.FIRST_ID] = self.slots, self.strides[part], low
        p[K.KEY], p[K.EPOCH] = np.uint64(self._key).astype(np.int64), self.epoch
        tail = [address(s) + size * low for s in self.states.values()]
        tail += [address(r[part]) for r in self.rings]
        tail += [address(v) + v.itemsize * low for v in self._vectors]
        tail += [address(r[part]) for r in self.late_rings.values()]
        p[K.HEADER :] = tail
        return p

    def write(self, row: np.ndarray, part: int, kernel: int, keep: list[np.ndarray]) -> None:
        """Fill this population's row of the node table of one part."""
        low, high = self.parts[part]
        pointers = self.tables(part)
        states = pointers[K.HEADER : K.HEADER + len(self.states)].copy()
        keep += [pointers, states]
        row[L.KIND], row[L.KERNEL], row[L.POINTERS], row[L.NUMBERS] = L.POPULATION, kernel, address(pointers), address(self._scalars)
        row[L.SIZE], row[L.LOW], row[L.FIRES], row[L.MASK] = high - low, low, self.fires, address(self.masks[part])
        row[L.STATES], row[L.N_STATES], row[L.WIDTH] = address(states), len(self.states), self.dtype.itemsize
        self.lists.table(row, part)
