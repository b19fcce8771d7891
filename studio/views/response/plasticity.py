"""What a rule does to a weight: after one pair of spikes, and under spikes of both sides at a rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.models.learning import post_names
from studio.views.response.bench import CELL, KICK, Bench, population, spikes, wire
from studio.views.response.picture import Curve, Panel, line

SPREAD, POINTS, SETTLED = 100.0, 81, 20.0  # ms either side; pairs; ms before the first spike
RATES, TWINS, SECONDS, COARSE = np.linspace(0.0, 80.0, 17), 80, 4.0, 0.5  # Hz; synapses a rate; s; ms a step
SMALL = 1e-12
TRAIN, TRAIN_MS, PAUSE_MS, CHANCES = 10, 50.0, 500.0, 100


def panels(bench: Bench) -> tuple[Panel, ...]:
    train = (_train(bench),) if getattr(bench.model, "transmit", "").strip() else ()
    learnt = (
        (_pairing(bench), _by_rate(bench))
        if bench.model.plastic and (bench.model.on_pre + bench.model.on_post + bench.model.every).strip()
        else ()
    )
    return (*train, *(p for p in learnt if p is not None))


def _target(bench: Bench) -> str:
    """A neuron that has the states which the rule reads: the plain one of the bench, or one of the catalogue."""
    wanted = set(post_names(bench.model))
    if wanted <= {"v"}:
        return CELL
    fits = (n for n in bench.neurons if wanted <= {s.name for s in n.states})
    return next((n.key for n in fits if n.threshold.strip()), CELL)


def _train(bench: Bench) -> Panel:
    """What arrives of each spike of a train, and of one after a pause: jumps of the target's voltage, the mean of several synapses where chance acts."""
    times = np.append(SETTLED + TRAIN_MS * np.arange(TRAIN), SETTLED + TRAIN_MS * TRAIN + PAUSE_MS)
    chance = any(word in bench.model.transmit + bench.model.at_source for word in ("uniform()", "normal()", "poisson("))
    n = CHANCES if chance else 1
    nodes = {"pre": spikes(n, np.tile(times, n), np.repeat(np.arange(n), len(times))), "post": population(CELL, n)}
    weight = _first_weight(bench)
    wires = {"p": wire("pre", "post", weight, bench.dt, **_rule(bench))}
    trace = bench.run(nodes, wires, times[-1] + 10.0, [{"path": "post", "what": "v"}]).traces["post", "v"]
    v, arrives = trace.values.astype(float), np.round((times + bench.dt) / bench.dt).astype(int) - 1
    fade = (v[arrives - 1] + 70.0) * np.exp(-bench.dt / 10.0)  # what is left of what came before
    came = 100.0 * ((v[arrives] + 70.0) - fade).mean(axis=1) / weight
    curves = (Curve(times - SETTLED, came, "", "dots"), line(times[:TRAIN] - SETTLED, came[:TRAIN], quiet=True))
    return Panel(f"{TRAIN} spikes at {1000.0 / TRAIN_MS:g} Hz, one later", "time", "ms", "arrives", "% of w", curves)


def _first_weight(bench: Bench) -> float:
    """The middle of the range where the rule has one."""
    top, bottom = bench.with_role("weight_max"), bench.with_role("weight_min")
    return ((top or 0.0) + (bottom or 0.0)) / 2 if top or bottom else 1.0


def _rule(bench: Bench) -> dict[str, Any]:
    rule = bench.choice
    signals = {s.name: "pre" for s in getattr(bench.model, "signals", ())}
    return {"plasticity": {**rule, "signals": signals} if signals else rule}


def _network(bench: Bench, n: int, pre: dict[str, Any], kicks: dict[str, Any], duration: float, dt: float) -> Any:
    """n synapses, each from an element of `pre` to a neuron of its own that fires with its element of `kicks`."""
    nodes = {"pre": pre, "kick": kicks, "post": population(_target(bench), n)}
    wires = {"p": wire("pre", "post", _first_weight(bench), dt, **_rule(bench)), "k": wire("kick", "post", KICK, dt)}
    return bench.run(nodes, wires, duration, [{"path": "post", "what": "spikes"}], dt)


def _pairing(bench: Bench) -> Panel | None:
    """One spike on each side, at every distance."""
    lags = np.linspace(-SPREAD, SPREAD, POINTS)
    at, ids = SETTLED + SPREAD, np.arange(POINTS)
    duration = at + 2 * SPREAD
    recording = _network(bench, POINTS, spikes(POINTS, np.full(POINTS, at), ids), spikes(POINTS, at + lags, ids), duration, bench.dt)
    change = _change(bench, recording, POINTS)
    fired = np.full(POINTS, np.nan)
    fired[recording.spikes["post"].ids] = recording.spikes["post"].times
    lag = fired - at
    if not (np.abs(change) > SMALL).any():
        return None
    before, after = lag < 0, lag >= 0
    curves = (line(lag[before], change[before]), line(lag[after], change[after]))
    return Panel("One pair of spikes", "post − pre", "ms", "Δw", "% of w", curves)


def _by_rate(bench: Bench) -> Panel | None:
    """Independent Poisson spikes on both sides, the mean change in a second."""
    n = len(RATES) * TWINS
    rates = np.repeat(RATES, TWINS)
    source = {"kind": "source", "model": "poisson", "size": n, "params": {"rate": rates}}
    interval = bench.number(bench.model.interval) if bench.model.interval else COARSE
    recording = _network(bench, n, source, dict(source), SECONDS * 1000.0, max(min(COARSE, interval), bench.dt))
    change = _change(bench, recording, n).reshape(len(RATES), TWINS).mean(axis=1) / SECONDS
    if not (np.abs(change) > SMALL).any():
        return None
    return Panel("Both sides at a rate", "rate", "Hz", "Δw", "% of w a second", (line(RATES, change),))


def _change(bench: Bench, recording: Any, n: int) -> np.ndarray:
    """Change of every weight [% of what it was], by target."""
    synapses = recording.weights["p"]
    first = _first_weight(bench)
    out = np.zeros(n)
    out[synapses.targets] = 100.0 * (np.asarray(synapses.weights, float) - first) / abs(first)
    return out
