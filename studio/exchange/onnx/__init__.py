"""ONNX-neuromorphic: networks as ONNX models of the domain `ai.neuromorphic`, read and written."""

from studio.exchange.onnx.writing import to_onnx, write

__all__ = ["to_onnx", "write"]
