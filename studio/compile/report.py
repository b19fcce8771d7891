"""The report on a compilation: what was used, what was lost, what to change. One value for fit meter, compiler and twin run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from studio.findings import Finding, errors

FORMAT = "spike-studio-report/1"
LossKind = Literal["rounded", "saturated", "overflow", "dropped", "replaced", "merged"]


@dataclass(frozen=True)
class Loss:
    """What became of a quantity at a path of the document: `count` of `total` values, the `worst` error in `unit`, and a sentence."""

    path: str
    what: str
    kind: LossKind
    count: int
    total: int
    worst: float
    unit: str
    text: str


@dataclass(frozen=True)
class Use:
    """How much of a resource is used, of how much; `where` is a path, a core ("core 3"), "one neuron" that fits nowhere, or empty for the whole machine."""

    resource: str
    used: float
    available: float
    unit: str = ""
    where: str = ""

    @property
    def fits(self) -> bool:
        return self.used <= self.available


@dataclass(frozen=True)
class PathReport:
    """One node or projection of the document: the cores it lies on, what binds it most, and what happened to it."""

    path: str
    kind: Literal["population", "source", "projection"]
    cores: int = 0
    uses: tuple[Use, ...] = ()  # of the fullest core that holds some of it
    losses: tuple[Loss, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def state(self) -> Literal["fits", "lossy", "over"]:
        """Whether it fits: "over" with an error or a resource exceeded, "lossy" with a warning, else "fits"."""
        if errors(self.findings) or any(not u.fits for u in self.uses):
            return "over"
        return "lossy" if any(f.severity == "warning" for f in self.findings) else "fits"

    @property
    def binding(self) -> Use | None:
        """The resource it uses the largest part of."""
        return max(self.uses, key=lambda u: u.used / u.available if u.available else 0.0, default=None)


@dataclass(frozen=True)
class Tile:
    """A core on the floor plan: where its router lies, and how many neurons of which path it holds."""

    core: int
    chip: int
    x: int
    y: int
    parts: tuple[tuple[str, int], ...]  # (path, neurons)
    full: float  # the fullest resource, 1 = full


@dataclass(frozen=True)
class Floor:
    """The chips that are used. `links`: ((chip, x, y), (chip, x, y), events per second) where a run or an estimate says so."""

    kind: str
    columns: int
    rows: int
    cores_per_router: int
    chips: int
    chip_columns: int
    tiles: tuple[Tile, ...]
    links: tuple[tuple[tuple[int, int, int], tuple[int, int, int], float], ...] = ()


@dataclass(frozen=True)
class Report:
    """See `to_json`. `energy`, `traffic` and `comparison` are plain JSON values of `compile.energy`, `compile.traffic`, `backends.verify`."""

    target: str
    title: str
    name: str
    hash: str
    dialect: str
    unverified: str
    paths: Mapping[str, PathReport]
    totals: tuple[Use, ...] = ()
    floor: Floor | None = None
    losses: tuple[Loss, ...] = ()
    findings: tuple[Finding, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    energy: Mapping[str, Any] | None = None
    traffic: Mapping[str, Any] | None = None
    comparison: Mapping[str, Any] | None = None
    files: tuple[str, ...] = ()
    estimate: bool = False  # counted from rules, nothing was drawn

    @property
    def fits(self) -> bool:
        """Whether the network can go onto the machine."""
        used = (*self.totals, *(u for p in self.paths.values() for u in p.uses))
        return not errors(self.findings) and all(u.fits for u in used)

    def to_json(self, timings: bool = True) -> dict[str, Any]:
        """A plain JSON dict, the seam to canvas and command line; without `timings` it is the same in every run."""
        out: dict[str, Any] = {"format": FORMAT, "fits": self.fits}
        for name in ("target", "title", "name", "hash", "dialect", "unverified", "estimate", "energy", "traffic", "comparison"):
            out[name] = getattr(self, name)
        out["settings"] = dict(self.settings)
        out["totals"] = [asdict(u) for u in self.totals]
        out["paths"] = {path: _path(p) for path, p in self.paths.items()}
        out["losses"] = [asdict(x) for x in self.losses]
        out["findings"] = [f.to_json() for f in self.findings]
        out["floor"] = _floor(self.floor) if self.floor is not None else None
        out["files"] = list(self.files)
        return {**out, "timings_ms": dict(self.timings_ms)} if timings else out


def _path(p: PathReport) -> dict[str, Any]:
    binding = p.binding
    return {
        "kind": p.kind,
        "state": p.state,
        "cores": p.cores,
        "binding": asdict(binding) if binding is not None else None,
        "uses": [asdict(u) for u in p.uses],
        "losses": [asdict(x) for x in p.losses],
        "findings": [f.to_json() for f in p.findings],
    }


def _floor(floor: Floor) -> dict[str, Any]:
    """Columns, one entry a core: a machine may have tens of thousands. `parts[k]` lists (place in `paths`, neurons) of core k."""
    paths = list(dict.fromkeys(path for tile in floor.tiles for path, _ in tile.parts))
    place = {path: k for k, path in enumerate(paths)}
    out: dict[str, Any] = {k: v for k, v in vars(floor).items() if k not in ("tiles", "links")}
    out |= {name: [getattr(tile, name) for tile in floor.tiles] for name in ("core", "chip", "x", "y")}
    out["full"] = [round(tile.full, 4) for tile in floor.tiles]
    out["parts"] = [[[place[path], n] for path, n in tile.parts] for tile in floor.tiles]
    return {**out, "paths": paths, "links": [list(link) for link in floor.links]}


def of_path(path: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that speak of a path or of a parameter of it."""
    return tuple(f for f in findings if f.where == path or f.where.startswith((path + ".", path + "[")))
