"""A placement in the making: which core each part has, what each core still has room for, and which cores a part may take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from studio.compile.constraints import Rules
from studio.compile.mesh import coordinates, hops, span
from studio.compile.passes.order import Near
from studio.compile.program import Program
from studio.compile.target import Target, Topology

NEAREST = 12  # free cores that are weighed against each other
SLACK = 1e-9
ROOM = 1.1  # how much larger than needed the block of chips is that is filled first


class Where(NamedTuple):
    """Cores [low, high)."""

    low: int
    high: int


@dataclass
class Plan:
    """Mutable while parts are placed; deterministic: of equal places the first is taken."""

    program: Program
    target: Target
    rules: Rules
    need: np.ndarray  # float64 (parts, resources), as shares of a core
    core: np.ndarray  # int64 (parts,), -1: not yet
    used: np.ndarray  # float64 (cores, resources)
    count: np.ndarray  # int64 (cores,): parts there
    layers: dict[int, set[str]] = field(default_factory=dict)  # of each core, where something is kept apart
    _partial: set[int] = field(default_factory=set)  # cores in use with room for the smallest part

    @staticmethod
    def empty(program: Program, target: Target, rules: Rules, amounts: Sequence[Mapping[str, float]]) -> Plan:
        names = sorted({name for a in amounts for name in a if name in target.limits})
        most = np.array([target.limits[name].value for name in names])
        need = np.array([[a.get(name, 0.0) for name in names] for a in amounts], float).reshape(len(amounts), len(names)) / most
        cores = target.topology.cores
        return Plan(
            program, target, rules, need, np.full(len(amounts), -1, np.int64), np.zeros((cores, len(names))), np.zeros(cores, np.int64)
        )

    @property
    def topology(self) -> Topology:
        return self.target.topology

    @cached_property
    def _xy(self) -> tuple[np.ndarray, np.ndarray]:
        return coordinates(self.topology)

    @cached_property
    def _least(self) -> np.ndarray:
        """The least of each resource that any part needs: a core with less left is full."""
        return self.need.min(axis=0) if len(self.need) else np.zeros(self.need.shape[1])

    def least_cores(self, parts: Iterable[int]) -> int:
        """How many cores these parts need at the least: the sum of what they need of the scarcest resource."""
        wanted = self.need[list(parts)]
        return max(1, int(np.ceil(wanted.sum(axis=0).max(initial=0.0) - SLACK))) if len(wanted) else 0

    def candidates(self, part: int, within: Where | None = None) -> np.ndarray:
        """Cores that the constraints leave to a part, ascending."""
        layer = self.program.parts[part].layer
        cores = self.rules.allowed(layer)
        if cores is None:
            cores = np.arange(*(within or (0, self.topology.cores)), dtype=np.int64)
        elif within is not None:
            cores = cores[(cores >= within.low) & (cores < within.high)]
        for scope, size in (("core", 1), ("chip", self.topology.cores_per_chip)):
            if others := self.rules.apart[scope].get(layer):
                taken = [c // size for c, there in self.layers.items() if there & others]
                cores = cores[~np.isin(cores // size, taken)]
        return cores

    def best(self, part: int, near: Near, share: bool, within: Where | None = None) -> int:
        """The core for a part: nearest to those it speaks with, one in use before a free one; -1 where there is none."""
        others, weights = near[part]
        there = self.core[others]
        weights, there = weights[there >= 0], there[there >= 0]
        free = within is None and self.rules.allowed(self.program.parts[part].layer) is None and not self._kept_apart(part)
        if not free:
            cores = self.candidates(part, within)
            started = cores[self.count[cores] > 0]
            unused = cores[self.count[cores] == 0]
        else:
            started, unused = np.fromiter(sorted(self._partial), np.int64, len(self._partial)), None
        if share and len(started):
            started = started[(self.used[started] + self.need[part] <= 1.0 + SLACK).all(axis=1)]
            if len(started):
                return self._nearest(started, there, weights)
        unused = self._around(there, weights) if unused is None else unused
        if (inside := self._region[unused]).any():
            unused = unused[inside]
        return self._nearest(unused, there, weights) if len(unused) else -1

    def _around(self, there: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Free cores near the middle of some cores: of a window that is widened until some are found; those of the region where it has any."""
        grid, (x, y) = self._grid, self._centre(there, weights)
        height, width = grid.shape[:2]
        radius, last = 2, False
        while True:
            rows, columns = slice(max(0, int(y) - radius), int(y) + radius + 1), slice(max(0, int(x) - radius), int(x) + radius + 1)
            cores = grid[rows, columns].ravel()
            cores = np.sort(cores[cores >= 0])
            cores = cores[self.count[cores] == 0]
            enough = self._region[cores].any()
            if last or radius > max(height, width):
                return cores
            last, radius = bool(enough), 2 * radius

    def _centre(self, there: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
        if not len(there) or not weights.sum():
            return self._middle
        x, y = self._xy
        return float(np.average(x[there], weights=weights)), float(np.average(y[there], weights=weights))

    @cached_property
    def _grid(self) -> np.ndarray:
        """The cores at each router: (rows, columns, cores of a router), -1 where there is none."""
        x, y = self._xy
        width, height = span(self.topology)
        out = np.full((height, width, self.topology.cores_per_router), -1, np.int64)
        core = np.arange(self.topology.cores)
        out[y, x, core % self.topology.cores_per_router] = core
        return out

    def _nearest(self, cores: np.ndarray, there: np.ndarray, weights: np.ndarray) -> int:
        x, y = self._xy
        middle = self._centre(there, weights)
        far = abs(x[cores] - middle[0]) + abs(y[cores] - middle[1])
        if not len(there) or not weights.sum():
            return int(cores[np.argmin(far)])
        few = cores[np.argsort(far, kind="stable")[:NEAREST]] if len(cores) > NEAREST else cores
        cost = hops(self.topology, x[few][:, None] - x[there], y[few][:, None] - y[there]) @ weights
        return int(few[np.argmin(cost)])

    @cached_property
    def _region(self) -> np.ndarray:
        """Cores of so many chips, in a block, as the network will need; others are taken when these are full."""
        t = self.topology
        chips = min(t.chips, -(-int(self.least_cores(range(len(self.core))) * ROOM) // t.cores_per_chip))
        across = min(max(t.chip_columns, 1), t.chips)
        wide = min(across, max(1, round((chips * t.rows / t.columns) ** 0.5)))
        chip = np.arange(t.cores) // t.cores_per_chip
        return (chip % across < wide) & (chip // across < -(-chips // wide))

    @cached_property
    def _middle(self) -> tuple[float, float]:
        x, y = self._xy
        return float(x[self._region].mean()), float(y[self._region].mean())

    def bound(self, layer: str) -> bool:
        """Whether a constraint speaks of where a layer lies."""
        return any(layer in self.rules.layers(c.paths) for c in self.rules.all if c.kind in ("region", "keep_together", "keep_apart"))

    def _kept_apart(self, part: int) -> bool:
        layer = self.program.parts[part].layer
        return any(layer in kept for kept in self.rules.apart.values())

    def _keep(self, core: int) -> None:
        """Whether a core is in use and has room for the smallest part."""
        some = self.count[core] > 0 and bool((self.used[core] + self._least <= 1.0 + SLACK).all())
        (self._partial.add if some else self._partial.discard)(core)

    def put(self, part: int, core: int) -> bool:
        """Place a part; False for core -1."""
        if core < 0:
            return False
        self.core[part] = core
        self.used[core] += self.need[part]
        self.count[core] += 1
        self._keep(core)
        if self.rules.apart["core"] or self.rules.apart["chip"]:
            self.layers.setdefault(core, set()).add(self.program.parts[part].layer)
        return True

    def untouched(self, where: Where) -> bool:
        """Whether nothing lies on these cores, and no region or distance keeps anything from them."""
        bound = any(c.kind in ("region", "keep_apart") for c in self.rules.all)
        return not bound and not self.count[where.low : where.high].any()

    def clear(self, parts: Sequence[int], within: Where) -> None:
        """Take these parts away again, which lie on these cores."""
        for k in parts:
            core = int(self.core[k])
            if core >= 0:
                self.used[core] -= self.need[k]
                self.count[core] -= 1
                self.core[k] = -1
        here = slice(*within)
        self.used[here][self.count[here] == 0] = 0.0
        for core in range(*within):
            self._keep(core)
        if self.layers:
            for core in range(*within):
                self.layers.pop(core, None)
            for k in np.flatnonzero((self.core >= within.low) & (self.core < within.high)).tolist():
                self.layers.setdefault(int(self.core[k]), set()).add(self.program.parts[k].layer)
