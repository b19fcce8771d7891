"""NIR, the neuromorphic intermediate representation (https://neuroir.org), read and written."""

from studio.exchange.nir.reading import from_graph, read
from studio.exchange.nir.signals import output, with_input
from studio.exchange.nir.writing import to_nir, write

__all__ = ["from_graph", "output", "read", "to_nir", "with_input", "write"]
