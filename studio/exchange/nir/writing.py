"""Writing a NIR file that other tools read, with the whole document kept inside it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.exchange.nir import metadata
from studio.exchange.nir.dialects import DIALECTS, Dialect, adapt
from studio.exchange.nir.nests import nested as folded
from studio.exchange.nir.tree import from_nir
from studio.findings import Finding, FindingError
from studio.network.document import Document
from studio.network.flatten import flatten

if TYPE_CHECKING:
    import nir

COMPATIBLE = (None, "1.0.4")
OLD = (  # nodes of nir 1.0.4
    *("Affine", "AvgPool2d", "Conv1d", "Conv2d", "CubaLIF", "Delay", "Flatten", "I", "IF", "Input", "LI", "LIF", "Linear", "Output"),
    *("Scale", "SumPool2d", "Threshold"),
)


def to_nir(
    document: Document, catalogue: Any = None, *, dialect: str | None = None, nested: bool = False
) -> tuple[nir.NIRGraph | None, tuple[Finding, ...]]:
    """The NIR graph of a document and what was lost; None with errors when there is none.

    Exact for what was read from NIR. The graph's metadata holds the document under `spike_studio`, so that reading it back loses nothing,
    and the time step [s] under `dt`. `dialect`: a key of DIALECTS, for the one reader whose conventions are followed. `nested`: circuits become
    graphs in the graph where NIR can say them.
    """
    import nir

    from studio.exchange.nir.exporting import sketch

    try:
        reader = _reader(dialect)
        flat = flatten(document, catalogue)
        made = sketch(flat, _outputs(document), _titles(document))
    except FindingError as wrong:
        return None, wrong.findings
    if reader:
        adapt(made.nodes, reader, flat.run.dt / 1e3, made.tell)
    if nested:
        made.nodes, made.edges, found = folded(made.nodes, made.edges, made.places)
        made.findings += found
    if not any(isinstance(n, (nir.LIF, nir.LI, nir.CubaLIF, nir.CubaLI, nir.IF, nir.I, nir.Threshold)) for n in _all(made.nodes)):
        text = "Nothing of this network can be said in NIR."
        return None, (*made.findings, Finding("lossy.empty", "error", "", text, "Use lif or lif_euler populations."))
    try:
        graph = nir.NIRGraph(made.nodes, made.edges, type_check=bool(made.edges) and not nested)
    except ValueError as wrong:
        return None, (*made.findings, Finding("lossy.nir", "error", "", f"NIR refuses the graph: {wrong}"))
    said = {"dt": flat.run.dt / 1e3, **({"dialect": reader.key} if reader else {})}
    graph.metadata = {metadata.KEY: metadata.pack(document, from_nir(graph), flat.run.dt), **said}
    return graph, tuple(made.findings)


def write(
    document: Document,
    path: str | Path,
    *,
    nir_compat: str | None = None,
    dialect: str | None = None,
    nested: bool = False,
    catalogue: Any = None,
) -> tuple[Finding, ...]:
    """Write a `.nir` file, whole or not at all; with an error among the findings nothing was written.

    `nir_compat="1.0.4"` leaves out resets to zero, which readers of that age (sinabs, rockpool) do not know. Other options are those of `to_nir`.
    """
    import nir

    nir_compat = nir_compat or (DIALECTS[dialect].compatible if dialect in DIALECTS else None)

    if nir_compat not in COMPATIBLE:
        return (
            Finding(
                "path.compat",
                "error",
                "",
                f"“{nir_compat}” is not a version this studio can write for.",
                "Use 1.0.4, or nothing for the present one.",
            ),
        )
    graph, findings = to_nir(document, catalogue, dialect=dialect, nested=nested)
    if graph is None:
        return findings
    file = Path(path)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        nir.write(temporary, graph)
        if nir_compat:
            findings += _older(temporary)
        os.replace(temporary, file)
    except OSError as why:
        return (*findings, Finding("path.file", "error", "", f"“{file}” cannot be written: {why.strerror or why}."))
    finally:
        temporary.unlink(missing_ok=True)
    return findings


def _reader(dialect: str | None) -> Dialect | None:
    if dialect is None or dialect in DIALECTS:
        return DIALECTS[dialect] if dialect else None
    text = f"“{dialect}” is no reader of NIR that the studio writes for."
    raise FindingError([Finding("path.dialect", "error", "", text, f"Use {', '.join(DIALECTS)}, or nothing.")])


def _all(nodes: Mapping[str, Any]) -> Iterator[Any]:
    """Every node of a graph and of those inside it."""
    for node in nodes.values():
        yield node
        if type(node).__name__ == "NIRGraph":
            yield from _all(node.nodes)


def _older(path: Path) -> tuple[Finding, ...]:
    """Take out what nir 1.0.4 does not know: `v_reset`, and say which nodes it does not."""
    import h5py

    lost: list[str] = []
    unknown: list[str] = []

    def strip(nodes: Any, where: str) -> None:
        for name, node in nodes.items():
            kind = node["type"][()].decode()
            if kind == "NIRGraph":
                strip(node["nodes"], f"{where}{name}.")
            if kind not in OLD and kind != "NIRGraph":
                unknown.append(f"{where}{name}")
            if "v_reset" in node:
                if np.any(node["v_reset"][()]):
                    lost.append(f"{where}{name}")
                del node["v_reset"]

    with h5py.File(path, "r+") as file:
        strip(file["node/nodes"], "")
    text = "nir 1.0.4 resets to zero: the reset voltage of {} is left out."
    out = [Finding("lossy.reset", "warning", lost[0], text.format(", ".join(lost)))] if lost else []
    text = "nir 1.0.4 cannot read the file: it does not know the kind of {}."
    return (*out, *([Finding("lossy.node", "warning", unknown[0], text.format(", ".join(unknown)))] if unknown else []))


def _outputs(document: Document) -> list[str]:
    """Paths that are outputs: of the task, or as a NIR file said."""
    readout = (document.task or {}).get("readout")
    if isinstance(readout, str):
        return [readout]
    kept = document.metadata.get("nir")
    named = kept.get("outputs") if isinstance(kept, Mapping) else None
    return (
        [p for paths in named.values() if isinstance(paths, (list, tuple)) for p in paths if isinstance(p, str)]
        if isinstance(named, Mapping)
        else []
    )


def _titles(document: Document) -> dict[str, str]:
    """Names of the main circuit's projections by path."""
    return {key: p.name for key, p in document.circuit.projections.items() if p.name}
