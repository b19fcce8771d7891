"""Every rule fires where it should, with a path, a sentence and a fix; and keeps silent on a sound network."""

from __future__ import annotations

import inspect
import pkgutil
from typing import Any

import numpy as np
import pytest

from studio.models.catalogue import builtin
from studio.network import check as checks
from studio.network.build import Network, explicit, one_to_one
from studio.network.check import RULES, check
from studio.network.check.loops import loops
from studio.network.check.sizes import rule as sizes_rule
from studio.network.data import encode
from studio.network.document import from_json


def pop(size: int = 4, **more: Any) -> dict[str, Any]:
    return {"kind": "population", "model": "lif", "size": size, **more}


DRIVE = {"kind": "source", "model": "poisson", "size": 4}
DC = {"kind": "source", "model": "step_current", "size": 1}
COND = {"model": "conductance_exponential"}
GAP = {"model": "gap_junction"}


def document(nodes: dict[str, Any], projections: dict[str, Any] | None = None, circuits: dict[str, Any] | None = None, **more: Any) -> Any:
    made, findings = from_json(
        {
            "format": "spike-studio/1",
            "main": "main",
            "circuits": {"main": {"nodes": nodes, "projections": projections or {}}, **(circuits or {})},
            **more,
        }
    )
    assert made is not None, findings
    return made


def edge(source: str = "a", target: str = "a", **more: Any) -> dict[str, Any]:
    return {"from": source, "to": target, **more}


def one(**more: Any) -> dict[str, Any]:
    return {"p1": edge(**more)}


