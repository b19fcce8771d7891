"""What networks of up to 10^11 neurons would cost: the tables and the plot of docs/scaling.md, computed from measured constants.

python -m benchmarks.whole_brain            writes them
python -m benchmarks.whole_brain measure    measures this machine's constants, to be put into `Core` below
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.process import ROOT
from benchmarks.report import IMAGES, MARKED, table
from benchmarks.svg import COLOURS, Drawing, Scale, label

PAGE = ROOT / "docs" / "scaling.md"
STEPS = 10_000  # of 0.1 ms in a biological second
SLICE_S = 1e-3  # the shortest delay between machines


@dataclass(frozen=True)
class Core:
    """What one core does; measured by `benchmarks.constants` on an AMD EPYC (Zen 5), in processor time, best of three."""

    update_ns: float = 0.62  # a leaky integrate-and-fire neuron with noise of its own, one step
    event_ns: float = 2.7  # a synapse crossed, with drawn float32 weight and delay, rows of 1,000
    row_ns: float = 50.0  # a spike looked up among 4 million sources, a row of one synapse
    exchange_us: float = 9.0  # packing, MPI and unpacking, two processes on one machine, 600 ids each


@dataclass(frozen=True)
class Bytes:
    """What things take in memory and in messages."""

    synapse: float = 4.5  # 16-bit target, weight from a table of 256, 8-bit delay
    neuron: float = 600.0  # states, two rings of 64 slots, lists
    start: float = 8.0  # where a source's row begins, for each source and thread
    found: float = 12.0  # the same, kept only for sources that have targets here
    identity: float = 4.0  # a spike in a message
    wide: float = 5.0  # the same beyond 2^32 neurons


@dataclass(frozen=True)
class Machine:
    """An assumed machine; not measured."""

    cores: int = 64
    memory: float = 400e9  # bytes that the network may take, of 512 GB
    bandwidth: float = 25e9  # bytes a second, 200 Gbit/s
    hop_s: float = 2e-6  # one message between two machines


@dataclass(frozen=True)
class Network:
    """So many neurons, each with so many synapses, at a rate [Hz]."""

    neurons: float
    fan_out: float
    rate: float

    @property
    def synapses(self) -> float:
        return self.neurons * self.fan_out

    @property
    def events(self) -> float:
        """Synapses crossed in a biological second."""
        return self.synapses * self.rate


@dataclass(frozen=True)
class Cost:
    """Of one way to run a network on `machines`; seconds per biological second, by what takes them; bytes per machine."""

    machines: int
    memory: float
    received: float  # bytes a machine receives in a slice
    messages: float  # that a machine receives in a slice
    seconds: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    @property
    def limit(self) -> str:
        return max(self.seconds, key=lambda what: self.seconds[what])


Way = Callable[[Network, int], Cost]
CORE, BYTES, MACHINE = Core(), Bytes(), Machine()


def reached(parts: float, fan_out: float) -> float:
    """The share of `parts` in which a neuron has a target, if targets lie anywhere."""
    return -math.expm1(fan_out * math.log1p(-1.0 / parts)) if parts > 1 else 1.0


def compute(n: Network, machines: int) -> dict[str, float]:
    """Updates and synapses, which share themselves out evenly."""
    cores = machines * MACHINE.cores
    return {"update": n.neurons * STEPS * CORE.update_ns * 1e-9 / cores, "synapses": n.events * CORE.event_ns * 1e-9 / cores}


def today(n: Network, machines: int) -> Cost:
    """The engine as it is: every spike goes to every machine, and each thread looks for it in its table of all sources."""
    rows = n.neurons * n.rate * CORE.row_ns * 1e-9
    others = (machines - 1) / machines
    traffic = n.neurons * n.rate * BYTES.identity * others
    seconds = compute(n, machines) | {"looking up spikes": rows, "network": traffic / MACHINE.bandwidth + _waits(machines)}
    memory = (n.synapses * BYTES.synapse + n.neurons * BYTES.neuron) / machines + n.neurons * BYTES.start * MACHINE.cores
    return Cost(machines, memory, traffic * SLICE_S, machines - 1, seconds)


def directed(n: Network, machines: int, local: float = 0.0) -> Cost:
    """A spike goes only to machines, and there to threads, where it has targets; sources without targets take no memory there.

    `local`: the share of a neuron's targets that lie on its own machine; the others lie anywhere.
    """
    local = local if machines > 1 else 0.0
    near, far = local * n.fan_out, (1.0 - local) * n.fan_out
    heard = n.neurons * reached(machines * MACHINE.cores, far) + n.neurons / machines * reached(MACHINE.cores, near)  # sources of a thread
    rows = heard * n.rate * CORE.row_ns * 1e-9
    sent = n.neurons * n.rate * reached(machines, far) * (machines - 1) / machines
    traffic = sent * (BYTES.identity if n.neurons < 2**32 else BYTES.wide)
    seconds = compute(n, machines) | {"looking up spikes": rows, "network": traffic / MACHINE.bandwidth + _waits(machines)}
    memory = (n.synapses * BYTES.synapse + n.neurons * BYTES.neuron) / machines + heard * BYTES.found * MACHINE.cores
    return Cost(machines, memory, traffic * SLICE_S, machines - 1, seconds)


def placed(n: Network, machines: int) -> Cost:
    """The same, with neighbours put on one machine: nine of ten synapses stay there."""
    return directed(n, machines, 0.9)


def _waits(machines: int) -> float:
    """Calls of MPI in a biological second: one a slice, in as many hops as the machines' number has bits."""
    if machines == 1:
        return 0.0
    return (CORE.exchange_us * 1e-6 + math.ceil(math.log2(machines)) * MACHINE.hop_s) / SLICE_S


