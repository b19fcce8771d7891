"""A running network follows its document: each new version is compared with the one before, and what can change at once does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from studio.engine.steering import Entry, Steering, differences
from studio.findings import Finding, FindingError
from studio.ui.pipe import time_text

if TYPE_CHECKING:
    from studio.network.flat import FlatNetwork

Read = Callable[[bytes], "FlatNetwork"]
Say = Callable[[str, tuple[Finding, ...], "int | None"], None]  # in words, what was refused, the revision that the run now has


class Following:
    """Steers one run after its document. `hear` may be called from any thread and returns at once; `say` is called by the run's own thread."""

    def __init__(self, network: FlatNetwork, read: Read, say: Say) -> None:
        self._began = self._network = network
        self._read, self._say = read, say
        self.steering = Steering(self._told)
        self._versions: queue.SimpleQueue[tuple[bytes, int] | None] = queue.SimpleQueue()
        self._whole, self._refused, self._rev = True, False, 0
        threading.Thread(target=self._follow, name="studio-steering", daemon=True).start()

    def hear(self, document: bytes, rev: int) -> None:
        """The document has come to revision `rev`."""
        self._versions.put((document, rev))

    def close(self) -> None:
        """The run is over."""
        self._versions.put(None)

    def _follow(self) -> None:
        while (version := self._versions.get()) is not None:
            document, rev = version
            try:
                network = self._read(document)
            except FindingError:
                continue  # the canvas shows what is wrong; the run goes on as it is
            changes, _ = differences(self._network, network)
            _, self._whole = differences(self._began, network)
            self._network, self._rev = network, rev
            for path, value in changes:
                self.steering.set(path, value)

    def _told(self, entries: tuple[Entry, ...], findings: tuple[Finding, ...]) -> None:
        self._refused |= bool(findings)
        dt = self._network.run.dt
        said = [in_words(entry, self._network) for entry in entries]
        at = f" at {time_text(entries[0]['step'] * dt)}" if entries else ""
        self._say(f"{', '.join(said)}{at}" if said else "", findings, self._rev if self._whole and not self._refused else None)


def in_words(entry: Entry, network: FlatNetwork) -> str:
    """`exc.tau_m = 15 ms`; a receptor that several projections share names the others."""
    path, name, value = entry["path"], entry["name"], entry["value"]
    said = f"{value:.6g}" if isinstance(value, (int, float)) else "values per neuron" if isinstance(value, list) else "a distribution"
    unit = _unit(path, name, network)
    own = {p.key for p in network.projections if p.path == path}
    others = list(dict.fromkeys(p.path for p in network.projections if p.key in set(entry.get("projections", ())) - own))
    shared = f" (with {', '.join(others)}, at the same receptor)" if others else ""
    return f"{path}.{name} = {said}{f' {unit}' if unit and isinstance(value, (int, float)) else ''}{shared}"


def _unit(path: str, name: str, network: FlatNetwork) -> str:
    link: Any = next((p for p in network.projections if p.path == path), None)
    if link is not None and link.kinetics is not None:
        return link.kinetics.model.weight_unit if name == "weight" else _of(link.kinetics.model, name.removeprefix("kinetics."))
    node: Any = next((n for n in (*network.populations, *network.sources) if n.path == path), None)
    return _of(node.model, name) if node is not None else ""


def _of(model: Any, name: str) -> str:
    param = model.param(name)
    return param.unit if param else ""
