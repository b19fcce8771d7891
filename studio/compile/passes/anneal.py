"""Cores that change places until ways are short: simulated annealing with a seed and a budget."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from studio.compile.constraints import Rules
from studio.compile.graph import local_graph
from studio.compile.mesh import coordinates, span
from studio.compile.program import Program
from studio.compile.target import Target
from studio.compile.watching import tick

Watch = Callable[[int, int, float], bool]
PER_CORE = 400  # moves, where none are given
MOST = 400_000
CHECKED = 1000  # moves between two calls of `watch`
SAMPLED = 200  # moves from which the first temperature is taken
WARM = 0.1  # of the mean cost of a bad move: the first temperature
COLD = 1e-2  # of the first temperature: the last one


@dataclass(frozen=True)
class Anneal:
    """Lets cores change places (with all that lies on them, or with a free core) so that axons times hops become fewer.

    Needs: placed parts. Guarantees: the contents of cores stay together, so what fitted fits; regions, keep_together and keep_apart hold as
    before; the cost is never more than it was, since the best placement found is kept. `moves` is the budget (None: 400 for each core in
    use, at most 400,000). The same program, seed and budget give the same placement. `watch(moves done, budget, cost)` is called every 1000
    moves; where it returns False the search ends with the best so far. Who listens to `compile.watching` hears of it, too. Kirkpatrick S, Gelatt CD, Vecchi MP (1983),
    doi:10.1126/science.220.4598.671.
    """

    moves: int | None = None
    watch: Watch | None = None
    name: str = "anneal"

    def __call__(self, program: Program, target: Target) -> Program:
        if target.topology.kind == "bus" or not program.parts or any(p.core is None for p in program.parts):
            return program
        search = _Search.of(program, target)
        if search is None:
            return program
        budget = self.moves if self.moves is not None else min(MOST, PER_CORE * search.n_used)
        before = search.cost
        place = search.run(budget, program.seed, self.watch)
        parts = tuple(replace(p, core=place[int(p.core)]) for p in program.parts)  # type: ignore[arg-type]
        return replace(program, parts=parts).choose(
            anneal={"moves": budget, "axon_hops": round(search.best, 3), "axon_hops_before": round(before, 3)}
        )


@dataclass
class _Search:
    """Contents (what lies together on a core) and slots (cores). `slot[c]` is where content c lies; contents beyond `n_used` are empty."""

    n_used: int
    slot: list[int]
    content: dict[int, int]  # slot -> content, where there is one
    at: dict[tuple[int, int], list[int]]  # router -> slots that may be used
    x: list[int]
    y: list[int]
    near: list[list[tuple[int, float]]]
    width: int
    height: int
    wraps: bool
    hexagonal: bool
    fixed: list[bool]  # contents that constraints hold in place
    cost: float = 0.0
    best: float = 0.0

    @staticmethod
    def of(program: Program, target: Target) -> _Search | None:
        t = target.topology
        cores = np.array([p.core for p in program.parts], np.int64)
        used, where = np.unique(cores, return_inverse=True)
        if len(used) < 2:
            return None
        graph = local_graph(program).between_parts()
        merged = graph.merged(np.concatenate([where, np.zeros(len(graph.nodes) - graph.n_parts, np.int64)]))
        near = _near(where[merged.source], merged.target, merged.axons, len(used))
        x, y = coordinates(t)
        held = _held(program, target, where, len(used))
        span_x, span_y = span(t)
        at: dict[tuple[int, int], list[int]] = {}
        for core in _around(used, x, y, t.cores):
            at.setdefault((int(x[core]), int(y[core])), []).append(core)
        search = _Search(
            len(used),
            used.tolist(),
            {int(s): k for k, s in enumerate(used)},
            at,
            x.tolist(),
            y.tolist(),
            near,
            span_x,
            span_y,
            t.wraps,
            t.kind == "hexagonal",
            held,
        )
        search.cost = search.best = sum(search.pull(c, search.slot[c]) for c in range(len(used))) / 2.0
        return search

    def pull(self, content: int, slot: int, swapped: int = -1, other: int = -1) -> float:
        """Axons times hops of a content if it lay at `slot`; content `swapped` is taken to lie at slot `other`."""
        total, x, y = 0.0, self.x[slot], self.y[slot]
        for k, weight in self.near[content]:
            there = other if k == swapped else self.slot[k]
            total += weight * self.hops(self.x[there] - x, self.y[there] - y)
        return total

    def hops(self, dx: int, dy: int) -> int:
        if self.wraps:
            dx, dy = (dx + self.width // 2) % self.width - self.width // 2, (dy + self.height // 2) % self.height - self.height // 2
        if self.hexagonal and dx * dy > 0:
            return max(abs(dx), abs(dy))
        return abs(dx) + abs(dy)

    def change(self, content: int, slot: int) -> float:
        """What the cost grows by if a content moves to a slot, and what lies there to its place."""
        here, other = self.slot[content], self.content.get(slot, -1)
        out = self.pull(content, slot, other, here) - self.pull(content, here)
        if other >= 0:
            out += self.pull(other, here, content, slot) - self.pull(other, slot)
        return out

    def move(self, content: int, slot: int) -> None:
        here, other = self.slot[content], self.content.get(slot, -1)
        self.slot[content], self.content[slot] = slot, content
        if other >= 0:
            self.slot[other], self.content[here] = here, other
        else:
            del self.content[here]

    def run(self, budget: int, seed: int, watch: Watch | None) -> dict[int, int]:
        """Core before -> core after, of the best placement found."""
        rng = np.random.Generator(np.random.PCG64(seed))
        start, best = list(self.slot), list(self.slot)
        picks = rng.integers(0, self.n_used, budget + SAMPLED).tolist()
        offsets = rng.uniform(-1.0, 1.0, (2, budget + SAMPLED)).tolist()
        chances = rng.random(budget).tolist()
        radius = max(2.0, max(self.width, self.height) / 8.0)
        heat = self._heat(picks[budget:], [o[budget:] for o in offsets], radius)
        cooling, shrinking = COLD ** (1.0 / max(budget, 1)), (1.0 / radius) ** (1.0 / max(budget, 1))
        for k in range(budget):
            if k % CHECKED == 0:
                tick(k / budget)
                if watch is not None and not watch(k, budget, self.cost):
                    break
            heat, radius = heat * cooling, radius * shrinking
            content = picks[k]
            slot = self._towards(content, offsets[0][k] * radius, offsets[1][k] * radius)
            if slot < 0 or slot == self.slot[content] or self._bound(content, slot):
                continue
            change = self.change(content, slot)
            if change <= 0.0 or (heat > 0.0 and chances[k] < math.exp(-change / heat)):
                self.move(content, slot)
                self.cost += change
                if self.cost < self.best - 1e-9:
                    self.best, best = self.cost, list(self.slot)
        return dict(zip(start, best, strict=True))

    def _towards(self, content: int, dx: float, dy: float) -> int:
        """A slot near the middle of a content's neighbours, (dx, dy) routers away from it; -1 where there is none."""
        near = self.near[content]
        if near:
            total = sum(w for _, w in near)
            x = sum(self.x[self.slot[k]] * w for k, w in near) / total
            y = sum(self.y[self.slot[k]] * w for k, w in near) / total
        else:
            x, y = self.x[self.slot[content]], self.y[self.slot[content]]
        there = self.at.get((round(x + dx), round(y + dy)))
        return -1 if there is None else there[int(abs(dx * 7919.0)) % len(there)]

    def _bound(self, content: int, slot: int) -> bool:
        other = self.content.get(slot, -1)
        return self.fixed[content] or (other >= 0 and self.fixed[other])

    def _heat(self, picks: list[int], offsets: list[list[float]], radius: float) -> float:
        """A part of the mean growth of the cost over a few moves that make it worse."""
        slots = [self._towards(c, dx * radius, dy * radius) for c, dx, dy in zip(picks, *offsets, strict=True)]
        worse = [d for c, s in zip(picks, slots, strict=True) if s >= 0 and (d := self.change(c, s)) > 0.0]
        return WARM * float(np.mean(worse)) if worse else 0.0


