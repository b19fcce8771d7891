"""A neuron's answer to a current step, and its firing rate against current."""

from __future__ import annotations

import numpy as np

from studio.engine.run import RunError
from studio.views.response.bench import Bench
from studio.views.response.picture import Curve, Panel, line

FIRST, LAST = 1e-4, 1e7  # nA (or a chip's plain numbers): where a first spike is looked for
SEARCH_MS, RATE_MS, BEFORE = 400.0, 1000.0, 0.15
CURRENT, TWINS = "nA", 24


def panels(bench: Bench) -> tuple[Panel, ...]:
    unit = "" if getattr(bench.model, "whole", False) else CURRENT
    least, still = _least(bench) if bench.model.threshold.strip() else (None, True)
    if least is None:
        return (_charging(bench, unit),)
    currents = np.linspace(0.0, 3.0 * least, 46) if still else np.linspace(-2.0 * least, 3.0 * least, 46)
    first, steady = _rates(bench, currents)
    strong = 1.5 * least
    onset = float(currents[int(np.argmax(steady > 0))]) if still and (steady > 0).any() else least
    if onset > strong:  # a first spike at `least`, but no more of them until later
        currents = np.linspace(0.0, 2.0 * onset, 46)
        first, steady = _rates(bench, currents)
        strong = 1.2 * onset
    curves = [line(currents, steady, "steady" if _adapts(first, steady) else "")]
    curves += [line(currents, first, "first interval", quiet=True)] if _adapts(first, steady) else []
    rate = Panel("Firing rate", "current", unit, "rate", "Hz", tuple(curves))
    at = float(np.interp(strong, currents, steady))
    return (_step(bench, (0.9 * least if still else -least, strong), min(max(9000.0 / max(at, 1.0), 10.0), 600.0), unit), rate)


def _adapts(first: np.ndarray, steady: np.ndarray) -> bool:
    both = (first > 0) & (steady > 0)
    return bool(both.any() and np.max(first[both] / steady[both]) > 1.3)


def _driven(bench: Bench, currents: np.ndarray, start: float, stop: float, duration: float, record: list[dict[str, object]]):  # type: ignore[no-untyped-def]
    """One neuron per current [nA], which flows from `start` to `stop` [ms]."""
    n = len(currents)
    nodes = {
        "cell": {"kind": "population", "model": bench.model.key, "size": n, "params": bench.params},
        "step": {"kind": "source", "model": "step_current", "size": n, "params": {"amplitude": currents, "start": start, "stop": stop}},
    }
    wires = {"p": {"from": "step", "to": "cell", "connector": {"model": "one_to_one"}, "gain": 1}}
    return bench.run(nodes, wires, duration, record)


def _counts(bench: Bench, currents: np.ndarray, duration: float) -> np.ndarray:
    recording = _driven(bench, currents, 0.0, duration, duration, [{"path": "cell", "what": "spikes"}])
    return np.bincount(recording.spikes["cell"].ids, minlength=len(currents))


def _least(bench: Bench) -> tuple[float | None, bool]:
    """The smallest current that changes how often it fires (None: none was found), and whether it is still without one."""
    alone = int(_counts(bench, np.zeros(1), SEARCH_MS)[0])
    more = lambda n: np.abs(n - alone) > 0.5 * alone + 2 if alone else n > 0  # noqa: E731
    low = 0.0
    for decade in np.arange(np.log10(FIRST), np.log10(LAST)):
        ladder = np.logspace(decade, decade + 1, 13)
        try:
            fires = more(_counts(bench, ladder, SEARCH_MS))
        except RunError:
            return None, True
        if fires.any():
            k = int(np.argmax(fires))
            low, high = (ladder[k - 1] if k else low), ladder[k]
            between = np.linspace(low, high, 17)[1:]
            fires = more(_counts(bench, between, SEARCH_MS))
            return (float(between[int(np.argmax(fires))]) if fires.any() else float(high)), not alone
        low = ladder[-1]
    return None, True


