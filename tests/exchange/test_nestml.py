"""NESTML neurons, read: they fire as the catalogue's do, and what is outside the subset is said with line and column."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.networks import fired, network, population, projection, source

from studio.engine.run import simulate
from studio.exchange import nestml
from studio.findings import errors
from studio.models.authored import read_model
from studio.network.flat import Chosen, FlatNetwork, FlatPopulation, Record

FOLDER = Path(__file__).parent / "nestml"
FILES = ("leaky", "adaptive", "simple")


def text(name: str) -> str:
    return (FOLDER / f"{name}.nestml").read_text()


def read(name: str) -> tuple[Any, tuple[nestml.Receptor, ...]]:
    """The model of one of our files, as a document would take it, and its receptors."""
    found = nestml.read(FOLDER / f"{name}.nestml")
    model, problems = read_model(name, found.models[name])
    assert model is not None and not errors(problems)
    return model, found.receptors[name]


def cells(model: Any, n: int = 3) -> FlatPopulation:
    return FlatPopulation("c", "c", n, None, Chosen(model, {p.name: p.default for p in model.params}), {})


def driven(cell: FlatPopulation, excitation: tuple, inhibition: tuple, weights: tuple[float, float], **run: Any) -> FlatNetwork:
    sources = [source("e", 3, rate=4000.0), source("i", 3, rate=1500.0)]
    kinetics = {"e": excitation, "i": inhibition}
    links = [projection(k, k, "c", ("one_to_one", {}), w, 1.0, kinetics[k]) for k, w in zip("ei", weights, strict=True)]
    return network([cell], sources, links, [Record("c", "v", None, 1.0)], duration=300.0, dt=0.1, precision="double", seed=4, **run)


def same(ours: FlatPopulation, other: FlatPopulation, *about: Any, **run: Any) -> None:
    a, b = (simulate(driven(cell, *about, **run), threads=1) for cell in (ours, other))
    assert len(a.spikes["c"].steps) > 15 and fired(a, "c") == fired(b, "c")
    assert np.abs(a.traces["c", "v"].values - b.traces["c", "v"].values).max() < 1e-9


def test_a_leaky_neuron_with_a_timer_is_the_catalogues() -> None:
    model, receptors = read("leaky")
    assert [(r.kinetics, dict(r.params), r.weight) for r in receptors] == [
        ("exponential", {"tau": 2.0}, 0.001),  # a weight of 1 there is 1 pA
        ("exponential", {"tau": 4.0}, 0.001),
    ]
    assert (model.refractory, model.clamped, model.method) == ("refr_T", ("v",), "exact")
    assert model.param("C_m").unit == "nF" and model.param("C_m").default == 0.25 and model.param("C_m").doc == "Capacitance."
    assert model.param("V_reset").default == -75.0
    lif = population("c", 3, "lif", v_reset=-75.0)
    same(cells(model), lif, ("exponential", {"tau": 2.0}), ("exponential", {"tau": 4.0}), (0.12, -0.05))


def test_convolutions_with_reversal_potentials_become_conductances() -> None:
    model, receptors = read("adaptive")
    found = {r.port: (r.kinetics, dict(r.params), r.weight) for r in receptors}
    assert found == {
        "exc": ("conductance_alpha", {"tau": 0.5, "e_rev": 0.0}, 0.001),
        "inh": ("conductance_exponential", {"tau": 2.0, "e_rev": -85.0}, 0.001),
    }
    about = [(key, dict(params)) for key, params in ((found[p][0], found[p][1]) for p in ("exc", "inh"))]
    same(cells(model), population("c", 3, "adex", t_ref=1.0), *about, (0.02, 0.004), method="adaptive")


def test_a_voltage_jump_units_and_choices_are_understood() -> None:
    model, receptors = read("simple")
    assert receptors == (nestml.Receptor("spikes_in", "delta", {}, 1.0),)
    assert model.equations.split("\n")[0] == "dv/dt = 0.04*v*v + 5*v + (140 - U_m) + (I_e + i)*1000.0"
    assert model.reset.split("\n") == ["v = c", "U_m = U_m if U_m > 100 else U_m + d"]
    assert dict(zip([s.name for s in model.states], [s.start for s in model.states], strict=True)) == {"v": "V_start", "U_m": "b*V_start"}


def test_what_is_renamed_or_kept_elsewhere_is_said() -> None:
    said = [f.text for f in nestml.read(FOLDER / "adaptive.nestml").findings if f.severity == "info"]
    assert any("w is own_w" in t for t in said) and any("conductance_alpha" in t and "0.001" in t for t in said)


# unit of the current, unit of the port, what a spike does -> what a weight of 1 there is here, nA or mV; None: refused
ADDED = [
    ("pA", "", "I_exc += spikes_in * pA * s", 0.001),
    ("pA", "", "I_exc += spikes_in * pA", 0.001),
    ("pA", "", "I_exc += sift(spikes_in, t)", 0.001),
    ("pA", "", "I_exc += unit_psc * spikes_in * s", 0.001),
    ("pA", "pA", "I_exc += spikes_in * s", 0.001),
    ("pA", "pA", "I_exc += spikes_in", 0.001),
    ("nA", "", "I_exc += 2 * spikes_in", 2.0),
    ("pA", "", "V_m += 0.5 * spikes_in * mV", 0.5),
    ("pA", "", "I_exc = spikes_in", None),
    ("pA", "", "I_exc += spikes_in * V_m", None),
]


@pytest.mark.parametrize(("unit", "port", "line", "weight"), ADDED)
def test_how_much_a_spike_adds(unit: str, port: str, line: str, weight: float | None) -> None:
    given = text("leaky").replace("I_exc pA", f"I_exc {unit}").replace("spikes_in <- spike", f"spikes_in {port} <- spike")
    begin, end = given.index("        psc pA"), given.index("    update:")
    found = nestml.read_text(given[:begin] + f"        {line}\n\n" + given[end:])
    if weight is None:
        assert not found.models and [f for f in errors(found.findings) if f.text.startswith(f"Line {given[:begin].count(chr(10)) + 1},")]
    else:
        assert [r.weight for r in found.receptors["leaky"]] == [weight]


@pytest.mark.parametrize(
    ("line", "port"), [("convolve(K, spikes_in)", ""), ("convolve(K, spikes_in)", "pA"), ("convolve(K, spikes_in) * pA", "")]
)
def test_a_convolution_without_a_unit_has_that_of_its_line(line: str, port: str) -> None:
    given = (
        text("leaky")
        .replace("I_exc' = -I_exc / tau_exc", f"kernel K = exp(-t / tau_exc)\n        inline I_syn pA = {line}")
        .replace("I_exc - I_inh", "I_syn")
    )
    given = given.replace("spikes_in <- spike", f"spikes_in {port} <- spike").replace(
        "        I_exc pA = 0 pA\n        I_inh pA = 0 pA\n", ""
    )
    given = (
        given.replace("        I_inh' = -I_inh / tau_inh\n", "")
        .replace("I_exc, I_inh, refr_t", "refr_t")
        .replace("I_exc, I_inh, V_m", "V_m")
    )
    found = nestml.read_text(given[: given.index("    onReceive")] + given[given.index("    update:") :])
    assert [r.weight for r in found.receptors["leaky"]] == [0.001]


# what is changed in which file, the text whose place the finding names, a word of the finding
LOOP = ("        if refr_t > 0 ms:\n", "        while refr_t > 0 ms:\n")
FUNCTION = ("    update:\n", "    function f(x mV) mV:\n        return x\n\n    update:\n")
OUTSIDE = {
    "a synapse": ("simple", ("", ""), "model quick_synapse", "synapse"),
    "a function": ("leaky", FUNCTION, "function f", "functions"),
    "a loop": ("leaky", LOOP, "while refr_t", "while"),
    "a second order": ("leaky", ("I_exc' = -I_exc / tau_exc", "I_exc'' = -I_exc / tau_exc"), "I_exc'' =", "outside"),
    "an unknown name": ("leaky", ("(V_m - E_L) / tau_m", "(V_m - E_K) / tau_m"), "E_K", "E_K"),
    "an unknown function": ("leaky", ("-(V_m - E_L)", "-besselj(V_m - E_L)"), "besselj", "besselj"),
    "a vector": ("simple", ("spikes_in <- spike", "spikes_in[3] <- spike"), "spikes_in[3]", "vectors"),
    "a chain of tests": ("simple", ("V_m >= V_th", "0 < V_m >= V_th"), ">= V_th", "chained"),
    "time": ("simple", ("5 * V_m", "5 * V_m * t / ms"), "t / ms", "“t” is neither"),
    "another kernel": ("adaptive", ("exp(-t / tau_in)", "1 - exp(-t / tau_in)"), "convolve(g_in", "“inh”"),
    "a missing branch": ("simple", ("100 ? U_m : U_m + d", "100 ? U_m + d"), "? U_m + d", "“:” is missing"),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_what_is_outside_the_subset_is_said_with_its_place(what: str) -> None:
    name, change, marked, word = OUTSIDE[what]
    assert change[0] in text(name)
    given = text(name).replace(*change, 1)
    before = given[: given.index(marked)].split("\n")
    found = nestml.read_text(given, "file")
    wrong = [f for f in errors(found.findings) if f.text.startswith(f"Line {len(before)}, column {len(before[-1]) + 1}:")]
    assert len(wrong) == 1 and word in wrong[0].text, [str(f) for f in found.findings]
    assert what == "a synapse" or name not in found.models


def test_a_missing_file_and_a_file_of_something_else_are_findings(tmp_path: Path) -> None:
    assert "cannot be read" in nestml.read(tmp_path / "none.nestml").findings[0].text
    (tmp_path / "other.nestml").write_text("hello: world\n")
    assert "Line 1, column 1" in nestml.read(tmp_path / "other.nestml").findings[0].text


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_give_findings_never_failures(name: str) -> None:
    """Three hundred damaged copies: lines dropped or doubled, characters replaced, ends cut off."""
    draw = random.Random(name)
    whole, broken = text(name), 0
    for _ in range(300):
        damaged = whole
        for _ in range(draw.randint(1, 3)):
            kind, at = draw.choice("cdlxs"), draw.randrange(len(damaged))
            rows = damaged.split("\n")
            k = draw.randrange(len(rows))
            if kind == "c":
                damaged = damaged[:at] + draw.choice("()'?:=<*w 1\n#[]^%\\\"é\0") + damaged[at + 1 :]
            elif kind == "d":
                damaged = "\n".join([*rows[:k], rows[k], *rows[k:]])
            elif kind == "l":
                damaged = "\n".join([*rows[:k], *rows[k + 1 :]])
            elif kind == "s":
                damaged = damaged.replace(
                    draw.choice(["V_m", "ms", "tau", "refr_t", "r", "emit_spike()", "exc"]), draw.choice(["x", "", "5", "V_m"]), 1
                )
            else:
                damaged = damaged[:at] + damaged[at + draw.randint(1, 40) :]
        found = nestml.read_text(damaged)
        broken += bool(errors(found.findings))
        assert found.models or found.findings or not damaged.strip()
    assert broken > 60
