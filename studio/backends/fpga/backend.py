"""FPGAs as a back end. What needs the engine is imported when it is called, so that listing machines stays quick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.backends.fpga.cost import usage
from studio.backends.fpga.reach import reach
from studio.backends.fpga.target import OPTIONS, TARGET, tune
from studio.compile.backend import Backend, Outcome, Pass, Stimulus
from studio.compile.program import Program


def passes(options: Mapping[str, Any]) -> tuple[Pass, ...]:
    """Precision, step, delays, arithmetic, cores, speed."""
    from studio.backends.fpga.arithmetic import ChoosePrecision, NoWaitWithin, RenderArithmetic
    from studio.backends.fpga.cores import ChooseDevice, CutCores, NumberCores, PlanSpeed
    from studio.compile.passes.check_constraints import CheckConstraints
    from studio.compile.passes.check_models import CheckModels
    from studio.compile.passes.choose_step import ChooseStep
    from studio.compile.passes.route import RouteMesh
    from studio.compile.passes.schedule_delays import ScheduleDelays

    asked = None if options["speed"] is None else float(options["speed"])
    quick: tuple[Pass, ...] = (
        ChoosePrecision(options),
        CheckModels(reach),
        CheckConstraints(),
        ChooseStep(options["dt"]),
        ScheduleDelays(),
        NoWaitWithin(),
        ChooseDevice(),
        RenderArithmetic(),
        CutCores(),
        NumberCores(),
        PlanSpeed(asked, float(options["rate"])),
    )
    return quick if options["estimate"] else (*quick, RouteMesh())


def emit(program: Program, folder: Path) -> tuple[str, ...]:
    from studio.backends.fpga.emit import emit as write

    return write(program, folder)


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    """On whole numbers, step by step."""
    from studio.backends.fpga.design import design
    from studio.backends.fpga.emulate import emulate as run

    return run(design(program), stimulus)


def replay(folder: Path, stimulus: Stimulus) -> Outcome:
    """The Verilog in a simulator."""
    from studio.backends.fpga.replay import replay as run

    return run(folder, stimulus)


BACKENDS = (
    Backend(
        target=TARGET,
        reach=reach,
        passes=passes,
        usage=usage,
        emit=emit,
        emulate=emulate,
        replay=replay,
        tune=tune,
        options=OPTIONS,
    ),
)
