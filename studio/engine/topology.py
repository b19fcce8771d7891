"""Who is connected with whom, one source at a time: functions that compiled code calls, for rows to be stored or drawn again.

Each `row_<scheme>(p, c, source, targets, tags)` draws the synapses of one source onto one part of the targets and returns how many:
`targets` (uint32, counted from the part's first) and `tags` (uint32: the number of the draw in the source's whole row; Bernoulli and
all-to-all: the target's id), both with room for ROOM more than are drawn. `p` and `c` are a Procedure's tables. Draws do not depend
on parts: they are keyed by source and block of targets, and how many blocks there are depends on the sizes of the network alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from studio.engine.binomials import binomial_near_half
from studio.engine.native import inner, view
from studio.engine.random import U32, U64, bits, leading_zeros, subkey

# the places of a Procedure's integers
(
    KEY,
    N_SOURCE,
    N_TARGET,
    LOW,  # the part: targets [LOW, HIGH)
    HIGH,
    SAME,  # 1: an element does not connect to itself
    BLOCKS,  # a power of two
    CUTS,  # address of int64 (BLOCKS + 1,): where each block begins
    DEGREE,  # synapses of every source, where DEGREES is 0
    DEGREES,  # address of int64 (n_source,), or 0
    IN_DEGREE,  # regular
    SIDE,  # regular: slots lie in a rectangle of SIDE x OTHER_SIDE
    OTHER_SIDE,
    ROUNDS,  # regular: address of uint64 (2 * HALF_ROUNDS,)
    WEIGHT_KEY,
    WEIGHT_SHAPE,  # as SHAPES of random.py
    DELAY_KEY,
    DELAY_CUTS,  # address of uint32 (steps,): a word below cuts[d] has a delay of at most d steps
    DELAY_GUIDE,  # address of uint16 (GUIDE,): the shortest delay of the words that begin with these bits
    MADE_OF,  # address of what a window is made of, see `windows`
    N_TABLE,  # how many weights a window or a matrix keeps
    N_INTEGERS,
) = range(22)
# and of its numbers
(
    GAP,  # Bernoulli: 1 / log(1 - p)
    WEIGHT_A,
    WEIGHT_B,
    WEIGHT_FROM,  # the part of the distribution's probability that lies below its lower bound
    WEIGHT_SPAN,  # and between its bounds
    WEIGHT_LOW,
    WEIGHT_HIGH,
    N_NUMBERS,
) = range(8)

ROOM = 64  # places that a row's buffers have beyond its longest row
_GAPS = 32  # drawn at once
_COUNTS = 16  # most blocks
HALF_ROUNDS = 4
_OVER = 0xFFFFFFFF


def blocks(n_target: int, degree: float) -> int:
    """How many blocks the targets of a source with `degree` synapses are drawn in: enough to share the work, each worth its own count."""
    wanted = min(_COUNTS, n_target // 2048, int(degree) // 200)
    return 1 << (max(wanted, 1).bit_length() - 1)


def split(n: int, parts: int) -> list[tuple[int, int]]:
    """Ranges of nearly equal size that begin at multiples of 16 (a part writes no cache line of another)."""
    cuts = [min(n, -(-(n * k // parts) // 16) * 16) for k in range(parts)] + [n]
    return list(zip(cuts, cuts[1:], strict=False))


@inner
def row_dense(p, c, source, targets, tags):  # type: ignore[no-untyped-def]
    """Every target."""
    low, n = p[LOW], p[HIGH] - p[LOW]
    skipped = source - low if p[SAME] != 0 and low <= source < p[HIGH] else n
    n -= 1 if skipped < n else 0
    mine, own = targets[:n], tags[:n]
    for i in range(mine.shape[0]):
        target = i + (1 if i >= skipped else 0)
        mine[i] = U32(target)
        own[i] = U32(target + low)
    return n


@inner
def minus_log(word):  # type: ignore[no-untyped-def]
    """-log(u) of a random word's u in (0, 1), without branches or calls; relative error below 1e-11."""
    odd = U32(word | U32(1))  # the middle of one of 2**31 cells
    zeros = leading_zeros(odd)  # pyright: ignore[reportCallIssue]
    m = float(U32(odd << zeros)) * 4.656612873077393e-10  # in [1, 2)
    large = m > 1.4142135623730951
    m = m * 0.5 if large else m
    power = float(np.int32(zeros)) + (0.0 if large else 1.0)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    series = 1.0 + q * (
        0.3333333333333333
        + q * (0.2 + q * (0.14285714285714285 + q * (0.1111111111111111 + q * (0.09090909090909091 + q * 0.07692307692307693))))
    )
    return power * 0.6931471805599453 - 2.0 * s * series


@inner
def draw_gaps(stream, first, scale, gaps):  # type: ignore[no-untyped-def]
    """From one target to the next, geometric; number `first` of a stream and on."""
    for i in range(gaps.shape[0]):
        gap = minus_log(bits(stream, U32(first + i))) * scale
        gaps[i] = U32(1.0 + (gap if gap < 2147483646.0 else 2147483646.0))


