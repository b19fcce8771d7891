"""Crossbars: weights as conductances on tiles, with the effects of wires, converters and faults, each to be had by itself."""

from studio.engine.crossbar.array import Crossbar, Tile, effects
from studio.engine.crossbar.cells import Cells
from studio.engine.crossbar.circuit import Wires, solve, transfer
from studio.engine.crossbar.mapping import Mapping, fitting
from studio.engine.crossbar.settings import EFFECTS, Settings

__all__ = ["EFFECTS", "Cells", "Crossbar", "Mapping", "Settings", "Tile", "Wires", "effects", "fitting", "solve", "transfer"]
