"""Parts onto cores: those that speak with each other near each other, several on a core where they fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from studio.compile.constraints import Rules
from studio.compile.graph import BlockGraph, local_graph
from studio.compile.passes.anneal import Anneal
from studio.compile.passes.embed import embed
from studio.compile.passes.order import neighbours, visiting
from studio.compile.passes.plan import Plan, Where
from studio.compile.passes.split import CODES, Usage, amount, exceeded, uniform
from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import Finding


@dataclass(frozen=True)
class Place:
    """Gives every part a core (`Part.core`).

    Needs: parts that fit a core each (`split`), and a `usage` that may be added up over the parts of a core. Guarantees: on every core the
    sums lie within the limits; regions, keep_together and keep_apart hold; or a finding (`fit.cores`, `fit.constraint`) says what does not.
    A layer that is cut into a grid of boxes is laid onto the mesh as it is, where there is room. Greedy else: the part that speaks most with those already placed comes next, and goes to the core nearest to them: a core in use where it
    still fits (`share`), else a free one. `annealed`: cores then change places as `Anneal` says.
    `axons` of the block graph are what is minimised, times the hops between routers. Inputs do not pull.
    """

    usage: Usage
    share: bool = True
    annealed: bool = False
    moves: int | None = None
    name: str = "place"

    def __call__(self, program: Program, target: Target) -> Program:
        rules = Rules(program, target)
        amounts = taken(program, self.usage)
        for part, used in zip(program.parts, amounts, strict=True):
            if over := exceeded(used, target):
                return program.say(_too_large(program.node(part.layer).path, part.key, over, target))
        plan = Plan.empty(program, target, rules, amounts)
        if plan.least_cores(range(len(plan.core))) > target.topology.cores:
            return program.say(_too_few(program, target, plan))
        graph = local_graph(program).between_parts().merged()
        refused = _greedy(program, target, rules, plan, graph, self.share)
        if refused is not None:
            return program.say(refused)
        placed = replace(program, parts=tuple(replace(p, core=int(c)) for p, c in zip(program.parts, plan.core, strict=True)))
        return Anneal(moves=self.moves)(placed, target) if self.annealed else placed


def taken(program: Program, usage: Usage) -> list[Mapping[str, float]]:
    """What every part takes of a core; asked once for parts of one size where only that counts."""
    same = {layer.key: uniform(program, layer) for layer in program.layers}
    known: dict[tuple[str, int], Mapping[str, float]] = {}
    out: list[Mapping[str, float]] = []
    for part in program.parts:
        if not same.get(part.layer, False) or part.cut.box is not None:
            out.append(usage(program, part.layer, part.cut))
            continue
        key = part.layer, part.size
        if key not in known:
            known[key] = usage(program, part.layer, part.cut)
        out.append(known[key])
    return out


def _greedy(program: Program, target: Target, rules: Rules, plan: Plan, graph: BlockGraph, share: bool) -> Finding | None:
    """Places everything, what is kept together first, then what has a region; or says what could not be."""
    near = neighbours(graph)
    for scope, layers in _groups(rules):
        members = [k for k, p in enumerate(program.parts) if p.layer in layers and plan.core[k] < 0]
        if members and not _together(plan, near, members, scope, share):
            needs = plan.least_cores(members) if share or scope == "core" else len(members)
            return _cannot_stay_together(program, target, needs, scope, layers, plan)
    for k, part in enumerate(program.parts):
        if plan.core[k] < 0 and rules.allowed(part.layer) is not None and not plan.put(k, plan.best(k, near, share)):
            return _no_room(program, target, plan, k)
    embed(plan, program)
    for k in visiting(near, plan.core >= 0):
        if not plan.put(k, plan.best(k, near, share)):
            return _no_room(program, target, plan, k)
    return None


def _groups(rules: Rules) -> list[tuple[str, frozenset[str]]]:
    """What is kept together, groups that share a layer as one; on one core first."""
    out: list[tuple[str, frozenset[str]]] = []
    for wanted in ("core", "chip"):
        merged: list[frozenset[str]] = []
        for scope, layers in rules.together:
            if scope == wanted and layers:
                rest = [g for g in merged if not g & layers]
                merged = [*rest, layers.union(*(g for g in merged if g & layers))]
        out += [(wanted, g) for g in merged]
    return out


def _together(plan: Plan, near: list[tuple[np.ndarray, np.ndarray]], members: list[int], scope: str, share: bool) -> bool:
    """Puts all members onto one chip (or core), the first where it is possible."""
    size = plan.topology.cores_per_chip if scope == "chip" else 1
    places = plan.topology.chips if scope == "chip" else plan.topology.cores
    tried = range(places) if scope == "chip" else plan.candidates(members[0])
    for place in tried:
        within = Where(int(place) * size, (int(place) + 1) * size)
        if all(plan.put(k, plan.best(k, near, share or scope == "core", within)) for k in members):
            return True
        plan.clear(members, within)
        if plan.untouched(within):
            return False  # an empty one was not enough: none is
    return False


def _too_large(path: str, part: str, over: Mapping[str, tuple[float, float]], target: Target) -> Finding:
    resource, (needed, there) = max(over.items(), key=lambda pair: pair[1][0] / max(pair[1][1], 1e-9))
    text = f"Part “{part}” needs {amount(target, resource, needed)}; a core of {target.title} has {there:,.6g}."
    return Finding(CODES.get(resource, "fit.memory"), "error", path, text, "Split the population further, or connect it more sparsely.")


def _cannot_stay_together(program: Program, target: Target, needs: int, scope: str, layers: frozenset[str], plan: Plan) -> Finding:
    paths = sorted({program.node(layer).path for layer in layers})
    where = next(c.place for c in plan.rules.all if c.kind == "keep_together" and set(plan.rules.layers(c.paths)) & layers)
    listed = ", ".join(f"“{p}”" for p in paths[:6]) + (f" and {len(paths) - 6} more" if len(paths) > 6 else "")
    there = target.topology.cores_per_chip if scope == "chip" else 1
    text = f"A constraint keeps {listed} on one {scope}, which they do not fit: they need {needs:,} core{'s' * (needs != 1)} or more, and one {scope} has {there:,}."
    if needs <= there:
        text = f"A constraint keeps {listed} on one {scope}; with the regions and what is kept apart no {scope} has room for all of them."
    return Finding("fit.constraint", "error", where, text, "Keep fewer together, or make them smaller.")


def _no_room(program: Program, target: Target, plan: Plan, part: int) -> Finding:
    layer = program.node(program.parts[part].layer)
    held = len(plan.candidates(part)) == 0
    if plan.rules.allowed(layer.key) is not None or held:
        where = next(
            (c.place for c in plan.rules.all if layer.key in plan.rules.layers(c.paths) and c.kind in ("region", "keep_apart")), layer.path
        )
        text = f"“{layer.path}” finds no core among those that constraints leave it: {int((plan.core >= 0).sum()):,} of {len(plan.core):,} parts are placed."
        return Finding("fit.constraint", "error", where, text, "Give it more cores, or loosen the constraint.")
    return _too_few(program, target, plan)


def _too_few(program: Program, target: Target, plan: Plan) -> Finding:
    """The network needs more cores than there are; the layer that needs the most is named."""
    t = target.topology
    everything = list(range(len(plan.core)))
    needs, unplaced = plan.least_cores(everything), int((plan.core < 0).sum())
    by_layer: dict[str, float] = {}
    for k, part in enumerate(program.parts):
        by_layer[part.layer] = by_layer.get(part.layer, 0.0) + float(plan.need[k].max())
    most = max(by_layer, key=lambda key: by_layer[key])
    left = f", and {unplaced:,} of its {len(plan.core):,} parts find no room" if needs <= t.cores else ""
    text = f"The network needs {needs:,} cores or more{left}; {t.chips:,} chip{'s have' if t.chips != 1 else ' has'} {t.cores:,} ({target.title})."
    share = by_layer[most] / max(sum(by_layer.values()), 1e-9)
    fix = f"Use more chips, or fewer neurons and synapses: “{program.node(most).path}” takes {share:.0%} of it."
    return Finding("fit.cores", "error", program.node(most).path, text, fix)
