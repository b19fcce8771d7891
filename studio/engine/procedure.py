"""What compiled code needs to draw a projection's synapses, row by row: the tables of `topology` and `laws`.

A delivery kernel imports `row_<scheme>` from `topology` and `row_indices`, `row_weights`, `row_delays` from `laws`, and for a source does

    n = row_<scheme>(p, c, source, targets, tags)      # buffers of `longest` uint32 each
    row_delays(p, source, tags[:n], delays)            # where `delays` is "drawn"; else one delay, `Rows.delay`
    row_indices(p, source, tags[:n], indices)          # where `weights` is "table": uint8 places in `Rows.table`
    row_weights(p, c, source, tags[:n], weights)       # where `weights` is "drawn"; "one": `Rows.weight`; "kept": `Rows.table` by tag

with p = view(integers, N_INTEGERS, int64) and c = view(numbers, N_NUMBERS, float64); the places are named in `topology`.
The rows are in drawing order, not sorted by delay: the order of additions at one target and step is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from studio.engine import topology as T
from studio.engine.laws import Law, delay_cuts, numbers_of
from studio.engine.native import address

WeightForm = Literal["one", "table", "drawn", "kept"]
DelayForm = Literal["one", "drawn"]


@dataclass(frozen=True)
class Procedure:
    """How the synapses of a projection onto one part of its targets are drawn.

    `scheme` names a function of `topology`; `longest` is how long its buffers must be. `keep` holds the arrays that `integers` points to.
    """

    scheme: str
    integers: np.ndarray  # int64 (N_INTEGERS,)
    numbers: np.ndarray  # float64 (N_NUMBERS,)
    longest: int
    weights: WeightForm = "one"
    delays: DelayForm = "one"
    delay_span: tuple[int, int] = (0, 0)  # the shortest and the longest possible where they are drawn [steps]
    real: Any = np.float32  # what drawn weights are stored in
    keep: tuple[np.ndarray, ...] = field(default=(), repr=False)
    form: Any = None  # "kept": the connector's form, whose weights are kept once

    def onto(self, low: int, high: int) -> Procedure:
        """The same for the targets [low, high)."""
        integers = self.integers.copy()
        integers[T.LOW], integers[T.HIGH] = low, high
        longest = self.longest
        if self.scheme in ("row_bernoulli", "row_dense"):
            longest = min(longest, high - low + T.ROOM)
        return replace(self, integers=integers, longest=longest)


def procedure(scheme: str, n_source: int, n_target: int, key: int, longest: int, same: bool, blocks: int = 1, **places: Any) -> Procedure:
    """Who is connected with whom. `places`: further integers by their name in `topology`; arrays are kept and their address is meant."""
    integers, numbers = np.zeros(T.N_INTEGERS, np.int64), np.zeros(T.N_NUMBERS)
    integers[T.KEY] = _word(key)
    integers[[T.N_SOURCE, T.N_TARGET, T.HIGH, T.SAME, T.BLOCKS]] = n_source, n_target, n_target, same, blocks
    places["CUTS"] = np.array([*(low for low, _ in T.split(n_target, blocks)), n_target], np.int64)
    for name, value in places.items():
        integers[getattr(T, name)] = address(value) if isinstance(value, np.ndarray) else value
    keep = tuple(v for v in places.values() if isinstance(v, np.ndarray))
    return Procedure(scheme, integers, numbers, longest + T.ROOM, keep=keep)


def with_weights(made: Procedure, law: Law, key: int, form: WeightForm, real: Any) -> Procedure:
    """The same with weights of a distribution, of type `real`."""
    integers, numbers = made.integers.copy(), made.numbers.copy()
    integers[T.WEIGHT_KEY] = _word(key)
    integers[T.WEIGHT_SHAPE], numbers[T.WEIGHT_A : T.WEIGHT_HIGH + 1] = numbers_of(law)
    return replace(made, integers=integers, numbers=numbers, weights=form, real=real)


def with_delays(made: Procedure, law: Law, key: int, dt: float) -> Procedure:
    """The same with delays of a distribution."""
    cuts, guide = delay_cuts(law, dt)
    integers = made.integers.copy()
    integers[T.DELAY_KEY], integers[T.DELAY_CUTS], integers[T.DELAY_GUIDE] = _word(key), address(cuts), address(guide)
    span = int(guide[0]), len(cuts) - 1
    return replace(made, integers=integers, delays="drawn", delay_span=span, keep=(*made.keep, cuts, guide))


def with_gap(made: Procedure, p: float) -> Procedure:
    """The same with the chance of a synapse."""
    numbers = made.numbers.copy()
    numbers[T.GAP] = 1.0 / np.log1p(-p)
    return replace(made, numbers=numbers)


def _word(key: int) -> np.int64:
    """A key's 64 bits, as the integer that holds them."""
    return np.uint64(key).astype(np.int64)
