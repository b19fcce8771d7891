"""The compiled loop: one call advances one thread's part of the whole network through many slices.

A network is three tables per part, rows of int64 (addresses and numbers): nodes, projections, traces. The loop knows no model and no
storage: populations and projections are kernels called by address. Threads meet once per slice.

A slice: sources emit and populations advance through all its steps, then every thread delivers all spikes to its own targets in the
order (emission step, projection, source, synapse), so that no boundary of slices, parts or batches shows in a sum.
With zero delays a slice is one step: a population receives the spikes of this step before it advances.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from studio.engine.native import call_kernel, clock, inner, prefetch, prefetch_bytes, view, wait_for_all
from studio.engine.random import U64

# columns of the node table
(KIND, KERNEL, POINTERS, NUMBERS, SIZE, LOW, FIRES, IDS, OFFSETS, COUNTS, MASK, CAPACITY, TABLE, LEVELS, SHARED, PIECES,
 RANDOM_KEY, DENSE, LISTED, SAMPLING, STATES, N_STATES, WIDTH, SCRATCH, NODE_COLUMNS) = range(25)  # fmt: skip
POPULATION, RATES, EVENTS = 0, 1, 2
# columns of the projection table
(SOURCE, TARGET, FORM, ROW_KERNEL, ROW_POINTERS, ROW_NUMBERS, ZERO, POST_KERNEL, FLUSH_KERNEL,
 STARTS, STREAM, STREAM_WIDTH, STREAM_2, STREAM_2_WIDTH, STREAM_3, STREAM_3_WIDTH, VALUES, VALUES_STRIDE,
 PROJECTION_COLUMNS) = range(19)  # fmt: skip
# what a projection's kernel walks: a list of spikes, or one count, or one state per element of its source
LISTED_SPIKES, DENSE_COUNTS, STATES_OF_SOURCE = 0, 1, 2
# columns of the table of states that coupled projections read
C_FROM, C_TO, C_STRIDE, C_WORDS, COUPLING_COLUMNS = range(5)
# columns of the table of calendars
PAGE_KERNEL, PAGE_POINTERS, CALENDAR_COLUMNS = range(3)
# columns of the trace table
(T_NODE, T_STATE, T_IDS, T_N, T_EVERY, T_OUT, T_WIDTH, TRACE_COLUMNS) = range(8)
# where the time of a run goes: entries of `ticks` after one per node and one per projection
REMEMBERING, COLLECTING, SAMPLES, CHECKING, WAITING, EXCHANGING, PAGES, ELSE = range(8)


def foretell(row: np.ndarray, starts: np.ndarray, *streams: np.ndarray | None) -> None:
    """Tell the loop where a projection's rows lie, so that it can ask for them before they are read; rows that stay in cache need no asking."""
    if sum(s.nbytes for s in streams if s is not None) < IN_CACHE:
        return
    row[STARTS] = starts.ctypes.data
    for k, stream in enumerate(s for s in streams if s is not None):
        row[STREAM + 2 * k], row[STREAM_WIDTH + 2 * k] = stream.ctypes.data, stream.itemsize


ALL_NODES, ALL_RATES, FLAGS_ALONE = -1, -2, -3  # what an exchange is about, if not one node

TILE = 2048  # neurons advanced through a whole slice at a time, so that their state stays in cache
IN_CACHE = 1 << 19  # bytes of a projection's rows that one may hope to find in a core's cache
ROWS_AHEAD, SYNAPSES_AHEAD = 3, 1024  # of a later projection, asked for while an earlier one is delivered
CHECK_EVERY = 64  # steps between looks for values that are not finite


@inner
def sample(traces, index, end, start):  # type: ignore[no-untyped-def]
    """Copy the traces of one node that are due at the end of step `end` - 1."""
    for t in range(traces.shape[0]):
        row = traces[t]
        if row[T_NODE] == index and row[T_N] > 0 and end % row[T_EVERY] == 0:
            n, words = row[T_N], row[T_WIDTH] // 4
            place = end // row[T_EVERY] - start // row[T_EVERY] - 1
            ids = view(row[T_IDS], n, np.int64)
            out = view(row[T_OUT] + place * n * row[T_WIDTH], n * words, np.uint32)
            state = view(row[T_STATE], (ids[n - 1] + 1) * words, np.uint32)
            for i in range(n):
                for word in range(words):
                    out[i * words + word] = state[ids[i] * words + word]


