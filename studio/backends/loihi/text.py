"""The register file: lines that a person can read and compare, and that say everything. Large networks keep their lists in arrays beside it.

core 0 chip 0
  profile 0 du 4095 dv 20 vth 16383 refractory 21
  compartments 0-9 profile 0 bias 12 exponent 2 v 0
  population exc first 0 ids 0-9
  format 0 exponent 1 sign excitatory weight 8 delay 5 index 10 sparse
  axon 0 format 0 delay 19: 0*200 3*198        compartment*mantissa
  out 0: 0.0 1.7                               core.axon that compartment 0 sends to
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.loihi.learning import Rule
from studio.backends.loihi.registers import Core, Drive, Format, Population, Port, Profile, Registers
from studio.compile.program import Program
from studio.findings import Finding, FindingError

FIRST = "spike-studio loihi registers 1"
FILE, ARRAYS = "registers.txt", "lists.npz"
LINES = 400_000  # with more synapses than this the lists go into arrays


def write(registers: Registers, folder: Path) -> tuple[str, ...]:
    """Write the register file into a folder; returns the names of its files. The same registers give the same bytes."""
    large = sum(len(c.weight) for c in registers.cores) > LINES
    with (folder / FILE).open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines(registers, not large))
    if not large:
        return (FILE,)
    np.savez_compressed(folder / ARRAYS, **together(registers.cores))  # pyright: ignore[reportArgumentType]
    return (FILE, ARRAYS)


def together(cores: tuple[Core, ...]) -> dict[str, np.ndarray]:
    """The lists of all cores one after the other, and how many axons and out-axons each core has."""
    out = {name: small(np.concatenate([getattr(c, name) for c in cores])) for name in ("compartment", "weight", "delay", "format", "out")}
    lengths = small(np.concatenate([np.diff(c.start) for c in cores]))
    return {**out, "lengths": lengths, "axons": np.array([c.axons for c in cores]), "outs": np.array([len(c.out) for c in cores])}


def apart(cores: tuple[Core, ...], z: Mapping[str, np.ndarray]) -> Iterator[Core]:
    """The cores with their lists again."""
    lists = {name: z[name] for name in ("compartment", "weight", "delay", "format", "out", "lengths")}
    axon = out = synapse = 0
    for core, axons, outs in zip(cores, z["axons"].tolist(), z["outs"].tolist(), strict=True):
        start = np.concatenate([[0], np.cumsum(lists["lengths"][axon : axon + axons], dtype=np.int64)])
        here = slice(synapse, synapse + int(start[-1]))
        found = {name: lists[name][here].astype(np.int64) for name in ("compartment", "weight", "delay", "format")}
        yield replace(core, start=start, out=lists["out"][out : out + outs].astype(np.int64), **found)
        axon, out, synapse = axon + axons, out + outs, here.stop


def small(values: np.ndarray) -> np.ndarray:
    """In the smallest signed integers that hold them."""
    for kind in (np.int8, np.int16, np.int32):
        if not values.size or (values.min() >= np.iinfo(kind).min and values.max() <= np.iinfo(kind).max):
            return values.astype(kind)
    return values


def head(r: Registers | Program) -> Iterator[str]:
    """Which network this is. A name may be any text: it stands in quotes, as JSON has them."""
    yield f"target {r.target}"
    yield f"name {json.dumps(r.name, ensure_ascii=False)}"
    yield f"hash {r.hash}"
    yield f"dt {r.dt!r}"


def lines(r: Registers, lists: bool = True) -> Iterator[str]:
    yield FIRST
    yield from head(r)
    yield f"steps {r.steps}"
    for key, size in r.sizes.items():
        yield f"layer {key} size {size}"
    for core in r.cores:
        yield from _core(core, [p for p in r.populations if p.core == core.number], lists)
    for port in r.ports:
        yield f"input {port.key} path {port.path} size {port.size}"
        yield from _sends(port.to, "send")
    for k, rule in enumerate(r.rules):
        yield f"rule {k} connection {rule.connection} seed {r.seed} exponent {rule.exponent} dw {rule.dw}"
        for name in sorted(rule.impulses):
            yield f"  trace {name} impulse {rule.impulses[name]!r} tau {rule.taus[name]!r}"
    for drive in r.drives:
        yield f"drive {drive.layer} inputs {' '.join(drive.inputs)}"
        for name, value in sorted(drive.numbers.items()):
            yield f"  number {name} {' '.join(repr(float(x)) for x in np.atleast_1d(value))}"
        for (neuron, k, element), gain in zip(drive.sums, drive.gains, strict=True):
            yield f"  sum {neuron} {k} {element} {float(gain)!r}"


def _core(c: Core, populations: list[Population], lists: bool) -> Iterator[str]:
    yield f"core {c.number} chip {c.chip}"
    for k, p in enumerate(c.profiles):
        yield f"  profile {k} du {p.du} dv {p.dv} vth {p.vth} refractory {p.refractory}"
    table = np.column_stack([c.profile, c.bias_mant, c.bias_exp, c.v]) if c.size else np.zeros((0, 4), np.int64)
    for low, high in runs(table):
        profile, mantissa, exponent, v = table[low]
        yield f"  compartments {span(low, high)} profile {profile} bias {mantissa} exponent {exponent} v {v}"
    for p in populations:
        yield f"  population {p.key} path {p.path} first {p.first} ids {spans(p.ids)}"
    for k, f in enumerate(c.formats):
        form = "sparse" if f.sparse else "dense"
        learns = f" rule {f.rule}" if f.rule >= 0 else ""
        yield f"  format {k} exponent {f.exponent} sign {f.sign} weight {f.weight_bits} delay {f.delay_bits} index {f.index_bits} {form}{learns}"
    if lists:
        for k in range(c.axons):
            yield from _axon(c, k)
        yield from _sends(c.out, "out")


def _axon(c: Core, k: int) -> Iterator[str]:
    """An axon's list: one line for each format and delay, in the order of the list."""
    low, high = int(c.start[k]), int(c.start[k + 1])
    if low == high:
        yield f"  axon {k} format 0 delay 0:"
    kinds = np.column_stack([c.format[low:high], c.delay[low:high]])
    for a, b in runs(kinds):
        which, delay = kinds[a]
        pairs = zip(c.compartment[low + a : low + b].tolist(), c.weight[low + a : low + b].tolist(), strict=True)
        yield f"  axon {k} format {which} delay {delay}: {' '.join(f'{t}*{w}' for t, w in pairs)}"


