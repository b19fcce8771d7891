"""Layers of very many synapses, as blocks: nothing is listed; tiles of a grid that hear the same way share one description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from studio.backends.truenorth.fabric import TYPES
from studio.backends.truenorth.heard import jump
from studio.backends.truenorth.machine import LONGEST
from studio.compile.leaky import Leaky
from studio.compile.program import Connection, Layer, Part, Program
from studio.compile.wiring import Cut, Wiring
from studio.findings import Finding
from studio.models.catalogue import builtin
from studio.models.spec import AllToAll, OneToOne, Window
from studio.network.flat import Chosen, Drawn

LISTED = 2_000_000  # synapses onto a layer beyond which they are not listed
FEW = 16  # sources of an input that reaches everybody


@dataclass(frozen=True)
class Local:
    """What a tile hears through a window: (k, 2) places relative to its first neuron's, row by row, and who hears which: bool (neurons, k)."""

    places: np.ndarray
    bits: np.ndarray


def wanted(program: Program, layer: Layer, leaky: Leaky) -> bool:
    """Whether a layer goes as blocks: its synapses are too many to be listed, or come through a window and need not be."""
    into = program.into(layer.key)
    if sum(c.wiring.count() for c in into) > LISTED:
        return True
    return any(simple(c.wiring.form) for c in into) and refusal(program, layer, leaky) is None


def simple(form: object) -> bool:
    """A window that moves by one on one channel."""
    return isinstance(form, Window) and form.grid[0] == form.out[0] == form.groups == 1 and form.stride == form.dilation == (1, 1)


def refusal(program: Program, layer: Layer, leaky: Leaky) -> Finding | None:
    """Why a large layer cannot be laid out as blocks."""
    into = program.into(layer.key)
    n = sum(c.wiring.count() for c in into)
    said = f"“{layer.path}” has {n:,.0f} synapses, more than the {LISTED:,} that are listed one by one"
    for c in into:
        w = c.wiring
        good = simple(w.form) or isinstance(w.form, OneToOne) or (isinstance(w.form, AllToAll) and w.n_source <= FEW)
        plain = not isinstance(w.weight, (np.ndarray, Drawn)) and not isinstance(w.delay, (np.ndarray, Drawn)) and not w.changes
        if not (good and plain) or c.kinetics is None or c.wiring.delays()[1] > LONGEST:
            text = f"{said}; “{c.path}” is no convolution on one channel (or one to one) with weights and delays (of up to {LONGEST} ticks) that all neurons share."
            return Finding("fit.memory", "error", c.path, text, "Use such a connector, or fewer synapses.")
    numbers = (leaky.decay, leaky.threshold, leaky.drive, leaky.hold, leaky.start, *(x for r in leaky.receptors for x in (r.gain, r.decay)))
    if any(np.ndim(x) for x in numbers if x is not None):
        return Finding("fit.memory", "error", layer.path, f"{said}; its neurons differ.", "Give all of them the same parameters.")
    if len(weights(program, layer.key, leaky)) > TYPES or layer.shape is None or len(layer.shape) != 2:
        text = f"{said}; as blocks go layers of two dimensions with at most {TYPES} different weights."
        return Finding("fit.weights", "error", layer.path, text, f"Round the kernel to {TYPES} different weights.")
    return None


def weights(program: Program, layer: str, leaky: Leaky) -> np.ndarray:
    """The different weights onto a layer, other than 0, in the membrane's unit, ascending."""
    found = [_real(c, leaky) for c in program.into(layer)]
    values = np.unique(np.concatenate([v.ravel() for v in found])) if found else np.zeros(0)
    return values[values != 0.0]


def thrown(program: Program, layer: str, leaky: Leaky) -> float:
    """The root of the sum of the squares of a neuron's weights."""
    return float(np.sqrt(sum((_real(c, leaky) ** 2).sum() for c in program.into(layer))))


def _real(c: Connection, leaky: Leaky) -> np.ndarray:
    """A connection's kernel, (rows, columns), or its one weight, in the membrane's unit."""
    gain = float(jump(leaky, c.key)) * float(c.wiring.weight)  # type: ignore[arg-type]
    form = c.wiring.form
    if not isinstance(form, Window):
        return np.array([[gain]])
    return np.full(form.window, form.scale * gain) if form.weights is None else np.asarray(form.weights[0, 0], np.float64) * gain


def typed(program: Program, layer: str, leaky: Leaky, values: np.ndarray, whole: np.ndarray) -> Iterator[tuple[Connection, int]]:
    """(connection, type) for each weight of each connection: a window of the places that have it, with whole weights (of each type)."""
    pulse = Chosen(builtin().get("kinetics", "pulse"), {})
    for c in program.into(layer):
        real = _real(c, leaky)
        for kind, value in enumerate(values):
            has = real == value
            if not has.any() or not whole[kind]:
                continue
            form = c.wiring.form
            form = _cropped(form, has) if isinstance(form, Window) else form
            w = c.wiring
            wiring = Wiring(w.n_source, w.n_target, form, float(whole[kind]), w.delay, w.dt, w.seed, w.same)
            yield replace(c, key=f"{c.key}/{kind}", kinetics=pulse, wiring=wiring, connector=None, crossbar=None), kind


