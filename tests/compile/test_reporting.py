"""The report on a placed program, by hand: what cores, chips and the floor plan say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import studio
from studio.compile.backend import Backend
from studio.compile.passes.quantise import Quantise
from studio.compile.program import Part, Program, lower
from studio.compile.report import Use
from studio.compile.reporting import report_of
from studio.compile.target import Limit, Target, Topology
from studio.compile.wiring import Cut
from studio.findings import Finding
from studio.network.flatten import flatten

LIMITS = {"neurons": Limit(10, "", "", "none"), "synapses": Limit(100, "", "", "none"), "links": Limit(7, "", "", "none", shared=True)}
TARGET = Target("t", "Mesh", "", Topology("mesh", 2, 2, chips=6, chip_columns=3), LIMITS)


def usage(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    return {"neurons": cut.size, "synapses": sum(c.wiring.count(None, cut) for c in program.into(layer)), "links": 1.0}


BACKEND = Backend(TARGET, lambda model: "", lambda options: (), usage, lambda program, folder: ())


def program() -> Program:
    """a (12 neurons) on cores 1 and 9, b (4, each hears all of a) on core 9 too: chips 0 and 2 of six with four cores each."""
    net = studio.Network("Report")
    a, b = net.population("a", 12), net.population("b", 4)
    net.connect(a, b, studio.all_to_all(), weight=1.0, delay=1.0)
    parts = (Part("a/0", "a", Cut(0, 8), 1), Part("a/1", "a", Cut(8, 12), 9), Part("b/0", "b", Cut(0, 4), 9))
    return replace(lower(flatten(net.document), TARGET), parts=parts)


def test_totals_are_of_the_chips_in_use() -> None:
    made = report_of(program(), BACKEND, TARGET, {})
    assert made.totals == (
        Use("chips", 2, 6),
        Use("cores", 2, 8),
        Use("neurons", 16.0, 80.0),
        Use("synapses", 48.0, 800.0),
        Use("links", 3.0, 14.0),
    )
    assert made.fits


def test_a_path_says_its_fullest_core() -> None:
    paths = report_of(program(), BACKEND, TARGET, {}).paths
    assert (paths["a"].cores, paths["b"].cores, paths["p1"].kind, paths["p1"].cores) == (2, 1, "projection", 0)
    assert paths["a"].uses[:2] == (Use("neurons", 8.0, 10.0, "", "core 1"), Use("synapses", 48.0, 100.0, "", "core 9"))
    assert paths["a"].binding == paths["a"].uses[0] and paths["b"].binding == Use("neurons", 8.0, 10.0, "", "core 9")


def test_the_floor_shows_the_chips_up_to_the_last_in_use() -> None:
    floor = report_of(program(), BACKEND, TARGET, {}).floor
    assert floor is not None and (floor.chips, floor.chip_columns) == (3, 3)
    assert [(t.core, t.chip, t.x, t.y, t.parts) for t in floor.tiles] == [(1, 0, 1, 0, (("a", 8),)), (9, 2, 1, 0, (("a", 4), ("b", 4)))]
    assert [t.full for t in floor.tiles] == [0.8, 0.8]


def test_a_core_beyond_its_limit_does_not_fit_even_where_the_chip_has_room() -> None:
    crowded = replace(program(), parts=tuple(replace(p, core=1) for p in program().parts))
    made = report_of(crowded, BACKEND, TARGET, {})
    assert not made.fits and made.paths["a"].state == "over" and all(u.fits for u in made.totals)


def test_what_is_not_placed_says_how_much_it_needs_at_least() -> None:
    error = Finding("fit.cores", "error", "a", "Too few.", "Use more.")
    free = replace(program(), parts=tuple(replace(p, core=None) for p in program().parts)).say(error)
    made = report_of(free, BACKEND, TARGET, {})
    assert made.totals == (Use("chips", 1, 6), Use("cores", 2, 24)) and made.floor is None
    assert made.paths["a"].cores == 2 and made.paths["a"].uses[0] == Use("neurons", 8.0, 10.0)
    assert report_of(free.say(Finding("fit.model", "error", "a.model", "No such neuron.", "")), BACKEND, TARGET, {}).paths["a"].uses == ()


@pytest.mark.parametrize("channels", ["connection", "target"])
def test_errors_of_huge_weights_are_numbers(channels: str) -> None:
    net = studio.Network("Huge")
    net.connect(net.population("a", 2), net.population("b", 2), studio.dense(np.array([[1e300, 3e299], [1e200, 7e299]])), weight=1.0)
    made = Quantise(bits=4, channels=channels)(lower(flatten(net.document), TARGET), TARGET)  # type: ignore[arg-type]
    assert made.losses and all(np.isfinite(x.worst) for x in made.losses)
    q = made.connections[0].quantised
    assert q is not None and q.rms is not None and 0.0 < q.rms < 1e300
