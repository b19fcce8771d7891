"""What a wiring holds, counted from its rule: nothing is drawn, and nothing is listed but what was given as a list.

Drawn rules give means. For `axons` they take sources as independent: of n targets, each reached with probability p, a source misses all
with probability (1 - p)^n.
"""

from __future__ import annotations

import math

import numpy as np

from studio.compile.wiring import Block, Cut, Wiring
from studio.models.spec import AllToAll, Bernoulli, InDegree, Matrix, OneToOne, OutDegree, Pairs, Regular, TotalNumber, Window
from studio.network.flat import Drawn, Value

Fan = tuple[float, float]
DEVIATIONS = 5.0  # how far above the mean the most is taken to lie


def total(wiring: Wiring) -> float:
    """All synapses, or their mean number."""
    form, ns, nt = wiring.form, wiring.n_source, wiring.n_target
    if isinstance(form, (Block, Pairs)):
        return float(len(form.sources))
    if isinstance(form, (AllToAll, Bernoulli)):
        p = form.p if isinstance(form, Bernoulli) else 1.0
        return p * (ns * nt - (min(ns, nt) if wiring.same and not form.autapses else 0))
    if isinstance(form, Window):
        return float(_reach(form)) * form.grid[0] / form.groups * (form.out[0])
    table = {
        OneToOne: ns,
        InDegree: getattr(form, "k", 0) * nt,
        OutDegree: getattr(form, "k", 0) * ns,
        Regular: getattr(form, "k", 0) * ns,
        TotalNumber: getattr(form, "n", 0),
        Matrix: ns * nt,
    }
    return float(table[type(form)])


def count(wiring: Wiring, sources: Cut, targets: Cut) -> float:
    """See `Wiring.count`."""
    form, ns, nt = wiring.form, wiring.n_source, wiring.n_target
    whole = sources.size == ns and targets.size == nt
    if whole or not ns or not nt:
        return total(wiring) if whole else 0.0
    if isinstance(form, OneToOne):
        return float(_shared(sources, targets))
    if isinstance(form, Window):
        return float(_window_counts(form, sources, targets)[0])
    if isinstance(form, (Block, Pairs)):
        return float(len(_between(form, sources, targets, ns, nt)))
    if isinstance(form, (AllToAll, Bernoulli)):
        p = form.p if isinstance(form, Bernoulli) else 1.0
        return p * (sources.size * targets.size - (_shared(sources, targets) if wiring.same and not form.autapses else 0))
    return total(wiring) * (sources.size / ns) * (targets.size / nt)


def axons(wiring: Wiring, sources: Cut, targets: Cut) -> float:
    """See `Wiring.axons`."""
    form, ns, nt = wiring.form, wiring.n_source, wiring.n_target
    if not sources.size or not targets.size:
        return 0.0
    if isinstance(form, OneToOne):
        return float(_shared(sources, targets))
    if isinstance(form, (AllToAll, Matrix)):
        return float(sources.size)
    if isinstance(form, Window):
        return float(_window_counts(form, sources, targets)[1])
    if isinstance(form, (Block, Pairs)):
        return float(len(np.unique(_between(form, sources, targets, ns, nt))))
    if isinstance(form, Bernoulli):
        missed = (1.0 - form.p) ** targets.size
    elif isinstance(form, (OutDegree, Regular)):  # each source has k targets
        missed = _power(1.0 - targets.size / nt, form.k)
    elif isinstance(form, InDegree):  # each target has k sources
        missed = _power(1.0 - 1.0 / ns, form.k * targets.size)
    else:  # each synapse has one of ns * nt pairs
        missed = _power(1.0 - targets.size / (ns * nt), total(wiring))
    return sources.size * (1.0 - missed)


def _power(base: float, exponent: float) -> float:
    return base**exponent if base > 0.0 else float(exponent == 0)


