"""Memory foreseen from sizes alone agrees with what is taken; what cannot fit is refused with numbers and help."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engine.networks import Named, network, population, projection

from studio.engine.connectivity import build, ends, split, storage_notes
from studio.engine.memory import _groups, available, check_memory, foresee, size
from studio.findings import FindingError
from studio.network.flat import Drawn, FlatNetwork, Value

WEIGHT, DELAY = Drawn("normal", 1.0, 0.2), Drawn("normal", 1.5, 0.5, 0.1)


def net(connector: Named, weight: Value = 1.0, delay: Value = 1.0, n: int = 3000, **run: object) -> FlatNetwork:
    return network([population("a", n), population("b", n)], [], [projection("p", "a", "b", connector, weight, delay)], **run)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("connector", "weight", "delay"),
    [
        (("fixed_in_degree", {"k": 100}), 1.0, 1.0),
        (("fixed_out_degree", {"k": 100}), WEIGHT, DELAY),
        (("probability", {"p": 0.05}), WEIGHT, 1.0),
        (("fixed_total_number", {"n": 200_000}), 1.0, Drawn("uniform", 1.0, 40.0)),
        (("regular", {"k": 40}), WEIGHT, DELAY),
        (("all_to_all", {}), 1.0, 1.0),
    ],
)
@pytest.mark.parametrize("weights", ["float32", "table256"])
def test_what_is_foreseen_is_what_is_taken(connector: Named, weight: Value, delay: Value, weights: str) -> None:
    flat = net(connector, weight, delay, weights=weights)
    (p,) = flat.projections
    found = foresee(flat, threads=2)[0]
    rows = build(p, ends(flat, p), 1, 0.1, np.float32, split(3000, 2), weights)
    table = sum(0 if r.table is None else r.table.nbytes for r in rows)
    assert abs(sum(r.nbytes for r in rows) - table - found.bytes) < 0.01 * found.bytes
    assert abs(sum(r.n for r in rows) - found.synapses) < 0.01 * found.synapses
    assert found.procedural == (connector[0] != "fixed_in_degree")


def test_a_kernel_is_foreseen_once_and_per_synapse_where_weights_learn() -> None:
    shape = (3, 100, 100)
    named = ("convolution", {"kernel": np.ones((3, 3, 5, 5)), "source_shape": shape, "padding_y": 2, "padding_x": 2})
    flat = net(named, n=30_000)
    (p,) = flat.projections
    found = foresee(flat, threads=2)[0]
    rows = build(p, ends(flat, p), 1, 0.1, np.float32, split(30_000, 2))
    assert found.bytes == 225 * 4 == rows[0].nbytes == rows[1].nbytes and rows[0].table is rows[1].table
    assert found.synapses == sum(r.n for r in rows) > 2e6 and not found.procedural
    learning = projection("p", "a", "b", named, plasticity=("stdp_pair", {}))
    flat = network([population("a", 30_000), population("b", 30_000)], [], [learning])
    assert foresee(flat)[0].bytes > 10 * found.synapses
    assert sum(r.nbytes for r in build(learning, ends(flat, learning), 1, 0.1, np.float32)) > 6 * found.synapses


def test_nothing_is_drawn_to_foresee_a_billion_synapses() -> None:
    flat = net(("fixed_in_degree", {"k": 1000}), WEIGHT, DELAY, n=1_000_000)
    one, many = foresee(flat, 2)[0], foresee(flat, 2, ranks=8)[0]
    assert one.synapses == 1e9 and abs(one.bytes - 9e9) < 1e8 and "target 4 B" in one.storage
    assert many.synapses == 1e9 / 8 and "target 2 B" in many.storage


def test_more_than_two_to_the_31_synapses_are_foreseen_in_full() -> None:
    found = foresee(net(("all_to_all", {}), n=70_000), 2)[0]
    assert found.synapses == 4.9e9 and found.bytes > 9.8e9


def test_a_network_that_cannot_fit_is_refused_with_numbers_and_help() -> None:
    flat = net(("fixed_out_degree", {"k": 10_000}), WEIGHT, DELAY, n=100_000)
    with pytest.raises(FindingError) as caught:
        check_memory(flat, 2, there=4 << 30)
    first, *rest = caught.value.findings
    assert first.code == "fit.memory" and first.severity == "error"
    assert "4 GiB are available" in first.text and "6.79 GiB" in first.text
    for words in ("table256", "procedural", "One delay", "fewer neurons", "processes"):
        assert words in first.fix, words
    assert rest[0].where == "p" and "1e+09 synapses" in rest[0].text and "weight 4 B" in rest[0].text
    check_memory(flat, 2, there=16 << 30)


def test_help_that_would_not_help_is_not_offered() -> None:
    flat = net(("fixed_in_degree", {"k": 10_000}), n=100_000, weights="table256")
    with pytest.raises(FindingError) as caught:
        check_memory(flat, there=1 << 30)
    fix = caught.value.findings[0].fix
    assert "table256" not in fix and "procedural" not in fix and "One delay" not in fix and "fewer neurons" in fix


def test_procedural_networks_need_next_to_nothing_and_say_what_is_stored_all_the_same() -> None:
    flat = net(("fixed_out_degree", {"k": 10_000}), WEIGHT, DELAY, n=100_000, connectivity="procedural")
    check_memory(flat, there=1 << 30)
    assert storage_notes(flat) == []
    (note,) = storage_notes(net(("fixed_in_degree", {"k": 10}), connectivity="procedural"))
    assert note.severity == "info" and "each target draws its sources" in note.text and note.where == "p"


def test_what_is_available_is_a_number_of_this_machine() -> None:
    there = available()
    assert there is None or 1 << 20 < there < 1 << 50


@pytest.mark.parametrize(
    ("line", "folder", "files", "left"),
    [
        ("0::/a/b", "a", {"memory.max": "1000000", "memory.current": "400000", "memory.stat": "inactive_file 100000\n"}, 700_000),
        (
            "4:memory:/a/b",
            "memory/a/b",
            {"memory.limit_in_bytes": "500", "memory.usage_in_bytes": "100", "memory.stat": "total_inactive_file 0\n"},
            400,
        ),
        ("0::/a", "a", {"memory.max": "max", "memory.current": "5", "memory.stat": "inactive_file 0\n"}, None),
    ],
)
def test_the_limits_of_control_groups_count_also_those_above(
    tmp_path: Path, line: str, folder: str, files: dict[str, str], left: float | None
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / folder / name).write_text(text)
    mine = tmp_path / "cgroup"
    mine.write_text(line + "\n1:cpu:/x\n")
    assert list(_groups(tmp_path, mine)) == ([] if left is None else [left])


@pytest.mark.parametrize(("n", "words"), [(0, "0 B"), (2048, "2 KiB"), (1.5 * 2**20, "1.5 MiB"), (7 << 30, "7 GiB")])
def test_sizes_in_words(n: float, words: str) -> None:
    assert size(n) == words
