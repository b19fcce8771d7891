"""Slices onto cores: chip after chip, near each other, on as many boards as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from studio.backends.spinnaker.machine import Chip, Machine, machine_for
from studio.backends.spinnaker.slicing import usage
from studio.backends.spinnaker.target import COLUMNS, ROWS, machine_of
from studio.compile.constraints import Rules
from studio.compile.program import Part, Program
from studio.compile.target import Target
from studio.findings import Finding
from studio.models.forms import OneToOne

_FEW = 8  # slices that are kept on one chip
Place = tuple[int, int, int]  # board, x, y on the board


def place_of(machine: Machine, chip: Chip) -> Place:
    """(board, x, y within the board's square of 8 x 8) of a chip."""
    width, height = machine.size
    for number, (ox, oy) in enumerate(machine.ethernets):
        x, y = (chip[0] - ox) % width, (chip[1] - oy) % height
        if x < COLUMNS and y < ROWS and -4 <= y - x <= 3:
            return number, x, y
    raise ValueError(f"no board has the chip {chip}")


def core_number(machine: Machine, chip: Chip, core: int) -> int:
    """The number of a core in the target's topology."""
    number, x, y = place_of(machine, chip)
    return ((number * ROWS + y) * COLUMNS + x) * machine.cores + core


def chip_core(machine: Machine, number: int) -> tuple[Chip, int]:
    """The chip and the core on it that a number of the topology means."""
    router, core = divmod(number, machine.cores)
    rest, x = divmod(router, COLUMNS)
    board, y = divmod(rest, ROWS)
    ox, oy = machine.ethernets[board]
    return ((ox + x) % machine.size[0], (oy + y) % machine.size[1]) if machine.wraps else (ox + x, oy + y), core


def machine_used(program: Program, target: Target) -> Machine:
    """The machine that a placed program stands on."""
    whole = machine_of(target)
    return Machine(int(program.settings["boards"]), whole.cores, whole.monitors, whole.less)


@dataclass(frozen=True)
class PlaceSlices:
    """Gives every part a core (`Part.core`) and the machine its boards (`settings["boards"]`).

    Needs: parts of at most a core each. Guarantees: one part on a core, none on a system's core, and no chip's memory exceeded; regions hold,
    and layers that are kept apart share no core or chip; or a finding (`fit.cores`, `fit.constraint`).

    Parts follow each other over chips in their order, layers with many synapses between them side by side, sources beside what they drive: slice by slice where
    each neuron hears one element of it, so that fast drives stay on their chip.
    """

    name: str = "place"

    def __call__(self, program: Program, target: Target) -> Program:
        whole = machine_of(target)
        needed = len(program.parts)
        if needed > whole.capacity:
            text = f"{needed:,} cores are needed; {target.title} has {whole.capacity:,} on {whole.physical_boards:,} boards."
            return program.say(Finding("fit.cores", "error", "", text, "Use more boards (--boards), or fewer neurons."))
        rules = Rules(program, target)
        machine = _reaching(machine_for(needed, whole), whole, rules)
        while True:
            cores, finding = self._placed(program, target, machine, rules)
            if finding is None or machine.physical_boards >= whole.physical_boards or _bound(program, finding, machine, rules):
                break
            machine = machine_for(min(2 * machine.capacity, whole.capacity), whole)
        if finding is not None:
            return program.say(finding)
        parts = tuple(replace(p, core=core_number(machine, *cores[p.key])) for p in program.parts)
        return replace(program, parts=parts).choose(
            route={"multicast": True}, boards=machine.physical_boards, chips=len({chip for chip, _ in cores.values()})
        )

    def _placed(
        self, program: Program, target: Target, machine: Machine, rules: Rules
    ) -> tuple[dict[str, tuple[Chip, int]], Finding | None]:
        free = {chip: list(machine.usable(chip)) for chip in machine.chips}
        memory = dict.fromkeys(machine.chips, target.limit("chip_sdram"))
        on: dict[Chip, set[str]] = {chip: set() for chip in machine.chips}
        board_of = {chip: place_of(machine, chip)[0] for chip in machine.chips}
        boards: dict[int, list[Chip]] = {}
        for chip, number in board_of.items():
            boards.setdefault(number, []).append(chip)
        regions = {layer.key: _region(machine, cores) for layer in program.layers if (cores := rules.allowed(layer.key)) is not None}
        out: dict[str, tuple[Chip, int]] = {}
        home: Chip | None = None  # where the slice lies beside which this one belongs
        for part, room in _order(program, rules):
            home = None if room else home
            need = usage(program, part.layer, part.cut)["sdram"]
            inside = regions.get(part.layer)
            strangers = rules.apart["chip"].get(part.layer, frozenset())
            for chip in [*([home] if home else []), *(free if inside is None else inside)]:
                mine = free.get(chip, []) if inside is None else [c for c in free.get(chip, []) if c in inside[chip]]
                if (
                    len(mine) >= max(1, room)
                    and memory[chip] >= need
                    and not any(strangers & on[x] for x in boards[board_of[chip]] if strangers)
                ):
                    out[part.key], home = (chip, mine[0]), home or chip
                    free[chip].remove(mine[0])
                    if not free[chip]:
                        del free[chip]
                    memory[chip] -= need
                    on[chip].add(part.layer)
                    break
            else:
                return out, _nowhere(program, part, target, machine, inside is not None or bool(strangers))
        return out, None


def _bound(program: Program, finding: Finding, machine: Machine, rules: Rules) -> bool:
    """Whether what found no place is bound to cores that are all there already: more boards would not help."""
    regions = [allowed for x in program.layers if x.path == finding.where and (allowed := rules.allowed(x.key)) is not None]
    return any(not len(r) or int(r.max()) < machine.physical_boards * ROWS * COLUMNS * machine.cores for r in regions)


def _reaching(machine: Machine, whole: Machine, rules: Rules) -> Machine:
    """The machine with at least as many boards as the regions name."""
    named = [one.chip for one in rules.all if one.kind == "region" and one.chip is not None]
    while named and max(named) >= machine.physical_boards < whole.physical_boards:
        machine = machine_for(machine.capacity + 1, whole)
    return machine


def _region(machine: Machine, allowed: np.ndarray) -> dict[Chip, set[int]]:
    """The cores of a region by chip."""
    out: dict[Chip, set[int]] = {}
    for number in allowed[allowed < machine.physical_boards * ROWS * COLUMNS * machine.cores].tolist():
        chip, core = chip_core(machine, number)
        out.setdefault(chip, set()).add(core)
    return out


def _nowhere(program: Program, part: Part, target: Target, machine: Machine, bound: bool) -> Finding:
    path = program.node(part.layer).path
    if bound:
        text = f"No core that its constraints allow is left for “{part.key}”."
        return Finding("fit.constraint", "error", path, text, "Widen the region, or take a constraint away.")
    text = f"No chip of {machine.physical_boards:,} boards has a core and memory left for “{part.key}”."
    return Finding("fit.cores", "error", path, text, "Use more boards (--boards), or fewer neurons.")


def _beside(program: Program, source: str, layer: str) -> bool:
    """Whether each neuron of a layer hears one element of a source: then their slices lie side by side, and packets stay on the chip."""
    return any(c.target == layer and isinstance(c.wiring.form, OneToOne) for c in program.out_of(source))


def _order(program: Program, rules: Rules) -> Iterator[tuple[Part, int]]:
    """Parts layer by layer: first those bound to a place, then each layer after the one it has most synapses with, its sources behind it.

    With each part comes how many cores its chip should have free for it and those that follow; 0: it belongs to the part before.
    """
    parts: dict[str, list[Part]] = {}
    for p in program.parts:
        parts.setdefault(p.layer, []).append(p)
    keys = [x.key for x in program.layers]
    number = {key: k for k, key in enumerate(keys)}
    joined = np.zeros((len(keys), len(keys)))
    for c in program.connections:
        if c.source in number and c.kinetics is not None:
            joined[number[c.source], number[c.target]] += c.wiring.count()
    joined += joined.T
    left = sorted(range(len(keys)), key=lambda k: (rules.allowed(keys[k]) is None, k))
    done: list[int] = []
    while left:
        bound = [k for k in left if rules.allowed(keys[k]) is not None]
        k = bound[0] if bound else max(left, key=lambda k: (sum(joined[k, j] for j in done), -k)) if done else left[0]
        left.remove(k)
        done.append(k)
        drives = {
            x.key: _beside(program, x.key, keys[k]) for x in program.inputs if any(c.target == keys[k] for c in program.out_of(x.key))
        }
        side = [p for key, near in drives.items() if near for p in parts.pop(key, [])]
        together = 1 + sum(drives.values())
        for p in sorted([*parts.pop(keys[k], []), *side], key=lambda p: (p.cut.low, p.layer != keys[k], p.layer)):
            yield p, 0 if p.layer != keys[k] else together if together <= _FEW else 1
        for key in drives:
            yield from ((p, 1) for p in parts.pop(key, []))
    for rest in parts.values():
        yield from ((p, 1) for p in rest)
