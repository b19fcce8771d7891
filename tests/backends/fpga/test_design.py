"""The emitted design as an engineer takes it: clean under a linter, cycle by cycle what was counted, memories of any FPGA, a serial line, a board."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest
from backends.fpga.nets import LIF, compiled, given, one_layer, refused
from backends.fpga.test_target import template
from backends.fpga.test_verilog import recurrent, stimulus
from engine.networks import network, population, projection, source

import studio
from studio.backends.compiling import compile_network, flat_of
from studio.backends.fpga import boards, line, onboard
from studio.backends.fpga.design import design
from studio.backends.fpga.emit import emit, module_names, plain
from studio.backends.fpga.emulate import emulate
from studio.backends.fpga.events_text import begins, digits_of
from studio.backends.fpga.host import read
from studio.backends.fpga.placing import board_of, place, reported, tool
from studio.backends.fpga.replay import replay, sources
from studio.backends.fpga.stages import STAGE, crossings, delay
from studio.compile.backend import Stimulus
from studio.findings import FindingError

WIDENED = re.compile(r"Operator \w+ expects \d+ bits on the .*, but .* generates (\d+)( or \d+)? bits")


def needs(*programs: str) -> None:
    for name in programs:
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")


def warnings(folder: Path) -> list[str]:
    names = [str(p) for p in sources(folder, bench="") if p.suffix == ".v"]
    done = subprocess.run(["verilator", "--lint-only", "-Wall", "--top-module", "link", *names], cwd=folder, capture_output=True, text=True)
    return [x for x in done.stderr.splitlines() if x.startswith("%")]


def test_a_linter_finds_nothing_and_without_its_waiver_only_operands_that_grow(tmp_path: Path) -> None:
    needs("verilator")
    emit(recurrent(), tmp_path)
    assert warnings(tmp_path) == []
    for file in tmp_path.glob("neuron_*.v"):
        file.write_text(file.read_text().replace("lint_off WIDTH", "lint_on WIDTH"))
    said = [x for x in warnings(tmp_path) if "Exiting" not in x]
    assert said and all(WIDENED.search(x) for x in said), "a value is cut off somewhere"


def test_clock_cycles_are_those_that_were_counted_and_a_word_read_while_written_is_never_used(tmp_path: Path) -> None:
    """Also with memories in which such a word is rubbish, as it is in some devices."""
    needs("iverilog")
    program = recurrent()
    inputs = stimulus(program).first(120)
    emit(program, tmp_path)
    file = tmp_path / "memory.v"
    text = file.read_text()
    file.write_text(text.replace("word <= cells[read_at]", "word <= (write & (write_at == read_at)) ? ~cells[read_at] : cells[read_at]"))
    assert file.read_text() != text
    wanted, found = emulate(design(program), inputs), replay(tmp_path, inputs, "iverilog")
    assert wanted.differs(found) == "" and len(wanted.spikes["a"][0]) > 10
    assert wanted.events["clock_cycles"] == found.events["clock_cycles"] > 120 * 7


def test_synapses_onto_the_same_sum_one_after_the_other(tmp_path: Path) -> None:
    """Each adds to what the one before has just written: a source that reaches the same neuron several times, two receptors side by side."""
    needs("iverilog")
    all_to_all, slow = ("all_to_all", {}), ("exponential", {"tau": 4.0})
    pairs = {"sources": [0, 0, 0, 1, 1, 2], "targets": [0, 0, 0, 0, 0, 0]}
    links = [
        projection("p", "x", "n", ("explicit", pairs), np.array([1.0, 0.5, -0.25, 2.0, 1.0, 0.5]), 0.3),
        projection("q", "x", "n", all_to_all, 1.5, 0.3),
        projection("r", "x", "n", all_to_all, -0.5, 0.2, slow),
        projection("s", "n", "n", ("all_to_all", {"autapses": True}), 0.25, 0.1),
    ]
    cells = [population("n", 1, **LIF), population("m", 3, **LIF)]
    made = compiled(network(cells, [source("x", 7, "spike_list", times=np.zeros(0), ids=np.zeros(0, np.int64))], links, dt=0.1, seed=3))
    made.emit(tmp_path)
    inputs = given(made.program, 150, rate=0.5)
    wanted, found = emulate(design(made.program), inputs), replay(tmp_path, inputs, "iverilog")
    assert wanted.differs(found) == "" and len(wanted.spikes["n"][0]) > 3
    assert wanted.events["clock_cycles"] == found.events["clock_cycles"]


def test_the_plan_of_the_speed_is_what_steps_take() -> None:
    flat = one_layer(weight=6.0, **LIF)
    made = compiled(flat, rate=0.0)
    quiet = emulate(design(made.program), given(made.program, 100, rate=0.0)).events["clock_cycles"]
    assert made.program.settings["speed"]["cycles_per_step"] * 100 + 1 == quiet  # and the step before the first


def test_stages_hold_no_more_than_fits_between_two_edges_and_registers_lead_to_every_use() -> None:
    path = design(compiled(one_layer("izhikevich", weight=9.0)).program).cores[0].datapath
    assert path.latency > 2
    for wire, stage in zip(path.wires, path.stages, strict=True):
        assert all(path.stages[a] <= stage for a in wire.args)
        longest = {a: delay(path.wires[a], path.wires) for a in wire.args if path.stages[a] == stage}
        assert not longest or max(longest.values()) + delay(wire, path.wires) <= STAGE or delay(wire, path.wires) == 0
    kept = list(crossings([(0, 3), (0, 1), (1, 2)], [0, 2]))
    assert kept == [(0, 1), (0, 2), (0, 3)]


def test_layers_whose_names_look_alike_have_modules_of_their_own() -> None:
    names = module_names(["cols[0].e", "cols_0_e", "cols[0].e", "b"])
    assert names == {"cols[0].e": "neuron_cols_0_e", "cols_0_e": "neuron_cols_0_e__2", "b": "neuron_b"}


def test_titles_stay_in_their_comment() -> None:
    assert plain("Two\nlines µ") == "Two lines ?"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 127, 128, 1000, 4095])
def test_where_a_slot_begins_takes_no_multiplier(size: int) -> None:
    assert sum((1 if plus else -1) << n for n, plus in digits_of(size)) == size
    assert "*" not in begins(size, 3, 15) and len(digits_of(size)) <= 4


def test_a_network_without_neurons_is_refused() -> None:
    flat = network([], [source("x", 3, "spike_list", times=np.zeros(0), ids=np.zeros(0, np.int64))], [])
    assert refused(flat)["fit.neurons"].fix == "Add a population."


@pytest.mark.parametrize("current", [None, -1.5])
def test_spikes_go_over_a_serial_line(current: float | None, tmp_path: Path) -> None:
    needs("iverilog")
    made = compiled(one_layer(weight=6.0, current=current, **LIF))
    made.emit(tmp_path)
    host, inputs = read(tmp_path), given(made.program, 25, rate=0.1)
    sent = [(byte, int(ends and not k)) for frame, ends in line.frames(host, inputs) for k, byte in enumerate(frame)]
    (tmp_path / "line_in.txt").write_text("".join(f"{byte} {ends}\n" for byte, ends in sent))
    names = [p.name for p in sources(tmp_path, "bench_link.v") if p.suffix == ".v"]
    subprocess.run(["iverilog", "-g2005", "-s", "bench_link", "-o", "line.vvp", *names], cwd=tmp_path, check=True)
    subprocess.run(["vvp", "-n", "line.vvp"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    back = [int(word) for word in (tmp_path / "line_out.txt").read_text().split()]
    wanted = emulate(design(made.program), inputs).spikes["n"]
    assert len(wanted[0]) > 0 and all(np.array_equal(a, b) for a, b in zip(line.spikes(host, back)["n"], wanted, strict=True))
    with pytest.raises(FindingError, match="dropped a command in step 0"):
        line.spikes(host, [3, 3 + line.LOST])


def test_a_board_s_files(tmp_path: Path) -> None:
    made = compiled(one_layer(weight=6.0, **LIF)).emit(tmp_path)
    assert {"board.v", "board.lpf", "Makefile", "link.v"} <= {p.name for p in tmp_path.iterdir()} and made.fits
    assert "50 MHz" in (tmp_path / "board.v").read_text() and ".CLKFB_DIV(2)" in (tmp_path / "board.v").read_text()
    assert 'LOCATE COMP "clock" SITE "G2";' in (tmp_path / "board.lpf").read_text()
    assert board_of(tmp_path).device.startswith("LFE5U-85F")
    assert boards.files("xc7a100t", 50.0, ()) == {} and ".CLKI_DIV(5), .CLKFB_DIV(16)" in boards.files("ecp5_85", 80.0, ())["board.v"]
    compiled(one_layer(weight=6.0, **LIF), device="up5k").emit(tmp_path)  # into the same folder
    assert board_of(tmp_path).device.startswith("iCE40UP5K") and "wire clk = clock;" in (tmp_path / "board.v").read_text()
    with pytest.raises(FindingError, match="no board in this folder"):
        board_of(tmp_path / "nowhere")


def test_what_nextpnr_reports() -> None:
    report = {
        "fmax": {"in": {"achieved": 400.0, "constraint": 25.0}, "clk": {"achieved": 72.5, "constraint": 50.0}},
        "utilization": {
            "DP16KD": {"used": 15, "available": 208},
            "TRELLIS_COMB": {"used": 9, "available": 83640},
            "X": {"used": 1, "available": 1},
        },
    }
    placed = reported(boards.BOARDS["ecp5_85"], report)
    assert (placed.clock, placed.asked) == (72.5, 50.0) and placed.used == {"memory_blocks": 15, "tables": 9}


def test_a_design_is_placed_and_packed_for_a_small_board(tmp_path: Path) -> None:
    needs("yosys", "make", "nextpnr-ice40", "icepack")
    made = compiled(one_layer(weight=6.0, **LIF), device="up5k", word=16, coefficient=16).emit(tmp_path)
    placed, used = place(tmp_path), {u.resource: u for u in made.report.totals}
    assert placed.clock >= placed.asked == 12.0
    assert placed.used["multipliers"] == used["multipliers"].used and 300 < placed.used["tables"] <= used["tables"].used
    for name in ("multipliers", "memory_blocks", "tables"):
        assert placed.there[name] == used[name].available, "the size of the device as nextpnr knows it"


@pytest.mark.thorough  # a minute
def test_first_spike_reaches_its_clock_on_an_ecp5(tmp_path: Path) -> None:
    needs("yosys", "make")
    where = os.environ.get("STUDIO_NEXTPNR")
    if tool("nextpnr-ecp5", where) is None:
        pytest.skip("nextpnr-ecp5 is not installed, and STUDIO_NEXTPNR names no folder with it")
    made = compile_network(flat_of(template("first_spike")), "fpga").emit(tmp_path)
    placed, used = place(tmp_path, where), {u.resource: u for u in made.report.totals}
    assert placed.clock >= placed.asked == 50.0
    assert placed.used["multipliers"] == used["multipliers"].used and placed.used["tables"] <= used["tables"].used
    for name in ("multipliers", "memory_blocks", "tables"):
        assert placed.there[name] == used[name].available


def answering(wanted, device: int) -> None:
    """Plays a design on a pseudo-terminal: answers each step with the spikes that it should have."""
    import tty

    tty.setraw(device)
    at, kind, missing = -2, 0, 0
    while True:
        try:
            (byte,) = os.read(device, 1)
        except (OSError, ValueError):
            return
        if missing:
            missing -= 1
            continue
        kind = byte
        missing = {1: 5, 2: 10}.get(kind, 0)
        if kind in (3, 4):
            at += 1
            steps, ids = wanted
            for i in ids[steps == at].tolist():
                os.write(device, bytes([1, 1, 0, i, 0, 0]))
            os.write(device, bytes([3]))


def test_a_board_is_run_through_a_port(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs("iverilog")
    net = studio.Network("line")
    drive = net.source("drive", 4, "poisson", rate=300.0)
    net.connect(drive, net.population("cells", 3, "lif"), studio.all_to_all(), weight=7.0)
    file = tmp_path / "net.json"
    net.save(file)
    folder = tmp_path / "out"
    folder.mkdir()
    compile_network(net, "fpga").emit(folder)
    ours, theirs = os.openpty()
    given_ = onboard.stimulus(str(file), read(folder).dt, 150)
    wanted = replay(folder, given_, "iverilog").spikes["cells"]
    assert len(wanted[0]) > 5
    threading.Thread(target=answering, args=(wanted, ours), daemon=True).start()
    assert onboard.main([str(folder), os.ttyname(theirs), str(file), "--steps", "150"]) == 0
    assert "Exactly the spikes of the simulated Verilog." in capsys.readouterr().out
    os.close(theirs)


def test_a_line_that_is_silent_is_said(tmp_path: Path) -> None:
    compiled(one_layer(weight=6.0, **LIF)).emit(tmp_path)
    with pytest.raises(FindingError, match="does not answer"):
        line.talk(lambda data: None, lambda: b"", read(tmp_path), Stimulus(3))
