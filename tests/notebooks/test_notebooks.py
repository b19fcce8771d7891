"""The lessons: every notebook runs from top to bottom in an empty folder, and lies in the repository without outputs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("**/*.ipynb"))
LONGEST_S = 120.0  # well above the half minute they take, for machines that are busy or slow


def test_there_are_lessons() -> None:
    assert NOTEBOOKS


@pytest.fixture(params=NOTEBOOKS, ids=lambda file: file.stem)
def notebook(request: pytest.FixtureRequest) -> Any:
    return nbformat.read(request.param, as_version=4)


def test_a_lesson_is_kept_without_outputs(notebook: Any) -> None:
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    kept = [cell.id for cell in code if cell.outputs or cell.execution_count is not None]
    assert not kept, f"cells with outputs: {', '.join(kept)}; clear all outputs and save"


def test_a_lesson_runs_and_holds_what_it_claims(notebook: Any, tmp_path: Path) -> None:
    claims = [cell for cell in notebook.cells if cell.cell_type == "code" and "assert " in cell.source]
    assert claims
    started = time.monotonic()
    NotebookClient(notebook, timeout=LONGEST_S, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert time.monotonic() - started < LONGEST_S
