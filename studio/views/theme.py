"""How every picture looks: one set of options, light or dark, for HoloViews on Bokeh."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import holoviews as hv

from studio.views.palette import Theme, colour

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif'
HEIGHT = 240  # px, at least
MARGIN = 84  # px left of the axis, the same in every picture, so that stacked time axes line up
DASHES = ("solid", "dashed", "dotted", "dotdash", "dashdot")  # the second cue beside a colour
TIME = hv.Dimension("time", label="Time", unit="ms")  # one dimension: pictures side by side zoom together

if "bokeh" not in hv.Store.renderers:
    hv.extension("bokeh", logo=False)


def frame(theme: Theme, **more: Any) -> dict[str, Any]:
    """Plot options shared by every picture."""
    tools = ["xpan", "xwheel_zoom", "box_zoom", "save", "reset"]
    return {"responsive": True, "min_height": HEIGHT, "toolbar": "above", "default_tools": tools, "hooks": [_painter(theme)], **more}


def legend(shown: bool, entries: int = 1) -> dict[str, Any]:
    """A legend in rows above the picture, where it takes nothing from the time axis."""
    return {"legend_position": "top", "show_legend": shown, "legend_cols": min(entries, 6)}


def empty(text: str, theme: Theme, x: str = "Time (ms)", y: str = "") -> Any:
    """A calm picture that says why there is nothing to see."""
    note = hv.Text(0.5, 0.5, text, kdims=["nothing across", "nothing up"])
    bare = {"xlabel": x, "ylabel": y, "xticks": 0, "yticks": 0, "xlim": (0, 1), "ylim": (0, 1), "show_grid": False}
    return note.opts(**frame(theme), **bare, text_color=colour("ink-3", theme), text_font_size="13px")


def _painter(theme: Theme) -> Any:
    """A hook that dresses the finished figure, whatever page or notebook it stands in."""

    def paint(plot: Any, _: Any) -> None:
        figure = plot.handles["plot"]
        for model, look in _looks(figure, theme):
            model.update(**look)

    return paint


def _looks(figure: Any, theme: Theme) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each part of a figure with the properties it gets."""
    ink, quiet, line, surface = (colour(r, theme) for r in ("ink-2", "ink-3", "line", "surface"))
    yield (
        figure,
        {
            "background_fill_color": surface,
            "border_fill_color": surface,
            "outline_line_color": None,
            "min_border_left": MARGIN,
            "min_border_right": 16,
        },
    )
    yield figure.toolbar, {"logo": None, "autohide": True}
    yield figure.title, {"text_color": ink, "text_font": FONT, "text_font_size": "12px", "text_font_style": "normal", "align": "right"}
    for axis in figure.axis:
        yield axis, _axis(ink, quiet, colour("line-strong", theme))
    for grid in figure.grid:
        yield grid, {"grid_line_color": line if grid.grid_line_color else None}
    for box in figure.legend:
        look = {
            "background_fill_alpha": 0.0,
            "border_line_color": None,
            "location": "top_left",
            "padding": 0,
            "margin": 4,
            "spacing": 14,
            "glyph_width": 24,
        }
        yield box, look | {"label_text_color": ink, "label_text_font": FONT, "label_text_font_size": "12px", "label_standoff": 5}
    for side in (figure.left, figure.right, figure.above, figure.below):
        for part in side:
            if type(part).__name__ == "ColorBar":
                yield part, _colour_bar(quiet, surface)


def _axis(ink: str, quiet: str, line: str) -> dict[str, Any]:
    label = {
        "axis_label_text_color": ink,
        "axis_label_text_font": FONT,
        "axis_label_text_font_size": "12px",
        "axis_label_text_font_style": "normal",
    }
    ticks = {
        "major_label_text_color": quiet,
        "major_label_text_font": FONT,
        "major_label_text_font_size": "11px",
        "major_tick_line_color": line,
    }
    return (
        label
        | ticks
        | {"axis_line_color": line, "minor_tick_line_color": None, "major_tick_out": 4, "major_tick_in": 0, "axis_label_standoff": 8}
    )


def _colour_bar(quiet: str, surface: str) -> dict[str, Any]:
    ticks = {
        "major_label_text_color": quiet,
        "major_label_text_font": FONT,
        "major_label_text_font_size": "11px",
        "major_tick_line_color": None,
    }
    return ticks | {"background_fill_color": surface, "bar_line_color": None, "minor_tick_line_color": None}
