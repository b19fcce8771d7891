"""Our spike train distances equal elephant's."""

import json
from pathlib import Path

import numpy as np
import pytest

from studio import analysis
from studio.analysis import Trains

DATA = json.loads((Path(__file__).parent / "data" / "distances.json").read_text())


def train(steps):
    return Trains("x", 1, 0.0, DATA["duration_ms"], DATA["dt_ms"], np.array(steps) * DATA["dt_ms"], np.zeros(len(steps), np.int64))


@pytest.mark.parametrize("case", DATA["cases"])
def test_both_distances_are_elephants(case):
    a, b = train(case["a_steps"]), train(case["b_steps"])
    assert analysis.van_rossum(a, b, case["tau_ms"])[0] == pytest.approx(case["van_rossum"], rel=1e-12)
    assert analysis.victor_purpura(a, b, case["cost_per_ms"])[0] == pytest.approx(case["victor_purpura"], rel=1e-12)
