"""How far two runs of one population are apart: spike train distances, coincidences, rates. All exact, one number a neuron.

Both ends of a comparison are `Trains` (`studio.analysis.trains`), of two recordings or of a recording and of what a chip's emulator gave;
their dt may differ. Spikes that both have at one time cancel in both distances (for Victor and Purpura's because moves along a line never gain
by passing each other), so that what agrees costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.analysis.trains import Trains
from studio.findings import Finding, FindingError

TICKS = 1e6  # a ms in the whole numbers by which times are held to be equal
PADDED = 1 << 20  # entries of a table of one batch of trains


def van_rossum(a: Trains, b: Trains, tau: float = 10.0) -> np.ndarray:
    """Distance of each neuron's two trains, shape (size,): 1 for one spike too many, sqrt(2) for two spikes far apart. `tau` in ms.

    D^2 = (2/tau) times the integral of (f - g)^2 over all time, f and g being the trains with a decaying exponential behind each spike
    (van Rossum 2001, doi:10.1162/089976601300014321; twice his value, as Houghton and Kreuz have it). The integral in closed form is the sum of
    s_i s_j exp(-|t_i - t_j|/tau) over all spikes of both, s = 1 for `a` and -1 for `b`; with the sum over earlier spikes carried along it takes
    one pass (Houghton and Kreuz 2012, doi:10.3109/0954898X.2012.673048). tau -> 0 counts spikes that do not coincide, tau -> infinity the difference in number.
    """
    _positive("tau", tau)
    ids, ticks, signs = _difference(a, b)
    squared = np.bincount(ids, signs.astype(float) ** 2, a.size)
    mark = np.zeros(a.size)
    for now, before in _by_place(ids):
        who = ids[now]
        if before is not None:
            mark[who] = (mark[who] + signs[before]) * np.exp((ticks[before] - ticks[now]) / (tau * TICKS))
            squared[who] += 2.0 * signs[now] * mark[who]
    return np.sqrt(np.maximum(squared, 0.0))


def victor_purpura(a: Trains, b: Trains, cost: float = 0.1) -> np.ndarray:
    """The least cost of turning each neuron's one train into the other, shape (size,): 1 to add or to remove a spike, `cost` [1/ms] to move it by 1 ms.

    Victor and Purpura 1996, doi:10.1152/jn.1996.76.2.1310. `cost` 0: the difference in number; infinite: the spikes without one at the same time.
    """
    _positive("cost", cost, zero=True)
    ids, ticks, signs = _difference(a, b)
    if cost == 0.0:
        return np.abs(np.bincount(ids, signs, a.size))
    if np.isinf(cost):
        return np.bincount(ids, np.abs(signs), a.size).astype(float)
    repeated = np.repeat(np.arange(len(ids)), np.abs(signs))
    ids, times, signs = ids[repeated], ticks[repeated] / TICKS, signs[repeated]
    apart = np.ones(len(ids), bool)  # nothing is moved across a gap that costs more than removing and adding
    apart[1:] = (ids[1:] != ids[:-1]) | (np.diff(times) * cost >= 2.0)
    piece = np.cumsum(apart) - 1
    return np.bincount(ids[apart], _cheapest(piece, times, signs > 0, cost), a.size)


def paired(a: Trains, b: Trains, window: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Which spikes of each neuron's trains pair off within +-`window` ms, each spike once, the earliest first: (of `a`, of `b`) in the order of `by_neuron`."""
    _positive("window", window, zero=True)
    ids_a, ticks_a = _sorted(a)
    ids_b, ticks_b = _sorted(b)
    found = np.zeros(len(ids_a), bool), np.zeros(len(ids_b), bool)
    reach = int(round(window * TICKS))
    at = np.searchsorted(ids_b, np.arange(a.size))  # the next spike of b, of each neuron
    end = np.searchsorted(ids_b, np.arange(a.size), side="right")
    span = int(max(ticks_a.max(initial=0), ticks_b.max(initial=0))) + reach + 2
    keys = ids_b * span + ticks_b
    for now, _ in _by_place(ids_a):
        who, earliest = ids_a[now], ticks_a[now] - reach
        late = np.maximum(at[who], np.searchsorted(keys, who * span + np.maximum(earliest, 0)))
        hit = late < end[who]
        hit[hit] = ticks_b[late[hit]] <= ticks_a[now][hit] + reach
        found[0][now[hit]] = found[1][late[hit]] = True
        at[who] = late + hit
    return found


