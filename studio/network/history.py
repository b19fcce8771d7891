"""The current document of a network, and the way back: every change is a patch with its inverse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from studio.findings import FindingError
from studio.network.document import Document, from_json
from studio.network.edit import Edit, apply

By = Literal["python", "canvas", "undo"]
Json = dict[str, Any]
KEPT = 1000  # steps of undo


@dataclass(frozen=True)
class Change:
    """What observers are told: the patch that led to `document`, who made it, and what undo would call it."""

    document: Document
    patch: list[Json]
    inverse: list[Json]
    label: str
    by: By


class History:
    """Holds the current document. Changes are taken one at a time, from any thread; observers are called after each."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.json: Json = document.to_json()
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._gesture: str | None = None  # of the last edit, while nothing else happened
        self._observers: list[Callable[[Change], None]] = []
        self._lock = threading.RLock()

    @property
    def undo_label(self) -> str | None:
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        return self._undone[-1].label if self._undone else None

    def take(self, edit: Edit, by: By = "python", gesture: str | None = None) -> None:
        """Apply an edit that can be undone; raise FindingError, and change nothing, where the document would lose its form.

        Edits of one `gesture` that follow each other (arrow presses that move the same nodes) are one step of undo.
        """
        with self._lock:
            if not edit.patch:
                return
            self._become(edit.patch)
            goes_on = gesture is not None and gesture == self._gesture and self._done
            before, edit_or_both = (self._done[:-1], self._done[-1].then(edit)) if goes_on else (self._done, edit)
            self._done = [*before[-KEPT + 1 :], edit_or_both]
            self._undone, self._gesture = [], gesture
            self._tell(Change(self.document, edit.patch, edit.inverse, edit.label, by))

    def undo(self) -> bool:
        """Take back the last change; False when there is none."""
        with self._lock:
            if not self._done:
                return False
            edit = self._done[-1]
            self._become(edit.inverse)
            self._gesture = None
            self._undone.append(self._done.pop())
            self._tell(Change(self.document, edit.inverse, edit.patch, edit.label, "undo"))
            return True

    def redo(self) -> bool:
        """Do again what was taken back; False when there is nothing."""
        with self._lock:
            if not self._undone:
                return False
            edit = self._undone[-1]
            self._become(edit.patch)
            self._gesture = None
            self._done.append(self._undone.pop())
            self._tell(Change(self.document, edit.patch, edit.inverse, edit.label, "undo"))
            return True

    def observe(self, observer: Callable[[Change], None]) -> Callable[[], None]:
        """Call `observer` after every change; call what comes back to end that."""
        self._observers.append(observer)

        def forget() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return forget

    def _become(self, patch: list[Json]) -> None:
        after = apply(self.json, patch)
        document, findings = from_json(after)
        if document is None:
            raise FindingError(findings)
        self.document, self.json = document, after

    def _tell(self, change: Change) -> None:
        for observer in tuple(self._observers):
            observer(change)
