"""A matrix on crossbars: cut into tiles, disturbed by faults and wires, read through converters. NumPy arrays in and out.

from studio.engine.crossbar import Crossbar, Settings, Wires
crossbar = Crossbar(weights, Settings(rows=128, columns=128, wires=Wires(1.0, 1.0), adc_bits=6), seed=1)
y = crossbar.multiply(x)          # x: (n_in,) or (k, n_in)
crossbar.weights                  # what the weights come to, without converters
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from studio.engine.crossbar.circuit import Wires, transfer
from studio.engine.crossbar.converters import Converter, converter
from studio.engine.crossbar.mapping import Mapping, fitting
from studio.engine.crossbar.settings import EFFECTS, Settings
from studio.findings import Finding, FindingError


@dataclass(frozen=True)
class Tile:
    """One tile (or stack of layers): which rows and outputs of the matrix lie on it, and what its weights come to (rows, outputs).

    `most` and `least`: the largest and the smallest sum that its wanted weights can give with each input between 0 and 1.
    """

    rows: slice
    outputs: slice
    weights: np.ndarray
    least: float
    most: float


class Crossbar:
    """Weights (n_in, n_out) on tiles. Everything is solved when it is made.

    `held` (n_in, n_out, devices of a weight): what each device really holds, where that is not what it should (programming noise, drift).
    `present` (n_in, n_out): False where no device is; only a pair can be left out, for one device with a reference the crossing holds 0.
    """

    def __init__(
        self,
        weights: np.ndarray,
        settings: Settings | None = None,
        mapping: Mapping | None = None,
        *,
        held: np.ndarray | None = None,
        present: np.ndarray | None = None,
        seed: int = 0,
    ) -> None:
        self.wanted = np.asarray(weights, float)
        if self.wanted.ndim != 2 or 0 in self.wanted.shape:
            text = f"weights of shape {self.wanted.shape} are no matrix."
            raise FindingError([Finding("size.crossbar", "error", "", text, "Give (inputs, outputs).")])
        self.settings = settings or Settings()
        self.mapping = mapping or fitting(self.wanted)
        there = np.ones(self.wanted.shape, bool) if present is None else np.asarray(present, bool)
        devices = self.mapping.held(np.where(there, self.wanted, 0.0)) if held is None else np.asarray(held, float)
        cells = self._faulty(self.mapping.cells(devices), seed)
        if self.mapping.reference is None:
            cells = np.where(there[..., None], cells, 0.0)
        self.tiles = tuple(self._tile(cells, rows, outputs) for rows, outputs in self._cut())
        self.weights = np.zeros(self.wanted.shape)
        for tile in self.tiles:
            self.weights[tile.rows, tile.outputs] = tile.weights

    def _faulty(self, cells: np.ndarray, seed: int) -> np.ndarray:
        """Cells with some of them stuck; the same ones however the matrix is cut."""
        low, high = self.settings.stuck_low, self.settings.stuck_high
        if low + high == 0.0:
            return cells
        lot = np.random.Generator(np.random.Philox(seed)).random(cells.shape)
        return np.where(lot < low, self.mapping.g_min, np.where(lot < low + high, self.mapping.g_max, cells))

    @property
    def outputs_of_a_layer(self) -> int:
        """How many outputs one layer of one tile has."""
        each, spare = len(self.mapping.factors), int(self.mapping.reference is not None)
        if self.settings.columns is None:
            return -(-self.wanted.shape[1] // self.settings.layers)
        room = (self.settings.columns - spare) // each
        if room < 1:
            text = f"{self.settings.columns} columns hold no weight of {each} devices{' and a reference column' if spare else ''}."
            raise FindingError([Finding("fit.crossbar", "error", "columns", text, f"Give at least {each + spare} columns.")])
        return room

    def _cut(self) -> Iterator[tuple[slice, slice]]:
        """Rows and outputs of every tile, row block by row block."""
        n_in, n_out = self.wanted.shape
        high, wide = self.settings.rows or n_in, self.outputs_of_a_layer * self.settings.layers
        for top in range(0, n_in, high):
            for left in range(0, n_out, wide):
                yield slice(top, min(top + high, n_in)), slice(left, min(left + wide, n_out))

    def _tile(self, cells: np.ndarray, rows: slice, outputs: slice) -> Tile:
        here, mapping = cells[rows, outputs], self.mapping
        n_rows, n_out, each = here.shape
        layers, wide = self.settings.layers, min(self.outputs_of_a_layer, n_out)
        spare = int(mapping.reference is not None)
        stack = np.zeros((layers, n_rows, wide * each + spare))
        for layer in range(layers):
            part = here[:, layer * wide : (layer + 1) * wide]
            stack[layer, :, : part.shape[1] * each] = part.reshape(n_rows, -1)
            if spare and part.shape[1]:
                stack[layer, :, -1] = mapping.reference
        arriving = transfer(stack, self.settings.wires or Wires())
        counted = arriving[:, :, : wide * each].reshape(layers, n_rows, wide, each) @ mapping.factors
        if spare:
            counted -= mapping.scale * arriving[:, :, -1][:, :, None]
        weights = counted.transpose(1, 0, 2).reshape(n_rows, layers * wide)[:, :n_out]
        wanted = self.wanted[rows, outputs]
        least, most = np.minimum(wanted, 0.0).sum(axis=0).min(), np.maximum(wanted, 0.0).sum(axis=0).max()
        return Tile(rows, outputs, weights, float(least), float(most))

    def converter(self, tile: Tile, both: bool = False) -> Converter | None:
        """What reads an output of this tile; `both`: inputs have both signs. None where conversion is off."""
        if self.settings.adc_bits is None:
            return None
        span = self.settings.adc_range
        low, high = (tile.least - tile.most, tile.most - tile.least) if both else (tile.least, tile.most)
        return converter(self.settings.adc_bits, span * low, span * high)

    def multiply(self, inputs: np.ndarray, largest: float | None = None) -> np.ndarray:
        """inputs @ weights as the crossbar does it, (k, n_out) or (n_out,). `largest`: what the inputs' converters span (default: what comes)."""
        x = np.atleast_2d(np.asarray(inputs, float))
        most = float(np.max(np.abs(x), initial=0.0)) or 1.0 if largest is None else float(largest)
        both = bool((x < 0.0).any())
        x = x / most
        if self.settings.dac_bits is not None:
            x = converter(self.settings.dac_bits, -1.0 if both else 0.0, 1.0)(x)
        out = np.zeros((len(x), self.wanted.shape[1]))
        for tile in self.tiles:
            part = x[:, tile.rows] @ tile.weights
            reads = self.converter(tile, both)
            out[:, tile.outputs] += part if reads is None else reads(part)
        return (most * out).reshape(*np.shape(inputs)[:-1], -1)


def effects(weights: np.ndarray, inputs: np.ndarray, settings: Settings, mapping: Mapping | None = None, seed: int = 0) -> dict[str, float]:
    """How far inputs @ weights is off, root mean square relative to the exact product's: with every effect alone ("wires" ...) and all ("all")."""
    exact = np.atleast_2d(inputs) @ weights
    size = float(np.sqrt(np.mean(exact**2))) or 1.0

    def off(chosen: Settings) -> float:
        found = Crossbar(weights, chosen, mapping, seed=seed).multiply(np.atleast_2d(inputs))
        return float(np.sqrt(np.mean((found - exact) ** 2))) / size

    alone = {name: off(settings.only(name)) for name in EFFECTS if name in settings.effects}
    return {"none": off(settings.only()), **alone, "all": off(settings)}
