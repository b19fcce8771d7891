"""What lies on the chips: cores of axons, a binary crossbar and integer neurons, and where each core is. The artefact as values.

Cores that hold the same, destinations included (they are relative), are one `Core`; a million neurons of a regular network need few of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

TYPES = 4  # axon types of a core, and weights of a neuron
NUMBERS = ("leak", "positive_threshold", "negative_threshold", "reset_potential", "current_potential", "reset_mode")
EXTRAS = ("leak_reversal", "floor_mode")  # of IBM's neuron; RANC has neither


@dataclass(frozen=True)
class Core:
    """The content of a core with `a` axons in use and `n` neurons in use. Numbers are int32, as RANC names them.

    A spike goes to the core (dx, dy) further on, to its `destination_axon`, and acts there `destination_tick` + 1 ticks later.
    """

    types: np.ndarray  # uint8 (a,)
    connections: np.ndarray  # bool (n, a)
    weights: np.ndarray  # int32 (n, 4): of a spike on an axon of each type
    numbers: np.ndarray  # int32 (n, 6 or 8): NUMBERS, then EXTRAS where the dialect is IBM's
    offsets: np.ndarray  # int32 (n, 2): (dx, dy)
    axons: np.ndarray  # int32 (n,)
    ticks: np.ndarray  # int32 (n,)

    @property
    def n_neurons(self) -> int:
        return len(self.axons)

    @property
    def n_axons(self) -> int:
        return len(self.types)

    def column(self, name: str) -> np.ndarray:
        """One number of every neuron; 0 where this core's dialect does not have it."""
        k = (*NUMBERS, *EXTRAS).index(name)
        return self.numbers[:, k] if k < self.numbers.shape[1] else np.zeros(self.n_neurons, np.int32)

    @cached_property
    def effects(self) -> np.ndarray:
        """What a spike on each axon adds to each neuron, int32 (n, a)."""
        return np.where(self.connections, self.weights[:, self.types.astype(np.intp)], 0).astype(np.int32)

    @cached_property
    def content(self) -> bytes:
        """Equal for equal cores."""
        parts = (self.types, np.packbits(self.connections), self.weights, self.numbers, self.offsets, self.axons, self.ticks)
        head = np.array([self.n_neurons, self.n_axons, self.numbers.shape[1]], np.int32)
        return b"".join(np.ascontiguousarray(x).tobytes() for x in (head, *parts))


@dataclass(frozen=True)
class Bus:
    """Where spikes leave the chips: a place on the grid with `n` lines."""

    x: int
    y: int
    n: int


@dataclass(frozen=True)
class Fabric:
    """Cores at places of one grid, over all chips. `which[k]` is the core that lies at (x, y) = `places[k]`; places by (y, x).

    `reset_type` 0: a potential below the negative threshold is reset; 1: at it, too. `ticks`: rows of an axon's scheduler.
    `limit`: the size at which potentials saturate (0: never).
    """

    cores: tuple[Core, ...]
    which: np.ndarray  # int64 (cores placed,)
    places: np.ndarray  # int64 (cores placed, 2)
    bus: Bus
    n_axons: int = 256
    n_neurons: int = 256
    ticks: int = 16
    reset_type: int = 0
    limit: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows) of the grid that holds all cores and the bus."""
        x, y = self.places.max(axis=0, initial=0) + 1
        return int(max(x, self.bus.x + 1)), int(max(y, self.bus.y + 1))

    @cached_property
    def at(self) -> dict[tuple[int, int], int]:
        """The number of the placed core at (x, y)."""
        return {(int(x), int(y)): k for k, (x, y) in enumerate(self.places)}


@dataclass(frozen=True)
class Packets:
    """Spikes from outside: the one in place k acts in tick `ticks[k]` on an axon of the k-th placed core. Sorted by tick."""

    ticks: np.ndarray
    cores: np.ndarray
    axons: np.ndarray


def shared(placed: list[Core]) -> tuple[tuple[Core, ...], np.ndarray]:
    """(the different ones among some cores, which of them each is), in the order in which they first come."""
    known: dict[bytes, int] = {}
    cores: list[Core] = []
    which = np.zeros(len(placed), np.int64)
    for k, core in enumerate(placed):
        number = known.setdefault(core.content, len(cores))
        if number == len(cores):
            cores.append(core)
        which[k] = number
    return tuple(cores), which
