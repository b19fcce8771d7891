"""The task of a document: its source, its readout, its labels."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.paths import did_you_mean

DECODERS = ("count_argmax", "count_assigned")


def rule(context: Context) -> Iterable[Finding]:
    """`path.task`: a source, readout or array that does not exist; `text.task`: a way to decode that nobody knows."""
    task, flat = context.document.task, context.flat
    if task is None or flat is None:
        return
    known = {"source": [s.path for s in flat.sources], "readout": [p.path for p in flat.populations]}
    for name, paths in known.items():
        said = task.get(name)
        if said is not None and said not in paths:
            yield Finding(
                "path.task", "error", f"task.{name}", f"The task's {name} “{said}” does not exist.", did_you_mean(str(said), paths)
            )
    labels = task.get("labels")
    array = labels.get("data") if isinstance(labels, dict) else labels
    if array is not None and (not isinstance(array, str) or array not in context.document.data):
        yield Finding(
            "path.task",
            "error",
            "task.labels",
            f"The labels “{array}” are not in the document's data.",
            did_you_mean(str(array), sorted(context.document.data)),
        )
    decode = task.get("decode")
    if decode is not None and decode not in DECODERS:
        yield Finding("text.task", "error", "task.decode", f"“{decode}” is no way to decode.", f"Use {', '.join(DECODERS)}.")