@inner
def row_bernoulli(p, c, source, targets, tags):  # type: ignore[no-untyped-def]
    """Each target with the same chance, by geometric gaps, block by block."""
    low, high, n_blocks = p[LOW], p[HIGH], p[BLOCKS]
    cuts = view(p[CUTS], n_blocks + 1, np.int64)
    scale = -c[GAP]
    itself = U64(source) if p[SAME] != 0 else ~U64(0)
    first = U64(low)
    gaps = tags[tags.shape[0] - _GAPS :]
    n = U64(0)
    for block in range(n_blocks):
        begin, end = cuts[block], cuts[block + 1]
        if end <= low or begin >= high:
            continue
        stream = subkey(p[KEY], source, block)
        last = U64(min(end, high))
        width = last - first
        target, draw = U64(begin - 1), 0
        while draw == 0 or target < last:
            draw_gaps(stream, draw, scale, gaps)
            draw += _GAPS
            for i in range(gaps.shape[0]):
                target += U64(gaps[i])
                here = target - first  # very large for targets before this part
                targets[n] = U32(here)
                tags[n] = U32(target)
                n += U64(here < width) & U64(target != itself)
    return np.int64(n)


@inner
def row_out_degree(p, c, source, targets, tags):  # type: ignore[no-untyped-def]
    """A number of targets with replacement: halves of the targets share it, halves of halves, down to blocks; then each block draws its own."""
    low, high, n_blocks = p[LOW], p[HIGH], p[BLOCKS]
    cuts = view(p[CUTS], n_blocks + 1, np.int64)
    itself = source if p[SAME] != 0 else -1
    counts = tags[tags.shape[0] - _COUNTS :]
    degree = view(p[DEGREES], p[N_SOURCE], np.int64)[source] if p[DEGREES] != 0 else p[DEGREE]
    counts[0] = U32(degree)
    share_out(p, cuts, source, itself, counts)
    n, first = 0, 0
    for block in range(n_blocks):
        here = np.int64(counts[block])
        begin, end = cuts[block], cuts[block + 1]
        if end > low and begin < high and here > 0:
            inside = begin <= itself < end
            size = U64(end - begin - (1 if inside else 0))
            skipped = U64(itself - begin) if inside else size
            stream = subkey(p[KEY], source, block)
            mine, own = targets[n : n + here], tags[n : n + here]
            shift = U32(begin - low)  # below zero, that is very large, for targets before this part
            for i in range(mine.shape[0]):
                t = (U64(bits(stream, U32(i))) * size) >> U64(32)
                t += U64(1) if t >= skipped else U64(0)
                mine[i] = U32(U32(t) + shift)
                own[i] = U32(U32(i) + U32(first))
            n += here if begin >= low and end <= high else only_here(mine, own, U32(high - low))
        first += here
    return n


@inner
def only_here(targets, tags, width):  # type: ignore[no-untyped-def]
    """Keep the synapses with targets below `width`, in order, and return how many there are."""
    n = U64(0)
    for i in range(targets.shape[0]):
        target, tag = targets[i], tags[i]
        targets[n] = target
        tags[n] = tag
        n += U64(target < width)
    return np.int64(n)


@inner
def share_out(p, cuts, source, itself, counts):  # type: ignore[no-untyped-def]
    """Split counts[0] over the blocks, by halves; only where this part has a share in a half (elsewhere the sum stays in the first block)."""
    width, nodes = p[BLOCKS], 1
    while width > 1:
        half = width // 2
        for node in range(nodes - 1, -1, -1):
            total = np.int64(counts[node])
            begin, middle, end = cuts[node * width], cuts[node * width + half], cuts[node * width + width]
            left = total
            if end > p[LOW] and begin < p[HIGH] and total > 0:
                below = middle - begin - (1 if begin <= itself < middle else 0)
                all_ = end - begin - (1 if begin <= itself < end else 0)
                key = subkey(p[KEY], source, -(nodes + node))
                left = binomial_near_half(key, total, float(below) / float(all_))
            counts[2 * node] = U32(left)
            counts[2 * node + 1] = U32(total - left)
        width, nodes = half, nodes * 2


