"""Linear maps in series: whatever they are kept as, they are the product of their matrices; and NIR's nodes are the maps they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import nir
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.run import simulate
from studio.exchange.nir import from_graph, output, to_nir, with_input
from studio.exchange.nir.importing import window_params
from studio.exchange.nir.linear import Wire, follow
from studio.exchange.nir.maps import Map, NotLinear, after, applied, listed, size
from studio.exchange.nir.tree import Graph, Node, from_nir
from studio.models.connectors.grid import places
from studio.models.forms import Window
from studio.network.flatten import flatten


def matrix(m: Map, n: int) -> np.ndarray:
    """Written out, (out, in)."""
    entries = listed(m, n)
    out = np.zeros((size(m, n), n))
    np.add.at(out, (entries.targets, entries.sources), entries.weights)
    return out


def window(rng: np.random.Generator, grid: tuple[int, int, int], kind: str) -> Window:
    """A random convolution or pooling of a grid, on a dyadic grid of numbers."""
    k = rng.integers(1, 1 + np.minimum(3, grid[1:]))
    pool = kind == "pool"
    stride = k if pool and rng.random() < 0.6 else rng.integers(1, 4, 2)
    padding = rng.integers(0, k // 2 + 1) if pool else rng.integers(0, 3, 2)
    dilation = np.ones(2, int) if pool else rng.integers(1, 3, 2)
    groups = grid[0] if pool else int(rng.choice([g for g in (1, 2) if grid[0] % g == 0]))
    n_out = grid[0] if pool else groups * int(rng.integers(1, 3))
    weights = None if pool else rng.integers(-8, 9, (n_out, grid[0] // groups, *k)) / 4
    axes = [places(n, int(a), int(s), int(p), int(d)) for n, a, s, p, d in zip(grid[1:], k, stride, padding, dilation, strict=True)]
    pairs = [(int(a), int(b)) for a, b in (k, stride, padding, dilation)]
    return Window(grid, (n_out, *axes), *pairs, groups, 0.25 if pool and rng.random() < 0.5 else 1.0, weights)  # type: ignore[arg-type]


def drawn(rng: np.random.Generator, n: int, shape: tuple[int, ...], kind: str) -> Map | None:
    if kind == "factors":
        return rng.integers(-4, 5, n) / 2
    if kind == "per channel":
        return np.repeat(rng.integers(1, 5, shape[0]) / 2, n // shape[0])
    if kind == "dense":
        return rng.integers(-8, 9, (int(rng.integers(1, 7)), n)) / 8
    if kind == "list":
        return listed(rng.integers(0, 2, (int(rng.integers(2, 9)), n)) * (rng.integers(-8, 9, n) / 8), n)
    made = window(rng, shape, kind) if len(shape) == 3 else None
    return made if made is not None and min(made.out) > 0 else None


KINDS = ["factors", "per channel", "dense", "list", "pool", "conv"]


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6), first=st.sampled_from(KINDS), second=st.sampled_from(KINDS))
def test_maps_in_series_are_the_product_of_their_matrices(seed: int, first: str, second: str) -> None:
    rng = np.random.default_rng(seed)
    grid = (int(rng.integers(1, 3)) * 2, int(rng.integers(3, 10)), int(rng.integers(3, 10)))
    n = int(np.prod(grid))
    a = drawn(rng, n, grid, first)
    if a is None:
        return
    shape = a.out if isinstance(a, Window) else grid if first in ("factors", "per channel") else (size(a, n),)
    b = drawn(rng, size(a, n), shape, second)
    if b is None:
        return
    both = after(a, b, n)
    np.testing.assert_array_equal(matrix(both, n), matrix(b, size(a, n)) @ matrix(a, n))
    x = rng.integers(0, 3, n).astype(float)
    np.testing.assert_array_equal(applied(both, x), matrix(both, n) @ x)


def test_pooling_then_convolution_stays_one_convolution_where_the_edges_allow_it() -> None:
    rng = np.random.default_rng(1)
    pool = Window((2, 12, 12), (2, 6, 6), (2, 2), (2, 2), groups=2)
    conv = Window((2, 6, 6), (5, 6, 6), (3, 3), padding=(1, 1), weights=rng.normal(size=(5, 2, 3, 3)))
    both = after(pool, conv, 288)
    assert isinstance(both, Window) and both.window == (6, 6) and both.stride == (2, 2) and both.padding == (2, 2)
    said = window_params(both)
    assert said is not None and said[0] == "convolution" and said[2] == {"stride_y": 2, "stride_x": 2, "padding_y": 2, "padding_x": 2}
    odd = replace(pool, grid=(2, 13, 13))  # a row is left over, which the padding of the convolution must not see
    assert not isinstance(after(odd, conv, 338), Window)
    assert isinstance(after(odd, replace(conv, padding=(0, 0), out=(5, 4, 4)), 338), Window)


def test_factors_per_channel_go_into_the_kernel() -> None:
    conv = Window((2, 4, 4), (3, 4, 4), (3, 3), padding=(1, 1), weights=np.ones((3, 2, 3, 3)))
    both = after(after(np.repeat([2.0, 3.0], 16), conv, 32), np.repeat([1.0, 4.0, 5.0], 16), 32)
    assert isinstance(both, Window) and both.weights is not None
    np.testing.assert_array_equal(both.weights[:, :, 0, 0], [[2, 3], [8, 12], [10, 15]])


def test_same_padding_of_an_even_kernel_keeps_the_size() -> None:
    node = Node(
        "Conv2d", {"weight": np.arange(1.0, 5.0).reshape(1, 1, 2, 2), "stride": np.ones(2), "padding": "same", "dilation": np.ones(2)}
    )
    wire = follow(Wire(12, (1, 3, 4)), node)
    assert wire.shape == (1, 3, 4)
    x = np.arange(12.0)
    wanted = np.pad(x.reshape(3, 4), ((0, 1), (0, 1)))  # PyTorch pads what is left over behind
    y = sum(w * wanted[i : i + 3, j : j + 4] for (i, j), w in np.ndenumerate(np.arange(1.0, 5.0).reshape(2, 2)))
    np.testing.assert_array_equal(applied(wire.map, x), np.ravel(y))


def test_a_delay_between_two_matrices_comes_before_both() -> None:
    wire = Wire(2, (2,))
    for node in (
        Node("Delay", {"delay": np.array([0.001, 0.002])}),
        Node("Linear", {"weight": np.ones((3, 2))}),
        Node("Delay", {"delay": np.full(3, 0.004)}),
        Node("Linear", {"weight": np.ones((1, 3))}),
    ):
        wire = follow(wire, node)
    assert wire.delay_in is not None and wire.delay_out is None
    np.testing.assert_allclose(wire.delay_in, [0.005, 0.006])


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (Node("Conv2d", {"weight": np.ones((2, 3, 3))}), "shape"),
        (Node("Conv2d", {"weight": np.ones((2, 3, 3, 3)), "input_shape": np.array([5, 5])}), "3 channels"),
        (Node("Conv2d", {"weight": np.ones((2, 2, 9, 9))}), "larger than what arrives"),
        (Node("Conv2d", {"weight": np.ones((3, 1, 3, 3)), "groups": np.array(2)}), "groups"),
        (Node("Conv2d", {"weight": np.ones((2, 2, 3, 3)), "bias": np.ones(3)}), "bias has 3"),
        (Node("Conv2d", {"weight": np.ones((2, 2, 3, 3)), "padding": "around"}), "“around”"),
        (Node("Conv2d", {"weight": np.ones((2, 2, 3, 3)), "stride": np.zeros(2)}), "zero"),
        (Node("SumPool2d", {"kernel_size": np.array([9, 9]), "stride": np.array([2, 2])}), "larger"),
    ],
)
def test_what_does_not_fit_is_said(node: Node, words: str) -> None:
    with pytest.raises(NotLinear, match=words):
        follow(Wire(50, (2, 5, 5)), node)


def test_pooling_a_line_of_values_is_said() -> None:
    with pytest.raises(NotLinear, match="channels, rows, columns"):
        follow(Wire(50, (50,)), Node("AvgPool2d", {"kernel_size": np.array([2, 2]), "stride": np.array([2, 2])}))


def lif(*shape: int) -> Any:
    return nir.LIF(np.full(shape, 0.004), np.ones(shape), np.zeros(shape), np.full(shape, 0.6), np.zeros(shape))


def layers(rng: np.random.Generator) -> Any:
    """[2, 9, 8] -> Conv2d (groups, stride) -> LIF -> AvgPool2d, Conv2d, Scale -> LIF -> Flatten, Affine -> LIF; numbers on a dyadic grid."""
    grid = lambda *shape: rng.integers(-6, 10, shape) / 8  # noqa: E731
    nodes = {
        "input": nir.Input({"input": np.array([2, 9, 8])}),
        "conv": nir.Conv2d((9, 8), grid(4, 1, 3, 2), (2, 1), (1, 0), (1, 2), 2, grid(4)),
        "lif1": lif(4, 5, 6),
        "pool": nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "conv2": nir.Conv2d((2, 3), 4 * grid(3, 4, 2, 2), (1, 1), (1, 1), (1, 1), 1, grid(3)),
        "scale": nir.Scale(np.broadcast_to(rng.integers(1, 4, (3, 1, 1)) / 2, (3, 3, 4)).copy()),
        "lif2": lif(3, 3, 4),
        "flat": nir.Flatten({"input": np.array([3, 3, 4])}, start_dim=0),
        "fc": nir.Affine(grid(5, 36), grid(5)),
        "lif3": lif(5),
        "output": nir.Output({"output": np.array([5])}),
    }
    order = list(nodes)
    return nir.NIRGraph(nodes, list(zip(order, order[1:], strict=False)), type_check=False)  # nir forgets groups


def correlated(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: Any, padding: Any, dilation: Any, groups: int) -> np.ndarray:
    x = np.pad(x, ((0, 0), (padding[0], padding[0]), (padding[1], padding[1])))
    rows, columns = (places(n, k, s, 0, d) for n, k, s, d in zip(x.shape[1:], kernel.shape[2:], stride, dilation, strict=True))
    out = np.broadcast_to(bias[:, None, None], (len(kernel), rows, columns)).copy()
    per, n_in = len(kernel) // groups, kernel.shape[1]
    for o, k, i, j in np.ndindex(kernel.shape):
        a, b = i * dilation[0], j * dilation[1]
        out[o] += (
            kernel[o, k, i, j]
            * x[o // per * n_in + k, a : a + stride[0] * rows : stride[0], b : b + stride[1] * columns : stride[1]][:rows, :columns]
        )
    return out


def interpreted(graph: Any, inputs: np.ndarray) -> list[np.ndarray]:
    """The spikes of the three layers."""
    n = graph.nodes
    voltages = [np.zeros_like(n[k].tau) for k in ("lif1", "lif2", "lif3")]
    out: list[list[np.ndarray]] = [[], [], []]

    def fire(k: int, current: np.ndarray) -> np.ndarray:
        v = voltages[k] + 0.25 * (current - voltages[k])
        z = v > 0.6
        voltages[k] = np.where(z, 0.0, v)
        out[k].append(z)
        return z.astype(float)

    for x in inputs:
        z1 = fire(0, correlated(x, n["conv"].weight, n["conv"].bias, (2, 1), (1, 0), (1, 2), 2))
        pooled = z1[:, :4].reshape(4, 2, 2, 3, 2).mean((2, 4))
        z2 = fire(1, correlated(pooled, n["conv2"].weight, n["conv2"].bias, (1, 1), (1, 1), (1, 1), 1) * n["scale"].scale)
        fire(2, n["fc"].weight @ z2.ravel() + n["fc"].bias)
    return [np.array(z).reshape(len(inputs), -1) for z in out]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_convolutional_network_runs_as_its_equations_say_and_again_after_writing_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = layers(rng)
    inputs = rng.poisson(0.6, (60, 2, 9, 8)).astype(float)
    wanted = interpreted(graph, inputs)
    assert all(30 < z.sum() < 0.9 * z.size for z in wanted)
    document, findings = from_graph(graph, 1.0)
    assert not findings
    written, lost = to_nir(document)
    assert written is not None and [(f.code, f.severity) for f in lost] == [("lossy.shape", "info")]
    tree = from_nir(written)
    assert [n.type for k, n in tree.nodes.items() if k in ("conv", "pool_conv2_scale", "flat_fc")] == [
        "Conv2d",
        "Affine",
        "Affine",
    ]  # a row that pooling leaves over: a list here, a matrix in NIR
    again, findings = from_graph(Graph(tree.nodes, tree.edges), 1.0)
    assert not findings
    for one in (document, again):
        recording = simulate(with_input(one, inputs))
        for name, z in zip(("lif1", "lif2", "lif3"), wanted, strict=True):
            np.testing.assert_array_equal(output(recording, name), z)


def test_flat_and_shaped_populations_are_written_so_that_nir_accepts_the_graph() -> None:
    """A population that a matrix reaches has no shape in NIR; one-to-one is a Scale, or an edge where the weight is one."""
    from studio.network.build import Network, convolution, dense, one_to_one, pooling

    net = Network("shapes")
    net.run(dt=1.0)
    a = net.source("a", 32, "spike_list", shape=[2, 4, 4])
    b = net.population("b", 32, "if_euler", shape=[2, 4, 4])
    c = net.population("c", 8, "cubalif_euler", shape=[2, 2, 2], i_offset=0.5)
    d = net.population("d", 8, "threshold_euler", shape=[2, 2, 2], r=2.0, v_threshold=3.0)
    e = net.population("e", 2, "integrator_euler")
    net.connect(a, b, one_to_one(), kinetics="pulse", weight=1, delay=0)
    net.connect(b, c, pooling("average"), kinetics="pulse", weight=1, delay=0)
    net.connect(c, d, dense(np.eye(8) + 0.5), kinetics="pulse", weight=2, delay=0)
    net.connect(d, e, convolution(np.ones((2, 2, 2, 2))), kinetics="pulse", weight=1, delay=3)
    net.connect(b, b, one_to_one(), kinetics="pulse", weight=-0.5, delay=1)
    graph, findings = to_nir(net.document)
    assert graph is not None and {f.code for f in findings} == {"lossy.bias"}  # pooling has no bias: v_leak takes it
    kinds = {k: type(n).__name__ for k, n in graph.nodes.items()}
    assert kinds == {
        "a": "Input",
        "b": "IF",
        "c": "CubaLIF",
        "d": "Threshold",
        "e": "I",
        "output": "Output",
        "b_to_c": "AvgPool2d",
        "c_to_d": "Linear",
        "c_to_d_flatten": "Flatten",
        "d_to_e": "Linear",
        "d_to_e_delay": "Delay",
        "b_to_b": "Scale",
    }
    assert ("a", "b") in graph.edges and graph.nodes["d"].threshold.tolist() == [1.5] * 8 and graph.nodes["b"].r.shape == (2, 4, 4)
    assert graph.nodes["b_to_b"].scale.shape == (2, 4, 4) and graph.nodes["c"].v_leak[0, 0, 0] == 0.5
    assert flatten(net.document).populations[0].shape == (2, 4, 4)


def test_a_large_one_to_one_or_convolution_is_not_a_large_matrix() -> None:
    from studio.network.build import Network, convolution, one_to_one

    net = Network("large")
    net.run(dt=1.0)
    a = net.source("a", 40_000, "spike_list", shape=[1, 200, 200])
    b = net.population("b", 40_000, "lif_euler", shape=[1, 200, 200])
    c = net.population("c", 40_000, "lif_euler")
    net.connect(a, b, convolution(np.ones((1, 1, 5, 5)), padding=2), kinetics="pulse", delay=0)
    net.connect(b, c, one_to_one(), kinetics="pulse", weight=0.5, delay=0)
    graph, findings = to_nir(net.document)
    assert graph is not None and not findings
    assert {type(n).__name__ for n in graph.nodes.values()} == {"Input", "Conv2d", "LIF", "Flatten", "Scale", "Output"}
    (conv,) = (n for n in graph.nodes.values() if isinstance(n, nir.Conv2d))
    assert conv.bias.tolist() == [0.0]  # one for each channel
