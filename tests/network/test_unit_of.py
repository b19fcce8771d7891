"""The unit of what a path names."""

from __future__ import annotations

import pytest

from studio.models.catalogue import builtin
from studio.network.build import Network, fixed_in_degree
from studio.network.unit_of import unit_of


def net() -> Network:
    net = Network("Units")
    column = net.circuit("Column")
    inner = column.population("exc", 4)
    column.port("in", "in", inner)
    cols = net.instance("cols", column, repeat=3)
    drive = net.source("drive", 4, "poisson", rate=10.0)
    net.connect(drive, cols["in"], fixed_in_degree(2), weight=1.0)
    net.connect(drive, net.population("other", 3), kinetics="exponential", weight=0.1, plasticity="stdp_pair")
    return net


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("drive.rate", "Hz"),
        ("cols[1].exc.tau_m", "ms"),
        ("cols[*].exc.v_th", "mV"),
        ("cols.exc.tau_m", "ms"),
        ("other.start.v", "mV"),
        ("p1.weight", "mV"),
        ("p2.weight", "nA"),
        ("p2.delay", "ms"),
        ("p2.kinetics.tau", "ms"),
        ("p2.plasticity.tau_plus", "ms"),
        ("p1.connector.k", ""),
        ("other.size", ""),
        ("run.dt", "ms"),
        ("run.precision", ""),
        ("nothing.tau_m", ""),
        ("other.colour", ""),
        ("p1.gone.tau", ""),
        ("not a path", ""),
    ],
)
def test_the_unit_of_a_path(path: str, unit: str) -> None:
    assert unit_of(net().document, builtin(), path) == unit
