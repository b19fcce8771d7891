"""Routing constraints: what kinds there are, what each takes, and which nodes and projections its paths mean.

They say what a compiler keeps to when it puts the network on a chip; a simulation does not hear of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Union

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Param
from studio.network.flat import Constraint, FlatPopulation, FlatProjection, FlatSource
from studio.network.paths import did_you_mean, parse
from studio.network.resolve import Given, resolve
from studio.network.unfold import Scope

Node = Union[FlatPopulation, FlatSource]
SCOPES = ("core", "chip")


@dataclass(frozen=True)
class Kind:
    """One kind of constraint: the keys it needs and those it may have, what its paths may name, and one line about it."""

    needs: tuple[str, ...]
    about: tuple[str, ...]  # population, source, projection
    doc: str
    takes: tuple[str, ...] = ()
    fewest: int = 1  # paths
    scope: str = ""  # where none is said


KINDS: Mapping[str, Kind] = {
    "fan_in": Kind(("path", "limit"), ("population", "projection"), "No neuron has more than `limit` synapses onto it."),
    "fan_out": Kind(("path", "limit"), ("population", "source", "projection"), "No neuron has more than `limit` synapses onto others."),
    "region": Kind(("path",), ("population", "source"), "Its neurons lie on this chip, on these cores.", ("chip", "cores")),
    "keep_together": Kind(("paths",), ("population", "source"), "All their neurons lie on one chip (or core).", ("scope",), 1, "chip"),
    "keep_apart": Kind(("paths",), ("population", "source"), "No core (or chip) holds neurons of two of them.", ("scope",), 2, "core"),
    "delay_class": Kind(("path", "delays"), ("projection",), "Its delays are rounded to the nearest of these."),
}
KEYS = ("path", "paths", "limit", "chip", "cores", "scope", "delays")
LIMIT = Param("limit", 1.0, "", "Most synapses of one neuron.", low=1.0, high=2.0**31, integer=True)
PLACE = Param("place", 0.0, "", "Number of a chip or core.", low=0.0, high=2.0**31, integer=True)
DELAY = Param("delays", 1.0, "ms", "A delay of the class.", low=0.0, high=1e6)


def constrained(
    given: Sequence[Any], main: Scope | None, nodes: Mapping[str, Node], projections: Iterable[FlatProjection]
) -> tuple[tuple[Constraint, ...], list[Finding]]:
    """The document's constraints with every path resolved, and what is wrong with their form. Entries have `kind` and the attributes KEYS."""
    reader = _Reader(main, nodes, tuple(projections))
    out: list[Constraint] = []
    findings: list[Finding] = []
    for k, one in enumerate(given if main else ()):
        try:
            out.append(reader.read(one, f"constraints.{k}"))
        except FindingError as wrong:
            findings += [Finding(f.code, "error", f.where or f"constraints.{k}", f.text, f.fix) for f in wrong.findings]
    return tuple(out), findings


@dataclass(frozen=True)
class _Reader:
    """Reads constraints against what a document unfolds to."""

    main: Scope | None
    nodes: Mapping[str, Node]
    projections: tuple[FlatProjection, ...]

    def read(self, one: Any, place: str) -> Constraint:
        kind = KINDS.get(one.kind)
        if kind is None:
            fix = did_you_mean(one.kind, list(KINDS))
            _fail("text.constraint", f"{place}.kind", f"“{one.kind:.60}” is no kind of constraint.", fix)
        _keys(one, kind, place)
        made = Constraint(one.kind, place, self._groups(one, kind, place))
        if one.kind in ("fan_in", "fan_out"):
            return replace(made, limit=int(_number(LIMIT, one.limit, f"{place}.limit")))
        if one.kind == "region":
            return _region(one, made)
        if one.kind == "delay_class":
            return replace(made, delays=_delays(one.delays, place))
        return replace(made, scope=_scope(one, kind, place))

    def _groups(self, one: Any, kind: Kind, place: str) -> tuple[tuple[str, ...], ...]:
        if one.paths is None:
            return (self._named(one.path, kind, one.kind, f"{place}.path"),)
        if len(dict.fromkeys(one.paths)) < kind.fewest:
            _fail("size.constraint", f"{place}.paths", f"{one.kind} needs {kind.fewest} different paths or more.", "Name what it is about.")
        return tuple(self._named(text, kind, one.kind, f"{place}.paths.{k}") for k, text in enumerate(one.paths))

    def _named(self, text: str, kind: Kind, name: str, where: str) -> tuple[str, ...]:
        """The nodes, or keys of projections, that a path means; an instance means all inside that the constraint can be about."""
        assert self.main is not None
        path = _parsed(text, where)
        out: list[str] = []
        found = self.main.select(path)
        if not found:
            known = [*self.main.leaves, *self.main.instances, *self.main.links]
            _fail("path.unknown", where, f"“{text}” names no population, source or projection.", did_you_mean(path.steps[0].key, known))
        for scope, key, index in found:
            if index:
                _fail(
                    "path.constraint",
                    where,
                    f"“{text}” chooses neurons; a constraint is about whole populations.",
                    "Leave the brackets out.",
                )
            if not key:
                out += [leaf.path for leaf in scope.every_leaf() if leaf.path in self.nodes and leaf.node.kind in kind.about]
            elif key in scope.links:
                out += self._projection(scope.links[key].path, kind, name, where)
            else:
                out += self._node(scope.leaves[key].path, kind, name, where)
        return tuple(dict.fromkeys(out))

    def _node(self, path: str, kind: Kind, name: str, where: str) -> list[str]:
        node = self.nodes.get(path)
        word = "source" if isinstance(node, FlatSource) else "population"
        if word not in kind.about:
            _wrong_kind(path, word, kind, name, where)
        return [path] if node is not None else []

    def _projection(self, path: str, kind: Kind, name: str, where: str) -> list[str]:
        if "projection" not in kind.about:
            _wrong_kind(path, "projection", kind, name, where)
        return [p.key for p in self.projections if p.path == path]


