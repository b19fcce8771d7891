"""The block graph: how many sources and synapses lie between every two parts, counted from rules.

Nothing is drawn, and only listed synapses are gone through; means stand for what is drawn. It is sparse and vectorised: 25,000 parts of a
locally connected network take seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studio.compile.counting import places
from studio.compile.program import Connection, Program
from studio.compile.wiring import Block, Cut
from studio.models.spec import OneToOne, Pairs, Window

Ranges = list[tuple[int, int]]
MOST = 50_000_000  # edges that are kept
FEW = 300_000  # edges of spreading connections up to which places follow them


@dataclass(frozen=True)
class BlockGraph:
    """An edge for each connection between two blocks. A block is a part (0, 1, ... as in the program) or an input without parts (after all parts).

    `axons`: neurons of the source block with a synapse in the target block; `synapses`: all of them. Where rates were given, `axons` are the
    events per second of these neurons, `synapses` those of all synapses, and `sizes` the spikes per second of each block.
    """

    nodes: tuple[str, ...]
    n_parts: int
    source: np.ndarray  # int64 (m,)
    target: np.ndarray  # int64 (m,)
    connection: np.ndarray  # int64 (m,)
    axons: np.ndarray  # float64 (m,)
    synapses: np.ndarray  # float64 (m,)
    sizes: np.ndarray  # float64 (nodes,): neurons

    def __len__(self) -> int:
        return len(self.source)

    def merged(self, groups: np.ndarray | None = None) -> BlockGraph:
        """One edge for each pair of a source block and a group of targets (`groups[block]`, such as cores), whatever the connections.

        A source that reaches a group in several ways counts once: of axons a, b out of n it is taken to be n - (n - a)(n - b)/n.
        """
        to = self.target if groups is None else np.asarray(groups)[self.target]
        width = int(to.max(initial=0)) + 1
        places, back = np.unique(self.source * width + to, return_inverse=True)
        size = np.maximum(self.sizes[self.source], 1e-300)
        missed = np.log(np.maximum(1.0 - np.minimum(self.axons / size, 1.0), 1e-300))
        source = places // width
        axons = self.sizes[source] * -np.expm1(np.bincount(back, missed, len(places)))
        synapses = np.bincount(back, self.synapses, len(places))
        return BlockGraph(self.nodes, self.n_parts, source, places % width, np.zeros(len(places), np.int64), axons, synapses, self.sizes)

    def between_parts(self) -> BlockGraph:
        """Without what comes from inputs."""
        keep = self.source < self.n_parts
        arrays = (a[keep] for a in (self.source, self.target, self.connection, self.axons, self.synapses))
        return BlockGraph(self.nodes, self.n_parts, *arrays, sizes=self.sizes)


def spreading(c: Connection) -> bool:
    """Whether a connection joins every part of its source with every part of its target, only sizes counting."""
    return not isinstance(c.wiring.form, (Window, Block, Pairs, OneToOne))


def pairs(program: Program) -> int:
    """How many pairs of blocks the spreading connections join: they are as many edges of the block graph."""
    blocks: dict[str, int] = {}
    for part in program.parts:
        blocks[part.layer] = blocks.get(part.layer, 0) + 1
    return sum(blocks.get(c.source, 1) * blocks.get(c.target, 1) for c in program.connections if spreading(c))


def block_graph(program: Program, rates: Mapping[str, np.ndarray] | None = None, spread: bool = True) -> BlockGraph:
    """The graph of a program whose layers are split. Raises MemoryError where it would have more than MOST edges.

    `rates`: Hz of every neuron, by layer or input; then events per second are counted, of listed synapses each by its own source's rate.
    `spread` False: without connections for which only sizes count (see `compile.spread`).
    """
    blocks: dict[str, list[int]] = {}
    whole = whole_inputs(program)
    for k, key in enumerate([p.layer for p in program.parts] + whole):
        blocks.setdefault(key, []).append(k)
    n = len(program.parts)
    cuts = [p.cut for p in program.parts] + [Cut(0, program.node(key).size) for key in whole]
    if spread and pairs(program) > MOST:
        raise MemoryError(f"The parts have more than {MOST:,} pairs that are connected.")
    chosen = [(k, c) for k, c in enumerate(program.connections) if spread or not spreading(c)]
    found = [_edges(c, k, blocks, cuts, None if rates is None else rates[c.source]) for k, c in chosen]
    if sum(len(f[0]) for f in found) > MOST:
        raise MemoryError(f"The parts have more than {MOST:,} pairs that are connected.")
    columns = [np.concatenate([f[j] for f in found]) if found else np.zeros(0) for j in range(5)]
    owning = [p.layer for p in program.parts] + whole
    sizes = np.array([c.size if rates is None else _sum(rates[key], c) for c, key in zip(cuts, owning, strict=True)], float)
    nodes = tuple([p.key for p in program.parts] + whole)
    return BlockGraph(nodes, n, *(c.astype(np.int64) for c in columns[:3]), *columns[3:], sizes=sizes)  # type: ignore[arg-type]


def local_graph(program: Program) -> BlockGraph:
    """The graph for finding places: without connections that join everything with everything where these are very many, since they pull nowhere."""
    return block_graph(program, spread=pairs(program) <= FEW)


def whole_inputs(program: Program) -> list[str]:
    """The inputs without parts: each is one block."""
    cut = {p.layer for p in program.parts}
    return [x.key for x in program.inputs if x.key not in cut]


Edges = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _sum(values: np.ndarray, cut: Cut) -> float:
    return float(values[cut.low : cut.high].sum() if cut.box is None else values[cut.ids].sum())


def _edges(c: Connection, number: int, blocks: dict[str, list[int]], cuts: Sequence[Cut], rates: np.ndarray | None) -> Edges:
    s, t = np.array(blocks.get(c.source, []), np.int64), np.array(blocks.get(c.target, []), np.int64)
    from_, onto = [cuts[k] for k in s], [cuts[k] for k in t]
    form = c.wiring.form
    if not len(s) or not len(t):
        i = j = np.zeros(0, np.int64)
        axons = synapses = np.zeros(0)
    elif isinstance(form, Window):
        i, j, axons, synapses = _window(c, form, from_, onto)
    elif isinstance(form, (Block, Pairs)):
        i, j, axons, synapses = _listed(np.asarray(form.sources), np.asarray(form.targets), c, from_, onto, rates)
    elif isinstance(form, OneToOne):
        both = np.arange(c.wiring.n_target)
        i, j, axons, synapses = _listed(both, both, c, from_, onto, rates)
    else:
        i, j, axons, synapses = _uniform(c, from_, onto)
    if rates is not None and not isinstance(form, (Block, Pairs, OneToOne)):
        mean = np.array([_sum(rates, cut) / max(cut.size, 1) for cut in from_])
        axons, synapses = axons * mean[i], synapses * mean[i]
    some = axons > 0.0
    return s[i[some]], t[j[some]], np.full(int(some.sum()), number), axons[some], synapses[some]


Found = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _uniform(c: Connection, from_: list[Cut], onto: list[Cut]) -> Found:
    """Rules for which only sizes count: axons are proportional to the size of the source block."""
    w = c.wiring
    per_size = {n: (w.axons(None, Cut(0, n)) / w.n_source, w.count(None, Cut(0, n)) / w.n_source) for n in {t.size for t in onto}}
    sizes = np.array([x.size for x in from_], float)
    share, weight = (np.array([per_size[t.size][k] for t in onto]) for k in range(2))
    i, j = np.divmod(np.arange(len(from_) * len(onto)), len(onto))
    return i, j, sizes[i] * share[j], sizes[i] * weight[j]


def owners(cuts: Sequence[Cut], size: int) -> np.ndarray:
    """The block that holds each element, int64 (size,); -1 for none."""
    out = np.full(size, -1, np.int64)
    for k, cut in enumerate(cuts):
        if cut.box is None:
            out[cut.low : cut.high] = k
        else:
            out[cut.ids] = k
    return out


def _listed(sources: np.ndarray, targets: np.ndarray, c: Connection, from_: list[Cut], onto: list[Cut], rates: np.ndarray | None) -> Found:
    """Synapses in a list: blocks by their owners, sources counted once in each target block (or weighed with their rates)."""
    i, j = owners(from_, c.wiring.n_source)[sources], owners(onto, c.wiring.n_target)[targets]
    known = (i >= 0) & (j >= 0)
    i, j, sources = i[known], j[known], sources[known]
    weight = np.ones(c.wiring.n_source) if rates is None else np.asarray(rates, float)
    pairs, back = np.unique(i * len(onto) + j, return_inverse=True)
    synapses = np.bincount(back, weight[sources], len(pairs))
    onto_block, who = np.divmod(np.unique(j * c.wiring.n_source + sources), c.wiring.n_source)  # each source once in a target block
    place = np.searchsorted(pairs, owners(from_, c.wiring.n_source)[who] * len(onto) + onto_block)
    return pairs // len(onto), pairs % len(onto), np.bincount(place, weight[who], len(pairs)), synapses


def _window(c: Connection, form: Window, from_: list[Cut], onto: list[Cut]) -> Found:
    """A window between two grids of boxes: axis by axis, then every combination. Other cuts are gone through part by part."""
    s, t = _grid(from_, tuple(form.grid)), _grid(onto, tuple(form.out))
    if s is None or t is None:
        return _window_listed(c, from_, onto)
    axes = [_channels(form, s.axes[0], t.axes[0]), *(_axis(form, k, s.axes[k + 1], t.axes[k + 1]) for k in range(2))]
    n = [len(a[0]) for a in axes]
    which = np.unravel_index(np.arange(math.prod(n)), n)
    place = [np.stack([axes[k][side][which[k]] for k in range(3)]) for side in range(2)]
    pairs, distinct = (np.prod([axes[k][column][which[k]] for k in range(3)], axis=0) for column in (2, 3))
    return s.number(place[0]), t.number(place[1]), distinct.astype(float), pairs.astype(float)


@dataclass(frozen=True)
class _Grid:
    """Blocks that make a grid: the ranges of each axis, and which block lies where."""

    axes: list[Ranges]
    order: np.ndarray  # int64, as many dimensions as axes

    def number(self, place: np.ndarray) -> np.ndarray:
        return self.order[tuple(place)]


def _grid(cuts: list[Cut], shape: tuple[int, ...]) -> _Grid | None:
    whole = tuple((0, n) for n in shape)
    if len(cuts) == 1 and cuts[0].size == math.prod(shape):
        return _Grid([[r] for r in whole], np.zeros((1, 1, 1), np.int64))
    boxes = []
    for cut in cuts:
        if cut.box is None or cut.shape is None or (1,) * (3 - len(cut.shape)) + tuple(cut.shape) != shape:
            return None
        boxes.append(((0, 1),) * (3 - len(cut.box)) + cut.box)
    axes = [sorted({box[k] for box in boxes}) for k in range(3)]
    order = np.full([len(a) for a in axes], -1, np.int64)
    index = [{r: k for k, r in enumerate(a)} for a in axes]
    for number, box in enumerate(boxes):
        order[tuple(index[k][box[k]] for k in range(3))] = number
    return _Grid(axes, order) if (order >= 0).all() else None


def _axis(form: Window, k: int, sources: Ranges, targets: Ranges) -> Found:
    """(source range, target range, places with repetition, distinct places) along one axis of the grids, where there are any."""
    starts = np.array([a for a, _ in sources])
    out: list[tuple[int, int, int, int]] = []
    for j, (low, high) in enumerate(targets):
        at = places(form, k, low, high)
        inside = np.searchsorted(starts, at, side="right") - 1
        for i in np.unique(inside):
            here = at[inside == i]
            out.append((int(i), j, len(here), len(np.unique(here))))
    return _columns(out)


def _channels(form: Window, sources: Ranges, targets: Ranges) -> Found:
    n_in, n_out = form.grid[0] // form.groups, form.out[0] // form.groups
    out: list[tuple[int, int, int, int]] = []
    for j, (low, high) in enumerate(targets):
        for i, (first, last) in enumerate(sources):
            pairs, seen = 0, set()
            for group in range(low // n_out, (high - 1) // n_out + 1):
                channels = range(max(first, group * n_in), min(last, (group + 1) * n_in))
                pairs += len(channels) * (min(high, (group + 1) * n_out) - max(low, group * n_out))
                seen.update(channels)
            if pairs:
                out.append((i, j, pairs, len(seen)))
    return _columns(out)


def _columns(rows: list[tuple[int, int, int, int]]) -> Found:
    table = np.array(rows, np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _window_listed(c: Connection, from_: list[Cut], onto: list[Cut]) -> Found:
    from dataclasses import replace

    from studio.compile.synapses import window

    plain = replace(c.wiring, weight=1.0, delay=0.0, quantised=None, changes=())
    own = owners(from_, c.wiring.n_source)
    rows: list[tuple[int, int, int, int]] = []
    assert isinstance(plain.form, Window)
    for j, cut in enumerate(onto):
        sources = window(plain.form, plain, cut).sources
        who, synapses = np.unique(own[sources], return_counts=True)
        axons = np.unique(own[np.unique(sources)], return_counts=True)[1]
        rows += [(int(i), j, int(n), int(a)) for i, n, a in zip(who, synapses, axons, strict=True) if i >= 0]
    i, j, pairs, distinct = _columns(rows)
    return i, j, distinct.astype(float), pairs.astype(float)
