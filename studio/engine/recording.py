"""A recording: what happened in a run, with everything needed to know how it came about. One HDF5 file holds it."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.engine.spool import PIECE, SpikeSpool
from studio.findings import Finding, FindingError

if TYPE_CHECKING:
    import pandas

FORMAT = "spike-studio-recording/1"
STATE = "state:"  # before the name of what synapses remember, in a file


@dataclass(frozen=True)
class Spikes:
    """Spikes of one node, by time and id. A spike emitted in step s has the time (s + 1) dt, and that number in `steps`."""

    steps: np.ndarray  # int64 (n,)
    ids: np.ndarray  # int64 (n,)
    dt: float

    @property
    def times(self) -> np.ndarray:
        """[ms]"""
        return self.steps * self.dt

    def __len__(self) -> int:
        return len(self.steps)

    def pieces(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Steps and ids, some at a time."""
        for low in range(0, len(self), PIECE):
            yield self.steps[low : low + PIECE], self.ids[low : low + PIECE]


class SpooledSpikes(Spikes):
    """Spikes still packed as they were recorded; unpacked when someone looks at `steps` or `ids`."""

    def __init__(self, spool: SpikeSpool, dt: float) -> None:
        object.__setattr__(self, "_spool", spool)
        object.__setattr__(self, "dt", dt)

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray]:
        return self._spool.arrays()  # type: ignore[attr-defined,no-any-return]

    @property
    def steps(self) -> np.ndarray:  # type: ignore[override]
        return self._arrays[0]

    @property
    def ids(self) -> np.ndarray:  # type: ignore[override]
        return self._arrays[1]

    def __len__(self) -> int:
        return self._spool.n  # type: ignore[attr-defined,no-any-return]

    def pieces(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Steps and ids as they were recorded, batch by batch."""
        return self._spool.batches()  # type: ignore[attr-defined,no-any-return]


@dataclass(frozen=True)
class Trace:
    """Values of one state of some neurons: `values[k, j]` at `times[k]` [ms] for neuron `ids[j]`."""

    times: np.ndarray
    ids: np.ndarray
    values: np.ndarray
    unit: str


@dataclass(frozen=True)
class Info:
    """A node whose spikes could be recorded."""

    path: str
    name: str
    size: int
    shape: tuple[int, ...] | None
    kind: str  # population | source
    model: str
    sign: str = ""  # excitatory | inhibitory | "" (both, or unknown)


@dataclass(frozen=True)
class ProjectionInfo:
    """A projection of the flat network: how many synapses it has, and how many of them carry a weight."""

    key: str
    path: str
    source: str
    target: str
    n_synapses: int
    n_nonzero: int
    plastic: bool
    weight_unit: str = ""  # of the weights in `Recording.weights`


@dataclass(frozen=True)
class Synapses:
    """Every synapse of a projection, ordered by source and target; delays in ms. `states`: what else was recorded of them, by name."""

    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray
    states: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sources)


@dataclass(frozen=True)
class Recording:
    """What a run gave. `complete` is False where it was cancelled or interrupted: what is here lasts until `duration` [ms]."""

    spikes: Mapping[str, Spikes]
    traces: Mapping[tuple[str, str], Trace]
    populations: Mapping[str, Info]
    projections: Mapping[str, ProjectionInfo]
    weights: Mapping[str, Synapses]
    counters: Mapping[str, Mapping[str, int]]
    duration: float
    dt: float
    complete: bool = True
    wall_s: float = 0.0
    build_s: float = 0.0
    compile_s: float = 0.0
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def save(self, file: str | os.PathLike[str]) -> None:
        """Write the recording as HDF5, whole or not at all; raise FindingError where the disk is full."""
        import h5py

        path = Path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        os.close(handle)
        try:
            with h5py.File(temporary, "w") as h5:
                _write(self, h5)
            os.replace(temporary, path)
        except BaseException as problem:
            Path(temporary).unlink(missing_ok=True)
            if isinstance(problem, (OSError, RuntimeError)) and is_full(problem):
                raise FindingError([full(path)]) from problem
            raise

    @staticmethod
    def load(file: str | os.PathLike[str]) -> Recording:
        """Read a recording, or what a run that was killed had written in the folder it was given; raise FindingError where there is none."""
        import h5py

        if Path(file).is_dir():
            from studio.engine.journal import recover

            return recover(Path(file))
        try:
            with h5py.File(file, "r") as h5:
                return _read(h5)
        except (OSError, KeyError, ValueError, TypeError) as problem:
            if isinstance(problem, FileNotFoundError):
                raise
            raise FindingError(
                [Finding("text.recording", "error", str(file), f"this file cannot be read as a recording: {problem}")]
            ) from problem

    def to_pandas(self) -> pandas.DataFrame:
        """All spikes as a table: time_ms, path, id; in order of time."""
        import pandas as pd

        frames = [
            pd.DataFrame({"time_ms": s.times, "path": pd.Categorical.from_codes(np.full(len(s), k), list(self.spikes)), "id": s.ids})
            for k, s in enumerate(self.spikes.values())
        ]
        if not frames:
            return pd.DataFrame({"time_ms": np.empty(0), "path": pd.Categorical([]), "id": np.empty(0, np.int64)})
        return pd.concat(frames, ignore_index=True).sort_values("time_ms", kind="stable", ignore_index=True)

    def summary(self) -> dict[str, Any]:
        """The run in plain numbers, ready for JSON: counts, mean rates [Hz], speed."""
        seconds = self.duration / 1000.0
        counted = self.counters.get("spikes", {})
        return {
            "duration_ms": self.duration,
            "dt_ms": self.dt,
            "complete": self.complete,
            "spikes": {path: int(n) for path, n in counted.items()},
            "rates_hz": {
                path: counted[path] / info.size / seconds if seconds and info.size else 0.0
                for path, info in self.populations.items()
                if path in counted
            },
            "events": {k: int(n) for k, n in self.counters.get("events", {}).items()},
            "synapses": {k: p.n_synapses for k, p in self.projections.items()},
            "wall_s": self.wall_s,
            "build_s": self.build_s,
            "compile_s": self.compile_s,
            "real_time_factor": self.wall_s / seconds if seconds else 0.0,
            "provenance": dict(self.provenance),
        }


PACKED: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
_NUMBERS = ("duration", "dt", "complete", "wall_s", "build_s", "compile_s")


def _write(r: Recording, h5: Any) -> None:
    h5.attrs["format"] = FORMAT
    meta = {
        **{name: getattr(r, name) for name in _NUMBERS},
        "populations": {k: vars(v) for k, v in r.populations.items()},
        "projections": {k: vars(v) for k, v in r.projections.items()},
        "counters": {k: {n: int(x) for n, x in v.items()} for k, v in r.counters.items()},
        "provenance": dict(r.provenance),
        "spikes": list(r.spikes),
        "traces": [[path, what, t.unit] for (path, what), t in r.traces.items()],
        "weights": list(r.weights),
    }
    h5["meta"] = json.dumps(meta)  # no attribute: those end at 64 KiB
    for k, s in enumerate(r.spikes.values()):
        _spikes(h5.create_group(f"spikes/{k}"), s)
    for k, t in enumerate(r.traces.values()):
        _arrays(h5.create_group(f"traces/{k}"), times=t.times, ids=t.ids, values=t.values)
    for k, w in enumerate(r.weights.values()):
        group = h5.create_group(f"weights/{k}")
        _arrays(group, sources=w.sources, targets=w.targets, weights=w.weights, delays=w.delays)
        _arrays(group, **{f"{STATE}{name}": values for name, values in w.states.items()})


def _spikes(group: Any, spikes: Spikes) -> None:
    """Piece by piece, so that more spikes than memory holds can be written."""
    n, at = len(spikes), 0
    packed: dict[str, Any] = {"chunks": (PIECE // 4,), **PACKED} if n > PIECE // 4 else PACKED if n > 1000 else {}
    sets = [group.create_dataset(name, (n,), np.uint32 if n else np.int64, **packed) for name in ("steps", "ids")]
    wide = False
    for both in spikes.pieces():
        if not wide and len(both[0]) and int(both[0][-1]) >= 1 << 32:
            wide, sets[0] = True, _wider(group, n, at, packed)
        for one, values in zip(sets, both, strict=True):
            one[at : at + len(values)] = values
        at += len(both[0])


def _wider(group: Any, n: int, at: int, packed: Mapping[str, Any]) -> Any:
    """The steps in eight bytes, for runs of more than 2^32 of them."""
    before = group["steps"][:at]
    del group["steps"]
    steps = group.create_dataset("steps", (n,), np.int64, **packed)
    steps[:at] = before
    return steps


def _arrays(group: Any, **arrays: np.ndarray) -> None:
    for name, array in arrays.items():
        group.create_dataset(name, data=array, **(PACKED if array.size > 1000 else {}))


def _read(h5: Any) -> Recording:
    if h5.attrs.get("format") != FORMAT:
        raise ValueError(f"its format is {h5.attrs.get('format')!r}, not {FORMAT!r}")
    meta = json.loads(h5.attrs["meta"] if "meta" in h5.attrs else h5["meta"][()])

    def arrays(name: str, whole: bool = False) -> dict[str, np.ndarray]:
        out = {}
        for key, data in h5[name].items():
            out[key] = data[()].astype(np.int64) if whole else data[()]
            out[key].flags.writeable = False
        return out

    return Recording(
        spikes={path: Spikes(**arrays(f"spikes/{k}", whole=True), dt=meta["dt"]) for k, path in enumerate(meta["spikes"])},
        traces={(path, what): Trace(**arrays(f"traces/{k}"), unit=unit) for k, (path, what, unit) in enumerate(meta["traces"])},
        populations={k: Info(**{**v, "shape": tuple(v["shape"]) if v["shape"] else None}) for k, v in meta["populations"].items()},
        projections={k: ProjectionInfo(**v) for k, v in meta["projections"].items()},
        weights={key: _synapses(arrays(f"weights/{k}")) for k, key in enumerate(meta["weights"])},
        counters=meta["counters"],
        provenance=meta["provenance"],
        **{name: meta[name] for name in _NUMBERS},
    )


def _synapses(arrays: Mapping[str, np.ndarray]) -> Synapses:
    states = {name.removeprefix(STATE): values for name, values in arrays.items() if name.startswith(STATE)}
    return Synapses(**{name: values for name, values in arrays.items() if not name.startswith(STATE)}, states=states)


def is_full(problem: BaseException) -> bool:
    """Whether an error of the system, or one that HDF5 put into words, means that there is no room."""
    return getattr(problem, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or f"errno = {errno.ENOSPC}" in str(problem)


def full(path: Path) -> Finding:
    """What a person reads when the disk is full."""
    import shutil

    free = shutil.disk_usage(path if path.is_dir() else path.parent).free
    text = f"the disk is full ({free / 1e6:,.0f} MB free); nothing more could be written here."
    return Finding("size.disk", "error", str(path), text, "Make room, or choose another folder.")
