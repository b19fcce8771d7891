"""What a neuron's texts may say besides states and parameters: the step's beginning, draws at the threshold, whole numbers, own arrival."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine.networks import CATALOGUE, fired, network, projection, source

from studio.engine import reference
from studio.engine.kernels import Variant, render_kernel
from studio.engine.run import simulate
from studio.models.check import check_model
from studio.models.spec import Neuron, Param, State
from studio.models.system import join
from studio.network.flat import Chosen, FlatNetwork, FlatPopulation, Record

# a pendulum: its voltage swings, so that crossings, maxima and every method can be told apart
SWING = Neuron(
    key="swing",
    title="Swing",
    doc="A harmonic oscillation.",
    source="",
    params=(Param("omega", 0.5, "1/ms", "Speed.", low=0.0), Param("v_th", 0.3, "mV", "Level.", low=-10.0)),
    states=(State("v", "0", "mV", "Voltage."), State("q", "1", "mV", "Its quadrature.")),
    equations="dv/dt = omega*q\ndq/dt = -omega*v",
    threshold="v >= v_th and last_v < v_th",
    method="exact",
    methods=("exact", "rk4", "adaptive"),
    substeps=2,
)
COIN = Neuron(
    key="coin",
    title="Coin",
    doc="Fires by chance, the more often the higher its voltage.",
    source="",
    params=(Param("tau", 10.0, "ms", "Decay.", low=0.0), Param("rate", 0.1, "1/ms", "Rate at 0 mV.", low=0.0)),
    states=(State("v", "0", "mV", "Voltage."), State("seen", "0", "", "Spikes so far.")),
    equations="dv/dt = -v/tau + i*0",
    threshold="uniform() < 1 - exp(-dt*rate*exp(v))",
    reset="seen += 1; v = 0.1*normal()",
    method="exact",
    methods=("exact", "rk4"),
)
COUNTER = Neuron(
    key="counter",
    title="Counter",
    doc="Adds up what comes and wraps at 24 bits, as a chip's register does.",
    source="",
    params=(Param("factor", 4095.0, "", "Multiplier.", low=0.0),),
    states=(State("v", "1", "", "Register."),),
    step="""
