"""Sums of products: read with positions, and equal to a step-by-step account of what they mean."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import CATALOGUE
from models.protocols import Protocol, poisson_trains

from studio.engine.run import simulate
from studio.findings import FindingError
from studio.models.authored import read_model
from studio.models.products import Learning, Trace, rule
from studio.network.flat import Chosen

TRACES = {"x1": Trace(16, 20), "x2": Trace(8, 50), "y1": Trace(12, 30), "y2": Trace(4, 80)}


def model(learning: Learning):  # type: ignore[no-untyped-def]
    made, findings = read_model("mine", rule(learning))
    assert made is not None and findings == ()
    return made


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("2^-2*x1", "Line 1, column 5", "no x0, y0 or u"),
        ("x1*y0 - 2^-2*foo*x0", "Line 1, column 14", "“foo” is not known"),
        ("x1*y0 - sgn(w)*y1/x0", "Line 1, column 18", "“/” has no meaning"),
        ("(x1\n + 2*y0)*w", "Line 2, column 6", "factor of its own"),
        ("x0*y0*w", "Line 1, column 4", "two events at once"),
        ("2^x1*x0", "Line 1, column 2", "a power is one of numbers"),
        ("d*x0", "Line 1, column 1", "delay"),
        ("x1*y0 - )", "Line 1, column 9", "a value is expected"),
        ("exp(x1)*x0", "Line 1, column 1", "sgn"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_column(text: str, where: str, said: str) -> None:
    with pytest.raises(FindingError) as problem:
        rule(Learning(text, traces=TRACES), "models.mine")
    finding = problem.value.findings[0]
    assert finding.where == "models.mine.dw" and finding.text.startswith(where) and said in f"{finding.text} {finding.fix}"


def test_a_trace_without_time_constant_and_two_decimations_are_refused() -> None:
    with pytest.raises(FindingError, match="y3"):
        rule(Learning("y3*x0", traces=TRACES))
    with pytest.raises(FindingError, match="one K"):
        rule(Learning("u1*x1 + u2*w", traces=TRACES))
    with pytest.raises(FindingError, match="no product"):
        rule(Learning(""))


def stepped(pre: np.ndarray, post: np.ndarray, w: float, steps: int) -> tuple[float, float]:
    """`dw = 2^-4*x1*y0 - 2^-5*(y1 - 2)*x0*w + 2^-6*t*x0`, `dt = 2^-3*u2*x2*sgn(y2 - 1)` in steps of 1 ms, as Lava's floating-point model goes about it:
    traces decay, grow by their impulse at a spike, and are read after that; u2 comes every fourth step."""
    value, tag = dict.fromkeys(TRACES, 0.0), 0.0
    for step in range(1, steps):
        if step % 4 == 1 and step > 1:  # four steps are over: before the spikes of the next, with the traces decayed into it
            x2, y2 = (value[n] * np.exp(-1 / TRACES[n].tau) for n in ("x2", "y2"))
            tag += 2**-3 * x2 * np.sign(y2 - 1)
        here = {"x": step in pre, "y": step in post}
        for name, trace in TRACES.items():
            value[name] = value[name] * np.exp(-1 / trace.tau) + (trace.impulse if here[name[0]] else 0.0)
        if here["y"]:
            w += 2**-4 * value["x1"]
        if here["x"]:
            w += -(2**-5) * (value["y1"] - 2) * w + 2**-6 * tag
    return w, tag


def test_a_rule_with_tag_brackets_and_decimation_is_what_it_says() -> None:
    learning = Learning("2^-4*x1*y0 - 2^-5*(y1 - 2)*x0*w + 2^-6*t*x0", "2^-3*u2*x2*sgn(y2 - 1)", TRACES)
    made = model(learning)
    pre, post = ([np.rint(t).astype(float) for t in poisson_trains(4, 40.0, 300.0, seed, 1.0)] for seed in (31, 32))
    post = [np.setdiff1d(y, x - 1) for x, y in zip(pre, post, strict=True)]  # y + 1, when it reaches the synapse, never with an arrival
    protocol = Protocol("stdp_pair", pre, post, 20.0, 310.0, delay=1.0, dt=1.0)
    net = protocol.with_rule(Chosen(made, {p.name: p.default for p in made.params}))
    r = simulate(net, threads=1)
    expected = [stepped(x, y + 1, 20.0, 310)[0] for x, y in zip(pre, post, strict=True)]
    assert r.weights["learn"].weights == pytest.approx(np.array(expected), rel=1e-10)
    assert np.ptp(expected) > 1


@pytest.mark.thorough
def test_on_the_chip_weights_are_whole_and_right_on_average() -> None:
    """Random rounding: 3,000 synapses with the same spikes differ by whole numbers, and their mean is the unrounded rule's."""
    n, pre, post = 3000, [5.0, 30.0, 41.0], [12.0, 25.0]
    text = "2^-4*x1*y0 - 2^-5*y1*x0"
    means = []
    for chip in (False, True):
        made = model(Learning(text, traces=TRACES, chip=chip, signs="positive"))
        size = n if chip else 1
        net = Protocol("stdp_pair", [pre] * size, [post] * size, 20.0, 60.0, delay=1.0, dt=1.0).with_rule(
            Chosen(made, {p.name: p.default for p in made.params})
        )
        w = simulate(net, threads=1).weights["learn"].weights
        means.append((w.mean(), w.std()))
        assert not chip or (np.array_equal(w, np.floor(w)) and len(np.unique(w)) > 2)
    (exact, _), (mean, spread) = means
    assert abs(mean - exact) < 4 * spread / np.sqrt(n)
    assert exact != round(exact)


def test_the_catalogues_rule_stays_within_eight_bits() -> None:
    loihi = CATALOGUE.get("plasticity", "loihi_stdp")
    busy = [np.arange(1.0, 200.0, 4.0)]
    for shift, start, end in ((0.0, 200.0, 255.0), (-2.0, 50.0, 0.0)):  # the target follows after 1 ms, or the source does
        net = Protocol("loihi_stdp", [busy[0] + 3.0], [busy[0] + 3.0 + shift], start, 210.0, delay=1.0, dt=1.0).network
        assert simulate(net, threads=1).weights["learn"].weights[0] == end
    assert "2^-2*x1*y0" in loihi.doc and "127" in loihi.limits
