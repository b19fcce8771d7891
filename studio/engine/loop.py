"""The compiled loop: one call advances one thread's part of the whole network through many slices.

A network is three tables per part, rows of int64 (addresses and numbers): nodes, projections, traces. The loop knows no model:
populations and plastic projections are kernels called by address. Threads meet once per slice.

A slice: sources emit and populations advance through all its steps, then every thread delivers all spikes to its own targets in the
order (emission step, projection, source, synapse), so that no boundary of slices, parts or batches shows in a sum.
With zero delays a slice is one step: a population receives the spikes of this step before it advances.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from studio.engine.native import call_kernel, inner, view, wait_for_all
from studio.engine.random import U64, bits, subkey

# columns of the node table
(KIND, KERNEL, POINTERS, NUMBERS, SIZE, LOW, FIRES, IDS, OFFSETS, COUNTS, MASK, CAPACITY, TABLE, LEVELS, SHARED, PIECES,
 RANDOM_KEY, DENSE, LISTED, SAMPLING, STATES, N_STATES, SCRATCH, NODE_COLUMNS) = range(24)  # fmt: skip
POPULATION, RATES, EVENTS = 0, 1, 2
# columns of the projection table
(SOURCE, TARGET, FORM, STARTS, TARGETS, TARGET_WIDTH, DELAY, DELAYS, DELAY_WIDTH, WEIGHTS, RING, SLOTS, STRIDE, ZERO,
 ROW_KERNEL, POST_KERNEL, FLUSH_KERNEL, RULE_POINTERS, RULE_NUMBERS, PROJECTION_COLUMNS) = range(20)  # fmt: skip
SPARSE, ONE_TO_ONE, PLASTIC = 0, 1, 2
# columns of the trace table
(T_NODE, T_STATE, T_IDS, T_N, T_EVERY, T_OUT, TRACE_COLUMNS) = range(7)

TILE = 2048  # neurons advanced through a whole slice at a time, so that their state stays in cache
WORDS = 2048  # random words drawn at a time
CHECK_EVERY = 64  # steps between looks for values that are not finite


@inner
def emit(node, step, steps, row):  # type: ignore[no-untyped-def]
    """Poisson counts of one source's part: one hash against a table of the cumulative distribution, per element and step."""
    n = node[SIZE]
    offsets = view(node[OFFSETS], row + steps + 1, np.int64)
    ids = view(node[IDS], node[CAPACITY], np.uint32)
    counts = view(node[COUNTS], node[CAPACITY], np.int32)
    for k in range(steps):
        dense = view(node[DENSE] + k * n * 4, n, np.int32)
        dense[:] = 0
        for piece in range(node[PIECES]):
            key = subkey(U64(node[RANDOM_KEY]), step + k, piece)
            for low in range(0, n, WORDS):
                count_words(node, key, low, dense[low : min(low + WORDS, n)])
        at = offsets[row + k]
        if node[LISTED]:
            for i in range(n):
                if dense[i] != 0:
                    ids[at] = np.uint32(node[LOW] + i)
                    counts[at] = dense[i]
                    at += 1
        offsets[row + k + 1] = at


@inner
def count_words(node, key, low, dense):  # type: ignore[no-untyped-def]
    """Add to `dense` how many levels of its table each element's random word exceeds."""
    words = view(node[SCRATCH], dense.shape[0], np.uint32)
    first = np.uint32(node[LOW] + low)
    for i in range(dense.shape[0]):
        words[i] = bits(key, np.uint32(first + np.uint32(i)))
    for level in range(node[LEVELS]):
        if node[SHARED]:
            cut = view(node[TABLE] + level * 4, 1, np.uint32)[0]
            for i in range(dense.shape[0]):
                dense[i] += np.int32(words[i] > cut)
        else:
            cuts = view(node[TABLE] + (level * node[SIZE] + low) * 4, dense.shape[0], np.uint32)
            for i in range(dense.shape[0]):
                dense[i] += np.int32(words[i] > cuts[i])


