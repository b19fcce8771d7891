"""A document's own models: read from text, checked, and refused with findings that say where."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.findings import errors
from studio.models.catalogue import builtin
from studio.models.language import evaluate
from studio.models.system import join

OWN_LIF: dict[str, Any] = {
    "kind": "neuron",
    "title": "My neuron",
    "doc": "A leaky membrane.",
    "params": {
        "tau": {"default": 20, "unit": "ms", "low": 0, "low_open": True, "doc": "Time constant.", "role": "time_constant"},
        "gain": 2,
    },
    "states": {"v": {"start": "0", "unit": "mV", "role": "membrane"}, "x": 0.5},
    "equations": ["drive = gain*i", "dv/dt = -v/tau + drive", "dx/dt = -x/tau"],
    "threshold": "v > 1",
    "reset": "v = 0",
    "clamped": ["v"],
}


def own(**changed: Any) -> dict[str, Any]:
    return {k: v for k, v in (OWN_LIF | changed).items() if v is not None}


def test_a_neuron_written_into_a_document_joins_like_a_built_in() -> None:
    catalogue, findings = builtin().with_models({"mine": own()})
    assert not errors(findings)
    model = catalogue.get("neuron", "mine")
    assert model.title == "My neuron" and model.method == "exact"
    system = join(model, [catalogue.get("kinetics", "exponential")])
    assert system.linear and system.method == "exact"
    assert evaluate(system.state("x").start, {}) == 0.5
    assert builtin().get("neuron", "mine") is None


def test_a_documents_models_taken_twice_are_there_once() -> None:
    once, _ = builtin().with_models({"mine": own()})
    twice, findings = once.with_models({"mine": own()})
    assert not errors(findings) and twice.models == once.models
    _, findings = once.with_models({"mine": own(threshold="v > 2")})
    assert [f.code for f in errors(findings)] == ["path.duplicate"]


def test_every_kind_that_can_be_text_is_read() -> None:
    catalogue, findings = builtin().with_models(
        {
            "dual": {
                "kind": "kinetics",
                "params": [{"name": "tau", "default": 3, "unit": "ms"}],
                "states": [{"name": "s", "start": 0, "unit": "nA"}],
                "equations": "ds/dt = -s/tau",
                "jump": "s += w",
                "current": "s",
                "weight_unit": "nA",
            },
            "hebb": {
                "kind": "plasticity",
                "params": {"tau": {"default": 20, "unit": "ms"}, "rate": 0.01},
                "traces": {"x": {"tau": "tau", "side": "pre"}},
                "on_post": "w += rate*x",
            },
            "coarse": {"kind": "device", "params": {"step": 0.1}, "write": "w = floor((w + dw)/step)*step"},
            "walk": {"kind": "neuron", "states": {"v": 0}, "step": "v += normal()", "threshold": "v > 3", "reset": "v = 0"},
        }
    )
    assert not errors(findings), findings
    assert [catalogue.get(*k) is not None for k in (("kinetics", "dual"), ("plasticity", "hebb"), ("device", "coarse"), ("neuron", "walk"))]
    assert catalogue.get("neuron", "walk").method == "step"
    assert catalogue.get("kinetics", "dual").title == "Dual"


@pytest.mark.parametrize(
    ("body", "where", "code", "words"),
    [
        (5, "models.mine", "text.form", "object"),
        ({"kind": "source"}, "models.mine.kind", "text.form", "source"),
        ({}, "models.mine.kind", "text.form", "kind"),
        (own(equations="dv/dt = nobody"), "models.mine.equations", "text.name", "Line 1, column 9"),
        (own(equations=5), "models.mine.equations", "text.form", "must be text"),
        (own(step="v = 0"), "models.mine", "text.form", "either equations or a step"),
        (own(equations=None), "models.mine", "text.form", "either equations or a step"),
        (own(threshold="v"), "models.mine.threshold", "text.kind", "test"),
        (own(reset="tau = 3"), "models.mine.reset", "text.assign", "tau"),
        (own(clamped=["y"]), "models.mine.clamped", "text.name", "y"),
        (own(clamped="v"), "models.mine.clamped", "text.form", "list of words"),
        (own(method="magic"), "models.mine.method", "text.form", "magic"),
        (own(substeps=10**9), "models.mine.substeps", "bounds.high", "1 to 100"),
        (own(derived="v = tau"), "models.mine.derived", "text.assign", "state"),
        (own(derived="i_ext = tau"), "models.mine.derived", "text.name", "meaning of its own"),
        (own(equations=None, step="r0_s = 1; v = r0_s"), "models.mine.step", "text.name", "r0_s"),
        (own(equations=None, step="_c1 = 1; v = _c1"), "models.mine.step", "text.syntax", "begins with a letter"),
        (own(substeps=1.5), "models.mine.substeps", "text.form", "whole number"),
        (own(refractory="nobody"), "models.mine.refractory", "text.name", "parameter in ms"),
        (own(refractory="gain"), "models.mine.refractory", "text.name", "parameter in ms"),
        (own(params={"tau": {"default": 20, "unit": "parsec"}, "gain": 1}), "models.mine.params.tau", "unit.unknown", "parsec"),
        (own(params={"tau": {"default": -1, "low": 0}, "gain": 1}), "models.mine.params.tau", "bounds.default", "at least 0"),
        (own(params={"tau": {"default": "big"}, "gain": 1}), "models.mine.params.tau.default", "text.form", "number"),
        (own(params={"tau": {"default": 1e400}, "gain": 1}), "models.mine.params.tau.default", "text.form", "number"),
        (own(params={"tau": {}, "gain": 1}), "models.mine.params.tau", "text.form", "default"),
        (own(params={"tau": 1, "gain": 1, "dt": 1}), "models.mine", "text.name", "meaning of its own"),
        (own(params={"tau": 1, "gain": 1, "r0_x": 1}), "models.mine", "text.name", "r0_"),
        (own(params={"tau": 1, "gain": 1, "a b": 1}), "models.mine", "text.name", "a b"),
        (own(params={"tau": 1, "gain": 1, "v": 1}), "models.mine", "text.name", "declared twice"),
        (own(params={"tau": 1, "gain": {"default": 1, "integer": "yes"}}), "models.mine.params.gain.integer", "text.form", "true or false"),
        (own(params=[1, 2]), "models.mine.params", "text.form", "name"),
        (own(states={"v": {"start": "nobody"}, "x": 0}), "models.mine.states.v", "text.name", "nobody"),
        (own(states="v"), "models.mine.states", "text.form", "object"),
        ({"kind": "kinetics", "current": "1"}, "models.mine.jump", "text.form", "jump"),
        ({"kind": "kinetics", "jump": "v += w", "weight_unit": "kg"}, "models.mine.weight_unit", "unit.weight", "kg"),
        ({"kind": "kinetics", "jump": "q += w"}, "models.mine.jump", "text.name", "q"),
        ({"kind": "plasticity", "traces": {"x": {"tau": "no", "side": "pre"}}}, "models.mine.traces.x", "text.name", "no"),
        ({"kind": "plasticity", "traces": {"x": {"side": "pre"}}}, "models.mine.traces.x", "text.form", "tau"),
        ({"kind": "plasticity", "every": "w = 0"}, "models.mine.interval", "text.name", "parameter"),
        ({"kind": "device", "write": "w = open('x')"}, "models.mine.write", "text.syntax", "strings"),
    ],
)
def test_what_is_wrong_is_said_and_the_model_left_out(body: Any, where: str, code: str, words: str) -> None:
    catalogue, findings = builtin().with_models({"mine": body})
    assert all(catalogue.get(kind, "mine") is None for kind in ("neuron", "kinetics", "plasticity", "device"))
    match = [f for f in errors(findings) if f.code == code and f.where == where]
    assert match, findings
    assert any(words in f"{f.text} {f.fix}" for f in match)


@pytest.mark.parametrize("key", ["lif", "static", "Bad Key", "", "x" * 100, "9lives", "../up"])
def test_a_key_must_be_new_and_sound(key: str) -> None:
    catalogue, findings = builtin().with_models({key: own()})
    assert errors(findings) and len(catalogue.models) == len(builtin().models)


def test_a_sound_model_beside_a_wrong_one_is_kept() -> None:
    catalogue, findings = builtin().with_models({"good": own(), "bad": own(reset="tau = v")})
    assert catalogue.get("neuron", "good") is not None and catalogue.get("neuron", "bad") is None
    assert {f.where for f in errors(findings)} == {"models.bad.reset"}


def test_units_that_do_not_fit_are_a_warning_unless_the_model_is_of_plain_numbers() -> None:
    texts = {"equations": "dv/dt = i - v/tau", "threshold": "v > 0"}
    _, findings = builtin().with_models({"mine": own(states={"v": {"start": "0", "unit": "mV"}}, **texts)})
    assert [(f.code, f.severity, f.where) for f in findings] == [("unit.equation", "warning", "models.mine.equations")]
    _, findings = builtin().with_models({"mine": own(states={"v": 0}, **texts)})
    assert findings == ()


def test_an_unknown_key_is_a_note() -> None:
    catalogue, findings = builtin().with_models({"mine": own(colour="red")})
    assert catalogue.get("neuron", "mine") is not None
    assert [(f.code, f.severity, f.where) for f in findings if f.code == "path.unknown"] == [("path.unknown", "info", "models.mine.colour")]


def test_a_lowering_function_cannot_be_smuggled_in() -> None:
    _, findings = builtin().with_models({"mine": own(lower="os.system")})
    assert any(f.code == "path.unknown" for f in findings)


@pytest.mark.parametrize("models", [5, "x", [1], {"a": {"kind": ["neuron"]}}, {"a": {"kind": {"x": 1}}}, {"a": None}])
def test_a_broken_section_gives_findings(models: Any) -> None:
    catalogue, findings = builtin().with_models(models)
    assert errors(findings) and catalogue.models == builtin().models


def test_too_many_models_are_refused() -> None:
    assert errors(builtin().with_models({f"m{k}": {} for k in range(1000)})[1])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda c: st.lists(c, max_size=4) | st.dictionaries(st.text(max_size=8), c, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["kind", *OWN_LIF, "jump", "current", "traces", "on_pre", "every", "write", "methods", "substeps", "arrival", "sign"]
)
BODIES = st.dictionaries(
    KEYS, JSON | st.sampled_from(["v = 0", "dv/dt = -v", "v > 1", "neuron", "kinetics", "device", "plasticity"]), max_size=10
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(max_size=6), JSON | BODIES | BODIES.map(lambda b: own(**b)), max_size=3))
def test_any_json_gives_models_or_findings(models: dict[str, Any]) -> None:
    catalogue, findings = builtin().with_models(models)
    assert len(catalogue.models) - len(builtin().models) + len(errors(findings)) >= len(models)
    json.dumps(catalogue.to_json(), allow_nan=False)
