"""Sources as lines of PyNN."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.engine.connectivity import synapses
from studio.engine.parameters import source_form
from studio.exchange.pynn.cells import Cell
from studio.exchange.pynn.literals import array, number
from studio.exchange.pynn.names import Names
from studio.models.spec import Currents, Events, Rates
from studio.network.flat import FlatNetwork, FlatProjection, FlatSource


def spiking(flat: FlatNetwork, source: FlatSource, names: Names, per_core: int | None = None) -> Iterator[str]:
    """A source of spikes: at rates where they do not change, else as the times that the script draws, or as given."""
    more = f"label={source.path!r}" + (f", **per_core({per_core})" if per_core is not None else "")
    form, name = source_form(source, flat.run.seed, flat.run.dt), names.of[source.path]
    if isinstance(form, Rates):
        yield from _poisson(form, source, names, flat.run.dt, more)
        return
    assert isinstance(form, Events)
    times = np.round((form.steps + 1) * flat.run.dt, 9)
    yield f"{name} = sim.Population({source.size}, sim.SpikeSourceArray(spike_times=by_source({array(times)}, {array(form.ids)}, {source.size})), {more})"


def _poisson(form: Rates, source: FlatSource, names: Names, dt: float, more: str) -> Iterator[str]:
    name = names.of[source.path]
    on = np.flatnonzero(form.hz.any(axis=1))
    if len(on) == 0:
        yield f"{name} = sim.Population({source.size}, sim.SpikeSourceArray(spike_times=[[] for _ in range({source.size})]), {more})"
        return
    if len(on) == 1:  # one frame of rates, silence around it
        k = int(on[0])
        last = form.starts[k + 1] * dt if k + 1 < len(form.starts) else None
        rate = number(form.hz[k, 0]) if bool(np.all(form.hz[k] == form.hz[k, 0])) else f"{array(form.hz[k])}.tolist()"
        start = float(form.starts[k] * dt)
        duration = "DURATION" if last is None else number(float(last) - start)
        yield f"{name} = sim.Population({source.size}, sim.SpikeSourcePoisson(rate={rate}, start={number(start)}, duration={duration}), {more})"
        return
    rates, since = names(f"{name}_rates"), names(f"{name}_from")
    yield f"{rates} = {array(form.hz)}  # Hz, one row a frame"
    yield f"{since} = {array(form.starts * dt)}  # ms"
    yield f"{name} = sim.Population({source.size}, sim.SpikeSourceArray(spike_times=poisson_trains({since}, {rates}, {source.size})), {more})"


def injected(flat: FlatNetwork, p: FlatProjection, cell: Cell, names: Names) -> Iterator[str]:
    """An analog source that drives a population: one current source for all neurons that get the same."""
    given = next(s for s in flat.sources if s.path == p.source)
    form = source_form(given, flat.run.seed, flat.run.dt)
    assert isinstance(form, Currents)
    found, target = synapses(flat, p.key), names.of[p.target]
    factor = np.broadcast_to(np.asarray(cell.current, np.float64), (flat.population(p.target).size,))
    values = np.broadcast_to(form.values, (len(form.starts), given.size))
    flows: dict[bytes, list[int]] = {}
    total = np.zeros((len(form.starts), len(factor)))
    np.add.at(total.T, found.targets, (found.weights * factor[found.targets])[:, None] * values.T[found.sources])
    for neuron in np.unique(found.targets).tolist():
        flows.setdefault(total[:, neuron].tobytes(), []).append(neuron)
    for k, (flow, neurons) in enumerate(flows.items()):
        amplitudes = np.frombuffer(flow)
        name = names(f"{names.of[p.source]}_{target}_{k}")
        yield f"{name} = sim.StepCurrentSource(times={array(form.starts * flat.run.dt)}.tolist(), amplitudes={array(amplitudes)}.tolist())"
        whole = len(neurons) == len(factor)
        yield f"{name}.inject_into({target if whole else f'{target}[{neurons!r}]'})"
