"""The electric circuit of a tile, or of a stack of tiles: cells, wires, drivers and sense amplifiers by nodal analysis.

Rows (word lines) are driven from the left, columns (bit lines) end in a virtual ground below the last row. A wire has one segment before
its first cell, between neighbours, and (columns) after the last cell. Every cell is a conductance. With all rows driven or grounded the
circuit is linear: what reaches a column is the sum of what each row brings, so the transfer matrix of a tile *is* its effective conductances.

Stacked layers share their row drivers and nothing else: each layer has its own wires and sense amplifiers. Heat and capacitance are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.engine.crossbar.ladder import ladder
from studio.findings import Finding, FindingError


@dataclass(frozen=True)
class Wires:
    """Resistances [ohm]: of a segment of a row (`word`) and of a column (`bit`), of a row's driver, of a column's sense amplifier,
    and of the way up from one layer of a stack to the next (`via`). All may be 0.
    """

    word: float = 0.0
    bit: float = 0.0
    driver: float = 0.0
    sense: float = 0.0
    via: float = 0.0

    def __post_init__(self) -> None:
        for name in ("word", "bit", "driver", "sense", "via"):
            if not 0.0 <= getattr(self, name) < np.inf:
                text = f"a resistance of {getattr(self, name):g} ohm is not possible."
                raise FindingError([Finding("bounds.resistance", "error", name, text, "Give 0 ohm or more.")])


@dataclass(frozen=True)
class Solution:
    """What happens in a tile: `output` [A] (columns, k), and at the cells (rows, columns, k): `current` [A], `word` and `bit` voltages [V]."""

    output: np.ndarray
    current: np.ndarray
    word: np.ndarray
    bit: np.ndarray


def transfer(conductances: Any, wires: Wires) -> np.ndarray:
    """Current at each column for 1 V at each row [S]: the shape of `conductances`, (rows, columns) or (layers, rows, columns)."""
    given = _checked(conductances)
    if wires == Wires():
        return given.copy()
    stack = given.reshape(-1, *given.shape[-2:])
    if len(stack) == 1 or not wires.driver:
        ends = [(wires.word + wires.driver + wires.via * layer, wires.bit + wires.sense) for layer in range(len(stack))]
        return np.array([ladder(g, wires.word, a, wires.bit, b) for g, (a, b) in zip(stack, ends, strict=True)]).reshape(given.shape)
    return _sparse(stack, wires).reshape(given.shape)


def _sparse(stack: np.ndarray, wires: Wires) -> np.ndarray:
    """`transfer` by a sparse solution of the whole circuit at once, (layers, rows, columns)."""
    circuit = _Circuit(stack, wires)
    rows, outputs = circuit.rows, circuit.layers * circuit.columns
    if outputs <= rows:
        out = circuit.given_by(circuit.solved(circuit.coupling(circuit.grounds)), circuit.drivers).T
    else:
        out = circuit.given_by(circuit.solved(circuit.coupling(circuit.drivers)), circuit.grounds)
    out += circuit.direct(circuit.grounds, circuit.drivers)
    return out.reshape(circuit.layers, circuit.columns, rows).transpose(0, 2, 1)


def solve(conductances: Any, voltages: Any, wires: Wires) -> Solution:
    """All voltages and currents of one tile for row voltages [V] of shape (rows,) or (rows, k)."""
    g = _checked(conductances)
    v = np.asarray(voltages, float).reshape(g.shape[0], -1)
    circuit = _Circuit(g[None], wires)
    known = np.zeros((circuit.n_known, v.shape[1]))
    known[: g.shape[0]] = v
    everywhere = np.concatenate([known, circuit.solved(circuit.coupling(slice(0, circuit.n_known)) @ known)])
    word, bit = everywhere[circuit.word[0]], everywhere[circuit.bit[0]]
    out = circuit.given_by(everywhere[circuit.n_known :], circuit.grounds) + circuit.direct(circuit.grounds, circuit.drivers) @ v
    return Solution(out, g[:, :, None] * (word - bit), word, bit)


def _checked(conductances: Any) -> np.ndarray:
    g = np.asarray(conductances, float)
    if g.ndim not in (2, 3) or 0 in g.shape:
        text = f"conductances of shape {g.shape} are no tile."
        raise FindingError([Finding("size.tile", "error", "", text, "Give (rows, columns), or (layers, rows, columns).")])
    if not np.isfinite(g).all() or (g < 0).any():
        raise FindingError([Finding("bounds.conductance", "error", "", "a conductance is negative or not finite.", "Give 0 S or more.")])
    return g


class _Circuit:
    """The conductance matrix of the nodes. Known ones come first: the drivers, then the ground of every column; then the unknown ones."""

    def __init__(self, g: np.ndarray, wires: Wires) -> None:
        from scipy.sparse import coo_matrix

        self.layers, self.rows, self.columns = layers, rows, columns = g.shape
        self.drivers, self.grounds = slice(0, rows), slice(rows, rows + layers * columns)
        self.n_known = self.n = rows + layers * columns
        edges = self._wired(wires)
        edges.append((self.word.ravel(), self.bit.ravel(), g.ravel()))
        a, b, s = (np.concatenate(part) for part in zip(*edges, strict=True))
        there = s > 0.0
        a, b, s = a[there], b[there], s[there]
        k = np.concatenate
        self.matrix = coo_matrix((k([s, s, -s, -s]), (k([a, b, a, b]), k([a, b, b, a]))), shape=(self.n, self.n)).tocsc()

    def _new(self, *shape: int) -> np.ndarray:
        first, self.n = self.n, self.n + int(np.prod(shape))
        return np.arange(first, self.n).reshape(shape)

    def _wired(self, wires: Wires) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Nodes at the cells, joined where a wire has no resistance, and the wires' conductances."""
        edges: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

        def join(a: np.ndarray, b: np.ndarray, ohm: np.ndarray | float) -> None:
            a, b = np.broadcast_arrays(a, b)
            edges.append((a.ravel(), b.ravel(), 1.0 / np.broadcast_to(np.asarray(ohm, float), a.shape).ravel()))

        layers, rows, columns = self.layers, self.rows, self.columns
        start = np.arange(rows)
        if wires.driver and layers > 1:  # what all layers hang on
            start = self._new(rows)
            join(np.arange(rows), start, wires.driver)
        first = wires.word + (wires.driver if layers == 1 else 0.0) + wires.via * np.arange(layers)
        self.word = self._line(start[None, :], (layers, rows, columns), first, wires.word, join, along=2)
        ground = np.arange(rows, self.n_known).reshape(layers, columns)
        self.bit = self._line(ground, (layers, rows, columns), np.full(layers, wires.bit + wires.sense), wires.bit, join, along=1)
        return edges

    def _line(self, end: np.ndarray, shape: tuple[int, int, int], first: np.ndarray, each: float, join: Any, along: int) -> np.ndarray:
        """Nodes of all lines of one direction, from their fixed end (rows: the left, columns: below); `first` [ohm] is each layer's first segment."""
        nodes = np.empty(shape, np.int64)
        out = nodes.swapaxes(1, 2) if along == 1 else nodes  # (layer, line, cell)
        out = out[:, :, ::-1] if along == 1 else out  # a column's fixed end is after its last row
        for layer in range(shape[0]):
            here = np.broadcast_to(end, (shape[0], out.shape[1]))[layer]
            if first[layer] == 0.0 and each == 0.0:
                out[layer] = here[:, None]
            elif each == 0.0:
                line = self._new(out.shape[1])
                join(here, line, first[layer])
                out[layer] = line[:, None]
            else:
                line = self._new(*out.shape[1:])
                join(here, line[:, 0], first[layer])
                join(line[:, :-1], line[:, 1:], each)
                out[layer] = line
        return nodes

    def coupling(self, known: slice) -> Any:
        """What 1 V at known nodes drives into the unknown ones [S]."""
        return -self.matrix[self.n_known :, known]

    def given_by(self, unknown: np.ndarray, known: slice) -> np.ndarray:
        """The current [A] that unknown voltages send into known nodes."""
        return np.asarray(-self.matrix[known, self.n_known :] @ unknown)

    def direct(self, ends: slice, starts: slice) -> np.ndarray:
        """Conductances between known nodes without any wire between them."""
        return -self.matrix[ends, starts].toarray()

    def solved(self, driven: Any) -> np.ndarray:
        """The unknown voltages for currents driven into them, (unknown, k)."""
        if self.n == self.n_known:
            return np.zeros((0, driven.shape[1]))
        from scipy.sparse.linalg import splu

        inner = self.matrix[self.n_known :, self.n_known :]
        factors = splu(inner, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}, diag_pivot_thresh=0.0)
        dense = driven.toarray() if hasattr(driven, "toarray") else np.asarray(driven)
        return factors.solve(dense)