def _near(source: np.ndarray, target: np.ndarray, axons: np.ndarray, n: int) -> list[list[tuple[int, float]]]:
    keep = source != target
    a, b, w = source[keep], target[keep], axons[keep]
    places, back = np.unique(np.concatenate([a * n + b, b * n + a]), return_inverse=True)
    weights = np.bincount(back, np.concatenate([w, w]), len(places))
    out: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for place, weight in zip(places.tolist(), weights.tolist(), strict=True):
        out[place // n].append((place % n, weight))
    return out


def _held(program: Program, target: Target, where: np.ndarray, n: int) -> list[bool]:
    """Contents that stay: those with a layer that a region, keep_together (on a chip) or keep_apart speaks of."""
    rules = Rules(program, target)
    bound = {layer for c in rules.all if c.kind in ("region", "keep_together", "keep_apart") for layer in rules.layers(c.paths)}
    out = [False] * n
    for part, content in zip(program.parts, where.tolist(), strict=True):
        out[content] = out[content] or part.layer in bound
    return out


def _around(used: np.ndarray, x: np.ndarray, y: np.ndarray, cores: int) -> list[int]:
    """Slots within the rectangle of routers in use and one more on each side."""
    xs, ys = x[used], y[used]
    inside = (x >= xs.min() - 1) & (x <= xs.max() + 1) & (y >= ys.min() - 1) & (y <= ys.max() + 1)
    return np.flatnonzero(inside[:cores]).tolist()
