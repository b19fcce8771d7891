"""Any rule on any device, at spikes and at intervals, is what the definition says, bit for bit: with threads, cut slices, mixed delays, bursts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine.networks import fired, network, population, projection, source

from studio.engine import plasticity, reference
from studio.engine import plasticity_layout as K
from studio.engine.connectivity import Rows
from studio.engine.parts import Plan
from studio.engine.run import simulate
from studio.engine.simulation import Simulation
from studio.findings import FindingError
from studio.models.spec import Param, Plasticity, Trace
from studio.network.flat import Chosen, Drawn, FlatNetwork

ABOUT = {"doc": "For a test.", "source": "This test.", "limits": "None."}
TAUS = tuple(Param(f"tau_{k}", tau, "ms", "Time constant.", low=0.0, low_open=True) for k, tau in enumerate((17.0, 90.0, 33.0, 120.0)))
TRACES = (
    Trace("r1", "tau_0", "pre", "Fast."),
    Trace("r2", "tau_1", "pre", "Slow."),
    Trace("o1", "tau_2", "post", "Fast."),
    Trace("o2", "tau_3", "post", "Slow."),
)
TRIPLETS = Plasticity(
    key="triplets",
    title="Triplets",
    params=(*TAUS, Param("a", 0.003, "", "Step.", low=0.0)),
    traces=TRACES,
    on_post="w = w + a*r1*(1 + 0.5*o2)",
    on_pre="if w > 0.6:\n    w = w - a*o1*(1 + 0.5*r2)*w",
    **ABOUT,
)
SCALING = replace(
    TRIPLETS,
    key="scaling",
    params=(*TRIPLETS.params, Param("period", 7.3, "ms", "Time between two steps.", low=0.0, low_open=True)),
    every="goal = 1 + 0.1*r1 - 0.1*o2\nw = w + 0.05*(goal - w)",
    interval="period",
)
ONLY_BY_TIME = replace(SCALING, key="decay", traces=(), on_post="", on_pre="", every="w = w - 0.01*w")
ONLY_PRE = replace(TRIPLETS, key="pre", on_post="")
ONLY_POST = replace(TRIPLETS, key="post", on_pre="", on_post="w = w + 0.0001*o1")
RULES = {r.key: r for r in (TRIPLETS, SCALING, ONLY_BY_TIME, ONLY_PRE, ONLY_POST)}
DEVICES = {"ideal": ("ideal", {}), "soft": ("soft_bounds", {"w_min": 0.1, "w_max": 1.8})}


def bursts(rule: Plasticity, device: tuple, mixed: bool, **run: object) -> FlatNetwork:
    """Targets that burst behind two kinds of sources: busy ones, and rare ones that see many post spikes at once or fire once in the run."""
    cells = [population("c", 23, t_ref=0.1)]
    times = np.array([0.0, 4.0, 4.0, 30.0, 30.1, 64.0, 90.0])
    sources = [
        source("drive", 23, rate=9000.0),
        source("busy", 13, rate=150.0),
        source("rare", 4, "spike_list", times=times, ids=np.arange(len(times)) % 3),
    ]
    delay = Drawn("uniform", 0.3, 3.5) if mixed else 0.7
    links = [projection("d", "drive", "c", ("one_to_one", {}), 2.5, 0.5)]
    for key in ("busy", "rare"):
        p = projection(key, key, "c", ("fixed_in_degree", {"k": 9}), 0.9, delay, ("exponential", {"tau": 2.0}), device=device)
        links.append(replace(p, plasticity=Chosen(rule, {q.name: q.default for q in rule.params})))
    return network(cells, sources, links, precision="double", seed=5, **run)


@pytest.mark.parametrize("mixed", [pytest.param(False, id="one delay", marks=pytest.mark.thorough), pytest.param(True, id="mixed delays")])
@pytest.mark.parametrize(
    ("rule", "device"), [("triplets", "soft"), ("scaling", "ideal"), ("decay", "soft"), ("pre", "ideal"), ("post", "soft")]
)
def test_a_rule_on_a_device_is_what_the_definition_says(rule: str, device: str, mixed: bool) -> None:
    net = bursts(RULES[rule], DEVICES[device], mixed)
    definition = reference.run(net, 1000)
    assert max(np.bincount([i for _, i in definition.spikes["c"]])) > 40
    assert all(len(np.unique(w)) > 1 or rule == "decay" for w in definition.weights.values())
    for threads, slice_steps in ((1, None), (3, 2)):
        r = simulate(net, 100.0, threads=threads, slice_steps=slice_steps)
        assert fired(r, "c") == definition.spikes["c"]
        for key, w in definition.weights.items():
            assert np.array_equal(r.weights[key].weights, w), (threads, slice_steps, key)
            assert r.counters["weight_updates"][key] == definition.weight_updates[key]


def simulation(net: FlatNetwork, threads: int = 1) -> Simulation:
    return Simulation(net, Plan(0.1, 5, "double", None, threads))


def weights(sim: Simulation, steps: int, batch: int) -> list[np.ndarray]:
    while sim.step < steps:
        sim.advance(min(batch, steps - sim.step))
    sim.finish()
    return [sim.synapses(link).weights for link in sim.links if link.learning]


@pytest.mark.parametrize("mixed", [pytest.param(False, id="one delay", marks=pytest.mark.thorough), pytest.param(True, id="mixed delays")])
def test_batches_tables_blocks_and_epochs_change_no_bit(mixed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With everything so small that each limit is met many times: rows of several blocks, stacks, tables, logs, and steps counted anew."""
    net = bursts(SCALING, DEVICES["soft"], mixed)
    expected = weights(simulation(net), 1000, 1000)
    monkeypatch.setattr(K, "BLOCK", 7)
    monkeypatch.setattr(K, "STACK", 2)
    monkeypatch.setattr(K, "TABLE", 50)
    monkeypatch.setattr(plasticity, "EPOCH_STEPS", 90)
    monkeypatch.setattr(plasticity, "SPARE", 0)
    plasticity._exponentials.cache_clear()
    sim = simulation(net, threads=2)
    learning = [link.learning for link in sim.links if link.learning]
    found = weights(sim, 1000, 37)
    plasticity._exponentials.cache_clear()
    assert all(a["state"][K.EPOCH] > 800 for part in learning for a in part.parts), "steps must have been counted anew"
    for a, b in zip(expected, found, strict=True):
        assert np.array_equal(a, b)


