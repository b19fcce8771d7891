"""Documents that a seed draws, on every machine: an answer in sentences, never an exception; the same bytes twice; what is read back agrees."""

from __future__ import annotations

import ast
import json
import math
from pathlib import Path

import numpy as np
import pytest
from backends.drawn import STEPS, drawn

from studio.backends import backends
from studio.backends.compiling import compile_network, fit
from studio.backends.stimulus import currents_of
from studio.compile.backend import Stimulus, in_order
from studio.compile.pipeline import Compiled
from studio.compile.program import Program
from studio.compile.report import Report
from studio.compile.text import read, write
from studio.network.flat import FlatNetwork

SEEDS = range(4)
DRAWN = {("crossbar", "fit.plasticity")}  # learning synapses that share both ends are known once they are drawn: an estimate draws nothing
OWN = ("loihi", "loihi2", "truenorth", "spinnaker", "spinnaker2")  # emulators that compile no kernels for a network


@pytest.fixture(scope="module")
def networks() -> list[FlatNetwork]:
    return [drawn(seed).flatten() for seed in SEEDS]


@pytest.mark.parametrize("key", backends())
def test_every_drawn_document_gets_an_answer(key: str, networks: list[FlatNetwork], tmp_path: Path) -> None:
    for seed, flat in zip(SEEDS, networks, strict=True):
        tried(key, flat, seed, tmp_path / str(seed))


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4, 160))
@pytest.mark.parametrize("key", backends())
def test_many_drawn_documents_get_an_answer(key: str, seed: int, tmp_path: Path) -> None:
    tried(key, drawn(seed).flatten(), seed, tmp_path)


def tried(key: str, flat: FlatNetwork, seed: int, folder: Path) -> None:
    estimate, compiled = fit(flat, key), compile_network(flat, key)
    sound(estimate)
    sound(compiled.report)
    wrong = {(key, f.code): str(f) for f in compiled.report.findings if f.severity == "error"}
    if not (estimate.fits and wrong.keys() <= DRAWN):
        assert estimate.fits == compiled.fits, (seed, wrong, [str(f) for f in estimate.findings if f.severity == "error"])
    text = write(compiled.program)
    assert write(read(text)) == text, seed
    if compiled.fits:
        artefact(compiled, compile_network(flat, key), seed, folder)


def sound(report: Report) -> None:
    """Numbers that JSON has, losses that are counted, findings at places of the document with a fix."""
    json.dumps(report.to_json(), allow_nan=False)
    for x in report.losses:
        assert 0 <= x.count <= x.total and x.worst >= 0 and math.isfinite(x.worst) and x.text.endswith("."), x
    for f in report.findings:
        known = any(f.where == path or f.where.startswith((f"{path}.", f"{path}[")) for path in report.paths)
        assert known or f.where.split(".")[0] in ("", "run", "constraints"), f
        assert f.text.endswith(".") and " nan" not in f.text and " inf" not in f.text, f
        assert f.fix or f.severity != "error", f
    assert report.fits or any(f.severity == "error" for f in report.findings)


def artefact(compiled: Compiled, again: Compiled, seed: int, folder: Path) -> None:
    one, two = compiled.emit(folder / "one"), again.emit(folder / "two")
    made = {str(p.relative_to(folder / "one")) for p in (folder / "one").rglob("*") if p.is_file()}
    assert made == set(one.report.files) == set(two.report.files) and {p.name for p in folder.iterdir()} == {"one", "two"}
    for name in made:
        written = (folder / "one" / name).read_bytes()
        assert written == (folder / "two" / name).read_bytes(), (seed, name)
        if name.endswith(".py"):
            ast.parse(written)
    chosen = compiled.backend
    if chosen.key in OWN and chosen.emulate is not None and chosen.replay is not None:
        given = stimulus(compiled.program, seed)
        assert chosen.emulate(compiled.program, given).differs(chosen.replay(folder / "one", given)) == "", seed


def stimulus(program: Program, seed: int) -> Stimulus:
    """Spikes at random, several of one element in one step among them, some before the first step; currents as the document says."""
    rng = np.random.default_rng(seed)
    spikes = {}
    for x in (x for x in program.inputs if not x.analog):
        n = int(rng.integers(0, 4 * x.size + 1))
        spikes[x.key] = in_order(rng.integers(-1, STEPS, n), rng.integers(0, x.size, n))
    return Stimulus(STEPS, spikes, {x.key: currents_of(x, program) for x in program.inputs if x.analog})
