"""Events between tiles: spikes from where a neuron is computed to the rows they drive, and sums of tiles to where their neuron is computed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.backends.crossbar.emulate import capped
from studio.backends.crossbar.plan import Tile, laid, tiles
from studio.backends.crossbar.target import READ_NS
from studio.compile.backend import Listed, Stimulus
from studio.compile.mesh import Link, Mesh
from studio.compile.program import Program
from studio.compile.target import Target
from studio.compile.traffic import CoreLoad, LinkLoad, Traffic

HOST = -1


def traffic_of(program: Program, target: Target, spikes: Mapping[str, Listed], steps: int) -> Traffic | None:
    """The traffic of a run. A spike goes once to every tile with its row (several of one source in one step as one message); a tile that is not its targets' home sends a sum for each of them whenever it is
    read. How many events a link carries is not published; a tile works for one reading in a step.
    """
    if any(p.core is None for p in program.parts):
        return None
    return _Count(program, target, capped(Stimulus(steps, spikes), {})[0]).traffic()


class _Count:
    def __init__(self, program: Program, target: Target, run: Stimulus) -> None:
        self.program, self.target, self.run = program, target, run
        self.mesh = Mesh(target.topology)
        self.seconds = run.steps * program.dt / 1000.0
        self.core = {p.key: int(p.core or 0) for p in program.parts}
        self.links: dict[Link, dict[str, float]] = {}
        self.cores: dict[int, dict[str, float]] = {}
        self.totals = dict.fromkeys(("spikes", "messages", "synaptic", "from_host"), 0.0)
        self.homes = {x.key: self._home(x.key, x.size) for x in program.layers}

    def _home(self, layer: str, size: int) -> np.ndarray:
        """The core that computes each neuron of a layer."""
        out = np.full(size, HOST, np.int64)
        chosen = set(self.program.settings.get("homes", ()))
        for p in self.program.parts:
            if p.layer == layer and (p.key in chosen or not p.path):
                out[p.cut.low : p.cut.high] = self.core[p.key]
        return out

    def traffic(self) -> Traffic:
        for layer in self.program.layers:
            _, ids = self.run.spikes.get(layer.key, (np.zeros(0), np.zeros(0, np.int64)))
            for core, n in zip(*np.unique(self.homes[layer.key][ids], return_counts=True), strict=True):
                self._load(int(core))["spikes"] += float(n)
                self.totals["spikes"] += float(n)
        for c, made in laid(self.program):
            for tile, block in tiles(c, made):
                self._tile(
                    tile, c.path, c.source, c.target, np.bincount(np.searchsorted(tile.sources, block.sources), minlength=len(tile.sources))
                )
        return self._made()

    def _tile(self, tile: Tile, path: str, source: str, target: str, fan_out: np.ndarray) -> None:
        at, ids = self.run.spikes[source]
        here = np.isin(ids, tile.sources)
        at, rows = np.asarray(at)[here], np.searchsorted(tile.sources, np.asarray(ids)[here])
        core, reads = self.core[tile.key], len(np.unique(at))
        load = self._load(core)
        load["arrivals"] += len(rows)
        load["synaptic"] += float(fan_out[rows].sum())
        load["reads"] += reads
        self.totals["synaptic"] += float(fan_out[rows].sum())
        from_ = self.homes[source][tile.sources[rows]] if source in self.homes else np.full(len(rows), HOST)
        for origin, n in zip(*np.unique(from_, return_counts=True), strict=True):
            self._send(int(origin), core, float(n), self.program.node(source).path)
        homes, n_sums = np.unique(self.homes[target][tile.cut.low : tile.cut.high], return_counts=True)
        for home, n in zip(homes, n_sums, strict=True):
            if int(home) != core:
                self._send(core, int(home), float(n * reads), path)

    def _load(self, core: int) -> dict[str, float]:
        return self.cores.setdefault(core, dict.fromkeys(("spikes", "arrivals", "synaptic", "reads"), 0.0))

    def _send(self, source: int, core: int, events: float, path: str) -> None:
        if source == HOST:
            self.totals["from_host"] += events
            return
        self.totals["messages"] += events if source != core else 0.0
        for link in self.mesh.links(source, core):
            here = self.links.setdefault(link, {})
            here[path] = here.get(path, 0.0) + events

    def _made(self) -> Traffic:
        loads = [LinkLoad(link, sum(p.values()) / self.seconds, None, max(sorted(p), key=lambda k: p[k])) for link, p in self.links.items()]
        links = tuple(sorted(loads, key=lambda x: (-x.events, x.link)))
        totals = {name: n / self.seconds for name, n in self.totals.items()}
        totals["hops_x"] = sum(x.events for x in links if x.link[0][2] == x.link[1][2])
        totals["hops_y"] = sum(x.events for x in links if x.link[0][2] != x.link[1][2])
        cores = sorted((self._core(core, load) for core, load in self.cores.items()), key=lambda c: (-(c.busy or 0.0), c.core))
        return Traffic(True, self.program.dt, self.run.steps, self._rates(), links, tuple(cores), totals)

    def _core(self, core: int, load: Mapping[str, float]) -> CoreLoad:
        known = self.target.dialect == "hermes"  # how long a reading takes is known of that chip
        share = READ_NS / (1e6 * self.program.dt)
        mean = {name: n / self.seconds for name, n in load.items()}
        busy, busiest = load["reads"] / self.run.steps * share, share if load["reads"] else 0.0
        paths = [p.path or self.program.layer(p.layer).path for p in self.program.parts if p.core == core]
        return CoreLoad(
            core,
            mean["spikes"],
            mean["arrivals"],
            mean["synaptic"],
            busy if known else None,
            busiest if known else None,
            paths[0] if paths else "",
        )

    def _rates(self) -> dict[str, float]:
        nodes = (*self.program.layers, *(x for x in self.program.inputs if not x.analog))
        return {x.path: len(self.run.spikes[x.key][0]) / x.size / self.seconds for x in nodes if x.key in self.run.spikes}
