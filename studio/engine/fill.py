"""The compiled steps of construction, each compiled when a network first needs it. Buffers of targets and tags are uint32."""

from __future__ import annotations

import numpy as np
from numba import njit

from studio.engine.laws import row_delays, row_indices, row_weights
from studio.engine.random import U32, U64, bits, subkey
from studio.engine.topology import DEGREE, KEY, N_SOURCE, SAME, row_bernoulli, row_dense, row_out_degree, row_regular, row_regular_apart
from studio.engine.windows import row_matrix, row_window


@njit(nogil=True, cache=True, error_model="numpy")
def draw_bernoulli(p, c, longest, first, starts, targets, tags):  # type: ignore[no-untyped-def]
    """Rows from source `first` on, as many as surely fit; returns the source after the last, and sets `starts` up to it."""
    n, source = 0, first
    while source < p[N_SOURCE] and n + longest <= targets.shape[0]:
        n += row_bernoulli(p, c, source, targets[n:], tags[n:])
        source += 1
        starts[source] = starts[first] + n
    return source


@njit(nogil=True, cache=True, error_model="numpy")
def draw_out_degree(p, c, longest, first, starts, targets, tags):  # type: ignore[no-untyped-def]
    """As `draw_bernoulli`."""
    n, source = 0, first
    while source < p[N_SOURCE] and n + longest <= targets.shape[0]:
        n += row_out_degree(p, c, source, targets[n:], tags[n:])
        source += 1
        starts[source] = starts[first] + n
    return source


@njit(nogil=True, cache=True, error_model="numpy")
def draw_regular(p, c, longest, first, starts, targets, tags):  # type: ignore[no-untyped-def]
    """As `draw_bernoulli`."""
    n, source = 0, first
    while source < p[N_SOURCE] and n + longest <= targets.shape[0]:
        n += row_regular(p, c, source, targets[n:], tags[n:])
        source += 1
        starts[source] = starts[first] + n
    return source


@njit(nogil=True, cache=True, error_model="numpy")
def draw_regular_apart(p, c, longest, first, starts, targets, tags):  # type: ignore[no-untyped-def]
    """As `draw_bernoulli`."""
    n, source = 0, first
    while source < p[N_SOURCE] and n + longest <= targets.shape[0]:
        n += row_regular_apart(p, c, source, targets[n:], tags[n:])
        source += 1
        starts[source] = starts[first] + n
    return source


@njit(nogil=True, cache=True, error_model="numpy")
def draw_dense(p, c, longest, first, starts, targets, tags):  # type: ignore[no-untyped-def]
    """As `draw_bernoulli`."""
    n, source = 0, first
    while source < p[N_SOURCE] and n + longest <= targets.shape[0]:
        n += row_dense(p, c, source, targets[n:], tags[n:])
        source += 1
        starts[source] = starts[first] + n
    return source


@njit(nogil=True, cache=True, error_model="numpy")
def draw_window(p, c, longest, first, starts, targets, tags):  # type: ignore[no-untyped-def]
    """As `draw_bernoulli`."""
    n, source = 0, first
    while source < p[N_SOURCE] and n + longest <= targets.shape[0]:
        n += row_window(p, c, source, targets[n:], tags[n:])
        source += 1
        starts[source] = starts[first] + n
    return source


@njit(nogil=True, cache=True, error_model="numpy")
def draw_matrix(p, c, longest, first, starts, targets, tags):  # type: ignore[no-untyped-def]
    """As `draw_bernoulli`."""
    n, source = 0, first
    while source < p[N_SOURCE] and n + longest <= targets.shape[0]:
        n += row_matrix(p, c, source, targets[n:], tags[n:])
        source += 1
        starts[source] = starts[first] + n
    return source


DRAW = {
    "row_bernoulli": draw_bernoulli,
    "row_out_degree": draw_out_degree,
    "row_regular": draw_regular,
    "row_regular_apart": draw_regular_apart,
    "row_dense": draw_dense,
    "row_window": draw_window,
    "row_matrix": draw_matrix,
}


