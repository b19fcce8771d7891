"""Rules with a memory in every synapse or source, against closed forms and sums over spikes."""

from __future__ import annotations

import numpy as np
import pytest
from models.protocols import learned, poisson_trains

DELAY = 0.1
PRE, POST = poisson_trains(6, 60.0, 300.0, 11, 0.2), poisson_trains(6, 50.0, 300.0, 12, 0.2)  # 0.2 ms and a delay of 0.1: no ties
ADDITIVE = {"w_max": 10.0, "learning_rate": 0.01, "alpha": 1.2, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 15.0, "tau_minus": 25.0}


def pairs_sum(scheme: str, x: np.ndarray, y: np.ndarray) -> float:
    """The change of w / w_max by the pairs that a scheme counts (Morrison 2008, figure 7); y: when the target's spikes reach the synapse."""
    events = sorted([(t, "post") for t in y] + [(t, "pre") for t in x])
    assert np.abs(x[:, None] - y[None, :]).min() > 0.01, "a tie would be a matter of taste"
    change = 0.0
    for k, (now, side) in enumerate(events):
        before = [t for t, other in events[:k] if other != side]
        if scheme == "restr" and k and events[k - 1][1] == side:
            continue
        if scheme == "pre_centered" and side == "post":  # every arrival since the last spike of the target
            last = max((t for t, other in events[:k] if other == "post"), default=-np.inf)
            before = [t for t in before if t > last]
        else:
            before = before[-1:]
        size, tau = (0.01, 15.0) if side == "post" else (-0.012, 25.0)
        change += sum(size * np.exp(-(now - t) / tau) for t in before)
    return change


@pytest.mark.parametrize(
    "scheme", [pytest.param("symm", marks=pytest.mark.thorough), "pre_centered", pytest.param("restr", marks=pytest.mark.thorough)]
)
def test_nearest_spikes_pair_as_drawn_in_the_review(scheme: str) -> None:
    expected = [5.0 + 10.0 * pairs_sum(scheme, x, y + DELAY) for x, y in zip(PRE, POST, strict=True)]
    assert learned(f"stdp_nn_{scheme}", PRE, POST, 5.0, 310.0, **ADDITIVE) == pytest.approx(np.array(expected), rel=1e-12)


def test_nearest_triplets_are_those_of_the_paper() -> None:
    """Equations 3 and 4 of Pfister and Gerstner with variables that a spike sets to 1."""
    a = {"a2_plus": 1e-3, "a3_plus": 2e-2, "a2_minus": 1.5e-3, "a3_minus": 5e-3}

    def trace(at: float, spikes: np.ndarray, tau: float) -> float:
        earlier = spikes[spikes < at - 1e-9]
        return float(np.exp(-(at - earlier[-1]) / tau)) if len(earlier) else 0.0

    expected = []
    for x, y in zip(PRE, [y + DELAY for y in POST], strict=True):
        up = sum(trace(q, x, 16.8) * (a["a2_plus"] + a["a3_plus"] * trace(q, y, 40.0)) for q in y)
        down = sum(trace(t, y, 33.7) * (a["a2_minus"] + a["a3_minus"] * trace(t, x, 714.0)) for t in x)
        expected.append(5.0 + 10.0 * (up - down))
    assert learned("stdp_triplet_nearest", PRE, POST, 5.0, 310.0, w_max=10.0, **a) == pytest.approx(np.array(expected), rel=1e-12)


def test_one_pair_and_one_reward_change_the_weight_by_their_product() -> None:
    """Izhikevich 2007: eligibility of one pair, dopamine of one reward 0.5 s later, multiplied and summed at every interval."""
    reward, lag, interval, dt = 610.0, 10.0, 10.0, 0.1
    w = learned(
        "reward_stdp", [[100.0], [100.0]], [[100.0 + lag - DELAY], [100.0 - lag - DELAY]], 5.0, 1500.0,
        signals={"reward": [[reward]]}, w_max=10.0, tonic=0.0, gain=0.02, interval=interval, tau_eligibility=700.0,
    )  # fmt: skip
    looks = np.arange(1, 150) * interval  # the look at t comes before the step that begins at t, and sees what an arrival in it would
    dopamine = np.where(looks + dt > reward, np.exp(-(looks + dt - reward) / 200.0), 0.0)
    for k, size in enumerate((0.025 * np.exp(-lag / 20.0), -0.0375 * np.exp(-lag / 20.0))):
        first = looks[looks >= (100.0 + lag if k == 0 else 100.0) - 1e-9][0]  # when the pair is complete
        eligibility = np.where(looks >= first, size * np.exp(-(looks - first) / 700.0), 0.0)
        assert w[k] == pytest.approx(5.0 + 10.0 * (eligibility * 0.02 * dopamine).sum() * interval, abs=2e-6), k
    assert w[0] > 5.0 > w[1]


