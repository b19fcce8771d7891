"""The random numbers that the engine draws for neurons, step by step: what an exported model is fed with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from studio.engine import random


def numbers(seed: int, path: str, k: int, law: str, steps: int, n: int, whole: bool) -> np.ndarray:
    """Draw k of a population in the engine's run, [steps, n], in single precision; `whole`: rounded down, so that none reaches a whole number."""
    out = np.empty((steps, n))
    key = np.uint64(random.path_key(seed, path, "draws"))
    (_uniform if law == "uniform" else _normal)(out, key, k)
    single = out.astype(np.float32)
    return np.where(single > out, np.nextafter(single, np.float32(-np.inf)), single) if whole else single


@njit(error_model="numpy")
def _uniform(out: Any, key: Any, k: int) -> None:
    for t in range(out.shape[0]):
        own = random.subkey(key, np.uint64(t), np.uint64(k))
        for i in range(out.shape[1]):
            out[t, i] = random.uniform(own, np.uint32(i))


@njit(error_model="numpy")
def _normal(out: Any, key: Any, k: int) -> None:
    for t in range(out.shape[0]):
        own = random.subkey(key, np.uint64(t), np.uint64(k))
        for i in range(out.shape[1]):
            out[t, i] = random.normal(own, np.uint32(i))
