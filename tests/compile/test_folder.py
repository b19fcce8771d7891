"""Folders of artefacts: complete or as they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.compile.folder import fill, refill


def writing(**files: str):
    def write(where: Path) -> list[str]:
        for name, text in files.items():
            (where / name).write_text(text)
        return list(files)

    return write


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_files_appear_when_all_are_complete(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")

    def broken(where: Path) -> list[str]:
        (where / "a").write_text("half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        fill(tmp_path, broken)
    assert names(tmp_path) == {"a"} and (tmp_path / "a").read_text() == "before"
    assert fill(tmp_path, writing(b="2", a="1")) == ("a", "b")
    assert names(tmp_path) == {"a", "b"} and (tmp_path / "a").read_text() == "1"


def test_an_earlier_artefact_goes_and_nothing_else(tmp_path: Path) -> None:
    beside, folder = tmp_path / "beside", tmp_path / "artefact"
    beside.write_text("mine")
    fill(folder, writing(core_0="", core_1="", notes="mine"))
    said = ["core_0", "core_1", "../beside", str(beside), "gone", 3]
    (folder / "report.json").write_text(json.dumps({"files": [*said, "report.json"]}))
    assert refill(folder, writing(core_0="new")) == ("core_0",)
    assert names(folder) == {"core_0", "notes"} and beside.read_text() == "mine"


@pytest.mark.parametrize("text", ["", "[]", '{"files": 3}', "{"])
def test_a_report_that_is_none_takes_nothing_away(tmp_path: Path, text: str) -> None:
    fill(tmp_path, writing(a=""))
    (tmp_path / "report.json").write_text(text)
    refill(tmp_path, writing(b=""))
    assert names(tmp_path) == {"a", "b", "report.json"}