@inner
def sample(traces, index, end, start, like):  # type: ignore[no-untyped-def]
    """Copy the traces of one node that are due at the end of step `end` - 1."""
    for t in range(traces.shape[0]):
        if traces[t, T_NODE] == index and traces[t, T_N] > 0 and end % traces[t, T_EVERY] == 0:
            n = traces[t, T_N]
            place = end // traces[t, T_EVERY] - start // traces[t, T_EVERY] - 1
            out = view(traces[t, T_OUT] + place * n * like.itemsize, n, like.dtype)
            ids = view(traces[t, T_IDS], n, np.int64)
            last = ids[n - 1] + 1
            state = view(traces[t, T_STATE], last, like.dtype)
            for i in range(n):
                out[i] = state[ids[i]]


@inner
def advance(node, index, traces, step, steps, row, start, like):  # type: ignore[no-untyped-def]
    """One population's part through a slice; its spikes are appended to its list, by step and neuron."""
    n, done = node[SIZE], 0
    every = node[SAMPLING]
    while done < steps:
        now = steps - done
        if every > 0:
            now = min(now, every - (step + done) % every)
        for low in range(0, n, TILE):
            call_kernel(node[KERNEL], node[POINTERS], node[NUMBERS], low, min(TILE, n - low), step + done, now, done)  # pyright: ignore[reportCallIssue]
        done += now
        if every > 0:
            sample(traces, index, step + done, start, like)
    if node[FIRES]:
        collect(node, steps, row)


