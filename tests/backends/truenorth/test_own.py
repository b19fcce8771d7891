"""The chip's own neurons, widths of numbers, and that nothing of a document is lost in silence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from backends.truenorth.nets import CELLS, driven, tangle
from engine.networks import network, pairs, population, projection, source

from studio.backends.compiling import compile_network, fit
from studio.backends.truenorth.own_inputs import own_stimulus
from studio.network.flat import FlatNetwork

ALL = ("all_to_all", {})
PULSE = ("pulse", {})


def own(weight: float = 5.0, **params: float) -> FlatNetwork:
    link = projection("p", "x", "a", ALL, weight, 1.0, PULSE)
    return network([population("a", 4, "truenorth", **params)], [driven()], [link], dt=1.0, duration=60.0)


def wrong(flat: FlatNetwork, **options: object) -> dict[str, set[tuple[str, str]]]:
    """What the compiler and the fit meter refuse, by code and place."""
    reports = {"compile": compile_network(flat, "truenorth", **options).report, "fit": fit(flat, "truenorth", **options)}
    return {name: {(f.code, f.where) for f in r.findings if f.severity == "error"} for name, r in reports.items()}


@pytest.mark.parametrize(
    ("limit", "dialect", "fits"), [(7, "ranc", False), (7, "ibm", False), (524287, "ibm", True), (524287, "ranc", True)]
)
def test_potentials_are_held_where_the_dialect_holds_them(limit: int, dialect: str, fits: bool) -> None:
    found = wrong(own(v_limit=limit), dialect=dialect)
    assert found["compile"] == found["fit"] == (set() if fits else {("fit.model", "a.v_limit")})


def test_potentials_of_ranc_go_on_beyond_twenty_bits(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """255 a spike from -524288: RANC's plain integers are not held at 524287, and the artefact says the same."""
    flat = own(-255.0, beta=524287, v_start=-524000, alpha=262143, reset_mode=1)
    compiled = compile_network(flat, "truenorth").emit(tmp_path)
    stimulus, b = own_stimulus(compiled.program, 60), compiled.backend
    assert b.emulate is not None and b.replay is not None
    emulated = b.emulate(compiled.program, stimulus)
    assert emulated.differs(b.replay(tmp_path, stimulus)) == "" and emulated.counters["a"]["saturated"] == 0
    assert emulated.counters["a"]["overflow"] > 0


def test_one_floor_for_the_whole_chip() -> None:
    flat = own(floor_at=1)
    both = replace(flat, populations=(*flat.populations, population("b", 2, "truenorth", floor_at=0)))
    assert wrong(both)["compile"] == wrong(both)["fit"] == {("fit.model", "b.floor_at")}
    mixed = replace(flat, populations=(*flat.populations, population("b", 2, **CELLS)))
    assert wrong(mixed)["compile"] == set()


def test_what_the_compiler_refuses_the_fit_meter_refuses() -> None:
    x = source("i", 1, "step_current", times=np.arange(20.0), amplitudes=np.linspace(0.0, 1.0, 20)[:, None])
    cells = [population("a", 2, **CELLS)]
    levels = network(cells, [x], [projection("p", "i", "a", ALL, 1.0, 1.0, None)], dt=1.0)
    far = network(cells, [driven()], [projection("q", "a", "a", ALL, 1.0, 600.0)], dt=1.0)
    above = network([population("a", 2, **{**CELLS, "v_reset": 30.0})], [], [], dt=1.0)
    for flat, place in ((levels, "i"), (far, "q.delay"), (above, "a")):
        found = wrong(flat)
        assert found["compile"] == found["fit"] and {where for _, where in found["fit"]} == {place}


def test_a_projection_left_with_nothing_stays_in_the_report() -> None:
    flat = own()
    weak = projection("w", "x", "a", ALL, 0.001, 1.0, PULSE)
    report = compile_network(replace(flat, projections=(*flat.projections, weak)), "truenorth").report
    assert report.fits and [(x.kind, x.count) for x in report.paths["w"].losses] == [("rounded", 96), ("dropped", 96)]


def test_a_membrane_that_forgets_within_a_tick_has_a_rate_error() -> None:
    flat = network([population("a", 1, **{**CELLS, "tau_m": 1e-4})], [driven()], [projection("p", "x", "a", ALL, 25.0, 1.0)], dt=1.0)
    (stated,) = (x.worst for x in compile_network(flat, "truenorth").report.losses if x.what == "leak" and x.kind == "replaced")
    assert np.isfinite(stated) and stated > 0.0


CASES = {
    "tangle": (tangle(), {}),
    "ibm": (tangle(), {"dialect": "ibm"}),
    "deep": (tangle(), {"floor": 1e4}),
    "weak": (network([population("a", 3, **{**CELLS, "v_th": 1e4})], [driven()], [projection("p", "x", "a", ALL, 0.01, 1.0)], dt=1.0), {}),
    "still": (network([population("a", 3, **CELLS)], [], [], dt=1.0), {"leak": 0.0}),
    "start": (network([replace(population("a", 3, **CELLS), start={"v": 1e9})], [], [], dt=1.0), {}),
    "signs": (network([population("a", 3, **CELLS)], [driven()], [projection("p", "x", "a", pairs(np.array([0, 1]), np.array([0, 0])), np.array([1e-3, -90.0]), 1.0)], dt=1.0), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_number_fits_the_widths_of_the_chip(name: str) -> None:
    """Leak and weights 9 bits with sign, threshold 18, potentials 20 (Cassidy 2013)."""
    flat, options = CASES[name]
    program = compile_network(flat, "truenorth", **options).program
    assert not program.stopped
    for layer in program.layers:
        p = layer.neuron.params
        for key, low, high in (("leak", -255, 255), ("alpha", 0, 262143), ("v_start", -524287, 524287), ("v_reset", -524287, 524287)):
            assert low <= np.min(p[key]) and np.max(p[key]) <= high, key
        assert np.min(p["beta"]) >= 0 and np.max(p["beta"]) <= 524287
    for c in program.connections:
        weights = c.wiring.onto().weights
        assert (np.abs(weights) <= 255).all() and (weights % 1 == 0).all()
    assert any(x.what == "start" and x.kind == "saturated" for x in program.losses) == (name == "start")
