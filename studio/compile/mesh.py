"""Ways on a mesh of routers: along the row first, then along the column; how often each link is crossed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.compile.target import Topology

Place = tuple[int, int, int]
Link = tuple[Place, Place]
EAST, WEST, NORTH, SOUTH = range(4)  # x grows eastwards, y grows northwards
STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))


def coordinates(topology: Topology) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of every core's router, counted over all chips, int64."""
    core = np.arange(topology.cores, dtype=np.int64)
    chip, rest = np.divmod(core, topology.cores_per_chip)
    row, column = np.divmod(rest // topology.cores_per_router, topology.columns)
    chip_row, chip_column = np.divmod(chip, max(topology.chip_columns, 1))
    return chip_column * topology.columns + column, chip_row * topology.rows + row


def span(topology: Topology) -> tuple[int, int]:
    """Width and height of the whole machine in routers."""
    across = min(max(topology.chip_columns, 1), topology.chips)
    return across * topology.columns, -(-topology.chips // across) * topology.rows


def shorter(far: np.ndarray, n: int) -> np.ndarray:
    """Steps on a ring of n places, the shorter way round."""
    return (far + n // 2) % n - n // 2


def hops(topology: Topology, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Links on the shortest way over (dx, dy) routers: by rows and columns, or along three axes (hexagonal); none on a bus."""
    if topology.kind == "bus":
        return np.zeros_like(dx)
    if topology.wraps:
        width, height = span(topology)
        dx, dy = shorter(dx, width), shorter(dy, height)
    if topology.kind == "hexagonal":
        return np.where(dx * dy > 0, np.maximum(abs(dx), abs(dy)), abs(dx) + abs(dy))
    return abs(dx) + abs(dy)


class Mesh:
    """Ways between routers of a machine. Routers are named (chip, column, row) as in `Topology.place`."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.width, self.height = span(topology)
        self.x, self.y = coordinates(topology)

    def name(self, x: int, y: int) -> Place:
        t = self.topology
        across, column = divmod(x % self.width, t.columns)
        down, row = divmod(y % self.height, t.rows)
        return down * max(t.chip_columns, 1) + across, column, row

    def link(self, direction: int, x: int, y: int) -> Link:
        """The link that leaves router (x, y) in a direction."""
        dx, dy = STEPS[direction]
        return self.name(x, y), self.name(x + dx, y + dy)

    def apart(self, sources: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Steps (dx, dy) from cores to cores."""
        dx, dy = self.x[targets] - self.x[sources], self.y[targets] - self.y[sources]
        return (shorter(dx, self.width), shorter(dy, self.height)) if self.topology.wraps else (dx, dy)

    def tree(self, source: int, targets: Sequence[int]) -> tuple[Link, ...]:
        """The links of the ways from one core to others, each once, from the root outwards."""
        to = np.asarray(targets, np.int64)
        dx, dy = self.apart(np.full(len(to), source), to)
        x, y = int(self.x[source]), int(self.y[source])
        out = [self.link(EAST, x + k, y) for k in range(max(0, int(dx.max(initial=0))))]
        out += [self.link(WEST, x - k, y) for k in range(max(0, int(-dx.min(initial=0))))]
        for column in np.unique(dx).tolist():
            here = dy[dx == column]
            out += [self.link(NORTH, x + column, y + k) for k in range(max(0, int(here.max())))]
            out += [self.link(SOUTH, x + column, y - k) for k in range(max(0, int(-here.min())))]
        return tuple(out)

    def links(self, source: int, target: int) -> tuple[Link, ...]:
        """The links from one core's router to another's."""
        return self.tree(source, (target,))

    def loads(self, sources: np.ndarray, targets: np.ndarray, events: np.ndarray) -> np.ndarray:
        """(4, height, width): events on the link that leaves each router eastwards, westwards, northwards, southwards; every flow on its own."""
        dx, dy = self.apart(sources, targets)
        x, y = self.x[sources], self.y[sources]
        return self._laid(x, y, dx, dy, events, (x + dx) % self.width)

    def shared_loads(self, source_of: np.ndarray, sources: np.ndarray, targets: np.ndarray, events: np.ndarray) -> np.ndarray:
        """As `loads`, where the flows of one `source_of` (from one core, of equal events) share their tree: each link is crossed once."""
        dx, dy = self.apart(sources, targets)
        x, y = self.x[sources], self.y[sources]
        out = np.zeros((4, self.height, self.width))
        for sign in (1, -1):
            far = np.maximum(sign * dx, 0)
            first, most = _furthest(source_of, far)
            out += self._laid(x[first], y[first], sign * most, np.zeros_like(most), events[first], x[first])
            column = source_of * (2 * self.width + 1) + dx + self.width
            first, most = _furthest(column, np.maximum(sign * dy, 0))
            ends = (x[first] + dx[first]) % self.width
            out += self._laid(ends, y[first], np.zeros_like(most), sign * most, events[first], ends)
        return out

    def spread_loads(self, sent: np.ndarray, heard: np.ndarray, shared: bool = False) -> np.ndarray:
        """As `loads`, where every source sends to every target: `sent` (height, width) events of the sources at each router, `heard` how many
        of an event each router hears. `shared`: an event crosses each link of its tree once. On a torus no way goes round the edge here.
        """
        out = np.zeros((4, self.height, self.width))
        columns, rows = heard.sum(axis=0), sent.sum(axis=1)
        for direction, flip in ((EAST, 1), (WEST, -1)):
            beyond = _beyond(columns[::flip], 0, shared)[::flip]
            out[direction] = np.cumsum(sent[:, ::flip], axis=1)[:, ::flip] * beyond
        for direction, flip in ((NORTH, 1), (SOUTH, -1)):
            beyond = _beyond(heard[::flip], 0, shared)[::flip]
            out[direction] = np.cumsum(rows[::flip])[::flip][:, None] * beyond
        return out

    def at_routers(self, cores: np.ndarray, values: np.ndarray) -> np.ndarray:
        """(height, width): the sum of values at each core's router."""
        out = np.zeros((self.height, self.width))
        np.add.at(out, (self.y[cores], self.x[cores]), values)
        return out

    def _laid(self, x: np.ndarray, y: np.ndarray, dx: np.ndarray, dy: np.ndarray, events: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Flows along row y from x over dx, then along `column` over dy."""
        out = np.zeros((4, self.height, self.width))
        out[EAST] = _runs(y, x, x + np.maximum(dx, 0), events, (self.height, self.width))
        out[WEST] = _runs(y, x + 1 + np.minimum(dx, 0), x + 1, events, (self.height, self.width))
        out[NORTH] = _runs(column, y, y + np.maximum(dy, 0), events, (self.width, self.height)).T
        out[SOUTH] = _runs(column, y + 1 + np.minimum(dy, 0), y + 1, events, (self.width, self.height)).T
        return out


def _beyond(heard: np.ndarray, axis: int, shared: bool) -> np.ndarray:
    """What lies beyond each place along an axis: the sum, or whether there is anything."""
    after = np.flip(np.cumsum(np.flip(heard, axis), axis), axis) - heard
    return (after > 1e-12).astype(float) if shared else np.maximum(after, 0.0)


def _runs(lines: np.ndarray, low: np.ndarray, high: np.ndarray, events: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Sums of events over places [low, high) of lines; places beyond an end go on at the other."""
    n = shape[1]
    steps = np.zeros((shape[0], 3 * n + 1))
    some = high > low
    np.add.at(steps, (lines[some], low[some] + n), events[some])
    np.add.at(steps, (lines[some], high[some] + n), -events[some])
    sums = np.cumsum(steps, axis=1)[:, : 3 * n].reshape(shape[0], 3, n).sum(axis=1)
    return np.where(np.abs(sums) < 1e-9, 0.0, sums)


def _furthest(groups: np.ndarray, far: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(first element of each group, the largest `far` of the group)."""
    _, first, back = np.unique(groups, return_index=True, return_inverse=True)
    most = np.zeros(len(first), far.dtype)
    np.maximum.at(most, back, far)
    return first, most
