"""The twin run: the network as it is meant and as the machine does it, on the same input; and the artefact, read back, against the emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.analysis.task import learnt, times
from studio.backends.comparison import Twin, comparison
from studio.backends.stimulus import stimulus_of
from studio.compile.backend import Outcome, Stimulus
from studio.compile.energy import energy_of
from studio.compile.pipeline import Cancelled, Compiled
from studio.compile.program import Program
from studio.compile.report import Loss, Report
from studio.compile.traffic import traffic_of
from studio.compile.watching import heard, tick
from studio.engine.frames import Cancel
from studio.engine.run import simulate
from studio.findings import Finding, FindingError
from studio.network.flat import FlatNetwork, Record

Watch = Callable[[str, float], None]
KINDS: Mapping[str, str] = {
    "saturated": "went beyond what the machine can hold and stayed at its end",
    "overflow": "went beyond what a register can hold and wrapped",
    "merged": "arrived together with another and counted once",
    "dropped": "did not arrive",
}
OFTEN = 0.9  # of all steps: a dendrite that fires so often is behind
TELL = 0.05  # how much more must be done before it is said again


def verify(
    compiled: Compiled,
    folder: Path | str,
    *,
    samples: int | None = None,
    max_rate_error: float | None = None,
    watch: Watch | None = None,
    cancel: Cancel | None = None,
) -> Compiled:
    """Compare a compiled network with the ideal one; the report then has `comparison`, and what the machine counted as losses.

    `folder` holds the artefact (`Compiled.emit`). `samples`: only the first so many patterns of the document's task are shown (after those it learns
    from). `max_rate_error`: the comparison fails where a population's rate is off by a larger share. `watch` hears (stage, part of it that is done).
    Raises Cancelled where `cancel` is set while it works, FindingError where the network does not fit or nobody knows what it was made of.
    """
    flat = _what(compiled)
    hears = _Hears(watch, cancel)
    if compiled.backend.emulate is None:
        text = f"Nobody but its makers can say what {compiled.report.title} computes: there is no emulator to compare with."
        return replace(
            compiled, report=replace(compiled.report, findings=(*compiled.report.findings, Finding("fit.unverified", "info", "", text)))
        )
    ideal = hears.during(
        "ideal run", lambda: simulate(ideally(flat, samples), watch=lambda f: tick(f.t_ms / max(f.duration_ms, 1e-9)), cancel=cancel)
    )
    if not ideal.complete:  # interrupted
        raise Cancelled
    stimulus = stimulus_of(compiled.program, ideal)
    emulate, replay = compiled.backend.emulate, compiled.backend.replay
    outcome: Outcome = hears.during("emulator", lambda: emulate(compiled.program, stimulus))
    difference = None
    if replay is not None:
        difference = hears.during("artefact", lambda: replayed(compiled, Path(folder), stimulus, outcome))
    twin = Twin(compiled.program, flat, ideal, stimulus, outcome, difference, samples, max_rate_error, compiled.backend.replay_steps)
    report = with_losses(replace(compiled.report, comparison=comparison(twin)), counted(twin))
    report = replace(report, findings=(*report.findings, *overdriven(compiled.program, outcome)))
    return replace(compiled, report=measured(compiled, report, stimulus, outcome))


def replayed(compiled: Compiled, folder: Path, stimulus: Stimulus, outcome: Outcome) -> str:
    """What the artefact, executed, does otherwise than the emulator; empty where they agree exactly. As many steps as the back end says at most."""
    replay, emulate, most = compiled.backend.replay, compiled.backend.emulate, compiled.backend.replay_steps
    assert replay is not None and emulate is not None
    if most is not None and stimulus.steps > most:
        stimulus = stimulus.first(most)
        outcome = emulate(compiled.program, stimulus)
    return replay(folder, stimulus).differs(outcome)


def _what(compiled: Compiled) -> FlatNetwork:
    if not compiled.fits:
        raise FindingError(f for f in compiled.report.findings if f.severity == "error")
    if compiled.program.flat is None:
        text = "the program does not know the network it was made of."
        raise FindingError([Finding("fit.verify", "error", "", text, "Compile the document again.")])
    return compiled.program.flat


class _Hears:
    """Hands what is done to whoever watches, and ends the work when it is cancelled."""

    def __init__(self, watch: Watch | None, cancel: Cancel | None) -> None:
        self.watch, self.cancel = watch, cancel

    def during(self, stage: str, work: Callable[[], Any]) -> Any:
        said = -1.0

        def hear(done: float) -> None:
            nonlocal said
            if self.cancel is not None and self.cancel.is_set():
                raise Cancelled
            done = min(1.0, done)
            if self.watch is not None and (done >= said + TELL or done == 1.0 > said):
                said = done
                self.watch(stage, done)

        with heard(hear):
            hear(0.0)
            made = work()
            hear(1.0)
        return made


def ideally(flat: FlatNetwork, samples: int | None = None) -> FlatNetwork:
    """The network with everything recorded that a comparison needs: spikes of all populations and spiking sources, and the states that the document
    records; shortened to so many patterns."""
    nodes = [p.path for p in flat.populations] + [s.path for s in flat.sources if s.model.signal == "spiking"]
    run = replace(flat.run, record=(*(Record(path, "spikes", None, flat.run.dt) for path in nodes), *flat.traced))
    if samples is not None:
        if flat.task is None:
            raise FindingError(
                [Finding("path.task", "error", "task", "the document has no task, and so no samples.", "Verify without samples.")]
            )
        present, gap = times(flat.task)
        run = replace(run, duration=min(run.duration, (learnt(flat.task) + samples) * (present + gap)))
    return replace(flat, run=run)


def counted(twin: Twin) -> Iterator[Loss]:
    """What the machine counted on the way, as losses of their paths."""
    spikes = {x.path: len(twin.stimulus.spikes[x.key][0]) for x in twin.program.inputs if x.key in twin.stimulus.spikes}
    sizes = {p.path: p.size for p in twin.flat.populations}
    for path, counts in sorted(twin.outcome.counters.items()):
        for kind, count in sorted(counts.items()):
            if kind in KINDS and count:
                total = spikes.get(path, sizes.get(path, 0) * twin.outcome.steps)
                text = f"In the twin run {count:,} value{'s' * (count != 1)} {KINDS[kind]}."
                yield Loss(path, "run", kind, count, max(total, count), 0.0, "", text)  # type: ignore[arg-type]


def overdriven(program: Program, outcome: Outcome) -> Iterator[Finding]:
    """Populations whose dendrites (`compile.passes.fan_in`) sent a quantum in nearly every step: then charge waits in them, and more and more of it."""
    divided = program.settings.get("fan_in")
    for key, said in divided.items() if isinstance(divided, Mapping) else ():
        spikes = [np.bincount(outcome.spikes[name][1], minlength=1).max() for name in said["dendrites"]]
        share = max(spikes, default=0) / outcome.steps
        if share > OFTEN:
            path = program.node(key).path
            text = f"A dendrite of “{path}” sent a quantum in {share:.0%} of the steps of the twin run: more arrives than it can pass on in time."
            yield Finding("lossy.fan_in", "warning", path, text, "Choose larger quanta (option quantum), or lower the rates.")


def with_losses(report: Report, losses: Iterator[Loss]) -> Report:
    """The report with more losses, in the whole and under their paths."""
    more = tuple(losses)
    paths = {
        path: replace(p, losses=(*p.losses, *(x for x in more if x.path == path or x.path.startswith(path + "."))))
        for path, p in report.paths.items()
    }
    return replace(report, losses=(*report.losses, *more), paths=paths)


def measured(compiled: Compiled, report: Report, stimulus: Stimulus, outcome: Outcome) -> Report:
    """The report with the energy and the traffic of this run, and its loads on the floor plan."""
    spikes = {**stimulus.spikes, **outcome.spikes}
    count = compiled.backend.traffic or traffic_of
    traffic = count(compiled.program, compiled.target, spikes=spikes, steps=stimulus.steps)
    if traffic is None:
        return report
    energy = energy_of(compiled.program, compiled.target, traffic, outcome.events)
    if energy is not None and report.comparison is not None and (task := report.comparison["task"]):
        energy = replace(energy, inferences=task["n"])
    floor = None if report.floor is None else replace(report.floor, links=traffic.floor_links())
    findings = tuple(dict.fromkeys((*report.findings, *traffic.findings)))
    return replace(report, traffic=traffic.to_json(), energy=None if energy is None else energy.to_json(), floor=floor, findings=findings)
