"""Boards that are built with open tools alone: pins, clock, and the commands that make what is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ULX3S = "github.com/emard/ulx3s, doc/constraints/ulx3s_v20.lpf, as quoted in designs for the board"
ICEBREAKER = "github.com/YosysHQ/icestorm, examples/icebreaker/icebreaker.pcf, as quoted in designs for the board"
BAUD = 1_000_000  # bits a second
LOWEST, HIGHEST, BEST = 400.0, 800.0, 600.0  # MHz of an ECP5's oscillator (EHXPLLL)


@dataclass(frozen=True)
class Board:
    """`clock` [MHz] of its oscillator; pins as the constraints call them; `place` and `pack` are commands, `load` of openFPGALoader."""

    title: str
    device: str
    clock: float
    pins: Mapping[str, str]
    constraints: str  # the file's ending
    synth: str
    place: tuple[str, ...]
    pack: tuple[str, ...]
    built: str  # what is loaded
    load: str
    source: str


BOARDS: Mapping[str, Board] = MappingProxyType(
    {
        "ecp5_85": Board(
            "ULX3S with an ECP5-85F",
            "LFE5U-85F, CABGA381",
            25.0,
            MappingProxyType({"clock": "G2", "rx": "M1", "tx": "L4"}),
            "lpf",
            "synth_ecp5",
            ("nextpnr-ecp5", "--85k", "--package", "CABGA381", "--lpf", "board.lpf", "--textcfg"),
            ("ecppack", "--compress"),
            "board.bit",
            "ulx3s",
            ULX3S,
        ),
        "up5k": Board(
            "iCEBreaker with an iCE40 UP5K",
            "iCE40UP5K, SG48",
            12.0,
            MappingProxyType({"clock": "35", "rx": "6", "tx": "9"}),
            "pcf",
            "synth_ice40 -dsp",
            ("nextpnr-ice40", "--up5k", "--package", "sg48", "--pcf", "board.pcf", "--asc"),
            ("icepack",),
            "board.bin",
            "ice40_generic",
            ICEBREAKER,
        ),
    }
)

TOP = """\
// {title}: clock, reset and pins. A reset of 15 cycles follows when the device has been configured{locked}.
module board(input clock, input rx, output tx);
{clocks}  reg [3:0] held = 4'd0;
  always @(posedge clk)
    {hold}if (held != 4'd15) held <= held + 4'd1;
  link #(.CLOCKS({bit})) link(.clk(clk), .reset(held != 4'd15), .rx(rx), .tx(tx));  // {baud:,} bits a second
endmodule
"""

PLL = """\
  // {clock:g} MHz of the board to {made:g} MHz
  wire clk, locked;
  EHXPLLL #(
    .CLKI_DIV({divide}), .CLKFB_DIV({times}), .CLKOP_DIV({after}), .CLKOP_ENABLE("ENABLED"), .CLKOP_CPHASE({phase}), .CLKOP_FPHASE(0),
    .FEEDBK_PATH("CLKOP"), .OUTDIVIDER_MUXA("DIVA"), .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"),
    .DPHASE_SOURCE("DISABLED")
  ) pll(
    .CLKI(clock), .CLKFB(clk), .CLKOP(clk), .LOCK(locked), .RST(1'b0), .STDBY(1'b0), .PHASESEL0(1'b0), .PHASESEL1(1'b0),
    .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0)
  );
"""

MAKE = """\
# Builds the design for {title} ({device}): `make` synthesises, places, routes and packs it, `make load` loads it.
# Tools: Yosys, {tool}, {packer}; openFPGALoader to load. What the clock reaches is said at the end of placing, and in timing.json.
YOSYS ?= yosys
PLACE ?= {tool}
PACK ?= {packer}
SOURCES = {sources}

{built}: board.routed
	$(PACK) {pack_rest}$< $@
board.routed: board.json board.{ending}
	$(PLACE) {place_rest} $@ --json board.json --report timing.json{more}
board.json: $(SOURCES) $(wildcard *.hex)
	$(YOSYS) -q -p "read_verilog $(SOURCES); {synth} -top board -json $@"
load: {built}
	openFPGALoader -b {load} {built}
clean:
	rm -f board.json board.routed {built} timing.json
.PHONY: load clean
"""


def files(device: str, clock: float, sources: tuple[str, ...]) -> dict[str, str]:
    """The board's top, its constraints and the Makefile; nothing for a device without a board that open tools build."""
    board = BOARDS.get(device)
    if board is None:
        return {}
    made, clocks = _clocks(board, clock)
    with_pll = bool(clocks)
    title = f"{board.title}, {made:g} MHz"
    top = TOP.format(
        title=title,
        locked=" and the clock stands" if with_pll else "",
        clocks=clocks or "  wire clk = clock;\n",
        hold="if (~locked) held <= 4'd0; else " if with_pll else "",
        bit=round(made * 1e6 / BAUD),
        baud=BAUD,
    )
    tool, *rest = board.place
    packer, *options = board.pack
    make = MAKE.format(
        title=board.title,
        device=board.device,
        tool=tool,
        packer=packer,
        pack_rest="".join(f"{word} " for word in options),
        place_rest=" ".join(rest),
        sources=" ".join(("board.v", *sources)),
        ending=board.constraints,
        more=f" --freq {made:g}",
        synth=board.synth,
        load=board.load,
        built=board.built,
    )
    return {"board.v": top, f"board.{board.constraints}": _constraints(board), "Makefile": make}


def _constraints(board: Board) -> str:
    head = f"# {board.title}: pins. Source: {board.source}. For another board change these.\n"
    if board.constraints == "pcf":
        return head + "".join(f"set_io {name} {pin}\n" for name, pin in board.pins.items())
    pins = "".join(f'LOCATE COMP "{n}" SITE "{pin}";\nIOBUF PORT "{n}" IO_TYPE=LVCMOS33;\n' for n, pin in board.pins.items())
    return f'{head}{pins}FREQUENCY PORT "clock" {board.clock:g} MHZ;\n'


def _clocks(board: Board, asked: float) -> tuple[float, str]:
    """The clock [MHz] nearest to what is asked for and not above it, and the Verilog that makes it; without a PLL the board's own."""
    if board.constraints != "lpf" or asked == board.clock:
        return board.clock, ""
    made, divide, times = max(
        (board.clock * n / d, -d, n) for d in range(1, 9) for n in range(1, 81) if board.clock * n / d <= max(asked, 5.0)
    )
    after = max(1, min(128, round(BEST / made)))
    while made * after > HIGHEST:
        after -= 1
    text = PLL.format(clock=board.clock, made=made, divide=-divide, times=times, after=after, phase=max(0, after // 2 - 1))
    return made, text
