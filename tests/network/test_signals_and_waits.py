"""A document names whose spikes are a rule's signals, and when devices wait; edits keep the names, and what is wrong is said."""

from __future__ import annotations

from typing import Any

import pytest

from studio.exchange.python import to_python
from studio.findings import FindingError, errors
from studio.network.build import Network, all_to_all
from studio.network.check import check
from studio.network.flat import Wait

RULE: dict[str, Any] = {
    "kind": "plasticity",
    "doc": "Follows a reward.",
    "params": {
        "tau": {"default": 20, "unit": "ms", "low": 0, "low_open": True},
        "step": {"default": 1, "unit": "ms", "low": 0, "low_open": True},
    },
    "states": {"c": 0},
    "signals": {"reward": {"tau": "tau", "doc": "Good."}},
    "every": ["c = c + 0.1*reward", "w = w + 0.001*c*(post_v + 65)"],
    "interval": "step",
}

PROJECTION = "p1"


def rewarded(signals: Any = None) -> Network:
    net = Network("rewarded")
    net.apply({"command": "set", "path": "/models/mine", "value": RULE})
    cells, inputs, reward = net.population("cells", 4), net.source("inputs", 3, rate=50), net.source("dopamine", 2, rate=5)
    net.connect(inputs, cells, all_to_all(), weight=0.5, plasticity="mine", signals={"reward": reward} if signals is None else signals)
    return net


def test_a_signal_is_a_node_of_the_same_circuit() -> None:
    net = rewarded()
    assert not errors(check(net.document))
    (p,) = net.flatten().projections
    assert p.signals == {"reward": "dopamine"} and p.remembered == {"c": ("rule", "c")}


def test_inside_a_circuit_each_copy_has_its_own() -> None:
    net = Network("columns")
    net.apply({"command": "set", "path": "/models/mine", "value": RULE})
    column = net.circuit("Column")
    cells, inputs, reward = column.population("cells", 4), column.source("inputs", 3), column.source("dopamine", 2)
    column.connect(inputs, cells, plasticity="mine", signals={"reward": reward})
    net.instance("cols", column, 2)
    assert [p.signals["reward"] for p in net.flatten().projections] == ["cols[0].dopamine", "cols[1].dopamine"]


def test_with_the_node_goes_its_signal() -> None:
    net = rewarded()
    net.remove(net.node("dopamine"))
    assert net.json["circuits"]["main"]["projections"][PROJECTION]["plasticity"]["signals"] == {}
    (finding,) = errors(check(net.document))
    assert finding.code == "path.signal" and "whose spikes are its signal “reward”" in finding.text


@pytest.mark.parametrize(
    ("signals", "code", "words"),
    [
        ({"rewards": "dopamine"}, "path.signal", "no signal “rewards”"),
        ({"reward": "nobody"}, "path.unknown", "nobody"),
        ({}, "path.signal", "Name a population or source"),
    ],
)
def test_a_wrong_signal_is_said(signals: dict[str, str], code: str, words: str) -> None:
    found = errors(check(rewarded(signals).document))
    assert any(f.code == code and words in f.text + f.fix for f in found), found


def test_a_rule_that_reads_a_state_the_target_lacks_is_said() -> None:
    net = rewarded()
    net.apply({"command": "set", "path": "/models/mine", "value": {**RULE, "every": "w = w + post_gating"}})
    (finding,) = errors(check(net.document))
    assert finding.code == "path.state" and "gating" in finding.text and "lif has v" in finding.fix


def test_waits_are_resolved_recorded_states_are_known_and_both_are_written_in_python() -> None:
    net = rewarded()
    net.wait(500, (1, "d"))
    net.wait((1, "s"), 5)
    net.record(PROJECTION, "c")
    flat = net.flatten()
    assert flat.run.events == (Wait(500.0, 86400.0), Wait(1000.0, 5.0))
    assert [(r.what, flat.synaptic(r)) for r in flat.run.record] == [("c", True)] and flat.traced == ()
    text = to_python(net.document)
    made: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, "made.py", "exec"), made)
    assert "net.wait(500" in text and made["net"].flatten().run.events == flat.run.events
    assert made["net"].flatten().projections[0].signals == {"reward": "dopamine"}


def test_a_wrong_wait_or_state_is_said() -> None:
    net = rewarded()
    with pytest.raises(FindingError, match="at least 0"):
        net.wait(10, (-1, "s"))
    with pytest.raises(FindingError, match="nonsense"):
        net.record(PROJECTION, "nonsense")
