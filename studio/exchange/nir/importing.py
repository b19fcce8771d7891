"""From a NIR graph to a document: neurons become populations, what stands between them becomes projections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from studio.exchange.nir import maps
from studio.exchange.nir.nesting import Folded
from studio.exchange.nir.nesting import places as places_of
from studio.exchange.nir.splice import PASS, nested, splice
from studio.exchange.nir.tree import Graph, Node
from studio.exchange.nir.wiring import ANALOG, NEURONS, Link, links, shape, size
from studio.findings import Finding
from studio.models.connectors.grid import places
from studio.models.forms import Window
from studio.network.data import encode
from studio.network.document import FORMAT

# NIR type -> (model, {NIR parameter: (ours, factor)}); NIR's numbers are taken one to one as mV, nA, MOhm, and seconds as ms
MODELS: dict[str, tuple[str, dict[str, tuple[str, float]]]] = {
    "LIF": (
        "lif_euler",
        {"tau": ("tau", 1e3), "r": ("r", 1.0), "v_leak": ("v_leak", 1.0), "v_threshold": ("v_threshold", 1.0), "v_reset": ("v_reset", 1.0)},
    ),
    "LI": ("li_euler", {"tau": ("tau", 1e3), "r": ("r", 1.0), "v_leak": ("v_leak", 1.0)}),
    "CubaLIF": (
        "cubalif_euler",
        {
            "tau_syn": ("tau_syn", 1e3),
            "tau_mem": ("tau_mem", 1e3),
            "w_in": ("w_in", 1.0),
            "r": ("r", 1.0),
            "v_leak": ("v_leak", 1.0),
            "v_threshold": ("v_threshold", 1.0),
            "v_reset": ("v_reset", 1.0),
        },
    ),
    "CubaLI": (
        "cubali_euler",
        {"tau_syn": ("tau_syn", 1e3), "tau_mem": ("tau_mem", 1e3), "w_in": ("w_in", 1.0), "r": ("r", 1.0), "v_leak": ("v_leak", 1.0)},
    ),
    "IF": ("if_euler", {"r": ("r", 1.0), "v_threshold": ("v_threshold", 1.0), "v_reset": ("v_reset", 1.0)}),
    "I": ("integrator_euler", {"r": ("r", 1.0)}),
    "Threshold": ("threshold_euler", {"threshold": ("v_threshold", 1.0)}),
}
ABSENT = {"v_reset": 0.0, "v_leak": 0.0, "r": 1.0, "w_in": 1.0}  # what files of older versions leave out
FIRING = tuple(model for kind, (model, _) in MODELS.items() if kind not in ANALOG)
INTEGRATORS = tuple(model for kind, (model, _) in MODELS.items() if kind in ANALOG)
COLUMN, ROW = 220, 120  # px between boxes
MIXING = ("Affine", "Linear", "Conv1d", "Conv2d", "SumPool2d", "AvgPool2d")
SPARSE = 0.25  # share of non-zero weights below which pairs are listed


def to_json(graph: Graph, dt_ms: float, name: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """A document's JSON for time steps of `dt_ms`, with every loss as a finding."""
    flat, findings = splice(graph)
    found, more = links(flat)
    build = _Build(flat, dt_ms)
    for link in found:
        build.connect(link)
    return folded(build.document(name, found), build, nested(graph)), (*findings, *more, *build.findings)


