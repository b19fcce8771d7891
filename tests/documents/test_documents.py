"""What the documents say is so: links lead somewhere, examples run."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
FENCE = re.compile(r"^( *)```python\n(.*?)^ *```", re.S | re.M)


def examples(file: Path) -> list[str]:
    return [textwrap.dedent(code) for _, code in FENCE.findall(file.read_text(encoding="utf-8"))]


def test_links_lead_to_files(root: Path) -> None:
    pages = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    assert len(pages) > 8
    broken = [
        f"{page.relative_to(root)}: {link}"
        for page in pages
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert not broken


def test_every_decision_is_listed(root: Path) -> None:
    listed = (root / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    pages = [p.name for p in (root / "docs" / "decisions").glob("0*.md")]
    assert len(pages) >= 3
    assert [name for name in pages if f"({name})" not in listed] == []


def test_the_neuron_of_contributing_is_a_sound_model(root: Path) -> None:
    from studio.models.check import check_model

    (code,) = examples(root / "CONTRIBUTING.md")
    names: dict[str, object] = {}
    exec(code, names)
    assert check_model(names["MODEL"]) == ()  # type: ignore[arg-type]


def test_the_network_of_the_readme_runs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = examples(root / "README.md")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code, names)
    assert (tmp_path / "ei.snn.json").is_file()
    assert len(names["recording"].spikes["exc"].times) > 100  # type: ignore[attr-defined]


def test_the_commands_of_the_readme_are_commands(root: Path) -> None:
    from studio.cli.command import parser

    lines = re.findall(r"^\$ studio (.*)$", (root / "README.md").read_text(encoding="utf-8"), re.M)
    assert len(lines) >= 4
    for line in lines:
        parser().parse_args(line.split())
