"""Lists of elements, counted from 0, as a connector or a source is given them."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.findings import Finding, FindingError


def indices(name: str, given: Any, n: int) -> np.ndarray:
    """The list as int64 (n_given,); raise FindingError for what is no whole number, or no element of `n`. None is the empty list."""
    array = np.asarray([] if given is None else given).ravel()
    if array.size and not (np.issubdtype(array.dtype, np.number) and np.array_equal(array, np.floor(array))):
        raise FindingError([Finding("bounds.number", "error", "", f"“{name}” must hold whole numbers.")])
    if array.size and not (array.min() >= 0 and array.max() < n):
        text = f"“{name}” goes from {array.min():.15g} to {array.max():.15g}; allowed is 0 to {n - 1}."
        raise FindingError([Finding("bounds.high", "error", "", text)])
    return array.astype(np.int64)


def paired(**lists: np.ndarray) -> None:
    """Raise FindingError where two lists that belong together are not of one length."""
    (one, first), (other, second) = lists.items()
    if first.size != second.size:
        text = f"“{one}” holds {first.size} values and “{other}” {second.size}."
        raise FindingError([Finding("size.mismatch", "error", "", text, "Give both the same length.")])
