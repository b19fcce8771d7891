"""A core as a Verilog module: its memories, its events, and its neurons, one after the other through a pipeline."""

from __future__ import annotations

from studio.backends.fpga.design import Core, Design, address_bits
from studio.backends.fpga.events_text import STORY, deliver, kept_bits, one, padded, walk
from studio.backends.fpga.neuron_text import arrival_bits, own_bits, register_bits

CORE = """\
// Core {number}: neurons {low} to {last} of "{path}".
//
{story}// A step: every cycle one neuron's words are read, pass the neuron's pipeline of {latency} stages, and are written back.
// One clock; `reset` is synchronous, holds for a cycle or more, and leaves memories as they are.
module core_{number}(
  input clk, input reset,
  input [{slot_top}:0] slot,                 // the delay ring's slot of this step
  // events, one at a time: taken where valid and ready
  input event_valid, output event_ready,
  input [{population_top}:0] event_population, input [{id_top}:0] event_id,{current_ports}
  // a step: `advance` for one cycle, then wait until `idle`
  input advance, output idle,
  // spikes of this step, oldest first
  output spike_valid, input spike_taken, output [{id_top}:0] spike_id
);
  localparam [2:0] {phases};
  localparam [{n_top}:0] LAST = {n_last};    // the last neuron
  reg [2:0] phase;
  assign idle = (phase == TAKE);
  assign event_ready = (phase == TAKE) & ~advance;
{deliver}
  // ---- neurons: `n` is read, `m` is written when it has passed the pipeline ----
  reg [{n_top}:0] n, m;
  reg all;                                   // of them have been read
  reg [{latency}:0] passing;                 // where in the pipeline there is one
  wire reading = (phase == UPDATE) & ~all;
  wire writing = passing[{latency}];
  wire spike, saturated;
  reg [31:0] saturations;                    // neurons and steps in which a state was saturated: for test benches and probes

  wire [{state_top}:0] state_q, next;        // {state_words}
  memory #(.WIDTH({state_bits}), .DEPTH({size}), .ADDRESS({n_bits}), .FILE("core_{number}_state.hex")) state(
    .clk(clk), .read(reading), .read_at(n), .word(state_q), .write(writing), .write_at(m), .value(next));
{ring}{own}{currents}
  {module} neuron(
    {neuron_ports});

  // ---- spikes: a neuron fires at most once in a step, so that there is room for all ----
  reg [{tail_top}:0] head, tail;
  wire [{n_top}:0] queue_q;
  wire [{tail_top}:0] following = spike_taken ? head + {one} : head;
  memory #(.WIDTH({n_bits}), .DEPTH({size}), .ADDRESS({n_bits})) queue(
    .clk(clk), .read(1'b1), .read_at(following[{n_top}:0]), .word(queue_q), .write(writing & spike), .write_at(tail[{n_top}:0]), .value(m));
  assign spike_valid = (phase == TAKE) & (head != tail);
  assign spike_id = {spike_id};

  always @(posedge clk)
    if (reset) begin
      phase <= TAKE; n <= 0; m <= 0; all <= 0; passing <= 0; head <= 0; tail <= 0; saturations <= 0;{resets}
    end else begin
      head <= following;
      passing <= {passes};{flow}
      if (writing) begin
        m <= m + {one_n};
        if (saturated) saturations <= saturations + 32'd1;
        if (spike) tail <= tail + {one};
      end
      case (phase)
        TAKE:
          if (advance) begin n <= 0; m <= 0; all <= 0; head <= 0; tail <= 0; phase <= {first_phase}; end{take}
{walk}        UPDATE: begin
          if (reading) begin n <= n + {one_n}; all <= (n == LAST); end
          if (writing & (m == LAST)) phase <= DONE;
        end
        default: phase <= TAKE;              // DONE: the first spike is being read from the queue
      endcase
    end
endmodule
"""

RING = """\
  // the delay ring: {ring_words}; a neuron's sums are cleared when they have been read
  reg [{ring_address}:0] first;               // where this step's slot begins
  wire [{ring_address}:0] ring_at = two ? place : first + {wide_n};
  always @(posedge clk) begin first <= begins(slot); where <= ring_at; end
  memory #(.WIDTH({ring_bits}), .DEPTH({ring_depth}), .ADDRESS({ring_address_bits})) ring(
    .clk(clk), .read(two | reading), .read_at(ring_at), .word(ring_q),
    .write(three | passing[0]), .write_at(where), .value(three ? added : {ring_bits}'d0));
"""


