"""Intel's Loihi: leaky neurons as integers, cores, synapse lists, a register file and a Lava program."""

from __future__ import annotations

from studio.backends.loihi.backend import BACKENDS

__all__ = ["BACKENDS"]
