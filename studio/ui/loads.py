"""What the links of a placed estimate carry: from the rates of the latest run, or from stated ones where there was none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.compile.energy import energy_of
from studio.compile.traffic import Traffic, traffic_of

if TYPE_CHECKING:
    from studio.compile.pipeline import Compiled
    from studio.compile.program import Program
    from studio.compile.report import Report
    from studio.engine.recording import Recording


def with_loads(compiled: Compiled, recording: str | None) -> Report:
    """The report of a compilation with traffic and energy, where its program is placed."""
    report, program, target = compiled.report, compiled.program, compiled.target
    run = _read(recording)
    traffic = traffic_of(program, target) if run is None else _of_run(compiled, run)
    if traffic is None:
        return report
    energy = energy_of(program, target, traffic)
    floor = report.floor and replace(report.floor, links=traffic.floor_links())
    known = set(report.findings)
    found = tuple(f for f in traffic.findings if f not in known)
    return replace(
        report, traffic=traffic.to_json(), energy=energy.to_json() if energy else None, floor=floor, findings=(*report.findings, *found)
    )


def _of_run(compiled: Compiled, run: Recording) -> Traffic | None:
    """From every spike where layers are the document's populations, as they stand in the recording; else from mean rates."""
    from studio.analysis import rates

    program, target = compiled.program, compiled.target
    spikes = _retimed(program, run)
    if spikes is not None:
        return traffic_of(program, target, spikes=spikes, steps=max(1, round(run.duration / program.dt)))
    made = traffic_of(program, target, rates=dict(rates(run)))
    return made and replace(made, measured=True)


def _retimed(program: Program, run: Recording) -> dict[str, tuple[np.ndarray, np.ndarray]] | None:
    """The recorded spikes in steps of the program; None where a layer is not a whole population of the recording."""
    whole = all(x.key == x.path and x.path in run.spikes and run.populations[x.path].size == x.size for x in program.layers)
    if not whole:
        return None
    nodes = [*program.layers, *(x for x in program.inputs if x.path in run.spikes)]
    ratio = run.dt / program.dt
    return {
        x.key: (np.floor((np.asarray(s.steps) - 1) * ratio).astype(np.int64), np.asarray(s.ids)) for x in nodes if (s := run.spikes[x.path])
    }


def _read(recording: str | None) -> Recording | None:
    from studio.engine.recording import Recording

    if recording is None or not Path(recording).exists():
        return None
    try:
        return Recording.load(recording)
    except (OSError, ValueError, KeyError):
        return None
