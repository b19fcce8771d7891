"""A network as a SONATA folder in one archive: nodes, edges, input spikes, and the two configurations that BMTK starts from.

Dai K et al. (2020) The SONATA data format for efficient description of large-scale network models. doi:10.1371/journal.pcbi.1007696
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine.connectivity import Synapses, synapses
from studio.engine.parameters import receptors, source_form
from studio.exchange.onnx.running import stimulus
from studio.exchange.sonata.cells import Cell, cell
from studio.findings import Finding, FindingError
from studio.models.spec import Currents, Events
from studio.network.document import Document
from studio.network.flat import FlatNetwork, FlatPopulation
from studio.network.flatten import flatten

MAGIC, VERSION = 0x0A7A, (0, 1)  # of every SONATA file
NOW = (1980, 1, 1, 0, 0, 0)  # the time of every file in the archive
MAX_SYNAPSES = 100_000_000
MAX_KINDS = 10_000  # types of nodes of one population
FIRST = 100  # the number of the first type


def to_sonata(document: Document, catalogue: Any = None) -> tuple[dict[str, bytes] | None, tuple[Finding, ...]]:
    """The files of a document by their names, and what was lost; None with errors when there are none."""
    try:
        flat = flatten(document, catalogue)
        made = _Export(flat)
        return made.run(), tuple(made.findings)
    except FindingError as wrong:
        return None, wrong.findings


def write(document: Document, path: str | Path, *, catalogue: Any = None) -> tuple[Finding, ...]:
    """Write a `.sonata.zip`, whole or not at all; with an error among the findings nothing was written."""
    files, findings = to_sonata(document, catalogue)
    if files is None:
        return findings
    file = Path(path)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(files):
                archive.writestr(zipfile.ZipInfo(name, NOW), files[name], zipfile.ZIP_DEFLATED)
        os.replace(temporary, file)
    except OSError as why:
        return (*findings, Finding("path.file", "error", "", f"“{file}” cannot be written: {why.strerror or why}."))
    finally:
        temporary.unlink(missing_ok=True)
    return findings


class _Export:
    def __init__(self, flat: FlatNetwork) -> None:
        self.flat, self.dt = flat, flat.run.dt
        self.findings: list[Finding] = []
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.edges: list[str] = []
        for node in (*flat.populations, *flat.sources):
            self.names[node.path] = _free(node.path, self.names.values())

    def tell(self, code: str, where: str, text: str, severity: Any = "warning", fix: str = "") -> None:
        self.findings.append(Finding(code, severity, where, text, fix))

    def run(self) -> dict[str, bytes]:
        self._fits()
        found = {p.key: synapses(self.flat, p.key) for p in self.flat.projections}
        signs = {key: frozenset(np.unique(np.sign(np.asarray(s.weights))).astype(int).tolist()) for key, s in found.items()}
        cells = {p.path: cell(self.flat, p, signs) for p in self.flat.populations}
        currents = self._currents(found)
        for p in self.flat.populations:
            self._population(p, cells[p.path], currents.get(p.path))
        inputs = self._sources()
        for p in self.flat.projections:
            if p.kinetics is not None:
                self._edges(p, found[p.key], cells[p.target])
        self._text("components/synaptic_models/static.json", {})
        self._configurations([self.names[n.path] for n in self.flat.populations] + list(inputs), self.edges, inputs)
        return self.files

    def _fits(self) -> None:
        sizes = {n.path: n.size for n in (*self.flat.populations, *self.flat.sources)}
        ends = ((p, sizes[p.source], sizes[p.target]) for p in self.flat.projections)
        expected = sum(p.connector.model.expected(p.connector.params, n, m) for p, n, m in ends)
        if expected > MAX_SYNAPSES:
            text = f"SONATA lists every synapse: {expected:,.0f}; the studio writes up to {MAX_SYNAPSES:,}."
            raise FindingError([Finding("size.sonata", "error", "", text, "Export a smaller network.")])

    def _population(self, p: FlatPopulation, made: Cell, current: np.ndarray | None) -> None:
        params = dict(made.params)
        if current is not None:
            params["I_e"] = np.asarray(params["I_e"]) + current
        name, kinds, of = self.names[p.path], *_kinds(params, p.size)
        if len(kinds) > MAX_KINDS:
            text = f"Its neurons differ from each other: SONATA's readers want a type of node for each of {len(kinds):,}; the studio writes up to {MAX_KINDS:,}."
            raise FindingError([Finding("size.sonata", "error", p.path, text, "Let fewer neurons differ, or round their parameters.")])
        files = [f"{name}.json" if len(kinds) == 1 else f"{name}_{k}.json" for k in range(len(kinds))]
        for file, values in zip(files, kinds, strict=True):
            self._text(f"components/point_neuron_models/{file}", values)
        rows = [{"model_type": "point_neuron", "model_template": made.template, "dynamics_params": file} for file in files]
        self._nodes(name, p.size, rows, of)

    def _nodes(self, name: str, size: int, kinds: list[dict[str, str]], of: np.ndarray) -> None:
        """Nodes of some types, `of` saying which each is."""
        ids = np.arange(size, dtype=np.uint64)
        ranges = {"node_id": ids, "node_type_id": FIRST + of, "node_group_id": np.zeros(size, np.uint32), "node_group_index": ids}
        self.files[f"network/{name}_nodes.h5"] = _hdf5({f"nodes/{name}/{k}": v for k, v in ranges.items()}, [f"nodes/{name}/0"])
        rows = [{"node_type_id": str(FIRST + k), "pop_name": name, **kind} for k, kind in enumerate(kinds)]
        self._table(f"network/{name}_node_types.csv", rows)

    def _currents(self, found: Mapping[str, Synapses]) -> dict[str, np.ndarray]:
        """Constant currents [pA] by population; others are left out."""
        out: dict[str, np.ndarray] = {}
        for p in self.flat.projections:
            if p.kinetics is not None:
                continue
            source = next(s for s in self.flat.sources if s.path == p.source)
            form = source_form(source, self.flat.run.seed, self.dt)
            assert isinstance(form, Currents)
            if len(form.starts) != 1 or form.starts[0] != 0:
                self.tell("lossy.source", p.path, "A current that changes is left out: only constant ones are written, as I_e.")
                continue
            values = np.broadcast_to(form.values[0], (source.size,)) * 1000.0
            size = self.flat.population(p.target).size
            s = found[p.key]
            sent = np.bincount(s.targets.astype(int), np.asarray(s.weights, float) * values[s.sources.astype(int)], size)
            out[p.target] = out.get(p.target, np.zeros(size)) + sent
        return out

    def _sources(self) -> dict[str, str]:
        """Virtual nodes that give the spikes of this seed, and the files they are in."""
        steps, out = round(self.flat.run.duration / self.dt), {}
        given = stimulus(self.flat, steps)
        for source in self.flat.sources:
            if source.model.signal != "spiking":
                continue
            name, counts = self.names[source.path], given[source.path].astype(int)
            form = source_form(source, self.flat.run.seed, self.dt)
            early = int(np.sum(form.steps == -1)) if isinstance(form, Events) else 0
            if early:
                self.tell(
                    "lossy.source", source.path, f"NEST gives no spikes at time 0: {early:,} are left out.", fix="Begin one step later."
                )
            self._nodes(name, source.size, [{"model_type": "virtual"}], np.zeros(source.size, np.int64))
            when, ids = np.nonzero(counts)
            often = counts[when, ids]
            times, who = np.repeat((when + 1) * self.dt, often), np.repeat(ids, often)
            if source.model.key != "spike_list":
                text = f"SONATA has no {source.model.title.lower()}: its {len(times):,} spikes of this seed and duration are written."
                self.tell("lossy.source", source.path, text, "info")
            out[name] = f"inputs/{name}_spikes.h5"
            arrays = {f"spikes/{name}/timestamps": times.astype(float), f"spikes/{name}/node_ids": who.astype(np.uint64)}
            self.files[out[name]] = _hdf5(arrays, [], {f"spikes/{name}/timestamps": {"units": "milliseconds"}})
        return out

    def _edges(self, p: Any, found: Synapses, made: Cell) -> None:
        if p.plasticity.model.key != "static":
            self.tell("lossy.plasticity", p.path, f"“{p.plasticity.model.title}” is left out, the weights stay as they start.")
        if p.device.model.key != "ideal" or p.crossbar is not None:
            self.tell("lossy.device", p.path, "Memory devices are left out, the weights are ideal numbers.")
        receptor = next(k for k, r in enumerate(receptors(self.flat, p.target)) if p.key in r.projections)
        delays = np.asarray(found.delays, float)
        if np.any(delays < self.dt):
            self.tell("lossy.delay", p.path, f"NEST knows no connection without delay: one step ({self.dt:g} ms) is written.")
        a, b = self.names[p.source], self.names[p.target]
        name = _free(f"{a}_to_{b}_{p.path}", self.edges)
        self.edges.append(name)
        n, at = len(found), f"edges/{name}"
        arrays = {
            f"{at}/source_node_id": found.sources.astype(np.uint64),
            f"{at}/target_node_id": found.targets.astype(np.uint64),
            f"{at}/edge_type_id": np.full(n, FIRST),
            f"{at}/edge_group_id": np.zeros(n, np.uint32),
            f"{at}/edge_group_index": np.arange(n, dtype=np.uint64),
            f"{at}/0/syn_weight": np.asarray(found.weights, float) * made.factors[receptor],
            f"{at}/0/delay": np.maximum(np.rint(delays / self.dt), 1) * self.dt,
        }
        ends = {f"{at}/source_node_id": {"node_population": a}, f"{at}/target_node_id": {"node_population": b}}
        self.files[f"network/{name}_edges.h5"] = _hdf5(arrays, [], ends)
        kind = {"model_template": "static_synapse", "dynamics_params": "static.json"}
        self._table(
            f"network/{name}_edge_types.csv", [{"edge_type_id": str(FIRST), "source_query": "NULL", "target_query": "NULL", **kind}]
        )

    def _configurations(self, nodes: Iterable[str], edges: Iterable[str], inputs: Mapping[str, str]) -> None:
        files = {
            "nodes": [{"nodes_file": f"$NETWORK_DIR/{n}_nodes.h5", "node_types_file": f"$NETWORK_DIR/{n}_node_types.csv"} for n in nodes],
            "edges": [{"edges_file": f"$NETWORK_DIR/{n}_edges.h5", "edge_types_file": f"$NETWORK_DIR/{n}_edge_types.csv"} for n in edges],
        }
        components = {f"{kind}_dir": f"$BASE_DIR/components/{kind}" for kind in ("point_neuron_models", "synaptic_models")}
        manifest = {"$BASE_DIR": ".", "$NETWORK_DIR": "$BASE_DIR/network"}
        self._text("circuit_config.json", {"manifest": manifest, "components": components, "networks": files, "target_simulator": "NEST"})
        fed = {n: {"input_type": "spikes", "module": "h5", "input_file": f"$BASE_DIR/{f}", "node_set": n} for n, f in inputs.items()}
        simulation = {
            "manifest": {"$BASE_DIR": ".", "$OUTPUT_DIR": "$BASE_DIR/output"},
            "run": {"tstop": self.flat.run.duration, "dt": self.dt},
            "target_simulator": "NEST",
            "network": "$BASE_DIR/circuit_config.json",
            "inputs": fed,
            "node_sets": {n: {"population": n} for n in inputs},
            "output": {"output_dir": "$OUTPUT_DIR", "spikes_file": "spikes.h5", "log_file": "log.txt", "overwrite_output_dir": True},
        }
        self._text("simulation_config.json", simulation)

    def _text(self, name: str, values: Any) -> None:
        self.files[name] = (json.dumps(values, indent=2, sort_keys=True) + "\n").encode()

    def _table(self, name: str, rows: list[dict[str, str]]) -> None:
        lines = [" ".join(rows[0]), *(" ".join(row.values()) for row in rows)]
        self.files[name] = ("\n".join(lines) + "\n").encode()


def _free(path: str, taken: Collection[str]) -> str:
    """A path as a name that files may have, with a number behind it where it is taken."""
    clean = re.sub(r"\W+", "_", path).strip("_") or "node"
    return clean if clean not in taken else next(n for k in range(2, len(taken) + 3) if (n := f"{clean}_{k}") not in taken)


def _kinds(params: Mapping[str, Any], size: int) -> tuple[list[dict[str, float]], np.ndarray]:
    """The different sets of parameters among a population's neurons, and which of them each has."""
    shared = {k: float(v) for k, v in params.items() if np.ndim(v) == 0}
    own = {k: np.broadcast_to(v, (size,)) for k, v in params.items() if np.ndim(v)}
    if not own:
        return [shared], np.zeros(size, np.int64)
    rows, of = np.unique(np.stack(list(own.values())), axis=1, return_inverse=True)
    return [{**shared, **{k: float(row[c]) for k, row in zip(own, rows, strict=True)}} for c in range(rows.shape[1])], of.reshape(-1)


def _hdf5(arrays: Mapping[str, np.ndarray], groups: Iterable[str], attributes: Mapping[str, Mapping[str, str]] | None = None) -> bytes:
    """A SONATA file in memory, without dates."""
    import h5py

    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        file.attrs["magic"], file.attrs["version"] = np.uint32(MAGIC), np.array(VERSION, np.uint32)
        for group in groups:
            file.require_group(group)
        for name, values in arrays.items():
            made = file.create_dataset(name, data=values, track_times=False)
            for key, text in (attributes or {}).get(name, {}).items():
                made.attrs[key] = text
    return memory.getvalue()
