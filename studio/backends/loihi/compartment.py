"""The integer step of Loihi's compartments, on arrays: what the chip's registers do in some steps.

Registers are whole numbers in float64: every product lies below 2**36, so that nothing is rounded but what the chip rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

LIMIT = 1 << 23  # u and v have 24 bits with their sign
SHIFT = 6  # what arrives and the threshold stand 6 bits higher than their mantissas
BIAS_LOW, BIAS_HIGH = -4096, 4095  # 13 bits with the sign
Writes = Mapping[int, Sequence[tuple[np.ndarray, np.ndarray]]]  # step: (compartments, biases)


def wrapped(u: np.ndarray) -> np.ndarray:
    """A current in 24 bits: as lava-nc 0.10 wraps it, to (-2^23, 2^23]."""
    return np.where(u > LIMIT, u - 2 * LIMIT, np.where(u <= -LIMIT, u + 2 * LIMIT, u))


def bias(mantissa: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """mantissa * 2^exponent, rounded down."""
    return np.where(exponent >= 0, mantissa << np.maximum(exponent, 0), mantissa >> np.maximum(-exponent, 0))


class Compartments:
    """Compartments at work. `u_over`, `v_over`: how often the current of each wrapped, the voltage was cut.

    `du` has a built-in +1, `dv` has none; `vth` is a mantissa; `refractory` 1 is none (tests/golden/loihi). `writes`: biases that the host
    writes before a step. `currents` and `voltages` are the registers after each step of the last run, (steps, n).
    """

    def __init__(
        self,
        du: np.ndarray,
        dv: np.ndarray,
        vth: np.ndarray,
        refractory: np.ndarray,
        bias: np.ndarray,
        v: np.ndarray,
        writes: Writes | None = None,
    ) -> None:
        n = len(v)
        self.u, self.v, self.bias = np.zeros(n), v.astype(np.float64), bias.astype(np.float64)
        self.u_over, self.v_over = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self._keep_u, self._keep_v, self._threshold = (4095.0 - du) / 4096.0, (4096.0 - dv) / 4096.0, vth * float(1 << SHIFT)
        self._refractory, self._held = refractory.astype(np.int64), np.zeros(n, np.int64)  # up to which step the voltage is held
        self._jumps, self._holds = not self._keep_u.any(), bool((refractory > 1).any())
        self._writes = writes or {}
        self.currents = self.voltages = np.zeros((0, n))

    def run(self, arrived: np.ndarray, start: int) -> np.ndarray:
        """Steps from `start` on with what arrived (mantissas times 2^(6 + exponent), summed), (steps, n); returns who fired, bool (steps, n)."""
        biases, held = self._biases(len(arrived), start), self._held.copy()
        fired = self._within(arrived, biases, start)
        if fired is None:  # a register went beyond its bits: again, with every step looked at
            self._held = held
            fired = self._beyond(arrived, biases, start)
        self.u, self.v = self.currents[-1].copy(), self.voltages[-1].copy()
        return fired

    def _biases(self, steps: int, start: int) -> np.ndarray:
        """The bias of all steps, (n,), or of each, (steps, n)."""
        if not any(start <= step < start + steps for step in self._writes):
            return self.bias
        out = np.empty((steps, len(self.v)))
        for k in range(steps):
            for where, values in self._writes.get(start + k, ()):
                self.bias[where] = values
            out[k] = self.bias
        return out

    def _within(self, arrived: np.ndarray, biases: np.ndarray, start: int) -> np.ndarray | None:
        """The steps, as far as every register stays within its bits; None where one does not."""
        currents = arrived.copy()
        if not self._jumps:
            last, kept = self.u, np.empty_like(self.u)
            for now in currents:
                np.multiply(last, self._keep_u, out=kept)
                np.trunc(kept, out=kept)
                now += kept
                last = now
        if np.abs(currents).max(initial=0.0) >= LIMIT:
            return None
        voltages, fired = currents + biases, np.zeros(currents.shape, bool)
        v, kept, holds, hold = self.v, np.empty_like(self.v), self._holds, np.empty(len(self.v), bool)
        highest = 0.0
        for k, (now, out) in enumerate(zip(voltages, fired, strict=True)):
            np.multiply(v, self._keep_v, out=kept)
            np.trunc(kept, out=kept)
            now += kept
            if holds:
                np.greater(self._held, start + k, out=hold)
                np.copyto(now, 0.0, where=hold)
            np.greater(now, self._threshold, out=out)
            if out.any():
                highest = max(highest, float(now.max()))
                np.copyto(now, 0.0, where=out)
                if holds:
                    np.copyto(self._held, start + k + self._refractory, where=out)
            v = now
        self.currents, self.voltages = currents, voltages
        return fired if max(highest, float(np.abs(voltages).max(initial=0.0))) < LIMIT else None

    def _beyond(self, arrived: np.ndarray, biases: np.ndarray, start: int) -> np.ndarray:
        """The steps with currents that wrap and voltages that are cut, which are counted."""
        self.currents, self.voltages, fired = np.empty_like(arrived), np.empty_like(arrived), np.zeros(arrived.shape, bool)
        u, v = self.u, self.v
        for k, row in enumerate(np.broadcast_to(biases, arrived.shape)):
            exact = np.trunc(u * self._keep_u) + arrived[k]
            u = wrapped(exact)
            self.u_over += u != exact
            v = np.trunc(v * self._keep_v) + u + row
            v[self._held > start + k] = 0.0
            self.v_over += np.abs(v) >= LIMIT
            np.clip(v, 1 - LIMIT, LIMIT - 1, out=v)
            fired[k] = v > self._threshold
            v[fired[k]] = 0.0
            self._held[fired[k]] = start + k + self._refractory[fired[k]]
            self.currents[k], self.voltages[k] = u, v
        return fired
