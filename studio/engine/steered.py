"""A simulation whose parameters change: finds what a path means, checks the value, and writes the new numbers where kernels read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.engine.coupled import Coupled
from studio.engine.drive import PoissonDrive
from studio.engine.parameters import Numbers, Receptor, numbers, source_form
from studio.findings import Finding, FindingError
from studio.models.spec import Events, Param
from studio.network.flat import Chosen, Drawn, FlatPopulation, FlatProjection, FlatSource
from studio.network.paths import Step, did_you_mean, parse

if TYPE_CHECKING:
    from studio.engine.cells import Cells
    from studio.engine.parts import Link
    from studio.engine.simulation import Simulation

Change = tuple[list[dict[str, Any]], list[Callable[[], None]]]  # what to write down, and what does it
BUILT = ("size", "start", "delay", "gain", "connector", "plasticity", "device", "repeat", "shape")
NEXT = "Change it and run again."


class Steered:
    """Keeps the values that hold now, and changes them in place between two slices."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        flat = simulation.flat
        self._nodes: dict[str, FlatPopulation | FlatSource] = {n.path: n for n in (*flat.populations, *flat.sources)}
        self._projections = {p.key: p for p in flat.projections}
        self._receptors = {path: tuple(c.receptors) for path, c in simulation.cells.items()}
        self._steps = {text: parse(text).steps for text in {*self._nodes, *(p.path for p in flat.projections)}}

    def check(self, path: str, value: Any) -> None:
        """Raise FindingError where this change cannot be."""
        self._prepared(path, value)

    def change(self, path: str, value: Any) -> list[dict[str, Any]]:
        """Change it: all that `path` names, or nothing. Returns what was changed, as `path`, `name`, `value`."""
        entries, acts = self._prepared(path, value)
        for act in acts:
            act()
        return entries

    # what a path means

    def _prepared(self, text: str, value: Any) -> Change:
        where, name = self._split(text)
        found: list[Change] = []
        if not name.startswith("kinetics."):
            found += [self._node(n, name, value) for n in self._nodes.values() if self._meant(where, n.path)]
        links = [p for p in self._projections.values() if self._meant(where, p.path) or str(where) == p.key]
        for path in dict.fromkeys(p.path for p in links):
            found.append(self._link([p for p in links if p.path == path], name, value))
        if not found:
            raise self._unknown(text, where)
        return [e for entries, _ in found for e in entries], [a for _, acts in found for a in acts]

    def _split(self, text: str) -> tuple[tuple[Step, ...] | str, str]:
        """`cols[*].exc.tau_m` as the steps of a node or projection and the name of a value there."""
        for key in self._projections:  # a key of one pair of nodes is no path
            if text.startswith(f"{key}.") and key not in self._steps:
                return key, text[len(key) + 1 :]
        steps = parse(text).steps
        if len(steps) == 1:
            raise _error("path.unknown", text, f"“{text}” names no value.", f"Write {text}.PARAMETER, for example exc.tau_m.")
        for k in (1, 2):
            if any(self._meant(steps[:-k], path) for path in self._steps):
                return steps[:-k], ".".join(s.key for s in steps[-k:])
        return steps[:-1], steps[-1].key

    def _meant(self, where: tuple[Step, ...] | str, path: str) -> bool:
        """Whether the steps name this node or projection; a step without a copy names all copies."""
        if isinstance(where, str):
            return False
        own = self._steps[path]
        if len(own) != len(where) or (where and where[-1].index):
            return False
        return all(
            w.key == o.key and (not w.index or (bool(o.index) and w.takes(int(str(o.index[0]))))) for w, o in zip(where, own, strict=True)
        )

    # the changes

    def _node(self, node: FlatPopulation | FlatSource, name: str, value: Any) -> Change:
        chosen = node.neuron if isinstance(node, FlatPopulation) else node.source
        given = self._value(chosen.model, node.path, name, value, node.size)
        changed = Chosen(chosen.model, {**chosen.params, name: given})
        entry = {"path": node.path, "name": name, "value": plain(given)}
        if isinstance(node, FlatPopulation):
            return [entry], [self._population(replace(node, neuron=changed), self._receptors[node.path], f"{node.path}.{name}")]
        return [entry], [self._source(replace(node, source=changed), f"{node.path}.{name}")]

    def _population(self, node: FlatPopulation, of: tuple[Receptor, ...], where: str) -> Callable[[], None]:
        cells, plan = self._simulation.cells[node.path], self._simulation.plan
        try:
            with np.errstate(all="ignore"):
                table = tables(cells, numbers(cells.system, node, of, plan.seed, plan.dt, cells.sums), where)
        except (ArithmeticError, ValueError) as wrong:
            if isinstance(wrong, FindingError):
                raise
            raise not_finite(where) from None

        def act() -> None:
            self._nodes[node.path], self._receptors[node.path] = node, of
            cells.steer(node, of, *table)

        return act

    def _source(self, node: FlatSource, where: str) -> Callable[[], None]:
        form = source_form(node, self._simulation.plan.seed, self._simulation.plan.dt)
        drive = self._simulation.drives.get(node.path)
        takers = [*self._simulation.inputs(node.path), *([drive] if isinstance(drive, PoissonDrive) else [])]
        if isinstance(form, Events):
            raise _error(
                "path.steer", where, "the spikes of this source are given as a list, which does not change while the network runs.", NEXT
            )

        def act() -> None:
            self._nodes[node.path] = node
            for taker in takers:
                taker.steer(form)

        return act

    def _link(self, links: list[FlatProjection], name: str, value: Any) -> Change:
        path, (part, _, param) = links[0].path, name.partition(".")
        if part == "kinetics" and param:
            return self._kinetics(path, links, param, value)
        if part in ("plasticity", "device") and param:
            return self._rule(path, links, part, param, value)
        if name == "weight":
            return self._weight(path, links, value)
        raise (
            self._fixed(f"{path}.{name}", part)
            if part in BUILT
            else _error(
                "path.steer", f"{path}.{name}", f"a projection has no “{name}”.", "weight and the parameters of its kinetics can change."
            )
        )

    def _kinetics(self, path: str, links: list[FlatProjection], name: str, value: Any) -> Change:
        """A receptor belongs to all projections with equal kinetics onto one population: they change together."""
        where, shared, acts, given = f"{path}.kinetics.{name}", [], [], None
        for target in dict.fromkeys(p.target for p in links):
            node = self._nodes[target]
            keys = {p.key for p in links if p.target == target}
            of = list(self._receptors[target]) if target in self._receptors else []
            mine = [k for k, r in enumerate(of) if keys & set(r.projections)]
            if not mine or not isinstance(node, FlatPopulation):
                raise _error("path.steer", where, "an analog projection has a gain and no kinetics.")
            for k in mine:
                model, params = of[k].kinetics.model, of[k].kinetics.params
                given = self._value(model, f"{path}.kinetics", name, value, node.size)
                of[k] = replace(of[k], kinetics=Chosen(model, {**params, name: given}))
                shared += of[k].projections
            acts.append(self._population(node, tuple(of), where))
        return [{"path": path, "name": f"kinetics.{name}", "value": plain(given), "projections": shared}], acts

    def _rule(self, path: str, links: list[FlatProjection], part: str, name: str, value: Any) -> Change:
        """A number of a rule or of the devices it writes."""
        where, acts = f"{path}.{part}.{name}", []
        given = self._value(getattr(links[0], part).model, f"{path}.{part}", name, value, 1)
        if not isinstance(given, (int, float)):
            raise _error("bounds.shared", where, "all synapses share this number.", "Give one number.")
        for link in self._simulation.links:
            if link.projection in links:
                if link.learning is None:
                    text = "these devices were programmed when the network was built, and hold still since."
                    raise _error("path.steer", where, text, NEXT)
                acts.append(self._steer_rule(link, {"plasticity": "rule", "device": "device"}[part], name, float(given), where))
        return [{"path": path, "name": f"{part}.{name}", "value": given}], acts

    def _steer_rule(self, link: Link, owner: str, name: str, value: float, where: str) -> Callable[[], None]:
        learning = link.learning
        assert learning is not None
        params = learning.changed(owner, name, value, where)

        def act() -> None:
            for part in range(self._simulation.plan.threads):
                learning.flush(part, self._simulation.step - 1)
            if learning.steer(params):
                self._simulation.relink(link)

        return act

    def _weight(self, path: str, links: list[FlatProjection], value: Any) -> Change:
        where = f"{path}.weight"
        given = self._checked(
            Param("weight", 1.0, "" if links[0].kinetics is None else links[0].kinetics.model.weight_unit, ""), where, value, None
        )
        if not isinstance(given, float):
            raise _error(
                "bounds.shared", where, "while the network runs, a weight changes for all synapses to one number.", "Give one number."
            )
        acts = [self._weigh(link, given, where) for link in self._simulation.links if link.projection in links]
        if not acts:
            raise _error("path.steer", where, "an analog projection has a gain and no weight.")
        return [{"path": path, "name": "weight", "value": given}], acts

    def _weigh(self, link: Link, weight: float, where: str) -> Callable[[], None]:
        if isinstance(link.delivery, Coupled):
            raise _error("path.steer", where, "the weights of a coupled projection do not change while the network runs.", NEXT)
        if link.delivery is None:
            raise _error("path.steer", where, "these weights learn; only their rule changes them while the network runs.", NEXT)
        if not isinstance(link.projection.weight, float) or any(r.weights is not None for r in link.rows):
            raise _error(
                "bounds.shared", where, "here every synapse has a weight of its own, which does not change while the network runs.", NEXT
            )

        delivery = link.delivery

        def act() -> None:
            delivery.steer(weight * link.scale)
            link.rows[:] = [replace(r, weight=weight * link.scale) for r in link.rows]

        return act

    # values

    def _value(self, model: Any, path: str, name: str, value: Any, size: int) -> Any:
        param, where = model.param(name), f"{path}.{name}"
        if param is None and name.partition(".")[0] in BUILT:
            raise self._fixed(where, name.partition(".")[0])
        if param is None:
            text = f"“{model.key}” has no parameter “{name}”."
            raise _error("path.param", where, text, did_you_mean(name, [p.name for p in model.params]))
        if param.kind != "number":
            raise _error(
                "path.steer",
                where,
                f"{name} is {'an array' if param.kind == 'array' else 'a word'}, which does not change while the network runs.",
                NEXT,
            )
        return self._checked(param, where, value, size)

    def _checked(self, param: Param, where: str, value: Any, size: int | None) -> Any:
        from studio.network.resolve import Given, resolve

        if isinstance(value, Drawn):
            return value
        said, arrays = spoken(value, where)
        resolved, findings = resolve(param, Given(said, where), arrays, size)
        if findings:
            raise FindingError(findings)
        return resolved

    def _fixed(self, where: str, name: str) -> FindingError:
        return _error("path.steer", where, f"{name} belongs to how the network is built; it does not change while the network runs.", NEXT)

    def _unknown(self, text: str, where: Any) -> FindingError:
        said = where if isinstance(where, str) else ".".join(map(str, where))
        fix = did_you_mean(said, sorted(self._steps))
        return _error("path.unknown", text, f"“{text}” names nothing that can change while the network runs.", fix)


