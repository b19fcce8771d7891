"""What a device stores over pulses up and down, and what is read from it as time passes."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.models.language.check import scope
from studio.models.language.evaluate import evaluate, evaluate_block
from studio.models.language.read import read_block, read_expression
from studio.models.language.symbolic import free_names
from studio.views.response.bench import CELL, KICK, Bench, population, spikes, wire
from studio.views.response.picture import Panel, line

PULSES, DEVICES, CYCLES = 60, 6, 2
AGES = np.logspace(0, 6, 61)  # s
RAMP = {
    "kind": "plasticity",
    "params": {"step": {"default": 0.02, "unit": ""}},
    "on_pre": "w = w + step",
    "on_post": "w = w - step",
}


def panels(bench: Bench) -> tuple[Panel, ...]:
    return tuple(p for p in (_pulses(bench), _drift(bench)) if p is not None)


def _range(bench: Bench) -> tuple[float, float]:
    """The weights it holds; where it has no bounds, 0 to 1."""
    low, high = bench.with_role("weight_min"), bench.with_role("weight_max")
    return (low if low is not None else -high if high is not None and high < 0 else 0.0), (high if high is not None else 1.0)


def _varies(bench: Bench) -> bool:
    return any(word in getattr(bench.model, part, "") for part in ("write", "program") for word in ("normal()", "uniform()", "poisson("))


def _pulses(bench: Bench) -> Panel:
    """A rule that asks for one small step at each pulse: up by spikes of the source, down by spikes of the target."""
    low, high = _range(bench)
    n, step = (DEVICES if _varies(bench) else 1), (high - low) / (0.6 * PULSES)
    pulse = np.arange(1, 2 * PULSES * CYCLES + 1)
    rising = (pulse - 1) // PULSES % 2 == 0
    up, down = pulse[rising], pulse[~rising]
    nodes = {
        "pre": spikes(n, np.tile(up, n), np.repeat(np.arange(n), len(up))),
        "kick": spikes(n, np.tile(down, n), np.repeat(np.arange(n), len(down))),
        "post": population(CELL, n),
    }
    bench.models = {**bench.models, "bench_ramp": RAMP}
    synapse = {"plasticity": {"model": "bench_ramp", "params": {"step": step}}, "device": bench.choice}
    wires = {"p": wire("pre", "post", low, bench.dt, **synapse), "k": wire("kick", "post", KICK, bench.dt)}
    values = bench.weights(nodes, wires, pulse + 1.0, "p")
    curves = [line(pulse, values[:, k], quiet=True) for k in range(n)] if n > 1 else []
    curves.append(line(pulse, values.mean(axis=1), f"mean of {n} devices" if n > 1 else ""))
    return Panel(f"{PULSES} pulses up, {PULSES} down", "pulse", "", "stored w", "", tuple(curves))


def _drift(bench: Bench) -> Panel | None:
    """The weight that is read, noise apart, from a second to eleven days after programming."""
    model: Any = bench.model
    text = getattr(model, "read", "")
    if not text.strip():
        return None
    names = {p.name for p in model.params} | {s.name for s in model.states} | {"age", "dt", "w"}
    read, wrong = read_expression(text, scope(names, draws=True))
    if read is None or wrong or "age" not in free_names(read):
        return None
    low, high = _range(bench)
    curves = []
    for part in (1.0, 0.75, 0.5, 0.25):
        wanted = low + part * (high - low)
        values = np.broadcast_to(evaluate(read, {**_programmed(bench, wanted), "age": AGES, "dt": bench.dt}, _middle), AGES.shape)
        curves.append(line(AGES, values))
    if all(np.ptp(curve.y) < 0.002 * (high - low) for curve in curves):
        return None
    return Panel("Read later, without noise", "time since programming", "s", "w", "", tuple(curves), log_x=True)


def _programmed(bench: Bench, wanted: float) -> dict[str, Any]:
    """What a device holds after it was programmed, noise apart."""
    model: Any = bench.model
    values: dict[str, Any] = {p.name: bench.number(p.name) for p in model.params if p.kind == "number"}
    values |= {"w": wanted}
    params = {p.name for p in model.params}
    for state in model.states:
        start, _ = read_expression(state.start, scope(params | {"w"}, draws=True))
        values[state.name] = 0.0 if start is None else evaluate(start, values, _middle)
    block, _ = read_block(model.program, scope(params, {"w"} | {s.name for s in model.states}, draws=True))
    return evaluate_block(block, values, _middle) if block else values


def _middle(name: str, args: tuple[Any, ...]) -> Any:
    """The middle of a draw."""
    return {"normal": 0.0, "uniform": 0.5}.get(name, args[0] if args else 0.0)
