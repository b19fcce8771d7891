"""What the command line asks of a run: the document's run settings changed, its parameters set, more of it recorded."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.cli.exits import UsageError
from studio.cli.say import print_findings
from studio.findings import Finding, FindingError, errors

if TYPE_CHECKING:
    from studio.network.document import Document
    from studio.network.flat import FlatNetwork

SETTINGS = ("duration", "dt", "seed", "precision", "method", "weights", "connectivity")


def with_run(document: Document, args: Namespace) -> Document:
    """The document with the run settings that were given; its parameters stay as they are."""
    given: dict[str, Any] = {name: value for name in SETTINGS if (value := getattr(args, name)) is not None}
    if args.wait:
        given["events"] = [*(e.model_dump(mode="json") for e in document.run.events), *(waited(text) for text in args.wait)]
    if args.fault:
        given["faults"] = [
            *(f.model_dump(mode="json", exclude_none=True) for f in document.run.faults),
            *(broken(text) for text in args.fault),
        ]
    return _changed(document, given) if given else document


def flat_network(document: Document, findings: tuple[Finding, ...], settings: Mapping[str, Any], wanted: list[str]) -> FlatNetwork:
    """The network that will run; prints what is worth saying about it, and raises FindingError where it cannot run."""
    from studio.models.catalogue import catalogue
    from studio.network.check import check
    from studio.network.flatten import flatten

    models = catalogue()
    findings += check(document, models, settings)
    if errors(findings):
        raise FindingError(findings)
    print_findings(f for f in findings if f.severity == "warning")
    flat = flatten(document, models, settings)
    if not wanted:
        return flat
    more = flatten(_changed(document, {"record": [recorded(text) for text in wanted]}), models, settings).run.record
    return replace(flat, run=replace(flat.run, record=(*flat.run.record, *(r for r in more if r not in flat.run.record))))


def waited(text: str) -> dict[str, Any]:
    """`500:1 d` as the document says it: at 500 ms devices wait for a day; a number alone is seconds."""
    from studio.network.values import from_text

    at, _, wait = text.partition(":")
    said = [from_text(part.strip()) for part in (at, wait)]
    if any(isinstance(one, str) for one in said):
        raise UsageError(f"--wait {text}: write MS:HOW_LONG, for example --wait '500:1 d'.")
    return dict(zip(("at", "wait"), (one.model_dump(mode="json") if hasattr(one, "model_dump") else one for one in said), strict=True))


def broken(text: str) -> dict[str, Any]:
    """`dead_neurons:exc[0:10]:0.5`, `stuck_synapses:p1:0.05:0.4`, `threshold_noise:exc:1.5 mV` as the document says it."""
    from studio.network.values import from_text

    kind, _, rest = text.partition(":")
    values: list[Any] = []
    while ":" in rest and len(values) < 2:  # a path may have colons of its own: exc[0:10]
        head, _, last = rest.rpartition(":")
        said = from_text(last.strip())
        if isinstance(said, str) or head.count("[") != head.count("]"):
            break
        values, rest = [said, *values], head
    if not rest.strip() or not values:
        raise UsageError(f"--fault {text}: write KIND:PATH:FRACTION[:VALUE], for example --fault dead_neurons:exc:0.1.")
    names = ("value",) if kind == "threshold_noise" and len(values) == 1 else ("fraction", "value")
    plain = [v.model_dump(mode="json") if hasattr(v, "model_dump") else v for v in values]
    return {"kind": kind.strip(), "path": rest.strip(), **dict(zip(names, plain, strict=False))}


def recorded(text: str) -> dict[str, Any]:
    """`exc[0:10]:v` as the document says it; spikes where nothing else is named."""
    path, colon, what = text.rpartition(":")
    if not colon or not what.replace(".", "_").isidentifier():  # no colon, or one of a slice
        path, what = text, "spikes"
    if not path.strip():
        raise UsageError(f"--record {text}: write PATH:WHAT, for example --record 'exc[0:10]:v'.")
    return {"path": path.strip(), "what": what}


def _changed(document: Document, given: Mapping[str, Any]) -> Document:
    from studio.network.document import Run

    said = document.run.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return document.model_copy(update={"run": Run.model_validate({**said, **given})})
