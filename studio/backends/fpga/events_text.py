"""How a core takes events, as Verilog: rows are looked up, synapses pass a pipeline of three stages, sums grow in the delay ring."""

from __future__ import annotations

from collections.abc import Iterator

from studio.backends.fpga.design import Core, Design, Rows, address_bits
from studio.backends.fpga.neuron_text import arrival_bits, literal, places

STORY = """\
// An event (population, id) is looked up in `row`: the synapses of connection c from element id are synapse[row[BASE + id]] up to
// synapse[row[BASE + id + 1]]. One a cycle, they pass three stages: the synapse's word is read, the sum that it adds to, and the sum is written.
// Sums lie in the delay ring, each in the slot of the step in which it arrives. A synapse word is {{weight, delay, target}}, of {words} bits.
"""

DELIVER = """
  // ---- events: connection by connection, from row to row ----
  localparam [{connection_top}:0] LAST_CONNECTION = {last_connection};
  reg [{connection_top}:0] connection;
  reg [{kept_top}:0] id;
  reg [{population_top}:0] population;
  reg hears;                                 // whether the connection does
  reg [{row_top}:0] base;                    // where its rows begin
  always @* begin
    case (connection)
{bases}
    endcase
  end
  wire [{pointer_top}:0] row_q;              // where the synapses begin, then (and from then on) where they end
  memory #(.WIDTH({pointer_bits}), .DEPTH({rows}), .ADDRESS({row_bits}), .FILE("core_{number}_row.hex")) row(
    .clk(clk), .read((phase == ROW) | (phase == START)), .read_at(base + {wide_id} + {{{row_pad}(phase == START)}}), .word(row_q),
    .write(1'b0), .write_at({row_bits}'d0), .value({pointer_bits}'d0));
  reg [{pointer_top}:0] pointer;
  wire more = (phase == WALK) & (pointer != row_q);

  // stage 1: the synapse
  reg one;
  wire [{synapse_top}:0] synapse_q;
  memory #(.WIDTH({synapse_bits}), .DEPTH({synapses}), .ADDRESS({synapse_address}), .FILE("core_{number}_synapse.hex")) synapse(
    .clk(clk), .read(more), .read_at(pointer{pointer_part}), .word(synapse_q),
    .write(1'b0), .write_at({synapse_address}'d0), .value({synapse_bits}'d0));
  reg [{later_top}:0] delay;
  reg signed [{addend_top}:0] weight;{receptor_1}
  always @* begin
    case (connection)
{fields}
    endcase
  end
  wire [{later_top}:0] later = {wide_slot} + delay;

  // stage 2: the sum that it adds to
  reg two;
  reg [{slot_top}:0] slot_2;
  reg [{n_top}:0] target_2;
  reg signed [{addend_top}:0] weight_2;{receptor_2}
{begins}
  wire [{ring_address}:0] place = begins(slot_2) + {wide_target};

  // stage 3: the addition; a sum that has just been written is not yet in the word that was read
  reg three, again;
  reg [{ring_address}:0] where;
  reg [{ring_top}:0] just;
  reg signed [{addend_top}:0] weight_3;{receptor_3}
  wire [{ring_top}:0] ring_q;
  wire [{ring_top}:0] sum = again ? just : ring_q;
  reg [{ring_top}:0] added;
  always @* begin
    added = sum;
{additions}
  end
  always @(posedge clk) begin
    slot_2 <= {arrives};
    target_2 <= synapse_q[{n_top}:0]; weight_2 <= weight;{receptor_into_2}
    weight_3 <= weight_2; just <= added;{receptor_into_3}
    again <= three & (where == place);
  end
"""

WALK = """\
        ROW:                                 // the row's begin is being read
          if (hears) phase <= START;
          else if (connection == LAST_CONNECTION) phase <= TAKE;
          else connection <= connection + {one_connection};
        START: begin pointer <= row_q; phase <= WALK; end  // its end is being read
        WALK:
          if (more) pointer <= pointer + {one_pointer};
          else begin
            connection <= connection + {one_connection};
            phase <= (connection == LAST_CONNECTION) ? TAKE : ROW;
          end
        DRAIN: if (~one & ~two & ~three) phase <= UPDATE;  // no synapse is on its way any more
"""


def one(bits: int) -> str:
    return f"{bits}'d1"


def padded(name: str, bits: int, to: int) -> str:
    """An unsigned value in more bits, or the lowest of it."""
    return f"{{{to - bits}'d0, {name}}}" if to > bits else name if to == bits else f"{name}[{to - 1}:0]"


