"""Traffic and energy against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import studio
from studio.compile.activity import blocks, of_run, stated
from studio.compile.energy import counts_of, energy_of, from_counts
from studio.compile.figures import LOIHI_ENERGY, LOIHI_SPEED, SPINNAKER_ENERGY
from studio.compile.graph import block_graph
from studio.compile.mesh import Mesh
from studio.compile.passes.route import RouteMesh
from studio.compile.program import Part, Program, lower
from studio.compile.target import Limit, Target, Topology
from studio.compile.traffic import traffic_of
from studio.compile.wiring import Cut
from studio.network import connectors as c
from studio.network.flatten import flatten

LIMITS = {
    "link": Limit(500.0, "1/s", "", "none"),
    "time_neuron": Limit(1000.0, "ns", "", "none"),
    "time_synapse": Limit(2000.0, "ns", "", "none"),
}
TARGET = Target("t", "Mesh", "", Topology("mesh", 3, 2), LIMITS, energy=LOIHI_ENERGY)


def program() -> Program:
    """drive (4) -> a (10, cores 0 and 2) -> b (5, core 5), all to all; a step is 1 ms, a run 1 s.

    Cores of the mesh:  0 1 2
                        3 4 5
    """
    net = studio.Network("By hand")
    drive = net.source("drive", 4, "poisson", rate=50.0)
    a, b = net.population("a", 10), net.population("b", 5)
    net.connect(drive, a, c.all_to_all(), weight=1.0, delay=1.0)
    net.connect(a, b, c.all_to_all(), weight=1.0, delay=1.0)
    net.run(dt=1.0, duration=1000.0)
    made = lower(flatten(net.document), TARGET)
    parts = (Part("a/0", "a", Cut(0, 6), 0), Part("a/1", "a", Cut(6, 10), 2), Part("b/0", "b", Cut(0, 5), 5))
    return replace(made, parts=parts)


def test_links_and_cores_by_hand() -> None:
    t = traffic_of(program(), TARGET, rates={"a": 20.0, "b": 3.0})
    assert t is not None and not t.measured and t.rates == {"a": 20.0, "b": 3.0, "drive": 50.0}
    loads = {x.link: x.events for x in t.links}
    # a/0 on (0, 0): 6 neurons, 20 Hz, along the row to (2, 0), then down to (2, 1); a/1 from (2, 0) joins on the last link
    row = [((0, 0, 0), (0, 1, 0)), ((0, 1, 0), (0, 2, 0))]
    last = ((0, 2, 0), (0, 2, 1))
    assert loads == {row[0]: 120.0, row[1]: 120.0, last: 200.0}
    assert t.totals["spikes"] == 10 * 20.0 + 5 * 3.0 and t.totals["messages"] == 200.0 and t.totals["from_host"] == 2 * 4 * 50.0
    assert t.totals["synaptic"] == 4 * 50 * 10 + 10 * 20 * 5 and (t.totals["hops_x"], t.totals["hops_y"]) == (240.0, 200.0)
    cores = {x.core: x for x in t.cores}
    assert (cores[5].arrivals, cores[5].synaptic, cores[5].spikes, cores[5].path) == (200.0, 1000.0, 15.0, "a")
    assert (cores[0].arrivals, cores[0].synaptic, cores[0].path) == (200.0, 1200.0, "drive")
    # core 0, in a step of 1 ms: 6 neurons of 1 us and 1.2 synaptic events of 2 us
    assert cores[0].busy == pytest.approx((6 * 1000 + 1.2 * 2000) / 1e6)
    assert t.binding is not None and t.binding.path == "a" and t.floor_links()[0] == (*last, 200.0)


def test_multicast_crosses_a_link_once() -> None:
    made = program()
    both = replace(made, parts=(*made.parts[:2], Part("b/0", "b", Cut(0, 2), 5), Part("b/1", "b", Cut(2, 5), 2)))
    once = both.choose(route={"multicast": True})
    first = ((0, 0, 0), (0, 1, 0))
    for one, events in ((both, 2 * 6 * 10.0), (once, 6 * 10.0)):
        t = traffic_of(one, TARGET)
        assert t is not None and {x.link: x.events for x in t.links}[first] == events


def test_what_is_too_much_is_said_with_who_brings_it() -> None:
    t = traffic_of(program(), TARGET, rates={"a": 60_000.0})
    assert t is not None
    assert [(f.code, f.severity, f.where) for f in t.findings] == [("fit.traffic", "warning", "a")] * 2
    assert "500 events a second" in t.findings[0].text and "6e+05" in t.findings[0].text
    assert t.to_json()["binding"]["kind"] == "link" and len(t.to_json()["findings"]) == 2
    assert traffic_of(replace(program(), parts=()), TARGET) is None


def run() -> dict[str, Any]:
    """Neurons 0 and 6 of a fire in steps 3 and 500, all of a in step 7; drive's element 0 in steps 0 to 9."""
    ids = np.array([0, 6, *range(10), 0, 6])
    return {
        "a": (np.array([3, 3, *[7] * 10, 500, 500]), ids),
        "b": (np.zeros(0, int), np.zeros(0, int)),
        "drive": (np.arange(10), np.zeros(10, int)),
    }


