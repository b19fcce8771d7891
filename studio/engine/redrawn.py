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

# the pointer table: that of a calendar's projections, then these
(INTEGERS, NUMBERS, ROOM, TO, TAGS, OWN, LATE, SLOTS, DELAY, SIZE) = range(C.SIZE, C.SIZE + 10)

_TEXT = """{real}

from studio.engine.laws import row_delays, row_indices, row_weights
from studio.engine.topology import N_INTEGERS, N_NUMBERS, {scheme}
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

_BOOKED = """        late = view(p[{LATE}], m, np.uint16)
        row_delays(q, source, tags, late)
        for s in range(to.shape[0]):
            arrival = step % epoch + np.int64(late[s])
            if arrival < epoch:
                ring[np.uint64(arrival * stride + np.int64(to[s]))] += {value}
            else:
                page = {PAGE} * ((step // epoch + arrival // epoch) % p[{N_PAGES}])
                tail = pages[page + {TAIL}]
                if not has_room(pages, page, tail + 1, {width}):
                    view(p[{FAILED}], 1, np.int64)[0] = 1
                    return events
                view(pages[page + {PLACES}], tail + 1, np.uint32)[tail] = np.uint32(arrival % epoch * stride + np.int64(to[s]))
                view(pages[page + {VALUES}], tail + 1, S)[tail] = {value}
                pages[page + {TAIL}] = tail + 1
"""


def render(made: Procedure, precision: str) -> str:
    """The kernel of a procedure."""
    real, width = C.real(precision)
    weights, value = {
        "one": ("        w = S(carray(n_, (1,))[0]) * k", "w"),
        "table": (
            f"        index, table = view(p[{OWN}], m, np.uint8), view(p[{C.TABLE}], 256, S)\n        row_indices(q, source, tags, index)",
            "table[index[s]] * k",
        ),
        "drawn": (f"        own = view(p[{OWN}], m, S)\n        row_weights(q, c, source, tags, own)", "own[s] * k"),
    }[made.weights]
    numbers = {**C.NUMBERS, **{k: v for k, v in globals().items() if k.isupper() and isinstance(v, int)}, "width": width}
    booked = made.delays == "drawn"
    ring = (
        f"    epoch, stride = p[{C.EPOCH}], p[{C.STRIDE}]\n    ring = view(p[{C.RING}], epoch * stride, S)\n"
        f"    pages = view(p[{C.PAGES}], {C.PAGE} * p[{C.N_PAGES}], np.int64)"
        if booked
        else f"    ring = view(p[{C.RING}] + (step + p[{DELAY}]) % p[{SLOTS}] * p[{C.STRIDE}] * {width}, p[{C.STRIDE}], S)"
    )
    return _TEXT.format(
        **numbers,
        real=real,
        scheme=made.scheme,
        helpers=C.HELPERS.format(**C.NUMBERS) if booked else "",
        ring=ring,
        weights=weights,
        deliver=(_BOOKED if booked else _AT_ONCE).format(**numbers, value=value),
    )


class Redrawn:
    """One projection that stores nothing, at work onto every part of its target."""

    def __init__(self, rows: list[Rows], precision: str) -> None:
        self.rows = rows
        self._made = [r.procedure for r in rows if r.procedure is not None]
        self._weight = np.array([rows[0].weight])
        self._width = 8 if precision == "double" else 4
        self.text = render(self._made[0], precision)

    @property
    def longest(self) -> int:
        """The longest delay [steps] there can be."""
        return max(r.longest for r in self.rows)

    def compile(self) -> int:
        """The kernel's address."""
        return int(store.load(self.text).deliver.address)

    def steer(self, weight: float) -> None:
        """Take another weight for all synapses; not while the loop runs."""
        self._weight[0] = weight

    def write(self, row: np.ndarray, part: int, kernel: int, onto: C.Calendar | np.ndarray, keep: list[np.ndarray]) -> None:
        """Fill this projection's row of the projection table of one part; `onto`: the receptor's ring, or its calendar."""
        r, made = self.rows[part], self._made[part]
        p = np.zeros(SIZE, np.int64)
        room = made.longest
        buffers = [np.zeros(room, np.uint32), np.zeros(room, np.uint32), np.zeros(room * self._width, np.uint8), np.zeros(room, np.uint16)]
        p[[TO, TAGS, OWN, LATE]] = [address(b) for b in buffers]
        p[INTEGERS], p[NUMBERS], p[ROOM], p[C.TABLE] = address(made.integers), address(made.numbers), room, address(r.table)
        if isinstance(onto, C.Calendar):
            onto.point(p, part)
        else:
            p[C.RING], p[SLOTS], p[C.STRIDE], p[DELAY] = address(onto), onto.shape[0], onto.shape[1], r.delay
        keep += [p, *buffers]
        row[L.FORM], row[L.ROW_POINTERS], row[L.ROW_NUMBERS] = L.LISTED_SPIKES, address(p), address(self._weight)
        row[L.ROW_KERNEL] = kernel
