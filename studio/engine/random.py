"""Counter-based randomness: a number is a pure function of (seed, path, element, step, draw number), whatever the order of asking.

The key is 64 bits: run seed and flat path, mixed; then step (or source) and draw number, mixed again. It splits into two words that
enter a 32-bit avalanche hash (constants: C. Wellons, "lowbias32", 2018) at two places, so that two steps never share a shifted stream.
Functions are compiled; `stream` is `subkey` in plain Python.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types  # pyright: ignore[reportPrivateImportUsage]
from numba.extending import intrinsic

from studio.engine import caching as caching  # before the first function that numba keeps

_U32, _U64 = np.uint32, np.uint64
U32, U64 = np.uint32, np.uint64  # names seen by compiled code

CENTRE = 0.425  # how far from 1/2 the simple formula of the normal quantile reaches

# What a draw is for, so that no two purposes share numbers.
PARAM, START, CONNECT, WEIGHT, DELAY, COUNT, SPLIT = 1, 2, 3, 4, 5, 6, 7


def path_key(seed: int, *words: object) -> int:
    """The 64-bit key of a thing: the run's seed and its path (any words)."""
    text = "\x00".join([str(int(seed)), *map(str, words)]).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


@intrinsic
def leading_zeros(typingctx: Any, word: Any) -> Any:
    """How many of a uint32's highest bits are zero, as uint32."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint32(types.uint32), generate


def _mixed(builder: Any, x: Any) -> Any:
    """splitmix64's finaliser (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195), as instructions."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = builder.mul(builder.xor(x, builder.lshr(x, _word64(shift))), _word64(factor))
    return builder.xor(x, builder.lshr(x, _word64(31)))


def _word64(value: int) -> Any:
    return ir.Constant(ir.IntType(64), value)


def _word32(value: int) -> Any:
    return ir.Constant(ir.IntType(32), value)


