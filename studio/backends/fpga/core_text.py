"""A core as a Verilog module: its memories, its events and its neurons, one after the other."""

from __future__ import annotations

from studio.backends.fpga.design import Core, Design, address_bits
from studio.backends.fpga.neuron_text import arrival_bits, literal, own_bits, places, register_bits

CORE = """\
// Core {number}: neurons {low} to {last} of "{path}", updated one after the other.
//
// An event (population, id) is looked up in `row`: the synapses of connection c from element id are
// synapse[row[BASE + id]] up to synapse[row[BASE + id + 1]]. Each adds its weight to a sum in the delay ring,
// in the slot of the step in which it arrives. A synapse word is {{weight, delay, target}}, of {words} bits.
module core_{number}(
  input clk, input reset,
  input [{slot_top}:0] slot,               // the ring's slot of this step
  // events, one at a time: taken when ready
  input event_valid, output event_ready,
  input [{population_top}:0] event_population, input [{id_top}:0] event_id,
  // currents from the host{current_ports}
  // a step: `advance` for one cycle, then wait until `idle`
  input advance, output idle,
  // spikes of this core, oldest first
  output spike_valid, input spike_taken, output [{id_top}:0] spike_id
);
  localparam N = {size}, SLOTS = {slots}, WAIT = {wait};
  localparam TAKE = 3'd0, ROW = 3'd1, SYNAPSE = 3'd2, SUM = 3'd3, ADD = 3'd4, READ = 3'd5, SETTLE = 3'd6, WRITE = 3'd7;

  reg [{state_top}:0] state [0:N-1];             // {state_words}
  reg [{ring_top}:0] ring [0:SLOTS*N-1];          // {ring_words}
{memories}
  integer k;
  initial begin
    $readmemh("core_{number}_state.hex", state);
{loads}    for (k = 0; k < SLOTS*N; k = k + 1) ring[k] = 0;
{clears}  end

  reg [2:0] phase;
  reg [{n_top}:0] n;                             // the neuron that is updated
  reg [{wait_top}:0] settle;
  reg [{pointer_top}:0] pointer, finish;         // synapses of this event
  reg [{connection_top}:0] connection;
  reg [{id_top}:0] id;
  reg [{population_top}:0] population;
  reg [{state_top}:0] state_q;
  reg [{ring_top}:0] ring_q;
{latches}  reg [31:0] saturations;                // neurons and steps in which a state was saturated
{spikes}

{lookup}
{neuron}

  always @(posedge clk)
    if (reset) begin
      phase <= TAKE; n <= 0; head <= 0; tail <= 0; saturations <= 0; connection <= 0; pointer <= 0; finish <= 0; settle <= 0;
    end else begin
      if (spike_taken) head <= head + 1;
{host}      case (phase)
        TAKE:
          if (advance) begin n <= 0; head <= 0; tail <= 0; phase <= READ; end
{take}
{deliver}
        READ: begin
          state_q <= state[n]; ring_q <= ring[slot*N + n]; settle <= 0;
{reads}          phase <= SETTLE;
        end
        SETTLE: if (settle == WAIT - 1) phase <= WRITE; else settle <= settle + 1;  // the neuron's arithmetic needs WAIT cycles
        WRITE: begin
          state[n] <= next; ring[slot*N + n] <= 0;
          if (saturated) saturations <= saturations + 1;
          if (spike) begin queue[tail] <= n; tail <= tail + 1; end
          n <= n + 1;
          phase <= (n == N - 1) ? TAKE : READ;
        end
        default: phase <= TAKE;
      endcase
    end
endmodule
"""

DELIVER = """\
        ROW:  // both ends of the row of this connection
          if (hears) begin pointer <= row[base + id]; finish <= row[base + id + 1]; phase <= SYNAPSE; end
          else if (connection == CONNECTIONS - 1) phase <= TAKE;
          else connection <= connection + 1;
        SYNAPSE:
          if (pointer == finish) begin
            if (connection == CONNECTIONS - 1) phase <= TAKE;
            else begin connection <= connection + 1; phase <= ROW; end
          end else begin synapse_q <= synapse[pointer]; pointer <= pointer + 1; phase <= SUM; end
        SUM: begin where <= arrives*N + target; ring_q <= ring[arrives*N + target]; phase <= ADD; end
        ADD: begin ring[where] <= added; phase <= SYNAPSE; end"""


