"""Waits of a run: moments at which the clocks of all devices move on while the network stands still."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Param
from studio.network.flat import Wait
from studio.network.record import AT, WAIT

FIX = 'Write (at in ms, seconds), (500, "1 d"), or {"at": 500, "wait": {"value": 1, "unit": "d"}}.'


def step_of(wait: Wait, dt: float) -> int:
    """The step before which it happens."""
    return int(round(wait.at / dt))


def waited(events: Sequence[Wait], step: int, dt: float) -> float:
    """The seconds that devices have waited when step `step` is computed, added up in the order of the moments."""
    total = 0.0
    for wait in sorted(events, key=lambda w: step_of(w, dt)):
        total += wait.wait if step_of(wait, dt) <= step else 0.0
    return total


def next_step(events: Sequence[Wait], step: int, dt: float) -> int:
    """The first step after `step` before which devices wait."""
    return min((k for wait in events if (k := step_of(wait, dt)) > step), default=1 << 60)


def waits(given: Iterable[Any]) -> tuple[Wait, ...]:
    """What `simulate(events=...)` was given: Wait, (at, wait), or {"at", "wait"}; raise FindingError for what is none."""
    return tuple(one if isinstance(one, Wait) else _wait(one, f"run.events.{k}") for k, one in enumerate(given))


def _wait(given: Any, where: str) -> Wait:
    try:
        at, wait = (given["at"], given["wait"]) if isinstance(given, Mapping) else given
    except (KeyError, TypeError, ValueError):
        _wrong(where, f"{given!r:.60} is no event of a run.")
    return Wait(_value(AT, at, f"{where}.at"), _value(WAIT, wait, f"{where}.wait"))


def _value(param: Param, given: Any, where: str) -> float:
    """A number in the unit of `param`: 5, "5 ms", (5, "ms"), {"value": 5, "unit": "ms"}."""
    from studio.engine.steered import spoken
    from studio.network.resolve import Given, resolve

    said, arrays = spoken(given, where)
    value, findings = resolve(param, Given(said, where), arrays, None)
    if findings:
        raise FindingError(findings)
    if not isinstance(value, (int, float, np.floating)):
        _wrong(where, f"{given!r:.60} is not one number.")
    return float(value)


def _wrong(where: str, text: str) -> NoReturn:
    raise FindingError([Finding("text.event", "error", where, text, FIX)])
