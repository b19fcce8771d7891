"""Rows written down: drawn chunk by chunk into the arrays that stay, with buffers of a chunk's size only.

A chunk is drawn (targets and tags), given its weights and delays, sorted by delay row by row, and put in its place. Compiled functions
run without the interpreter's lock, so that parts are built at the same time; between chunks the caller hears how far it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from studio.engine import fill
from studio.engine import topology as T
from studio.engine.procedure import Procedure
from studio.engine.rows import LONGEST_DELAY, Rows

CHUNK = 1 << 17  # synapses drawn at once, at least
WIDE = 1024  # steps between the shortest and longest delay from which on counting each row's delays no longer pays
Told = Callable[[float], None]  # the part that is done; may raise
Lookup = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]  # (sources, targets, tags) -> a value each


@dataclass(frozen=True)
class Recipe:
    """How a projection is written down: who, which weights and delays, and in what they are kept.

    `weights` and `delays` look values up where arrays are given ([own unit] and [steps]); else the procedure says how they come about.
    `pairs` are the lists of an explicit connector. `mean`: the expected number of synapses onto all targets.
    """

    procedure: Procedure
    mean: float
    weight: float
    delay: int
    targets_in: Any
    weights_in: Any
    delays_in: Any
    table: np.ndarray | None = None
    table_error: tuple[float, float] | None = None
    weights: Lookup | None = None
    delays: Lookup | None = None
    pairs: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def has_weights(self) -> bool:
        return self.weights is not None or self.procedure.weights != "one"

    @property
    def has_delays(self) -> bool:
        return self.delays is not None or self.procedure.delays != "one"


@dataclass
class _Columns:
    """The arrays of one part while they fill. They grow and shrink in place: memory never written to is never taken."""

    recipe: Recipe
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray
    span: list[int] = field(default_factory=lambda: [LONGEST_DELAY, 0])

    @staticmethod
    def of(recipe: Recipe, n: int) -> _Columns:
        weights = np.empty(n if recipe.has_weights else 0, recipe.weights_in)
        return _Columns(recipe, np.empty(n, recipe.targets_in), weights, np.empty(n if recipe.has_delays else 0, recipe.delays_in))

    def resize(self, n: int) -> None:
        for array, used in ((self.targets, True), (self.weights, self.recipe.has_weights), (self.delays, self.recipe.has_delays)):
            if used:
                array.resize(n, refcheck=False)  # no view of it outlives a chunk

    def need(self, n: int) -> None:
        if n > len(self.targets):
            self.resize(n + n // 16 + CHUNK)

    def rows(self, low: int, high: int, starts: np.ndarray) -> Rows:
        r = self.recipe
        self.resize(int(starts[-1]))
        weights, delays = self.weights if r.has_weights else None, self.delays if r.has_delays else None
        span = None if delays is None else (self.span[0], self.span[1])
        return Rows(low, high, starts, self.targets, r.weight, r.delay, weights, delays, r.table, r.table_error, span=span)


def write(recipe: Recipe, low: int, high: int, told: Told) -> Rows:
    """The synapses onto the targets [low, high)."""
    made = recipe.procedure.onto(low, high)
    if recipe.pairs is not None:
        return _write_pairs(recipe, made, low, high)
    if made.scheme == "in_degree":
        return _write_by_target(recipe, made, low, high, told)
    return _write_by_source(recipe, made, low, high, told)


def write_out(rows: Rows) -> Rows:
    """The synapses of a procedure, stored."""
    made = rows.procedure
    assert made is not None
    kept = np.uint8 if made.weights == "table" else made.real
    size = made.integers[T.HIGH] - made.integers[T.LOW]
    small = np.uint16 if size <= 65_536 else np.uint32
    table, lookup = (None, by_tag(rows.table)) if made.weights == "kept" and rows.table is not None else (rows.table, None)
    recipe = Recipe(made, float(CHUNK), rows.weight, rows.delay, small, kept, np.uint16, table, rows.table_error, lookup)
    return write(recipe, rows.low, rows.high, lambda part: None)


def by_tag(table: np.ndarray) -> Lookup:
    """The weights of synapses whose tags are places in a table."""
    return lambda sources, targets, tags: table[tags]


def counted(made: Procedure, table: np.ndarray | None = None) -> int:
    """How many synapses a procedure draws; with a `table` of kept weights, how many of them are not zero."""
    n_source, first, total = int(made.integers[T.N_SOURCE]), 0, 0
    starts = np.zeros(n_source + 1, np.int64)
    targets, tags = (np.empty(made.longest + CHUNK, np.uint32) for _ in range(2))
    while first < n_source:
        last = fill.DRAW[made.scheme](made.integers, made.numbers, made.longest, first, starts, targets, tags)
        n = int(starts[last] - starts[first])
        total += n if table is None else int(np.count_nonzero(table[tags[:n]]))
        first = last
    return total


def _write_by_source(recipe: Recipe, made: Procedure, low: int, high: int, told: Told) -> Rows:
    n_source, n_target = int(made.integers[T.N_SOURCE]), int(made.integers[T.N_TARGET])
    mean = recipe.mean * (high - low) / max(n_target, 1)
    out = _Columns.of(recipe, int(mean if high - low == n_target and "degree" in made.scheme else mean + 8.0 * np.sqrt(mean) + 64.0))
    starts = np.zeros(n_source + 1, np.int64)
    targets, tags = (np.empty(made.longest + CHUNK, np.uint32) for _ in range(2))
    draw, first = fill.DRAW[made.scheme], 0
    while first < n_source:
        last = draw(made.integers, made.numbers, made.longest, first, starts, targets, tags)
        n = int(starts[last] - starts[first])
        out.need(int(starts[last]))
        _finish(recipe, made, out, first, starts[first : last + 1], targets[:n], tags[:n], low)
        first = last
        told(first / n_source)
    return out.rows(low, high, starts)


def _finish(
    recipe: Recipe, made: Procedure, out: _Columns, first: int, starts: np.ndarray, targets: np.ndarray, tags: np.ndarray, low: int
) -> None:
    """Weights, delays and order of drawn rows, into their place."""
    place = slice(int(starts[0]), int(starts[-1]))
    weights = _weights(recipe, made, first, starts, targets, tags, low, None if recipe.has_delays else out.weights[place])
    if not recipe.has_delays:
        out.targets[place] = targets
        return
    delays = _delays(recipe, made, first, starts, targets, tags, low)
    _sort(out, starts, targets, weights, delays)


def _sort(out: _Columns, starts: np.ndarray, targets: np.ndarray, weights: np.ndarray, delays: np.ndarray) -> None:
    """Put rows in their place, each by delay."""
    if not len(targets):
        return
    place = slice(int(starts[0]), int(starts[-1]))
    least, most = int(delays.min()), int(delays.max())
    out.span = [min(out.span[0], least), max(out.span[1], most)]
    has = out.recipe.has_weights
    own = out.weights[place] if has else out.weights
    if most - least >= WIDE:
        order = np.lexsort((delays, _owners(0, starts)))
        out.targets[place], out.delays[place] = targets[order], delays[order]
        if has:
            own[:] = weights[order]
        return
    counts = np.empty(most - least + 2, np.int64)
    fill.sort_rows(starts, least, counts, delays, targets, weights, out.targets[place], own, out.delays[place])


def _weights(
    recipe: Recipe,
    made: Procedure,
    first: int,
    starts: np.ndarray,
    targets: np.ndarray,
    tags: np.ndarray,
    low: int,
    into: np.ndarray | None,
) -> np.ndarray:
    """The weights of rows, into `into` or a buffer of their own; empty where one weight holds for all."""
    if not recipe.has_weights:
        return np.empty(0, recipe.weights_in)
    out = np.empty(len(tags), recipe.weights_in) if into is None else into
    if recipe.weights is not None:
        out[:] = recipe.weights(_owners(first, starts), targets.astype(np.int64) + low, tags)
    elif made.weights == "table":
        fill.index_rows(made.integers, first, starts, tags, out)
    else:
        fill.weigh_rows(made.integers, made.numbers, first, starts, tags, out)
    return out


def _delays(recipe: Recipe, made: Procedure, first: int, starts: np.ndarray, targets: np.ndarray, tags: np.ndarray, low: int) -> np.ndarray:
    out = np.empty(len(tags), np.uint16)
    if recipe.delays is not None:
        out[:] = recipe.delays(_owners(first, starts), targets.astype(np.int64) + low, tags)
    else:
        fill.delay_rows(made.integers, first, starts, tags, out)
    return out


def _owners(first: int, starts: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(first, first + len(starts) - 1), np.diff(starts))


def _write_by_target(recipe: Recipe, made: Procedure, low: int, high: int, told: Told) -> Rows:
    """Fixed in-degree: each target draws its sources. First how many each source has, then each synapse into its source's row."""
    n_source, k = int(made.integers[T.N_SOURCE]), int(made.integers[T.DEGREE])
    starts = np.zeros(n_source + 1, np.int64)
    per = max(1, CHUNK // max(k, 1))
    sources = np.empty(per * k, np.uint32)
    tags = np.tile(np.arange(k, dtype=np.uint32), per)
    ranges = [(a, min(a + per, high)) for a in range(low, high if k else low, per)]
    for a, b in ranges:
        fill.draw_in_degree(made.integers, a, b, sources)
        fill.count(sources[: (b - a) * k], starts)
        told(0.3 * (b - low) / (high - low))
    np.cumsum(starts, out=starts)
    out, ends = _Columns.of(recipe, int(starts[-1])), starts[:-1].copy()
    for a, b in ranges:
        n = (b - a) * k
        fill.draw_in_degree(made.integers, a, b, sources)
        into = np.arange(b - a + 1) * k
        targets = np.repeat(np.arange(a - low, b - low, dtype=np.uint32), k) if recipe.weights or recipe.delays else sources
        by = _by_source(recipe, sources[:n])
        weights = _weights(by, made, a, into, targets[:n], tags[:n], low, None)
        delays = _delays(by, made, a, into, targets[:n], tags[:n], low) if recipe.has_delays else np.empty(0, np.uint16)
        fill.scatter(sources[:n], k, a - low, ends, weights, delays, out.targets, out.weights, out.delays)
        told(0.3 + 0.6 * (b - low) / (high - low))
    if recipe.has_delays:
        _sort_all(out, starts)
    return out.rows(low, high, starts)


def _by_source(recipe: Recipe, sources: np.ndarray) -> Recipe:
    """Lookups of a chunk that was drawn by target: the sources are those drawn."""
    if recipe.weights is None and recipe.delays is None:
        return recipe
    turned = {
        name: (lambda _, targets, tags, f=f: f(sources.astype(np.int64), targets, tags))
        for name, f in (("weights", recipe.weights), ("delays", recipe.delays))
        if f is not None
    }
    return replace(recipe, **turned)


def _sort_all(out: _Columns, starts: np.ndarray) -> None:
    """Sort every row in place, a chunk of rows at a time."""
    first, n_source = 0, len(starts) - 1
    while first < n_source:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + CHUNK, side="right")) - 1)
        place = slice(int(starts[first]), int(starts[last]))
        weights = out.weights[place].copy() if out.recipe.has_weights else out.weights
        _sort(out, starts[first : last + 1], out.targets[place].astype(np.uint32), weights, out.delays[place].astype(np.uint16))
        first = last


def _write_pairs(recipe: Recipe, made: Procedure, low: int, high: int) -> Rows:
    """Lists of pairs as rows, in list order within a row; a synapse's tag is its place in the list."""
    assert recipe.pairs is not None
    sources, targets = recipe.pairs
    here = np.flatnonzero((targets >= low) & (targets < high))
    order = here[np.argsort(sources[here], kind="stable")]
    starts = np.zeros(int(made.integers[T.N_SOURCE]) + 1, np.int64)
    np.cumsum(np.bincount(sources[order], minlength=len(starts) - 1), out=starts[1:])
    out = _Columns.of(recipe, len(order))
    _finish(recipe, made, out, 0, starts, (targets[order] - low).astype(np.uint32), order.astype(np.uint32), low)
    return out.rows(low, high, starts)
