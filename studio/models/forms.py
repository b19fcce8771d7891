"""What a connector lowers to: the drawing schemes that the engine knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

import numpy as np


@dataclass(frozen=True)
class AllToAll:
    autapses: bool


@dataclass(frozen=True)
class OneToOne:
    pass


@dataclass(frozen=True)
class Bernoulli:
    """Each (source, target) pair independently with probability p. Drawn per source."""

    p: float
    autapses: bool


@dataclass(frozen=True)
class InDegree:
    """Each target draws k sources with replacement (multapses)."""

    k: int
    autapses: bool


@dataclass(frozen=True)
class OutDegree:
    """Each source draws k targets with replacement (multapses)."""

    k: int
    autapses: bool


@dataclass(frozen=True)
class Regular:
    """Each source has k synapses and all targets equally many: a random permutation of the synapses (multapses)."""

    k: int
    autapses: bool


@dataclass(frozen=True)
class TotalNumber:
    """n synapses in all, each with a source and a target drawn uniformly (multapses)."""

    n: int
    autapses: bool


@dataclass(frozen=True)
class Pairs:
    """Given lists; `weights` and `delays` [steps are made later; ms] override the projection's where present."""

    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None = None
    delays: np.ndarray | None = None


@dataclass(frozen=True)
class Window:
    """A window moved over a grid, as convolutions and pooling do. Elements are [channel, row, column], row-major.

    `grid` is the source's shape and `out` the target's, (channels, rows, columns); `window`, `stride`, `padding`, `dilation` are (rows, columns).
    Target (o, y, x) has one synapse from source (c, y * stride - padding + i * dilation, the same for x) for each place (i, j) of the window
    that lies inside the grid and each channel c of o's group: both sides' channels are cut into `groups` equal parts.
    Its weight is the projection's times `weights[o, c - first channel of the group, i, j]`, or times `scale` where `weights` is None.
    """

    grid: tuple[int, int, int]
    out: tuple[int, int, int]
    window: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    scale: float = 1.0
    weights: np.ndarray | None = None


@dataclass(frozen=True)
class Matrix:
    """Each source with each target; the weight is the projection's times `weights[target, source]`."""

    weights: np.ndarray


ConnectorForm = Union[AllToAll, OneToOne, Bernoulli, InDegree, OutDegree, Regular, TotalNumber, Pairs, Window, Matrix]