A = {"a": pop()}
AB = {"a": pop(), "b": pop(3)}
# name -> (document, code, severity, where, a word of the sentence)
CASES: dict[str, tuple[Any, str, str, str, str]] = {
    "unknown neuron": (document({"a": pop(model="lyf")}), "path.model", "error", "a", "lyf"),
    "unknown source": (document({"a": {**DRIVE, "model": "poison"}}), "path.model", "error", "a", "poison"),
    "unknown kinetics": (document(A, one(kinetics={"model": "exp"})), "path.model", "error", "p1.kinetics", "exp"),
    "unknown connector": (document(A, one(connector={"model": "all"})), "path.model", "error", "p1.connector", "all"),
    "unknown parameter": (document({"a": pop(params={"tau": 1})}), "path.param", "error", "a.tau", "no parameter"),
    "unknown state": (document({"a": pop(start={"u": 1})}), "path.state", "error", "a.start.u", "no state"),
    "out of bounds": (document({"a": pop(params={"tau_m": -1})}), "bounds.low", "error", "a.tau_m", "-1 ms"),
    "above bounds": (
        document(A, one(connector={"model": "probability", "params": {"p": 1.5}})),
        "bounds.high",
        "error",
        "p1.connector.p",
        "1.5",
    ),
    "not whole": (
        document(A, one(connector={"model": "fixed_in_degree", "params": {"k": 1.5}})),
        "bounds.whole",
        "error",
        "p1.connector.k",
        "whole",
    ),
    "shared": (
        document(A, one(connector={"model": "probability", "params": {"p": {"uniform": [0, 1]}}})),
        "bounds.shared",
        "error",
        "p1.connector.p",
        "one value",
    ),
    "unit mismatch": (document({"a": pop(params={"tau_m": {"value": 1, "unit": "mV"}})}), "unit.mismatch", "error", "a.tau_m", "mV"),
    "unknown unit": (document({"a": pop(params={"tau_m": {"value": 1, "unit": "parsec"}})}), "unit.unknown", "error", "a.tau_m", "parsec"),
    "weight in another unit": (document(A, one(weight={"value": 1, "unit": "nA"})), "unit.mismatch", "error", "p1.weight", "mV"),
    "impossible distribution": (
        document({"a": pop(params={"tau_m": {"normal": [-50, 1]}})}),
        "bounds.distribution",
        "error",
        "a.tau_m",
        "normal",
    ),
    "negative deviation": (
        document({"a": pop(params={"tau_m": {"normal": [5, -1]}})}),
        "bounds.distribution",
        "error",
        "a.tau_m",
        "negative",
    ),
    "upside-down range": (document({"a": pop(params={"tau_m": {"uniform": [5, 1]}})}), "bounds.distribution", "error", "a.tau_m", "down"),
    "a word for a number": (document({"a": pop(params={"tau_m": "slow"})}), "text.value", "error", "a.tau_m", "slow"),
    "a missing array": (document({"a": pop(params={"tau_m": {"data": "x"}})}), "path.data", "error", "a.tau_m", "“x”"),
    "an array of another size": (
        document({"a": pop(params={"tau_m": {"data": "x"}})}, data={"x": encode(np.ones(3))}),
        "size.data",
        "error",
        "a.tau_m",
        "4 elements",
    ),
    "an array with nan": (
        document({"a": pop(params={"tau_m": {"data": "x"}})}, data={"x": encode(np.full(4, np.nan))}),
        "bounds.number",
        "error",
        "a.tau_m",
        "finite",
    ),
    "a weight array of another shape": (
        document(AB, one(target="b", weight={"data": "x"}), data={"x": encode(np.ones((3, 4)))}),
        "size.data",
        "error",
        "p1.weight",
        "(4, 3)",
    ),
    "pairs out of range": (
        document(
            A,
            one(connector={"model": "explicit", "params": {"sources": {"data": "s"}, "targets": {"data": "s"}}}),
            data={"s": encode(np.array([0, 4]))},
        ),
        "bounds.high",
        "error",
        "p1.connector",
        "0 to 4",
    ),
    "one to one of unequal sizes": (
        document(AB, one(target="b", connector={"model": "one_to_one"})),
        "size.mismatch",
        "error",
        "p1.connector",
        "4 and 3",
    ),
    "too many neurons": (document({"a": pop(10**9)}), "size.limit", "error", "a.size", "GiB"),
    "too many synapses": (document({"a": pop(10**7), "b": pop(10**7)}, one(target="b")), "size.memory", "error", "p1", "TiB"),
    "shape": (document({"a": pop(shape=[2, 3])}), "size.shape", "error", "a.shape", "6"),
    "shape of copies": (
        document({"c": {"kind": "instance", "of": "sub", "repeat": 3, "shape": [2, 2]}}, circuits={"sub": {}}),
        "size.shape",
        "error",
        "c.shape",
        "copies",
    ),
    "a loop without delay": (
        document(AB, {"p1": edge("a", "b", delay=0), "p2": edge("b", "a", delay=0)}),
        "cycle.delay",
        "error",
        "p1.delay",
        "a > b > a",
    ),
    "a loop of one": (document(A, one(delay=0.04)), "cycle.delay", "error", "p1.delay", "a > a"),
    "a delay off the grid": (document(A, one(delay=1.55)), "bounds.delay", "warning", "p1.delay", "1.55"),
    "a delay too long": (document(A, one(delay={"value": 10, "unit": "s"})), "bounds.delay", "error", "p1.delay", "100,000"),
    "a negative delay": (document(A, one(delay=-1)), "bounds.low", "error", "p1.delay", "-1 ms"),
    "a duration off the grid": (document(A, run={"duration": 1.05}), "bounds.duration", "warning", "run.duration", "1.05"),
    "a negative conductance": (document(A, one(kinetics=COND, weight=-0.1)), "bounds.sign", "error", "p1.weight", "e"),
    "a drawn conductance that may be negative": (
        document(A, one(kinetics=COND, weight={"normal": [0.1, 0.1]})),
        "bounds.sign",
        "error",
        "p1.weight",
        "drawn",
    ),
    "drawn weights of both signs": (document(A, one(weight={"normal": [0.1, 0.1]})), "bounds.sign", "warning", "p1.weight", "inhibit"),
    "excites and inhibits": (document(AB, {"p1": edge(weight=1), "p2": edge("a", "b", weight=-1)}), "bounds.sign", "info", "a", "p2"),
    "analog with kinetics": (
        document({"a": pop(), "dc": DC}, one(source="dc", kinetics={"model": "alpha"})),
        "path.analog",
        "warning",
        "p1",
        "kinetics",
    ),
    "spiking with gain": (document({"a": pop(), "d": DRIVE}, one(source="d", gain=2)), "path.analog", "warning", "p1", "gain"),
    "gap junction from a source": (
        document({"a": pop(), "d": DRIVE}, one(source="d", kinetics=GAP)),
        "path.coupled",
        "error",
        "p1",
        "no states",
    ),
    "gap junction that learns": (
        document(A, one(kinetics=GAP, plasticity={"model": "stdp_pair"})),
        "path.coupled",
        "error",
        "p1.plasticity",
        "nothing to learn from",
    ),
    "a voltage jump onto a neuron without a voltage": (
        document({"a": pop(), "b": {"kind": "population", "model": "boltzmann", "size": 1}}, one(target="b")),
        "path.state",
        "error",
        "p1.kinetics",
        "acts on a state “v”, which Boltzmann unit does not have",
    ),
    "gap junction with a delay": (document(A, one(kinetics=GAP, delay=1.5)), "path.coupled", "info", "p1.delay", "no effect"),
    "states that are not there": (
        document(A, one(kinetics={"model": "state_coupling"})),
        "path.coupled",
        "error",
        "p1",
        "a state “z”",
    ),
    "a negative gap junction": (document(A, one(kinetics=GAP, weight=-1)), "bounds.sign", "error", "p1.weight", "negative"),
    "no such node": (document(A, one(target="b")), "path.unknown", "error", "p1", "“b”"),
    "source as target": (document({"a": pop(), "d": DRIVE}, one(target="d")), "path.target", "error", "p1", "source"),
    "no such port": (
        document(
            {"a": pop(), "c": {"kind": "instance", "of": "sub"}},
            one(target="c.inn"),
            {"sub": {"nodes": A, "ports": {"in": {"direction": "in", "to": ["a"]}}}},
        ),
        "path.port",
        "error",
        "p1",
        "inn",
    ),
    "no such circuit": (document({"c": {"kind": "instance", "of": "sub"}}), "path.circuit", "error", "c", "sub"),
    "a dangling port": (
        document({}, circuits={"sub": {"nodes": A, "ports": {"in": {"direction": "in", "to": ["b"]}}}}),
        "path.port",
        "error",
        "sub:in",
        "“b”",
    ),
    "an empty port": (
        document({}, circuits={"sub": {"nodes": A, "ports": {"in": {"direction": "in"}}}}),
        "path.port",
        "warning",
        "sub:in",
        "nowhere",
    ),
    "in an unused circuit": (
        document({}, circuits={"sub": {"nodes": {"a": pop(params={"tau_m": 0})}}}),
        "bounds.low",
        "error",
        "sub:a.tau_m",
        "0 ms",
    ),
    "in a used circuit": (
        document({"c": {"kind": "instance", "of": "sub", "repeat": 9}}, circuits={"sub": {"nodes": {"a": pop(params={"tau_m": 0})}}}),
        "bounds.low",
        "error",
        "sub:a.tau_m",
        "0 ms",
    ),
    "an override of nothing": (
        document({"c": {"kind": "instance", "of": "sub", "override": {"b.tau_m": 1}}}, circuits={"sub": {"nodes": A}}),
        "path.unknown",
        "error",
        "c.b.tau_m",
        "nothing",
    ),
    "a key of both": (document({"p1": pop()}, {"p1": edge("p1", "p1")}), "path.ambiguous", "error", "p1", "key"),
    "record nothing": (document(A, run={"record": [{"path": "x"}]}), "path.unknown", "error", "run.record.0", "“x”"),
    "record a state nobody has": (document(A, run={"record": [{"path": "a", "what": "u"}]}), "path.state", "error", "run.record.0", "“u”"),
    "record a receptor that is not there": (
        document(A, run={"record": [{"path": "a", "what": "exponential.i_syn"}]}),
        "path.state",
        "error",
        "a.exponential.i_syn",
        "exponential",
    ),
    "record neurons that are not there": (
        document(A, run={"record": [{"path": "a[4]"}]}),
        "path.selection",
        "error",
        "run.record.0",
        "0 to 3",
    ),
    "record a grid without a shape": (
        document(A, run={"record": [{"path": "a[0, 1]"}]}),
        "path.selection",
        "error",
        "run.record.0",
        "2 indices",
    ),
    "record too much": (
        document({"a": pop(10**7)}, run={"duration": 1e6, "record": [{"path": "a", "what": "v"}]}),
        "size.recording",
        "warning",
        "run.record",
        "GiB",
    ),
    "precision": (document(A, run={"precision": "half"}), "text.precision", "error", "run.precision", "half"),
    "method": (document(A, run={"method": "magic"}), "text.method", "error", "run.method", "magic"),
    "task": (document(A, task={"readout": "b"}), "path.task", "error", "task.readout", "“b”"),
    "a model of the document": (
        document(A, models={"mine": {"kind": "neuron", "equations": "dv/dt = nonsense("}}),
        "text.",
        "error",
        "models.mine",
        "",
    ),
    "nothing drives it": (document(A), "path.unreached", "info", "a", "drives"),
    "empty": (document({}), "size.empty", "warning", "", "no population"),
    "an unknown key": (document(A, extra=1), "text.unknown_key", "info", "extra", "kept"),
}


