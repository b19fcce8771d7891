"""Convolution, pooling and dense in a document: shapes from the populations, findings with the shape that fits, code in Python and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.exchange.python import to_python
from studio.findings import Finding
from studio.models.forms import Window
from studio.network.build import Network, convolution, dense, pooling

KERNEL = np.arange(72.0).reshape(4, 2, 3, 3)


def net(connector: Any, target: int = 576, shape: list[int] | None = None, given: list[int] | None = None, **options: Any) -> Network:
    made = Network("c")
    a = made.source("in", 288, shape=given)
    b = made.population("b", target, "lif_euler", shape=shape)
    made.connect(a, b, connector, **options)
    return made


def wrong(made: Network) -> list[Finding]:
    return [f for f in made.check() if f.severity == "error"]


def test_shapes_come_from_the_populations() -> None:
    made = net(convolution(KERNEL, padding=(1, 1)), 576, [4, 12, 12], [2, 12, 12])
    assert not wrong(made)
    (p,) = made.flatten().projections
    form = p.connector.model.lower(p.connector.params, 288, 576)
    assert isinstance(form, Window) and form.grid == (2, 12, 12) and form.out == (4, 12, 12) and form.padding == (1, 1)
    (p,) = net(pooling(), 72, given=[2, 12, 12]).flatten().projections
    assert p.connector.model.lower(p.connector.params, 288, 72).out == (2, 6, 6)


@pytest.mark.parametrize(
    ("made", "text", "fix"),
    [
        (net(convolution(KERNEL), 400), "needs the shape of its source", "[2, 12, 12]"),
        (net(convolution(KERNEL), 576, [4, 12, 12], [2, 12, 12]), "[4, 10, 10]; the target has [4, 12, 12]", "the shape [4, 10, 10]"),
        (net(convolution(KERNEL), 500, None, [2, 12, 12]), "400 elements; the target has 500", "the size 400 and the shape [4, 10, 10]"),
        (net(convolution(KERNEL), 576, None, [8, 6, 6]), "takes a source of 2 channels", "[8, 8, 3, 3]"),
        (net(convolution(KERNEL, groups=3), 576, None, [2, 12, 12]), "cannot be cut into 3", "1, 2 or 4 groups"),
        (net(convolution(np.ones((5, 7, 3, 3))), 576, None, [2, 12, 12]), "cannot be cut into as many", "[8, 2, 3, 3]"),
        (net(convolution(np.ones((3, 3))), 576, None, [2, 12, 12]), "shape [3, 3]", "[8, 2, 3, 3]"),
        (net("convolution", 576, None, [2, 12, 12]), "needs a kernel", "[8, 2, 3, 3]"),
        (net(convolution(np.ones((1, 2, 13, 13))), 576, None, [2, 12, 12]), "spans [13, 13]", "smaller window"),
        (net(convolution(np.ones((1, 2, 3))), 142, None, [2, 12, 12]), "source of the shape [2, 144]", "[8, 2, 3, 3]"),
        (net(pooling(size=2, padding=2), 576, None, [2, 12, 12]), "more than half the window", "[1, 1]"),
        (net(pooling(size=5), 576, None, [2, 12, 12]), "[2, 2, 2], 8 elements", "the size 8"),
        (net(pooling(), 72), "needs the shape of its source", "[1, 16, 18]"),
        (net(dense(np.ones((288, 576)))), "turned round", "[576, 288]"),
        (net("dense"), "needs a matrix", "[576, 288]"),
        (net(dense(np.ones((576, 288))), weight={"normal": [1, 0.1]}), "one number that multiplies", "one number"),
        (net(dense(np.ones((576, 288))), weight=np.ones((288, 576))), "one number that multiplies", "one number"),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(made: Network, text: str, fix: str) -> None:
    (finding,) = wrong(made)
    assert text in finding.text and fix in finding.fix
    assert finding.where in ("p1.connector", "p1.weight")


def test_a_kernel_of_conductances_is_not_negative() -> None:
    fine = net(convolution(KERNEL, padding=1), 576, None, [2, 12, 12], kinetics="conductance_exponential")
    assert not wrong(fine)
    (finding,) = wrong(net(convolution(KERNEL - 1, padding=1), 576, None, [2, 12, 12], kinetics="conductance_exponential", weight=2))
    assert finding.code == "bounds.sign" and "-2 uS" in finding.text


def test_a_kernel_needs_no_memory_by_synapse() -> None:
    """A layer of 72 thousand million synapses is no reason to warn; one by one it would be."""
    made = Network("large")
    a = made.source("in", 64 * 1024 * 1024, shape=[64, 1024, 1024])
    b = made.population("b", 64 * 1024 * 1024, "lif_euler", shape=[64, 1024, 1024])
    made.connect(a, b, convolution(np.ones((64, 64, 3, 3)), padding=1))
    assert not [f for f in made.check() if "memory" in f.code and "synapse" in f.text.lower() and f.severity == "error"]


@pytest.mark.parametrize(
    ("connector", "target", "code"),
    [
        (convolution(KERNEL, stride=(2, 1), padding=1), 288, "studio.convolution({'data': 'in_b'}, stride_y=2, padding=1)"),
        (convolution(KERNEL, stride_y=3, dilation=2), 192, "studio.convolution({'data': 'in_b'}, stride_y=3, dilation=2)"),
        (pooling("average", size=3, stride=(3, 2), padding=1), 48, "studio.pooling('average', stride=(3, 2), padding=1, size=3)"),
        (pooling(size=(2, 3)), 48, "studio.pooling(size_x=3)"),
    ],
)
def test_written_as_python_it_is_the_same_document(connector: Any, target: int, code: str) -> None:
    made = net(connector, target, None, [2, 12, 12])
    text = to_python(made.document)
    assert code in text
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(text, "script", "exec"), names)
    assert names["net"].document.to_json()["circuits"] == made.document.to_json()["circuits"]