def deliver(design: Design, c: Core) -> str:
    """Where a core takes events: rows, synapses, sums."""
    population = design.event_bits[0]
    rows, n_bits = sum(len(r.starts) for r in c.rows), address_bits(c.size)
    bits = [a.bits for a in c.datapath.arrivals]
    row_bits, pointer_bits, connections = address_bits(rows), address_bits(c.synapses + 1), len(c.rows)
    receptor_bits, address = address_bits(max(2, len(bits))), address_bits(c.synapses)
    later = address_bits(c.slots) + (c.slots != 2 ** address_bits(c.slots))  # a ring of 2**n slots comes around by itself
    several, slot_bits, ring = len(bits) > 1, address_bits(c.slots), address_bits(c.slots * c.size)
    return DELIVER.format(
        number=c.number,
        connection_top=address_bits(connections) - 1,
        last_connection=f"{address_bits(connections)}'d{connections - 1}",
        population_top=population - 1,
        bases="\n".join(
            _cases(c, [f"hears = (population == {population}'d{r.population}); base = {row_bits}'d{at};" for r, at in _based(c)])
        ),
        rows=rows,
        row_bits=row_bits,
        row_top=row_bits - 1,
        row_pad=f"{row_bits - 1}'d0, " if row_bits > 1 else "",
        kept_top=kept_bits(design, c) - 1,
        wide_id=padded("id", kept_bits(design, c), row_bits),
        pointer_bits=pointer_bits,
        pointer_top=pointer_bits - 1,
        pointer_part=f"[{address - 1}:0]" if pointer_bits > address else "",
        synapses=max(1, c.synapses),
        synapse_bits=c.synapse_bits,
        synapse_top=c.synapse_bits - 1,
        synapse_address=address,
        addend_top=max(bits) - 1,
        receptor_1=f"\n  reg [{receptor_bits - 1}:0] receptor;" if several else "",
        receptor_2=f"\n  reg [{receptor_bits - 1}:0] receptor_2;" if several else "",
        receptor_3=f"\n  reg [{receptor_bits - 1}:0] receptor_3;" if several else "",
        receptor_into_2=" receptor_2 <= receptor;" if several else "",
        receptor_into_3=" receptor_3 <= receptor_2;" if several else "",
        fields="\n".join(_cases(c, [_synapse(c, r, max(bits), later, receptor_bits if several else 0) for r in c.rows])),
        slot_top=slot_bits - 1,
        later_top=later - 1,
        wide_slot=padded("slot", slot_bits, later),
        arrives=_around(c.slots, slot_bits),
        n_top=n_bits - 1,
        begins=begins(c.size, slot_bits, ring),
        ring_address=ring - 1,
        wide_target=padded("target_2", n_bits, ring),
        ring_top=arrival_bits(c.datapath) - 1,
        additions="\n".join(_additions(bits, receptor_bits)),
    )


def walk(c: Core) -> str:
    """The phases of an event."""
    return WALK.format(one_connection=one(address_bits(len(c.rows))), one_pointer=one(address_bits(c.synapses + 1)))


def kept_bits(design: Design, c: Core) -> int:
    """Bits of an event's element that a core keeps: of the largest population that it hears."""
    return min(design.event_bits[1], max(address_bits(len(r.starts) - 1) for r in c.rows))


def _around(slots: int, bits: int) -> str:
    """The slot in which a synapse's spike arrives: around the ring."""
    if slots == 2**bits:
        return "later"
    return f"(later >= {bits + 1}'d{slots}) ? later[{bits - 1}:0] - {bits}'d{slots} : later[{bits - 1}:0]"


def _based(c: Core) -> Iterator[tuple[Rows, int]]:
    return zip(c.rows, places([len(r.starts) for r in c.rows]), strict=True)


def _cases(c: Core, texts: list[str]) -> Iterator[str]:
    bits = address_bits(len(c.rows))
    for k, (r, text) in enumerate(zip(c.rows, texts, strict=True)):
        case = "default" if k == len(texts) - 1 else f"{bits}'d{k}"
        yield f"      {case}: begin {text} end  // {r.path}"


def _synapse(c: Core, r: Rows, widest: int, later_bits: int, receptor_bits: int) -> str:
    """What a connection's synapses bring: read from the word, or the same for all."""
    f = c.fields
    delay, weight = f["delay"], f["weight"]
    if isinstance(r.delays, int):
        later = f"{later_bits}'d{r.delays}"
    else:
        later = padded(f"synapse_q[{delay.at + delay.bits - 1}:{delay.at}]", delay.bits, later_bits)
    if isinstance(r.weights, int):
        grown = literal(r.weights, widest)
    else:
        top, more = weight.at + weight.bits - 1, widest - weight.bits
        grown = (
            f"{{{{{more}{{synapse_q[{top}]}}}}, synapse_q[{top}:{weight.at}]}}"
            if more > 0
            else f"synapse_q[{weight.at + widest - 1}:{weight.at}]"
        )
    receptor = f" receptor = {receptor_bits}'d{r.receptor};" if receptor_bits else ""
    return f"delay = {later}; weight = {grown};{receptor}"


def _additions(bits: list[int], receptor_bits: int) -> Iterator[str]:
    for k, (b, at) in enumerate(zip(bits, places(bits), strict=True)):
        test = f"if (receptor_3 == {receptor_bits}'d{k}) " if len(bits) > 1 else ""
        yield f"    {test}added[{at + b - 1}:{at}] = sum[{at + b - 1}:{at}] + weight_3[{b - 1}:0];"


def begins(size: int, slot_bits: int, bits: int) -> str:
    """A Verilog function: where a slot of the ring begins, s * size, as few sums of shifted numbers (no multiplier is spent on an address)."""
    terms = "".join(f" {'+' if plus else '-'} ({padded('s', slot_bits, bits)} << {n})" for n, plus in digits_of(size)).lstrip(" +")
    return f"""  function [{bits - 1}:0] begins(input [{slot_bits - 1}:0] s);  // {size} s
    begins = {terms};
  endfunction"""


def digits_of(number: int) -> list[tuple[int, bool]]:
    """(power of two, whether it is added) of a sum that makes the number, as few as there can be, the greatest first (the non-adjacent form)."""
    out, at = [], 0
    while number:
        if number & 1:
            plus = number & 3 == 1
            out.append((at, plus))
            number += -1 if plus else 1
        number, at = number >> 1, at + 1
    return out[::-1]
