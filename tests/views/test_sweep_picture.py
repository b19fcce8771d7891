"""A sweep as a picture: axes with units, means and spreads as they are in the table, holes where runs failed."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import ColorBar, GlyphRenderer, Text, Whisker

from studio import views
from studio.analysis.sweep import Row, Sweep
from studio.views.palette import colour

A, B = "exc.tau_m", "drive.rate"


def made(*settings: dict[str, Any], repeats: int = 2, failed: int = -1) -> Sweep:
    """The rate is ten times the first setting, plus the repeat."""
    rows = []
    for point, given in enumerate(settings):
        for repeat in range(repeats):
            first = next(iter(given.values()), 1.0)
            rate = 10.0 * first + repeat if isinstance(first, int | float) else 5.0 + repeat
            status = "failed" if point == failed else "done"
            measured = {"rate_hz.exc": rate, "rate_hz.inh": rate + 5, "cv.exc": 0.5} if status == "done" else {}
            rows.append(Row(len(rows), point, repeat, repeat, given, status, measures=measured))
    units = {path: {A: "ms", B: "Hz"}.get(path, "") for path in (settings[0] if settings else {})}
    return Sweep("made", units, tuple(rows), {})


def line() -> Sweep:
    return made({A: 10.0}, {A: 15.0}, {A: 30.0}, failed=1)


def grid(**more: Any) -> Sweep:
    return made(*({A: a, B: b} for a in (10.0, 20.0, 30.0) for b in (500.0, 900.0)), **more)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("result", [line(), grid()])
def test_it_wears_its_theme_and_names_its_axes_with_units(result: Sweep, theme: Any, figure: Any) -> None:
    drawn = figure(views.sweep(result, theme=theme))
    assert drawn.background_fill_color == colour("surface", theme) and drawn.xaxis[0].axis_label == "exc.tau_m (ms)"
    assert drawn.yaxis[0].axis_label == ("Rate (Hz), mean ± sd of 2 runs" if len(result.units) == 1 else "drive.rate (Hz)")


def test_points_are_means_and_bars_standard_deviations_of_the_runs_that_were_done(figure: Any) -> None:
    picture = views.sweep(line(), "rate_hz.exc")
    (curve,) = picture.traverse(lambda e: e, [hv.Curve])
    (bars,) = picture.traverse(lambda e: e, [hv.ErrorBars])
    assert curve.dimension_values(0).tolist() == [10.0, 30.0] and curve.dimension_values(1).tolist() == [100.5, 300.5]
    assert bars.dimension_values(2) == pytest.approx([np.std([0, 1], ddof=1)] * 2)
    drawn = figure(picture)
    assert drawn.yaxis[0].axis_label == "Rate of exc (Hz), mean ± sd of 2 runs" and drawn.y_range.end > 301
    (whisker,) = drawn.select(Whisker)
    assert whisker.upper_head.line_color == colour("exc")


def test_every_rate_has_a_line_and_a_name(figure: Any) -> None:
    drawn = figure(views.sweep(line()))
    assert [item.label.value for item in drawn.legend[0].items] == ["exc", "inh"]
    assert not figure(views.sweep(made({A: 1.0}, {A: 2.0}, repeats=1))).select(Whisker), "one run has no spread"


def test_two_parameters_are_a_map_with_a_hole_for_what_failed(figure: Any) -> None:
    picture = views.sweep(grid(failed=3))
    cells = {(a, b): v for a, b, v in zip(*(picture.dimension_values(k) for k in range(3)))}
    assert cells["10", "500"] == 100.5 and cells["30", "900"] == 300.5 and np.isnan(cells["20", "900"])
    drawn = figure(picture)
    assert drawn.title.text == "Rate of exc (Hz)" and [m for m in drawn.right if isinstance(m, ColorBar)]


def test_settings_drawn_at_random_are_points(figure: Any) -> None:
    rng = np.random.default_rng(1)
    result = made(*({A: float(a), B: float(b)} for a, b in rng.uniform(1, 2, (20, 2))))
    picture = views.sweep(result, "cv.exc")
    assert isinstance(picture, hv.Points) and len(picture) == 20 and figure(picture).title.text == "CV of intervals of exc"


def test_words_stand_side_by_side_without_a_line(figure: Any) -> None:
    picture = views.sweep(made({"run.precision": "single"}, {"run.precision": "double"}), "rate_hz.exc")
    assert not picture.traverse(lambda e: e, [hv.Curve]) and list(figure(picture).x_range.factors) == ["single", "double"]


@pytest.mark.parametrize(("result", "measure"), [(made(), None), (made({A: 1.0}, failed=0), None), (line(), "colour"), (made({}), None)])
def test_where_there_is_nothing_to_see_it_says_so(result: Sweep, measure: Any, figure: Any) -> None:
    drawn = figure(views.sweep(result, measure))
    assert len([r for r in drawn.renderers if isinstance(r, GlyphRenderer) and isinstance(r.glyph, Text)]) == 1
