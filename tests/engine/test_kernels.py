"""Kernels: every neuron with every receptor equals the reference; closed forms; files in the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from engine.networks import CATALOGUE, fired, network, population, projection, source

from studio.engine import reference
from studio.engine.kernels import Variant, render_kernel
from studio.engine.propagator import expm, numbers, structure
from studio.engine.run import simulate
from studio.findings import FindingError
from studio.models.system import join
from studio.network.flat import Drawn, FlatNetwork, Record

CURRENT = {"nA": 0.4, "mV": 1.5, "uS": 0.01}
PAIRS = [(n.key, k.key) for n in CATALOGUE.all("neuron") for k in CATALOGUE.all("kinetics")]
PAIRS += [(n.key, None) for n in CATALOGUE.all("neuron")]


def driven(neuron: str, kinetics: str | None, method: str | None = None, steps: int = 300) -> FlatNetwork:
    """A dozen neurons, some parameters drawn, driven by a current and by spikes of one kinetics."""
    model = CATALOGUE.get("neuron", neuron)
    own = {
        p.name: Drawn("normal", p.default, abs(p.default) * 0.02) for p in model.params if p.role in ("threshold", "reset") and p.default
    }
    links = [projection("i", "i", "c", weight=1.0, delay=0.5, kinetics=None)]
    sources = [source("i", 1, "step_current", amplitude={"izhikevich": 0.01, "adex": 1.0, "lif_euler": 3.0}.get(neuron, 0.5), start=2.0)]
    if kinetics:
        weight = CURRENT[CATALOGUE.get("kinetics", kinetics).weight_unit]
        links.append(
            projection(
                "s", "s", "c", ("probability", {"p": 0.5}), Drawn("uniform", 0.0, weight), Drawn("uniform", 0.3, 2.0), (kinetics, {})
            )
        )
        sources.append(source("s", 9, rate=400.0))
    return network(
        [population("c", 12, neuron, **own)],
        sources,
        links,
        [Record("c", s.name, None, 0.1) for s in model.states],
        precision="double",
        seed=2,
        method=method,
        duration=steps * 0.1,
    )


def joinable(neuron: str, kinetics: str | None) -> bool:
    try:
        join(CATALOGUE.get("neuron", neuron), [CATALOGUE.get("kinetics", kinetics)] if kinetics else [])
    except FindingError:
        return False
    return True


def test_the_catalogue_was_found() -> None:
    assert len(PAIRS) >= 36
    assert sum(joinable(*p) for p in PAIRS) > 25


@pytest.mark.parametrize(("neuron", "kinetics"), [p for p in PAIRS if joinable(*p)])
def test_kernel_equals_reference(neuron: str, kinetics: str | None) -> None:
    """Identical spikes, and states within 4 units in the last place of the largest value."""
    net = driven(neuron, kinetics)
    _compare(net, 300)


@pytest.mark.parametrize(("neuron", "method"), [("adex", "adaptive"), ("lif", "adaptive"), ("lif", "rk4")])
def test_other_methods_equal_the_reference(neuron: str, method: str) -> None:
    _compare(driven(neuron, "conductance_exponential", method, 150), 150)


def _compare(net: FlatNetwork, steps: int) -> None:
    definition = reference.run(net, steps, keep_states=True)
    r = simulate(net, threads=1)
    if "c" in r.spikes:
        assert fired(r, "c") == definition.spikes["c"]
    for (_, state), trace in r.traces.items():
        wanted = np.array([row[state] for row in definition.states["c"]])
        assert np.ptp(wanted) > 0
        assert np.abs(trace.values - wanted).max() <= 4 * np.spacing(np.abs(wanted).max())


def test_all_fire_in_that_drive() -> None:
    for neuron in ("lif", "adex", "lif_euler", "izhikevich"):
        r = simulate(driven(neuron, None, steps=1000), record=["c"], threads=1)
        assert len(r.spikes["c"]) > 0, neuron


@pytest.mark.parametrize("precision", ["single", "double"])
def test_rate_of_a_driven_lif_is_the_closed_form(precision: str) -> None:
    """Interval = t_ref + tau ln((R I - (v_reset - v_rest)) / (R I - (v_th - v_rest))), rounded up to the step."""
    currents = np.array([0.376, 0.4, 0.5, 0.8, 2.0])
    net = network([population("c", 5, i_offset=currents, t_ref=2.0)], [], [], precision=precision)
    s = simulate(net, 2000.0).spikes["c"]
    drive = currents * 10.0 / 0.25
    intervals = np.ceil(10.0 * np.log(drive / (drive - 15.0)) / 0.1) + 20
    for i, wanted in enumerate(intervals):
        assert set(np.diff(s.steps[s.ids == i]).tolist()) == {int(wanted)}


def test_a_silent_membrane_stays_exactly_at_rest() -> None:
    r = simulate(network([population("c", 3)], [], [], [Record("c", "v", None, 0.1)], precision="double"), 500.0)
    assert np.abs(r.traces["c", "v"].values + 70.0).max() < 1e-11


@pytest.mark.parametrize("n", [1, 2, 5])
def test_matrix_exponential(n: int) -> None:
    rng = np.random.default_rng(n)
    a = rng.normal(size=(4, n, n)) * 3
    values, vectors = np.linalg.eig(a)
    wanted = (vectors * np.exp(values)[:, None, :]) @ np.linalg.inv(vectors)
    assert np.allclose(expm(a), wanted.real, rtol=1e-10, atol=1e-10)
    assert np.array_equal(expm(np.zeros((n, n))), np.eye(n))


@pytest.mark.parametrize("tau", [2.0, 10.0, 10.0 + 1e-9])
def test_propagator_of_lif_with_an_exponential_current(tau: float) -> None:
    """Also where both time constants are equal and the usual formula divides by zero."""
    system = join(CATALOGUE.get("neuron", "lif"), [CATALOGUE.get("kinetics", "exponential")])
    p = numbers(system, {"tau_m": 10.0, "c_m": 0.25, "v_rest": -70.0, "i_offset": 0.0, "r0_tau": tau}, 0.1)
    assert p["P_v_v"] == pytest.approx(np.exp(-0.01), rel=1e-15)
    assert p["P_r0_i_syn_r0_i_syn"] == pytest.approx(np.exp(-0.1 / tau), rel=1e-15)
    fine = np.linspace(0, 0.1, 20_001)
    wanted = np.trapezoid(np.exp(-fine / tau) * np.exp(-(0.1 - fine) / 10.0), fine) / 0.25
    assert p["P_v_r0_i_syn"] == pytest.approx(wanted, rel=1e-9)
    assert p["q_v"] == pytest.approx(-70.0 * (1 - np.exp(-0.01)), rel=1e-13)
    assert structure(system).rows["r0_i_syn"] == ("r0_i_syn",)


def test_parameters_are_arguments_never_literals() -> None:
    system = join(CATALOGUE.get("neuron", "adex"), [CATALOGUE.get("kinetics", "exponential")])
    text = render_kernel(system, Variant()).source
    for default in ("-70.6", "-50.4", "0.281", "144.0", "0.0805"):
        assert default not in text
    assert "fastmath" not in text


def test_shared_numbers_are_scalars_and_own_ones_arrays() -> None:
    system = join(CATALOGUE.get("neuron", "lif"))
    kernel = render_kernel(system, Variant("single", frozenset({"v_th"})))
    assert kernel.arrays == ("v_th",) and "v_reset" in kernel.numbers
    assert "a_v_th[i]" in kernel.source and "c_v_reset" in kernel.source


def test_text_does_not_depend_on_the_process() -> None:
    """A set's order must not reach the text, or no other process would find its kernel in the cache."""
    code = "from studio.engine.kernels import *; from studio.models.system import join; from studio.models.catalogue import catalogue as c; import hashlib; print(hashlib.sha256(render_kernel(join(c().get('neuron','adex'), [c().get('kinetics','alpha')]), Variant()).source.encode()).hexdigest())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": str(k)}, capture_output=True, text=True, check=True
        ).stdout
        for k in (1, 2, 3)
    }
    assert len(seen) == 1 and seen != {""}


def test_kernels_are_files_that_the_next_process_loads(tmp_path: Path) -> None:
    code = "from engine.networks import *; from studio.engine.run import simulate; r = simulate(network([population('c', 3, v_th=-61.0)], [], []), 1.0); print(r.compile_s)"
    env = {
        **os.environ,
        "STUDIO_CACHE": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]),
    }
    before: dict[Path, int] = {}
    for turn in range(2):
        subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        files = sorted(tmp_path.rglob("*"))
        kernels = [f for f in files if f.suffix == ".py"]
        assert len(kernels) == 1 and kernels[0].stem.startswith("spike_studio_kernel_")
        compiled = {f: f.stat().st_mtime_ns for f in files if f.suffix == ".nbc"}
        assert compiled
        if turn:
            assert compiled == before, "the second process compiled again"
        before = compiled


def test_a_cache_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    env = {**os.environ, "STUDIO_CACHE": str(tmp_path / "file" / "below")}
    code = "from studio.engine.store import cache_folder; print(cache_folder().is_dir())"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    assert done.stdout.strip() == "True"