def test_a_run_counts_per_part_and_knows_the_busiest_step() -> None:
    activity = of_run(program(), run(), 1000)
    assert blocks(program())[3] == ("drive", Cut(0, 4)) and activity.measured
    assert activity.rates["a"].tolist() == [3.0, *[1.0] * 5, 3.0, *[1.0] * 3] and activity.rates["drive"].tolist() == [10.0, 0, 0, 0]
    t = traffic_of(program(), TARGET, run(), 1000)
    assert t is not None and t.measured
    core = next(x for x in t.cores if x.core == 5)
    assert core.synaptic == pytest.approx(14 * 5) and core.busiest == pytest.approx((5 * 1000 + 10 * 5 * 2000) / 1e6)
    assert core.busy == pytest.approx((5 * 1000 + 0.07 * 2000) / 1e6)


def test_rules_that_reach_everywhere_count_as_if_every_pair_were_kept() -> None:
    net = studio.Network("Spread")
    drive = net.source("drive", 40, "poisson", rate=50.0)
    a, b = net.population("a", 90), net.population("b", 60)
    for source, to, rule in (
        (drive, a, c.probability(0.2)),
        (a, a, c.fixed_in_degree(9)),
        (a, b, c.probability(0.3)),
        (b, a, c.all_to_all()),
    ):
        net.connect(source, to, rule, weight=1.0, delay=1.0)
    net.connect(a, b, c.fixed_out_degree(2), weight=1.0, delay=1.0)
    net.run(dt=1.0)
    topology = Topology("mesh", 3, 2, chips=4, chip_columns=2)
    machine = replace(TARGET, topology=topology)
    rng = np.random.default_rng(5)
    parts = [Part(f"a/{k}", "a", Cut(9 * k, 9 * k + 9), int(rng.integers(24))) for k in range(10)]
    parts += [Part(f"b/{k}", "b", Cut(15 * k, 15 * k + 15), int(rng.integers(24))) for k in range(4)]
    made = replace(lower(flatten(net.document), machine), parts=tuple(parts))
    rates = {"a": 7.0, "b": 3.0}
    core = np.array([p.core for p in parts])
    graph = block_graph(made, stated(made, rates).rates)
    pairs = graph.merged(np.append(core, 0))  # every pair of a block and a core
    inside = pairs.source < len(parts)
    mesh = Mesh(topology)
    blocks_, to, events = pairs.source[inside], pairs.target[inside], pairs.axons[inside]
    for multicast in (False, True):
        t = traffic_of(made.choose(route={"multicast": multicast}), machine, rates=rates)
        assert t is not None
        want = mesh.loads(core[blocks_], to, events)
        if multicast:
            want = mesh.shared_loads(blocks_, core[blocks_], to, graph.sizes[blocks_])
        named = {mesh.link(d, x, y): float(want[d, y, x]) for d, y, x in np.argwhere(want > 1e-9).tolist()}
        assert {x.link: x.events for x in t.links} == pytest.approx(named)
        assert t.totals["synaptic"] == pytest.approx(graph.synapses.sum()) and t.totals["from_host"] == pytest.approx(
            pairs.axons[~inside].sum()
        )
        assert t.totals["messages"] == pytest.approx(graph.sizes[: len(parts)].sum() if multicast else events.sum())
        arrivals = np.bincount(pairs.target, pairs.axons, 24)
        assert {x.core: x.arrivals for x in t.cores} == pytest.approx({k: arrivals[k] for k in set(core.tolist())})


