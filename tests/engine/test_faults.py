"""Faults: as many as asked, the same for every cut, as the definition says, and nothing of them where there are none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine.networks import CATALOGUE, fired, mixed, network, pairs, population, projection, source
from engine.rank_threads import played
from engine.test_ranks_run import same

from studio.engine import reference
from studio.engine.faults import with_faults
from studio.engine.kernels import Variant, render_kernel
from studio.engine.parameters import numbers, receptors
from studio.engine.ready import ready
from studio.engine.run import simulate
from studio.findings import FindingError
from studio.models.spec import Device
from studio.models.system import join
from studio.network.flat import Chosen, Drawn, Fault, FlatNetwork, Record

ALL: list[Any] = [
    ("dead_neurons", "a", 0.2), ("lost_spikes", "b", 0.3), ("lost_spikes", "b", 0.1), ("threshold_noise", "a", 1.5), ("dead_neurons", "y", 0.4),
    ("dead_synapses", "aa", 0.3), ("stuck_synapses", "ab", 0.25, 0.7), ("stuck_synapses", "ba", 0.2, -0.4), ("lost_spikes", "x", 0.1),
]  # fmt: skip
RECORD = ["a", "b", "x", "y", ("a", "v", 0.7), ("aa", "weight"), ("ab", "weight"), ("ba", "weight")]


def test_kernel_equals_reference() -> None:
    """Every kind at once: the spikes, the weights that learnt (1e-12) and those that did not."""
    net = with_faults(mixed(precision="double"), ALL)
    told, ran = reference.run(net, 400), simulate(net, 40.0, threads=1, record=RECORD)
    assert {p: fired(ran, p) for p in told.spikes} == told.spikes and sum(map(len, told.spikes.values())) > 500
    for key, wanted in told.weights.items():
        np.testing.assert_allclose(ran.weights[key].weights, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("precision", ["single", "double"])
def test_threads_and_processes_give_the_same_bits(precision: str) -> None:
    net = mixed(precision=precision)
    alone = simulate(net, 40.0, threads=1, faults=ALL, record=RECORD)
    same(alone, simulate(net, 40.0, threads=2, faults=ALL, record=RECORD, slice_steps=2))
    same(alone, played(2, lambda group: simulate(net, 40.0, group=group, threads=2, faults=ALL, record=RECORD))[0])


def test_a_stopped_run_goes_on_with_its_faults(tmp_path: Any) -> None:
    net = with_faults(mixed(), ALL)
    simulate(net, 17.3, threads=1, checkpoint=tmp_path, checkpoint_s=0.0)
    whole, resumed = simulate(net, 40.0, threads=1), simulate(net, 40.0, threads=1, resume=tmp_path)
    assert all(fired(whole, p) == fired(resumed, p) for p in ("a", "b"))
    simulate(net, 17.3, threads=1, checkpoint=tmp_path / "other", checkpoint_s=0.0)
    with pytest.raises(FindingError, match="what is broken in the run has changed"):
        simulate(mixed(), 40.0, threads=1, resume=tmp_path / "other")


def test_a_network_without_faults_is_as_it_was() -> None:
    """The very same object, and so the same kernels; elements that nothing befalls keep theirs where others have faults."""
    net = ready(mixed())
    assert ready(net) is net and ready(pool()) == pool()
    broken = ready(with_faults(net, [("dead_neurons", "a", 0.2), ("dead_synapses", "aa", 0.1)]))
    assert broken.population("b") is net.population("b") and [p.key for p in broken.projections if p not in net.projections] == ["aa"]
    assert ready(broken) is broken
    text = [render_kernel(join(f.population("a").model, [CATALOGUE.get("kinetics", "delta")]), Variant()).source for f in (net, broken)]
    assert "sent" not in text[0] and "sent" in text[1] and "uniform(" not in text[1].split("def kernel")[1]


def pool(n: int = 400, model: str = "lif", **params: Any) -> FlatNetwork:
    """Neurons that fire on their own, each apart from the others."""
    return network([population("p", n, model, **params)], [], [], precision="double")


@pytest.mark.parametrize(("share", "hit"), [(0.0, 0), (0.1, 40), (0.3333, 133), (1.0, 400)])
def test_as_many_neurons_die_as_asked_and_the_rest_fires_as_before(share: float, hit: int) -> None:
    net = pool(i_offset=Drawn("uniform", 0.5, 1.0))
    whole, broken = simulate(net, 100.0), simulate(net, 100.0, faults=[("dead_neurons", "p", share)])
    alive = set(broken.spikes["p"].ids.tolist())
    assert len(set(whole.spikes["p"].ids.tolist())) == 400 and len(alive) == 400 - hit
    assert [f for f in fired(whole, "p") if f[1] in alive] == fired(broken, "p")
    assert broken.provenance["faults"] == [{"kind": "dead_neurons", "path": "p", "fraction": share, "value": 0.0, "hit": hit}]


def test_the_dead_of_a_smaller_share_are_dead_in_a_larger_one_and_the_seed_chooses() -> None:
    net = pool(i_offset=0.9)
    dead = [
        set(range(400)) - set(simulate(net, 40.0, seed=s, faults=[("dead_neurons", "p", f)]).spikes["p"].ids.tolist())
        for s, f in ((1, 0.1), (1, 0.5), (2, 0.1))
    ]
    assert dead[0] < dead[1] and dead[0] != dead[2] and len(dead[0]) == len(dead[2]) == 40


def test_chosen_neurons_die() -> None:
    broken = simulate(pool(i_offset=0.9), 40.0, faults=[("dead_neurons", "p[3:6]"), ("dead_neurons", "p[0:200:2]", 0.5)])
    dead = set(range(400)) - set(broken.spikes["p"].ids.tolist())
    assert {3, 4, 5} <= dead and 52 <= len(dead) <= 53 and all(n % 2 == 0 and n < 200 for n in dead - {3, 4, 5})
    assert [f["of"] for f in broken.provenance["faults"]] == [3, 100]


@pytest.mark.parametrize("model", ["lif", "adex", "izhikevich"])
def test_spikes_are_lost_one_by_one_and_the_neurons_do_not_notice(model: str) -> None:
    """What is left is part of what was; its share is binomial: 0.7 within 5 standard deviations. The voltages are the same."""
    net = pool(100, model, **({"i_offset": 0.9} if model != "izhikevich" else {"i_offset": 0.01}))
    net = replace(net, run=replace(net.run, record=(Record("p", "spikes", None, 0.1), Record("p", "v", None, 1.0))))
    whole, broken = simulate(net, 200.0), simulate(net, 200.0, faults=[("lost_spikes", "p", 0.3)])
    n, left = len(whole.spikes["p"]), len(broken.spikes["p"])
    assert n > 300 and set(fired(broken, "p")) < set(fired(whole, "p"))
    assert abs(left - 0.7 * n) < 5 * np.sqrt(n * 0.21)
    assert np.array_equal(whole.traces["p", "v"].values, broken.traces["p", "v"].values)


def test_losses_add_up() -> None:
    """Two losses of a half each leave a quarter, the dead among them nothing."""
    net = pool(i_offset=0.9)
    n = len(simulate(net, 300.0).spikes["p"])
    faults = [("lost_spikes", "p", 0.5), ("lost_spikes", "p", 0.5), ("dead_neurons", "p", 0.25)]
    left = simulate(net, 300.0, faults=faults)
    assert abs(len(left.spikes["p"]) - 0.75 * 0.25 * n) < 5 * np.sqrt(n * 0.25 * 0.75)
    assert len(set(left.spikes["p"].ids.tolist())) <= 300


def test_what_is_lost_is_heard_by_nobody() -> None:
    """A relay whose spikes are all lost: its target stays at rest, and the synapses onto it do not learn from it."""
    net = network(
        [population("r", 3, i_offset=0.9), population("t", 3)],
        [source("s", 3, rate=200.0)],
        [projection("rt", "r", "t", weight=30.0), projection("sr", "s", "r", weight=0.01, plasticity=("stdp_pair", {"learning_rate": 0.1, "alpha": 0.0, "w_max": 1.0}))],
        [Record("r", "spikes", None, 0.1), Record("t", "spikes", None, 0.1)],
    )  # fmt: skip
    whole, broken = simulate(net, 200.0), simulate(net, 200.0, faults=[("lost_spikes", "r")])
    assert len(whole.spikes["t"]) > 10 and whole.weights["sr"].weights.max() > 0.01
    assert not len(broken.spikes["r"]) and not len(broken.spikes["t"]) and np.all(broken.weights["sr"].weights == np.float32(0.01))


def test_thresholds_scatter_as_asked() -> None:
    """Each threshold is v_th + a shift: the same for every neuron as long as the run goes; mean and deviation within 5 standard errors; steering keeps it."""
    net = ready(with_faults(pool(5000), [("threshold_noise", "p", 2.0)]))
    p = net.population("p")
    shift = np.asarray(p.neuron.params["fault_shift"])
    assert abs(shift.mean()) < 5 * 2.0 / np.sqrt(5000) and abs(shift.std() - 2.0) < 5 * 2.0 / np.sqrt(10000)
    assert "v >= (v_th + fault_shift)" in p.model.threshold
    assert np.array_equal(numbers(join(p.model), p, receptors(net, "p"), 1, 0.1).values["fault_shift"], shift)
    small = pool(50, i_offset=0.9)
    changed = simulate(pool(50, i_offset=0.9, v_th=-52.0), 50.0, faults=[("threshold_noise", "p", 2.0)])
    steered = simulate(small, 50.0, faults=[("threshold_noise", "p", 2.0)], steer=[(0.0, "p.v_th", -52.0)])
    assert fired(changed, "p") == fired(steered, "p") != fired(simulate(small, 50.0), "p")


def test_a_period_follows_its_neurons_threshold() -> None:
    """The closed form of a driven lif with each neuron's own threshold, to one step."""
    broken = ready(with_faults(pool(40, i_offset=0.7, t_ref=2.0, tau_m=10.0), [("threshold_noise", "p", 1.0)]))
    v = broken.population("p").neuron.params
    gap = np.array(
        [
            np.diff(np.sort(simulate(broken, 200.0).spikes["p"].times[simulate(broken, 200.0).spikes["p"].ids == k])).mean()
            for k in (0, 7, 39)
        ]
    )
    drive = v["v_rest"] + 0.7 * 10.0 / v["c_m"]
    wanted = [2.0 + 10.0 * np.log((drive - v["v_reset"]) / (drive - v["v_th"] - v["fault_shift"][k])) for k in (0, 7, 39)]
    np.testing.assert_allclose(gap, wanted, atol=0.1)


