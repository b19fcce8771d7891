"""The files that come with the studio are found, and a broken one is not hidden."""

from __future__ import annotations

import json
from pathlib import Path

from studio import share


def test_templates_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.snn.json").write_text(json.dumps({"name": "Bee", "description": "one\n  two"}))
    (tmp_path / "a.snn.json").write_text("{")
    (tmp_path / "c.json").write_text("{}")
    found = share.templates(tmp_path)
    assert [(t.name, t.title, t.description) for t in found] == [("a", "a", "This file cannot be read."), ("b", "Bee", "one two")]


def test_the_package_comes_before_the_checkout(tmp_path: Path, monkeypatch) -> None:
    package = tmp_path / "studio"
    (tmp_path / "templates").mkdir()
    package.mkdir()
    monkeypatch.setattr(share, "PACKAGE", package)
    assert share.folder("templates") == tmp_path / "templates"
    (package / "_share" / "templates").mkdir(parents=True)
    assert share.folder("templates") == package / "_share" / "templates"
