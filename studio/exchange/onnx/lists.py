"""Lists of synapses in the order of their sources, of which a step takes those whose source fires: as much work as there are spikes."""

from __future__ import annotations

import numpy as np

from studio.exchange.onnx.body import Body, Call, Library
from studio.exchange.onnx.neurons import _named
from studio.exchange.onnx.states import States

SHORT = 4096  # up to so many synapses, all of them are added in every step: fewer operators


def starts(rows: np.ndarray, n: int) -> np.ndarray:
    """Where each of n rows begins among sorted entries, and where the last ends, [n + 1]."""
    return np.searchsorted(rows, np.arange(n + 1)).astype(np.int32)


def small(values: np.ndarray) -> np.ndarray:
    """Indices in two bytes where they fit."""
    return np.ascontiguousarray(values, np.uint16 if np.max(values, initial=0) < 2**16 else np.int32)


def rows(library: Library) -> Call:
    """The function that names the entries of the rows that are chosen, one after another: their places in the list, and their rows."""
    if "rows" not in library.calls:
        body = Body()
        op = body.op
        chosen = op("Reshape", op("NonZero", "in_chosen"), body.whole([-1]))
        first = op("Gather", "in_starts", chosen)
        count = op("Sub", op("Gather", "in_starts", op("Add", chosen, body.number(1, np.int64))), first)
        ends = op("CumSum", count, body.number(0, np.int64))
        total = op("ReduceSum", count, keepdims=1)
        more = op("Add", total, body.number(1, np.int32))
        none = body.filled(body.cast(more, np.int64), 0, np.int32)
        ones = body.filled(op("Shape", count), 1, np.int32)
        passed = op("CumSum", op("ScatterElements", none, ends, ones, axis=0, reduction="add"), body.number(0, np.int64))
        which = op("Slice", passed, body.whole([0]), body.cast(total, np.int64))  # the chosen row that each entry belongs to
        counted = op("Range", body.number(0, np.int32), op("Squeeze", total), body.number(1, np.int32))
        entries = op("Add", counted, op("Gather", op("Sub", first, op("Sub", ends, count)), which))
        body.nodes[:], outputs = _named(body, {"entries": entries, "row": op("Gather", chosen, which)})
        doc = "Entries of a list sorted by rows, row r from starts[r] to starts[r + 1]: those of the chosen rows (bool), in order."
        library.add("rows", "rows", body, {n: f"in_{n}" for n in ("chosen", "starts")}, outputs, (), doc)
    return library.calls["rows"]


def events(library: Library, shared: bool) -> Call:
    """The function of a long list of synapses: those of the sources that fire send to their places in the ring, one after another."""
    key = ("events", shared)
    if key not in library.calls:
        body = Body()
        op = body.op
        fired = op("Greater", "in_spikes", body.number(0.0))
        found = rows(library).into(body, {"chosen": fired, "starts": "in_starts"}, {})
        weight = "in_weights" if shared else op("Gather", "in_weights", found["entries"])
        sent = op("Mul", weight, op("Gather", "in_spikes", found["row"]))
        places = op("Add", body.cast(op("Gather", "in_targets", found["entries"]), np.int32), "in_later")
        outputs = {"ring": added(body, "in_ring", places, sent)}
        doc = "Synapses sorted by sources, source s from starts[s] to starts[s + 1]: weight times spike of those that fire is added to the ring (flat) at target + later."
        names = ("ring", "spikes", "starts", "targets", "later", "weights")
        body.nodes[:], outputs = _named(body, outputs)
        library.add(key, "events", body, {n: f"in_{n}" for n in names}, outputs, (), doc)
    return library.calls[key]


def added(body: Body, ring: str, places: str, values: str) -> str:
    """A ring with values added at places, one after another."""
    flat = body.op("Reshape", ring, body.whole([-1]))
    done = body.op("ScatterElements", flat, places, values, axis=0, reduction="add")
    return body.op("Reshape", done, body.op("Shape", ring))


def listed(states: States, name: str, sources: np.ndarray, places: np.ndarray, weights: np.ndarray, n: int) -> dict[str, str]:
    """The constants of a long list for `events`."""
    later = int(places.min(initial=0))
    return {
        "starts": states.constant(f"{name}.starts", starts(sources, n)),
        "targets": states.constant(f"{name}.targets", small(places - later)),
        "later": states.constant(f"{name}.later", np.array([later], np.int32)),
        "weights": states.constant(f"{name}.w", weights),
    }
