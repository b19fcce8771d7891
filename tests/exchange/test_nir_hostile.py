"""A broken or hostile `.nir` file gives findings, never a traceback, and nothing in it is executed or followed."""

import h5py
import nir
import numpy as np
import pytest

from studio.exchange.nir import read

N = 3


def good(path):
    ones = np.ones(N)
    nodes = {
        "input": nir.Input({"input": np.array([N])}),
        "fc": nir.Affine(np.ones((N, N)), ones),
        "lif": nir.LIF(tau=0.01 * ones, r=ones, v_leak=0 * ones, v_threshold=ones, v_reset=0 * ones),
        "output": nir.Output({"output": np.array([N])}),
    }
    nir.write(path, nir.NIRGraph(nodes=nodes, edges=[("input", "fc"), ("fc", "lif"), ("lif", "output")]))
    return path


def replace(file, path, value, **kwargs):
    if path in file:
        del file[path]
    file.create_dataset(path, data=value, **kwargs)


def conv(file, **params):
    """The matrix made a convolution of a grid [1, 1, 3], with these parameters."""
    del file["node/nodes/fc"]
    group = file.create_group("node/nodes/fc")
    group.create_dataset("type", data="Conv2d", dtype=h5py.string_dtype())
    given = {
        "weight": np.ones((1, 1, 1, 1)),
        "bias": np.ones(1),
        "stride": np.ones(2),
        "padding": np.zeros(2),
        "dilation": np.ones(2),
        "groups": np.array(1),
    }
    for name, value in (given | {"input_shape": np.array([1, 3])} | params).items():
        if value is not None:
            group.create_dataset(name, data=value)


def broken(tmp_path, change):
    path = good(tmp_path / "g.nir")
    with h5py.File(path, "r+") as file:
        change(file)
    return read(path, 1.0)


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"not HDF5 at all" * 100, b"PK\x03\x04" + bytes(1000)])
def test_what_is_not_hdf5(tmp_path, content):
    path = tmp_path / "x.nir"
    path.write_bytes(content)
    document, findings = read(path, 1.0)
    assert document is None and [f.code for f in findings] == ["text.nir"]


def test_no_file_and_a_folder(tmp_path):
    assert [f.code for f in read(tmp_path / "none.nir", 1.0)[1]] == ["path.file"]
    assert read(tmp_path, 1.0)[0] is None


