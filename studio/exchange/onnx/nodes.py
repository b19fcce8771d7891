"""Sources and populations of an export: inputs of the model, and calls of the functions that advance them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.engine.connectivity import Rows, build, ends, listed
from studio.engine.coupled import sums
from studio.engine.parameters import numbers, receptors, system_of
from studio.exchange.onnx.body import DOUBLE, SINGLE
from studio.exchange.onnx.draft import Draft, Group
from studio.exchange.onnx.draws import laws
from studio.exchange.onnx.language import drawing, refuse_draws
from studio.exchange.onnx.neurons import DRAW, HELD_STEPS, MARGIN, SPIKES, Shape, function
from studio.exchange.onnx.settled import settled
from studio.findings import Finding, FindingError
from studio.models.system import EXTERNAL
from studio.network.coupling import coupled
from studio.network.flat import FlatPopulation


class Nodes(Draft):
    """Sources and populations."""

    coupled: Mapping[str, list[Rows]]

    def _sources(self) -> None:
        for source in self.flat.sources:
            name = self.states.unique(source.path)
            self.inputs[name] = (source.path, source.size)
            self.spikes[source.path] = f"{name}.x"
            if source.model.key not in ("spike_list", "step_current"):
                text = f"ONNX has no {source.model.title.lower()}: what “{name}” does in every step must be fed."
                self.tell("lossy.source", source.path, text, "info", "studio.exchange.onnx.stimulus gives what the engine would draw.")

    def _population(self, population: FlatPopulation) -> None:
        path = population.path
        of = receptors(self.flat, path)
        system = system_of(population, of, self.flat.run.method)
        if system.method == "adaptive":
            text = "A model with steps of its own length cannot be said: every step of an ONNX model does the same."
            raise FindingError([Finding("lossy.method", "error", "run.method", text, "Leave run.method empty, or choose rk4.")])
        for k, receptor in enumerate(of):
            if drawing(a.value for a in system.jumps[k]):
                raise refuse_draws(receptor.kinetics.model.title, path)
        made = numbers(system, population, of, self.seed, self.dt, sums(population.size, of, self.coupled))
        lean = settled(system, made.values)
        system = system if lean.random else lean  # the engine counts all draws of a text, also those that do not matter
        drawn = laws(system)
        if drawn is None:
            raise refuse_draws(population.model.title, path)
        analog = any(p.target == path and p.kinetics is None for p in self.flat.projections)
        arrays = frozenset(name for name, value in made.values.items() if np.ndim(value))
        call = function(self.library, system, Shape(arrays, analog, self.margins))
        name = self.states.unique(path)
        group = self.groups[path] = Group(population, name, system, of, made, call)
        n = population.size
        for s in system.states:
            start = np.broadcast_to(np.asarray(made.starts[s.name], float), (n,)).astype(np.float32)
            group.now[s.name] = self.states.add(f"{name}.{s.name}", start, path, s.name)
        for k in range(len(drawn)):
            self.inputs[f"{name}.{DRAW}{k}"] = (f"{path}.{DRAW}{k}", n)
        if drawn:
            text = f"What “{name}” draws in every step is an input: {', '.join(drawn)}."
            self.tell("lossy.random", path, text, "info", "studio.exchange.onnx.stimulus gives the numbers that the engine would draw.")
        if system.refractory:
            group.now[HELD_STEPS] = self.states.add(f"{name}.{HELD_STEPS}", np.zeros(n, np.float32), path, HELD_STEPS)

    def _advance(self, group: Group, before: dict[str, dict[str, str]]) -> None:
        body, path = self.body, group.population.path
        given = dict(group.now)
        for k in range(len(group.of)):
            nothing = body.zeros(group.now[group.system.states[0].name]) if k not in group.arrived else ""
            given[f"w{k}"] = self._coupling(group, k, before) or group.arrived.get(k, nothing)
        if EXTERNAL in group.call.inputs:
            given[EXTERNAL] = self._analog(path)
        plain: dict[str, float] = {}
        for name, value in group.numbers.values.items():
            if np.ndim(value) and name in group.call.inputs:
                given[name] = self.states.constant(f"{group.name}.p.{name}", np.asarray(value).astype(np.float32))
            elif not np.ndim(value):
                plain[name] = float(value)
        dtype = DOUBLE if group.system.whole else SINGLE
        given |= {name: f"{group.name}.{name}.x" for name in group.call.inputs if name.startswith(DRAW) and name not in given}
        done = group.call.into(body, given, plain, dtype, where=group.name)
        self.spikes[path] = done.pop(SPIKES, "") or body.zeros(group.now[group.system.states[0].name])
        margin = done.pop(MARGIN, "")
        group.now |= done
        n = group.population.size
        if group.system.threshold is not None:
            self.outputs[f"{group.name}.{SPIKES}"] = (self.spikes[path], path, SPIKES, n)
        if margin:
            self.outputs[f"{group.name}.{MARGIN}"] = (margin, path, MARGIN, n)
        for s in group.system.states:
            if (path, s.name) in self.traced:
                self.outputs[f"{group.name}.{s.name}"] = (done[s.name], path, s.name, n)

    def _coupling(self, group: Group, k: int, before: dict[str, dict[str, str]]) -> str:
        """What a coupled receptor reads: weights times the sources' states at the end of the previous step."""
        if not group.of[k].kinetics.model.coupled:
            return ""
        body, total = self.body, ""
        for key in group.of[k].projections:
            p = next(q for q in self.flat.projections if q.key == key)
            found = listed(self.coupled[key], 1.0)
            name = self.states.unique(key)
            value = before[p.source][coupled(p) or ""]
            sent = body.op(
                "Mul",
                self.states.constant(f"{name}.w", found.weights.astype(np.float32)),
                body.op("Gather", value, self.states.constant(f"{name}.sources", found.sources.astype(np.int32))),
            )
            into = total or body.zeros(group.now[group.system.states[0].name])
            total = body.op(
                "ScatterElements",
                into,
                self.states.constant(f"{name}.targets", found.targets.astype(np.int32)),
                sent,
                axis=0,
                reduction="add",
            )
        return total

    def _analog(self, path: str) -> str:
        """The analog input of a population, added in double precision."""
        body = self.body
        total = body.zeros(self.groups[path].now[self.groups[path].system.states[0].name], DOUBLE)
        for p in self.flat.projections:
            if p.kinetics is not None or p.target != path:
                continue
            e = ends(self.flat, p)
            rows = listed(build(p, e, self.seed, self.dt), 1.0)
            name = self.states.unique(p.key)
            at = lambda what, values, name=name: self.states.constant(f"{name}.{what}", values)  # noqa: E731
            value = body.cast(self.spikes[p.source], DOUBLE)
            each = body.op("Gather", value, at("sources", rows.sources.astype(np.int32)))
            sent = body.op("Mul", at("gains", rows.weights.astype(np.float64)), each)
            total = body.op("ScatterElements", total, at("targets", rows.targets.astype(np.int32)), sent, axis=0, reduction="add")
        return body.cast(total, SINGLE)
