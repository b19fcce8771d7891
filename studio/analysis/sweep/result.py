"""What a sweep gave: one row a run, as a table, a CSV file, and JSON that knows where everything comes from."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.findings import Finding, FindingError

if TYPE_CHECKING:
    import pandas

    from studio.engine.recording import Recording

FORMAT = "spike-studio-sweep/1"
TABLE, ORIGIN, RECORDINGS = "sweep.csv", "sweep.json", "recordings"


@dataclass(frozen=True)
class Row:
    """One run. `status`: done, failed (`finding` says why), cancelled (partly run) or not run. `recording`: its file, when it was kept."""

    run: int
    point: int
    repeat: int
    seed: int
    settings: Mapping[str, Any]
    status: str
    finding: str = ""
    measures: Mapping[str, Any] = field(default_factory=dict)
    hash: str = ""
    versions: str = ""
    recording: str = ""


@dataclass(frozen=True)
class Sweep:
    """All runs in the order of the plan, whatever order they were done in. `units`: of each path that was varied."""

    name: str
    units: Mapping[str, str]
    rows: tuple[Row, ...]
    provenance: Mapping[str, Any]
    folder: str = ""

    @property
    def complete(self) -> bool:
        """Whether every run was begun and none was cut short; single runs may have failed."""
        return all(row.status in ("done", "failed") for row in self.rows)

    @property
    def failed(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.status == "failed")

    def to_pandas(self) -> pandas.DataFrame:
        """One row per run: where it stands, its settings in their own units, its seed, how it went, every measure, and what made it."""
        import pandas as pd

        return pd.DataFrame(self.lines())

    def lines(self) -> list[dict[str, Any]]:
        """The same as plain values, one mapping a run, all with the same names in the same order."""
        names = dict.fromkeys(name for row in self.rows for name in row.measures)
        return [self._line(row, names) for row in self.rows]

    def _line(self, row: Row, names: Mapping[str, None]) -> dict[str, Any]:
        line: dict[str, Any] = {"run": row.run, "point": row.point, "repeat": row.repeat}
        line |= {path: number(value, self.units.get(path, "")) for path, value in row.settings.items()}
        line |= {
            "seed": row.seed,
            "status": row.status,
            "complete": row.status == "done",
            **{name: row.measures.get(name) for name in names},
        }
        return line | {"finding": row.finding, "recording": row.recording, "hash": row.hash, "versions": row.versions}

    def load_recording(self, run: int) -> Recording:
        """The recording of one run, when recordings were kept."""
        from studio.engine.recording import Recording

        kept = self.rows[run].recording
        if not kept:
            text = f"the recording of run {run} was not kept."
            raise FindingError([Finding("path.recording", "error", self.name, text, "Give a folder: out=..., with recordings=True.")])
        return Recording.load(Path(self.folder) / kept)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write `sweep.csv` and `sweep.json` into a folder, each whole or not at all."""
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        whole = {"format": FORMAT, "name": self.name, "units": dict(self.units), "provenance": dict(self.provenance)}
        rows = [asdict(row) for row in self.rows]
        _replace(path / TABLE, self.to_pandas().to_csv(index=False))
        _replace(path / ORIGIN, json.dumps({**whole, "rows": rows}, indent=1, ensure_ascii=False, allow_nan=False) + "\n")

    @staticmethod
    def load(folder: str | os.PathLike[str]) -> Sweep:
        """Read a sweep that was saved; raise FindingError where the folder holds none."""
        try:
            given = json.loads((Path(folder) / ORIGIN).read_text(encoding="utf-8"))
            if given.get("format") != FORMAT:
                raise ValueError(f"its format is {given.get('format')!r}, not {FORMAT!r}")
            rows = tuple(Row(**row) for row in given["rows"])
            return Sweep(given["name"], given["units"], rows, given["provenance"], str(folder))
        except (OSError, KeyError, ValueError, TypeError, AttributeError) as problem:
            text = f"this folder cannot be read as a sweep: {problem}"
            raise FindingError([Finding("text.sweep", "error", str(folder), text)]) from problem


def number(value: Any, unit: str) -> Any:
    """A setting for a table: a number in the parameter's own unit where it is one, else as the document says it."""
    if isinstance(value, Mapping) and set(value) == {"value", "unit"}:
        from studio.units import convert

        try:
            return float(convert(float(value["value"]), str(value["unit"]), unit))
        except FindingError:
            return f"{value['value']} {value['unit']}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else value


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
