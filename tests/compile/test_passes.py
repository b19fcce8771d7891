"""What passes guarantee, against counting by hand: the block graph, splitting, placing, annealing, quantising, routes and merged axons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import studio
from studio.compile.graph import block_graph, owners
from studio.compile.mesh import Mesh, coordinates, hops
from studio.compile.passes.anneal import Anneal
from studio.compile.passes.choose_step import ChooseStep
from studio.compile.passes.merge_axons import MergeAxons
from studio.compile.passes.place import Place
from studio.compile.passes.quantise import Quantise
from studio.compile.passes.route import RouteMesh
from studio.compile.passes.schedule_delays import ScheduleDelays
from studio.compile.passes.split import Split, largest
from studio.compile.program import Program, listed, lower
from studio.compile.target import Limit, Target, Topology
from studio.compile.wiring import Cut
from studio.network import connectors as c
from studio.network.flatten import flatten

MESH = Topology("mesh", 6, 4, chips=4, chip_columns=2)


def target(topology: Topology = MESH, **limits: float) -> Target:
    counts = {"neurons": 16.0, "in_axons": 400.0, "synapses": 2000.0, **limits}
    return Target("test", "Test", "", topology, {k: Limit(v, "", "", "none") for k, v in counts.items()}, delay=(1, 8))


def usage(program: Program, layer: str, cut: Cut) -> Mapping[str, float]:
    into = program.into(layer)
    axons, synapses = (sum(getattr(x.wiring, name)(None, cut) for x in into) for name in ("axons", "count"))
    return {"neurons": cut.size, "in_axons": axons, "synapses": synapses}


def network() -> studio.Network:
    """Every kind of rule, sheets of boxes among them; listed rules come from drawn ones, so that their graph is exact."""
    net = studio.Network("Rules")
    drive = net.source("drive", 20, "poisson", rate=30.0)
    flat, sheet = net.population("flat", 70), net.population("sheet", 168, shape=(12, 14))
    small = net.population("small", 42, shape=(6, 7))
    net.connect(drive, flat, c.all_to_all(), weight=0.1, delay=1.0)
    net.connect(flat, flat, c.one_to_one(), weight=0.1, delay=2.0)
    net.connect(flat, sheet, c.regular(12), weight=0.1, delay=1.0)
    net.connect(sheet, sheet, c.convolution(np.ones((1, 1, 3, 3)), padding=1), weight=0.2, delay=1.0)
    net.connect(sheet, small, c.convolution(np.ones((1, 1, 2, 2)), stride=2), weight=0.2, delay=1.0)
    net.connect(sheet, flat, c.probability(0.2), weight={"normal": [0.5, 0.2]}, delay=1.0)
    return net


@pytest.fixture(scope="module")
def program() -> Program:
    made = Split(usage)(lower(flatten(network().document), target()), target())
    assert not made.stopped
    return made


def test_parts_hold_every_neuron_once_and_fit(program: Program) -> None:
    limits = target().limits
    for layer in program.layers:
        cuts = [p.cut for p in program.parts_of(layer.key)]
        assert np.array_equal(np.sort(np.concatenate([x.ids for x in cuts])), np.arange(layer.size))
        for cut in cuts:
            assert all(amount <= limits[name].value for name, amount in usage(program, layer.key, cut).items())
    assert all(p.cut.box is not None for p in program.parts_of("sheet"))


def test_a_part_could_not_be_larger(program: Program) -> None:
    assert [p.cut.size for p in program.parts_of("flat")] == [16, 16, 16, 16, 6]
    for n in (0, 1, 5, 99, 100):
        assert largest(1, 100, lambda k, n=n: k <= n) == n  # type: ignore[misc]
        assert largest(1, 100, lambda k, n=n: k <= n, 7) == n  # type: ignore[misc]


@pytest.mark.parametrize("number", range(6))
def test_the_block_graph_is_what_listing_gives(program: Program, number: int) -> None:
    one = program.connections[number]
    exact = one.wiring.kind in ("dense", "one_to_one", "window")
    if not exact:
        program = program.with_connections([listed(one)])  # its own draw, as a list
    graph = block_graph(program)
    own = graph.connection == number
    block = program.connections[number].wiring.onto()
    n = len(program.parts)
    ends = {}
    for node in (one.source, one.target):
        places = [k for k, p in enumerate(program.parts) if p.layer == node] or [n]
        cuts = [p.cut for p in program.parts_of(node)] or [Cut(0, program.node(node).size)]
        ends[node] = np.array(places)[owners(cuts, program.node(node).size)]
    s, t = ends[one.source][block.sources], ends[one.target][block.targets]
    pairs, synapses = np.unique(np.stack([s, t]), axis=1, return_counts=True)
    axons = [len(np.unique(block.sources[(s == a) & (t == b)])) for a, b in pairs.T]
    order = np.lexsort((graph.target[own], graph.source[own]))
    assert np.array_equal(np.stack([graph.source[own], graph.target[own]])[:, order], pairs)
    assert graph.synapses[own][order].tolist() == synapses.tolist() and graph.axons[own][order].tolist() == axons


ROOMY = {"neurons": 24.0, "in_axons": 800.0, "synapses": 4000.0}  # of a core, so that parts of the smaller one may share it


def placed(program: Program, **options: Any) -> Program:
    made = Place(usage, **options)(program, target(**ROOMY))
    assert not made.stopped, made.findings
    return made


def test_cores_hold_no_more_than_they_can(program: Program) -> None:
    made, limits = placed(program), target(**ROOMY).limits
    sums: dict[int, dict[str, float]] = {}
    for p in made.parts:
        assert p.core is not None
        here = sums.setdefault(p.core, {})
        for name, amount in usage(program, p.layer, p.cut).items():
            here[name] = here.get(name, 0.0) + amount
    assert all(v <= limits[name].value + 1e-9 for here in sums.values() for name, v in here.items())
    assert len(sums) < len(made.parts)  # some share a core
    assert placed(program).parts == made.parts  # the same every time


def cost(program: Program) -> float:
    graph = block_graph(program).between_parts().merged()
    core = np.array([p.core for p in program.parts])
    x, y = coordinates(MESH)
    a, b = core[graph.source], core[graph.target]
    return float((graph.axons * hops(MESH, x[a] - x[b], y[a] - y[b])).sum())


def test_annealing_shortens_ways_and_keeps_contents_together(program: Program) -> None:
    rng = np.random.default_rng(0)
    shuffled = rng.permutation(MESH.cores)
    before = placed(program)
    before = replace(before, parts=tuple(replace(p, core=int(shuffled[p.core])) for p in before.parts))  # type: ignore[index]
    after = Anneal(moves=8000)(before, target())
    assert Anneal(moves=8000)(before, target()).parts == after.parts
    assert cost(after) < 0.8 * cost(before)
    moved = {p.core: q.core for p, q in zip(before.parts, after.parts, strict=True)}
    assert len(set(moved.values())) == len(moved)
    assert [moved[p.core] for p in before.parts] == [q.core for q in after.parts]
    assert cost(Anneal(moves=0)(before, target())) == cost(before)


def test_annealing_can_be_watched_and_stopped(program: Program) -> None:
    seen: list[tuple[int, int]] = []

    def watch(done: int, budget: int, cost: float) -> bool:
        seen.append((done, budget))
        return done < 2000

    made = Anneal(moves=10_000, watch=watch)(placed(program), target())
    assert seen == [(0, 10_000), (1000, 10_000), (2000, 10_000)]
    assert cost(made) <= cost(placed(program))


@pytest.mark.parametrize("wraps", [False, True])
def test_routes_are_shortest_trees_to_the_right_cores(program: Program, wraps: bool) -> None:
    machine = target(replace(MESH, wraps=wraps))
    made = RouteMesh()(Place(usage)(program, machine), machine)
    core = {p.key: p.core for p in made.parts}
    graph = block_graph(made)
    mesh = Mesh(machine.topology)
    for route in made.routes:
        k = graph.nodes.index(route.source)
        wanted = {core[graph.nodes[t]] for t in graph.target[graph.source == k]}
        assert set(route.targets) == wanted
        if route.source == "drive":
            assert route.links == ()
            continue
        reached = {machine.topology.place(core[route.source])}  # type: ignore[arg-type]
        for a, b in route.links:
            assert a in reached and b not in reached  # a tree, from the root outwards
            reached.add(b)
        assert {machine.topology.place(t) for t in route.targets} <= reached
        for t in route.targets:
            x, y = coordinates(machine.topology)
            start = core[route.source]
            assert len(mesh.tree(start, [t])) == hops(machine.topology, x[t] - x[start], y[t] - y[start])  # type: ignore[arg-type,operator]


def test_merged_axons_are_counted_once_a_core(program: Program) -> None:
    exact = program.with_connections([listed(x) for x in program.connections if x.wiring.kind in ("regular", "bernoulli")])
    made = MergeAxons()(replace(exact, parts=tuple(replace(p, core=0) for p in exact.parts)), target())
    said = made.settings["axons"]
    assert said["apart"] == pytest.approx(block_graph(exact).axons.sum(), abs=0.1)
    assert said["saved"] == pytest.approx(said["apart"] - said["merged"], abs=0.2) and said["saved"] > 0
    assert said["most"] <= 70 + 168 + 42 + 20


def one(weight: Any, connector: Any = None, seed: int = 1) -> Program:
    net = studio.Network("One")
    a = net.population("a", 300)
    net.connect(a, a, connector or c.fixed_in_degree(20), weight=weight, delay=1.0)
    net.run(seed=seed)
    return lower(flatten(net.document), target())


@pytest.mark.parametrize("rounding", ["nearest", "stochastic", "down"])
@pytest.mark.parametrize("weight", [{"normal": [0.5, 0.3]}, {"uniform": [-1.0, 2.0]}, {"lognormal": [-1.0, 0.5]}])
def test_expected_errors_are_those_of_the_listed_weights(weight: Any, rounding: Any) -> None:
    program = one(weight)
    made = Quantise(bits=5, rounding=rounding)(program, target()).connections[0]
    q = made.quantised
    assert q is not None and q.rms is not None and q.zeroed is not None
    real, whole = made.wiring.real().onto().weights, made.wiring.onto().weights
    error = whole * q.scale - real
    assert q.rms == pytest.approx(float(np.sqrt((error**2).mean())), rel=0.05)
    assert float(np.abs(error).max()) <= q.worst * 1.01  # type: ignore[operator]
    assert abs(q.zeroed - int(((whole == 0) & (real != 0)).sum())) <= 4 * np.sqrt(q.zeroed + 1)
    assert whole.min() >= -16 and whole.max() <= 15 and (whole == np.round(whole)).all()


def test_stochastic_rounding_has_no_bias_and_a_seed() -> None:
    numbers = {}
    for seed in (1, 2):
        q = Quantise(bits=3, rounding="stochastic")(one({"uniform": [0.0, 1.0]}, seed=seed), target()).connections[0]
        block = q.wiring.real().onto()
        numbers[seed] = q.wiring.onto().weights
        scale = float(q.quantised.scale)  # type: ignore[union-attr]
        assert (numbers[seed] * scale).mean() == pytest.approx(block.weights.mean(), abs=3 * scale / np.sqrt(len(block)))
    assert not np.array_equal(numbers[1], numbers[2])


def test_a_channel_of_a_convolution_has_its_own_scale() -> None:
    net = studio.Network("Channels")
    a = net.population("a", 64, shape=(1, 8, 8))
    b = net.population("b", 128, shape=(2, 8, 8))
    kernel = np.stack([np.full((1, 3, 3), 1.0), np.full((1, 3, 3), 0.01)])
    net.connect(a, b, c.convolution(kernel, padding=1), weight=2.0, delay=1.0)
    q = Quantise(bits=8, channels="target")(lower(flatten(net.document), target()), target()).connections[0].quantised
    assert q is not None
    assert np.asarray(q.scale).tolist() == pytest.approx([2.0 / 127] * 64 + [0.02 / 127] * 64) and q.rms == pytest.approx(0.0, abs=1e-12)


def test_the_tail_of_drawn_delays_is_cut_off_and_counted_or_refused() -> None:
    net = studio.Network("Delays")
    a = net.population("a", 300)
    net.connect(a, a, c.fixed_in_degree(20), weight=1.0, delay={"uniform": [1.0, 8.52]})
    net.connect(a, a, c.fixed_in_degree(20), weight=1.0, delay={"uniform": [1.0, 12.0]})
    net.run(dt=1.0)
    made = ScheduleDelays()(lower(flatten(net.document), target()), target())
    assert [(x.path, x.kind, x.total) for x in made.losses] == [("p1", "saturated", 6000)]
    assert 5 <= made.losses[0].count <= 40
    assert [(f.code, f.where, f.fix.split(".")[0]) for f in made.findings] == [("fit.delay", "p2.delay", "Set p2")]
    assert "32%" in made.findings[0].text and made.connections[0].wiring.onto().delays.max() == 8


def test_a_step_is_one_for_all() -> None:
    made = ChooseStep(dt=0.5)(one(0.5), target())
    assert made.dt == 0.5 and made.steps == 2000 and {x.wiring.dt for x in made.connections} == {0.5}
    assert made.connections[0].wiring.onto().delays.tolist() == [2] * 6000


@pytest.mark.parametrize("wraps", [False, True])
def test_loads_of_links_are_what_walking_every_way_gives(wraps: bool) -> None:
    mesh = Mesh(replace(MESH, wraps=wraps))
    rng = np.random.default_rng(3)
    block = rng.integers(0, 30, 400)
    sources, targets = rng.integers(0, MESH.cores, 30)[block], rng.integers(0, MESH.cores, 400)
    events = rng.random(30)[block]
    apart: dict[Any, float] = {}
    for s, t, e in zip(sources.tolist(), targets.tolist(), events.tolist(), strict=True):
        for link in mesh.tree(s, [t]):
            apart[link] = apart.get(link, 0.0) + e
    once: dict[Any, float] = {}
    for k in np.unique(block).tolist():
        for link in mesh.tree(int(sources[block == k][0]), targets[block == k].tolist()):
            once[link] = once.get(link, 0.0) + float(events[block == k][0])
    for want, got in ((apart, mesh.loads(sources, targets, events)), (once, mesh.shared_loads(block, sources, targets, events))):
        named = {mesh.link(d, x, y): float(got[d, y, x]) for d, y, x in np.argwhere(got > 0.0).tolist()}
        assert named == pytest.approx(want)


def test_delays_of_no_synapses_lose_nothing() -> None:
    net = studio.Network("None")
    net.connect(net.population("a", 3), net.population("b", 3), c.probability(0.0), weight=1.0, delay=0.0)
    made = ScheduleDelays()(lower(flatten(net.document), target()), target())
    assert made.connections[0].wiring.delays() == (1, 1) and not made.losses


def test_weights_of_no_synapses_lose_nothing_and_too_few_bits_are_no_pass() -> None:
    net = studio.Network("None")
    net.connect(
        net.population("a", 3), net.population("b", 3), c.probability(0.0), weight={"normal": [0.0, 1.0]}, delay={"uniform": [0.1, 1.0]}
    )
    made = Quantise(bits=3)(ChooseStep(0.5)(lower(flatten(net.document), target()), target()), target())
    assert made.connections[0].quantised is not None and not made.losses
    with pytest.raises(ValueError, match="no number above 0"):
        Quantise(bits=2, step=2)
