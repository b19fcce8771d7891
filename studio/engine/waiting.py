"""Waits of a run: moments at which the clocks of all devices move on while the network stands still."""

from __future__ import annotations

from collections.abc import Sequence

from studio.network.flat import Wait


def step_of(wait: Wait, dt: float) -> int:
    """The step before which it happens."""
    return int(round(wait.at / dt))


def waited(events: Sequence[Wait], step: int, dt: float) -> float:
    """The seconds that devices have waited when step `step` is computed, added up in the order of the moments."""
    total = 0.0
    for wait in sorted(events, key=lambda w: step_of(w, dt)):
        total += wait.wait if step_of(wait, dt) <= step else 0.0
    return total
