"""The linter has nothing to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_ruff_has_nothing_to_say(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format", "concise", "."], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"`make lint` tells more:\n{done.stdout}"
