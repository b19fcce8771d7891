"""Every command passes the table that TypeScript passes too: tests/commands/*.json."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from studio.findings import FindingError
from studio.network.canonical import to_bytes
from studio.network.document import from_json
from studio.network.edit import COMMANDS, apply, resolve

FOLDER = Path(__file__).parents[1] / "commands"
CASES = [
    (f"{file.stem}: {case['name']}", case)
    for file in sorted(FOLDER.glob("*.json"))
    for case in json.loads(file.read_text("utf-8"))["cases"]
]


def test_the_table_covers_every_command_and_its_refusals() -> None:
    done = {case["command"]["command"] for _, case in CASES if "result" in case}
    refused = {case["command"]["command"] for _, case in CASES if "refused" in case}
    assert len(CASES) >= 100
    assert done == {*COMMANDS, "batch"}
    assert refused >= {*COMMANDS, "batch"} - {"add_circuit"}


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_case(case: dict[str, Any]) -> None:
    document, before = case["document"], copy.deepcopy(case["document"])
    if "refused" in case:
        with pytest.raises(FindingError) as refusal:
            resolve(document, case["command"])
        assert refusal.value.findings[0].code == case["refused"]
        assert refusal.value.findings[0].text.endswith(".")
    else:
        edit = resolve(document, case["command"])
        assert (edit.label, edit.patch, edit.inverse) == (case["label"], case["patch"], case["inverse"])
        after = apply(document, edit.patch)
        assert to_bytes(after) == to_bytes(case["result"])
        assert from_json(after)[0] is not None
        assert to_bytes(apply(after, edit.inverse)) == to_bytes(before)
    assert document == before


def test_the_table_files_are_canonical() -> None:
    for file in FOLDER.glob("*.json"):
        assert file.read_bytes() == to_bytes(json.loads(file.read_text("utf-8"))), file.name


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"command": 3},
        {"command": "set"},
        {"command": "move", "circuit": "main", "positions": 3},
        {"command": "add_node", "circuit": "main", "node": None},
        [],
        None,
        "set",
    ],
)
def test_an_incomplete_command_is_refused_in_words(command: Any) -> None:
    document = {"format": "spike-studio/1", "main": "main", "circuits": {"main": {"nodes": {}}}}
    with pytest.raises(FindingError):
        resolve(document, command)


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "replace", "path": "/nothing/here", "value": 1}],
        [{"op": "zap"}],
        [{"op": "remove", "path": "/x"}],
        [{}],
        "x",
        [{"op": "add", "path": "no", "value": 1}],
    ],
)
def test_a_patch_that_does_not_fit_is_refused_in_words(patch: Any) -> None:
    with pytest.raises(FindingError):
        apply({"a": 1}, patch)
