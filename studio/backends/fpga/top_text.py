"""The whole design as Verilog: events between cores and host, and the test bench that plays the host."""

from __future__ import annotations

from studio.backends.fpga.design import Core, Design, address_bits
from studio.backends.fpga.events_text import padded
from studio.backends.fpga.host import CURRENT, END, SKIP, SPIKE, STEP

TOP = """\
// {title}
//
// The host sends commands: {SPIKE} a spike of element b of population a, {CURRENT} a current (value) of neuron b of core a,
// {STEP} advance by one step, {SKIP} go on to the next step without updating. A step updates all cores at the same time, then hands
// their spikes to everybody, one after the other. A command is taken where it is valid and the design ready.
// One clock. `reset` is synchronous, must be held for a cycle after power is on, and leaves memories as they are: neurons start from what
// the device was configured with.
module network(
  input clk, input reset,
  input command_valid, output command_ready,
  input [2:0] command, input [{population_top}:0] command_a, input [{id_top}:0] command_b, input signed [{value_top}:0] command_value,
  // every spike of a neuron, as it is handed round: one in each cycle in which it is valid, which it is only while `spike_ready`
  input spike_ready, output spike_valid, output [{event_top}:0] spike_population, output [{id_top}:0] spike_id
);
  localparam [{slot_top}:0] LAST_SLOT = {last_slot};  // of the delay rings
  localparam [2:0] SPIKE = 3'd{SPIKE}, {current_name}STEP = 3'd{STEP}, SKIP = 3'd{SKIP};
  localparam [1:0] LISTEN = 2'd0, BEGIN = 2'd1, UPDATE = 2'd2, SPREAD = 2'd3;
  reg [1:0] phase;
  reg [{slot_top}:0] slot;
  wire [{slot_top}:0] slot_after = (slot == LAST_SLOT) ? {no_slot} : slot + {one_slot};
  wire [{core_top}:0] idle, ready, waiting;
{wires}
  // who may speak: the lowest core with a spike
{choose}
  wire spreading = (phase == SPREAD) & (|waiting) & spike_ready;
  wire host_spike = (phase == LISTEN) & command_valid & (command == SPIKE);
  wire event_valid = (spreading | host_spike) & (&ready);
  wire [{event_top}:0] event_population = spreading ? chosen_population : command_a[{event_top}:0];
  wire [{id_top}:0] event_id = spreading ? chosen_id : command_b;
  assign spike_valid = spreading & (&ready);
  assign spike_population = chosen_population;
  assign spike_id = chosen_id;
  assign command_ready = (phase == LISTEN) & (&ready);

  always @(posedge clk)
    if (reset) begin
      phase <= LISTEN; slot <= LAST_SLOT;  // what is given now comes before the first step
    end else
      case (phase)
        LISTEN:
          if (command_valid & command_ready) begin
            if (command == STEP) phase <= BEGIN;
            else if (command == SKIP) slot <= slot_after;
          end
        BEGIN: phase <= UPDATE;
        UPDATE: if (&idle) phase <= SPREAD;
        SPREAD:
          if ((&ready) & ~(|waiting)) begin slot <= slot_after; phase <= LISTEN; end
      endcase

{unused}{instances}
endmodule
"""

BENCH = """\
// Plays the host: commands from stimulus.txt (command a b value), spikes to spikes.txt (step population id), last states to states.txt.
`timescale 1ns/1ps
module bench;
  reg clk = 0, reset = 1, valid = 0;
  reg [2:0] command = 0;
  reg [{population_top}:0] a = 0;
  reg [{id_top}:0] b = 0;
  reg signed [{value_top}:0] value = 0;
  wire ready, spike;
  wire [{event_top}:0] population;
  wire [{id_top}:0] id;
  network dut(.clk(clk), .reset(reset), .command_valid(valid), .command_ready(ready), .command(command), .command_a(a), .command_b(b),
    .command_value(value), .spike_ready(1'b1), .spike_valid(spike), .spike_population(population), .spike_id(id));
  always #5 clk = ~clk;

  integer stimulus, spikes, states, got, step, k, c, x, y, v;
  integer cycles;
  reg more;
  initial begin
    stimulus = $fopen("stimulus.txt", "r");
    spikes = $fopen("spikes.txt", "w");
    step = -2; cycles = 0; more = 1;  // the first command of all leads to step -1, before the first
    repeat (3) @(negedge clk);
    reset = 0;
    while (more) begin
      got = $fscanf(stimulus, "%d %d %d %d\\n", c, x, y, v);
      if (got != 4 || c == {END}) more = 0;
      else begin
        command = c; a = x; b = y; value = v; valid = 1;
        while (!ready) @(negedge clk);
        @(negedge clk);
        valid = 0;
        if (c == {STEP} || c == {SKIP}) begin
          step = step + 1;
          while (!ready) @(negedge clk);
        end
      end
    end
    while (!ready) @(negedge clk);
    states = $fopen("states.txt", "w");
{dump}
    $fwrite(states, "cycles %0d\\n", cycles);
    $fclose(states);
    $fclose(spikes);
    $finish;
  end
  always @(posedge clk) begin
    if (~reset & (valid | ~ready)) cycles <= cycles + 1;  // something is being done
    if (spike) $fwrite(spikes, "%0d %0d %0d\\n", step, population, id);
  end
endmodule
"""


