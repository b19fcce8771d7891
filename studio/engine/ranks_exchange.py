"""Spikes between the processes of a run: packed, sent to all once per slice, and read where they arrive.

A message is uint32: its length, what its process says (STOP, BAD), then for every node that someone elsewhere may listen to how many
ids each step of the slice has, then the ids, step after step, and for sources their counts. Parts of a process are ranges of
rising ids, so their lists put one after another are one list. What arrives is not copied: the node table points into it.

Messages travel in blocks of one length, so that a slice costs one call of MPI; one that is longer makes all send it again whole.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

import numpy as np
from numba import njit

from studio.engine import loop as L
from studio.engine.native import address, view
from studio.engine.ranks import Group

STOP, BAD = 1, 2  # what a process says: end after this slice, one of my states is not a finite number
LENGTH, SAID, HEADER = range(3)  # words of a message; counts of ids follow
LEAST = 256  # words of a block
REMEMBERED = 256  # messages after which a block may get shorter again

CALLED_AS = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 5)


@njit(nogil=True, cache=True, error_model="numpy")
def pack(nodes, sent, first, last, row, steps, said, out):  # type: ignore[no-untyped-def]
    """Write the message of the parts [first, last) of the node table; returns its length, which may exceed `out`: then only a header is there."""
    at = HEADER + sent.shape[0] * steps
    for s in range(sent.shape[0]):
        for q in range(first, last):
            node = nodes[q, sent[s]]
            offsets = view(node[L.OFFSETS], row + steps + 1, np.int64)
            at += (offsets[row + steps] - offsets[row]) * (2 if node[L.COUNTS] != 0 else 1)
    out[LENGTH], out[SAID] = at, said
    if at > out.shape[0]:
        return at
    at = HEADER + sent.shape[0] * steps
    for s in range(sent.shape[0]):
        counted = nodes[first, sent[s], L.COUNTS] != 0
        for what in range(2 if counted else 1):
            for k in range(steps):
                begin = at
                for q in range(first, last):
                    node = nodes[q, sent[s]]
                    offsets = view(node[L.OFFSETS], row + steps + 1, np.int64)
                    a, b = offsets[row + k], offsets[row + k + 1]
                    words = view(node[L.COUNTS] if what == 1 else node[L.IDS], b, np.uint32)
                    for e in range(a, b):
                        out[at] = words[e]
                        at += 1
                out[HEADER + s * steps + k] = at - begin
    return at


@njit(nogil=True, cache=True, error_model="numpy")
def unpack(message, nodes, part, sent, row, steps, offsets, base):  # type: ignore[no-untyped-def]
    """Point the rows of one other process's part of the node table into its message. `offsets`: int64 (nodes sent, steps + 1); `base`: its address.

    The rows count steps from the start of the batch, as the loop does.
    """
    at = HEADER + sent.shape[0] * steps
    start = message.ctypes.data
    for s in range(sent.shape[0]):
        for k in range(steps):
            offsets[s, k + 1] = offsets[s, k] + np.int64(message[HEADER + s * steps + k])
        n = offsets[s, steps]
        nodes[part, sent[s], L.IDS] = start + 4 * at
        nodes[part, sent[s], L.OFFSETS] = base + 8 * (s * offsets.shape[1] - row)
        at += n
        if nodes[part, sent[s], L.COUNTS] != 0:
            nodes[part, sent[s], L.COUNTS] = start + 4 * at
            at += n


class Channel:
    """The messages about some nodes; the last ones stay where they are until the next are sent."""

    def __init__(self, group: Group, nodes: Sequence[int], slice_steps: int) -> None:
        self.group = group
        self.nodes = np.array(nodes, np.int64)
        self.offsets = np.zeros((group.size, len(nodes), slice_steps + 1), np.int64)
        self.block = max(LEAST, _rounded(HEADER + len(nodes) * slice_steps))
        self._least, self._seen, self._longest = self.block, 0, 0
        self.messages: list[np.ndarray] = []  # keeps alive what the node table points into
        self._room()

    def _room(self) -> None:
        self.message = np.zeros(self.block, np.uint32)
        self.blocks = np.zeros((self.group.size, self.block), np.uint32)

    def send(self, table: np.ndarray, first: int, last: int, row: int, steps: int, said: int) -> None:
        """Send the message of this process's parts, and receive everyone's in `messages`."""
        length = int(pack(table, self.nodes, first, last, row, steps, said, self.message))
        if length > len(self.message):
            self.message = np.zeros(_rounded(length), np.uint32)
            pack(table, self.nodes, first, last, row, steps, said, self.message)
        self.group.share(self.message[: self.block], self.blocks)
        lengths = self.blocks[:, LENGTH].astype(np.int64)
        longest = int(lengths.max())
        self.messages = list(self.blocks) if longest <= self.block else self._whole(self.message[:length], lengths)
        self._resize(longest)

    def _whole(self, message: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
        """Everyone's message, where one was longer than a block."""
        into = np.empty(int(lengths.sum()), np.uint32)
        self.group.share_parts(message, lengths, into)
        return np.split(into, np.cumsum(lengths)[:-1])

    def _resize(self, longest: int) -> None:
        """Longer blocks at once, shorter ones after a while; everyone has seen the same lengths and does the same."""
        self._seen, self._longest = self._seen + 1, max(self._longest, longest)
        fit = max(self._least, _rounded(self._longest))
        if fit > self.block or (self._seen >= REMEMBERED and fit < self.block):
            self.block = fit
            self._room()
        if self._seen >= REMEMBERED:
            self._seen, self._longest = 0, 0


