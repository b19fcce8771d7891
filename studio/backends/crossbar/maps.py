"""Conductances of a tile: what it should hold, what programming made of it, what is read; and the weights that then arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from studio.backends.crossbar.design import Design, one_device, scales
from studio.backends.crossbar.plan import Tile, tiles
from studio.backends.crossbar.teach import learns
from studio.compile.program import Connection
from studio.compile.wiring import Block
from studio.engine.crossbar import Cells, transfer
from studio.engine.crossbar.converters import converter
from studio.engine.random import path_key
from studio.models.catalogue import Catalogue

RATE_HZ = 200.0  # at which rows spike together, for which converters are fitted where nothing is said
BUSY = 0.25  # the largest share of rows in a step that they are fitted for
DEVIATIONS = 4.0  # how far about the mean sum they then reach
FINE = 0.125  # of a column's weights (root mean square): a level of its converter is no coarser, where it can span more


@dataclass(frozen=True)
class Map:
    """A tile as it is made. Conductances in S, float32, (rows, columns): the devices of a weight side by side, a reference column last where there is
    one. `scale` (outputs,): weight for 1 in the tile, calibration included; `adc` (3, outputs): step, lowest and highest count of what reads a target's sum; None: exact.
    `memory`, of tiles that learn: "present" (rows, outputs), where synapses are, and by name what each of them and its devices start with (see `learning`).
    """

    tile: Tile
    design: Design
    scale: np.ndarray
    target: np.ndarray
    programmed: np.ndarray
    read: np.ndarray
    adc: np.ndarray | None
    memory: Mapping[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def weights(self) -> np.ndarray:
        """What arrives at each output for a spike on each row, in the projection's unit, (rows, outputs)."""
        return arriving(self.read, self.design, self.scale)


def maps(c: Connection, made: Design, seed: int, catalogue: Catalogue) -> Iterator[Map]:
    """Every tile of a connection, programmed and read once, one after the other; the same for the same seed and `made.sample`."""
    if learns(c):
        from studio.backends.crossbar.learning import learning_maps

        return learning_maps(c, made, seed)
    return (_map(tile, block, c, made, seed, catalogue) for tile, block in tiles(c, made))


def wanted(tile: Tile, block: Block) -> tuple[np.ndarray, np.ndarray]:
    """The weights of a tile as a matrix, and where synapses are. Several synapses of one pair share a crossing: their weights add up."""
    shape = len(tile.sources), tile.cut.size
    rows, columns = np.searchsorted(tile.sources, block.sources), block.targets - tile.cut.low
    weights, present = np.zeros(shape), np.zeros(shape, bool)
    np.add.at(weights, (rows, columns), block.weights)
    present[rows, columns] = True
    return weights, present


def _map(tile: Tile, block: Block, c: Connection, made: Design, seed: int, catalogue: Catalogue) -> Map:
    weights, present = wanted(tile, block)
    scale = scales(weights, made)
    lay = made.lay
    held = _levelled(lay.held(weights / scale), made)
    device, params = one_device(made, catalogue, c.device.model if c.device.model.key == made.device else None)
    cells = Cells(device, params, _seed(seed, made, tile, "devices"))
    there = (
        present if made.low == 0.0 else np.ones_like(present)
    )  # cells that hold nothing stay as they are made: at the lowest conductance
    programmed, read = held.copy(), held.copy()
    programmed[there] = cells.program(held[there])
    cells.wait(made.age)
    read[there] = cells.read()
    lot = np.random.Generator(np.random.Philox(_seed(seed, made, tile, "stuck"))).random(held.shape)
    stages = (held, programmed, read)
    target, after, now = (
        as_columns(_stuck(lay.cells(x), lot if k else None, made), lay.reference).astype(np.float32) for k, x in enumerate(stages)
    )
    each = arriving(now, made, np.ones_like(scale))  # what a scale of 1 would give; solving wires takes the time
    scale = scale * _gains(weights, each * scale, made)
    found = each * scale
    return Map(tile, made, scale, target, after, now, converters(found, found, made, busy(c.wiring.dt)))


def _gains(weights: np.ndarray, found: np.ndarray, made: Design) -> np.ndarray:
    """What the digital unit multiplies each output with, (outputs,): one over the slope of what is read on what is wanted.

    (The factor with which what is read comes nearest to what is wanted is smaller the noisier devices are, and takes spikes away.)
    """
    if made.calibrate == "none":
        return np.ones(weights.shape[1])
    along = 0 if made.calibrate == "column" else None
    common = np.sum(weights * found, axis=along)
    fitted = np.where(common > 0.0, np.sum(weights**2, axis=along) / np.where(common > 0.0, common, 1.0), 1.0)
    return np.broadcast_to(fitted, weights.shape[1])


