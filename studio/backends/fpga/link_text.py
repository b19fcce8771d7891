"""The host's line as Verilog: a UART in front of the network, and a test bench that plays a host at the other end of the wire."""

from __future__ import annotations

from studio.backends.fpga.design import Design
from studio.backends.fpga.events_text import padded
from studio.backends.fpga.host import CURRENT, SKIP, SPIKE, STEP
from studio.backends.fpga.top_text import value_bits, widths

LINK = """\
// The network behind a serial line (8 bits, no parity, one stop bit). Numbers have their lowest byte first.
//
// From the host:  {SPIKE}, population (2 bytes), element (3 bytes)                    a spike of an input
//                 {CURRENT}, value (5 bytes), core (2 bytes), neuron (3 bytes)         an input current from now on
//                 {STEP}                                                      advance by one step
//                 {SKIP}                                                      go on to the next step without updating
//                 Other bytes are passed over: ten zeros bring both sides together again.
// To the host:    {SPIKE}, population (2 bytes), element (3 bytes)                    a neuron's spike
//                 {STEP}                                                      the step is done; {lost} where commands came so fast
//                                                                        that one was dropped: the run is not to be trusted
// The host waits for the end of a step before it begins the next one. Spikes wait for the line: none is lost.
module link #(
  parameter CLOCKS = 50                      // clock cycles of a bit
)(
  input clk, input reset,
  input rx, output tx
);
  // ---- bytes to commands ----
  wire got;
  wire [7:0] data;
  uart_in #(.CLOCKS(CLOCKS)) in(.clk(clk), .reset(reset), .rx(rx), .got(got), .data(data));

  reg [7:0] kind;                            // of the command that is coming in
  reg [3:0] missing;                         // bytes of it that are still to come
  reg [{payload_top}:0] payload;
  wire [{payload_top}:0] grown = {{data, payload[{payload_top}:8]}};
  wire begins = got & (missing == 4'd0);
  wire complete = begins ? (data == 8'd{STEP}) | (data == 8'd{SKIP}) : got & (missing == 4'd1);
  wire unused = &{{1'b0, kind, grown, payload}};  // what is wider than this network needs

  reg valid, lost;
  reg stepping;                              // a step has been begun, and its end not yet been told
  reg [2:0] command;
  reg [{population_top}:0] command_a;
  reg [{id_top}:0] command_b;
  reg signed [{value_top}:0] command_value;
  wire ready;
  wire taken = valid & ~stepping & ready;
  always @(posedge clk)
    if (reset) begin
      missing <= 4'd0; valid <= 1'b0; kind <= 8'd0; payload <= {payload_bits}'d0;
      command <= 3'd0; command_a <= 0; command_b <= 0; command_value <= 0;
    end else begin
      if (begins) begin
        kind <= data;
        missing <= (data == 8'd{SPIKE}) ? 4'd5 : (data == 8'd{CURRENT}) ? 4'd10 : 4'd0;
      end else if (got) begin
        payload <= grown;
        missing <= missing - 4'd1;
      end
      if (taken) valid <= 1'b0;
      if (complete & ~valid) begin
        valid <= 1'b1;
        command <= begins ? data[2:0] : kind[2:0];
        command_a <= grown[{a_at} +: {a_bits}]; command_b <= grown[{b_at} +: {b_bits}]; command_value <= {value};
      end
    end

  // ---- spikes, and the ends of steps, to bytes ----
  reg [47:0] message;
  reg [2:0] left;                            // bytes of it that are still to go
  wire free = (left == 3'd0);
  wire busy, spike_valid;
  wire [{event_top}:0] spike_population;
  wire [{id_top}:0] spike_id;
  uart_out #(.CLOCKS(CLOCKS)) out(.clk(clk), .reset(reset), .send(~free), .data(message[7:0]), .busy(busy), .tx(tx));
  always @(posedge clk)
    if (reset) begin
      left <= 3'd0; stepping <= 1'b0; lost <= 1'b0; message <= 48'd0;
    end else begin
      if (complete & valid) lost <= 1'b1;
      if (taken & ((command == 3'd{STEP}) | (command == 3'd{SKIP}))) stepping <= 1'b1;
      if (spike_valid) begin
        message <= {{{spike_id}, {spike_population}, 8'd{SPIKE}}};
        left <= 3'd6;
      end else if (free & stepping & ready) begin
        message <= {{40'd0, lost, 7'd{STEP}}};
        left <= 3'd1; stepping <= 1'b0; lost <= 1'b0;
      end else if (~free & ~busy) begin
        message <= message >> 8;
        left <= left - 3'd1;
      end
    end

  network network(.clk(clk), .reset(reset), .command_valid(valid & ~stepping), .command_ready(ready), .command(command),
    .command_a(command_a), .command_b(command_b), .command_value(command_value),
    .spike_ready(free), .spike_valid(spike_valid), .spike_population(spike_population), .spike_id(spike_id));
endmodule
"""

