"""Make Node.js and the front end's development packages ready for the TypeScript tests.

Where the machine has no Node.js that is new enough, one is installed into this environment from the package index.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build_hook():
    """The module `hatch_build.py`, which knows how the front end is installed."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    hook = build_hook()
    os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")
    if not hook.has_node():
        install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", sys.executable, *hook.NODE_PACKAGES]
        subprocess.run(install, check=True, env={"UV_SYSTEM_CERTS": "1"} | os.environ)
    hook.install_packages(ROOT / "widgets", development=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
