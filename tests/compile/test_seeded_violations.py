"""Twenty networks that break one limit of one machine each: the fit meter says so at the right place, with the right code and what to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import studio
from studio.backends import backends
from studio.backends.compiling import fit
from studio.ui.compiler import answer
from studio.ui.exports import content
from studio.ui.fixes import setting

Build = Callable[[], studio.Network]


def pair(
    n: int = 20, m: int = 10, *, model: str = "lif", connector: Any = None, weight: Any = 1.0, delay: float = 1.0, **more: Any
) -> studio.Network:
    """A drive, a population, and one that it projects to by p2: what is asked for is wrong, everything else fits every machine."""
    net = studio.Network("seeded")
    drive, exc, out = net.source("drive", 10, "poisson", rate=50.0), net.population("exc", n, model), net.population("out", m, "lif")
    net.connect(drive, exc, studio.all_to_all(), weight=1.0, delay=1.0)
    net.connect(exc, out, connector or studio.all_to_all(), weight=weight, delay=delay, **more)
    return net


def wide(n: int) -> studio.Network:
    """Every neuron hears `n` sources."""
    net = studio.Network("wide")
    net.connect(net.source("drive", n, "poisson", rate=5.0), net.population("exc", 4, "lif"), studio.all_to_all(), weight=1.0, delay=1.0)
    return net


def crowd(n: int) -> studio.Network:
    """`n` neurons with a fan-in of 8."""
    net = studio.Network("crowd")
    exc = net.population("exc", n, "lif")
    net.connect(net.source("drive", 10, "poisson", rate=50.0), exc, studio.fixed_in_degree(2), weight=1.0, delay=1.0)
    net.connect(exc, exc, studio.fixed_in_degree(8), weight=1.0, delay=1.0)
    return net


def kept(kind: str, *paths: str, n: int = 20, **more: Any) -> studio.Network:
    """The pair with a routing constraint."""
    net = pair(n, connector=studio.fixed_in_degree(15))
    net.constrain(kind, *paths, **more)
    return net


@dataclass(frozen=True)
class Seeded:
    """`where`: the offending parameter. `node`: the box or line of the canvas that is flagged."""

    name: str
    target: str
    build: Build
    code: str
    where: str
    node: str
    options: tuple[tuple[str, Any], ...] = ()


def seeded(name: str, target: str, build: Build, code: str, where: str, node: str = "", **options: Any) -> Seeded:
    return Seeded(name, target, build, code, where, node or where.split(".")[0], tuple(options.items()))


CASES = (
    seeded("a neuron that Loihi has not", "loihi", lambda: pair(model="adex"), "fit.model", "exc.model"),
    seeded("a synapse that Loihi has not", "loihi", lambda: pair(kinetics="conductance_exponential", weight=0.1), "fit.model", "p2.kinetics"),
    seeded("a device that Loihi has not", "loihi", lambda: pair(device="pcm"), "fit.model", "p2.device"),
    seeded("a rule that Loihi has not", "loihi", lambda: pair(plasticity="stdp_triplet_nearest"), "fit.plasticity", "p2.plasticity"),
    seeded("a delay beyond 62 steps", "loihi", lambda: pair(delay=500.0), "fit.delay", "p2.delay"),
    seeded("more than 4,096 sources onto a neuron", "loihi", lambda: wide(6000), "fit.fan_in", "exc"),
    seeded("more cores than a chip of Loihi has", "loihi", lambda: crowd(200_000), "fit.cores", "exc", chips=1),
    seeded("a population on one core of Loihi", "loihi", lambda: kept("region", "exc", n=3000, chip=0, cores=[0, 1]), "fit.constraint", "constraints.0", "exc"),
    seeded("a chip that there is not", "loihi", lambda: kept("region", "exc", chip=99_999), "fit.constraint", "constraints.0", "exc"),
    seeded("a fan-in above its limit", "loihi2", lambda: kept("fan_in", "out", limit=4), "fit.constraint", "out"),
    seeded("a neuron that TrueNorth has not", "truenorth", lambda: pair(model="adex"), "fit.model", "exc.model"),
    seeded("a current on TrueNorth", "truenorth", lambda: pair(kinetics="exponential", weight=0.1), "fit.model", "p2.kinetics"),
    seeded("more than 256 axons", "truenorth", lambda: pair(2000, connector=studio.fixed_in_degree(400)), "fit.fan_in", "out"),
    seeded("more cores than a chip of TrueNorth has", "truenorth", lambda: crowd(300_000), "fit.cores", "exc"),
    seeded("a delay longer than ring buffers", "spinnaker", lambda: pair(delay=500.0), "fit.delay", "p2.delay"),
    seeded("a device that SpiNNaker has not", "spinnaker", lambda: pair(device="pcm"), "fit.model", "p2.device"),
    seeded("rows longer than a core's memory", "spinnaker", lambda: crowd(3_000_000), "fit.memory", "exc"),
    seeded("more tiles than there are", "crossbar", lambda: crowd(300_000), "fit.cores", "p2"),
    seeded("a conductance synapse on a crossbar", "crossbar", lambda: pair(kinetics="conductance_exponential", weight=0.1), "fit.model", "p2.kinetics"),
    seeded("a fan-in that a number mends", "mock", lambda: pair(2000, connector=studio.fixed_in_degree(400)), "fit.fan_in", "out"),
)  # fmt: skip


def test_there_are_twenty() -> None:
    assert len(CASES) == 20 and len({case.name for case in CASES}) == 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_seeded_violation_is_flagged_where_it_is(case: Seeded) -> None:
    if case.target not in backends():
        pytest.skip(f"no back end {case.target}")
    report = fit(case.build(), case.target, **dict(case.options))
    wrong = [f for f in report.findings if f.severity == "error"]
    assert not report.fits
    assert [(f.code, f.where) for f in wrong[:1]] == [(case.code, case.where)]
    assert wrong[0].text.endswith(".") and wrong[0].fix.endswith("."), "what is wrong and what to do, in sentences"


@pytest.mark.parametrize(
    ("name", "resource", "used", "available"),
    [
        ("more than 4,096 sources onto a neuron", "in_axons", 6000, 4096),
        ("more than 256 axons", "axons", 363, 256),
        ("a fan-in that a number mends", "in_axons", 363, 256),
    ],
)
def test_what_does_not_fit_says_how_much_of_what_it_needs(name: str, resource: str, used: int, available: int) -> None:
    """Also where a pass stopped before anything was cut: the badge has its numbers, not the finding alone."""
    case = next(c for c in CASES if c.name == name)
    path = fit(case.build(), case.target, **dict(case.options)).paths[case.where]
    assert path.state == "over" and path.binding is not None and path.binding.where == "one neuron"
    assert (path.binding.resource, round(path.binding.used), path.binding.available) == (resource, used, available)


def test_a_network_that_needs_too_many_cores_says_how_many() -> None:
    report = fit(crowd(300_000), "truenorth")
    chips, cores = report.totals
    assert not report.fits and (cores.resource, cores.available) == ("cores", 4096) and cores.used > 8000 and chips.used == 3
    assert report.paths["exc"].cores >= cores.used and report.paths["exc"].binding is not None


@pytest.mark.parametrize("case", [c for c in CASES if not c.options], ids=lambda case: case.name)
def test_the_canvas_hears_of_it_at_the_right_box(case: Seeded) -> None:
    said = answer(content(case.build().document), (case.target,))
    assert said["why"] == ""
    report = said["reports"][case.target]
    first = next(f for f in report["findings"] if f["severity"] == "error")
    places = [first["where"], *first.get("about", ()), first.get("apply", {}).get("where", "")]
    assert case.node in {place.split(".")[0] for place in places}


def test_fixes_that_are_numbers_mend_what_they_are_for() -> None:
    mended = set()
    for case in CASES:
        net = case.build()
        wrong = next(f for f in fit(net, case.target, **dict(case.options)).findings if f.severity == "error")
        found = setting(wrong.fix)
        if found is None or isinstance(found["value"], str) or found["where"].startswith("constraints."):
            continue  # for people, or set on the canvas
        net.set(found["where"], (found["value"], found["unit"]) if found["unit"] else found["value"])
        after = fit(net, case.target, **dict(case.options))
        assert (wrong.code, wrong.where) not in {(f.code, f.where) for f in after.findings if f.severity == "error"}, case.name
        mended.add(case.name)
    assert {"a delay beyond 62 steps", "a delay longer than ring buffers", "a fan-in that a number mends"} <= mended
