"""Parts onto cores in their order, for networks of many parts that all speak with all: no way is shorter than another there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from studio.compile.constraints import Rules
from studio.compile.passes.merge_axons import MergeAxons
from studio.compile.passes.place import Place
from studio.compile.passes.route import RouteMesh
from studio.compile.passes.split import Usage, exceeded, refused, uniform
from studio.compile.program import Part, Program
from studio.compile.target import Target
from studio.compile.wiring import Cut
from studio.findings import Finding

MANY = 1500  # parts, beyond which the graph of all pairs takes longer than it helps
FEW = 150  # the same for an estimate


@dataclass(frozen=True)
class Ways:
    """Routes and merged axons, as `route` and `merge_axons` say, unless the parts are so many that nobody asks for single ways."""

    name: str = "route"

    def __call__(self, program: Program, target: Target) -> Program:
        if len(program.parts) > MANY:
            return program
        return MergeAxons()(RouteMesh()(program, target), target)


@dataclass(frozen=True)
class Fill:
    """Gives every part a core: by `place` where the parts are few or the document has routing constraints, else one after the other.

    Needs: parts that fit a core each. Guarantees: what `place` does; one after the other, a core takes parts while their sum lies within its
    limits, and a finding (`fit.cores`) says how many cores are missing.
    """

    usage: Usage
    estimate: bool = False
    annealed: bool = False
    name: str = "place"

    def __call__(self, program: Program, target: Target) -> Program:
        place = Place(self.usage, annealed=self.annealed and not self.estimate)
        if Rules(program, target).all:
            return place(program, target)
        if len(program.parts) <= (FEW if self.estimate else MANY):
            return place(program, enough(target, len(program.parts)))
        placed: list[Part] = []
        core, used = 0, {}
        for alike in _alike(program):
            amounts = self.usage(program, alike[0].layer, alike[0].cut)
            at = 0
            while at < len(alike):
                room = _room(target, amounts, used)
                core, room, used = (core, room, used) if room or not used else (core + 1, max(1, _room(target, amounts, {})), {})
                n = min(room, len(alike) - at)
                placed += [Part(p.key, p.layer, p.cut, core, p.path) for p in alike[at : at + n]]
                used = {r: used.get(r, 0.0) + n * a for r, a in amounts.items()}
                at += n
        if core >= target.topology.cores:
            return program.say(_missing(program, target, placed, core + 1))
        return replace(program, parts=tuple(placed))


def _alike(program: Program) -> Iterator[list[Part]]:
    """Runs of parts of one layer and size, where its neurons are alike; others one by one."""
    same = {layer.key: uniform(program, layer) for layer in program.layers}
    for _, run in groupby(program.parts, key=lambda p: (p.layer, p.cut.size) if same[p.layer] and p.cut.box is None else p.key):
        yield list(run)


def _room(target: Target, amounts: Mapping[str, float], used: Mapping[str, float]) -> int:
    """How many parts that take `amounts` each fit a core where `used` is taken."""
    shares = [(target.limit(r) + 1e-9 - used.get(r, 0.0)) / a for r, a in amounts.items() if r in target.limits and a > 0.0]
    return max(0, int(min(shares, default=1e9)))


@dataclass(frozen=True)
class Alone:
    """Says which layers have neurons that do not fit a core even alone, before anything is cut (`split` would find them one layer at a time).

    Needs: `usage`. Guarantees: nothing; where all neurons of a layer are alike, one of them is enough to know.
    """

    usage: Usage
    name: str = "check neurons"

    def __call__(self, program: Program, target: Target) -> Program:
        for layer in program.layers:
            if layer.size and uniform(program, layer):
                amounts = self.usage(program, layer.key, Cut(0, 1))
                if exceeded(amounts, target):
                    program = program.say(refused(program, target, layer, amounts))
        return program


def enough(target: Target, parts: int) -> Target:
    """The target with no more chips than so many parts can need, each on a core of its own: fewer places to look at."""
    t = target.topology
    return replace(target, topology=replace(t, chips=max(1, min(t.chips, -(-parts // t.cores_per_chip)))))


def _missing(program: Program, target: Target, placed: list[Part], cores: int) -> Finding:
    many = max(program.layers, key=lambda layer: sum(p.layer == layer.key for p in placed))
    chips = -(-cores // target.topology.cores_per_chip)
    text = f"the network needs {cores:,} cores ({chips} chips) of {target.title}; {target.topology.cores:,} ({target.topology.chips} chips) are there."
    return Finding("fit.cores", "error", many.path, text, f"Use more chips (chips={chips}), smaller populations, or sparser connections.")
