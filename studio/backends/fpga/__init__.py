"""FPGAs: a network as a digital design of its own, in Verilog, with fixed-point neurons."""

from __future__ import annotations

from studio.backends.fpga.backend import BACKENDS

__all__ = ["BACKENDS"]
