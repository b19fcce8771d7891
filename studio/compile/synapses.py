"""Synapses listed from a wiring: exact ones, those that the engine would make."""

from __future__ import annotations

import numpy as np

from studio.compile.wiring import Block, Cut, Wiring
from studio.models.spec import AllToAll, Matrix, OneToOne, Pairs, Window
from studio.network.flat import Drawn, Value

Ends = tuple[np.ndarray, np.ndarray]


def listed(wiring: Wiring, targets: Cut) -> Block:
    """The synapses onto `targets`, by target and source, with real weights and delays in steps."""
    form = wiring.form
    if isinstance(form, Block):
        return _stored(form, targets)
    plain = not isinstance(wiring.weight, Drawn) and not isinstance(wiring.delay, Drawn)
    if isinstance(form, (AllToAll, OneToOne, Pairs, Window, Matrix)) and plain:
        block = _plain(wiring, targets)
    else:
        block = _engine(wiring, targets)
    order = np.lexsort((block.sources, block.targets))
    return block.keep(order)


def _stored(block: Block, targets: Cut) -> Block:
    if targets.box is None:
        first, last = np.searchsorted(block.targets, (targets.low, targets.high))
        return block.keep(np.arange(first, last))
    return block.keep(np.isin(block.targets, targets.ids))


def _plain(wiring: Wiring, targets: Cut) -> Block:
    """Rules without draws, in NumPy."""
    form, own_weights, own_delays = wiring.form, None, None
    if isinstance(form, AllToAll):
        s, t = _all(wiring.n_source, targets.ids)
        if wiring.same and not form.autapses:
            s, t = s[s != t], t[s != t]
    elif isinstance(form, OneToOne):
        s = t = targets.ids
    elif isinstance(form, Matrix):
        s, t = _all(wiring.n_source, targets.ids)
        own_weights = np.asarray(form.weights, np.float64)[t, s] * float(wiring.weight)  # type: ignore[arg-type]
    elif isinstance(form, Window):
        return window(form, wiring, targets)
    else:
        assert isinstance(form, Pairs)
        kept = np.flatnonzero(np.isin(form.targets, targets.ids))
        s, t = np.asarray(form.sources, np.int64)[kept], np.asarray(form.targets, np.int64)[kept]
        own_weights, own_delays = (None if a is None else np.asarray(a, np.float64)[kept] for a in (form.weights, form.delays))
        if own_weights is None:
            own_weights = _picked(wiring.weight, s, t, kept, wiring, len(form.sources))
        if own_delays is None:
            own_delays = _picked(wiring.delay, s, t, kept, wiring, len(form.sources))
    weights = _picked(wiring.weight, s, t, None, wiring) if own_weights is None else own_weights
    delays = _picked(wiring.delay, s, t, None, wiring) if own_delays is None else own_delays
    return Block(s, t, weights, steps(delays, wiring.dt))


def steps(delays: np.ndarray, dt: float) -> np.ndarray:
    """Delays [ms] in whole steps, int64."""
    return np.rint(delays / dt).astype(np.int64)


def _all(n: int, targets: np.ndarray) -> Ends:
    return np.tile(np.arange(n), len(targets)), np.repeat(targets, n)


def _picked(value: Value, s: np.ndarray, t: np.ndarray, places: np.ndarray | None, wiring: Wiring, n: int = -1) -> np.ndarray:
    """One value per synapse, out of a number, a list (by place) or an array (by pair)."""
    if not isinstance(value, np.ndarray):
        return np.full(len(s), float(value))  # type: ignore[arg-type]
    if places is not None and value.ndim == 1 and value.size == n:
        return np.asarray(value, np.float64)[places]
    return np.asarray(value, np.float64).reshape(wiring.n_source, wiring.n_target)[s, t]


def window(form: Window, wiring: Wiring, targets: Cut) -> Block:
    """The synapses of a window, one of its places after the other."""
    channel, y, x = np.unravel_index(targets.ids, form.out)
    n_in, n_out = form.grid[0] // form.groups, form.out[0] // form.groups
    parts: list[tuple[np.ndarray, ...]] = []
    for i in range(form.window[0]):
        for j in range(form.window[1]):
            sy = y * form.stride[0] - form.padding[0] + i * form.dilation[0]
            sx = x * form.stride[1] - form.padding[1] + j * form.dilation[1]
            inside = np.flatnonzero((sy >= 0) & (sy < form.grid[1]) & (sx >= 0) & (sx < form.grid[2]))
            for c in range(n_in):
                o = channel[inside]
                source = ((o // n_out * n_in + c) * form.grid[1] + sy[inside]) * form.grid[2] + sx[inside]
                w = np.full(len(inside), form.scale) if form.weights is None else form.weights[o, c, i, j].astype(np.float64)
                parts.append((source, targets.ids[inside], w))
    s, t, w = (np.concatenate([p[k] for p in parts]) for k in range(3))
    delays = np.full(len(s), float(wiring.delay))  # type: ignore[arg-type]
    return Block(s, t, w * float(wiring.weight), steps(delays, wiring.dt))  # type: ignore[arg-type]


def _engine(wiring: Wiring, targets: Cut) -> Block:
    """Rules with draws, drawn as a run draws them."""
    from studio.engine.connectivity import Ends as Sizes
    from studio.engine.connectivity import build
    from studio.engine.rows import listed as together

    assert wiring.drawn is not None, "a rule with draws knows its projection"
    parts = [(targets.low, targets.high)]
    made = build(wiring.drawn, Sizes(wiring.n_source, wiring.n_target, wiring.same), wiring.seed, wiring.dt, np.float64, parts)
    found = together(made, 1.0)
    block = Block(found.sources, found.targets, found.weights, np.rint(found.delays).astype(np.int64))
    return block if targets.box is None else block.keep(np.isin(block.targets, targets.ids))