@intrinsic
def _mix64(typingctx: Any, word: Any) -> Any:
    """Mix 64 bits. These functions are instructions, not text, because every kernel holds many of them: they are compiled in no time."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _mixed(builder, args[0])

    return types.uint64(types.uint64), generate


@intrinsic
def _subkey(typingctx: Any, key: Any, a: Any, b: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x = builder.add(args[0], builder.mul(args[1], _word64(0x9E3779B97F4A7C15)))
        x = _mixed(builder, builder.add(x, _word64(0x632BE59BD9B4E019)))
        x = builder.add(x, builder.mul(args[2], _word64(0xD1B54A32D192ED03)))
        return _mixed(builder, builder.add(x, _word64(0x8CB92BA72F3D8DD7)))

    return types.uint64(types.uint64, types.uint64, types.uint64), generate


@intrinsic
def _bits(typingctx: Any, key: Any, element: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def fold(x: Any, shift: int) -> Any:
            return builder.xor(x, builder.lshr(x, _word32(shift)))

        low = builder.trunc(args[0], ir.IntType(32))
        high = builder.trunc(builder.lshr(args[0], _word64(32)), ir.IntType(32))
        x = builder.mul(fold(builder.add(args[1], low), 16), _word32(0x7FEB352D))
        x = builder.mul(builder.add(fold(x, 15), high), _word32(0x846CA68B))
        return fold(x, 16)

    return types.uint32(types.uint64, types.uint32), generate


@njit(inline="always", error_model="numpy")
def mix64(word):  # type: ignore[no-untyped-def]
    """64 bits mixed."""
    return _mix64(word)  # pyright: ignore[reportCallIssue]


@njit(inline="always", error_model="numpy")
def subkey(key, a, b):  # type: ignore[no-untyped-def]
    """The key of step (or source) `a`, draw number `b`, under `key`."""
    return _subkey(key, a, b)  # pyright: ignore[reportCallIssue]


@njit(inline="always", error_model="numpy")
def bits(key, element):  # type: ignore[no-untyped-def]
    """32 random bits for `element` under a subkey."""
    return _bits(key, element)  # pyright: ignore[reportCallIssue]


@njit(inline="always", error_model="numpy")
def below(key, element, n):  # type: ignore[no-untyped-def]
    """A whole number in [0, n), n < 2**32."""
    return np.int64((U64(bits(key, element)) * U64(n)) >> U64(32))


@njit(error_model="numpy")
def uniform(key, element):  # type: ignore[no-untyped-def]
    """A double strictly between 0 and 1, with 53 random bits."""
    high = U64(bits(key, element))
    low = U64(bits(mix64(U64(key) ^ U64(0xA0761D6478BD642F)), element))
    return (float((high << U64(21)) ^ (low >> U64(11))) + 0.5) * 1.1102230246251565e-16


@njit(error_model="numpy")
def _quantile_tail(r):  # type: ignore[no-untyped-def]
    if r <= 5.0:
        r -= 1.6
        up = (
            (
                (
                    (((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r + 1.27045825245236838258)
                    * r
                    + 3.64784832476320460504
                )
                * r
                + 5.7694972214606914055
            )
            * r
            + 4.6303378461565452959
        ) * r + 1.42343711074968357734
        down = (
            (
                (
                    (
                        ((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                        + 0.14810397642748007459
                    )
                    * r
                    + 0.68976733498510000455
                )
                * r
                + 1.6763848301838038494
            )
            * r
            + 2.05319162663775882187
        ) * r + 1.0
        return up / down
    r -= 5.0
    up = (
        (
            (
                (((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r + 0.026532189526576123093)
                * r
                + 0.29656057182850489123
            )
            * r
            + 1.7848265399172913358
        )
        * r
        + 5.4637849111641143699
    ) * r + 6.6579046435011037772
    down = (
        (
            (
                (((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4)
                * r
                + 0.0148753612908506148525
            )
            * r
            + 0.13692988092273580531
        )
        * r
        + 0.59983220655588793769
    ) * r + 1.0
    return up / down


@njit(inline="always", error_model="numpy")
def quantile_centre(q):  # type: ignore[no-untyped-def]
    """`normal_quantile(q + 1/2)` where |q| <= CENTRE: arithmetic only, so that a loop of it is vectorised."""
    r = 0.180625 - q * q
    up = (
        (
            (
                (((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r + 45921.953931549871457) * r
                + 13731.693765509461125
            )
            * r
            + 1971.5909503065514427
        )
        * r
        + 133.14166789178437745
    ) * r + 3.387132872796366608
    down = (
        (
            (
                (((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r + 21213.794301586595867) * r
                + 5394.1960214247511077
            )
            * r
            + 687.1870074920579083
        )
        * r
        + 42.313330701600911252
    ) * r + 1.0
    return q * up / down


@njit(error_model="numpy")
def normal_quantile(p):  # type: ignore[no-untyped-def]
    """The standard normal value below which a fraction `p` lies; relative error about 1e-16 (Wichura 1988, AS 241)."""
    q = p - 0.5
    if abs(q) <= CENTRE:
        return quantile_centre(q)
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    return -_quantile_tail(r) if q < 0.0 else _quantile_tail(r)


@njit(error_model="numpy")
def normal(key, element):  # type: ignore[no-untyped-def]
    """A standard normal number."""
    return normal_quantile(uniform(key, element))


@njit(error_model="numpy")
def poisson(key, element, mean):  # type: ignore[no-untyped-def]
    """A Poisson count, by inversion in pieces of mean at most 16."""
    pieces = int(math.ceil(mean / 16.0))
    total = 0
    for piece in range(pieces):
        u = uniform(mix64(U64(key) + U64(piece) * U64(0xE7037ED1A0B428DB)), element)
        part = mean / pieces
        p = math.exp(-part)
        below_u = p
        count = 0
        while u > below_u and count < 200:
            count += 1
            p *= part / count
            below_u += p
        total += count
    return total


# shapes of a distribution, as compiled code knows them
SHAPES = {"normal": 0, "uniform": 1, "lognormal": 2}
_TRIES = 1000


@njit(error_model="numpy")
def drawn(key, element, shape, a, b, low, high):  # type: ignore[no-untyped-def]
    """One value of a distribution, drawn again while outside [low, high]; clipped after a thousand tries."""
    value = 0.0
    for attempt in range(_TRIES):
        own = mix64(U64(key) + U64(attempt) * U64(0x8EBC6AF09C88C6E3))
        if shape == 1:
            value = a + (b - a) * uniform(own, element)
        else:
            value = a + b * normal(own, element)
            if shape == 2:
                value = math.exp(value)
        if low <= value <= high:
            return value
    return min(max(value, low), high)


@njit(cache=True, error_model="numpy")
def fill_drawn(out, key, shape, a, b, low, high):  # type: ignore[no-untyped-def]
    """Fill `out[i]` with the draw of element i."""
    for i in range(out.shape[0]):
        out[i] = drawn(key, i, shape, a, b, low, high)


def _mix64_int(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & _MASK
    return x ^ (x >> 31)


_MASK = (1 << 64) - 1


def stream(key: int, a: int, b: int = 0) -> np.uint64:
    """`subkey` without the compiler, for use outside kernels."""
    x = _mix64_int((key + a * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK)
    return np.uint64(_mix64_int((x + b * 0xD1B54A32D192ED03 + 0x8CB92BA72F3D8DD7) & _MASK))