def _sends(rows: np.ndarray, word: str) -> Iterator[str]:
    for low, high in runs(rows[:, :1]):
        yield f"  {word} {rows[low, 0]}: {' '.join(f'{core}.{axon}' for _, core, axon in rows[low:high].tolist())}"


def runs(table: np.ndarray) -> Iterator[tuple[int, int]]:
    """Ranges of equal rows."""
    if len(table):
        ends = np.flatnonzero((table[1:] != table[:-1]).any(axis=1)) + 1
        yield from zip([0, *ends.tolist()], [*ends.tolist(), len(table)], strict=True)


def span(low: int, high: int) -> str:
    return str(low) if high == low + 1 else f"{low}-{high - 1}"


def spans(ids: np.ndarray) -> str:
    """Ascending numbers as ranges: 0-99,120."""
    cuts = np.flatnonzero(np.diff(ids) != 1) + 1
    return ",".join(span(int(part[0]), int(part[-1]) + 1) for part in np.split(ids, cuts) if len(part))


# reading


def read(folder: Path) -> Registers:
    """A register file; raises FindingError with the line where it is none."""
    file = folder / FILE
    text = file.read_text(encoding="utf-8").rstrip("\n").split("\n") if file.exists() else []
    if not file.exists() and (folder / "allocation.txt").exists():
        said = "This network's synapses are too many to be listed: the folder holds the table of its cores and no registers."
        raise FindingError([Finding("fit.verify", "error", "", said, "Verify a smaller network of the same rules.")])
    if not text or text[0] != FIRST:
        raise FindingError(
            [Finding("text.form", "error", FILE, f"This is not a register file: its first line is not “{FIRST}”.", "Compile again.")]
        )
    reader = _Reader()
    for number, line in enumerate(text[1:], 2):
        try:
            reader.line(line)
        except (KeyError, ValueError, IndexError, AttributeError):
            raise FindingError(
                [Finding("text.form", "error", FILE, f"Line {number} says nothing that is known: {line[:60]!r}.", "Compile again.")]
            ) from None
    made = reader.registers()
    if not (folder / ARRAYS).exists():
        return made
    with np.load(folder / ARRAYS) as z:
        cores = tuple(apart(made.cores, z))
    return replace(made, cores=cores)


