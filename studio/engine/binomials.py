"""Binomial counts, each a pure function of its key."""

from __future__ import annotations

import math
from typing import Any

from numba import njit, types  # pyright: ignore[reportPrivateImportUsage]
from numba.extending import intrinsic

from studio.engine.random import U64, mix64, uniform


@intrinsic
def ones(typingctx: Any, word: Any) -> Any:
    """How many bits of a uint64 are set, as int64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), generate


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
        heads += ones(mix64(U64(key) + U64(word) * U64(0x9E3779B97F4A7C15)))  # pyright: ignore[reportCallIssue]
    if n & 63:
        rest = mix64(U64(key) + U64(n >> 6) * U64(0x9E3779B97F4A7C15)) >> U64(64 - (n & 63))
        heads += ones(rest)  # pyright: ignore[reportCallIssue]
    lean = 2.0 * p - 1.0
    turned = n - heads if lean > 0.0 else heads
    if lean == 0.0 or turned == 0:
        return heads
    few, piece = 0, max(1, int(16.0 / abs(lean)))  # trials of which about 16 succeed
    while turned > 0:
        own = mix64(U64(key) ^ U64(turned) * U64(0xE7037ED1A0B428DB))
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