def enough(n: Network, way: Way) -> Cost | None:
    """The way on the fewest machines (a power of two) whose memory holds the network; None where no number does."""
    for power in range(21):
        cost = way(n, 1 << power)
        if cost.memory <= MACHINE.memory:
            return cost
    return None


SIZES = tuple(10.0**k for k in range(6, 12))
CORNERS = {"lean": (1e3, 1.0), "dense": (1e4, 10.0)}  # fan-out and rate


def networks(corner: str) -> list[Network]:
    return [Network(size, *CORNERS[corner]) for size in SIZES]


def sizes_table() -> str:
    head = ["neurons", "synapses", "crossed in a biological second", "memory, stored", "memory, drawn again", "spikes in a slice of 1 ms"]
    lines = []
    for corner in CORNERS:
        for n in networks(corner):
            stored, drawn = n.synapses * BYTES.synapse + n.neurons * BYTES.neuron, n.neurons * BYTES.neuron
            spikes = n.neurons * n.rate * SLICE_S
            lines.append([power(n.neurons), power(n.synapses), power(n.events), size(stored), size(drawn), f"{spikes:,.0f}"])
    return table(head, lines)


def ways_table(way: Way) -> str:
    """One line a network: machines, what a slice brings to each, and where the time goes."""
    head = ["neurons", "fan-out, rate", "machines", "memory each", "received a slice", "time a slice", "slower than life", "the limit"]
    return table(head, [_line(n, enough(n, way)) for corner in CORNERS for n in networks(corner)])


def _line(n: Network, cost: Cost | None) -> list[str]:
    about = [power(n.neurons), f"{n.fan_out:,.0f}, {n.rate:g} Hz"]
    if cost is None:
        return [*about, *"-----", f"memory: {size(BYTES.start * n.neurons * MACHINE.cores)} of row starts on every machine"]
    received = f"{size(cost.received)} in {counted(cost.messages, 'message')}" if cost.messages else "-"
    limit = f"{cost.limit} ({cost.seconds[cost.limit] / cost.total:.0%})"
    return [*about, f"{cost.machines:,}", size(cost.memory), received, time(cost.total * SLICE_S), factor(cost.total), limit]


WAYS = {"today": today, "directed": directed, "placed": placed}
PARTS = {"sizes": sizes_table, **{name: partial(ways_table, way) for name, way in WAYS.items()}}


def power(value: float) -> str:
    """10^11, 2 x 10^6."""
    exponent = math.floor(math.log10(value) + 1e-9)
    first = value / 10.0**exponent
    return f"{'' if first < 1.05 else f'{first:.1f} x '}10^{exponent}"


def size(n: float) -> str:
    for name in ("B", "kB", "MB", "GB", "TB"):
        if n < 1000:
            return f"{n:.3g} {name}"
        n /= 1000
    return f"{n:.3g} PB"


def counted(n: float, word: str) -> str:
    return f"{n:,.0f} {word}{'' if n == 1 else 's'}"


def time(seconds: float) -> str:
    return f"{seconds * 1e6:.3g} µs" if seconds < 1e-3 else f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def factor(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 10 else f"{seconds:.2g}"


def plot() -> str:
    """Wall seconds per biological second against size, of each way; dense networks, and lean ones thin."""
    drawing = Drawing(860, 430)
    x, y = Scale(1e6, 1e11, 80, 640), Scale(1e-1, 1e3, 370, 40)
    drawing.text(16, 205, "wall seconds per biological second", "small", "middle", -90)
    for tick in y.ticks():
        drawing.line([(80, y(tick)), (640, y(tick))], "real" if tick == 1 else "grid")
        drawing.text(72, y(tick) + 4, label(tick), "small", "end")
    for exponent in range(6, 12):
        drawing.text(x(10.0**exponent), 390, f"10^{exponent}", "small", "middle")
    drawing.text(360, 414, "neurons, on as many machines as their memory needs", "small", "middle")
    drawing.line([(80, 40), (80, 370), (640, 370)])
    for k, (way, (who, said)) in enumerate(SHOWN.items()):
        for corner, width in (("lean", 1.0), ("dense", 2.5)):
            places = [(x(n.neurons), y(cost.total)) for n in networks(corner) if (cost := enough(n, WAYS[way]))]
            drawing.line(places, colour=COLOURS[who], width=width)
            for place in places:
                drawing.dot(*place, COLOURS[who])
        drawing.dot(664, 120 - 30 * k, COLOURS[who])
        drawing.text(676, 124 - 30 * k, said)
    for k, (corner, words) in enumerate({"dense": "thick", "lean": "thin"}.items()):
        fan_out, rate = CORNERS[corner]
        drawing.text(676, 164 + 20 * k, f"{words}: {fan_out:,.0f} synapses, {rate:g} Hz", "small")
    drawing.text(676, y(1) + 4, "real time", "small")
    return drawing.written("Wall seconds per biological second of networks of a million to a hundred billion neurons, computed")


SHOWN = {"placed": ("other", "and neighbours together"), "directed": ("engine", "directed exchange"), "today": ("nest", "today, to 10^8")}


def main(words: Sequence[str]) -> None:
    if list(words) == ["measure"]:
        from benchmarks.constants import measured

        for name, value in measured().items():
            print(f"{name}: {value:.3g} ns")
        return
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKED.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[3]}", page), encoding="utf-8")
    (IMAGES / "whole_brain.svg").write_text(plot(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