wide = v*factor + 7*i
v = wide - 16777216*floor(wide/16777216)
""",
    threshold="v > 12000000",
    reset="v = last_v",
    method="step",
    methods=("step",),
    whole=True,
)


def cells(model: Neuron, n: int = 4, start: dict[str, Any] | None = None, **params: Any) -> FlatPopulation:
    return FlatPopulation("c", "c", n, None, Chosen(model, {**{p.name: p.default for p in model.params}, **params}), start or {})


def both(net: FlatNetwork, steps: int) -> Any:
    """Run kernel and reference; equal spikes, and states within 4 units in the last place."""
    definition = reference.run(net, steps, keep_states=True)
    for threads in (1, 2):
        r = simulate(net, threads=threads)
        assert fired(r, "c") == definition.spikes["c"]
        for (_, state), trace in r.traces.items():
            wanted = np.array([row[state] for row in definition.states["c"]])
            assert np.abs(trace.values - wanted).max() <= 4 * np.spacing(np.abs(wanted).max())
    return r


@pytest.mark.parametrize("method", ["exact", "rk4", "adaptive"])
def test_a_rising_crossing_is_one_spike_a_swing(method: str) -> None:
    net = network(
        [cells(SWING, 3, omega=np.array([0.3, 0.5, 0.9]))],
        [],
        [],
        [Record("c", "v", None, 0.1)],
        precision="double",
        method=method,
        duration=100.0,
    )
    s = both(net, 1000).spikes["c"]
    for i, omega in enumerate((0.3, 0.5, 0.9)):
        first, period = np.arcsin(0.3) / omega, 2 * np.pi / omega
        wanted = np.ceil(np.arange(first, 100.0, period) / 0.1)
        assert s.steps[s.ids == i].tolist() == wanted.tolist()


@pytest.mark.parametrize("method", ["exact", "adaptive"])
def test_a_local_maximum_is_seen_in_the_step_after_it(method: str) -> None:
    peak = replace(SWING, threshold="v >= v_th and v < last_v and q > -0.1")
    net = network([cells(peak, 1)], [], [], precision="double", method=method, duration=60.0)
    s = both(net, 600).spikes["c"]
    top = (np.pi / 2 + 2 * np.pi * np.arange(5)) / 0.5
    first = [s.times[s.times > t - 1.0][0] for t in top[top < 59.0]]
    assert np.all((np.array(first) - top[: len(first)] > 0) & (np.array(first) - top[: len(first)] < 0.2))


def test_the_beginning_of_the_step_is_before_what_arrives_in_it() -> None:
    """A jump of 2 mV lifts v over 0.3 within the step in which it arrives, before or after the update alike."""
    for arrival in ("before", "after"):
        model = replace(SWING, arrival=arrival)
        links = [projection("s", "s", "c", weight=2.0, delay=1.0)]
        net = network(
            [cells(model, 1, start={"q": 0.0})],
            [source("s", 1, "spike_list", times=np.array([1.0]))],
            links,
            precision="double",
            duration=4.0,
        )
        assert both(net, 40).spikes["c"].steps[0] == 20


def test_own_arrival_overrides_the_kinetics() -> None:
    """With "before" the decayed rest of the jump is seen at the end of the step, with "after" all of it."""
    links = [projection("s", "s", "c", weight=1.0, delay=1.0)]
    seen = {}
    for arrival in ("", "before", "after"):
        model = replace(COIN, arrival=arrival, threshold="v > 9", reset="v = 0")
        net = network(
            [cells(model, 1)], [source("s", 1, "spike_list", times=np.array([1.0]))], links, [Record("c", "v", None, 0.1)], precision="double", duration=4.0
        )  # fmt: skip
        seen[arrival] = both(net, 40).traces["c", "v"].values[:, 0]
        assert join(model, [CATALOGUE.get("kinetics", "delta")]).arrivals == (arrival or "after",)
    assert np.array_equal(seen[""], seen["after"])
    assert seen["after"][19] == 1.0 and seen["before"][19] == pytest.approx(np.exp(-0.01), rel=1e-14)


@pytest.mark.parametrize("method", ["exact", "rk4"])
def test_a_drawn_threshold_gives_the_rate_of_its_hazard(method: str) -> None:
    net = network(
        [cells(COIN, 64, tau=1.0)], [], [], [Record("c", "v", None, 0.1)], precision="double", method=method, seed=5, duration=60.0
    )
    both(net, 600)
    many = network([cells(replace(COIN, reset=""), 2000, rate=0.05)], [], [], precision="single", seed=6, duration=200.0)
    counts = np.bincount(simulate(many).spikes["c"].ids, minlength=2000)
    p = -np.expm1(-0.1 * 0.05)
    assert counts.mean() == pytest.approx(2000 * p, abs=4 * np.sqrt(2000 * p / 2000))
    assert counts.var() == pytest.approx(2000 * p * (1 - p), rel=0.15)


def test_a_drawn_threshold_is_asked_once_a_step_by_the_adaptive_method() -> None:
    stiff = replace(COIN, equations="dv/dt = -v*v*v/tau + i*0", methods=("exact", "adaptive"))
    system = join(stiff, (), "adaptive")
    assert system.random and not system.within and join(SWING, (), "adaptive").method == "adaptive"
    net = network([cells(stiff, 20, {"v": 3.0}, rate=0.02)], [], [], precision="double", method="adaptive", seed=7, duration=30.0)
    assert len(both(net, 300).spikes["c"]) > 0


@pytest.mark.parametrize("precision", ["single", "double"])
def test_whole_numbers_are_exact_in_every_precision(precision: str) -> None:
    starts = np.array([1.0, 3.0, 16_000_001.0, 12_345_678.0])
    links = [projection("s", "s", "c", weight=65_537.0, delay=1.0, kinetics=("pulse", {}))]
    spikes = source("s", 1, "spike_list", times=np.arange(1.0, 19.0, 0.7))
    net = network([cells(COUNTER, 4, {"v": starts})], [spikes], links, [Record("c", "v", None, 0.1)], precision=precision, duration=20.0)
    r = both(net, 200)
    registers, arriving = [int(s) for s in starts], {round(t / 0.1) + 9 for t in np.arange(1.0, 19.0, 0.7)}
    spikes_wanted = []
    for step in range(200):
        for i, before in enumerate(registers):
            registers[i] = (before * 4095 + 7 * 65_537 * (step in arriving)) % 2**24
            if registers[i] > 12_000_000:
                registers[i] = before
                spikes_wanted.append((step + 1, i))
        assert r.traces["c", "v"].values[step].tolist() == registers
    assert fired(r, "c") == spikes_wanted and spikes_wanted


SAVING = Neuron(
    key="saving",
    title="Saving",
    doc="Keeps what arrives while it is refractory, and is held a while at another voltage before its reset.",
    source="",
    params=(Param("tau", 10.0, "ms", "Decay.", low=0.0), Param("t_ref", 3.0, "ms", "Refractory time.", low=0.0)),
    states=(State("v", "0", "mV", "Voltage."), State("kept", "0", "mV", "Saved input."), State("seen", "0", "", "Steps held.")),
    equations="dv/dt = (2 - v)/tau\ndkept/dt = -kept/tau",
    threshold="v >= 1",
    reset="v = 9",
    closing="""
