"""A document unfolded: every copy of every circuit with what is set there, and who reaches whom through which ports.

Precedence of settings, rising: node, inner override, outer override, `set`; of two in one place the one that names a copy wins.
Nothing here knows what models mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from studio.findings import Finding, FindingError
from studio.network.document import Circuit, Document, Instance, Population, Projection, Source
from studio.network.ends import node_of, pairs
from studio.network.paths import Index, Path, did_you_mean, natural, parse
from studio.network.resolve import Given
from studio.network.values import Value

MAX_NODES = 100_000


@dataclass(frozen=True, eq=False)
class Setting:
    """A value meant for what lies at `path` below here; `where` is how the document or the caller said it."""

    path: Path
    value: Any
    where: str
    origin: int

    def within(self, key: str, copy: int | None = None) -> Setting | None:
        """The same setting one step further in, when it goes through that node (and that copy of it)."""
        first = self.path.steps[0]
        if first.key != key or len(self.path.steps) < 2 or (copy is not None and not first.takes(copy)):
            return None
        if copy is None and first.index:
            return None
        return Setting(Path(self.path.steps[1:]), self.value, self.where, self.origin)


@dataclass(frozen=True)
class Leaf:
    """A population or source that exists."""

    path: str
    circuit: str
    node: Population | Source
    fields: Mapping[str, Given]  # size
    params: Mapping[str, Given]
    start: Mapping[str, Given]


@dataclass(frozen=True)
class Link:
    """A projection in one copy of its circuit; `pairs` are paths of leaves."""

    path: str
    where: str
    projection: Projection
    fields: Mapping[str, Given]  # weight, delay, gain
    parts: Mapping[str, Mapping[str, Given]]  # connector, kinetics, plasticity, device, where there is one crossbar -> params
    pairs: tuple[tuple[str, str], ...]
    signals: Mapping[str, str] = field(default_factory=dict)  # of the rule: name -> path of a leaf


@dataclass(frozen=True)
class Scope:
    """One copy of a circuit: its leaves by key, its instances as tuples of scopes."""

    prefix: str
    key: str
    circuit: Circuit
    leaves: dict[str, Leaf] = field(default_factory=dict)
    instances: dict[str, tuple[Scope, ...]] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)

    def every_leaf(self) -> Iterator[Leaf]:
        """All leaves inside, by key, deepest last within each."""
        for key in sorted({*self.leaves, *self.instances}, key=natural):
            if key in self.leaves:
                yield self.leaves[key]
            else:
                for scope in self.instances[key]:
                    yield from scope.every_leaf()

    def every_link(self) -> Iterator[Link]:
        """All links: of this circuit first, then those inside its instances."""
        yield from (self.links[key] for key in sorted(self.links, key=natural))
        for key in sorted(self.instances, key=natural):
            for scope in self.instances[key]:
                yield from scope.every_link()

    def select(self, path: Path) -> list[tuple[Scope, str, tuple[Index, ...]]]:
        """(scope, key, neuron selection) of each leaf, link or whole instance that a path names; wildcards and slices choose copies."""
        first, rest = path.steps[0], Path(path.steps[1:])
        if first.key not in self.instances:
            known = first.key in self.leaves or first.key in self.links
            return [(self, first.key, first.index)] if known and not rest.steps else []
        chosen = [scope for k, scope in enumerate(self.instances[first.key]) if first.takes(k)]
        if rest.steps:
            return [found for scope in chosen for found in scope.select(rest)]
        return [(scope, "", ()) for scope in chosen]


@dataclass(frozen=True)
class Unfolded:
    """The whole, or what could be unfolded, with findings."""

    main: Scope | None
    findings: tuple[Finding, ...]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(self.main.every_leaf()) if self.main else ()

    @property
    def links(self) -> tuple[Link, ...]:
        return tuple(self.main.every_link()) if self.main else ()


def unfold(document: Document, settings: Mapping[str, Any] | None = None, start: str | None = None) -> Unfolded:
    """Unfold a document from its main circuit (or another); `settings` are paths and values that win over everything."""
    walk = _Walk(document)
    own = walk.settings(settings or {}, "", sets=True)
    try:
        main = walk.enter(start or document.main, "", own, ())
    except FindingError as wrong:
        return Unfolded(None, (*walk.findings, *wrong.findings))
    walk.report_unused()
    return Unfolded(main, tuple(dict.fromkeys(walk.findings)))


_VALUE: TypeAdapter[Any] = TypeAdapter(Value)
_PARTS = ("connector", "kinetics", "plasticity", "device")
_FIELDS = ("weight", "delay", "gain")


class _Walk:
    """The walk through a document; it collects findings and which settings found their place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []
        self.used: set[int] = set()
        self.given: list[Setting] = []
        self._budget = MAX_NODES

    def settings(self, given: Mapping[str, Any], where: str, sets: bool = False) -> list[Setting]:
        """Parsed overrides, those that name a copy last."""
        out = []
        for text, value in given.items():
            place = text if sets else where + ("" if text.startswith("[") else ".") + text
            try:
                path = parse(text)
            except FindingError as wrong:
                self.findings += [Finding(f.code, "error", place, f.text, f.fix) for f in wrong.findings]
                continue
            out.append(
                (
                    sum(isinstance(i, int) for s in path.steps for i in s.index),
                    natural(text),
                    Setting(path, _checked(value), place, len(self.given) + len(out)),
                )
            )
        out.sort(key=lambda s: s[:2])
        self.given += [setting for _, _, setting in out]
        return [setting for _, _, setting in out]

    def enter(self, key: str, prefix: str, settings: list[Setting], stack: tuple[str, ...]) -> Scope:
        """One copy of a circuit, and everything inside."""
        if key in stack:
            circle = " > ".join((*stack[stack.index(key) :], key))
            raise FindingError(
                [
                    Finding(
                        "cycle.circuit",
                        "error",
                        key,
                        f"Circuit “{key}” contains itself: {circle}.",
                        "Use another circuit in one of these places.",
                    )
                ]
            )
        circuit = self.document.circuits.get(key)
        if circuit is None:
            return Scope(prefix, key, Circuit())
        scope = Scope(prefix, key, circuit)
        for name in sorted(circuit.nodes, key=natural):
            node = circuit.nodes[name]
            if isinstance(node, Instance):
                scope.instances[name] = self._instance(scope, name, node, settings, (*stack, key))
            else:
                self._spend(key, name)
                scope.leaves[name] = self._leaf(scope, name, node, settings)
        for name in sorted(circuit.projections, key=natural):
            scope.links[name] = self._link(scope, name, circuit.projections[name], settings)
        return scope

    def report_unused(self) -> None:
        """Overrides and settings that named nothing."""
        for setting in self.given:
            if setting.origin not in self.used:
                self.findings.append(
                    Finding(
                        "path.unknown", "error", setting.where, f"“{setting.where}” names nothing in this network.", self._nearest(setting)
                    )
                )

    def where(self, scope_key: str, name: str) -> str:
        """How findings call a member of a circuit."""
        return name if scope_key == self.document.main else f"{scope_key}:{name}"

    def _nearest(self, setting: Setting) -> str:
        return did_you_mean(setting.path.keys[0], sorted({k for c in self.document.circuits.values() for k in (*c.nodes, *c.projections)}))

    def _spend(self, circuit: str, name: str) -> None:
        self._budget -= 1
        if self._budget < 0:
            raise FindingError(
                [
                    Finding(
                        "size.nodes",
                        "error",
                        self.where(circuit, name),
                        f"The network unfolds to more than {MAX_NODES:,} populations and circuits.",
                        "Repeat circuits less often; let a population hold the neurons.",
                    )
                ]
            )

    def _use(self, setting: Setting) -> Given:
        self.used.add(setting.origin)
        return Given(setting.value, setting.where)

    def _instance(self, scope: Scope, name: str, node: Instance, settings: list[Setting], stack: tuple[str, ...]) -> tuple[Scope, ...]:
        where = self.where(scope.key, name)
        if node.of not in self.document.circuits:
            self.findings.append(
                Finding(
                    "path.circuit",
                    "error",
                    where,
                    f"There is no circuit “{node.of}”.",
                    did_you_mean(node.of, sorted(self.document.circuits)),
                )
            )
            return ()
        repeat = node.repeat
        for setting in settings:
            inner = setting.within(name)
            if inner and str(inner.path) == "repeat":
                repeat = self._whole(self._use(setting), repeat)
        own = self.settings(node.override, where)
        out = []
        for copy in range(repeat):
            self._spend(scope.key, name)
            inside = [s for s in (_of_copy(s, copy) for s in own) if s]
            inside += [s for s in (t.within(name, copy) for t in settings) if s]
            suffix = f"[{copy}]" if repeat != 1 else ""
            out.append(self.enter(node.of, f"{scope.prefix}{name}{suffix}.", inside, stack))
        return tuple(out)

    def _whole(self, given: Given, before: int) -> int:
        value = given.value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value) and value >= 1:
            return int(value)
        self.findings.append(
            Finding("bounds.value", "error", given.where, f"“{given.where}” must be a whole number of at least 1, not “{value}”.")
        )
        return before

    def _leaf(self, scope: Scope, name: str, node: Population | Source, settings: list[Setting]) -> Leaf:
        where = self.where(scope.key, name)
        fields = {"size": Given(node.size, f"{where}.size")}
        params = {k: Given(v, f"{where}.{k}") for k, v in node.params.items()}
        start = {k: Given(v, f"{where}.start.{k}") for k, v in node.start.items()} if isinstance(node, Population) else {}
        for setting in settings:
            inner = setting.within(name)
            if inner is None or any(s.index for s in inner.path.steps):
                continue
            keys = inner.path.keys
            if keys == ("size",):
                fields["size"] = Given(self._whole(self._use(setting), node.size), setting.where)
            elif len(keys) == 2 and keys[0] == "start" and isinstance(node, Population):
                start[keys[1]] = self._use(setting)
            elif len(keys) == 1:
                params[keys[0]] = self._use(setting)
        return Leaf(scope.prefix + name, scope.key, node, fields, params, start)

    def _link(self, scope: Scope, name: str, projection: Projection, settings: list[Setting]) -> Link:
        where = self.where(scope.key, name)
        fields = {f: Given(getattr(projection, f), f"{where}.{f}") for f in _FIELDS}
        parts = {p: {k: Given(v, f"{where}.{p}.{k}") for k, v in getattr(projection, p).params.items()} for p in _PARTS}
        if projection.crossbar is not None:
            parts["crossbar"] = {k: Given(v, f"{where}.crossbar.{k}") for k, v in projection.crossbar.items()}
        for setting in settings:
            inner = setting.within(name)
            keys = inner.path.keys if inner else ()
            if len(keys) == 1 and keys[0] in _FIELDS:
                fields[keys[0]] = self._use(setting)
            elif len(keys) == 2 and keys[0] in (*_PARTS, "crossbar"):
                parts.setdefault(keys[0], {})[keys[1]] = self._use(setting)
        reached, findings = pairs(scope, projection, where)
        self.findings += findings
        return Link(scope.prefix + name, where, projection, fields, parts, reached, self._signals(scope, projection, where))

    def _signals(self, scope: Scope, projection: Projection, where: str) -> dict[str, str]:
        out: dict[str, str] = {}
        for name, text in projection.plasticity.signals.items():
            try:
                out[name] = node_of(scope, text, f"{where}.plasticity.signals.{name}")
            except FindingError as wrong:
                self.findings += wrong.findings
        return out


def _of_copy(setting: Setting, copy: int) -> Setting | None:
    """An instance's own override, for one of its copies: `[1].exc.tau_m` or `exc.tau_m`."""
    first = setting.path.steps[0]
    if first.key:
        return setting
    if not first.takes(copy) or len(setting.path.steps) < 2:
        return None
    return Setting(Path(setting.path.steps[1:]), setting.value, setting.where, setting.origin)


def _checked(value: Any) -> Any:
    """A JSON value from `set` as the document would hold it."""
    if not isinstance(value, dict):
        return value
    try:
        return _VALUE.validate_python(value)
    except ValidationError:
        return str(value)
