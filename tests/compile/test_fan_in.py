"""Fan-in divided among dendrites: nothing is lost but what waits, nothing comes at another time, and chips do what the emulator says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import studio
from studio.backends.compiling import compile_network, fit
from studio.backends.engine import run
from studio.backends.stimulus import stimulus_of
from studio.backends.verify import ideally, verify
from studio.compile.backend import Stimulus
from studio.compile.passes.dendrite import Dendrite
from studio.compile.passes.fan_in import SplitFanIn
from studio.compile.program import Program, lower
from studio.compile.target import Limit, Target, Topology
from studio.engine.run import simulate
from studio.network.flatten import flatten

TARGET = Target("test", "Test", "", Topology("mesh", 2, 2), {"axons": Limit(10, "", "", "none")}, delay=(1, 15))
ADDS_UP = Dendrite("truenorth", {"reset_mode": 1.0}, "alpha", 255, 2**18 - 1)
CURRENT = Dendrite("loihi", {"du": 0.0, "dv": 4095.0}, "vth", 255, 255 * 2**7, above=True, rounds=True, itself=True, leak=1 / 4096)


def mixed() -> Program:
    """Forty sources of both signs, weights and delays by chance, onto five neurons."""
    net = studio.Network("Mixed")
    drive, out = net.source("drive", 40, "poisson", rate=5.0), net.population("out", 5, "lif")
    net.connect(drive, out, studio.probability(0.8), weight={"normal": [0.1, 0.4]}, delay={"uniform": [1.0, 6.0]}, kinetics="delta")
    net.run(duration=300.0, dt=1.0)
    return lower(flatten(net.document), TARGET)


@pytest.mark.parametrize("dendrite", [ADDS_UP, CURRENT], ids=["adds up", "current"])
def test_every_synapse_goes_through_one_dendrite_with_its_weight_and_delay(dendrite: Dendrite) -> None:
    before = mixed()
    made = SplitFanIn(dendrite, "axons")(before, TARGET)
    want, found = before.connections[0].wiring.onto(), []
    most = np.zeros(5, np.int64)
    for layer in (x for x in made.layers if x.origin is None):
        out = made.connection(f"{layer.key}.out").wiring.onto()
        (heard,) = [c for c in made.into(layer.key) if c.source == "drive"]
        block = heard.wiring.onto()
        sent = out.weights[0] / (layer.neuron.params[dendrite.threshold] + dendrite.above)  # of one whole number
        assert (out.sources == np.arange(layer.size)).all() and (block.weights == np.rint(block.weights)).all()
        found.append(np.stack([block.sources, out.targets[block.targets], block.weights * sent, block.delays + out.delays[0]]))
        assert np.bincount(block.targets).max() <= 10
        most[out.targets] += 1
        signs = np.sign(want.weights)
        assert abs(sent) <= np.abs(want.weights[signs == np.sign(sent)]).max() / 127.0
    assert most.max() <= 10
    s, t, w, d = np.concatenate(found, axis=1)
    order = np.lexsort((s, t))
    there = np.isin(want.targets * 40 + want.sources, t * 40 + s)
    assert (~there).sum() == sum(x.count for x in made.losses if x.kind == "dropped") < 4
    finest = np.abs(want.weights).max() / 254.0
    assert np.abs(want.weights[~there]).max(initial=0.0) <= finest
    want = want.keep(there)
    assert np.array_equal(s[order], want.sources) and np.array_equal(t[order], want.targets)
    assert np.abs(w[order] - want.weights).max() <= finest
    assert np.array_equal(d[order], np.maximum(want.delays, 2))
    late = next(x for x in made.losses if x.what == "delay")
    assert late.count == (before.connections[0].wiring.onto().delays < 2).sum() and late.worst == 1.0


@pytest.mark.parametrize("dendrite", [ADDS_UP, CURRENT], ids=["adds up", "current"])
def test_no_dendrite_ever_owes_more_than_a_quantum(dendrite: Dendrite) -> None:
    """What was received less what was sent, step by step, on the engine's own neurons."""
    made = SplitFanIn(dendrite, "axons", quantum=3.0)(mixed(), TARGET)
    rng, steps = np.random.default_rng(1), 300
    at, who = np.nonzero(rng.random((steps, 40)) < 0.03)
    outcome = run(made, Stimulus(steps, {"drive": (at, who)}))
    sent_any = 0
    for layer in (x for x in made.layers if x.origin is None):
        (heard,) = [c for c in made.into(layer.key) if c.source == "drive"]
        block, quantum = heard.wiring.onto(), layer.neuron.params[dendrite.threshold] + dendrite.above
        received = np.zeros((steps + 20, layer.size))
        for s, t, w, d in zip(block.sources, block.targets, block.weights, block.delays, strict=True):
            np.add.at(received[:, t], at[who == s] + d, w)
        sent = np.zeros((steps, layer.size))
        np.add.at(sent, outcome.spikes[layer.key], quantum)
        held = np.cumsum(received[:steps], axis=0) - np.cumsum(sent, axis=0)
        lost = dendrite.leak * quantum * np.arange(1, steps + 1)[:, None] + steps * (dendrite.leak > 0) / 64
        assert received.max() <= quantum, "the quantum was chosen so that one a step is enough"
        assert held.min() >= -1.0 * dendrite.itself and (held <= quantum + lost).all()
        sent_any += int(sent.any())
    assert sent_any == sum(x.origin is None for x in made.layers) > 4


