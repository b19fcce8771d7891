"""The linter and the formatter have nothing to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("words", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_has_nothing_to_say(root: Path, words: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", "ruff", *words, "."], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"run: ruff {words[0]} .\n{done.stdout}"
