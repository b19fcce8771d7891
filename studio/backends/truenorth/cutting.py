"""Listed layers cut into what fits a core: ranges, or boxes of a layer with a shape, whichever are fewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from studio.backends.truenorth.heard import Heard, Need
from studio.compile.passes.split import pieces
from studio.compile.program import Layer, Program
from studio.compile.wiring import Cut

COARSEST = 2  # axons for a source, below which weights are not made coarser to save cores
WORTH = 4.0  # how many times as many cores finer weights may take
Limits = Mapping[str, int]


def cuts(program: Program, layer: Layer, one: Heard, how: Need, limits: Limits, copies: np.ndarray | None) -> list[Cut] | int:
    """What lies on a core each: with room for a copy for every axon that a neuron must reach, where that is cheaper than relays.

    A number in place of cuts: the first neuron that does not fit alone.
    """
    single = np.ones(layer.size, np.int64)
    plain = fewest(layer, one, how, single, limits)
    if isinstance(plain, int) or copies is None or copies.max(initial=0) <= 1 or copies.max() > limits["neurons"]:
        return plain
    roomy = fewest(layer, one, how, np.maximum(copies, 1), limits)
    if isinstance(roomy, int):
        return plain
    out = program.out_of(layer.key)
    hurried = min((c.wiring.delays()[0] for c in out), default=2) < 2
    layers = {x.key for x in program.layers}
    upstream = any(c.source in layers for c in program.into(layer.key))
    relayed = len(plain) + -(-int(copies[copies > 1].sum()) // limits["neurons"])
    cost = len(roomy) + (len(roomy) - len(plain) if upstream else 0)
    return roomy if cost <= (8 if hurried else 1) * relayed else plain


def coarser(layer: Layer, one: Heard, how: Need, limits: Limits) -> Need:
    """With fewer axons for a source where that takes far fewer cores: finer weights are not worth more than WORTH times as many."""
    single = np.ones(layer.size, np.int64)
    least = min(how.each, COARSEST)
    few = fewest(layer, one, replace(how, each=least), single, limits)
    if how.exact or isinstance(few, int):
        return how
    for each in range(how.each, least, -1):
        found = fewest(layer, one, replace(how, each=each), single, limits)
        if not isinstance(found, int) and len(found) <= WORTH * len(few):
            return replace(how, each=each)
    return replace(how, each=least)


def fewest(layer: Layer, one: Heard, how: Need, rows: np.ndarray, limits: Limits) -> list[Cut] | int:
    """Ranges or boxes."""
    ranges = filled(one, how, rows, limits)
    if isinstance(ranges, int) or len(ranges) == 1:
        return ranges if isinstance(ranges, int) else [Cut(*r) for r in ranges]
    for found in _boxes(layer, len(ranges)):
        if all(_fits(one, how, rows, limits, c.ids) for c in found):
            return found
    return [Cut(a, b) for a, b in ranges]


def _boxes(layer: Layer, most: int) -> Iterator[list[Cut]]:
    """Grids of fewer than `most` boxes with all channels, the fewest first."""
    shape = layer.shape
    if shape is None or len(shape) not in (2, 3):
        return
    first = [(0, shape[0])] if len(shape) == 3 else []
    height, width = shape[-2:]
    counts = sorted(
        {(-(-height // h), -(-width // w)) for h in range(1, height + 1) for w in range(1, width + 1)},
        key=lambda n: (n[0] * n[1], abs(n[0] - n[1])),
    )
    for down, across in counts:
        if 1 < down * across < most:
            yield [Cut.of_box(shape, (*first, a, b)) for a, b in product(pieces(height, down), pieces(width, across))]


def _fits(one: Heard, how: Need, rows: np.ndarray, limits: Limits, ids: np.ndarray) -> bool:
    ends = one.weights.indptr
    units = np.unique(np.concatenate([how.units[ends[n] : ends[n + 1]] for n in ids.tolist()]))
    return len(units) * how.each <= limits["axons"] and int(rows[ids].sum()) <= limits["neurons"]


def filled(one: Heard, how: Need, rows: np.ndarray, limits: Limits) -> list[tuple[int, int]] | int:
    """Ranges of neurons, each as long as its units and `rows` (neurons of a core that each takes, copies included) fit a core.

    A number in place of ranges: the first neuron that does not fit alone.
    """
    axons, neurons = limits["axons"] // how.each, limits["neurons"]
    ends = one.weights.indptr
    seen = np.full(int(how.units.max(initial=-1)) + 1, -1, np.int64)
    out: list[tuple[int, int]] = []
    low, used, taken = 0, 0, 0
    for n in range(one.n_neurons):
        mine = how.units[ends[n] : ends[n + 1]]
        new = int((seen[mine] != len(out)).sum())
        if used + new > axons or taken + rows[n] > neurons:
            if n == low or len(np.unique(mine)) > axons or rows[n] > neurons:
                return n
            out.append((low, n))
            low, used, taken, new = n, 0, 0, len(mine)
        seen[mine] = len(out)
        used, taken = used + new, taken + int(rows[n])
    return [*out, (low, one.n_neurons)]
