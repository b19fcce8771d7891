"""What a network at work is made of, built from the flat network: cells, links, drives, analog inputs. `simulation` advances them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.engine import coupled
from studio.engine.building import Tick, shares
from studio.engine.calendar import Booked
from studio.engine.cells import Cells
from studio.engine.connectivity import Rows, build, ends, split
from studio.engine.coupled import Made
from studio.engine.delivery import Delivery
from studio.engine.drive import AnalogInput, GivenDrive, PoissonDrive
from studio.engine.parameters import Receptor, numbers, receptors, source_form, system_of
from studio.engine.plasticity import Learning
from studio.engine.plasticity_text import learns
from studio.engine.programming import programmed
from studio.engine.redrawn import Redrawn
from studio.findings import Finding, FindingError
from studio.models.spec import Currents, Events, OneToOne, Rates
from studio.network.flat import FlatNetwork, FlatProjection

Drive = PoissonDrive | GivenDrive
ARRAYS = {"rule": "ys", "source": "xs", "device": "zs"}  # how the arrays begin in which the variables of each lie


@dataclass(frozen=True)
class Plan:
    """How to run a network: its settings, and how it is cut. `slice_steps` may only shorten slices. This process is `rank` of `ranks`."""

    dt: float
    seed: int
    precision: str
    method: str | None
    threads: int
    slice_steps: int | None = None
    profile: bool = False
    rank: int = 0
    ranks: int = 1
    weights: str = "float32"
    connectivity: str = "stored"

    @property
    def dtype(self) -> np.dtype[Any]:
        """What states, weights and inputs are stored in."""
        return np.dtype(np.float64 if self.precision == "double" else np.float32)

    def ranges(self, size: int) -> list[tuple[int, int]]:
        """The ranges of `size` elements that this process's threads hold."""
        return split(size, self.ranks * self.threads)[self.rank * self.threads : (self.rank + 1) * self.threads]


@dataclass
class Link:
    """One spiking projection at work."""

    projection: FlatProjection
    rows: list[Rows]
    receptor: int
    one_to_one: bool
    learning: Learning | None
    delivery: Delivery | Booked | Redrawn | coupled.Coupled | None
    zero: bool
    scale: float = 1.0  # of the projection's weight, for all synapses alike
    kept: Sequence[Mapping[str, np.ndarray]] = ()  # what devices remember that are programmed and then not read, where it is recorded

    def memory(self, name: str) -> list[Rows]:
        """Something that the synapses remember (see `FlatProjection.remembered`), in place of their weights; nothing where it is not kept."""
        owner, own = self.projection.remembered.get(name, ("", ""))
        array = f"{ARRAYS.get(owner)}_{own}"
        parts = self.learning.parts if self.learning else self.kept
        if not parts or not all(array in part for part in parts):
            return []
        values = [part[array][r.sources()] if owner == "source" else part[array] for part, r in zip(parts, self.rows, strict=True)]
        return [replace(r, weights=v, table=None) for r, v in zip(self.rows, values, strict=True)]

    @property
    def booked(self) -> bool:
        """Whether it delivers by calendar: what does not learn and has a delay per synapse."""
        return self.learning is None and self.rows[0].span is not None


@dataclass(frozen=True)
class Parts:
    """All of a network: cells and drives by path, links in the order of the projections, analog inputs with their targets."""

    cells: dict[str, Cells]
    links: list[Link]
    inputs: list[tuple[str, AnalogInput]]
    drives: dict[str, Drive]


def parts(flat: FlatNetwork, plan: Plan, tick: Tick | None = None) -> Parts:
    """Draw every parameter and synapse of a network. `tick` hears which part of it is done; what it raises ends the work."""
    coupled.refuse(flat)
    forms = {s.path: source_form(s, plan.seed, plan.dt) for s in flat.sources}
    of = {p.path: receptors(flat, p.path) for p in flat.populations}
    coupling = _coupled(flat, plan)
    cells = _cells(flat, plan, of, coupling)
    links, inputs = _connections(flat, plan, cells, of, forms, coupling, tick)
    return Parts(cells, links, inputs, _drives(flat, plan, links, forms))


def _coupled(flat: FlatNetwork, plan: Plan) -> dict[str, Made]:
    """The synapses of coupled projections, which are numbers of their targets too."""
    sizes = {p.path: p.size for p in flat.populations}
    return {
        p.key: coupled.built(p, ends(flat, p), plan.seed, plan.dt, plan.dtype, plan.ranges(sizes[p.target]))
        for p in flat.projections
        if coupled.coupled(p)
    }


def _cells(flat: FlatNetwork, plan: Plan, of: Mapping[str, tuple[Receptor, ...]], coupling: Mapping[str, Made]) -> dict[str, Cells]:
    analog = {p.target for p in flat.projections if p.kinetics is None}
    out = {}
    for p in flat.populations:
        system = system_of(p, of[p.path], plan.method)
        sums = coupled.sums(p.size, of[p.path], {key: rows for key, (rows, _) in coupling.items()})
        made = numbers(system, p, of[p.path], plan.seed, plan.dt, sums)
        out[p.path] = Cells(p, system, made, plan.seed, plan.precision, plan.ranges(p.size), p.path in analog, of[p.path], sums)
    return out


