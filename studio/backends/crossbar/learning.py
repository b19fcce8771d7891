"""Tiles that learn: the projection's rule is computed digitally and changes its devices while the network runs.

The engine's own rules and devices do it, so that nothing is approximated: what is programmed are its draws for this projection, and a run goes on from
there. A device's conductance is linear in what it holds; beside it lies in full precision what synapses and devices hold and remember (steps and bounds of a
device's own, traces of a synapse). On such tiles a delay acts behind the columns: sums are held back, and a device hears of spikes when its rule does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from studio.backends.crossbar.design import Design
from studio.backends.crossbar.maps import Map, as_columns, busy, converters, wanted
from studio.backends.crossbar.plan import Tile, tiles
from studio.compile.program import Connection
from studio.compile.wiring import Block
from studio.findings import Finding, FindingError
from studio.models.catalogue import builtin
from studio.models.devices.storage import stored
from studio.network.flat import Chosen, FlatProjection, Value

if TYPE_CHECKING:
    from studio.engine.simulation import Simulation

PRESENT = "present"
SAME = 1e-6  # of the largest conductance: single precision
Lists = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Held:
    """What synapses of a connection hold, by `keys` (source * n_target + target, ascending): "w", and whatever else by the names of the engine's arrays."""

    connection: str
    keys: np.ndarray
    values: Mapping[str, np.ndarray]

    @staticmethod
    def of(c: Connection, sources: np.ndarray, targets: np.ndarray, values: Mapping[str, np.ndarray]) -> Held:
        keys = sources.astype(np.int64) * c.wiring.n_target + targets
        order = np.argsort(keys, kind="stable")
        return Held(c.key, keys[order], {name: np.asarray(v)[order] for name, v in values.items()})

    def at(self, keys: np.ndarray) -> dict[str, np.ndarray]:
        """The values of some of the synapses."""
        place = np.searchsorted(self.keys, keys)
        return {name: v[place] for name, v in self.values.items()}


def projection(c: Connection, made: Design, number: int, lists: Lists, weights: np.ndarray, delay: Value) -> FlatProjection:
    """The `number`-th projection that the engine runs for a connection that learns. Its key seeds what devices draw; the first of `sample` 1 has the document's."""
    given = builtin().get("connector", "explicit")
    connector = Chosen(given, {q.name: q.default for q in given.params} | {"sources": lists[0], "targets": lists[1]})
    key = c.key + (f"[{number}]" if number else "") + (f"#{made.sample}" if made.sample != 1 else "")
    return FlatProjection(
        key, c.path, c.source, c.target, connector, c.kinetics, c.plasticity, c.device, weights, delay, False, signals=c.signals
    )


def together(found: Sequence[Tile], made: Design) -> list[list[int]]:
    """Which tiles, by their place, the engine runs as one projection: all, or those of one delay and one block of rows where converters read them."""
    groups: dict[tuple[int, int], list[int]] = {}
    for k, tile in enumerate(found):
        groups.setdefault((0, 0) if made.adc_bits is None else (tile.delay, tile.block), []).append(k)
    return [groups[key] for key in sorted(groups)]


def learning_maps(c: Connection, made: Design, seed: int) -> Iterator[Map]:
    """Every tile of a connection that learns, its devices programmed as a run programs them."""
    laid = list(tiles(c, made))
    held: dict[int, Held] = {}
    for number, members in enumerate(together([tile for tile, _ in laid], made)):
        programmed = _programmed(c, made, number, [laid[k][1] for k in members], seed)
        held |= dict.fromkeys(members, programmed)
    for k, (tile, block) in enumerate(laid):
        yield _map(c, made, tile, block, held[k])


