"""Counting traffic: what a placed program's spikes do to links and cores. `traffic_of` is the way in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.compile.activity import Activity
from studio.compile.graph import BlockGraph, block_graph
from studio.compile.mesh import Link, Mesh
from studio.compile.program import Program
from studio.compile.spread import spreads
from studio.compile.target import Target
from studio.compile.traffic import TIMES, CoreLoad, LinkLoad, Traffic, found

MATRIX = 4_000_000  # cores times blocks up to which the busiest step is looked for
TABLE = 50_000_000  # cores times paths up to which it is said which path brings the most


class Flows:
    """One count, in events per second. `graph` has what is local or listed, `spreads` what goes from every neuron of a node to all parts of
    another; `to` is the core of each block (-1: an input, on the host), `path` the place of its path in `names`."""

    @staticmethod
    def of(program: Program, target: Target, activity: Activity) -> Flows:
        return Flows(program, target, activity, block_graph(program, activity.rates, spread=False))

    def __init__(self, program: Program, target: Target, activity: Activity, graph: BlockGraph) -> None:
        self.program, self.target, self.activity, self.graph = program, target, activity, graph
        n_inputs = len(graph.nodes) - graph.n_parts
        self.to = np.array([*(p.core for p in program.parts), *([-1] * n_inputs)], np.int64)
        self.by_core = graph.merged(self.to)
        owners = [p.layer for p in program.parts] + list(graph.nodes[graph.n_parts :])
        paths = [program.node(key).path for key in owners]
        self.names = list(dict.fromkeys(paths))
        self.path = np.array([self.names.index(p) for p in dict.fromkeys(paths)], np.int64)[_codes(paths)]
        self.nodes = np.array(owners)
        self.spreads = spreads(program, self.to[: graph.n_parts])
        self.total = {key: float(rates.sum()) for key, rates in activity.rates.items()}
        self.inside = {key: bool((self.nodes[: graph.n_parts] == key).any()) for key in dict.fromkeys(owners)}
        self.crossed = (0.0, 0.0)  # links a second, along rows and along columns; known once links are counted
        self.slower = float(program.settings.get("time_scale_factor", 1.0))
        self.multicast = bool(program.settings.get("route", {}).get("multicast", False))

    def traffic(self) -> Traffic:
        links = self.links()
        cores = self.cores()
        inside = self.by_core.source < self.graph.n_parts
        totals = {
            "spikes": float(self.graph.sizes[: self.graph.n_parts].sum()),
            "from_host": float(self.by_core.axons[~inside].sum()) + self.reached(False),
            "messages": float(self.messages(inside)),
            "synaptic": float(self.graph.synapses.sum()) + sum(self.total[s.source] * float(s.synapses.sum()) for s in self.spreads),
            "hops_x": self.crossed[0],
            "hops_y": self.crossed[1],
        }
        made = Traffic(self.activity.measured, self.program.dt, self.activity.steps, self.rates(), links, cores, totals, slower=self.slower)
        return replace(made, findings=tuple(found(made, self.target.title)))

    def reached(self, inside: bool) -> float:
        """Spikes times cores reached, of the nodes that spread and are on the machine, or of those on the host."""
        return sum(self.total[s.source] * float(s.axons.sum()) for s in self.spreads if self.inside[s.source] == inside)

    def messages(self, inside: np.ndarray) -> float:
        """Spikes that enter the network of routers in a second: once a core reached, or once each with multicast."""
        if not self.multicast:
            return float(self.by_core.axons[inside].sum()) + self.reached(True)
        sends = np.isin(self.nodes[: self.graph.n_parts], [s.source for s in self.spreads])
        sends[np.unique(self.by_core.source[inside])] = True
        return float(self.graph.sizes[: self.graph.n_parts][sends].sum())

    def rates(self) -> dict[str, float]:
        """Mean rate of each path."""
        sums: dict[str, list[float]] = {}
        for key, rates in self.activity.rates.items():
            here = sums.setdefault(self.program.node(key).path, [0.0, 0.0])
            here[0], here[1] = here[0] + float(rates.sum()), here[1] + len(rates)
        return {path: total / n if n else 0.0 for path, (total, n) in sums.items()}

    def links(self) -> tuple[LinkLoad, ...]:
        if self.target.topology.kind == "bus":
            return ()
        loads = self.laid() if self.multicast and self.program.routes else self.on_mesh()
        return tuple(sorted(loads, key=lambda x: (-x.events, x.link)))

    def on_mesh(self) -> list[LinkLoad]:
        """Along rows and columns, path by path."""
        mesh, g = Mesh(self.target.topology), self.by_core
        inside = (g.source < g.n_parts) & (g.axons > 0.0)
        block, target, events = g.source[inside], g.target[inside], g.axons[inside]
        total = np.zeros((4, mesh.height, mesh.width))
        most, whose = np.zeros_like(total), np.zeros(total.shape, np.int64)
        spread = self.spread_loads(mesh)
        for path in sorted({*np.unique(self.path[block]).tolist(), *spread}):
            own = self.path[block] == path
            flows = self.to[block[own]], target[own]
            if self.multicast:
                here = mesh.shared_loads(block[own], *flows, self.graph.sizes[block[own]])
            else:
                here = mesh.loads(*flows, events[own])
            here += spread.get(path, 0.0)
            total += here
            whose = np.where(here > most, path, whose)
            most = np.maximum(most, here)
        self.crossed = float(total[:2].sum()), float(total[2:].sum())
        out = []
        for direction, y, x in np.argwhere(total > 0.0).tolist():
            link = mesh.link(direction, x, y)
            out.append(LinkLoad(link, float(total[direction, y, x]), self.capacity(link), self.names[whose[direction, y, x]]))
        return out

    def spread_loads(self, mesh: Mesh) -> dict[int, np.ndarray]:
        """What nodes that spread lay on links, by path."""
        out: dict[int, np.ndarray] = {}
        for one in self.spreads:
            own = np.flatnonzero(self.nodes[: self.graph.n_parts] == one.source)
            if not len(own):
                continue
            sent = mesh.at_routers(self.to[own], self.graph.sizes[own])
            heard = mesh.at_routers(np.arange(len(one.axons)), one.axons)
            path = int(self.path[own[0]])
            out[path] = out.get(path, 0.0) + mesh.spread_loads(sent, heard, self.multicast)
        return out

    def laid(self) -> list[LinkLoad]:
        """On the trees that the machine's own router laid: a spike crosses each link of its part's tree once."""
        found: dict[Link, dict[int, float]] = {}
        places = {key: k for k, key in enumerate(self.graph.nodes)}
        for route in self.program.routes:
            k = places.get(route.source, -1)
            for link in route.links if 0 <= k < self.graph.n_parts else ():
                here = found.setdefault(link, {})
                here[int(self.path[k])] = here.get(int(self.path[k]), 0.0) + float(self.graph.sizes[k])
        out = []
        for link, paths in found.items():
            most = max(sorted(paths), key=lambda path: paths[path])
            out.append(LinkLoad(link, sum(paths.values()), self.capacity(link), self.names[most]))
        t = self.target.topology
        down = [[place[0] // max(t.chip_columns, 1) * t.rows + place[2] for place in x.link] for x in out]
        rows = sum(x.events for x, (a, b) in zip(out, down, strict=True) if a == b)
        self.crossed = rows, sum(x.events for x in out) - rows
        return out

    def capacity(self, link: Link) -> float | None:
        limits = self.target.limits
        name = "chip_link" if link[0][0] != link[1][0] and "chip_link" in limits else "link"
        return limits[name].value * self.slower if name in limits else None

    def cores(self) -> tuple[CoreLoad, ...]:
        n = int(self.to.max()) + 1
        g = self.graph
        parts = np.arange(g.n_parts)
        neurons = np.bincount(self.to[parts], [p.size for p in self.program.parts], n)
        spikes = np.bincount(self.to[parts], g.sizes[parts], n)
        arrivals = np.bincount(self.by_core.target, self.by_core.axons, n)
        synaptic = np.bincount(self.to[g.target], g.synapses, n)
        for one in self.spreads:
            arrivals = arrivals + self.total[one.source] * one.axons
            synaptic = synaptic + self.total[one.source] * one.synapses
        busy = self.busy(neurons, spikes, arrivals, synaptic)
        busiest = self.busiest(neurons, n)
        binding = self.binding(n)
        out = [
            CoreLoad(
                int(core),
                float(spikes[core]),
                float(arrivals[core]),
                float(synaptic[core]),
                None if busy is None else float(busy[core]),
                None if busiest is None else float(busiest[core]),
                self.names[binding[core]],
            )
            for core in np.unique(self.to[parts]).tolist()
        ]
        return tuple(sorted(out, key=lambda c: (-(c.busy or 0.0), -c.synaptic, c.core)))

    def times(self) -> dict[str, float] | None:
        """ns of one event of each kind; None where the machine says none."""
        limits = self.target.limits
        if "synapses_per_second" in limits:
            return {"time_synapse": 1e9 / limits["synapses_per_second"].value}
        known = {name: limits[name].value for name in TIMES if name in limits}
        return known or None

    def busy(self, neurons: np.ndarray, spikes: np.ndarray, arrivals: np.ndarray, synaptic: np.ndarray) -> np.ndarray | None:
        """The share of a step that each core works; counts are per second, of neurons per step."""
        t = self.times()
        if t is None:
            return None
        step = self.program.dt * 1e6 * self.slower  # ns
        per_step = self.program.dt / 1000.0
        events = spikes * t.get("time_spike", 0.0) + arrivals * t.get("time_axon", 0.0) + synaptic * t.get("time_synapse", 0.0)
        return (neurons * t.get("time_neuron", 0.0) + per_step * events + t.get("time_sync", 0.0)) / step

    def busiest(self, neurons: np.ndarray, n: int) -> np.ndarray | None:
        """The same in the busiest step of a run: spikes of a block in a step spread over cores as its axons and synapses do."""
        counts, t = self.activity.counts, self.times()
        if counts is None or t is None:
            return None
        g, c, size = self.graph, self.by_core, np.maximum(self.graph.sizes, 1e-300)  # spikes per second of each block
        if n * len(g.nodes) > MATRIX:
            return None
        per_spike = np.zeros((n, len(g.nodes)))  # ns of work on a core for each spike of a block
        np.add.at(per_spike, (c.target, c.source), t.get("time_axon", 0.0) * c.axons / size[c.source])
        np.add.at(per_spike, (self.to[g.target], g.source), t.get("time_synapse", 0.0) * g.synapses / size[g.source])
        own = np.arange(g.n_parts)
        per_spike[self.to[own], own] += t.get("time_spike", 0.0)
        for one in self.spreads:
            work = t.get("time_axon", 0.0) * one.axons + t.get("time_synapse", 0.0) * one.synapses
            per_spike[:, self.nodes == one.source] += work[:, None]
        worst = np.zeros(n)
        for low in range(0, counts.shape[1], 4096):
            worst = np.maximum(worst, (per_spike @ counts[:, low : low + 4096].astype(float)).max(axis=1, initial=0.0))
        return (worst + neurons * t.get("time_neuron", 0.0) + t.get("time_sync", 0.0)) / (self.program.dt * 1e6 * self.slower)

    def binding(self, n: int) -> np.ndarray:
        """For each core the path whose spikes bring it the most synaptic events; where there are none, of its own neurons."""
        g = self.graph
        table = np.zeros((n, len(self.names))) if n * len(self.names) <= TABLE else None
        if table is None:
            return np.zeros(n, np.int64)
        np.add.at(table, (self.to[g.target], self.path[g.source]), g.synapses)
        for one in self.spreads:
            table[:, self.path[self.nodes == one.source][0]] += self.total[one.source] * one.synapses
        own = np.zeros_like(table)
        np.add.at(own, (self.to[: g.n_parts], self.path[: g.n_parts]), [p.size for p in self.program.parts])
        return np.where(table.any(axis=1), table.argmax(axis=1), own.argmax(axis=1))


def _codes(paths: list[str]) -> np.ndarray:
    """The place of each path among the distinct ones, in order of appearance."""
    places = {p: k for k, p in enumerate(dict.fromkeys(paths))}
    return np.array([places[p] for p in paths], np.int64)
