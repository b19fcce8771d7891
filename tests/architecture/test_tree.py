"""What stands in the tree: sizes of files, and nothing that belongs to one machine."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
# spelt in halves, so that this file does not name them
HOSTS = [
    a + b for a, b in [("pypi", ".org"), ("pythonhosted", ".org"), ("registry.npmjs", ".org"), ("deb.debian", ".org"), ("yarnpkg", ".com")]
]
MACHINE_PATH = re.compile(r"(?:^|[^A-Za-z0-9_.\-/])/(?:home|root|Users|work|tmp/[a-z]+)/[A-Za-z0-9_.]")


def tracked() -> list[Path]:
    """Every file under version control, or (in a source archive) every file that came along."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        names = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        names = [p for top in ("studio", "tests", "widgets", "docs") for p in (ROOT / top).rglob("*") if "node_modules" not in p.parts]
    return [p for p in names if p.is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


FILES = tracked()


def test_the_tree_was_found() -> None:
    assert len(FILES) > 50


def test_no_file_names_a_package_registry() -> None:
    found = [f"{p.relative_to(ROOT)}: {host}" for p in FILES for host in HOSTS if host in text_of(p)]
    assert not found


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [f"{p.relative_to(ROOT)}: {hit.group()}" for p in FILES if p.suffix != ".ipynb" for hit in MACHINE_PATH.finditer(text_of(p))]
    assert not found


def is_source(path: Path) -> bool:
    inside = path.relative_to(ROOT).parts
    return (
        path.suffix in {".py", ".ts", ".tsx", ".mjs"} and inside[0] in {"studio", "widgets", "tests"} and "generated" not in path.as_posix()
    )


def test_files_stay_readable() -> None:
    lengths = {p.relative_to(ROOT).as_posix(): len(text_of(p).splitlines()) for p in FILES if is_source(p)}
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}, "split these"


def test_versions_agree() -> None:
    """The package for Python and the workspace of the front end say the same version."""
    from studio.version import __version__

    assert json.loads((ROOT / "widgets" / "package.json").read_text())["version"] == __version__


def test_pins_are_for_every_place() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pin = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[^\s;]+( ; .+)?\Z")
    assert len(lines) > 100
    assert [line for line in lines if not pin.match(line)] == []
    assert any("python_full_version >= '3.12'" in line for line in lines)
