"""Loihi 1 and Loihi 2 as back ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.backends.loihi.memory import usage
from studio.backends.loihi.reach import reach
from studio.backends.loihi.target import LOIHI, LOIHI_2, OPTIONS, number, tuned
from studio.compile.backend import Backend, Outcome, Pass, Stimulus
from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import FindingError

if TYPE_CHECKING:
    from studio.compile.passes.fan_in import SplitFanIn


def passes(options: Mapping[str, Any]) -> tuple[Pass, ...]:
    from studio.backends.loihi.fill import Alone, Fill, Ways
    from studio.backends.loihi.legalise import Integers
    from studio.compile.passes.check_constraints import CheckConstraints
    from studio.compile.passes.check_models import CheckModels
    from studio.compile.passes.choose_step import ChooseStep
    from studio.compile.passes.schedule_delays import ScheduleDelays
    from studio.compile.passes.split import Split

    step, room, quick = number(options, "dt", 1e-6), number(options, "headroom", 1), bool(options.get("estimate"))
    integers = Integers(
        rounding=str(options.get("weights", "nearest")),  # type: ignore[arg-type]
        merge=options.get("time_constants") == "merge",
        headroom=room,
        channels=options.get("channels") == "target",
    )
    before = (CheckModels(reach), CheckConstraints(), ChooseStep(step), ScheduleDelays(), divided(options))
    placed = (integers, Alone(usage), Split(usage), Fill(usage, quick, bool(options.get("annealed"))))
    return (*before, *placed) if quick else (*before, *placed, Ways())


def divided(options: Mapping[str, Any]) -> SplitFanIn:
    """What divides a fan-in of more than 4,096 sources. A compartment's voltage is reset to 0, its current is not: the current adds up, and a
    synapse of the compartment onto itself takes the quantum off. Each dendrite needs an in-axon for that."""
    from studio.compile.passes.dendrite import Dendrite
    from studio.compile.passes.fan_in import SplitFanIn

    params = {"du": 0.0, "dv": 4095.0, "bias_mant": 0.0, "bias_exp": 0.0}
    dendrite = Dendrite("loihi", params, "vth", 255, 255 * 2**7, above=True, rounds=True, itself=True, leak=1.0 / 4096.0)
    return SplitFanIn(dendrite, "in_axons", options.get("fan_in") == "split", options.get("quantum"), spare=0.875)


def emit(program: Program, folder: Path) -> tuple[str, ...]:
    from studio.backends.loihi import lava, tables, text
    from studio.backends.loihi.allocate import allocate, over

    if not tables.listed(program):
        return tables.write(program, folder)
    registers = allocate(program)
    if wrong := over(registers):
        raise FindingError(wrong)
    files = (*text.write(registers, folder), *lava.write(program, folder))
    return files if program.target == LOIHI.key else (*files, *tables.write(program, folder))


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    from studio.backends.loihi.emulate import emulate

    return emulate(program, stimulus)


def replay(folder: Path, stimulus: Stimulus) -> Outcome:
    from studio.backends.loihi.emulate import learning_run
    from studio.backends.loihi.machine import Machine
    from studio.backends.loihi.rebuilt import network
    from studio.backends.loihi.text import read

    registers = read(folder)
    if registers.rules:
        return learning_run(network(registers, stimulus), stimulus, registers.dt)
    return Machine(registers).run(stimulus)


def backend(target: Target) -> Backend:
    return Backend(
        target=target, reach=reach, passes=passes, usage=usage, emit=emit, emulate=emulate, replay=replay, tune=tuned, options=OPTIONS
    )


BACKENDS = (backend(LOIHI), backend(LOIHI_2))
