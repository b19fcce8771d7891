"""Projections that store nothing: a source's synapses are drawn again whenever it fires, exactly as they would have been written down.

One kernel per drawing scheme and form of weights and delays, `deliver(pointers, numbers, ids, counts, n, step, 0)` as in `delivery`;
with a delay per synapse, what arrives in a later epoch goes to the receptor's calendar, as in `calendar`.
"""

from __future__ import annotations

import numpy as np

from studio.engine import calendar as C
from studio.engine import loop as L
from studio.engine import store
from studio.engine.native import address
from studio.engine.procedure import Procedure
from studio.engine.rows import Rows
from studio.engine.windows import table_of

# the pointer table: that of a calendar's projections, then these
(INTEGERS, NUMBERS, ROOM, TO, TAGS, OWN, LATE, ORDER, TALLY, LONGEST, SLOTS, DELAY, SIZE) = range(C.SIZE, C.SIZE + 13)

_TEXT = """{line}

from studio.engine.laws import row_delays, row_indices, row_weights
from studio.engine.{home} import N_INTEGERS, N_NUMBERS, {kept}{scheme}
{helpers}

@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')
def deliver(p_, n_, ids_, counts_, n, step, unused):
    p = carray(p_, ({SIZE},))
    ids, counts = view(ids_, n, np.uint32), view(counts_, n, np.int32)
    q, c = view(p[{INTEGERS}], N_INTEGERS, np.int64), view(p[{NUMBERS}], N_NUMBERS, np.float64)
    targets, tags_ = view(p[{TO}], p[{ROOM}], np.uint32), view(p[{TAGS}], p[{ROOM}], np.uint32)
{ring}
    events = 0
    for e in range(n):
        source, count = np.int64(ids[e]), np.int64(counts[e]) if counts_ != 0 else 1
        m = {scheme}(q, c, source, targets, tags_)
        to, tags = targets[:m], tags_[:m]
        events += m * count
        k = S(count)
{weights}
{deliver}
    return events
"""

_AT_ONCE = """        for s in range(to.shape[0]):
            ring[to[s]] += {value}
"""

_ONTO = """{line}

from studio.engine.windows import N_INTEGERS, N_TABLE, {onto}

@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')
def deliver(p_, n_, ids_, counts_, n, step, unused):
    p = carray(p_, ({SIZE},))
    ids, counts = view(ids_, n, np.uint32), view(counts_, n, np.int32)
    q = view(p[{INTEGERS}], N_INTEGERS, np.int64)
    at, place = view(p[{TO}], p[{ROOM}], np.uint32), view(p[{TAGS}], p[{ROOM}], np.uint32)
    table = view(p[{TABLE}], q[N_TABLE], S)
{ring}
    events = 0
    for e in range(n):
        count = np.int64(counts[e]) if counts_ != 0 else 1
        events += count * {onto}(q, np.int64(ids[e]), S(count), table, ring, at, place)
    return events
"""

_BOOKED = """        unsorted, late = view(p[{LATE}], m, np.uint16), view(p[{LATE}] + 2 * p[{ROOM}], m, np.uint16)
        row_delays(q, source, tags, unsorted)
        order, sorted_to = view(p[{ORDER}], m, np.uint32), view(p[{ORDER}] + 4 * p[{ROOM}], m, np.uint32)
        by_delay(unsorted, view(p[{TALLY}], p[{LONGEST}] + 2, np.uint32), order)
        for s in range(m):
            late[s], sorted_to[s] = unsorted[order[s]], to[order[s]]
        to = sorted_to
{arrange}
{row}
"""

_KEPT = """        own, table = view(p[{OWN}], m, S), view(p[{TABLE}], q[N_TABLE], S)
        for s in range(m):
            own[s] = table[tags[s]]"""
ONTO = {"row_window": "window_onto", "row_matrix": "matrix_onto"}  # what adds a row of these schemes to a ring without writing it down

_SORT = """

@njit
def by_delay(late, tally, order):
    \"\"\"The order of a row by delay, by counting; equal delays keep theirs.\"\"\"
    tally[:] = 0
    for s in range(late.shape[0]):
        tally[late[s] + np.uint16(1)] += np.uint32(1)
    for d in range(1, tally.shape[0]):
        tally[d] += tally[d - 1]
    for s in range(late.shape[0]):
        order[tally[late[s]]] = np.uint32(s)
        tally[late[s]] += np.uint32(1)


@njit
def arranged(values, order, out):
    for s in range(out.shape[0]):
        out[s] = values[order[s]]
    return out
"""


