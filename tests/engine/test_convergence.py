"""Every neuron and kinetics converges with the order it states as dt shrinks, towards a solution computed apart with small tolerances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine.networks import CATALOGUE, network, population, projection, source
from scipy.integrate import solve_ivp

from studio.engine.run import simulate
from studio.models.language import evaluate, evaluate_block
from studio.models.system import System, join
from studio.network.flat import Record

STEPS = (0.2, 0.1, 0.05, 0.025)  # [ms]
# neuron -> (parameters, what it is compared after [ms]); short enough that nothing is reset
EXACT: dict[str, tuple[dict[str, Any], float]] = {
    "lif": ({"i_offset": 0.3}, 12.0),
    "lif_refractory_input": ({"i_offset": 0.3}, 12.0),
    "alif": ({"i_offset": 0.18}, 12.0),
    "lif_homeostatic": ({"i_offset": 0.008, "theta_start": 5.0}, 12.0),
    "mat2": ({"i_offset": 0.3}, 12.0),
    "gif_psc_exp": ({"i_offset": 0.08, "v_th": 100.0}, 12.0),
    "escape_rate": ({"i_offset": 0.3, "rho_0": 0.0}, 12.0),
    "resonate_and_fire": ({"i_offset": 0.02}, 12.0),
    "leaky_integrator": ({"i_offset": 0.3}, 12.0),
}
FOURTH: dict[str, tuple[dict[str, Any], float]] = {
    "hodgkin_huxley": ({"i_offset": 1.5}, 4.0),  # through a whole spike
    "morris_lecar": ({"i_offset": 3.0}, 24.0),
    "fitzhugh_nagumo": ({"i_offset": 0.8}, 20.0),
    "quadratic_if": ({"i_offset": 0.3}, 12.0),
    "adex": ({"i_offset": 0.8}, 10.0),
    "adex_clopath": ({"i_offset": 0.8}, 10.0),
    "lif_clopath": ({"i_offset": 0.3}, 12.0),
}
FIRST: dict[str, tuple[dict[str, Any], float]] = {
    "izhikevich": ({"i_offset": 0.003, "v_start": -60.0}, 20.0),
    "lif_euler": ({"i_offset": 0.5}, 12.0),
    "li_euler": ({"i_offset": 0.5}, 12.0),
    "cubalif_euler": ({"i_offset": 0.5}, 12.0),
    "cubali_euler": ({"i_offset": 0.5}, 12.0),
}
# neurons whose step is what they mean: there is nothing that dt could approach
OWN_STEP = {"if_euler", "integrator_euler", "threshold_euler", "loihi", "truenorth", "boltzmann", "boltzmann_probit"}
FLOOR = 2e-9  # mV; below it rounding and the tolerances of the other solution decide

# what a step neuron's text means as dt shrinks: dx/dt of every state
LIMITS: dict[str, dict[str, str]] = {
    "izhikevich": {"v": "k_2*v*v + k_1*v + k_0 - u + i_offset/c_m", "u": "a*(b*v - u)"},
    "lif_euler": {"v": "(v_leak - v + r*i_offset)/tau"},
    "li_euler": {"v": "(v_leak - v + r*i_offset)/tau"},
    "cubalif_euler": {"i_syn": "(w_in*i_offset - i_syn)/tau_syn", "v": "(v_leak - v + r*i_syn)/tau_mem"},
    "cubali_euler": {"i_syn": "(w_in*i_offset - i_syn)/tau_syn", "v": "(v_leak - v + r*i_syn)/tau_mem"},
}


def test_every_neuron_says_its_order() -> None:
    assert sorted([*EXACT, *FOURTH, *FIRST, *OWN_STEP]) == sorted(CATALOGUE.keys("neuron"))
    assert not EXACT.keys() & FOURTH.keys() and LIMITS.keys() == FIRST.keys()


def values(system: System, params: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {p.name: p.default for p in system.neuron.params} | {"dt": 0.0, "i_ext": 0.0}
    for k, receptor in enumerate(system.receptors):
        out |= {f"r{k}_{p.name}": p.default for p in receptor.params}
    out = evaluate_block(system.derived, out | params)
    return out | {s.name: float(evaluate(s.start, out)) for s in system.states}


def solved(system: System, params: dict[str, Any], duration: float, jumps: dict[float, float] | None = None) -> dict[str, float]:
    """The states after `duration`, by scipy's DOP853; `jumps`: at these times a spike of such a weight."""
    from studio.models.language import expression

    start, names = values(system, params), [s.name for s in system.states]
    own = LIMITS.get(system.neuron.key)
    slopes = {s: expression(own[s], start) for s in names} if own else system.derivatives

    def slope(_: float, x: np.ndarray) -> list[float]:
        here = start | dict(zip(names, x, strict=True))
        return [float(evaluate(slopes[s], here)) for s in names]

    x, at = [start[s] for s in names], 0.0
    for time, weight in [*sorted((jumps or {}).items()), (duration, 0.0)]:
        if time > at:
            x = list(solve_ivp(slope, (at, time), x, "DOP853", rtol=1e-12, atol=1e-14).y[:, -1])
            at = time
        if weight:
            after = evaluate_block(system.jumps[0], start | dict(zip(names, x, strict=True)) | {"w": weight})
            x = [float(after[s]) for s in names]
    return dict(zip(names, x, strict=True))


