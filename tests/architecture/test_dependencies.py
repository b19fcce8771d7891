"""What the package imports is what it says it needs."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

# the drawing behind HoloViews, the widgets behind anywidget, JupyterLab itself, and the MPI behind mpi4py
BEHIND_OTHERS = {"bokeh", "ipywidgets", "jupyterlab", "mpich"}


def test_every_imported_package_is_declared(root: Path) -> None:
    """And none is declared for nothing, but for those that work behind others."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = [line for name, lines in project["optional-dependencies"].items() if name != "test" for line in lines]
    declared = {re.split(r"[\s<>=!~;\[]", line)[0].replace("-", "_") for line in (*project["dependencies"], *extras)}
    used: set[str] = set()
    for path in (root / "studio").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                used.add((node.module or "").partition(".")[0])
    used -= set(sys.stdlib_module_names) | {"studio"}
    assert used - declared == set()
    assert declared - used <= BEHIND_OTHERS
