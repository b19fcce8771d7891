"""Every colour of the studio in one table, light and dark; the canvas's `tokens.css` holds the same values (a test compares them).

Colour carries meaning only: excitatory blue, inhibitory orange, source green, device violet; told apart by the colour-blind, and always
with a second cue (position, dash, label). Text colours keep a contrast of 4.5 on their surface.
"""

from __future__ import annotations

from typing import Literal

Theme = Literal["light", "dark"]

# role -> (light, dark); the role is the name of the CSS variable
PALETTE: dict[str, tuple[str, str]] = {
    "paper": ("#f6f6f7", "#161719"),
    "surface": ("#ffffff", "#1d1e21"),
    "line": ("#e4e4e8", "#2e3035"),
    "line-strong": ("#c9c9d1", "#474a52"),
    "ink": ("#1b1c22", "#eeeef2"),
    "ink-2": ("#565964", "#aeb0ba"),
    "ink-3": ("#6d707c", "#8f929d"),
    "exc": ("#1763b8", "#64acf5"),
    "inh": ("#c2440c", "#ff9159"),
    "src": ("#0b7a63", "#3cc6a5"),
    "dev": ("#7546bd", "#b598f2"),
    "mix": ("#5b5e69", "#a5a8b3"),
    "error": ("#c01530", "#ff7583"),
    "warning": ("#8a5a00", "#e2b340"),
}

KINDS = {"excitatory": "exc", "inhibitory": "inh", "source": "src", "device": "dev"}  # what a population is -> role

# several things of one kind side by side (traces of single neurons): in this order
SERIES: tuple[tuple[str, str], ...] = (
    PALETTE["exc"],
    PALETTE["inh"],
    PALETTE["src"],
    PALETTE["dev"],
    PALETTE["warning"],
    PALETTE["mix"],
)


def colour(role: str, theme: Theme = "light") -> str:
    """The colour of a role of the table, or of a kind of population ("excitatory", "source" ...), as #rrggbb."""
    return PALETTE[KINDS.get(role, role)][_column(theme)]


def series(index: int, theme: Theme = "light") -> str:
    """The colour of the index-th of several alike."""
    return SERIES[index % len(SERIES)][_column(theme)]


def ramp(start: str, stop: str, steps: int = 256) -> list[str]:
    """Colours from one #rrggbb to another, evenly spaced."""
    a, b = _rgb(start), _rgb(stop)
    return ["#" + "".join(f"{round(x + (y - x) * k / (steps - 1)):02x}" for x, y in zip(a, b)) for k in range(steps)]


def diverging(theme: Theme = "light") -> list[str]:
    """Inhibitory orange over the surface's colour to excitatory blue, for signed weights around zero."""
    middle = colour("surface", theme)
    return ramp(colour("inh", theme), middle, 128) + ramp(middle, colour("exc", theme), 128)


def _rgb(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _column(theme: Theme) -> int:
    return 1 if theme == "dark" else 0
