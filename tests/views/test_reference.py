"""The model reference in docs/models: as the catalogue has it, and the command that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.models.catalogue import builtin
from studio.views import reference


def test_the_reference_is_up_to_date() -> None:
    old = [*reference.stale_pictures(), *reference.stale()]
    assert not old, f"docs/models is not up to date ({', '.join(old)}): run {reference.COMMAND}"


def test_stale_pictures_are_named_and_only_those_are_drawn_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sparks.json"
    assert "neuron_lif" in reference.stale_pictures(tmp_path, file)
    assert reference.draw(["kinetics_delta", "plasticity_static"], tmp_path, file) == []
    left = reference.stale_pictures(tmp_path, file)
    assert "neuron_lif" in left and "kinetics_delta" not in left and "plasticity_static" not in left
    (tmp_path / "pictures" / "kinetics_delta.svg").write_text("<!-- drawn from another -->")
    (tmp_path / "pictures" / "neuron_gone.svg").write_text("left over")
    assert {"kinetics_delta", "neuron_gone"} <= set(reference.stale_pictures(tmp_path, file))
    assert reference.main(["--check"], tmp_path, file) == 1
    assert "pictures/kinetics_delta" in capsys.readouterr().out


def test_a_missing_a_changed_and_a_left_over_page_are_named_and_put_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sparks.json"
    monkeypatch.setattr(reference, "draw", lambda names, folder, file: [])  # pages only
    assert len(reference.stale(tmp_path)) == len(builtin().models) + 1
    assert reference.main([], tmp_path, file) == 0 and reference.stale(tmp_path) == []
    (tmp_path / "neuron_lif.md").write_text("changed")
    (tmp_path / "neuron_gone.md").write_text("left over")
    (tmp_path / "README.md").unlink()
    assert reference.main(["--check"], tmp_path, file) == 1
    said = capsys.readouterr().out
    assert reference.COMMAND in said and all(name in said for name in ("README.md", "neuron_gone.md", "neuron_lif.md"))
    assert reference.main([], tmp_path, file) == 0 and reference.stale(tmp_path) == []
    assert not (tmp_path / "neuron_gone.md").exists()
