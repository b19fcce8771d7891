"""Passes as text in, text out: tests/compile/texts/*.txt. `python -m tests.compile.test_texts` writes what comes out now; read the difference."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from studio.compile.backend import Pass
from studio.compile.passes.anneal import Anneal
from studio.compile.passes.check_constraints import CheckConstraints, CheckPlaces
from studio.compile.passes.check_models import CheckModels
from studio.compile.passes.choose_step import ChooseStep
from studio.compile.passes.dendrite import Dendrite
from studio.compile.passes.fan_in import SplitFanIn
from studio.compile.passes.merge_axons import MergeAxons
from studio.compile.passes.place import Place
from studio.compile.passes.quantise import Quantise
from studio.compile.passes.route import RouteMesh
from studio.compile.passes.schedule_delays import ScheduleDelays
from studio.compile.passes.split import Split
from studio.compile.program import Program
from studio.compile.target import Limit, Target, Topology
from studio.compile.text import read, write
from studio.compile.wiring import Cut
from studio.models.spec import Model

FOLDER = Path(__file__).parent / "texts"
FILES = sorted(FOLDER.glob("*.txt"))
SEPARATOR = "=== "


def usage(program: Program, layer: str, cut: Cut) -> Mapping[str, float]:
    into = program.into(layer)
    return {
        "neurons": cut.size,
        "in_axons": sum(c.wiring.axons(None, cut) for c in into),
        "synapses": sum(c.wiring.count(None, cut) for c in into),
    }


def reach(model: Model) -> str | None:
    """A machine of plain neurons and jumps."""
    if model.kind in ("connector", "source"):
        return ""
    known = {"lif": "", "delta": "", "static": "", "ideal": "", "exponential": "Its decay is a shift of bits."}
    return known.get(model.key)


def split_fan_in(itself: bool = False, **options: Any) -> SplitFanIn:
    """With TrueNorth's neuron, which subtracts its threshold, or Loihi's, which does not."""
    adds_up = Dendrite("truenorth", {"reset_mode": 1.0}, "alpha", 255, 2**18 - 1)
    current = Dendrite("loihi", {"du": 0.0, "dv": 4095.0}, "vth", 255, 255 * 2**7, above=True, rounds=True, itself=True, leak=1 / 4096)
    return SplitFanIn(current if itself else adds_up, "in_axons", **options)


PASSES: Mapping[str, Callable[..., Pass]] = {
    "check_models": lambda: CheckModels(reach),
    "check_constraints": CheckConstraints,
    "check_places": CheckPlaces,
    "choose_step": ChooseStep,
    "schedule_delays": lambda classes=None: ScheduleDelays(None if classes is None else tuple(classes)),
    "quantise": lambda exponents=(0, 0), **options: Quantise(exponents=(exponents[0], exponents[1]), **options),
    "split_fan_in": split_fan_in,
    "split": lambda **options: Split(usage, **options),
    "place": lambda **options: Place(usage, **options),
    "anneal": Anneal,
    "route": RouteMesh,
    "merge_axons": MergeAxons,
}


@dataclass(frozen=True)
class Case:
    """A file: passes to do, the machine, the program before and after; lines with # are for readers."""

    head: str
    passes: tuple[Pass, ...]
    target: Target
    before: str
    after: str

    @staticmethod
    def of(text: str) -> Case:
        head, before, after = (part.partition("\n")[2] for part in ("\n" + text).split(SEPARATOR))
        rows = [line.partition(" ")[::2] for line in head.splitlines() if line.strip() and not line.startswith("#")]
        machine = next((json.loads(rest) for word, rest in rows if word == "machine"), {})
        passes = [rest.partition(" ")[::2] for word, rest in rows if word == "pass"]
        made = tuple(PASSES[name](**(json.loads(options) if options else {})) for name, options in passes)
        return Case(head, made, target(**machine), before, after)

    def result(self) -> str:
        program = read(self.before)
        for step in self.passes:
            program = step(program, self.target)
        return write(program)


def target(mesh: tuple[int, int] = (4, 4), limits: Mapping[str, float] | None = None, **fields: Any) -> Target:
    """A machine with so many neurons, axons and synapses in a core; `topology` and fields of a Target may be given."""
    counts = {"neurons": 64.0, "in_axons": 256.0, "synapses": 8192.0, **(limits or {})}
    topology = replace(Topology("mesh", *mesh), **fields.pop("topology", {}))
    fields["delay"] = tuple(fields.get("delay", (1, 63)))
    return Target("test", "Test machine", "", topology, {k: Limit(v, "", "", "none") for k, v in counts.items()}, **fields)


def test_there_are_texts_for_every_pass() -> None:
    named = {line.split()[1] for file in FILES for line in file.read_text("utf-8").splitlines() if line.startswith("pass ")}
    assert len(FILES) >= 20 and named == set(PASSES)


@pytest.mark.parametrize("file", FILES, ids=[f.stem for f in FILES])
def test_a_pass_gives_the_text_that_is_expected(file: Path) -> None:
    case = Case.of(file.read_text("utf-8"))
    assert write(read(case.before)) == case.before, "what goes in is written as the studio writes it"
    assert case.result() == case.after


def test_the_page_on_the_representation_runs_and_names_every_pass() -> None:
    page = (Path(__file__).parents[2] / "docs" / "ir.md").read_text("utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    exec(compile(code, "docs/ir.md", "exec"), {"__name__": __name__})
    assert {type(make()).__name__ for make in PASSES.values()} <= set(re.findall(r"^\| `(\w+)\(", page, re.MULTILINE))


def rewrite() -> None:
    for file in FILES:
        case = Case.of(file.read_text("utf-8"))
        before = write(read(case.before))
        result = Case(case.head, case.passes, case.target, before, "").result()
        file.write_text(f"{case.head}{SEPARATOR}in\n{before}{SEPARATOR}out\n{result}", "utf-8")


if __name__ == "__main__":
    rewrite()
