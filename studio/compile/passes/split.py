"""Layers cut into parts that fit a core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from studio.compile.program import Layer, Part, Program
from studio.compile.target import Target
from studio.compile.wiring import Cut
from studio.findings import Finding
from studio.models.spec import Bernoulli, InDegree, Window

Usage = Callable[[Program, str, Cut], Mapping[str, float]]
Fits = Callable[[Cut], bool]
UNIFORM = {"dense", "one_to_one", "bernoulli", "in_degree", "out_degree", "total", "regular"}  # only the size of a part counts
CODES = {
    "neurons": "fit.neurons",
    **dict.fromkeys(("in_axons", "axons", "fan-in", "fan_in"), "fit.fan_in"),
    **dict.fromkeys(("out_axons", "fan-out", "fan_out"), "fit.fan_out"),
    "router entries": "fit.router",
}  # others: fit.memory
WHOLE = "whole"  # settings["fan_in"] on machines that can divide a fan-in, where that is not asked for


@dataclass(frozen=True)
class Split:
    """Cuts every layer into as few parts as fit a core each (`Program.parts`, not placed yet).

    Needs: `usage(program, layer, cut)`, which grows with the cut, and a limit of the same name for each of its resources. Guarantees: the
    parts of a layer are disjoint, in order, and hold all its neurons, and each fits a core; or a finding (`fit.fan_in`, `fit.memory`, ...)
    says which neuron needs how much of what. Nothing is listed: the largest size is found by halving.

    A layer with a shape whose synapses come through a window is cut into boxes on its grid, since neighbours share sources; all boxes of a
    layer make a grid. Other layers are cut into ranges. `even` makes the parts of a layer equally large; without it the last is a rest, which
    may share a core with others. `most`: the most neurons of a part, whatever fits.
    """

    usage: Usage
    even: bool = False
    most: int | None = None
    boxes: bool = True
    name: str = "split"

    def __call__(self, program: Program, target: Target) -> Program:
        parts: list[Part] = []
        for layer in program.layers:
            cuts, finding = self._cuts(program, target, layer)
            if finding is not None:
                program = program.say(finding)
            parts += [Part(f"{layer.key}/{k}", layer.key, cut) for k, cut in enumerate(cuts)]
        return replace(program, parts=tuple(parts))

    def _cuts(self, program: Program, target: Target, layer: Layer) -> tuple[list[Cut], Finding | None]:
        def fits(cut: Cut) -> bool:
            if self.most is not None and cut.size > self.most:
                return False
            return not exceeded(self.usage(program, layer.key, cut), target)

        if self.boxes and gridded(program, layer):
            cuts = _boxes(layer, fits)
        else:
            cuts = _ranges(layer.size, fits, uniform(program, layer))
            cuts = _levelled(cuts, fits) if self.even and cuts else cuts
        if cuts:
            return cuts, None
        return [], refused(program, target, layer, alone(program, target, layer, self.usage))


def alone(program: Program, target: Target, layer: Layer, usage: Usage) -> Mapping[str, float]:
    """What one neuron of a layer takes of a core: of a few the first that does not fit, else the first."""
    first = usage(program, layer.key, Cut(0, 1))
    if exceeded(first, target) or uniform(program, layer):
        return first
    others = (usage(program, layer.key, Cut(k, k + 1)) for k in _samples(layer.size)[1:])
    return next((amounts for amounts in others if exceeded(amounts, target)), first)


def exceeded(amounts: Mapping[str, float], target: Target) -> dict[str, tuple[float, float]]:
    """Resource -> (needed, there) of what is more than a core has."""
    limits = target.limits
    return {r: (a, limits[r].value) for r, a in amounts.items() if r in limits and a > limits[r].value + 1e-9}


def uniform(program: Program, layer: Layer) -> bool:
    """Whether all neurons of a layer are alike but for where they start, so that what some of them take depends on how many they are."""
    around = [*program.into(layer.key), *program.out_of(layer.key)]
    values = [*layer.neuron.params.values(), *(v for c in around for v in (c.wiring.weight, c.wiring.delay))]
    return all(c.wiring.kind in UNIFORM for c in around) and not any(isinstance(v, np.ndarray) for v in values)


def gridded(program: Program, layer: Layer) -> bool:
    """Whether neighbours on a layer's grid share sources or targets: its shape is that of a window's end."""
    if layer.shape is None or len(layer.shape) not in (2, 3):
        return False
    ends = [(c.wiring.form, "out") for c in program.into(layer.key)] + [(c.wiring.form, "grid") for c in program.out_of(layer.key)]
    shape = (1,) * (3 - len(layer.shape)) + tuple(layer.shape)
    return any(isinstance(form, Window) and tuple(getattr(form, end)) == shape for form, end in ends)


def largest(low: int, high: int, fits: Callable[[int], bool], guess: int | None = None) -> int:
    """The largest n in [low, high] that fits, if what is smaller fits too; low - 1 where none does."""
    if guess is not None and low <= guess < high:
        low, high = (guess, high) if fits(guess) else (low, guess - 1)
        if low == guess and not fits(min(high, guess + max(1, guess // 8))):
            high = min(high, guess + max(1, guess // 8)) - 1
    low -= 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _ranges(size: int, fits: Fits, uniform: bool) -> list[Cut]:
    """Ranges, each as long as fits; empty where a neuron does not fit alone."""
    out: list[Cut] = []
    low, length = 0, None
    while low < size:
        if not (uniform and length and low + length <= size):
            length = largest(1, size - low, lambda n: fits(Cut(low, low + n)), length)  # noqa: B023 (called at once)
        if not length:
            return []
        out.append(Cut(low, low + length))
        low += length
    return out


def _levelled(cuts: list[Cut], fits: Fits) -> list[Cut]:
    """As many ranges of nearly equal length, where all fit."""
    ends = pieces(cuts[-1].high, len(cuts))
    even = [Cut(a, b) for a, b in ends]
    return even if all(fits(c) for c in even) else cuts


def pieces(n: int, count: int) -> list[tuple[int, int]]:
    """[0, n) in `count` ranges whose lengths differ by at most 1."""
    ends = [n * k // count for k in range(count + 1)]
    return list(zip(ends[:-1], ends[1:], strict=True))


def _boxes(layer: Layer, fits: Fits) -> list[Cut]:
    """A grid of boxes, nearly equal, as large as fit; empty where a neuron does not fit alone."""
    assert layer.shape is not None
    shape = (1,) * (3 - len(layer.shape)) + tuple(layer.shape)

    def middle(sizes: tuple[int, ...]) -> Cut:
        return _cut(layer.shape, [((n - s) // 2, (n - s) // 2 + s) for n, s in zip(shape, sizes, strict=True)])

    best = _largest_box(shape, lambda *sizes: fits(middle(sizes)))
    while best:
        axes = [pieces(n, -(-n // s)) for n, s in zip(shape, best, strict=True)]
        cuts = [_cut(layer.shape, box) for box in product(*axes)]
        if all(fits(c) for c in _ends(cuts, axes)):
            return cuts
        widest = best.index(max(best))
        best = tuple(s - (k == widest) for k, s in enumerate(best)) if best[widest] > 1 else ()
    return []


def _cut(shape: tuple[int, ...] | None, box: object) -> Cut:
    assert shape is not None
    ranges = tuple(tuple(r) for r in box)[3 - len(shape) :]  # type: ignore[attr-defined]
    return Cut.of_box(tuple(shape), ranges)


def _ends(cuts: list[Cut], axes: list[list[tuple[int, int]]]) -> Iterator[Cut]:
    """Boxes of every kind: the first, the second, one in the middle and the last along each axis."""
    counts = [len(a) for a in axes]
    some = [sorted({0, min(1, n - 1), n // 2, n - 1}) for n in counts]
    for place in product(*some):
        yield cuts[int(np.ravel_multi_index(place, counts))]


def _largest_box(shape: tuple[int, ...], fits: Callable[[int, int, int], bool]) -> tuple[int, ...]:
    """The box that makes the fewest parts, nearly square: with all channels, or half of them, and so on; () where none fits."""
    found: list[tuple[int, ...]] = []
    channels = shape[0]
    while True:
        found += _squares(channels, shape, fits)
        if channels == 1:
            break
        channels = (channels + 1) // 2

    def parts_and_edge(sizes: tuple[int, ...]) -> tuple[int, int]:
        counts = [-(-n // s) for n, s in zip(shape, sizes, strict=True)]
        return int(np.prod(counts)), -(-shape[1] // counts[1]) - (-shape[2] // counts[2])

    return min(found, key=parts_and_edge, default=())


def _squares(channels: int, shape: tuple[int, ...], fits: Callable[[int, int, int], bool]) -> Iterator[tuple[int, int, int]]:
    rows, columns = shape[1:]
    side = largest(1, max(rows, columns), lambda n: fits(channels, min(n, rows), min(n, columns)))
    if side < 1:
        return
    for height in sorted({min(rows, max(1, h)) for h in (side // 2, side - 1, side, side + 1, side + 2, 2 * side)}):
        width = largest(1, columns, lambda n: fits(channels, height, n), min(columns, side * side // height))  # noqa: B023
        if width >= 1:
            yield channels, height, width


def _samples(size: int) -> list[int]:
    """A few neurons, the first and the last among them."""
    return sorted({0, size - 1, *(int(k) for k in np.linspace(0, size - 1, 64))})


def refused(program: Program, target: Target, layer: Layer, amounts: Mapping[str, float]) -> Finding:
    """Why one neuron of a layer does not fit a core, and what would help."""
    over = exceeded(amounts, target)
    if not over:
        return Finding("fit.cores", "error", layer.path, f"No part of “{layer.path}” fits a core of {target.title}.")
    resource, (needed, there) = max(over.items(), key=lambda pair: pair[1][0] / max(pair[1][1], 1e-9))
    said = amount(target, resource, needed)
    text = f"One neuron of “{layer.path}” alone needs {said}; a core of {target.title} has {there:,.6g}."
    code = CODES.get(resource, "fit.memory")
    fix = _less_out(program, layer) if code == "fit.fan_out" else _sparser(program, layer, there / needed)
    if code == "fit.fan_in" and program.settings.get("fan_in") == WHOLE:
        fix += " Or let further neurons add it up (option fan_in=split)."
    return Finding(code, "error", layer.path, text, fix)


def amount(target: Target, resource: str, value: float) -> str:
    """`147 in axons`, `70,000 B of dtcm`."""
    unit, word = target.limits[resource].unit, resource.replace("_", " ")
    number = f"{np.ceil(value - 1e-9):,.0f}"
    return f"{number} {word}" if not unit or unit in word else f"{number} {unit} of {word}"


def _less_out(program: Program, layer: Layer) -> str:
    """Which of its connections takes a layer furthest."""
    out = [c for c in program.out_of(layer.key) if c.kinetics is not None]
    if not out:
        return "Choose another target."
    c = max(out, key=lambda one: one.wiring.fan_out()[0])
    return (
        f"Connect “{c.path}” more sparsely, or make its target smaller: each neuron has {c.wiring.fan_out()[0]:,.6g} synapses through it."
    )


def _sparser(program: Program, layer: Layer, share: float) -> str:
    """How to mend a fan-in of which only a part fits."""
    into = [c for c in program.into(layer.key) if c.kinetics is not None]
    if not into:
        return "Use a simpler neuron, or another target."
    c = max(into, key=lambda one: one.wiring.fan_in()[0])
    form = c.wiring.form
    if isinstance(form, InDegree) and form.k * share >= 1:
        return f"Set {c.path}.connector.k to {int(form.k * share * 0.95) or 1}."
    if isinstance(form, Bernoulli):
        return f"Set {c.path}.connector.p to {float(f'{form.p * share * 0.9:.2g}'):g}."
    return f"Connect “{c.path}” more sparsely: it brings {c.wiring.fan_in()[0]:,.6g} synapses to each neuron."
