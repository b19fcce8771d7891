"""What may be computed one after the other for all steps: nodes in an order in which everything comes after what it hears, loops together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ELEMENTS = 400_000  # numbers of one chunk, about
LONGEST = 1024  # steps of a chunk


@dataclass(frozen=True)
class Level:
    """Nodes that are computed together. `within`: the shortest delay [steps] of what they hear of each other; 0: nothing."""

    nodes: np.ndarray
    within: int

    def chunk(self, size: int) -> int:
        """How many steps of `size` numbers may be computed at once: what is heard in them is known before."""
        free = max(1, min(LONGEST, ELEMENTS // max(size, 1)))
        return min(free, self.within) if self.within else free


def levels(n: int, sources: np.ndarray, targets: np.ndarray, delays: np.ndarray) -> list[Level]:
    """Levels of `n` nodes from what they hear: `targets[k]` hears `sources[k]` after `delays[k]` steps, at least 1.

    Nodes of one level hear nothing of each other, but within loops.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(sources), np.int8), (sources, targets)), shape=(n, n)).tocsr()
    _, loop = connected_components(graph, directed=True, connection="strong")
    a, b = loop[sources], loop[targets]
    apart = a != b
    a, b = a[apart], b[apart]
    rank = np.zeros(n, np.int64)
    while True:
        later = rank.copy()
        np.maximum.at(later, b, rank[a] + 1)
        if np.array_equal(later, rank):
            break
        rank = later
    of = rank[loop]
    inner = np.zeros(n + 1, np.int64)
    together = ~apart
    inner[:] = np.iinfo(np.int64).max
    np.minimum.at(inner, of[targets[together]], delays[together])
    inner[inner == np.iinfo(np.int64).max] = 0
    return [Level(np.flatnonzero(of == k), int(inner[k])) for k in range(int(of.max(initial=-1)) + 1)]
