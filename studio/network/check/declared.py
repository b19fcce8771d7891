"""Findings about copies, said once and where the document declares them, so that a hundred copies give one finding."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from studio.findings import Finding
from studio.network.check.context import Context

Rule = Callable[[Context], Iterable[Finding]]
_COPY = re.compile(r"(?<=\w)\[\d+\]")
_PATH = re.compile(r"\w[\w.]*(?:\[\d+\][\w.]*)+")


def declared(rule: Rule) -> Rule:
    """The rule, with flat paths (`cols[3].exc.size`) turned into places of the document (`column:exc.size`)."""

    def said(context: Context) -> Iterator[Finding]:
        places = {leaf.path: context.where(leaf.circuit, leaf.path.rpartition(".")[2]) for leaf in context.unfolded.leaves}
        places |= {link.path: link.where for link in context.unfolded.links}
        yield from _once([replace(finding, where=_place(finding.where, places)) for finding in rule(context)], places)

    return said


def _place(where: str, places: dict[str, str]) -> str:
    """The longest beginning of a path that is declared somewhere, replaced by that place."""
    head, rest = where, ""
    while head:
        if head in places:
            return places[head] + rest
        head, dot, last = head.rpartition(".")
        rest = dot + last + rest
    return where


def _once(findings: list[Finding], paths: Iterable[str]) -> Iterator[Finding]:
    """Findings that differ in nothing but the copy they speak of, as one: of `cols[*]` where it is every copy."""
    alike: dict[Finding, list[str]] = {}
    for finding in findings:
        alike.setdefault(replace(finding, text=_every(finding.text)), []).append(finding.text)
    copies = Counter(_every(path) for path in paths)
    for general, texts in alike.items():
        texts = list(dict.fromkeys(texts))
        about = {_spoken_of(text) for text in texts}
        if len(texts) == 1:
            yield replace(general, text=texts[0])
        elif len(about) >= copies[_every(min(about))]:
            yield general
        else:
            yield replace(general, text=f"{texts[0]} (So it is in {len(about)} of {copies[_every(min(about))]} copies.)")


def _every(text: str) -> str:
    return _COPY.sub("[*]", text)


def _spoken_of(text: str) -> str:
    """The first copy that a sentence names."""
    found = _PATH.search(text)
    return found[0].rstrip(".") if found else ""