def test_a_file_cut_off_anywhere_never_raises(tmp_path):
    whole = good(tmp_path / "g.nir").read_bytes()
    path = tmp_path / "cut.nir"
    for n in (1, 100, 600, 2000, len(whole) // 2, len(whole) - 8):
        path.write_bytes(whole[:n])
        document, findings = read(path, 1.0)
        assert document is None and findings


def test_a_file_with_damaged_bytes_never_raises(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.exchange.nir.probe.SECONDS", 4.0)
    whole = bytearray(good(tmp_path / "g.nir").read_bytes())
    path = tmp_path / "bits.nir"
    rng = np.random.default_rng(0)
    for _ in range(12):
        damaged = bytearray(whole)
        for place in rng.integers(8, len(whole), 60):
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(damaged)
        document, findings = read(path, 1.0)
        assert document is not None or findings


@pytest.mark.parametrize(
    ("script", "word"), [("import time; time.sleep(60)", "did not end"), ("import os; os.kill(os.getpid(), 11)", "crashes")]
)
def test_bytes_that_hang_or_crash_the_library_do_not_take_the_studio_with_them(tmp_path, monkeypatch, script, word):
    stand_in = tmp_path / "stand_in.py"
    stand_in.write_text(script)
    monkeypatch.setattr("studio.exchange.nir.probe.__file__", str(stand_in))
    monkeypatch.setattr("studio.exchange.nir.probe.SECONDS", 1.0)
    document, findings = read(good(tmp_path / "g.nir"), 1.0)
    assert document is None and word in findings[-1].text


WRONG = {
    "no graph": lambda f: f.__delitem__("node"),
    "graph is a number": lambda f: (f.__delitem__("node"), f.create_dataset("node", data=1)),
    "type of the root": lambda f: replace(f, "node/type", "Affine"),
    "type is a number": lambda f: replace(f, "node/type", 7),
    "no nodes": lambda f: f.__delitem__("node/nodes"),
    "a node is a number": lambda f: (f.__delitem__("node/nodes/fc"), f.create_dataset("node/nodes/fc", data=3.0)),
    "edges are numbers": lambda f: replace(f, "node/edges", np.ones((3, 2))),
    "edges have three ends": lambda f: replace(f, "node/edges", np.array([["a", "b", "c"]], dtype=object), dtype=h5py.string_dtype()),
    "names are not UTF-8": lambda f: replace(f, "node/edges", np.array([[b"\xff\xfe", b"lif"]]), dtype="S2"),
    "weights are text": lambda f: replace(f, "node/nodes/fc/weight", np.array(["a", "b"], dtype=object), dtype=h5py.string_dtype()),
    "weights are complex": lambda f: replace(f, "node/nodes/fc/weight", np.ones((N, N), complex)),
    "weights are not finite": lambda f: replace(f, "node/nodes/fc/weight", np.full((N, N), np.nan)),
    "an external link": lambda f: (
        f.__delitem__("node/nodes/fc/weight"),
        f["node/nodes/fc"].__setitem__("weight", h5py.ExternalLink("/etc/passwd", "/")),
    ),
    "a soft link": lambda f: (
        f.__delitem__("node/nodes/fc/weight"),
        f["node/nodes/fc"].__setitem__("weight", h5py.SoftLink("/node/nodes/lif/tau")),
    ),
    "a loop of links": lambda f: (f["node/nodes"].__setitem__("self", f["node"]), None),
    "an array of 80 TB": lambda f: (
        f.__delitem__("node/nodes/fc/weight"),
        f["node/nodes/fc"].create_dataset("weight", shape=(10_000_000, 1_000_000), dtype="f8", chunks=(1000, 1000)),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_is_no_graph_is_refused_in_words(tmp_path, what):
    document, findings = broken(tmp_path, WRONG[what])
    assert document is None and findings[-1].code == "text.nir" and findings[-1].severity == "error"


def test_an_array_kept_in_another_file_is_not_read(tmp_path):
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.ones(N * N).tobytes())

    def change(file):
        del file["node/nodes/fc/weight"]
        file["node/nodes/fc"].create_dataset("weight", shape=(N, N), dtype="f8", external=[(str(secret), 0, N * N * 8)])

    document, findings = broken(tmp_path, change)
    assert document is None and "another file" in findings[-1].text


SURVIVED = {
    "a shape that does not fit": lambda f: replace(f, "node/nodes/fc/weight", np.ones((N, N + 2))),
    "a bias that does not fit": lambda f: replace(f, "node/nodes/fc/bias", np.ones(N + 2)),
    "a weight with three axes": lambda f: replace(f, "node/nodes/fc/weight", np.ones((N, N, N))),
    "no weight": lambda f: f.__delitem__("node/nodes/fc/weight"),
    "a negative time constant": lambda f: replace(f, "node/nodes/lif/tau", -np.ones(N)),
    "parameters of different sizes": lambda f: replace(f, "node/nodes/lif/r", np.ones(N + 4)),
    "no time constant": lambda f: f.__delitem__("node/nodes/lif/tau"),
    "an unknown type": lambda f: replace(f, "node/nodes/fc/type", "__import__('os').system('touch hacked')"),
    "an edge to nowhere": lambda f: replace(f, "node/edges", np.array([["input", "nowhere"]], dtype=object), dtype=h5py.string_dtype()),
    "an input without a shape": lambda f: f.__delitem__("node/nodes/input/shape"),
    "a convolution of another shape": lambda f: conv(f, weight=np.ones((1, 2, 1, 1))),
    "a convolution without a weight": lambda f: conv(f, weight=None),
    "a kernel of nothing": lambda f: conv(f, weight=np.ones((0, 1, 1, 1))),
    "a kernel larger than the grid": lambda f: conv(f, weight=np.ones((1, 1, 4, 4))),
    "endless padding": lambda f: conv(f, padding=np.full(2, 10**9)),
    "a stride of zero": lambda f: conv(f, stride=np.zeros(2)),
    "a negative dilation": lambda f: conv(f, dilation=-np.ones(2)),
    "groups without channels": lambda f: conv(f, groups=np.array(7)),
    "no groups": lambda f: conv(f, groups=np.array(0)),
    "a padding in words": lambda f: conv(f, padding="around"),
    "a grid that is not there": lambda f: conv(f, input_shape=np.array([10**6, 10**6])),
    "an input of negative size": lambda f: replace(f, "node/nodes/input/shape", np.array([-4])),
}


@pytest.mark.parametrize("what", SURVIVED)
def test_what_cannot_be_said_is_left_out_with_a_finding(tmp_path, what):
    document, findings = broken(tmp_path, SURVIVED[what])
    assert document is not None and findings and not [f for f in findings if f.severity == "error"]
    assert not list(tmp_path.glob("hacked"))
