"""The bench a model is put on: a document of a few elements around it, run in a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Model
from studio.network.data import encode
from studio.network.document import Document, from_json

if TYPE_CHECKING:
    from studio.engine.recording import Recording

Nodes = Mapping[str, Any]
# What is on the other side of a synapse under test: it fires when kicked by a spike of KICK mV and then falls back like a spike does.
CELL, KICK = "bench_cell", 1e6
_CELL = {
    "kind": "neuron",
    "params": {
        "v_rest": {"default": -70, "unit": "mV"},
        "v_th": {"default": 1e5, "unit": "mV"},
        "v_peak": {"default": 30, "unit": "mV"},
        "tau_m": {"default": 10, "unit": "ms"},
        "c_m": {"default": 0.25, "unit": "nF"},
    },
    "states": {"v": {"start": "v_rest", "unit": "mV"}},
    "equations": "dv/dt = (v_rest - v)/tau_m + i/c_m",
    "threshold": "v >= v_th",
    "reset": "v = v_peak",
}


@dataclass
class Bench:
    """One model with its parameters, and how to run networks around it."""

    model: Any
    params: dict[str, Any]
    models: Mapping[str, Any]
    dt: float
    method: str | None
    catalogue: Any = field(repr=False)

    @staticmethod
    def of(
        kind: str, key: str, params: Mapping[str, Any], models: Mapping[str, Any] | None, dt: float, method: str | None, catalogue: Any
    ) -> Bench:
        """Raises FindingError where there is no such model."""
        from studio.models.catalogue import catalogue as installed

        known, _ = (catalogue or installed()).with_models(dict(models or {}))
        model: Model | None = known.get(kind, key)
        if model is None:
            raise FindingError([Finding("path.model", "error", "", f"There is no sound {kind} “{key}”.")])
        values = {name: typical(value) for name, value in params.items() if model.param(name) is not None}
        return Bench(model, {n: v for n, v in values.items() if v is not None}, dict(models or {}), dt, method, catalogue)

    def number(self, name: str) -> float:
        """The value of a parameter in its own unit."""
        from studio import units

        param = self.model.param(name)
        given = self.params.get(name, param.default)
        if isinstance(given, Mapping):
            return float(given["value"]) * units.factor(given.get("unit", param.unit), param.unit)
        return float(given)

    def with_role(self, role: str) -> float | None:
        """The value of the first parameter of a role."""
        found = next((p for p in self.model.params if p.role == role), None)
        return None if found is None else self.number(found.name)

    @property
    def neurons(self) -> tuple[Any, ...]:
        """Every neuron of the catalogue."""
        from studio.models.catalogue import catalogue as installed

        return (self.catalogue or installed()).all("neuron")

    @property
    def choice(self) -> dict[str, Any]:
        return {"model": self.model.key, "params": self.params}

    def run(self, nodes: Nodes, wires: Nodes, duration: float, record: list[Any], dt: float = 0.0) -> Recording:
        """Run a network of these nodes [duration in ms]; arrays among the parameters are taken into its data."""
        from studio.engine.run import simulate

        return simulate(self._document(nodes, wires, duration, record, dt), threads=1, catalogue=self.catalogue)

    def weights(self, nodes: Nodes, wires: Nodes, times: np.ndarray, of: str) -> np.ndarray:
        """What the synapses of projection `of` store at these times [ms], (n_times, n_synapses)."""
        from studio.engine.run import flat_network
        from studio.engine.simulation import Plan, Simulation

        flat = flat_network(self._document(nodes, wires, float(times[-1]), []), catalogue=self.catalogue)
        simulation = Simulation(flat, Plan(self.dt, flat.run.seed, "double", flat.run.method, 1))
        link = next(link for link in simulation.links if link.projection.key == of)
        out = []
        for end in np.round(np.asarray(times) / self.dt).astype(int):
            while simulation.step < end:
                simulation.advance(int(end) - simulation.step)
                for path in simulation.cells:
                    simulation.spikes(path)
            if link.learning:
                link.learning.flush(0, simulation.step - 1)
            out.append(np.array(simulation.synapses(link).weights, float))
        simulation.close()
        return np.array(out)

    def _document(self, nodes: Nodes, wires: Nodes, duration: float, record: list[Any], dt: float = 0.0) -> Document:
        data: dict[str, Any] = {}
        run = {"duration": duration, "dt": dt or self.dt, "precision": "double", "record": record}
        document = {
            "format": "spike-studio/1",
            "name": "bench",
            "main": "main",
            "circuits": {"main": {"nodes": _kept(nodes, data), "projections": _kept(wires, data)}},
            "models": {**self.models, CELL: _CELL},
            "data": data,
            "run": run if self.method is None else {**run, "method": self.method},
        }
        read, findings = from_json(document)
        if read is None:
            raise FindingError(findings)
        return read


def _kept(given: Any, data: dict[str, Any]) -> Any:
    """The same with every array moved into `data`."""
    if isinstance(given, np.ndarray):
        name = f"a{len(data)}"
        data[name] = encode(given)
        return {"data": name}
    return {k: _kept(v, data) for k, v in given.items()} if isinstance(given, Mapping) else given


def typical(value: Any) -> Any:
    """One value for a distribution: its middle, within its limits; None for an array."""
    if not isinstance(value, Mapping) or "value" in value:
        return value
    shape = next((s for s in ("normal", "uniform", "lognormal") if s in value), None)
    if shape is None:
        return None
    a, b = (float(n) for n in value[shape])
    middle = a if shape == "normal" else (a + b) / 2 if shape == "uniform" else float(np.exp(a))
    middle = min(max(middle, value.get("min", -np.inf)), value.get("max", np.inf))
    return {"value": middle, "unit": value["unit"]} if "unit" in value else middle


def population(model: str, size: int, **params: Any) -> dict[str, Any]:
    return {"kind": "population", "model": model, "size": size, "params": params}


def spikes(size: int, times: np.ndarray, ids: np.ndarray) -> dict[str, Any]:
    """A source whose elements fire at given times [ms]."""
    return {
        "kind": "source",
        "model": "spike_list",
        "size": size,
        "params": {"times": np.asarray(times, float), "ids": np.asarray(ids, np.int64)},
    }


def wire(source: str, target: str, weight: float, delay: float, **more: Any) -> dict[str, Any]:
    return {"from": source, "to": target, "connector": {"model": "one_to_one"}, "weight": weight, "delay": delay, **more}
