"""Calendars: projections with a delay per synapse, delivered epoch by epoch, so that what is written to stays in cache.

A network with delays of up to 6 ms needs sixty slots of input per neuron: more than a cache holds, so that every synaptic event waits for
memory. Here a receptor has as many slots as an epoch has steps. A row is sorted by delay: when its source fires, the synapses that arrive
within this epoch are delivered, the others are copied, epoch by epoch, to the pages of the receptor's calendar. A page is delivered when
its epoch begins. Both copying and delivering are sequential. (Calendar queues: Brown 1988, doi:10.1145/63039.63045.)

These projections have a ring of their own at each receptor (the kernel of the population adds both). There, contributions of one step
come in the order (emission step, projection, source, synapse), as everywhere: a page is filled in this order, and before its epoch begins.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from studio.engine import loop as L
from studio.engine import store
from studio.engine.connectivity import Rows
from studio.engine.native import address

SHORTEST_EPOCH = 16  # steps
MOST_PLACES = 1 << 24  # of a ring whose pages keep a weight's place in its table beside its own

# the pointer table of a projection; a calendar's own has the last of them only
(STARTS, N_SOURCE, TARGETS, WEIGHTS, DELAYS, TABLE, RING, STRIDE, EPOCH, PAGES, N_PAGES, FAILED, SIZE) = range(13)
WORDS, CAPACITY, TAIL, PAGE = range(4)  # of a page: address of its uint32 words, how many it has room for, how many it has
# A page is a sequence of segments, each of one row: kind, how many synapses, 64 bits (ONE: the weight as float64, TABLE: the table's
# address), count, nothing; then a place in the ring (slot * stride + target) for each, TABLE: place << 8 | index, OWN: then the weights.
ONE, TABLED, OWN, SEGMENT = 0, 1, 2, 6

_HEAD = """
@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')
def {name}(p_, n_, {arguments}):
    p = carray(p_, ({size},))
    epoch, stride = p[{EPOCH}], p[{STRIDE}]
    ring = view(p[{RING}], epoch * stride, S)
    pages = view(p[{PAGES}], {PAGE} * p[{N_PAGES}], np.int64)
"""

_STORED = """    starts = view(p[{STARTS}], p[{N_SOURCE}] + 1, np.int64)
    ids, counts = view(ids_, n, np.uint32), view(counts_, n, np.int32)
    inside, events = step % epoch, 0
    for e in range(n):
        a, m = starts[ids[e]], starts[ids[e] + 1] - starts[ids[e]]
        prefetch(p[{STARTS}] + 8 * np.int64(ids[min(e + 2, n - 1)]))
        ahead = starts[ids[min(e + 1, n - 1)]]
        long = min(starts[ids[min(e + 1, n - 1)] + 1] - ahead, 1024)
{prefetch}
        count = np.int64(counts[e]) if counts_ != 0 else 1
        k = S(count)
        events += m * count
        to, late = view(p[{TARGETS}] + a * {targets}, m, np.uint{target_bits}), view(p[{DELAYS}] + a * {delays}, m, np.uint{delay_bits})
{views}
{row}
    return events
"""

# one row sorted by delay (`to`, `late`, and `own` or `index`): into the ring what arrives in this epoch, onto the pages what arrives later
ROW = """        limit = epoch - inside  # delays below it arrive in this epoch
        done = earlier(late, 0, limit)
        base = inside * stride
        for s in range(done):
            ring[np.uint64(base + np.int64(late[s]) * stride + np.int64(to[s]))] += {value}
        number = step // epoch + 1
        while done < m:
            upto = earlier(late, done, limit + epoch)
            if upto > done:
                page, n_here = {PAGE} * (number % p[{N_PAGES}]), upto - done
                tail = pages[page + {TAIL}]
                if not has_room(pages, page, tail + {SEGMENT} + {words} * n_here):
                    view(p[{FAILED}], 1, np.int64)[0] = 1
                    return events
                begin = pages[page + {WORDS}] + 4 * tail
                head, body = view(begin, {SEGMENT}, np.uint32), view(begin + 4 * {SEGMENT}, n_here, np.uint32)
                head[0], head[1], head[4] = {kind}, n_here, count
                {remark}
                late_, to_ = late[done:upto], to[done:upto]
                first, wide = np.uint32(limit * stride), np.uint32(stride)
{copy}
                prefetch_bytes(begin + 4 * ({SEGMENT} + {words} * n_here) + 64, 384)  # where the next row will go on
                pages[page + {TAIL}] = tail + {SEGMENT} + {words} * n_here
            done = upto
            limit += epoch
            number += 1
