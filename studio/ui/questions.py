"""What a canvas asks: how a model responds, what one is as text, what is wrong with one that is being written; and whether the document fits.

Answers never change the document. Responses are computed in a process of their own (`studio.ui.previews`), and so is what the fit meter
shows (`studio.ui.compiler`); each is started by the first question and ends with the session. The other answers are immediate.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from studio.findings import Finding, FindingError
from studio.models.authored import read_model
from studio.models.catalogue_json import entry
from studio.models.written import body_of
from studio.network.document import Document
from studio.ui.compiles import StartCompiler, start_compiler
from studio.ui.fitting import Fitting, chips
from studio.ui.messages import Json
from studio.ui.process import WorkerProcess

StartPreviews = Callable[[Callable[[tuple[Any, ...]], None], Callable[[str], None]], Any]
Answer = Callable[[str, "Json | None"], None]
DRAFT = "own_model_in_the_making"


def start_previews(told: Callable[[tuple[Any, ...]], None], ended: Callable[[str], None]) -> WorkerProcess:
    """The process that draws responses."""
    return WorkerProcess(told, ended, "studio.ui.previews")


class Questions:
    """Answers a canvas's questions; `answer(id, value)` is called for each, from any thread, with None where there is no answer."""

    def __init__(
        self, answer: Answer, catalogue: Any, start: StartPreviews = start_previews, start_fits: StartCompiler = start_compiler
    ) -> None:
        self._answer, self._catalogue, self._start = answer, catalogue, start
        self._fitting = Fitting(answer, start_fits)
        self._loads = Fitting(answer, start_fits, impatient=True)
        self._worker: Any = None
        self._open: set[str] = set()
        self._lock = threading.Lock()

    def ask(self, number: str, what: str, given: Mapping[str, Any], document: Document, recording: Path | None = None) -> None:
        """Answer now, or when the process has. `recording`: of the latest run, where a question is about that too."""
        if what == "response":
            self._respond(number, given, document)
        elif what == "fit":
            (self._loads if given.get("loads") else self._fitting).ask(number, given, document, recording)
        elif what == "chips":  # importing all back ends takes a moment
            threading.Thread(target=lambda: self._answer(number, {"chips": chips()}), name="studio-chips", daemon=True).start()
        else:
            self._answer(number, (self._text if what == "model_text" else self._judged)(given, document))

    def close(self) -> None:
        with self._lock:
            if self._worker is not None:
                self._worker.close()
            self._worker = None
        self._fitting.close()
        self._loads.close()

    def _text(self, given: Mapping[str, Any], document: Document) -> Json | None:
        """The body of a model: a document's own as it stands, another as it would be written."""
        kind, key = str(given.get("kind")), str(given.get("key"))
        own = dict(document.models).get(key)
        if own is not None:
            return {"body": own}
        model = self._catalogue.get(kind, key)
        try:
            return None if model is None else {"body": body_of(model)}
        except ValueError:
            return None

    def _judged(self, given: Mapping[str, Any], document: Document) -> Json:
        """What is wrong with a model that is being written, and its entry where nothing is."""
        key, body = str(given.get("key")), given.get("body")
        model, findings = read_model(key, body)
        if model is not None and given.get("fresh"):
            findings = (*findings, *self._taken(key, document))
        return {
            "findings": [f.to_json() for f in findings],
            "entry": None if model is None else {**entry(model), "own": True},
        }

    def _taken(self, key: str, document: Document) -> tuple[Finding, ...]:
        other = next((m for m in self._catalogue.models if m.key == key), None)
        if other is None and key not in document.models:
            return ()
        text = f"“{key}” is already the key of a {other.kind if other else 'model of this document'}."
        return (Finding("path.duplicate", "error", f"models.{key}.key", text, f"Call it {key}_2."),)

    def _respond(self, number: str, given: Mapping[str, Any], document: Document) -> None:
        models = dict(document.models)
        key = str(given.get("key"))
        if given.get("body") is not None:
            models[DRAFT], key = given["body"], DRAFT
        run = document.run
        request = {
            "kind": str(given.get("kind")),
            "key": key,
            "params": dict(given.get("params") or {}),
            "models": models,
            "dt": _ms(run.dt),
            "method": run.method,
        }
        with self._lock:
            if self._worker is None or not self._worker.alive:
                self._open.clear()
                self._worker = self._start(self._told, self._ended)
            self._open.add(number)
            self._worker.tell("respond", number, request)

    def _told(self, message: tuple[Any, ...]) -> None:
        if message[0] == "response":
            with self._lock:
                self._open.discard(message[1])
            self._answer(message[1], message[2])

    def _ended(self, why: str) -> None:
        with self._lock:
            waiting, self._open, self._worker = self._open, set(), None
        for number in waiting:
            self._answer(number, {"panels": [], "note": why})


def _ms(given: Any) -> float:
    """The document's time step [ms]; 0.1 where it is none."""
    from studio import units

    try:
        number, unit = (given.value, given.unit or "ms") if hasattr(given, "value") else (given, "ms")
        step = float(number) * units.factor(unit, "ms")
    except (TypeError, ValueError, FindingError):
        return 0.1
    return step if 0.0 < step <= 10.0 else 0.1
