"""An artefact read back: its program, and every tile with the conductances that are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.crossbar.design import Design
from studio.backends.crossbar.maps import Map
from studio.backends.crossbar.plan import Tile
from studio.compile.program import Program
from studio.compile.text import read as read_program
from studio.compile.wiring import Cut
from studio.findings import Finding, FindingError

FORMAT = "spike-studio-crossbar/1"
MANIFEST, ARRAYS, PROGRAM = "manifest.json", "conductances.npz", "program.txt"


def read(folder: Path) -> tuple[Program, tuple[Map, ...]]:
    """What `emit` wrote; raises FindingError where the folder holds something else."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        text = f"{MANIFEST} says {manifest.get('format')!r}, not {FORMAT}."
        raise FindingError([Finding("text.format", "error", MANIFEST, text)])
    designs = {key: Design.from_json(said) for key, said in manifest["projections"].items()}
    with np.load(folder / ARRAYS) as arrays:
        found = tuple(_map(row, arrays, designs) for row in manifest["tiles"])
    return read_program((folder / PROGRAM).read_text(encoding="utf-8")), found


def _map(row: dict[str, Any], arrays: Any, designs: dict[str, Design]) -> Map:
    def array(name: str) -> np.ndarray:
        return arrays[f"{row['name']}_{name}"]

    tile = Tile(row["projection"], row["number"], row["delay"], row["block"], array("sources"), Cut(*row["targets"]))
    adc = array("adc") if row["adc"] else None
    return Map(tile, designs[row["projection"]], array("scale"), array("target"), array("programmed"), array("read"), adc)
