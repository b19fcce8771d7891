"""The transfer matrix of one layer, row by row: the same circuit as `circuit`, solved by eliminating one row of cells after the other.

A row with its wire becomes a small dense matrix between its columns' nodes; the rows hang one below the other like the rungs of a ladder.
The work is rows * columns**3 of dense algebra, a hundred times less than a general sparse solution of a large tile.
"""

from __future__ import annotations

import numpy as np


def ladder(g: np.ndarray, word: float, first: float, bit: float, last: float) -> np.ndarray:
    """Current at each column for 1 V at each row [S], (rows, columns), of cells `g` [S].

    `word`, `bit`: ohm per segment; `first`: from the driver to a row's first cell; `last`: from a column's last cell to ground.
    """
    if last == 0.0:  # the columns stay at ground, so that each row is by itself
        return np.array([_row(row, word, first)[1] for row in g])
    rows, columns = g.shape
    below = [1.0 / bit if bit else 0.0] * (rows - 1) + [1.0 / last]
    matrix, injected = np.zeros((columns, columns)), np.zeros((columns, 0))
    for row, down in zip(g, below, strict=True):
        own, given = _row(row, word, first)
        matrix = matrix + own
        injected = np.concatenate([injected, given[:, None]], axis=1)
        if down:  # the current that goes down the columns, and what the nodes above look like from below
            matrix, injected = _lowered(matrix, injected, down)
    return injected.T.copy()


def _lowered(matrix: np.ndarray, injected: np.ndarray, down: float) -> tuple[np.ndarray, np.ndarray]:
    """What is above one segment of every column [S], seen from its lower end: conductances between the columns, and currents."""
    n = len(matrix)
    solved = np.linalg.solve(matrix + down * np.eye(n), np.concatenate([matrix, injected], axis=1))
    return down * solved[:, :n], down * solved[:, n:]


def _row(g: np.ndarray, word: float, first: float) -> tuple[np.ndarray, np.ndarray]:
    """A row of cells on its wire, seen from the columns: conductances between them [S], and the current into each for 1 V at the driver."""
    alike = word == 0.0 or len(g) == 1  # all cells at one voltage
    if first == 0.0:
        return (np.diag(g), g.copy()) if alike else _held(g, word)
    if alike:
        share = g / (1.0 / first + g.sum())
        return np.diag(g) - np.outer(share, g), share / first
    from scipy.linalg import solveh_banded

    n = len(g)
    wire = 1.0 / word
    banded = np.zeros((2, n))
    banded[0, 1:] = -wire
    banded[1] = g + 2.0 * wire
    banded[1, -1] -= wire
    banded[1, 0] += 1.0 / first - wire
    inverse = solveh_banded(banded, np.diag(g))  # K^-1 diag(g)
    return np.diag(g) - g[:, None] * inverse, inverse[0] / first


def _held(g: np.ndarray, word: float) -> tuple[np.ndarray, np.ndarray]:
    """A row whose first cell sits on the driver itself."""
    own, given = np.zeros((len(g), len(g))), g.copy()
    own[0, 0] = g[0]
    if len(g) > 1:
        own[1:, 1:], given[1:] = _row(g[1:], word, word)
    return own, given
