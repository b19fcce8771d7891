"""A projection's synapses, stored by source for each part of the targets, as small as the network allows.

One weight for all stays one number, one delay for all stays one number; targets are counted from the part's first neuron in the
smallest integer that fits; rows are sorted by delay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit

from studio.engine import topology
from studio.engine.random import CONNECT, DELAY, SHAPES, SPLIT, WEIGHT, drawn, path_key, stream, subkey
from studio.engine.recording import Synapses
from studio.findings import Finding, FindingError
from studio.models.spec import AllToAll, Bernoulli, ConnectorForm, InDegree, OneToOne, OutDegree, Pairs, TotalNumber
from studio.network.flat import Drawn, FlatNetwork, FlatProjection, Value

LONGEST_DELAY = 65_535  # steps


@dataclass(frozen=True)
class Rows:
    """The synapses of one projection onto one part [low, high) of its targets.

    Row s is `starts[s]:starts[s + 1]`. `weight` and `delay` [steps] hold for all where `weights`, `delays` are None.
    `order` is, for given pairs, each synapse's place in the list, which has `listed` entries.
    """

    low: int
    high: int
    starts: np.ndarray  # int64 (n_source + 1,)
    targets: np.ndarray  # uint16 or uint32, relative to `low`
    weight: float = 0.0
    delay: int = 0
    weights: np.ndarray | None = None
    delays: np.ndarray | None = None
    order: np.ndarray | None = None
    listed: int = 0

    @property
    def n(self) -> int:
        return len(self.targets)

    @property
    def nbytes(self) -> int:
        return sum(a.nbytes for a in (self.starts, self.targets, self.weights, self.delays) if a is not None)

    @property
    def shortest(self) -> int:
        """The shortest delay [steps]; LONGEST_DELAY where there is no synapse."""
        return self.delay if self.delays is None else int(self.delays.min()) if self.n else LONGEST_DELAY

    @property
    def longest(self) -> int:
        return self.delay if self.delays is None else int(self.delays.max()) if self.n else 0

    def sources(self) -> np.ndarray:
        """The source of every synapse."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


@dataclass(frozen=True)
class Ends:
    """The sizes at both ends of a projection, and whether they are the same population."""

    n_source: int
    n_target: int
    same: bool


