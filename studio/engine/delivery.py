"""Delivery kernels: how the spikes of one step cross the synapses of a projection whose weights do not learn.

A kernel is rendered for the storage at hand (precision, small integers, one weight or many, one delay or many) and called by address,
`deliver(pointers, numbers, ids, counts, n, step, 0) -> synapses crossed`: n spiking sources at address `ids`, each `counts` times (0: once).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.engine import loop as L
from studio.engine import store
from studio.engine.connectivity import Rows
from studio.engine.native import address

# the pointer table
STARTS, N_SOURCE, TARGETS, WEIGHTS, DELAYS, TABLE, RING, SLOTS, STRIDE, DELAY, PLACES, SIZE = range(12)
AHEAD = 512  # bytes of the next row that are asked for while one row is delivered


@dataclass(frozen=True)
class Storage:
    """What a kernel's text depends on. Widths in bytes; 0 stands for one value for all."""

    precision: str
    targets: int
    weights: int  # 1: indices into a table
    delays: int


def render(storage: Storage) -> str:
    """The kernel of stored rows."""
    real = f"np.float{64 if storage.precision == 'double' else 32}"
    lines = [
        f"S = {real}",
        "",
        "",
        *_frame(),
        f"    targets = view(p[{TARGETS}], n_synapses, np.uint{8 * storage.targets})",
        *_sources_of_values(storage),
        "    for e in range(n):",
        "        a, b = starts[ids[e]], starts[ids[e] + 1]",
        f"        prefetch(p[{STARTS}] + 8 * np.int64(ids[min(e + 2, n - 1)]))",
        "        ahead = starts[ids[min(e + 1, n - 1)]]",
        "        long = min(starts[ids[min(e + 1, n - 1)] + 1] - ahead, 2048)",
        *(f"        {line}" for line in _prefetches(storage)),
        "        k = S(counts[e]) if counts_ != 0 else S(1.0)",
        "        events += (b - a) * (np.int64(counts[e]) if counts_ != 0 else 1)",
        "        to = targets[a:b]",
        *(["        x = w * k"] if not storage.weights else []),
        *(["        own = weights[a:b]"] if storage.weights else []),
        *(["        late = delays[a:b]"] if storage.delays else []),
        "        for s in range(to.shape[0]):",
        f"            ring[{'places[late[s]] + np.uint64(to[s])' if storage.delays else 'to[s]'}] += {_value(storage)}",
        "    return events",
    ]
    return "\n".join(lines) + "\n"


def _frame() -> list[str]:
    """The kernel's head: its tables, the spikes, where each row begins."""
    return [
        "@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')",
        "def deliver(p_, n_, ids_, counts_, n, step, unused):",
        f"    p = carray(p_, ({SIZE},))",
        "    c = carray(n_, (1,))",
        "    ids = view(ids_, n, np.uint32)",
        "    counts = view(counts_, n, np.int32)",
        f"    starts = view(p[{STARTS}], p[{N_SOURCE}] + 1, np.int64)",
        f"    n_synapses = starts[p[{N_SOURCE}]]",
        "    w = S(c[0])",
        "    events = 0",
    ]


def _sources_of_values(storage: Storage) -> list[str]:
    """Views of weights, delays and the ring; with a delay per synapse also where each delay's slot begins in the ring."""
    out = []
    if storage.weights == 1:
        out += [f"    table = view(p[{TABLE}], 256, S)", f"    weights = view(p[{WEIGHTS}], n_synapses, np.uint8)"]
    elif storage.weights:
        out += [f"    weights = view(p[{WEIGHTS}], n_synapses, S)"]
    if not storage.delays:
        return [*out, f"    ring = view(p[{RING}] + (step + p[{DELAY}]) % p[{SLOTS}] * p[{STRIDE}] * {_width(storage)}, p[{STRIDE}], S)"]
    return [
        *out,
        f"    delays = view(p[{DELAYS}], n_synapses, np.uint{8 * storage.delays})",
        f"    ring = view(p[{RING}], p[{SLOTS}] * p[{STRIDE}], S)",
        f"    places = view(p[{PLACES}], p[{SLOTS}], np.uint64)",
        f"    for d in range(p[{SLOTS}]):",
        f"        places[d] = np.uint64((step + d) % p[{SLOTS}] * p[{STRIDE}])",
    ]