@inner
def slot(p, rounds, j):  # type: ignore[no-untyped-def]
    """Where slot `j` of a rectangle goes under a keyed permutation: a Feistel network on two sides (Black and Rogaway 2002)."""
    a, b = U64(p[SIDE]), U64(p[OTHER_SIDE])
    x, y = U64(j // p[OTHER_SIDE]), U64(j % p[OTHER_SIDE])
    for k in range(HALF_ROUNDS):
        x = turned(rounds[2 * k], x, y, a)
        y = turned(rounds[2 * k + 1], y, x, b)
    return np.int64(x * b + y)


@njit(inline="always", error_model="numpy")
def turned(key, x, y, n):  # type: ignore[no-untyped-def]
    """`x` moved round a circle of `n` places, as far as `y` says."""
    x = U64(x) + ((U64(bits(key, U32(y))) * n) >> U64(32))
    return x - (n if x >= n else U64(0))


@inner
def turn(key, xs, ys, n):  # type: ignore[no-untyped-def]
    """`turned` for many."""
    for i in range(xs.shape[0]):
        xs[i] = U32(turned(key, xs[i], ys[i], n))


@inner
def slots(p, rounds, first, xs, ys):  # type: ignore[no-untyped-def]
    """`slot` for those from `first` on: place = xs * OTHER_SIDE + ys."""
    a, b = U64(p[SIDE]), U64(p[OTHER_SIDE])
    x, y = first // p[OTHER_SIDE], first % p[OTHER_SIDE]
    for i in range(xs.shape[0]):
        xs[i] = U32(x)
        ys[i] = U32(y)
        y += 1
        x, y = (x + 1, 0) if y == p[OTHER_SIDE] else (x, y)
    for k in range(HALF_ROUNDS):
        turn(rounds[2 * k], xs, ys, a)
        turn(rounds[2 * k + 1], ys, xs, b)


@inner
def row_regular(p, c, source, targets, tags):  # type: ignore[no-untyped-def]
    """Slot `source * DEGREE + r` of all synapses goes to a target by a keyed permutation of the slots, IN_DEGREE to each."""
    degree, k, low, high = p[DEGREE], p[IN_DEGREE], p[LOW], p[HIGH]
    rounds = view(p[ROUNDS], 2 * HALF_ROUNDS, np.uint64)
    first, most = source * degree, p[N_SOURCE] * degree
    xs, ys = targets[:degree], tags[:degree]
    slots(p, rounds, first, xs, ys)
    into_targets(xs, ys, p[OTHER_SIDE], k, most)
    for r in range(degree):
        if xs[r] == U32(_OVER):
            place = slot(p, rounds, first + r)
            while place >= most:
                place = slot(p, rounds, place)
            xs[r] = U32(place // k)
    for r in range(xs.shape[0]):
        xs[r] = U32(xs[r] - U32(low))
        ys[r] = U32(r)
    return degree if high - low == p[N_TARGET] else only_here(xs, ys, U32(high - low))


@inner
def into_targets(xs, ys, b, k, most):  # type: ignore[no-untyped-def]
    """The target of each place x * b + y, in `xs`: place // k, or _OVER for places that do not count."""
    inverse = 1.0 / float(k)
    for i in range(xs.shape[0]):
        place = np.int64(xs[i]) * b + np.int64(ys[i])
        t = np.int64(float(place) * inverse)
        t -= 1 if t * k > place else 0
        t += 1 if (t + 1) * k <= place else 0
        xs[i] = U32(t) if place < most else U32(_OVER)


@inner
def apart(p, rounds, r, source):  # type: ignore[no-untyped-def]
    """The target of synapse `r` of `source`, never the source itself: a keyed permutation of the elements, a shift, and the permutation back."""
    n, a, b = p[N_TARGET], U64(p[SIDE]), U64(p[OTHER_SIDE])
    own = U64(r) * U64(0x9E3779B97F4A7C15)
    place = source
    while True:
        x, y = U64(place // p[OTHER_SIDE]), U64(place % p[OTHER_SIDE])
        for k in range(HALF_ROUNDS):
            x = turned(rounds[2 * k] + own, x, y, a)
            y = turned(rounds[2 * k + 1] + own, y, x, b)
        place = np.int64(x * b + y)
        if place < n:
            break
    place += 1 + np.int64((U64(bits(subkey(p[KEY], r, 0), U32(0))) * U64(n - 1)) >> U64(32))
    place -= n if place >= n else 0
    while True:
        x, y = U64(place // p[OTHER_SIDE]), U64(place % p[OTHER_SIDE])
        for k in range(HALF_ROUNDS - 1, -1, -1):
            y = back(rounds[2 * k + 1] + own, y, x, b)
            x = back(rounds[2 * k] + own, x, y, a)
        place = np.int64(x * b + y)
        if place < n:
            return place


@njit(inline="always", error_model="numpy")
def back(key, x, y, n):  # type: ignore[no-untyped-def]
    """What `turned` undone gives."""
    h = (U64(bits(key, U32(y))) * n) >> U64(32)
    return U64(x) - h + (n if U64(x) < h else U64(0))


@inner
def row_regular_apart(p, c, source, targets, tags):  # type: ignore[no-untyped-def]
    """`row_regular` within one population, without synapses of an element onto itself: in each of DEGREE layers every element is a target once."""
    rounds = view(p[ROUNDS], 2 * HALF_ROUNDS, np.uint64)
    low, high, n = p[LOW], p[HIGH], 0
    for r in range(p[DEGREE]):
        target = apart(p, rounds, r, source)
        targets[n] = U32(target - low)
        tags[n] = U32(r)
        n += 1 if low <= target < high else 0
    return n