def split(n: int, parts: int) -> list[tuple[int, int]]:
    """Ranges of nearly equal size that begin at multiples of 16 (a part writes no cache line of another)."""
    cuts = [min(n, -(-(n * k // parts) // 16) * 16) for k in range(parts)] + [n]
    return list(zip(cuts, cuts[1:], strict=False))


def build(
    projection: FlatProjection, ends: Ends, seed: int, dt: float, dtype: Any = np.float64, parts: Sequence[tuple[int, int]] | None = None
) -> list[Rows]:
    """The synapses of a projection, one Rows per part. Raises FindingError where the connector cannot join these sizes."""
    ranges = list(parts) if parts is not None else [(0, ends.n_target)]
    form = projection.connector.model.lower(projection.connector.params, ends.n_source, ends.n_target)
    connect = _scheme(form, projection, ends, path_key(seed, projection.key, "connect"))

    def one(bounds: tuple[int, int]) -> Rows:
        rows = connect(*bounds)
        rows = _weighted(rows, projection, ends, seed, dtype, form)
        return _sorted_by_delay(_delayed(rows, projection, ends, seed, dt, form))

    if len(ranges) == 1:
        return _alike([one(ranges[0])])
    with ThreadPoolExecutor(len(ranges)) as pool:
        return _alike(list(pool.map(one, ranges)))


def synapses(flat: FlatNetwork, key: str) -> Synapses:
    """The synapses of one projection as they are at the start of a run."""
    projection = next(p for p in flat.projections if p.key == key)
    return listed(build(projection, ends(flat, projection), flat.run.seed, flat.run.dt), flat.run.dt)


def ends(flat: FlatNetwork, projection: FlatProjection) -> Ends:
    """The sizes of a projection's two ends."""
    sizes = {n.path: n.size for n in (*flat.populations, *flat.sources)}
    return Ends(sizes[projection.source], sizes[projection.target], projection.source == projection.target)


def listed(parts: Sequence[Rows], dt: float) -> Synapses:
    """Parts put together, by source, target, and row order: the same list however the targets are cut."""
    sources = np.concatenate([p.sources() for p in parts])
    targets = np.concatenate([p.targets.astype(np.int64) + p.low for p in parts])
    weights = np.concatenate([np.full(p.n, p.weight) if p.weights is None else p.weights.astype(float) for p in parts])
    delays = np.concatenate([np.full(p.n, p.delay) if p.delays is None else p.delays.astype(np.int64) for p in parts])
    order = np.lexsort((targets, sources))
    return Synapses(sources[order], targets[order], weights[order], delays[order] * dt)


Connect = Callable[[int, int], Rows]


def _scheme(form: ConnectorForm, projection: FlatProjection, ends: Ends, key: int) -> Connect:
    """The function that connects one part, for a connector's form."""
    same = ends.same and not getattr(form, "autapses", True)
    if same and ends.n_target == 1:
        return lambda low, high: _given(np.zeros(0, np.int64), np.zeros(0, np.int64), ends, low, high)
    draw = stream(key, CONNECT)
    if isinstance(form, AllToAll) or (isinstance(form, Bernoulli) and form.p >= 1.0):
        return lambda low, high: _dense(ends, low, high, same)
    if isinstance(form, OneToOne):
        _need(
            ends.n_source == ends.n_target,
            projection,
            f"one-to-one needs equal sizes, not {ends.n_source} and {ends.n_target}.",
            "Make both ends the same size, or choose another connector.",
        )
        everyone = np.arange(ends.n_source)
        return lambda low, high: _given(everyone, everyone, ends, low, high)
    if isinstance(form, Pairs):
        _check_pairs(form, projection, ends)
        return lambda low, high: _given(np.asarray(form.sources), np.asarray(form.targets), ends, low, high)
    if isinstance(form, Bernoulli):
        if form.p <= 0.0:
            return lambda low, high: _given(np.zeros(0, np.int64), np.zeros(0, np.int64), ends, low, high)
        return lambda low, high: _two_passes(
            ends,
            low,
            high,
            lambda starts, out: topology.bernoulli(draw, ends.n_source, ends.n_target, low, high, float(form.p), same, starts, out),
        )
    if isinstance(form, InDegree):
        return lambda low, high: _two_passes(
            ends, low, high, lambda starts, out: topology.in_degree(draw, ends.n_source, low, high, int(form.k), same, starts, out)
        )
    if isinstance(form, OutDegree):
        degrees = np.full(ends.n_source, int(form.k), np.int64)
    elif isinstance(form, TotalNumber):
        degrees = topology.share(stream(key, SPLIT), int(form.n), ends.n_source)
    else:
        raise TypeError(f"The engine does not know the connector form {type(form).__name__}.")
    return lambda low, high: _two_passes(
        ends, low, high, lambda starts, out: topology.out_degree(draw, ends.n_source, ends.n_target, low, high, degrees, same, starts, out)
    )


def _two_passes(ends: Ends, low: int, high: int, scheme: Callable[[np.ndarray, np.ndarray], None]) -> Rows:
    """Count, sum up, fill."""
    starts = np.zeros(ends.n_source + 1, np.int64)
    small = np.uint16 if high - low <= 65_536 else np.uint32
    scheme(starts, np.empty(0, small))
    np.cumsum(starts, out=starts)
    targets = np.empty(starts[-1], small)
    if len(targets):
        scheme(starts.copy(), targets)
    return Rows(low, high, starts, targets)


def _dense(ends: Ends, low: int, high: int, same: bool) -> Rows:
    sources = np.repeat(np.arange(ends.n_source), high - low)
    targets = np.tile(np.arange(low, high), ends.n_source)
    keep = sources != targets if same else slice(None)
    return _given(sources[keep], targets[keep], ends, low, high)


def _given(sources: np.ndarray, targets: np.ndarray, ends: Ends, low: int, high: int) -> Rows:
    """Lists of pairs as rows, in list order within a row."""
    here = np.flatnonzero((targets >= low) & (targets < high))
    order = here[np.argsort(sources[here], kind="stable")]
    starts = np.zeros(ends.n_source + 1, np.int64)
    np.cumsum(np.bincount(sources[order], minlength=ends.n_source), out=starts[1:])
    small = np.uint16 if high - low <= 65_536 else np.uint32
    return Rows(low, high, starts, (targets[order] - low).astype(small), order=order, listed=len(sources))


def _check_pairs(form: Pairs, projection: FlatProjection, ends: Ends) -> None:
    s, t = np.asarray(form.sources), np.asarray(form.targets)
    _need(
        s.shape == t.shape and s.ndim == 1,
        projection,
        f"sources and targets must be lists of the same length, not {s.shape} and {t.shape}.",
    )
    for name, ids, n in (("sources", s, ends.n_source), ("targets", t, ends.n_target)):
        _need(not ids.size or (int(ids.min()) >= 0 and int(ids.max()) < n), projection, f"{name} must lie between 0 and {n - 1}.")


def _need(good: bool, projection: FlatProjection, text: str, fix: str = "") -> None:
    if not good:
        raise FindingError([Finding("size.connector", "error", projection.path, text, fix)])


def _weighted(rows: Rows, projection: FlatProjection, ends: Ends, seed: int, dtype: Any, form: ConnectorForm) -> Rows:
    own = form.weights if isinstance(form, Pairs) else None
    value = projection.weight if own is None else np.asarray(own)
    if not isinstance(value, (Drawn, np.ndarray)):
        return replace(rows, weight=float(value))
    per_synapse = _values(rows, value, projection, ends, path_key(seed, projection.key, "weight"), WEIGHT).astype(dtype)
    return replace(rows, weights=per_synapse)


def _delayed(rows: Rows, projection: FlatProjection, ends: Ends, seed: int, dt: float, form: ConnectorForm) -> Rows:
    own = form.delays if isinstance(form, Pairs) else None
    value = projection.delay if own is None else np.asarray(own)
    if not isinstance(value, (Drawn, np.ndarray)):
        steps = int(round(float(value) / dt))
        _check_delay(steps, projection, dt)
        return replace(rows, delay=steps)
    values = np.rint(_values(rows, value, projection, ends, path_key(seed, projection.key, "delay"), DELAY) / dt)
    longest = int(values.max(initial=0))
    _check_delay(longest, projection, dt)
    least = 1 if isinstance(value, Drawn) or longest > 0 else 0
    return replace(rows, delays=np.maximum(values, least).astype(np.uint8 if longest < 256 else np.uint16))


def _check_delay(steps: int, projection: FlatProjection, dt: float) -> None:
    if not 0 <= steps <= LONGEST_DELAY:
        raise FindingError(
            [
                Finding(
                    "bounds.delay",
                    "error",
                    projection.path,
                    f"the delay {steps * dt:g} ms is {steps} steps; between 0 and {LONGEST_DELAY} steps are possible.",
                    "Shorten the delay, or lengthen dt.",
                )
            ]
        )


def _values(rows: Rows, value: Value, projection: FlatProjection, ends: Ends, key: int, purpose: int) -> np.ndarray:
    """One value per synapse: drawn by (source, target, multiplicity), or looked up in an array."""
    if isinstance(value, Drawn):
        times = np.empty(rows.n, np.int32)
        topology.multiplicities(rows.starts, rows.targets, rows.high - rows.low, times)
        out = np.empty(rows.n)
        _draw_values(
            np.uint64(key),
            purpose,
            rows.starts,
            rows.targets,
            rows.low,
            times,
            SHAPES[value.shape],
            value.a,
            value.b,
            value.low,
            value.high,
            out,
        )
        return out
    array = np.asarray(value, float)
    if rows.order is not None and array.ndim == 1 and array.size == rows.listed:
        return array[rows.order]
    if array.size == ends.n_source * ends.n_target:
        return array.reshape(ends.n_source, ends.n_target)[rows.sources(), rows.targets.astype(np.int64) + rows.low]
    raise FindingError(
        [
            Finding(
                "size.data",
                "error",
                projection.path,
                f"an array of shape {array.shape} does not fit {ends.n_source} sources and {ends.n_target} targets.",
                "Give one value per pair, shape (sources, targets).",
            )
        ]
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _draw_values(key, purpose, starts, targets, low, times, shape, a, b, least, most, out):  # type: ignore[no-untyped-def]
    for source in range(starts.shape[0] - 1):
        for s in range(starts[source], starts[source + 1]):
            stream = subkey(key, source, purpose + 16 * times[s])
            out[s] = drawn(stream, np.int64(targets[s]) + low, shape, a, b, least, most)


@njit(nogil=True, cache=True, error_model="numpy")
def _order_rows(starts, delays, out):  # type: ignore[no-untyped-def]
    """A stable order of each row by delay, by counting."""
    counts = np.zeros(int(delays.max()) + 2, np.int64)
    for source in range(starts.shape[0] - 1):
        first, last = starts[source], starts[source + 1]
        counts[:] = 0
        for s in range(first, last):
            counts[delays[s] + 1] += 1
        for d in range(1, counts.shape[0]):
            counts[d] += counts[d - 1]
        for s in range(first, last):
            out[first + counts[delays[s]]] = s
            counts[delays[s]] += 1


def _sorted_by_delay(rows: Rows) -> Rows:
    if rows.delays is None or rows.n == 0:
        return rows
    order = np.empty(rows.n, np.int64)
    _order_rows(rows.starts, rows.delays, order)
    moved = {name: array[order] for name in ("targets", "weights", "delays", "order") if (array := getattr(rows, name)) is not None}
    return replace(rows, **moved)


def _alike(parts: list[Rows]) -> list[Rows]:
    """Where each synapse has a delay: targets of two bytes with delays of one, or both wide, alike in all parts, so that two loops serve all."""
    wide = any(p.delays is not None and (p.delays.itemsize == 2 or p.targets.itemsize == 4) for p in parts)
    if not wide:
        return parts
    return [p if p.delays is None else replace(p, targets=p.targets.astype(np.uint32), delays=p.delays.astype(np.uint16)) for p in parts]