"""

_OPEN = """    page = {PAGE} * (step // epoch % p[{N_PAGES}])
    tail, at = pages[page + {TAIL}], 0
    words = view(pages[page + {WORDS}], tail, np.uint32)
    while at < tail:
        m, head = np.int64(words[at + 1]), pages[page + {WORDS}] + 4 * at
        body = view(head + 4 * {SEGMENT}, m, np.uint32)
        at += {SEGMENT} + m
        if words[at - m - {SEGMENT}] == {ONE}:
            w = S(view(head + 8, 1, np.float64)[0])
            for i in range(m):
                ring[body[i]] += w
        elif words[at - m - {SEGMENT}] == {TABLED}:
            table, k = view(view(head + 8, 1, np.int64)[0], 256, S), S(words[at - m - {SEGMENT} + 4])
            for i in range(m):
                ring[body[i] >> np.uint32(8)] += table[body[i] & np.uint32(255)] * k
        else:
            own = view(head + 4 * ({SEGMENT} + m), m, S)
            for i in range(m):
                ring[body[i]] += own[i]
            at += {wide} * m
    pages[page + {TAIL}] = 0
    return tail
"""

HELPERS = """
from studio.engine.native import reallocate


@njit
def earlier(late, first, limit):
    \"\"\"How many synapses of a row, sorted by delay, have a delay below the limit; `first` of them are known to.\"\"\"
    low, high = np.uint64(first), np.uint64(late.shape[0])
    while low < high:
        middle = (low + high) >> np.uint64(1)
        below = np.int64(late[middle]) < limit
        low = middle + np.uint64(1) if below else low
        high = high if below else middle
    return np.int64(low)


@njit
def has_room(pages, page, n):
    \"\"\"Whether a page has room for n words, after trying to get it.\"\"\"
    if n <= pages[page + {CAPACITY}]:
        return True
    capacity = max(2 * pages[page + {CAPACITY}], n, 4096)
    words = reallocate(pages[page + {WORDS}], 4 * capacity)
    if words == 0:
        return False
    pages[page + {WORDS}], pages[page + {CAPACITY}] = words, capacity
    return True
"""

_PLACE = "np.uint32(np.uint32(np.uint32(late_[s]) * wide) + np.uint32(to_[s])) - first"


def real(precision: str) -> tuple[str, int]:
    """The line that says what weights are stored in, and their width in bytes."""
    return ("S = np.float64", 8) if precision == "double" else ("S = np.float32", 4)


def row_text(weights: str, width: int, packed: bool) -> str:
    """ROW for weights that are "one" (`w`, already times the count), "table" (`index`, `table`) or "own" (`own`); `width` of a weight in bytes."""
    value = {"one": "w", "table": "table[index[s]] * k", "own": "own[s] * k"}[weights]
    copy = ["for s in range(body.shape[0]):", f"    body[s] = {_PLACE}"]
    kind, words, remark = ONE, 1, "view(begin + 8, 1, np.float64)[0] = float(w)"
    if weights == "table" and packed:
        kind, remark = TABLED, f"view(begin + 8, 1, np.int64)[0] = p[{TABLE}]"
        copy = ["index_ = index[done:upto]", copy[0], f"    body[s] = (({_PLACE}) << np.uint32(8)) | np.uint32(index_[s])"]
    elif weights != "one":
        kind, words, remark = OWN, 1 + width // 4, f"values = view(begin + 4 * ({SEGMENT} + n_here), n_here, S)"
        name = "index" if weights == "table" else "own"
        copy += [
            f"{name}_ = {name}[done:upto]",
            "for s in range(values.shape[0]):",
            f"    values[s] = {value.replace(name + '[', name + '_[')}",
        ]
    lines = "\n".join(" " * 16 + line for line in copy)
    return ROW.format(**NUMBERS, value=value, words=words, kind=kind, remark=remark, copy=lines)


def render_deliver(precision: str, targets: int, weights: int, delays: int, packed: bool) -> str:
    """The kernel of a projection. Widths in bytes; `weights` 0: one weight for all, 1: indices into a table, which `packed` keeps."""
    line, width = real(precision)
    form = "one" if not weights else "table" if weights == 1 else "own"
    views = {
        "one": "        w = S(carray(n_, (1,))[0]) * k",
        "table": f"        table, index = view(p[{TABLE}], 256, S), view(p[{WEIGHTS}] + a, m, np.uint8)",
        "own": f"        own = view(p[{WEIGHTS}] + a * {width}, m, S)",
    }
    asked = [(TARGETS, targets), (WEIGHTS, weights), (DELAYS, delays)]
    body = _STORED.format(
        **NUMBERS,
        targets=targets,
        target_bits=8 * targets,
        delays=delays,
        delay_bits=8 * delays,
        views=views[form],
        row=row_text(form, width, packed),
        prefetch="\n".join(f"        prefetch_bytes(p[{column}] + ahead * {size}, long * {size})" for column, size in asked if size),
    )
    head = _HEAD.format(name="deliver", arguments="ids_, counts_, n, step, unused", size=SIZE, **NUMBERS)
    return f"{line}\n{HELPERS.format(**NUMBERS)}\n{head}{body}"


def render_open(precision: str) -> str:
    """The kernel that delivers the page of the epoch beginning with a step."""
    line, width = real(precision)
    head = _HEAD.format(name="open_page", arguments="step, a_, b_, c_, d_", size=SIZE, **NUMBERS)
    return f"{line}\n\n{head}{_OPEN.format(**NUMBERS, wide=width // 4)}"


NUMBERS = {k: v for k, v in globals().items() if k.isupper() and isinstance(v, int) and k != "SIZE"}


def epoch_steps(slice_steps: int) -> int:
    """The length of an epoch: whole slices, at least SHORTEST_EPOCH steps."""
    return slice_steps * -(-SHORTEST_EPOCH // slice_steps)


class Calendar:
    """The calendar of one receptor: a circle of pages per part, with the ring they are delivered to."""

    def __init__(self, rings: list[np.ndarray], longest: int, precision: str) -> None:
        self.rings, self.text = rings, render_open(precision)
        self.packed = max(ring.size for ring in rings) <= MOST_PLACES
        self.n_pages = longest // rings[0].shape[0] + 2
        self.pages = [np.zeros((self.n_pages, PAGE), np.int64) for _ in rings]
        self.failed = [np.zeros(1, np.int64) for _ in rings]
        self._tables = [self._table(part) for part in range(len(rings))]
        weakref.finalize(self, _free, self.pages)

    def _table(self, part: int) -> np.ndarray:
        p = np.zeros(SIZE, np.int64)
        self.point(p, part)
        return p

    def point(self, p: np.ndarray, part: int) -> None:
        """Fill the calendar's columns of a pointer table."""
        ring = self.rings[part]
        p[RING], p[EPOCH], p[STRIDE] = address(ring), ring.shape[0], ring.shape[1]
        p[PAGES], p[N_PAGES], p[FAILED] = address(self.pages[part]), self.n_pages, address(self.failed[part])

    def write(self, row: np.ndarray, part: int) -> None:
        """Fill the row of the loop's table of calendars."""
        row[L.PAGE_KERNEL], row[L.PAGE_POINTERS] = store.load(self.text).open_page.address, address(self._tables[part])

    def entries(self, part: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """What each page holds: places (slot * stride + target) and weights; copies."""
        kind = self.rings[part].dtype
        out = []
        for page in self.pages[part]:
            words = np.array((ctypes.c_uint32 * int(page[TAIL])).from_address(int(page[WORDS])) if page[TAIL] else [], np.uint32)
            segments = list(_segments(words, kind))
            places = [places for places, _ in segments] or [np.zeros(0, np.uint32)]
            out.append((np.concatenate(places), np.concatenate([values for _, values in segments] or [np.zeros(0, kind)])))
        return out

    def refill(self, part: int, number: int, places: np.ndarray, values: np.ndarray) -> None:
        """Put entries on an empty page, in order."""
        page, n, values = self.pages[part][number], len(places), np.ascontiguousarray(values)
        page[TAIL] = 0
        if not n:
            return
        head = np.array([OWN, n, 0, 0, 1, 0], np.uint32)
        words = np.concatenate([head, np.asarray(places, np.uint32), values.view(np.uint32)])
        if len(words) > page[CAPACITY]:
            page[WORDS], page[CAPACITY] = _resized(page[WORDS], words.nbytes), len(words)
        ctypes.memmove(int(page[WORDS]), words.ctypes.data, words.nbytes)
        page[TAIL] = len(words)


def _segments(words: np.ndarray, kind: np.dtype[Any]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places and weights, segment by segment."""
    at = 0
    while at < len(words):
        form, n, count = int(words[at]), int(words[at + 1]), int(words[at + 4])
        body = words[at + SEGMENT : at + SEGMENT + n]
        said = words[at + 2 : at + 4].tobytes()
        at += SEGMENT + n
        if form == ONE:
            yield body, np.full(n, np.frombuffer(said, np.float64)[0], kind)
        elif form == TABLED:
            place = int(np.frombuffer(said, np.int64)[0])
            table = np.frombuffer(ctypes.string_at(place, 256 * kind.itemsize), kind)
            yield body >> np.uint32(8), table[body & 255] * kind.type(count)
        else:
            wide = n * kind.itemsize // 4
            yield body, words[at : at + wide].view(kind)
            at += wide


class Booked:
    """One static projection with a delay per synapse, at work onto every part of its target."""

    def __init__(self, rows: list[Rows], precision: str) -> None:
        self.rows = rows
        self._weight = np.array([rows[0].weight])
        first = rows[0]
        assert first.delays is not None
        self._widths = first.targets.itemsize, 0 if first.weights is None else first.weights.itemsize, first.delays.itemsize
        self._precision = precision

    @property
    def longest(self) -> int:
        """The longest delay [steps]."""
        return max(r.longest for r in self.rows)

    def compile(self, calendar: Calendar) -> int:
        """The kernel's address."""
        return int(store.load(render_deliver(self._precision, *self._widths, calendar.packed)).deliver.address)

    def steer(self, weight: float) -> None:
        """Take another weight for all synapses; not while the loop runs."""
        self._weight[0] = weight

    def write(self, row: np.ndarray, part: int, kernel: int, calendar: Calendar, keep: list[np.ndarray]) -> None:
        """Fill this projection's row of the projection table of one part."""
        r = self.rows[part]
        p = np.zeros(SIZE, np.int64)
        p[STARTS], p[N_SOURCE], p[TARGETS] = address(r.starts), len(r.starts) - 1, address(r.targets)
        p[WEIGHTS], p[DELAYS], p[TABLE] = address(r.weights), address(r.delays), address(r.table)
        calendar.point(p, part)
        keep.append(p)
        row[L.FORM], row[L.ROW_POINTERS], row[L.ROW_NUMBERS] = L.LISTED_SPIKES, address(p), address(self._weight)
        row[L.ROW_KERNEL] = kernel
        L.foretell(row, r.starts, r.targets, r.weights, r.delays)


def _resized(place: int, n: int) -> int:
    libc = ctypes.CDLL(None)
    libc.realloc.restype, libc.realloc.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t]
    if not (out := libc.realloc(int(place), int(n))):
        raise MemoryError
    return int(out)


def _free(pages: list[np.ndarray]) -> None:
    libc = ctypes.CDLL(None)
    libc.free.argtypes = [ctypes.c_void_p]
    for page in np.concatenate(pages):
        libc.free(int(page[WORDS]))
