"""What happens between two batches of steps: devices wait, rules act at intervals, signals are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from studio.engine.parts import Link
from studio.engine.ranks import Group
from studio.engine.signals import Signals
from studio.engine.waiting import next_step, waited
from studio.network.flat import FlatNetwork

Run = Callable[[Callable[[int], Any], Iterable[int]], Iterable[Any]]  # map, or that of a pool of threads


class Moments:
    """The moments of one run, for its projections that learn or are read."""

    def __init__(self, flat: FlatNetwork, links: Sequence[Link], group: Group, dt: float, threads: int) -> None:
        self._links = [link for link in links if link.learning]
        self._events, self._group, self._dt, self._parts = flat.run.events, group, dt, range(threads)
        self.signals = Signals(flat, dt)
        self._waited = 0.0

    def boundary(self, step: int) -> int:
        """The next step at which something happens."""
        acting = [link.learning.boundary(step) for link in self._links if link.learning]
        return min([*acting, next_step(self._events, step, self._dt) if self._links else 1 << 60], default=1 << 60)

    def act(self, step: int, run: Run) -> None:
        """What is due at the beginning of a step, after all that came before."""
        total = waited(self._events, step, self._dt)
        if total != self._waited:
            self._waited = total
            self._wait(step, total, run)
        for link in self._links:
            learning = link.learning
            if learning and learning.due(step):
                for name, value in self.signals.of(link.projection, step).items():
                    learning.set(f"signal.{name}", value)
                list(run(partial(learning.every, step=step), self._parts))

    def _wait(self, step: int, total: float, run: Run) -> None:
        for link in self._links:
            learning = link.learning
            if learning:
                list(run(partial(learning.flush, until=step - 1), self._parts))
                learning.set("waited", total)

    def heard(self, first: int, n: int, spikes: Callable[[str], np.ndarray]) -> None:
        """Count the signals of `n` steps from `first` on; `spikes`: the steps of all spikes of a path that this process emitted."""
        if not self.signals.sources:
            return
        own = {path: np.bincount(spikes(path) - first, minlength=n) for path in self.signals.sources}
        everyone: list[Mapping[str, np.ndarray]] = self._group.all(own)
        self.signals.take(first, {path: sum(counts[path] for counts in everyone) for path in own})  # type: ignore[misc]

    def resume(self, step: int) -> None:
        """Go on from a step."""
        self._waited = waited(self._events, step - 1, self._dt)
        for link in self._links:
            if link.learning:
                link.learning.set("waited", self._waited)
