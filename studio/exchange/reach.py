"""Where a model can be exported to, as the exporters' own tables have it.

An exporter says so in one function, `reach(model) -> str | None`: None where it has nothing like the model, an empty text where the model
goes out as it is, else a sentence saying what is lost. Exporters of this package stand in ROWS; others join through the entry point group
`spike_studio.reach` (an entry point's name is the title people see).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from studio.models.spec import Model

Reach = Callable[[Model], "str | None"]
GROUP = "spike_studio.reach"
ROWS = (
    ("NIR", "studio.exchange.nir.reach"),
    ("PyNN", "studio.exchange.pynn.reach"),
    ("ONNX", "studio.exchange.onnx.reach"),
    ("SONATA", "studio.exchange.sonata.reach"),
)


@dataclass(frozen=True)
class Way:
    """One way out: the format or machine, and what is lost there (empty: nothing)."""

    title: str
    loss: str


@cache
def exporters() -> tuple[tuple[str, Reach], ...]:
    """Every exporter that says which models it takes; one that cannot be loaded is passed over."""
    found: list[tuple[str, Reach]] = [(title, import_module(module).reach) for title, module in ROWS]
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        try:
            found.append((entry.name, entry.load()))
        except Exception:  # (a stranger's package must not keep the studio from starting)
            continue
    return tuple(found)


def ways(model: Model, among: Iterable[tuple[str, Reach]] | None = None) -> tuple[Way, ...]:
    """Where the model can go beside the studio's own document and Python code, which hold every model."""
    said = ((title, reach(model)) for title, reach in (exporters() if among is None else among))
    return tuple(Way(title, loss) for title, loss in said if loss is not None)
