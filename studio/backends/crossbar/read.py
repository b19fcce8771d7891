"""An artefact read back: its program, and every tile with the conductances that are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
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


def read(folder: Path) -> tuple[Program, Iterator[Map]]:
    """What `emit` wrote: the program, and its tiles one after the other; raises FindingError where the folder holds something else."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        text = f"{MANIFEST} says {manifest.get('format')!r}, not {FORMAT}."
        raise FindingError([Finding("text.format", "error", MANIFEST, text)])
    designs = {key: Design.from_json(said) for key, said in manifest["projections"].items()}
    return read_program((folder / PROGRAM).read_text(encoding="utf-8")), _maps(folder, manifest["tiles"], designs)


def _maps(folder: Path, rows: list[dict[str, Any]], designs: dict[str, Design]) -> Iterator[Map]:
    with np.load(folder / ARRAYS) as arrays:
        for row in rows:
            yield _map(row, arrays, designs)


def _map(row: dict[str, Any], arrays: Any, designs: dict[str, Design]) -> Map:
    def array(name: str) -> np.ndarray:
        return arrays[f"{row['name']}_{name}"]

    tile = Tile(row["projection"], row["number"], row["delay"], row["block"], array("sources"), Cut(*row["targets"]))
    adc = array("adc") if row["adc"] else None
    memory = {name: array(f"memory_{name}") for name in row.get("memory", ())}
    programmed = array("programmed")
    read_now = programmed if memory else array("read")  # what learns is read afresh whenever it is read
    return Map(tile, designs[row["projection"]], array("scale"), array("target"), programmed, read_now, adc, memory)