def _width(storage: Storage) -> int:
    return 8 if storage.precision == "double" else 4


def _prefetches(storage: Storage) -> list[str]:
    """Ask for the beginning of the next row: its latency is as long as a short row."""
    out = [f"prefetch_bytes(p[{TARGETS}] + ahead * {storage.targets}, long * {storage.targets})"]
    if storage.weights:
        out.append(f"prefetch_bytes(p[{WEIGHTS}] + ahead * {storage.weights}, long * {storage.weights})")
    if storage.delays:
        out.append(f"prefetch_bytes(p[{DELAYS}] + ahead * {storage.delays}, long * {storage.delays})")
    return out


def _value(storage: Storage) -> str:
    return "x" if not storage.weights else "table[own[s]] * k" if storage.weights == 1 else "own[s] * k"


def render_dense(precision: str, own_weights: bool) -> str:
    """One-to-one from a Poisson source: a count per element times its weight, added to a whole slot."""
    real, width = ("np.float64", 8) if precision == "double" else ("np.float32", 4)
    return "\n".join(
        [
            f"S = {real}",
            "",
            "",
            "@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')",
            "def deliver(p_, n_, counts_, unused, n, step, unused_too):",
            f"    p = carray(p_, ({SIZE},))",
            "    c = carray(n_, (1,))",
            "    counts = view(counts_, n, np.int32)",
            f"    ring = view(p[{RING}] + (step + p[{DELAY}]) % p[{SLOTS}] * p[{STRIDE}] * {width}, n, S)",
            f"    {f'weights = view(p[{WEIGHTS}], n, S)' if own_weights else 'w = S(c[0])'}",
            "    events = 0",
            "    for i in range(n):",
            f"        ring[i] += S(counts[i]) * {'weights[i]' if own_weights else 'w'}",
            "    for i in range(n):",
            "        events += np.int64(counts[i])",
            "    return events",
            "",
        ]
    )


class Delivery:
    """One static projection at work onto every part of its target."""

    def __init__(self, rows: list[Rows], precision: str, dense: bool) -> None:
        self.rows, self.dense = rows, dense
        self._weight = np.array([rows[0].weight])
        first = rows[0]
        weights = 0 if first.weights is None else first.weights.itemsize
        self.storage = Storage(precision, first.targets.itemsize, weights, 0 if first.delays is None else first.delays.itemsize)
        self.text = render_dense(precision, bool(weights)) if dense else render(self.storage)

    def compile(self) -> int:
        """The kernel's address."""
        return int(store.load(self.text).deliver.address)

    def steer(self, weight: float) -> None:
        """Take another weight for all synapses; not while the loop runs."""
        self._weight[0] = weight

    def write(self, row: np.ndarray, part: int, kernel: int, ring: np.ndarray, keep: list[np.ndarray]) -> None:
        """Fill this projection's row of the projection table of one part."""
        r = self.rows[part]
        p = np.zeros(SIZE, np.int64)
        p[STARTS], p[N_SOURCE], p[TARGETS] = address(r.starts), len(r.starts) - 1, address(r.targets)
        p[WEIGHTS], p[DELAYS], p[DELAY] = address(r.weights), address(r.delays), r.delay
        p[TABLE] = address(r.table)
        p[RING], p[SLOTS], p[STRIDE] = address(ring), ring.shape[0], ring.shape[1]
        places = np.zeros(ring.shape[0], np.uint64)
        p[PLACES] = address(places)
        keep += [p, places]
        if not self.dense:
            L.foretell(row, r.starts, r.targets, r.weights, r.delays)
        row[L.FORM] = L.DENSE_COUNTS if self.dense else L.LISTED_SPIKES
        row[L.ROW_KERNEL], row[L.ROW_POINTERS], row[L.ROW_NUMBERS] = kernel, address(p), address(self._weight)