def coincidences(a: Trains, b: Trains, window: float = 2.0) -> np.ndarray:
    """How many spikes of each neuron's trains pair off (`paired`), shape (size,)."""
    return np.bincount(a.by_neuron()[0][paired(a, b, window)[0]], minlength=a.size)


def coincidence_factor(a: Trains, b: Trains, window: float = 2.0) -> np.ndarray:
    """The coincidences beyond chance, shape (size,): 1 for equal trains, 0 for independent ones of these rates; NaN where neither fires.

    Kistler, Gerstner and van Hemmen 1997, doi:10.1162/neco.1997.9.5.1015: (N - <N>)/((N_a + N_b)/2) over 1 - 2 r window, <N> = 2 r window N_a
    being what a Poisson train of b's rate r gives. Not defined (NaN) where r is so high that a spike lies in every window.
    """
    n_a, n_b = a.counts().astype(float), b.counts().astype(float)
    chance = 2.0 * window * n_b / a.duration
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = (coincidences(a, b, window) - chance * n_a) / (0.5 * (n_a + n_b)) / (1.0 - chance)
    return np.where((n_a + n_b > 0) & (chance < 1.0), factor, np.nan)


@dataclass(frozen=True)
class Agreement:
    """How two runs of one population agree. Distances are means over neurons; rates in Hz; `rate_error` is infinite where only `a` is silent.

    `same`: the share of all spikes (of both) that the other has at the very same time. `worst`: the neuron whose rate differs most.
    """

    path: str
    size: int
    spikes: tuple[int, int]
    rate: tuple[float, float]
    rate_error: float  # |rate_b - rate_a| / rate_a of the population
    worst: int
    worst_rates: tuple[float, float]
    rate_rms: float  # root mean square over neurons of the difference in rate
    rate_correlation: float  # over neurons; NaN where either does not vary
    van_rossum: float
    victor_purpura: float
    coincidence: float  # mean factor over neurons for which it is defined
    same: float
    tau: float  # ms
    cost: float  # 1/ms
    window: float  # ms

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN becomes None."""
        return {name: _plain(value) for name, value in self.__dict__.items()}


def agreement(a: Trains, b: Trains, *, tau: float = 10.0, cost: float = 0.1, window: float = 2.0) -> Agreement:
    """Compare two runs of one population; `a` is what the other should be. `tau` [ms], `cost` [1/ms], `window` [ms] as in the distances."""
    _alike(a, b)
    hz_a, hz_b = (t.counts() / t.duration * 1000.0 for t in (a, b))
    mean_a, mean_b = (float(hz.mean()) if a.size else 0.0 for hz in (hz_a, hz_b))
    worst = int(np.argmax(np.abs(hz_b - hz_a))) if a.size else 0
    _, _, left = _difference(a, b)
    total = len(a.ids) + len(b.ids)
    factors = coincidence_factor(a, b, window)
    return Agreement(
        path=a.path,
        size=a.size,
        spikes=(len(a.ids), len(b.ids)),
        rate=(mean_a, mean_b),
        rate_error=abs(mean_b - mean_a) / mean_a if mean_a else (0.0 if mean_b == 0.0 else np.inf),
        worst=worst,
        worst_rates=(float(hz_a[worst]), float(hz_b[worst])) if a.size else (0.0, 0.0),
        rate_rms=float(np.sqrt(np.mean((hz_b - hz_a) ** 2))) if a.size else 0.0,
        rate_correlation=_correlation(hz_a, hz_b),
        van_rossum=_mean(van_rossum(a, b, tau)),
        victor_purpura=_mean(victor_purpura(a, b, cost)),
        coincidence=_mean(factors[~np.isnan(factors)], np.nan),
        same=1.0 - float(np.abs(left).sum()) / total if total else 1.0,
        tau=tau,
        cost=cost,
        window=window,
    )


def _mean(values: np.ndarray, nothing: float = 0.0) -> float:
    return float(values.mean()) if values.size else nothing


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    if x.size < 2 or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return np.nan
    return float(np.corrcoef(x, y)[0, 1])


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _alike(a: Trains, b: Trains) -> None:
    if a.size != b.size:
        text = f"{a.size} neurons cannot be compared with {b.size}."
        raise FindingError([Finding("size.comparison", "error", a.path, text, "Compare runs of the same population.")])


def _positive(name: str, value: float, zero: bool = False) -> None:
    if not (value > 0.0 or (zero and value == 0.0)):
        text = f"{name} is {value:g}; it must be {'at least 0' if zero else 'greater than 0'}."
        raise FindingError([Finding("bounds.distance", "error", name, text)])


def _sorted(t: Trains) -> tuple[np.ndarray, np.ndarray]:
    """Ids and times (ticks), by neuron and then time."""
    ids, times = t.by_neuron()
    return ids.astype(np.int64), np.rint(times * TICKS).astype(np.int64)


def _difference(a: Trains, b: Trains) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(ids, ticks, signs) by neuron and time, of the spikes that one has and the other has not: how many more `a` has there."""
    _alike(a, b)
    ids = np.concatenate([a.ids, b.ids]).astype(np.int64)
    ticks = np.rint(np.concatenate([a.times, b.times]) * TICKS).astype(np.int64)
    signs = np.concatenate([np.ones(len(a.ids), np.int64), -np.ones(len(b.ids), np.int64)])
    order = np.lexsort((ticks, ids))
    ids, ticks, signs = ids[order], ticks[order], signs[order]
    first = np.ones(len(ids), bool)
    first[1:] = (ids[1:] != ids[:-1]) | (ticks[1:] != ticks[:-1])
    more = np.add.reduceat(signs, np.flatnonzero(first)) if len(ids) else signs
    kept = more != 0
    return ids[first][kept], ticks[first][kept], more[kept]


