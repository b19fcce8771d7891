"""The command as people run it: another process, real documents, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

STUDIO = [sys.executable, "-m", "studio"]


def document(**changes: Any) -> dict[str, Any]:
    """Ten neurons under a rain of spikes."""
    nodes = {
        "noise": {"kind": "source", "name": "Noise", "model": "poisson", "size": 20, "params": {"rate": {"value": 200, "unit": "Hz"}}},
        "exc": {"kind": "population", "name": "Excitatory", "model": "lif", "size": 10, "params": {}},
    }
    projections = {"p1": {"from": "noise", "to": "exc", "weight": {"value": 2, "unit": "mV"}, "delay": {"value": 1, "unit": "ms"}}}
    made = {"format": "spike-studio/1", "name": "Small", "main": "main", "circuits": {"main": {"nodes": nodes, "projections": projections}}}
    return made | changes


def studio(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*STUDIO, *map(str, words)], capture_output=True, text=True, timeout=120, cwd=cwd)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.snn.json"
    file.write_text(json.dumps(document()))
    return file


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A time constant below zero."""
    given = document()
    given["circuits"]["main"]["nodes"]["exc"]["params"] = {"tau_m": {"value": -1, "unit": "ms"}}
    file = tmp_path / "wrong.snn.json"
    file.write_text(json.dumps(given))
    return file


def test_a_run_keeps_its_recording_and_its_summary(small: Path, tmp_path: Path) -> None:
    from studio.engine.recording import Recording

    done = studio(
        "run",
        small,
        "--duration",
        200,
        "--seed",
        3,
        "--threads",
        2,
        "--set",
        "exc.tau_m=15",
        "--record",
        "exc[0:2]:v",
        "--out",
        tmp_path / "out",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert {"spikes", "rates_hz", "sparsity", "real_time_factor", "versions"} <= set(summary)
    assert summary["spikes"] > 0
    assert "200 of 200 ms" in done.stderr
    recording = Recording.load(tmp_path / "out" / "recording.h5")
    assert recording.duration == 200
    assert recording.complete
    assert len(recording.spikes["exc"].steps) == summary["spikes"]
    assert recording.traces["exc", "v"].values.shape[1] == 2


def test_the_same_seed_gives_the_same_run_with_any_threads(small: Path) -> None:
    one, two, other = (
        json.loads(studio("run", small, "--duration", 100, "--seed", seed, "--threads", threads, "--json", "--quiet").stdout)
        for seed, threads in [(5, 1), (5, 2), (6, 1)]
    )
    assert (one["spikes"], one["rates_hz"]) == (two["spikes"], two["rates_hz"])
    assert other["spikes"] != one["spikes"]


def test_a_setting_changes_the_run_and_not_the_file(small: Path) -> None:
    before = small.read_bytes()
    spikes = [
        json.loads(studio("run", small, "--duration", 100, "--json", "--quiet", *more).stdout)["spikes"]
        for more in ((), ("--set", "noise.rate=0"))
    ]
    assert spikes[0] > 0 == spikes[1]
    assert small.read_bytes() == before


def test_errors_in_the_document_are_sentences_and_exit_1(wrong: Path) -> None:
    for words in (("run", wrong, "--duration", 10), ("check", wrong)):
        done = studio(*words)
        assert done.returncode == 1
        said = done.stdout + done.stderr
        assert "exc.tau_m" in said and "-1 ms" in said and "[bounds." in said
        assert "Traceback" not in said


def test_a_setting_that_is_out_of_bounds_exits_1(small: Path) -> None:
    done = studio("run", small, "--set", "exc.tau_m=-1", "--duration", 10)
    assert done.returncode == 1
    assert "exc.tau_m" in done.stderr and "Traceback" not in done.stderr


def test_check_has_nothing_to_say_about_a_sound_network(small: Path) -> None:
    done = studio("check", small)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(studio("check", small, "--json").stdout) == []


def test_check_as_json(wrong: Path) -> None:
    done = studio("check", wrong, "--json")
    assert done.returncode == 1
    assert [f["where"] for f in json.loads(done.stdout) if f["severity"] == "error"] == ["exc.tau_m"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("run",),
        ("run", "nobody"),
        ("run", "x", "--duration", "-1"),
        ("run", "x", "--threads", "0"),
        ("app", "--port", "70000"),
        ("export", "x", "--format", "word"),
    ],
)
def test_a_wrong_command_line_exits_2(words: tuple[str, ...]) -> None:
    done = studio(*words)
    assert done.returncode == 2
    assert done.stderr and "Traceback" not in done.stderr


