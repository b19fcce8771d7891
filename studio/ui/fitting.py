"""The fit meter's questions: which machines there are, and whether a document fits some of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from studio.network.document import Document
from studio.ui import exports
from studio.ui.compiles import StartCompiler, start_compiler
from studio.ui.messages import Json

EXAMPLE = "mock"  # no machine to draw for: it comes last
Answer = Callable[[str, "Json | None"], None]


def chips() -> list[Json]:
    """Every back end as the canvas lists it, with the options of its compiler."""
    from studio.backends import backends

    return [
        {
            "key": b.key,
            "title": b.target.title,
            "doc": b.target.doc,
            "options": [{"name": o.name, "doc": o.doc, "choices": list(o.choices), "default": o.default} for o in b.options],
        }
        for b in sorted(backends().values(), key=lambda b: b.key == EXAMPLE)
    ]


class Fitting:
    """Passes questions on to the process that computes, and answers back; `answer(id, value)` is called for each, from any thread.

    `impatient`: a question that comes while another is computed ends that one and its process (what the links carry takes its time).
    """

    def __init__(self, answer: Answer, start: StartCompiler = start_compiler, impatient: bool = False) -> None:
        self._answer, self._start, self._impatient = answer, start, impatient
        self._process: Any = None
        self._open: set[str] = set()
        self._lock = threading.Lock()

    def ask(self, number: str, given: Mapping[str, Any], document: Document, recording: Path | None) -> None:
        """Answers when the process has; with None where a newer question came first."""
        targets = tuple(str(key) for key in given.get("targets") or ())
        dropped: set[str] = set()
        with self._lock:
            if self._impatient and self._open and self._process is not None:
                self._process.close()
                self._process, dropped, self._open = None, self._open, set()
            if self._process is None or not self._process.alive:
                self._open.clear()
                self._process = self._start(self._told, self._ended)
            self._open.add(number)
            run = None if recording is None else str(recording)
            self._process.tell("fit", number, exports.content(document), targets, bool(given.get("loads")), run)
        for other in dropped:
            self._answer(other, None)

    def close(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.close()
            self._process = None

    def _told(self, message: tuple[Any, ...]) -> None:
        if message[0] == "fit":
            with self._lock:
                self._open.discard(message[1])
            self._answer(message[1], message[2])

    def _ended(self, why: str) -> None:
        with self._lock:
            waiting, self._open, self._process = self._open, set(), None
        for number in waiting:
            self._answer(number, {"reports": {}, "why": why})
