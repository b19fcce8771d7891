import re
from pathlib import Path

import pytest

from studio.views import palette

TOKENS = Path(__file__).parents[2] / "widgets" / "canvas" / "styles" / "tokens.css"


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_the_canvas_has_the_same_colours():
    css = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", TOKENS.read_text()))
    shared = {role: ", ".join(pair) for role, pair in palette.PALETTE.items()}
    assert {role: css.get(role) for role in shared} == shared


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("role", ["ink", "ink-2", "ink-3", "exc", "inh", "src", "dev", "mix", "error", "warning"])
def test_text_and_marks_can_be_read_on_their_surface(role, theme):
    assert contrast(palette.colour(role, theme), palette.colour("surface", theme)) >= 4.5


def test_ramps_end_where_they_should():
    scale = palette.ramp("#000000", "#ff8000", 3)
    assert scale == ["#000000", "#804000", "#ff8000"]
    assert palette.diverging("dark")[0] == palette.colour("inhibitory", "dark") and len(palette.diverging()) == 256
