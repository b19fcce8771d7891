"""SpiNNaker: boards of 48 chips, multicast routers, and cores whose software is sPyNNaker's. SpiNNaker 2 as far as its constraints go."""

from __future__ import annotations

from studio.backends.spinnaker.backend import BACKENDS

__all__ = ["BACKENDS"]