def core(design: Design, c: Core, module: str) -> str:
    """The module `core_<number>`, whose neurons are of `module`."""
    population, ident = design.event_bits
    hears = len(c.rows) > 0
    synapses = c.synapse_bits
    own, current = own_bits(c.datapath), c.datapath.current
    values = {
        "number": c.number,
        "low": c.low,
        "last": c.high - 1,
        "path": c.path,
        "words": synapses,
        "slot_top": address_bits(c.slots) - 1,
        "population_top": population - 1,
        "id_top": ident - 1,
        "size": c.size,
        "slots": c.slots,
        "wait": max(1, c.datapath.depth),
        "state_top": register_bits(c.datapath) - 1,
        "ring_top": max(1, arrival_bits(c.datapath)) - 1,
        "state_words": _fields([(r.name, r.bits) for r in c.datapath.registers]),
        "ring_words": _fields([(a.name, a.bits) for a in c.datapath.arrivals]) or "nothing arrives",
        "n_top": address_bits(c.size) - 1,
        "wait_top": address_bits(max(2, c.datapath.depth)) - 1,
        "pointer_top": address_bits(c.synapses + 1) - 1,
        "connection_top": address_bits(max(2, len(c.rows))) - 1,
        "current_ports": ""
        if current is None
        else f"\n  input current_valid, input [{address_bits(c.size) - 1}:0] current_id, input signed [{current.bits - 1}:0] current_value,",
        "memories": _memories(c),
        "loads": (
            f'    $readmemh("core_{c.number}_row.hex", row);\n    $readmemh("core_{c.number}_synapse.hex", synapse);\n' if hears else ""
        )
        + (f'    $readmemh("core_{c.number}_own.hex", own);\n' if own else ""),
        "clears": "    for (k = 0; k < N; k = k + 1) currents[k] = 0;\n" if current is not None else "",
        "latches": (f"  reg [{own - 1}:0] own_q;\n" if own else "")
        + (f"  reg signed [{current.bits - 1}:0] current_q;\n" if current is not None else ""),
        "spikes": _spikes(c, ident),
        "lookup": _lookup(c) if hears else "  assign event_ready = (phase == TAKE) & ~advance;",
        "neuron": _neuron(c, module),
        "host": "      if (current_valid) currents[current_id] <= current_value;\n" if current is not None else "",
        "take": "          else if (event_valid) begin population <= event_population; id <= event_id; connection <= 0; phase <= ROW; end"
        if hears
        else "",
        "deliver": DELIVER if hears else "",
        "reads": ("          own_q <= own[n];\n" if own else "") + ("          current_q <= currents[n];\n" if current is not None else ""),
    }
    lines = CORE.format(**values).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip() or not line) + "\n"


def _fields(fields: list[tuple[str, int]]) -> str:
    """How a word is laid out, highest bits first."""
    return "{" + ", ".join(f"{name}: {bits}" for name, bits in reversed(fields)) + "}" if fields else ""


def _memories(c: Core) -> str:
    lines = []
    if c.rows:
        rows = sum(len(r.starts) for r in c.rows)
        lines.append(f"  reg [{address_bits(c.synapses + 1) - 1}:0] row [0:{rows - 1}];")
        lines.append(f"  reg [{c.synapse_bits - 1}:0] synapse [0:{max(1, c.synapses) - 1}];")
    if own_bits(c.datapath):
        lines.append(f"  reg [{own_bits(c.datapath) - 1}:0] own [0:N-1];        // constants of each neuron")
    if c.datapath.current is not None:
        lines.append(f"  reg signed [{c.datapath.current.bits - 1}:0] currents [0:N-1];")
    return "\n".join(lines)


