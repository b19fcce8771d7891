"""Coupled projections: closed forms, order in dt, kernel equals reference, no cut changes a bit, refusals in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from engine.networks import CATALOGUE, chosen, fired, network, pairs, population, projection, source
from engine.rank_threads import played
from engine.test_ranks_run import same

from studio.engine import reference
from studio.engine.run import simulate
from studio.findings import FindingError
from studio.models.kinetics.gap_junction import MODEL as GAP
from studio.models.spec import Device, Kinetics, Neuron, Param, State
from studio.network.flat import Chosen, Drawn, FlatNetwork, FlatProjection, Record

TAU, C, REST = 10.0, 0.25, -65.0
BOTH = pairs(np.array([0, 1]), np.array([1, 0]))


def two(g: float, n: int = 2, dt: float = 0.1) -> FlatNetwork:
    """Two leaky integrators joined by a gap junction of `g` uS, one of them 15 mV above rest."""
    a = population("a", 2, "leaky_integrator", {"v": np.array([-50.0, REST])}, tau_m=TAU, c_m=C, v_rest=REST)
    return network(
        [a],
        [],
        [projection("g", "a", "a", BOTH, g, kinetics=("gap_junction", {}))],
        [Record("a", "v", None, dt)],
        dt=dt,
        precision="double",
    )


@pytest.mark.parametrize("g", [0.0, 0.002, 0.02])
def test_two_cells_follow_the_scheme_exactly(g: float) -> None:
    """Sum and difference of two cells: v' = -(v - rest)/tau - g/c v + g/c u, u the other's v held since the last step.

    With k = 1/tau + g/c both obey x -> E x + (1 - E) (rest/tau +- g/c x)/k, E = exp(-k dt), so the difference decays by the factor
    E - (1 - E) (g/c)/k in each step, and the sum by E + (1 - E) (g/c)/k. Tolerance: 1e-12 of 15 mV.
    """
    v = simulate(two(g), 30.0).traces["a", "v"].values - REST
    k = 1.0 / TAU + g / C
    e, pull = np.exp(-k * 0.1), g / C / k
    steps = np.arange(1, 301)
    np.testing.assert_allclose(v[:, 0] - v[:, 1], 15.0 * (e - (1 - e) * pull) ** steps, rtol=0, atol=15e-12)
    np.testing.assert_allclose(v[:, 0] + v[:, 1], 15.0 * (e + (1 - e) * pull) ** steps, rtol=0, atol=15e-12)


def test_the_difference_of_two_cells_is_of_first_order_in_dt() -> None:
    """The exact difference decays with 1/tau + 2 g/c; halving dt halves the error (ratio 2 within 10 %)."""
    g, errors = 0.01, []
    for dt in (0.4, 0.2, 0.1, 0.05):
        v = simulate(two(g, dt=dt), 10.0).traces["a", "v"].values
        errors.append(abs(v[-1, 0] - v[-1, 1] - 15.0 * np.exp(-10.0 * (1.0 / TAU + 2 * g / C))))
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert errors[-1] < 0.02 and np.all(np.abs(ratios - 2.0) < 0.2), (errors, ratios)


def test_the_first_step_already_feels_the_starting_states() -> None:
    """v0 = -65, the other -50: after one step of dt v0 = rest + 15 (g/c)/k (1 - E)."""
    v = simulate(two(0.02), 0.1).traces["a", "v"].values
    k = 1.0 / TAU + 0.02 / C
    assert v[0, 1] - REST == pytest.approx(15.0 * 0.02 / C / k * (1 - np.exp(-0.1 * k)), abs=1e-12)


GATE = Kinetics(
    key="slow_gap", title="Slow", doc="A junction whose current follows with a delay.", source="test", weight_unit="uS", coupled="v",
    params=(Param("tau", 5.0, "ms", "", low=0.0, low_open=True),), states=(State("j", "0", "nA", ""),),
    equations="dj/dt = (wx - wsum*v - j)/tau", current="j",
)  # fmt: skip
OPEN = Kinetics(
    key="graded", title="Graded", doc="A synapse that follows a gate of its source.", source="test", weight_unit="uS", coupled="n",
    params=(Param("e_rev", -70.0, "mV", ""),), current="wx*(e_rev - v)", sign="nonnegative",
)  # fmt: skip


def mixed(**run: object) -> FlatNetwork:
    """Gap junctions within and between populations beside chemical synapses, learning, drawn delays and a given start; a prime number of cells."""
    n = 101
    gap, slow = chosen("kinetics", "gap_junction"), Chosen(GATE, {"tau": 3.0})
    base = [
        projection("drive", "x", "a", ("one_to_one", {}), 1.4),
        projection("aa", "a", "a", ("probability", {"p": 0.1}), Drawn("uniform", 0.0, 0.004)),
        projection("ab", "a", "b", ("fixed_in_degree", {"k": 20}), 0.4, 1.5, plasticity=("stdp_pair", {})),
        projection("ba", "b", "a", ("probability", {"p": 0.2}), -0.3, Drawn("uniform", 0.5, 3.0), ("exponential", {})),
        projection("bb", "b", "b", ("fixed_total_number", {"n": 300}), 0.002),
        projection("bg", "b", "a", ("probability", {"p": 0.05}), 0.001),
        projection("slow", "a", "b", ("probability", {"p": 0.1}), 0.003),
        projection("e", "e", "b", ("all_to_all", {}), 0.5),
    ]
    kinds = {"aa": gap, "bb": gap, "bg": gap, "slow": slow}
    links = [p if p.key not in kinds else with_kinetics(p, kinds[p.key]) for p in base]
    cells = [population("a", n, t_ref=1.0), population("b", 37, "adex", v_peak=0.0)]
    sources = [source("x", n, rate=7000.0), source("e", 3, "spike_list", times=np.array([0.0, 4.0, 9.0]), ids=np.array([0, 1, 2]))]
    return network(cells, sources, links, [Record("a", "v", None, 0.1), Record("b", "v", None, 0.1)], **run)


def with_kinetics(p: FlatProjection, kinetics: Chosen) -> FlatProjection:
    return replace(p, kinetics=kinetics)


def machine(n: int = 9) -> FlatNetwork:
    """Units that flip by chance, coupled by weights of both signs."""
    weights = np.random.default_rng(3).normal(0.0, 0.8, (n, n))
    a, b = np.nonzero(~np.eye(n, dtype=bool))
    units = population("u", n, "boltzmann", tau=2.0, i_offset=-0.3)
    link = projection("w", "u", "u", pairs(a, b), (weights + weights.T)[a, b], kinetics=("state_coupling", {}))
    return network([units], [], [link], [Record("u", "z", None, 0.1)])


def worms() -> FlatNetwork:
    """Runge-Kutta 4 with three coupled receptors: a junction, and two that follow a gate of their sources, one with a reversal potential of its own."""
    n = 7
    cells = population("w", n, "hodgkin_huxley", i_offset=Drawn("uniform", 0.0, 1.0))
    links = [
        projection("gap", "w", "w", ("probability", {"p": 0.5}), Drawn("uniform", 0.0, 0.01), kinetics=("gap_junction", {})),
        with_kinetics(projection("in", "w", "w", ("probability", {"p": 0.4}), 0.01), Chosen(OPEN, {"e_rev": -75.0})),
        with_kinetics(projection("ex", "w", "w", ("probability", {"p": 0.4}), 0.005), Chosen(OPEN, {"e_rev": 0.0})),
    ]
    return network([cells], [], links, [Record("w", "v", None, 0.1), Record("w", "n", None, 0.1)], precision="double")


@pytest.mark.parametrize(
    ("net", "ms"), [(mixed(precision="double"), 30.0), (machine(), 40.0), (worms(), 20.0)], ids=["gap", "units", "rk4"]
)
def test_kernel_equals_reference(net: FlatNetwork, ms: float) -> None:
    """The same spikes, and states within 1e-11 of the reference in double."""
    told = reference.run(net, int(ms / 0.1), True)
    ran = simulate(net, ms, precision="double", threads=1)
    assert {p: fired(ran, p) for p in told.spikes} == told.spikes
    assert sum(map(len, told.spikes.values())) > 5
    for r in net.run.record:
        wanted = np.array([step[r.what] for step in told.states[r.path]])
        np.testing.assert_allclose(ran.traces[r.path, r.what].values, wanted, rtol=0, atol=1e-11 * max(1.0, np.abs(wanted).max()))


PAIRS = [(n, k) for k in CATALOGUE.all("kinetics") if k.coupled for n in CATALOGUE.all("neuron") if k.coupled in {s.name for s in n.states}]


@pytest.mark.parametrize(("neuron", "kinetics"), PAIRS, ids=[f"{n.key}-{k.key}" for n, k in PAIRS])
def test_every_neuron_that_can_be_coupled_equals_the_reference(neuron: Neuron, kinetics: Kinetics) -> None:
    """States within 1e-10 of the reference in double, by the neuron's own method, driven by a current that differs from cell to cell."""
    n, first = 5, neuron.states[0].name
    weight = {"uS": 0.01, "nA": 0.3}[kinetics.weight_unit]
    links = [
        projection("c", "p", "p", ("probability", {"p": 0.6}), Drawn("uniform", 0.0, weight), kinetics=(kinetics.key, {})),
        projection("i", "i", "p", ("all_to_all", {}), Drawn("uniform", 0.2, 1.0), kinetics=None),
    ]
    record = [Record("p", "spikes", None, 0.1), Record("p", first, None, 0.1)]
    net = network([population("p", n, neuron.key)], [source("i", 1, "step_current", amplitude=0.5)], links, record, precision="double")
    told, ran = reference.run(net, 150, True), simulate(net, 15.0, threads=1)
    assert fired(ran, "p") == told.spikes["p"]
    wanted = np.array([step[first] for step in told.states["p"]])
    np.testing.assert_allclose(ran.traces["p", first].values, wanted, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("precision", ["single", "double"])
def test_no_cut_changes_a_bit(precision: str) -> None:
    """Threads, batches and being asked for procedures."""
    nets = [mixed(precision=precision), mixed(precision=precision, connectivity="procedural", weights="table256")]
    runs = [simulate(nets[0], 40.0, threads=t, slice_steps=s) for t, s in ((1, None), (2, None), (3, 1))] + [
        simulate(nets[1], 40.0, threads=2)
    ]
    for other in runs[1:3]:
        assert all(np.array_equal(fired(runs[0], p), fired(other, p)) for p in ("a", "b"))
        assert all(np.array_equal(runs[0].traces[k].values, other.traces[k].values) for k in runs[0].traces)
        assert all(np.array_equal(runs[0].weights[k].weights, other.weights[k].weights) for k in runs[0].weights)
    assert runs[3].complete and len(runs[0].spikes["a"]) > 50


@pytest.mark.parametrize(("ranks", "threads"), [(2, 1), (2, 2), (3, 1)])
@pytest.mark.parametrize("net", [mixed(), machine(), worms()], ids=["gap", "units", "rk4"])
def test_processes_give_the_same_bits(net: FlatNetwork, ranks: int, threads: int) -> None:
    alone = simulate(net, 30.0, threads=1)
    recordings = played(ranks, lambda group: simulate(net, 30.0, group=group, threads=threads))
    same(alone, recordings[0])
    assert np.ptp(alone.traces[net.run.record[0].path, net.run.record[0].what].values) > 0.5


def test_devices_are_programmed_before_the_weights_are_summed() -> None:
    """Programming noise: every junction differs from what was wanted, and a cell at rest among cells at rest stays there exactly."""
    noisy = Device(key="noisy", title="Noisy", doc="Noise.", source="test", program="w = w*(1 + 0.2*normal())")
    links = [replace(p, device=Chosen(noisy, {})) if p.kinetics and p.kinetics.model.coupled else p for p in mixed().projections]
    net = replace(mixed(precision="double"), projections=tuple(links))
    told, ran = reference.run(net, 200, True), simulate(net, 20.0, threads=2)
    assert {p: fired(ran, p) for p in told.spikes} == told.spikes
    assert np.ptp(simulate(net, 0.0, record=[("aa", "weight"), ("bb", "weight")]).weights["bb"].weights) > 0.0005
    still = [population("a", 2, "leaky_integrator", v_rest=REST)], [], [replace(two(0.1).projections[0], device=Chosen(noisy, {}))]
    v = simulate(network(*still, [Record("a", "v", None, 0.1)], precision="double"), 20.0).traces["a", "v"].values
    np.testing.assert_allclose(v, REST, rtol=0, atol=1e-11)


def test_a_coupled_network_runs_in_slices_of_one_step_and_brings_no_events() -> None:
    from studio.engine.parts import Plan
    from studio.engine.simulation import Simulation

    s = Simulation(mixed(), Plan(0.1, 1, "single", None, 1))
    assert s.slice_steps == 1
    assert {k: v for k, v in simulate(mixed(), 5.0).counters["events"].items() if k in ("aa", "bb", "bg", "slow")} == dict.fromkeys(
        ("aa", "bb", "bg", "slow"), 0
    )


def test_a_run_goes_on_from_a_checkpoint_to_the_same_bits(tmp_path: object) -> None:
    net, place = mixed(precision="double"), str(tmp_path)
    whole = simulate(net, 30.0, threads=1)
    simulate(net, 12.3, threads=1, checkpoint=place, checkpoint_s=0.0)
    resumed = simulate(net, 30.0, threads=1, resume=place)
    assert all(np.array_equal(whole.traces[k].values, resumed.traces[k].values) for k in whole.traces)
    assert fired(whole, "a") == fired(resumed, "a")


def test_what_is_steered_keeps_the_sums_of_weights() -> None:
    """tau_m changes at 10 ms: the propagator is made anew with the same wsum; the reference of a run that began so agrees."""
    net = two(0.02)
    other = population("a", 2, "leaky_integrator", {"v": np.array([-50.0, REST])}, tau_m=5.0, c_m=C, v_rest=REST)
    changed = simulate(network([other], [], list(net.projections), list(net.run.record), precision="double"), 10.0)
    steered = simulate(net, 10.0, steer=[(0.0, "a.tau_m", 5.0)])
    assert np.array_equal(changed.traces["a", "v"].values, steered.traces["a", "v"].values)
    with pytest.raises(FindingError, match="coupled projection do not change"):
        simulate(net, 10.0, steer=[(1.0, "g.weight", 0.1)])


REFUSED: list[tuple[Iterable[object], str]] = [
    ((source("s", 2), projection("g", "s", "a", weight=0.1, kinetics=("gap_junction", {}))), "is a source and has no states"),
    ((None, projection("g", "a", "a", weight=0.1, kinetics=("gap_junction", {}), plasticity=("stdp_pair", {}))), "nothing to learn from"),
    ((None, projection("g", "a", "a", weight=0.1, kinetics=("state_coupling", {}))), "couples to a state “z”; .* has v"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
@pytest.mark.parametrize("how", ["engine", "reference"])
def test_what_cannot_be_coupled_is_refused_in_words(given: tuple, said: str, how: str) -> None:
    origin, link = given
    net = network([population("a", 2)], [origin] if origin else [], [link])
    with pytest.raises(FindingError, match=said):
        simulate(net, 1.0) if how == "engine" else reference.run(net, 1)


def test_a_network_without_coupling_keeps_its_kernel() -> None:
    """The text of a kernel does not depend on there being coupled kinetics elsewhere."""
    from studio.engine.kernels import Variant, render_kernel
    from studio.models.system import join

    lif = CATALOGUE.get("neuron", "lif")
    plain, joined = (render_kernel(join(lif, [CATALOGUE.get("kinetics", "exponential"), *more]), Variant()) for more in ([], [GAP]))
    assert "wx" not in plain.source and "b_v_r" not in plain.source
    assert "b_v_r1_wx" in joined.numbers and not any("wsum" in n for n in joined.numbers)