NOISY = Device(key="noisy", title="N", doc="N", source="test", program="w = w*(1 + 0.1*normal())", read="w*(1 + 0.05*normal())")


@pytest.mark.parametrize("plastic", [False, True])
def test_synapses_are_stuck_from_the_first_moment_to_the_last(plastic: bool) -> None:
    """A share within 5 standard deviations has the value before and after learning; the others have what they would have had."""
    rule = ("stdp_pair", {"w_max": 2.0}) if plastic else ("static", {})
    net = network(
        [population("t", 40, i_offset=0.6)], [source("s", 50, rate=100.0)],
        [projection("st", "s", "t", ("all_to_all", {}), Drawn("uniform", 0.2, 0.4), plasticity=rule)], precision="double",
    )  # fmt: skip
    stuck = [
        simulate(net, t, faults=[("stuck_synapses", "st", 0.3, 0.9)], record=[("st", "weight")]).weights["st"].weights for t in (0.0, 100.0)
    ]
    plain = simulate(net, 0.0, record=[("st", "weight")]).weights["st"].weights
    held = stuck[0] == 0.9
    assert abs(held.sum() - 600) < 5 * np.sqrt(2000 * 0.21)
    assert np.array_equal(stuck[0][~held], plain[~held]) and np.all(stuck[1][held] == 0.9)
    assert bool(np.any(stuck[1][~held] != plain[~held])) == plastic


