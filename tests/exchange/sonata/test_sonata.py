"""SONATA archives: their files, the cells that populations become, what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from exchange.sonata.networks import WEIGHTS, network

import studio
from studio.engine.connectivity import synapses
from studio.exchange.sonata import to_sonata
from studio.network.flatten import flatten
from studio.share import templates


def opened(files: dict[str, bytes], name: str) -> dict[str, Any]:
    """Every dataset of one of the files."""
    found: dict[str, Any] = {}
    with h5py.File(io.BytesIO(files[name])) as file:
        assert file.attrs["magic"] == 0x0A7A and file.attrs["version"].tolist() == [0, 1]
        file.visititems(lambda path, item: found.update({path: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def test_the_archive_has_nodes_edges_inputs_and_configurations_and_the_same_bytes_every_time(tmp_path: Path) -> None:
    net = network("exponential")
    for name in ("one", "two"):
        assert {f.code for f in studio.export(net, tmp_path / f"{name}.sonata.zip")} == {"lossy.source"}
    assert (tmp_path / "one.sonata.zip").read_bytes() == (tmp_path / "two.sonata.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.sonata.zip") as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
    circuit, run = json.loads(files["circuit_config.json"]), json.loads(files["simulation_config.json"])
    named = [f.removeprefix("$NETWORK_DIR/") for kind in circuit["networks"].values() for row in kind for f in row.values()]
    assert {f"network/{n}" for n in named} == {n for n in files if n.startswith("network/")} and len(named) == 12
    assert run["run"] == {"tstop": 100.0, "dt": 0.1} and list(run["inputs"]) == ["s"]
    types = dict(zip(*(line.split() for line in files["network/b_node_types.csv"].decode().splitlines()), strict=True))
    assert types["model_template"] == "nest:iaf_psc_exp"
    spikes = opened(files, "inputs/s_spikes.h5")
    assert len(spikes["spikes/s/timestamps"]) > 500 and np.all(spikes["spikes/s/timestamps"] > 0)


def test_synapses_are_those_of_the_engine_in_nests_units() -> None:
    net = network("exponential")
    files, _ = to_sonata(net.document)
    assert files is not None
    (name,) = (n for n in files if n.startswith("network/a_to_b") and n.endswith(".h5"))
    edges, found = opened(files, name), synapses(flatten(net.document), "p2")
    at = name.removeprefix("network/").removesuffix("_edges.h5")
    assert np.array_equal(edges[f"edges/{at}/source_node_id"], found.sources)
    assert np.array_equal(edges[f"edges/{at}/target_node_id"], found.targets)
    np.testing.assert_allclose(edges[f"edges/{at}/0/syn_weight"], np.asarray(found.weights) * 1000)
    np.testing.assert_allclose(edges[f"edges/{at}/0/delay"], np.rint(found.delays / 0.1) * 0.1)
    kinds = opened(files, "network/a_nodes.h5")["nodes/a/node_type_id"]
    table = [line.split() for line in files["network/a_node_types.csv"].decode().splitlines()[1:]]
    cells = {int(row[0]): json.loads(files[f"components/point_neuron_models/{row[-1]}"]) for row in table}
    np.testing.assert_allclose([cells[k]["V_th"] for k in kinds], np.linspace(-56.0, -54.0, 8))


@pytest.mark.parametrize("kinetics", WEIGHTS)
def test_two_receptors_are_nests_excitatory_and_inhibitory(kinetics: str) -> None:
    files, _ = to_sonata(network(kinetics).document)
    assert files is not None
    cell = json.loads(files["components/point_neuron_models/a_0.json"])
    (back,) = (n for n in files if n.startswith("network/b_to_a") and n.endswith(".h5"))
    weights = next(v for k, v in opened(files, back).items() if k.endswith("syn_weight"))
    assert np.all(weights < 0) and cell["C_m"] == 250.0
    if kinetics.startswith("conductance"):
        assert cell["E_in"] == -85.0 and cell["E_ex"] == 0.0 and cell["g_L"] == 25.0
    elif kinetics != "delta":
        assert cell["tau_syn_in"] == 5.0 and cell["tau_syn_ex"] < 5.0


def test_what_nest_has_no_cell_for_is_refused_in_words() -> None:
    net = studio.Network("Other")
    s, a = net.source("s", 4, rate=10.0), net.population("a", 4, "izhikevich")
    net.connect(s, a, weight=1.0, kinetics="delta")
    files, (finding,) = to_sonata(net.document)
    assert files is None and finding.where == "a" and "no counterpart" in finding.text and finding.fix
    net = network("exponential")
    net.connect("s", "a", weight=0.1, kinetics=("exponential", {"tau": 9.0}))
    files, (finding,) = to_sonata(net.document)
    assert files is None and "one tau_syn_ex" in finding.text


def test_learning_and_devices_are_left_out_and_said() -> None:
    path = next(t.path for t in templates() if t.name == "synaptic_competition")
    net = studio.load(path)
    net.run(duration=50.0)
    files, findings = to_sonata(net.document)
    assert files is not None and {"lossy.plasticity", "lossy.source"} <= {f.code for f in findings}


def test_equal_names_do_not_meet() -> None:
    net = studio.Network("Names")
    for name in ("a b 2", "a b", "a-b"):
        net.population(name, 3)
    keys = list(net.document.circuit.nodes)
    net.connect(keys[0], keys[1], kinetics="exponential", delay=1.0)
    net.connect(keys[0], keys[1], kinetics="exponential", delay=2.0)
    files, _ = to_sonata(net.document)
    assert files is not None and len([n for n in files if n.endswith("_nodes.h5")]) == 3
    assert len([n for n in files if n.endswith("_edges.h5")]) == 2


def test_spikes_at_time_0_are_said() -> None:
    net = studio.Network("Early")
    cells = net.population("cells", 3)
    source = net.source("s", 2, "spike_list", times=[0.0, 0.0, 5.0], ids=[0, 1, 1])
    net.connect(source, cells, weight=0.1, kinetics="conductance_exponential", delay=1.0)
    files, findings = to_sonata(net.document)
    assert files is not None and [f.text for f in findings if "time 0: 2 are left out" in f.text]
    assert opened(files, "inputs/s_spikes.h5")["spikes/s/timestamps"].tolist() == [5.0]
