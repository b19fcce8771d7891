"""What a running network would have to change to become another one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.engine.steering import differences
from studio.network.build import Network
from studio.network.flat import Drawn


def net(**changes: Any) -> Network:
    out = Network("n")
    x = out.source("x", 5, rate=10.0)
    i = out.source("i", 1, "step_current")
    a, b = out.population("a", 4), out.population("b", 4)
    out.connect(x, a, weight=1.0, delay=1.0)
    out.connect(a, b, kinetics=("exponential", {"tau": 3.0}), weight=1.0, delay=1.0)
    out.connect(i, b)
    out.connect(a, b, weight=1.0, delay=1.0, plasticity="stdp_pair")
    for path, value in changes.items():
        out.set(path.replace("__", "."), value)
    return out


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, {}),
        ({"a__tau_m": 15}, {"a.tau_m": 15.0}),
        ({"a__tau_m": {"normal": [10, 1]}}, {"a.tau_m": Drawn("normal", 10.0, 1.0, 5e-324)}),
        ({"x__rate": (2, "kHz"), "p2__weight": 3}, {"x.rate": 2000.0, "p2.weight": 3.0}),
        ({"p2__kinetics__tau": 5}, {"p2.kinetics.tau": 5.0}),
        ({"i__amplitude": 1}, {"i.amplitude": 1.0}),
        ({"p4__plasticity__w_max": 5}, {"p4.plasticity.w_max": 5.0}),
    ],
)
def test_numbers_are_all_that_differs(change: dict[str, Any], found: dict[str, Any]) -> None:
    changes, whole = differences(net().flatten(), net(**change).flatten())
    assert dict(changes) == found and whole


@pytest.mark.parametrize(
    "change", [{"a__size": 5}, {"p1__delay": 2}, {"p1__connector__p": 0.5}, {"a__start__v": -60}, {"i__times": np.array([1.0, 2.0])}]
)
def test_more_than_numbers_differs(change: dict[str, Any]) -> None:
    before = net()
    if "p1__connector__p" in change:
        before, after = net(), net()
        after.apply(
            {"command": "set", "path": "/circuits/main/projections/p1/connector", "value": {"model": "probability", "params": {"p": 0.5}}}
        )
    else:
        after = net(**change)
    if "i__times" in change:
        after.set("i.amplitudes", np.array([1.0, 2.0]))
    changes, whole = differences(before.flatten(), after.flatten())
    assert not whole and changes == []


def test_a_network_with_other_nodes_is_another_one() -> None:
    after = net()
    after.population("c", 3)
    after.set("a.v_th", -50.0)
    assert differences(net().flatten(), after.flatten()) == ([("a.v_th", -50.0)], False)
