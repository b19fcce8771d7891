"""The model reference in docs/models: as the catalogue has it, and the command that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.models.catalogue import builtin
from studio.models.reference import COMMAND, main, stale


def test_the_model_pages_are_up_to_date() -> None:
    old = stale()
    assert not old, f"docs/models is not up to date ({', '.join(old)}): run {COMMAND}"


def test_a_missing_a_changed_and_a_left_over_page_are_named_and_put_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(stale(tmp_path)) == len(builtin().models) + 1
    assert main([], tmp_path) == 0 and stale(tmp_path) == []
    (tmp_path / "neuron_lif.md").write_text("changed")
    (tmp_path / "neuron_gone.md").write_text("left over")
    (tmp_path / "README.md").unlink()
    assert main(["--check"], tmp_path) == 1
    said = capsys.readouterr().out
    assert COMMAND in said and all(name in said for name in ("README.md", "neuron_gone.md", "neuron_lif.md"))
    assert main([], tmp_path) == 0 and main(["--check"], tmp_path) == 0
    assert not (tmp_path / "neuron_gone.md").exists()
