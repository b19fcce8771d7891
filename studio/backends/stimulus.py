"""What the host gives a chip: the spikes that the ideal network's sources emitted, and its analog inputs, in steps of the program."""

from __future__ import annotations

import numpy as np

from studio.compile.backend import Listed, Stimulus, in_order
from studio.compile.program import Input, Program
from studio.engine.parameters import source_form
from studio.engine.recording import Recording
from studio.models.spec import Currents
from studio.network.flat import FlatSource


def stimulus_of(program: Program, recording: Recording) -> Stimulus:
    """The recorded sources' spikes, each in the program's step whose end is nearest (not before the start), and currents cut anew for its dt.

    A source emits several spikes in one step where it did, or where the program's steps are longer: the machine decides what becomes of them.
    """
    steps = max(1, round(recording.duration / program.dt))
    spikes = {x.key: retimed(recording, x.path, program.dt, steps) for x in program.inputs if not x.analog}
    currents = {x.key: currents_of(x, program) for x in program.inputs if x.analog}
    return Stimulus(steps, spikes, currents)


def retimed(recording: Recording, path: str, dt: float, steps: int) -> Listed:
    """A node's recorded spikes as (steps, ids) for another dt [ms]; a spike of time t belongs to the step that ends at t."""
    spikes = recording.spikes[path]
    at = np.rint(np.asarray(spikes.steps) * (recording.dt / dt)).astype(np.int64) - 1
    first = np.asarray(spikes.steps) > 0
    at = np.where(first, np.maximum(at, 0), -1)  # a spike at time 0 comes before the first step
    kept = at < steps
    return in_order(at[kept], np.asarray(spikes.ids)[kept])


def together(listed: Listed) -> int:
    """How many spikes share their step with an earlier one of the same source."""
    steps, ids = listed
    same = (np.diff(steps) == 0) & (np.diff(ids) == 0)
    return int(same.sum())


def currents_of(x: Input, program: Program) -> Listed:
    """What an analog input gives, cut anew for the program's step: (first steps, values (n, size))."""
    form = source_form(FlatSource(x.path, x.path, x.size, x.shape, x.source), program.seed, program.dt)
    assert isinstance(form, Currents)
    values = np.broadcast_to(np.asarray(form.values, float), (len(form.starts), x.size))
    return np.asarray(form.starts, np.int64), np.ascontiguousarray(values)