def test_without_reward_nothing_is_learned() -> None:
    assert (learned("reward_stdp", PRE, POST, 5.0, 310.0, signals={"reward": [[400.0]]}, w_max=10.0, tonic=0.0) == 5.0).all()


def chain(depths: int, ratio: float, strong: bool) -> np.ndarray:
    """The matrix of one potentiating (strong) or depressing event on the states (weak 1..n, strong 1..n), as in figure 3 of Fusi et al."""
    n = depths
    out = np.eye(2 * n)
    own, other = (n, 0) if strong else (0, n)
    for k in range(1, n + 1):
        switch = ratio ** (k - 1) / (1 - ratio if k == n else 1)
        out[other + k - 1, other + k - 1] -= switch
        out[other + k - 1, own] += switch
        if k < n:
            sink = ratio**k / (1 - ratio)
            out[own + k - 1, own + k - 1] -= sink
            out[own + k - 1, own + k] += sink
    return out


def confirmed(order: str, n: int, depths: int) -> tuple[float, float]:
    """The part of n synapses that are strong after pairs in causal (+) and other (-) order, and what the chain says."""
    pre = [10.0 + 30.0 * k for k in range(len(order))]
    post = [t + (0.1 if sign == "+" else -0.1) - DELAY for t, sign in zip(pre, order, strict=True)]
    sure = {"p_plus": 1.0, "p_minus": 1.0, "tau_plus": 1.0, "tau_minus": 1.0}  # a pair is an event with probability exp(-0.1), no other is
    w = learned("cascade", [pre] * n, [post] * n, 0.0, pre[-1] + 10.0, depths=depths, **sure)
    assert set(np.unique(w)) <= {0.0, 1.0}
    states, happens = np.eye(2 * depths)[0], np.exp(-0.1)
    for sign in order:
        states = happens * states @ chain(depths, 0.5, sign == "+") + (1 - happens) * states
    return float(w.mean()), float(states[depths:].sum())


def test_cascade_moves_as_its_markov_chain_and_keeps_what_was_confirmed() -> None:
    n = 1500
    once, often = (confirmed(order, n, 5) for order in ("+--", "++++++++++--"))
    for found, expected in (once, often):
        assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / n)
    assert often[0] > once[0] + 0.2


def test_bistable_hidden_variable_drifts_to_the_nearer_side() -> None:
    """One push of 0.3 from the weak side falls back; two within a short time cross the middle, and then it stays strong."""
    post = [np.arange(10.0, 400.0, 4.0)] * 2  # calcium near 60 / 4 = 15: in range
    quick = {"jump_up": 0.3, "up_high": 20.0, "down_high": 0.0, "theta_v": -1000.0, "drift_up": 0.002, "drift_down": 0.002}
    w = learned("bistable_brader", [[200.0], [200.0, 220.0]], post, 0.0, 400.0, w_low=0.0, w_high=2.0, **quick)
    assert w.tolist() == [0.0, 2.0]


@pytest.mark.parametrize(("calcium", "push"), [("high", 0.0), ("low", 0.0), ("right", 2.0)])
def test_bistable_learns_only_while_calcium_is_in_range(calcium: str, push: float) -> None:
    every = {"high": 2.0, "low": 60.0, "right": 8.0}[calcium]  # mean calcium 30, 1 and 7.5; allowed 3 to 13
    post = [np.arange(5.05, 500.0, every).round(1)]
    w = learned("bistable_brader", [np.arange(300.0, 400.0, 5.0)], post, 0.0, 500.0, w_high=2.0, theta_v=-1000.0, down_high=0.0)
    assert w[0] == push
