"""Synapses that are made of something kept once, one source at a time: the kernel of a convolution, a window that sums, a matrix.

`row_window` and `row_matrix` are as the functions of `topology`; a tag is the place of the synapse's weight in the projection's table
(of a window that has none: the place in the window). `window_onto` and `matrix_onto` deliver a row without writing it down first: the
same additions. Tables are in the order in which a source reads them: [source channel, target channel of its group, place] and [source, target].
"""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.engine.native import inner, view
from studio.engine.procedure import Procedure, procedure
from studio.engine.random import U32, U64
from studio.engine.topology import HIGH, LOW, MADE_OF, N_INTEGERS, N_NUMBERS, N_TABLE, N_TARGET  # noqa: F401 (kernels read them here)
from studio.models.spec import Matrix, Window

# what a window is made of, int64
(
    ROWS,  # of the source's grid
    COLUMNS,
    OUT_ROWS,
    OUT_COLUMNS,
    WINDOW_ROWS,
    WINDOW_COLUMNS,
    STRIDE_Y,
    STRIDE_X,
    PADDING_Y,
    PADDING_X,
    DILATION_Y,
    DILATION_X,
    IN_GROUP,  # source channels of a group
    OUT_GROUP,
    N_WINDOW,
) = range(15)
LARGEST_TABLE = 2**32  # weights: a tag is a word of 32 bits


def window(form: Window, n_source: int, n_target: int, key: int) -> Procedure:
    """The procedure of a window; its weights are `table_of` it."""
    made_of = np.array(
        [
            *form.grid[1:],
            *form.out[1:],
            *form.window,
            *form.stride,
            *form.padding,
            *form.dilation,
            form.grid[0] // form.groups,
            form.out[0] // form.groups,
        ],
        np.int64,
    )
    size = form.window[0] * form.window[1]
    longest = form.out[0] // form.groups * size + size  # the places of the window lie behind the row
    n_table = 1 if form.weights is None else form.weights.size
    return procedure("row_window", n_source, n_target, key, longest, False, MADE_OF=made_of, N_TABLE=n_table)


def matrix(form: Matrix, n_source: int, n_target: int, key: int) -> Procedure:
    """The procedure of a matrix."""
    return procedure("row_matrix", n_source, n_target, key, n_target, False, N_TABLE=form.weights.size)


