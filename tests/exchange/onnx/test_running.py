"""Exported models in onnxruntime give what the engine gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from exchange.onnx.nets import recurrent

import studio
from studio.exchange import onnx as exchange
from studio.exchange.onnx.model import metadata
from studio.findings import FindingError
from studio.models.catalogue import catalogue
from studio.network.flatten import flatten
from studio.share import templates

PATHS = {t.name: t.path for t in templates()}
NEURONS = {
    "loihi": 300.0,
    "adex": 0.9,
    "fitzhugh_nagumo": 1.0,
    "izhikevich": 10.0,
    "lif_refractory_input": 0.6,
    "mat2": 0.6,
    "truenorth": 50.0,
}
RULES = ("stdp_pair", "stdp_triplet", "stdp_nn_pre_centered", "tsodyks_markram", "homeostatic_scaling", "istdp_vogels")


def test_first_spike_is_bit_equal_to_the_single_precision_engine() -> None:
    done = exchange.verify(studio.load(PATHS["first_spike"]))
    assert done.bit_equal and done.populations["neuron"].spikes == 20
    assert all(a.distance == 0.0 for a in done.populations.values())


def test_functions_may_be_written_out() -> None:
    net = studio.load(PATHS["first_spike"])
    model, _ = exchange.to_onnx(net.document, inline=True)
    assert model is not None and not model.functions and {n.domain for n in model.graph.node} == {""}
    assert exchange.verify(net, 400, inline=True, engine="reference").equal


def test_digits_answers_as_the_engine_does() -> None:
    """Twenty images: every spike of both layers, so every answer; bit by bit where the order of sums is kept."""
    net = studio.load(PATHS["digits"])
    flat = flatten(net.document)
    shown = flat.sources[0].source.params
    steps = round(20 * (shown["present"] + shown["gap"]) / flat.run.dt)
    fast, kept = exchange.verify(net, steps), exchange.verify(net, steps, ordered=True)
    assert fast.equal and fast.populations["digits"].spikes > 300
    distance = fast.populations["digits"].distance
    assert distance is not None and 0 < distance < 0.01
    assert kept.bit_equal and kept.populations["digits"].distance == 0.0


def test_recurrent_delays_of_one_step_and_many() -> None:
    done = exchange.verify(recurrent(), engine="reference", ordered=True)
    assert done.equal and min(a.spikes for a in done.populations.values()) > 8
    assert all(a.states["v"] < 1e-3 for a in done.populations.values())


@pytest.mark.parametrize("rule", RULES)
def test_learning(rule: str) -> None:
    done = exchange.verify(recurrent(rule=rule), engine="reference", ordered=True)
    assert done.equal and done.populations["a"].spikes > 8
    learnt = done.weights["p3"]
    assert learnt < 1e-6, rule


@pytest.mark.parametrize("rule", ["stdp_pair", "stdp_triplet", "tsodyks_markram"])
def test_learning_with_a_delay_for_each_synapse(rule: str) -> None:
    """What a synapse hears of its target comes as late as what it sends; several spikes of one source in one step add up in order."""
    net = recurrent(rule=rule, late={"uniform": [0.1, 2.5]})
    assert exchange.stimulus(flatten(net.document), 300)["s"].max() == 2
    done = exchange.verify(net, 300, engine="reference", ordered=True)
    assert done.equal and done.populations["a"].spikes > 8 and done.weights["p3"] < 1e-6
    model, _ = exchange.to_onnx(net.document)
    (places,) = (t for t in model.graph.initializer if t.name == "p3.places")
    assert places.dims[0] > 20  # so many different targets and delays


@pytest.mark.parametrize("rule", [None, "stdp_pair"])
def test_long_lists_give_the_same_and_are_read(rule: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Synapses that are looked up by the sources that fire: bit by bit as the engine, and by name as short lists."""
    from studio.exchange.onnx import lists

    net = recurrent(rule=rule, late={"uniform": [0.1, 2.5]})
    short, _ = exchange.to_onnx(net.document, ordered=True)
    monkeypatch.setattr(lists, "SHORT", 0)
    done = exchange.verify(net, 300, ordered=True, engine="kernels" if rule else "reference")
    assert done.equal and done.bit_equal == bool(rule) and done.populations["b"].spikes > 8
    model, _ = exchange.to_onnx(net.document, ordered=True)
    assert "events" in {f.name for f in model.functions} and "synapses" not in {f.name for f in model.functions}
    feed = {"s": exchange.stimulus(flatten(net.document), 300)["s"].clip(0, 1), "current": np.full((300, 1), 0.6, np.float32)}
    read = []
    for made in (short, model):
        del made.metadata_props[:]
        document, findings = exchange.from_onnx(made, 0.1)
        assert document is not None and not findings
        again, _ = exchange.to_onnx(document, ordered=True)
        read.append(exchange.run(again, feed)["b.spikes"])
    assert np.array_equal(read[0], read[1]) and np.array_equal(read[1], exchange.run(model, feed)["b.spikes"]) and read[0].sum() > 8