def _keys(one: Any, kind: Kind, place: str) -> None:
    """Raise where a key is missing, or one stands that this kind does not take."""
    for key in KEYS:
        there = getattr(one, key) is not None
        if key in kind.needs and not there:
            _fail("text.constraint", f"{place}.{key}", f"{one.kind} needs “{key}”.", "Give it.")
        if there and key not in (*kind.needs, *kind.takes):
            takes = " and ".join([*kind.needs, *kind.takes])
            _fail("text.constraint", f"{place}.{key}", f"{one.kind} has no “{key}”.", f"It takes {takes}.")


def _region(one: Any, made: Constraint) -> Constraint:
    if one.chip is None and one.cores is None:
        _fail("text.constraint", made.place, "A region says no chip and no cores.", "Give “chip”, “cores”, or both.")
    chip = None if one.chip is None else int(_number(PLACE, one.chip, f"{made.place}.chip"))
    if one.cores is None:
        return replace(made, chip=chip)
    low, high = (int(_number(PLACE, c, f"{made.place}.cores")) for c in one.cores)
    if high <= low:
        text = f"The cores from {low} up to, not including, {high} are none."
        _fail("bounds.constraint", f"{made.place}.cores", text, f"Give [{low}, {low + 1}] for one core.")
    return replace(made, chip=chip, cores=(low, high))


def _delays(given: Sequence[Any], place: str) -> tuple[float, ...]:
    if not given:
        _fail("size.constraint", f"{place}.delays", "There is no delay to round to.", "Give one or more.")
    return tuple(sorted({_number(DELAY, one, f"{place}.delays.{k}") for k, one in enumerate(given)}))


def _scope(one: Any, kind: Kind, place: str) -> str:
    said = kind.scope if one.scope is None else one.scope
    if said not in SCOPES:
        _fail("text.constraint", f"{place}.scope", f"“{said:.60}” is no scope.", f"Use {' or '.join(SCOPES)}.")
    return said


def _parsed(text: str, where: str) -> Any:
    try:
        return parse(text)
    except FindingError as wrong:
        raise FindingError([Finding(f.code, "error", where, f.text, f.fix) for f in wrong.findings]) from None


def _number(param: Param, given: Any, where: str) -> float:
    value, findings = resolve(param, Given(given, where), _no_array, None)
    if findings:
        raise FindingError(findings)
    if not isinstance(value, (int, float)):
        _fail("bounds.shared", where, f"“{param.name}” is one number.", "Give a single number.")
    return float(value)


def _no_array(name: str) -> np.ndarray:
    _fail("text.value", "", f"The array “{name}” cannot stand here.", "Give a single number.")


def _wrong_kind(path: str, word: str, kind: Kind, name: str, where: str) -> NoReturn:
    _fail("path.constraint", where, f"{name} is about {' and '.join(f'{w}s' for w in kind.about)}; “{path}” is a {word}.")


def _fail(code: str, where: str, text: str, fix: str = "") -> NoReturn:
    raise FindingError([Finding(code, "error", where, text, fix)])
