"""Recordings that name a state nobody has, or that would not fit into memory."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.check.sizes import machine_bytes
from studio.network.flat import FlatNetwork, Record
from studio.network.paths import did_you_mean


def rule(context: Context) -> Iterable[Finding]:
    """`path.state`: `kinetics.state` without a projection of that kinetics; `size.recording` (warning): traces of more than a quarter of the memory."""
    if context.flat is None:
        return
    total = 0.0
    sizes = {n.path: n.size for n in (*context.flat.populations, *context.flat.sources)}
    for record in context.flat.run.record:
        if "." in record.what and not context.flat.synaptic(record):
            yield from _receptor_state(context.flat, record)
        if record.what != "spikes" and not context.flat.synaptic(record) and record.every > 0:
            n = sizes.get(record.path, 0) if record.ids is None else len(record.ids)
            total += 8.0 * n * context.flat.run.duration / max(record.every, context.flat.run.dt)
    if total > machine_bytes() / 4:
        yield Finding(
            "size.recording",
            "warning",
            "run.record",
            f"The traces would take {total / 2**30:.3g} GiB.",
            "Record fewer neurons, or less often (“every”).",
        )


def _receptor_state(flat: FlatNetwork, record: Record) -> Iterable[Finding]:
    arriving = {p.kinetics.model.key: p.kinetics.model for p in flat.projections if p.target == record.path and p.kinetics is not None}
    known = [f"{key}.{s.name}" for key, model in sorted(arriving.items()) for s in model.states]
    if record.what not in known:
        yield Finding(
            "path.state",
            "error",
            f"{record.path}.{record.what}",
            f"“{record.path}” has no “{record.what}” to record.",
            did_you_mean(record.what, known),
        )