@inner
def collect(node, steps, row):  # type: ignore[no-untyped-def]
    """Turn the slice's masks into lists; eight neurons are looked at together."""
    n = node[SIZE]
    stride = (n + 63) // 64 * 64
    offsets = view(node[OFFSETS], row + steps + 1, np.int64)
    ids = view(node[IDS], node[CAPACITY], np.uint32)
    for k in range(steps):
        at = offsets[row + k]
        words = view(node[MASK] + k * stride, stride // 8, np.uint64)
        fired = view(node[MASK] + k * stride, stride, np.uint8)
        for word in range(words.shape[0]):
            if words[word] != U64(0):
                for i in range(word * 8, word * 8 + 8):
                    if fired[i] != 0:
                        ids[at] = np.uint32(node[LOW] + i)
                        at += 1
        offsets[row + k + 1] = at


@inner
def add_rows(ids, counts, many, first, last, starts, targets, weights, weight, ring):  # type: ignore[no-untyped-def]
    """Rows of one delay: one slot for all. `weights` empty: one weight for all."""
    events = 0
    for e in range(first, last):
        source = ids[e]
        a, b = starts[source], starts[source + 1]
        count = counts[e] if many else 1
        events += (b - a) * count
        row = targets[a:b]
        if weights.shape[0] == 0:
            w = weight if count == 1 else ring.dtype.type(weight * count)
            for s in range(row.shape[0]):
                ring[row[s]] += w
        else:
            own = weights[a:b]
            for s in range(row.shape[0]):
                ring[row[s]] += own[s] if count == 1 else ring.dtype.type(own[s] * count)
    return events


@inner
def add_delayed(ids, counts, many, first, last, starts, targets, weights, weight, delays, rings, slots, stride, step):  # type: ignore[no-untyped-def]
    """Rows with a delay per synapse, sorted by it."""
    events = 0
    base = step % slots
    for e in range(first, last):
        source = ids[e]
        a, b = starts[source], starts[source + 1]
        count = counts[e] if many else 1
        events += (b - a) * count
        row, late = targets[a:b], delays[a:b]
        own = weights[a:b] if weights.shape[0] else weights
        for s in range(row.shape[0]):
            slot = base + np.int64(late[s])
            slot = slot - slots if slot >= slots else slot
            w = own[s] if own.shape[0] else weight
            rings[np.uint64(slot * stride + np.int64(row[s]))] += w if count == 1 else rings.dtype.type(w * count)
    return events


@inner
def deliver_sparse(p, ids, counts, many, first, last, weight, step, like):  # type: ignore[no-untyped-def]
    """One projection, one emission step, one list of sources."""
    starts = view(p[STARTS], np.int64(ids[last - 1]) + 2, np.int64)
    n = starts[starts.shape[0] - 1]
    weights = view(p[WEIGHTS], n if p[WEIGHTS] != 0 else 0, like.dtype)
    w = like.dtype.type(weight)
    slots, stride = p[SLOTS], p[STRIDE]
    if p[DELAYS] == 0:
        slot = (step + p[DELAY]) % slots
        ring = view(p[RING] + slot * stride * like.itemsize, stride, like.dtype)
        if p[TARGET_WIDTH] == 2:
            return add_rows(ids, counts, many, first, last, starts, view(p[TARGETS], n, np.uint16), weights, w, ring)
        return add_rows(ids, counts, many, first, last, starts, view(p[TARGETS], n, np.uint32), weights, w, ring)
    rings = view(p[RING], slots * stride, like.dtype)
    if p[DELAY_WIDTH] == 1:  # then targets have two bytes; else both are wide
        late = view(p[DELAYS], n, np.uint8)
        return add_delayed(
            ids, counts, many, first, last, starts, view(p[TARGETS], n, np.uint16), weights, w, late, rings, slots, stride, step
        )
    later = view(p[DELAYS], n, np.uint16)
    return add_delayed(
        ids, counts, many, first, last, starts, view(p[TARGETS], n, np.uint32), weights, w, later, rings, slots, stride, step
    )


@inner
def deliver_dense(p, source, weight, row_in_slice, step, like):  # type: ignore[no-untyped-def]
    """A one-to-one projection from a Poisson source: counts times weight, added to a whole slot."""
    n = source[SIZE]
    dense = view(source[DENSE] + row_in_slice * n * 4, n, np.int32)
    slot = (step + p[DELAY]) % p[SLOTS]
    ring = view(p[RING] + slot * p[STRIDE] * like.itemsize, n, like.dtype)
    w = like.dtype.type(weight)
    events = 0
    if p[WEIGHTS] == 0:
        for i in range(n):
            ring[i] += like.dtype.type(dense[i]) * w
    else:
        own = view(p[WEIGHTS], n, like.dtype)
        for i in range(n):
            ring[i] += like.dtype.type(dense[i]) * own[i]
    for i in range(n):
        events += np.int64(dense[i])
    return events


@inner
def deliver(nodes, part, p, weight, updates, step, row, row_in_slice, like):  # type: ignore[no-untyped-def]
    """All spikes of one step through one projection onto this part. Returns how many synapses they crossed.

    Callers write a zero as `row - row`: numba would compile this once more for a literal.
    """
    events = 0
    index = p[SOURCE]
    if p[FORM] == ONE_TO_ONE:
        return deliver_dense(p, nodes[part, index], weight, row_in_slice, step, like)
    for q in range(nodes.shape[0]):
        node = nodes[q, index]
        if node[OFFSETS] == 0:
            continue
        offsets = view(node[OFFSETS], row + 2, np.int64)
        first, last = offsets[row], offsets[row + 1]
        if first == last:
            continue
        ids = view(node[IDS], last, np.uint32)
        many = node[COUNTS] != 0
        counts = view(node[COUNTS], last if many else 0, np.int32)
        if p[FORM] == SPARSE:
            events += deliver_sparse(p, ids, counts, many, first, last, weight, step, like)
        else:
            starts = view(p[STARTS], np.int64(ids[last - 1]) + 2, np.int64)
            for e in range(first, last):
                count = np.int64(counts[e]) if many else 1
                events += (starts[ids[e] + 1] - starts[ids[e]]) * count
                updates[0] += call_kernel(p[ROW_KERNEL], p[RULE_POINTERS], p[RULE_NUMBERS], np.int64(ids[e]), count, step, 0, 0)  # pyright: ignore[reportCallIssue]
    return events


@inner
def remember(nodes, part, projections, step, steps, row, crowded):  # type: ignore[no-untyped-def]
    """Append this slice's spikes of plastic projections' targets to their histories."""
    for j in range(projections.shape[0]):
        p = projections[j]
        if p[FORM] != PLASTIC:
            continue
        node = nodes[part, p[TARGET]]
        if not node[FIRES]:
            continue
        offsets = view(node[OFFSETS], row + steps + 1, np.int64)
        ids = view(node[IDS], node[CAPACITY], np.uint32)
        for k in range(steps):
            for e in range(offsets[row + k], offsets[row + k + 1]):
                crowded[j] |= call_kernel(  # pyright: ignore[reportCallIssue]
                    p[POST_KERNEL], p[RULE_POINTERS], p[RULE_NUMBERS], np.int64(ids[e]) - node[LOW], step + k, 0, 0, 0
                )


@inner
def all_finite(node, like):  # type: ignore[no-untyped-def]
    """Whether every state of one population's part is a finite number."""
    wrong = 0
    addresses = view(node[STATES], node[N_STATES], np.int64)
    for s in range(node[N_STATES]):
        values = view(addresses[s], node[SIZE], like.dtype)
        for i in range(values.shape[0]):
            wrong |= 0 if values[i] - values[i] == 0 else 1
    return wrong == 0


@njit(nogil=True, cache=True, error_model="numpy")
def run_part(part, nodes, projections, weights, traces, events, updates, crowded, flags, barrier, like, start, end, slice_steps, zero):  # type: ignore[no-untyped-def]
    """Advance part `part` from step `start` to `end` at most; returns the step reached (the same in every part).

    It ends early, after a whole slice, when a list could overflow in the next one or a state is not finite (then flags[2, part] is 1).
    `flags`: int64 (3, parts): whether each part wants to stop, in even and odd slices; and whether it found a bad value.
    """
    parts = nodes.shape[0]
    mine, own, tracing = nodes[part], projections[part], traces[part]
    step, turn = start, 0
    while step < end:
        steps = min(slice_steps, end - step)
        row = step - start
        for index in range(mine.shape[0]):
            if mine[index, KIND] == RATES and mine[index, SIZE] > 0:
                emit(mine[index], step, steps, row)
        if zero:
            wait_for_all(barrier, parts)
        for index in range(mine.shape[0]):
            if mine[index, KIND] != POPULATION:
                continue
            if zero:
                for j in range(own.shape[0]):
                    if own[j, ZERO] and own[j, TARGET] == index:
                        events[part, j] += deliver(nodes, part, own[j], weights[j], updates[part, j : j + 1], step, row, row - row, like)
            advance(mine[index], index, tracing, step, steps, row, start, like)
            if zero:
                wait_for_all(barrier, parts)
        remember(nodes, part, own, step, steps, row, crowded[part])
        flags[turn, part] = wants_to_stop(mine, row + steps, slice_steps)
        if (step + steps) // CHECK_EVERY != step // CHECK_EVERY or step + steps == end:
            for index in range(mine.shape[0]):
                if mine[index, KIND] == POPULATION and not all_finite(mine[index], like):
                    flags[turn, part] = 1
                    flags[2, part] = 1
        wait_for_all(barrier, parts)
        for k in range(steps):
            for j in range(own.shape[0]):
                if not own[j, ZERO] or not zero:
                    events[part, j] += deliver(nodes, part, own[j], weights[j], updates[part, j : j + 1], step + k, row + k, k, like)
        for j in range(own.shape[0]):
            if crowded[part, j]:
                updates[part, j] += call_kernel(  # pyright: ignore[reportCallIssue]
                    own[j, FLUSH_KERNEL], own[j, RULE_POINTERS], own[j, RULE_NUMBERS], step + steps - 1, 0, 0, 0, 0
                )
                crowded[part, j] = 0
        step += steps
        stop = 0
        for q in range(parts):
            stop |= flags[turn, q]
        if stop:
            break
        turn = 1 - turn
    return step


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
def deliver_early(part, nodes, projections, weights, events, updates, like, step):  # type: ignore[no-untyped-def]
    """Deliver the spikes of one step alone: those that given lists hold for time 0, before the first step."""
    for j in range(projections.shape[1]):
        p = projections[part, j]
        if nodes[part, p[SOURCE], KIND] == EVENTS and not p[ZERO]:
            events[part, j] += deliver(nodes, part, p, weights[j], updates[part, j : j + 1], step, j - j, j - j, like)
