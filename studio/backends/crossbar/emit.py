"""What goes onto the machine: conductances of every tile, a manifest that says what they are, netlists, and the program for the digital units."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.crossbar.maps import Map
from studio.backends.crossbar.netlist import netlist
from studio.backends.crossbar.read import ARRAYS, FORMAT, MANIFEST, PROGRAM
from studio.backends.crossbar.teach import learns
from studio.compile.program import Connection, Program
from studio.compile.text import write

FEW = 64  # tiles whose tables are written where nobody says
UNITS = {"conductance": "S", "csv": "uS", "resistance": "ohm", "age": "s", "delay": "steps"}


def emit(program: Program, tiles: Iterable[Map], folder: Path) -> tuple[str, ...]:
    """Write the artefact, tile by tile; the same bytes for the same program."""
    (folder / PROGRAM).write_text(write(program), encoding="utf-8")
    cores, few = {p.key: p.core for p in program.parts}, int(program.settings["tiles"]) <= FEW
    files, rows, designs = [PROGRAM, ARRAYS, MANIFEST], [], {}
    with zipfile.ZipFile(folder / ARRAYS, "w", zipfile.ZIP_DEFLATED) as arrays:
        for k, m in enumerate(tiles):
            name = f"tile_{k:04d}"
            for what, value in _arrays(m):
                entry = zipfile.ZipInfo(f"{name}_{what}.npy")  # (of a fixed date)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with arrays.open(entry, "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, np.asanyarray(value), allow_pickle=False)
            rows.append(_row(name, m, cores))
            designs[m.tile.connection] = m.design.to_json()
            files += _shown(program, name, m, folder, few)
    (folder / MANIFEST).write_text(_manifest(program, rows, designs), encoding="utf-8")
    return tuple(files)


def _arrays(m: Map) -> Iterator[tuple[str, np.ndarray]]:
    yield "sources", m.tile.sources
    yield "scale", m.scale
    for what in ("target", "programmed", "adc", *(() if m.memory else ("read",))):
        value = getattr(m, what)
        if value is not None:
            yield what, value
    for name, value in sorted(m.memory.items()):
        yield f"memory_{name}", value


def _row(name: str, m: Map, cores: dict[str, int | None]) -> dict[str, Any]:
    """What the manifest says of a tile."""
    return {
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
        **({"memory": sorted(m.memory)} if m.memory else {}),
    }


def _manifest(program: Program, rows: list[dict[str, Any]], designs: dict[str, Any]) -> str:
    head = {"format": FORMAT, "name": program.name, "hash": program.hash, "chip": program.settings.get("chip"), "units": UNITS}
    rules = {c.key: _rule(c) for c in program.connections if learns(c) and c.key in designs}
    said = {**head, "dt_ms": program.dt, "seed": program.seed, "projections": designs, "learning": rules, "tiles": rows}
    return json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _rule(c: Connection) -> dict[str, Any]:
    """What a projection that learns does, in the language of models: its rule's texts and its device's, each with its numbers."""
    rule, device = c.plasticity.model, c.device.model
    traces = [{"name": t.name, "side": t.side, "tau": t.tau, "nearest": t.nearest} for t in rule.traces]
    texts = {name: text for name in ("on_pre", "on_post", "every") if (text := getattr(rule, name).strip())}
    numbers = {p.name: c.plasticity.params[p.name] for p in rule.params if isinstance(c.plasticity.params.get(p.name), (int, float, str))}
    given = {p.name: c.device.params[p.name] for p in device.params if isinstance(c.device.params.get(p.name), (int, float, str))}
    pulses = {name: text for name in ("write", "read") if (text := getattr(device, name).strip())}
    return {
        "rule": {"model": rule.key, "params": numbers, "traces": traces, **texts},
        "device": {"model": device.key, "params": given, **pulses},
        "signals": dict(c.signals),
    }


def _shown(program: Program, name: str, m: Map, folder: Path, few: bool) -> Iterator[str]:
    """Tables and a netlist of a tile, where they are asked for."""
    asked, drawn = program.settings.get("csv"), program.settings.get("netlist", "first")
    if asked or (asked is None and few):
        yield from _tables(name, m, folder)
    if drawn == "all" or (drawn == "first" and m.tile.number == 0):
        (folder / f"{name}.cir").write_text(_netlist(name, m), encoding="utf-8")
        yield f"{name}.cir"


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


def _netlist(name: str, m: Map) -> str:
    title = f"{name}: {m.tile.connection}, {len(m.tile.sources)} sources onto targets {m.tile.cut.low} to {m.tile.cut.high - 1}, as read"
    return netlist(m.read.astype(np.float64), m.design.wires, title)