def test_intervals_are_counted_from_the_start_of_the_run() -> None:
    net = bursts(replace(ONLY_BY_TIME, every="w = w + 1"), DEVICES["ideal"], False)
    r = simulate(net, 73.0)  # at 7.3, 14.6, ... 65.7; the end of the run belongs to what comes after
    assert np.allclose(r.weights["busy"].weights, 0.9 + 9)
    assert np.allclose(simulate(net, 73.1).weights["busy"].weights, 0.9 + 10)


def test_an_interval_below_a_step_is_refused_in_words() -> None:
    short = replace(SCALING, params=(*TRIPLETS.params, Param("period", 0.04, "ms", "Short.", low=0.0)))
    with pytest.raises(FindingError, match=r"rare.*0\.04 ms is shorter than a step of 0\.1 ms|busy.*0\.04 ms is shorter"):
        simulate(bursts(short, DEVICES["ideal"], False), 1.0)


def test_a_long_silence_stays_exact() -> None:
    """One spike, then nothing for longer than tables reach, while the targets fire: as the definition, with flushes in between."""
    cells = [population("c", 3, t_ref=0.1)]
    sources = [source("drive", 3, rate=9000.0), source("s", 2, "spike_list", times=np.array([3.0, 2450.0]), ids=np.array([0, 0]))]
    links = [projection("d", "drive", "c", ("one_to_one", {}), 2.0, 0.5)]
    p = projection("learn", "s", "c", weight=0.9, delay=0.7, kinetics=("exponential", {"tau": 2.0}))
    slow = {q.name: q.default for q in TRIPLETS.params} | {"tau_0": 3000.0, "tau_3": 2500.0}
    net = network(cells, sources, [*links, replace(p, plasticity=Chosen(TRIPLETS, slow))], precision="double", seed=5)
    definition = reference.run(net, 25_000)
    r = simulate(net, 2500.0, threads=1)
    assert len(definition.spikes["c"]) > 3 * plasticity.SPARE and K.TABLE < 24_000
    assert np.array_equal(r.weights["learn"].weights, definition.weights["learn"])


def test_what_learning_keeps_is_small() -> None:
    """At most two bytes a synapse beside its target and weight, at a thousand synapses a target and slices of 15 steps, in parts of 5,000."""
    p = projection("p", "s", "c", plasticity=("stdp_pair", {}))
    rows = Rows(0, 5000, np.array([0, 0]), np.zeros(0, np.uint16), weight=0.1, delay=15)
    learning = plasticity.Learning(p, [rows], 10_000, 0.1, "single")
    learning.allocate(15, 15)
    assert learning.nbytes / 5000 < 2000


NOISY = replace(
    TRIPLETS,
    key="noisy",
    params=SCALING.params,
    on_post="w = w + a*r1*normal()",
    on_pre="w = w - a*o1*(uniform() + poisson(0.7))",
    every="w = w*(1 + 0.02*normal())",
    interval="period",
)
NOISY_WRITE = {"write": "w = w + dw*(1 + 0.3*normal())"}


@pytest.mark.parametrize("mixed", [pytest.param(False, id="one delay", marks=pytest.mark.thorough), pytest.param(True, id="mixed delays")])
def test_draws_of_rules_and_devices_belong_to_the_event_and_the_synapse(mixed: bool) -> None:
    net = bursts(NOISY, DEVICES["soft"], mixed)
    links = [replace(p, device=replace(p.device, model=replace(p.device.model, **NOISY_WRITE))) for p in net.projections]
    net = replace(net, projections=(net.projections[0], *links[1:]))
    definition = reference.run(net, 1000)
    for threads, slice_steps in ((1, None), (3, 2)):
        r = simulate(net, 100.0, threads=threads, slice_steps=slice_steps)
        for key, w in definition.weights.items():
            assert np.array_equal(r.weights[key].weights, w), (threads, slice_steps, key)
    other = simulate(net, 100.0, seed=6, threads=1)
    assert not np.array_equal(other.weights["rare"].weights, definition.weights["rare"])


def test_equal_pairs_and_spikes_of_one_step_draw_for_themselves() -> None:
    """Twenty synapses between the same two neurons, three spikes in one step, a normal number each time: as sixty numbers of their own."""
    rule = replace(TRIPLETS, traces=(), on_post="", on_pre="w = w + normal()")
    cells = [population("c", 40)]
    p = projection("p", "s", "c", ("fixed_in_degree", {"k": 20}), 0.0, 1.0, ("exponential", {"tau": 2.0}))
    p = replace(p, plasticity=Chosen(rule, {q.name: q.default for q in rule.params}))
    times = np.array([1.0, 1.0, 1.0])
    w = simulate(network(cells, [source("s", 1, "spike_list", times=times, ids=np.zeros(3, int))], [p], seed=3), 5.0).weights["p"].weights
    assert len(np.unique(w)) == len(w) == 800
    assert abs(w.mean()) < 4 * np.sqrt(3 / 800) and abs(w.std() - np.sqrt(3)) < 4 * np.sqrt(3 / 1600)
