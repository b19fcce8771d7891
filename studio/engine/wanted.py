"""What a call of `simulate` asks to record, in any of its forms: a path, (path, what), (path, what, every ms), the document's object, or Record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.network.flat import FlatNetwork, Record

if TYPE_CHECKING:
    from studio.network.document import Document, Recorded

WORDS = ("path", "what", "every")
FIX = 'Write a path, (path, state), or {"path": …, "what": …, "every": …}.'


def as_said(given: Any, where: str) -> Recorded | Record:
    """One entry as the document says it; raise FindingError for what is none."""
    from studio.network.document import Recorded

    if isinstance(given, (Record, Recorded)):
        return given
    if isinstance(given, Mapping):
        said = {str(k): v for k, v in given.items()}
    else:
        words = [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else []
        said = dict(zip(WORDS, words, strict=False)) if len(words) <= len(WORDS) else {}
    try:
        if said.keys() - set(WORDS):
            raise ValueError
        return Recorded.model_validate({name: value for name, value in said.items() if value is not None})
    except ValueError:
        raise FindingError([Finding("path.record", "error", where, f"{given!r} does not say what to record.", FIX)]) from None


def in_document(document: Document, given: Iterable[Any]) -> tuple[Document, tuple[Record, ...]]:
    """The document with its `record` replaced, so that its own rules resolve the paths; and what came as Record."""
    said = [as_said(g, f"run.record.{k}") for k, g in enumerate(given)]
    run = document.run.model_copy(update={"record": tuple(r for r in said if not isinstance(r, Record))})
    return document.model_copy(update={"run": run}), tuple(r for r in said if isinstance(r, Record))


def in_flat(flat: FlatNetwork, given: Iterable[Any], dt: float) -> tuple[Record, ...]:
    """The same for a network already flat: full paths of nodes or projections, with an index for chosen neurons."""
    said = [(as_said(g, f"run.record.{k}"), f"run.record.{k}") for k, g in enumerate(given)]
    return tuple(one if isinstance(one, Record) else _flat_record(flat, one, where, dt) for one, where in said)


def _flat_record(flat: FlatNetwork, said: Recorded, where: str, dt: float) -> Record:
    every = dt if said.every is None else _every(said.every, where)
    nodes = {n.path: n for n in (*flat.populations, *flat.sources)}
    stem = said.path[: said.path.rfind("[")] if said.path.endswith("]") else said.path
    if said.path in nodes or stem not in nodes:  # what is unknown is refused where it is looked for
        return Record(said.path, said.what, None, every)
    return Record(stem, said.what, _neurons(said.path, nodes[stem], where), every)


def _neurons(path: str, node: Any, where: str) -> np.ndarray:
    from studio.network.paths import parse
    from studio.network.record import neurons

    return neurons(parse(path).steps[-1].index, node.size, node.shape, where)


def _every(given: Any, where: str) -> float:
    """An interval in ms: a number, or the document's value with a unit."""
    from studio.network.record import EVERY
    from studio.network.resolve import Given, resolve

    value, findings = resolve(EVERY, Given(given, f"{where}.every"), _no_array, None)
    if findings or not isinstance(value, float):
        raise FindingError(findings or [Finding("bounds.every", "error", f"{where}.every", "the interval is one number in ms.")])
    return value


def _no_array(name: str) -> np.ndarray:
    raise FindingError([Finding("text.value", "error", "", f"the array “{name}” cannot stand here.", "Give a single number.")])
