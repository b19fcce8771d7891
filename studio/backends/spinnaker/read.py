"""An artefact read back: every key of every slice is followed through the routing tables, and finds its rows on the cores it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.spinnaker import files, memory
from studio.backends.spinnaker.image import Gain, Held, Image, Neurons, Rows, Rule, by_source
from studio.backends.spinnaker.keys import COLOUR_BITS, FULL
from studio.backends.spinnaker.machine import Machine
from studio.backends.spinnaker.tables import Entry
from studio.backends.spinnaker.walk import Core, Look, looks, walk

Group = dict[str, list[np.ndarray]]
Reached = dict[Core, list[int]]


def read(folder: Path) -> Image:
    """The machine as the files load it. Raises ValueError where rows were not written, `walk.Lost` where a packet comes nowhere."""
    about, partition = files.load(folder, files.MACHINE), files.load(folder, files.PARTITION)
    if about["rows"] != "listed":
        raise ValueError("the rows of this artefact are made on the cores: there is nothing to read back")
    machine = Machine(about["boards"], about["cores_per_chip"], about["monitors"], frozenset(map(tuple, about["less"])))
    layers = tuple(_neurons(x) for x in partition["layers"])
    inputs = tuple((x["key"], x["size"]) for x in about["inputs"])
    slices = partition["slices"]
    sizes = [*((x.key, x.size) for x in layers), *inputs, *_extensions(slices)]
    _distinct(slices)
    look, held = looks(tables(folder)), _held(folder)
    heard = {s["incoming_key"] for s in slices if "stages" in s} | {slices[number]["key"] for number in held}
    reached = [_reached(machine, look, s) if s["key"] in heard else {} for s in slices]
    rows, rules = _delivered(folder, held, slices, reached, _offsets(sizes), sum(size for _, size in sizes))
    return Image(about["dt"], layers, inputs, rows, _gains(folder), rules, tuple(_held_back(slices, reached)))


def _extensions(slices: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """The delay extensions and how many elements each has."""
    found: dict[str, int] = {}
    for s in slices:
        if "stages" in s:
            found[s["of"]] = max(s["high"], found.get(s["of"], 0))
    return list(found.items())


def _distinct(slices: list[dict[str, Any]]) -> None:
    """Raise ValueError where two slices send under one key, or an element under a key that is not its slice's."""
    ends = sorted((s["key"], s["key"] | (~s["mask"] & FULL), s["label"]) for s in slices)
    for one, two in zip(ends, ends[1:], strict=False):
        if two[0] <= one[1]:
            raise ValueError(f"{one[2]} and {two[2]} send under one key, {two[0]:#010x}")
    for s in slices:
        if (s["key"] + ((s["high"] - s["low"] - 1) << COLOUR_BITS)) & s["mask"] != s["key"]:
            raise ValueError(f"the keys of {s['label']} are fewer than its elements")


def _held_back(slices: list[dict[str, Any]], reached: list[Reached]) -> Iterator[Held]:
    """What the delay extensions repeat, of those sources whose packets reach them."""
    at: dict[Core, int] = {(s["x"], s["y"], s["p"]): k for k, s in enumerate(slices)}
    found: dict[str, list[np.ndarray]] = {}
    of: dict[str, str] = {}
    for s, cores in zip(slices, reached, strict=True):
        for core, elements in cores.items():
            here = slices[at[core]] if core in at else {}
            if "stages" not in here or s["key"] & here["incoming_mask"] != here["incoming_key"]:
                continue
            sources, stage = np.repeat(np.array(elements), here["stages"]), np.tile(np.arange(here["stages"]), len(elements))
            own = here["low"] + stage * ((here["high"] - here["low"]) // here["stages"]) + sources
            found.setdefault(here["of"], []).append(np.stack((sources + s["low"], own, (stage + 1) * here["steps"])))
            of[here["of"]] = s["of"]
    for key, size in _extensions(slices):
        sources, own, delays = np.concatenate(found.get(key, [np.zeros((3, 0), np.int64)]), axis=1)
        yield Held(key, of.get(key, ""), size, sources, own, delays)


def _neurons(x: dict[str, Any]) -> Neurons:
    registers = {name: np.asarray(value, np.int64) for name, value in x["registers"].items()}
    return Neurons(x["key"], x["path"], x["size"], x["cell"], registers, tuple(x["shifts"]))


def _offsets(sizes: list[tuple[str, int]]) -> dict[str, int]:
    out, at = {}, 0
    for key, size in sizes:
        out[key] = at
        at += size
    return out


def tables(folder: Path) -> dict[tuple[int, int], list[Entry]]:
    """The routing tables of an artefact."""
    chips = files.load(folder, files.TABLES)["chips"]
    return {(c["x"], c["y"]): [Entry(e["key"], e["mask"], e["route"]) for e in c["entries"]] for c in chips}


def _delivered(
    folder: Path, held: dict[int, dict[int, Matrices]], slices: list[dict[str, Any]], reached: list[Reached], offset: dict[str, int], n: int
) -> tuple[Rows, tuple[Rule, ...]]:
    """Rows by source, of those cores only that the source's packets reach."""
    bits: dict[str, int] = {}
    for s in slices:
        bits[s["of"]] = max(bits.get(s["of"], 0), memory.bits(s["high"] - s["low"]))
    at: dict[Core, int] = {(s["x"], s["y"], s["p"]): k for k, s in enumerate(slices)}
    found: Group = {name: [] for name in ("source", "target", "type", "weight", "delay", "connection")}
    for number, s in enumerate(slices):
        if number not in held:
            continue
        for core, elements in reached[number].items():
            here = at.get(core)
            if here is not None and here in held[number]:
                to = slices[here]
                first, onto = offset[s["of"]] + s["low"], offset[to["of"]] + to["low"]
                _take(found, held[number][here], np.array(elements), first, onto, bits[to["of"]])
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


def _reached(machine: Machine, look: dict[tuple[int, int], Look], s: dict[str, Any]) -> Reached:
    """Every core that a slice's packets reach, with the elements whose packets do."""
    out: dict[Core, list[int]] = {}
    for element in range(s["high"] - s["low"]):
        for core in walk(machine, look, (s["x"], s["y"]), s["key"] + (element << COLOUR_BITS)).cores:
            out.setdefault(core, []).append(element)
    return out


Matrices = list[
    tuple[np.ndarray, np.ndarray, int]
]  # of each matrix: words, and where the rows of the slice's elements begin, and the connection


def _held(folder: Path) -> dict[int, dict[int, Matrices]]:
    """source slice -> target slice -> matrices."""
    out: dict[int, dict[int, Matrices]] = {}
    with np.load(folder / files.ROWS) as arrays:
        for name in sorted(x for x in arrays.files if x.endswith(".words")):
            target, source, connection = (int(part) for part in name.split(".")[:3])
            starts = np.concatenate(([0], np.cumsum(arrays[name.replace(".words", ".counts")].astype(np.int64))))
            out.setdefault(source, {}).setdefault(target, []).append((arrays[name], starts, connection))
    return out


def _take(found: Group, matrices: Matrices, elements: np.ndarray, first: int, onto: int, bits: int) -> None:
    """The rows of some elements, of which the slice's first is source number `first`; the target slice's first neuron is number `onto`."""
    for words, starts, connection in matrices:
        counts = np.zeros(len(starts) - 1, np.int64)
        counts[elements] = np.diff(starts)[elements]
        neurons, types, delays, weights = files.unpacked(words[np.repeat(counts > 0, np.diff(starts))], bits)
        found["source"].append(np.repeat(np.arange(len(counts)), counts) + first)
        found["target"].append(neurons + onto)
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
