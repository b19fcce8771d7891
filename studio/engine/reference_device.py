"""The definition of devices, in plain Python: what stores the weights of a projection, one device for every synapse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from studio.engine import random
from studio.engine.connectivity import Synapses
from studio.engine.interpret import Draw, Interpreter
from studio.engine.plasticity_draw import draw_code
from studio.models.learning import device_form
from studio.network.flat import FlatProjection


class Devices:
    """The devices of a projection: programmed when made, then written and read. `waited`: step -> seconds that they have waited by then."""

    def __init__(self, p: FlatProjection, synapses: Synapses, dt: float, seed: int, waited: Callable[[int], float]) -> None:
        self.form, self.dt, self.waited = device_form(p.device.model), dt, waited
        self.params = dict(p.device.params)
        self.key = np.uint64(random.path_key(seed, p.key, "learning"))
        self.sources, self.targets = synapses.sources.tolist(), synapses.targets.tolist()
        self.times: list[int] = []  # how many earlier synapses have the same ends
        met: dict[tuple[int, int], int] = defaultdict(int)
        for ends in zip(self.sources, self.targets, strict=True):
            self.times.append(met[ends])
            met[ends] += 1
        made = [self._programmed(s, float(w)) for s, w in enumerate(synapses.weights)]
        self.weights = [w for w, _ in made]
        self.states = [states for _, states in made]
        self.written = [0.0] * len(made)  # [s] on the devices' clock

    def _programmed(self, s: int, w: float) -> tuple[float, dict[str, float]]:
        language = Interpreter(self.draw("program", s, -1))
        names = {**self.params, "w": w}
        states = {name: language.value(tree, names) for name, tree in self.form.starts.items()}
        after = language.run(self.form.program, {**names, **states})
        return after["w"], {name: after[name] for name in states}

    def draw(self, hook: str, s: int, step: int, again: int = 0) -> Draw:
        """What a hook at one synapse draws."""
        return self._draw(hook, step, again, self.sources[s], self.times[s], self.targets[s])

    def draw_at_source(self, source: int, step: int, again: int) -> Draw:
        """What a source draws at its spike."""
        return self._draw("at_source", step, again, source, 0, 0)

    def _draw(self, hook: str, step: int, again: int, source: int, times: int, target: int) -> Draw:
        def draw(name: str, which: int, mean: float) -> float:
            event = np.uint64(random.subkey(self.key, step, draw_code(hook, which, again)))
            args = (np.uint64(random.subkey(event, source, times)), np.uint32(target))
            return float(getattr(random, name)(*args, *((mean,) if name == "poisson" else ())))

        return draw

    def clock(self, step: int) -> float:
        """The devices' time at the end of a step [s]."""
        return (step + 1) * self.dt * 0.001 + self.waited(step)

    def write(self, s: int, wanted: float, step: int, language: Interpreter) -> None:
        """The rule wants a weight; its draws go on where those of its hook ended."""
        old = self.weights[s]
        if not self.form.write:
            self.weights[s] = wanted
        else:
            now = self.clock(step)
            names = {**self.params, **self.states[s], "age": now - self.written[s], "dt": self.dt, "w": old, "dw": wanted - old}
            after = language.run(self.form.write, names)
            self.weights[s], self.states[s] = after["w"], {name: after[name] for name in self.states[s]}
        if wanted != old:
            self.written[s] = self.clock(step)

    def read(self, s: int, step: int, again: int = 0) -> float:
        """The weight that comes out."""
        if self.form.read is None:
            return self.weights[s]
        age = self.clock(step) - self.written[s]
        names = {**self.params, **self.states[s], "age": age, "dt": self.dt, "w": self.weights[s]}
        value: float = Interpreter(self.draw("read", s, step, again)).value(self.form.read, names)
        return value
