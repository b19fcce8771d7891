"""The front end's own tests and types, run from here; and what is generated from Python is up to date."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from studio.ui import generate

WIDGETS = Path(__file__).parents[2] / "widgets"
FEWEST_TESTS = 200  # the tests are found by their names: a wrong pattern must not pass unseen


def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("no Node.js on PATH: `make test` brings one")
    return found


def installed(package: str) -> Path:
    folder = WIDGETS / "node_modules" / package
    if not folder.exists():
        pytest.skip(f"{package} is not installed in widgets/: `make test` does that, or `npm ci` there")
    return folder


def run(*command: str | Path) -> str:
    """What a command in widgets/ prints; fail with that where it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=WIDGETS, capture_output=True, text=True, timeout=300, env={**os.environ, "NO_COLOR": "1"}
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    return done.stdout


def test_the_front_ends_own_tests_pass() -> None:
    installed("esbuild")
    run(node(), "build.mjs", "--tests")
    printed = run(node(), "--test", "--test-reporter=tap", *sorted((WIDGETS / "dist" / "tests").rglob("*.test.mjs")))
    match = re.search(r"^# pass (\d+)$", printed, re.MULTILINE)
    assert match and int(match[1]) >= FEWEST_TESTS, printed[-2000:]


def test_the_types_fit() -> None:
    compiler = installed("typescript") / "bin" / "tsc"
    installed("@types/react")
    run(node(), compiler, "--noEmit")


def test_no_any_and_no_silenced_type_error() -> None:
    sources = [file for room in ("core", "canvas", "plots", "hosts", "dev") for file in (WIDGETS / room).rglob("*.ts*")]
    assert len(sources) > 50
    silenced = re.compile(r"(:|<|\bas)\s*any\b|@ts-(ignore|expect-error|nocheck)")
    assert [file.name for file in sources if silenced.search(file.read_text("utf-8"))] == []


def test_what_is_generated_is_up_to_date() -> None:
    stale = generate.stale()
    assert not stale, f"{', '.join(stale)}: run `{generate.COMMAND}` and commit what it writes"


def test_a_stale_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    assert generate.stale() == ["document.ts", "catalogue.json"]
    assert generate.main([]) == 0
    assert generate.stale() == []
    (tmp_path / "document.ts").write_text("old")
    assert generate.main(["--check"]) == 1


def test_the_lock_file_names_no_host() -> None:
    lock = (WIDGETS / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert "integrity" in lock
