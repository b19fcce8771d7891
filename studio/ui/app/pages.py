"""Sessions by page: a page's name is in its address, so a reload, a second window and a restart find what was there."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from studio import share
from studio.findings import FindingError
from studio.network.build import Network
from studio.network.document import Document
from studio.network.files import read
from studio.ui.autosave import Autosave, newest, tidy
from studio.ui.process import WorkerProcess
from studio.ui.runs import StartWorker
from studio.ui.session import Session

LEAVE_S = 15 * 60  # a session nobody looks at ends after this long; its document stays on disk


class Pages:
    """The sessions of one server. `file` is what the server was started with."""

    def __init__(self, file: Path | None = None, root: Path | None = None, start_worker: StartWorker = WorkerProcess) -> None:
        self.file = None if file is None else file.resolve()
        self._root, self._start_worker = root, start_worker
        self._sessions: dict[str, Session] = {}
        self._left: dict[str, float] = {}
        self._given: set[str] = set()
        self._lock = threading.RLock()
        tidy(root)

    def entrance(self) -> str:
        """The page for a visitor who names none: the file's, else the one left last unless somebody is there, else a new one."""
        with self._lock:
            if self.file is not None:
                return _page_of(self.file)
            last = newest(self._root)
            page = last if last is not None and last not in self._given and not self._looked_at(last) else secrets.token_hex(6)
            self._given.add(page)
            return page

    def session(self, page: str) -> Session:
        """The live session of a page, made when there is none."""
        with self._lock:
            if page not in self._sessions:
                self._sessions[page] = self._open(Autosave(page, self._root))
            return self._sessions[page]

    def enter(self, page: str) -> tuple[Session, Callable[[], None]]:
        """The session of a page, and what to call when the visitor leaves."""
        with self._lock:
            session = self.session(page)
            self._left.pop(page, None)
            self._given.add(page)

        def leave() -> None:
            with self._lock:
                self._given.discard(page)
                self._left[page] = time.monotonic()

        return session, leave

    def sweep(self) -> None:
        """Ends sessions that nobody has looked at for a while."""
        with self._lock:
            now = time.monotonic()
            for page, left in list(self._left.items()):
                if now - left > LEAVE_S and not self._looked_at(page):
                    self._left.pop(page)
                    self._sessions.pop(page).close()

    def close(self) -> None:
        with self._lock:
            for session in self._sessions.values():
                session.close()
            self._sessions.clear()

    def _looked_at(self, page: str) -> bool:
        session = self._sessions.get(page)
        return session is not None and session.attached > 0

    def _open(self, kept: Autosave) -> Session:
        file = self.file if self.file is not None and kept.page == _page_of(self.file) else None
        document, _ = kept.load()
        if file is None:
            return self._session(document or Document.empty("Untitled"), kept)
        return self._open_file(file, document, kept)

    def _open_file(self, file: Path, kept_document: Document | None, kept: Autosave) -> Session:
        """The file, and on top of it, undoable, what was not saved last time."""
        document, findings = read(file)
        if document is None:
            raise FindingError(findings)
        session = self._session(document, kept, None if _is_template(file) else file)
        unsaved = kept_document is not None and kept.kept_at > file.stat().st_mtime and kept_document != document
        if unsaved and kept_document is not None:
            session.bring_back(kept_document)
        return session

    def _session(self, document: Document, kept: Autosave, file: Path | None = None) -> Session:
        return Session(Network(document=document), file=file, autosave=kept, start_worker=self._start_worker)


def _page_of(file: Path) -> str:
    return "f" + hashlib.sha256(str(file).encode()).hexdigest()[:12]


def _is_template(file: Path) -> bool:
    """Templates are never written over."""
    return file.is_relative_to(share.folder("templates").resolve())