class _Reader:
    """Collects lines; see the module for what they are."""

    def __init__(self) -> None:
        self.head: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        self.cores: list[dict[str, Any]] = []
        self.populations: list[Population] = []
        self.ports: list[dict[str, Any]] = []
        self.drives: list[dict[str, Any]] = []
        self.rules: list[Rule] = []
        self.seed = 1

    def line(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        if not line.startswith(" ") and word in ("target", "name", "hash", "dt", "steps"):
            self.head[word] = json.loads(rest) if word == "name" else rest
        else:
            getattr(self, f"_{word}")(rest)

    def _layer(self, rest: str) -> None:
        key, size = rest.rsplit(" size ", 1)
        self.sizes[key] = int(size)

    def _core(self, rest: str) -> None:
        number, chip = rest.split(" chip ")
        empty: dict[str, list[Any]] = {name: [] for name in ("profiles", "table", "formats", "lists", "out")}
        self.cores.append({"number": int(number), "chip": int(chip), **empty})

    def _profile(self, rest: str) -> None:
        n = rest.split()
        self.cores[-1]["profiles"].append(Profile(*(int(n[k]) for k in (2, 4, 6, 8))))

    def _compartments(self, rest: str) -> None:
        n = rest.split()
        row = [int(n[k]) for k in (2, 4, 6, 8)]
        self.cores[-1]["table"] += [row] * len(numbers(n[0]))

    def _population(self, rest: str) -> None:
        found = re.fullmatch(r"(.*) path (.*) first (\d+) ids (\S*)", rest)
        key, path, first, ids = found.groups()  # type: ignore[union-attr]
        self.populations.append(Population(key, path, self.cores[-1]["number"], int(first), numbers(ids)))

    def _format(self, rest: str) -> None:
        n = rest.split()
        rule = int(n[13]) if len(n) > 12 else -1
        self.cores[-1]["formats"].append(Format(int(n[2]), n[4], int(n[8]), int(n[10]), n[11] == "sparse", int(n[6]), rule))

    def _axon(self, rest: str) -> None:
        head, _, body = rest.partition(":")
        n = head.split()
        rows = [tuple(map(int, pair.split("*"))) for pair in body.split()]
        self.cores[-1]["lists"].append((int(n[0]), int(n[2]), int(n[4]), rows))

    def _out(self, rest: str) -> None:
        self.cores[-1]["out"] += sends(rest)

    def _input(self, rest: str) -> None:
        found = re.fullmatch(r"(.*) path (.*) size (\d+)", rest)
        key, path, size = found.groups()  # type: ignore[union-attr]
        self.ports.append({"key": key, "path": path, "size": int(size), "to": []})

    def _send(self, rest: str) -> None:
        self.ports[-1]["to"] += sends(rest)

    def _rule(self, rest: str) -> None:
        found = re.fullmatch(r"\d+ connection (.*) seed (-?\d+) exponent (-?\d+) dw (.*)", rest)
        key, seed, exponent, dw = found.groups()  # type: ignore[union-attr]
        self.seed = int(seed)
        self.rules.append(Rule(key, dw, {}, {}, int(exponent)))

    def _trace(self, rest: str) -> None:
        name, _, impulse, _, tau = rest.split()
        last = self.rules[-1]
        self.rules[-1] = replace(last, impulses={**last.impulses, name: float(impulse)}, taus={**last.taus, name: float(tau)})

    def _drive(self, rest: str) -> None:
        layer, _, inputs = rest.partition(" inputs ")
        self.drives.append({"layer": layer, "inputs": tuple(inputs.split(" ")), "sums": [], "gains": [], "numbers": {}})

    def _number(self, rest: str) -> None:
        name, *values = rest.split()
        self.drives[-1]["numbers"][name] = np.array([float(v) for v in values]) if len(values) > 1 else float(values[0])

    def _sum(self, rest: str) -> None:
        *places, gain = rest.split()
        self.drives[-1]["sums"].append([int(p) for p in places])
        self.drives[-1]["gains"].append(float(gain))

    def registers(self) -> Registers:
        h = self.head
        drives = tuple(Drive(d["layer"], d["inputs"], table(d["sums"], 3), np.array(d["gains"]), d["numbers"]) for d in self.drives)
        return Registers(
            h["target"],
            h["name"],
            h["hash"],
            float(h["dt"]),
            int(h["steps"]),
            self.sizes,
            tuple(_made(c) for c in self.cores),
            tuple(Port(p["key"], p["path"], p["size"], table(p["to"], 3)) for p in self.ports),
            tuple(self.populations),
            drives,
            tuple(self.rules),
            self.seed,
        )


def _made(c: Mapping[str, Any]) -> Core:
    n_axons = max((row[0] for row in c["lists"]), default=-1) + 1
    lengths = np.zeros(n_axons, np.int64)
    for axon, _, _, rows in c["lists"]:
        lengths[axon] += len(rows)
    pairs = table([pair for *_, rows in c["lists"] for pair in rows], 2)
    formats = np.array([f for _, f, _, rows in c["lists"] for _ in rows], np.int64)
    delays = np.array([d for _, _, d, rows in c["lists"] for _ in rows], np.int64)
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    profile, mantissa, exponent, v = table(c["table"], 4).T
    return Core(
        number=c["number"],
        chip=c["chip"],
        profiles=tuple(c["profiles"]),
        formats=tuple(c["formats"]),
        profile=profile,
        bias_mant=mantissa,
        bias_exp=exponent,
        v=v,
        start=start,
        compartment=pairs[:, 0],
        weight=pairs[:, 1],
        delay=delays,
        format=formats,
        out=table(c["out"], 3),
    )


def table(rows: list[Any], width: int) -> np.ndarray:
    return np.array(rows, np.int64).reshape(-1, width)


def numbers(text: str) -> np.ndarray:
    """What `spans` wrote."""
    out = [np.arange(int(a), int(b or a) + 1) for a, _, b in (part.partition("-") for part in text.split(","))]
    return np.concatenate(out)


def sends(rest: str) -> list[list[int]]:
    source, _, body = rest.partition(":")
    return [[int(source), *map(int, pair.split("."))] for pair in body.split()]
