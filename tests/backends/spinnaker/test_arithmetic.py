"""The arithmetic of a core, number by number: products and quotients against fractions, cells against whole numbers written out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import studio
from studio.backends.compiling import compile_network, flat_of
from studio.backends.engine import run as ideally
from studio.backends.spinnaker import fixed
from studio.backends.spinnaker.image import Neurons, Rows, Rule, registers
from studio.backends.spinnaker.learning import Learner
from studio.backends.spinnaker.run import _advance, _groups
from studio.compile.backend import Stimulus
from studio.compile.program import lower
from studio.exchange.pynn.cells import Cell
from studio.network import connectors as c

ONE = 32_768
LIF = {"tau_m": 20.3, "cm": 0.27, "v_rest": -65.0, "v_reset": -64.0, "v_thresh": -50.0, "tau_refrac": 3.0, "i_offset": 0.3}
SYNAPSES = {"tau_syn_E": 5.0, "tau_syn_I": 8.0}


def test_products_and_quotients_are_rounded_as_they_say() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(-(1 << 24), 1 << 24, 400), rng.integers(-(1 << 18), 1 << 18, 400)
    d = rng.integers(0, 1 << 32, 400)
    b[b == 0] = 1
    for k in range(400):
        x, y, z = int(a[k]), int(b[k]), int(d[k])
        assert fixed.nearest(a, b)[k] == math.floor(Fraction(x * y, ONE) + Fraction(1, 2))
        assert fixed.cut(a, b)[k] == math.floor(Fraction(x * y, ONE))
        assert fixed.decayed(a, d)[k] == math.floor(Fraction(x * z, 1 << 32))
        assert fixed.divided(a, b)[k] == max(-(1 << 31), min((1 << 31) - 1, math.trunc(Fraction(x * ONE, y))))
    assert fixed.s1615(1 / 65_536 * 1.01) == 1 and fixed.u032(0.5) == 1 << 31
    assert [int(v) for v in fixed.wrapped(np.array([1 << 31, -(1 << 31) - 1]))[0]] == [-(1 << 31), (1 << 31) - 1]


def leaky(s: Any, current: int) -> bool:
    """One tick of the membrane by its closed form; products to nearest."""
    aim = ((current * s.r + 16_384) >> 15) + s.v_rest
    if s.held > 0:
        s.held -= 1
        return False
    s.v = aim - ((s.p * (aim - s.v) + 16_384) >> 15)
    if s.v < s.v_th:
        return False
    s.v, s.held = s.v_reset, s.hold
    return True


def jumps(s: Any, taken: tuple[int, int]) -> bool:
    return leaky(s, ((taken[0] * s.scale) >> 15) - ((taken[1] * s.scale) >> 15) + s.i_offset)


def currents(s: Any, taken: tuple[int, int]) -> bool:
    s.e += (taken[0] * s.init_e) >> 32
    s.i += (taken[1] * s.init_i) >> 32
    fired = leaky(s, s.e - s.i + s.i_offset)
    s.e, s.i = (s.e * s.decay_e) >> 32, (s.i * s.decay_i) >> 32
    return fired


def conductances(s: Any, taken: tuple[int, int]) -> bool:
    s.e += (taken[0] * s.init_e) >> 32
    s.i += (taken[1] * s.init_i) >> 32
    flow = (((s.e >> 10) * (s.e_rev_e - s.v)) >> 15) + (((s.i >> 10) * (s.e_rev_i - s.v)) >> 15)
    fired = leaky(s, flow + s.i_offset)
    s.e, s.i = (s.e * s.decay_e) >> 32, (s.i * s.decay_i) >> 32
    return fired


def alphas(s: Any, taken: tuple[int, int]) -> bool:
    """A linear and an exponential part; where input comes the exponential part gains 1, and the linear one keeps their product."""
    flow = []
    for part, come, slope, decay in ((s.exc, taken[0], s.slope_e, s.decay_e), (s.inh, taken[1], s.slope_i, s.decay_i)):
        if come:
            part.exp = ((part.exp * decay) >> 32) + ONE
            part.lin = ((part.lin + ((come * slope) >> 15)) * (ONE - (ONE << 15) // part.exp)) >> 15
            part.q = come
        flow.append((part.lin * part.exp) >> 15)
    fired = leaky(s, flow[0] - flow[1] + s.i_offset)
    for part, slope, decay in ((s.exc, s.slope_e, s.decay_e), (s.inh, s.slope_i, s.decay_i)):
        part.lin += (part.q * slope) >> 15
        part.exp = (part.exp * decay) >> 32
    return fired


@pytest.mark.parametrize(
    ("kind", "more", "tick", "most"),
    [
        ("IF_curr_delta", {}, jumps, 4 * ONE),
        ("IF_curr_exp", SYNAPSES, currents, 2 * ONE),
        ("IF_cond_exp", {**SYNAPSES, "e_rev_E": 0.0, "e_rev_I": -80.0}, conductances, 200 * ONE),
        ("IF_curr_alpha", SYNAPSES, alphas, 8 * ONE),
    ],
)
def test_a_cell_is_what_whole_numbers_say(
    kind: str, more: dict[str, float], tick: Callable[[Any, tuple[int, int]], bool], most: int
) -> None:
    """300 ticks of one neuron with input at random: voltage and spikes of every tick, bit for bit."""
    made = registers(Cell(kind, {**LIF, **more}, {}), 1.0, -65.0)
    (group,) = _groups((Neurons("n", "n", 1, kind, made),))
    s = SimpleNamespace(**{k: int(v) for k, v in made.items()}, held=0, e=0, i=0)
    s.exc, s.inh = (SimpleNamespace(lin=0, exp=0, q=0) for _ in range(2))
    rng, fired = np.random.default_rng(3), 0
    for _ in range(300):
        taken = np.where(rng.random((2, 1)) < 0.3, rng.integers(0, most, (2, 1)) // [[1], [4]], 0)
        spiked = len(_advance(group, taken)) > 0
        assert spiked == tick(s, (int(taken[0, 0]), int(taken[1, 0])))
        assert int(group.v[0]) == s.v
        fired += spiked
    assert fired > 5


@pytest.mark.parametrize("delay", [1.0, 2.0, 7.0])
@pytest.mark.parametrize("kinetics", [("exponential", {"tau": 5.0}), ("conductance_exponential", {"tau": 5.0, "e_rev": 0.0}), "delta"])
def test_a_strong_spike_is_answered_in_the_ideal_networks_step(kinetics: Any, delay: float) -> None:
    """A spike at step 10 that makes its target fire as soon as it moves the voltage: delays are as long as they should be, for every kind."""
    net = studio.Network("one")
    net.run(duration=40, dt=1.0)
    net.source("in", 1, "poisson", rate=1)
    net.population("cell", 1, "lif", t_ref=30)
    weight = 100.0 if kinetics == "delta" else 60.0 if kinetics[0] == "exponential" else 0.3
    net.connect("in", "cell", c.all_to_all(), weight=weight, delay=delay, kinetics=kinetics)
    stimulus = Stimulus(40, {"in": (np.array([10]), np.array([0]))})
    made = compile_network(net, "spinnaker")
    assert made.backend.emulate is not None
    wanted = ideally(lower(flat_of(net), made.target), stimulus)
    assert len(wanted.spikes["cell"][0]) == 1 and wanted.differs(made.backend.emulate(made.program, stimulus)) == ""


def test_ring_buffers_have_room_for_a_source_that_fires_several_times_in_a_step() -> None:
    """20 kHz at 0.1 ms: two spikes a step, and rarely seven, of 1 mV each: 8 mV, so a shift of 3."""
    net = studio.Network("fast")
    net.run(duration=1, dt=0.1)
    net.source("in", 1, "poisson", rate=20_000)
    net.population("cell", 1, "lif")
    net.connect("in", "cell", c.one_to_one(), weight=1.0, delay=1.0, kinetics="delta")
    assert compile_network(net, "spinnaker", headroom="always").program.settings["shifts"] == {"cell": (3, 0)}


class Trace:
    """11 bits behind the point, decayed when it is read."""

    def __init__(self, tau: float) -> None:
        self.tau, self.value, self.since = tau, 0, 0

    def at(self, step: int) -> int:
        return (self.value * round(math.exp(-(step - self.since) / self.tau) * 2048)) >> 11

    def rise(self, step: int) -> None:
        self.value, self.since = self.at(step) + 2048, step


@pytest.mark.parametrize("additive", [True, False])
def test_learning_is_what_whole_numbers_say(additive: bool) -> None:
    """Three sources onto four neurons, many spikes in one step; synapse by synapse."""
    n_pre, n_post, delay, most = 3, 4, 2, 9_000
    weights = {(s, t): 1000 + 700 * s + 90 * t for s in range(n_pre) for t in range(n_post)}
    starts = np.array([0] * (n_post + 1) + [n_post * (s + 1) for s in range(n_pre)])
    rows = Rows(starts, np.tile(np.arange(n_post), n_pre), np.zeros(12, np.uint8), np.array(list(weights.values())), np.full(12, delay))
    up, down = (300, 330) if additive else (3000, 3300)
    learner = Learner(Rule(np.arange(12), additive, up, down, most, 17.0, 23.0, delay), rows, n_post, 1.0)
    pre, post = [Trace(17.0) for _ in range(n_pre)], [Trace(23.0) for _ in range(n_post)]
    rng, fired = np.random.default_rng(1), {}
    for step in range(150):
        pres, posts = np.flatnonzero(rng.random(n_pre) < 0.2), np.flatnonzero(rng.random(n_post) < 0.2)
        learner.step(step, pres + n_post)
        learner.heard(step, posts)
        fired[step] = posts
        late = fired.get(step - delay, np.zeros(0, int)).tolist()
        for (s, t), w in weights.items():
            gain = up if additive else (up * (most - w)) >> 16
            weights[s, t] = min(w + ((gain * pre[s].at(step) + 1024) >> 11), most) if t in late else w
        for (s, t), w in weights.items():
            gain = down if additive else (down * w) >> 16
            weights[s, t] = max(w - ((gain * post[t].at(step) + 1024) >> 11), 0) if s in pres else w
        for traces, who in ((pre, pres), (post, late)):
            for k in who:
                traces[k].rise(step)
        assert rows.weights.tolist() == list(weights.values()), step
    assert len(set(weights.values())) > 5


@pytest.mark.parametrize("weight", [65_000.0, 65_536.0, 1e300])
def test_a_weight_that_no_ring_buffer_holds_is_refused(weight: float) -> None:
    net = studio.Network("heavy")
    net.population("a", 40, "lif")
    net.connect("a", "a", c.all_to_all(), weight=weight, delay=1.0, kinetics="delta")
    made = compile_network(net, "spinnaker", headroom="always")
    said = [(f.code, f.where) for f in made.report.findings if f.severity == "error"]
    assert said == ([] if weight < 65_536 else [("fit.weights", "p1.weight")])
    assert made.fits == (weight < 65_536) and (not made.fits or made.program.settings["shifts"] == {"a": (15, 0)})