def render(made: Procedure, precision: str, packed: bool = False) -> str:
    """The kernel of a procedure. `packed`: see `calendar`."""
    line, width = C.real(precision)
    drawn = {
        "one": "        w = S(carray(n_, (1,))[0]) * k",
        "table": f"        index, table = view(p[{OWN}], m, np.uint8), view(p[{C.TABLE}], 256, S)\n        row_indices(q, source, tags, index)",
        "drawn": f"        own = view(p[{OWN}], m, S)\n        row_weights(q, c, source, tags, own)",
        "kept": _KEPT.format(OWN=OWN, TABLE=C.TABLE),
    }[made.weights]
    booked = made.delays == "drawn"
    numbers = {**C.NUMBERS, **{k: v for k, v in globals().items() if k.isupper() and isinstance(v, int)}}
    home = "windows" if made.scheme in ONTO else "topology"
    frame = {
        **numbers,
        "line": line,
        "scheme": made.scheme,
        "weights": drawn,
        "home": home,
        "kept": "N_TABLE, " if made.weights == "kept" else "",
    }
    if booked:
        form = "own" if made.weights in ("drawn", "kept") else made.weights
        name = {"one": "", "table": "index", "own": "own"}[form]
        row = C.row_text(form, width, packed)
        arrange = (
            f"        {name} = arranged({name}, order, view(p[{OWN}] + {width} * p[{ROOM}], m, {'np.uint8' if form == 'table' else 'S'}))"
            if name
            else ""
        )
        ring = (
            f"    epoch, stride, inside = p[{C.EPOCH}], p[{C.STRIDE}], step % p[{C.EPOCH}]\n    ring = view(p[{C.RING}], epoch * stride, S)\n"
            f"    pages = view(p[{C.PAGES}], {C.PAGE} * p[{C.N_PAGES}], np.int64)"
        )
        return _TEXT.format(
            **frame, helpers=C.HELPERS.format(**C.NUMBERS) + _SORT, ring=ring, deliver=_BOOKED.format(**numbers, row=row, arrange=arrange)
        )
    ring = f"    ring = view(p[{C.RING}] + (step + p[{DELAY}]) % p[{SLOTS}] * p[{C.STRIDE}] * {width}, p[{C.STRIDE}], S)"
    if made.scheme in ONTO:
        return _ONTO.format(**frame, onto=ONTO[made.scheme], ring=ring)
    value = {"one": "w", "table": "table[index[s]] * k", "drawn": "own[s] * k"}[made.weights]
    return _TEXT.format(**frame, helpers="", ring=ring, deliver=_AT_ONCE.format(value=value))


class Redrawn:
    """One projection that stores nothing, at work onto every part of its target."""

    def __init__(self, rows: list[Rows], precision: str) -> None:
        self.rows = rows
        self._made = [r.procedure for r in rows if r.procedure is not None]
        self._weight = np.array([rows[0].weight])
        self._width = 8 if precision == "double" else 4
        self._one = np.array([rows[0].weight], np.float64 if precision == "double" else np.float32)
        self._precision = precision

    @property
    def longest(self) -> int:
        """The longest delay [steps] there can be."""
        return max(r.longest for r in self.rows)

    def compile(self, calendar: C.Calendar | None = None) -> int:
        """The kernel's address."""
        packed = calendar is not None and calendar.packed
        return int(store.load(render(self._made[0], self._precision, packed)).deliver.address)

    def steer(self, weight: float) -> None:
        """Take another weight for all synapses; not while the loop runs."""
        self._weight[0] = self._one[0] = weight
        made, table = self._made[0], self.rows[0].table
        if made.weights == "kept" and table is not None:
            table[:] = table_of(made.form, weight, table.dtype)  # which all parts share

    def write(self, row: np.ndarray, part: int, kernel: int, onto: C.Calendar | np.ndarray, keep: list[np.ndarray]) -> None:
        """Fill this projection's row of the projection table of one part; `onto`: the receptor's ring, or its calendar."""
        r, made = self.rows[part], self._made[part]
        p = np.zeros(SIZE, np.int64)
        room = made.longest
        bytes_of = [4, 4, 2 * self._width, 2 * 2, 2 * 4]  # by synapse; twice where a sorted copy is made
        buffers = [np.zeros(room * n, np.uint8) for n in bytes_of] + [np.zeros(r.longest + 2, np.uint32)]
        p[[TO, TAGS, OWN, LATE, ORDER, TALLY]] = [address(b) for b in buffers]
        p[LONGEST] = r.longest
        p[INTEGERS], p[NUMBERS], p[ROOM], p[C.TABLE] = (
            address(made.integers),
            address(made.numbers),
            room,
            address(r.table if r.table is not None else self._one),
        )
        if isinstance(onto, C.Calendar):
            onto.point(p, part)
        else:
            p[C.RING], p[SLOTS], p[C.STRIDE], p[DELAY] = address(onto), onto.shape[0], onto.shape[1], r.delay
        keep += [p, *buffers]
        row[L.FORM], row[L.ROW_POINTERS], row[L.ROW_NUMBERS] = L.LISTED_SPIKES, address(p), address(self._weight)
        row[L.ROW_KERNEL] = kernel