def core(design: Design, c: Core, module: str) -> str:
    """The module `core_<number>`, whose neurons are of `module`."""
    population, ident = design.event_bits
    hears, latency, n_bits = len(c.rows) > 0, c.datapath.latency, address_bits(c.size)
    text = CORE.format(
        number=c.number,
        low=c.low,
        last=c.high - 1,
        path=c.path,
        story=STORY.format(words=c.synapse_bits) if hears else "// Nothing arrives here as spikes.\n",
        latency=latency,
        slot_top=address_bits(c.slots) - 1,
        population_top=population - 1,
        id_top=ident - 1,
        current_ports=_current_ports(c),
        phases=", ".join(f"{name} = 3'd{k}" for k, name in enumerate(_phases(hears))),
        n_bits=n_bits,
        n_top=n_bits - 1,
        n_last=f"{n_bits}'d{c.size - 1}",
        deliver=_events(design, c),
        state_top=register_bits(c.datapath) - 1,
        state_bits=register_bits(c.datapath),
        state_words=_fields([(r.name, r.bits) for r in c.datapath.registers]),
        size=c.size,
        ring=_ring(c) if hears else "",
        own=_own(c),
        currents=_currents(c),
        module=module,
        neuron_ports=_ports(c),
        tail_top=n_bits,
        one=one(n_bits + 1),
        one_n=one(n_bits),
        spike_id=_spike_id(c, n_bits, ident),
        passes=f"{{passing[{latency - 1}:0], reading}}",
        first_phase="DRAIN" if hears else "UPDATE",
        resets=" one <= 0; two <= 0; three <= 0; connection <= 0; pointer <= 0;" if hears else "",
        flow="\n      one <= more; two <= one; three <= two;" if hears else "",
        take=_take(design, c) if hears else "",
        walk=walk(c) if hears else "",
    )
    return "\n".join(_aligned(line) for line in text.splitlines()) + "\n"


def _aligned(line: str) -> str:
    """Remarks behind short lines begin in one column."""
    code, mark, remark = line.partition("  //")
    return f"{code.rstrip():<44}{mark}{remark}".rstrip() if mark and code.strip() else line.rstrip()


def _phases(hears: bool) -> tuple[str, ...]:
    return ("TAKE", "ROW", "START", "WALK", "DRAIN", "UPDATE", "DONE") if hears else ("TAKE", "UPDATE", "DONE")


def _take(design: Design, c: Core) -> str:
    kept = padded("event_id", design.event_bits[1], kept_bits(design, c))
    return f"\n          else if (event_valid) begin population <= event_population; id <= {kept}; connection <= 0; phase <= ROW; end"


def _current_ports(c: Core) -> str:
    if c.datapath.current is None:
        return ""
    top = c.datapath.current.bits - 1
    return f"""
  // currents from the host
  input current_valid, input [{address_bits(c.size) - 1}:0] current_id, input signed [{top}:0] current_value,"""


def _events(design: Design, c: Core) -> str:
    """Where events are taken. A core that hears nobody takes them all the same, and does nothing with them."""
    if not c.rows:
        return "  wire unused = &{1'b0, slot, event_valid, event_population, event_id};\n"
    spare = (
        "" if kept_bits(design, c) == design.event_bits[1] else "  wire unused = &{1'b0, event_id};  // larger populations are not heard\n"
    )
    return spare + deliver(design, c)


def _fields(fields: list[tuple[str, int]]) -> str:
    """How a word is laid out, highest bits first."""
    return "{" + ", ".join(f"{name}: {bits}" for name, bits in reversed(fields)) + "}" if fields else ""


def _ring(c: Core) -> str:
    address = address_bits(c.slots * c.size)
    return RING.format(
        ring_words=_fields([(a.name, a.bits) for a in c.datapath.arrivals]),
        ring_bits=arrival_bits(c.datapath),
        ring_depth=c.slots * c.size,
        ring_address=address - 1,
        ring_address_bits=address,
        wide_n=padded("n", address_bits(c.size), address),
    )


def _own(c: Core) -> str:
    if not (bits := own_bits(c.datapath)):
        return ""
    n = address_bits(c.size)
    return f"""\
  wire [{bits - 1}:0] own_q;                 // constants of this neuron
  memory #(.WIDTH({bits}), .DEPTH({c.size}), .ADDRESS({n}), .FILE("core_{c.number}_own.hex")) own(
    .clk(clk), .read(reading), .read_at(n), .word(own_q), .write(1'b0), .write_at({n}'d0), .value({bits}'d0));
"""


def _currents(c: Core) -> str:
    if c.datapath.current is None:
        return ""
    n, bits = address_bits(c.size), c.datapath.current.bits
    return f"""\
  wire [{bits - 1}:0] current_q;             // what the host gave last
  memory #(.WIDTH({bits}), .DEPTH({c.size}), .ADDRESS({n})) currents(
    .clk(clk), .read(reading), .read_at(n), .word(current_q), .write(current_valid), .write_at(current_id), .value(current_value));
"""


def _ports(c: Core) -> str:
    ports = [".clk(clk)", ".state(state_q)"]
    ports += [f".arrived({'ring_q' if c.rows else f'{arrival_bits(c.datapath)}{chr(39)}d0'})"] if arrival_bits(c.datapath) else []
    ports += [".current(current_q)"] if c.datapath.current is not None else []
    ports += [".own(own_q)"] if own_bits(c.datapath) else []
    return ", ".join([*ports, ".next(next)", ".spike(spike)", ".saturated(saturated)"])


def _spike_id(c: Core, n_bits: int, ident: int) -> str:
    name = padded("queue_q", n_bits, ident)
    return f"{name} + {ident}'d{c.low}" if c.low else name