def _rounded(n: int) -> int:
    """The power of two that is at least a quarter more than `n`."""
    return 1 << (n + n // 4 - 1).bit_length()


class Exchange:
    """What the compiled loop calls between two of its barriers, in each process's first part.

    `table`: the node table (parts of all processes, nodes, columns); the spikes of another process are put into the row of its first part.
    `flags`: those of the loop (3, parts of all processes). `sent`: the nodes whose spikes others may need; `counted`: those that list counts,
    which are the Poisson sources. `coupled`, at the end of each slice, exchanges what coupled projections read.
    """

    def __init__(
        self,
        group: Group,
        table: np.ndarray,
        flags: np.ndarray,
        sent: Sequence[int],
        counted: Sequence[int],
        slice_steps: int,
        coupled: Callable[[int], None] | None = None,
    ) -> None:
        self.group, self.table, self.flags, self.slice_steps, self._coupled = group, table, flags, slice_steps, coupled
        here = len(table) // group.size
        self.first, self.last = group.rank * here, (group.rank + 1) * here
        self._others = [(r, r * here) for r in range(group.size) if r != group.rank]
        self._about = {L.ALL_NODES: sorted(sent), L.ALL_RATES: sorted(counted), L.FLAGS_ALONE: []}
        self._about |= {k: [k] for k in sent}
        for _, part in self._others:
            table[part, list(counted), L.COUNTS] = 1
        self._channels: dict[int, Channel] = {}
        self._callback = CALLED_AS(self._called)
        self._compile()
        self.problem: BaseException | None = None
        self.calls = 0
        self.words = 0

    def _compile(self) -> None:
        """Compile what packs and unpacks now, or load it, rather than in the first slice."""
        none, words = np.zeros(0, np.int64), np.zeros(HEADER, np.uint32)
        pack(self.table, none, 0, 0, 0, 0, 0, words)
        unpack(words, self.table, 0, none, 0, 0, np.zeros((0, 1), np.int64), 0)

    @property
    def kernel(self) -> int:
        """The address that the loop calls: (0, 0, step, steps, row, turn, what it is about)."""
        return int(ctypes.cast(self._callback, ctypes.c_void_p).value or 0)

    def _called(self, pointers: int, numbers: int, step: int, steps: int, row: int, turn: int, what: int) -> int:
        try:
            self.meet(steps, row, turn, what)
            if self._coupled and what in (L.ALL_NODES, L.FLAGS_ALONE):
                self._coupled(step)
        except BaseException as broken:  # nothing may leave a call that compiled code made; `Simulation.advance` raises it
            self.problem = broken
            self.flags[turn, self.first] = 1
            return 1
        return 0

    def meet(self, steps: int, row: int, turn: int, what: int = L.ALL_NODES) -> None:
        """Exchange what happened in the slice of `steps` steps that begins at `row` of the batch, and the flags of this `turn`.

        `what`: a node, or one of the words of the loop. About a node that nobody elsewhere listens to there is nothing to say.
        """
        if what not in self._about or (what == L.ALL_RATES and not self._about[what]):
            return
        channel = self._channels.get(what)
        if channel is None:
            channel = self._channels[what] = Channel(self.group, self._about[what], self.slice_steps)
        mine = self.flags[:, self.first : self.last]
        said = (STOP if mine[turn].any() else 0) | (BAD if mine[2].any() else 0)
        channel.send(self.table, self.first, self.last, row, steps, said)
        for rank, part in self._others:
            message, offsets = channel.messages[rank], channel.offsets[rank]
            unpack(message, self.table, part, channel.nodes, row, steps, offsets, address(offsets))
            self.flags[turn, part] = int(message[SAID]) & STOP
            self.flags[2, part] = int(message[SAID]) & BAD
        self.calls += 1
        self.words += int(channel.messages[self.group.rank][LENGTH])
