"""The guide is tried: the Python on each page runs from top to bottom, the documents on it are sound, and links lead somewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.findings import errors
from studio.network.check import check
from studio.network.document import from_json

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted((DOCS / "guide").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> Iterator[tuple[int, str]]:
    """(line of the page, text) of every block in a language."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found[1] == language:
            yield text.count("\n", 0, found.start(2)) + 1, found[2]


def with_python() -> list[Path]:
    return [page for page in PAGES if next(blocks(page, "python"), None)]


def test_the_guide_has_a_page_for_every_room_and_python_to_try() -> None:
    rooms = {
        "drawing",
        "models",
        "networks-in-python",
        "running",
        "long-runs",
        "sweeps",
        "seeing",
        "files-and-exchange",
        "notebook-lab-app",
        "command-line",
    }
    assert rooms <= {page.stem for page in PAGES}
    assert len(with_python()) >= 5


@pytest.mark.parametrize("page", with_python(), ids=lambda page: page.stem)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    for start, text in blocks(page, "python"):
        lines += [""] * (start - 1 - len(lines))  # an error names the line of the page
        lines += text.splitlines()
    script = tmp_path / f"page_{page.stem}.py"  # (not the name of a package)
    script.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_documents_of_a_page_are_sound(page: Path) -> None:
    for line, text in blocks(page, "json"):
        given = json.loads(text)
        if "format" not in given:
            continue
        document, found = from_json(given)
        assert document is not None, f"line {line}: {found}"
        wrong = errors((*found, *check(document)))
        assert not wrong, f"line {line}: {wrong[0]}"


@pytest.mark.parametrize(
    "page", [*PAGES, DOCS / "README.md", DOCS / "models" / "README.md"], ids=lambda page: f"{page.parent.name}-{page.stem}"
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_keys_of_the_canvas_are_on_the_page_about_drawing() -> None:
    shown = (DOCS.parent / "widgets" / "canvas" / "overlay" / "Help.tsx").read_text(encoding="utf-8")
    rows = re.findall(r'\["([^"]+)", "([^"]+)"\]', shown)
    assert len(rows) > 15
    page = (DOCS / "guide" / "drawing.md").read_text(encoding="utf-8")
    cells = {key.strip() for line in page.splitlines() if line.startswith("| ") for key in re.split("[;,]", line.split("|")[2])}
    missing = [f"{what}: {keys}" for what, keys in rows if not {key.strip() for key in keys.split(",")} <= cells]
    assert not missing, f"docs/guide/drawing.md does not have {missing}"
