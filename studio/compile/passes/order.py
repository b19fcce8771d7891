"""In which order parts are placed: the one that is pulled most by those that are placed already."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from studio.compile.graph import BlockGraph

Near = list[tuple[np.ndarray, np.ndarray]]


def neighbours(graph: BlockGraph) -> Near:
    """For each part the parts it speaks with, either way, ascending, and the axons between them; itself left out."""
    keep = graph.source != graph.target
    a, b, w = graph.source[keep], graph.target[keep], graph.axons[keep]
    n = graph.n_parts
    places, back = np.unique(np.concatenate([a * n + b, b * n + a]), return_inverse=True)
    weights = np.bincount(back, np.concatenate([w, w]), len(places))
    starts = np.searchsorted(places, np.arange(n + 1) * n)
    return [(places[x:y] % n, weights[x:y]) for x, y in zip(starts[:-1], starts[1:], strict=True)]


def visiting(near: Near, done: np.ndarray) -> Iterator[int]:
    """Every part that is not `done`, the most strongly pulled first; of equal ones the first. `done` is read at the start only."""
    pull = np.zeros(len(near))
    seen = done.copy()
    heap: list[tuple[float, int]] = []

    def reach(k: int) -> None:
        others, weights = near[k]
        pull[others] += weights
        for j in others[~seen[others]].tolist():
            heapq.heappush(heap, (-float(pull[j]), j))

    for k in np.flatnonzero(done).tolist():
        reach(k)
    strength = np.array([float(w.sum()) for _, w in near])
    for start in np.lexsort((np.arange(len(near)), -strength)).tolist():
        if not heap and not seen[start]:
            heapq.heappush(heap, (0.0, start))
        while heap:
            pulled, k = heapq.heappop(heap)
            if seen[k] or (-pulled < pull[k] and pull[k] > 0.0 and -pulled != pull[k]):
                continue
            seen[k] = True
            yield k
            reach(k)