@pytest.mark.parametrize("name", CASES)
def test_rule(name: str) -> None:
    made, code, severity, where, word = CASES[name]
    found = [f for f in check(made, builtin()) if f.code.startswith(code)]
    assert found, check(made, builtin())
    assert any(f.severity == severity and f.where.startswith(where) and word in f.text for f in found), found
    assert all(f.text.endswith(".") and (not f.fix or f.fix[-1] in ".?") for f in check(made, builtin()))


def test_a_sound_network_has_nothing_to_say() -> None:
    net = Network(catalogue=builtin())
    a, b = net.population("a", 80, tau_m={"normal": [20, 2]}), net.population("b", 20)
    net.connect(net.source("d", 80), a, one_to_one(), weight=2)
    net.connect(a, b, explicit([0, 1], [1, 0]), weight=[0.1, 0.2], delay=0)
    net.connect(b, a, kinetics="exponential", weight=-0.1)
    net.record(a, "exponential.i_syn", every=1)
    assert net.check() == ()


def test_every_file_of_rules_is_in_the_list() -> None:
    files = {m.name for m in pkgutil.iter_modules(checks.__path__)} - {"context", "declared"}
    listed = {inspect.getclosurevars(r).nonlocals.get("rule", r).__module__.rpartition(".")[2] for r in RULES}
    assert listed == files


