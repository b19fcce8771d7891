"""A made-up machine, the example of a back end: 16 cores with 64 leaky neurons each and 8-bit weights. Its artefact is the program's own text."""

from __future__ import annotations

from studio.backends.mock.backend import BACKENDS

__all__ = ["BACKENDS"]
