"""Cores read from RANC's own files and executed: potentials, spikes, output lines and RANC's warnings, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.backends.truenorth import artefact, ranc
from studio.backends.truenorth.cores import Machine
from studio.findings import FindingError

DATA = Path(__file__).parent / "data"
CASES = sorted(f.name for f in DATA.iterdir())


def test_all_cases_were_found() -> None:
    assert len(CASES) == 9


@pytest.mark.parametrize("name", CASES)
def test_cores_do_what_ranc_does(name: str) -> None:
    meta, expected = json.loads((DATA / name / "meta.json").read_text()), np.load(DATA / name / "expected.npz")
    fabric, packets, dropped = ranc.read(DATA / name)
    machine, ticks = Machine(fabric), meta["ticks"]
    ran = machine.run(packets, ticks + 1, potentials=True)  # RANC's warnings are those of one tick more
    assert ran.potentials is not None
    spikes, lines = np.zeros((ticks + 1, *ran.potentials.shape[1:]), bool), np.zeros((ticks + 1, expected["output_spikes"].shape[1]), bool)
    spikes[ran.spikes], lines[ran.lines] = True, True
    n = machine.width
    assert np.array_equal(ran.potentials[:-1], expected["potentials"][:ticks, :, :n])
    assert np.array_equal(spikes[:-1], expected["core_spikes"][:ticks, :, :n])
    assert np.array_equal(lines[:-1], expected["output_spikes"][:ticks])
    said, tally = meta["warnings"], machine.tally
    assert said["packet_dropped_delay_15"] == tally.dropped + dropped
    assert said["duplicate_spike_merged"] - tally.merged in (0, 1)  # one may be of a packet that acts later than the run
    assert tally.bus_merged == said["output_bus_merged"]


@pytest.mark.parametrize("name", ["t04_two_cores_routed", "t08_edge_cases_asym"])
def test_what_is_written_is_what_was_read(name: str, tmp_path: Path) -> None:
    fabric, packets, dropped = ranc.read(DATA / name)
    assert dropped == sum(
        p["destination_tick"] == 15 for tick in json.loads((DATA / name / ranc.INPUT).read_text())["packets"] for p in tick
    )
    ranc.write(fabric, packets, tmp_path)
    first = (tmp_path / ranc.INPUT).read_bytes()
    again, same, _ = ranc.read(tmp_path)
    ranc.write(again, same, tmp_path)
    assert (tmp_path / ranc.INPUT).read_bytes() == first
    assert [c.content for c in again.cores] == [c.content for c in fabric.cores]
    assert np.array_equal(same.ticks, packets.ticks) and np.array_equal(same.axons, packets.axons)
    written, original = (json.loads((folder / ranc.CONFIG).read_text()) for folder in (tmp_path, DATA / name))
    assert written == original


def test_a_file_that_is_not_rancs_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / ranc.INPUT).write_text('{"packets": [], "cores": [{}]}')
    (tmp_path / ranc.CONFIG).write_text("{}")
    with pytest.raises(FindingError, match="not what RANC reads"):
        ranc.read(tmp_path)


def test_a_compiled_network_does_in_rancs_simulator_what_it_does_here() -> None:
    """The compiler's own artefact (two layers in loops, relays, copies, a read-out), run by RANC for 200 ticks."""
    folder = DATA.parent / "compiled"
    expected = np.load(folder / "expected.npz")["output_spikes"]
    fabric, packets, dropped = ranc.read(folder)
    machine, mine = Machine(fabric), np.zeros_like(expected)
    mine[machine.run(packets, len(expected)).lines] = 1
    assert expected.sum() > 100 and np.array_equal(mine, expected)
    assert dropped == machine.tally.dropped == machine.tally.merged == 0
    named, said = artefact.read(folder)
    assert [c.content for c in named.cores] == [c.content for c in fabric.cores]
    layers = [x["key"] for x in said["layers"]]
    assert layers == ["a", "b", "o", "a/relay"] and len(said["lines"]) == expected.shape[1]
