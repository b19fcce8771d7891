"""The joined system: names, linearity, methods, and the matrix against the derivatives it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.findings import FindingError
from studio.models.catalogue import builtin
from studio.models.language import Name, evaluate, evaluate_block, free_names
from studio.models.spec import Kinetics, Neuron, Param, State
from studio.models.system import System, join, total

CATALOGUE = builtin()


def neuron(key: str) -> Neuron:
    return CATALOGUE.get("neuron", key)


def kinetics(key: str) -> Kinetics:
    return CATALOGUE.get("kinetics", key)


def parameters(system: System, **changed: float) -> dict[str, Any]:
    """Default parameters of the neuron and of every receptor, and the derived values."""
    out: dict[str, Any] = {p.name: p.default for p in system.neuron.params} | {"dt": 0.1}
    for k, receptor in enumerate(system.receptors):
        out |= {f"r{k}_{p.name}": p.default for p in receptor.params}
    return evaluate_block(system.derived, out | changed)


def test_names_of_receptors_are_qualified_and_the_input_is_their_sum() -> None:
    system = join(neuron("lif"), [kinetics("exponential"), kinetics("alpha")])
    assert [s.name for s in system.states] == ["v", "r0_i_syn", "r1_rise", "r1_i_syn"]
    assert [s.owner for s in system.states] == [-1, 0, 1, 1]
    assert [s.clamped for s in system.states] == [True, False, False, False]
    assert "r0_tau" in system.params and "r1_tau" in system.params and "tau_m" in system.params
    assert free_names(system.current) == {"r0_i_syn", "r1_i_syn", "i_ext"}
    assert "i" not in {n for d in system.derivatives.values() for n in free_names(d)}
    assert system.jumps[1].targets == ("r1_rise",)
    assert system.derived.targets == ("r1_peak",)


@pytest.mark.parametrize(
    ("key", "receptors", "method"),
    [
        ("lif", (), "exact"),
        ("lif", ("delta", "exponential", "alpha", "pulse"), "exact"),
        ("lif", ("exponential", "conductance_exponential"), "rk4"),
        ("leaky_integrator", ("alpha",), "exact"),
        ("adex", ("exponential",), "rk4"),
        ("izhikevich", ("delta",), "step"),
        ("lif_euler", ("pulse",), "step"),
    ],
)
def test_exact_where_linear(key: str, receptors: tuple[str, ...], method: str) -> None:
    system = join(neuron(key), [kinetics(r) for r in receptors])
    assert system.method == method
    assert system.linear == (method in ("exact", "step"))


def test_a_method_is_taken_where_it_is_offered() -> None:
    assert join(neuron("adex"), (), "adaptive").method == "adaptive"
    assert join(neuron("lif"), (), "adaptive").method == "adaptive"
    assert join(neuron("izhikevich"), (), "adaptive").method == "step"
    assert join(neuron("adex"), (), "exact").method == "rk4"


@pytest.mark.parametrize("key", ["lif", "leaky_integrator"])
def test_the_matrix_is_the_derivative(key: str) -> None:
    system = join(neuron(key), [kinetics(k) for k in ("delta", "exponential", "alpha", "pulse")])
    values = parameters(system, r1_tau=3.0, r2_tau=1.5)
    rng = np.random.default_rng(1)
    values |= {s: rng.normal() for s in system.flowing} | {"i_ext": 0.7}
    a, c, b = system.matrix()
    for row, derivative in system.derivatives.items():
        terms = [evaluate(e, values) * values[col] for (r, col), e in a.items() if r == row]
        terms += [evaluate(c[row], values)] if row in c else []
        terms += [evaluate(e, values) * values[u] for (r, u), e in b.items() if r == row]
        assert sum(terms) == pytest.approx(evaluate(derivative, values), rel=1e-12, abs=1e-12)


def test_the_matrix_of_a_nonlinear_system_is_refused_in_words() -> None:
    with pytest.raises(FindingError, match="not linear"):
        join(neuron("lif"), [kinetics("conductance_exponential")]).matrix()


def test_a_step_neuron_leaves_its_receptors_to_their_own_flow() -> None:
    system = join(neuron("izhikevich"), [kinetics("exponential")])
    assert system.flowing == ("r0_i_syn",)
    a, c, b = system.matrix()
    assert set(a) == {("r0_i_syn", "r0_i_syn")} and not c and not b
    assert system.step is not None and "r0_i_syn" in {n for x in system.step for n in free_names(x.value)}


def test_the_resting_state_of_every_neuron_without_input_is_where_it_starts() -> None:
    for key in ("lif", "leaky_integrator"):
        system = join(neuron(key), [kinetics("exponential")])
        values = parameters(system)
        values |= {s.name: evaluate(s.start, values) for s in system.states} | {"i_ext": 0.0}
        assert all(evaluate(d, values) == 0.0 for d in system.derivatives.values())


def test_an_alpha_current_peaks_at_its_weight_after_tau() -> None:
    system = join(neuron("lif"), [kinetics("alpha")])
    values = parameters(system, r0_tau=2.0)
    state = evaluate_block(system.jumps[0], values | {"r0_rise": 0.0, "r0_i_syn": 0.0, "w": 0.3})
    x = np.array([state["r0_rise"], state["r0_i_syn"]])
    h = 1e-3
    current = []
    for _ in range(4000):
        k = [np.array([-x[0] / 2, x[0] - x[1] / 2])]
        mid = x + h / 2 * k[0]
        x = x + h * np.array([-mid[0] / 2, mid[0] - mid[1] / 2])
        current.append(x[1])
    assert max(current) == pytest.approx(0.3, rel=1e-5)
    assert (np.argmax(current) + 1) * h == pytest.approx(2.0, abs=2e-3)


def test_the_right_side_of_adex_stays_finite_far_above_the_peak() -> None:
    system = join(neuron("adex"))
    values = parameters(system) | {"v": 1e6, "w_adapt": 0.0, "i_ext": 0.0}
    assert np.isfinite(evaluate(system.derivatives["v"], values))


def test_izhikevich_steps_by_forward_euler_or_by_the_papers_half_steps() -> None:
    system = join(neuron("izhikevich"))
    assert system.step is not None
    v, u, h, i = -60.0, -12.0, 0.1, 5.0
    values = parameters(system) | {"v": v, "u": u, "i_ext": i / 1000}
    euler = evaluate_block(system.step, values)
    assert euler["v"] == pytest.approx(v + h * (0.04 * v * v + 5 * v + 140 - u + i), rel=1e-14)
    assert euler["u"] == pytest.approx(u + h * 0.02 * (0.2 * v - u), rel=1e-14)
    paper = evaluate_block(system.step, values | {"original": 1})
    for _ in range(2):
        v += h / 2 * (0.04 * v * v + 5 * v + 140 - u + i)
    assert paper["v"] == pytest.approx(v, rel=1e-14)
    assert paper["u"] == pytest.approx(u + h * 0.02 * (0.2 * v - u), rel=1e-14)


def test_many_receptors_make_a_shallow_sum() -> None:
    system = join(neuron("lif"), [kinetics("exponential")] * 300)
    assert system.linear and len(system.matrix()[0]) == 1 + 300 + 300


def test_terms_are_added_pairwise_in_order() -> None:
    tree = total([Name(n) for n in "abcde"])
    assert evaluate(tree, dict(zip("abcde", (1, 2, 3, 4, 5), strict=True))) == 15


def test_a_kinetics_on_v_needs_a_neuron_with_v() -> None:
    integrator = Neuron(key="x", title="X", doc="X.", source="", states=(State("q", "0", "", ""),), equations="dq/dt = i", method="exact")
    with pytest.raises(FindingError, match="does not have"):
        join(integrator, [kinetics("delta")])
    with pytest.raises(FindingError, match="does not have"):
        join(integrator, [kinetics("conductance_exponential")])
    assert join(integrator, [kinetics("exponential")]).linear


def test_a_step_neuron_refuses_a_receptor_that_is_not_linear_in_itself() -> None:
    cubic = Kinetics(
        key="c", title="C", doc="C.", source="", states=(State("x", "0", "nA", ""),), equations="dx/dt = -x*x*x", jump="x += w", current="x"
    )
    with pytest.raises(FindingError, match="linear in themselves"):
        join(neuron("izhikevich"), [cubic])


def test_wrong_texts_are_refused_in_words() -> None:
    wrong = Neuron(key="bad", title="Bad", doc="", source="", params=(Param("tau", 1.0, "ms", ""),), equations="dv/dt = -v/tau")
    with pytest.raises(FindingError, match="“v”"):
        join(wrong)


def test_draws_are_seen() -> None:
    noisy = Neuron(
        key="n", title="N", doc="", source="", states=(State("v", "0", "", ""),), step="v += normal()", method="step", methods=("step",)
    )
    assert join(noisy).random and not join(neuron("lif")).random
