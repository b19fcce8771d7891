"""The same spikes, bit for bit, however a run is cut: threads, slices, batches; and those of the reference."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import fired, mixed, network, population, projection, source
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine import reference
from studio.engine.run import simulate
from studio.engine.simulation import Plan, Simulation
from studio.network.flat import Drawn, FlatNetwork

STEPS = 700


@pytest.fixture(scope="module")
def definition() -> reference.Result:
    return reference.run(mixed(101, precision="double", seed=5), STEPS)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("slice_steps", [None, 1, 2])
def test_engine_equals_the_reference_however_it_is_cut(definition: reference.Result, threads: int, slice_steps: int | None) -> None:
    r = simulate(mixed(101, precision="double", seed=5), STEPS * 0.1, threads=threads, slice_steps=slice_steps)
    for path in ("a", "b"):
        assert len(definition.spikes[path]) > 100
        assert fired(r, path) == definition.spikes[path]
    for key, weights in definition.weights.items():
        assert np.array_equal(r.weights[key].weights, weights)
        assert np.ptp(weights) > 0
        assert r.counters["weight_updates"][key] == definition.weight_updates[key] > 1000


def states_and_spikes(net: FlatNetwork, threads: int, chunks: list[int], slice_steps: int | None) -> tuple[dict, list]:
    simulation = Simulation(net, Plan(0.1, net.run.seed, net.run.precision, None, threads, slice_steps))
    spikes = []
    try:
        for chunk in chunks:
            end = simulation.step + chunk
            while simulation.step < end:
                simulation.advance(end - simulation.step)
                spikes += [(p, *x) for p in simulation.cells for x in zip(*simulation.spikes(p), strict=True)]
        states = {(p, s): v.copy() for p, c in simulation.cells.items() for s, v in c.states.items()}
    finally:
        simulation.close()
    return states, sorted(spikes)


@pytest.fixture(scope="module")
def single() -> tuple[dict, list]:
    return states_and_spikes(mixed(precision="single", seed=9), 1, [400], None)


@settings(max_examples=12)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=6), st.integers(1, 3), st.sampled_from([None, 1, 2, 3]))
def test_no_cut_changes_a_bit_in_single_precision(
    single: tuple[dict, list], chunks: list[int], threads: int, slice_steps: int | None
) -> None:
    chunks = [c for k, c in enumerate(chunks) if sum(chunks[: k + 1]) < 400]
    states, spikes = states_and_spikes(mixed(precision="single", seed=9), threads, [*chunks, 400 - sum(chunks)], slice_steps)
    assert spikes == single[1] and len(spikes) > 100
    for name, values in states.items():
        assert np.array_equal(values, single[0][name]), name


def test_sums_do_not_depend_on_where_slices_end() -> None:
    """Weights that cancel only in one order: projections outermost inside a slice would give other bits."""
    cells = [population("t", 64, v_th=1e6, c_m=1.0)]
    sources = [source(f"s{k}", 40, rate=3000.0) for k in range(3)]
    weights = (Drawn("normal", 1e4, 3e3), Drawn("normal", -1e4, 3e3), Drawn("normal", 1e-3, 1e-3))
    links = [
        projection(f"p{k}", f"s{k}", "t", ("probability", {"p": 0.5}), w, Drawn("uniform", 0.8, 2.0), ("exponential", {"tau": 1.0}))
        for k, w in enumerate(weights)
    ]
    net = network(cells, sources, links, seed=3)
    whole = states_and_spikes(net, 1, [300], None)[0]
    for threads, chunks, slice_steps in ((2, [300], None), (1, [7] * 42 + [6], None), (2, [300], 3), (1, [300], 1)):
        cut = states_and_spikes(net, threads, chunks, slice_steps)[0]
        assert all(np.array_equal(cut[k], whole[k]) for k in whole)


def test_seeds_differ_and_repeat() -> None:
    runs = [fired(simulate(mixed(seed=s), 50.0, threads=1), "a") for s in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
