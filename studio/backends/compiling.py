"""From a network to a machine in one call, for people who write Python; the command line and the canvas call the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.backends import backend
from studio.compile.pipeline import Compiled, Watch, compile_flat
from studio.compile.report import Report
from studio.network.document import Document
from studio.network.flat import FlatNetwork

__all__ = ["Compiled", "compile_network", "fit", "flat_of"]


def compile_network(network: Any, target: str, watch: Watch | None = None, **options: Any) -> Compiled:
    """Compile a Network, Document or FlatNetwork for a target ("loihi", "truenorth" ...; `studio.backends.backends()` lists them).

    What does not fit is a finding of the result's report. `emit(folder)` writes the artefact; `studio.backends.verify.verify` tries it.
    Raises FindingError where the document has errors, the target is unknown, or an option is.
    """
    return compile_flat(flat_of(network), backend(target), options, watch=watch)


def fit(network: Any, target: str, **options: Any) -> Report:
    """Whether a network would fit a target: counted from its rules, nothing is drawn, in a fraction of a second."""
    found = compile_flat(flat_of(network), backend(target), {**options, "estimate": True})
    return replace(found.report, estimate=True)


def flat_of(network: Any) -> FlatNetwork:
    """The flat network of a Network or Document; a FlatNetwork is taken as it is."""
    if isinstance(network, FlatNetwork):
        return network
    from studio.network.flatten import flatten

    document: Document = getattr(network, "document", network)
    return flatten(document)
