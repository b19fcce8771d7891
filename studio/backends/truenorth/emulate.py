"""What the chip makes of a program, computed from the program: sums over synapses by layer, without cores, axons or copies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.backends.events import Arrivals, Synapses
from studio.backends.levels import Level, levels
from studio.backends.truenorth.blocks import simple
from studio.backends.truenorth.drive import driven
from studio.backends.truenorth.neurons import NUMBERS, Neurons
from studio.compile.backend import Listed, Outcome, Stimulus
from studio.compile.program import Connection, Layer, Program
from studio.compile.watching import tick
from studio.models.spec import Window

NONE = np.zeros(0, np.int64)


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    """Spikes of every layer. Whole numbers throughout: exact."""
    given, counted = driven(stimulus, program.settings.get("levels", {}))
    paths = {x.key: x.path for x in program.inputs}
    counters = {paths[key]: dict(c) for key, c in counted.items()}
    spikes, steps = dict(given), stimulus.steps
    order = _levels(program)
    for k, level in enumerate(order):
        layers = [program.layers[node] for node in level.nodes.tolist()]
        work = _Level(program, layers, level, spikes)
        for start in range(0, steps, work.chunk):
            tick((k + start / steps) / len(order))
            work.run(start, min(start + work.chunk, steps))
        spikes |= work.spikes()
        for x in layers:
            here, neurons = counters.setdefault(x.path, {}), work.neurons[x.key]
            for name, n in (("overflow", neurons.overflow), ("saturated", neurons.saturated)):
                here[name] = here.get(name, 0) + n
    return Outcome(steps, program.dt, {x.key: spikes[x.key] for x in program.layers}, {}, counters)


def _levels(program: Program) -> list[Level]:
    """The layers, by who hears whom."""
    places = {x.key: k for k, x in enumerate(program.layers)}
    inner = [(places[c.source], places[c.target], c.wiring.delays()[0]) for c in program.connections if c.source in places]
    return levels(len(places), *np.array(inner, np.int64).reshape(-1, 3).T)


class _Level:
    """Layers that are computed together. `spikes`: those of inputs and of layers before them."""

    def __init__(self, program: Program, layers: list[Layer], level: Level, spikes: Mapping[str, Listed]) -> None:
        sizes = {x.key: x.size for x in layers}
        self.neurons = {x.key: _neurons(x) for x in layers}
        self.links = [_Link(c, spikes) for x in layers for c in program.into(x.key)]
        self.chunk = level.chunk(sum(sizes.values()))
        longest = {key: max((link.longest for link in self.links if link.target == key), default=0) for key in sizes}
        self.arrivals = {key: Arrivals(self.chunk + longest[key] + 1, n) for key, n in sizes.items()}
        self.found: dict[str, list[Listed]] = {key: [(NONE, NONE)] for key in sizes}

    def run(self, start: int, end: int) -> None:
        """Ticks from `start` to `end`."""
        for link in self.links:
            link.outside(self.arrivals[link.target], end)
        for key, neurons in self.neurons.items():
            when, who = np.nonzero(neurons.run(self.arrivals[key].take(start, end)))
            self.found[key].append((when + start, who))
        for link in self.links:
            if link.source in self.found:
                link.synapses.push(self.arrivals[link.target], *self.found[link.source][-1])

    def spikes(self) -> dict[str, Listed]:
        return {key: (np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])) for key, parts in self.found.items()}


def _neurons(layer: Layer) -> Neurons:
    p = layer.neuron.params
    return Neurons({name: np.broadcast_to(np.rint(np.asarray(p[name], np.float64)), (layer.size,)) for name in NUMBERS})


class _Listed:
    """Synapses in a list."""

    def __init__(self, c: Connection) -> None:
        block = c.wiring.onto()
        self.synapses = Synapses.of(c.wiring.n_source, block.sources, block.targets, block.weights, block.delays)
        self.longest = self.synapses.longest

    def push(self, arrivals: Arrivals, steps: np.ndarray, sources: np.ndarray) -> None:
        arrivals.push(self.synapses, steps, sources)


class _Shifted:
    """A window of one weight on one channel: the grid of spikes, moved and added once for each place of the window."""

    def __init__(self, c: Connection) -> None:
        form = c.wiring.form
        assert isinstance(form, Window)
        weight = c.wiring.weight
        assert isinstance(weight, float)
        kernel = weight * (np.full(form.window, form.scale) if form.weights is None else np.asarray(form.weights[0, 0], np.float64))
        self.grid, self.out = form.grid[1:], form.out[1:]
        places = zip(*np.nonzero(kernel), strict=True)
        self.longest = c.wiring.delays()[0]
        self.shifts = [(int(i) - form.padding[0], int(j) - form.padding[1], float(kernel[i, j])) for i, j in places]

    def push(self, arrivals: Arrivals, steps: np.ndarray, sources: np.ndarray) -> None:
        """Spikes in order of their steps."""
        ring = arrivals.ring
        when, first = np.unique(steps, return_index=True)
        for step, here in zip(when.tolist(), np.split(sources, first[1:]), strict=bool(len(when))):
            self.add(here, ring[(step + self.longest) % len(ring)])

    def add(self, sources: np.ndarray, onto: np.ndarray) -> None:
        y, x = np.divmod(sources, self.grid[1])
        many = len(sources) * 16 > onto.size
        spikes = np.zeros(self.grid if many else (0, 0))
        if many:
            spikes[y, x] = 1.0
        into = onto.reshape(self.out)
        for dy, dx, weight in self.shifts:
            if many:
                (a, b), (e, f) = (_overlap(d, self.grid[k], self.out[k]) for k, d in ((0, dy), (1, dx)))
                into[a:b, e:f] += weight * spikes[a + dy : b + dy, e + dx : f + dx]
            else:
                ty, tx = y - dy, x - dx
                inside = (ty >= 0) & (ty < self.out[0]) & (tx >= 0) & (tx < self.out[1])
                into[ty[inside], tx[inside]] += weight


def _overlap(shift: int, grid: int, out: int) -> tuple[int, int]:
    """Targets whose source, `shift` further on, lies on the grid."""
    return max(0, -shift), min(out, grid - shift)


class _Link:
    """A connection; the spikes of sources outside its level are known beforehand."""

    def __init__(self, c: Connection, spikes: Mapping[str, Listed]) -> None:
        self.source, self.target = c.source, c.target
        self.synapses = _Shifted(c) if simple(c.wiring.form) else _Listed(c)
        self.longest = self.synapses.longest
        self.given = spikes.get(c.source, (NONE, NONE))
        self.sent = 0

    def outside(self, arrivals: Arrivals, end: int) -> None:
        """Sends the given spikes of steps before `end` that were not sent yet."""
        steps, ids = self.given
        until = int(np.searchsorted(steps, end))
        self.synapses.push(arrivals, steps[self.sent : until], ids[self.sent : until])
        self.sent = until
