"""Constraints of the document against the program and the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studio.compile.constraints import Rules, region
from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import Finding
from studio.network.flat import Constraint


@dataclass(frozen=True)
class CheckConstraints:
    """Says which routing constraints the program or the machine breaks (`fit.constraint`: errors).

    Needs: a lowered program. Guarantees: where it adds no error, no neuron has more synapses than a `fan_in` or `fan_out` limit allows
    (rules that are drawn are taken at five standard deviations above their mean), and every region exists on this machine.
    """

    name: str = "check constraints"

    def __call__(self, program: Program, target: Target) -> Program:
        return program.say(*Rules(program, target).findings())


@dataclass(frozen=True)
class CheckPlaces:
    """Says which routing constraints a placement does not keep (`fit.constraint`: errors). For machines with a placement of their own.

    Needs: placed parts. Guarantees: where it adds no error, regions, keep_together and keep_apart hold for every part of layers and inputs.
    """

    name: str = "check places"

    def __call__(self, program: Program, target: Target) -> Program:
        if any(p.core is None for p in program.parts):
            return program
        return program.say(*_broken(program, target))


def _broken(program: Program, target: Target) -> Iterator[Finding]:
    rules, per_chip = Rules(program, target), target.topology.cores_per_chip
    cores: dict[str, set[int]] = {}
    for part in program.parts:
        cores.setdefault(part.layer, set()).add(int(part.core or 0))
    for one in rules.all:
        groups = [sorted({core for key in rules.layers(group) for core in cores.get(key, ())}) for group in one.groups]
        size = per_chip if one.scope == "chip" else 1
        if one.kind == "region":
            outside = sorted({core for g in groups for core in g} - set(region(one, target.topology).tolist()))
            if outside:
                yield _said(one, f"lies on core {outside[0]}, outside the region it is given", target)
        elif one.kind == "keep_together" and len({core // size for g in groups for core in g}) > 1:
            yield _said(one, f"lie on several {one.scope}s; a constraint keeps them on one", target)
        elif one.kind == "keep_apart":
            places = [{core // size for core in g} for g in groups]
            shared = sorted({p for k, a in enumerate(places) for b in places[k + 1 :] for p in a & b})
            if shared:
                yield _said(one, f"share {one.scope} {shared[0]}; a constraint keeps them apart", target)


def _said(one: Constraint, what: str, target: Target) -> Finding:
    named = ", ".join(f"“{p}”" for p in one.paths[:4]) + (f" and {len(one.paths) - 4} more" if len(one.paths) > 4 else "")
    fix = f"Loosen or remove the constraint: the way {target.title} is filled does not keep it."
    return Finding("fit.constraint", "error", one.place, f"{named} {what}.", fix)
