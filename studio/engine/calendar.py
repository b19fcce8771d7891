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

import numpy as np

from studio.engine import loop as L
from studio.engine import store
from studio.engine.connectivity import Rows
from studio.engine.native import address

SHORTEST_EPOCH = 16  # steps

# the pointer table of a projection; a calendar's own has the last of them only
(STARTS, N_SOURCE, TARGETS, WEIGHTS, DELAYS, TABLE, RING, STRIDE, EPOCH, PAGES, N_PAGES, FAILED, SIZE) = range(13)
PLACES, VALUES, CAPACITY, TAIL, PAGE = range(5)  # of a page: two addresses (uint32 places in the ring, weights), room, entries

_HEAD = """
@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')
def {name}(p_, n_, {arguments}):
    p = carray(p_, ({SIZE},))
    epoch, stride = p[{EPOCH}], p[{STRIDE}]
    ring = view(p[{RING}], epoch * stride, S)
    pages = view(p[{PAGES}], {PAGE} * p[{N_PAGES}], np.int64)
"""

_DELIVER = """    starts = view(p[{STARTS}], p[{N_SOURCE}] + 1, np.int64)
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
        limit = epoch - inside  # delays below it arrive in this epoch
        done = earlier(late, 0, limit)
        base = inside * stride
        for s in range(done):
            ring[np.uint64(base + np.int64(late[s]) * stride + np.int64(to[s]))] += {value}
        number = step // epoch + 1
        while done < m:
            upto = earlier(late, done, limit + epoch)
            if upto > done:
                page = {PAGE} * (number % p[{N_PAGES}])
                tail = pages[page + {TAIL}]
                if not has_room(pages, page, tail + upto - done, {width}):
                    view(p[{FAILED}], 1, np.int64)[0] = 1
                    return events
                places = view(pages[page + {PLACES}] + 4 * tail, upto - done, np.uint32)
                values = view(pages[page + {VALUES}] + {width} * tail, upto - done, S)
                late_, to_ = late[done:upto], to[done:upto]
                first, wide = np.uint32(limit * stride), np.uint32(stride)
                for s in range(places.shape[0]):
                    places[s] = np.uint32(np.uint32(np.uint32(late_[s]) * wide) + np.uint32(to_[s])) - first
{own}
                for s in range(values.shape[0]):
                    values[s] = {own_value}
                pages[page + {TAIL}] = tail + upto - done
                prefetch_bytes(pages[page + {PLACES}] + 4 * (tail + upto - done) + 64, 192)  # where the next row will go on
                prefetch_bytes(pages[page + {VALUES}] + {width} * (tail + upto - done) + 64, 48 * {width})
            done = upto
            limit += epoch
            number += 1
    return events
"""

_OPEN = """    page = {PAGE} * (step // epoch % p[{N_PAGES}])
    n = pages[page + {TAIL}]
    places, values = view(pages[page + {PLACES}], n, np.uint32), view(pages[page + {VALUES}], n, S)
    for i in range(n):
        ring[places[i]] += values[i]
    pages[page + {TAIL}] = 0
    return n
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
def has_room(pages, page, n, width):
    \"\"\"Whether a page has room for n entries, after trying to get it.\"\"\"
    if n <= pages[page + {CAPACITY}]:
        return True
    capacity = max(2 * pages[page + {CAPACITY}], n, 4096)
    places = reallocate(pages[page + {PLACES}], 4 * capacity)
    if places == 0:
        return False
    pages[page + {PLACES}] = places
    values = reallocate(pages[page + {VALUES}], width * capacity)
    if values == 0:
        return False
    pages[page + {VALUES}], pages[page + {CAPACITY}] = values, capacity
    return True
"""

NUMBERS = {k: v for k, v in globals().items() if k.isupper() and isinstance(v, int)}


def real(precision: str) -> tuple[str, int]:
    return ("S = np.float64", 8) if precision == "double" else ("S = np.float32", 4)


