"""Writing a document in Python: `Network` holds the current document, and every call is a command that can be undone.

    net = Network("ei")
    e = net.population("exc", 800, "lif", tau_m=20.0)
    i = net.population("inh", 200)
    net.connect(e, i, probability(0.1), weight=0.4, delay=1.5)

Plain numbers are in the parameter's own unit; `(0.02, "s")` brings its unit along; arrays are kept in the document's data.
A bad name or value raises FindingError with a sentence, and nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as File
from typing import Any

from studio.findings import Finding, FindingError, errors
from studio.network.circuit import CircuitBuilder, Kept
from studio.network.connectors import (
    all_to_all,
    convolution,
    dense,
    explicit,
    fixed_in_degree,
    fixed_out_degree,
    fixed_total_number,
    one_to_one,
    pooling,
    probability,
    regular,
)
from studio.network.constraints import KINDS
from studio.network.data import encode
from studio.network.document import Document, from_json
from studio.network.edit import Edit, apply, resolve
from studio.network.files import read, write
from studio.network.flat import FlatNetwork
from studio.network.given import value
from studio.network.handles import Handle, Node, Projection
from studio.network.history import By, Change, History
from studio.network.inverse import inverse
from studio.network.locate import locate
from studio.network.own import begun

__all__ = [
    "Change",
    "CircuitBuilder",
    "Network",
    "Node",
    "Projection",
    "all_to_all",
    "check",
    "convolution",
    "dense",
    "explicit",
    "fixed_in_degree",
    "fixed_out_degree",
    "fixed_total_number",
    "regular",
    "load",
    "one_to_one",
    "pooling",
    "probability",
    "save",
]


class Network(CircuitBuilder):
    """A small holder of the current document; its own methods build the main circuit."""

    def __init__(self, name: str = "Untitled", *, document: Document | Mapping[str, Any] | None = None, catalogue: Any = None) -> None:
        self._history = History(_document(document) if document is not None else Document.empty(name))
        self._catalogue = catalogue
        super().__init__(self, None)

    def __repr__(self) -> str:
        circuit = self.document.circuit
        return f"<Network “{self.document.name}”: {len(circuit.nodes)} nodes, {len(circuit.projections)} projections>"

    # --- the document --------------------------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The document as it is now; it never changes, the network goes on to the next."""
        return self._history.document

    @property
    def json(self) -> dict[str, Any]:
        """Its JSON; not to be changed in place."""
        return self._history.json

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def catalogue(self) -> Any:
        """The models to choose from, the document's own included."""
        if self._catalogue is None:
            from studio.models.catalogue import catalogue

            self._catalogue = catalogue()
        return self._catalogue.with_models(dict(self.document.models))[0]

    # --- commands ------------------------------------------------------------------------------------------------

    def apply(self, command: dict[str, Any], by: By = "python") -> Edit:
        """Do a command (see `studio.network.edit`); raise FindingError where it cannot be done."""
        edit = resolve(self.json, command, self._catalogue)
        self._history.take(edit, by)
        return edit

    def apply_patch(self, patch: list[dict[str, Any]], label: str = "Change", by: By = "python", gesture: str | None = None) -> Edit:
        """Take a JSON Patch of add, replace and remove; raise FindingError where it does not fit. Patches of one `gesture` are one step of undo."""
        edit = Edit(patch, inverse(self.json, patch), label)
        self._history.take(edit, by, gesture)
        return edit

    def replace(self, document: Document | Mapping[str, Any], label: str = "Open") -> None:
        """Put another document in the place of this one; undo brings this one back."""
        self.apply_patch([{"op": "replace", "path": "", "value": _document(document).to_json()}], label)

    def undo(self) -> bool:
        """Take back the last command; False when there is none."""
        return self._history.undo()

    def redo(self) -> bool:
        """Do again what was taken back; False when there is nothing."""
        return self._history.redo()

    @property
    def undo_label(self) -> str | None:
        """What `undo` would take back."""
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        """What `redo` would do again."""
        return self._history.redo_label

    def observe(self, observer: Callable[[Change], None]) -> Callable[[], None]:
        """Call `observer` after every change; call what comes back to end that."""
        return self._history.observe(observer)

    # --- what is not in a circuit ----------------------------------------------------------------------------------

    def circuit(self, name: str) -> CircuitBuilder:
        """A new circuit to be used by `instance`."""
        before = set(self.document.circuits)
        self.apply({"command": "add_circuit", "name": name})
        (key,) = set(self.document.circuits) - before
        return CircuitBuilder(self, key)

    def model(self, key: str, like: Any = None, **fields: Any) -> str:
        """Add a neuron, kinetics, rule or device of one's own, as text; returns its key.

        `like` is a model to begin from, or its key: `model("my_lif", like="lif", threshold="v >= v_th + 1", params={"v_th": 10})`;
        rows of tables are then added to its own. Without it the fields are the whole model, `kind` among them. Raises FindingError with
        line and column where a text cannot be read.
        """
        body = begun(self.catalogue, key, like, fields)
        self._tried({"command": "set", "path": f"/models/{_token(key)}", "value": body, "label": f"Add the model {key}"}, f"models.{key}")
        return key

    def data(self, name: str, array: Any) -> dict[str, str]:
        """Keep an array under a name; give what comes back as a parameter."""
        self.apply({"command": "set", "path": f"/data/{_token(name)}", "value": encode(array), "label": f"Set data {name}"})
        return {"data": name}

    def record(self, path: Handle | str, what: str = "spikes", every: Any = None) -> None:
        """Record spikes, a state or weights: `record("exc[0:10]", "v", every=1)` [ms]. The first call replaces the default (all spikes)."""
        one: dict[str, Any] = {"path": str(path), "what": what}
        if every is not None:
            one["every"] = value(every, f"{path}.every", _no_array)
        recorded = list(self.json.get("run", {}).get("record") or ())
        self._tried(
            {"command": "set", "path": "/run/record", "value": [*recorded, one], "label": f"Record {what} of {path}"},
            f"run.record.{len(recorded)}",
        )

    def wait(self, at: Any, duration: Any) -> None:
        """Let all devices wait at a moment of the run (ms) while the network stands still: `wait(500, (1, "d"))`; plain numbers are seconds."""
        one = {"at": value(at, "run.events.at", _no_array), "wait": value(duration, "run.events.wait", _no_array)}
        events = list(self.json.get("run", {}).get("events") or ())
        command = {"command": "set", "path": "/run/events", "value": [*events, one], "label": "Wait"}
        self._tried(command, f"run.events.{len(events)}")

    def fault(self, kind: str, path: Handle | str, fraction: Any = None, value: Any = None) -> None:
        """Break something in every run: `fault("dead_neurons", exc, 0.1)`, `fault("stuck_synapses", "p1", 0.05, 0.4)`, `fault("threshold_noise", exc, value=1)`."""
        given = {k: v for k, v in (("fraction", fraction), ("value", value)) if v is not None}
        one = {"kind": kind, "path": str(path)} | _numbers("run.faults", given)
        found = list(self.json.get("run", {}).get("faults") or ())
        command = {"command": "set", "path": "/run/faults", "value": [*found, one], "label": f"Fault {kind} of {path}"}
        self._tried(command, f"run.faults.{len(found)}")

    def constrain(self, kind: str, *paths: Handle | str, **settings: Any) -> None:
        """Say what a compiler keeps to: `constrain("fan_in", exc, limit=64)`, `constrain("region", exc, chip=0, cores=(0, 32))`,
        `constrain("keep_together", exc, inh)`, `constrain("delay_class", p1, delays=[1, (2.5, "ms")])`. See `network.constraints.KINDS`."""
        several = kind in KINDS and "paths" in KINDS[kind].needs
        names: dict[str, Any] = {"paths": [str(p) for p in paths]} if several or len(paths) != 1 else {"path": str(paths[0])}
        if "delays" in settings:
            settings["delays"] = [value(d, "constraints.delays", _no_array) for d in settings["delays"]]
        one = {"kind": kind} | names | {k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()}
        found = list(self.json.get("constraints") or ())
        command = {
            "command": "set",
            "path": "/constraints",
            "value": [*found, one],
            "label": f"Constrain {', '.join(str(p) for p in paths)}",
        }
        self._tried(command, f"constraints.{len(found)}")

    def set(self, path: str, given: Any) -> None:
        """Set a parameter, start value, weight, delay or size by its path: `set("exc.tau_m", 15)`, `set("cols.exc.tau_m", (15, "ms"))`."""
        kept = Kept(self.json.get("data", {}))
        place, made = locate(self.document, path, value(given, path, kept.under(path)))
        self._tried({"command": "set", "path": place, "value": made, "label": f"Set {path}"}, path, commands=kept.commands)

    def run(self, **settings: Any) -> None:
        """Settings of a run: duration [ms], dt [ms], seed, precision, method, weights, connectivity."""
        from studio.network.document import Run

        unknown = [name for name in settings if name not in Run.model_fields or name in ("record", "events", "faults")]
        if unknown:
            raise FindingError(
                [
                    Finding(
                        "path.param",
                        "error",
                        f"run.{unknown[0]}",
                        f"A run has no setting “{unknown[0]}”.",
                        "There is duration, dt, seed, precision, method, weights, connectivity.",
                    )
                ]
            )
        commands = [
            {"command": "set", "path": f"/run/{name}", "value": value(one, f"run.{name}", _no_array)} for name, one in settings.items()
        ]
        self._tried({"command": "batch", "commands": commands, "label": "Set the run"}, "run.")

    # --- what comes of it -------------------------------------------------------------------------------------------

    def check(self) -> tuple[Finding, ...]:
        """Everything worth saying about the document."""
        return check(self)

    def flatten(self, set: Mapping[str, Any] | None = None) -> FlatNetwork:
        """The flat network; raise FindingError where there are errors."""
        from studio.network.flatten import flatten

        return flatten(self.document, self._catalogue, set)

    def save(self, path: str | File) -> None:
        """Write the document to a file, whole or not at all."""
        write(self.document, path)

    # --- for the circuits --------------------------------------------------------------------------------------------

    def _do(self, command: dict[str, Any], commands: Sequence[dict[str, Any]] = ()) -> None:
        """One command, with others that belong to it first, as one step of undo."""
        self._history.take(self._edit(command, commands))

    def _tried(self, command: dict[str, Any], *places: str, commands: Sequence[dict[str, Any]] = ()) -> None:
        """As `_do`, where the document that would come of it has no error at one of these places; else raise it."""
        edit = self._edit(command, commands)
        after, findings = from_json(apply(self.json, edit.patch))
        if after is not None:
            findings = tuple(f for f in check(after, self._catalogue) if any(f.where.startswith(p) for p in places))
        if errors(findings):
            raise FindingError(errors(findings))
        self._history.take(edit)

    def _edit(self, command: dict[str, Any], commands: Sequence[dict[str, Any]]) -> Edit:
        if not commands:
            return resolve(self.json, command, self._catalogue)
        edit = resolve(self.json, {"command": "batch", "commands": [command]}, self._catalogue)
        return resolve(self.json, {"command": "batch", "commands": [*commands, command], "label": edit.label}, self._catalogue)


