"""Compilations that a canvas asks for: one at a time, in a process of their own, which is ended to cancel.

What one leaves (artefact, report as JSON and as a page, all in one archive) lies in the session's folder until the next.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.findings import Finding, FindingError
from studio.ui.exports import Made, file_name
from studio.ui.messages import CompilePhase, CompileStatus, Json, Message
from studio.ui.orders import Done, Order
from studio.ui.process import WorkerProcess

Post = Callable[[Message, list[bytes]], None]
StartCompiler = Callable[[Callable[[tuple[Any, ...]], None], Callable[[str], None]], Any]
PAGE = "report.html"


def start_compiler(told: Callable[[tuple[Any, ...]], None], ended: Callable[[str], None]) -> WorkerProcess:
    """The process that answers whether a network fits, and compiles."""
    return WorkerProcess(told, ended, "studio.ui.compiler", "compiler's")


@dataclass
class Compilation:
    """One compilation, as far as it is. `share`: 0 to 1."""

    number: int
    rev: int
    target: str
    name: str
    folder: Path
    archive: Path
    state: CompilePhase = "running"
    step: str = "Starting"
    share: float = 0.0
    text: str = ""
    report: Json | None = None
    findings: tuple[Finding, ...] = ()
    began: float = field(default_factory=time.monotonic)
    wall_s: float = 0.0

    def status(self) -> CompileStatus:
        wall = self.wall_s or time.monotonic() - self.began
        return CompileStatus(
            self.number, self.target, self.state, self.step, self.share, wall, self.text, self.report, self.findings, self.rev
        )

    @property
    def page(self) -> str | None:
        """The report as a page, once it is written."""
        file = self.folder / PAGE
        return file.read_text(encoding="utf-8") if self.state == "done" and file.exists() else None


class Compiles:
    """Starts, watches and ends compilations. `post` reaches the canvas."""

    def __init__(self, post: Post, folder: Path, start: StartCompiler = start_compiler) -> None:
        self._post, self._folder, self._start = post, folder, start
        self._process: Any = None
        self._lock = threading.RLock()
        self.latest: Compilation | None = None

    def begin(self, document: bytes, name: str, rev: int, target: str, options: Json, verify: bool) -> Compilation:
        """Starts one; another that goes on is ended first."""
        with self._lock:
            self._end()
            number = self.latest.number + 1 if self.latest else 1
            if self.latest is not None:
                shutil.rmtree(self.latest.folder, ignore_errors=True)
                self.latest.archive.unlink(missing_ok=True)
            folder = self._folder / f"compiled{number}"
            shutil.rmtree(folder, ignore_errors=True)
            archive = self._folder / f"compiled{number}.zip"
            self.latest = made = Compilation(number, rev, target, name, folder, archive)
            folder.mkdir(parents=True)
            self._process = self._start(self._told, self._ended)
            self._process.tell("compile", number, document, Order(target, options, verify, str(folder), str(archive)))
            self._tell()
            return made

    def cancel(self) -> None:
        with self._lock:
            if self.latest is not None and self.latest.state == "running":
                self._end()
                self._settle("cancelled", "Cancelled.")

    def made(self) -> Made:
        """The archive of the latest compilation; raises FindingError where there is none."""
        latest = self.latest
        if latest is None or not latest.archive.exists():
            raise FindingError([Finding("path.compiled", "error", "", "Nothing is compiled yet.", "Compile the network first.")])
        return Made(file_name(f"{latest.name}-{latest.target}", ".zip"), "application/zip", latest.archive.read_bytes())

    def report_page(self) -> Made:
        """The report as a page; raises FindingError where there is none."""
        latest = self.latest
        page = latest.page if latest else None
        if latest is None or page is None:
            raise FindingError([Finding("path.compiled", "error", "", "There is no report yet.", "Compile the network first.")])
        return Made(file_name(f"{latest.name}-{latest.target}", ".html"), "text/html", page.encode())

    @property
    def page(self) -> Json | None:
        """The report of the latest compilation as a page, for a canvas."""
        page = self.latest.page if self.latest else None
        return None if page is None else {"html": page}

    def repeat(self) -> None:
        """Tells a new view about the latest compilation."""
        if self.latest is not None:
            self._tell()

    def close(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def _told(self, message: tuple[Any, ...]) -> None:
        with self._lock:
            latest = self.latest
            if latest is None or message[1] != latest.number or latest.state != "running":
                return
            if message[0] == "step":
                latest.step, latest.share = message[2], message[3]
                self._tell()
                return
            done: Done = message[2]
            latest.report, latest.findings = done.report, done.findings
            self._end()
            self._settle("done" if done.report is not None else "failed", done.text)

    def _ended(self, why: str) -> None:
        with self._lock:
            self._process = None
            if self.latest is not None and self.latest.state == "running":
                self._settle("failed", why)

    def _settle(self, state: CompilePhase, text: str) -> None:
        assert self.latest is not None
        self.latest.state, self.latest.text = state, text
        self.latest.wall_s = time.monotonic() - self.latest.began
        self._tell()

    def _tell(self) -> None:
        assert self.latest is not None
        self._post(self.latest.status(), [])
