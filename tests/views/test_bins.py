import subprocess
import sys

import numpy as np
import pytest

from studio.views.bins import density, grid


def test_every_spike_inside_is_counted_once():
    rng = np.random.default_rng(0)
    steps, rows = rng.integers(0, 10_000, 50_000), rng.integers(0, 3_000, 50_000)
    d = density(steps, rows, 2_000, 7_000, 3_000, columns=300, lines=200)
    assert d.counts.shape == (200, 300) and d.counts.dtype == np.uint16
    assert int(d.counts.sum()) == d.total == int(((steps >= 2_000) & (steps < 7_000)).sum())


def test_a_spike_falls_in_the_bin_of_its_row_and_step():
    d = density(np.array([0, 99]), np.array([0, 9]), 0, 100, 10, columns=4, lines=5)
    assert d.counts[0, 0] == 1 and d.counts[4, 3] == 1


def test_there_are_never_more_bins_than_rows_or_steps():
    assert density(np.array([3]), np.array([1]), 0, 5, 2).counts.shape == (2, 5)
    assert density(np.zeros(0), np.zeros(0), 0, 0, 0).counts.shape == (1, 1)


def test_a_full_bin_saturates_and_says_so():
    d = density(np.zeros(70_000, int), np.zeros(70_000, int), 0, 1, 1)
    assert d.counts.max() == 65_535 and d.saturated and d.total == 70_000
    assert len(d.to_bytes()) == 2


def test_a_grid_counts_float_coordinates_with_both_edges():
    counts = grid(np.array([0.0, 9.99, 10.0, 10.1]), np.array([0.0, 1.0, 2.0, 1.0]), (0, 10), (0, 2), columns=5, lines=2)
    assert counts.tolist() == [[1, 0, 0, 0, 0], [0, 0, 0, 0, 2]]
    assert grid(np.ones(3), np.ones(3), (1, 1), (0, 2), 4, 4).sum() == 0


@pytest.mark.parametrize("module", ["studio.views.bins", "studio.views.palette"])
def test_bins_and_palette_load_without_holoviews(module):
    code = f"import sys, {module}; assert 'holoviews' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
