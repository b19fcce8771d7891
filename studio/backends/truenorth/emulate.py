"""What the chip makes of a program, computed from the program: sums over synapses by layer, without cores, axons or copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from studio.backends.truenorth.blocks import simple
from studio.backends.truenorth.cores import WIDTH
from studio.backends.truenorth.drive import driven
from studio.compile.backend import Listed, Outcome, Stimulus, in_order
from studio.compile.program import Connection, Layer, Program
from studio.compile.watching import tick
from studio.models.spec import Window


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    """Spikes of every layer. Whole numbers throughout: exact."""
    given, counted = driven(stimulus, program.settings.get("levels", {}))
    paths = {x.key: x.path for x in program.inputs}
    counters = {paths[key]: dict(c) for key, c in counted.items()}
    state = {x.key: _Neurons(x) for x in program.layers}
    links = [_Link(c, given, stimulus.steps) for c in program.connections]
    for step in range(stimulus.steps):
        for link in links:
            link.deliver(step, state)
        for neurons in state.values():
            neurons.advance(step)
        tick(step / stimulus.steps)
    for x in program.layers:
        neurons = state[x.key]
        here = counters.setdefault(x.path, {})
        for name, n in (("overflow", neurons.overflow), ("saturated", neurons.saturated)):
            here[name] = here.get(name, 0) + n
    spikes = {x.key: state[x.key].listed() for x in program.layers}
    return Outcome(stimulus.steps, program.dt, spikes, {}, counters)


class _Neurons:
    """The neurons of a layer at work."""

    def __init__(self, layer: Layer) -> None:
        p = layer.neuron.params
        self.of = {name: np.broadcast_to(np.rint(np.asarray(p[name], np.float64)).astype(np.int64), (layer.size,)) for name in p}
        self.v = self.of["v_start"].copy()
        self.input = np.zeros(layer.size)
        self.overflow = self.saturated = 0
        self.history: list[np.ndarray] = []

    def advance(self, step: int) -> None:
        p, v = self.of, self.v + np.rint(self.input).astype(np.int64)
        self.input[:] = 0.0
        v += np.where(p["leak_reversal"] > 0, p["leak"] * np.sign(v), p["leak"])
        self.overflow += int((np.abs(v) > WIDTH).sum())
        held = np.clip(v, -p["v_limit"], p["v_limit"])
        self.saturated += int((held != v).sum())
        fires = held >= p["alpha"]
        below = ~fires & ((held < -p["beta"]) | ((held == -p["beta"]) & (p["floor_at"] > 0)))
        reset = np.select([p["reset_mode"] == 0, p["reset_mode"] == 1], [p["v_reset"], held - p["alpha"]], held)
        mirrored = np.select([p["reset_mode"] == 0, p["reset_mode"] == 1], [-p["v_reset"], held + p["beta"]], held)
        self.v = np.where(fires, reset, np.where(below, np.where(p["floor_mode"] > 0, -p["beta"], mirrored), held))
        self.history.append(np.flatnonzero(fires))

    def listed(self) -> Listed:
        sizes = [len(x) for x in self.history]
        ids = np.concatenate(self.history) if self.history else np.zeros(0, np.int64)
        return in_order(np.repeat(np.arange(len(sizes)), sizes), ids)


class _Rows:
    """Synapses in a matrix (sources, targets)."""

    def __init__(self, matrix: csr_array) -> None:
        self.matrix = matrix

    def add(self, sources: np.ndarray, onto: np.ndarray) -> None:
        m = self.matrix
        for s in sources.tolist():
            a, b = m.indptr[s], m.indptr[s + 1]
            onto[m.indices[a:b]] += m.data[a:b]


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
        self.shifts = [(int(i) - form.padding[0], int(j) - form.padding[1], float(kernel[i, j])) for i, j in places]

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


@dataclass(frozen=True)
class _Delay:
    steps: int
    synapses: _Rows | _Shifted


def _listed(c: Connection) -> list[_Delay]:
    block = c.wiring.onto()
    shape = (c.wiring.n_source, c.wiring.n_target)
    out = []
    for delay in np.unique(block.delays).tolist():
        b = block.keep(block.delays == delay)
        out.append(_Delay(delay, _Rows(csr_array(coo_array((b.weights, (b.sources, b.targets)), shape=shape)))))
    return out


class _Link:
    """The synapses of a connection, by delay; an input's spikes are known beforehand."""

    def __init__(self, c: Connection, given: dict[str, Listed], steps: int) -> None:
        self.source, self.target = c.source, c.target
        self.delays = [_Delay(c.wiring.delays()[0], _Shifted(c))] if simple(c.wiring.form) else _listed(c)
        self.ids: list[np.ndarray] | None = None
        if c.source in given:
            when, ids = given[c.source]
            first = np.searchsorted(when, np.arange(-1, steps + 1))
            self.ids = [ids[a:b] for a, b in zip(first[:-1], first[1:], strict=True)]  # of steps -1, 0, ...

    def deliver(self, step: int, state: dict[str, _Neurons]) -> None:
        for delay in self.delays:
            sources = self._spiked(step - delay.steps, state)
            if sources is not None and len(sources):
                delay.synapses.add(sources, state[self.target].input)

    def _spiked(self, step: int, state: dict[str, _Neurons]) -> np.ndarray | None:
        if self.ids is not None:
            return self.ids[step + 1] if step + 1 >= 0 else None
        history = state[self.source].history
        return history[step] if 0 <= step < len(history) else None
