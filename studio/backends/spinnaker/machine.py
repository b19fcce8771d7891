"""Boards of 48 chips on a hexagonal torus: which chips there are, how they are linked, how far apart they lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

Chip = tuple[int, int]

LINKS: tuple[Chip, ...] = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))  # E, NE, N, W, SW, S: bits 0..5 of a route
N_LINKS = len(LINKS)
TRIAD = 12  # three boards tile a square of 12 x 12 chips (SpiNNakerTriadGeometry of SpiNNMachine 7.4.1)
_BOARDS = ((0, 0), (4, 8), (8, 4))  # where the boards of a triad begin, which are their Ethernet chips
# chips of a SpiNN-5 board with 17 working cores, all others having 18 (CHIPS_PER_BOARD of SpiNNMachine 7.4.1)
_ONE_CORE_LESS = frozenset([(1, 1), (1, 3), (3, 1), (3, 3), (3, 5), (5, 2), (5, 4), (5, 6)])


def board() -> tuple[Chip, ...]:
    """The 48 chips of one board, a hexagon inside a square of 8 x 8."""
    return tuple((x, y) for x in range(8) for y in range(8) if -4 <= y - x <= 3)


def opposite(link: int) -> int:
    """The link by which a neighbour sees what was sent along `link`."""
    return (link + 3) % N_LINKS


@dataclass(frozen=True)
class Machine:
    """A machine of so many boards: one board, or triads of boards joined to a torus.

    `cores` is the most cores that a chip has, and `less` the places on a board of chips with one core less. The first `monitors` cores of
    a chip belong to the system, on the chip with the Ethernet one more.
    """

    boards: int = 1
    cores: int = 18
    monitors: int = 2
    less: frozenset[Chip] = field(default=_ONE_CORE_LESS)

    @cached_property
    def triads(self) -> tuple[int, int]:
        """How many triads in x and y; (0, 0) for one board alone."""
        if self.boards <= 1:
            return 0, 0
        n = -(-self.boards // 3)
        width = _ceil_root(n)
        return width, -(-n // width)

    @cached_property
    def wraps(self) -> bool:
        return self.triads != (0, 0)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in chips."""
        width, height = self.triads
        return (8, 8) if not self.wraps else (width * TRIAD, height * TRIAD)

    @property
    def physical_boards(self) -> int:
        """How many boards there really are: whole triads."""
        return 1 if not self.wraps else 3 * self.triads[0] * self.triads[1]

    @cached_property
    def chips(self) -> dict[Chip, int]:
        """Every chip with the number of its working cores, board by board, near the Ethernet chip first."""
        width, height = self.size
        out: dict[Chip, int] = {}
        for ox, oy in self.ethernets:
            for x, y in sorted(board(), key=lambda c: (max(c), c)):
                place = (ox + x, oy + y) if not self.wraps else ((ox + x) % width, (oy + y) % height)
                out[place] = self.cores - ((x, y) in self.less)
        return out

    @cached_property
    def ethernets(self) -> tuple[Chip, ...]:
        """The chip of each board that speaks with the host."""
        if not self.wraps:
            return ((0, 0),)
        across, up = self.triads
        return tuple((x * TRIAD + dx, y * TRIAD + dy) for y in range(up) for x in range(across) for dx, dy in _BOARDS)

    def first_core(self, chip: Chip) -> int:
        """The first core that a network may use."""
        return self.monitors + (chip in self.ethernets)

    def usable(self, chip: Chip) -> range:
        """The cores of a chip that a network may use."""
        return range(self.first_core(chip), self.chips[chip])

    @cached_property
    def capacity(self) -> int:
        """Cores of the whole machine that a network may use; every board has as many."""
        one = sum(self.cores - (chip in self.less) - self.monitors for chip in board()) - 1
        return one * self.physical_boards

    def neighbour(self, chip: Chip, link: int) -> Chip | None:
        """The chip at the other end of a link, or None."""
        dx, dy = LINKS[link]
        x, y = chip[0] + dx, chip[1] + dy
        if self.wraps:
            x, y = x % self.size[0], y % self.size[1]
        return (x, y) if (x, y) in self.chips else None

    def vector(self, source: Chip, target: Chip) -> tuple[int, int, int]:
        """The shortest way as steps (E, N, NE), negative for the opposite directions; at most two of them are not 0."""
        return _shortest(target[0] - source[0], target[1] - source[1], self.size if self.wraps else None)

    def distance(self, source: Chip, target: Chip) -> int:
        """Links from one chip to another."""
        return sum(map(abs, self.vector(source, target)))

    def links(self) -> Iterator[tuple[Chip, int, Chip]]:
        """Every link with the chips at its ends."""
        for chip in self.chips:
            for link in range(N_LINKS):
                other = self.neighbour(chip, link)
                if other is not None:
                    yield chip, link, other


def machine_for(cores: int, like: Machine | None = None) -> Machine:
    """The smallest machine with so many usable cores; `like` gives the chip."""
    like = like or Machine()
    machine = _with_boards(like, 1)
    while machine.capacity < cores:
        machine = _with_boards(like, machine.physical_boards + (3 if machine.wraps else 2))
    return machine


def _with_boards(like: Machine, boards: int) -> Machine:
    return Machine(boards, like.cores, like.monitors, like.less)


@cache
def _shortest(dx: int, dy: int, torus: tuple[int, int] | None) -> tuple[int, int, int]:
    ways = [(dx, dy)] if torus is None else [(dx + a * torus[0], dy + b * torus[1]) for a in (0, -1, 1) for b in (0, -1, 1)]
    return min((_hexagonal(x, y) for x, y in ways), key=lambda v: (sum(map(abs, v)), v))


def _hexagonal(dx: int, dy: int) -> tuple[int, int, int]:
    """(E, N, NE) steps: the diagonal takes what x and y have in common."""
    diagonal = min(dx, dy) if dx > 0 and dy > 0 else max(dx, dy) if dx < 0 and dy < 0 else 0
    return dx - diagonal, dy - diagonal, diagonal


def _ceil_root(n: int) -> int:
    root = int(n**0.5)
    return root if root * root >= n else root + 1
