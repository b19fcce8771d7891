"""Synapses of networks that are too large to be listed: rows of 32-bit words, core by core, as the cores hold them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from studio.backends.spinnaker import files

Found = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # sources, targets, types, weights, delays


@dataclass(frozen=True)
class Slice:
    """The rows of one core: its first neuron's number, the bits of a neuron in a word, and of every source with a row the words of it."""

    low: int
    bits: int
    sources: np.ndarray  # uint32, ascending, numbered as in image.Rows
    starts: np.ndarray  # uint32, one more
    words: np.ndarray  # uint32


@dataclass(frozen=True)
class Packed:
    """All rows of a machine, 4 bytes a synapse; stands for `image.Rows` where nothing learns."""

    slices: tuple[Slice, ...]
    n_sources: int
    longest: int  # the longest delay, in steps

    def deliver(self, ring: np.ndarray, sent: np.ndarray, step: int) -> int:
        """Add the rows of these sources to the ring; how many synapses there were."""
        slots, _, n = ring.shape
        flat, times, events = ring.reshape(-1), np.bincount(sent, minlength=self.n_sources), 0
        for s in self.slices:
            hit = np.flatnonzero(times[s.sources])
            if not len(hit):
                continue
            first, counts = s.starts[hit].astype(np.int64), np.diff(s.starts.astype(np.int64))[hit]
            places = np.arange(int(counts.sum())) + np.repeat(first - (np.cumsum(counts) - counts), counts)
            neurons, types, delays, weights = files.unpacked(s.words[places], s.bits)
            often = np.repeat(times[s.sources[hit]], counts)
            np.add.at(flat, ((delays + step) % slots * 2 + types) * n + neurons + s.low, weights * often)
            events += int(often.sum())
        return events


def sliced(low: int, bits: int, parts: Iterable[Found]) -> tuple[Slice, int]:
    """The rows of one core from its synapses, whose targets are counted from its first neuron `low` on; and the longest delay."""
    sources, words, longest = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint32)], 0
    for source, target, types, weights, delays in parts:
        sources.append(source.astype(np.uint32))
        words.append(files.packed(target, types, delays, weights, bits))
        longest = max(longest, int(delays.max(initial=0)))
    joined = np.concatenate(sources)
    order = np.argsort(joined, kind="stable")
    own, counts = np.unique(joined, return_counts=True)
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.uint32)
    return Slice(low, bits, own, starts, np.concatenate(words)[order]), longest