def table_of(form: Window | Matrix, weight: float, real: Any) -> np.ndarray:
    """The weights [projection's unit] by tag, of type `real`."""
    if isinstance(form, Matrix):
        return np.array(np.multiply(form.weights.T, weight, dtype=np.float64), real, order="C").ravel()
    assert form.weights is not None
    n_out, n_in, *places = form.weights.shape
    grouped = form.weights.reshape(form.groups, n_out // form.groups, n_in, *places).swapaxes(1, 2)
    return np.array(np.multiply(grouped, weight, dtype=np.float64), real, order="C").ravel()


@inner
def standing(w, y, x, at, place):  # type: ignore[no-untyped-def]
    """Where the window stands so that grid point (y, x) lies in it: `at`, the target in its channel, and `place`, which of the window's; how many."""
    across = 0  # the columns first, once for all rows
    for j in range(w[WINDOW_COLUMNS]):
        along = x + w[PADDING_X] - j * w[DILATION_X]
        column = along // w[STRIDE_X]
        if along >= 0 and column * w[STRIDE_X] == along and column < w[OUT_COLUMNS]:
            at[across], place[across] = U32(column), U32(j)
            across += 1
    n, first_at, first_place = 0, 0, 0
    for i in range(w[WINDOW_ROWS]):
        down = y + w[PADDING_Y] - i * w[DILATION_Y]
        row = down // w[STRIDE_Y]
        if down >= 0 and row * w[STRIDE_Y] == down and row < w[OUT_ROWS]:
            if n == 0:
                first_at, first_place = row * w[OUT_COLUMNS], i * w[WINDOW_COLUMNS]
            else:
                for s in range(across):
                    at[n + s] = at[s] + U32(row * w[OUT_COLUMNS])
                    place[n + s] = place[s] + U32(i * w[WINDOW_COLUMNS])
            n += across
    for s in range(across if n > 0 else 0):
        at[s] += U32(first_at)
        place[s] += U32(first_place)
    return n


@inner
def row_window(p, c, source, targets, tags):  # type: ignore[no-untyped-def]
    """The targets in whose window a source lies."""
    w = view(p[MADE_OF], N_WINDOW, np.int64)
    size = w[WINDOW_ROWS] * w[WINDOW_COLUMNS]
    at, place = targets[targets.shape[0] - size :], tags[tags.shape[0] - size :]
    plane, out_plane = w[ROWS] * w[COLUMNS], w[OUT_ROWS] * w[OUT_COLUMNS]
    channel, rest = source // plane, source % plane
    m = standing(w, rest // w[COLUMNS], rest % w[COLUMNS], at, place)
    first = channel // w[IN_GROUP] * w[OUT_GROUP]
    low, wide = p[LOW], U32(p[HIGH] - p[LOW])
    begin, end = max(first, low // out_plane), min(first + w[OUT_GROUP], (p[HIGH] - 1) // out_plane + 1)
    n = 0
    for out in range(begin, end):
        base, own = out * out_plane - low, (channel * w[OUT_GROUP] + out - first) * size
        for s in range(m):
            target = U32(base + np.int64(at[s]))  # very large for targets before this part
            targets[n] = target
            tags[n] = U32(own + np.int64(place[s]))
            n += 1 if target < wide else 0
    return n


@inner
def row_matrix(p, c, source, targets, tags):  # type: ignore[no-untyped-def]
    """Every target."""
    n, first = p[HIGH] - p[LOW], U32(source * p[N_TARGET] + p[LOW])
    mine, own = targets[:n], tags[:n]
    for i in range(mine.shape[0]):
        mine[i] = U32(i)
        own[i] = first + U32(i)
    return n


@inner
def window_onto(p, source, k, table, ring, at, place):  # type: ignore[no-untyped-def]
    """Add a source's row, `k` times, to a ring; `table` has one weight for all, or one by tag. Returns how many synapses it crossed.

    Place by place, through all channels: a long loop for each place instead of a short one for each channel.
    """
    w = view(p[MADE_OF], N_WINDOW, np.int64)
    plane, out_plane = w[ROWS] * w[COLUMNS], w[OUT_ROWS] * w[OUT_COLUMNS]
    channel, rest = source // plane, source % plane
    m = standing(w, rest // w[COLUMNS], rest % w[COLUMNS], at, place)
    first = channel // w[IN_GROUP] * w[OUT_GROUP]
    low, high, last = p[LOW], p[HIGH], first + w[OUT_GROUP]
    begin, end = max(first, -(-low // out_plane)), min(last, high // out_plane)  # channels that lie here as a whole
    size = w[WINDOW_ROWS] * w[WINDOW_COLUMNS] if table.shape[0] > 1 else 0
    own, base = (channel * w[OUT_GROUP] + begin - first) * size, begin * out_plane - low
    for s in range(m):
        to, which = U64(base + np.int64(at[s])), U64(own + (np.int64(place[s]) if size > 0 else 0))
        for _ in range(end - begin):
            ring[to] += table[which] * k
            to += U64(out_plane)
            which += U64(size)
    crossed = m * max(end - begin, 0)
    for out in (low // out_plane, (high - 1) // out_plane):  # and those that this part cuts
        cut = first <= out < last and (out < begin or out >= end)
        for s in range(m if cut else 0):
            target = out * out_plane + np.int64(at[s])
            if low <= target < high:
                which = U64((channel * w[OUT_GROUP] + out - first) * size + (np.int64(place[s]) if size > 0 else 0))
                ring[U64(target - low)] += table[which] * k
                crossed += 1
        if low // out_plane == (high - 1) // out_plane:
            break
    return crossed


@inner
def matrix_onto(p, source, k, table, ring, unused, unused_too):  # type: ignore[no-untyped-def]
    """The same for a matrix."""
    n, first = p[HIGH] - p[LOW], source * p[N_TARGET] + p[LOW]
    to, own = ring[:n], table[first : first + n]
    for s in range(to.shape[0]):
        to[s] += own[s] * k
    return n
