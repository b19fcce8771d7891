"""Memristor crossbars: synapses are conductances on tiles, neurons are computed beside them. Guide: docs/guide/chips-crossbar.md."""

from __future__ import annotations

from studio.backends.crossbar.backend import BACKENDS

__all__ = ["BACKENDS"]
