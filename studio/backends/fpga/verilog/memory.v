// A memory with one port to read and one to write, as block memories of all FPGAs have them: a word is there in the cycle after `read`, and stays.
// What is read in the cycle in which it is written is not defined; nobody here relies on it.
module memory #(
  parameter WIDTH = 8, DEPTH = 16, ADDRESS = 4,
  parameter FILE = ""                        // what it begins with, as $readmemh reads it; zeros where there is none
)(
  input clk,
  input read,  input [ADDRESS-1:0] read_at,  output reg [WIDTH-1:0] word,
  input write, input [ADDRESS-1:0] write_at, input [WIDTH-1:0] value
);
  (* no_rw_check *)
  reg [WIDTH-1:0] cells [0:DEPTH-1];
  generate
    if (FILE != "") begin : from_file
      initial $readmemh(FILE, cells);
    end else begin : from_zero
      integer k;
      initial for (k = 0; k < DEPTH; k = k + 1) cells[k] = {WIDTH{1'b0}};
    end
  endgenerate
  always @(posedge clk) begin
    if (read) word <= cells[read_at];
    if (write) cells[write_at] <= value;
  end
endmodule
