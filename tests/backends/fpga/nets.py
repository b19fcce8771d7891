"""Networks for the FPGA's tests, compiled, and run as whole numbers and by the engine's reference in double."""

from __future__ import annotations

import numpy as np
from engine.networks import network, population, projection, source

from studio.backends import backend
from studio.backends.engine import scaled
from studio.backends.fpga.design import design
from studio.backends.fpga.emulate import traces
from studio.compile.backend import Stimulus
from studio.compile.pipeline import compile_flat
from studio.engine import reference

LIF = {"tau_m": 20.0, "c_m": 1.0, "v_rest": 0.0, "v_reset": 0.0, "v_th": 15.0, "t_ref": 0.5}


def compiled(flat, **options):
    made = compile_flat(flat, backend("fpga"), options)
    assert made.fits, [str(f) for f in made.report.findings]
    return made


def refused(flat, **options):
    """The errors of a network that does not go: by code (of several the last)."""
    made = compile_flat(flat, backend("fpga"), options)
    assert not made.fits
    return {f.code: f for f in made.report.findings if f.severity == "error"}


def one_layer(neuron="lif", kinetics=("delta", {}), weight=3.0, size=6, start=None, current=None, dt=0.1, **cells):
    """Six inputs onto six neurons, each to each; an input current where one is given."""
    links = [projection("in", "x", "n", ("all_to_all", {}), weight, 0.2, kinetics)]
    sources = [source("x", 6, "spike_list", times=np.zeros(0), ids=np.zeros(0, np.int64))]
    if current is not None:
        sources.append(source("i", 1, "step_current", amplitude=current, start=0.0, stop=1e6))
        links.append(projection("amp", "i", "n", kinetics=None))
    return network([population("n", size, neuron, start, **cells)], sources, links, dt=dt, seed=3)


def given(program, steps, rate=0.02, seed=1):
    """Spikes of each input by chance, none more often than once a step; currents as the document says."""
    rng = np.random.default_rng(seed)
    spikes, currents = {}, {}
    for x in program.inputs:
        if x.analog:
            currents[x.key] = (np.array([0]), np.full((1, x.size), x.source.params["amplitude"]))
        else:
            when, who = np.nonzero(rng.random((steps, x.size)) < rate)
            spikes[x.key] = (when.astype(np.int64), who.astype(np.int64))
    return Stimulus(steps, spikes, currents)


def both(made, stimulus, layer="n"):
    """(whole numbers / 2**fraction by state, the reference's states, our spikes, the reference's) of a layer; weights are the rounded ones."""
    built = design(made.program)
    ours = traces(built, stimulus)
    outcome = made.backend.emulate(made.program, stimulus)
    theirs = reference.run(scaled(made.program).network(stimulus), stimulus.steps, keep_states=True)
    path = next(c.datapath for c in built.cores if c.layer == layer)
    real = {r.name: ours[(layer, r.name)] * 2.0**-r.fraction for r in path.registers}
    ideal = {s: np.array([step[s] for step in theirs.states[layer]]) for s in theirs.states[layer][0]}
    steps, ids = outcome.spikes[layer]
    return real, ideal, list(zip((steps + 1).tolist(), ids.tolist(), strict=True)), sorted(theirs.spikes[layer]), path