def test_learning_changes_weights() -> None:
    net = recurrent(rule="stdp_pair")
    model, _ = exchange.to_onnx(net.document)
    flat = flatten(net.document)
    names = json.loads(metadata(model)["names"])
    feed = {name: exchange.stimulus(flat, 300)[row["path"]] for name, row in names["inputs"].items()}
    done = exchange.run(model, feed, 300)
    weights = next(name for name, row in names["states"].items() if row["what"] == "weight")
    assert np.ptp(done[f"{weights}.last"]) > 1e-3


@pytest.mark.parametrize("neuron", NEURONS)
def test_neurons(neuron: str) -> None:
    done = exchange.verify(recurrent(neuron, "delta", current=NEURONS[neuron]), 300, engine="reference", ordered=True)
    assert done.equal and done.populations["a"].spikes > 5


@pytest.mark.parametrize("kinetics", ["conductance_exponential", "nmda", "alpha", "pulse"])
def test_kinetics(kinetics: str) -> None:
    weight = 0.05 if kinetics in ("conductance_exponential", "nmda") else 1.0
    done = exchange.verify(recurrent("lif", kinetics, weight=weight), 250, engine="reference", ordered=True)
    assert done.equal and done.populations["a"].spikes > 5


def test_gap_junctions_read_the_other_voltage() -> None:
    net = studio.Network("Coupled")
    a, b = net.population("a", 3), net.population("b", 3)
    drive = net.source("current", 1, "step_current", times=[0.0], amplitudes=[0.6])
    net.connect(drive, a)
    net.connect(a, b, studio.one_to_one(), weight=0.02, kinetics="gap_junction")
    done = exchange.verify(net, 250, engine="reference")
    assert done.equal and done.populations["a"].spikes > 0 and done.populations["b"].states["v"] < 1e-3


def test_a_projection_without_synapses_sends_nothing() -> None:
    net = studio.Network("None")
    a, b = net.population("a", 3), net.population("b", 3)
    net.connect(net.source("current", 1, "step_current", times=[0.0], amplitudes=[0.6]), a)
    feed, found = {"current": np.full((200, 1), 0.6, np.float32)}, []
    for _ in range(2):
        model, _ = exchange.to_onnx(net.document)
        found.append(exchange.run(model, feed)["a.spikes"])
        nobody = studio.explicit([], [])
        net.connect(a, a, nobody, delay=1.5)
        net.connect(a, b, nobody, delay=0.0)
        net.connect(a, a, nobody, delay=1.5, plasticity="stdp_pair", kinetics="exponential")
    assert np.array_equal(found[0], found[1]) and found[0].any()


def test_spikes_given_for_time_0_come_with_their_delay() -> None:
    net = studio.Network("Early")
    cells = net.population("a", 3)
    source = net.source("s", 2, "spike_list", times=[0.0, 0.0, 0.0, 2.0], ids=[0, 1, 1, 0])
    net.connect(source, cells, studio.explicit([0, 1, 0], [0, 1, 2]), weight=[3.0, 5.0, 7.0], delay=[0.1, 0.3, 0.1])
    done = exchange.verify(net, 60, engine="reference")
    assert done.equal and done.populations["a"].states["v"] < 1e-3
    model, _ = exchange.to_onnx(net.document, states=[("a", "v")])
    volts = exchange.run(model, exchange.stimulus(flatten(net.document), 60))["a.v"]
    assert volts[0].max() > -69.0 and volts[0, 1] == -70.0 < volts[2, 1]


def test_a_run_goes_on_where_another_ended() -> None:
    net = recurrent()
    model, _ = exchange.to_onnx(net.document)
    feed = {"s": exchange.stimulus(flatten(net.document), 300)["s"], "current": np.full((300, 1), 0.6, np.float32)}
    whole = exchange.run(model, feed)
    first = exchange.run(model, {name: x[:120] for name, x in feed.items()})
    starts = {name.removesuffix(".last") + ".start": value for name, value in first.items() if name.endswith(".last")}
    second = exchange.run(model, {name: x[120:] for name, x in feed.items()}, starts=starts)
    for name in ("a.spikes", "b.spikes"):
        assert np.array_equal(np.concatenate([first[name], second[name]]), whole[name]) and whole[name].any()


