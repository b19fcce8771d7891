"""The hook builds the front end when, and only when, its sources changed."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import ensure_node
import pytest


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    return ensure_node.build_hook()


@pytest.fixture
def project(tmp_path: Path, hook: ModuleType) -> Path:
    """A workspace of three files whose bundle is up to date."""
    for name, text in {"package.json": "{}", "core/a.ts": "1", "canvas/b.tsx": "2"}.items():
        file = tmp_path / "widgets" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    stamp = tmp_path / "studio" / "labextension" / ".stamp"
    stamp.parent.mkdir(parents=True)
    stamp.write_text(hook.workspace_hash(tmp_path / "widgets") + "\n")
    return tmp_path


def test_a_fresh_bundle_is_left_alone(hook: ModuleType, project: Path) -> None:
    assert not hook.is_stale(project)


@pytest.mark.parametrize("change", ["edit", "add", "remove", "move"])
def test_any_change_of_a_source_makes_the_bundle_stale(hook: ModuleType, project: Path, change: str) -> None:
    file = project / "widgets" / "core" / "a.ts"
    if change == "edit":
        file.write_text("3")
    elif change == "add":
        (project / "widgets" / ".npmrc").write_text("")
    elif change == "remove":
        file.unlink()
    else:
        file.rename(project / "widgets" / "canvas" / "a.ts")
    assert hook.is_stale(project)


def test_packages_and_times_do_not_matter(hook: ModuleType, project: Path) -> None:
    (project / "widgets" / "node_modules" / "react").mkdir(parents=True)
    (project / "widgets" / "node_modules" / "react" / "index.js").write_text("")
    (project / "widgets" / "core" / "a.ts").touch()
    assert not hook.is_stale(project)


def test_a_missing_bundle_is_stale_and_a_missing_workspace_is_not(hook: ModuleType, project: Path, tmp_path: Path) -> None:
    (project / "studio" / "labextension" / ".stamp").unlink()
    assert hook.is_stale(project)
    assert not hook.is_stale(tmp_path / "elsewhere")


def test_two_files_cannot_pass_for_one(hook: ModuleType, tmp_path: Path) -> None:
    """Names and contents are kept apart in the hash."""
    hashes = set()
    for number, (name, text) in enumerate([("ab", "c"), ("a", "bc")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_text(text)
        hashes.add(hook.workspace_hash(folder))
    assert len(hashes) == 2


def test_node_is_asked_for_only_where_a_build_is_due_and_there_is_none(
    hook: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hook.FrontEndHook(str(project), {}, None, None, str(project), "wheel")
    monkeypatch.setattr(hook, "has_node", lambda: False)
    assert made.dependencies() == []
    (project / "widgets" / "core" / "a.ts").write_text("3")
    assert made.dependencies() == hook.NODE_PACKAGES
    monkeypatch.setattr(hook, "has_node", lambda: True)
    assert made.dependencies() == []


@pytest.mark.parametrize(("said", "enough"), [("v20.19.0", True), ("v24.1.0", True), ("v20.18.3", False), ("v18.20.0", False), ("", False)])
def test_an_old_node_does_not_count(hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, enough: bool) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {said}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hook.has_node() is enough


def test_the_bundle_of_this_checkout_is_up_to_date(hook: ModuleType, root: Path) -> None:
    assert not hook.is_stale(root), "run `make app` or `cd widgets && npm run build`"