seen += held
if held > 0 and last_v < 9:
    v = 0
elif held > 0:
    v = 0.5
else:
    v += kept
    kept = 0
""",
    refractory="t_ref",
    clamped=("v",),
    saved="kept",
    method="exact",
    methods=("exact", "rk4", "adaptive"),
)


@pytest.mark.parametrize("method", ["exact", "rk4", "adaptive"])
@pytest.mark.parametrize("arrival", ["after", "before"])
def test_jumps_are_saved_while_refractory_and_the_end_of_a_step_is_the_models_own(method: str, arrival: str) -> None:
    """One step at 0.5, then 0 while refractory; what arrived meanwhile decays and is added in the first free step."""
    links = [projection("s", "s", "c", weight=0.25, delay=1.0)]
    spikes = source("s", 1, "spike_list", times=np.array([7.5, 8.0, 17.0]))
    record = [Record("c", s, None, 0.1) for s in ("v", "kept", "seen")]
    model = replace(SAVING, arrival=arrival)
    r = both(network([cells(model, 1)], [spikes], links, record, precision="double", method=method, duration=25.0), 250)
    v, kept, seen = (r.traces["c", s].values[:, 0] for s in ("v", "kept", "seen"))
    first = int(r.spikes["c"].steps[0])
    assert first == np.ceil(10.0 * np.log(2.0) / 0.1)
    if method == "adaptive":  # it is held from within the step of its spike on
        assert seen[first - 1] == 1.0
        return
    assert v[first - 1] == 9.0 and v[first] == 0.5 and (v[first + 1 : first + 30] == 0.0).all()
    assert seen[first + 29] == seen[first + 30] == 30.0
    decay = sum(np.exp(-(first + 31 - arrived) / 100.0) for arrived in (85, 90)) * (np.exp(-0.01) if arrival == "before" else 1.0)
    assert v[first + 30] == pytest.approx(2.0 - 2.0 * np.exp(-0.01) + 0.25 * decay, rel=1e-9)
    assert kept[first + 29] > 0.0 and kept[first + 30] == 0.0


def test_what_makes_no_sense_is_refused_in_words() -> None:
    clash = replace(SWING, params=(*SWING.params, Param("last_v", 0.0, "mV", "Taken.", low=0.0)))
    assert any("beginning of the step" in f.text for f in check_model(clash))
    assert any("whole numbers" in f.text for f in check_model(replace(SWING, whole=True)))
    assert any("cannot be assigned" in f.text for f in check_model(replace(SWING, reset="last_v = 0")))
    assert any("not a state" in f.text for f in check_model(replace(SAVING, saved="else_where")))
    assert any("Nothing is saved" in f.text for f in check_model(replace(SAVING, clamped=())))
    assert any("not known here" in f.text for f in check_model(replace(SAVING, reset="v = held")))
    assert any(
        "meaning of its own" in f.text for f in check_model(replace(SAVING, states=(*SAVING.states, State("held", "0", "", "Taken."))))
    )
    assert any("“last_x”" in f.text for f in check_model(replace(SWING, threshold="last_x > 0")))
    assert any("not allowed here" in f.text for f in check_model(replace(SWING, equations="dv/dt = normal()")))


def test_kernels_of_neurons_that_use_none_of_it_are_byte_for_byte_what_they_were() -> None:
    """Texts that stood before these names existed; a change here makes every user compile anew."""
    lif = join(CATALOGUE.get("neuron", "lif"), [CATALOGUE.get("kinetics", "exponential")])
    adex = join(CATALOGUE.get("neuron", "adex"), [CATALOGUE.get("kinetics", "conductance_exponential")], "adaptive")
    texts = {k: hashlib.sha256(render_kernel(s, Variant()).source.encode()).hexdigest()[:16] for k, s in (("lif", lif), ("adex", adex))}
    assert texts == TEXTS


TEXTS = {"lif": "6fb031edb21ece90", "adex": "26bc907043ab2ae2"}
