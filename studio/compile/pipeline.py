"""From a network to a machine: lower, run the back end's passes, report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.compile.backend import Backend, Option
from studio.compile.folder import refill
from studio.compile.program import Program, lower
from studio.compile.report import Report
from studio.compile.reporting import report_of
from studio.compile.target import Target
from studio.findings import Finding, FindingError
from studio.network.flat import FlatNetwork

Watch = Callable[[str, Program], None]


class Cancelled(Exception):
    """Someone asked a compilation or a twin run to stop."""


@dataclass(frozen=True)
class Compiled:
    """A compiled network: its program, and the report so far. `target` is what the options made of the back end's."""

    backend: Backend
    target: Target
    program: Program
    report: Report
    options: Mapping[str, Any]

    @property
    def fits(self) -> bool:
        return self.report.fits

    def emit(self, folder: Path | str) -> Compiled:
        """Write the artefact into a folder, in place of an earlier one there; raise FindingError where the network does not fit.

        The files appear when all are complete. The report then names them.
        """
        if not self.fits:
            raise FindingError(f for f in self.report.findings if f.severity == "error")
        files = refill(Path(folder), lambda where: self.backend.emit(self.program, where))
        return replace(self, report=replace(self.report, files=files))


def compile_flat(
    flat: FlatNetwork,
    backend: Backend,
    options: Mapping[str, Any] | None = None,
    constraints: tuple[Any, ...] = (),
    watch: Watch | None = None,
) -> Compiled:
    """A flat network through the passes of a back end. What does not fit is a finding of the report, never an exception.

    `watch` hears the name of each pass as it begins, and the program so far; what it raises ends the work.
    """
    options = settled(backend, options or {})
    target = backend.tune(backend.target, options) if backend.tune is not None else backend.target
    started = time.perf_counter()
    program = lower(flat, target, constraints)
    timings = {"lower": 1000 * (time.perf_counter() - started)}
    for step in backend.passes(options):
        if watch is not None:
            watch(step.name, program)
        started = time.perf_counter()
        program = step(program, target)
        timings[step.name] = timings.get(step.name, 0.0) + 1000 * (time.perf_counter() - started)
        if program.stopped:
            break
    return Compiled(backend, target, program, report_of(program, backend, target, timings), options)


def settled(backend: Backend, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every option of a back end with its value; raise FindingError for one it does not have, or a value that it does not take.

    "estimate" is one of all: True asks for the passes of the fit meter, which count from rules and draw nothing.
    """
    known: dict[str, Option] = {o.name: o for o in backend.options}
    out = {"estimate": bool(given.get("estimate", False)), **{name: option.default for name, option in known.items()}}
    for name, value in given.items():
        if name == "estimate":
            continue
        if name not in known:
            fix = f"It has {', '.join(sorted(known))}." if known else "It has none."
            raise FindingError([Finding("fit.option", "error", "", f"{backend.target.title} has no option “{name}”.", fix)])
        try:
            out[name] = known[name].settled(value)
        except ValueError as wanted:
            raise FindingError(
                [Finding("fit.option", "error", name, f"{name} is {value!r}; it must be {wanted}.", f"Give {wanted}.")]
            ) from None
    return out