def test_listed_synapses_count_by_their_own_sources() -> None:
    net = studio.Network("Listed")
    a, b = net.population("a", 3), net.population("b", 2)
    net.connect(a, b, c.explicit(np.array([0, 0, 1]), np.array([0, 1, 1])), weight=1.0, delay=1.0)
    net.run(dt=1.0, duration=1000.0)
    made = replace(lower(flatten(net.document), TARGET), parts=(Part("a/0", "a", Cut(0, 3), 0), Part("b/0", "b", Cut(0, 2), 1)))
    spikes = {"a": (np.arange(6), np.array([0, 0, 0, 1, 2, 2])), "b": (np.zeros(0, int), np.zeros(0, int))}
    t = traffic_of(made, TARGET, spikes, 1000)
    assert t is not None and (t.totals["synaptic"], t.totals["messages"], t.totals["spikes"]) == (3 * 2 + 1, 4.0, 6.0)


def test_sources_fire_as_their_model_says() -> None:
    net = studio.Network("Sources")
    net.source("half", 4, "poisson", rate=40.0, stop=500.0)
    net.source("list", 2, "spike_list", times=np.array([1.0, 2.0, 3.0]), ids=np.array([0, 1, 1]))
    net.source("current", 2, "step_current", amplitude=1.0)
    cells = net.population("cells", 3)
    for name, kinetics in (("half", "delta"), ("list", "delta")):
        net.connect(name, cells, kinetics=kinetics)
    net.connect("current", cells)
    activity = stated(lower(flatten(net.document), TARGET))
    assert blocks(lower(flatten(net.document), TARGET)) == [("current", Cut(0, 2)), ("half", Cut(0, 4)), ("list", Cut(0, 2))]
    assert {k: v.tolist() for k, v in activity.rates.items()} == {
        "cells": [10.0] * 3,
        "current": [0, 0],
        "half": [20.0] * 4,
        "list": [1.5, 1.5],
    }


def test_energy_by_hand() -> None:
    made = program()
    t = traffic_of(made, TARGET, rates={"a": 20.0, "b": 3.0})
    energy = energy_of(made, TARGET, t)
    assert energy is not None and t is not None
    counts = counts_of(made, TARGET, t)
    assert counts["neuron_steps"] == 15_000 and counts["core_seconds"] == 3.0 and counts["chip_seconds"] == 1.0
    # SANA-FE's identity: N T access + N T update + fire + synapse + message + hops
    want = 15_000 * (51.2 + 21.6) + 215 * 69.3 + 3000 * 33.6 + 200 * 111.0 + 240 * 3.0 + 200 * 4.2
    assert energy.joules == pytest.approx(want * 1e-12, rel=1e-12)
    terms = {x.name: x for x in energy.terms}
    assert terms["hop_x"].boundary == "chip (mesh)" and terms["access"].boundary == "core" and all("doi:" in x.source for x in energy.terms)
    said = energy.to_json()
    assert said["boundaries"] == ["core", "chip (mesh)"] and said["joules_per_synaptic_event"] == pytest.approx(want * 1e-12 / 3000)
    assert said["latency"]["busiest_share_of_a_step"] == pytest.approx(max(x.busy or 0.0 for x in t.cores))
    assert said["joules_per_inference"] is None
    assert replace(energy, inferences=40).to_json()["joules_per_inference"] == pytest.approx(want * 1e-12 / 40)


def test_what_an_emulator_counted_wins_and_what_nobody_counted_is_said() -> None:
    machine = replace(
        TARGET,
        energy={**SPINNAKER_ENERGY, "column_read": Limit(26.9, "pJ", "A column. boundary: chip", "none"), "odd": Limit(1, "pJ", "", "")},
    )
    t = traffic_of(program(), machine)
    energy = energy_of(program(), machine, t, {"column_read": 1000.0, "chip_seconds": 2.0})
    assert energy is not None and energy.not_counted == ("odd",)
    terms = {x.name: x for x in energy.terms}
    assert terms["column_read"].joules == pytest.approx(26.9e-9) and terms["chip"].joules == pytest.approx(0.7)
    assert terms["core"].joules == pytest.approx(0.034 * 3) and terms["core"].boundary == "board"
    assert energy_of(program(), replace(TARGET, energy={}), t) is None


