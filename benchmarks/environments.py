"""One environment for each peer, under a cache folder, so that nothing of them is ever a dependency.

The folder is BENCHMARKS_HOME, or spike-studio/peers in the user's cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process import ROOT, Finished, measure


@dataclass(frozen=True)
class Environment:
    """A peer: what is installed for it, and the program that reads a document."""

    name: str
    packages: tuple[str, ...]
    module: str
    licence: str
    python: str = "3.11"


ENVIRONMENTS = {
    e.name: e
    for e in (
        Environment("nest", ("nest-simulator==3.10.*", "numpy"), "benchmarks.peers.nest_run", "GPL-2.0-or-later"),
        # 2.9 does not import with NumPy 2.4
        Environment("brian2", ("brian2==2.9.0", "numpy<2.4", "setuptools"), "benchmarks.peers.brian_run", "CeCILL-2.1"),
    )
}


def home() -> Path:
    """Where environments and what peers compile are kept."""
    if given := os.environ.get("BENCHMARKS_HOME"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spike-studio" / "peers"


def interpreter(name: str) -> Path:
    return home() / name / "bin" / "python"


def missing(name: str) -> str:
    """Why a peer cannot be run here; empty where it can."""
    if interpreter(name).is_file():
        return ""
    return f"{name} has no environment; `python -m benchmarks peers {name}` makes it"


def make(name: str) -> Path:
    """Make the environment of a peer, or make it complete."""
    environment, folder = ENVIRONMENTS[name], home() / name
    uv = Path(sys.executable).with_name("uv")
    program = str(uv) if uv.is_file() else shutil.which("uv")
    if program:
        if not interpreter(name).is_file():
            subprocess.run([program, "venv", "-q", "--python", environment.python, str(folder)], check=True)
        subprocess.run([program, "pip", "install", "-q", "--python", str(interpreter(name)), *environment.packages], check=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(interpreter(name)), "-m", "pip", "install", "-q", *environment.packages], check=True)
    return folder


def run(name: str, document: Path, *arguments: str, limit_s: float = 3600.0) -> Finished:
    """A peer's program on a document."""
    environment = ENVIRONMENTS[name]
    command = [str(interpreter(name)), "-m", environment.module, str(document), *arguments]
    # the peer is not to see the packages of this environment
    return measure(command, {"PYTHONPATH": str(ROOT), "VIRTUAL_ENV": None, "OMP_NUM_THREADS": None}, limit_s)
