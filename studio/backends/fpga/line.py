"""What goes over the serial line of an emitted design (`link.v`), byte by byte, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from studio.backends.fpga.host import CURRENT, END, SPIKE, STEP, Host, commands
from studio.compile.backend import Listed, Stimulus, in_order
from studio.findings import Finding, FindingError

LOST = 128  # added to the end of a step in which a command was dropped


def frames(host: Host, stimulus: Stimulus) -> Iterator[tuple[bytes, bool]]:
    """What a host sends, command by command, and whether it must then wait for the end of a step."""
    for what, a, b, value in commands(host, stimulus):
        if what == SPIKE:
            yield bytes([SPIKE]) + _number(a, 2) + _number(b, 3), False
        elif what == CURRENT:
            yield bytes([CURRENT]) + _number(value % 2**40, 5) + _number(a, 2) + _number(b, 3), False
        elif what != END:
            yield bytes([what]), True


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")


def spikes(host: Host, answers: Iterable[int]) -> dict[str, Listed]:
    """Spikes by layer out of the bytes that came back. Raises FindingError where a command was dropped on the way."""
    layers = {number: key for key, number in host.layers.items()}
    found: dict[str, list[tuple[int, int]]] = {key: [] for key in host.layers}
    step, bytes_ = -1, iter(answers)
    for first in bytes_:
        if first == SPIKE:
            rest = bytes(next(bytes_) for _ in range(5))
            found[layers[int.from_bytes(rest[:2], "little")]].append((step, int.from_bytes(rest[2:], "little")))
        elif first == STEP:
            step += 1
        elif first == STEP + LOST:
            text = f"The design dropped a command in step {step}: they came faster than it takes them."
            raise FindingError([Finding("fit.line", "error", "", text, "Send fewer spikes in a step, or at a lower rate of bits.")])
    listed = {key: np.array(pairs, np.int64).reshape(-1, 2) for key, pairs in found.items()}
    return {key: in_order(both[:, 0], both[:, 1]) for key, both in listed.items()}


def talk(send: Callable[[bytes], object], receive: Callable[[], bytes], host: Host, stimulus: Stimulus) -> dict[str, Listed]:
    """Run a stimulus on a design at the other end of a line: `send` writes bytes, `receive` waits for some. Gives spikes by layer.

    After each step it waits for the step's end. Raises FindingError where a command was dropped, or nothing comes any more.
    """
    send(bytes(10))  # whatever was left half said is ended, and zeros are passed over
    answers = bytearray()
    for frame, ends in frames(host, stimulus):
        send(frame)
        if ends:
            begin = len(answers)
            while not _ended(answers, begin):
                more = receive()
                if not more:
                    raise FindingError(
                        [Finding("fit.line", "error", "", "The design does not answer.", "Look at the port, the pins and the clock.")]
                    )
                answers += more
    return spikes(host, answers)


def _ended(answers: bytearray, at: int) -> bool:
    """Whether the end of a step is among the answers from `at` on."""
    while at < len(answers):
        if answers[at] != SPIKE:
            return True
        at += 6
    return False
