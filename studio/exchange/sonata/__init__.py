"""SONATA, the open format of network models (https://github.com/AllenInstitute/sonata), written for NEST's neurons."""

from studio.exchange.sonata.writing import to_sonata, write

__all__ = ["to_sonata", "write"]