def errors(neuron: str, params: dict[str, Any], duration: float, method: str | None = None) -> np.ndarray:
    """|v - the solution| at the end, for every dt."""
    wanted = solved(join(CATALOGUE.get("neuron", neuron)), params, duration)["v"]
    out = []
    for dt in STEPS:
        net = network(
            [population("c", 1, neuron, **params)],
            [],
            [],
            [Record("c", "v", None, dt)],
            dt=dt,
            precision="double",
            method=method,
            duration=duration,
        )
        r = simulate(net, threads=1)
        spikes = r.spikes.get("c")
        counted = 0 if spikes is None or neuron in ("hodgkin_huxley", "morris_lecar", "fitzhugh_nagumo") else len(spikes)
        assert counted == 0, "it fires before it is compared"
        out.append(abs(r.traces["c", "v"].values[-1, 0] - wanted))
    return np.array(out)


def order(e: np.ndarray) -> np.ndarray:
    return np.log2(e[:-1] / e[1:])


@pytest.mark.parametrize("neuron", EXACT)
def test_exact_neurons_do_not_depend_on_the_step(neuron: str) -> None:
    assert errors(neuron, *EXACT[neuron]).max() < FLOOR


@pytest.mark.parametrize("neuron", FOURTH)
def test_runge_kutta_is_of_fourth_order(neuron: str) -> None:
    """As the step halves the error falls by 2^4, until it reaches the floor."""
    e = errors(neuron, *FOURTH[neuron])
    assert e[-1] < 1e-4
    seen = order(e)[e[1:] > FLOOR]
    assert len(seen) == 0 or seen[-1] > 3.5, e
    assert len(seen) > 0 or e.max() < 1e-6


@pytest.mark.parametrize("neuron", FIRST)
def test_forward_euler_is_of_first_order(neuron: str) -> None:
    e = errors(neuron, *FIRST[neuron])
    assert (np.abs(order(e) - 1.0) < 0.1).all(), e


@pytest.mark.parametrize("neuron", ["lif", "hodgkin_huxley", "morris_lecar", "adex", "quadratic_if"])
def test_the_adaptive_method_keeps_its_tolerance_at_every_step(neuron: str) -> None:
    params, duration = (EXACT | FOURTH)[neuron]
    assert errors(neuron, params, duration, "adaptive").max() < 1e-6


KINETICS = {
    k.key: "exact" if join(CATALOGUE.get("neuron", "lif"), [k]).linear else "fourth" for k in CATALOGUE.all("kinetics") if not k.transient
}
WEIGHTS = {"nA": 0.1, "mV": 2.0, "uS": 0.004}


def test_kinetics_are_exact_where_they_are_linear() -> None:
    assert KINETICS["nmda"] == KINETICS["conductance_alpha"] == "fourth" and KINETICS["dual_exponential"] == KINETICS["alpha"] == "exact"


@pytest.mark.parametrize("kinetics", [k for k in KINETICS if not getattr(CATALOGUE.get("kinetics", k), "coupled", "")])
def test_kinetics_converge_as_the_joint_system_does(kinetics: str) -> None:
    """Three spikes that arrive at 2, 5 and 5.6 ms; v at 11 ms."""
    model = CATALOGUE.get("kinetics", kinetics)
    weight = WEIGHTS[model.weight_unit]
    wanted = solved(join(CATALOGUE.get("neuron", "lif"), [model]), {}, 11.0, {2.0: weight, 5.0: weight, 5.6: weight})["v"]
    e = []
    for dt in STEPS:
        links = [projection("s", "s", "c", weight=weight, delay=1.0, kinetics=(kinetics, {}))]
        spikes = source("s", 1, "spike_list", times=np.array([1.0, 4.0, 4.6]))
        net = network([population("c", 1)], [spikes], links, [Record("c", "v", None, dt)], dt=dt, precision="double", duration=11.0)
        e.append(abs(simulate(net, threads=1).traces["c", "v"].values[-1, 0] - wanted))
    e = np.array(e)
    assert wanted > -69.9
    if KINETICS[kinetics] == "exact":
        assert e.max() < FLOOR
    else:
        assert e[-1] < 1e-6 and (order(e)[e[1:] > FLOOR] > 3.5).all(), e
