"""Devices as arrays, outside a network: program them, send them changes, let time pass, read them.

The texts are those that a run compiles; here NumPy evaluates them for all devices at once. Draws come from a generator of their own, so that
they have the same distribution as in a run, not the same values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.models.devices.storage import stored
from studio.models.language.evaluate import evaluate, evaluate_block
from studio.models.learning import device_form
from studio.models.spec import Device

Array = np.ndarray


class Cells:
    """An array of devices of one kind. `w` is what they hold [unit of the weight], `states` what else they remember, `age` [s] since programmed.

    `params`: those that differ from the defaults; numbers may be arrays of the shape of the devices.
    """

    def __init__(self, device: Device, params: Mapping[str, Any] | None = None, seed: int = 0) -> None:
        unknown = sorted(set(params or {}) - {p.name for p in device.params})
        if unknown:
            raise KeyError(f"{device.key} has no parameter {', '.join(unknown)}.")
        given = {p.name: p.default for p in device.params} | dict(params or {})
        self.device, own = stored(device, given)
        self.params: dict[str, Any] = {name: value for name, value in own.items() if not isinstance(value, str)}
        self.form = device_form(self.device)
        self.random = np.random.Generator(np.random.Philox(seed))
        self.w: Array = np.zeros(0)
        self.states: dict[str, Array] = {}
        self.age: Array = np.zeros(0)

    def program(self, wanted: Any) -> Array:
        """Build the devices and program them to these weights; gives what they then hold. An array of any shape."""
        w = np.asarray(wanted, float)
        self.w, self.age = w.copy(), np.zeros(w.shape)
        names = {**self.params, "w": w}
        self.states = {s: self._full(evaluate(tree, names, self._draw)) for s, tree in self.form.starts.items()}
        return self._run(self.form.program, {})

    def write(self, change: Any, dt: float = 0.1) -> Array:
        """Ask for a change of every weight (one number or an array); gives what the devices then hold. `dt` [ms]: the step of the asking run."""
        dw = np.broadcast_to(np.asarray(change, float), self.w.shape)
        if self.form.write:
            self._run(self.form.write, {"dw": dw, "age": self.age, "dt": dt})
        else:
            self.w = self.w + dw
        self.age = np.where(dw != 0.0, 0.0, self.age)
        return self.w

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.age = self.age + seconds

    def read(self, dt: float = 0.1) -> Array:
        """What comes out now; changes nothing."""
        if self.form.read is None:
            return self.w.copy()
        names = {**self.params, **self.states, "w": self.w, "age": self.age, "dt": dt}
        return self._full(evaluate(self.form.read, names, self._draw))

    def _run(self, block: Any, more: Mapping[str, Any]) -> Array:
        after = evaluate_block(block, {**self.params, **self.states, "w": self.w, **more}, self._draw)
        self.states = {s: self._full(after[s]) for s in self.states}
        self.w = self._full(after["w"])
        return self.w

    def _full(self, value: Any) -> Array:
        return np.broadcast_to(np.asarray(value, float), self.w.shape).copy()

    def _draw(self, name: str, args: tuple[Any, ...]) -> Array:
        if name == "poisson":
            return self.random.poisson(np.broadcast_to(args[0], self.w.shape)).astype(float)
        return self.random.standard_normal(self.w.shape) if name == "normal" else self.random.random(self.w.shape)
