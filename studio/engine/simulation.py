"""A network at work: everything built and compiled once, then advanced batch by batch. `run.simulate` drives it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from studio.engine import loop as L
from studio.engine.building import Tick
from studio.engine.calendar import Booked, Calendar, epoch_steps
from studio.engine.cells import Cells
from studio.engine.connectivity import Synapses, listed, split
from studio.engine.coupled import Coupled, Published
from studio.engine.delivery import Delivery
from studio.engine.drive import AnalogInput, GivenDrive
from studio.engine.moments import Moments
from studio.engine.native import address
from studio.engine.parts import Drive, Link, Plan, in_order, parts
from studio.engine.ranks import AgreedError, Alone, Group, in_turn, together
from studio.engine.ranks_exchange import Exchange
from studio.engine.ready import ready
from studio.engine.redrawn import Redrawn
from studio.engine.taps import TraceTap
from studio.findings import Finding
from studio.network.flat import FlatNetwork, Record

FREE_SLICE = 32  # steps of a slice where nothing is connected
TRACE_BYTES = 32 << 20  # a trace's buffer between two drains
BATCH = 8192  # steps a list can index; a batch is at most as long


class Simulation:
    """A built network. `advance(steps)` moves it; `drain()` gives what happened since the last call.

    Of several processes (`group`) each builds and advances its own parts; all make the same calls.
    """

    def __init__(self, flat: FlatNetwork, plan: Plan, group: Group | None = None, tick: Tick | None = None) -> None:
        started = time.perf_counter()
        self.group = group or Alone()
        self.flat, self.step = (flat := ready(flat)), 0
        self.plan = plan = replace(plan, rank=self.group.rank, ranks=self.group.size)
        self.precision = plan.dtype
        made = together(self.group, lambda: parts(flat, plan, tick))
        self._cells, self._links, self._inputs, self._drives = made.cells, made.links, made.inputs, made.drives
        self._allocate()
        self.build_s = time.perf_counter() - started
        started = time.perf_counter()
        in_turn(self.group, self._tables)
        self.compile_s = time.perf_counter() - started
        self.moments = Moments(flat, self._links, self.group, plan.dt, plan.threads)
        self._pool = ThreadPoolExecutor(plan.threads - 1, thread_name_prefix="studio-engine") if plan.threads > 1 else None
        self._early_done, self.loop_s = False, 0.0

    # memory

    def _allocate(self) -> None:
        rows = [r for link in self._links for r in link.rows]
        shortest = min(self.group.all(min((r.shortest for r in rows if r.shortest > 0), default=FREE_SLICE)))
        self.zero = any(link.zero for link in self._links)
        self.slice_steps = 1 if self.zero else max(1, min(shortest, self.plan.slice_steps or shortest, 256))
        longest = dict.fromkeys(self._cells, 0)
        self.epoch = epoch_steps(self.slice_steps) if any(link.booked for link in self._links) else 0
        for link in self._links:
            own = max(r.longest for r in link.rows)
            if not link.booked:
                longest[link.projection.target] = max(longest[link.projection.target], own)
            if link.learning:
                link.learning.allocate(self.slice_steps, own)
        self.batch_steps = max(self.slice_steps, min([BATCH, *(self._trace_batch(r) for r in self.flat.traced)]))
        for path, cells in self._cells.items():
            cells.allocate(longest[path] + 1, self.epoch, self.slice_steps, self.batch_steps)
        for drive in self._drives.values():
            drive.allocate(self.slice_steps, self.batch_steps)

    def _trace_batch(self, r: Record) -> int:
        """The steps of a batch in which one trace fills TRACE_BYTES."""
        n = self._cells[r.path].size if r.ids is None and r.path in self._cells else len(r.ids) if r.ids is not None else 1
        return int(TRACE_BYTES / (self.precision.itemsize * max(n, 1)) * max(1.0, r.every / self.plan.dt)) + 1

    # tables for the compiled loop

    def _tables(self) -> None:
        threads = self.plan.threads
        order = in_order(self._cells, self._links)
        self._index = {path: k for k, path in enumerate([*self._drives, *order])}
        self._keep: list[np.ndarray] = []
        self._nodes = np.zeros((self.plan.ranks * threads, len(self._index), L.NODE_COLUMNS), np.int64)
        self._first = self.plan.rank * threads
        self._own = self._nodes[self._first : self._first + threads]
        kernels = {path: cells.compile() for path, cells in self._cells.items()}
        for part in range(threads):
            for path, drive in self._drives.items():
                drive.write(self._own[part, self._index[path]], part)
            for path, cells in self._cells.items():
                cells.write(self._own[part, self._index[path]], part, kernels[path], self._keep)
        self._projections = np.zeros((threads, len(self._links), L.PROJECTION_COLUMNS), np.int64)
        self._events = np.zeros((threads, len(self._links)), np.int64)
        self._updates = np.zeros((threads, len(self._links)), np.int64)
        self._crowded = np.zeros((threads, len(self._links)), np.int64)
        self._calendar_tables()
        self._published = Published((link.projection for link in self._links), self._cells)
        self._couplings = self._published.table(threads)
        for j, link in enumerate(self._links):
            self._link_rows(j, link)
        self._ticks = np.zeros((threads, -(-(len(self._index) + len(self._links) + L.ELSE + 1) // 16) * 16), np.int64)
        self._flags = np.zeros((3, self.plan.ranks * threads), np.int64)
        self._barrier = np.zeros(32, np.int64)
        self._exchange = self._meeting() if self.group.size > 1 else None
        self._trace_tables()
        self._since = 0
        for part in range(threads):
            self._run(part, 0)  # no step: compiles the loop, or loads it

    def _meeting(self) -> Exchange:
        """What is exchanged with the other processes: the spikes of every node whose list someone walks; all know what was given."""
        heard = {link.projection.source for link in self._links if not link.one_to_one and not isinstance(link.delivery, Coupled)}
        sent = [self._index[path] for path in self._index if path in heard and not isinstance(self._drives.get(path), GivenDrive)]
        counted = [k for k in sent if self._own[0, k, L.COUNTS] != 0]
        return Exchange(
            self.group, self._nodes, self._flags, sent, counted, self.slice_steps, self._told if len(self._couplings[0]) else None
        )

    def _told(self, step: int) -> None:
        """Give the other processes the states that coupled projections read."""
        n, threads = self.plan.ranks, self.plan.threads
        cuts = {path: split(cells.size, n * threads) for path, cells in self._cells.items()}
        self._published.exchange(
            self.group, step, {path: [(c[r * threads][0], c[(r + 1) * threads - 1][1]) for r in range(n)] for path, c in cuts.items()}
        )

    def _calendar_tables(self) -> None:
        longest: dict[tuple[str, int], int] = {}
        for link in self._links:
            if link.booked:
                key = link.projection.target, link.receptor
                longest[key] = max([longest.get(key, 0), *(r.longest for r in link.rows)])
        self._calendars = {(path, k): Calendar(self._cells[path].late_rings[k], n, self.plan.precision) for (path, k), n in longest.items()}
        self._calendar_rows = np.zeros((self.plan.threads, len(longest), L.CALENDAR_COLUMNS), np.int64)
        for c, calendar in enumerate(self._calendars.values()):
            for part in range(self.plan.threads):
                calendar.write(self._calendar_rows[part, c], part)

    def _link_rows(self, j: int, link: Link) -> None:
        p, cells = link.projection, self._cells[link.projection.target]
        write = self._writer(link)
        for part, ring in enumerate(cells.rings[link.receptor]):
            row = self._projections[part, j]
            row[L.SOURCE], row[L.TARGET], row[L.ZERO] = self._index[p.source], self._index[p.target], link.zero
            write(row, part, ring, self._updates[part, j : j + 1])

    def relink(self, link: Link) -> None:
        """Write the tables of one projection anew, its kernels having changed; not while it runs."""
        self._link_rows(self._links.index(link), link)

    def _writer(self, link: Link) -> Callable[[np.ndarray, int, np.ndarray, np.ndarray], None]:
        """What fills the row of a projection (row, part, ring, counter of weight updates), its kernels being compiled."""
        keep, delivery = self._keep, link.delivery
        calendar = self._calendars[link.projection.target, link.receptor] if link.booked else None
        if learning := link.learning:
            kernels = learning.compile()
            return lambda row, part, ring, updates: learning.write(row, part, kernels, ring, updates, keep)
        if isinstance(delivery, Redrawn):
            kernel = delivery.compile(calendar)
            return lambda row, part, ring, _: delivery.write(row, part, kernel, calendar or ring, keep)
        if isinstance(delivery, Booked) and calendar:
            kernel = delivery.compile(calendar)
            return lambda row, part, ring, _: delivery.write(row, part, kernel, calendar, keep)
        if isinstance(delivery, Coupled):
            kernel, values = delivery.compile(), self._published.of(link.projection)
            return lambda row, part, ring, _: delivery.write(row, part, kernel, ring, values, keep)
        assert isinstance(delivery, Delivery)
        kernel = delivery.compile()
        return lambda row, part, ring, _: delivery.write(row, part, kernel, ring, keep)

    # traces

    def _trace_tables(self) -> None:
        self._traces = [TraceTap(r, self._cells.get(r.path), self.plan.dt) for r in self.flat.traced]
        self._trace_rows = np.zeros((self.plan.threads, sum(len(t.states) for t in self._traces), L.TRACE_COLUMNS), np.int64)
        first = 0
        for tap in self._traces:
            node = self._index[tap.record.path]
            tap.allocate(self.batch_steps)
            for part in range(self.plan.threads):
                tap.write(self._trace_rows[part, first : first + len(tap.states)], part, node)
                now = int(self._own[part, node, L.SAMPLING])
                self._own[part, node, L.SAMPLING] = int(np.gcd(now, tap.every))
            first += len(tap.states)

    # running

    def boundary(self) -> int:
        """The next step at which something outside the loop changes: a frame of a source or of an analog input; or something happens by itself."""
        starts = [d.boundaries for d in self._drives.values()] + [a.boundaries for _, a in self._inputs]
        later = [int(b[k]) for b in starts if (k := int(np.searchsorted(b, self.step, side="right"))) < len(b)]
        return min([*later, self.moments.boundary(self.step)])

    def advance(self, steps: int) -> int:
        """Move on by at most `steps` steps (fewer where a frame ends or a list fills); returns how many. Drain before the next call."""
        steps = min(steps, self.batch_steps, self.boundary() - self.step)
        if not self._early_done:
            self._deliver_early()
        self.moments.act(self.step, self._pool.map if self._pool else map)
        self._set_inputs()
        for path, drive in self._drives.items():
            drive.begin(list(self._own[:, self._index[path]]), self.step, steps)
        self._flags[:] = 0
        end, started = self.step + steps, time.perf_counter()
        others = [self._pool.submit(self._run, part, end) for part in range(1, self.plan.threads)] if self._pool else []
        reached = self._run(0, end)
        for other in others:
            other.result()
        self.loop_s += time.perf_counter() - started
        self._since, self.step = self.step, reached
        if self._exchange and self._exchange.problem:
            raise self._exchange.problem
        if any(failed.any() for calendar in self._calendars.values() for failed in calendar.failed):
            raise MemoryError("There is no memory left for spikes on their way.")
        if self._flags[2].any():
            raise AgreedError([self._bad_value()])
        self.moments.heard(self._since, reached - self._since, lambda path: self.spikes(path)[0] - 1)
        return reached - self._since

    def _run(self, part: int, end: int) -> int:
        return int(
            L.run_part(
                self._first + part,
                self._first,
                self.plan.threads,
                self._nodes,
                self._projections,
                self._calendar_rows,
                self._couplings,
                self._trace_rows,
                self._events,
                self._crowded,
                self._flags,
                self._ticks,
                address(self._barrier),
                self._exchange.kernel if self._exchange else 0,
                self.step,
                end,
                self.slice_steps,
                self.epoch,
                self.zero,
                self.plan.profile,
            )
        )

    def _deliver_early(self) -> None:
        """Spikes given for time 0 belong to the end of step -1, as do the states that neurons start with."""
        self._early_done = True
        given = [d for d in self._drives.values() if isinstance(d, GivenDrive)]
        if not any(len(d.steps) and d.steps[0] < 0 for d in given) and not self._published.values:
            return
        for drive in given:
            drive.begin([], -1, 1)
        for part in range(self.plan.threads):
            L.deliver_early(self._first + part, part, self._nodes, self._projections, self._events, -1)
        spoken = {d.path: d for d in given if not self.group.rank}
        self.moments.heard(-1, 1, lambda path: spoken[path].drain(-1, 1)[0] if path in spoken else np.zeros(0, np.int64))

    def _set_inputs(self) -> None:
        totals = {path: np.zeros(self._cells[path].size) for path, _ in self._inputs}
        for path, analog in self._inputs:
            analog.add(totals[path], self.step)
        for path, total in totals.items():
            self._cells[path].analog[:] = total

    def _bad_value(self) -> Finding:
        """The first state of any process that is not a finite number."""
        found = [bad for bad in self.group.all(self._own_bad_value()) if bad]
        if not found:
            return Finding("bounds.finite", "error", "", f"a state is not a finite number before {self.step * self.plan.dt:g} ms.")
        place, neuron, value = min(found)
        path, name = [(path, name) for path, cells in self._cells.items() for name in cells.states][place]
        text = f"{name} of neuron {neuron} is {value} at {self.step * self.plan.dt:g} ms."
        fix = "Look for very large weights or currents, or choose a smaller dt."
        return Finding("bounds.finite", "error", f"{path}[{neuron}]", text, fix)

    def _own_bad_value(self) -> tuple[int, int, str] | None:
        """The first state of this process that is not finite: its place among all states, the neuron, the value."""
        for place, values in enumerate(values for cells in self._cells.values() for values in cells.states.values()):
            bad = np.flatnonzero(~np.isfinite(values))
            if len(bad):
                return place, int(bad[0]), str(values[bad[0]])
        return None

    # results

    def spikes(self, path: str) -> tuple[np.ndarray, np.ndarray]:
        """Steps (emission step + 1) and ids of the last batch, of this process's elements; rank 0 speaks for given spikes."""
        node = self._cells.get(path) or self._drives[path]
        steps = self.step - self._since
        steps = 0 if isinstance(node, GivenDrive) and self.group.rank else steps
        when, who = node.drain(self._since, steps) if isinstance(node, GivenDrive) else node.lists.drain(self._since, steps)
        return when + 1, who

    def count(self, path: str) -> int:
        """How many spikes this process's elements of a node emitted in the last batch."""
        node = self._cells.get(path) or self._drives[path]
        steps = 0 if isinstance(node, GivenDrive) and self.group.rank else self.step - self._since
        return node.count(self._since, steps) if isinstance(node, GivenDrive) else node.lists.count(steps)

    def traces(self) -> list[tuple[Record, np.ndarray]]:
        """The rows each trace gained in the last batch."""
        return [(t.record, t.rows(self._since, self.step)) for t in self._traces]

    def resume(self, step: int, events: Mapping[str, int], updates: Mapping[str, int]) -> None:
        """Go on from `step`, with what all parts had counted until then."""
        self.step = self._since = step
        self._early_done = step > 0
        self.moments.resume(step)
        for j, link in enumerate(self._links):
            self._events[0, j], self._updates[0, j] = events[link.projection.key], updates[link.projection.key]

    def finish(self) -> None:
        """Apply what plastic synapses have pending, and let the threads go."""
        for link in self._links:
            if link.learning:
                for part in range(self.plan.threads):
                    link.learning.flush(part, self.step - 1)
        self.close()

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown()
            self._pool = None

    def profile(self) -> list[tuple[str, str, float]]:
        """Where the loop's time went, if the plan asks for it: (category, path, seconds), the mean over the threads.

        All ticks of a thread together are the time spent in the loop. The path is that of a node or the key of a projection.
        """
        scale = self.loop_s / np.maximum(self._ticks.sum(axis=1, keepdims=True), 1)
        seconds = (self._ticks * scale).mean(axis=0)
        out = [("input" if path in self._drives else "update", path, seconds[k]) for path, k in self._index.items()]
        for j, link in enumerate(self._links):
            out.append(("plasticity" if link.learning else "delivery", link.projection.key, seconds[len(self._index) + j]))
        rest = seconds[len(seconds) - L.ELSE - 1 :]
        places = ("plasticity", L.REMEMBERING), ("recording", L.COLLECTING), ("recording", L.SAMPLES), ("update", L.CHECKING)
        places += ("waiting", L.WAITING), ("exchange", L.EXCHANGING), ("delivery", L.PAGES)
        return [(c, p, float(s)) for c, p, s in out] + [(category, "", float(rest[place])) for category, place in places]

    @property
    def taps(self) -> list[TraceTap]:
        return self._traces

    def tapped(self) -> list[tuple[Record, int]]:
        """Every trace being recorded and how many neurons it has."""
        return [(t.record, len(t.ids)) for t in self._traces]

    @property
    def links(self) -> list[Link]:
        return self._links

    @property
    def cells(self) -> dict[str, Cells]:
        return self._cells

    @property
    def drives(self) -> dict[str, Drive]:
        return self._drives

    def calendars(self) -> list[tuple[Cells, Calendar]]:
        """Every receptor's calendar, with the population it belongs to."""
        return [(self._cells[path], calendar) for (path, _), calendar in self._calendars.items()]

    def inputs(self, source: str) -> list[AnalogInput]:
        """The currents that come from one analog source."""
        analog = [p for p in self.flat.projections if p.kinetics is None]
        return [a for p, (_, a) in zip(analog, self._inputs, strict=True) if p.source == source]

    def counters(self) -> tuple[dict[str, int], dict[str, int]]:
        """Synaptic events and weight updates by projection key."""
        keys = [link.projection.key for link in self._links]
        return dict(zip(keys, self._events.sum(0).tolist(), strict=True)), dict(zip(keys, self._updates.sum(0).tolist(), strict=True))

    def synapses(self, link: Link) -> Synapses:
        """A link's synapses with the weights they have now."""
        rows = (
            link.rows if link.learning is None else [replace(r, weights=w) for r, w in zip(link.rows, link.learning.weights, strict=True)]
        )
        found, names = (
            listed(rows, self.plan.dt),
            [r.what for r in self.flat.run.record if r.path in (link.projection.key, link.projection.path)],
        )
        states = {name: listed(kept, self.plan.dt).weights for name in names if (kept := link.memory(name))}
        return replace(found, states=states)
