"""Energy and latency of a program, estimated from counted events and published energies of each; every joule has its boundary and source.

    E = N T E_access + N_upd E_update + N_fire E_out + N_syn E_syn + N_pkt E_msg + hops E_hop

is the identity of SANA-FE (Boyle JA et al. 2025, doi:10.1109/TCAD.2025.3537971), which agrees with it to the last digit
(docs/measurements.md). Platforms draw their boundaries differently, so their figures differ by up to ten times and must not be compared without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.compile.program import Program
from studio.compile.target import Limit, Target
from studio.compile.traffic import Traffic

# energy of a target -> how many of it there are in a run, as functions of the counts below
SAME = {
    "access": "neuron_steps",
    "update": "updates",
    "neuron_update": "neuron_steps",
    "fire": "spikes",
    "spike": "spikes",
    "synapse": "synaptic",
    "event": "synaptic",
    "message": "messages",
    "packet": "routed",
    "hop": "hops",
    "hop_x": "hops_x",
    "hop_y": "hops_y",
    "core": "core_seconds",
    "chip": "chip_seconds",
}
WORDS = {
    "neuron_steps": "neurons times steps",
    "updates": "neuron updates",
    "spikes": "spikes",
    "synaptic": "synaptic events",
    "messages": "spike messages",
    "routed": "packets through routers",
    "hops": "links crossed",
    "hops_x": "links crossed, east-west",
    "hops_y": "links crossed, north-south",
    "core_seconds": "core seconds",
    "chip_seconds": "chip seconds",
}
PICO = 1e-12


@dataclass(frozen=True)
class Joules:
    """One term: how many of an event, what each takes [pJ], the sum [J], what it includes, and who says so."""

    name: str
    what: str
    count: float
    each: float
    joules: float
    boundary: str
    source: str
    mark: str


@dataclass(frozen=True)
class Energy:
    """`seconds` is the time of the network, `free` [s] how long the core that works most would take for it without waiting for the next step
    (None: nobody has said how long events take; clock cycles, where an emulator counts them), `busiest` the largest share of a step that a core works,
    `inferences` how many patterns of the document's task the run answers."""

    measured: bool
    seconds: float
    steps: int
    terms: tuple[Joules, ...]
    not_counted: tuple[str, ...]
    synaptic: float
    busiest: float | None = None
    free: float | None = None
    inferences: int = 0

    @property
    def joules(self) -> float:
        return sum(t.joules for t in self.terms)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return {
            "measured": self.measured,
            "seconds": self.seconds,
            "joules": self.joules,
            "watts": self.joules / self.seconds if self.seconds else 0.0,
            "joules_per_synaptic_event": self.joules / self.synaptic if self.synaptic else None,
            "joules_per_inference": self.joules / self.inferences if self.inferences else None,
            "boundaries": list(dict.fromkeys(t.boundary for t in self.terms)),
            "terms": [vars(t) for t in self.terms],
            "not_counted": list(self.not_counted),
            "latency": {"steps": self.steps, "busiest_share_of_a_step": self.busiest, "free_running_s": self.free},
        }


def counts_of(program: Program, target: Target, traffic: Traffic, events: Mapping[str, float] | None = None) -> dict[str, float]:
    """How many of each event there are in the traffic's time; cores and chips are on for as long as the machine takes. `events` (an emulator's own counts) win over what is derived from rates."""
    seconds = traffic.steps * traffic.dt / 1000.0
    neurons = sum(layer.size for layer in program.layers)
    cores = {p.core for p in program.parts if p.core is not None}
    chips = {target.topology.place(core)[0] for core in cores}
    flows = {name: value * seconds for name, value in traffic.totals.items()}
    out = {
        "neuron_steps": float(neurons * traffic.steps),
        "updates": float(neurons * traffic.steps),
        "spikes": flows["spikes"],
        "synaptic": flows["synaptic"],
        "messages": flows["messages"],
        "hops_x": flows["hops_x"],
        "hops_y": flows["hops_y"],
        "hops": flows["hops_x"] + flows["hops_y"],
        "routed": flows["messages"] + flows["from_host"] + flows["hops_x"] + flows["hops_y"],
        "core_seconds": len(cores) * seconds * traffic.slower,
        "chip_seconds": len(chips) * seconds * traffic.slower,
    }
    return {**out, **{k: float(v) for k, v in (events or {}).items()}}


def energy_of(program: Program, target: Target, traffic: Traffic | None, events: Mapping[str, float] | None = None) -> Energy | None:
    """The energy of a run or of stated rates; None where the machine says none, or the program is not placed."""
    if traffic is None or not target.energy:
        return None
    return from_counts(target, counts_of(program, target, traffic, events), traffic)


def from_counts(target: Target, counts: Mapping[str, float], traffic: Traffic | None = None) -> Energy:
    """The identity: the sum over the target's energies, each times its count."""
    terms, missing = [], []
    for name, limit in target.energy.items():
        what = SAME.get(name, name)
        if what not in counts:
            missing.append(name)
            continue
        terms.append(_term(name, what, counts[what], limit))
    steps = traffic.steps if traffic is not None else 0
    seconds = steps * traffic.dt / 1000.0 if traffic is not None else 0.0
    shares = [max(c.busy, c.busiest or 0.0) for c in traffic.cores if c.busy is not None] if traffic is not None else []
    mean = max((c.busy for c in traffic.cores if c.busy is not None), default=None) if traffic is not None else None
    free = None if mean is None or traffic is None else mean * seconds * traffic.slower
    if "clock_cycles" in counts and "clock" in target.limits:
        free = counts["clock_cycles"] / (target.limit("clock") * 1e6)
    measured = traffic.measured if traffic is not None else True
    return Energy(measured, seconds, steps, tuple(terms), tuple(missing), counts.get("synaptic", 0.0), max(shares, default=None), free)


def _term(name: str, what: str, count: float, limit: Limit) -> Joules:
    said = next((text for text in (limit.doc, limit.source) if "boundary:" in text), "boundary: not said")
    boundary = said.split("boundary:")[1].strip(" .")
    doc = limit.doc.split("boundary:")[0].strip(" ;.") + "."
    text = f"{WORDS.get(what, what.replace('_', ' '))}: {doc}"
    return Joules(name, text, count, limit.value, count * limit.value * PICO, boundary, limit.source, limit.mark)
