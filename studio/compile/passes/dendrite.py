"""Dendrites: neurons that a pass puts in to add up a part of what reaches another, as each machine can have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.compile.program import Layer
from studio.compile.wiring import Block
from studio.models.catalogue import builtin
from studio.network.flat import Chosen

MANTISSA = 255  # whole numbers of 8 bits, times a power of two
FEW = 16  # different weights for which a common measure is looked for
NEARLY = 1e-9  # what is so little beside a whole number is that number


@dataclass(frozen=True)
class Dendrite:
    """A machine's perfect integrator with subtractive reset, as a neuron of the catalogue whose weights are whole numbers.

    `threshold` names its parameter: it fires at that (`above`: only above it, so that it is set one lower). `largest` whole weight, `most` the
    largest quantum; both are numbers of 8 bits times a power of two where `rounds`. `itself`: a spike does not take the quantum off by itself,
    a synapse onto itself does, one step later. `leak`: the part of what it holds that is gone after a step.
    """

    neuron: str
    params: Mapping[str, float]
    threshold: str
    largest: int
    most: int
    above: bool = False
    rounds: bool = False
    itself: bool = False
    leak: float = 0.0

    def quantum(self, wanted: float) -> int:
        """The smallest quantum that the machine has and that is at least so large."""
        whole = int(np.ceil(wanted - NEARLY))
        power = 2 ** max(0, (whole - 1).bit_length() - 8) if self.rounds else 1
        while self.rounds and -(-whole // power) > MANTISSA:
            power *= 2
        return -(-whole // power) * power

    def finest(self, weights: np.ndarray) -> int:
        """The whole number that stands for the largest of these weights: one at which all of them are whole, if there is one."""
        ratios = np.unique(weights)
        if len(ratios) <= FEW:
            for whole in range(self.largest, self.largest // 2, -1):
                exact = ratios / ratios[-1] * whole
                if np.abs(exact - np.rint(exact)).max() < NEARLY:
                    return whole
        return self.largest

    def layer(self, layer: Layer, key: str, size: int, quantum: int, note: str) -> Layer:
        model = builtin().get("neuron", self.neuron)
        params = {p.name: p.default for p in model.params} | {**self.params, self.threshold: float(quantum - self.above)}
        return Layer(key, layer.path, size, None, Chosen(model, params), {}, None, note)


def numbered(block: Block, of: np.ndarray, each: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(order, entries of each target, the first entry of each synapse, in that order). Synapses of one connection, source and delay share theirs."""
    if not len(block):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    wide, late = int(block.sources.max()) + 1, int(block.delays.max()) + 1
    name = ((block.targets * len(each) + of) * wide + block.sources) * late + block.delays
    order = np.argsort(name, kind="stable")  # (nearly in order already)
    t, o, name = block.targets[order], of[order], name[order]
    new = np.append(True, np.diff(name) != 0)
    sums = np.cumsum(np.where(new, each[o], 0))
    starts = np.append(True, np.diff(t) != 0)
    base = np.maximum.accumulate(np.where(starts, sums - each[o], 0))
    return order, np.bincount(t, np.where(new, each[o], 0)).astype(np.int64), sums - each[o] - base
