// A serial line: 8 bits, lowest first, no parity, one stop bit. CLOCKS: clock cycles of a bit, 4 or more.
module uart_in #(parameter CLOCKS = 50)(
  input clk, input reset,
  input rx,
  output reg got, output reg [7:0] data      // a byte, for one cycle
);
  localparam [15:0] BIT = CLOCKS - 1, HALF = CLOCKS / 2 - 1;
  reg [2:0] line;                            // two registers against metastability, and the last value
  reg [15:0] wait_for;
  reg [3:0] bits;                            // that are still to come, the start bit and the stop bit among them
  always @(posedge clk)
    if (reset) begin
      line <= 3'b111; bits <= 4'd0; got <= 1'b0; wait_for <= 16'd0; data <= 8'd0;
    end else begin
      line <= {line[1:0], rx};
      got <= 1'b0;
      if (bits == 4'd0) begin
        if (line[2] & ~line[1]) begin bits <= 4'd10; wait_for <= HALF; end
      end else if (wait_for != 16'd0) wait_for <= wait_for - 16'd1;
      else begin
        wait_for <= BIT;
        bits <= bits - 4'd1;
        if (bits == 4'd10 & line[1]) bits <= 4'd0;            // no start bit after all
        if (bits < 4'd10 & bits > 4'd1) data <= {line[1], data[7:1]};
        if (bits == 4'd1) got <= line[1];                     // a byte without a stop bit is dropped
      end
    end
endmodule
