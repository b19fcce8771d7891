"""A tile as a SPICE netlist: row drivers, wires, cells, columns ending in current meters. For ngspice and its kin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from studio.engine.crossbar import Wires

READ_V = 0.2  # V on a row that spikes; a choice: currents are proportional to it
SHORT = 8  # meters of a line of `print`


def netlist(cells: np.ndarray, wires: Wires, title: str, volts: Sequence[float] | None = None) -> str:
    """The netlist of a tile of `cells` [S] (rows, columns), with `volts` on its rows (default: all spike).

    Node rI drives row I, wI_J and bI_J are its two wires at cell (I, J), sJ is the end of column J; the source VsJ (0 V) measures what leaves it, so that
    i(vsJ) is the column's current. As in the studio's own circuit a wire has one segment before its first cell and, on columns, one after the last.
    """
    rows = len(cells)
    driven = [READ_V] * rows if volts is None else list(volts)
    lines = [f"* {title}", "* rows driven from the left, columns sensed below the last row; ohm, V, A", ".options reltol=1e-9 gmin=1e-18"]
    lines += [f"Vr{i} r{i} 0 {v:.9g}" for i, v in enumerate(driven)]
    lines += [f"Vs{j} s{j} 0 0" for j in range(cells.shape[1])]
    lines += [*_rows(cells.shape, wires), *_columns(cells.shape, wires), *_cells(cells, wires)]
    lines += [".control", "set numdgt=12", "op", *_printed(cells.shape[1]), ".endc", ".end"]
    return "\n".join(lines) + "\n"


def _word(i: int, j: int, wires: Wires) -> str:
    """The name of a row's wire at a cell."""
    if wires.word:
        return f"w{i}_{j}"
    return f"w{i}" if wires.driver else f"r{i}"


def _bit(i: int, j: int, wires: Wires) -> str:
    if wires.bit:
        return f"b{i}_{j}"
    return f"b{j}" if wires.sense else f"s{j}"


def _rows(shape: tuple[int, ...], wires: Wires) -> Iterator[str]:
    first = wires.word + wires.driver
    if not first:
        return
    for i in range(shape[0]):
        yield f"Rd{i} r{i} {_word(i, 0, wires)} {first:.9g}"
        if wires.word:
            yield from (f"Rw{i}_{j} w{i}_{j - 1} w{i}_{j} {wires.word:.9g}" for j in range(1, shape[1]))


def _columns(shape: tuple[int, ...], wires: Wires) -> Iterator[str]:
    last = wires.bit + wires.sense
    if not last:
        return
    end = shape[0] - 1
    for j in range(shape[1]):
        if wires.bit:
            yield from (f"Rb{i}_{j} b{i}_{j} b{i + 1}_{j} {wires.bit:.9g}" for i in range(end))
        yield f"Re{j} {_bit(end, j, wires)} s{j} {last:.9g}"


def _cells(cells: np.ndarray, wires: Wires) -> Iterator[str]:
    """Cells without conductance are left out."""
    for i, j in np.argwhere(np.asarray(cells) > 0.0):
        yield f"Rc{i}_{j} {_word(i, j, wires)} {_bit(i, j, wires)} {1.0 / float(cells[i, j]):.12g}"


def _printed(n: int) -> Iterator[str]:
    for first in range(0, n, SHORT):
        yield "print " + " ".join(f"i(vs{j})" for j in range(first, min(n, first + SHORT)))