def folded(made: dict[str, Any], build: _Build, graphs: list[str]) -> dict[str, Any]:
    """The document with a circuit for each nested graph."""
    if not graphs:
        return made
    where = places_of(build.keys, graphs)
    where |= {key: where[target] for key, target in build.beside.items()}
    out = Folded(build.keys, where, key_of, unique)
    main = made["circuits"]["main"]
    for key, node in main["nodes"].items():
        out.node(key, node, made["layout"]["main"][key])
    for key, projection in main["projections"].items():
        out.projection(key, projection)
    circuits, layout = out.json(made["name"])
    record = [{**r, "path": out.path(r["path"])} for r in made["run"]["record"]]
    ends = made["metadata"]["nir"]
    outputs = {title: [out.path(key) for key in keys] for title, keys in ends["outputs"].items()}
    metadata = {"nir": {"inputs": {title: out.path(key) for title, key in ends["inputs"].items()}, "outputs": outputs}}
    return {**made, "circuits": circuits, "layout": layout, "run": {**made["run"], "record": record}, "metadata": metadata}


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
        self.beside: dict[str, str] = {}  # the population that a constant current belongs to
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
            if theirs.startswith("tau") and (values <= 0).any():
                raise ValueError(f"its {theirs} holds {values.min():g} s; a time constant is positive")
            params[ours] = self.value(f"{key_of(title)}_{ours}", np.broadcast_to(values.ravel(), (n,)) * factor)
        return {"kind": "population", "name": title, "model": model, "size": n, **_shape(shape(node)), "params": params}

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
        if sum(kind in MIXING for kind in link.kinds) > 1:
            ends["description"] = f"One map made of NIR's {', '.join(k for k in link.kinds if k != PASS)}."
        delay = self.delay(link)
        for part in self.parts(title, link, delay):
            self.projections[f"p{len(self.projections) + 1}"] = ends | part | {"kinetics": {"model": "pulse"}}
        if link.wire.bias is not None and np.any(link.wire.bias):
            self.constant(link, title)

    def parts(self, title: str, link: Link, delay: float | None) -> list[dict[str, Any]]:
        """Connector, weight and delay of one projection, or of two where some synapses have no delay: the engine runs those within a step."""
        key = f"p{len(self.projections) + 1}"
        if delay is not None:
            return [self.connector(key, link) | {"delay": plain(delay)}]
        entries = maps.listed(link.wire.map, link.wire.size)
        steps = self.steps(link, link.wire.delays(entries))
        later = steps > 0
        chosen = [later] if later.all() or not later.any() else [~later, later]
        return [
            self.pairs(f"p{len(self.projections) + k + 1}", entries, c)
            | {"delay": self.value(f"p{len(self.projections) + k + 1}_delay", steps[c] * self.dt)}
            for k, c in enumerate(chosen)
        ]

    def connector(self, key: str, link: Link) -> dict[str, Any]:
        """Connector and weight of a map whose synapses all have one delay."""
        wire, m = link.wire, link.wire.map
        if isinstance(m, Window):
            said = window_params(m)
            if said is not None:
                model, weight, params, kernel = said
                if kernel is not None and len(self.nodes[self.keys[link.source]].get("shape", ())) == 2:
                    kernel = kernel[:, :, 0, :]  # a line has no rows
                arrays = {} if kernel is None else {"kernel": {"data": self.store(f"{key}_kernel", narrow(kernel))}}
                made: dict[str, Any] = {"model": model, "params": arrays | params} if arrays or params else {"model": model}
                return {"connector": made, "weight": plain(weight)}
        if m is None or (isinstance(m, np.ndarray) and m.ndim == 1):
            return {"connector": {"model": "one_to_one"}, "weight": 1 if m is None else self.value(f"{key}_weight", m)}
        if isinstance(m, np.ndarray) and np.count_nonzero(m) > SPARSE * m.size:
            return {"connector": {"model": "dense", "params": {"weights": {"data": self.store(f"{key}_weights", narrow(m))}}}, "weight": 1}
        entries = maps.listed(m, wire.size)
        return self.pairs(key, entries, np.ones(len(entries.sources), bool))

    def pairs(self, key: str, entries: maps.Sparse, chosen: np.ndarray) -> dict[str, Any]:
        """The `chosen` synapses, listed."""
        params = {
            "sources": {"data": self.store(f"{key}_sources", entries.sources[chosen])},
            "targets": {"data": self.store(f"{key}_targets", entries.targets[chosen])},
        }
        weight = {"data": self.store(f"{key}_weight", narrow(entries.weights[chosen]))}
        return {"connector": {"model": "explicit", "params": params}, "weight": weight}

    def delay(self, link: Link) -> float | None:
        """The delay of all synapses in ms, on whole steps; None where they differ."""
        given = link.wire.delay
        return None if given is None else float(self.steps(link, np.array([given]))[0] * self.dt)

    def steps(self, link: Link, given: np.ndarray) -> np.ndarray:
        """Delays [s] in steps; a recurrent connection costs one step more, as every tool reads NIR."""
        steps = np.rint(given * 1e3 / self.dt)
        if np.abs(steps * self.dt - given * 1e3).max(initial=0.0) > 1e-6 * max(self.dt, 1.0):
            text = f"Delays towards “{link.target}” are not whole steps of {self.dt:g} ms; they are rounded."
            self.tell("lossy.delay", "warning", link.target, text)
        return steps + (1 if link.recurrent else 0)

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
        self.beside[key] = target
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
            if link.target not in self.keys and link.source in self.keys and link.wire.map is None and link.wire.delay_out is None:
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
        spikes = [{"path": k, "what": "spikes"} for k, n in self.nodes.items() if n["model"] in FIRING]
        read = dict.fromkeys(k for keys in outputs.values() for k in keys if self.nodes[k]["model"] in INTEGRATORS)
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


