"""A change in one file of the engine is a change of all that numba keeps of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine import caching, loop, random, store


def test_compiled_functions_of_the_engine_have_its_stamp() -> None:
    for function in (loop.run_part, loop.deliver_early, random.fill_drawn):
        assert function._cache._cache_file._source_stamp == caching.stamp()


def test_the_stamp_changes_with_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("y = 1\n")
    monkeypatch.setattr(caching, "HERE", tmp_path)
    before = caching.stamp.__wrapped__()
    assert caching.stamp.__wrapped__() == before
    (tmp_path / "b.py").write_text("y = 22\n")
    assert caching.stamp.__wrapped__() != before


def test_other_peoples_functions_are_left_alone(tmp_path: Path) -> None:
    locator = caching.CacheImpl._locator_classes[0]
    assert locator.from_function(len, str(tmp_path / "theirs.py")) is None


def test_a_kernel_is_as_old_as_the_files_that_its_text_takes_functions_from(monkeypatch: pytest.MonkeyPatch) -> None:
    text = store.HEAD + "from studio.engine.windows import window\n"
    before, read = store._stamp(text), store._engine_file
    for changed, counts in (("native", True), ("windows", True), ("laws", True), ("calendar", False)):
        monkeypatch.setattr(store, "_engine_file", lambda name, changed=changed: read(name) + ("\n# new\n" if name == changed else ""))
        assert (store._stamp(text) != before) == counts, changed
