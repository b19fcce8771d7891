"""Learning: what a projection keeps whose synapses learn or whose devices are read, and its kernels at work.

A rule is applied lazily, exact as if applied at once. When a source fires, each of its synapses first takes the post spikes that
reached it since, oldest first, then the pre spike. Post spikes wait in a log per part; entries about to be overwritten are flushed into
the rows that still need them: the same operations in the same order, only earlier. Exponentials are those of whole steps between stored
event times, so a flush changes no bit. The whole delay is dendritic; below one step it counts as one.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numba import njit

from studio.engine import loop as L
from studio.engine import plasticity_layout as K
from studio.engine import store
from studio.engine.connectivity import Rows
from studio.engine.interpret import Interpreter
from studio.engine.native import address
from studio.engine.plasticity_arrays import Form, normals, trace_arrays
from studio.engine.plasticity_kernels import render_rule
from studio.engine.plasticity_layout import NEVER
from studio.engine.plasticity_text import WRITTEN, Hooks
from studio.engine.random import path_key
from studio.findings import Finding, FindingError
from studio.models.learning import rule_form
from studio.network.flat import Chosen, FlatProjection

__all__ = ["NEVER", "Learning", "interval_steps"]

EPOCH_STEPS = 1 << 30  # steps after which the log counts anew
SPARE = 8  # spikes of every target that the log holds beyond what the delays and slices ask for


class Learning:
    """One projection whose synapses learn or are read: weights, what else they keep, traces, and the log of post spikes of every part.

    `kept`: by part, what synapses and devices start with, by the names of the kernels' arrays. `target`: the states of the population it ends at.
    """

    def __init__(
        self,
        projection: FlatProjection,
        rows: list[Rows],
        n_source: int,
        dt: float,
        precision: str,
        seed: int = 0,
        kept: Sequence[Mapping[str, np.ndarray]] = (),
        target: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        rule, device = projection.plasticity.model, projection.device.model
        self.projection, self.rule, self.rows, self.n_source, self.dt = projection, rule, rows, n_source, dt
        self._pointers: dict[int, np.ndarray] = {}
        self.dtype = np.dtype(np.float64 if precision == "double" else np.float32)
        self.post = _post_states(projection, target or {})
        kinds = tuple(values.dtype.name for values in self.post.values())
        self.form = Form(precision, rows[0].targets.dtype.itemsize, 0 if rows[0].delays is None else rows[0].delays.dtype.itemsize, kinds)
        self.times = [times_of(r) for r in rows] if Hooks(rule, device).drawing else [None] * len(rows)
        self.twice, self.kept = any(t is not None and t.any() for t in self.times), kept
        self.times = self.times if self.twice else [None] * len(rows)
        self._render()
        self.weights = [np.full(r.n, r.weight, self.dtype) if r.weights is None else np.asarray(r.weights, self.dtype) for r in rows]
        self._scalars = self._numbers({})
        self.limit = EPOCH_STEPS
        self.key = path_key(seed, projection.key, "learning")
        self.interval = interval_steps(projection, dt)

    def _render(self) -> None:
        rule, device = self.projection.plasticity, self.projection.device
        self.hooks = Hooks(rule.model, device.model, {"rule": rule.params, "device": device.params}, self.twice)
        self.text = render_rule(rule.model, device.model, self.form, self.hooks)

    def _numbers(self, moving: Mapping[str, float]) -> np.ndarray:
        """The table of numbers; `moving`: those that are no parameters."""
        given = {n: self.dt if n == "dt" else moving.get(n, 0.0) for n in self.text.numbers if "." not in n or n.startswith("signal.")}
        return np.array([given[n] if n in given else scalar(self.projection, *n.split(".", 1)) for n in self.text.numbers])

    def changed(self, owner: str, name: str, value: float, where: str) -> FlatProjection:
        """The projection with another value of its rule or device; raise FindingError where that cannot be while it runs."""
        rule, device = self.rule, self.projection.device.model
        pacing = {t.tau for t in (*rule.traces, *rule.signals)} if owner == "rule" else set()
        used = render_rule(rule, device, self.form, Hooks(rule, device)).numbers
        if name in pacing or (f"{owner}.{name}" not in used and not (owner == "rule" and name == rule.interval)):
            why = "paces a trace, and keeps its value" if name in pacing else "matters only when the network is built"
            raise FindingError([Finding("path.steer", "error", where, f"{name} {why} while the network runs.", "Change it and run again.")])
        p, part = self.projection, {"rule": "plasticity", "device": "device"}[owner]
        changed = replace(p, **{part: Chosen(getattr(p, part).model, {**getattr(p, part).params, name: value})})
        interval_steps(changed, self.dt)
        return changed

    def steer(self, projection: FlatProjection) -> bool:
        """Go on with other numbers, everything up to now being flushed; says whether the kernels have become others, to be put in place."""
        before, moving = self.text, dict(zip(self.text.numbers, self._scalars.tolist(), strict=True))
        self.projection, self.interval = projection, interval_steps(projection, self.dt)
        self._render()
        numbers = self._numbers(moving)
        if self.text == before:
            self._scalars[:] = numbers
            return False
        self._scalars = numbers
        return True

    def compile(self) -> tuple[int, int, int]:
        """The addresses of the kernels that the loop calls."""
        module = store.load(self.text.source)
        return module.deliver.address, module.post.address, module.flush.address

    # memory

    def allocate(self, slice_steps: int, longest: int) -> None:
        """A log long enough that one flush always makes room for a slice in which every neuron fires every step."""
        self.longest, self.slice_steps = max(longest, 1), slice_steps
        self.parts = [self._arrays(part, r.high - r.low) for part, r in enumerate(self.rows)]

    def _arrays(self, part: int, n: int) -> dict[str, np.ndarray]:
        """Everything one part with `n` targets keeps, by name."""
        capacity = max(64, n * (self.longest + 2 * self.slice_steps + SPARE)) if self.hooks.hears_targets else 64
        sizes = {"n_source": self.n_source, "n_target": n, "2 * n_target": 2 * n, "capacity": capacity}
        fixed = {"BLOCK": K.BLOCK, "STACK": K.STACK, "CELLS": K.CELLS}
        arrays = {a: np.full(fixed.get(size) or sizes[size], nothing, kind) for a, size, kind, nothing in K.ARRAYS}
        for name in trace_arrays(self.hooks):
            kind, trace = name.split("_", 1)
            arrays[name] = self._trace_array(kind, trace, sizes)
        arrays |= self._others(part)
        arrays["state"][[K.SETTLED, K.FLUSHED]] = NEVER
        if self.form.delays:  # the last spikes of all are those that have arrived
            shared = {"n1": "l_seq"} | {f"h_{t.name}": f"l_{t.name}" for t in self.hooks.post}
            arrays |= {mine: arrays[same] for mine, same in shared.items()}
        return arrays

    def _trace_array(self, kind: str, trace: str, sizes: dict[str, int]) -> np.ndarray:
        if kind == "exp":
            tau = next(t.tau for t in self.rule.traces if t.name == trace)
            return _exponentials(self.dt, float(self.projection.plasticity.params[tau]))
        if kind in ("e", "l", "h"):
            return np.full(sizes["n_target"], -1.0)  # one less than the trace just after a spike: none yet
        sizes_of = {"x": sizes["n_source"], "log": sizes["capacity"], "k": sizes["n_target"], "table": K.TABLE + 1}
        return np.zeros(sizes_of.get(kind, K.BLOCK), np.float64 if kind in ("x", "log") else self.dtype)

    def _others(self, part: int) -> dict[str, np.ndarray]:
        """What synapses and sources keep beside traces, and what is sent."""
        out = {k.array: self.kept[part][k.array] for k in self.hooks.kept if k != WRITTEN}
        if WRITTEN in self.hooks.kept:
            out[WRITTEN.array] = np.zeros(self.rows[part].n, np.float64)
        for name, start in source_starts(self.projection).items():
            out[f"xs_{name}"] = np.full(self.n_source, start, self.dtype)
        out |= {name: np.zeros(K.BLOCK, np.float64) for name in normals(self.hooks)}
        return out | ({"sent": np.zeros(K.BLOCK, self.dtype)} if self.hooks.sending() else {})

    @property
    def nbytes(self) -> int:
        """What learning takes beside the rows."""
        own = {id(a): a.nbytes for part in self.parts for a in part.values()}
        return sum(own.values()) + sum(w.nbytes for w in self.weights)

    # work

    def flush(self, part: int, until: int) -> None:
        """Apply the post spikes that reached the synapses up to step `until`."""
        self._call("flush", part, until, 1)

    def every(self, part: int, step: int) -> None:
        """At the beginning of step `step`, after all that came before: the rule's `every` where an interval is over; steps counted anew."""
        self.flush(part, step - 1)
        if self._over(step):
            self._call("every", part, step)

    def due(self, step: int) -> bool:
        """Whether `every` has something to do at the beginning of step `step`."""
        return self._over(step) or any(step - 1 - int(part["state"][K.EPOCH]) > self.limit for part in self.parts)

    def _over(self, step: int) -> bool:
        return self.interval > 0 and step > 0 and step % self.interval == 0

    def boundary(self, step: int) -> int:
        """The next step at which it acts."""
        return (step // self.interval + 1) * self.interval if self.interval else 1 << 60

    def set(self, name: str, value: float) -> None:
        """Give a number of the kernels another value, where they use it."""
        if name in self.text.numbers:
            self._scalars[self.text.numbers.index(name)] = value

    def _call(self, kernel: str, part: int, *integers: int) -> None:
        function = getattr(store.load(self.text.source), kernel).ctypes
        as_long, as_double = ctypes.POINTER(ctypes.c_int64), ctypes.POINTER(ctypes.c_double)
        tables = self._pointers[part].ctypes.data_as(as_long), self._scalars.ctypes.data_as(as_double)
        function(*tables, *integers, *[0] * (5 - len(integers)))

    def write(
        self, row: np.ndarray, part: int, kernels: tuple[int, int, int], ring: np.ndarray, updates: np.ndarray, keep: list[np.ndarray]
    ) -> None:
        """Fill the rule's columns of a projection's row, and its pointer table."""
        r, arrays = self.rows[part], self.parts[part]
        p = np.zeros(K.HEADER + len(self.text.arrays), np.int64)
        p[K.STARTS], p[K.TARGETS], p[K.DELAYS], p[K.DELAY] = address(r.starts), address(r.targets), address(r.delays), r.delay
        p[K.WEIGHTS], p[K.RING], p[K.SLOTS], p[K.STRIDE] = address(self.weights[part]), address(ring), ring.shape[0], ring.shape[1]
        p[K.N_SOURCE], p[K.N_TARGET], p[K.CAPACITY] = self.n_source, r.high - r.low, len(arrays["log_step"])
        p[K.LOW], p[K.KEY], p[K.TIMES] = r.low, np.array(self.key, np.uint64).view(np.int64), address(self.times[part])
        p[K.LONGEST], p[K.SLICE], p[K.LIMIT], p[K.UPDATED] = self.longest, self.slice_steps, self.limit, address(updates)
        for name, *_ in K.ARRAYS:
            p[getattr(K, name.upper())] = address(arrays[name])
        post = {f"ps_{name}": values[r.low :] for name, values in self.post.items()}
        p[K.HEADER :] = [address((arrays | post)[name]) for name in self.text.arrays]
        keep.append(p)
        self._pointers[part] = p
        row[L.FORM], row[L.ROW_POINTERS], row[L.ROW_NUMBERS] = L.LISTED_SPIKES, address(p), address(self._scalars)
        row[L.ROW_KERNEL], row[L.POST_KERNEL], row[L.FLUSH_KERNEL] = kernels
        if not self.hooks.hears_targets:
            row[L.POST_KERNEL] = 0


def source_starts(p: FlatProjection) -> dict[str, float]:
    """What every source of a projection begins with."""
    language = Interpreter()
    return {name: float(language.value(tree, p.plasticity.params)) for name, tree in rule_form(p.plasticity.model).source_starts.items()}


def _post_states(p: FlatProjection, target: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The states of the target that the rule reads; raise FindingError where it lacks one."""
    wanted = rule_form(p.plasticity.model).post
    missing = [name for name in wanted if name not in target]
    if missing:
        text = f"the rule “{p.plasticity.model.key}” reads the state {' and '.join(missing)} of “{p.target}”, which has none of that name."
        fix = f"Choose a neuron that has it, or another rule; it has {', '.join(target) or 'no states'}."
        raise FindingError([Finding("path.state", "error", f"{p.path}.plasticity", text, fix)])
    return {name: target[name] for name in wanted}


@lru_cache(maxsize=64)
def _exponentials(dt: float, tau: float) -> np.ndarray:
    """exp(-n dt / tau) for the whole steps that a table holds, by the function that kernels and reference use."""
    out = np.array([math.exp(-(n * dt) / tau) for n in range(K.TABLE)])
    out.setflags(write=False)
    return out


def times_of(rows: Rows) -> np.ndarray:
    """For every synapse, how many earlier ones of its row have the same target."""
    out = np.zeros(rows.n, np.uint32)
    _count_equals(rows.starts, rows.targets, np.zeros(rows.high - rows.low, np.uint32), out)
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _count_equals(starts, targets, seen, out):  # type: ignore[no-untyped-def]
    for source in range(starts.shape[0] - 1):
        for s in range(starts[source], starts[source + 1]):
            out[s] = seen[targets[s]]
            seen[targets[s]] += np.uint32(1)
        for s in range(starts[source], starts[source + 1]):
            seen[targets[s]] = np.uint32(0)


def scalar(projection: FlatProjection, owner: str, name: str) -> float:
    params = (projection.plasticity if owner == "rule" else projection.device).params
    value = params[name]
    if not isinstance(value, (int, float)):
        raise FindingError(
            [
                Finding(
                    "bounds.shared", "error", f"{projection.path}.{name}", "one value for all synapses is needed here, not one per synapse."
                )
            ]
        )
    return float(value)


def interval_steps(projection: FlatProjection, dt: float) -> int:
    """The steps between two times that a projection's rule acts by itself; 0: it never does. Raises FindingError below one step."""
    rule = projection.plasticity.model
    if not rule.every.strip():
        return 0
    wanted = scalar(projection, "rule", rule.interval)
    if round(wanted / dt) < 1:
        text = f"an interval of {wanted:g} ms is shorter than a step of {dt:g} ms."
        raise FindingError(
            [Finding("bounds.interval", "error", f"{projection.path}.plasticity.{rule.interval}", text, "Make it at least one step.")]
        )
    return round(wanted / dt)