def _spikes(c: Core, ident: int) -> str:
    """The queue of spikes: a neuron fires at most once in a step, so N places are enough."""
    bits = address_bits(c.size)
    shift = f" + {c.low}" if c.low else ""
    return (
        f"  reg [{bits - 1}:0] queue [0:N-1];           // spikes of this step: a neuron fires once at most\n"
        f"  reg [{bits}:0] head, tail;\n"
        f"  assign spike_valid = (phase == TAKE) & (head != tail);\n"
        f"  assign spike_id = queue[head[{bits - 1}:0]]{shift};\n"
        f"  assign idle = (phase == TAKE);"
    )


def _lookup(c: Core) -> str:
    """What is fixed for a connection: whose events it hears, where its rows begin, what its synapse words leave out."""
    f, size = c.fields, c.size
    bases = places([len(r.starts) for r in c.rows])
    bits = [a.bits for a in c.datapath.arrivals]
    at = places(bits)
    out = [
        f"  localparam CONNECTIONS = {len(c.rows)};",
        "  assign event_ready = (phase == TAKE) & ~advance;",
        f"  reg hears; reg [31:0] base; reg [{address_bits(c.slots)}:0] delay; reg [{max(bits) + 1 - 1}:0] addend; reg [{address_bits(max(2, len(bits))) - 1}:0] receptor;",
        f"  reg [{c.synapse_bits - 1}:0] synapse_q; reg [31:0] where;",
        f"  wire [{address_bits(size) - 1}:0] target = synapse_q[{f['target'].bits - 1}:0];",
        f"  wire [{address_bits(c.slots) + 1}:0] later = slot + delay;",
        f"  wire [{address_bits(c.slots) - 1}:0] arrives = (later >= SLOTS) ? later - SLOTS : later;",
        "  always @* begin",
        "    case (connection)",
    ]
    for k, r in enumerate(c.rows):
        own_delay = not isinstance(r.delays, int)
        own_weight = not isinstance(r.weights, int)
        delay = f"synapse_q[{f['delay'].at + f['delay'].bits - 1}:{f['delay'].at}]" if own_delay else str(r.delays)
        w = f["weight"]
        weight = (
            f"{{{{{max(0, max(bits) + 1 - w.bits)}{{synapse_q[{w.at + w.bits - 1}]}}}}, synapse_q[{w.at + w.bits - 1}:{w.at}]}}"
            if own_weight and max(bits) + 1 > w.bits
            else f"synapse_q[{w.at + w.bits - 1}:{w.at}]"
            if own_weight
            else literal(int(r.weights), max(bits) + 1)  # type: ignore[arg-type]
        )
        case = "default" if k == len(c.rows) - 1 else f"{k}"
        out.append(
            f"      {case}: begin hears = (population == {r.population}); base = {bases[k]}; delay = {delay}; addend = {weight}; receptor = {r.receptor}; end  // {r.path}"
        )
    out += [
        "    endcase",
        "  end",
        "  // the ring's word with one receptor's sum grown by the weight",
        f"  reg [{sum(bits) - 1}:0] added;",
        "  always @* begin",
        "    added = ring_q;",
    ]
    for k, b in enumerate(bits):
        out.append(f"    if (receptor == {k}) added[{at[k] + b - 1}:{at[k]}] = ring_q[{at[k] + b - 1}:{at[k]}] + addend[{b - 1}:0];")
    return "\n".join([*out, "  end"])


def _neuron(c: Core, module: str) -> str:
    ports = [".state(state_q)", ".arrived(ring_q)"]
    ports += [".current(current_q)"] if c.datapath.current is not None else []
    ports += [".own(own_q)"] if own_bits(c.datapath) else []
    width = register_bits(c.datapath) - 1
    return f"  wire [{width}:0] next;\n  wire spike, saturated;\n  {module} neuron({', '.join([*ports, '.next(next)', '.spike(spike)', '.saturated(saturated)'])});"
