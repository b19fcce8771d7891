"""Signals of rules: numbers that all synapses of a projection share, made of the spikes of a population or source."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Plasticity
from studio.network.flat import FlatNetwork, FlatProjection


class Signals:
    """All signals of a network. A spike adds one over the size of its population; `tau` decays what there is.

    `at` and `value`: the last step with spikes, and the signal just after it; one entry a signal.
    """

    def __init__(self, flat: FlatNetwork, dt: float) -> None:
        self.dt = dt
        spiking = {p.path: p.size for p in flat.populations if p.model.threshold.strip()}
        spiking |= {s.path: s.size for s in flat.sources if s.model.signal == "spiking"}
        self._of = [(p, name, _source(p, name, spiking)) for p in flat.projections for name in _names(p)]
        self.taus = [tau_of(p, name) for p, name, _ in self._of]
        self.sizes = [spiking[path] for _, _, path in self._of]
        self.at = np.zeros(len(self._of), np.int64)
        self.value = np.zeros(len(self._of), np.float64)

    @property
    def sources(self) -> tuple[str, ...]:
        """The populations and sources whose spikes are counted."""
        return tuple(dict.fromkeys(path for _, _, path in self._of))

    def take(self, first: int, counts: Mapping[str, np.ndarray]) -> None:
        """What `sources` emitted in the steps from `first` on."""
        for k, (_, _, path) in enumerate(self._of):
            for i in np.flatnonzero(counts[path]).tolist():
                self.value[k] = self._now(k, first + i) + int(counts[path][i]) / self.sizes[k]
                self.at[k] = first + i

    def of(self, p: FlatProjection, step: int) -> dict[str, float]:
        """The signals of a projection's rule at the beginning of a step."""
        return {name: self._now(k, step) for k, (q, name, _) in enumerate(self._of) if q is p}

    def _now(self, k: int, step: int) -> float:
        return float(self.value[k]) * math.exp(-((step - int(self.at[k])) * self.dt) / self.taus[k])


def tau_of(p: FlatProjection, name: str) -> float:
    """The time constant of a signal [ms]."""
    rule: Plasticity = p.plasticity.model
    return float(p.plasticity.params[next(s.tau for s in rule.signals if s.name == name)])


def _names(p: FlatProjection) -> list[str]:
    return [s.name for s in p.plasticity.model.signals] if p.kinetics is not None else []


def _source(p: FlatProjection, name: str, spiking: Mapping[str, int]) -> str:
    """Where a signal comes from; raise FindingError where nothing is named, or what is named does not spike."""
    where, path = f"{p.path}.plasticity.signals.{name}", p.signals.get(name)
    if path is not None and path in spiking:
        return path
    text = (
        f"no population is named whose spikes are the signal “{name}”." if path is None else f"“{path}” does not spike, so it is no signal."
    )
    fix = f"Name one: {', '.join(sorted(spiking)) or 'there is none yet'}."
    raise FindingError([Finding("path.signal", "error", where, text, fix)])
