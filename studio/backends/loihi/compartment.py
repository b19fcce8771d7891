"""The integer step of Loihi's compartments, on arrays: what the chip's registers do in one step."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

LIMIT = 1 << 23  # u and v have 24 bits with their sign
SHIFT = 6  # what arrives and the threshold stand 6 bits higher than their mantissas
BIAS_LOW, BIAS_HIGH = -4096, 4095  # 13 bits with the sign


def towards_zero(x: np.ndarray) -> np.ndarray:
    """x/4096, rounded towards zero."""
    return (x + ((x >> 63) & 4095)) >> 12


def wrapped(u: np.ndarray) -> np.ndarray:
    """A current in 24 bits: as lava-nc 0.10 wraps it, to (-2^23, 2^23]."""
    return np.where(u > LIMIT, u - 2 * LIMIT, np.where(u <= -LIMIT, u + 2 * LIMIT, u))


def bias(mantissa: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """mantissa * 2^exponent, rounded down."""
    return np.where(exponent >= 0, mantissa << np.maximum(exponent, 0), mantissa >> np.maximum(-exponent, 0))


@dataclass
class Compartments:
    """Compartments at work: int64 arrays with one entry each. `u_over`, `v_over`: how often the current wrapped, the voltage was cut.

    `du` has a built-in +1, `dv` has none; `vth` is a mantissa; `refractory` 1 is none (tests/golden/loihi).
    """

    du: np.ndarray
    dv: np.ndarray
    vth: np.ndarray
    refractory: np.ndarray
    bias: np.ndarray
    v: np.ndarray
    u: np.ndarray = field(init=False)
    left: np.ndarray = field(init=False)
    u_over: np.ndarray = field(init=False)
    v_over: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.v = self.v.astype(np.int64)
        self.u, self.left, self.u_over, self.v_over = (np.zeros(len(self.v), np.int64) for _ in range(4))
        self._keep_u, self._keep_v, self._threshold = 4095 - self.du, 4096 - self.dv, self.vth << SHIFT
        self._holds = bool((self.refractory > 1).any())

    def step(self, arrived: np.ndarray) -> np.ndarray:
        """One step with what arrived (mantissas times 2^(6 + exponent), summed); returns who fired, ascending."""
        u = towards_zero(self.u * self._keep_u) + arrived
        if (np.abs(u) >= LIMIT).any():
            new = wrapped(u)
            self.u_over += new != u
            u = new
        self.u = u
        v = towards_zero(self.v * self._keep_v) + u + self.bias
        if self._holds:
            np.maximum(self.left - 1, 0, out=self.left)
            v[self.left > 0] = 0
        beyond = np.abs(v) >= LIMIT
        if beyond.any():
            self.v_over += beyond
            np.clip(v, 1 - LIMIT, LIMIT - 1, out=v)
        fired = np.flatnonzero(v > self._threshold)
        v[fired] = 0
        self.v = v
        self.left[fired] = self.refractory[fired]
        return fired
