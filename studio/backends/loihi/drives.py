"""Analog inputs as biases that the host writes."""

from __future__ import annotations

import numpy as np

from studio.backends.loihi.registers import Drive
from studio.compile.program import Program


def drives_of(program: Program) -> tuple[Drive, ...]:
    """One for each layer that analog inputs reach, in the program's order."""
    out = []
    for layer in program.layers:
        into = [c for c in program.into(layer.key) if c.kinetics is None]
        if not into:
            continue
        inputs = tuple(dict.fromkeys(c.source for c in into))
        sums, gains = [], []
        for c in into:
            block = c.wiring.onto()
            sums.append(np.column_stack([block.targets, np.full(len(block), inputs.index(c.source)), block.sources]))
            gains.append(block.weights)
        said = program.settings["loihi"][layer.key]["numbers"]
        numbers = {k: np.inf if v is None else np.asarray(v) if isinstance(v, list) else v for k, v in said.items()}
        out.append(Drive(layer.key, inputs, np.concatenate(sums).astype(np.int64), np.concatenate(gains), numbers))
    return tuple(out)