def _shortest(node: Node, name: str) -> np.ndarray:
    """A parameter as float64; one number kept as float32 is read as its shortest decimal (0.7, not 0.699999988), the same float32 again."""
    values, stored = node.array(name), node.params[name]
    if isinstance(stored, np.ndarray) and stored.dtype == np.float32 and stored.size and not np.ptp(stored):
        return np.full(values.shape, float(str(stored.flat[0])))
    return values


def _shape(shape: Any) -> dict[str, Any]:
    sizes = [int(n) for n in np.asarray(shape).ravel()] if shape is not None and not isinstance(shape, str) else []
    return {"shape": sizes} if len(sizes) > 1 else {}


def narrow(values: np.ndarray) -> np.ndarray:
    """The same numbers in single precision, where that holds them exactly."""
    small = np.asarray(values, np.float32)
    return small if np.array_equal(small, values) else np.asarray(values, np.float64)


def window_params(form: Window) -> tuple[str, float, dict[str, int | str], np.ndarray | None] | None:
    """A window as connector, weight, parameters other than the defaults, and kernel; None where no connector has as many places."""
    axes = list(zip(form.grid[1:], form.window, form.stride, form.padding, form.dilation, strict=True))
    if tuple(places(*axis) for axis in axes) != form.out[1:]:
        return None
    channels = form.groups == form.grid[0] == form.out[0] and form.dilation == (1, 1)
    if form.weights is None and channels and all(2 * p <= k for p, k in zip(form.padding, form.window, strict=True)):
        n = form.window[0] * form.window[1]
        mean = form.scale == 1.0 / n and n > 1
        stride = [None if s == k else s for s, k in zip(form.stride, form.window, strict=True)]
        found = {"size": (form.window, 2), "stride": (stride, None), "padding": (form.padding, 0)}
        return "pooling", 1.0 if mean else form.scale, {**({"operation": "average"} if mean else {}), **_axes(found)}, None
    found = {"stride": (form.stride, 1), "padding": (form.padding, 0), "dilation": (form.dilation, 1)}
    return "convolution", 1.0, {**_axes(found), **({"groups": form.groups} if form.groups > 1 else {})}, maps.kernel_of(form)


def _axes(given: Mapping[str, tuple[Any, Any]]) -> dict[str, int | str]:
    """`<name>_y` and `<name>_x` where they are not the default."""
    both = {f"{name}_{axis}": (pair[k], usual) for name, (pair, usual) in given.items() for k, axis in enumerate("yx")}
    return {name: int(value) for name, (value, usual) in both.items() if value is not None and value != usual}


def _reason(why: Exception) -> str:
    return f"its parameter {why} is missing" if isinstance(why, KeyError) else str(why)
