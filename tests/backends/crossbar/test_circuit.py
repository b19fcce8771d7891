"""A tile's wires: our circuit, its netlist in ngspice, and badcrossbar's answers agree."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from backends.crossbar.nets import exact, mapped, network

from studio.backends.crossbar.maps import arriving
from studio.backends.crossbar.netlist import READ_V, netlist
from studio.engine.crossbar import Wires, transfer

DATA = Path(__file__).parents[2] / "golden" / "devices" / "data"
CASES = sorted(DATA.glob("irdrop_*.json"))
needs_ngspice = pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not installed (apt install ngspice)")


def spice(text: str, folder: Path) -> np.ndarray:
    """The column currents [A] at ngspice's operating point."""
    (folder / "tile.cir").write_text(text)
    done = subprocess.run(["ngspice", "-b", "tile.cir"], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    found = {int(j): float(value) for j, value in re.findall(r"^i\(vs(\d+)\) = (\S+)", done.stdout, re.M)}
    assert found, done.stdout + done.stderr
    return np.array([found[j] for j in range(len(found))])


def case(path: Path):
    said = json.loads(path.read_text())
    g, v = 1.0 / np.array(said["device_resistance_ohm"]), np.array(said["applied_voltage_V"])
    wires = Wires(said["r_wire_word_line_ohm"], said["r_wire_bit_line_ohm"])
    return g, v.reshape(len(g), -1), wires, np.array(said["output_current_A"]).reshape(-1, g.shape[1])


@needs_ngspice
@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_the_netlist_gives_badcrossbars_currents(path: Path, tmp_path: Path) -> None:
    g, v, wires, expected = case(path)
    for k in range(v.shape[1]):
        np.testing.assert_allclose(spice(netlist(g, wires, path.stem, v[:, k]), tmp_path), expected[k], rtol=1e-6)


@needs_ngspice
@pytest.mark.parametrize(
    "wires", [Wires(), Wires(word=3.0), Wires(bit=2.0), Wires(driver=50.0), Wires(sense=20.0), Wires(1.0, 2.0, 30.0, 10.0)]
)
def test_the_netlist_is_the_same_circuit_with_any_wires(wires: Wires, tmp_path: Path) -> None:
    g = np.random.default_rng(1).uniform(0.0, 25e-6, (7, 5))
    g[2, 3] = 0.0
    ours = READ_V * transfer(g, wires).sum(axis=0)
    np.testing.assert_allclose(spice(netlist(g, wires, "tile"), tmp_path), ours, rtol=1e-7)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_weights_behind_wires_are_badcrossbars_currents(path: Path) -> None:
    g, v, wires, expected = case(path)
    _, found = mapped(network(np.ones((2, 2))), **exact(storage="single"))
    made = replace(found[0].design, word=wires.word, bit=wires.bit, g_min=0.0, g_max=1.0, low=0.0, high=1.0)
    columns = np.concatenate([g, np.zeros((len(g), 1))], axis=1)  # the reference column holds nothing here
    ours = arriving(columns, made, np.ones(g.shape[1]))
    np.testing.assert_allclose(v.T @ ours, expected, rtol=1e-12)
    assert np.abs(v.T @ arriving(columns, made, np.ones(g.shape[1]), wires=False) / expected - 1).max() > 1e-4, "the wires change nothing"


WEIGHTS = np.random.default_rng(2).normal(0.0, 0.3, (13, 6))
WEIGHTS[3] = 0.0  # a source without synapses has no row
WEIGHTS[np.random.default_rng(3).random(WEIGHTS.shape) < 0.3] = 0.0


@needs_ngspice
@pytest.mark.parametrize("signs", ["both", "positive", "negative"])
@pytest.mark.parametrize("storage", ["single", "pair", "slices"])
def test_compiled_tiles_behind_wires_arrive_as_their_netlists_say(storage: str, signs: str, tmp_path: Path) -> None:
    """The netlists that were written, of blocks of rows of unequal height with stuck cells."""
    weights = {"both": WEIGHTS, "positive": np.abs(WEIGHTS), "negative": -np.abs(WEIGHTS)}[signs]
    options = {"storage": storage, "rows": 5, "columns": 9, "stuck_low": 0.05, "stuck_high": 0.05, "netlist": "all"}
    compiled, tiles = mapped(network(weights), device="rram", adc_bits=0, wire_resistance=5.0, driver_resistance=40.0, **options)
    compiled.emit(tmp_path)
    assert {len(m.tile.sources) for m in tiles} == {4} and len(tiles) == 3 * (2 if storage != "single" else 1)
    for k, m in enumerate(tiles):
        current = spice((tmp_path / f"tile_{k:04d}.cir").read_text(), tmp_path) / READ_V
        n, lay = m.design.devices, m.design.lay
        assert len(current) == m.tile.cut.size * n + m.design.spare
        each = current[: m.tile.cut.size * n].reshape(-1, n) @ lay.factors
        each = (each if lay.reference is None else each - lay.scale * current[-1]) * m.scale
        np.testing.assert_allclose(each, m.weights.sum(axis=0), rtol=1e-6, atol=1e-8)
    plain = arriving(m.read, m.design, m.scale, wires=False)
    assert np.abs(m.weights - plain).max() > 1e-4, "the wires change nothing"
