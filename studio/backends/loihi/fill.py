"""Parts onto cores in their order, for networks of many parts that all speak with all: no way is shorter than another there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.compile.constraints import Rules
from studio.compile.passes.merge_axons import MergeAxons
from studio.compile.passes.place import Place
from studio.compile.passes.route import RouteMesh
from studio.compile.passes.split import Usage
from studio.compile.program import Part, Program
from studio.compile.target import Target
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
        placed, core, used = [], 0, {}
        for part in program.parts:
            amounts = self.usage(program, part.layer, part.cut)
            total = {r: used.get(r, 0.0) + a for r, a in amounts.items()}
            if used and any(a > target.limit(r) + 1e-9 for r, a in total.items() if r in target.limits):
                core, total = core + 1, dict(amounts)
            used = total
            placed.append(replace(part, core=core))
        if core >= target.topology.cores:
            return program.say(_missing(program, target, placed, core + 1))
        return replace(program, parts=tuple(placed))


def enough(target: Target, parts: int) -> Target:
    """The target with no more chips than so many parts can need, each on a core of its own: fewer places to look at."""
    t = target.topology
    return replace(target, topology=replace(t, chips=max(1, min(t.chips, -(-parts // t.cores_per_chip)))))


def _missing(program: Program, target: Target, placed: list[Part], cores: int) -> Finding:
    many = max(program.layers, key=lambda layer: sum(p.layer == layer.key for p in placed))
    chips = -(-cores // target.topology.cores_per_chip)
    text = f"the network needs {cores:,} cores ({chips} chips) of {target.title}; {target.topology.cores:,} ({target.topology.chips} chips) are there."
    return Finding("fit.cores", "error", many.path, text, f"Use more chips (chips={chips}), smaller populations, or sparser connections.")
