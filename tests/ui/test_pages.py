"""The app's pages: who gets which session, and what comes back after a restart."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

import studio
from studio import share
from studio.findings import FindingError
from studio.network.files import read
from studio.ui.app import pages as module
from studio.ui.app.pages import Pages


class NoWorker:
    def __init__(self, *_: Any) -> None:
        pass

    def tell(self, *_: Any) -> None:
        pass

    def close(self) -> None:
        pass


def opened(root: Path, file: Path | None = None) -> Pages:
    return Pages(file, root / "state", NoWorker)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    net = studio.Network("mine")
    net.population("exc", 80)
    net.save(tmp_path / "mine.snn.json")
    return tmp_path / "mine.snn.json"


def test_two_visitors_get_two_pages(tmp_path: Path):
    pages = opened(tmp_path)
    assert pages.entrance() != pages.entrance()


def test_a_page_keeps_its_session(tmp_path: Path):
    pages = opened(tmp_path)
    page = pages.entrance()
    assert pages.session(page) is pages.session(page)
    pages.close()


def test_after_a_restart_the_entrance_leads_to_what_was_left_and_it_is_all_there(tmp_path: Path):
    pages = opened(tmp_path)
    page = pages.entrance()
    pages.session(page).network.population("exc", 80)
    pages.close()
    again = opened(tmp_path)
    assert again.entrance() == page
    assert "exc" in again.session(page).document.circuit.nodes
    assert again.entrance() != page
    again.close()


def test_a_file_is_opened_saved_to_and_its_unsaved_changes_come_back(tmp_path: Path, file: Path):
    pages = opened(tmp_path, file)
    session = pages.session(pages.entrance())
    assert session.file == file and session.document.name == "mine"
    os.utime(file, (time.time() - 60, time.time() - 60))
    session.network.set("exc.size", 90)
    pages.close()
    again = opened(tmp_path, file)
    session = again.session(again.entrance())
    assert session.document.circuit.nodes["exc"].size == 90
    assert session.file == file and session.dirty
    session.network.undo()
    assert session.document.circuit.nodes["exc"].size == 80
    assert session.file == file
    again.close()


def test_a_file_that_was_changed_by_another_hand_wins_over_what_was_kept(tmp_path: Path, file: Path):
    pages = opened(tmp_path, file)
    pages.session(pages.entrance()).network.set("exc.size", 90)
    pages.close()
    document = json.loads(file.read_text())
    document["circuits"]["main"]["nodes"]["exc"]["size"] = 70
    file.write_text(json.dumps(document))
    os.utime(file, (time.time() + 60, time.time() + 60))
    again = opened(tmp_path, file)
    assert again.session(again.entrance()).document.circuit.nodes["exc"].size == 70
    again.close()


def test_a_template_given_as_a_file_is_never_written_over(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(share, "folder", lambda _: file.parent)
    pages = opened(tmp_path, file)
    session = pages.session(pages.entrance())
    session.network.set("exc.size", 90)
    session.save()
    document, _ = read(file)
    assert document is not None and document.circuit.nodes["exc"].size == 80
    pages.close()


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path):
    broken = tmp_path / "broken.snn.json"
    broken.write_text("{")
    pages = opened(tmp_path, broken)
    with pytest.raises(FindingError):
        pages.session(pages.entrance())


def test_a_session_that_nobody_looks_at_ends_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "LEAVE_S", 0.0)
    pages = opened(tmp_path)
    page = pages.entrance()
    session, leave = pages.enter(page)
    detach = session.attach(lambda *_: None)
    session.network.population("exc", 80)
    pages.sweep()
    assert pages.session(page) is session
    detach()
    leave()
    time.sleep(0.01)
    pages.sweep()
    assert session.closed
    assert "exc" in pages.session(page).document.circuit.nodes
    pages.close()


def test_a_reload_does_not_end_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The new page comes before the old one is noticed to be gone."""
    monkeypatch.setattr(module, "LEAVE_S", 0.0)
    pages = opened(tmp_path)
    page = pages.entrance()
    _, leave_old = pages.enter(page)
    session, _ = pages.enter(page)
    session.attach(lambda *_: None)
    leave_old()
    time.sleep(0.01)
    pages.sweep()
    assert not session.closed
    pages.close()
