"""Building one circuit: nodes, projections, ports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.crossbar import CROSSBAR
from studio.models.spec import Param
from studio.network.check.sizes import MAX_ELEMENTS
from studio.network.edit.keys import key_from, taken_in, unique
from studio.network.given import choice, value
from studio.network.handles import Handle, Node, Projection
from studio.network.judge import Judge

if TYPE_CHECKING:
    from studio.network.build import Network

__all__ = ["CircuitBuilder", "Handle", "Node", "Projection"]


class Kept:
    """Arrays that one call brings along: the commands that keep them, and their entries until then."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = dict(data)
        self.commands: list[dict[str, Any]] = []

    def under(self, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Keeps an entry under a free name made from `name`; the same array under the same name is kept once."""

        def keep(entry: dict[str, Any]) -> dict[str, Any]:
            base = key_from(name, "array")
            same = next(
                (k for k in (base, *(f"{base}_{n}" for n in range(2, 1000))) if self.data.get(k, {}).get("sha256") == entry["sha256"]), None
            )
            key = same or unique(base, self.data)
            if same is None:
                self.data[key] = entry
                self.commands.append({"command": "set", "path": f"/data/{key}", "value": entry})
            return {"data": key}

        return keep


class CircuitBuilder:
    """Writes into one circuit of a network. Every method is one command."""

    def __init__(self, network: Network, key: str | None) -> None:
        self._network, self._key = network, key

    def __repr__(self) -> str:
        circuit = self._network.document.circuits[self.key]
        return f"<circuit {self.key}: {len(circuit.nodes)} nodes, {len(circuit.projections)} projections, ports {', '.join(circuit.ports) or 'none'}>"

    @property
    def key(self) -> str:
        """The key of the circuit in the document."""
        return self._network.document.main if self._key is None else self._key

    def population(
        self, name: str, size: int, model: Any = "lif", *, shape: Iterable[int] | None = None, preset: str | None = None, **params: Any
    ) -> Node:
        """Add neurons of one model; `params` are its parameters and the start values of its states, on top of those of a `preset`."""
        return self._element("population", "neuron", name, size, (model, preset), shape, params)

    def source(
        self, name: str, size: int, model: Any = "poisson", *, shape: Iterable[int] | None = None, preset: str | None = None, **params: Any
    ) -> Node:
        """Add a source of spikes or currents."""
        return self._element("source", "source", name, size, (model, preset), shape, params)

    def instance(
        self,
        name: str,
        circuit: CircuitBuilder | str,
        repeat: int = 1,
        override: Mapping[str, Any] | None = None,
        *,
        shape: Iterable[int] | None = None,
    ) -> Node:
        """Use a circuit here, `repeat` times; `override` maps inner paths to values."""
        node: dict[str, Any] = {"kind": "instance", "name": name, "of": circuit.key if isinstance(circuit, CircuitBuilder) else circuit}
        if repeat != 1:
            node["repeat"] = repeat
        if shape is not None:
            node["shape"] = [int(n) for n in shape]
        kept = Kept(self._network.json.get("data", {}))
        if override:
            node["override"] = {path: value(one, f"{name}.{path}", kept.under(f"{name}.{path}")) for path, one in override.items()}
        return self._added(node, kept, judged=True)

    def connect(
        self,
        source: Handle | str,
        target: Handle | str,
        connector: Any = None,
        *,
        weight: Any = None,
        delay: Any = None,
        kinetics: Any = None,
        plasticity: Any = None,
        device: Any = None,
        signals: Mapping[str, Handle | str] | None = None,
        crossbar: Mapping[str, Any] | None = None,
        copies: Any = None,
        gain: Any = None,
        name: str = "",
    ) -> Projection:
        """Connect two nodes (or ports, `cols["thalamus"]`). Weight in the kinetics' unit (delta: mV), delay in ms; both may be arrays or distributions.

        A model is its key or `(key, {parameter: value})`; `("exp_step", {"preset": "gong_2022", "w_max": 2})` fills a preset in first.
        `signals` says whose spikes are the signals of the rule: `{"reward": dopamine}`.
        `crossbar` lays the weights on tiles: `{"rows": 128, "wire_resistance": (1, "Ohm"), "adc_bits": 6}`; what is not given is off.
        """
        kept = Kept(self._network.json.get("data", {}))
        label = f"{source} to {target}"
        judge = Judge(self._network.catalogue, kept.data)
        made: dict[str, Any] = {"from": str(source), "to": str(target)}
        models = {}
        for part, given in {"connector": connector, "kinetics": kinetics, "plasticity": plasticity, "device": device}.items():
            chosen = choice(given, part, kept.under(f"{source}_{target}")) if given is not None else None
            models[part] = judge.model(part, chosen["model"], label) if chosen else judge.catalogue.get(part, _DEFAULT[part])
            if chosen:
                values = judge.filled(models[part], chosen.get("params", {}), f"{label}.{part}")
                judge.params(models[part], values, f"{label}.{part}")
                made[part] = {**chosen, "params": values} if values else chosen
        units = {"weight": models["kinetics"].weight_unit, "delay": "ms", "gain": ""}
        for field, given in {"weight": weight, "delay": delay, "gain": gain}.items():
            if given is not None:
                made[field] = value(given, f"{label}.{field}", kept.under(f"{source}_{target}_{field}"))
                low = 0.0 if field == "delay" else None
                judge.value(Param(field, 1.0, units[field], "", low=low), made[field], f"{label}.{field}")
        judge.sign(models["kinetics"], made.get("weight"), f"{label}.weight")
        if crossbar is not None:
            made["crossbar"] = {k: value(v, f"{label}.crossbar.{k}", kept.under(f"{source}_{target}")) for k, v in crossbar.items()}
            judge.params(CROSSBAR, made["crossbar"], f"{label}.crossbar")
        if signals:
            made["plasticity"] = {
                **made.get("plasticity", {"model": "static"}),
                "signals": {name: str(node) for name, node in signals.items()},
            }
        if copies is not None:
            made["copies"] = copies
        if name:
            made["name"] = name
        judge.settle()
        before = set(self._network.document.circuits[self.key].projections)
        self._network._do({"command": "connect", "circuit": self.key, "projection": made}, kept.commands)
        (key,) = set(self._network.document.circuits[self.key].projections) - before
        return Projection(key, self.key, self._network, key)

    def port(self, name: str, direction: str, nodes: Handle | str | Iterable[Handle | str]) -> str:
        """Add a port that stands for one or more inner nodes; `direction` is "in" or "out". Returns its key."""
        ends = [str(n) for n in ((nodes,) if isinstance(nodes, (Handle, str)) else nodes)]
        key = key_from(name, "port")
        port: dict[str, Any] = {"direction": direction, "to" if direction == "in" else "from": ends}
        self._network.apply(
            {"command": "add_port", "circuit": self.key, "key": key, "port": port if key == name else {**port, "name": name}}
        )
        return key

    def remove(self, *handles: Handle) -> None:
        """Remove nodes and projections, with all that hangs on them."""
        nodes = [h.key for h in handles if isinstance(h, Node)]
        projections = [h.key for h in handles if isinstance(h, Projection)]
        self._network.apply({"command": "remove", "circuit": self.key, "nodes": nodes, "projections": projections})

    def node(self, key: str) -> Node:
        """The handle of a node that is there; raise FindingError for one that is not."""
        node = Node(key, self.key, self._network, key)
        node.json  # noqa: B018 (raises when there is none)
        return node

    def _element(
        self, kind: str, of: str, name: str, size: int, what: tuple[Any, str | None], shape: Iterable[int] | None, params: Mapping[str, Any]
    ) -> Node:
        model, preset = what
        kept = Kept(self._network.json.get("data", {}))
        judge = Judge(self._network.catalogue, kept.data)
        chosen = choice(model, name, kept.under(name))
        known = judge.model(of, chosen["model"], name)
        states = {s.name: s for s in getattr(known, "states", ())}
        made = {
            **chosen.get("params", {}),
            **{k: value(v, f"{name}.{k}", kept.under(f"{name}_{k}")) for k, v in params.items() if v is not None},
        }
        start = {k: made.pop(k) for k in list(made) if k in states and known.param(k) is None}
        made = judge.filled(known, made, f"{name}.preset", preset)
        size = _whole(size, name)
        judge.params(known, made, name, size)
        for state, one in start.items():
            judge.value(Param(state, 0.0, states[state].unit, ""), one, f"{name}.{state}", size)
        judge.settle()
        node: dict[str, Any] = {"kind": kind, "name": name, "model": chosen["model"], "size": size}
        if shape is not None:
            node["shape"] = [int(n) for n in shape]
        for field, values in (("params", made), ("start", start)):
            if values:
                node[field] = values
        return self._added(node, kept, judged="shape" in node or size > MAX_ELEMENTS)

    def _added(self, node: dict[str, Any], kept: Kept, judged: bool) -> Node:
        nodes = self._network.document.circuits[self.key].nodes
        command = {"command": "add_node", "circuit": self.key, "node": node}
        if judged:
            command["key"] = unique(key_from(node["name"], "node"), taken_in(self._network.json["circuits"][self.key]))
            prefix = "" if self._key is None else f"{self.key}:"
            self._network._tried(command, prefix + command["key"], commands=kept.commands)
        else:
            self._network._do(command, kept.commands)
        (key,) = set(self._network.document.circuits[self.key].nodes) - set(nodes)
        return Node(key, self.key, self._network, key)


_DEFAULT = {"connector": "all_to_all", "kinetics": "delta", "plasticity": "static", "device": "ideal"}


def _whole(size: Any, where: str) -> int:
    whole = isinstance(size, (int, float, np.number)) and not isinstance(size, bool) and np.isfinite(size) and int(size) == size
    if not whole or size < 1:
        raise FindingError(
            [Finding("bounds.value", "error", f"{where}.size", f"The size must be a whole number of at least 1, not {size}.")]
        )
    return int(size)
