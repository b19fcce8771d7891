"""Events per second on every link and core of a placed program, against what they can carry, and the population that binds.

From a run's spikes or from stated rates (`compile.activity`), the block graph and the routes; a spike goes to every core in which its neuron
has a synapse. Drawn rules count with their means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.compile.activity import Activity, Listed, of_run, stated
from studio.compile.graph import BlockGraph, block_graph
from studio.compile.mesh import Link, Mesh
from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import Finding

MATRIX = 4_000_000  # cores times blocks up to which the busiest step is looked for
SHOWN = 2000  # links and cores in a report, the busiest first
TIMES = ("time_neuron", "time_spike", "time_axon", "time_synapse", "time_sync")


@dataclass(frozen=True)
class LinkLoad:
    """Events per second on a link, of how many it carries (None: nobody has said), and the path that brings the most."""

    link: Link
    events: float
    capacity: float | None
    path: str


@dataclass(frozen=True)
class CoreLoad:
    """What a core does in a second: spikes it sends and receives, synaptic events; and the share of a step that takes (None: nobody has said).

    `busiest`: the same share in the busiest step of a run. `path`: whose synaptic events and neurons take the most of it.
    """

    core: int
    spikes: float
    arrivals: float
    synaptic: float
    busy: float | None
    busiest: float | None
    path: str


@dataclass(frozen=True)
class Traffic:
    """`totals`: events per second of the whole machine by name ("spikes", "messages", "synaptic", "hops_x", "hops_y", "from_host")."""

    measured: bool
    dt: float
    steps: int
    rates: Mapping[str, float]  # Hz, by path
    links: tuple[LinkLoad, ...]
    cores: tuple[CoreLoad, ...]
    totals: Mapping[str, float]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def binding(self) -> LinkLoad | CoreLoad | None:
        """What is nearest to its limit: a link or a core."""
        found: list[tuple[float, LinkLoad | CoreLoad]] = [(x.events / x.capacity, x) for x in self.links if x.capacity]
        found += [(max(c.busy, c.busiest or 0.0), c) for c in self.cores if c.busy is not None]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def floor_links(self) -> tuple[tuple[tuple[int, int, int], tuple[int, int, int], float], ...]:
        """What `report.Floor.links` holds: (from, to, events per second), the busiest first."""
        return tuple((*x.link, x.events) for x in self.links[:SHOWN])

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; links and cores in columns, the busiest first."""
        binding = self.binding
        return {
            "measured": self.measured,
            "dt_ms": self.dt,
            "steps": self.steps,
            "rates_hz": {k: round(v, 6) for k, v in self.rates.items()},
            "events_per_s": {k: round(v, 6) for k, v in self.totals.items()},
            "links": _links(self.links[:SHOWN]),
            "n_links": len(self.links),
            "cores": _cores(self.cores[:SHOWN]),
            "n_cores": len(self.cores),
            "binding": None if binding is None else _binding(binding),
            "findings": [f.to_json() for f in self.findings],
        }


def _binding(one: LinkLoad | CoreLoad) -> dict[str, Any]:
    if isinstance(one, LinkLoad):
        from_, to = one.link
        return {"kind": "link", "from": list(from_), "to": list(to), "events": one.events, "capacity": one.capacity, "path": one.path}
    return {"kind": "core", "core": one.core, "busy": one.busy, "busiest": one.busiest, "path": one.path}


def _links(links: tuple[LinkLoad, ...]) -> dict[str, Any]:
    return {
        "from": [list(x.link[0]) for x in links],
        "to": [list(x.link[1]) for x in links],
        "events": [round(x.events, 3) for x in links],
        "capacity": [x.capacity for x in links],
        "paths": [x.path for x in links],
    }


def _cores(cores: tuple[CoreLoad, ...]) -> dict[str, Any]:
    def rounded(x: float | None) -> float | None:
        return None if x is None else round(x, 6)

    return {
        "core": [c.core for c in cores],
        **{name: [rounded(getattr(c, name)) for c in cores] for name in ("spikes", "arrivals", "synaptic", "busy", "busiest")},
        "paths": [c.path for c in cores],
    }


def traffic_of(
    program: Program,
    target: Target,
    spikes: Mapping[str, Listed] | None = None,
    steps: int | None = None,
    rates: Mapping[str, float] | None = None,
) -> Traffic | None:
    """The traffic of a placed program: of a run, from the spikes (steps, ids) of layers and inputs by key and the run's steps; else of stated
    `rates` [Hz] by path (sources fire as their model says, other neurons at 10 Hz). None where the program is not placed."""
    cores = [p.core for p in program.parts]
    if not cores or any(c is None for c in cores) or any(p.path for p in program.parts):
        return None
    activity = stated(program, rates) if spikes is None else of_run(program, spikes, steps or program.steps)
    return _Counting(program, target, activity, block_graph(program, activity.rates)).traffic()


