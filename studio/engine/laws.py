"""Distributions of weights and delays, as maps from one random word of 32 bits to a value.

A word stands for the probability u = (word + 1/2) / 2**32, and a bounded distribution for the part of its probability that lies between
its bounds ("drawn again while outside", without drawing again): value = quantile(FROM + u * SPAN). So a delay is a search among fixed
words, a weight of a table the word's first 8 bits. `row_*` are what compiled code calls, for the synapses of one row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from studio.engine.native import inner, view
from studio.engine.random import CENTRE, DELAY, SHAPES, U32, WEIGHT, bits, normal_quantile, quantile_centre, subkey
from studio.engine.topology import (
    DELAY_CUTS,
    DELAY_GUIDE,
    DELAY_KEY,
    WEIGHT_A,
    WEIGHT_B,
    WEIGHT_FROM,
    WEIGHT_HIGH,
    WEIGHT_KEY,
    WEIGHT_LOW,
    WEIGHT_SHAPE,
    WEIGHT_SPAN,
)
from studio.network.flat import Drawn

TABLE = 256  # values that stand for a distribution
GUIDE = 1024  # beginnings of words of which the shortest delay is known
WORDS = 2**32
_CELL = 1.0 / WORDS
_STANDARD = NormalDist()


@dataclass(frozen=True)
class Law:
    """A bounded distribution: its shape and scale, how much probability lies below its bounds (`start`) and between them (`span`)."""

    shape: str
    a: float
    b: float
    low: float
    high: float
    start: float
    span: float

    def quantile(self, u: float) -> float:
        """The value below which a part `u` of the bounded distribution lies."""
        p = self.start + u * self.span
        if self.shape == "uniform":
            value = self.a + (self.b - self.a) * p
        elif self.b == 0.0:
            value = self.a if self.shape == "normal" else math.exp(self.a)
        else:
            tiny = 0.5 * _CELL * max(abs(self.span), 1e-290)
            value = self.a + self.b * _STANDARD.inv_cdf(min(max(p, tiny), 1.0 - 1e-16))
            value = value if self.shape == "normal" else math.exp(value)
        return min(max(value, self.low), self.high)

    @property
    def greatest(self) -> float:
        """The greatest value that a word stands for."""
        return max(self.quantile(0.5 * _CELL), self.quantile(1.0 - 0.5 * _CELL))

    def below(self, value: float) -> float:
        """The part of the bounded distribution below `value`."""
        if value >= self.high or self.span == 0.0 or self.b == (self.a if self.shape == "uniform" else 0.0):
            return 1.0 if value >= self.quantile(0.5) else 0.0
        return min(max((_below(self.shape, self.a, self.b, value) - self.start) / self.span, 0.0), 1.0)


def law(drawn: Drawn) -> Law:
    """A distribution of the document. Where its bounds leave (nearly) nothing of it, every value is the bound next to it."""
    shape, a, b, low, high = drawn.shape, float(drawn.a), float(drawn.b), float(drawn.low), float(drawn.high)
    if b == (a if shape == "uniform" else 0.0):
        return Law(shape, a, b, low, high, 0.0, 1.0)
    if shape != "uniform" and _below(shape, a, b, low) > 0.5:
        b = -b  # probability is counted from above, where more digits are left: `span` is then negative
    start, end = _below(shape, a, b, low), _below(shape, a, b, high)
    if abs(end - start) < 1e-280:
        return Law(shape, a, b, low, high, 0.5, 0.0)
    return Law(shape, a, b, low, high, start, end - start)


def _below(shape: str, a: float, b: float, value: float) -> float:
    """The unbounded distribution function; for negative `b` the probability above `value`."""
    if shape == "uniform":
        return min(max((value - a) / (b - a), 0.0), 1.0)
    if shape == "lognormal":
        value = math.log(value) if value > 0.0 else -math.inf
    return 0.5 * math.erfc(-(value - a) / b * math.sqrt(0.5))


@lru_cache(maxsize=64)
def delay_cuts(law: Law, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Delays in steps of `dt`, at least one: the greatest word of each (uint32, by step), and the guide (uint16) to where a search begins."""
    last = max(int(np.rint(law.greatest / dt)), 1)
    parts = np.array([law.below((d + 0.5) * dt) for d in range(last + 1)])
    parts[0] = 0.0
    words = np.maximum.accumulate(np.ceil(parts * WORDS))
    words[last] = WORDS
    first = np.searchsorted(words, np.arange(GUIDE) * (WORDS // GUIDE), side="right")
    return np.maximum(words - 1.0, 0.0).astype(np.uint32), first.astype(np.uint16)


@lru_cache(maxsize=64)
def table(law: Law) -> tuple[np.ndarray, float, float]:
    """The mean of each of TABLE equally likely parts of a distribution, and what standing for it costs.

    Returns the values, and the root mean square and the greatest distance to a value they stand for, in standard deviations.
    """
    steps = 64  # each part by Gauss-Legendre: exact to about 1e-6 of the outermost parts, far better inside
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    u = (np.arange(TABLE)[:, None] + 0.5 * (nodes + 1.0)) / TABLE
    values = np.vectorize(law.quantile)(u)
    means = values @ (0.5 * weights)
    spread = math.sqrt(max(float(np.mean((values - values.mean()) ** 2 @ (0.5 * weights))), 0.0))
    if spread == 0.0:
        return means, 0.0, 0.0
    rms = math.sqrt(float(np.mean((values - means[:, None]) ** 2 @ (0.5 * weights)))) / spread
    edges = np.arange(TABLE + 1) / TABLE
    ends = [law.quantile(min(max(u, 0.5 * _CELL), 1.0 - 0.5 * _CELL)) for u in edges]
    most = np.maximum(np.abs(ends[:-1] - means), np.abs(ends[1:] - means)).max()
    return means, rms, float(most) / spread


@inner
def row_delays(p, owner, tags, out):  # type: ignore[no-untyped-def]
    """The delay [steps] of each synapse of a row, into `out` (uint8 or uint16)."""
    key = subkey(p[DELAY_KEY], owner, DELAY)
    cuts, guide = view(p[DELAY_CUTS], 65536, np.uint32), view(p[DELAY_GUIDE], GUIDE, np.uint16)
    for i in range(tags.shape[0]):
        word = bits(key, tags[i])
        d = np.int64(guide[word >> U32(22)])
        while word > cuts[d]:
            d += 1
        out[i] = d


@inner
def row_indices(p, owner, tags, out):  # type: ignore[no-untyped-def]
    """The place in the weight table of each synapse of a row, into `out` (uint8)."""
    key = subkey(p[WEIGHT_KEY], owner, WEIGHT)
    for i in range(tags.shape[0]):
        out[i] = np.uint8(bits(key, tags[i]) >> U32(24))


@inner
def row_weights(p, c, owner, tags, out):  # type: ignore[no-untyped-def]
    """The drawn weight of each synapse of a row, into `out` (float32 or float64)."""
    key = subkey(p[WEIGHT_KEY], owner, WEIGHT)
    shape, start, span = p[WEIGHT_SHAPE], c[WEIGHT_FROM], c[WEIGHT_SPAN] * 2.3283064365386963e-10
    a, b, low, high = c[WEIGHT_A], c[WEIGHT_B], c[WEIGHT_LOW], c[WEIGHT_HIGH]
    if shape == 1:
        uniform_weights(key, a, b - a, low, high, start, span, tags, out)
        return
    for i in range(tags.shape[0]):
        value = a + b * quantile_centre(start - 0.5 + (float(bits(key, tags[i])) + 0.5) * span)
        value = low if value < low else value
        out[i] = high if value > high else value
    for i in range(tags.shape[0]):
        u = start + (float(bits(key, tags[i])) + 0.5) * span
        if shape == 2:
            out[i] = min(max(math.exp(a + b * normal_quantile(u)), low), high)
        elif abs(u - 0.5) > CENTRE:
            out[i] = min(max(a + b * normal_quantile(u), low), high)


@inner
def uniform_weights(key, a, width, low, high, start, span, tags, out):  # type: ignore[no-untyped-def]
    """`row_weights` of a uniform distribution."""
    for i in range(tags.shape[0]):
        value = a + width * (start + (float(bits(key, tags[i])) + 0.5) * span)
        value = low if value < low else value
        out[i] = high if value > high else value


def numbers_of(law: Law) -> tuple[int, list[float]]:
    """What `row_weights` needs of a law: its shape, and the numbers from WEIGHT_A to WEIGHT_HIGH."""
    return SHAPES[law.shape], [law.a, law.b, law.start, law.span, law.low, law.high]
