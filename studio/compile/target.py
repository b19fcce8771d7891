"""A target: one value that says all a compiler may know of a machine, every number with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Mark = Literal["source", "page", "memory", "derived"]


@dataclass(frozen=True)
class Limit:
    """A number of a machine: its unit, what it counts, and where it comes from.

    `mark`: read in a program's "source", on a "page" or in a paper, from "memory" (to be confirmed), or "derived" from others.
    `shared`: of a whole chip, whose cores share it; else of one core.
    """

    value: float
    unit: str
    doc: str
    source: str
    mark: Mark = "page"
    shared: bool = False


@dataclass(frozen=True)
class Topology:
    """How cores lie: `columns` x `rows` routers on a chip, `cores_per_router` cores at each, up to `chips` chips in `chip_columns` columns.

    `kind`: "mesh" (four neighbours), "hexagonal" (six neighbours, as SpiNNaker), "bus" (no distances). `wraps`: edges are joined.
    """

    kind: Literal["mesh", "hexagonal", "bus"]
    columns: int
    rows: int
    cores_per_router: int = 1
    chips: int = 1
    chip_columns: int = 1
    wraps: bool = False

    @property
    def cores_per_chip(self) -> int:
        return self.columns * self.rows * self.cores_per_router

    @property
    def cores(self) -> int:
        return self.cores_per_chip * self.chips

    def place(self, core: int) -> tuple[int, int, int]:
        """(chip, column, row) of a core's router; cores are numbered chip by chip, row by row, router by router."""
        chip, rest = divmod(core, self.cores_per_chip)
        row, column = divmod(rest // self.cores_per_router, self.columns)
        return chip, column, row


@dataclass(frozen=True)
class Target:
    """A machine. `limits` by name (a resource of a core is named as in `Use`, with what one core has); `energy` in pJ by event.

    `dt` [ms] is None where a step may mean any time. `delay` is the (shortest, longest) delay in steps; `weight_bits` what a weight may
    use, sign included. `unverified` says in a sentence what no test here can confirm. `dialect` names the reading of the chip.
    """

    key: str
    title: str
    doc: str
    topology: Topology
    limits: Mapping[str, Limit]
    dt: float | None = None
    delay: tuple[int, int] = (1, 1)
    weight_bits: int = 8
    energy: Mapping[str, Limit] = field(default_factory=lambda: MappingProxyType({}))
    dialect: str = ""
    unverified: str = ""

    def limit(self, name: str) -> float:
        """The number of a limit; raises KeyError where the machine has none of that name."""
        return self.limits[name].value
