"""Findings about copies, said where the document declares them, so that a hundred copies give one finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from studio.findings import Finding
from studio.network.check.context import Context

Rule = Callable[[Context], Iterable[Finding]]


def declared(rule: Rule) -> Rule:
    """The rule, with flat paths (`cols[3].exc.size`) turned into places of the document (`column:exc.size`)."""

    def said(context: Context) -> Iterator[Finding]:
        places = {leaf.path: context.where(leaf.circuit, leaf.path.rpartition(".")[2]) for leaf in context.unfolded.leaves}
        places |= {link.path: link.where for link in context.unfolded.links}
        for finding in rule(context):
            yield replace(finding, where=_place(finding.where, places))

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
