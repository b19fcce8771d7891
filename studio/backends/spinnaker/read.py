"""An artefact read back: every key of every slice is followed through the routing tables, and finds its rows on the cores it reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.spinnaker import files
from studio.backends.spinnaker.image import Gain, Image, Neurons, Rows, Rule, by_source
from studio.backends.spinnaker.keys import COLOUR_BITS, bits_for
from studio.backends.spinnaker.machine import Machine
from studio.backends.spinnaker.tables import Entry
from studio.backends.spinnaker.walk import Core, Look, looks, walk

Group = dict[str, list[np.ndarray]]


def read(folder: Path) -> Image:
    """The machine as the files load it. Raises ValueError where rows were not written, `walk.Lost` where a packet comes nowhere."""
    about, partition = files.load(folder, files.MACHINE), files.load(folder, files.PARTITION)
    if about["rows"] != "listed":
        raise ValueError("the rows of this artefact are made on the cores: there is nothing to read back")
    machine = Machine(about["boards"], about["cores_per_chip"], about["monitors"], frozenset(map(tuple, about["less"])))
    layers = tuple(_neurons(x) for x in partition["layers"])
    inputs = tuple((x["key"], x["size"]) for x in about["inputs"])
    rows, rules = _delivered(
        folder, machine, partition["slices"], _offsets(layers, inputs), sum(x.size for x in layers) + sum(n for _, n in inputs)
    )
    return Image(about["dt"], layers, inputs, rows, _gains(folder), rules)


def _neurons(x: dict[str, Any]) -> Neurons:
    registers = {name: np.asarray(value, np.int64) for name, value in x["registers"].items()}
    return Neurons(x["key"], x["path"], x["size"], x["cell"], registers, tuple(x["shifts"]))


def _offsets(layers: tuple[Neurons, ...], inputs: tuple[tuple[str, int], ...]) -> dict[str, int]:
    out, at = {}, 0
    for key, size in (*((x.key, x.size) for x in layers), *inputs):
        out[key] = at
        at += size
    return out


def tables(folder: Path) -> dict[tuple[int, int], list[Entry]]:
    """The routing tables of an artefact."""
    chips = files.load(folder, files.TABLES)["chips"]
    return {(c["x"], c["y"]): [Entry(e["key"], e["mask"], e["route"]) for e in c["entries"]] for c in chips}


def _delivered(
    folder: Path, machine: Machine, slices: list[dict[str, Any]], offset: dict[str, int], n: int
) -> tuple[Rows, tuple[Rule, ...]]:
    """Rows by source, of those cores only that the source's packets reach."""
    look = looks(tables(folder))
    held = _held(folder, slices)
    at: dict[Core, int] = {(s["x"], s["y"], s["p"]): k for k, s in enumerate(slices)}
    found: Group = {name: [] for name in ("source", "target", "type", "weight", "delay", "connection")}
    for number, s in enumerate(slices):
        if number not in held:
            continue
        for core, elements in _reached(machine, look, s).items():
            here = at.get(core)
            if here is not None and here in held[number]:
                _take(found, held[number][here], np.array(elements), offset[s["of"]] + s["low"], slices[here], offset)
    sources, targets, types, weights, delays, connections = (np.concatenate([np.zeros(0, np.int64), *parts]) for parts in found.values())
    order = by_source(sources)
    starts = np.concatenate(([0], np.cumsum(np.bincount(sources, minlength=n))))
    rows = Rows(starts, targets[order], types[order].astype(np.uint8), weights[order], delays[order])
    return rows, _rules(folder, connections[order])


def _rules(folder: Path, connections: np.ndarray) -> tuple[Rule, ...]:
    if not (folder / files.RULES).exists():
        return ()
    found = files.load(folder, files.RULES)["rules"]
    names = ("additive", "up", "down", "most", "tau_plus", "tau_minus", "delay")
    return tuple(Rule(np.flatnonzero(connections == r["connection"]), *(r[name] for name in names)) for r in found)


def _reached(machine: Machine, look: dict[tuple[int, int], Look], s: dict[str, Any]) -> dict[Core, list[int]]:
    """Every core that a slice's packets reach, with the elements whose packets do."""
    out: dict[Core, list[int]] = {}
    for element in range(s["high"] - s["low"]):
        for core in walk(machine, look, (s["x"], s["y"]), s["key"] + (element << COLOUR_BITS)).cores:
            out.setdefault(core, []).append(element)
    return out


Held = list[
    tuple[np.ndarray, np.ndarray, int]
]  # of each matrix: words, and where the rows of the slice's elements begin, and the connection


def _held(folder: Path, slices: list[dict[str, Any]]) -> dict[int, dict[int, Held]]:
    """source slice -> target slice -> matrices."""
    out: dict[int, dict[int, Held]] = {}
    with np.load(folder / files.ROWS) as arrays:
        for name in sorted(x for x in arrays.files if x.endswith(".words")):
            target, source, connection = (int(part) for part in name.split(".")[:3])
            starts = np.concatenate(([0], np.cumsum(arrays[name.replace(".words", ".counts")].astype(np.int64))))
            out.setdefault(source, {}).setdefault(target, []).append((arrays[name], starts, connection))
    return out


def _take(found: Group, matrices: Held, elements: np.ndarray, first: int, target: dict[str, Any], offset: dict[str, int]) -> None:
    """The rows of some elements, of which the slice's first is source number `first`."""
    bits = bits_for(target["high"] - target["low"])
    for words, starts, connection in matrices:
        counts = np.zeros(len(starts) - 1, np.int64)
        counts[elements] = np.diff(starts)[elements]
        neurons, types, delays, weights = files.unpacked(words[np.repeat(counts > 0, np.diff(starts))], bits)
        found["source"].append(np.repeat(np.arange(len(counts)), counts) + first)
        found["target"].append(neurons + offset[target["of"]] + target["low"])
        found["type"].append(types)
        found["weight"].append(weights)
        found["delay"].append(delays)
        found["connection"].append(np.full(len(neurons), connection))


def _gains(folder: Path) -> tuple[Gain, ...]:
    if not (folder / files.CURRENTS).exists():
        return ()
    lists = files.load(folder, files.CURRENTS)["gains"]
    return tuple(
        Gain(g["input"], g["layer"], np.asarray(g["sources"], np.int64), np.asarray(g["targets"], np.int64), np.asarray(g["gains"], float))
        for g in lists
    )
