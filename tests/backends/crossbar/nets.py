"""Small networks and their tiles."""

from __future__ import annotations

import numpy as np

from studio import Network
from studio.backends.compiling import compile_network
from studio.backends.crossbar.backend import every_map
from studio.backends.crossbar.plan import laid, tiles


def network(weights, **more):
    """One source layer onto one population through a matrix of weights [mV]."""
    net = Network("Small")
    net.source("in", np.shape(weights)[0], "poisson", rate=50)
    net.population("out", np.shape(weights)[1])
    net.connect("in", "out", weight=weights, **{"kinetics": "delta", "delay": 1.0, **more})
    return net


def exact(**more):
    """Options of a crossbar that loses nothing."""
    return {"device": "ideal", "adc_bits": 0, **more}


def mapped(net, **options):
    """The compiled network and its tiles."""
    compiled = compile_network(net, "crossbar", **options)
    assert compiled.fits, [str(f) for f in compiled.report.findings]
    return compiled, tuple(every_map(compiled.program))


def whole(shape, found):
    """The weights that tiles give as one matrix."""
    out = np.zeros(shape)
    for m in found:
        out[np.ix_(m.tile.sources, np.arange(m.tile.cut.low, m.tile.cut.high))] += m.weights
    return out


def listed(program):
    """(source, target, delay) of every synapse on every tile."""
    rows = [
        (s, t, tile.delay) for c, made in laid(program) for tile, b in tiles(c, made) for s, t in zip(b.sources, b.targets, strict=True)
    ]
    return sorted(rows)
