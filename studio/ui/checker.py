"""Checks a document in the background of an edit; only the newest revision matters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from dataclasses import dataclass
from typing import Any

from studio.findings import Finding, FindingError, errors
from studio.network.flat import FlatNetwork

Known = Callable[["Verdict"], None]


@dataclass(frozen=True)
class Verdict:
    """What the checks say of revision `rev`, and the expected number of synapses per projection path."""

    rev: int
    findings: tuple[Finding, ...]
    synapses: Mapping[str, float]


def verdict(rev: int, document: Any, catalogue: Any) -> Verdict:
    """Checks `document`; counts synapses where it can be flattened."""
    from studio.network.check import check

    findings = tuple(check(document, catalogue))
    return Verdict(rev, findings, {} if errors(findings) else synapses(document, catalogue))


def synapses(document: Any, catalogue: Any) -> dict[str, float]:
    """The expected number of synapses of each projection of the document; empty where it cannot be flattened."""
    from studio.network.flatten import flatten

    try:
        return synapses_of(flatten(document, catalogue))
    except FindingError:
        return {}


def synapses_of(network: FlatNetwork) -> dict[str, float]:
    """The expected number of synapses of each projection, by its path in the document."""
    counts: dict[str, float] = {}
    sizes = {node.path: node.size for node in (*network.populations, *network.sources)}
    for projection in network.projections:
        connector = projection.connector
        expected = connector.model.expected(connector.params, sizes[projection.source], sizes[projection.target])
        counts[projection.path] = counts.get(projection.path, 0.0) + float(expected)
    return counts


class Checker:
    """One thread that checks; `known` hears each verdict that is still the newest."""

    def __init__(self, catalogue: Any, known: Known) -> None:
        self._catalogue, self._known = catalogue, known
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="studio-check")
        self._newest = -1
        self._lock = threading.Lock()

    def ask(self, rev: int, document: Any, patience_s: float = 0.02) -> Verdict | None:
        """Starts a check. Gives its verdict when that takes less than `patience_s`; else None, and `known` hears later."""
        with self._lock:
            self._newest = rev
        future = self._pool.submit(self._check, rev, document)
        try:
            found = future.result(timeout=patience_s)
        except TimeoutError:
            future.add_done_callback(self._late)
            return None
        return found

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _check(self, rev: int, document: Any) -> Verdict | None:
        return verdict(rev, document, self._catalogue) if rev >= self._newest else None

    def _late(self, future: Future[Verdict | None]) -> None:
        if not future.cancelled() and future.exception() is None and (found := future.result()) is not None:
            self._known(found)
