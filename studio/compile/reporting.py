"""The report on a program: what lies where, and how full it is."""

from __future__ import annotations

from collections.abc import Mapping

from studio.compile.backend import Backend
from studio.compile.program import Part, Program
from studio.compile.report import Floor, PathReport, Report, Tile, Use, of_path
from studio.compile.target import Target

Amounts = Mapping[str, float]


def report_of(program: Program, backend: Backend, target: Target, timings: Mapping[str, float]) -> Report:
    """The report on a program, as far as its passes came."""
    held = backend.held or (lambda program, part: backend.usage(program, part.layer, part.cut))
    amounts = {part.key: held(program, part) for part in program.parts} if not program.stopped else {}
    cores = _cores(program, amounts)
    return Report(
        target=target.key,
        title=target.title,
        name=program.name,
        hash=program.hash,
        dialect=target.dialect,
        unverified=target.unverified,
        paths=_paths(program, target, amounts, cores),
        totals=_totals(program, target, cores),
        floor=_floor(program, target, cores),
        losses=program.losses,
        findings=program.findings,
        settings=program.settings,
        timings_ms=timings,
    )


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


def _paths(program: Program, target: Target, amounts: Mapping[str, Amounts], cores: Mapping[int, Amounts]) -> dict[str, PathReport]:
    parts: dict[str, list[Part]] = {}
    for part in program.parts:
        parts.setdefault(_path(program, part), []).append(part)
    out: dict[str, PathReport] = {}
    nodes = [(x.path, "population") for x in program.layers] + [(x.path, "source") for x in program.inputs]
    for path, kind in [*nodes, *((c.path, "projection") for c in program.connections)]:
        if path in out:
            continue
        mine = parts.get(path, [])
        losses = tuple(x for x in program.losses if x.path == path or x.path.startswith(path + "."))
        out[path] = PathReport(
            path,
            kind,  # type: ignore[arg-type]
            len({p.core for p in mine}),
            _uses(mine, target, amounts, cores),
            losses,
            of_path(path, program.findings),
        )
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


def _totals(program: Program, target: Target, cores: Mapping[int, Amounts]) -> tuple[Use, ...]:
    """What is used of the chips that are used; chips, of all there may be."""
    if not program.parts:
        return ()
    t = target.topology
    chips = len({t.place(core)[0] for core in cores}) or 1
    there = t.cores / t.chips * chips
    out = [Use("chips", chips, t.chips), Use("cores", len({p.core for p in program.parts}), there)]
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
