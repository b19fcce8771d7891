"""Kernels: every neuron with every receptor equals the reference; closed forms; files in the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine.networks import CATALOGUE, fired, network, population, projection, source
from hypothesis import given
from hypothesis import strategies as st

from studio.engine import reference
from studio.engine.kernels import Variant, render_kernel
from studio.engine.native import LINE, address, zeros
from studio.engine.parts import Plan
from studio.engine.propagator import expm, numbers, structure
from studio.engine.run import simulate
from studio.engine.simulation import Simulation
from studio.findings import FindingError
from studio.models.system import join
from studio.network.flat import Drawn, FlatNetwork, Record

CURRENT = {"nA": 0.4, "mV": 1.5, "uS": 0.01}
# amplitudes [nA] that make a neuron fire within 30 ms where 0.5 does not
DRIVE = {"izhikevich": 0.01, "adex": 1.0, "lif_euler": 3.0, "cubalif_euler": 8.0, "threshold_euler": 1.0, "loihi": 5.0}
DRIVE |= dict.fromkeys(("adex_clopath", "lif_clopath", "hodgkin_huxley"), 1.0) | {"morris_lecar": 2.0, "boltzmann_probit": 0.1}
OWN = {"truenorth": {"threshold_bits": 3}, "boltzmann": {"tau": 1.0}, "boltzmann_probit": {"tau": 1.0}}
STILL = {("lif_refractory_input", "kept")}  # states that this drive does not move

SPIKING = [k.key for k in CATALOGUE.all("kinetics") if not k.coupled]  # of the others test_coupled speaks


def pairs() -> list[tuple[str, str | None]]:
    """Every neuron alone and with one of the kinetics of spikes, in turn; every such kinetics with one neuron of each way to advance."""
    neurons, kinetics = CATALOGUE.keys("neuron"), SPIKING
    out: dict[tuple[str, str | None], None] = {(n, None): None for n in neurons}
    for at, n in enumerate(neurons):
        fits = [k for k in kinetics if joinable(n, k)]
        out[n, fits[at % len(fits)]] = None
    return list(out | {(n, k): None for n in ("lif", "adex", "izhikevich") for k in kinetics if joinable(n, k)})


def driven(neuron: str, kinetics: str | None, method: str | None = None, steps: int = 300) -> FlatNetwork:
    """A dozen neurons, some parameters drawn, driven by a current and by spikes of one kinetics."""
    model = CATALOGUE.get("neuron", neuron)
    own = {
        p.name: Drawn("normal", p.default, abs(p.default) * 0.02) for p in model.params if p.role in ("threshold", "reset") and p.default
    }
    links = [projection("i", "i", "c", weight=1.0, delay=0.5, kinetics=None)]
    sources = [source("i", 1, "step_current", amplitude=DRIVE.get(neuron, 0.5), start=2.0)]
    if kinetics:
        weight = CURRENT[CATALOGUE.get("kinetics", kinetics).weight_unit]
        links.append(
            projection(
                "s", "s", "c", ("probability", {"p": 0.5}), Drawn("uniform", 0.0, weight), Drawn("uniform", 0.3, 2.0), (kinetics, {})
            )
        )
        sources.append(source("s", 9, rate=400.0))
    return network(
        [population("c", 12, neuron, **own, **OWN.get(neuron, {}))],
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
    found = pairs()
    assert {n for n, _ in found} == set(CATALOGUE.keys("neuron")) and {k for _, k in found} == {None, *SPIKING}
    assert len(found) >= 60 and all(sum(n == m for m, _ in found) >= 2 for n in CATALOGUE.keys("neuron"))


@pytest.mark.parametrize(("neuron", "kinetics"), pairs())
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
    apart = simulate(net, threads=2)
    if "c" in r.spikes:
        assert fired(r, "c") == definition.spikes["c"] == fired(apart, "c")
    assert all(np.array_equal(t.values, apart.traces[k].values) for k, t in r.traces.items()), "bits depend on the number of threads"
    for (_, state), trace in r.traces.items():
        wanted = np.array([row[state] for row in definition.states["c"]])
        assert np.ptp(wanted) > 0 or (net.populations[0].model.key, state) in STILL
        assert np.abs(trace.values - wanted).max() <= 4 * np.spacing(np.abs(wanted).max())


def test_all_fire_in_that_drive() -> None:
    firing = [m.key for m in CATALOGUE.all("neuron") if m.threshold]
    assert len(firing) > 6
    for neuron in firing:
        r = simulate(driven(neuron, None), record=["c"], threads=1)
        assert len(r.spikes["c"]) > 0, neuron


@pytest.mark.parametrize("neuron", [m.key for m in CATALOGUE.all("neuron")])
def test_every_neuron_runs_in_single_precision_near_what_it_does_in_double(neuron: str) -> None:
    """Within 30 ms: as many spikes, give or take a fifth, and voltages that stay finite (a state that is not ends a run)."""
    double = driven(neuron, None)
    single = replace(double, run=replace(double.run, precision="single"))
    counts = [len(simulate(net, threads=1).spikes.get("c", ())) for net in (double, single)]
    assert abs(counts[0] - counts[1]) <= max(2, 0.2 * counts[0])


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


@pytest.mark.parametrize("threads", [1, 2])
def test_what_kernels_walk_begins_at_cache_lines_in_every_part(threads: int) -> None:
    """A vector that crosses a line costs two accesses: a sixth of the time of a small network."""
    s = Simulation(driven("lif", "exponential"), Plan(0.1, 1, "single", None, threads))
    for cells in s.cells.values():
        walked = [*cells.states.values(), *(ring for rings in cells.rings for ring in rings), *cells.masks, cells.refractory]
        walked += [*cells._vectors, *(late for rings in cells.late_rings.values() for late in rings)]
        assert len(walked) > 4
        assert all(address(a) % LINE == 0 for a in walked if a.size)
        assert all(low * cells.dtype.itemsize % LINE == 0 for low, high in cells.parts if high > low)


@given(
    shape=st.one_of(st.integers(0, 300), st.tuples(st.integers(0, 5), st.integers(0, 200))), kind=st.sampled_from(["u1", "i4", "f4", "f8"])
)
def test_aligned_zeros_are_zeros(shape: int | tuple[int, ...], kind: str) -> None:
    made, plain = zeros(shape, np.dtype(kind)), np.zeros(shape, kind)
    assert made.shape == plain.shape and made.dtype == plain.dtype and not made.any() and made.flags.writeable
