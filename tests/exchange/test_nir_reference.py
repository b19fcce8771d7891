"""Random NIR graphs run in the engine as a plain forward-Euler interpreter, written here after NIR's equations, runs them."""

import nir
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.run import simulate
from studio.exchange.nir import from_graph, output, with_input

DT = 0.001  # s


def random_graph(rng, n_in, n1, n2, n_out, rec_bias):
    """Input -> Scale -> Delay -> Affine -> LIF (with a recurrent Affine or Linear) -> Linear -> LIF -> LI; numbers on a dyadic grid."""
    grid = lambda *shape: rng.integers(-16, 24, shape) / 16  # noqa: E731
    rec = nir.Affine(grid(n1, n1), grid(n1)) if rec_bias else nir.Linear(grid(n1, n1))
    nodes = {
        "input": nir.Input({"input": np.array([n_in])}),
        "scale": nir.Scale(rng.integers(1, 4, n_in) / 2),
        "delay": nir.Delay(rng.integers(0, 4, n_in) * DT),
        "fc": nir.Affine(grid(n1, n_in), grid(n1)),
        "lif1": nir.LIF(np.full(n1, 0.004), np.ones(n1), np.zeros(n1), np.full(n1, 0.375), np.zeros(n1)),
        "rec": rec,
        "fc2": nir.Linear(grid(n2, n1)),
        "lif2": nir.LIF(rng.integers(2, 9, n2) / 1000, np.full(n2, 2.0), grid(n2) / 8, np.full(n2, 0.3), np.full(n2, -0.25)),
        "li": nir.LI(np.full(n_out, 0.008), np.ones(n_out), np.full(n_out, 0.5)),
        "fc3": nir.Linear(grid(n_out, n2)),
        "output": nir.Output({"output": np.array([n_out])}),
    }
    chain = ["input", "scale", "delay", "fc", "lif1", "fc2", "lif2", "fc3", "li", "output"]
    return nir.NIRGraph(nodes, [*zip(chain, chain[1:], strict=False), ("lif1", "rec"), ("rec", "lif1")])


def interpret(graph, inputs):
    """Spikes of lif1 and lif2 and the voltage of li, step by step."""
    n = graph.nodes
    delay = np.rint(n["delay"].delay / DT).astype(int)
    v1, v2, v3 = n["lif1"].v_leak.copy(), n["lif2"].v_leak.copy(), n["li"].v_leak.copy()
    z1, out1, out2, out3 = None, [], [], []
    for t in range(len(inputs)):
        x = np.array([inputs[t - d, k] if t >= d else 0.0 for k, d in enumerate(delay)]) * n["scale"].scale
        current = n["fc"].weight @ x + n["fc"].bias
        if z1 is not None:  # in step 0 nothing comes back, also not the bias
            current = current + n["rec"].weight @ z1 + getattr(n["rec"], "bias", 0.0)
        v1, z1 = fire(n["lif1"], v1, current)
        v2, z2 = fire(n["lif2"], v2, n["fc2"].weight @ z1)
        v3 = v3 + DT / n["li"].tau * (n["li"].v_leak - v3 + n["li"].r * (n["fc3"].weight @ z2))
        out1.append(z1), out2.append(z2), out3.append(v3)
    return np.array(out1), np.array(out2), np.array(out3)


def fire(node, v, current):
    v = v + DT / node.tau * (node.v_leak - v + node.r * current)
    z = (v > node.v_threshold).astype(float)
    return np.where(z > 0, node.v_reset, v), z


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), rec_bias=st.booleans())
def test_the_engine_runs_a_graph_as_its_equations_say(seed, rec_bias):
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, *rng.integers(1, 8, 4), rec_bias)
    n_in = int(graph.nodes["input"].input_type["input"][0])
    inputs = rng.poisson(0.3, (80, n_in))
    document, findings = from_graph(graph, DT * 1e3)
    assert not findings
    recording = simulate(with_input(document, inputs))
    first, second, voltage = interpret(graph, inputs)
    np.testing.assert_array_equal(output(recording, "lif1"), first)
    np.testing.assert_array_equal(output(recording, "lif2"), second)
    np.testing.assert_allclose(output(recording, "li"), voltage, atol=1e-9)


def test_the_interpreter_sees_activity():
    """Guards the test above against comparing silence with silence."""
    rng = np.random.default_rng(1)
    graph = random_graph(rng, 6, 6, 6, 3, True)
    first, second, voltage = interpret(graph, rng.poisson(0.5, (80, 6)))
    assert first.sum() > 20 and second.sum() > 5 and np.ptp(voltage) > 0.05
