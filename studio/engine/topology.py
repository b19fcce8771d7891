"""Who is connected with whom: each drawing scheme as two compiled passes (count, fill) over the sources or targets of one part.

A part is a range of targets [low, high). Draws do not depend on parts: Bernoulli, out-degree and total number are drawn per
(source, block of BLOCK targets), in-degree per target. Each pass writes row lengths into `counts` or targets (relative to `low`) into `out`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from studio.engine.random import U64, below, binomial, bits, subkey

BLOCK = 1024  # targets per block; part of the definition of a random network


@njit(nogil=True, cache=True, error_model="numpy")
def bernoulli(key, n_source, n_target, low, high, p, same, starts, out):  # type: ignore[no-untyped-def]
    """Each pair with probability p, by geometric gaps. `same`: leave out pairs (i, i). `out` empty: count into starts[source + 1]."""
    counting = out.shape[0] == 0
    scale = 1.0 / math.log1p(-p) if p < 1.0 else 0.0
    for source in range(n_source):
        at = starts[source]
        n = 0
        for block in range(low // BLOCK, (high + BLOCK - 1) // BLOCK):
            stream = subkey(key, source, block)
            begin = block * BLOCK
            end = min(begin + BLOCK, n_target)
            target = begin - 1
            draw = 0
            while True:
                u = (float(bits(stream, draw)) + 0.5) * 2.3283064365386963e-10
                draw += 1
                target += 1 + int(min(math.log(u) * scale, 1e9))
                if target >= end:
                    break
                if low <= target < high and not (same and target == source):
                    if not counting:
                        out[at + n] = target - low
                    n += 1
        if counting:
            starts[source + 1] = n


@njit(nogil=True, cache=True, error_model="numpy")
def out_degree(key, n_source, n_target, low, high, degrees, same, starts, out):  # type: ignore[no-untyped-def]
    """Each source draws degrees[source] targets with replacement: how many per block (a multinomial, block by block), then which."""
    counting = out.shape[0] == 0
    for source in range(n_source):
        at = starts[source]
        n = 0
        left = degrees[source]
        room = n_target - 1 if same else n_target
        split = subkey(key, source, 0xFFFFFFFF)
        for block in range((min(high, n_target) + BLOCK - 1) // BLOCK):
            begin = block * BLOCK
            own = same and begin <= source < begin + BLOCK
            size = min(BLOCK, n_target - begin) - (1 if own else 0)
            here = left if size >= room else binomial(split, block, left, size / room)
            left -= here
            room -= size
            if begin + BLOCK <= low or here == 0:
                continue
            stream = subkey(key, source, block)
            for draw in range(here):
                target = begin + below(stream, draw, size)
                if own and target >= source:
                    target += 1
                if low <= target < high:
                    if not counting:
                        out[at + n] = target - low
                    n += 1
        if counting:
            starts[source + 1] = n


@njit(cache=True, error_model="numpy")
def share(key, n, n_source):  # type: ignore[no-untyped-def]
    """How many of `n` synapses each source has: a multinomial with equal chances."""
    degrees = np.zeros(n_source, np.int64)
    left = n
    for source in range(n_source):
        rest = n_source - source
        degrees[source] = left if rest == 1 else binomial(key, source, left, 1.0 / rest)
        left -= degrees[source]
    return degrees


@njit(nogil=True, cache=True, error_model="numpy")
def in_degree(key, n_source, low, high, k, same, starts, out):  # type: ignore[no-untyped-def]
    """Each target draws k sources with replacement. Filling moves `starts`; the caller keeps a copy."""
    counting = out.shape[0] == 0
    room = U64(n_source - 1 if same else n_source)
    for target in range(low, high):
        stream = subkey(key, target, 0)
        for draw in range(k):
            source = below(stream, draw, room)
            if same and source >= target:
                source += 1
            if counting:
                starts[source + 1] += 1
            else:
                out[starts[source]] = target - low
                starts[source] += 1


@njit(nogil=True, cache=True, error_model="numpy")
def multiplicities(starts, targets, n, out):  # type: ignore[no-untyped-def]
    """For every synapse, how many earlier ones of its row have the same target (0 for most)."""
    seen = np.zeros(n, np.int32)
    for source in range(starts.shape[0] - 1):
        for s in range(starts[source], starts[source + 1]):
            out[s] = seen[targets[s]]
            seen[targets[s]] += 1
        for s in range(starts[source], starts[source + 1]):
            seen[targets[s]] = 0