def test_memory_is_judged_by_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.network.check import sizes
    from studio.network.check.context import prepare

    made = document({"a": pop(10_000), "b": pop(10_000)}, one(target="b", weight={"uniform": [0, 1]}))
    context = prepare(made, builtin(), None)
    severities = []
    for there in (10**10, 10**9, 5 * 10**8):
        monkeypatch.setattr(sizes, "machine_bytes", lambda there=there: there)
        severities.append([f.severity for f in sizes_rule(context)])
    assert severities == [[], ["warning"], ["error"]]


def test_long_chains_and_many_loops_are_found_quickly() -> None:
    chain = {str(k): [str(k + 1)] for k in range(20_000)}
    assert loops(chain) == []
    assert len(loops({**chain, "20000": ["0"]})) == 1
    assert sorted(map(len, loops({"a": ["b", "a"], "b": ["c"], "c": ["a"], "d": ["a"]}))) == [1, 3]


def test_drawn_and_array_delays_keep_loops_apart() -> None:
    drawn = document(A, one(delay={"uniform": [0, 1]}))
    assert not [f for f in check(drawn, builtin()) if f.code == "cycle.delay"]
    zero = document(A, one(delay={"data": "d"}), data={"d": encode(np.zeros((4, 4)))})
    assert [f for f in check(zero, builtin()) if f.code == "cycle.delay"]


def _columns(**main: Any) -> Any:
    """Three copies of a population that excites itself without delay; nothing else is said of them."""
    column = {
        "nodes": {"exc": pop()},
        "projections": {"p1": edge("exc", "exc", delay=0.0)},
        "ports": {"in": {"direction": "in", "to": ["exc"]}},
    }
    return document(
        {"cols": {"kind": "instance", "of": "column", "repeat": 3}, **main.pop("nodes", {})}, circuits={"column": column}, **main
    )


def test_a_finding_about_every_copy_is_said_once() -> None:
    said = [(f.code, f.where, f.text) for f in check(_columns()) if f.code in ("cycle.delay", "path.unreached")]
    assert [(code, where) for code, where, _ in said] == [("cycle.delay", "column:p1.delay"), ("path.unreached", "column:exc")]
    assert said[0][2].startswith("cols[*].exc > cols[*].exc is a loop") and "“cols[*].exc”" in said[1][2]


def test_a_finding_about_some_copies_names_one_and_says_how_many() -> None:
    given = _columns(nodes={"s": DRIVE}).to_json()
    given["circuits"]["main"]["projections"] = {"p1": {"from": "s", "to": "cols[1].in"}}
    made, _ = from_json(given)
    (unreached,) = [f.text for f in check(made) if f.code == "path.unreached"]
    assert unreached == "Nothing drives “cols[0].exc”. (So it is in 2 of 3 copies.)"
