import numpy as np
import pytest

from studio.analysis import boltzmann
from studio.findings import FindingError

WEIGHTS = np.array([[0.0, 1.5, -2.0], [1.5, 0.0, 0.5], [-2.0, 0.5, 0.0]])
BIAS = np.array([0.3, -1.0, 0.2])


def gibbs(weights, bias, n, seed=1):
    """One unit after the other, from its conditional probability: the textbook's sampler."""
    rng = np.random.default_rng(seed)
    z = np.zeros(len(bias))
    out = np.empty((n, len(bias)))
    for k in range(n):
        for i in range(len(bias)):
            z[i] = rng.random() < 1 / (1 + np.exp(-(bias[i] + weights[i] @ z)))
        out[k] = z
    return out


def test_one_unit_is_on_as_often_as_its_bias_says():
    assert boltzmann.exact(np.zeros((1, 1)), np.array([0.7])) == pytest.approx([1 / (1 + np.exp(0.7)), 1 / (1 + np.exp(-0.7))])


def test_two_units_by_hand():
    weight, bias = 1.2, (0.4, -0.5)
    odds = np.exp([0.0, bias[0], bias[1], bias[0] + bias[1] + weight])
    assert boltzmann.exact(np.array([[0, weight], [weight, 0]]), np.array(bias)) == pytest.approx(odds / odds.sum())


def test_a_gibbs_sampler_comes_as_close_as_chance_allows():
    wanted = boltzmann.exact(WEIGHTS, BIAS)
    sampled = boltzmann.empirical(gibbs(WEIGHTS, BIAS, 20_000))
    assert 0.0 < boltzmann.divergence(sampled, wanted) < 1e-3  # 7/40000 for independent samples; neighbours in time are not
    assert boltzmann.marginals(sampled) == pytest.approx(boltzmann.marginals(wanted), abs=0.02)


def test_another_machine_is_far_away():
    sampled = boltzmann.empirical(gibbs(WEIGHTS, BIAS, 5_000))
    assert boltzmann.divergence(sampled, boltzmann.exact(-WEIGHTS, BIAS)) > 0.3


def test_the_bits_of_a_state_are_its_units():
    sampled = boltzmann.empirical([[1, 0, 0], [1, 0, 1], [1, 0, 1], [0, 0, 0]])
    assert sampled.tolist() == [0.25, 0.25, 0, 0, 0, 0.5, 0, 0]
    assert boltzmann.marginals(sampled).tolist() == [0.75, 0.0, 0.5]


def test_divergence_is_zero_for_equals_and_infinite_for_the_impossible():
    p = boltzmann.exact(WEIGHTS, BIAS)
    assert boltzmann.divergence(p, p) == 0.0
    assert boltzmann.divergence(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == np.inf


@pytest.mark.parametrize(
    ("weights", "bias", "said"),
    [
        (np.zeros((21, 21)), np.zeros(21), "at most 20 units"),
        (np.zeros((2, 2)), np.zeros(3), "do not couple 3 units"),
        (np.array([[0.0, 1.0], [2.0, 0.0]]), np.zeros(2), "not symmetric"),
        (np.eye(2), np.zeros(2), "empty diagonal"),
    ],
)
def test_what_has_no_such_distribution_is_refused_in_words(weights, bias, said):
    with pytest.raises(FindingError, match=said):
        boltzmann.exact(weights, bias)


def test_samples_must_be_times_by_units():
    with pytest.raises(FindingError, match="times, units"):
        boltzmann.empirical([0, 1, 1])
    with pytest.raises(FindingError, match="at most 20"):
        boltzmann.empirical(np.zeros((3, 25)))
    with pytest.raises(FindingError, match="cannot be compared"):
        boltzmann.divergence(np.ones(4) / 4, np.ones(8) / 8)