@inner
def advance(node, index, traces, step, steps, row, start, ticks, since, profile):  # type: ignore[no-untyped-def]
    """One population's part through a slice; its spikes are appended to its list, by step and neuron. Returns the time."""
    n, done = node[SIZE], 0
    every, rest = node[SAMPLING], ticks.shape[0] - ELSE - 1
    while done < steps:
        now = steps - done
        if every > 0:
            now = min(now, every - (step + done) % every)
        for low in range(0, n, TILE):
            call_kernel(node[KERNEL], node[POINTERS], node[NUMBERS], low, min(TILE, n - low), step + done, now, done)  # pyright: ignore[reportCallIssue]
        done += now
        if every > 0:
            since = lap(ticks, index, since, profile)
            sample(traces, index, step + done, start)
            since = lap(ticks, rest + SAMPLES, since, profile)
    since = lap(ticks, index, since, profile)
    if node[FIRES]:
        collect(node, steps, row)
    return lap(ticks, rest + COLLECTING, since, profile)


@inner
def publish(row, step):  # type: ignore[no-untyped-def]
    """Copy a state as it is after a step to where coupled projections read it: one place for even steps, one for odd."""
    now = view(row[C_FROM], row[C_WORDS], np.uint32)
    out = view(row[C_TO] + step % 2 * row[C_STRIDE], row[C_WORDS], np.uint32)
    for i in range(now.shape[0]):
        out[i] = now[i]


@inner
def lap(ticks, place, since, profile):  # type: ignore[no-untyped-def]
    """Charge the time since `since` to a place, where times are asked for. Returns the time."""
    if not profile:
        return since
    now = clock()  # pyright: ignore[reportCallIssue]
    ticks[place] += now - since
    return now


