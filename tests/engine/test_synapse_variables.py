"""Variables of synapses, sources and devices: kernels are what the definition says, bit for bit, with threads, cut slices and mixed delays."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine.networks import CATALOGUE, fired, network, population, projection, source

from studio.engine import reference, reference_rule
from studio.engine.connectivity import synapses
from studio.engine.plasticity_arrays import Form
from studio.engine.plasticity_kernels import render_rule
from studio.engine.plasticity_text import Hooks
from studio.engine.recording import Recording
from studio.engine.run import simulate
from studio.findings import FindingError
from studio.models.check import check_model
from studio.models.spec import Device, Param, Plasticity, Signal, State, Trace
from studio.network.flat import Chosen, Drawn, FlatNetwork, Record, Wait

ABOUT = {"doc": "For a test.", "source": "This test.", "limits": "None."}
TAUS = tuple(Param(f"tau_{k}", tau, "ms", "Time constant.", low=0.0, low_open=True) for k, tau in enumerate((17.0, 90.0, 33.0, 120.0)))
SHORT_TERM = Plasticity(
    key="short_term",
    title="Short-term",
    params=(*TAUS, Param("use", 0.3, "", "Part used.", low=0.0)),
    source_states=(State("u", "use", "", "Part used."), State("x", "1", "", "Part left.")),
    at_source="if first > 0:\n    u = use\nelse:\n    x = 1 + (x - x*u - 1)*exp(-gap/tau_1)\n    u = use + u*(1 - use)*exp(-gap/tau_2)",
    transmit="w*u*x",
    **ABOUT,
)
NEAREST = Plasticity(
    key="nearest",
    title="Nearest",
    params=(*TAUS, Param("a", 0.01, "", "Step.", low=0.0)),
    traces=(
        Trace("r1", "tau_0", "pre", "Latest.", nearest=True),
        Trace("r2", "tau_1", "pre", "All."),
        Trace("o1", "tau_2", "post", "Latest.", nearest=True),
        Trace("o2", "tau_3", "post", "All."),
    ),
    on_post="w = w + a*r1*(1 + 0.5*o1) + 0.1*a*o2",
    on_pre="w = w - a*o1*(1 + 0.5*r1)*w - 0.01*a*r2",
    **ABOUT,
)
REMEMBERING = Plasticity(
    key="remembering",
    title="Remembering",
    params=(*TAUS, Param("a", 0.02, "", "Step.", low=0.0), Param("period", 5.3, "ms", "Interval.", low=0.0, low_open=True)),
    traces=(Trace("r1", "tau_0", "pre", "Arrivals."), Trace("o1", "tau_2", "post", "Spikes.")),
    states=(State("c", "0", "", "Eligibility."), State("n", "1 + 0.1*w + 0.2*uniform()", "", "Counts.")),
    source_states=(State("s", "0.5", "", "Of the source."),),
    at_source="s = 0.9*s + 0.1*uniform() + 0.001*gap",
    on_post="c = c + a*r1*s\nn = n + 0.25",
    on_pre="c = c - a*o1\nif n > 2:\n    n = n - 0.5\n    w = w + 0.01*c",
    every="w = w + c*(1 - 0.02*n)\nc = 0.6*c + 0.001*s",
    interval="period",
    transmit="w*(1 + 0.1*n) if uniform() < 0.9 else 0",
    **ABOUT,
)
RULES = {r.key: r for r in (SHORT_TERM, NEAREST, REMEMBERING)}


def chosen(rule: Plasticity | Device, **params: float) -> Chosen:
    assert check_model(rule) == ()
    return Chosen(rule, {q.name: q.default for q in rule.params} | params)


def net(rule: Chosen | None, device: Chosen | None = None, mixed: bool = False, precision: str = "double", **run: object) -> FlatNetwork:
    """Targets that fire a lot behind busy sources, and behind rare ones, two of whose spikes fall into one step."""
    cells = [population("c", 19, t_ref=0.1)]
    times = np.array([0.0, 4.0, 4.0, 30.0, 30.1, 64.0, 70.0])
    sources = [
        source("drive", 19, rate=9000.0),
        source("busy", 11, rate=150.0),
        source("rare", 3, "spike_list", times=times, ids=np.array([0, 1, 1, 2, 0, 1, 1])),
    ]
    delay = Drawn("uniform", 0.3, 3.5) if mixed else 0.7
    links = [projection("d", "drive", "c", ("one_to_one", {}), 2.5, 0.5)]
    for key in ("busy", "rare"):
        p = projection(key, key, "c", ("fixed_in_degree", {"k": 9}), Drawn("uniform", 0.5, 1.1), delay, ("exponential", {"tau": 2.0}))
        p = p if rule is None else replace(p, plasticity=rule)
        links.append(p if device is None else replace(p, device=device))
    return network(cells, sources, links, precision=precision, seed=5, **run)


def agree(flat: FlatNetwork, steps: int = 800, ways: tuple = ((1, None), (3, 2))) -> reference.Result:
    """Runs are what the definition gives, and all the same: spikes, weights, updates, and what else is kept."""
    definition = reference.run(flat, steps)
    for threads, slice_steps in ways:
        r = simulate(flat, steps * flat.run.dt, threads=threads, slice_steps=slice_steps)
        assert fired(r, "c") == definition.spikes["c"]
        for key, w in definition.weights.items():
            assert np.array_equal(r.weights[key].weights, w), (threads, slice_steps, key)
            assert r.counters["weight_updates"][key] == definition.weight_updates[key]
    return definition


@pytest.mark.parametrize("mixed", [pytest.param(False, id="one delay", marks=pytest.mark.thorough), pytest.param(True, id="mixed delays")])
@pytest.mark.parametrize("rule", list(RULES))
def test_what_synapses_and_sources_remember_is_what_the_definition_says(rule: str, mixed: bool) -> None:
    definition = agree(net(chosen(RULES[rule]), mixed=mixed))
    assert max(np.bincount([i for _, i in definition.spikes["c"]])) > 30
    assert rule == "short_term" or all(len(np.unique(w)) > 9 for w in definition.weights.values())


DEVICE = Device(
    key="drifting",
    title="Drifting",
    params=(
        Param("sigma", 0.05, "", "Spread.", low=0.0),
        Param("t_0", 0.01, "s", "First time.", low=0.0, low_open=True),
        Param("spread", 0.1, "", "Of devices.", low=0.0),
    ),
    states=(State("gain", "1 + spread*normal()", "", "Of this device."), State("nu", "0.05 + 0.01*w", "", "Drift.")),
    program="nu = abs(nu + 0.01*normal())\nw = max(0, w + sigma*normal())",
    write="nu = 0.9*nu\nif dw != 0:\n    w = max(0, w + gain*dw + 0.1*sigma*abs(dw)*normal() + 0.001*dw*age)",
    read="w*((age + t_0)/t_0)**(-nu) + 0.1*sigma*normal()",
    **ABOUT,
)
PROGRAMMED = replace(DEVICE, key="programmed", write="", read="")


@pytest.mark.parametrize("mixed", [pytest.param(False, id="one delay", marks=pytest.mark.thorough), pytest.param(True, id="mixed delays")])
def test_devices_that_are_programmed_only_leave_ordinary_weights(mixed: bool) -> None:
    flat = net(None, chosen(PROGRAMMED), mixed=mixed)
    agree(flat)
    flat = replace(flat, run=replace(flat.run, record=tuple(Record("busy", what, None, 0.1) for what in ("weight", "nu"))))
    one, other = (simulate(flat, 1.0, threads=threads).weights["busy"] for threads in (1, 3))
    wanted, rule = (
        synapses(flat, "busy").weights,
        reference_rule.Rule(flat.projections[1], synapses(flat, "busy"), np.ones(99), 0.1, 5, lambda step: 0.0),
    )
    assert np.array_equal(one.weights, other.weights) and np.array_equal(one.states["nu"], other.states["nu"])
    assert np.array_equal(one.weights, rule.weights) and np.array_equal(one.states["nu"], rule.memory()["nu"])
    assert 0.03 < np.std(one.weights - wanted) < 0.07 and simulate(flat, 1.0).counters["weight_updates"] == {}


@pytest.mark.parametrize("mixed", [pytest.param(False, id="one delay", marks=pytest.mark.thorough), pytest.param(True, id="mixed delays")])
@pytest.mark.parametrize("rule", ["static", "remembering"])
def test_devices_are_written_read_and_age_as_the_definition_says(rule: str, mixed: bool) -> None:
    events = (Wait(20.0, 3600.0), Wait(20.0, 60.0), Wait(50.05, 86400.0))
    flat = net(None if rule == "static" else chosen(RULES[rule]), chosen(DEVICE), mixed, events=events)
    definition = agree(flat)
    without = reference.run(replace(flat, run=replace(flat.run, events=())), 800)
    assert definition.spikes != without.spikes, "drift must show"


@pytest.mark.parametrize("device", ["ideal", "soft_bounds"])
def test_rules_without_variables_keep_their_kernels(device: str) -> None:
    """The text, numbers and arrays of pair STDP are those from before synapses had variables: speed and memory stay."""
    rule, on = CATALOGUE.get("plasticity", "stdp_pair"), CATALOGUE.get("device", device)
    params = {"rule": {p.name: p.default for p in rule.params}, "device": {p.name: p.default for p in on.params}}
    found = []
    for precision in ("single", "double"):
        for targets in (2, 4):
            for delays in (0, 1, 2):
                text = render_rule(rule, on, Form(precision, targets, delays), Hooks(rule, on, params))
                found.append(hashlib.sha256(repr((text.source, text.numbers, text.arrays)).encode()).hexdigest()[:16])
    assert (
        hashlib.sha256("".join(found).encode()).hexdigest()[:16] == {"ideal": "296188d6894a1e2c", "soft_bounds": "f41ec874499b8a80"}[device]
    )


LISTENING = Plasticity(
    key="listening",
    title="Listening",
    params=(*TAUS, Param("a", 0.02, "", "Step.", low=0.0), Param("period", 0.4, "ms", "Interval.", low=0.0, low_open=True)),
    traces=(Trace("r1", "tau_0", "pre", "Arrivals."), Trace("o1", "tau_2", "post", "Spikes.", nearest=True)),
    states=(State("c", "0", "", "Eligibility."), State("u", "-65", "", "Filtered.")),
    signals=(Signal("reward", "tau_1", "Good."), Signal("error", "tau_3", "Bad.")),
    on_post="c = c + a*r1",
    on_pre="c = c - 0.3*a*o1",
    every="u = u + 0.1*(post_v - u)\nw = max(0, w + 0.01*c*(min(20, reward) - 0.3*min(40, error)) + 0.00001*(u + 60))\nc = 0.97*c",
    interval="period",
    **ABOUT,
)


@pytest.mark.parametrize(
    ("reward", "error", "mixed"), [("busy", "c", False), ("rare", "drive", True)], ids=["busy and own, one delay", "given and drive, mixed"]
)
def test_rules_hear_signals_and_see_their_targets(reward: str, error: str, mixed: bool) -> None:
    flat = net(chosen(LISTENING), mixed=mixed)
    signals = {"reward": reward, "error": error}
    heard = replace(flat, projections=tuple(replace(p, signals=signals) if p.key != "d" else p for p in flat.projections))
    definition = agree(heard, 400)
    assert len(np.unique(definition.weights["busy"])) > 15
    swapped = {"reward": error, "error": reward}
    other = replace(flat, projections=tuple(replace(p, signals=swapped) if p.key != "d" else p for p in flat.projections))
    assert not np.array_equal(reference.run(other, 400).weights["busy"], definition.weights["busy"])


def test_what_a_rule_needs_and_does_not_find_is_said() -> None:
    flat = net(chosen(LISTENING))
    with pytest.raises(FindingError, match="whose spikes are the signal “reward”"):
        simulate(flat, 1.0)
    blind = replace(LISTENING, signals=(), every="w = w + post_nothing")
    with pytest.raises(FindingError, match="reads the state nothing of “c”"):
        simulate(net(chosen(blind)), 1.0)


@pytest.mark.parametrize("rule", ["remembering", "listening"])
def test_single_precision_is_the_same_with_any_threads_and_cuts(rule: str) -> None:
    """States, signals, devices and waits in four bytes: 1 and 2 threads, cut slices and batches give the same bits, near the definition."""
    flat = net(
        chosen({**RULES, "listening": LISTENING}[rule]), chosen(DEVICE), True, "single", events=(Wait(20.0, 3600.0), Wait(31.0, 9.0))
    )
    flat = replace(
        flat, projections=tuple(replace(p, signals={"reward": "busy", "error": "c"}) if p.key != "d" else p for p in flat.projections)
    )
    record = tuple(Record(key, what, None, 0.1) for key in ("busy", "rare") for what in ("weight", "c", "nu"))
    flat = replace(flat, run=replace(flat.run, record=(*record, Record("c", "spikes", None, 0.0))))
    first = simulate(flat, 60.0, threads=1)
    assert first.weights["busy"].weights.dtype == np.float64 and first.weights["busy"].states["c"].any()
    for threads, slice_steps in ((2, None), (3, 1)):
        other = simulate(flat, 60.0, threads=threads, slice_steps=slice_steps)
        assert fired(first, "c") == fired(other, "c")
        for key in ("busy", "rare"):
            assert np.array_equal(first.weights[key].weights, other.weights[key].weights)
            for name in ("c", "nu"):
                assert np.array_equal(first.weights[key].states[name], other.weights[key].states[name]), name


def test_a_run_that_stops_goes_on_with_all_that_synapses_remember(tmp_path: Path) -> None:
    """A state in the middle, after a wait and between two acts of a rule: the resumed run has the same spikes, weights and states."""
    flat = net(chosen(LISTENING), chosen(DEVICE), True, "double", events=(Wait(20.0, 3600.0), Wait(50.0, 9.0)))
    flat = replace(
        flat, projections=tuple(replace(p, signals={"reward": "busy", "error": "c"}) if p.key != "d" else p for p in flat.projections)
    )
    record = (*(Record("busy", what, None, 0.1) for what in ("c", "u", "nu")), Record("c", "spikes", None, 0.0))
    flat = replace(flat, run=replace(flat.run, record=record))
    whole = simulate(flat, 70.0, threads=2)
    simulate(flat, 33.3, threads=2, checkpoint=tmp_path)
    rest = simulate(flat, 70.0, threads=2, resume=tmp_path)
    assert fired(whole, "c") == fired(rest, "c")
    assert np.array_equal(whole.weights["busy"].weights, rest.weights["busy"].weights)
    for name in ("c", "u", "nu"):
        assert np.array_equal(whole.weights["busy"].states[name], rest.weights["busy"].states[name]), name


def test_states_of_synapses_are_kept_in_a_file(tmp_path: Path) -> None:
    flat = net(chosen(SHORT_TERM), chosen(PROGRAMMED))
    flat = replace(flat, run=replace(flat.run, record=tuple(Record("busy", what, None, 0.1) for what in ("u", "x", "gain"))))
    r = simulate(flat, 20.0)
    r.save(tmp_path / "r.h5")
    again = Recording.load(tmp_path / "r.h5").weights["busy"]
    assert set(again.states) == {"u", "x", "gain"} and np.array_equal(again.weights, r.weights["busy"].weights)
    for name, values in r.weights["busy"].states.items():
        assert np.array_equal(again.states[name], values) and len(np.unique(values)) > 3, name
