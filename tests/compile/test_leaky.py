"""The normal form of leaky neurons against the engine's definition, step by step; and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine.networks import network, population, projection, source

from studio.compile.leaky import Leaky, normal_form, propagated
from studio.compile.program import Program, lower
from studio.compile.target import Target, Topology
from studio.engine import reference
from studio.network.flat import Drawn, FlatNetwork

ANY = Target("any", "Any", "Any machine.", Topology("bus", 1, 1), {})
STEPS = 400
TIMES = [0.0, 2.0, 2.5, 3.0, 7.0, 7.1, 7.2, 7.3, 20.0, 21.0, 21.1, 30.0]


def net(neuron: str, kinetics: tuple[str, dict[str, Any]], weight: float, start: float | None = None, **params: Any) -> FlatNetwork:
    inputs = source("in", 1, "spike_list", times=np.array(TIMES), ids=np.zeros(len(TIMES), int))
    cells = population("p", 3, neuron, {} if start is None else {"v": start}, **params)
    return network([cells], [inputs], [projection("c", "in", "p", ("all_to_all", {}), weight, 0.3, kinetics)], dt=0.1)


def program(flat: FlatNetwork) -> Program:
    return lower(flat, ANY)


def stepped(x: Leaky, arrivals: np.ndarray, steps: int, n: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The recurrence of `Leaky`, as its docstring has it: voltages at the end of each step, and spikes."""
    v, left = np.broadcast_to(np.asarray(x.start, float), (n,)).copy(), np.zeros(n)
    current = [np.zeros(n) for _ in x.receptors]
    out, spikes = np.zeros((steps, n)), []
    for t in range(steps):
        before = list(current)
        current = [np.asarray(r.decay) * c + arrivals[t] for r, c in zip(x.receptors, current, strict=True)]
        push = sum(np.asarray(r.gain) * (b if r.lag else c) for r, b, c in zip(x.receptors, before, current, strict=True))
        free = left == 0
        v = np.where(free, np.asarray(x.decay) * v + x.drive + push, v)
        left = np.maximum(left - 1, 0)
        over = v > x.threshold if x.strict else v >= x.threshold  # type: ignore[operator]
        fired = np.flatnonzero(free & over)
        v[fired], left[fired] = 0.0, np.broadcast_to(np.asarray(x.hold), (n,))[fired]
        spikes += [(t, int(k)) for k in fired]
        out[t] = v + x.zero
    return out, spikes


CASES = [
    ("lif", ("delta", {}), 6.0, {"i_offset": 0.2}),
    ("lif", ("delta", {}), 6.0, {"tau_m": Drawn("normal", 12.0, 2.0, 5.0, 20.0), "t_ref": 0.0, "i_offset": 0.5}),
    ("lif", ("exponential", {"tau": 3.0}), 0.9, {"v_rest": -62.0, "t_ref": 1.0}),
    ("lif", ("exponential", {"tau": 10.0}), 0.4, {"tau_m": 10.0, "i_offset": 0.1}),
    ("lif", ("pulse", {}), 60.0, {"i_offset": 0.2}),
    ("lif_euler", ("pulse", {}), 90.0, {"i_offset": 0.6, "v_reset": -0.2}),
    ("lif_euler", ("exponential", {"tau": 2.0}), 2.0, {}),
    ("if_euler", ("pulse", {}), 0.4, {}),
    ("cubalif_euler", ("pulse", {}), 40.0, {"w_in": 2.0}),
]


@pytest.mark.parametrize(("neuron", "kinetics", "weight", "params"), CASES)
def test_it_is_the_engines_own_step(neuron: str, kinetics: Any, weight: float, params: dict[str, Any]) -> None:
    flat = net(neuron, kinetics, weight, **params)
    made, findings = normal_form(program(flat), "p")
    assert made is not None and not findings
    arrivals = np.zeros(STEPS)
    np.add.at(arrivals, np.rint((np.array(TIMES) + 0.3) / 0.1).astype(int) - 1, weight)
    v, spikes = stepped(made, arrivals, STEPS, 3)
    true = reference.run(flat, STEPS, keep_states=True)
    assert spikes == [(t - 1, k) for t, k in true.spikes["p"]]
    assert len(spikes) > 0, "the case never fires"
    assert np.abs(v - np.array([row["v"] for row in true.states["p"]])).max() < 1e-9


def test_integers_of_chips_are_leaky_neurons_too() -> None:
    flat = network([population("p", 2, "truenorth", leak=-1, alpha=20, reset_mode=1, floor_mode=1, beta=5)], [], [])
    made, _ = normal_form(program(flat), "p")
    assert made is not None and (made.decay, made.drive, made.threshold, made.floor, made.subtract) == (1.0, -1.0, 20.0, -5.0, True)
    flat = network([population("p", 2, "loihi", dv=256, vth=10, bias_mant=3, bias_exp=2, refractory=4)], [], [])
    made, _ = normal_form(program(flat), "p")
    assert made is not None and (made.decay, made.drive, made.threshold, made.hold, made.strict) == (0.9375, 12.0, 640.0, 3.0, True)


@pytest.mark.parametrize(
    ("flat", "where", "fix"),
    [
        (network([population("p", 1, "izhikevich")], [], []), "p", "lif"),
        (net("lif", ("alpha", {}), 1.0), "c", "exponential"),
        (net("if_euler", ("exponential", {}), 1.0), "c", "pulse"),
        (net("lif", ("delta", {}), 1.0, v_th=-70.0), "p", "threshold"),
        (network([population("p", 1, "truenorth", leak_reversal=1)], [], []), "p.leak_reversal", "0"),
    ],
)
def test_what_has_no_such_form_is_said(flat: FlatNetwork, where: str, fix: str) -> None:
    made, findings = normal_form(program(flat), "p")
    assert made is None
    assert [(f.code, f.severity, f.where) for f in findings] == [("fit.model", "error", where)]
    assert fix in findings[0].fix


@pytest.mark.parametrize(("tau", "tau_m"), [(1e-4, 20.0), (5.0, 1e-4), (5.0, 5.0), (5.0, 5.0 + 1e-9), (0.05, 0.09), (1e-300, 1e300)])
def test_an_exponential_current_of_any_time_constant_moves_the_voltage_by_a_number(tau: float, tau_m: float) -> None:
    """Against the integral of the current through the membrane, in 200,000 steps of the midpoint rule."""
    dt, n = 0.1, 200_000
    t = (np.arange(n) + 0.5) * dt / n
    want = 3.0 / tau_m * np.exp(-t / tau - (dt - t) / tau_m).sum() * dt / n
    got = propagated(3.0, tau_m, tau, dt)
    assert np.isfinite(got) and got == pytest.approx(want, rel=2e-3 if min(tau, tau_m) > 1e-3 else 0.02, abs=1e-12)
