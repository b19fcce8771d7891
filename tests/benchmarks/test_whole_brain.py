"""Plans for large networks: sums that can be done by hand, and a page that says what the script says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from benchmarks import whole_brain as w  # noqa: E402

DENSE = w.Network(1e8, 1e4, 10.0)


def test_a_neuron_with_few_targets_reaches_as_many_parts() -> None:
    assert w.reached(1, 5.0) == 1.0
    assert w.reached(2, 1.0) == pytest.approx(0.5)
    assert w.reached(1e9, 1000.0) * 1e9 == pytest.approx(1000.0, rel=1e-3)
    assert w.reached(10, 1e6) == pytest.approx(1.0)


def test_work_is_shared_and_looking_up_is_not() -> None:
    few, many = w.today(DENSE, 16), w.today(DENSE, 1600)
    assert many.seconds["synapses"] == pytest.approx(few.seconds["synapses"] / 100)
    assert many.seconds["looking up spikes"] == few.seconds["looking up spikes"] == pytest.approx(1e9 * w.CORE.row_ns * 1e-9)


def test_a_table_of_all_sources_fits_nowhere_at_last() -> None:
    assert w.enough(w.Network(1e8, 1e3, 1.0), w.today) is not None
    assert w.enough(w.Network(1e9, 1e3, 1.0), w.today) is None
    assert w.enough(w.Network(1e9, 1e3, 1.0), w.directed) is not None


def test_more_spikes_reach_a_process_that_is_told_all() -> None:
    network = w.Network(1e9, 1e3, 1.0)
    assert w.placed(network, 4096).received < w.directed(network, 4096).received < w.today(network, 4096).received


def test_numbers_are_written_for_people() -> None:
    assert w.power(1e11) == "10^11" and w.power(2e6) == "2.0 x 10^6"
    assert w.size(4.5e9) == "4.5 GB" and w.size(12) == "12 B"
    assert w.time(2e-4) == "200 µs" and w.time(0.5) == "500 ms" and w.counted(1, "message") == "1 message"


def test_the_page_has_the_tables_of_the_script() -> None:
    page = w.PAGE.read_text(encoding="utf-8")
    assert len(w.PARTS) == 4
    for name, made in w.PARTS.items():
        assert f"<!-- {name} -->\n{made()}\n<!-- /{name} -->" in page, "run python -m benchmarks.whole_brain"
    assert (w.IMAGES / "whole_brain.svg").read_text(encoding="utf-8") == w.plot()


def test_every_limit_is_what_takes_longest() -> None:
    cost = w.enough(DENSE, w.today)
    assert cost is not None and cost.limit == "looking up spikes"
    assert cost.total == pytest.approx(sum(cost.seconds.values())) and cost.memory <= w.MACHINE.memory