def value_bits(d: Design) -> int:
    """Bits of the host's currents."""
    return max((c.datapath.current.bits for c in d.cores if c.datapath.current is not None), default=2)


def widths(d: Design) -> dict[str, int]:
    """The highest bits of what a command has: population or core, element, value."""
    population, ident = d.event_bits
    population = max(population, address_bits(len(d.cores)))
    return {"population_top": population - 1, "id_top": ident - 1, "value_top": value_bits(d) - 1}


def top(d: Design, title: str) -> str:
    """The module `network`."""
    population, ident = d.event_bits
    slot_bits, chosen_bits = address_bits(d.slots), address_bits(len(d.cores))
    hears = any(c.datapath.current is not None for c in d.cores)
    cases = "\n".join(
        f"    if (waiting[{c.number}]) begin chosen = {chosen_bits}'d{c.number}; chosen_population = {population}'d{c.population}; chosen_id = id_{c.number}; end"
        for c in reversed(d.cores)
    )
    choose = (
        f"  reg [{chosen_bits - 1}:0] chosen; reg [{population - 1}:0] chosen_population; reg [{ident - 1}:0] chosen_id;\n"
        f"  always @* begin\n    chosen = {chosen_bits}'d0; chosen_population = {population}'d0; chosen_id = {ident}'d0;\n{cases}\n  end"
    )
    return TOP.format(
        title=title,
        slot_top=slot_bits - 1,
        last_slot=f"{slot_bits}'d{d.slots - 1}",
        no_slot=f"{slot_bits}'d0",
        one_slot=f"{slot_bits}'d1",
        core_top=len(d.cores) - 1,
        wires="\n".join(f"  wire [{ident - 1}:0] id_{c.number};" for c in d.cores),
        choose=choose,
        instances="\n".join(_instance(d, c, chosen_bits) for c in d.cores),
        event_top=population - 1,
        unused="" if hears else "  wire unused = &{1'b0, command_a, command_value};  // nobody here takes currents\n",
        current_name=f"CURRENT = 3'd{CURRENT}, " if hears else "",
        CURRENT=CURRENT,
        SPIKE=SPIKE,
        STEP=STEP,
        SKIP=SKIP,
        **widths(d),
    )


def _instance(d: Design, c: Core, chosen_bits: int) -> str:
    k = c.number
    ports = [
        ".clk(clk), .reset(reset), .slot(slot)",
        f".event_valid(event_valid), .event_ready(ready[{k}]), .event_population(event_population), .event_id(event_id)",
    ]
    if c.datapath.current is not None:
        here = f"command_valid & command_ready & (command == CURRENT) & (command_a == {widths(d)['population_top'] + 1}'d{k})"
        value = padded("command_b", d.event_bits[1], address_bits(c.size))
        bits = f"[{c.datapath.current.bits - 1}:0]" if c.datapath.current.bits < value_bits(d) else ""
        ports.append(f".current_valid({here}),\n    .current_id({value}), .current_value(command_value{bits})")
    ports.append(f".advance(phase == BEGIN), .idle(idle[{k}])")
    ports.append(f".spike_valid(waiting[{k}]), .spike_taken(spike_valid & (chosen == {chosen_bits}'d{k})), .spike_id(id_{k})")
    return f"  core_{k} c{k}(\n    " + ",\n    ".join(ports) + ");"


def bench(d: Design) -> str:
    """The test bench `bench`."""
    dump = []
    for c in d.cores:
        dump.append(f'    for (k = 0; k < {c.size}; k = k + 1) $fwrite(states, "{c.number} %0d %h\\n", k, dut.c{c.number}.state.cells[k]);')
        dump.append(f'    $fwrite(states, "saturated {c.number} %0d\\n", dut.c{c.number}.saturations);')
    return BENCH.format(dump="\n".join(dump), END=END, STEP=STEP, SKIP=SKIP, event_top=d.event_bits[0] - 1, **widths(d))
