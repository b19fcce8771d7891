"""What connectors lower to, and how many synapses they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.findings import FindingError
from studio.models import spec
from studio.models.catalogue import builtin


@pytest.mark.parametrize(
    ("key", "params", "form", "expected"),
    [
        ("all_to_all", {"autapses": 0}, spec.AllToAll(False), 60),
        ("one_to_one", {}, spec.OneToOne(), 6),
        ("probability", {"p": 0.5}, spec.Bernoulli(0.5, True), 30),
        ("fixed_in_degree", {"k": 3}, spec.InDegree(3, True), 30),
        ("fixed_out_degree", {"k": 3}, spec.OutDegree(3, True), 18),
        ("fixed_total_number", {"n": 7.0}, spec.TotalNumber(7, True), 7),
        ("regular", {"k": 5, "autapses": 0}, spec.Regular(5, False), 30),
    ],
)
def test_a_connector_becomes_a_scheme(key: str, params: dict[str, Any], form: object, expected: float) -> None:
    model = builtin().get("connector", key)
    values = {p.name: p.default for p in model.params} | params
    assert model.lower(values, 6, 10) == form
    assert model.expected(values, 6, 10) == expected


def test_an_explicit_list_is_checked_against_both_sides() -> None:
    model = builtin().get("connector", "explicit")
    form = model.lower({"sources": [0, 5.0], "targets": np.array([9, 0], np.uint8)}, 6, 10)
    assert form.sources.tolist() == [0, 5] and form.targets.tolist() == [9, 0] and form.sources.dtype == np.int64
    assert model.expected({"sources": [0, 5]}, 6, 10) == 2 and model.expected({"sources": {"data": "x"}}, 6, 10) == 0
    for sources, targets, words in (
        ([6], [0], "0 to 5"),
        ([0], [10], "0 to 9"),
        ([0], [0, 1], "same length"),
        ([0.5], [0], "whole"),
        ([-1], [0], "0 to 5"),
    ):
        with pytest.raises(FindingError, match=words):
            model.lower({"sources": sources, "targets": targets}, 6, 10)
    assert model.lower({"sources": None, "targets": None}, 6, 10).sources.size == 0


@pytest.mark.parametrize(("k", "near"), [(1, "try 5."), (6, "try 5 or 10.")])
def test_unequal_inputs_are_refused_with_the_numbers_that_work(k: int, near: str) -> None:
    model = builtin().get("connector", "regular")
    with pytest.raises(FindingError) as caught:
        model.lower({"k": k, "autapses": 1}, 6, 10)
    (finding,) = caught.value.findings
    assert "multiple of 5" in finding.fix and near in finding.fix and "10 targets" in finding.text
