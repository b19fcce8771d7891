"""From a NIR graph to a document: neurons become populations, what stands between them becomes projections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from studio.exchange.nir.splice import splice
from studio.exchange.nir.tree import Graph, Node
from studio.exchange.nir.wiring import NEURONS, Link, links, size
from studio.findings import Finding
from studio.network.data import encode
from studio.network.document import FORMAT

# NIR type -> (model, {NIR parameter: (ours, factor)}); NIR's numbers are taken one to one as mV, nA, MOhm, and seconds as ms
MODELS: dict[str, tuple[str, dict[str, tuple[str, float]]]] = {
    "LIF": (
        "lif_euler",
        {"tau": ("tau", 1e3), "r": ("r", 1.0), "v_leak": ("v_leak", 1.0), "v_threshold": ("v_threshold", 1.0), "v_reset": ("v_reset", 1.0)},
    ),
    "LI": ("li_euler", {"tau": ("tau", 1e3), "r": ("r", 1.0), "v_leak": ("v_leak", 1.0)}),
}
ABSENT = {"v_reset": 0.0, "v_leak": 0.0, "r": 1.0}  # what files of older versions leave out
COLUMN, ROW = 220, 120  # px between boxes
SPARSE = 0.25  # share of non-zero weights below which pairs are listed


def to_json(graph: Graph, dt_ms: float, name: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """A document's JSON for time steps of `dt_ms`, with every loss as a finding."""
    flat, findings = splice(graph)
    found, more = links(flat)
    build = _Build(flat, dt_ms)
    for link in found:
        build.connect(link)
    return build.document(name, found), (*findings, *more, *build.findings)


