"""What every rule is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.findings import Finding
from studio.network.document import Document, Instance
from studio.network.flat import FlatNetwork
from studio.network.unfold import Unfolded


@dataclass(frozen=True)
class Context:
    """A document, the catalogue with its own models, what it unfolds to, and what was found on the way.

    `flat` is None where the document cannot be unfolded; wrong values stand in it with their defaults.
    """

    document: Document
    catalogue: Any
    flat: FlatNetwork | None
    unfolded: Unfolded
    building: tuple[Finding, ...]

    def where(self, circuit: str, *names: str) -> str:
        """How findings call a member of a circuit."""
        inside = ".".join(names)
        return inside if circuit == self.document.main else f"{circuit}:{inside}" if inside else circuit


def prepare(document: Document, catalogue: Any, settings: Mapping[str, Any] | None) -> Context:
    """Unfold and flatten once for all rules; circuits that main does not use are looked at too."""
    from studio.network.flatten import build

    if catalogue is None:
        from studio.models.catalogue import catalogue as built_in

        catalogue = built_in()
    own, findings = catalogue.with_models(dict(document.models))
    flat, unfolded, found = build(document, own, settings)
    building = [*findings, *found]
    for circuit in unused(document):
        _, _, more = build(document, own, None, circuit)
        building += [f for f in more if not f.where.startswith(("run.", "constraints."))]
    return Context(document, own, flat, unfolded, tuple(dict.fromkeys(building)))


def unused(document: Document) -> list[str]:
    """Circuits that no instance reachable from main uses, outermost first."""
    reached = _reached(document, document.main)
    out: list[str] = []
    for key in document.circuits:
        inner = {
            n.of for k, c in document.circuits.items() if k not in reached for n in c.nodes.values() if isinstance(n, Instance) and k != key
        }
        if key not in reached and key not in inner:
            out.append(key)
            reached |= _reached(document, key)
    return out + [key for key in document.circuits if key not in reached]  # what is left uses itself


def _reached(document: Document, start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key in found or key not in document.circuits:
            continue
        found.add(key)
        waiting += [n.of for n in document.circuits[key].nodes.values() if isinstance(n, Instance)]
    return found
