"""Loihi 1 and Loihi 2 as back ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.backends.loihi.memory import usage
from studio.backends.loihi.reach import reach
from studio.backends.loihi.target import LOIHI, LOIHI_2, OPTIONS, tuned
from studio.compile.backend import Backend, Outcome, Pass, Stimulus
from studio.compile.program import Program
from studio.compile.target import Target


def passes(options: Mapping[str, Any]) -> tuple[Pass, ...]:
    from studio.backends.loihi.fill import Fill
    from studio.backends.loihi.legalise import Integers
    from studio.compile.passes.check_models import CheckModels
    from studio.compile.passes.split import Split

    headroom = options.get("headroom")
    integers = Integers(
        rounding=str(options.get("weights", "nearest")),
        merge=options.get("time_constants") == "merge",
        headroom=None if headroom is None else float(headroom),
    )
    return (CheckModels(reach), integers, Split(usage), Fill(usage, bool(options.get("estimate")), bool(options.get("annealed"))))


def emit(program: Program, folder: Path) -> tuple[str, ...]:
    from studio.backends.loihi import lava, text
    from studio.backends.loihi.allocate import allocate

    return (*text.write(allocate(program), folder), *lava.write(program, folder))


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    from studio.backends.loihi.emulate import emulate

    return emulate(program, stimulus)


def replay(folder: Path, stimulus: Stimulus) -> Outcome:
    from studio.backends.loihi.machine import Machine
    from studio.backends.loihi.text import read

    return Machine(read(folder)).run(stimulus)


def backend(target: Target) -> Backend:
    return Backend(
        target=target, reach=reach, passes=passes, usage=usage, emit=emit, emulate=emulate, replay=replay, tune=tuned, options=OPTIONS
    )


BACKENDS = (backend(LOIHI), backend(LOIHI_2))
