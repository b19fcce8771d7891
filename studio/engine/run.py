"""Simulate a network: build it, advance it, watch it, and give what happened as a Recording."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np

from studio.engine.faults import with_faults
from studio.engine.frames import UNWATCHED_S, WATCHED_S, Cancel, Cancelled, Frame, building, nothing
from studio.engine.journal import Journal
from studio.engine.memory import check_memory
from studio.engine.profile import profile as profiled
from studio.engine.provenance import provenance
from studio.engine.ranks import AgreedError, Alone, Group, Said, agreed, bound, together
from studio.engine.ranks_gather import whole
from studio.engine.recorder import Recorder
from studio.engine.recording import Recording, full, is_full
from studio.engine.simulation import Plan, Simulation
from studio.engine.steering import Steering, steering
from studio.engine.waiting import waits
from studio.engine.wanted import in_document, in_flat
from studio.findings import Finding, FindingError
from studio.network.flat import FlatNetwork

NEURONS_PER_THREAD = 2500  # below this a second thread waits more than it works
PRECISIONS = ("single", "double")


class RunError(FindingError):
    """A run that could not go on; `recording` has what was recorded until then."""

    def __init__(self, findings: Iterable[Finding], recording: Recording) -> None:
        super().__init__(findings)
        self.recording = recording


def simulate(
    net: Any,
    duration: float | None = None,
    *,
    seed: int | None = None,
    dt: float | None = None,
    threads: int | None = None,
    precision: str | None = None,
    method: str | None = None,
    record: Iterable[Any] | None = None,
    set: Mapping[str, Any] | None = None,
    watch: Callable[[Frame], None] | None = None,
    cancel: Cancel | None = None,
    steer: Steering | Iterable[Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_s: float | None = 60.0,
    resume: str | os.PathLike[str] | None = None,
    events: Iterable[Any] | None = None,
    faults: Iterable[Any] | None = None,
    profile: bool = False,
    catalogue: Any = None,
    slice_steps: int | None = None,
    group: Group | None = None,
) -> Recording:
    """Run a network for `duration` ms and return its recording.

    `net`: a Network, a Document, a path to a file, or a FlatNetwork. What is None comes from the document's `run`.
    `threads` None: chosen by size. `method` "adaptive": where a neuron offers it. `set`: {"exc.tau_m": 15}.
    `record`: paths, (path, what), (path, what, every ms), {"path", "what", "every"} as in the document, or Record.
    `steer`: [(320.0, "exc.tau_m", 15)], times in ms; the log of another recording; or a Steering, which takes changes while it runs.
    `checkpoint`: a folder that the run writes to while it goes on, with a state to go on from every `checkpoint_s` seconds of wall time
    (None: no state, only what is recorded). `resume`: such a folder, of a run that was stopped or killed; it goes on to the same spikes.
    `events`: [(500, "1 d")] lets the clocks of all devices move on by a day at 500 ms; it replaces what the document says.
    `faults`: [("dead_neurons", "exc", 0.1), ("stuck_synapses", "p1", 0.05, 0.4)], (kind, path, fraction, value), in place of the document's.
    `profile`: measure where the time goes, into `provenance["profile"]`; `engine.profile.table` puts it in words.
    `slice_steps` cuts slices shorter than they need be (it changes no bit).
    `group`: the processes that share the work, as `ranks.world()` gives them; rank 0 gets the whole recording, the others their part.
    Cancelled, or interrupted by Ctrl-C, the run returns what it has, with `complete` False. Raises FindingError for errors of the document,
    RunError where a state stops being a finite number.
    """
    group = group or Alone()
    journal = _journal(resume if resume is not None else checkpoint, checkpoint_s, group)

    def settled() -> tuple[FlatNetwork, int, tuple[Steering, Iterable[Any]]]:
        flat = _settled(flat_network(net, set, catalogue, record, dt), duration, seed, dt, precision, method, events)
        flat = flat if faults is None else with_faults(flat, faults)
        before = journal.threads if journal and resume is not None else None
        wanted = threads or before or threads_for(flat, group)
        check_memory(flat, wanted, group.size, neighbours=group.neighbours)
        return flat, wanted, steering(steer)

    def begun() -> Recorder:
        handle.begin(simulation, changes)
        recorder = Recorder(simulation, journal.file if journal else None)
        if journal and not (resume is not None and journal.resume(simulation, recorder, handle)):
            journal.begin(simulation, recorder, handle, provenance(simulation, handle))
        return recorder

    with bound(group, RunError):
        flat, n_threads, (handle, changes) = together(group, settled)
        run = flat.run
        plan = Plan(
            run.dt,
            run.seed,
            run.precision,
            run.method,
            min(group.all(n_threads)),
            slice_steps,
            profile,
            weights=run.weights,
            connectivity=run.connectivity,
        )
        try:
            simulation = Simulation(flat, plan, group, building(flat, watch, cancel if group.size == 1 else None))
        except Cancelled:
            return nothing(flat, plan)
        try:
            by = Watched(watch, cancel, handle, together(group, begun), journal)
            _same_step(group, simulation.step)
            return _run(simulation, int(round(run.duration / run.dt)), by)
        finally:
            simulation.close()


def _journal(place: str | os.PathLike[str] | None, checkpoint_s: float | None, group: Group) -> Journal | None:
    """Where this process writes: in a folder of several processes each has one of its own."""
    if place is None:
        return None
    return Journal(Path(place) / f"rank-{group.rank}" if group.size > 1 else Path(place), checkpoint_s)


def _same_step(group: Group, step: int) -> None:
    """Raise where the states that processes go on from are not of the same time."""
    if len({*group.all(step)}) > 1:
        text = "the processes of this run were killed while they wrote their states, which are now of different times."
        raise AgreedError([Finding("size.resume", "error", "", text, "Begin the run anew.")])


def flat_network(
    net: Any,
    set: Mapping[str, Any] | None = None,
    catalogue: Any = None,
    record: Iterable[Any] | None = None,
    dt: float | None = None,
) -> FlatNetwork:
    """Whatever people call a network, as a flat one. `record` replaces what the document records; `dt` [ms] is its interval where none is said."""
    if isinstance(net, FlatNetwork):
        return net if record is None else replace(net, run=replace(net.run, record=in_flat(net, record, dt or net.run.dt)))
    from studio.models.catalogue import catalogue as installed
    from studio.network.flatten import flatten

    if isinstance(net, str | os.PathLike):
        from studio.network.files import read

        document, findings = read(Path(net))
        if document is None:
            raise FindingError(findings)
        net = document
    document, more = getattr(net, "document", net), ()
    if dt is not None:
        document = document.model_copy(update={"run": document.run.model_copy(update={"dt": dt})})
    if record is not None:
        document, more = in_document(document, record)
    flat = flatten(document, catalogue or getattr(net, "catalogue", None) or installed(), set or {})
    return replace(flat, run=replace(flat.run, record=(*flat.run.record, *more)))


def _settled(
    flat: FlatNetwork,
    duration: float | None,
    seed: int | None,
    dt: float | None,
    precision: str | None,
    method: str | None,
    events: Iterable[Any] | None,
) -> FlatNetwork:
    """The network with the run settings of this call."""
    given = {"duration": duration, "seed": seed, "dt": dt, "precision": precision, "method": method}
    run = replace(flat.run, **{k: v for k, v in given.items() if v is not None})
    run = run if events is None else replace(run, events=waits(events))
    wrong = []
    if not run.dt > 0:
        wrong.append(Finding("bounds.dt", "error", "run.dt", f"dt is {run.dt:g} ms; it must be greater than 0."))
    if not 0 <= run.duration < 1e12:
        wrong.append(Finding("bounds.duration", "error", "run.duration", f"the duration is {run.duration:g} ms; it must not be negative."))
    if run.precision not in PRECISIONS:
        wrong.append(
            Finding("bounds.precision", "error", "run.precision", f"“{run.precision}” is not a precision.", "Use single or double.")
        )
    if wrong:
        raise FindingError(wrong)
    return replace(flat, run=run)


def threads_for(flat: FlatNetwork, group: Group | None = None) -> int:
    """Threads that pay: small networks stay on one, and processes on one machine share its cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    group = group or Alone()
    return max(1, min(cores // group.neighbours, sum(p.size for p in flat.populations) // (NEURONS_PER_THREAD * group.size)))


@dataclass(frozen=True)
class Watched:
    """Who looks at a run while it goes on."""

    watch: Callable[[Frame], None] | None
    cancel: Cancel | None
    handle: Steering
    recorder: Recorder
    journal: Journal | None


def _run(simulation: Simulation, total: int, by: Watched) -> Recording:
    """Batch by batch to step `total`, or to whatever ends it before."""
    group, said = simulation.group, Said(simulation.slice_steps)
    begun = time.perf_counter()
    started = begun - (by.journal.earlier_s if by.journal else 0.0)
    with interrupts() as interrupted:
        while simulation.step < total and not said.stopped and not said.findings:
            said = agreed(group, _batch(simulation, total, by, said.want, started, interrupted))
            if said.keep and not said.findings:
                said = agreed(group, _kept(by, said))
    if by.journal and not said.findings:
        said = agreed(group, _kept(by, replace(said, keep=by.journal.last)))
    stopped = "failed" if said.findings else "" if simulation.step >= total else said.stopped
    recording = whole(group, by.recorder.finish(stopped, _made(simulation, by, begun), time.perf_counter() - started))
    if said.findings:
        raise RunError(said.findings, recording)
    return recording


def _made(simulation: Simulation, by: Watched, begun: float) -> dict[str, Any]:
    """What made the recording, and where the time went since `begun`, if that was asked."""
    out = provenance(simulation, by.handle)
    if simulation.plan.profile:
        out["profile"] = profiled(simulation, by.recorder.counters(), time.perf_counter() - begun)
    return out


def _batch(simulation: Simulation, total: int, by: Watched, want: int, started: float, interrupted: threading.Event) -> Said:
    """Advance by `want` steps at most, take over what happened, show it; says how it goes on."""
    begun, first = time.perf_counter(), simulation.step
    by.handle.apply(first)
    try:
        try:
            simulation.advance(min(want, total - first, by.handle.room(first)))
        finally:
            news = by.recorder.take()
        took = time.perf_counter() - begun
        if by.watch:
            by.watch(_frame(simulation, by.recorder, news, total, time.perf_counter() - started))
    except (FindingError, OSError) as problem:
        return Said(want, findings=_why(problem, by))
    want = _next_batch(want, simulation.step - first, took, WATCHED_S if by.watch else UNWATCHED_S, simulation.slice_steps)
    stopped = "cancelled" if by.cancel is not None and by.cancel.is_set() else "interrupted" if interrupted.is_set() else ""
    return Said(want, stopped, by.journal.due() if by.journal else "")


def _kept(by: Watched, said: Said) -> Said:
    """Write down what is due, or say why that cannot be."""
    try:
        if by.journal:
            by.journal.keep(said.keep)
    except OSError as problem:
        return replace(said, findings=_why(problem, by))
    return said


def _why(problem: FindingError | OSError, by: Watched) -> tuple[Finding, ...]:
    """Why a run cannot go on; a full disk is a reason, any other trouble with files is raised."""
    if isinstance(problem, FindingError):
        return problem.findings
    if not is_full(problem):
        raise problem
    return (full(by.journal.folder if by.journal else Path(gettempdir())),)


def _next_batch(want: int, done: int, took: float, target: float, slice_steps: int) -> int:
    """Steps for the next batch so that it lasts about `target` seconds; grows by at most four."""
    fit = int(done * target / max(took, 1e-6))
    return max(slice_steps, min(fit, 4 * max(want, 1)) // slice_steps * slice_steps)


def _frame(simulation: Simulation, recorder: Recorder, news: Mapping[str, tuple[np.ndarray, np.ndarray]], total: int, wall: float) -> Frame:
    dt, step = simulation.plan.dt, simulation.step
    n = sum(p.size for p in simulation.flat.populations)
    return Frame(step, step * dt, total * dt, wall, news, recorder.counters(), n, recorder.rates())


@contextmanager
def interrupts() -> Iterator[threading.Event]:
    """Ctrl-C sets the flag that is given; a second one interrupts as usual. Only the main thread can listen."""
    flag = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield flag
        return
    before = signal.getsignal(signal.SIGINT)

    def heard(number: int, at: Any) -> None:
        if flag.is_set():
            raise KeyboardInterrupt
        flag.set()

    signal.signal(signal.SIGINT, heard)
    try:
        yield flag
    finally:
        signal.signal(signal.SIGINT, before)