def test_a_device_of_its_own_is_stuck_too_and_others_keep_their_noise() -> None:
    net = network(
        [population("t", 40)], [source("s", 50, rate=100.0)], [projection("st", "s", "t", ("all_to_all", {}), 0.3)], precision="double"
    )
    net = replace(net, projections=(replace(net.projections[0], device=Chosen(NOISY, {})),))
    plain = simulate(net, 5.0, record=[("st", "weight")]).weights["st"].weights
    dead = simulate(net, 5.0, faults=[("dead_synapses", "st", 0.3)], record=[("st", "weight")]).weights["st"].weights
    assert 400 < np.sum(dead == 0.0) < 800 and np.array_equal(dead[dead != 0.0], plain[dead != 0.0])
    assert (
        len(simulate(net, 50.0, faults=[("dead_synapses", "st")], record=["t"]).spikes["t"])
        == 0
        < len(simulate(net, 50.0, record=["t"]).spikes["t"])
    )


def test_sources_lose_spikes_elements_and_currents() -> None:
    times, ids = np.arange(1.0, 401.0), np.arange(400) % 4
    given = source("g", 4, "spike_list", times=times, ids=ids)
    nets = [
        network([population("p", 1)], [s], [projection("l", s.path, "p", weight=0.0)], [Record(s.path, "spikes", None, 0.1)])
        for s in (given, source("x", 4, rate=400.0))
    ]
    for net, path in zip(nets, "gx", strict=True):
        whole = simulate(net, 401.0)
        lost = simulate(net, 401.0, faults=[("lost_spikes", path, 0.4)])
        dead = simulate(net, 401.0, faults=[("dead_neurons", path, 0.5)])
        assert set(fired(lost, path)) < set(fired(whole, path)) and set(fired(dead, path)) < set(fired(whole, path))
        assert abs(len(lost.spikes[path]) - 0.6 * len(whole.spikes[path])) < 5 * np.sqrt(0.24 * len(whole.spikes[path]))
        assert len(set(dead.spikes[path].ids.tolist())) == 2
    current = network(
        [population("p", 4)],
        [source("i", 4, "step_current", amplitude=0.9)],
        [projection("l", "i", "p", ("one_to_one", {}), kinetics=None)],
    )
    assert len(set(simulate(current, 100.0, faults=[("dead_neurons", "i", 0.25)]).spikes["p"].ids.tolist())) == 3


