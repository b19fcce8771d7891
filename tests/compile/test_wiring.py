"""Wirings: exact synapses are the engine's, counts follow from the rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import studio
from studio.compile.passes.quantise import Quantise
from studio.compile.passes.schedule_delays import ScheduleDelays
from studio.compile.program import lower
from studio.compile.target import Target, Topology
from studio.compile.text import read, write
from studio.compile.wiring import Block, Cut, Quantised, stored
from studio.engine.connectivity import synapses
from studio.network import connectors as c
from studio.network.flatten import flatten

TARGET = Target("t", "T", "", Topology("mesh", 2, 2), {})


def network() -> studio.Network:
    net = studio.Network("Rules")
    a = net.population("a", 30, "lif")
    b = net.population("b", 30, "lif", shape=(1, 5, 6))
    for k, rule in enumerate(
        (
            c.all_to_all(),
            c.one_to_one(),
            c.probability(0.3),
            c.fixed_in_degree(7),
            c.fixed_out_degree(7),
            c.fixed_total_number(200),
            c.regular(4),
        )
    ):
        net.connect(a, b, rule, weight=0.5 + k, delay=1.0 + k)
    net.connect(a, a, c.probability(0.2, autapses=False), weight={"normal": [1.0, 0.1]}, delay={"uniform": [1.0, 3.0]})
    net.connect(b, b, c.convolution(np.arange(1.0, 10.0).reshape(1, 1, 3, 3), padding=1), weight=2.0)
    return net


PROGRAM = lower(flatten(network().document), TARGET)
FLAT = PROGRAM.flat


@pytest.mark.parametrize("key", [x.key for x in PROGRAM.connections])
def test_listed_synapses_are_those_the_engine_makes(key: str) -> None:
    wiring, want = PROGRAM.connection(key).wiring, synapses(FLAT, key)
    block = wiring.onto()
    order = np.lexsort((want.sources, want.targets))
    assert len(block) == len(want) > 0
    assert (block.sources == want.sources[order]).all() and (block.targets == want.targets[order]).all()
    assert np.sort(block.weights) == pytest.approx(np.sort(want.weights))
    assert (block.delays.sum() * wiring.dt) == pytest.approx(want.delays.sum())
    parts = [wiring.onto(0, 11), wiring.onto(11, 30)]
    assert sum(len(p) for p in parts) == len(block)
    assert (np.concatenate([p.sources for p in parts]) == block.sources).all()


@pytest.mark.parametrize("key", [x.key for x in PROGRAM.connections])
def test_counts_agree_with_lists(key: str) -> None:
    wiring = PROGRAM.connection(key).wiring
    block = wiring.onto()
    certain = wiring.kind in ("dense", "one_to_one", "window", "matrix", "pairs", "stored")
    close = {"rel": 1e-12} if certain else {"rel": 0.35}
    assert wiring.count() == pytest.approx(len(block), **close)
    some, few = (5, 25), (9, 29)
    inside = (block.sources >= 5) & (block.sources < 25) & (block.targets >= 9) & (block.targets < 29)
    assert wiring.count(some, few) == pytest.approx(inside.sum(), **close)
    assert wiring.axons(some, few) == pytest.approx(len(np.unique(block.sources[inside])), **close)
    fan_in = np.bincount(block.targets, minlength=30)
    mean, most = wiring.fan_in()
    assert mean == pytest.approx(fan_in.mean(), **close) and most >= fan_in.max()
    assert wiring.fan_out()[1] >= np.bincount(block.sources, minlength=30).max()
    low, high = wiring.weights()
    assert low <= block.weights.min() and block.weights.max() <= high
    assert wiring.delays()[0] <= block.delays.min() and block.delays.max() <= wiring.delays()[1]


def test_a_box_of_a_grid_is_counted_axis_by_axis() -> None:
    wiring = PROGRAM.connections[-1].wiring
    box = Cut.of_box((1, 5, 6), ((0, 1), (1, 3), (2, 6)))
    block = wiring.onto(box)
    assert sorted(set(block.targets)) == list(box.ids)
    assert wiring.count(None, box) == len(block)
    assert wiring.axons(None, box) == len(np.unique(block.sources))


def test_whole_numbers_stand_for_weights_and_count_what_is_lost() -> None:
    block = Block(np.arange(5), np.zeros(5, np.int64), np.array([-3.0, -0.4, 0.6, 1.49, 9.0]), np.ones(5, np.int64))
    numbers, saturated = Quantised(3, -4, 3, 1.0).numbers(block)
    assert numbers.tolist() == [-3, 0, 1, 1, 3] and saturated.tolist() == [False] * 4 + [True]
    even, _ = Quantised(4, -8, 7, 1.0, rounding="down", step=2).numbers(block)
    assert even.tolist() == [-4, -2, 0, 0, 6]
    wide = Block(np.arange(4000), np.zeros(4000, np.int64), np.full(4000, 0.25), np.ones(4000, np.int64))
    drawn, _ = Quantised(3, -4, 3, 1.0, rounding="stochastic", seed=3).numbers(wide)
    assert set(drawn) == {0.0, 1.0} and abs(drawn.mean() - 0.25) < 4 * (0.25 * 0.75 / 4000) ** 0.5


def test_a_program_is_text_and_back() -> None:
    text = write(PROGRAM)
    again = read(text)
    assert write(again) == text
    for x in PROGRAM.connections:
        one, two = x.wiring.onto(), again.connection(x.key).wiring.onto()
        assert all(np.array_equal(getattr(one, f), getattr(two, f)) for f in ("sources", "targets", "weights", "delays")), x.key


def test_text_that_is_no_program_is_refused_with_its_line() -> None:
    with pytest.raises(studio.findings.FindingError, match=r"line 1: .* cannot be read"):
        read('layers "x" size=3\n')


def test_listed_synapses_are_put_in_order() -> None:
    block = Block(np.array([2, 0, 1]), np.array([1, 1, 0]), np.array([3.0, 2.0, 1.0]), np.array([1, 2, 3]))
    wiring = stored(3, 2, block, 1.0)
    assert wiring.onto().weights.tolist() == [1.0, 2.0, 3.0]
    assert wiring.onto(1, 2).sources.tolist() == [0, 2]
    assert wiring.delays() == (1, 3) and wiring.fan_in() == (1.5, 2.0)


@pytest.mark.parametrize("name", ["a\u2028b", "a\x85b\x0bc", 'quotes " and \\ and = [1]'])
def test_any_name_is_text_and_back(name: str) -> None:
    net = studio.Network(name)
    net.population("a", 2)
    program = lower(flatten(net.document), TARGET)
    assert read(write(program)).name == name


def test_numbers_and_moved_delays_are_text_and_back() -> None:
    """Weights that became whole numbers mean the same when they are read: nothing is scaled twice or never."""
    net = studio.Network("Both")
    a = net.population("a", 6, "lif")
    net.connect(a, a, c.probability(0.7), weight={"normal": [1.0, 0.3]}, delay={"uniform": [0.1, 9.0]})
    target = replace(TARGET, delay=(2, 95))
    program = Quantise(bits=6)(ScheduleDelays()(lower(flatten(net.document), target), target), target)
    one, two = program.connections[0].wiring, read(write(program)).connections[0].wiring
    assert one.changes and one.quantised is not None
    assert two.quantised is not None and two.quantised.scale == one.quantised.scale
    for name in ("sources", "targets", "weights", "delays"):
        assert np.array_equal(getattr(one.onto(), name), getattr(two.onto(), name)), name


def pairs_of(rule: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """24 synapses from 12 sources onto 6 targets, as `studio.models.forms` says that each rule draws them."""
    if rule == "in":
        return rng.integers(0, 12, 24), np.repeat(np.arange(6), 4)
    if rule == "out":
        return np.repeat(np.arange(12), 2), rng.integers(0, 6, 24)
    return (rng.integers(0, 12, 24), rng.integers(0, 6, 24)) if rule == "total" else (np.repeat(np.arange(12), 2), rng.permutation(24) % 6)


@pytest.mark.parametrize("rule", ["in", "out", "total", "regular"])
def test_sources_of_few_targets_are_counted_as_they_are_drawn(rule: str) -> None:
    """Against the mean of many draws, for each number of targets; more targets never have fewer sources."""
    rules = {"in": c.fixed_in_degree(4), "out": c.fixed_out_degree(2), "total": c.fixed_total_number(24), "regular": c.regular(2)}
    net = studio.Network("Few")
    net.connect(net.population("a", 12), net.population("b", 6), rules[rule], weight=1.0)
    wiring = lower(flatten(net.document), TARGET).connections[0].wiring
    counted = [wiring.axons(None, (0, n)) for n in range(1, 7)]
    rng = np.random.default_rng(3)
    drawn = np.mean([[len(np.unique(s[t < n])) for n in range(1, 7)] for s, t in (pairs_of(rule, rng) for _ in range(1500))], axis=0)
    assert counted == pytest.approx(drawn, abs=0.12 if rule != "regular" else 0.35) and counted == sorted(counted)


def test_the_range_of_whole_numbers_whose_scale_carries_the_sign() -> None:
    block = Block(np.arange(3), np.zeros(3, np.int64), np.array([-5.0, -1.0, -0.1]), np.ones(3, np.int64))
    wiring = replace(stored(3, 1, block, 1.0), quantised=Quantised(8, 0, 255, -0.05))
    assert wiring.onto().weights.tolist() == [100.0, 20.0, 2.0] and wiring.weights() == (2.0, 100.0)
