"""Files: written whole, read back to the same bytes; hostile and broken ones give findings."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.findings import errors
from studio.network import files, sidecar
from studio.network.canonical import to_bytes
from studio.network.check import check
from studio.network.data import decode, encode
from studio.network.document import Document, from_json
from studio.network.files import loads, model_hash, read, write

COLUMNS: dict[str, Any] = {
    "format": "spike-studio/1",
    "name": "Two columns",
    "description": "One column circuit, used twice.",
    "main": "sheet",
    "circuits": {
        "column": {
            "nodes": {
                "exc": {
                    "kind": "population",
                    "name": "Excitatory",
                    "model": "lif",
                    "size": 800,
                    "shape": [20, 40],
                    "params": {"tau_m": {"value": 20, "unit": "ms"}, "v_th": {"normal": [-50, 1.5], "unit": "mV"}},
                },
                "inh": {"kind": "population", "name": "Inhibitory", "model": "lif", "size": 200},
            },
            "projections": {
                "p1": {
                    "from": "exc",
                    "to": "inh",
                    "connector": {"model": "probability", "params": {"p": 0.1}},
                    "kinetics": {"model": "exponential", "params": {"tau": {"value": 2, "unit": "ms"}}},
                    "weight": {"value": 0.1, "unit": "nA"},
                    "delay": {"value": 1.5, "unit": "ms"},
                }
            },
            "ports": {"thalamus": {"direction": "in", "to": ["exc"]}, "out": {"direction": "out", "from": ["exc"]}},
        },
        "sheet": {
            "nodes": {
                "drive": {
                    "kind": "source",
                    "name": "Thalamus",
                    "model": "poisson",
                    "size": 100,
                    "params": {"rate": {"value": 8, "unit": "Hz"}},
                },
                "cols": {
                    "kind": "instance",
                    "name": "Columns",
                    "of": "column",
                    "repeat": 2,
                    "override": {"exc.tau_m": {"value": 15, "unit": "ms"}},
                },
            },
            "projections": {"p1": {"from": "drive", "to": "cols.thalamus", "copies": "all"}},
        },
    },
    "models": {},
    "constraints": [],
    "task": None,
    "data": {},
    "run": {
        "duration": {"value": 1, "unit": "s"},
        "dt": {"value": 0.1, "unit": "ms"},
        "seed": 1,
        "precision": "single",
        "record": [
            {"path": "cols[*].exc", "what": "spikes"},
            {"path": "cols[0].exc[0:10]", "what": "v", "every": {"value": 1, "unit": "ms"}},
        ],
    },
    "layout": {"sheet": {"drive": {"x": 0, "y": 0}}},
    "unknown": {"kept": [1, 2.5, None]},
}


def document(**changes: Any) -> Document:
    made, findings = from_json({**COLUMNS, **changes})
    assert made is not None, findings
    return made


def minimal(**more: Any) -> dict[str, Any]:
    return {"format": "spike-studio/1", "main": "main", "circuits": {"main": {"nodes": {"a": {"kind": "population", "size": 4}}}}, **more}


def test_a_file_reads_back_to_the_same_document_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "net.snn.json"
    write(document(), path)
    again, findings = read(path)
    assert again is not None and again.to_json() == COLUMNS
    assert [f.code for f in findings] == ["text.unknown_key"]
    first = path.read_bytes()
    write(again, path)
    assert path.read_bytes() == first == to_bytes(COLUMNS)
    assert os.listdir(tmp_path) == ["net.snn.json"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.snn.json"
    write(document(), path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError):
        write(document(name="Other"), path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["net.snn.json"]


def test_large_arrays_go_beside_the_file_and_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sidecar, "INLINE", 1000)
    large, small = np.random.default_rng(1).normal(size=(40, 50)), np.arange(3)
    made = document(data={"large": encode(large), "small": encode(small)})
    path = tmp_path / "net.snn.json"
    write(made, path)
    on_disk = json.loads(path.read_bytes())["data"]
    assert on_disk["large"]["file"] == "net.h5" and "values" not in on_disk["large"] and "values" in on_disk["small"]
    again, findings = read(path)
    assert again is not None and not errors(findings)
    assert np.array_equal(decode("large", again.data["large"].model_dump()), large)
    assert model_hash(again) == model_hash(made)
    first = path.read_bytes()
    write(again, path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("name", ["../net.h5", "/etc/passwd", "a/b.h5", "..", "", "c:x.h5", "a\\b.h5", 3, None, "missing.h5"])
def test_an_array_outside_the_folder_is_refused(tmp_path: Path, name: Any) -> None:
    path = tmp_path / "net.snn.json"
    path.write_bytes(to_bytes(minimal(data={"a": {"dtype": "float64", "shape": [2], "sha256": "0" * 64, "file": name}})))
    made, findings = read(path)
    assert [f.code for f in errors(findings)][:1] in (["path.file"], ["text.type"])
    assert made is None or any(f.severity == "error" for f in check(made))


def test_an_array_file_that_is_not_hdf5_or_another_array_is_refused(tmp_path: Path) -> None:
    import h5py

    entry = {"dtype": "float64", "shape": [2], "sha256": hashlib.sha256(np.zeros(2).tobytes()).hexdigest(), "file": "net.h5"}
    path = tmp_path / "net.snn.json"
    path.write_bytes(to_bytes(minimal(data={"a": entry})))
    (tmp_path / "net.h5").write_bytes(b"not hdf5")
    assert errors(read(path)[1])
    with h5py.File(tmp_path / "net.h5", "w") as out:
        out[entry["sha256"]] = np.ones(2)
    assert [f.code for f in errors(read(path)[1])] == ["text.data"]
    with h5py.File(tmp_path / "net.h5", "w") as out:
        out[entry["sha256"]] = h5py.ExternalLink("/etc/passwd", "/x")
    assert errors(read(path)[1])


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "text.json"),
    "not json": (b"{nodes: 1}", "text.json"),
    "cut off": (to_bytes(COLUMNS)[:700], "text.json"),
    "binary": (bytes(range(256)), "text.encoding"),
    "utf-16": ("{}".encode("utf-16"), "text.encoding"),
    "a list": (b"[]", "text.type"),
    "null": (b"null", "text.type"),
    "another format": (b'{"cells": [], "nbformat": 4}', "text.format"),
    "a newer format": (b'{"format": "spike-studio/2"}', "text.newer"),
    "a much newer format": (b'{"format": "spike-studio/999999"}', "text.newer"),
    "format of another type": (b'{"format": {"a": 1}}', "text.format"),
    "nan": (b'{"format": "spike-studio/1", "x": NaN}', "bounds.number"),
    "infinity": (b'{"format": "spike-studio/1", "x": -Infinity}', "bounds.number"),
    "1e999": (b'{"format": "spike-studio/1", "x": 1e999}', "bounds.number"),
    "a number of a million digits": (b'{"format": "spike-studio/1", "x": ' + b"9" * 1_000_000 + b"}", "bounds.number"),
    "a hundred thousand lists": (b"[" * 100_000, "size.depth"),
    "deep but not too deep to parse": (b'{"format": "spike-studio/1", "x": ' + b"[" * 200 + b"]" * 200 + b"}", "size.depth"),
    "duplicate keys": (b'{"format": "spike-studio/1", "main": "a", "main": "b"}', "text.duplicate"),
    "half a surrogate pair": (b'{"format": "spike-studio/1", "name": "\\ud800"}', "text.encoding"),
    "no circuits": (b'{"format": "spike-studio/1"}', "text.type"),
    "main is missing": (to_bytes({**COLUMNS, "main": "nowhere"}), "path.main"),
    "main is a number": (to_bytes({**COLUMNS, "main": 3}), "text.type"),
    "circuits are a list": (to_bytes({**COLUMNS, "circuits": []}), "text.type"),
    "a circuit is text": (to_bytes({**COLUMNS, "circuits": {"sheet": "x"}}), "text.type"),
    "a malformed key": (to_bytes(minimal(circuits={"main": {"nodes": {"A b": {"kind": "population"}}}})), "text.type"),
    "a path as a key": (to_bytes(minimal(circuits={"main": {"nodes": {"../x": {"kind": "population"}}}})), "text.type"),
    "an unknown kind": (to_bytes(minimal(circuits={"main": {"nodes": {"a": {"kind": "neuron"}}}})), "text.type"),
    "size as text": (to_bytes(minimal(circuits={"main": {"nodes": {"a": {"kind": "population", "size": "many"}}}})), "text.type"),
    "size minus one": (to_bytes(minimal(circuits={"main": {"nodes": {"a": {"kind": "population", "size": -1}}}})), "bounds.value"),
    "size and a half": (to_bytes(minimal(circuits={"main": {"nodes": {"a": {"kind": "population", "size": 1.5}}}})), "text.type"),
    "size true": (to_bytes(minimal(circuits={"main": {"nodes": {"a": {"kind": "population", "size": True}}}})), "text.type"),
    "a parameter as a list": (
        to_bytes(minimal(circuits={"main": {"nodes": {"a": {"kind": "population", "params": {"x": [1]}}}}})),
        "text.type",
    ),
    "a distribution of words": (
        to_bytes(minimal(circuits={"main": {"nodes": {"a": {"kind": "population", "params": {"x": {"normal": ["a", "b"]}}}}}})),
        "text.type",
    ),
    "braces in a key": (to_bytes(minimal(circuits={"main": {"nodes": {"{0}{x.__class__}": {"kind": "population"}}}})), "text.type"),
    "a negative seed": (to_bytes(minimal(run={"seed": -1})), "bounds.value"),
    "a huge seed": (to_bytes(minimal(run={"seed": 2**60})), "text.type"),
}


@pytest.mark.parametrize(("content", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_gives_findings(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "x.snn.json"
    path.write_bytes(content)
    made, findings = read(path)
    assert made is None
    assert code in [f.code for f in errors(findings)]
    assert all(len(f.text) < 400 and f.text.endswith((".", "…")) for f in findings)


def test_what_is_not_a_file_gives_findings(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.snn.json", tmp_path, Path("\0"), tmp_path / ("x" * 5000)):
        made, findings = read(path)
        assert made is None and [f.code for f in findings] == ["path.file"]


CHECKED: dict[str, tuple[dict[str, Any], str]] = {
    "a circuit in itself": (minimal(circuits={"main": {"nodes": {"a": {"kind": "instance", "of": "main"}}}}), "cycle.circuit"),
    "circuits in a circle": (
        minimal(
            circuits={"main": {"nodes": {"a": {"kind": "instance", "of": "b"}}}, "b": {"nodes": {"c": {"kind": "instance", "of": "main"}}}}
        ),
        "cycle.circuit",
    ),
    "a circle that main does not use": (
        minimal(circuits={"main": {}, "b": {"nodes": {"c": {"kind": "instance", "of": "b"}}}}),
        "cycle.circuit",
    ),
    "a billion neurons": (minimal(circuits={"main": {"nodes": {"a": {"kind": "population", "size": 10**9}}}}), "size.limit"),
    "a billion copies": (
        minimal(circuits={"main": {"nodes": {"a": {"kind": "instance", "of": "b", "repeat": 10**9}}}, "b": {}}),
        "size.nodes",
    ),
    "ten to the ten copies by nesting": (
        minimal(
            main="c0",
            circuits={
                **{f"c{k}": {"nodes": {"a": {"kind": "instance", "of": f"c{k + 1}", "repeat": 10}}} for k in range(10)},
                "c10": {"nodes": {"a": {"kind": "population"}}},
            },
        ),
        "size.nodes",
    ),
    "a zip bomb": (
        minimal(
            data={
                "a": {
                    "dtype": "uint8",
                    "shape": [10],
                    "sha256": "0" * 64,
                    "values": base64.b64encode(zlib.compress(bytes(50_000_000))).decode(),
                }
            }
        ),
        "text.data",
    ),
    "an array larger than it may be": (
        minimal(data={"a": {"dtype": "float64", "shape": [10**6, 10**6], "sha256": "0" * 64, "values": ""}}),
        "size.data",
    ),
    "an array of objects": (minimal(data={"a": {"dtype": "object", "shape": [1], "sha256": "0" * 64, "values": ""}}), "text.data"),
    "an array that is not base64": (
        minimal(data={"a": {"dtype": "uint8", "shape": [1], "sha256": "0" * 64, "values": "***"}}),
        "text.data",
    ),
    "an array of another hash": (minimal(data={"a": {**encode(np.arange(3)), "sha256": "0" * 64}}), "text.data"),
    "an array of another encoding": (minimal(data={"a": {**encode(np.arange(3)), "encoding": "pickle"}}), "text.data"),
    "an array without values": (minimal(data={"a": {"dtype": "uint8", "shape": [1], "sha256": "0" * 64}}), "path.data"),
    "a model as Python": (minimal(models={"evil": "__import__('os').system('x')"}), "text."),
    "a record of nothing": (minimal(run={"record": [{"path": "a.b.c[[["}]}), "path.syntax"),
    "an override with a malformed path": (
        minimal(circuits={"main": {"nodes": {"a": {"kind": "instance", "of": "b", "override": {"..": 1}}}}, "b": {}}),
        "path.syntax",
    ),
    "a projection end with a malformed path": (
        minimal(circuits={"main": {"nodes": {"a": {"kind": "population"}}, "projections": {"p1": {"from": "a[", "to": "a"}}}}),
        "path.syntax",
    ),
    "a port onto itself": (
        minimal(
            circuits={
                "main": {"nodes": {"a": {"kind": "instance", "of": "b"}}, "projections": {"p1": {"from": "a.o", "to": "a.i"}}},
                "b": {"ports": {"i": {"direction": "in", "to": ["i"]}, "o": {"direction": "out", "from": ["o.o"]}}},
            }
        ),
        "path.port",
    ),
    "dt of zero": (minimal(run={"dt": 0}), "bounds.low"),
    "a task of another form": (minimal(task={"source": [1], "readout": {"x": 1}, "labels": {"data": [1]}, "decode": 5}), "path.task"),
}


@pytest.mark.parametrize(("given_", "code"), CHECKED.values(), ids=CHECKED.keys())
def test_what_has_the_form_but_no_sense_gives_findings(given_: dict[str, Any], code: str) -> None:
    made, findings = loads(to_bytes(given_))
    assert made is not None, findings
    found = check(made)
    assert any(f.code.startswith(code) and f.severity == "error" for f in found), found


@given(st.data())
def test_a_damaged_file_never_raises(data: st.DataObject) -> None:
    content = bytearray(to_bytes(COLUMNS))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    made, findings = loads(bytes(content))
    assert made is not None or errors(findings)
    if made is not None:
        check(made)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_any_value_in_any_place_never_raises(data: st.DataObject) -> None:
    changed = json.loads(json.dumps(COLUMNS))
    at: Any = changed
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], (dict, list)) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(ANY)
            break
        at = at[key]
    made, findings = from_json(changed)
    assert made is not None or errors(findings)
    if made is not None:
        check(made)
        assert made.to_json() == from_json(made.to_json())[0].to_json()  # type: ignore[union-attr]


def test_the_hash_is_of_the_model_alone() -> None:
    own = model_hash(document())
    moved = {**COLUMNS, "name": "x", "description": "y", "layout": {}, "run": {"seed": 7}, "metadata": {"a": 1}}
    moved["circuits"] = json.loads(json.dumps(COLUMNS["circuits"]))
    moved["circuits"]["column"]["nodes"]["exc"]["name"] = "Other"
    assert model_hash(document(**moved)) == own
    for value, same in (({"value": 0.02, "unit": "s"}, True), (20, True), (20.0, True), ({"value": 20, "unit": "s"}, False), (21, False)):
        moved["circuits"]["column"]["nodes"]["exc"]["params"]["tau_m"] = value
        assert (model_hash(document(**moved)) == own) is same, value


def test_migration_goes_a_version_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(files.MIGRATIONS, 0, lambda old: {**old, "format": "spike-studio/1", "main": old["top"]})
    made, findings = loads(to_bytes({**minimal(), "format": "spike-studio/0", "top": "main"}))
    assert made is not None and made.format == "spike-studio/1" and findings[0].code == "text.migrated"
