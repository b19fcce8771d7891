"""Pictures of behaviour against closed forms, and whether the committed ones are up to date."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from studio.models.catalogue import builtin
from studio.models.written import body_of
from studio.views.response import Curve, Panel, Response, respond
from studio.views.response.axes import simplified, tick_text, ticks
from studio.views.response.bench import typical
from studio.views.response.svg import svg, thumbnail


def test_the_rate_of_a_leaky_neuron_is_the_closed_form() -> None:
    step, rate = respond("neuron", "lif", {"tau_m": {"value": 0.02, "unit": "s"}}).panels
    assert (step.x_unit, step.y_unit, rate.x_unit, rate.y_unit) == ("ms", "mV", "nA", "Hz")
    (curve,) = rate.curves
    drive = curve.x * 20.0 / 0.25  # mV: R I
    with np.errstate(all="ignore"):
        expected = np.where(drive > 15.0, 1000.0 / (2.0 + 20.0 * np.log(drive / (drive - 15.0))), 0.0)
    strong = drive > 16.0
    assert strong.sum() > 20 and (curve.y[drive < 15.0] == 0).all()
    assert np.allclose(curve.y[strong], expected[strong], rtol=0.01)  # spikes fall on a grid of 0.1 ms


def test_an_alpha_current_peaks_at_the_weight_after_tau() -> None:
    current, potential = respond("kinetics", "alpha", {"tau": 4.0}).panels
    (curve,) = current.curves
    assert curve.y.max() == pytest.approx(0.1, rel=1e-3)
    assert curve.x[np.argmax(curve.y)] == pytest.approx(5.0 + 4.0 + 0.1, abs=0.11)
    assert potential.y_unit == "mV" and len(potential.curves[1].x) == 5


def test_a_conductance_is_shown_at_several_voltages() -> None:
    (current, _) = respond("kinetics", "conductance_exponential", {"e_rev": -40.0}).panels
    at = {curve.label: curve.y for curve in current.curves}
    assert list(at) == ["at -70 mV", "at -40 mV", "at 20 mV"]
    assert at["at -70 mV"].max() > 0 and not at["at -40 mV"].any() and at["at 20 mV"].min() < 0


def test_the_window_of_pair_stdp_is_the_closed_form() -> None:
    pair, rates = respond("plasticity", "stdp_pair", {"learning_rate": 0.01, "tau_plus": 10.0, "mu_plus": 0.0, "mu_minus": 0.0}).panels
    before, after = pair.curves
    assert (before.x < 0).all() and (after.x >= 0).all()
    assert np.allclose(
        after.y, 2.0 * np.exp(-(after.x - 0.1) / 10.0), rtol=0.02
    )  # % of a weight in the middle of its range; a delay of 0.1 ms
    assert np.allclose(before.y, -2.0 * np.exp((before.x - 0.1) / 20.0), rtol=0.02)
    assert rates.x_unit == "Hz"


def test_soft_bounds_saturate_over_pulses() -> None:
    (pulses,) = respond("device", "soft_bounds", {"w_max": 2.0}).panels
    (curve,) = pulses.curves
    rising = np.diff(curve.y[:55])
    assert (rising > 0).all() and (np.diff(rising) < 0).all() and curve.y.max() < 2.0


def test_a_documents_own_model_responds_as_the_one_it_is_a_copy_of() -> None:
    own = respond("neuron", "mine", models={"mine": body_of(builtin().get("neuron", "lif"))})
    theirs = respond("neuron", "lif")
    for mine, built_in in zip(own.panels, theirs.panels, strict=True):
        assert all(np.array_equal(a.y, b.y) for a, b in zip(mine.curves, built_in.curves, strict=True))


@pytest.mark.parametrize(("kind", "key"), [("plasticity", "static"), ("neuron", "nobody"), ("flavour", "sweet"), ("source", "spike_list")])
def test_what_cannot_be_pictured_says_so(kind: str, key: str) -> None:
    response = respond(kind, key)
    assert response.panels == () and len(response.note) > 10


def test_a_distribution_stands_for_its_middle() -> None:
    assert typical({"normal": [20, 2], "unit": "ms"}) == {"value": 20.0, "unit": "ms"}
    assert typical({"normal": [20, 2], "min": 25}) == 25
    assert typical({"uniform": [10, 20]}) == 15.0 and typical({"lognormal": [0, 1]}) == 1.0
    assert typical({"data": "x"}) is None and typical({"value": 3, "unit": "s"}) == {"value": 3, "unit": "s"}


def test_a_picture_is_well_formed_names_its_axes_and_escapes_words() -> None:
    x = np.linspace(0, 1, 1000)
    curves = (Curve(x, np.sin(9 * x), "a<b"), Curve(x[:3], np.array([1.1, 1.2]), "", "ticks"), Curve(x[:9], x[:9], "", "dots"))
    text = svg(Response((Panel("P & Q", "time", "ms", "v", "mV", curves),)), "T <1>", "hash")
    root = ElementTree.fromstring(text)
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"P & Q", "time (ms)", "v (mV)", "a<b"} <= set(words)
    assert "prefers-color-scheme:dark" in text and len(text) < 12_000
    assert thumbnail(Response((Panel("", "", "", "", "", curves[:1]),))).startswith("M") and thumbnail(Response()) == ""


def test_ticks_are_round_and_lines_keep_their_peaks() -> None:
    assert ticks(0, 1) == [0, 0.25, 0.5, 0.75, 1.0] and ticks(-70, -50, 4) == [-70, -65, -60, -55, -50]
    assert [tick_text(v) for v in (0.0, -0.5, 1e6, 2.5e-4, 1200.0)] == ["0", "−0.5", "1e6", "2.5e−4", "1200"]
    points = np.column_stack([np.arange(100.0), np.zeros(100)])
    points[50, 1] = 9.0
    assert len(simplified(points, 0.1)) == 5 and simplified(points, 0.1)[:, 1].max() == 9.0


def test_a_synapse_that_tires_is_shown_over_a_train() -> None:
    rule = {
        "kind": "plasticity",
        "params": {"keep": {"default": 0.5}},
        "source_states": {"x": 1},
        "at_source": "x = 1 if first > 0 else keep*x",
        "transmit": "w*x",
    }
    (train,) = respond("plasticity", "tires", models={"tires": rule}).panels
    dots = train.curves[0]
    assert np.allclose(dots.y[:10], 100.0 * 0.5 ** np.arange(10), atol=1e-3) and dots.x[1] - dots.x[0] == pytest.approx(50.0)


def test_a_rule_that_reads_its_target_is_tried_on_a_neuron_that_has_it() -> None:
    cell = {**body_of(builtin().get("neuron", "lif"))}
    cell["states"] = {**cell["states"], "calm": {"start": "1"}}
    rule = {
        "kind": "plasticity",
        "params": {"period": {"default": 10, "unit": "ms"}},
        "every": "w = w + 0.01*post_calm",
        "interval": "period",
    }
    catalogue, findings = builtin().with_models({"calm_cell": cell})
    assert not [f for f in findings if f.severity == "error"]
    assert respond("plasticity", "calming", models={"calming": rule}, catalogue=catalogue).panels