WRONG: list[tuple[Any, str]] = [
    (("dead_neuron", "a", 0.1), "no kind of fault"),
    (("dead_neurons", "c", 0.1), "names no population, source or projection"),
    (("dead_neurons", "aa", 0.1), "befalls populations and sources; “aa” is a projection"),
    (("dead_synapses", "a", 0.1), "befalls projections; “a” is a population"),
    (("dead_neurons", "a", 1.1), "1.1"),
    (("dead_neurons", "a[500]"), "500 does not exist"),
    (("stuck_synapses", "ab", 0.1), "needs a value"),
    (("dead_synapses", "ab", 0.1, 0.3), "has no value"),
    (("lost_spikes", "a", (0.1, "mV")), "mV"),
    (("stuck_synapses", "aa", 0.1, (1.0, "nA")), "nA"),
    (("threshold_noise", "a", -1.0), "-1"),
    (("threshold_noise", "u", 1.0), "no threshold that could be shifted"),
    (("dead_neurons", "v", 0.5), "never fires"),
    (("lost_spikes", "i", 0.5), "no spikes to lose"),
    (("dead_synapses", "iv", 0.5), "carries a current"),
    ({"kind": "threshold_noise", "path": "a", "fraction": 0.5, "value": 1.0}, "befalls every neuron"),
    ({"kind": "dead_neurons", "path": "a", "share": 0.5}, "says no fault"),
    ("dead_neurons", "says no fault"),
    (("dead_neurons", "a[", 0.5), "column"),
]


@pytest.mark.parametrize(("given", "said"), WRONG, ids=[str(w) for w, _ in WRONG])
def test_what_is_no_fault_is_refused_in_words(given: Any, said: str) -> None:
    net = mixed()
    more = network(
        [population("u", 3, "boltzmann"), population("v", 3, "leaky_integrator")], [source("i", 1, "step_current", amplitude=0.1)],
        [projection("iv", "i", "v", kinetics=None)],
    )  # fmt: skip
    net = replace(
        net,
        populations=(*net.populations, *more.populations),
        sources=(*net.sources, *more.sources),
        projections=(*net.projections, *more.projections),
    )
    with pytest.raises(FindingError) as wrong:
        simulate(net, 1.0, faults=[given])
    assert said in str(wrong.value) and wrong.value.findings[0].where.startswith("run.faults.0")


def test_a_fault_made_by_hand_and_one_on_a_single_connection() -> None:
    net = network([population("p", 2)], [source("s", 2, rate=100.0)], [projection("k", "s", "p", pairs([0, 1], [1, 0]), 0.5)])
    by_hand = with_faults(net, [Fault("dead_synapses", "k")])
    assert np.all(simulate(by_hand, 1.0, record=[("k", "weight")]).weights["k"].weights == 0.0)
