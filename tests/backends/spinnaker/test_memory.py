"""Memory of a core, to the byte as sPyNNaker reserves it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.backends.spinnaker import memory

GOLDEN = Path(__file__).parents[2] / "golden" / "spinnaker" / "data"
RECORDED = 50  # steps for which spikes were recorded when the golden data were made


@pytest.mark.parametrize("case", ["s1_ei_balanced", "s2_local_chain", "s3_long_delays"])
def test_every_slice_takes_the_bytes_that_spynnaker_reserves(case):
    folder = GOLDEN / case
    network = json.loads((folder / "network.json").read_text())
    placed = json.loads((folder / "partition_placement_keys.json").read_text())
    lists = np.load(folder / "connections.npz")
    size = {p["label"]: p["n"] for p in network["populations"]}
    model = {p["label"]: p["model"] for p in network["populations"]}
    limit, compared = network["neurons_per_core_limit"], 0
    for vertex in placed["application_vertices"]:
        name, n = vertex["application_vertex"], min(limit, size[vertex["application_vertex"]])
        if model[name] == "SpikeSourceArray":
            continue
        found = []
        for p in (p for p in network["projections"] if p["post"] == name):
            rows = lists[f"proj{p['id']}_pre"].astype(int) * 10_000 + lists[f"proj{p['id']}_post"].astype(int) // n
            longest = int(np.unique(rows, return_counts=True)[1].max())
            found.append(memory.Matrix(p["pre"], size[p["pre"]], min(limit, size[p["pre"]]), longest))
        ours = memory.slice_sdram(model[name], n, found, RECORDED)
        for piece in vertex["machine_vertices"]:
            compared += 1
            assert ours == piece["sdram_bytes"], piece["label"]
    assert compared >= 3


@pytest.mark.parametrize(
    ("kind", "n", "plastic", "theirs"),
    [
        ("IF_curr_delta", 64, False, 41_440),
        ("IF_curr_delta", 32, False, 21_600),
        ("IF_cond_exp", 64, False, 49_664),
        ("IF_cond_exp", 32, False, 25_728),
        ("IF_curr_exp", 64, True, 46_532),
    ],
)
def test_other_cells_and_stdp_take_what_virtual_board_mode_said(kind, n, plastic, theirs):
    """40 sources onto n neurons, all to all; sPyNNaker 1!7.4.1 on a virtual SpiNN-5 board."""
    assert memory.slice_sdram(kind, n, [memory.Matrix("inp", 40, 40, n, plastic)]) == theirs


def test_alpha_cells_take_what_virtual_board_mode_said():
    """64 sources onto 32 neurons, rows of up to 10, 300 steps recorded."""
    assert memory.slice_sdram("IF_curr_alpha", 32, [memory.Matrix("one", 64, 64, 10)], 300) == 27_928


@pytest.mark.parametrize(
    ("poisson", "n", "theirs"), [(True, 1, 622), (True, 256, 19_492), (True, 500, 37_548), (False, 3, 710), (False, 30, 1898)]
)
def test_sources_take_what_virtual_board_mode_said(poisson, n, theirs):
    assert memory.source_sdram(poisson, n) == theirs


def test_ring_buffers_bound_neurons_by_delay():
    """PopulationVertex.max_delay_steps of sPyNNaker 7.4.1: a slot more than the largest number, as delay 0 does not occur."""
    assert [memory.slots(n) for n in (256, 255, 128, 64, 16, 2, 1)] == [32, 32, 64, 128, 512, 4096, 4096]
    assert memory.ring_entries(256, 32) == memory.ring_entries(1, 4096) == 1 << memory.RING_BITS
