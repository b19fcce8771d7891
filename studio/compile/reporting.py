"""The report on a program: what lies where, and how full it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from studio.compile.backend import Backend
from studio.compile.passes.place import taken
from studio.compile.passes.split import CODES, alone
from studio.compile.program import Part, Program
from studio.compile.report import Floor, PathReport, Report, Tile, Use, of_path
from studio.compile.target import Target
from studio.findings import errors

Amounts = Mapping[str, float]
COUNTED = {*CODES.values(), "fit.memory", "fit.cores", "fit.constraint", "fit.traffic"}  # errors of programs whose use can be counted


def report_of(program: Program, backend: Backend, target: Target, timings: Mapping[str, float]) -> Report:
    """The report on a program, as far as its passes came: where one stopped for want of room, with what is needed all the same."""
    amounts, lone = _amounts(program, backend, target)
    cores = _cores(program, amounts)
    return Report(
        target=target.key,
        title=target.title,
        name=program.name,
        hash=program.hash,
        dialect=target.dialect,
        unverified=target.unverified,
        paths=_paths(program, target, amounts, cores, lone),
        totals=_totals(program, target, amounts, cores),
        floor=_floor(program, target, cores),
        losses=program.losses,
        findings=program.findings,
        settings=program.settings,
        timings_ms=timings,
    )


def _amounts(program: Program, backend: Backend, target: Target) -> tuple[dict[str, Amounts], dict[str, Amounts]]:
    """(what each part takes of its core; what one neuron takes, of layers that could not be cut), by their keys."""
    if any(f.code not in COUNTED for f in errors(program.findings)):
        return {}, {}
    if backend.held is not None:
        return {part.key: backend.held(program, part) for part in program.parts}, {}
    parts = dict(zip((p.key for p in program.parts), taken(program, backend.usage), strict=True))
    cut = {p.layer for p in program.parts}
    left = [x for x in program.layers if x.key not in cut and x.size] if program.stopped else []
    return parts, {x.key: alone(program, target, x, backend.usage) for x in left}


def _cores(program: Program, amounts: Mapping[str, Amounts]) -> dict[int, dict[str, float]]:
    """What each core holds of each resource."""
    out: dict[int, dict[str, float]] = {}
    for part in program.parts:
        if part.core is None or part.key not in amounts:
            continue
        here = out.setdefault(part.core, {})
        for resource, amount in amounts[part.key].items():
            here[resource] = here.get(resource, 0.0) + amount
    return out


def _paths(
    program: Program, target: Target, amounts: Mapping[str, Amounts], cores: Mapping[int, Amounts], lone: Mapping[str, Amounts]
) -> dict[str, PathReport]:
    parts: dict[str, list[Part]] = {}
    for part in program.parts:
        parts.setdefault(_path(program, part), []).append(part)
    single: dict[str, list[Amounts]] = {}
    for key, needs in lone.items():
        single.setdefault(program.node(key).path, []).append(needs)
    out: dict[str, PathReport] = {}
    nodes = [(x.path, "population") for x in program.layers] + [(x.path, "source") for x in program.inputs]
    for path, kind in [*nodes, *((c.path, "projection") for c in program.connections)]:
        if path in out:
            continue
        mine = parts.get(path, [])
        losses = tuple(x for x in program.losses if x.path == path or x.path.startswith(path + "."))
        placed = {p.core for p in mine if p.core is not None}
        uses = _uses(mine, target, amounts, cores) or _needs(single.get(path, ()), target)
        out[path] = PathReport(path, kind, len(placed) or len(mine), uses, losses, of_path(path, program.findings))  # type: ignore[arg-type]
    return out


def _path(program: Program, part: Part) -> str:
    return part.path or program.node(part.layer).path


def _uses(parts: list[Part], target: Target, amounts: Mapping[str, Amounts], cores: Mapping[int, Amounts]) -> tuple[Use, ...]:
    """Of the fullest core that holds some of a path; of its largest part where nothing is placed yet."""
    out: list[Use] = []
    for resource, limit in target.limits.items():
        used = [
            (here.get(resource, 0.0), part.core)
            for part in parts
            if (here := cores.get(part.core) if part.core is not None else amounts.get(part.key)) and resource in here
        ]
        if used:
            most, core = max(used, key=lambda pair: pair[0])
            out.append(Use(resource, most, limit.value, limit.unit, f"core {core}" if core is not None else ""))
    return tuple(out)


def _needs(found: Iterable[Amounts], target: Target) -> tuple[Use, ...]:
    """Of one neuron that could not be put anywhere."""
    most: dict[str, float] = {}
    for amounts in found:
        most |= {name: max(value, most.get(name, 0.0)) for name, value in amounts.items()}
    return tuple(Use(name, most[name], limit.value, limit.unit, "one neuron") for name, limit in target.limits.items() if name in most)


def _totals(program: Program, target: Target, amounts: Mapping[str, Amounts], cores: Mapping[int, Amounts]) -> tuple[Use, ...]:
    """What is used of the chips that are used; chips, of all there may be. Of parts without cores, how many they need at least."""
    if not program.parts or not amounts:
        return ()
    t = target.topology
    if not cores:
        sums: dict[str, float] = {}
        for used in amounts.values():
            for name in used.keys() & target.limits.keys():
                sums[name] = sums.get(name, 0.0) + used[name] / target.limit(name)
        least = max(1, math.ceil(max(sums.values(), default=0.0) - 1e-9))
        return Use("chips", -(-least // t.cores_per_chip), t.chips), Use("cores", least, t.cores)
    chips = len({t.place(core)[0] for core in cores}) or 1
    there = t.cores / t.chips * chips
    out = [Use("chips", chips, t.chips), Use("cores", len(cores), there)]
    for resource, limit in target.limits.items():
        if any(resource in here for here in cores.values()):
            amount = sum(here.get(resource, 0.0) for here in cores.values())
            out.append(Use(resource, amount, limit.value * (chips if limit.shared else there), limit.unit))
    return tuple(out)


def _floor(program: Program, target: Target, cores: Mapping[int, Amounts]) -> Floor | None:
    if not cores:
        return None
    t = target.topology
    parts: dict[int, dict[str, int]] = {}
    for part in program.parts:
        if part.core is not None:
            here = parts.setdefault(part.core, {})
            path = _path(program, part)
            here[path] = here.get(path, 0) + part.size
    tiles = []
    for core in sorted(parts):
        chip, x, y = t.place(core)
        limits = [(amount, target.limits[name].value) for name, amount in cores.get(core, {}).items() if name in target.limits]
        full = max((a / b for a, b in limits if b), default=0.0)
        tiles.append(Tile(core, chip, x, y, tuple(parts[core].items()), full))
    chips = 1 + max(tile.chip for tile in tiles)
    return Floor(t.kind, t.columns, t.rows, t.cores_per_router, chips, t.chip_columns, tuple(tiles))
