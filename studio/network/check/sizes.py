"""Networks that no machine, or not this one, can hold."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.flat import FlatNetwork, FlatProjection

MAX_ELEMENTS = 100_000_000
NUMBER = 8  # bytes
SYNAPSE = 4  # bytes of a stored target; a weight or delay that differs adds 4 and 2


def rule(context: Context) -> Iterable[Finding]:
    """`size.limit`: too many elements in one place; `size.memory`: more bytes than the machine has (error) or half of them (warning)."""
    if context.flat is None:
        return
    refused = list(_elements(context.flat))
    yield from refused
    if not refused:
        yield from _memory(context.flat, machine_bytes())


def machine_bytes() -> int:
    """How much memory this machine has; 16 GiB where it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 16 * 2**30


def _elements(flat: FlatNetwork) -> Iterable[Finding]:
    for node in (*flat.populations, *flat.sources):
        if node.size > MAX_ELEMENTS:
            states = len(getattr(node.model, "states", ())) + 2
            text = f"{node.size:,} elements would need {_said(node.size * NUMBER * states)}; {MAX_ELEMENTS:,} is the most."
            yield Finding("size.limit", "error", f"{node.path}.size", text, "Use fewer.")


def _memory(flat: FlatNetwork, there: int) -> Iterable[Finding]:
    sizes = {n.path: n.size for n in (*flat.populations, *flat.sources)}
    needed = {p.key: synapses(p, sizes) * synapse_bytes(p) for p in flat.projections}
    total = sum(needed.values()) + sum(n * NUMBER * 3 for n in sizes.values())
    if total <= there / 2:
        return
    worst = max(needed, key=lambda k: needed[k], default="")
    share = f" “{worst}” alone takes {_said(needed[worst])}." if worst else ""
    severity = "error" if total > there else "warning"
    text = f"The network would need about {_said(total)}; this machine has {_said(there)}.{share}"
    yield Finding(
        "size.memory",
        severity,
        next((p.path for p in flat.projections if p.key == worst), ""),
        text,
        "Use fewer synapses or smaller populations.",
    )


def synapses(projection: FlatProjection, sizes: dict[str, int]) -> float:
    """The expected number of synapses."""
    connector = projection.connector
    return float(connector.model.expected(connector.params, sizes[projection.source], sizes[projection.target]))


def synapse_bytes(projection: FlatProjection) -> int:
    """Bytes a stored synapse takes; none where a kernel is kept once for all."""
    if _kept_once(projection):
        return 0
    own_weight = not isinstance(projection.weight, float) or projection.plasticity.model.key != "static"
    return SYNAPSE + 4 * own_weight + 2 * (not isinstance(projection.delay, float))


def _kept_once(p: FlatProjection) -> bool:
    plain = not p.plasticity.model.plastic and p.kinetics is not None
    return plain and p.connector.model.compact and not isinstance(p.delay, np.ndarray)


def _said(n_bytes: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if n_bytes < 1024:
            return f"{n_bytes:.3g} {unit}"
        n_bytes /= 1024
    return f"{n_bytes:,.3g} TiB"
