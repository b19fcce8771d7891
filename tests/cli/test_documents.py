"""What the words on the command line mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli import documents
from studio.cli.asked import recorded
from studio.cli.exits import UsageError
from studio.findings import FindingError


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three templates of our own, and an empty folder to stand in."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name in ("first_spike", "brunel", "digits"):
        (shelf / f"{name}.snn.json").write_text(json.dumps({"name": name.title(), "description": "."}))
    monkeypatch.setattr("studio.share.folder", lambda _: shelf)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return shelf


def test_a_template_is_found_by_its_name(gallery: Path) -> None:
    assert documents.find("brunel") == gallery / "brunel.snn.json"


def test_a_file_comes_before_a_template_of_the_same_name(gallery: Path) -> None:
    Path("brunel").write_text("{}")
    assert documents.find("brunel") == Path("brunel")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("brunell", "Did you mean brunel?"),
        ("digit", "Did you mean digits?"),
        ("first-spike", "Did you mean first_spike?"),
        ("mine", "Did you mean mine.snn.json?"),
        ("zzzz", "`studio templates` lists the templates."),
        (".", "It is a folder."),
    ],
)
def test_a_name_that_is_nothing_gets_a_suggestion(gallery: Path, typed: str, meant: str) -> None:
    Path("mine.snn.json").write_text("{}")
    with pytest.raises(UsageError) as wrong:
        documents.find(typed)
    assert str(wrong.value) == f"There is no file and no template “{typed}”. {meant}"


def test_a_broken_file_gives_findings(tmp_path: Path) -> None:
    broken = tmp_path / "broken.snn.json"
    broken.write_text('{"format": ')
    with pytest.raises(FindingError) as wrong:
        documents.read(str(broken))
    assert [f.code for f in wrong.value.findings] == ["text.json"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15", 15),
        ("-0.5", -0.5),
        ("1e-3", 1e-3),
        ("15 ms", {"value": 15, "unit": "ms"}),
        ("0.015s", {"value": 0.015, "unit": "s"}),
        ("-50mV", {"value": -50, "unit": "mV"}),
        ("2 1/ms", {"value": 2, "unit": "1/ms"}),
        ('{"normal": [15, 1]}', {"normal": [15, 1]}),
        ("stdp_pair", "stdp_pair"),
    ],
)
def test_a_setting_is_a_number_a_quantity_a_distribution_or_a_word(text: str, value: object) -> None:
    assert documents.settings([f"exc.tau_m={text}"]) == {"exc.tau_m": value}


@pytest.mark.parametrize("text", ["exc.tau_m", "=15", "exc.tau_m=", " = "])
def test_half_a_setting_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write PATH=VALUE"):
        documents.settings([text])


@pytest.mark.parametrize(
    ("text", "path", "what"),
    [
        ("exc:v", "exc", "v"),
        ("exc[0:10]:v", "exc[0:10]", "v"),
        ("exc[0:10]", "exc[0:10]", "spikes"),
        ("cols[1].exc[3, :]", "cols[1].exc[3, :]", "spikes"),
        ("exc:exponential.i", "exc", "exponential.i"),
    ],
)
def test_what_to_record_stands_after_the_last_colon_outside_a_slice(text: str, path: str, what: str) -> None:
    assert recorded(text) == {"path": path, "what": what}