@njit(nogil=True, cache=True, error_model="numpy")
def draw_in_degree(p, first, last, out):  # type: ignore[no-untyped-def]
    """The sources that the targets [first, last) draw, DEGREE each, with replacement."""
    k = p[DEGREE]
    for target in range(first, last):
        room = U64(p[N_SOURCE] - (1 if p[SAME] != 0 else 0))
        itself = U64(target) if p[SAME] != 0 else room
        stream = subkey(p[KEY], target, 0)
        mine = out[(target - first) * k : (target - first + 1) * k]
        for i in range(mine.shape[0]):
            source = (U64(bits(stream, U32(i))) * room) >> U64(32)
            mine[i] = U32(source + (U64(1) if source >= itself else U64(0)))


@njit(nogil=True, cache=True, error_model="numpy")
def count(sources, starts):  # type: ignore[no-untyped-def]
    """Add to starts[source + 1] for each synapse."""
    for i in range(sources.shape[0]):
        starts[np.int64(sources[i]) + 1] += 1


@njit(nogil=True, cache=True, error_model="numpy")
def scatter(sources, k, first, ends, weights, delays, out_targets, out_weights, out_delays):  # type: ignore[no-untyped-def]
    """Each synapse to the end of its source's row; `k` to each target from `first` (counted from the part's first) on."""
    for i in range(sources.shape[0] // k):
        for s in range(i * k, i * k + k):
            source = U64(sources[s])
            place = U64(ends[source])
            ends[source] += 1
            out_targets[place] = first + i
            if weights.shape[0] > 0:
                out_weights[place] = weights[s]
            if delays.shape[0] > 0:
                out_delays[place] = delays[s]


@njit(nogil=True, cache=True, error_model="numpy")
def index_rows(p, first, starts, tags, out):  # type: ignore[no-untyped-def]
    """The places in the weight table of rows, the first of which belongs to owner `first`."""
    for r in range(starts.shape[0] - 1):
        a, b = starts[r] - starts[0], starts[r + 1] - starts[0]
        row_indices(p, first + r, tags[a:b], out[a:b])


@njit(nogil=True, cache=True, error_model="numpy")
def weigh_rows(p, c, first, starts, tags, out):  # type: ignore[no-untyped-def]
    """The drawn weights of rows."""
    for r in range(starts.shape[0] - 1):
        a, b = starts[r] - starts[0], starts[r + 1] - starts[0]
        row_weights(p, c, first + r, tags[a:b], out[a:b])


@njit(nogil=True, cache=True, error_model="numpy")
def delay_rows(p, first, starts, tags, out):  # type: ignore[no-untyped-def]
    """The drawn delays of rows."""
    for r in range(starts.shape[0] - 1):
        a, b = starts[r] - starts[0], starts[r + 1] - starts[0]
        row_delays(p, first + r, tags[a:b], out[a:b])


@njit(nogil=True, cache=True, error_model="numpy")
def sort_rows(starts, least, counts, delays, targets, weights, out_targets, out_weights, out_delays):  # type: ignore[no-untyped-def]
    """Each row by delay (counting; equal delays keep their order), from buffers into place. `least`: the shortest delay."""
    shortest = U64(least)
    for r in range(starts.shape[0] - 1):
        a, b = starts[r] - starts[0], starts[r + 1] - starts[0]
        late, to = delays[a:b], targets[a:b]
        put_to, put_late = out_targets[a:b], out_delays[a:b]
        own, put_weights = weights[a:b], out_weights[a:b]
        counts[:] = 0
        for s in range(late.shape[0]):
            counts[U64(late[s]) - shortest] += 1
        total = 0
        for d in range(counts.shape[0]):
            total, counts[d] = total + counts[d], total
        for s in range(late.shape[0]):
            d = U64(late[s]) - shortest
            place = U64(counts[d])
            counts[d] += 1
            put_to[place] = to[s]
            put_late[place] = late[s]
            if weights.shape[0] > 0:
                put_weights[place] = own[s]
