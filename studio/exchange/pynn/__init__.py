"""PyNN: a readable script that runs on NEST and on sPyNNaker."""

from __future__ import annotations

from studio.exchange.pynn.writing import script, write

__all__ = ["script", "write"]
