"""Where the registers of a neuron's arithmetic lie: how much of it goes between two edges of the clock.

Every wire belongs to a stage; what a later stage uses passes a register for each stage between. Which operations share a stage follows from rough
delays in quarters of the longest one, a wide product: a rule of ours, tried by placing and routing (docs/measurements.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from studio.backends.fpga.wire import Wire

STAGE = 6  # delays that go between two registers
READ = 3  # of a word that comes out of a memory
WIDE = 18  # bits of a hard multiplier's factor: wider products are put together from several
GIVEN = frozenset({"state", "arrived", "current", "constant"})
DELAYS: Mapping[str, int] = {
    **dict.fromkeys(("add", "subtract", "negate", "round", "lt", "le", "eq", "positive", "xorshift"), 2),
    **dict.fromkeys(("clamp", "min", "max", "abs"), 3),
    **dict.fromkeys(("select", "mask", "join"), 1),
}


def delay(wire: Wire, wires: Sequence[Wire]) -> int:
    """How long an operation takes; 0 of what only moves bits or joins a few truths."""
    if wire.op == "multiply":
        return STAGE if max(wires[a].bits for a in wire.args) > WIDE else STAGE - READ
    return READ if wire.op in GIVEN else DELAYS.get(wire.op, 0)


def staged(wires: Sequence[Wire]) -> tuple[int, ...]:
    """The stage in which each wire has its value, from 0 on."""
    stage: list[int] = []
    at: list[int] = []  # how late within it
    for wire in wires:
        here = max((stage[a] for a in wire.args), default=0)
        late = max((at[a] for a in wire.args if stage[a] == here), default=0)
        takes = delay(wire, wires)
        if late and late + takes > STAGE:
            here, late = here + 1, 0
        stage.append(here)
        at.append(late + takes)
    return tuple(stage)


def crossings(pairs: Iterable[tuple[int, int]], stages: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(place, stage) of every register: for each pair of a wire and a stage that uses it, one for each stage on the way, once."""
    last: dict[int, int] = {}
    for place, user in pairs:
        last[place] = max(last.get(place, stages[place]), user)
    for place, user in sorted(last.items()):
        for stage in range(stages[place] + 1, user + 1):
            yield place, stage
