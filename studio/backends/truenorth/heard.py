"""What a layer hears, listed: every axon it would need, and the weight of each on each neuron."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from studio.backends.truenorth.fabric import TYPES
from studio.compile.leaky import Leaky
from studio.compile.program import Connection, Input, Program
from studio.compile.wiring import Block
from studio.models.spec import Currents
from studio.network.flat import FlatSource

if TYPE_CHECKING:
    from scipy.sparse import csc_array

LEVELS = 8  # distinct values of an analog input that get an axon each


@dataclass(frozen=True)
class Heard:
    """Axons as rows: `of[r]` is the connection (its place among `connections`), `source[r]` its source, `delay[r]` in ticks. Sorted so.

    `weights` (rows, neurons): real, in the unit of the membrane; synapses of one row with one neuron are added up.
    """

    connections: tuple[Connection, ...]
    of: np.ndarray
    source: np.ndarray
    delay: np.ndarray
    weights: csc_array

    @property
    def n_neurons(self) -> int:
        return len(self.weights.indptr) - 1


def heard(program: Program, layer: str, leaky: Leaky | None) -> Heard:
    """Everything that reaches a layer. `leaky` None: weights are the chip's own whole numbers already."""
    connections = program.into(layer)
    size = program.layer(layer).size
    columns: list[list[np.ndarray]] = [[], [], [], [], []]
    for k, c in enumerate(connections):
        block = _real(program, c, leaky)
        keep = block.keep(np.flatnonzero(block.weights))
        for column, values in zip(columns, (np.full(len(keep), k), keep.sources, keep.delays, keep.targets, keep.weights), strict=True):
            column.append(values)
    of, source, delay, target, weight = (np.concatenate(c) if c else np.zeros(0, np.int64) for c in columns)
    names, row = np.unique(np.stack([of, delay, source]), axis=1, return_inverse=True)
    from scipy.sparse import coo_array, csc_array

    matrix = csc_array(coo_array((weight.astype(np.float64), (row.ravel(), target)), shape=(names.shape[1], size)))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return Heard(connections, names[0], names[2], names[1], matrix)


def _real(program: Program, c: Connection, leaky: Leaky | None) -> Block:
    """Synapses with weights in the membrane's unit and delays that the chip has; an analog input's by its levels."""
    block = c.wiring.onto()
    if c.kinetics is None:
        gain = 1.0 if leaky is None else leaky.analog
        return _levels(program, c, replace(block, weights=block.weights * _at(gain, block.targets)))
    if leaky is None:
        return block
    return replace(block, weights=block.weights * _at(jump(leaky, c.key), block.targets))


def jump(leaky: Leaky, connection: str) -> float | np.ndarray:
    """How far an arrival of weight 1 moves the membrane in all: of a current that decays, its whole charge."""
    receptor = leaky.receptor_of(connection)
    return receptor.gain / (1.0 - np.asarray(receptor.decay)) if np.any(receptor.decay) else receptor.gain


def _levels(program: Program, c: Connection, block: Block) -> Block:
    """A source for each (element, value): what the value adds in a tick in which it holds."""
    values = np.array(program.settings["levels"][c.source])
    n = len(values)
    sources = np.repeat(block.sources, n) * n + np.tile(np.arange(n), len(block))
    return Block(
        sources, np.repeat(block.targets, n), np.repeat(block.weights, n) * np.tile(values, len(block)), np.zeros(len(sources), np.int64)
    )


def _at(value: float | np.ndarray, targets: np.ndarray) -> float | np.ndarray:
    return value if np.ndim(value) == 0 else np.asarray(value)[targets]


def levels(given: Input, seed: int, dt: float) -> list[float] | None:
    """The values other than 0 that an analog input takes, ascending; None where there are more than LEVELS."""
    from studio.engine.parameters import source_form

    form = source_form(FlatSource(given.path, given.path, given.size, given.shape, given.source), seed, dt)
    assert isinstance(form, Currents)
    found = np.unique(form.values[form.values != 0.0])
    return [float(x) for x in found] if len(found) <= LEVELS else None


# how many axons a source takes


@dataclass(frozen=True)
class Need:
    """How cores fill: each synapse belongs to a unit (`units`, along the columns of the matrix), a unit takes `each` axons.

    `exact`: then no weight is changed; else fewer axons would do, with coarser weights.
    """

    units: np.ndarray  # int64 (synapses,)
    each: int
    exact: bool


def need(one: Heard, limit: int, most: int) -> Need:
    """An axon for a row or for each of its distinct weights where that is exact, else up to `most` axons a row, as the fan-in allows."""
    rows = one.weights.indices.astype(np.int64)
    if _uniform(one):
        return Need(rows, 1, True)
    distinct = np.unique(one.weights.data)
    if len(distinct) <= TYPES:
        return Need(rows * TYPES + np.searchsorted(distinct, one.weights.data), 1, True)
    fan_in = int(np.diff(one.weights.indptr).max(initial=1))
    return Need(rows, max(1, min(most, limit // fan_in)), False)


def _uniform(one: Heard) -> bool:
    """Whether all axons of a connection mean the same to a neuron, and connections agree on at most four weights a neuron."""
    kinds: list[np.ndarray] = []
    columns = np.repeat(np.arange(one.n_neurons), np.diff(one.weights.indptr))
    of = one.of[one.weights.indices]
    for k in range(len(one.connections)):
        mine = of == k
        value = np.zeros(one.n_neurons)
        value[columns[mine]] = one.weights.data[mine]
        if not np.array_equal(value[columns[mine]], one.weights.data[mine]):
            return False
        place = next((j for j, v in enumerate(kinds) if ((v == value) | (v == 0) | (value == 0)).all()), None)
        if place is None:
            kinds.append(value)
        else:
            kinds[place] = np.where(value != 0, value, kinds[place])
    return len(kinds) <= TYPES
