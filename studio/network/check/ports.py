"""Ports that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding, FindingError
from studio.network.check.context import Context
from studio.network.document import Circuit, Instance, Port
from studio.network.paths import did_you_mean, parse


def rule(context: Context) -> Iterable[Finding]:
    """`path.port`: an end that does not exist or runs the wrong way (error), a port without ends (warning)."""
    for name, circuit in context.document.circuits.items():
        for key, port in circuit.ports.items():
            where = context.where(name, key)
            if not port.inside:
                yield Finding(
                    "path.port", "warning", where, f"The port “{key}” leads nowhere.", "Connect it to a node inside, or remove it."
                )
            for end in port.inside:
                yield from _end(context, circuit, port, end, where)


def _end(context: Context, circuit: Circuit, port: Port, end: str, where: str) -> Iterable[Finding]:
    try:
        steps = parse(end).steps
    except FindingError as wrong:
        yield from (Finding(f.code, "error", where, f.text, f.fix) for f in wrong.findings)
        return
    node = circuit.nodes.get(steps[0].key)
    if node is None:
        yield Finding(
            "path.port",
            "error",
            where,
            f"The port leads to “{end}”, which does not exist.",
            did_you_mean(steps[0].key, sorted(circuit.nodes)),
        )
    elif isinstance(node, Instance):
        inner = context.document.circuits.get(node.of)
        found = inner.ports.get(steps[1].key) if inner and len(steps) == 2 else None
        if inner and (found is None or found.direction != port.direction):
            fitting = sorted(k for k, p in inner.ports.items() if p.direction == port.direction)
            yield Finding(
                "path.port",
                "error",
                where,
                f"The port leads to “{end}”, which is no {port.direction} port of circuit “{node.of}”.",
                did_you_mean(steps[-1].key, fitting),
            )
    elif steps[1:] or steps[0].index:
        yield Finding(
            "path.port", "error", where, f"The port leads to “{end}”; a {node.kind} is connected as a whole.", f"Write {steps[0].key}."
        )
    elif node.kind == "source" and port.direction == "in":
        yield Finding("path.target", "error", where, f"The port leads to “{end}”, a source; nothing can be connected to it.")