def _seed(seed: int, made: Design, tile: Tile, what: str) -> int:
    return path_key(seed, tile.key, "crossbar", what, made.sample)


def _levelled(held: np.ndarray, made: Design) -> np.ndarray:
    """What the devices should hold, on the levels there are."""
    if made.levels is None:
        return held
    steps = max(made.levels - 1, 1)
    return made.low + (made.high - made.low) * np.rint((held - made.low) / (made.high - made.low) * steps) / steps


def _stuck(cells: np.ndarray, lot: np.ndarray | None, made: Design) -> np.ndarray:
    if lot is None or made.stuck_low + made.stuck_high == 0.0:
        return cells
    return np.where(lot < made.stuck_low, made.g_min, np.where(lot < made.stuck_low + made.stuck_high, made.g_max, cells))


def as_columns(cells: np.ndarray, reference: float | None) -> np.ndarray:
    """(rows, outputs, devices) as the tile's columns, with its reference column."""
    flat = cells.reshape(len(cells), -1)
    return flat if reference is None else np.concatenate([flat, np.full((len(flat), 1), reference)], axis=1)


def arriving(cells: np.ndarray, made: Design, scale: np.ndarray, wires: bool = True) -> np.ndarray:
    """The weights that conductances come to, (rows, outputs); `wires` False: as if they had no resistance."""
    lay, each, n = made.lay, made.devices, len(scale)
    g = np.asarray(cells, np.float64)
    current = transfer(g, made.wires) if wires else g
    counted = current[:, : n * each].reshape(len(g), n, each) @ lay.factors
    if lay.reference is not None:
        counted = counted - lay.scale * current[:, -1][:, None]
    return counted * scale


def busy(dt: float) -> float:
    """The share of rows that spike in one step of `dt` [ms], for converters."""
    return min(BUSY, RATE_HZ * dt / 1000.0)


def converters(lowest: np.ndarray, highest: np.ndarray, made: Design, p: float) -> np.ndarray | None:
    """Step, lowest and highest count of the converter of every output, for weights (rows, outputs) that arrive and may lie between these."""
    if made.adc_bits is None:
        return None
    least, most = _span(lowest, made, p)[0], _span(highest, made, p)[1]
    if made.span is not None:  # one converter design for all columns
        least, most = np.full_like(least, least.min(initial=0.0)), np.full_like(most, most.max(initial=0.0))
    found = [converter(made.adc_bits, float(a), float(b)) for a, b in zip(least, most, strict=True)]
    return np.array([[x.step for x in found], [x.low for x in found], [x.high for x in found]])


def _span(weights: np.ndarray, made: Design, p: float) -> tuple[np.ndarray, np.ndarray]:
    """The least and the most that the converter of every output tells apart."""
    assert made.adc_bits is not None
    least, most = np.minimum(weights, 0.0).sum(axis=0), np.maximum(weights, 0.0).sum(axis=0)
    if made.adc_range is None and made.drive > BUSY:  # rows are driven several times in a step
        times = min(np.ceil(made.drive + DEVIATIONS * np.sqrt(made.drive)), 2**made.dac_bits - 1)
        return _fitted(weights, made.adc_bits, times * least, times * most, made.drive, made.drive)
    if made.adc_range is None:
        return _fitted(weights, made.adc_bits, least, most, p, p * (1 - p))
    return made.adc_range * least, made.adc_range * most


def _fitted(
    weights: np.ndarray, bits: int, least: np.ndarray, most: np.ndarray, p: float, variance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Between which sums converters tell levels apart: all sums that can be, as long as a level is no coarser than FINE of a weight; else fewer, but those of
    rows that spike `p` times on average, with this variance, within so many deviations, and of one spike.
    """
    mean, spread = p * weights.sum(axis=0), DEVIATIONS * np.sqrt(variance * (weights**2).sum(axis=0))
    one_low, one_high = np.minimum(weights, 0.0).min(axis=0, initial=0.0), np.maximum(weights, 0.0).max(axis=0, initial=0.0)
    size = np.sqrt((weights**2).sum(axis=0) / np.maximum((weights != 0.0).sum(axis=0), 1))
    levels = np.where((least < 0.0) & (most > 0.0), 2 ** (bits - 1) - 1, 2**bits - 1)
    fine = FINE * size * levels
    low = np.minimum(np.minimum(mean - spread, one_low), -fine)
    high = np.maximum(np.maximum(mean + spread, one_high), fine)
    return np.maximum(low, least), np.minimum(high, most)