def render_deliver(precision: str, targets: int, weights: int, delays: int) -> str:
    """The kernel of a projection. Widths in bytes; `weights` 0: one weight for all, 1: indices into a table."""
    kind, width = real(precision)
    views, own, value, own_value = "        w = S(carray(n_, (1,))[0]) * k", "", "w", "w"
    if weights == 1:
        views = f"        table, index = view(p[{TABLE}], 256, S), view(p[{WEIGHTS}] + a, m, np.uint8)"
        own, value, own_value = "                index_ = index[done:upto]", "table[index[s]] * k", "table[index_[s]] * k"
    elif weights:
        views = f"        own = view(p[{WEIGHTS}] + a * {width}, m, S)"
        own, value, own_value = "                own_ = own[done:upto]", "own[s] * k", "own_[s] * k"
    fill = {
        **NUMBERS,
        "width": width,
        "targets": targets,
        "target_bits": 8 * targets,
        "delays": delays,
        "delay_bits": 8 * delays,
        "views": views,
        "own": own,
        "value": value,
        "own_value": own_value,
        "prefetch": "\n".join(
            f"        prefetch_bytes(p[{column}] + ahead * {size}, long * {size})"
            for column, size in ((TARGETS, targets), (WEIGHTS, weights), (DELAYS, delays))
            if size
        ),
    }
    head = _HEAD.format(name="deliver", arguments="ids_, counts_, n, step, unused", **fill)
    return f"{kind}\n{HELPERS.format(**fill)}\n{head}{_DELIVER.format(**fill)}"


def render_open(precision: str) -> str:
    """The kernel that delivers the page of the epoch beginning with a step."""
    kind, _ = real(precision)
    return f"{kind}\n\n{_HEAD.format(name='open_page', arguments='step, a_, b_, c_, d_', **NUMBERS)}{_OPEN.format(**NUMBERS)}"


def epoch_steps(slice_steps: int) -> int:
    """The length of an epoch: whole slices, at least SHORTEST_EPOCH steps."""
    return slice_steps * -(-SHORTEST_EPOCH // slice_steps)


class Calendar:
    """The calendar of one receptor: a circle of pages per part, with the ring they are delivered to."""

    def __init__(self, rings: list[np.ndarray], longest: int, precision: str) -> None:
        self.rings, self.text = rings, render_open(precision)
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
        out = []
        for page in self.pages[part]:
            n, kind = int(page[TAIL]), self.rings[part].dtype
            places = (ctypes.c_uint32 * n).from_address(int(page[PLACES])) if n else ()
            values = (ctypes.c_char * (n * kind.itemsize)).from_address(int(page[VALUES])) if n else b""
            out.append((np.array(places, np.uint32), np.frombuffer(bytes(values), kind)))
        return out

    def refill(self, part: int, number: int, places: np.ndarray, values: np.ndarray) -> None:
        """Put entries on an empty page, in order."""
        page, n = self.pages[part][number], len(places)
        if n > page[CAPACITY]:
            page[PLACES], page[VALUES], page[CAPACITY] = _resized(page[PLACES], 4 * n), _resized(page[VALUES], values.itemsize * n), n
        if n:
            ctypes.memmove(int(page[PLACES]), np.ascontiguousarray(places, np.uint32).ctypes.data, 4 * n)
            ctypes.memmove(int(page[VALUES]), np.ascontiguousarray(values).ctypes.data, values.itemsize * n)
        page[TAIL] = n


class Booked:
    """One static projection with a delay per synapse, at work onto every part of its target."""

    def __init__(self, rows: list[Rows], precision: str) -> None:
        self.rows = rows
        self._weight = np.array([rows[0].weight])
        first = rows[0]
        assert first.delays is not None
        self.text = render_deliver(
            precision, first.targets.itemsize, 0 if first.weights is None else first.weights.itemsize, first.delays.itemsize
        )

    @property
    def longest(self) -> int:
        """The longest delay [steps]."""
        return max(r.longest for r in self.rows)

    def compile(self) -> int:
        """The kernel's address."""
        return int(store.load(self.text).deliver.address)

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
        libc.free(int(page[PLACES]))
        libc.free(int(page[VALUES]))