def _connections(
    flat: FlatNetwork,
    plan: Plan,
    cells: Mapping[str, Cells],
    of: Mapping[str, tuple[Receptor, ...]],
    forms: Mapping[str, Any],
    coupling: Mapping[str, Made],
    tick: Tick | None,
) -> tuple[list[Link], list[tuple[str, AnalogInput]]]:
    """Every projection's synapses, as spiking links and analog inputs."""
    links: list[Link] = []
    inputs: list[tuple[str, AnalogInput]] = []
    ticks = iter(shares([_expected(flat, p) for p in flat.projections], tick))
    for p in flat.projections:
        form = forms.get(p.source)
        _refuse(p, form)
        targets = cells[p.target].parts if p.kinetics else None
        told, again = next(ticks), plan.connectivity == "procedural"
        made = coupling.get(p.key)
        rows = made[0] if made else build(p, ends(flat, p), plan.seed, plan.dt, plan.dtype, targets, plan.weights, again, told)
        if p.kinetics is None:
            inputs.append((p.target, AnalogInput(form, rows[0])))  # type: ignore[arg-type]
        else:
            receptor = next(k for k, r in enumerate(of[p.target]) if p.key in r.projections)
            made = made or programmed(p, rows, plan.dtype, plan.seed)
            links.append(_link(flat, plan, p, made, receptor, form, cells))
    return links, inputs


def _expected(flat: FlatNetwork, p: FlatProjection) -> float:
    both = ends(flat, p)
    return float(p.connector.model.expected(p.connector.params, both.n_source, both.n_target))


def _refuse(p: FlatProjection, form: Any) -> None:
    if (p.kinetics is None) != isinstance(form, Currents):
        text = "an analog source is attached with a gain and no kinetics; a spiking one needs kinetics."
        raise FindingError([Finding("path.signal", "error", p.path, text)])


def _link(flat: FlatNetwork, plan: Plan, p: FlatProjection, made: Made, receptor: int, form: Any, cells: Mapping[str, Cells]) -> Link:
    both, (rows, kept), learning = ends(flat, p), made, None
    if learns(p):
        learning = Learning(p, rows, both.n_source, plan.dt, plan.precision, plan.seed, kept, cells[p.target].states)
    lowered = p.connector.model.lower(p.connector.params, both.n_source, both.n_target)
    fused = isinstance(lowered, OneToOne) and isinstance(form, Rates) and learning is None and rows[0].span is None
    delivery = None if learning else coupled.Coupled(rows, plan.precision) if coupled.coupled(p) else _delivery(rows, plan.precision, fused)
    zero, scale = rows[0].span is None and rows[0].delay == 0, getattr(lowered, "scale", 1.0)
    recorded = any(r.path in (p.key, p.path) and r.what != "weight" for r in flat.run.record)
    link = Link(p, rows, receptor, fused, learning, delivery, zero, scale, kept if recorded else ())
    if link.booked:
        cells[p.target].defer(receptor)
    return link


def _delivery(rows: list[Rows], precision: str, dense: bool) -> Delivery | Booked | Redrawn:
    if rows[0].procedure is not None:
        return Redrawn(rows, precision)
    return Delivery(rows, precision, dense) if rows[0].span is None else Booked(rows, precision)


def _drives(flat: FlatNetwork, plan: Plan, links: list[Link], forms: Mapping[str, Any]) -> dict[str, Drive]:
    """Spiking sources. A Poisson source keeps a list only where someone walks it."""
    wanted = {link.projection.source for link in links if not link.one_to_one} | {r.path for r in flat.run.record if r.what == "spikes"}
    wanted |= {path for p in flat.projections for path in p.signals.values()}
    out: dict[str, Drive] = {}
    for s in flat.sources:
        form = forms[s.path]
        if isinstance(form, Rates):
            out[s.path] = PoissonDrive(s.path, s.size, form, plan.seed, plan.dt, plan.ranges(s.size), s.path in wanted)
        elif isinstance(form, Events):
            out[s.path] = GivenDrive(s.path, s.size, form)
    return out


def in_order(cells: Mapping[str, Cells], links: list[Link]) -> list[str]:
    """Populations so that zero-delay projections lead forward; raise FindingError for a loop."""
    before: dict[str, set[str]] = {path: set() for path in cells}
    for link in links:
        if link.zero and link.projection.source in cells:
            before[link.projection.target].add(link.projection.source)
    out: list[str] = []
    while len(out) < len(before):
        ready = [p for p in before if p not in out and before[p] <= set(out)]
        if not ready:
            text = f"projections without delay form a loop through {', '.join(p for p in before if p not in out)}."
            raise FindingError([Finding("cycle.delay", "error", "", text, "Give one of them a delay of at least one step.")])
        out += ready
    return out
