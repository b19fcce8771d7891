"""The texts of plasticity rules and devices against their closed forms."""

from __future__ import annotations

import pytest

from studio.models.catalogue import builtin
from studio.models.language import evaluate_block, read_block, scope, sure
from studio.models.spec import Model


def run(model: Model, part: str, **values: float) -> float:
    names = {p.name: p.default for p in model.params} | values
    block = sure(read_block(getattr(model, part), scope(set(names) - {"w"}, {"w"})))
    return float(evaluate_block(block, names)["w"])


STDP = builtin().get("plasticity", "stdp_pair")
SOFT = builtin().get("device", "soft_bounds")


@pytest.mark.parametrize("mu", [0.0, 0.5, 1.0])
def test_pair_stdp_follows_its_power_law(mu: float) -> None:
    up = run(STDP, "on_post", w=2.0, w_max=5.0, learning_rate=0.1, mu_plus=mu, k_plus=0.7)
    assert up == pytest.approx(5 * (0.4 + 0.1 * 0.6**mu * 0.7), rel=1e-14)
    down = run(STDP, "on_pre", w=2.0, w_max=5.0, learning_rate=0.1, alpha=1.2, mu_minus=mu, k_minus=0.7)
    assert down == pytest.approx(5 * (0.4 - 1.2 * 0.1 * 0.4**mu * 0.7), rel=1e-14)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_pair_stdp_stays_between_zero_and_its_largest_weight(sign: float) -> None:
    assert run(STDP, "on_post", w=sign * 4.9, w_max=sign * 5.0, learning_rate=1.0, mu_plus=0.0, k_plus=3.0) == sign * 5.0
    assert run(STDP, "on_pre", w=sign * 0.1, w_max=sign * 5.0, learning_rate=1.0, mu_minus=0.0, k_minus=3.0) == 0.0


def test_soft_bounds_are_those_of_the_pulsed_device() -> None:
    """With bounds -m and m a pulse moves w by U (1 - w/m) up and by U (1 + w/m) down; the requested change is 2 U, the range."""
    m, u, w = 0.6, 0.001, 0.2
    assert run(SOFT, "write", w=w, dw=2 * u, w_min=-m, w_max=m) == pytest.approx(w + u * (1 - w / m), rel=1e-14)
    assert run(SOFT, "write", w=w, dw=-2 * u, w_min=-m, w_max=m) == pytest.approx(w - u * (1 + w / m), rel=1e-14)


def test_soft_bounds_never_leave_their_range() -> None:
    assert run(SOFT, "write", w=0.9, dw=100.0) == 1.0
    assert run(SOFT, "write", w=0.1, dw=-100.0) == 0.0
    assert run(SOFT, "write", w=1.0, dw=0.3) == 1.0
