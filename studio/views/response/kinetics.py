"""What a spike leaves at a synapse: the current at fixed voltages, and the potential in a plain leaky neuron."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.models.dynamics import kinetics_form
from studio.models.language.evaluate import evaluate, evaluate_block
from studio.models.language.symbolic import free_names
from studio.views.response.bench import Bench, population, spikes, wire
from studio.views.response.picture import Curve, Panel, line

WEIGHTS = {"mV": 1.0, "nA": 0.1, "uS": 0.005}
HELD = (-70.0, -40.0, 20.0)  # mV
AT, SPACING, SPIKES = 5.0, 20.0, 5  # ms
NEVER = 1e5  # mV, a threshold out of reach


def panels(bench: Bench) -> tuple[Panel, ...]:
    if getattr(bench.model, "coupled", ""):
        return (_coupled(bench),) if bench.model.coupled == "v" else ()
    return (*_current(bench), _potential(bench))


def _synapse(bench: Bench) -> dict[str, Any]:
    return {"kinetics": bench.choice}


def _weight(bench: Bench) -> float:
    return WEIGHTS.get(bench.model.weight_unit, 1.0)


def _slowest(bench: Bench) -> float:
    """The slowest time constant among its parameters [ms]."""
    return max([bench.number(p.name) for p in bench.model.params if p.unit in ("ms", "s") and p.kind == "number"] or [0.0])


def _current(bench: Bench) -> tuple[Panel, ...]:
    """The receptor's current after one spike, the neuron's voltage held by an enormous membrane."""
    form = kinetics_form(bench.model)
    if form.current is None or not bench.model.states:
        return ()
    used = free_names(form.current) | {n for e in form.derivatives.values() for n in free_names(e)}
    held = np.array(HELD if "v" in used else HELD[:1])
    duration = AT + min(max(6.0 * _slowest(bench), 10.0), 600.0)
    still = {"tau_m": 1e9, "c_m": 1e12, "v_th": NEVER, "v_rest": held}
    nodes = {"pre": spikes(len(held), np.full(len(held), AT), np.arange(len(held))), "cell": population("lif", len(held), **still)}
    record = [{"path": "cell", "what": f"{bench.model.key}.{s.name}"} for s in bench.model.states]
    recording = bench.run(nodes, {"p": wire("pre", "cell", _weight(bench), bench.dt, **_synapse(bench))}, duration, record)
    states = {s.name: recording.traces["cell", f"{bench.model.key}.{s.name}"] for s in bench.model.states}
    numbers = {p.name: bench.number(p.name) for p in bench.model.params if p.kind == "number"}
    known = evaluate_block(form.derived, {**numbers, "dt": bench.dt})
    values = np.broadcast_to(
        evaluate(form.current, {**known, **{n: t.values.astype(float) for n, t in states.items()}, "v": held}),
        states[next(iter(states))].values.shape,
    )
    times = states[next(iter(states))].times
    curves = tuple(line(times, values[:, k], f"at {held[k]:g} mV" if len(held) > 1 else "") for k in range(len(held)))
    return (Panel(f"Current of one spike of {_weight(bench):g} {bench.model.weight_unit}", "time", "ms", "current", "nA", curves),)


def _potential(bench: Bench) -> Panel:
    """The potential after a train of spikes, in a leaky neuron of 10 ms that does not fire."""
    tail = min(max(5.0 * _slowest(bench), 60.0), 400.0)
    times = AT + SPACING * np.arange(SPIKES)
    nodes = {"pre": spikes(1, times, np.zeros(SPIKES, int)), "cell": population("lif", 1, v_th=NEVER)}
    recording = bench.run(
        nodes,
        {"p": wire("pre", "cell", _weight(bench), bench.dt, **_synapse(bench))},
        times[-1] + tail,
        [{"path": "cell", "what": "v"}],
    )
    trace = recording.traces["cell", "v"]
    v = trace.values[:, 0].astype(float)
    low, high = float(v.min()), float(v.max())
    foot = low - 0.12 * (high - low or 1.0)
    strokes = Curve(times, np.array([foot - 0.1 * (high - low or 1.0), foot]), "", "ticks")
    return Panel(f"Potential after {SPIKES} spikes", "time", "ms", "v", "mV", (line(trace.times, v), strokes))


def _coupled(bench: Bench) -> Panel:
    """Two leaky neurons, the first of them under a current step."""
    nodes = {
        "pre": population("lif", 1, v_th=NEVER),
        "cell": population("lif", 1, v_th=NEVER),
        "step": {"kind": "source", "model": "step_current", "size": 1, "params": {"amplitude": 0.3, "start": AT, "stop": 100.0}},
    }
    wires = {
        "p": wire("pre", "cell", _weight(bench), bench.dt, **_synapse(bench)),
        "q": {"from": "step", "to": "pre", "connector": {"model": "one_to_one"}, "gain": 1},
    }
    recording = bench.run(nodes, wires, 160.0, [{"path": path, "what": "v"} for path in ("pre", "cell")])
    curves = [
        line(t.times, t.values[:, 0], label)
        for t, label in ((recording.traces["pre", "v"], "driven"), (recording.traces["cell", "v"], "coupled"))
    ]
    return Panel("Two coupled neurons", "time", "ms", "v", "mV", tuple(curves))
