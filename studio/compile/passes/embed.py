"""Layers that are cut into a grid of boxes, laid onto the mesh as they are: neighbours become neighbours."""

from __future__ import annotations

import numpy as np

from studio.compile.passes.plan import Plan
from studio.compile.program import Program
from studio.compile.target import Topology

FEWEST = 9  # parts of a layer that is worth it
SPREAD = 1.5  # how many more chips than needed may be taken for it


def embed(plan: Plan, program: Program) -> None:
    """Places the parts of the largest gridded layer that no constraint speaks of, where a free rectangle of cores has room for its grid."""
    grids = {key: grid for key, grid in grids_of(program).items() if not plan.bound(key)}
    if not grids or plan.topology.kind == "bus":
        return
    key = max(grids, key=lambda k: (grids[k].size, k))
    rows, columns = grids[key].shape
    cores = rectangle(plan.topology, rows, columns, plan.least_cores(range(len(plan.core))))
    if cores is None or plan.count[cores].any():
        return
    for part, core in zip(grids[key].ravel().tolist(), cores.ravel().tolist(), strict=True):
        plan.put(part, core)


def grids_of(program: Program) -> dict[str, np.ndarray]:
    """Layer -> its parts in rows and columns, where they are boxes of all channels that make a grid."""
    boxes: dict[str, list[tuple[int, tuple[tuple[int, int], ...]]]] = {}
    whole: set[str] = set()
    for k, part in enumerate(program.parts):
        cut = part.cut
        if (
            cut.box is None
            or cut.shape is None
            or len(cut.box) < 2
            or any(b - a != n for (a, b), n in zip(cut.box[:-2], cut.shape, strict=False))
        ):
            whole.add(part.layer)
            continue
        boxes.setdefault(part.layer, []).append((k, cut.box[-2:]))
    out: dict[str, np.ndarray] = {}
    for layer, found in boxes.items():
        rows, columns = (sorted({box[axis] for _, box in found}) for axis in range(2))
        if layer in whole or len(found) < FEWEST or len(rows) * len(columns) != len(found):
            continue
        grid = np.zeros((len(rows), len(columns)), np.int64)
        for k, (row, column) in found:
            grid[rows.index(row), columns.index(column)] = k
        out[layer] = grid
    return out


def rectangle(topology: Topology, rows: int, columns: int, least: int) -> np.ndarray | None:
    """Cores (rows, columns) that lie as a grid does, several at a router side by side; None where the machine is too small, or most would lie idle."""
    t = topology
    a = max(k for k in range(1, t.cores_per_router + 1) if t.cores_per_router % k == 0 and k * k <= t.cores_per_router)
    inside = (a, t.cores_per_router // a)  # rows and columns of cores at a router
    across = min(max(t.chip_columns, 1), t.chips)
    down = t.chips // across
    best: tuple[int, np.ndarray] | None = None
    for turned in (False, True):
        r, c = (columns, rows) if turned else (rows, columns)
        chips = -(-r // (t.rows * inside[0])) * -(-c // (t.columns * inside[1]))
        if r > down * t.rows * inside[0] or c > across * t.columns * inside[1]:
            continue
        if chips > max(SPREAD * -(-least // t.cores_per_chip), 1) or (best is not None and best[0] <= chips):
            continue
        cores = _cores(t, across, inside, r, c)
        best = (chips, cores.T if turned else cores)
    return None if best is None else best[1]


def _cores(t: Topology, across: int, inside: tuple[int, int], rows: int, columns: int) -> np.ndarray:
    y, sub_y = np.divmod(np.arange(rows), inside[0])
    x, sub_x = np.divmod(np.arange(columns), inside[1])
    (down, row), (right, column) = np.divmod(y, t.rows), np.divmod(x, t.columns)
    chip = down[:, None] * across + right
    router = row[:, None] * t.columns + column
    return chip * t.cores_per_chip + router * t.cores_per_router + sub_y[:, None] * inside[1] + sub_x