def _rates(bench: Bench, currents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rate [Hz] from the first interval, and over the second half of a second; where it draws, the mean over some neurons, and no first one."""
    if any(word in f"{bench.model.step}{bench.model.threshold}{bench.model.reset}" for word in ("uniform()", "normal()", "poisson(")):
        counts = _counts(bench, np.repeat(currents, TWINS), RATE_MS).reshape(len(currents), TWINS)
        return np.zeros(len(currents)), counts.mean(axis=1) * 1000.0 / RATE_MS
    spikes = _driven(bench, currents, 0.0, RATE_MS, RATE_MS, [{"path": "cell", "what": "spikes"}]).spikes["cell"]
    first, steady = np.zeros(len(currents)), np.zeros(len(currents))
    for k in range(len(currents)):
        times = spikes.times[spikes.ids == k]
        if len(times) < 2:
            continue
        first[k] = 1000.0 / (times[1] - times[0])
        late = times[times >= RATE_MS / 2]
        late = late if len(late) > 2 else times[-2:] if times[-1] > RATE_MS / 2 else late[:0]
        steady[k] = 1000.0 * (len(late) - 1) / (late[-1] - late[0]) if len(late) > 1 else 0.0
    return first, steady


def _membrane(bench: Bench) -> tuple[str, str]:
    """The state that is shown, and its unit."""
    states = bench.model.states
    shown = next((s for s in states if s.role == "membrane"), next((s for s in states if s.name == "v"), states[0]))
    return shown.name, shown.unit


def _step(bench: Bench, currents: tuple[float, ...], on: float, unit: str) -> Panel:
    """The membrane under a step of a weaker and a stronger current; strokes above are spikes."""
    before, duration = BEFORE * on, on * (1 + 2 * BEFORE)
    name, state_unit = _membrane(bench)
    every = max(bench.dt, round(duration / 1500 / bench.dt) * bench.dt)
    record = [{"path": "cell", "what": "spikes"}, {"path": "cell", "what": name, "every": every}]
    recording = _driven(bench, np.array(currents), before, before + on, duration, record)
    trace, spikes = recording.traces["cell", name], recording.spikes["cell"]
    labels = [_said(c, unit) for c in currents]
    curves = [line(trace.times, trace.values[:, k], labels[k], quiet=k == 0) for k in range(len(currents))]
    top, bottom = float(np.nanmax(trace.values)), float(np.nanmin(trace.values))
    high = top + 0.08 * (top - bottom or 1.0)
    times = spikes.times[spikes.ids == len(currents) - 1]
    curves.append(Curve(times, np.array([high, high + 0.14 * (top - bottom or 1.0)]), "", "ticks"))
    return Panel("Current step", "time", "ms", name, state_unit, tuple(curves))


def _said(current: float, unit: str) -> str:
    """`0.34 nA`, `3.1 pA`."""
    if unit == CURRENT and 0.0 < abs(current) < 0.01:
        return f"{1000.0 * current:.2g} pA"
    return f"{current:.2g} {unit}".strip()


def _charging(bench: Bench, unit: str) -> Panel:
    """The state of a neuron that never fires, under currents of both signs."""
    currents = np.array([-0.5, 0.5, 1.0])
    name, state_unit = _membrane(bench)
    slow = max([bench.number(p.name) for p in bench.model.params if p.role == "time_constant"] or [20.0])
    on = min(max(6.0 * slow, 10.0), 2000.0)
    before, duration = BEFORE * on, on * 1.8
    every = max(bench.dt, round(duration / 1000 / bench.dt) * bench.dt)
    trace = _driven(bench, currents, before, before + on, duration, [{"path": "cell", "what": name, "every": every}]).traces["cell", name]
    curves = tuple(line(trace.times, trace.values[:, k], _said(currents[k], unit)) for k in range(len(currents)))
    return Panel("Current step", "time", "ms", name, state_unit, curves)
