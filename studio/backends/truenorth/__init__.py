"""TrueNorth: integer neurons on cores of 256 axons and 256 neurons, written in RANC's open format."""

from __future__ import annotations

from studio.backends.truenorth.backend import BACKENDS

__all__ = ["BACKENDS"]
