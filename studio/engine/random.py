"""Counter-based randomness: a number is a pure function of (seed, path, element, step, draw number), whatever the order of asking.

The key is 64 bits: run seed and flat path, mixed; then step (or source) and draw number, mixed again. It splits into two words that
enter a 32-bit avalanche hash (constants: C. Wellons, "lowbias32", 2018) at two places, so that two steps never share a shifted stream.
Functions are compiled; `f.py_func` is the same function in plain Python, which the reference uses.
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
def ones(typingctx: Any, word: Any) -> Any:
    """How many bits of a uint64 are set, as int64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), generate


@intrinsic
def leading_zeros(typingctx: Any, word: Any) -> Any:
    """How many of a uint32's highest bits are zero, as uint32."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint32(types.uint32), generate


@njit(inline="always", error_model="numpy")
def _mix64(x):  # type: ignore[no-untyped-def]
    """splitmix64's finaliser (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195)."""
    x = U64(x ^ (x >> U64(30))) * U64(0xBF58476D1CE4E5B9)
    x = U64(x ^ (x >> U64(27))) * U64(0x94D049BB133111EB)
    return U64(x ^ (x >> U64(31)))


@njit(error_model="numpy")
def subkey(key, a, b):  # type: ignore[no-untyped-def]
    """The key of step (or source) `a`, draw number `b`, under `key`."""
    x = _mix64(U64(U64(key) + U64(a) * U64(0x9E3779B97F4A7C15)) + U64(0x632BE59BD9B4E019))
    return _mix64(U64(x + U64(b) * U64(0xD1B54A32D192ED03)) + U64(0x8CB92BA72F3D8DD7))


@njit(inline="always", error_model="numpy")
def bits(key, element):  # type: ignore[no-untyped-def]
    """32 random bits for `element` under a subkey."""
    low = U32(U64(key) & U64(0xFFFFFFFF))
    high = U32(U64(key) >> U64(32))
    x = U32(U32(element) + low)
    x = U32(x ^ U32(x >> U32(16)))
    x = U32(x * U32(0x7FEB352D))
    x = U32(x ^ U32(x >> U32(15)))
    x = U32(x + high)
    x = U32(x * U32(0x846CA68B))
    return U32(x ^ U32(x >> U32(16)))


@njit(inline="always", error_model="numpy")
def below(key, element, n):  # type: ignore[no-untyped-def]
    """A whole number in [0, n), n < 2**32."""
    return np.int64((U64(bits(key, element)) * U64(n)) >> U64(32))


@njit(error_model="numpy")
def uniform(key, element):  # type: ignore[no-untyped-def]
    """A double strictly between 0 and 1, with 53 random bits."""
    high = U64(bits(key, element))
    low = U64(bits(_mix64(U64(key) ^ U64(0xA0761D6478BD642F)), element))
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
        u = uniform(_mix64(U64(key) + U64(piece) * U64(0xE7037ED1A0B428DB)), element)
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


@njit(error_model="numpy")
def _stirling(n):  # type: ignore[no-untyped-def]
    """log(n!) less Stirling's formula, sqrt(2 pi n) (n / e)**n."""
    if n < 16:
        return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - 0.9189385332046727
    r = 1.0 / (float(n) * n)
    return (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r / 1680.0))) / n


@njit(error_model="numpy")
def _deviance(x, mean):  # type: ignore[no-untyped-def]
    """x log(x / mean) + mean - x, also where both are large and nearly equal."""
    d = x - mean
    if abs(d) > 0.1 * (x + mean):
        return x * math.log(x / mean) - d
    v = d / (x + mean)
    total, term, k = d * v, 2.0 * x * v, 3
    while k < 60:
        term *= v * v
        total += term / k
        k += 2
    return total


@njit(error_model="numpy")
def _binomial_chance(x, n, p):  # type: ignore[no-untyped-def]
    """The chance of x successes in n trials, near the mode (Loader 2000, Fast and accurate computation of binomial probabilities)."""
    if x == 0:
        return math.exp(n * math.log1p(-p))
    if x == n:
        return math.exp(n * math.log(p))
    exponent = _stirling(n) - _stirling(x) - _stirling(n - x) - _deviance(float(x), n * p) - _deviance(float(n - x), n * (1.0 - p))
    return math.exp(exponent) * math.sqrt(float(n) / (6.283185307179586 * x * float(n - x)))


@njit(error_model="numpy")
def binomial(key, element, n, p):  # type: ignore[no-untyped-def]
    """A binomial count (n trials, probability p), by inversion outward from the mode: about sqrt(n p q) steps."""
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    u = uniform(key, element)
    mode = min(n, int(math.floor((n + 1) * p)))
    odds = p / (1.0 - p)
    at_mode = _binomial_chance(mode, n, p)
    u -= at_mode
    low, high, p_low, p_high = mode, mode, at_mode, at_mode
    result = mode
    while u > 0.0 and (low > 0 or high < n):
        if high < n:
            p_high *= (n - high) * odds / (high + 1)
            high += 1
            u -= p_high
            if u <= 0.0:
                result = high
                break
        if low > 0:
            p_low *= low / ((n - low + 1) * odds)
            low -= 1
            u -= p_low
            if u <= 0.0:
                result = low
                break
        if p_low + p_high < 1e-300:
            break
    return result


@njit(error_model="numpy")
def binomial_near_half(key, n, p):  # type: ignore[no-untyped-def]
    """A binomial count where p is close to 1/2: n fair coins, 64 at a time, then the few that the difference turns over."""
    heads = 0
    for word in range(n >> 6):
        heads += ones(_mix64(U64(key) + U64(word) * U64(0x9E3779B97F4A7C15)))  # pyright: ignore[reportCallIssue]
    if n & 63:
        rest = _mix64(U64(key) + U64(n >> 6) * U64(0x9E3779B97F4A7C15)) >> U64(64 - (n & 63))
        heads += ones(rest)  # pyright: ignore[reportCallIssue]
    lean = 2.0 * p - 1.0
    turned = n - heads if lean > 0.0 else heads
    if lean == 0.0 or turned == 0:
        return heads
    few, piece = 0, max(1, int(16.0 / abs(lean)))  # trials of which about 16 succeed
    while turned > 0:
        own = _mix64(U64(key) ^ U64(turned) * U64(0xE7037ED1A0B428DB))
        few += _binomial_from_zero(own, min(turned, piece), abs(lean))
        turned -= piece
    return heads + few if lean > 0.0 else heads - few


@njit(error_model="numpy")
def _binomial_from_zero(key, n, p):  # type: ignore[no-untyped-def]
    """A binomial count of small mean, by inversion from zero."""
    if p >= 1.0:
        return n
    u = uniform(key, 0)
    odds, chance, count = p / (1.0 - p), math.exp(n * math.log1p(-p)), 0
    while u > chance and count < n:
        u -= chance
        chance *= (n - count) * odds / (count + 1)
        count += 1
        if chance < 1e-300:
            break
    return count


# shapes of a distribution, as compiled code knows them
SHAPES = {"normal": 0, "uniform": 1, "lognormal": 2}
_TRIES = 1000


@njit(error_model="numpy")
def drawn(key, element, shape, a, b, low, high):  # type: ignore[no-untyped-def]
    """One value of a distribution, drawn again while outside [low, high]; clipped after a thousand tries."""
    value = 0.0
    for attempt in range(_TRIES):
        own = _mix64(U64(key) + U64(attempt) * U64(0x8EBC6AF09C88C6E3))
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
