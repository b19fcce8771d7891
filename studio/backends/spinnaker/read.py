"""An artefact read back: every key of every slice is followed through the routing tables, and finds its rows on the cores it reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.spinnaker import files, memory
from studio.backends.spinnaker.connectors import listed, wiring_of
from studio.backends.spinnaker.image import Gain, Held, Image, Neurons, Rows, Rule, by_source
from studio.backends.spinnaker.keys import COLOUR_BITS, FULL
from studio.backends.spinnaker.machine import Machine
from studio.backends.spinnaker.packed import Packed, sliced
from studio.backends.spinnaker.tables import Entry
from studio.backends.spinnaker.walk import Core, Look, looks, walk

Group = dict[str, list[np.ndarray]]
Reached = dict[Core, list[int]]


def read(folder: Path) -> Image:
    """The machine as the files load it. Raises ValueError where rows were not written, `walk.Lost` where a packet comes nowhere."""
    about, partition = files.load(folder, files.MACHINE), files.load(folder, files.PARTITION)
    machine = Machine(about["boards"], about["cores_per_chip"], about["monitors"], frozenset(map(tuple, about["less"])))
    layers = tuple(_neurons(x) for x in partition["layers"])
    inputs = tuple((x["key"], x["size"]) for x in about["inputs"])
    slices = partition["slices"]
    sizes = [*((x.key, x.size) for x in layers), *inputs, *_extensions(slices)]
    _distinct(slices)
    written = tables(folder)
    look, care = looks(written), _minded(written)
    held = _held(folder) if about["rows"] == "listed" else {}
    made = [] if about["rows"] == "listed" else files.load(folder, files.CONNECTORS)["connectors"]
    heard = {s["incoming_key"] for s in slices if "stages" in s} | {slices[number]["key"] for number in held}
    sending = {c["source"] for c in made}
    reached = [_reached(machine, look, care, s) if s["key"] in heard or s["of"] in sending else {} for s in slices]
    if about["rows"] == "listed":
        rows, rules = _delivered(folder, held, slices, reached, _offsets(sizes), sum(size for _, size in sizes))
    else:
        rows, rules = _made(made, slices, reached, sizes, about["dt"]), ()
    return Image(about["dt"], layers, inputs, rows, _gains(folder), rules, tuple(_held_back(slices, reached)))


def _made(
    made: list[dict[str, Any]], slices: list[dict[str, Any]], reached: list[Reached], sizes: list[tuple[str, int]], dt: float
) -> Packed:
    """The rows that cores make of the written projections, of those sources only whose packets reach them."""
    offset, size = _offsets(sizes), dict(sizes)
    bits, at = _bits(slices), {(s["x"], s["y"], s["p"]): k for k, s in enumerate(slices)}
    n = sum(size.values())
    comes: dict[int, list[np.ndarray]] = {}
    for s, cores in zip(slices, reached, strict=True):
        for core, elements in cores.items():
            if core in at:
                comes.setdefault(at[core], []).append(np.array(elements) + (offset[s["of"]] + s["low"]))
    out, longest = [], 0
    rules = [(said, wiring_of(said, size[said["source"]], size[said["target"]], dt)) for said in made]
    for k, s in enumerate(slices):
        onto = [(said, w) for said, w in rules if said["target"] == s["of"]]
        if not onto:
            continue
        here = np.zeros(n, bool)
        here[np.concatenate([np.zeros(0, np.int64), *comes.get(k, [])])] = True
        found = ((said["source"], *listed(said, w.onto(s["low"], s["high"]))) for said, w in onto)
        kept = ((a + offset[key], b - s["low"], *more, here[a + offset[key]]) for key, a, b, *more in found)
        one, most = sliced(offset[s["of"]] + s["low"], bits[s["of"]], (tuple(x[c[-1]] for x in c[:-1]) for c in kept))  # type: ignore[misc]
        out, longest = [*out, one], max(longest, most)
    return Packed(tuple(out), n, longest)


def _bits(slices: list[dict[str, Any]]) -> dict[str, int]:
    """Bits of a neuron in a word, by layer."""
    bits: dict[str, int] = {}
    for s in slices:
        bits[s["of"]] = max(bits.get(s["of"], 0), memory.bits(s["high"] - s["low"]))
    return bits


def _minded(written: Mapping[tuple[int, int], list[Entry]]) -> int:
    """The bits of a packet that any table minds: packets that are alike in these go the same way everywhere."""
    out = 0
    for table in written.values():
        for entry in table:
            out |= entry.mask
    return out


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
        yield Held(key, of.get(key, key), size, sources, own, delays)


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
    bits = _bits(slices)
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


def _reached(machine: Machine, look: dict[tuple[int, int], Look], care: int, s: dict[str, Any]) -> Reached:
    """Every core that a slice's packets reach, with the elements whose packets do; `care`: the bits that tables mind."""
    alike: dict[int, list[int]] = {}
    for element in range(s["high"] - s["low"]):
        alike.setdefault((s["key"] + (element << COLOUR_BITS)) & care, []).append(element)
    out: dict[Core, list[int]] = {}
    for elements in alike.values():
        for core in walk(machine, look, (s["x"], s["y"]), s["key"] + (elements[0] << COLOUR_BITS)).cores:
            out.setdefault(core, []).extend(elements)
    return {core: sorted(elements) for core, elements in out.items()}


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
