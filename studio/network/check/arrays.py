"""Arrays of the document: whole, and of the shape that is needed where they are used."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio.findings import Finding, FindingError
from studio.network.check.context import Context
from studio.network.data import decode
from studio.network.flat import FlatProjection


def rule(context: Context) -> Iterable[Finding]:
    """`text.data`, `size.data`: an array that is damaged or too large; weights or delays of another shape than the connector needs."""
    for name, entry in context.document.data.items():
        try:
            decode(name, entry.model_dump())
        except FindingError as wrong:
            yield from wrong.findings
    if context.flat is None:
        return
    sizes = {n.path: n.size for n in (*context.flat.populations, *context.flat.sources)}
    for projection in context.flat.projections:
        for field in ("weight", "delay"):
            value = getattr(projection, field)
            if isinstance(value, np.ndarray) and not (field == "weight" and projection.connector.model.compact):
                yield from _shape(projection, field, value.shape, sizes[projection.source], sizes[projection.target])


def _shape(projection: FlatProjection, field: str, shape: tuple[int, ...], n_source: int, n_target: int) -> Iterable[Finding]:
    connector = projection.connector.model.key
    wanted: dict[str, list[tuple[int, ...]]] = {
        "all_to_all": [(n_source, n_target)],
        "one_to_one": [(n_source,), (n_source, n_target)],
        "explicit": [np.asarray(projection.connector.params.get("sources")).shape],
    }
    allowed = wanted.get(connector, [(n_source, n_target)])
    if shape not in allowed:
        text = f"The {field} array has shape {shape}; “{connector}” from {n_source} to {n_target} needs {' or '.join(str(s) for s in allowed)}."
        yield Finding("size.data", "error", f"{projection.path}.{field}", text, "Give an array of that shape.")