def test_what_fits_stays_and_what_is_drawn_is_listed_only_where_it_must() -> None:
    before = mixed()
    roomy = replace(TARGET, limits={"axons": Limit(50, "", "", "none")})
    made = SplitFanIn(ADDS_UP, "axons")(before, roomy)
    assert made.connections == before.connections and made.layers == before.layers and not made.losses
    off = SplitFanIn(ADDS_UP, "axons", enabled=False)(before, TARGET)
    assert off.connections == before.connections and off.settings == {"fan_in": "whole"}


@pytest.mark.parametrize("dendrite", [ADDS_UP, CURRENT], ids=["adds up", "current"])
@pytest.mark.parametrize(("kinetics", "weight"), [("delta", {"normal": [0.25, 0.4]}), ("exponential", {"normal": [0.04, 0.06]})])
def test_leaky_neurons_fire_as_they_would(kinetics: str, weight: object, dendrite: Dendrite) -> None:
    """Dendrites alone, on the engine: what they add to and take from the rates of neurons with a leak, excited and inhibited."""
    net = studio.Network("Leaky")
    drive, out = net.source("drive", 600, "poisson", rate=20.0), net.population("out", 10, "lif")
    net.connect(drive, out, studio.probability(0.8), weight=weight, delay={"uniform": [2.0, 6.0]}, kinetics=kinetics)
    net.run(duration=500.0, dt=1.0)
    flat = flatten(net.document)
    target = replace(TARGET, limits={"axons": Limit(128, "", "", "none")})
    program = lower(flat, target)
    ideal = simulate(ideally(flat))
    stimulus = stimulus_of(program, ideal)
    made = SplitFanIn(dendrite, "axons")(program, target)
    spikes = len(run(made, stimulus).spikes["out"][1])
    assert len(made.settings["fan_in"]["out"]["dendrites"]) >= 4
    assert spikes == pytest.approx(len(ideal.spikes["out"].ids), rel=0.06) and spikes > 100


def wide(n: int, weight: float, threshold: float = 50.0) -> studio.Network:
    """Four perfect integrators that hear `n` sources of 20 Hz."""
    net = studio.Network("wide")
    drive = net.source("drive", n, "poisson", rate=20.0)
    exc = net.population("exc", 4, "if_euler", v_threshold=threshold, r=1.0)
    net.connect(drive, exc, studio.all_to_all(), weight=weight, delay=2.0, kinetics="pulse")
    net.run(duration=500.0, dt=1.0)
    return net


@pytest.mark.parametrize(
    ("target", "net", "dendrites"),
    [("truenorth", wide(300, 0.5), 2), ("truenorth", wide(700, 0.25), 3), ("loihi", wide(5000, 0.02), 2)],
    ids=["truenorth 300", "truenorth 700", "loihi 5000"],
)
def test_a_neuron_that_hears_too_many_works_on_the_chip(target: str, net: studio.Network, dendrites: int, tmp_path) -> None:
    whole = fit(net, target)
    (wrong,) = [f for f in whole.findings if f.severity == "error"]
    assert (wrong.code, wrong.where) == ("fit.fan_in", "exc") and "option fan_in=split" in wrong.fix
    assert fit(net, target, fan_in="split").fits
    compiled = verify(compile_network(net, target, fan_in="split").emit(tmp_path), tmp_path)
    assert len(compiled.program.settings["fan_in"]["exc"]["dendrites"]) == dendrites
    said = compiled.report.comparison
    assert said["replayed"]["exact"] and said["populations"]["exc"]["spikes"][0] > 60
    assert said["populations"]["exc"]["rate_error"] < 0.03
    assert any(x.what == "fan-in" and x.path == "p1" for x in compiled.report.paths["p1"].losses)
    assert set(said["populations"]) == {"exc"}, "dendrites are no population of the document"


def test_dendrites_that_cannot_keep_up_are_said(tmp_path) -> None:
    net = wide(300, 0.5)
    compiled = verify(compile_network(net, "truenorth", fan_in="split", quantum=1).emit(tmp_path), tmp_path)
    (said,) = [f for f in compiled.report.findings if f.code == "lossy.fan_in" and "twin run" in f.text]
    assert said.where == "exc" and "quantum" in said.fix
    assert compiled.report.comparison["populations"]["exc"]["rate_error"] > 0.3