def _by_place(ids: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Places in sorted lists, each neuron's first, then each one's second, and so on; with the places just before (None at the first)."""
    if not len(ids):
        return
    start = np.flatnonzero(np.diff(ids, prepend=ids[0] - 1))
    count = np.diff(start, append=len(ids))
    order = np.argsort(-count, kind="stable")
    start, count = start[order], count[order]
    for k in range(int(count[0])):
        now = start[: np.searchsorted(-count, -k)] + k
        yield now, now - 1 if k else None


def _cheapest(piece: np.ndarray, times: np.ndarray, of_a: np.ndarray, cost: float) -> np.ndarray:
    """Victor and Purpura's distance of every piece, (n_pieces,); spikes come sorted by piece and time."""
    n = int(piece[-1]) + 1 if len(piece) else 0
    n_a, n_b = np.bincount(piece[of_a], minlength=n), np.bincount(piece[~of_a], minlength=n)
    out = (n_a + n_b).astype(float)
    start_a, start_b = np.cumsum(n_a) - n_a, np.cumsum(n_b) - n_b
    both = np.flatnonzero((n_a > 0) & (n_b > 0))
    both = both[np.lexsort((n_a[both], n_b[both]))]
    first = 0
    while first < len(both):
        fit = np.maximum.accumulate(n_a[both[first:]] + n_b[both[first:]]) * np.arange(1, len(both) - first + 1)
        batch = both[first : first + max(1, int(np.searchsorted(fit, PADDED, side="right")))]
        t = _padded(times[of_a], start_a[batch], n_a[batch])
        u = _padded(times[~of_a], start_b[batch], n_b[batch])
        out[batch] = _edited(t, u, n_a[batch], n_b[batch], cost)
        first += len(batch)
    return out


def _padded(values: np.ndarray, start: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Rows of a ragged list, filled up with infinity."""
    place = np.arange(int(count.max()))
    inside = place < count[:, None]
    out = np.full(inside.shape, np.inf)
    out[inside] = values[(start[:, None] + place)[inside]]
    return out


def _edited(t: np.ndarray, u: np.ndarray, n_t: np.ndarray, n_u: np.ndarray, cost: float) -> np.ndarray:
    """The dynamic programme for many pairs of trains at once, a row for each spike of `t`; along a row the running minimum stands for the additions."""
    place, out = np.arange(u.shape[1] + 1.0), np.zeros(len(t))
    row, who = np.broadcast_to(place, (len(t), len(place))), np.arange(len(t))
    for i in range(t.shape[1]):
        here = np.minimum(t[:, i : i + 1], np.finfo(float).max)
        moved = row[:, :-1] + cost * np.abs(u - here)
        row = row + 1.0
        row[:, 1:] = np.minimum(row[:, 1:], moved)
        row = np.minimum.accumulate(row - place, axis=1) + place
        done = n_t == i + 1
        out[done] = row[who[done], n_u[done]]
    return out
