"""Benchmarks: the engine beside other simulators, each in its own environment. Not part of the package.

This file and `peers/` import nothing of the studio: they also run in the environments of the peers.
"""
