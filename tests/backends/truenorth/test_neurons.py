"""The neurons of emulator and artefact against the catalogue's definition, in every mode; and how many ticks are computed at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from backends.truenorth.nets import read_out, sheet
from engine.networks import network, pairs, population, projection, source

from studio.backends import levels
from studio.backends.compiling import compile_network
from studio.backends.truenorth.neurons import NUMBERS, WIDTH, Neurons
from studio.backends.truenorth.own_inputs import own_stimulus
from studio.engine.reference import run
from studio.network.flat import Record

TICKS, SIZE = 60, 96


def drawn(limit: int) -> dict[str, np.ndarray]:
    """Neurons of all modes, with low thresholds and floors, so that they spike and fall often."""
    rng = np.random.default_rng(limit)
    ends = {"leak": (-9, 10), "leak_reversal": (0, 2), "alpha": (5, 40), "beta": (0, 30), "floor_mode": (0, 2), "floor_at": (0, 2)}
    ends |= {"reset_mode": (0, 3), "v_reset": (-5, 5), "v_limit": (limit, limit + 1), "v_start": (-20, 20)}
    return {name: rng.integers(*ends[name], SIZE) for name in NUMBERS}


@pytest.mark.parametrize("limit", [WIDTH, 25])
@pytest.mark.parametrize("at_once", [1, 7, TICKS])
def test_neurons_are_the_catalogues_in_every_mode(limit: int, at_once: int) -> None:
    numbers = drawn(limit)
    rng = np.random.default_rng(3)
    heard = rng.integers(-12, 16, (TICKS, SIZE)) * (rng.random((TICKS, SIZE)) < 0.5)
    when, who = np.nonzero(heard)
    spikes = source("x", len(when), "spike_list", times=when + 0.0, ids=np.arange(len(when)))
    link = projection("w", "x", "c", pairs(np.arange(len(when)), who), heard[when, who].astype(float), 1.0, ("pulse", {}))
    cells = population("c", SIZE, "truenorth", **{k: v.astype(float) for k, v in numbers.items()})
    plain = run(network([cells], [spikes], [link], [Record("c", "v", None, 1.0)], dt=1.0, duration=float(TICKS)), TICKS)
    mine, found, potentials = Neurons(numbers), [], []
    for start in range(0, TICKS, at_once):
        fired = mine.run(heard[start : start + at_once].astype(float))
        found += [(start + t + 1, n) for t, n in zip(*np.nonzero(fired), strict=True)]
        potentials.append(mine.potentials(fired))
    assert found == plain.spikes["c"] and len(found) > 500
    assert np.array_equal(np.concatenate(potentials)[-1], mine.v)
    assert (mine.saturated > 0) == (limit == 25) and mine.overflow == 0


@pytest.mark.parametrize("flat", [read_out(60), sheet(20, np.ones((3, 3)), ticks=30)], ids=["tangle", "sheet"])
def test_how_many_ticks_are_computed_at_once_changes_nothing(flat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile_network(flat, "truenorth").emit(tmp_path)
    stimulus, b = own_stimulus(compiled.program, compiled.program.steps), compiled.backend
    whole = b.emulate(compiled.program, stimulus), b.replay(tmp_path, stimulus)
    monkeypatch.setattr(levels, "LONGEST", 1)
    for one, again in zip(whole, (b.emulate(compiled.program, stimulus), b.replay(tmp_path, stimulus)), strict=True):
        assert one.differs(again) == "" and one.counters == again.counters and one.events == again.events
    assert whole[0].differs(whole[1]) == "" and sum(len(s) for s, _ in whole[0].spikes.values()) > 200