def load(path: str | File) -> Network:
    """A network from a file; raise FindingError where it cannot be read."""
    document, findings = read(path)
    if document is None:
        raise FindingError(findings)
    return Network(document=document)


def save(network: Network | Document, path: str | File) -> None:
    """Write a network or document to a file, whole or not at all."""
    write(network.document if isinstance(network, Network) else network, path)


def check(network: Network | Document | str | File, catalogue: Any = None) -> tuple[Finding, ...]:
    """All findings about a network, a document or a file."""
    from studio.network.check import check as check_document

    if isinstance(network, (str, File)):
        document, findings = read(network)
        return findings if document is None else tuple(dict.fromkeys((*findings, *check_document(document, catalogue))))
    if isinstance(network, Network):
        return check_document(network.document, catalogue or network._catalogue)
    return check_document(network, catalogue)


def _document(given: Document | Mapping[str, Any]) -> Document:
    if isinstance(given, Document):
        return given
    document, findings = from_json(given)
    if document is None:
        raise FindingError(findings)
    return document


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _numbers(where: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value(one, f"{where}.{name}", _no_array) for name, one in given.items()}


def _no_array(_: dict[str, Any]) -> dict[str, Any]:
    raise FindingError([Finding("text.value", "error", "", "An array cannot stand here.", "Give a single number.")])