def tables(cells: Cells, made: Numbers, where: str) -> tuple[np.ndarray, list[np.ndarray]]:
    """The numbers and arrays that a population's kernel reads, its text unchanged; raise FindingError where they do not fit it."""
    values = {n: made.values[n] for n in (*cells.kernel.numbers, *cells.kernel.arrays)}
    several = [n for n in cells.kernel.numbers if isinstance(values[n], np.ndarray)]
    if several:
        text = "all neurons here share one value, and while the network runs it stays one."
        raise _error("bounds.shared", where, text, "Give one number; or give every neuron its own value before the run.")
    if any(not np.isfinite(v).all() for v in values.values()):
        raise not_finite(where)
    scalars = np.array([float(values[n]) for n in cells.kernel.numbers] or [0.0])
    return scalars, [np.broadcast_to(np.asarray(values[n], float), cells.size) for n in cells.kernel.arrays]


def not_finite(where: str) -> FindingError:
    return _error("bounds.finite", where, "with this value a step of the neuron is not a finite number.", "Give a less extreme value.")


def spoken(value: Any, where: str) -> tuple[Any, Callable[[str], np.ndarray]]:
    """A value in any of its forms as the document would say it, and the array it names: 15, "15 ms", (15, "ms"), {"normal": [15, 1]}, an array."""
    from studio.network.values import DataRef, Quantity, from_json, from_text

    kept: dict[str, np.ndarray] = {}
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
        value = {"value": value[0], "unit": value[1]}
    if isinstance(value, str):
        value = from_text(value)
    if isinstance(value, np.generic):
        value = value.item()
    try:
        if isinstance(value, (np.ndarray, list, tuple)):
            kept["given"] = np.asarray(value, float)
            value = DataRef(data="given")
        elif isinstance(value, Mapping):
            value = from_json(dict(value))
        number = value.value if isinstance(value, Quantity) else value
        if isinstance(number, (int, float)) and not np.isfinite(number):
            raise ValueError
    except (ValueError, TypeError):
        raise _error(
            "text.value", where, f"{value!r:.60} is not a number.", 'Give a number, (number, "unit"), or a distribution.'
        ) from None
    return value, kept.__getitem__


def plain(value: Any) -> Any:
    """A value in the parameter's own unit, as JSON that `spoken` understands."""
    if isinstance(value, np.ndarray):
        return value.ravel().tolist()
    if not isinstance(value, Drawn):
        return value
    ends = {"min": value.low, "max": value.high}
    return {value.shape: [value.a, value.b], **{k: v for k, v in ends.items() if np.isfinite(v)}}


def _error(code: str, where: str, text: str, fix: str = "") -> FindingError:
    return FindingError([Finding(code, "error", where, text, fix)])
