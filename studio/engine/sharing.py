"""How a total number of synapses is shared by the sources."""

from __future__ import annotations

import numpy as np
from numba import njit

from studio.engine.binomials import binomial


@njit(cache=True, error_model="numpy")
def share(key, n, n_source):  # type: ignore[no-untyped-def]
    """How many of `n` synapses each source has, int64 (n_source,): a multinomial with equal chances."""
    degrees = np.zeros(n_source, np.int64)
    left = n
    for source in range(n_source):
        rest = n_source - source
        degrees[source] = left if rest == 1 else binomial(key, source, left, 1.0 / rest)
        left -= degrees[source]
    return degrees
