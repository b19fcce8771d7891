"""From placed slices to keys, trees and tables, and back from a program's routes to the tables they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from studio.backends.spinnaker.keys import Keys, allocate, bits_for
from studio.backends.spinnaker.machine import Chip, Machine
from studio.backends.spinnaker.placing import chip_core, machine_used, place_of
from studio.backends.spinnaker.relays import relays
from studio.backends.spinnaker.tables import Entry, Sent, entries, leading, minimise
from studio.backends.spinnaker.trees import Tree, grow
from studio.compile.program import Connection, Part, Program, Route
from studio.compile.target import Target
from studio.compile.wiring import Block
from studio.findings import Finding
from studio.models.spec import OneToOne, Pairs

Tables = dict[Chip, list[Entry]]
Links = tuple[tuple[tuple[int, int, int], tuple[int, int, int]], ...]


def keys_of(program: Program) -> dict[str, Keys]:
    """The keys of every layer and input that has parts; of a delay extension for each stage as many as a power of two that its sources are."""
    sizes: dict[str, list[int]] = {}
    for p in program.parts:
        sizes.setdefault(p.layer, []).append(p.size)
    for key, held in relays(program).items():
        sizes[key] = [held.stages << bits_for(n // held.stages) for n in sizes[key]]
    return allocate((key, len(found), max(found)) for key, found in sizes.items())


def index_of(part: Part) -> int:
    """Which slice of its layer a part is."""
    return int(part.key.rsplit("/", 1)[1])


@dataclass(frozen=True)
class RouteSlices:
    """Gives every part whose spikes are heard a key, a mask and a tree (`Program.routes`), and checks the routers' tables.

    Needs: placed parts. Guarantees: a route reaches every core that holds a target of one of its neurons (where synapses are drawn, that
    may hold one); tables made small fit every router (`settings["router_entries"]`, the most of one chip), or `fit.router` says by how much not.
    """

    name: str = "route"

    def __call__(self, program: Program, target: Target) -> Program:
        machine = machine_used(program, target)
        try:
            keys = keys_of(program)
        except OverflowError as problem:
            return program.say(Finding("fit.router", "error", "", f"{problem}.", "Use larger slices (--neurons_per_core)."))
        needed = required(program)
        at = {p.key: chip_core(machine, p.core) for p in program.parts if p.core is not None}
        grown: dict[tuple[Chip, frozenset[Chip]], Tree] = {}
        routes = []
        for part in program.parts:
            if not needed[part.key]:
                continue
            chips = frozenset(at[t][0] for t in needed[part.key])
            root = at[part.key][0]
            if (root, chips) not in grown:
                grown[root, chips] = grow(machine, root, chips)
            routes.append(
                self._route(machine, part, keys[part.layer], grown[root, chips], [p for p in program.parts if p.key in needed[part.key]])
            )
        program = replace(program, routes=tuple(routes))
        sizes = {chip: len(table) for chip, table in tables_of(program, machine).items()}
        most = max(sizes.values(), default=0)
        program = program.choose(router_entries=most, router_entries_total=sum(sizes.values()))
        if most > target.limit("router_entries"):
            worst = max(sizes, key=lambda chip: sizes[chip])
            text = f"The router of chip {worst} needs {most:,} entries; it has {target.limit('router_entries'):,.0f}."
            return program.say(
                Finding("fit.router", "error", "", text, "Use larger slices (--neurons_per_core), or more local connections.")
            )
        return program

    def _route(self, machine: Machine, part: Part, keys: Keys, tree: Tree, targets: list[Part]) -> Route:
        links = tuple(
            (place_of(machine, chip), place_of(machine, beyond))
            for chip, out in tree.out.items()
            for link in sorted(out)
            if (beyond := machine.neighbour(chip, link)) is not None
        )
        return Route(
            part.key,
            tuple(sorted(int(t.core) for t in targets if t.core is not None)),
            part.size,
            links,
            keys.of_slice(index_of(part)),
            keys.slice_mask,
        )


def required(program: Program) -> dict[str, set[str]]:
    """For every part the parts that hold targets of its elements: exact for rules without chance and for lists, else all that may."""
    out: dict[str, set[str]] = {p.key: set() for p in program.parts}
    parts: dict[str, list[Part]] = {}
    for p in program.parts:
        parts.setdefault(p.layer, []).append(p)
    for c in program.connections:
        if c.kinetics is not None:
            for source, target in _pairs(c, parts.get(c.source, []), parts.get(c.target, [])):
                out[source].add(target)
    return out


def _pairs(c: Connection, sources: list[Part], targets: list[Part]) -> list[tuple[str, str]]:
    """The pairs of parts between which a connection has synapses."""
    form = c.wiring.form
    if isinstance(form, (Block, Pairs)):
        lows = [np.array([p.cut.low for p in parts]) for parts in (sources, targets)]
        s, t = (np.searchsorted(low, ends, side="right") - 1 for low, ends in zip(lows, (form.sources, form.targets), strict=True))
        return [(sources[int(a)].key, targets[int(b)].key) for a, b in np.unique(np.stack([s, t], 1), axis=0)] if len(s) else []
    if isinstance(form, OneToOne):
        return [(s.key, t.key) for s in sources for t in targets if s.cut.low < t.cut.high and t.cut.low < s.cut.high]
    if form.__class__.__name__ == "Window":
        return [(s.key, t.key) for s in sources for t in targets if c.wiring.count(s.cut, t.cut) > 0]
    return [(s.key, t.key) for s in sources for t in targets] if c.wiring.count() > 0 else []


def sent(program: Program, machine: Machine) -> list[Sent]:
    """What every route sends where, read back from the program."""
    at = {p.key: chip_core(machine, p.core) for p in program.parts if p.core is not None}
    chip_at = {place_of(machine, chip): chip for chip in machine.chips}
    made: dict[tuple[Chip, Links], Tree] = {}
    out = []
    for r in program.routes:
        assert r.key is not None and r.mask is not None
        root = at[r.source][0]
        if (root, r.links) not in made:
            made[root, r.links] = _tree(machine, root, chip_at, r)
        tree = made[root, r.links]
        cores: dict[Chip, set[int]] = {}
        for number in r.targets:
            chip, core = chip_core(machine, number)
            cores.setdefault(chip, set()).add(core)
        out.append(Sent(r.key, r.mask, tree, {chip: frozenset(c) for chip, c in cores.items()}))
    return out


def _tree(machine: Machine, root: Chip, chip_at: Mapping[tuple[int, int, int], Chip], r: Route) -> Tree:
    out: dict[Chip, set[int]] = {root: set()}
    came: dict[Chip, int] = {root: -1}
    for a, b in r.links:
        here, there = chip_at[a], chip_at[b]
        link = next(k for k in range(6) if machine.neighbour(here, k) == there)
        out.setdefault(here, set()).add(link)
        out.setdefault(there, set())
        came[there] = link
    return Tree(root, {chip: frozenset(links) for chip, links in out.items()}, came)


def tables_of(program: Program, machine: Machine) -> Tables:
    """The routing table of every chip, made small."""
    return {chip: minimise(table) if len(table) < 400 else leading(table) for chip, table in entries(sent(program, machine)).items()}
