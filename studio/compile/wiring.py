"""The synapses of one connection, made when they are asked for: a million neurons fit, because nothing is listed that a rule can say.

`onto` gives exact synapses, the engine's own draws; everything else is counted from the rule and draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np

from studio.models.spec import ConnectorForm
from studio.network.flat import Drawn, FlatProjection, Value

Rounding = Literal["nearest", "stochastic", "down"]
Change = Callable[["Block"], "Block"]


@dataclass(frozen=True)
class Cut:
    """Some elements of a layer: those from `low` up to `high`, or a box on its grid (one range a dimension of `shape`)."""

    low: int
    high: int
    box: tuple[tuple[int, int], ...] | None = None
    shape: tuple[int, ...] | None = None

    @staticmethod
    def of_box(shape: tuple[int, ...], box: tuple[tuple[int, int], ...]) -> Cut:
        """The elements of a grid within one range a dimension; `low` and `high` are those of its first and last element."""
        first = int(np.ravel_multi_index(tuple(a for a, _ in box), shape))
        last = int(np.ravel_multi_index(tuple(b - 1 for _, b in box), shape))
        return Cut(first, last + 1, box, shape)

    @property
    def size(self) -> int:
        return self.high - self.low if self.box is None else int(np.prod([b - a for a, b in self.box]))

    @property
    def ids(self) -> np.ndarray:
        """The elements, int64, ascending."""
        if self.box is None or self.shape is None:
            return np.arange(self.low, self.high)
        grids = np.meshgrid(*(np.arange(a, b) for a, b in self.box), indexing="ij")
        return np.ravel_multi_index(grids, self.shape).ravel().astype(np.int64)


Range = Cut | tuple[int, int]


def cut(given: Range | None, size: int) -> Cut:
    """What is meant by a range: a Cut, (low, high), or None for all."""
    return Cut(0, size) if given is None else given if isinstance(given, Cut) else Cut(*given)


@dataclass(frozen=True)
class Block:
    """Synapses in a list, by target and source. Weights are in the kinetics' unit, or whole numbers once quantised; delays in steps."""

    sources: np.ndarray  # int64 (n,)
    targets: np.ndarray  # int64 (n,), of the whole layer
    weights: np.ndarray  # float64 (n,)
    delays: np.ndarray  # int64 (n,)

    def __len__(self) -> int:
        return len(self.sources)

    def keep(self, which: np.ndarray) -> Block:
        """Those synapses for which `which` is true, or that it lists."""
        return Block(self.sources[which], self.targets[which], self.weights[which], self.delays[which])


