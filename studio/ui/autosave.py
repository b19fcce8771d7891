"""Where the app keeps what nobody saved: the document of each page, so that a reload or a crash loses nothing."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from platformdirs import user_state_dir

from studio.findings import Finding
from studio.network.document import Document
from studio.network.files import read, write

KEEP_DAYS = 30
_PAGE = re.compile(r"[a-z0-9]{1,64}\Z")


def state_folder() -> Path:
    """The studio's own folder for what outlives a process; `SPIKE_STUDIO_STATE` names another."""
    return Path(os.environ.get("SPIKE_STUDIO_STATE") or user_state_dir("spike-studio", appauthor=False))


def is_page(name: str) -> bool:
    """Whether `name` may name a page (and its folder)."""
    return bool(_PAGE.match(name))


class Autosave:
    """The kept document of one page of the app, and the folder of its recordings."""

    def __init__(self, page: str, root: Path | None = None) -> None:
        if not is_page(page):
            raise ValueError(f"“{page}” is not the name of a page.")
        self.page = page
        self.folder = (root or state_folder()) / "pages" / page
        self.file = self.folder / "document.snn.json"

    def load(self) -> tuple[Document | None, tuple[Finding, ...]]:
        """The document kept for this page; (None, ()) when there is none."""
        return read(self.file) if self.file.exists() else (None, ())

    def keep(self, document: Document) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write(document, self.file)

    @property
    def kept_at(self) -> float:
        """Seconds since the epoch when the document was last kept; 0 when never."""
        return self.file.stat().st_mtime if self.file.exists() else 0.0


def newest(root: Path | None = None) -> str | None:
    """The page whose document was kept last."""
    files = list(((root or state_folder()) / "pages").glob("*/document.snn.json"))
    return max(files, key=lambda file: file.stat().st_mtime).parent.name if files else None


def tidy(root: Path | None = None, days: float = KEEP_DAYS) -> None:
    """Removes pages that nobody touched for `days`."""
    before = time.time() - days * 86_400
    for file in ((root or state_folder()) / "pages").glob("*/document.snn.json"):
        if file.stat().st_mtime < before:
            for part in file.parent.iterdir():
                part.unlink(missing_ok=True)
            file.parent.rmdir()