BENCH_LINK = """\
// Plays a host at the other end of the line: bytes from line_in.txt, bytes that come back to line_out.txt. It waits for the end of every step.
`timescale 1ns/1ps
module bench_link;
  localparam CLOCKS = 4;
  reg clk = 0, reset = 1, send = 0;
  reg [7:0] given = 0;
  wire [7:0] data;
  wire there, back, busy, got;
  link #(.CLOCKS(CLOCKS)) dut(.clk(clk), .reset(reset), .rx(there), .tx(back));
  uart_out #(.CLOCKS(CLOCKS)) out(.clk(clk), .reset(reset), .send(send), .data(given), .busy(busy), .tx(there));
  uart_in #(.CLOCKS(CLOCKS)) in(.clk(clk), .reset(reset), .rx(back), .got(got), .data(data));
  always #5 clk = ~clk;

  integer bytes, answers, read, value, last, left, ends, k;
  initial begin
    bytes = $fopen("line_in.txt", "r");
    answers = $fopen("line_out.txt", "w");
    ends = 0; left = 0;
    repeat (3) @(negedge clk);
    reset = 0;
    read = $fscanf(bytes, "%d %d\\n", value, last);  // a byte, and 1 where it begins a step
    while (read == 2) begin
      while (busy) @(negedge clk);
      given = value; send = 1; @(negedge clk); send = 0; @(negedge clk);
      k = ends;
      if (last == 1) while (ends == k) @(negedge clk);
      read = $fscanf(bytes, "%d %d\\n", value, last);
    end
    $fclose(answers);
    $finish;
  end
  always @(posedge clk)
    if (got) begin
      $fwrite(answers, "%0d\\n", data);
      if (left > 0) left = left - 1;
      else if (data == {SPIKE}) left = 5;
      else ends = ends + 1;
    end
endmodule
"""


def link(d: Design) -> str:
    """The module `link`."""
    sizes, hears = widths(d), any(c.datapath.current is not None for c in d.cores)
    bits = 80 if hears else 40
    population, ident = d.event_bits
    return LINK.format(
        **sizes,
        SPIKE=SPIKE,
        CURRENT=CURRENT,
        STEP=STEP,
        SKIP=SKIP,
        lost=STEP + 128,
        payload_bits=bits,
        payload_top=bits - 1,
        event_top=population - 1,
        a_at=bits - 40,
        a_bits=sizes["population_top"] + 1,
        b_at=bits - 24,
        b_bits=sizes["id_top"] + 1,
        value=f"grown[0 +: {value_bits(d)}]" if hears else f"{value_bits(d)}'d0",
        spike_id=padded("spike_id", ident, 24),
        spike_population=padded("spike_population", population, 16),
    )


def bench_link() -> str:
    """The test bench `bench_link`."""
    return BENCH_LINK.replace("{SPIKE}", str(SPIKE))
