"""Poisson sources at work: one random word per element and step, against a table of the cumulative distribution. A kernel, called by address."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import carray, cfunc, njit  # pyright: ignore[reportPrivateImportUsage]

from studio.engine.loop import (
    CAPACITY,
    COUNTS,
    DENSE,
    IDS,
    LEVELS,
    LISTED,
    LOW,
    NODE_COLUMNS,
    OFFSETS,
    PIECES,
    RANDOM_KEY,
    SCRATCH,
    SHARED,
    SIZE,
    TABLE,
)
from studio.engine.native import KERNEL_SIGNATURE, view
from studio.engine.random import U64, bits, subkey

WORDS = 1024  # random words drawn at a time
TOGETHER = 128  # of them compared with a shared table together
LEVELS_AT_ONCE = 4  # a table has a multiple of so many levels
flat = njit(nogil=True, error_model="numpy", inline="always")  # one function to compile, not three


@flat
def _emit(node, step, steps, row):  # type: ignore[no-untyped-def]
    """Poisson counts of one source's part: one hash against a table of the cumulative distribution, per element and step."""
    n = node[SIZE]
    offsets = view(node[OFFSETS], row + steps + 1, np.int64)
    ids = view(node[IDS], node[CAPACITY], np.uint32)
    counts = view(node[COUNTS], node[CAPACITY], np.int32)
    for k in range(steps):
        dense = view(node[DENSE] + k * n * 4, n, np.int32)
        dense[:] = 0
        for piece in range(node[PIECES]):
            key = subkey(U64(node[RANDOM_KEY]), step + k, piece)
            for low in range(0, n, WORDS):
                count_words(node, key, low, dense[low : min(low + WORDS, n)])
        at = offsets[row + k]
        if node[LISTED]:
            for i in range(n):
                if dense[i] != 0:
                    ids[at] = np.uint32(node[LOW] + i)
                    counts[at] = dense[i]
                    at += 1
        offsets[row + k + 1] = at


@flat
def count_words(node, key, low, dense):  # type: ignore[no-untyped-def]
    """Add to `dense` how many levels of its table each element's random word exceeds."""
    words = view(node[SCRATCH], dense.shape[0], np.uint32)
    first = np.uint32(node[LOW] + low)
    for i in range(dense.shape[0]):
        words[i] = bits(key, np.uint32(first + np.uint32(i)))
    if node[SHARED]:
        for first_word in range(0, words.shape[0], TOGETHER):
            exceeded(node, words[first_word : first_word + TOGETHER], dense[first_word : first_word + TOGETHER])
    else:
        for level in range(node[LEVELS]):
            cuts = view(node[TABLE] + (level * node[SIZE] + low) * 4, dense.shape[0], np.uint32)
            for i in range(dense.shape[0]):
                dense[i] += np.int32(words[i] > cuts[i])


@flat
def exceeded(node, words, dense):  # type: ignore[no-untyped-def]
    """Add how many levels each word exceeds, where all share a table; high levels, which few words exceed, are seldom looked at."""
    largest = np.uint32(0)
    for i in range(words.shape[0]):
        largest = words[i] if words[i] > largest else largest
    cuts = view(node[TABLE], node[LEVELS], np.uint32)
    level = 0
    while level < cuts.shape[0] and largest > cuts[level]:
        a, b, c, d = cuts[level], cuts[level + 1], cuts[level + 2], cuts[level + 3]
        for i in range(words.shape[0]):
            w = words[i]
            dense[i] += np.int32(w > a) + np.int32(w > b) + np.int32(w > c) + np.int32(w > d)
        level += LEVELS_AT_ONCE


@lru_cache(maxsize=1)
def kernel() -> int:
    """The address of `emit(node, 0, step, steps, row, 0, 0)`; node: the address of a row of the node table."""
    return int(_compiled().address or 0)


def _compiled():  # type: ignore[no-untyped-def]
    @cfunc(KERNEL_SIGNATURE, cache=True, error_model="numpy")
    def emit(node_, unused, step, steps, row, a_, b_):  # type: ignore[no-untyped-def]
        _emit(carray(node_, (NODE_COLUMNS,)), step, steps, row)
        return 0

    return emit
