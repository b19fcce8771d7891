"""What a population is, for its colour and its place in a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.engine.recording import Recording


def kind(recording: Recording, path: str) -> str:
    """The palette role of a population: "src", "exc", "inh", or "mix" when nothing tells."""
    info = recording.populations[path]
    if info.kind == "source":
        return "src"
    return {"excitatory": "exc", "inhibitory": "inh"}.get(getattr(info, "sign", None) or "", "mix")
