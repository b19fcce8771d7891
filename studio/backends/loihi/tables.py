"""The allocation as a table: which neurons lie on which core, what they take of it, and the rules of the synapses between them.

This is all that is written of a network whose synapses are too many to list, and of every network for Loihi 2 beside its registers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from studio.backends.loihi.memory import usage
from studio.backends.loihi.said import weight_sign
from studio.backends.loihi.target import LOIHI, LOIHI_2
from studio.backends.loihi.text import head, span
from studio.compile.program import Connection, Layer, Program
from studio.compile.wiring import Cut

FILE = "allocation.txt"
MOST = 30_000_000  # synapses that are listed one by one
HEAD = "spike-studio loihi allocation 1"


def listed(program: Program) -> bool:
    """Whether the synapses are few enough to be listed."""
    return sum(c.wiring.count() for c in program.connections) <= MOST


def write(program: Program, folder: Path) -> tuple[str, ...]:
    with (folder / FILE).open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines(program))
    return (FILE,)


def lines(program: Program) -> Iterator[str]:
    topology = (LOIHI if program.target == LOIHI.key else LOIHI_2).topology
    yield HEAD
    yield from head(program)
    for layer in program.layers:
        yield _layer(layer)
    for c in program.connections:
        yield _connection(c)
    for part in program.parts:
        chip, x, y = topology.place(part.core or 0)
        used = " ".join(f"{k} {v:g}" for k, v in usage(program, part.layer, part.cut).items())
        yield f"part {part.key} core {part.core} chip {chip} router {x} {y} ids {_ids(part.cut)} {used}"


def _layer(layer: Layer) -> str:
    params = " ".join(f"{k} {_short(v)}" for k, v in layer.neuron.params.items())
    return f"layer {layer.key} size {layer.size} {params}"


def _short(value: object) -> str:
    if isinstance(value, (int, float)):
        return f"{value:g}"
    array = np.asarray(value)
    return f"[{array.min():g}..{array.max():g}]" if array.dtype.kind in "fiu" and array.size else str(value)


def _connection(c: Connection) -> str:
    q, (shortest, longest) = c.quantised, c.wiring.delays()
    head = f"connection {c.key} from {c.source} to {c.target} rule {c.wiring.kind} synapses {c.wiring.count():.0f} delays {shortest}..{longest}"
    return head if q is None else f"{head} exponent {q.exponent} sign {weight_sign(c)} scale {_short(q.scale)}"


def _ids(cut: Cut) -> str:
    return span(cut.low, cut.high) if cut.box is None else "x".join(span(a, b) for a, b in cut.box)
