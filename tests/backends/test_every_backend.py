"""Every back end keeps to what docs/guide/new-back-end.md promises; driven by the registry, so that a new one is tried without a new test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio import Network
from studio.backends import backends
from studio.backends.compiling import compile_network, fit
from studio.compile.backend import Stimulus
from studio.compile.pipeline import settled
from studio.findings import FindingError
from studio.models.catalogue import builtin
from studio.network import files
from studio.share import templates

KEYS = tuple(backends())
FIRST = next(t.path for t in templates() if t.name == "first_spike")


def document(name: str):
    found, findings = files.read(next(t.path for t in templates() if t.name == name))
    assert found is not None, findings
    return found


def test_the_machines_of_the_house_are_there() -> None:
    assert {"mock", "loihi", "loihi2", "truenorth", "spinnaker", "spinnaker2", "crossbar", "fpga"} <= set(KEYS)


def test_listing_targets_loads_nothing_heavy() -> None:
    command = "import sys; from studio.backends import backends; backends(); print(sorted({'numba', 'scipy', 'onnx', 'torch', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("key", KEYS)
def test_a_target_says_where_its_numbers_come_from(key: str) -> None:
    target = backends()[key].target
    assert target.key == key and target.title and target.doc.endswith(".") and target.unverified.endswith(".")
    assert target.limits, "a machine without limits is none"
    for name, limit in (*target.limits.items(), *target.energy.items()):
        assert limit.source and limit.doc, f"{name} has no source"
    assert target.topology.cores > 0


@pytest.mark.parametrize("key", KEYS)
def test_it_says_of_every_model_whether_it_has_it(key: str) -> None:
    said = {model.key: backends()[key].reach(model) for model in builtin().models}
    assert all(answer is None or isinstance(answer, str) for answer in said.values())
    taken = [k for k, answer in said.items() if answer is not None]
    assert {"lif", "static"} <= set(taken) and "hodgkin_huxley" not in taken


@pytest.mark.parametrize("key", KEYS)
def test_the_first_template_compiles_to_the_same_bytes_twice(key: str, tmp_path: Path) -> None:
    once, again = (compile_network(document("first_spike"), key) for _ in range(2))
    assert once.fits, [str(f) for f in once.report.findings]
    one, two = once.emit(tmp_path / "one"), again.emit(tmp_path / "two")
    assert one.report.files and one.report.files == two.report.files
    for name in one.report.files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
        assert str(tmp_path).encode() not in (tmp_path / "one" / name).read_bytes(), f"{name} knows where it was written"
    assert one.report.to_json(timings=False) == two.report.to_json(timings=False)


@pytest.mark.parametrize(
    "key", [k for k in KEYS if backends()[k].replay is not None and k != "fpga"]
)  # (the FPGA's have tests of their own, with a simulator)
def test_what_is_read_back_agrees_exactly(key: str, tmp_path: Path) -> None:
    compiled = compile_network(document("first_spike"), key).emit(tmp_path)
    steps = min(compiled.program.steps, 60)
    stimulus = given(compiled.program, steps)
    chosen = compiled.backend
    assert chosen.emulate is not None and chosen.replay is not None
    emulated, replayed = chosen.emulate(compiled.program, stimulus), chosen.replay(tmp_path, stimulus)
    assert emulated.differs(replayed) == ""


def given(program, steps: int) -> Stimulus:
    """Currents as the document says them; spikes of every element now and then."""
    spikes, currents = {}, {}
    for x in program.inputs:
        if x.analog:
            form = x.source.model.lower(x.source.params, x.size, program.dt)
            currents[x.key] = (np.asarray(form.starts, np.int64), np.broadcast_to(form.values, (len(form.starts), x.size)))
        else:
            at = np.arange(0, steps, 5, dtype=np.int64)
            spikes[x.key] = (np.repeat(at, x.size), np.tile(np.arange(x.size, dtype=np.int64), len(at)))
    return Stimulus(steps, spikes, currents)


@pytest.mark.parametrize("name", [t.name for t in templates()])
@pytest.mark.parametrize("key", KEYS)
def test_every_template_gets_an_answer_on_every_chip(key: str, name: str) -> None:
    """It fits, or the findings say what does not, where, and what to do; never an exception."""
    report = fit(document(name), key)
    assert report.estimate and report.paths
    if report.fits:
        assert report.floor is not None and report.totals
    else:
        wrong = [f for f in report.findings if f.severity == "error"]
        assert wrong or any(not u.fits for u in report.totals)
        assert all(f.text.endswith(".") and f.fix for f in wrong), [str(f) for f in wrong]


@pytest.mark.parametrize("key", KEYS)
def test_options_that_mean_nothing_are_refused_in_words(key: str) -> None:
    """Every option says what it takes; whatever else is given is a finding, never an exception of the passes."""
    net = Network("Options")
    net.population("a", 1, "lif")
    for option in backends()[key].options:
        assert option.choices or option.takes, f"{option.name} does not say what it takes"
        for value in ([1], float("nan"), *(() if option.takes == "word" else ("many",))):
            with pytest.raises(FindingError, match=f"{option.name} is .* must be .* Give ") as refused:
                fit(net, key, **{option.name: value})
            assert refused.value.findings[0].code == "fit.option"
        if option.takes in ("whole", "number") and option.low is not None:
            with pytest.raises(FindingError, match=f"Give a {'whole ' * (option.takes == 'whole')}number "):
                fit(net, key, **{option.name: option.low - 1})


@pytest.mark.parametrize("key", KEYS)
def test_every_stage_of_a_compilation_has_a_name_of_its_own(key: str) -> None:
    for estimate in (True, False):
        names = [step.name for step in backends()[key].passes(settled(backends()[key], {"estimate": estimate}))]
        assert len(set(names)) == len(names), names
