"""Events per second on every link and core of a placed program, against what they can carry, and the population that binds.

From a run's spikes or from stated rates (`compile.activity`), the block graph and the routes; a spike goes to every core in which its neuron
has a synapse. Drawn rules count with their means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.compile.activity import Listed, of_run, stated
from studio.compile.mesh import Link
from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import Finding

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
    """Seconds are those of the network: a machine that runs `slower` carries and works through as many times more in one.

    `totals`: events per second of the whole machine by name ("spikes", "messages", "synaptic", "hops_x", "hops_y", "from_host")."""

    measured: bool
    dt: float
    steps: int
    rates: Mapping[str, float]  # Hz, by path
    links: tuple[LinkLoad, ...]
    cores: tuple[CoreLoad, ...]
    totals: Mapping[str, float]
    findings: tuple[Finding, ...] = field(default=())
    slower: float = 1.0  # than real time: how long the machine takes for a second of the network

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
            "slower": self.slower,
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
    from studio.compile.flows import Flows

    return Flows.of(program, target, activity).traffic()


def found(made: Traffic, title: str) -> Iterator[Finding]:
    """What cannot be carried or worked through in time (`fit.traffic`, warnings): the worst link and the worst core."""
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
