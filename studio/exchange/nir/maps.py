"""Linear maps between flat arrays, each as small as it can be said, and what two of them in series make together.

A map is None (the identity), an array (n,) (a factor for each), an array (out, in), a Window (convolution, pooling) or a Sparse (a list).
Products are computed in double precision; a convolution after pooling stays a convolution where that is the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Union

import numpy as np

from studio.models.connectors.grid import synapses
from studio.models.forms import Window

MAX_ENTRIES = 50_000_000  # of a product written out
MAX_KERNEL = 10_000_000  # weights of a pooling and a convolution in one


class NotLinear(Exception):
    """Raised for what no map here can say; its text is a sentence for a finding."""


@dataclass(frozen=True)
class Sparse:
    """Entry k leads from `sources[k]` to `targets[k]`; `n` is the number of targets. In the order of sources, then targets."""

    n: int
    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray


Map = Union[None, np.ndarray, Window, Sparse]


def diagonal(m: Map) -> bool:
    """Whether element k reaches element k only."""
    return m is None or (isinstance(m, np.ndarray) and m.ndim == 1)


def size(m: Map, n: int) -> int:
    """How many values come out where `n` go in."""
    if isinstance(m, Window):
        return int(np.prod(m.out))
    if isinstance(m, Sparse):
        return m.n
    return n if m is None else len(m)


def listed(m: Map, n: int) -> Sparse:
    """The entries that are not zero, one by one."""
    if isinstance(m, Sparse):
        return m
    if isinstance(m, Window):
        return _windowed(m)
    if m is None or m.ndim == 1:
        k = np.arange(n)
        return Sparse(n, k, k, np.ones(n) if m is None else m)
    sources, targets = np.nonzero(m.T)
    return Sparse(len(m), sources, targets, m[targets, sources])


def applied(m: Map, values: np.ndarray) -> np.ndarray:
    """What comes out for `values`."""
    if m is None or (isinstance(m, np.ndarray) and m.ndim == 1):
        return values if m is None else m * values
    if isinstance(m, np.ndarray):
        return m @ values
    entries = listed(m, len(values))
    return np.bincount(entries.targets, entries.weights * values[entries.sources], size(m, len(values)))


def after(first: Map, second: Map, n: int) -> Map:
    """`first` (of `n` values), then `second`."""
    if first is None or second is None:
        return second if first is None else first
    if diagonal(first) or diagonal(second):
        return _scaled(first, second, n)
    if isinstance(first, Window) and isinstance(second, Window) and (joined := _joined(first, second)) is not None:
        return joined
    if isinstance(second, np.ndarray):
        return second @ first if isinstance(first, np.ndarray) else _times(second, listed(first, n), n)
    if isinstance(first, np.ndarray):
        return _times(first.T, _turned(listed(second, len(first)), len(first)), size(second, len(first))).T
    return _chained(listed(first, n), listed(second, size(first, n)))


def _scaled(first: Map, second: Map, n: int) -> Map:
    """One of the two is a factor for each element."""
    if diagonal(first):
        assert isinstance(first, np.ndarray)
        if isinstance(second, np.ndarray):
            return second * first
        if isinstance(second, Window) and (each := _by_channel(first, second.grid)) is not None:
            return _weighed(second, 1.0, each)
        entries = listed(second, n)
        return replace(entries, weights=entries.weights * first[entries.sources])
    assert isinstance(second, np.ndarray)
    if isinstance(first, np.ndarray):
        return first * second[:, None]
    if isinstance(first, Window) and (each := _by_channel(second, first.out)) is not None:
        return _weighed(first, each, 1.0)
    entries = listed(first, n)
    return replace(entries, weights=entries.weights * second[entries.targets])


def _by_channel(factors: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray | None:
    """The factor of each channel, where all its elements have the same."""
    rows = factors.reshape(shape[0], -1)
    return rows[:, 0] if not np.ptp(rows, axis=1).any() else None


def _weighed(form: Window, out: np.ndarray | float, into: np.ndarray | float) -> Window:
    """A window with a factor for each channel of either side."""
    factors = np.concatenate([np.atleast_1d(out), np.atleast_1d(into)])
    if form.weights is None and not np.ptp(np.atleast_1d(out)) and not np.ptp(np.atleast_1d(into)):
        return replace(form, scale=form.scale * float(np.prod(factors[[0, -1]])))
    kernel = kernel_of(form)
    n_out, n_in = kernel.shape[:2]
    group = np.arange(n_out) // (n_out // form.groups)
    channel = group[:, None] * n_in + np.arange(n_in)
    per_out = np.broadcast_to(out, (n_out,))[:, None]
    per_in = np.broadcast_to(into, (form.grid[0],))[channel]
    return replace(form, weights=kernel * (per_out * per_in)[:, :, None, None], scale=1.0)


def kernel_of(form: Window) -> np.ndarray:
    """The weights written out, (out, in / groups, rows, columns)."""
    if form.weights is not None:
        return np.asarray(form.weights, np.float64)
    return np.full((form.out[0], form.grid[0] // form.groups, *form.window), form.scale)


def _joined(first: Window, second: Window) -> Window | None:
    """A sum over windows, then a window, as one window; None where the kernels are full, or the edges would not be the same."""
    if first.weights is not None or first.groups != first.grid[0] or first.out[0] != first.grid[0] or first.dilation != (1, 1):
        return None
    for n, out, k, s, p, outer in zip(
        first.grid[1:], first.out[1:], first.window, first.stride, first.padding, second.padding, strict=True
    ):
        if outer and (k > s + p or s * out - p < n):
            return None  # a place that the second window sees as nothing would hold elements of the source
    kernel = kernel_of(second)
    span: tuple[int, ...] = tuple(
        s * d * (k - 1) + f for s, d, k, f in zip(first.stride, second.dilation, second.window, first.window, strict=True)
    )
    if kernel.shape[0] * kernel.shape[1] * math.prod(span) > MAX_KERNEL:
        return None
    made = np.zeros((*kernel.shape[:2], *span))
    for i, j in np.ndindex(*second.window):
        y, x = first.stride[0] * second.dilation[0] * i, first.stride[1] * second.dilation[1] * j
        made[:, :, y : y + first.window[0], x : x + first.window[1]] += kernel[:, :, i : i + 1, j : j + 1] * first.scale
    stride = (first.stride[0] * second.stride[0], first.stride[1] * second.stride[1])
    padding = tuple(s * p + q for s, p, q in zip(first.stride, second.padding, first.padding, strict=True))
    return Window(first.grid, second.out, (span[0], span[1]), stride, (padding[0], padding[1]), (1, 1), second.groups, 1.0, made)


def _windowed(form: Window) -> Sparse:
    """Every synapse of a window, by its definition."""
    if synapses(form) > MAX_ENTRIES:
        raise NotLinear(f"with what stands beside it it would be a list of {synapses(form):,.0f} weights")
    kernel = kernel_of(form)
    n_out, n_in = kernel.shape[:2]
    per = n_out // form.groups
    sources, targets, weights = [], [], []
    for i, j in np.ndindex(*form.window):
        y, row = _line(form, 0, i)
        x, column = _line(form, 1, j)
        inside = (row[:, None] * form.grid[2] + column).ravel()
        place = (y[:, None] * form.out[2] + x).ravel()
        o, k = (a.ravel() for a in np.indices((n_out, n_in)))
        sources.append((((o // per * n_in + k) * form.grid[1] * form.grid[2])[:, None] + inside).ravel())
        targets.append(((o * form.out[1] * form.out[2])[:, None] + place).ravel())
        weights.append(np.repeat(kernel[o, k, i, j], len(inside)))
    return _sorted(int(np.prod(form.out)), np.concatenate(sources), np.concatenate(targets), np.concatenate(weights))


def _line(form: Window, axis: int, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Along one axis: the targets whose window has the source under its `place`, and these sources."""
    at = np.arange(form.out[1 + axis])
    under = at * form.stride[axis] - form.padding[axis] + place * form.dilation[axis]
    good = (under >= 0) & (under < form.grid[1 + axis])
    return at[good], under[good]


