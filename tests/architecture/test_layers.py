"""Who may know whom, and what may be loaded when."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "studio"
SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if "labextension" not in p.parts and "_share" not in p.parts)

# What a room may import besides the standard library and rooms below. "lazily" means inside a function only.
DESCRIBING = {"numpy", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "jsonpatch", "jsonpointer"}
ALLOWED = {
    "models": DESCRIBING,
    "network": DESCRIBING | {"h5py"},
    "engine": {"numpy", "numba", "llvmlite", "h5py", "pandas", "platformdirs", "dask", "distributed", "mpi4py", "scipy"},
    "analysis": {"numpy", "pandas", "scipy"},
    "views": {"numpy", "holoviews", "bokeh", "pandas", "colorcet", "param", "panel", "numba"},
    "exchange": {"numpy", "numba", "nir", "h5py", "jsonpatch", "onnx", "onnxruntime"},
    "cli": {"tqdm"},
    "compile": {"numpy"},
    "backends": {"numpy", "numba", "scipy"},
}
LAZILY = {
    "analysis": {"scipy"},
    "network": {"h5py"},
    "cli": {"tqdm"},
    "engine": {"pandas", "mpi4py", "scipy"},
    "exchange": {"nir", "onnx", "onnxruntime"},
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    """Top-level names of the packages imported anywhere under `tree`, type-checking blocks included."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").partition(".")[0])
    return names


def outside_functions(tree: ast.Module) -> set[str]:
    """Those loaded as soon as the module is: neither inside a function nor for the type checker only."""
    names: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= imported(node)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += list(ast.iter_child_nodes(node))
    return names


def test_rooms_only_know_the_rooms_below_them() -> None:
    command = "from importlinter.cli import lint_imports_command as c; c()"
    done = subprocess.run([sys.executable, "-c", command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept" in done.stdout


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def test_every_room_says_what_it_may_import() -> None:
    free = {"ui", "units", "findings", "share", "version", "__init__", "__main__"}
    assert {room(path) for path in SOURCES} - free <= set(ALLOWED), "name the new room in ALLOWED"


def test_a_room_imports_only_the_packages_it_is_allowed() -> None:
    known = set(sys.stdlib_module_names) | {"studio"}
    wrong = [
        (path.name, sorted(extra))
        for path, tree in trees()
        if room(path) in ALLOWED and (extra := imported(tree) - known - ALLOWED[room(path)])
    ]
    assert not wrong


def test_heavy_packages_are_imported_where_they_are_needed() -> None:
    early = [(path.name, sorted(extra)) for path, tree in trees() if (extra := outside_functions(tree) & LAZILY.get(room(path), set()))]
    assert not early, "import these inside the function that needs them"


def test_nothing_inside_imports_the_lazy_top() -> None:
    """A public name taken from the top would tie every room to all of them; `from studio import units` names a room."""
    rooms = {room(path) for path in SOURCES}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert "studio" not in {alias.name for alias in node.names}, path
            if isinstance(node, ast.ImportFrom) and node.module == "studio":
                assert {alias.name for alias in node.names} <= rooms, path


def test_the_rules_were_tried_on_the_whole_package() -> None:
    rooms = {room(p) for p in SOURCES}
    assert {"models", "network", "engine", "analysis", "views", "exchange", "ui", "cli"} <= rooms


def test_import_studio_loads_nothing_heavy() -> None:
    script = "import sys, json, studio; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    loaded = set(json.loads(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout))
    assert not loaded & {"numpy", "numba", "pandas", "panel", "holoviews", "h5py", "pydantic", "bokeh", "anywidget", "nir"}


def test_every_public_name_is_there() -> None:
    import studio

    for name in studio.__all__:
        assert getattr(studio, name) is not None, name
    with pytest.raises(AttributeError, match="has no name 'nothing'"):
        studio.nothing  # noqa: B018


def test_the_command_starts_without_the_heavy_rooms() -> None:
    script = "import sys, json, studio.cli; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    loaded = set(json.loads(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout))
    assert not loaded & {"numpy", "numba", "pandas", "panel", "holoviews", "h5py", "bokeh", "tqdm"}
