"""`studio compile`: exit codes, the report on paper and as JSON, files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio import Network
from studio.cli.command import main


def test_what_fits_is_written_with_its_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "digits", "--target", "mock", "--out", str(tmp_path), "--quiet"]) == 0
    said = capsys.readouterr()
    assert "fits Mock machine" in said.out and "cores: 3 of 16" in said.out and "root mean square error" in said.out
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["fits"] and report["files"] == ["program.txt", "report.html", "report.json"]
    assert "timings_ms" not in report
    assert "<html" in (tmp_path / "report.html").read_text()


def test_what_does_not_fit_says_what_where_and_how_to_mend_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "brunel", "--target", "mock", "--json"]) == 1
    said = capsys.readouterr()
    report = json.loads(said.out)
    wrong = [f for f in report["findings"] if f["severity"] == "error"]
    assert not report["fits"] and {f["code"] for f in wrong} == {"fit.fan_in"} and all(f["fix"] for f in wrong)
    assert report["paths"]["excitatory"]["state"] == "over" and "error: excitatory" in said.err


def test_the_machines_and_their_options_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--target", "list"]) == 0
    said = capsys.readouterr().out
    assert "mock  Mock machine" in said and "--option annealed=False" in said


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["digits", "--target", "abacus"], 1, "There is no target “abacus”."),
        (["digits", "--target", "mock", "--option", "chips=4"], 1, "has no option “chips”"),
        (["digits", "--target", "mock", "--option", "chips"], 2, "write NAME=VALUE"),
        (["--target", "mock"], 2, "Name a file or a template."),
        (["digits", "--target", "mock", "--out", __file__], 2, "a file of that name is there already"),
        (["digits", "--target", "mock", "--out", f"{__file__}/out"], 2, "Not a directory."),
        (["digits", "--target", "mock", "--out", ""], 2, "the name is empty"),
        (["digits"], 2, "--target"),
    ],
)
def test_what_cannot_be_meant_is_said(words: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", *words]) == code
    assert sentence in capsys.readouterr().err


def test_progress_is_a_line_a_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = tmp_path / "net.snn.json"
    made = Network("Stages")
    made.connect(made.source("in", 3, "poisson", rate=90.0), made.population("out", 2), weight=4.0, delay=1.0)
    made.record("out", "v", every=1.0)
    made.run(duration=50.0)
    made.save(net)
    assert main(["compile", str(net), "--target", "mock", "--verify", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    lines = [line for line in said.err.splitlines() if line.endswith(" …")]
    assert lines[0] == "check models …" and lines[-4:] == ["write the artefact …", "ideal run …", "emulator …", "artefact …"]
    assert len(set(lines)) == len(lines) and "out.v: off by" in said.out
