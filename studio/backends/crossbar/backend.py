"""The row of the crossbar machines. Whoever lists machines loads this file, so that everything else is loaded when it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.backends.crossbar.reach import reach
from studio.backends.crossbar.target import OPTIONS, TARGET, tune
from studio.compile.backend import Backend, Listed, Outcome, Pass, Stimulus
from studio.compile.program import Part, Program
from studio.compile.target import Target
from studio.compile.wiring import Cut

if TYPE_CHECKING:
    from studio.backends.crossbar.maps import Map
    from studio.compile.traffic import Traffic


def passes(options: Mapping[str, Any]) -> tuple[Pass, ...]:
    from studio.backends.crossbar.passes import Choose, Lay, Programmed
    from studio.backends.crossbar.place import PlaceQuickly
    from studio.compile.passes.check_constraints import CheckConstraints
    from studio.compile.passes.check_models import CheckModels
    from studio.compile.passes.choose_step import ChooseStep
    from studio.compile.passes.keep_states import KeepStates
    from studio.compile.passes.place import Place
    from studio.compile.passes.schedule_delays import ScheduleDelays

    quick = bool(options["estimate"])
    checks = (CheckModels(reach), CheckConstraints(), ChooseStep(options["dt"]), ScheduleDelays(), KeepStates())
    careful = Place(alone, share=False)
    if quick:
        return (*checks, Choose(options), Lay(estimate=True), PlaceQuickly(careful))
    return (*checks, Choose(options), Lay(), careful, Programmed())


def alone(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    """Every part is a tile, and a tile is a core."""
    return {"tiles": 1.0}


def usage(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    """What some neurons take, on average over the tiles that hold their synapses."""
    from studio.backends.crossbar.plan import laid, n_tiles

    rows = columns = count = 0.0
    for c, made in laid(program):
        if c.target == layer:
            n = n_tiles(c, made) * cut.size / c.wiring.n_target
            count += n
            rows += n * min(made.rows, c.wiring.axons(None, cut))
            columns += n * min(made.columns, cut.size * made.devices + made.spare)
    return {"neurons": float(cut.size), "rows": rows / max(count, 1.0), "columns": columns / max(count, 1.0), "tiles": max(count, 1.0)}


def held(program: Program, part: Part) -> dict[str, float]:
    """What one tile holds; its digital unit computes neurons where the tile is their home. (That a tile takes a whole one, and its area, fills no more of it.)"""
    from studio.backends.crossbar.design import Design

    connection, _, number = part.key.rpartition("/")
    rows = program.settings.get("rows", {}).get(connection)
    if rows is None:
        return {"neurons": float(part.size)}
    made = Design.from_json(program.connection(connection).crossbar or {})
    columns = float(part.size * made.devices + made.spare)
    out = {"rows": float(rows[int(number)]), "columns": columns, "converters": float(part.size)}
    return {**out, "neurons": float(part.size)} if part.key in program.settings["homes"] else out


def every_map(program: Program) -> Iterator[Map]:
    """All tiles of a program, in its order, one after the other."""
    from studio.backends.crossbar.maps import maps
    from studio.backends.crossbar.plan import laid
    from studio.models.catalogue import builtin

    catalogue = builtin()
    return (m for c, made in laid(program) for m in maps(c, made, program.seed, catalogue))


def emit(program: Program, folder: Path) -> tuple[str, ...]:
    from studio.backends.crossbar.emit import emit as write

    return write(program, every_map(program), folder)


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    from studio.backends.crossbar.emulate import emulate as run

    return run(program, every_map(program), stimulus)


def replay(folder: Path, stimulus: Stimulus) -> Outcome:
    from studio.backends.crossbar.emulate import emulate as run
    from studio.backends.crossbar.read import read

    return run(*read(folder), stimulus)


def traffic(program: Program, target: Target, spikes: Mapping[str, Listed] | None = None, steps: int | None = None) -> Traffic | None:
    """Events between tiles in a run, and how long tiles work."""
    from studio.backends.crossbar.traffic import traffic_of

    return None if spikes is None else traffic_of(program, target, spikes, steps or program.steps)


BACKENDS = (
    Backend(
        target=TARGET,
        reach=reach,
        passes=passes,
        usage=usage,
        held=held,
        traffic=traffic,
        emit=emit,
        emulate=emulate,
        replay=replay,
        tune=tune,
        options=OPTIONS,
    ),
)
