"""Pair STDP in Loihi's integers: constants against the rule's own, the artefact read back learns the same, and what cannot learn is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import studio
from studio.backends.compiling import compile_network
from studio.backends.loihi.learning import product, rule_of
from studio.backends.loihi.rebuilt import network as rebuilt
from studio.backends.loihi.text import read
from studio.compile.backend import Stimulus
from studio.engine import reference
from studio.network import connectors as c

STEPS = 120
PAIR = {"w_max": 3.0, "learning_rate": 0.02, "mu_plus": 0, "mu_minus": 0, "alpha": 1.05}


def learner(plasticity: tuple[str, dict[str, Any]] = ("stdp_pair", PAIR), weight: float = 1.5) -> studio.Network:
    net = studio.Network("Learning")
    net.source("in", 12, "poisson", rate=60)
    net.population("p", 6, "lif", t_ref=1)
    net.connect("in", "p", c.probability(0.8), weight=weight, delay=1.0, plasticity=plasticity)
    net.connect("p", "p", c.probability(0.3), weight=-0.5, delay=0.5)
    return net


def test_what_is_read_back_learns_the_same(tmp_path: Path) -> None:
    made = compile_network(learner(), "loihi").emit(tmp_path)
    assert made.fits and "lava_network.py" not in made.report.files
    when, who = np.nonzero(np.random.default_rng(3).random((STEPS, 12)) < 0.15)
    stimulus = Stimulus(STEPS, {"in": (when, who)})
    one = reference.run(made.program.network(stimulus), STEPS)
    two = reference.run(rebuilt(read(tmp_path), stimulus), STEPS)
    key = next(x.key for x in made.program.connections if x.plasticity.model.plastic)
    assert one.spikes["p"] == two.spikes["p"] and len(one.spikes["p"]) > 5
    assert np.array_equal(one.weights[key], two.weights[key])
    start = made.program.connection(key).wiring.onto().weights
    assert np.abs(one.weights[key] - start).max() > 0.0, "nothing was learnt"


@pytest.mark.parametrize("step", [0.02, 0.4, 5.1, 60.0])
def test_a_step_is_a_power_of_two_times_an_impulse(step: float) -> None:
    power, impulse = product(step)
    assert 2.0**power * impulse == pytest.approx(step, rel=0.05) and power >= -7
    assert (impulse * 256) % 1 == 0 and impulse <= 127


def test_mantissa_255_is_the_largest_weight() -> None:
    made = compile_network(learner(), "loihi").program
    taught = next(x for x in made.connections if x.plasticity.model.plastic)
    q = taught.quantised
    assert q is not None and 255 * float(q.scale) == pytest.approx(3.0, rel=1e-9)
    assert taught.plasticity.params["w_unit"] == 2.0**q.exponent


def test_powers_of_the_weight_become_factors() -> None:
    net = learner(("stdp_pair", {**PAIR, "mu_plus": 1, "mu_minus": 1}))
    from studio.backends.compiling import flat_of
    from studio.backends.loihi.target import LOIHI
    from studio.compile.program import lower

    taught = next(x for x in lower(flat_of(net), LOIHI).connections if x.plasticity.model.plastic)
    rule, (loss,) = rule_of(taught, 2)
    assert rule is not None and rule.dw == "2^-7*x1*y0*(255 - w) - 2^-7*y1*x0*w"
    assert loss.kind == "replaced" and loss.worst < 1.0


@pytest.mark.parametrize(
    ("net", "where", "fix"),
    [
        (learner(("stdp_pair", {**PAIR, "mu_plus": 0.5})), "p1.plasticity.mu_plus", "Set p1.plasticity.mu_plus to 0"),
        (learner(("stdp_pair", {**PAIR, "learning_rate": 1e-9})), "p1.plasticity.learning_rate", "Set p1.plasticity.learning_rate to"),
        (learner(("stdp_pair", {**PAIR, "w_max": -3.0}), -1.5), "p1.weight", "excitatory"),
        (learner(("stdp_triplet", {})), "p1.plasticity", "Set p1.plasticity to"),
    ],
)
def test_what_cannot_learn_is_said(net: studio.Network, where: str, fix: str) -> None:
    found = [f for f in compile_network(net, "loihi").report.findings if f.severity == "error"]
    assert [(f.code, f.where) for f in found] == [("fit.plasticity", where)] and fix in found[0].fix


def own(plasticity: tuple[str, dict[str, Any]]) -> studio.Network:
    """Integer neurons that learn."""
    net = studio.Network("Own")
    net.source("in", 12, "poisson", rate=60)
    net.population("p", 6, "loihi", dv=400, vth=300)
    net.connect("in", "p", c.all_to_all(), weight=40, kinetics="pulse", plasticity=plasticity)
    return net


@pytest.mark.parametrize("rule", [("loihi_stdp", {"w_unit": 0.5}), ("stdp_pair", {**PAIR, "w_max": 127.5})])
def test_integer_neurons_learn_in_their_own_unit(rule: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    """255 halves are the largest weight: a learnt weight of 40 is the mantissa 80."""
    made = compile_network(own(rule), "loihi").emit(tmp_path)
    assert made.fits, made.report.findings
    when, who = np.nonzero(np.random.default_rng(3).random((60, 12)) < 0.15)
    stimulus = Stimulus(60, {"in": (when, who)})
    one, two = reference.run(made.program.network(stimulus), 60), reference.run(rebuilt(read(tmp_path), stimulus), 60)
    assert one.spikes["p"] == two.spikes["p"] and len(one.spikes["p"]) > 5
    assert read(tmp_path).cores[0].weight.tolist() == [80] * 72


@pytest.mark.parametrize(
    ("rule", "where", "fix"),
    [
        (("loihi_stdp", {"w_unit": 0.3}), "p1.plasticity.w_unit", "Set p1.plasticity.w_unit to 0.25."),
        (("stdp_pair", {**PAIR, "w_max": 100.0}), "p1.plasticity.w_max", "Set p1.plasticity.w_max to 127.5."),
    ],
)
def test_a_learning_unit_that_is_no_power_of_two_is_refused(rule: tuple[str, dict[str, Any]], where: str, fix: str) -> None:
    found = [f for f in compile_network(own(rule), "loihi").report.findings if f.severity == "error"]
    assert [(f.code, f.where, f.fix) for f in found] == [("fit.plasticity", where, fix)]
