import numpy as np
import pytest
from bokeh.models import ColorBar, GlyphRenderer, Text

from studio import views
from studio.views.palette import colour

PICTURES = ["raster", "traces", "rates", "sparsity", "weight_matrix", "weight_histogram"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_wears_its_theme_and_names_its_axes(recording, figure, name, theme):
    drawn = figure(getattr(views, name)(recording(), theme=theme))
    assert drawn.background_fill_color == drawn.border_fill_color == colour("surface", theme)
    assert drawn.xaxis[0].axis_label and (drawn.yaxis[0].axis_label or name == "raster")
    assert drawn.xaxis[0].axis_label_text_color == colour("ink-2", theme)


@pytest.mark.parametrize("name", PICTURES)
def test_an_empty_recording_gives_a_picture_that_says_so(recording, figure, name):
    bare = recording(n_spikes=0)
    bare.traces, bare.weights, bare.spikes = {}, {}, {}
    words = [r.glyph for r in figure(getattr(views, name)(bare)).renderers if isinstance(r, GlyphRenderer) and isinstance(r.glyph, Text)]
    assert len(words) == 1


def test_time_axes_carry_their_unit_and_the_whole_run(recording, figure):
    drawn = figure(views.rates(recording()))
    assert drawn.xaxis[0].axis_label == "Time (ms)" and (drawn.x_range.start, drawn.x_range.end) == (0, 1000)
    assert "Hz" in drawn.yaxis[0].axis_label


def test_the_raster_draws_every_spike_in_float64_with_the_first_population_on_top(recording, figure):
    r = recording(duration=1e7)
    drawn = figure(views.raster(r))
    data = [
        g.data_source.data
        for g in drawn.renderers
        if isinstance(g, GlyphRenderer) and "Time" not in g.data_source.data and len(g.data_source.data) >= 2
    ]
    x, y = (np.concatenate([next(v for k, v in d.items() if k.startswith(axis)) for d in data]) for axis in ("time", "row"))
    assert len(x) == 900 and x.dtype == np.float64 and set(y // 40) == {0, 1, 2}
    assert sorted(x.tolist()) == sorted(np.concatenate([s.times for s in r.spikes.values()]).tolist())
    assert drawn.y_range.start > drawn.y_range.end
    assert sorted(drawn.yaxis[0].major_label_overrides.values()) == ["Excitatory", "Inhibitory", "Thalamus"]


def test_many_spikes_are_counted_per_pixel_and_none_lost(recording, figure):
    import holoviews as hv

    picture = views.raster(recording(n_spikes=20_000))
    figure(picture)  # a page would call it with its ranges
    images = picture[()].traverse(lambda e: e, [hv.Image])
    assert [np.nansum(i.dimension_values(2)) for i in images] == [20_000] * 3


def test_zooming_counts_what_is_in_view(recording):
    import holoviews as hv

    r = recording(n_spikes=25_000)
    picture = views.raster(r, ["exc"])
    whole = picture.callback.callable(None, None, 400, 200).traverse(lambda e: e, [hv.Image])
    part = picture.callback.callable((100.05, 200.05), (39.5, -0.5), 400, 200).traverse(lambda e: e, [hv.Image])
    inside = ((r.spikes["exc"].times > 100.05) & (r.spikes["exc"].times < 200.05)).sum()
    assert np.nansum(whole[0].dimension_values(2)) == 25_000 and np.nansum(part[0].dimension_values(2)) == inside
    assert part[0].dimension_values(2, flat=False).shape == (100, 200)


def test_a_window_shows_only_its_spikes(recording, figure):
    drawn = figure(views.raster(recording(), ["exc"], 200, 300))
    assert (drawn.x_range.start, drawn.x_range.end) == (200, 300) and "Excitatory" in drawn.yaxis[0].axis_label


def test_two_populations_of_one_kind_differ_by_their_dash(recording, figure):
    r = recording()
    r.populations["inh"].sign = "excitatory"
    glyphs = [g.glyph for g in figure(views.rates(r, ["exc", "inh"])).renderers]
    assert glyphs[0].line_color == glyphs[1].line_color and glyphs[0].line_dash != glyphs[1].line_dash


def test_traces_show_the_neurons_asked_for(recording, figure):
    drawn = figure(views.traces(recording(), "exc", "v", ids=[2, 5]))
    assert [i.label.value for i in drawn.legend[0].items] == ["neuron 2", "neuron 5"]
    assert drawn.yaxis[0].axis_label == "Excitatory: v (mV)"
    assert len(figure(views.traces(recording())).renderers) == 6


def test_signed_weights_are_coloured_symmetrically_around_zero(recording, figure):
    drawn = figure(views.weight_matrix(recording()))
    bar = next(m for side in (drawn.right, drawn.above) for m in side if isinstance(m, ColorBar))
    assert bar.color_mapper.low == -bar.color_mapper.high and drawn.title.text == "Weight (nA)"


def test_a_large_matrix_is_averaged_and_keeps_blank_pairs_blank():
    from types import SimpleNamespace

    from studio.views.weights import matrix

    synapses = SimpleNamespace(sources=np.array([0, 1, 999]), targets=np.array([0, 0, 1999]), weights=np.array([1.0, 3.0, -2.0]))
    grid = matrix(synapses, 1000, 2000, finest=500)
    assert grid.shape == (500, 500) and grid[0, 0] == 2.0 and grid[499, 499] == -2.0
    assert np.isnan(grid).sum() == 500 * 500 - 2


@pytest.mark.parametrize(("duration", "width"), [(1000, 10), (250, 5), (1e6, 10_000), (0.5, 0.1)])
def test_bins_have_a_round_width(recording, duration, width):
    from studio.views.activity import round_width

    r = recording(n_spikes=0)
    r.duration = float(duration)
    assert round_width(r) == pytest.approx(width)
