"""A recording: what happened in a run, with everything needed to know how it came about. One HDF5 file holds it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.findings import Finding, FindingError

if TYPE_CHECKING:
    import pandas

FORMAT = "spike-studio-recording/1"


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
    """Every synapse of a projection, ordered by source and target; delays in ms."""

    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray

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
        """Write the recording as HDF5, whole or not at all."""
        import h5py

        path = Path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        os.close(handle)
        try:
            with h5py.File(temporary, "w") as h5:
                _write(self, h5)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    @staticmethod
    def load(file: str | os.PathLike[str]) -> Recording:
        """Read a recording; raise FindingError where the file is not one."""
        import h5py

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
    h5.attrs["meta"] = json.dumps(meta)
    for k, s in enumerate(r.spikes.values()):
        _arrays(h5.create_group(f"spikes/{k}"), steps=s.steps, ids=s.ids)
    for k, t in enumerate(r.traces.values()):
        _arrays(h5.create_group(f"traces/{k}"), times=t.times, ids=t.ids, values=t.values)
    for k, w in enumerate(r.weights.values()):
        _arrays(h5.create_group(f"weights/{k}"), sources=w.sources, targets=w.targets, weights=w.weights, delays=w.delays)


def _arrays(group: Any, **arrays: np.ndarray) -> None:
    for name, array in arrays.items():
        packed = {"compression": "gzip", "compression_opts": 1, "shuffle": True} if array.size > 1000 else {}
        group.create_dataset(name, data=array, **packed)


def _read(h5: Any) -> Recording:
    if h5.attrs.get("format") != FORMAT:
        raise ValueError(f"its format is {h5.attrs.get('format')!r}, not {FORMAT!r}")
    meta = json.loads(h5.attrs["meta"])

    def arrays(name: str) -> dict[str, np.ndarray]:
        out = {}
        for key, data in h5[name].items():
            out[key] = data[()]
            out[key].flags.writeable = False
        return out

    return Recording(
        spikes={path: Spikes(**arrays(f"spikes/{k}"), dt=meta["dt"]) for k, path in enumerate(meta["spikes"])},
        traces={(path, what): Trace(**arrays(f"traces/{k}"), unit=unit) for k, (path, what, unit) in enumerate(meta["traces"])},
        populations={k: Info(**{**v, "shape": tuple(v["shape"]) if v["shape"] else None}) for k, v in meta["populations"].items()},
        projections={k: ProjectionInfo(**v) for k, v in meta["projections"].items()},
        weights={key: Synapses(**arrays(f"weights/{k}")) for k, key in enumerate(meta["weights"])},
        counters=meta["counters"],
        provenance=meta["provenance"],
        **{name: meta[name] for name in _NUMBERS},
    )
