"""Delay extensions in a program: layers that repeat a source's spikes later, beside the layers that are neurons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.compile.program import Connection, Layer, Program

LATE = " late"  # ends the key of a connection's late part


@dataclass(frozen=True)
class Relay:
    """The delay extension of one source: `stages` of `steps` each. Its elements are, slice by slice, every element once for each stage."""

    key: str
    of: str
    stages: int
    steps: int


def relays(program: Program) -> dict[str, Relay]:
    """The delay extensions of a program by the key of their layer."""
    found: Mapping[str, Mapping[str, Any]] = program.settings.get("delay_extensions", {})
    return {key: Relay(key, x["of"], x["stages"], x["steps"]) for key, x in found.items()}


def cells_of(program: Program) -> tuple[Layer, ...]:
    """The layers that are neurons, not delay extensions."""
    found = program.settings.get("delay_extensions", {})
    return tuple(x for x in program.layers if x.key not in found)


def synapses_of(program: Program) -> tuple[Connection, ...]:
    """The connections that are synapses, not currents, nor what goes from a source to its delay extension."""
    found = program.settings.get("delay_extensions", {})
    return tuple(c for c in program.connections if c.kinetics is not None and c.target not in found)


def place(program: Program, key: str, elements: np.ndarray, stage: np.ndarray) -> np.ndarray:
    """The number in an extension of some elements of its source, at some stages (1, 2, ...): slice by slice, stage by stage."""
    relay = relays(program)[key]
    lows, sizes = _slices(program, relay.of)
    at = np.searchsorted(lows, elements, side="right") - 1
    return lows[at] * relay.stages + (stage - 1) * sizes[at] + elements - lows[at]


def element(program: Program, key: str, places: np.ndarray) -> np.ndarray:
    """Which element of the source each element of an extension repeats."""
    relay = relays(program)[key]
    lows, sizes = _slices(program, relay.of)
    at = np.searchsorted(lows * relay.stages, places, side="right") - 1
    return lows[at] + (places - lows[at] * relay.stages) % sizes[at]


def _slices(program: Program, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the slices of a layer or an input begin, and how large they are."""
    cuts = [p.cut for p in program.parts_of(key)]
    return np.array([cut.low for cut in cuts]), np.array([cut.size for cut in cuts])
