"""A placement in the making: which core each part has, what each core still has room for, and which cores a part may take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from studio.compile.constraints import Rules
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


def coordinates(topology: Topology) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of every core's router, counted over all chips, int64."""
    core = np.arange(topology.cores, dtype=np.int64)
    chip, rest = np.divmod(core, topology.cores_per_chip)
    row, column = np.divmod(rest // topology.cores_per_router, topology.columns)
    chip_row, chip_column = np.divmod(chip, max(topology.chip_columns, 1))
    return chip_column * topology.columns + column, chip_row * topology.rows + row


def span(topology: Topology) -> tuple[int, int]:
    """Width and height of the whole machine in routers."""
    across = min(max(topology.chip_columns, 1), topology.chips)
    return across * topology.columns, -(-topology.chips // across) * topology.rows


def hops(topology: Topology, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Links on the shortest way over (dx, dy) routers: by rows and columns, or along three axes (hexagonal); none on a bus."""
    if topology.kind == "bus":
        return np.zeros_like(dx)
    if topology.wraps:
        width, height = span(topology)
        dx, dy = (dx + width // 2) % width - width // 2, (dy + height // 2) % height - height // 2
    if topology.kind == "hexagonal":
        return np.where(dx * dy > 0, np.maximum(abs(dx), abs(dy)), abs(dx) + abs(dy))
    return abs(dx) + abs(dy)


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
    first_free: int = 0

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
        """The core for a part: nearest to those it speaks with; -1 where there is none."""
        free = within is None and self.rules.allowed(self.program.parts[part].layer) is None and not self._kept_apart(part)
        cores = self._window() if free else self.candidates(part, within)
        room = (self.used[cores] + self.need[part] <= 1.0 + SLACK).all(axis=1) & ((self.count[cores] == 0) | share)
        cores = cores[room]
        if not len(cores):
            return -1
        others, weights = near[part]
        there = self.core[others]
        weights, there = weights[there >= 0], there[there >= 0]
        started = self.count[cores] > 0
        if started.any():
            cores = cores[started]
        elif (inside := self._region[cores]).any():
            cores = cores[inside]
        return self._nearest(cores, there, weights)

    def _nearest(self, cores: np.ndarray, there: np.ndarray, weights: np.ndarray) -> int:
        x, y = self._xy
        alone = not len(there) or not weights.sum()
        middle = self._middle if alone else (np.average(x[there], weights=weights), np.average(y[there], weights=weights))
        far = abs(x[cores] - middle[0]) + abs(y[cores] - middle[1])
        if alone:
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

    def _window(self) -> np.ndarray:
        """Cores that something may still go to."""
        return np.flatnonzero(self._open)

    @cached_property
    def _open(self) -> np.ndarray:
        return np.ones(self.topology.cores, bool)

    def put(self, part: int, core: int) -> bool:
        """Place a part; False for core -1."""
        if core < 0:
            return False
        self.core[part] = core
        self.used[core] += self.need[part]
        self.count[core] += 1
        self._open[core] = bool((self.used[core] + self._least <= 1.0 + SLACK).all())
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
        self._open[here] = (self.used[here] + self._least <= 1.0 + SLACK).all(axis=1)
        if self.layers:
            for core in range(*within):
                self.layers.pop(core, None)
            for k in np.flatnonzero((self.core >= within.low) & (self.core < within.high)).tolist():
                self.layers.setdefault(int(self.core[k]), set()).add(self.program.parts[k].layer)