class _Build:
    """A document in the making."""

    def __init__(self, graph: Graph, dt_ms: float) -> None:
        self.dt = dt_ms
        self.findings: list[Finding] = []
        self.data: dict[str, Any] = {}
        self.nodes: dict[str, Any] = {}
        self.projections: dict[str, Any] = {}
        self.bias: dict[str, np.ndarray] = {}
        self.keys: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        for title, node in graph.nodes.items():
            if isinstance(node, Node) and node.type in ("Input", *NEURONS):
                self.add(title, node)

    def add(self, title: str, node: Node) -> None:
        n = size(node)
        if n < 1:
            self.tell("size.node", "warning", title, f"“{title}” has no size (its parameters are missing or empty); it is left out.")
            return
        try:
            made = self.source(title, node, n) if node.type == "Input" else self.population(title, node, n)
        except (KeyError, TypeError, ValueError) as why:
            self.tell("lossy.node", "warning", title, f"“{title}” ({node.type}) is left out: {_reason(why)}.")
            return
        self.keys[title] = unique(key_of(title), self.keys.values())
        self.nodes[self.keys[title]] = made
        self.sizes[title] = n

    def source(self, title: str, node: Node, n: int) -> dict[str, Any]:
        return {"kind": "source", "name": title, "model": "spike_list", "size": n, **_shape(node.params.get("shape")), "params": {}}

    def population(self, title: str, node: Node, n: int) -> dict[str, Any]:
        model, table = MODELS[node.type]
        params = {}
        for theirs, (ours, factor) in table.items():
            values = _shortest(node, theirs) if theirs in node.params or theirs not in ABSENT else np.array(ABSENT[theirs])
            if theirs == "tau" and (values <= 0).any():
                raise ValueError(f"its tau holds {values.min():g} s; a time constant is positive")
            params[ours] = self.value(f"{key_of(title)}_{ours}", np.broadcast_to(values.ravel(), (n,)) * factor)
        shape = max((np.shape(v) for v in node.params.values() if not isinstance(v, str)), key=len)
        return {"kind": "population", "name": title, "model": model, "size": n, **_shape(np.array(shape)), "params": params}

    def value(self, name: str, values: np.ndarray) -> Any:
        """One number where all are equal, else an array in the document's data."""
        if values.size and np.ptp(values) == 0:
            return plain(values.flat[0])
        return {"data": self.store(name, values)}

    def store(self, name: str, values: np.ndarray) -> str:
        key = unique(key_of(name), self.data)
        self.data[key] = encode(values)
        return key

    def connect(self, link: Link) -> None:
        """A projection for the weights, a constant current for the bias."""
        if link.source not in self.keys or link.target not in self.keys:
            return  # an Output, or a node that was left out and told about
        if link.wire.out != self.sizes[link.target]:
            text = f"“{link.target}” has {self.sizes[link.target]} neurons, but {link.wire.out} values arrive from “{link.source}”; the connection is left out."
            self.tell("size.mismatch", "warning", link.target, text)
            return
        if link.recurrent and link.source != link.target:
            text = f"“{link.source}” and “{link.target}” drive each other; NIR does not say which goes first. Spikes from “{link.source}” to “{link.target}” arrive one step later."
            self.tell("lossy.order", "info", link.target, text)
        title = ", ".join(link.through) or f"{link.source} to {link.target}"
        ends = {"from": self.keys[link.source], "to": self.keys[link.target], "name": title}
        delay = self.delay(link)
        for chosen in _apart(delay):
            key = f"p{len(self.projections) + 1}"
            self.projections[key] = ends | self.pairs(key, link, delay, chosen) | {"kinetics": {"model": "pulse"}}
        if link.wire.bias is not None and np.any(link.wire.bias):
            self.constant(link, title)

    def pairs(self, key: str, link: Link, delay: float | np.ndarray, chosen: np.ndarray | None) -> dict[str, Any]:
        """Connector, weight and delay; `chosen` (out, in) picks synapses where a connection is split."""
        wire = link.wire
        if isinstance(delay, float) and wire.diagonal and (wire.weight is None or not np.ptp(wire.weight)):
            weight = 1 if wire.weight is None else plain(wire.weight[0])
            return {"connector": {"model": "one_to_one"}, "weight": weight, "delay": plain(delay)}
        matrix = wire.matrix() if chosen is None else wire.matrix() * chosen  # (out, in)
        if isinstance(delay, float) and np.count_nonzero(matrix) > SPARSE * matrix.size:
            return {"connector": {"model": "all_to_all"}, "weight": {"data": self.store(f"{key}_weight", matrix.T)}, "delay": plain(delay)}
        sources, targets = np.nonzero(matrix.T)
        params = {"sources": {"data": self.store(f"{key}_sources", sources)}, "targets": {"data": self.store(f"{key}_targets", targets)}}
        weight = {"data": self.store(f"{key}_weight", matrix[targets, sources])}
        later = np.broadcast_to(delay, matrix.shape)[targets, sources]
        return {
            "connector": {"model": "explicit", "params": params},
            "weight": weight,
            "delay": self.value(f"{key}_delay", later) if later.size else 0,
        }

    def delay(self, link: Link) -> float | np.ndarray:
        """Delays in ms, on whole steps; a recurrent connection costs one step more, as every tool reads NIR."""
        given = np.asarray(link.wire.delays()) * 1e3
        steps = np.rint(given / self.dt)
        if np.abs(steps * self.dt - given).max(initial=0.0) > 1e-6 * max(self.dt, 1.0):
            text = f"Delays towards “{link.target}” are not whole steps of {self.dt:g} ms; they are rounded."
            self.tell("lossy.delay", "warning", link.target, text)
        out = (steps + (1 if link.recurrent else 0)) * self.dt
        return float(out) if out.ndim == 0 else out

    def constant(self, link: Link, title: str) -> None:
        """A bias from the first step on is the neuron's `i_offset`; one that starts later (behind a loop or a Delay) is a source of its own."""
        bias = link.wire.bias
        assert bias is not None
        start = np.rint(link.wire.bias_delay * 1e3 / self.dt) * self.dt + (self.dt if link.recurrent else 0.0)
        target = self.keys[link.target]
        if start == 0:
            self.bias[target] = self.bias.get(target, 0.0) + bias
            return
        key = unique(f"{target}_bias", self.nodes)
        amplitude = self.value(f"{key}_amplitude", bias)
        name = f"Bias of {title}"
        self.nodes[key] = {
            "kind": "source",
            "name": name,
            "model": "step_current",
            "size": bias.size,
            "params": {"amplitude": amplitude, "start": plain(start)},
        }
        self.projections[f"p{len(self.projections) + 1}"] = {
            "from": key,
            "to": target,
            "name": name,
            "connector": {"model": "one_to_one"},
            "gain": 1,
            "delay": 0,
        }

    def document(self, name: str, found: Iterable[Link]) -> dict[str, Any]:
        found = tuple(found)
        for key, bias in self.bias.items():
            self.nodes[key]["params"]["i_offset"] = self.value(f"{key}_i_offset", np.asarray(bias, float))
        outputs: dict[str, list[str]] = {}
        for link in found:
            if link.target not in self.keys and link.source in self.keys and link.wire.weight is None and link.wire.delay_out is None:
                outputs.setdefault(link.target, []).append(self.keys[link.source])
            elif link.target not in self.keys and link.source in self.keys and link.target not in self.nodes:
                self.output_lost(link)
        inputs = {title: key for title, key in self.keys.items() if self.nodes[key]["kind"] == "source"}
        circuit = {"name": name, "nodes": self.nodes, "projections": self.projections}
        run = {"dt": plain(self.dt), "duration": plain(100 * self.dt), "precision": "double", "record": self.record(outputs)}
        return {
            "format": FORMAT,
            "name": name,
            "description": "Read from NIR.",
            "main": "main",
            "circuits": {"main": circuit},
            "data": self.data,
            "run": run,
            "layout": {"main": self.layout(found)},
            "metadata": {"nir": {"inputs": inputs, "outputs": outputs}},
        }

    def output_lost(self, link: Link) -> None:
        text = f"“{link.target}” gives what {', '.join(link.through)} make of “{link.source}”; here the output is “{link.source}” itself."
        self.tell("lossy.output", "warning", link.target, text)

    def record(self, outputs: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        """The spikes of every population that fires, the voltage of every integrator that is an output."""
        spikes = [{"path": k, "what": "spikes"} for k, n in self.nodes.items() if n["model"] == "lif_euler"]
        read = dict.fromkeys(k for keys in outputs.values() for k in keys if self.nodes[k]["model"] == "li_euler")
        return spikes + [{"path": k, "what": "v", "every": plain(self.dt)} for k in read]

    def layout(self, found: tuple[Link, ...]) -> dict[str, Any]:
        """Boxes in columns by their distance from the inputs."""
        depth = dict.fromkeys(self.nodes, 0)
        forward = [
            (self.keys[k.source], self.keys[k.target]) for k in found if not k.recurrent and k.source in self.keys and k.target in self.keys
        ]
        for _ in self.nodes:
            moved = {b: depth[a] + 1 for a, b in forward if depth[b] <= depth[a]}
            if not moved:
                break
            depth |= moved
        rows: dict[int, int] = {}
        places = {}
        for key, column in depth.items():
            places[key] = {"x": column * COLUMN, "y": rows.get(column, 0) * ROW}
            rows[column] = rows.get(column, 0) + 1
        return places

    def tell(self, code: str, severity: Any, where: str, text: str) -> None:
        self.findings.append(Finding(code, severity, where, text))


def key_of(title: str) -> str:
    """A key made from a name: `Conv.1` gives `conv_1`."""
    key = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return key if re.match(r"[a-z]", key) else f"n_{key}" if key else "node"


def unique(key: str, taken: Iterable[str]) -> str:
    """The key, or the key with _2, _3 ... where it is taken."""
    taken = set(taken)
    return key if key not in taken else next(k for n in range(2, len(taken) + 3) if (k := f"{key}_{n}") not in taken)


def plain(value: Any) -> int | float:
    """A number as JSON writes it: whole where it is whole."""
    number = float(value)
    return (
        int(number)
        if number.is_integer() and abs(number) < 2**53
        else float(f"{number:.15g}")
        if float(f"{number:.12g}") == float(f"{number:.15g}")
        else number
    )


def _apart(delay: float | np.ndarray) -> tuple[np.ndarray | None, ...]:
    """Synapses without and with a delay, apart: the engine runs the first within a step and the others across steps."""
    later = np.asarray(delay) > 0
    return (None,) if later.all() or not later.any() else (~later, later)


def _shortest(node: Node, name: str) -> np.ndarray:
    """A parameter as float64; one number kept as float32 is read as its shortest decimal (0.7, not 0.699999988), the same float32 again."""
    values, stored = node.array(name), node.params[name]
    if isinstance(stored, np.ndarray) and stored.dtype == np.float32 and stored.size and not np.ptp(stored):
        return np.full(values.shape, float(str(stored.flat[0])))
    return values


def _shape(shape: Any) -> dict[str, Any]:
    sizes = [int(n) for n in np.asarray(shape).ravel()] if shape is not None and not isinstance(shape, str) else []
    return {"shape": sizes} if len(sizes) > 1 else {}


def _reason(why: Exception) -> str:
    return f"its parameter {why} is missing" if isinstance(why, KeyError) else str(why)