def _cropped(form: Window, has: np.ndarray) -> Window:
    """The window that holds the places that are true, with weights of 1 there and 0 between."""
    rows, columns = (np.flatnonzero(has.any(axis=k)) for k in (1, 0))
    kept = has[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float64)
    padding = (form.padding[0] - int(rows[0]), form.padding[1] - int(columns[0]))
    return replace(form, window=kept.shape, padding=padding, scale=1.0, weights=kept[None, None])


# tiles


def tiles(program: Program, layer: Layer, connections: list[Connection], limits: dict[str, int]) -> list[Part] | int:
    """A grid of equal boxes (the last of a row or column is what is left), as large as fit a core; or how many axons one neuron alone needs."""
    assert layer.shape is not None and len(layer.shape) == 2
    height, width = layer.shape
    best = (0, 0)
    for rows in range(1, min(height, limits["neurons"]) + 1):
        columns = 0
        while columns < width and rows * (columns + 1) <= limits["neurons"] and _axons(connections, rows, columns + 1) <= limits["axons"]:
            columns += 1
        if not columns:
            break
        best = max(best, (rows, columns), key=lambda s: (s[0] * s[1], -abs(s[0] - s[1])))
    if not best[0]:
        return _axons(connections, 1, 1)
    boxes = (
        ((y, min(y + best[0], height)), (x, min(x + best[1], width))) for y in range(0, height, best[0]) for x in range(0, width, best[1])
    )
    return [Part(f"{layer.key}/{k}", layer.key, Cut.of_box(tuple(layer.shape), box)) for k, box in enumerate(boxes)]


def _axons(connections: list[Connection], rows: int, columns: int) -> int:
    """The axons of a tile far from every edge."""
    total = 0
    for c in connections:
        form = c.wiring.form
        if isinstance(form, Window):
            total += len(_local(_bits(form), rows, columns).places)
        else:
            total += rows * columns if isinstance(form, OneToOne) else c.wiring.n_source
    return total


def _bits(form: Window) -> tuple[tuple[bool, ...], ...]:
    if form.weights is None:
        return ((True,) * form.window[1],) * form.window[0]
    return _kernel(np.ascontiguousarray(form.weights[0, 0] != 0).tobytes(), form.window[1])


@lru_cache(maxsize=256)
def _kernel(bits: bytes, columns: int) -> tuple[tuple[bool, ...], ...]:
    flat = [bool(x) for x in bits]
    return tuple(tuple(flat[k : k + columns]) for k in range(0, len(flat), columns))


@lru_cache(maxsize=4096)
def _local(kernel: tuple[tuple[bool, ...], ...], rows: int, columns: int) -> Local:
    """Who hears what in a tile of that size, with places counted from the first place that its first neuron sees."""
    k = np.array(kernel)
    (i, j), (y, x) = np.nonzero(k), np.divmod(np.arange(rows * columns), columns)
    width = columns + k.shape[1] - 1
    flat = (y[:, None] + i[None, :]) * width + x[:, None] + j[None, :]
    names, axon = np.unique(flat, return_inverse=True)
    bits = np.zeros((rows * columns, len(names)), bool)
    bits[np.repeat(np.arange(rows * columns), len(i)), axon.ravel()] = True
    return Local(np.stack(np.divmod(names, width), axis=1), bits)


def heard(form: Window, cut: Cut) -> tuple[np.ndarray, np.ndarray, object]:
    """(sources ascending, who hears which: bool (neurons, sources), a name that is the same for tiles that hear in the same way)."""
    assert cut.box is not None and len(cut.box) == 2
    (y0, y1), (x0, x1) = cut.box
    kernel = _bits(form)
    first = (y0 - form.padding[0], x0 - form.padding[1])
    ends = tuple(
        (max(0, -first[k]), min(0, form.grid[k + 1] - (first[k] + size + form.window[k] - 1))) for k, size in enumerate((y1 - y0, x1 - x0))
    )
    places, bits = _inside(kernel, y1 - y0, x1 - x0, ends)  # type: ignore[arg-type]
    sources = (places[:, 0] + first[0]) * form.grid[2] + places[:, 1] + first[1]
    return sources, bits, (kernel, y1 - y0, x1 - x0, ends)


@lru_cache(maxsize=4096)
def _inside(
    kernel: tuple[tuple[bool, ...], ...], rows: int, columns: int, ends: tuple[tuple[int, int], tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """The same without what lies beyond the grid: `ends` [axis] is how much is cut off (at the beginning, minus at the end)."""
    local = _local(kernel, rows, columns)
    size = (rows + len(kernel) - 1, columns + len(kernel[0]) - 1)
    kept = np.ones(len(local.places), bool)
    for axis in range(2):
        at = local.places[:, axis]
        kept &= (at >= ends[axis][0]) & (at < size[axis] + ends[axis][1])
    return local.places[kept], local.bits[:, kept]
