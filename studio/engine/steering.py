"""Parameters that change while a network runs: asked for at any time, taken up between two slices, written down with their step.

Populations' and receptors' parameters, those of rules and of devices that are written or read, the rates and currents of sources, and
static weights that are one number may change.
A kernel keeps its text: what all neurons share stays one number, what each has of its own stays an array.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.engine.steered import Steered
from studio.findings import Finding, FindingError
from studio.network.flat import Chosen, FlatNetwork, FlatPopulation, FlatSource

if TYPE_CHECKING:
    from studio.engine.simulation import Simulation

Entry = dict[str, Any]  # {"step", "path", "name", "value"}; a shared receptor's names its "projections"
Told = Callable[[tuple[Entry, ...], tuple[Finding, ...]], None]
FIX = 'Write (time in ms, "exc.tau_m", value), or {"step", "path", "name", "value"} as a recording has them.'


@dataclass(frozen=True)
class Planned:
    """A change whose moment is known beforehand: before step `step` is computed."""

    step: int
    path: str
    value: Any


class Steering:
    """What a running simulation is asked to change. `set` may be called from any thread while `simulate` runs.

    `log` is what was changed, with steps: given to `simulate(steer=...)` it repeats the run bit for bit. `refused` says what was not, and why.
    `told` hears both, in the thread of the run, as soon as they are known.
    """

    def __init__(self, told: Told | None = None) -> None:
        self.log: list[Entry] = []
        self.refused: list[Finding] = []
        self._told = told
        self._asked: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._planned: list[Planned] = []
        self._helm: Steered | None = None

    def set(self, path: str, value: Any) -> None:
        """Ask for a change at the next boundary: `set("exc.tau_m", 15)`. Values as in the document: 15, (15, "ms"), a distribution."""
        self._asked.put((path, value))

    # what the run calls

    def begin(self, simulation: Simulation, given: Iterable[Any] = ()) -> None:
        """Take hold of a simulation; raise FindingError where a planned change cannot be."""
        self._helm = Steered(simulation)
        self._planned = sorted((planned(g, k, simulation.plan.dt) for k, g in enumerate(given)), key=lambda p: p.step)
        for p in self._planned:
            self._helm.check(p.path, p.value)

    def room(self, step: int) -> int:
        """How many steps there are before the next planned change."""
        return max(self._planned[0].step - step, 0) if self._planned else 1 << 60

    def apply(self, step: int) -> None:
        """Change what is due before step `step`. What was asked for and cannot be done is refused, and the run goes on."""
        if not self._planned and self._asked.empty():
            return
        entries, findings = [], []
        for path, value in self._due(step):
            try:
                entries += self._change(step, path, value)
            except FindingError as wrong:
                findings += wrong.findings
        self.log += entries
        self.refused += findings
        if self._told and (entries or findings):
            self._told(tuple(entries), tuple(findings))

    def repeat(self, log: Iterable[Entry]) -> None:
        """Take up what an interrupted run had changed, at once: its states, which it left, already know of it."""
        for entry in log:
            self._change(entry["step"], f"{entry['path']}.{entry['name']}", entry["value"])
            self.log.append(dict(entry))
        done = max((e["step"] for e in self.log), default=-1)
        self._planned = [p for p in self._planned if p.step > done]

    def _due(self, step: int) -> list[tuple[str, Any]]:
        out: list[tuple[str, Any]] = []
        while self._planned and self._planned[0].step <= step:
            first = self._planned.pop(0)
            out.append((first.path, first.value))
        while not self._asked.empty():
            out.append(self._asked.get())
        return out

    def _change(self, step: int, path: str, value: Any) -> list[Entry]:
        assert self._helm is not None
        return [{"step": step, **entry} for entry in self._helm.change(path, value)]


def steering(given: Any) -> tuple[Steering, tuple[Any, ...]]:
    """The handle of a run and its planned changes, from what `simulate(steer=...)` was given."""
    if given is None:
        return Steering(), ()
    return (given, ()) if isinstance(given, Steering) else (Steering(), tuple(given))


def planned(given: Any, k: int, dt: float) -> Planned:
    """One entry of a list or log; raise FindingError for what is none."""
    try:
        if isinstance(given, Mapping):
            path = f"{given['path']}.{given['name']}" if "name" in given else given["path"]
            step = int(given["step"]) if "step" in given else int(round(float(given["t_ms"]) / dt))
            value = given["value"]
        else:
            t_ms, path, value = given
            step = int(round(float(t_ms) / dt))
        if not isinstance(path, str) or step < 0:
            raise ValueError
    except (KeyError, TypeError, ValueError, OverflowError):
        raise FindingError([Finding("text.steer", "error", f"steer.{k}", f"{given!r:.80} is no change of a parameter.", FIX)]) from None
    return Planned(step, path, value)


def from_file(file: Path) -> list[Any]:
    """The changes in a JSON file, or those that a recording wrote down; raise FindingError where there are none."""
    import json

    from studio.engine.recording import Recording

    if file.suffix in (".h5", ".hdf5") or file.is_dir():
        return list(Recording.load(file).provenance["steering"])
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise FindingError([Finding("text.json", "error", str(file), f"this is not JSON: {wrong}.", FIX)]) from None
    if not isinstance(said, list):
        raise FindingError([Finding("text.steer", "error", str(file), "a list of changes is needed.", FIX)])
    return said


def differences(before: FlatNetwork, now: FlatNetwork) -> tuple[list[tuple[str, Any]], bool]:
    """What a running network would have to change to become another one, as `set` takes it; and whether that is all that differs."""
    found: dict[str, Any] = {}
    whole = [_nodes(before, now, found), _projections(before, now, found)]
    return list(found.items()), all(whole)


def _nodes(before: FlatNetwork, now: FlatNetwork, found: dict[str, Any]) -> bool:
    old = {n.path: n for n in (*before.populations, *before.sources)}
    new = {n.path: n for n in (*now.populations, *now.sources)}
    whole = old.keys() == new.keys()
    for path in old.keys() & new.keys():
        a, b = old[path], new[path]
        if type(a) is not type(b) or a.size != b.size:
            whole = False
            continue
        whole &= _params(_chosen(a), _chosen(b), path, found)
        if isinstance(a, FlatPopulation) and isinstance(b, FlatPopulation):
            whole &= _equal(dict(a.start), dict(b.start))
    return whole


def _projections(before: FlatNetwork, now: FlatNetwork, found: dict[str, Any]) -> bool:
    old, new = ({p.key: p for p in net.projections} for net in (before, now))
    whole = old.keys() == new.keys()
    for key in old.keys() & new.keys():
        a, b = old[key], new[key]
        if a.kinetics and b.kinetics:
            whole &= _params(a.kinetics, b.kinetics, f"{b.path}.kinetics", found)
        steered = ("plasticity", "device") if b.plasticity.model.plastic or b.device.model.read.strip() else ()
        for part in steered:
            whole &= _params(getattr(a, part), getattr(b, part), f"{b.path}.{part}", found)
        same = [n for n in ("source", "target", "delay", "connector", "plasticity", "device", "signals", "crossbar") if n not in steered]
        whole &= all(_equal(getattr(a, name), getattr(b, name)) for name in same) and (a.kinetics is None) == (b.kinetics is None)
        if not _equal(a.weight, b.weight):
            found[f"{b.path}.weight"] = b.weight
    return whole


def _chosen(node: FlatPopulation | FlatSource) -> Chosen:
    return node.neuron if isinstance(node, FlatPopulation) else node.source


def _params(a: Chosen, b: Chosen, where: str, found: dict[str, Any]) -> bool:
    """Note the numbers that differ; False where more than numbers does."""
    if a.model != b.model:
        return False
    differ = [name for name in b.params if not _equal(a.params.get(name), b.params[name])]
    numbers = [name for name in differ if b.model.param(name).kind == "number" and b.params[name] is not None]
    found |= {f"{where}.{name}": b.params[name] for name in numbers}
    return len(numbers) == len(differ)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b)
    if isinstance(a, Chosen) and isinstance(b, Chosen):
        return a.model == b.model and _equal(dict(a.params), dict(b.params))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
    return bool(a == b)