def _programmed(c: Connection, made: Design, number: int, blocks: Sequence[Block], seed: int) -> Held:
    """What the synapses of some tiles hold once the engine has built them."""
    from studio.engine.connectivity import Ends, build
    from studio.engine.programming import programmed

    w = c.wiring
    sources, targets, weights = (np.concatenate([getattr(b, name) for b in blocks]) for name in ("sources", "targets", "weights"))
    p = projection(c, made, number, (sources, targets), weights, w.dt)
    device, params = stored(p.device.model, p.device.params)
    p = replace(p, device=Chosen(device, params))
    (rows,), (kept,) = programmed(p, build(p, Ends(w.n_source, w.n_target, w.same), seed, w.dt, np.float64), np.float64, seed)
    return Held.of(c, rows.sources(), np.asarray(rows.targets, np.int64), {"w": rows.values(), **kept})


def _map(c: Connection, made: Design, tile: Tile, block: Block, held: Held) -> Map:
    weights, present = wanted(tile, block)
    span = np.full(tile.cut.size, made.span)
    lay = made.lay
    target = lay.cells(lay.held(weights / span))
    after = target.copy()
    rows, columns = np.nonzero(present)
    here = held.at(tile.sources[rows] * c.wiring.n_target + columns + tile.cut.low)
    after[rows, columns] = _cells(c, made, here)
    memory = {PRESENT: present}
    for name in sorted(here):
        memory[name] = np.zeros(present.shape, here[name].dtype)
        memory[name][rows, columns] = here[name]
    low, high = made.ends
    adc = converters(present * min(low, 0.0), present * max(high, 0.0), made, busy(c.wiring.dt))
    wanted_now, programmed = (as_columns(x, lay.reference).astype(np.float32) for x in (target, after))
    return Map(tile, made, span, wanted_now, programmed, programmed, adc, memory)


def _parts(made: Design) -> tuple[str, ...]:
    """What the devices of a weight hold, by the names of the engine's arrays; nothing where a weight is one device, or no device at all."""
    if made.device == "ideal" or made.devices == 1:
        return ()
    names = ("plus", "minus") if made.storage == "pair" else [f"s{k}" for k in range(made.slices)]
    return tuple(f"zs_{name}_w" for name in names)


def _range(c: Connection, made: Design) -> tuple[float, float]:
    """Between what a device holds at its lowest and at its highest conductance."""
    low, _ = made.ends
    low = low if made.device == "ideal" else float(c.device.params["w_min"])
    return low, low + abs(float(made.span or 1.0))


def _cells(c: Connection, made: Design, held: Mapping[str, np.ndarray]) -> np.ndarray:
    """The conductances [S] of the devices of some synapses, (n, devices)."""
    lay = made.lay
    if made.device == "ideal":
        return lay.cells(lay.held(held["w"] / made.span))
    low, high = _range(c, made)
    parts = np.stack([held[name] for name in _parts(made) or ("w",)], axis=-1)
    return np.maximum(made.g_min + (made.g_max - made.g_min) * (parts - low) / (high - low), 0.0)


def started(c: Connection, m: Map) -> dict[str, np.ndarray]:
    """What the synapses of a tile begin a run with, by row and column; raises FindingError where its conductances are not those of its devices."""
    rows, columns = np.nonzero(m.memory[PRESENT])
    values = {name: v[rows, columns] for name, v in m.memory.items() if name != PRESENT}
    cells = m.read[:, : len(m.scale) * m.design.devices].reshape(len(m.read), -1, m.design.devices)[rows, columns]
    off = np.abs(cells - _cells(c, m.design, values)).max(initial=0.0)
    if off > SAME * m.design.g_max:
        text = f"conductances of tile {m.tile.key} are {1e6 * off:.3g} uS from what its devices are said to hold."
        raise FindingError([Finding("text.conductance", "error", c.path, text, "Compile the document again.")])
    return values


def put(simulation: Simulation, found: Mapping[str, Held]) -> None:
    """Make the devices of a simulation that was just built what tiles hold; `found` by key of its projections."""
    for link in simulation.links:
        held, learning = found.get(link.projection.key), link.learning
        if held is None or learning is None:
            continue
        n_target = simulation.cells[link.projection.target].size
        for part, rows in enumerate(link.rows):
            keys = rows.sources() * n_target + np.asarray(rows.targets, np.int64) + rows.low
            for name, values in held.at(keys).items():
                (learning.weights[part] if name == "w" else learning.parts[part][name])[...] = values
