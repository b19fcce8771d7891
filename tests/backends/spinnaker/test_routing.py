"""Machines, trees, tables and walks, against the closed form and against sPyNNaker's own tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.backends.spinnaker.keys import COLOUR_BITS, allocate
from studio.backends.spinnaker.machine import LINKS, Machine, board, machine_for, opposite
from studio.backends.spinnaker.tables import Entry, Sent, differs, entries, leading, minimise, paired
from studio.backends.spinnaker.trees import grow
from studio.backends.spinnaker.walk import Lost, looks, lookup, walk

GOLDEN = Path(__file__).parents[2] / "golden" / "spinnaker" / "data"
CASES = sorted(p.name for p in GOLDEN.iterdir())
MASK = 0xFFFFFFFF


def _case(name):
    folder = GOLDEN / name
    return json.loads((folder / "partition_placement_keys.json").read_text()), json.loads((folder / "routing_tables.json").read_text())


def _slices(placed):
    return [m for a in placed["application_vertices"] for m in a["machine_vertices"]]


def _table(rows):
    return {(c["x"], c["y"]): [Entry(e["key"], e["mask"], e["route"], e["defaultable"]) for e in c["entries"]] for c in rows}


def _required(placed):
    core = {m["label"]: (m["x"], m["y"], m["p"]) for m in _slices(placed)}
    return {s: frozenset(core[t] for t in targets) for s, targets in placed["required_targets"].items()}


def test_the_golden_cases_are_there():
    assert CASES == ["s1_ei_balanced", "s2_local_chain", "s3_long_delays"]


@pytest.mark.parametrize("which", ["uncompressed", "precompressed", "compressed"])
@pytest.mark.parametrize("case", CASES)
def test_a_walk_through_spynnakers_tables_reaches_what_shares_a_synapse(case, which):
    placed, tables = _case(case)
    look = looks(_table(tables[which]))
    walked = {
        m["label"]: walk(Machine(), look, (m["x"], m["y"]), m["keys"][0]["key"] + (atom << COLOUR_BITS)).cores
        for m in _slices(placed)
        if m["label"] in placed["required_targets"]
        for atom in (0, m["n_atoms"] - 1)
    }
    assert walked == _required(placed)


@pytest.mark.parametrize("case", CASES)
def test_spynnakers_tables_made_smaller_say_the_same_with_no_more_entries(case):
    placed, tables = _case(case)
    before, theirs = _table(tables["uncompressed"]), _table(tables["compressed"])
    ours = {chip: minimise(table) for chip, table in before.items()}
    assert all(differs(before[chip], ours[chip]) is None for chip in before)
    assert all(len(ours[chip]) <= len(theirs.get(chip, [])) for chip in before)
    look = looks(ours)
    reached = {
        m["label"]: walk(Machine(), look, (m["x"], m["y"]), m["keys"][0]["key"]).cores
        for m in _slices(placed)
        if m["label"] in placed["required_targets"]
    }
    assert reached == _required(placed)


@pytest.mark.parametrize("boards", [1, 3])
@pytest.mark.parametrize("case", CASES)
def test_our_trees_and_tables_reach_what_shares_a_synapse(case, boards):
    placed, _ = _case(case)
    machine = Machine(boards)
    spots = [(chip, core) for chip in machine.chips for core in list(machine.usable(chip))[:3]]
    keys = allocate(
        (a["application_vertex"], len(a["machine_vertices"]), a["machine_vertices"][0]["n_atoms"]) for a in placed["application_vertices"]
    )
    at = dict(zip((m["label"] for m in _slices(placed)), spots, strict=False))
    first = {
        m["label"]: (k, i)
        for a in placed["application_vertices"]
        for k in [keys[a["application_vertex"]]]
        for i, m in enumerate(a["machine_vertices"])
    }
    sent = []
    for label, targets in placed["required_targets"].items():
        cores: dict = {}
        for t in targets:
            cores.setdefault(at[t][0], set()).add(at[t][1])
        block, index = first[label]
        tree = grow(machine, at[label][0], cores)
        sent.append(Sent(block.of_slice(index), block.slice_mask, tree, {c: frozenset(v) for c, v in cores.items()}))
    plain = entries(sent)
    small = {chip: minimise(table) for chip, table in plain.items()}
    for tables in (plain, small):
        look = looks(tables)
        for label, targets in placed["required_targets"].items():
            block, index = first[label]
            reached = walk(machine, look, at[label][0], block.of_neuron(index, 0, colour=15)).cores
            assert reached == {(*at[t][0], at[t][1]) for t in targets}
    assert sum(map(len, small.values())) <= sum(map(len, plain.values()))


def test_a_board_has_48_chips_and_the_cores_of_the_tool():
    assert len(board()) == 48 and sum(Machine().chips.values()) == 48 * 18 - 8
    assert Machine().usable((0, 0)) == range(3, 18) and Machine().usable((1, 1)) == range(2, 17)
    assert Machine(4).physical_boards == 6 and len(Machine(4).chips) == 6 * 48


@pytest.mark.parametrize("boards", [1, 3, 6])
def test_distances_are_those_of_a_search(boards):
    machine = Machine(boards)
    start = (0, 0) if boards == 1 else (11, 7)
    found, front = {start: 0}, [start]
    while front:
        at = front.pop(0)
        for link in range(6):
            beyond = machine.neighbour(at, link)
            if beyond and beyond not in found:
                found[beyond] = found[at] + 1
                front.append(beyond)
    assert found == {chip: machine.distance(start, chip) for chip in machine.chips}
    assert all(machine.neighbour(b, opposite(link)) == a for a, link, b in machine.links()) and len(LINKS) == 6


@pytest.mark.parametrize("seed", range(8))
def test_trees_reach_their_targets_once_by_shortest_ways_from_the_root_when_alone(seed):
    rng = np.random.default_rng(seed)
    machine = Machine([1, 3, 12][seed % 3])
    chips = sorted(machine.chips)
    root, *targets = (chips[i] for i in rng.choice(len(chips), int(rng.integers(2, 30)), replace=False))
    tree = grow(machine, root, targets)
    arrivals = [machine.neighbour(chip, link) for chip, links in tree.out.items() for link in links]
    assert sorted(arrivals) == sorted(set(tree.out) - {root}) and set(targets) <= set(tree.out)
    alone = grow(machine, root, targets[:1])
    assert len(alone.out) - 1 == machine.distance(root, targets[0])


def test_a_tree_goes_around_missing_chips():
    class Holed(Machine):
        @property
        def chips(self):
            return {c: n for c, n in Machine().chips.items() if c not in {(1, 1), (1, 0), (2, 2)}}

    tree = grow(Holed(), (0, 0), [(3, 3)])
    assert (3, 3) in tree.out and (1, 1) not in tree.out
    with pytest.raises(ValueError, match="no way"):
        grow(Holed(), (0, 0), [(1, 1)])


@pytest.mark.parametrize("seed", range(20))
def test_smaller_tables_route_every_key_as_before(seed):
    rng = np.random.default_rng(seed)
    bits, n = int(rng.integers(0, 5)), int(rng.integers(1, 60))
    mask = MASK & ~((1 << bits) - 1)
    table = [Entry(int(k) << bits, mask, int(rng.integers(1, 4)), bool(rng.integers(4) == 0)) for k in rng.choice(128, n, replace=False)]
    for small in (leading(sorted(table, key=lambda e: e.key)), paired(table)):
        for entry in table:
            for packet in (entry.key, entry.key | (~mask & MASK)):
                word = next((e.route for e in small if packet & e.mask == e.key), None)
                assert word == entry.route or (word is None and entry.default)
                assert lookup(small)(packet) == word
        assert len(small) <= n and differs(table, small) is None
    assert len(minimise(table)) <= min(len(leading(sorted(table, key=lambda e: e.key))), n)


def test_one_block_of_four_with_an_exception_needs_two_entries():
    table = [Entry(k << 4, 0xFFFFFFF0, 2 if k == 1 else 1) for k in range(4)]
    assert [(e.key, e.mask, e.route) for e in minimise(table)] == [(0x10, 0xFFFFFFF0, 2), (0, 0xFFFFFFC0, 1)]
    assert differs(table, [Entry(0, 0xFFFFFFC0, 1)]) == table[1] and differs(table, []) == table[0]


def test_a_straight_way_needs_no_entry_and_a_corner_does():
    machine = Machine()
    straight = entries([Sent(0, 0xFFFFFFF0, grow(machine, (0, 0), [(3, 0)]), {(3, 0): frozenset([4])})])
    assert [e.default for chip in ((0, 0), (1, 0), (2, 0), (3, 0)) for e in straight[chip]] == [False, True, True, False]
    small = {chip: minimise(t) for chip, t in straight.items()}
    assert small[1, 0] == [] and walk(machine, looks(small), (0, 0), 5).cores == {(3, 0, 4)}


def test_a_packet_that_comes_nowhere_is_said():
    loop = {(0, 0): [Entry(0, 0, 1)], (1, 0): [Entry(0, 0, 8)]}
    with pytest.raises(Lost, match="comes back"):
        walk(Machine(), looks(loop), (0, 0), 0)
    with pytest.raises(Lost, match="runs off"):
        walk(Machine(), looks({(0, 0): [Entry(0, 0, 1)]}), (0, 0), 0)
    with pytest.raises(Lost, match="no entry"):
        walk(Machine(), looks({}), (0, 0), 0)


def test_keys_are_disjoint_blocks_and_too_many_are_said():
    keys = allocate([("a", 3, 64), ("b", 1, 10), ("c", 20, 256)])
    spans = sorted((k.key, k.key | (~k.mask & MASK)) for k in keys.values())
    assert all(one[1] < two[0] for one, two in zip(spans, spans[1:], strict=False))
    assert keys["a"].of_neuron(2, 63, 15) & keys["a"].mask == keys["a"].key and keys["a"].of_neuron(2, 63, 15) < keys["a"].of_slice(3)
    with pytest.raises(OverflowError, match="32 bits"):
        allocate([("a", 1 << 20, 256), ("b", 1, 1)])


def test_a_machine_is_as_large_as_its_cores_ask():
    one = machine_for(700)
    assert one.boards == 1 and one.capacity == sum(len(one.usable(c)) for c in one.chips) == 759
    assert machine_for(760).physical_boards == 3 and machine_for(5000).capacity >= 5000