def test_hostile_files_are_refused_in_words(tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.snn.json"
    for content in (
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": "spike-studio/99"}',
        b'{"format": "spike-studio/1", "circuits": 3}',
        b"null",
    ):
        hostile.write_bytes(content)
        done = studio("run", hostile)
        assert done.returncode == 1, content[:40]
        assert "error: " in done.stderr and "Traceback" not in done.stderr


def test_a_place_that_cannot_be_written_is_said_before_the_run(small: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = studio("run", small, "--out", tmp_path / "file" / "out", "--duration", 10)
    assert done.returncode == 2
    assert "--out" in done.stderr and " of 10 ms" not in done.stderr


def test_ctrl_c_keeps_what_was_recorded(small: Path, tmp_path: Path) -> None:
    from studio.engine.recording import Recording

    out = tmp_path / "out"
    long = subprocess.Popen(
        [*STUDIO, "run", str(small), "--duration", "1e9", "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert long.stderr is not None
        said = ""
        while " of 1000000000 ms" not in said or "  0%" not in said or "x real time" not in said:  # the run is on its way
            letter = long.stderr.read(1)
            assert letter, said
            said += letter
        long.send_signal(signal.SIGINT)
        _, rest = long.communicate(timeout=60)
    finally:
        long.kill()
    assert long.returncode == 130, said + rest
    assert "Cancelled at " in rest and "is kept" in rest
    recording = Recording.load(out / "recording.h5")
    assert not recording.complete
    assert 0 < recording.duration < 1e9
    assert json.loads((out / "summary.json").read_text())["complete"] is False


def test_export_writes_nir_that_the_nir_package_reads(small: Path, tmp_path: Path) -> None:
    import nir

    given = document()
    del given["circuits"]["main"]["nodes"]["noise"], given["circuits"]["main"]["projections"]["p1"]
    given["circuits"]["main"]["nodes"]["exc"]["model"] = "lif_euler"
    small.write_text(json.dumps(given))
    done = studio("export", small, "--format", "nir", "--out", tmp_path / "small.nir")
    assert done.returncode == 0, done.stderr
    graph = nir.read(tmp_path / "small.nir")
    assert any(type(node).__name__ in {"LIF", "IF", "CubaLIF"} for node in graph.nodes.values())


def test_formats_are_listed_without_a_file() -> None:
    assert "nir" in studio("export", "--format", "list").stdout.split()


def test_schema_describes_the_document_and_the_catalogue_lists_models(small: Path) -> None:
    import jsonschema

    said = studio("schema")
    assert said.stderr == ""
    schema = json.loads(said.stdout)
    jsonschema.validate(document(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document(circuits=3), schema)
    entries = json.loads(studio("schema", "--catalogue").stdout)["entries"]
    assert {"lif", "delta", "static", "ideal", "poisson", "all_to_all"} <= {entry["key"] for entry in entries}


def test_templates_stand_one_on_a_line_with_a_description() -> None:
    lines = studio("templates").stdout.splitlines()
    names = studio("templates", "--names").stdout.split()
    assert len(lines) == len(names) >= 4
    for name, line in zip(names, lines, strict=True):
        assert line.startswith(name + " ") and len(line.removeprefix(name).strip()) > 20
    assert any("brunel" in name for name in names) and any("digits" in name for name in names)


def test_version_is_the_packages() -> None:
    from studio.version import __version__

    assert studio("version").stdout.split() == ["spike-studio", __version__]
    assert studio("--version").stdout == studio("version").stdout
    assert "numba " in studio("version", "--all").stdout


def test_a_failure_while_running_exits_3_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], small: Path
) -> None:
    from studio.cli import main

    def broken(*_: Any, **__: Any) -> None:
        raise MemoryError("no room for the synapses")

    monkeypatch.setattr("studio.engine.run.simulate", broken)
    assert main(["run", str(small), "--quiet"]) == 3
    said = capsys.readouterr().err
    assert "no room for the synapses" in said and "Traceback" not in said
    assert main(["--traceback", "run", str(small), "--quiet"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_output_cut_off_by_a_reader_is_no_failure_to_shout_about() -> None:
    done = subprocess.run(f"'{sys.executable}' -m studio schema | head -n 1", shell=True, capture_output=True, text=True)
    assert done.stdout == "{\n"
    assert done.stderr == ""


def test_a_run_with_faults_says_so_and_silences(small: Path, tmp_path: Path) -> None:
    done = studio(
        "run",
        small,
        "--duration",
        100,
        "--fault",
        "dead_neurons:exc[0:4]:1",
        "--fault",
        "threshold_noise:exc:0.5 mV",
        "--out",
        tmp_path,
        "--quiet",
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert [(f["kind"], f["value"]) for f in summary["provenance"]["faults"]] == [("dead_neurons", 0.0), ("threshold_noise", 0.5)]
    assert summary["provenance"]["faults"][0] == {"kind": "dead_neurons", "path": "exc", "fraction": 1.0, "value": 0.0, "hit": 4, "of": 4}


@pytest.mark.parametrize(
    ("said", "word"),
    [("dead_neurons", "KIND:PATH:FRACTION"), ("dead_neurons:esc:0.1", "names no population"), ("dead_neurons:exc:2", "at most 1")],
)
def test_a_wrong_fault_is_told(small: Path, said: str, word: str) -> None:
    done = studio("run", small, "--fault", said)
    assert done.returncode != 0 and word.lower() in done.stderr.lower() and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("stuck_synapses:p1:0.05:0.4", {"kind": "stuck_synapses", "path": "p1", "fraction": 0.05, "value": 0.4}),
        (
            "stuck_synapses:p1[a->b]:0.05:0.4 mV",
            {"kind": "stuck_synapses", "path": "p1[a->b]", "fraction": 0.05, "value": {"value": 0.4, "unit": "mV"}},
        ),
        ("lost_spikes:exc[0:10, 1:2]:0.5", {"kind": "lost_spikes", "path": "exc[0:10, 1:2]", "fraction": 0.5}),
    ],
)
def test_a_fault_on_the_command_line_is_that_of_the_document(text: str, meant: dict[str, Any]) -> None:
    from studio.cli.asked import broken

    assert broken(text) == meant
