// A serial line: 8 bits, lowest first, no parity, one stop bit. CLOCKS: clock cycles of a bit, 4 or more.
module uart_out #(parameter CLOCKS = 50)(
  input clk, input reset,
  input send, input [7:0] data,              // taken while not busy
  output busy,
  output tx
);
  localparam [15:0] BIT = CLOCKS - 1;
  reg [15:0] wait_for;
  reg [3:0] bits;
  reg [8:0] shift;
  assign busy = (bits != 4'd0);
  assign tx = shift[0];
  always @(posedge clk)
    if (reset) begin
      bits <= 4'd0; shift <= 9'h1ff; wait_for <= 16'd0;
    end else if (bits == 4'd0) begin
      if (send) begin shift <= {data, 1'b0}; bits <= 4'd10; wait_for <= BIT; end
    end else if (wait_for != 16'd0) wait_for <= wait_for - 16'd1;
    else begin
      wait_for <= BIT;
      shift <= {1'b1, shift[8:1]};
      bits <= bits - 4'd1;
    end
endmodule
