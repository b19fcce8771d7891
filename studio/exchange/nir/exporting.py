"""From a flat network to a NIR graph: populations become neurons, projections become delays and weight matrices.

NIR holds no units and tools work in float32: mV, nA and MOhm are written as they are, ms as s, and every array as float32.
What NIR cannot say is approximated or left out, each time with a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.engine.connectivity import Synapses, synapses
from studio.engine.parameters import per_element
from studio.exchange.nir.grids import form_of, misjudged, said, shapes, takes_bias, window_node
from studio.exchange.nir.neurons import Neuron, neuron
from studio.exchange.nir.wiring import recurrent
from studio.findings import Finding, FindingError
from studio.models.forms import Matrix, OneToOne
from studio.models.spec import Currents
from studio.network.flat import FlatNetwork, FlatPopulation, FlatProjection, FlatSource

MAX_CELLS = 100_000_000  # entries of all weight matrices together: 400 MB as float32
MAX_DELAYS = 16  # different delays of one projection; beyond, they are rounded to so many


@dataclass
class Sketch:
    """Nodes (as `nir` objects), edges and findings of a graph in the making."""

    nodes: dict[str, Any] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)  # name -> path of the instance that a node lies in, "" for none

    def add(self, name: str, node: Any, path: str = "") -> str:
        """The node under a free name made from `name` (HDF5 and PyTorch allow no dots or slashes); `path`: that of what it says."""
        clean = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "node"
        free = (
            clean if clean not in self.nodes else next(n for k in range(2, len(self.nodes) + 3) if (n := f"{clean}_{k}") not in self.nodes)
        )
        self.nodes[free] = node
        self.places[free] = path.rpartition(".")[0]
        return free

    def chain(self, *names: str) -> None:
        self.edges += [e for e in zip(names, names[1:], strict=False) if e not in self.edges]

    def tell(self, code: str, where: str, text: str, severity: Any = "warning", fix: str = "") -> None:
        self.findings.append(Finding(code, severity, where, text, fix))


@dataclass
class _Input:
    """What reaches a population: the constant currents for an Affine, and its links that may carry one."""

    bias: np.ndarray
    late: np.ndarray  # from step 1 on
    forward: list[str] = field(default_factory=list)
    loop: list[str] = field(default_factory=list)


def sketch(flat: FlatNetwork, outputs: Iterable[str] = (), titles: Mapping[str, str] | None = None) -> Sketch:
    """The graph of a flat network. `outputs` are the paths that get an Output node; `titles` names projections by their path.

    Raises FindingError when the weight matrices would be too large.
    """
    return _Export(flat, tuple(outputs), titles or {}).run()


class _Export:
    def __init__(self, flat: FlatNetwork, outputs: tuple[str, ...], titles: Mapping[str, str]) -> None:
        self.flat, self.outputs, self.titles = flat, outputs, titles
        self.dt = flat.run.dt
        self.out = Sketch()
        self.names: dict[str, str] = {}  # path -> NIR name
        self.neurons: dict[str, Neuron] = {}
        self.inputs: dict[str, _Input] = {}
        self.shapes = shapes(flat)

    def run(self) -> Sketch:
        self._fits()
        for source in self.flat.sources:
            if source.model.signal == "spiking":
                self.input(source)
        for population in self.flat.populations:
            self.population(population)
        for source in self.flat.sources:
            if source.model.signal == "analog":
                self.analog(source)
        spiking = [p for p in self.flat.projections if p.kinetics is not None and p.source in self.names and p.target in self.neurons]
        loops = recurrent([(self.names[p.source], self.names[p.target]) for p in spiking])
        for projection in spiking:
            self.projection(projection, (self.names[projection.source], self.names[projection.target]) in loops)
        self.alone()
        for path in self.neurons:
            self.constant(path)
        self.ends()
        return self.out

    def _fits(self) -> None:
        cells = {p.path: self.cells(p) for p in self.flat.projections if p.kinetics is not None}
        if sum(cells.values()) > MAX_CELLS:
            largest = max(cells, key=lambda k: cells[k])
            text = f"NIR keeps every weight matrix in full: {sum(cells.values()):,} entries ({sum(cells.values()) * 4 / 1e9:.1f} GB); the studio writes up to {MAX_CELLS:,}."
            raise FindingError([Finding("size.nir", "error", largest, text, "Export a smaller network.")])

    def cells(self, p: FlatProjection) -> int:
        """How many weights a projection is written with."""
        form = form_of(self.flat, p)
        few = isinstance(form, OneToOne) or self.windowed(p, form)
        return 0 if few else self.size(p.source) * self.size(p.target)

    def windowed(self, p: FlatProjection, form: Any) -> bool:
        """Whether a convolution or pooling says all of a projection."""
        return said(p, form, self.flat.population(p.target), self.shapes[p.source], self.shapes[p.target])

    def input(self, source: FlatSource) -> None:
        import nir

        self.names[source.path] = self.out.add(source.path, nir.Input({"input": np.array(self.shapes[source.path])}))
        if source.model.key != "spike_list" or source.source.params.get("times") is not None:
            self.out.tell(
                "lossy.source",
                source.path,
                f"NIR has no {source.model.title.lower()}: “{self.names[source.path]}” is an Input that must be fed.",
                "info",
            )

    def population(self, population: FlatPopulation) -> None:
        values = {
            name: self.values(population, name) for name in population.neuron.params if not isinstance(population.neuron.params[name], str)
        }
        incoming = [p for p in self.flat.projections if p.target == population.path and p.kinetics is not None]
        made = neuron(population, values, incoming, self.dt, self.shapes[population.path], self.out.tell)
        if made is None:
            return
        self.names[population.path] = self.out.add(population.path, made.node, population.path)
        self.neurons[population.path] = made
        offset = values.get("i_offset", np.zeros(population.size))
        self.inputs[population.path] = _Input(offset.copy(), np.zeros(population.size))

    def values(self, population: FlatPopulation, name: str) -> np.ndarray:
        given = per_element(population.neuron.params[name], population.size, self.flat.run.seed, population.path, name)
        return np.broadcast_to(np.asarray(given, float), (population.size,))

    def projection(self, p: FlatProjection, loop: bool) -> None:
        """Delay -> weights, once for each different delay where one channel has several; a loop's own step is taken off."""
        if p.plasticity.model.key != "static":
            self.out.tell(
                "lossy.plasticity",
                p.path,
                f"NIR has no plasticity: “{p.plasticity.model.title}” is left out, the weights stay as they start.",
            )
        if p.device.model.key != "ideal":
            self.out.tell(
                "lossy.device", p.path, f"NIR has no memory devices: “{p.device.model.title}” is left out, the weights are ideal numbers."
            )
        target = self.neurons[p.target]
        scale = target.scale(p, self.out.tell)
        if scale is None:
            return
        form, n = form_of(self.flat, p), self.size(p.source)
        one_delay = isinstance(p.delay, float) and isinstance(p.weight, float) and not p.plasticity.model.plastic
        if self.windowed(p, form) or (isinstance(form, Matrix) and one_delay):
            assert isinstance(p.weight, float) and isinstance(p.delay, float)
            steps = np.full(n, round(p.delay / self.dt))
            node = self.matrix(form.weights * (p.weight * scale[:, None])) if isinstance(form, Matrix) else self.window(form, p, scale)
            return self.link(p, node, steps, loop, flat=isinstance(form, Matrix))
        found = synapses(self.flat, p.key)
        everyone = np.ones(len(found), bool)
        exact = np.rint(found.delays / self.dt).astype(np.int64)
        latest = np.zeros(n, np.int64)
        np.maximum.at(latest, found.sources, exact)
        if np.array_equal(latest[found.sources], exact):  # NIR's Delay is per channel: one is enough
            one = int(exact[0]) if len(exact) and np.ptp(exact) == 0 else None
            return self.branch(p, found, everyone, np.full(n, one) if one is not None else np.where(latest, latest, int(loop)), scale, loop)
        steps = self.steps(p, exact)
        for d in np.unique(steps):
            self.branch(p, found, steps == d, np.full(n, d), scale, loop)

    def steps(self, p: FlatProjection, steps: np.ndarray) -> np.ndarray:
        """Delay of each synapse in steps, of at most MAX_DELAYS different ones."""
        known = np.unique(steps)
        if len(known) <= MAX_DELAYS:
            return steps
        keep = known[np.linspace(0, len(known) - 1, MAX_DELAYS).round().astype(int)]
        text = f"{len(known)} different delays would need as many weight matrices; they are rounded to {MAX_DELAYS}."
        self.out.tell("lossy.delay", p.path, text)
        nearest = np.abs(keep[None, :] - steps[:, None]).argmin(axis=1)
        return keep[nearest]

    def branch(self, p: FlatProjection, found: Synapses, chosen: np.ndarray, steps: np.ndarray, scale: np.ndarray, loop: bool) -> None:
        """One Delay (`steps` per source) and the weights of the `chosen` synapses: a matrix, or factors where each has its own target."""
        import nir

        into = self.inputs[p.target]
        biased = np.any(into.bias) or np.any(into.late)
        if isinstance(form_of(self.flat, p), OneToOne) and not (biased and self.size(p.source) ** 2 <= MAX_CELLS):
            factors = np.zeros(self.size(p.source))
            factors[found.sources[chosen]] = np.asarray(found.weights)[chosen]
            factors = np.asarray(factors * scale, np.float32).reshape(self.shapes[p.source])
            plain = (self.names[p.source], self.names[p.target]) not in self.out.edges and not loop and (factors == 1).all()
            flat = self.shapes[p.source] != self.shapes[p.target]
            return self.link(p, None if plain and not flat else nir.Scale(factors.ravel() if flat else factors), steps, loop, flat)
        self.link(p, self.matrix(_matrix(found, chosen, self.size(p.target), self.size(p.source)) * scale[:, None]), steps, loop, True)

    def matrix(self, weights: np.ndarray) -> Any:
        import nir

        return nir.Linear(np.asarray(weights, np.float32))

    def window(self, form: Any, p: FlatProjection, scale: np.ndarray) -> Any:
        assert isinstance(p.weight, float)
        node = window_node(form, p.weight * float(scale[0]), len(self.shapes[p.source]) == 2)
        if misjudged(node):
            text = "the nir package (1.0.8) misjudges the shape of convolutions with groups or kernels that are not square."
            self.out.tell("lossy.shape", p.path, text, "info", "Read the file with nir.read(file, type_check=False).")
        return node

    def link(self, p: FlatProjection, node: Any, steps: np.ndarray, loop: bool, flat: bool) -> None:
        """Source -> Delay -> Flatten -> node -> target; what is not needed is left out. `flat`: the node takes one axis."""
        import nir

        title = self.titles.get(p.path) or f"{self.names[p.source]}_to_{self.names[p.target]}"
        shape, way = self.shapes[p.source], [self.names[p.source]]
        last = [] if node is None else [self.out.add(title, node, p.path)]
        left = (steps - int(loop)).reshape(shape)
        if left.any():
            way.append(self.out.add(f"{title}_delay", nir.Delay(np.asarray(left * self.dt / 1e3, np.float32)), p.path))
        if flat and len(shape) > 1:
            way.append(self.out.add(f"{title}_flatten", nir.Flatten({"input": np.array(shape)}, start_dim=0), p.path))
        self.out.chain(*way, *last, self.names[p.target])
        into = self.inputs[p.target]
        if loop and p.source == p.target:
            into.loop += last
        elif not loop:
            into.forward += last

    def analog(self, source: FlatSource) -> None:
        """A constant current becomes a bias, any other an Input that must be fed with values."""
        form = source.model.lower(source.source.params, source.size, self.dt)
        assert isinstance(form, Currents)
        for p in (p for p in self.flat.projections if p.source == source.path and p.target in self.neurons):
            found = synapses(self.flat, p.key)
            matrix = _matrix(found, np.ones(len(found), bool), self.size(p.target), source.size)
            start = _beginning(form, found.delays, self.dt)
            if start is None:
                self.fed(source, p, matrix)
                continue
            current = matrix @ np.broadcast_to(form.values[-1], (source.size,))
            into = self.inputs[p.target]
            into.late = into.late + (current if start == 1 else 0.0)
            into.bias = into.bias + (current if start != 1 else 0.0)
            if start > 1:
                text = f"a constant current that begins at {start * self.dt:g} ms begins with the first step in NIR."
                self.out.tell("lossy.bias", p.path, text)

    def fed(self, source: FlatSource, p: FlatProjection, matrix: np.ndarray) -> None:
        import nir

        if source.path not in self.names:
            self.shapes[source.path] = (source.size,)
            self.names[source.path] = self.out.add(source.path, nir.Input({"input": np.array([source.size])}))
            self.out.tell(
                "lossy.source",
                source.path,
                f"NIR has no {source.model.title.lower()}: “{self.names[source.path]}” is an Input that must be fed with currents.",
                "info",
            )
        scale = self.neurons[p.target].current
        link = self.out.add(f"{self.names[source.path]}_to_{self.names[p.target]}", nir.Linear(np.asarray(matrix * scale, np.float32)))
        self.out.chain(self.names[source.path], link, self.names[p.target])

    def alone(self) -> None:
        """An Input where nothing drives the network, since readers begin at one: with weights of 0, so that constant currents have an Affine."""
        import nir

        if not self.neurons or any(isinstance(node, nir.Input) for node in self.out.nodes.values()):
            return
        biased = [p for p, into in self.inputs.items() if np.any(into.bias) and not into.forward and len(self.shapes[p]) == 1]
        first = biased[0] if biased else next(iter(self.neurons))
        title = self.out.add("input", nir.Input({"input": np.array([1] if biased else self.shapes[first])}))
        for path in biased:
            link = self.out.add(f"{title}_to_{self.names[path]}", nir.Linear(np.zeros((self.size(path), 1), np.float32)))
            self.out.chain(title, link, self.names[path])
            self.inputs[path].forward.append(link)
        if not biased:
            self.out.chain(title, self.names[first])
        text = f"Nothing drives this network from outside, but NIR's readers begin at an Input: “{title}” is to be fed with zeros."
        self.out.tell("lossy.source", first, text, "info")

    def constant(self, path: str) -> None:
        """Puts constant currents where NIR has them: in the bias of an Affine in front of the neuron."""
        into, made, name = self.inputs[path], self.neurons[path], self.names[path]
        if np.any(into.late) and not self.affine(into.loop, into.late * made.current):
            self.out.tell("lossy.bias", path, "a constant current that begins with the second step begins with the first one in NIR.")
            into.bias = into.bias + into.late
        if not np.any(into.bias):
            return
        if self.affine(into.forward, into.bias * made.current):
            return
        node = self.out.nodes[name]
        if made.resistance is None:
            text = "its constant current is left out: NIR has one only in an Affine or a convolution in front of the neuron."
            self.out.tell("lossy.bias", path, text)
            return
        node.v_leak = np.asarray(node.v_leak + (made.resistance * into.bias).reshape(node.v_leak.shape), np.float32)
        self.out.tell("lossy.bias", path, "its constant current is written into v_leak, so other tools start it at another voltage.")

    def affine(self, links: list[str], bias: np.ndarray) -> bool:
        """Put a bias into the first of the links that can say it; whether there was one."""
        import nir

        for link in links:
            node = self.out.nodes[link]
            written = takes_bias(node, bias)
            if written is not None:
                values = np.asarray(written, np.float32)
                if isinstance(node, nir.Linear):
                    self.out.nodes[link] = nir.Affine(node.weight, values)
                else:
                    node.bias = values
                return True
        return False

    def ends(self) -> None:
        """Output nodes."""
        import nir

        chosen = [p for p in self.outputs if p in self.neurons] or self.leaves() or list(self.neurons)
        for path in chosen:
            title = "output" if len(chosen) == 1 else f"{self.names[path]}_output"
            self.out.chain(self.names[path], self.out.add(title, nir.Output({"output": np.array(self.shapes[path])})))

    def leaves(self) -> list[str]:
        """Populations that drive no other."""
        busy = {p.source for p in self.flat.projections if p.source != p.target}
        return [path for path in self.neurons if path not in busy]

    def size(self, path: str) -> int:
        return next(n.size for n in (*self.flat.populations, *self.flat.sources) if n.path == path)


def _beginning(form: Currents, delays: np.ndarray, dt: float) -> int | None:
    """The step with which a constant current begins; None where it changes later, or begins at several times."""
    if len(form.starts) > 2 or (len(form.starts) == 2 and np.any(form.values[0])) or (len(delays) and np.ptp(delays) > 0):
        return None
    return int(form.starts[-1]) + (int(round(float(delays[0]) / dt)) if len(delays) else 0)


def _matrix(found: Synapses, chosen: np.ndarray, n_target: int, n_source: int) -> np.ndarray:
    """Weights (target, source); several synapses of one pair add up."""
    cells = np.asarray(found.targets)[chosen].astype(np.int64) * n_source + np.asarray(found.sources)[chosen]
    return np.bincount(cells, np.asarray(found.weights)[chosen], n_target * n_source).reshape(n_target, n_source)
