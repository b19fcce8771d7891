"""The state of a simulation in one file, written beside the old one and then put in its place; a run goes on from it as if nothing had been.

Kept by neuron, not by thread: states, refractory times, arrivals under way (in rings and calendars). What plastic synapses remember is kept as it is, by thread.
Synapses that do not learn are drawn again from the seed.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine.calendar import Calendar
from studio.engine.cells import Cells
from studio.engine.parts import Link
from studio.engine.simulation import Simulation
from studio.findings import Finding, FindingError

FORMAT = "spike-studio-state/1"
FILE = "state.npz"
Arrays = Mapping[str, np.ndarray]


def write(folder: Path, simulation: Simulation, about: Mapping[str, Any]) -> None:
    """Put the state of now into `folder`, with what `about` says; raise OSError where the disk is full (the old state stays)."""
    meta = {"format": FORMAT, "step": simulation.step, "threads": simulation.plan.threads, "counted": simulation.counters(), **about}
    arrays = state(simulation)
    temporary = folder / f".{FILE}.tmp"
    try:
        with temporary.open("wb") as file:
            np.savez(file, meta=np.frombuffer(json.dumps(meta).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / FILE)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def read(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """What `write` said last, and its arrays; None where there is no state. Raise FindingError for a broken file."""
    import zipfile

    file = folder / FILE
    if not file.exists():
        return None
    try:
        with np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        meta = json.loads(arrays.pop("meta").tobytes())
        if meta.get("format") != FORMAT:
            raise ValueError(f"its format is {meta.get('format')!r}")
        return meta, arrays
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
        fix = "Delete it, and the run begins anew."
        raise FindingError([Finding("text.checkpoint", "error", str(file), f"this checkpoint cannot be read: {problem}.", fix)]) from None


def state(simulation: Simulation) -> dict[str, np.ndarray]:
    """Everything that changes in a run, by name."""
    out: dict[str, np.ndarray] = {}
    for k, cells in enumerate(simulation.cells.values()):
        out |= {f"cells/{k}/state/{name}": values for name, values in cells.states.items()}
        out[f"cells/{k}/refractory"] = cells.refractory
        widths = [high - low for low, high in cells.parts]
        for r, ring in rings(cells):
            out[f"cells/{k}/ring/{r}"] = np.concatenate([part[:, :n] for part, n in zip(ring, widths, strict=True)], axis=1)
    for c, (cells, calendar) in enumerate(simulation.calendars()):
        out |= {f"calendars/{c}/{name}": values for name, values in booked(cells, calendar).items()}
    for j, link in enumerate(simulation.links):
        for name, parts in memory(link).items():
            out |= {f"links/{j}/{name}/{part}": values for part, values in enumerate(parts)}
    signals = simulation.moments.signals
    return out | ({"signals/at": signals.at, "signals/value": signals.value} if len(signals.at) else {})


def rings(cells: Cells) -> list[tuple[str, list[np.ndarray]]]:
    """Every ring of a population's receptors, by name: those of all, and those that calendars are delivered to."""
    return [*((str(k), r) for k, r in enumerate(cells.rings)), *((f"late{k}", r) for k, r in cells.late_rings.items())]


def booked(cells: Cells, calendar: Calendar) -> dict[str, np.ndarray]:
    """What waits in a calendar: how much on each page of each part; then slot, target and weight of every arrival, in their order."""
    sizes, slots, targets, values = [], [], [], []
    for part, (low, _) in enumerate(cells.parts):
        for places, weights in calendar.entries(part):
            slot, target = np.divmod(places, np.uint32(cells.strides[part]))
            sizes.append(len(places))
            slots.append(slot.astype(np.uint16))
            targets.append(target + np.uint32(low))
            values.append(weights)
    joined = {"slots": np.concatenate(slots), "targets": np.concatenate(targets), "values": np.concatenate(values)}
    return {"sizes": np.array(sizes, np.int64).reshape(len(cells.parts), calendar.n_pages), **joined}


def book(cells: Cells, calendar: Calendar, sizes: np.ndarray, slots: np.ndarray, targets: np.ndarray, values: np.ndarray) -> None:
    """Put what waited back, on as many parts as there are now. A target has one part, so its arrivals keep their order."""
    if sizes.shape[1] != calendar.n_pages:
        raise ValueError(f"{sizes.shape[1]} pages where {calendar.n_pages} are needed")
    page_of = np.repeat(np.tile(np.arange(calendar.n_pages), len(sizes)), sizes.ravel())
    for page in range(calendar.n_pages):
        here = np.flatnonzero(page_of == page)
        slot, target, value = slots[here].astype(np.int64), targets[here].astype(np.int64), values[here]
        for part, (low, high) in enumerate(cells.parts):
            own = (target >= low) & (target < high)
            calendar.refill(part, page, (slot[own] * cells.strides[part] + target[own] - low).astype(np.uint32), value[own])


def memory(link: Link) -> dict[str, list[np.ndarray]]:
    """What a projection that learns remembers, an array a part; nothing where it does not learn."""
    learning = link.learning
    if learning is None:
        return {}
    changing = [name for name, values in learning.parts[0].items() if values.flags.writeable]
    return {"weights": learning.weights, **{name: [part[name] for part in learning.parts] for name in changing}}


def restore(simulation: Simulation, meta: Mapping[str, Any], arrays: Arrays) -> None:
    """Make a simulation that has just been built what another one was; raise FindingError where the state is not one of this network."""
    _refuse_threads(simulation, int(meta["threads"]))
    try:
        for k, cells in enumerate(simulation.cells.values()):
            for name, values in cells.states.items():
                _into(values, arrays[f"cells/{k}/state/{name}"])
            _into(cells.refractory, arrays[f"cells/{k}/refractory"])
            begin = cells.parts[0][0]  # of several processes each keeps its own range
            for r, ring in rings(cells):
                for part, (low, high) in zip(ring, cells.parts, strict=True):
                    _into(part[:, : high - low], arrays[f"cells/{k}/ring/{r}"][:, low - begin : high - begin])
        for c, (cells, calendar) in enumerate(simulation.calendars()):
            book(cells, calendar, *(arrays[f"calendars/{c}/{name}"] for name in ("sizes", "slots", "targets", "values")))
        for j, link in enumerate(simulation.links):
            for name, parts in memory(link).items():
                for part, values in enumerate(parts):
                    _into(values, arrays[f"links/{j}/{name}/{part}"])
        signals = simulation.moments.signals
        if len(signals.at):
            _into(signals.at, arrays["signals/at"])
            _into(signals.value, arrays["signals/value"])
    except (KeyError, ValueError) as problem:
        text = f"this checkpoint belongs to another network or another cut of time ({problem})."
        raise FindingError([Finding("size.checkpoint", "error", FILE, text, "Resume with the settings the run began with.")]) from None
    simulation.resume(int(meta["step"]), *meta["counted"])


def _into(own: np.ndarray, kept: np.ndarray) -> None:
    if own.shape != kept.shape or own.dtype != kept.dtype:
        raise ValueError(f"{kept.shape} {kept.dtype} where {own.shape} {own.dtype} is needed")
    own[...] = kept


def _refuse_threads(simulation: Simulation, threads: int) -> None:
    """What plastic synapses remember is kept by thread."""
    if threads != simulation.plan.threads and any(link.learning for link in simulation.links):
        text = f"this run learns, and what its synapses remember was kept for {threads} threads, not {simulation.plan.threads}."
        raise FindingError([Finding("size.threads", "error", FILE, text, f"Resume it with {threads} threads.")])
