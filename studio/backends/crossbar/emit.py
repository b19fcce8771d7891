"""What goes onto the machine: conductances of every tile, a manifest that says what they are, netlists, and the program for the digital units."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.crossbar.maps import Map
from studio.backends.crossbar.netlist import netlist
from studio.backends.crossbar.read import ARRAYS, FORMAT, MANIFEST, PROGRAM
from studio.compile.program import Program
from studio.compile.text import write

FEW = 64  # tiles whose tables are written where nobody says
UNITS = {"conductance": "S", "csv": "uS", "resistance": "ohm", "age": "s", "delay": "steps"}


def emit(program: Program, tiles: Sequence[Map], folder: Path) -> tuple[str, ...]:
    """Write the artefact; the same bytes for the same program."""
    names = [f"tile_{k:04d}" for k in range(len(tiles))]
    (folder / PROGRAM).write_text(write(program), encoding="utf-8")
    np.savez_compressed(folder / ARRAYS, **dict(_arrays(names, tiles)))  # type: ignore[arg-type]
    manifest = json.dumps(_manifest(program, names, tiles), indent=1, sort_keys=True, ensure_ascii=False)
    (folder / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
    files = [PROGRAM, ARRAYS, MANIFEST]
    asked = program.settings.get("csv")
    if asked or (asked is None and len(tiles) <= FEW):
        files += [name for k, tile in enumerate(tiles) for name in _tables(names[k], tile, folder)]
    for k in _drawn(program, tiles):
        (folder / f"{names[k]}.cir").write_text(_netlist(names[k], tiles[k]), encoding="utf-8")
        files.append(f"{names[k]}.cir")
    return tuple(files)


def _arrays(names: Sequence[str], tiles: Sequence[Map]) -> Iterator[tuple[str, np.ndarray]]:
    for name, m in zip(names, tiles, strict=True):
        yield f"{name}_sources", m.tile.sources
        yield f"{name}_scale", m.scale
        for what in ("target", "programmed", "read", "adc"):
            value = getattr(m, what)
            if value is not None:
                yield f"{name}_{what}", value


def _manifest(program: Program, names: Sequence[str], tiles: Sequence[Map]) -> dict[str, Any]:
    cores = {p.key: p.core for p in program.parts}
    rows = [
        {
            "name": name,
            "projection": m.tile.connection,
            "number": m.tile.number,
            "core": cores.get(m.tile.key),
            "delay": m.tile.delay,
            "block": m.tile.block,
            "rows": len(m.tile.sources),
            "columns": int(m.read.shape[1]),
            "targets": [m.tile.cut.low, m.tile.cut.high],
            "adc": m.adc is not None,
            "target_sum_uS": float(f"{1e6 * float(m.target.astype(np.float64).sum()):.6g}"),
        }
        for name, m in zip(names, tiles, strict=True)
    ]
    designs = {m.tile.connection: m.design.to_json() for m in tiles}
    head = {"format": FORMAT, "name": program.name, "hash": program.hash, "chip": program.settings.get("chip"), "units": UNITS}
    return {**head, "dt_ms": program.dt, "seed": program.seed, "projections": designs, "tiles": rows}


def _tables(name: str, m: Map, folder: Path) -> Iterator[str]:
    """The conductances to be programmed, and those of this sample, as tables."""
    head = ",".join(["source", *_columns(m)])
    for what in ("target", "programmed"):
        cells = 1e6 * getattr(m, what).astype(np.float64)
        lines = [",".join([str(s), *(f"{g:.6g}" for g in row)]) for s, row in zip(m.tile.sources.tolist(), cells, strict=True)]
        (folder / f"{name}_{what}.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        yield f"{name}_{what}.csv"


def _columns(m: Map) -> Iterator[str]:
    """What each column is: the target and which device of its weight."""
    signs = ("+", "-") if m.design.storage == "pair" else tuple(f".{k}" for k in range(m.design.devices)) if m.design.devices > 1 else ("",)
    for target in range(m.tile.cut.low, m.tile.cut.high):
        yield from (f"{target}{sign}" for sign in signs)
    if m.design.spare:
        yield "reference"


def _drawn(program: Program, tiles: Sequence[Map]) -> list[int]:
    """Of which tiles a netlist is written."""
    asked = program.settings.get("netlist", "first")
    return [k for k, m in enumerate(tiles) if asked == "all" or (asked == "first" and m.tile.number == 0)]


def _netlist(name: str, m: Map) -> str:
    title = f"{name}: {m.tile.connection}, {len(m.tile.sources)} sources onto targets {m.tile.cut.low} to {m.tile.cut.high - 1}, as read"
    return netlist(m.read.astype(np.float64), m.design.wires, title)