def _sorted(n: int, sources: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> Sparse:
    """Entries in order, those of one pair added, zeros left out."""
    cells, back = np.unique(sources.astype(np.int64) * n + targets, return_inverse=True)
    total = np.bincount(back, weights, len(cells))
    kept = total != 0
    return Sparse(n, cells[kept] // n, cells[kept] % n, total[kept])


def _turned(entries: Sparse, n: int) -> Sparse:
    """The other way round: from targets to sources, of which there are `n`."""
    order = np.lexsort((entries.sources, entries.targets))
    return Sparse(n, entries.targets[order], entries.sources[order], entries.weights[order])


def _times(matrix: np.ndarray, entries: Sparse, n: int) -> np.ndarray:
    """A matrix times a list from `n` sources, (out, n)."""
    if matrix.shape[0] * n > MAX_ENTRIES:
        raise NotLinear(f"with what stands before it it would be a matrix of {matrix.shape[0]:,} x {n:,} weights")
    out = np.zeros((n, matrix.shape[0]))
    for begin in range(0, len(entries.sources), step := max(1, 10_000_000 // max(matrix.shape[0], 1))):
        part = slice(begin, begin + step)
        np.add.at(out, entries.sources[part], entries.weights[part, None] * matrix.T[entries.targets[part]])
    return out.T


def _chained(first: Sparse, second: Sparse) -> Sparse:
    """A list, then a list."""
    starts = np.searchsorted(second.sources, np.arange(first.n + 1))
    lengths = np.diff(starts)[first.targets]
    if lengths.sum() > MAX_ENTRIES:
        raise NotLinear(f"with what stands before it it would be a list of {lengths.sum():,} weights")
    mine = np.repeat(np.arange(len(lengths)), lengths)
    theirs = np.arange(len(mine)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(starts[first.targets], lengths)
    return _sorted(second.n, first.sources[mine], second.targets[theirs], first.weights[mine] * second.weights[theirs])