def fans(wiring: Wiring) -> tuple[Fan, Fan]:
    """((mean, most) synapses per target, (mean, most) per source)."""
    form, ns, nt = wiring.form, wiring.n_source, wiring.n_target
    n = total(wiring)
    into, out = n / max(nt, 1), n / max(ns, 1)
    if isinstance(form, (Block, Pairs)):
        most_in = int(np.bincount(form.targets, minlength=1).max(initial=0)) if len(form.targets) else 0
        most_out = int(np.bincount(form.sources, minlength=1).max(initial=0)) if len(form.sources) else 0
        return (into, float(most_in)), (out, float(most_out))
    if isinstance(form, Window):
        per_in = form.grid[0] // form.groups * _most(form, True)
        return (into, float(per_in)), (out, float(form.out[0] // form.groups * _most(form, False)))
    if isinstance(form, Bernoulli):
        return (into, _above(into, 1.0 - form.p, ns)), (out, _above(out, 1.0 - form.p, nt))
    if isinstance(form, (InDegree, Regular)):
        return (into, into), (out, out if isinstance(form, Regular) else _above(out, 1.0, n))
    if isinstance(form, OutDegree):
        return (into, _above(into, 1.0, n)), (out, out)
    if isinstance(form, TotalNumber):
        return (into, _above(into, 1.0, n)), (out, _above(out, 1.0, n))
    return (into, float(math.ceil(into))), (out, float(math.ceil(out)))


def _above(mean: float, spread: float, most: float) -> float:
    return float(min(math.ceil(mean + DEVIATIONS * math.sqrt(max(mean * spread, 0.0))), most)) if mean else 0.0


def span(wiring: Wiring) -> tuple[float, float]:
    """See `Wiring.weights`."""
    if wiring.quantised is not None:
        q, ends = wiring.quantised, span(wiring.real())
        scales = np.array([np.min(q.scale), np.max(q.scale)])
        found = np.rint(np.outer(ends, 1.0 / scales))  # (a scale below 0 carries the sign)
        return float(np.clip(found.min(), q.low, q.high)), float(np.clip(found.max(), q.low, q.high))
    given = _given(wiring)
    if given is not None:
        return (float(given.min()), float(given.max())) if given.size else (0.0, 0.0)
    return _bounds(wiring.weight)


def distinct(wiring: Wiring, limit: int) -> np.ndarray | None:
    """See `Wiring.distinct`."""
    given = _given(wiring)
    if given is None:
        if isinstance(wiring.weight, Drawn):
            return None
        given = np.atleast_1d(np.asarray(wiring.weight, np.float64))
    found = np.unique(given)
    return found if len(found) <= limit else None


def delays(wiring: Wiring) -> tuple[int, int]:
    """See `Wiring.delays`. A change that moves delays says how, by a method `bounds(shortest, longest)`."""
    first, last = _delays(wiring)
    for change in wiring.changes:
        if bounds := getattr(change, "bounds", None):
            first, last = bounds(first, last)
    return first, last


def _delays(wiring: Wiring) -> tuple[int, int]:
    form = wiring.form
    if isinstance(form, Block):
        return (int(form.delays.min()), int(form.delays.max())) if len(form) else (0, 0)
    given = form.delays if isinstance(form, Pairs) and form.delays is not None else wiring.delay
    low, high = _bounds(given)
    first, last = round(low / wiring.dt), round(high / wiring.dt)
    drawn_at_all = isinstance(given, (Drawn, np.ndarray))
    return (max(first, 1), max(last, 1)) if drawn_at_all and last > 0 else (first, last)


def _given(wiring: Wiring) -> np.ndarray | None:
    """All weights where they are listed; None where a number or a distribution says them."""
    form = wiring.form
    if isinstance(form, Block):
        return form.weights
    own = getattr(form, "weights", None)
    if own is not None:
        factor = 1.0 if isinstance(form, Pairs) else float(wiring.weight)  # type: ignore[arg-type]
        return np.asarray(own, np.float64) * factor
    if isinstance(form, Window):
        return np.array([float(wiring.weight) * form.scale])  # type: ignore[arg-type]
    return wiring.weight if isinstance(wiring.weight, np.ndarray) else None


def _bounds(value: Value) -> tuple[float, float]:
    if isinstance(value, np.ndarray):
        return (float(value.min()), float(value.max())) if value.size else (0.0, 0.0)
    if not isinstance(value, Drawn):
        return float(value), float(value)
    if value.shape == "uniform":
        return max(value.a, value.low), min(value.b, value.high)
    from studio.engine.laws import law  # which loads numba

    made = law(value)
    tail = 2.9e-7  # five standard deviations
    ends = sorted((made.quantile(tail), made.quantile(1.0 - tail)))
    return ends[0], ends[1]


def _shared(sources: Cut, targets: Cut) -> int:
    """How many numbers two cuts have in common."""
    for one, other in ((sources, targets), (targets, sources)):
        if one.box is None and one.low <= other.low and other.high <= one.high:
            return other.size
    if sources.box is None and targets.box is None:
        return max(0, min(sources.high, targets.high) - max(sources.low, targets.low))
    return len(np.intersect1d(sources.ids, targets.ids, assume_unique=True))


def _between(form: Block | Pairs, sources: Cut, targets: Cut, ns: int, nt: int) -> np.ndarray:
    """The source of every synapse in a list between two cuts. Blocks are in the order of their targets, so that a range is looked up."""
    froms, onto = np.asarray(form.sources), np.asarray(form.targets)
    if isinstance(form, Block) and targets.box is None:
        low, high = np.searchsorted(onto, (targets.low, targets.high))
        froms = froms[low:high]
    else:
        froms = froms[_mask(onto, targets, nt)]
    return froms[_mask(froms, sources, ns)]


def _mask(ids: np.ndarray, chosen: Cut, n: int) -> np.ndarray:
    if chosen.size == n:
        return np.ones(len(ids), bool)
    return (ids >= chosen.low) & (ids < chosen.high) if chosen.box is None else np.isin(ids, chosen.ids)


def places(form: Window, k: int, low: int, high: int) -> np.ndarray:
    """The source places on one axis that targets [low, high) see, with repetition."""
    at = np.arange(low, high)[:, None] * form.stride[k] - form.padding[k] + np.arange(form.window[k]) * form.dilation[k]
    return at[(at >= 0) & (at < form.grid[k + 1])]


def _reach(form: Window) -> int:
    """(target, place) pairs of one channel that lie inside the grid."""
    return len(places(form, 0, 0, form.out[1])) * len(places(form, 1, 0, form.out[2]))


def _most(form: Window, into: bool) -> int:
    """The most places one target sees (or one source is seen by), within a channel."""
    out = 1
    for k in range(2):
        if into:
            at = np.arange(form.out[k + 1])[:, None] * form.stride[k] - form.padding[k] + np.arange(form.window[k]) * form.dilation[k]
            per = ((at >= 0) & (at < form.grid[k + 1])).sum(axis=1)
        else:
            per = np.bincount(places(form, k, 0, form.out[k + 1]), minlength=1)
        out *= int(per.max(initial=0))
    return out


def _window_counts(form: Window, sources: Cut, targets: Cut) -> tuple[int, int]:
    """(synapses, distinct sources) between two cuts of the grids. Boxes and whole layers axis by axis, ranges by listing their places."""
    boxes = _boxed(sources, form.grid), _boxed(targets, form.out)
    if boxes[0] is not None and boxes[1] is not None:
        return _boxes(form, boxes[0], boxes[1])
    return _listed(form, sources, targets)


def _boxed(chosen: Cut, shape: tuple[int, ...]) -> tuple[tuple[int, int], ...] | None:
    """A cut as one range a dimension of (channels, rows, columns), where it is one."""
    if chosen.size == math.prod(shape):
        return tuple((0, n) for n in shape)
    if chosen.box is not None:
        return ((0, 1),) * (3 - len(chosen.box)) + chosen.box
    return None


def _boxes(form: Window, s: tuple[tuple[int, int], ...], t: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    n_in, n_out = form.grid[0] // form.groups, form.out[0] // form.groups
    inputs: dict[int, int] = {}  # source channel: how many of the target channels see it
    for o in range(*t[0]):
        for c in range(max(s[0][0], o // n_out * n_in), min(s[0][1], (o // n_out + 1) * n_in)):
            inputs[c] = inputs.get(c, 0) + 1
    pairs, distinct_places = 1, 1
    for k in range(2):
        at = places(form, k, *t[k + 1])
        at = at[(at >= s[k + 1][0]) & (at < s[k + 1][1])]
        pairs *= len(at)
        distinct_places *= len(np.unique(at))
    return sum(inputs.values()) * pairs, len(inputs) * distinct_places


def _listed(form: Window, sources: Cut, targets: Cut) -> tuple[int, int]:
    from studio.compile.synapses import window
    from studio.compile.wiring import Wiring

    plain = Wiring(math.prod(form.grid), math.prod(form.out), form, 1.0, 0.0, 1.0)
    found = window(form, plain, targets)
    inside = found.sources[_mask(found.sources, sources, plain.n_source)]
    return len(inside), len(np.unique(inside))
