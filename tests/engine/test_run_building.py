"""While a network is built: how far it is, cancelling it, and one that does not fit."""

from __future__ import annotations

import threading

import pytest
from engine.networks import network, population, projection

from studio.engine import frames as engine_frames
from studio.engine.building import shares
from studio.engine.recording import Recording
from studio.engine.run import Frame, simulate
from studio.findings import FindingError
from studio.network.flat import FlatNetwork


def large() -> FlatNetwork:
    """8 million synapses in two projections."""
    links = [projection(key, "a", "a", ("probability", {"p": p}), 0.001, 1.5) for key, p in (("p1", 0.1), ("p2", 0.4))]
    return network([population("a", 4000)], [], links)


@pytest.mark.parametrize("threads", [1, 2])
def test_building_is_watched_and_its_progress_rises(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_frames, "WATCHED_S", 0.0)
    frames: list[Frame] = []
    simulate(large(), 3.0, threads=threads, watch=frames.append)
    building = [f for f in frames if f.built < 1.0]
    assert len(building) > 3 and frames[: len(building)] == building, "first it is built"
    parts = [f.built for f in building]
    assert parts == sorted(parts) and parts[0] < 0.3 and parts[-1] > 0.6
    assert (
        all(f.step == 0 and f.n_neurons == 4000 and set(f.spikes) == {"a"} and not len(f.spikes["a"][0]) for f in building)
        and frames[-1].built == 1.0
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_cancelling_while_it_is_built_leaves_a_recording_of_nothing(threads: int) -> None:
    cancel = threading.Event()
    cancel.set()
    r = simulate(large(), 3.0, threads=threads, cancel=cancel)
    assert isinstance(r, Recording) and not r.complete and r.duration == 0.0
    assert r.provenance["stopped"] == "cancelled" and r.provenance["hash"] == "hash"
    assert r.summary()["spikes"] == {}


def test_a_network_that_does_not_fit_is_refused_before_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.memory.available", lambda: 1e6)
    with pytest.raises(FindingError, match=r"the network needs about .* of memory; .* are available") as refused:
        simulate(large(), 3.0)
    assert {f.where for f in refused.value.findings} >= {"", "p2"}


def test_shares_add_up_to_the_whole() -> None:
    heard: list[float] = []
    first, second = shares([1.0, 3.0], heard.append)
    assert first and second
    for tick, part in ((first, 0.0), (first, 1.0), (second, 0.5), (second, 1.0)):
        tick(part)
    assert heard == [0.0, 0.25, 0.625, 1.0]
    assert shares([1.0, 2.0], None) == [None, None]
    (only,) = shares([0.0], heard.append)
    assert only
    only(1.0)
    assert heard[-1] == 0.0