class _Counting:
    """One count. The graph holds events per second; `to` is the core of each block (-1: an input, on the host), `path` the place of its path in `names`."""

    def __init__(self, program: Program, target: Target, activity: Activity, graph: BlockGraph) -> None:
        self.program, self.target, self.activity, self.graph = program, target, activity, graph
        n_inputs = len(graph.nodes) - graph.n_parts
        self.to = np.array([*(p.core for p in program.parts), *([-1] * n_inputs)], np.int64)
        self.by_core = graph.merged(self.to)
        owners = [p.layer for p in program.parts] + list(graph.nodes[graph.n_parts :])
        paths = [program.node(key).path for key in owners]
        self.names = list(dict.fromkeys(paths))
        self.path = np.array([self.names.index(p) for p in dict.fromkeys(paths)], np.int64)[_codes(paths)]
        self.multicast = bool(program.settings.get("route", {}).get("multicast", False))

    def traffic(self) -> Traffic:
        links = self.links()
        cores = self.cores()
        inside = self.by_core.source < self.graph.n_parts
        totals = {
            "spikes": float(self.graph.sizes[: self.graph.n_parts].sum()),
            "from_host": float(self.by_core.axons[~inside].sum()),
            "messages": float(self.messages(inside)),
            "synaptic": float(self.graph.synapses.sum()),
            "hops_x": sum(x.events for x in links if x.link[0][2] == x.link[1][2]),
            "hops_y": sum(x.events for x in links if x.link[0][2] != x.link[1][2]),
        }
        made = Traffic(self.activity.measured, self.program.dt, self.activity.steps, self.rates(), links, cores, totals)
        return Traffic(**{**vars(made), "findings": tuple(self.findings(made))})

    def messages(self, inside: np.ndarray) -> float:
        """Spikes that enter the network of routers in a second: once a core reached, or once each with multicast."""
        if not self.multicast:
            return float(self.by_core.axons[inside].sum())
        return float(self.graph.sizes[np.unique(self.by_core.source[inside])].sum())

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
        for path in np.unique(self.path[block]).tolist():
            own = self.path[block] == path
            flows = self.to[block[own]], target[own]
            if self.multicast:
                here = mesh.shared_loads(block[own], *flows, self.graph.sizes[block[own]])
            else:
                here = mesh.loads(*flows, events[own])
            total += here
            whose = np.where(here > most, path, whose)
            most = np.maximum(most, here)
        out = []
        for direction, y, x in np.argwhere(total > 0.0).tolist():
            link = mesh.link(direction, x, y)
            out.append(LinkLoad(link, float(total[direction, y, x]), self.capacity(link), self.names[whose[direction, y, x]]))
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
        return out

    def capacity(self, link: Link) -> float | None:
        limits = self.target.limits
        name = "chip_link" if link[0][0] != link[1][0] and "chip_link" in limits else "link"
        return limits[name].value if name in limits else None

    def cores(self) -> tuple[CoreLoad, ...]:
        n = int(self.to.max()) + 1
        g = self.graph
        parts = np.arange(g.n_parts)
        neurons = np.bincount(self.to[parts], [p.size for p in self.program.parts], n)
        spikes = np.bincount(self.to[parts], g.sizes[parts], n)
        arrivals = np.bincount(self.by_core.target, self.by_core.axons, n)
        synaptic = np.bincount(self.to[g.target], g.synapses, n)
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
        step = self.program.dt * 1e6  # ns
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
        worst = np.zeros(n)
        for low in range(0, counts.shape[1], 4096):
            worst = np.maximum(worst, (per_spike @ counts[:, low : low + 4096].astype(float)).max(axis=1, initial=0.0))
        return (worst + neurons * t.get("time_neuron", 0.0) + t.get("time_sync", 0.0)) / (self.program.dt * 1e6)

    def binding(self, n: int) -> np.ndarray:
        """For each core the path whose spikes bring it the most synaptic events; where there are none, of its own neurons."""
        g = self.graph
        table = np.zeros((n, len(self.names))) if n * len(self.names) <= 50_000_000 else None
        if table is None:
            return np.zeros(n, np.int64)
        np.add.at(table, (self.to[g.target], self.path[g.source]), g.synapses)
        own = np.zeros_like(table)
        np.add.at(own, (self.to[: g.n_parts], self.path[: g.n_parts]), [p.size for p in self.program.parts])
        return np.where(table.any(axis=1), table.argmax(axis=1), own.argmax(axis=1))

    def findings(self, made: Traffic) -> Iterator[Finding]:
        """What cannot be carried or worked through in time (`fit.traffic`, warnings): the worst link and the worst core."""
        title = self.target.title
        over = [x for x in made.links if x.capacity and x.events > x.capacity]
        if over:
            x = max(over, key=lambda one: one.events / (one.capacity or 1.0))
            text = (
                f"Links of {title} carry {x.capacity:,.3g} events a second; {len(over)} would have more, the worst {x.events:,.3g}, "
                f"from chip {x.link[0][0]} ({x.link[0][1]}, {x.link[0][2]}) to chip {x.link[1][0]} ({x.link[1][1]}, {x.link[1][2]}). Most of it comes from “{x.path}”."
            )
            yield Finding(
                "fit.traffic", "warning", x.path, text, "Place it nearer to its targets (annealed), or lower its rate or its fan-out."
            )
        late = [c for c in made.cores if c.busy is not None and max(c.busy, c.busiest or 0.0) > 1.0]
        if late:
            c = max(late, key=lambda one: max(one.busy or 0.0, one.busiest or 0.0))
            share = max(c.busy or 0.0, c.busiest or 0.0)
            text = f"{len(late)} core{'s' * (len(late) != 1)} of {title} would need longer than a step of {made.dt:g} ms, core {c.core} {share:,.3g} steps; “{c.path}” brings the most events."
            yield Finding("fit.traffic", "warning", c.path, text, "Put fewer neurons on a core, lower the rate, or let a step take longer.")


def _codes(paths: list[str]) -> np.ndarray:
    """The place of each path among the distinct ones, in order of appearance."""
    places = {p: k for k, p in enumerate(dict.fromkeys(paths))}
    return np.array([places[p] for p in paths], np.int64)
