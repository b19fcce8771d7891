"""The register file against lava-nc and nengo-loihi: written, read back and executed, every register of every step, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.backends.loihi.machine import Machine
from studio.backends.loihi.registers import Core, Format, Population, Port, Profile, Registers
from studio.backends.loihi.text import read, write
from studio.compile.backend import Stimulus

DATA = Path(__file__).parent / "data"
CASES = sorted(f.stem for f in DATA.glob("*.json"))


def core(number: int, case: dict[str, Any], z: Any, cores: dict[str, int]) -> Core:
    """A population on a core of its own; the lists of an axon begin with the first connection's."""
    p = case["populations"][number]
    n, into = p["n"], [c for c in case["connections"] if c["post"] == p["name"]]
    lists = axons(case, into, z)
    start = np.concatenate([[0], np.cumsum([len(rows) for rows in lists])]).astype(np.int64)
    rows = np.array([r for rows in lists for r in rows], np.int64).reshape(-1, 4)
    formats = tuple(Format(c["weight_exp"], c["sign_mode"], 6, 10, True) for c in into)
    out = [[i, cores[post], axon] for post, i, axon in taken(case, p["name"])]
    return Core(
        number,
        0,
        (Profile(p["du"], p["dv"], p["vth"], p["refractory"]),),
        formats,
        np.zeros(n, np.int64),
        np.array(p["bias_mant"], np.int64),
        np.full(n, p["bias_exp"], np.int64),
        np.zeros(n, np.int64),
        start,
        *rows.T,
        np.array(sorted(out), np.int64).reshape(-1, 3),
    )


def sources(case: dict[str, Any], post: str) -> list[tuple[str, int]]:
    """The axons of a core: every neuron of every population that projects to it."""
    sizes = {"in": case["n_input"], **{p["name"]: p["n"] for p in case["populations"]}}
    pres = dict.fromkeys(c["pre"] for c in case["connections"] if c["post"] == post)
    return [(pre, i) for pre in pres for i in range(sizes[pre])]


def axons(case: dict[str, Any], into: list[dict[str, Any]], z: Any) -> list[list[tuple[int, ...]]]:
    out = []
    for pre, i in sources(case, into[0]["post"]) if into else []:
        rows = []
        for k, c in enumerate(into):
            if c["pre"] == pre:
                w, d = z[f"Weff_{c['id']}"][:, i], z[f"D_{c['id']}"][:, i] if c["delays"] else np.zeros(len(z[f"Weff_{c['id']}"]), int)
                rows += [(int(t), int(w[t]), int(d[t]), k) for t in np.flatnonzero(w)]
        out.append(rows)
    return out


def taken(case: dict[str, Any], pre: str) -> list[tuple[str, int, int]]:
    """(population, source neuron, axon there) of all axons that begin at `pre`."""
    posts = dict.fromkeys(c["post"] for c in case["connections"])
    return [(post, i, k) for post in posts for k, (name, i) in enumerate(sources(case, post)) if name == pre]


def built(case: dict[str, Any], z: Any) -> Registers:
    names = [p["name"] for p in case["populations"]]
    cores = {name: k for k, name in enumerate(names)}
    ports = np.array(sorted([i, cores[post], axon] for post, i, axon in taken(case, "in")), np.int64).reshape(-1, 3)
    populations = tuple(Population(p["name"], p["name"], k, 0, np.arange(p["n"])) for k, p in enumerate(case["populations"]))
    sizes = {p["name"]: p["n"] for p in case["populations"]}
    made = tuple(core(k, case, z, cores) for k in range(len(names)))
    return Registers("loihi", case["name"], "", 1.0, case["steps"], sizes, made, (Port("in", "in", case["n_input"], ports),), populations)


def test_all_cases_were_found() -> None:
    assert len(CASES) == 11


@pytest.mark.parametrize("name", CASES)
def test_the_register_file_does_what_the_chip_does(name: str, tmp_path: Path) -> None:
    """A negative exponent as nengo-loihi: lava rounds the sum, see the README."""
    case, z = json.loads((DATA / f"{name}.json").read_text()), np.load(DATA / f"{name}.npz")
    write(built(case, z), tmp_path)
    first = {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    registers = read(tmp_path)
    write(registers, tmp_path)
    assert first == {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    wanted = tuple((p["name"], what) for p in case["populations"] for what in ("u", "v"))
    steps, ids = np.nonzero(z["input_spikes"])
    outcome = Machine(registers).run(Stimulus(case["steps"], {"in": (steps, ids)}), wanted)
    prefix = "nengo_" if name == "l04_exc_inh_negative_exp" else ""
    for p in case["populations"]:
        for what in ("u", "v"):
            assert np.array_equal(outcome.states[p["name"], what], z[f"{prefix}{what}_{p['name']}"]), f"{what} of {p['name']}"
        steps, ids = np.nonzero(z[f"{prefix}s_{p['name']}"])
        assert np.array_equal(outcome.spikes[p["name"]], (steps, ids))