@dataclass(frozen=True)
class Quantised:
    """Whole numbers that stand for weights: weight = scale * number, number in [low, high].

    `scale` is one number, or one per target (n_target,). The rest says what rounding cost: root mean square and worst error in the
    weight's unit, how many weights were saturated and how many non-zero ones became zero (None: not counted, because nothing was listed).
    `step`: numbers are multiples of it (a chip that drops low bits).
    """

    bits: int
    low: int
    high: int
    scale: float | np.ndarray
    exponent: int = 0
    rounding: Rounding = "nearest"
    seed: int = 0
    step: int = 1
    rms: float | None = None
    worst: float | None = None
    saturated: int | None = None
    zeroed: int | None = None

    def apply(self, block: Block) -> Block:
        """The block with whole numbers for weights."""
        return replace(block, weights=self.numbers(block)[0])

    def numbers(self, block: Block) -> tuple[np.ndarray, np.ndarray]:
        """(numbers float64, which of them were saturated)."""
        scale = self.scale if np.ndim(self.scale) == 0 else np.asarray(self.scale)[block.targets]
        exact = block.weights / scale / self.step
        if self.rounding == "stochastic":
            whole = np.floor(exact + uniform(block, self.seed))
        else:
            whole = np.floor(exact) if self.rounding == "down" else np.rint(exact)
        whole = whole * self.step
        low, high = -(-self.low // self.step) * self.step, self.high // self.step * self.step
        return np.clip(whole, low, high), (whole < low) | (whole > high)


def uniform(block: Block, seed: int) -> np.ndarray:
    """A number in [0, 1) for each synapse, from the seed and its ends alone (SplitMix64's finaliser, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        x = block.sources.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + block.targets.astype(np.uint64)
        x = x + np.uint64(seed & (2**63 - 1)) * np.uint64(0xD1342543DE82EF95)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
        x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53


@dataclass(frozen=True)
class Wiring:
    """Who is connected with whom, how strongly and how late.

    `form` is the connector's rule, or a Block where synapses are listed. `drawn` is the projection whose draws the rule's synapses are;
    with `seed` and `dt` [ms] they are the engine's own. `quantised` turns weights into whole numbers; `changes` are further maps of
    listed synapses, which must keep who is connected with whom. `same`: both ends are one layer.
    """

    n_source: int
    n_target: int
    form: ConnectorForm | Block
    weight: Value
    delay: Value  # ms
    dt: float  # ms
    seed: int = 1
    same: bool = False
    drawn: FlatProjection | None = None
    quantised: Quantised | None = None
    changes: tuple[Change, ...] = field(default=(), compare=False)

    @property
    def kind(self) -> str:
        """The rule in a word: dense, one_to_one, bernoulli, in_degree, out_degree, total, regular, window, matrix, pairs, stored."""
        return "stored" if isinstance(self.form, Block) else KINDS[type(self.form).__name__]

    def onto(self, targets: Range | None = None, highest: int | None = None) -> Block:
        """The synapses onto some targets (`onto(low, high)`, a Cut, or all), by target and source."""
        from studio.compile.synapses import listed

        chosen = Cut(targets, highest) if isinstance(targets, int) and highest is not None else cut(targets, self.n_target)  # type: ignore[arg-type]
        block = listed(self, chosen)
        block = block if self.quantised is None else self.quantised.apply(block)
        for change in self.changes:
            block = change(block)
        return block

    def count(self, sources: Range | None = None, targets: Range | None = None) -> float:
        """The number of synapses between some sources and some targets; the mean where they are drawn."""
        from studio.compile.counting import count

        return count(self, cut(sources, self.n_source), cut(targets, self.n_target))

    def axons(self, sources: Range | None = None, targets: Range | None = None) -> float:
        """How many of some sources have a synapse onto some targets; the mean where they are drawn."""
        from studio.compile.counting import axons

        return axons(self, cut(sources, self.n_source), cut(targets, self.n_target))

    @cached_property
    def _fans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        from studio.compile.counting import fans

        return fans(self)

    def fan_in(self) -> tuple[float, float]:
        """(mean, most) synapses per target; where they are drawn the most is five standard deviations above the mean."""
        return self._fans[0]

    def fan_out(self) -> tuple[float, float]:
        """(mean, most) synapses per source; where they are drawn the most is five standard deviations above the mean."""
        return self._fans[1]

    def real(self) -> Wiring:
        """The same with real weights."""
        return replace(self, quantised=None, changes=())

    def mapped(self, change: Change) -> Wiring:
        """The same synapses with other weights or delays."""
        return replace(self, changes=(*self.changes, change))

    def weights(self) -> tuple[float, float]:
        """(lowest, highest) weight; of a distribution without bounds five standard deviations from its mean."""
        from studio.compile.counting import span

        return span(self)

    def distinct(self, limit: int = 16) -> np.ndarray | None:
        """The distinct weights, ascending; None where there are more than `limit`, or they are drawn."""
        from studio.compile.counting import distinct

        return distinct(self, limit)

    def delays(self) -> tuple[int, int]:
        """(shortest, longest) delay in steps."""
        from studio.compile.counting import delays

        return delays(self)


KINDS = {
    "AllToAll": "dense",
    "OneToOne": "one_to_one",
    "Bernoulli": "bernoulli",
    "InDegree": "in_degree",
    "OutDegree": "out_degree",
    "TotalNumber": "total",
    "Regular": "regular",
    "Window": "window",
    "Matrix": "matrix",
    "Pairs": "pairs",
}


def stored(n_source: int, n_target: int, block: Block, dt: float, same: bool = False) -> Wiring:
    """Listed synapses as a wiring; the list is put in order."""
    order = np.lexsort((block.sources, block.targets))
    return Wiring(n_source, n_target, block.keep(order), 0.0, 0.0, dt, same=same)


def drawn(values: Value) -> bool:
    """Whether each synapse has its own value, by chance."""
    return isinstance(values, Drawn)
