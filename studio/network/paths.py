"""Paths: where something stands, by keys from the main circuit inwards.

`exc`, `cols[1].exc`, `cols[*].exc.tau_m`; neurons `exc[0:100:2]`, with a shape `exc[3, :]`. Zero-based, row-major.
In an override, a path may begin with the copy it is meant for: `[1].exc.tau_m`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from studio.findings import Finding, FindingError


@dataclass(frozen=True)
class Slice:
    """`a:b:c`, as Python means it."""

    start: int | None = None
    stop: int | None = None
    step: int | None = None

    def __str__(self) -> str:
        text = f"{'' if self.start is None else self.start}:{'' if self.stop is None else self.stop}"
        return text if self.step is None else f"{text}:{self.step}"

    def to_slice(self) -> slice:
        return slice(self.start, self.stop, self.step)


ALL = "*"
Index = Union[int, Slice, str]  # str: only "*"


@dataclass(frozen=True)
class Step:
    """One key and what is chosen of it; `index` empty means everything. `key` is empty only at the start of an override."""

    key: str
    index: tuple[Index, ...] = ()

    def __str__(self) -> str:
        return self.key + (f"[{', '.join(str(i) for i in self.index)}]" if self.index else "")

    def takes(self, copy: int) -> bool:
        """Whether copy number `copy` of an instance is meant."""
        if len(self.index) != 1:
            return not self.index
        (chosen,) = self.index
        if isinstance(chosen, Slice):
            return copy in range(2**31)[chosen.to_slice()]
        return chosen in (ALL, copy)


@dataclass(frozen=True)
class Path:
    """Steps from the outside in."""

    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return ".".join(str(s) for s in self.steps)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(s.key for s in self.steps)


_STEP = re.compile(r"(?P<key>[A-Za-z_][A-Za-z0-9_]*)?(?:\[(?P<index>[^\[\]]*)\])?")
_SLICE = re.compile(r"\s*(-?\d{1,15})?\s*:\s*(-?\d{1,15})?\s*(?::\s*(-?\d{1,15})?\s*)?")
_WHOLE = re.compile(r"\s*(\d{1,15})\s*")


def parse(text: str) -> Path:
    """Read a path; raise FindingError(path.syntax) where it is malformed."""
    steps: list[Step] = []
    position = 0
    while True:
        match = _STEP.match(text, position)
        assert match is not None  # every part of the pattern is optional
        key, index = match["key"] or "", match["index"]
        if not key and (steps or index is None):
            raise _malformed(text, "a name is missing" if position < len(text) or not text else "it ends with a point")
        steps.append(Step(key, () if index is None else tuple(_index(part, text) for part in index.split(","))))
        position = match.end()
        if position == len(text):
            return Path(tuple(steps))
        if text[position] != ".":
            raise _malformed(text, f"“{text[position]}” is not expected at column {position + 1}")
        position += 1


def _index(part: str, text: str) -> Index:
    if part.strip() == ALL:
        return ALL
    whole = _WHOLE.fullmatch(part)
    if whole:
        return int(whole[1])
    match = _SLICE.fullmatch(part)
    if not match:
        raise _malformed(text, f"“{part.strip()}” is neither a number, a slice nor *")
    start, stop, step = (None if g is None else int(g) for g in match.groups())
    if step == 0:
        raise _malformed(text, "a slice cannot have step 0")
    return Slice(start, stop, step)


def join(*parts: str) -> str:
    """The parts that are not empty, with points between."""
    return ".".join(p for p in parts if p)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts p2 before p10, and is the same everywhere."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", text))


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A fix naming the nearest known word, or all of them."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1, 0.6)
    if near:
        return f"Did you mean “{near[0]}”?"
    return f"There is {', '.join(known[:20])}." if known else ""


def _malformed(text: str, why: str) -> FindingError:
    return FindingError(
        [
            Finding(
                "path.syntax",
                "error",
                text[:100],
                f"“{text[:100]}” is not a path: {why}.",
                "A path looks like exc, cols[1].exc.tau_m or exc[0:100].",
            )
        ]
    )
