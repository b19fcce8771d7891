"""Which packet says that which neuron fired: a block of keys for each population, cut by slice, neuron and colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

COLOUR_BITS = 4  # low bits that count steps, so that late packets are told apart (n_colour_bits of sPyNNaker 7.4.1)
FULL = 0xFFFFFFFF


@dataclass(frozen=True)
class Keys:
    """The keys of one population: `key` and `mask` of the whole; a slice has `1 << slice_bits` of them, counted in order.

    Neuron i of slice s, counted from the slice's first, sends `key + (s << slice_bits) + (i << COLOUR_BITS) + colour`.
    """

    name: str
    key: int
    mask: int
    slice_bits: int
    slices: int

    @property
    def slice_mask(self) -> int:
        return FULL & ~((1 << self.slice_bits) - 1)

    def of_slice(self, index: int) -> int:
        """The key of a slice."""
        return self.key + (index << self.slice_bits)

    def of_neuron(self, index: int, neuron: int, colour: int = 0) -> int:
        """The key that one neuron sends."""
        return self.of_slice(index) + (neuron << COLOUR_BITS) + colour


def allocate(populations: Iterable[tuple[str, int, int]]) -> dict[str, Keys]:
    """Keys for populations given as (name, slices, most neurons of a slice), in that order; blocks are aligned to their size.

    Raises OverflowError where 32 bits are too few.
    """
    out: dict[str, Keys] = {}
    after = 0
    for name, slices, atoms in populations:
        slice_bits = COLOUR_BITS + bits_for(atoms)
        size = 1 << (slice_bits + bits_for(slices))
        key = -(-after // size) * size
        after = key + size
        if after > FULL + 1:
            raise OverflowError(f"the keys of {name} go beyond 32 bits")
        out[name] = Keys(name, key, FULL & ~(size - 1), slice_bits, slices)
    return out


def bits_for(n: int) -> int:
    """How many bits count n things."""
    return max(0, (max(1, n) - 1).bit_length())
