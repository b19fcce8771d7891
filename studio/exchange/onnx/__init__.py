"""ONNX-neuromorphic: networks as ONNX models of the domain `ai.neuromorphic`, read and written."""

from studio.exchange.onnx.reading import from_onnx, read
from studio.exchange.onnx.running import run, stimulus, verify
from studio.exchange.onnx.writing import to_onnx, write

__all__ = ["from_onnx", "read", "run", "stimulus", "to_onnx", "verify", "write"]
