"""TrueNorth's neurons on arrays, many ticks at once: what they hear is given, who spikes is returned.

Potentials are whole numbers in float64: exact, as they stay below 2**53.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

WIDTH = 524287  # the largest potential of 20 bits
NUMBERS = ("leak", "leak_reversal", "alpha", "beta", "floor_mode", "floor_at", "reset_mode", "v_reset", "v_limit", "v_start")


class Neurons:
    """Neurons at work; `of` has NUMBERS as the catalogue's neuron names them, each (n,). `v_limit` 0: potentials are never held.

    `overflow`: potentials beyond 20 bits before they are held; `saturated`: those that were held.
    """

    def __init__(self, of: Mapping[str, np.ndarray]) -> None:
        p = {name: np.asarray(of[name], np.float64) for name in NUMBERS}
        self.v = p["v_start"].copy()
        self.overflow = self.saturated = 0
        self._reached = np.zeros((0, len(self.v)))
        self._leak, self._turns = p["leak"], p["leak_reversal"] > 0
        self._alpha, self._limit = p["alpha"], np.where(p["v_limit"] > 0, p["v_limit"], np.inf)
        self._most = min(float(WIDTH), float(self._limit.min(initial=np.inf)))
        self._bottom = np.where(p["floor_at"] > 0, 1.0, 0.0) - p["beta"]  # below it a neuron is low: potentials are whole
        absolute, linear = p["reset_mode"] == 0, p["reset_mode"] == 1
        self._high = np.where(absolute, p["v_reset"], np.where(linear, -p["alpha"], 0.0))
        self._low = np.where(absolute, -p["v_reset"], np.where(linear, p["beta"], 0.0))
        floored = p["floor_mode"] > 0
        self._low[floored] = -p["beta"][floored]
        self._adds = bool((~absolute).any())  # whether some potentials are moved by a reset, not set
        self._high_keeps, self._low_keeps = ~absolute, ~absolute & ~floored

    def run(self, heard: np.ndarray) -> np.ndarray:
        """Ticks in which `heard` (ticks, n) is added; returns who spikes, bool (ticks, n)."""
        before = self.v
        spikes = self._run(heard, False)
        if np.abs(self._reached).max(initial=0.0) > self._most:  # more than a register holds: again, with every tick looked at
            self.v = before
            spikes = self._run(heard, True)
        return spikes

    def potentials(self, spikes: np.ndarray) -> np.ndarray:
        """The potentials after each tick of the last run, whose spikes these are, float64 (ticks, n)."""
        out = self._reached.copy()
        self._reset(out, spikes, out < self._bottom)
        return out

    def _run(self, heard: np.ndarray, held: bool) -> np.ndarray:
        """The same; `_reached` are then the potentials before resets. `held`: what goes beyond a register is counted and held."""
        turns = self._turns.any()
        now_all = heard.astype(np.float64) if turns else heard + self._leak
        spikes, low = np.zeros(heard.shape, bool), np.empty(heard.shape[1], bool)
        v = self.v.copy()
        for now, spike in zip(now_all, spikes, strict=True):
            now += v
            if turns:
                now += np.where(self._turns, self._leak * np.sign(now), self._leak)
            if held:
                self.overflow += int((np.abs(now) > WIDTH).sum())
                self.saturated += int((np.abs(now) > self._limit).sum())
                np.clip(now, -self._limit, self._limit, out=now)
            np.greater_equal(now, self._alpha, out=spike)
            np.less(now, self._bottom, out=low)
            np.copyto(v, now)
            self._reset(v, spike, low)
        self.v, self._reached = v, now_all
        return spikes

    def _reset(self, v: np.ndarray, spikes: np.ndarray, low: np.ndarray) -> None:
        """Potentials of those that spike, and of those that do not and are low."""
        if self._adds:
            exact = v.copy()
            np.copyto(v, np.where(self._low_keeps, exact + self._low, self._low), where=low)
            np.copyto(v, np.where(self._high_keeps, exact + self._high, self._high), where=spikes)
        else:
            np.copyto(v, self._low, where=low)
            np.copyto(v, self._high, where=spikes)