@inner
def collect(node, steps, row):  # type: ignore[no-untyped-def]
    """Turn the slice's masks into lists; sixty-four neurons are looked at together, then eight."""
    n = node[SIZE]
    stride = (n + 63) // 64 * 64
    offsets = view(node[OFFSETS], row + steps + 1, np.int64)
    ids = view(node[IDS], node[CAPACITY], np.uint32)
    for k in range(steps):
        at = offsets[row + k]
        words = view(node[MASK] + k * stride, stride // 8, np.uint64)
        fired = view(node[MASK] + k * stride, stride, np.uint8)
        for block in range(0, words.shape[0], 8):
            anyone = U64(0)
            for word in range(block, block + 8):
                anyone |= words[word]
            if anyone != U64(0):
                for word in range(block, block + 8):
                    if words[word] != U64(0):
                        for i in range(word * 8, word * 8 + 8):
                            if fired[i] != 0:
                                ids[at] = np.uint32(node[LOW] + i)
                                at += 1
        offsets[row + k + 1] = at


@inner
def deliver(nodes, part, p, step, row, row_in_slice):  # type: ignore[no-untyped-def]
    """All spikes of one step through one projection onto this part. Returns how many synapses they crossed."""
    index, events = p[SOURCE], 0
    if p[FORM] == STATES_OF_SOURCE:
        values = p[VALUES] + step % 2 * p[VALUES_STRIDE]
        return call_kernel(p[ROW_KERNEL], p[ROW_POINTERS], p[ROW_NUMBERS], values, 0, 0, step, 0)  # pyright: ignore[reportCallIssue]
    if p[FORM] == DENSE_COUNTS:
        node = nodes[part, index]
        counts = node[DENSE] + row_in_slice * node[SIZE] * 4
        return call_kernel(p[ROW_KERNEL], p[ROW_POINTERS], p[ROW_NUMBERS], counts, 0, node[SIZE], step, 0)  # pyright: ignore[reportCallIssue]
    for q in range(nodes.shape[0]):
        node = nodes[q, index]
        if node[OFFSETS] == 0:
            continue
        offsets = view(node[OFFSETS], row + 2, np.int64)
        first, n = offsets[row], offsets[row + 1] - offsets[row]
        if n > 0:
            counts = node[COUNTS] + 4 * first if node[COUNTS] != 0 else 0
            events += call_kernel(p[ROW_KERNEL], p[ROW_POINTERS], p[ROW_NUMBERS], node[IDS] + 4 * first, counts, n, step, 0)  # pyright: ignore[reportCallIssue]
    return events


@inner
def foresee(nodes, links, j, row, all_of_it):  # type: ignore[no-untyped-def]
    """Ask for what a later projection will read first: where its first rows begin, or the rows themselves. Short rows are all latency."""
    if j >= links.shape[0] or links[j, STARTS] == 0:
        return
    p = links[j]
    for q in range(nodes.shape[0]):
        node = nodes[q, p[SOURCE]]
        if node[OFFSETS] == 0:
            continue
        offsets = view(node[OFFSETS], row + 2, np.int64)
        first = offsets[row]
        n = min(offsets[row + 1] - first, ROWS_AHEAD)
        ids = view(node[IDS] + 4 * first, n, np.uint32)
        for e in range(n):
            place = p[STARTS] + 8 * np.int64(ids[e])
            if all_of_it:
                span = view(place, 2, np.int64)
                long = min(span[1] - span[0], SYNAPSES_AHEAD)
                prefetch_bytes(p[STREAM] + span[0] * p[STREAM_WIDTH], long * p[STREAM_WIDTH])
                prefetch_bytes(p[STREAM_2] + span[0] * p[STREAM_2_WIDTH], long * p[STREAM_2_WIDTH])
                prefetch_bytes(p[STREAM_3] + span[0] * p[STREAM_3_WIDTH], long * p[STREAM_3_WIDTH])
            else:
                prefetch(place)  # pyright: ignore[reportCallIssue]


@inner
def remember(nodes, part, projections, step, steps, row, crowded):  # type: ignore[no-untyped-def]
    """Append this slice's spikes of plastic projections' targets to their histories."""
    for j in range(projections.shape[0]):
        p = projections[j]
        if p[POST_KERNEL] == 0:
            continue
        node = nodes[part, p[TARGET]]
        if not node[FIRES]:
            continue
        offsets = view(node[OFFSETS], row + steps + 1, np.int64)
        for k in range(steps):
            first, n = offsets[row + k], offsets[row + k + 1] - offsets[row + k]
            if n > 0:
                crowded[j] |= call_kernel(  # pyright: ignore[reportCallIssue]
                    p[POST_KERNEL], p[ROW_POINTERS], p[ROW_NUMBERS], node[IDS] + 4 * first, n, step + k, node[LOW], 0
                )


@inner
def all_finite(node):  # type: ignore[no-untyped-def]
    """Whether every state of one population's part is a finite number: its exponent is not all ones."""
    wrong = 0
    addresses = view(node[STATES], node[N_STATES], np.int64)
    for s in range(node[N_STATES]):
        if node[WIDTH] == 4:
            ones4 = np.uint32(0x7F800000)
            values4 = view(addresses[s], node[SIZE], np.uint32)
            for i in range(values4.shape[0]):
                wrong |= 1 if (values4[i] & ones4) == ones4 else 0
        else:
            ones8 = U64(0x7FF0000000000000)
            values8 = view(addresses[s], node[SIZE], np.uint64)
            for i in range(values8.shape[0]):
                wrong |= 1 if (values8[i] & ones8) == ones8 else 0
    return wrong == 0


@njit(nogil=True, cache=True, error_model="numpy")
def run_part(  # type: ignore[no-untyped-def]
    part,
    first,
    here,
    nodes,
    projections,
    calendars,
    couplings,
    traces,
    events,
    crowded,
    flags,
    ticks,
    barrier,
    exchange,
    start,
    end,
    slice_steps,
    epoch,
    zero,
    profile,
):
    """Advance part `part` from step `start` to `end` at most; returns the step reached (the same in every part).

    This process has the parts `first` to `first + here`; tables have a row for each of them, `nodes` and `flags` for the parts of all
    processes. `epoch`: steps of an epoch where there are calendars, else 0. `exchange`, where not 0, is called once per slice, before delivery, to bring the spikes and flags of the others.
    It ends early, after a whole slice, when a list could overflow in the next one or a state is not finite (then flags[2, part] is 1).
    `flags`: int64 (3, parts): whether each part wants to stop, in even and odd slices; and whether it found a bad value.
    """
    own = part - first
    mine, links, tracing, crossed, full, spent = nodes[part], projections[own], traces[own], events[own], crowded[own], ticks[own]
    rest = spent.shape[0] - ELSE - 1
    step, turn = start, 0
    now = clock()  # pyright: ignore[reportCallIssue]
    while step < end:
        steps = min(slice_steps, end - step)
        row = step - start
        if epoch > 0:
            steps = min(steps, epoch - step % epoch)
            if step % epoch == 0:
                for c in range(calendars.shape[1]):
                    row_ = calendars[own, c]
                    call_kernel(row_[PAGE_KERNEL], row_[PAGE_POINTERS], 0, step, 0, 0, 0, 0)  # pyright: ignore[reportCallIssue]
                now = lap(spent, rest + PAGES, now, profile)
        for index in range(mine.shape[0]):
            if mine[index, KIND] == RATES and mine[index, SIZE] > 0:
                call_kernel(mine[index, KERNEL], mine[index, POINTERS], 0, step, steps, row, 0, 0)  # pyright: ignore[reportCallIssue]
                now = lap(spent, index, now, profile)
        if zero:
            wait_for_all(barrier, here)
            meet(exchange, own, barrier, here, step, row, turn, ALL_RATES)
        for index in range(mine.shape[0]):
            if mine[index, KIND] != POPULATION:
                continue
            if zero:
                for j in range(links.shape[0]):
                    if links[j, ZERO] and links[j, TARGET] == index:
                        crossed[j] += deliver(nodes, part, links[j], step, row, row - row)
                        now = lap(spent, mine.shape[0] + j, now, profile)
            now = advance(mine[index], index, tracing, step, steps, row, start, spent, now, profile)
            if zero:
                wait_for_all(barrier, here)
                meet(exchange, own, barrier, here, step, row, turn, index)
                now = lap(spent, rest + WAITING, now, profile)
        for c in range(couplings.shape[1]):
            publish(couplings[own, c], step)
        remember(nodes, part, links, step, steps, row, full)
        now = lap(spent, rest + REMEMBERING, now, profile)
        flags[turn, part] = wants_to_stop(mine, row + steps, slice_steps)
        if (step + steps) // CHECK_EVERY != step // CHECK_EVERY or step + steps == end:
            for index in range(mine.shape[0]):
                if mine[index, KIND] == POPULATION and not all_finite(mine[index]):
                    flags[turn, part] = 1
                    flags[2, part] = 1
        now = lap(spent, rest + CHECKING, now, profile)
        wait_for_all(barrier, here)
        now = lap(spent, rest + WAITING, now, profile)
        if exchange != 0:
            if own == 0:
                call_kernel(exchange, 0, 0, step, steps, row, turn, FLAGS_ALONE if zero else ALL_NODES)  # pyright: ignore[reportCallIssue]
            wait_for_all(barrier, here)
            now = lap(spent, rest + EXCHANGING, now, profile)
        for k in range(steps):
            for j in range(links.shape[0]):
                for ahead in range(1, 3):
                    foresee(nodes, links, j + ahead, row + k, ahead == 1)
                if not links[j, ZERO] or not zero:
                    crossed[j] += deliver(nodes, part, links[j], step + k, row + k, k)
                    now = lap(spent, mine.shape[0] + j, now, profile)
        for j in range(links.shape[0]):
            if full[j]:
                call_kernel(links[j, FLUSH_KERNEL], links[j, ROW_POINTERS], links[j, ROW_NUMBERS], step + steps - 1, 0, 0, 0, 0)  # pyright: ignore[reportCallIssue]
                full[j] = 0
                now = lap(spent, mine.shape[0] + j, now, profile)
        step += steps
        stop = 0
        for q in range(flags.shape[1]):
            stop |= flags[turn, q]
        if stop:
            break
        turn = 1 - turn
    return step


@inner
def meet(exchange, own, barrier, here, step, row, turn, what):  # type: ignore[no-untyped-def]
    """Within a step of a network with zero delays: bring what nodes of the other processes just did."""
    if exchange != 0:
        if own == 0:
            call_kernel(exchange, 0, 0, step, 1, row, turn, what)  # pyright: ignore[reportCallIssue]
        wait_for_all(barrier, here)


@inner
def wants_to_stop(mine, row, slice_steps):  # type: ignore[no-untyped-def]
    """1 where a list of this part has no room for the worst case of the next slice."""
    for index in range(mine.shape[0]):
        node = mine[index]
        if node[FIRES] != 0 or node[LISTED] != 0:
            used = view(node[OFFSETS], row + 1, np.int64)[row]
            if node[CAPACITY] - used < node[SIZE] * slice_steps:
                return 1
    return 0


@njit(nogil=True, cache=True, error_model="numpy")
def deliver_early(part, own, nodes, projections, events, step):  # type: ignore[no-untyped-def]
    """Deliver what is there before the first step: the spikes that given lists hold for time 0, and the states that coupled projections read."""
    for j in range(projections.shape[1]):
        p = projections[own, j]
        if p[FORM] == STATES_OF_SOURCE or (nodes[part, p[SOURCE], KIND] == EVENTS and not p[ZERO]):
            events[own, j] += deliver(nodes, part, p, step, j - j, j - j)