DRAWING = {
    "escape_rate": ("exponential", 0.6),
    "boltzmann": ("pulse", 1.0),
    "boltzmann_probit": ("pulse", 1.0),
    "truenorth": ("pulse", 50.0),
}


@pytest.mark.parametrize("neuron", DRAWING)
def test_what_neurons_draw_is_an_input(neuron: str) -> None:
    """At the threshold, in the step (two in one step), normal numbers, whole numbers: the engine's, so that spikes are its own."""
    kinetics, current = DRAWING[neuron]
    net = recurrent(neuron, kinetics, current=current)
    if neuron == "truenorth":
        net.set("a.threshold_bits", 3)
    done = exchange.verify(net, 250, engine="reference", ordered=True)
    assert done.equal and min(a.spikes for a in done.populations.values()) > 3
    model, findings = exchange.to_onnx(net.document)
    assert model is not None and [f.severity for f in findings if f.code == "lossy.random"] == ["info"] * (
        1 if neuron == "truenorth" else 2
    )
    feed = exchange.stimulus(flatten(net.document), 250)
    other = {name: 1.0 - x if ".draw" in name else x for name, x in feed.items()}
    given = [{i.name: found[i.name] for i in model.graph.input if not i.name.endswith(".start")} for found in (feed, other)]
    one, two = (exchange.run(model, inputs)["a.spikes"] for inputs in given)
    assert one.any() and not np.array_equal(one, two)


def test_draws_that_parameters_switch_off_are_no_inputs() -> None:
    model, findings = exchange.to_onnx(recurrent("truenorth", "pulse", current=50.0).document)
    assert model is not None and not [i.name for i in model.graph.input if ".draw" in i.name]
    assert "lossy.random" not in {f.code for f in findings}


def test_draws_of_synapses_or_with_a_mean_are_refused_and_the_table_of_ways_agrees() -> None:
    from studio.exchange.onnx.reach import reach

    said = {m.key: reach(m) for kind in ("neuron", "plasticity") for m in catalogue().all(kind)}
    assert "input of the model" in (said["escape_rate"] or "") and said["lif"] == said["truenorth"] == "" and said["bernoulli"] is None
    with pytest.raises(FindingError, match="draws random numbers"):
        exchange.verify(recurrent(rule="bernoulli"), 10, engine="reference")
    net = recurrent()
    spec = {
        "kind": "neuron",
        "title": "Counting",
        "doc": "",
        "params": [],
        "states": [{"name": "v", "start": "0", "role": "membrane", "unit": "mV"}],
    }
    net.model("counting", **spec, step="v = poisson(2 + v*0)", threshold="v > 4", reset="v = 0")
    net.population("c", 3, "counting")
    with pytest.raises(FindingError, match="draws random numbers"):
        exchange.verify(net, 10, engine="reference")


def test_sums_that_are_not_exact_are_said() -> None:
    net = studio.Network("Sums")
    cells = net.population("cells", 4)
    rng = np.random.default_rng(0)
    net.connect(net.source("s", 200, "spike_list"), cells, weight=rng.normal(size=(200, 4)), kinetics="delta")
    _, findings = exchange.to_onnx(net.document)
    (said,) = [f for f in findings if f.code == "exact.sums"]
    assert said.severity == "warning" and "mV" in said.text
    net.set("p1.weight", 0.25)
    _, findings = exchange.to_onnx(net.document)
    assert [f.severity for f in findings if f.code == "exact.sums"] == ["info"]


@pytest.mark.parametrize(("hz", "most"), [(1.0, 1), (40.0, 2), (2000.0, 4)])
def test_how_many_spikes_of_one_element_in_one_step_are_to_be_expected(hz: float, most: int) -> None:
    """Poisson's tail, over 10 elements and 10,000 steps of 0.1 ms: the least number that is passed less than 0.01 times."""
    from math import exp, factorial

    from studio.exchange.onnx.exporting import likely
    from studio.models.spec import Rates

    mean = hz * 1e-4
    tail = [1 - sum(exp(-mean) * mean**k / factorial(k) for k in range(m + 1)) for m in range(1, 5)]
    found = likely(Rates(np.array([0]), np.array([[hz]])), 0.1, 1000.0, 10)
    assert found[0] == most == next((m for m, p in enumerate(tail, 1) if p * 1e5 < 0.01), 4)
    assert found[1] == pytest.approx(tail[3] * 1e5 if tail[3] * 1e5 > 0.01 else 0.0)