def test_the_figures_have_sources_and_boundaries() -> None:
    for table in (LOIHI_ENERGY, SPINNAKER_ENERGY):
        assert all("boundary:" in x.doc and x.source and x.unit in ("pJ", "pJ/s") for x in table.values())
    assert all(x.source and x.unit in ("ns", "1/s") for x in LOIHI_SPEED.values())
    assert from_counts(TARGET, {"spikes": 2.0}).joules == pytest.approx(2 * 69.3e-12)


def test_a_machine_that_runs_slower_has_more_time_for_everything_but_is_on_for_longer() -> None:
    watched = replace(TARGET, energy=SPINNAKER_ENERGY)
    usual = traffic_of(program(), watched, rates={"a": 20.0, "b": 3.0})
    slow = traffic_of(program().choose(time_scale_factor=10), watched, rates={"a": 20.0, "b": 3.0})
    assert usual is not None and slow is not None and slow.to_json()["slower"] == 10.0
    assert [x.events for x in slow.links] == [x.events for x in usual.links]
    assert [x.capacity for x in slow.links] == [10.0 * (x.capacity or 0.0) for x in usual.links]
    assert [x.busy for x in slow.cores] == pytest.approx([(x.busy or 0.0) / 10.0 for x in usual.cores])
    one, ten = (counts_of(program(), watched, t) for t in (usual, slow))
    assert ten["core_seconds"] == 10.0 * one["core_seconds"] and ten["chip_seconds"] == 10.0 * one["chip_seconds"]
    assert {k: v for k, v in ten.items() if "seconds" not in k} == {k: v for k, v in one.items() if "seconds" not in k}


@pytest.mark.parametrize("multicast", [False, True])
def test_what_goes_one_to_one_and_what_goes_everywhere_share_links_by_hand(multicast: bool) -> None:
    """a (cores 0 and 2) to b (core 5) all to all, b to c (core 3) one to one: counted by paths, and on the trees that a router laid."""
    net = studio.Network("Both")
    a, b, last = net.population("a", 10), net.population("b", 5), net.population("c", 5)
    net.connect(a, b, c.all_to_all(), weight=1.0, delay=1.0)
    net.connect(b, last, c.one_to_one(), weight=1.0, delay=1.0)
    net.run(dt=1.0, duration=1000.0)
    parts = (
        Part("a/0", "a", Cut(0, 6), 0),
        Part("a/1", "a", Cut(6, 10), 2),
        Part("b/0", "b", Cut(0, 5), 5),
        Part("c/0", "c", Cut(0, 5), 3),
    )
    made = RouteMesh(multicast)(replace(lower(flatten(net.document), TARGET), parts=parts), TARGET)
    t = traffic_of(made, TARGET, rates={"a": 20.0, "b": 3.0, "c": 7.0})
    assert t is not None
    east = {((0, 0, 0), (0, 1, 0)): 120.0, ((0, 1, 0), (0, 2, 0)): 120.0}
    west = {((0, 2, 1), (0, 1, 1)): 15.0, ((0, 1, 1), (0, 0, 1)): 15.0}
    assert {x.link: x.events for x in t.links} == {**east, **west, ((0, 2, 0), (0, 2, 1)): 200.0}
    assert {x.path for x in t.links if x.link in west} == {"b"} and {x.path for x in t.links if x.link in east} == {"a"}
    assert (t.totals["hops_x"], t.totals["hops_y"]) == (270.0, 200.0)
    assert t.totals["messages"] == 10 * 20.0 + 5 * 3.0, "c sends to nobody"
    assert t.totals["synaptic"] == 10 * 20 * 5 + 5 * 3


def test_links_between_chips_of_one_router_lie_along_rows_or_columns() -> None:
    """Four chips in a square, a core each, multicast: two of three links lie along columns, whatever their places within their chips."""
    square = replace(TARGET, topology=Topology("mesh", 1, 1, chips=4, chip_columns=2))
    net = studio.Network("Square")
    a, b = net.population("a", 1), net.population("b", 2)
    net.connect(a, b, c.all_to_all(), weight=1.0, delay=1.0)
    net.run(dt=1.0, duration=1000.0)
    parts = (Part("a/0", "a", Cut(0, 1), 0), Part("b/0", "b", Cut(0, 1), 2), Part("b/1", "b", Cut(1, 2), 3))
    made = RouteMesh(True)(replace(lower(flatten(net.document), square), parts=parts), square)
    t = traffic_of(made, square, rates={"a": 20.0, "b": 0.0})
    assert t is not None and (t.totals["hops_x"], t.totals["hops_y"]) == (20.0, 40.0)
