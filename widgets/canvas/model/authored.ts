// A model of one's own while it is written: which fields a kind has, and where a finding of it belongs.

import type { Kind } from "../../core/catalogue";
import type { Finding } from "../../core/document";
import type { Body } from "../../core/questions";

export interface Column {
  name: string;
  title: string;
  /** Numbers are kept as numbers. */
  number?: boolean;
  wide?: boolean;
  words?: readonly string[];
}

export interface Table {
  field: string;
  title: string;
  add: string;
  columns: Column[];
}

export interface Code {
  field: string;
  title: string;
  hint: string;
  /** Shown although it is empty. */
  always?: boolean;
}

const PARAMS: Table = {
  field: "params",
  title: "Parameters",
  add: "Add a parameter",
  columns: [{ name: "default", title: "Default", number: true }, { name: "unit", title: "Unit" }, { name: "low", title: "Lowest", number: true }, { name: "high", title: "Highest", number: true }, { name: "doc", title: "What it is", wide: true }],
};
const STATES: Table = { field: "states", title: "States", add: "Add a state", columns: [{ name: "start", title: "Start" }, { name: "unit", title: "Unit" }, { name: "doc", title: "What it is", wide: true }] };
const TRACES: Table = { field: "traces", title: "Traces of spikes", add: "Add a trace", columns: [{ name: "tau", title: "Time constant" }, { name: "side", title: "Of", words: ["pre", "post"] }, { name: "doc", title: "What it is", wide: true }] };
const SOURCES: Table = { ...STATES, field: "source_states", title: "States of a source", add: "Add a state of the source" };
const SIGNALS: Table = { field: "signals", title: "Signals", add: "Add a signal", columns: [{ name: "tau", title: "Time constant" }, { name: "doc", title: "What it is", wide: true }] };

export const TABLES: Partial<Record<Kind, Table[]>> = {
  neuron: [PARAMS, STATES],
  kinetics: [PARAMS, STATES],
  plasticity: [PARAMS, TRACES, STATES, SOURCES, SIGNALS],
  device: [PARAMS, STATES],
};

const DERIVED: Code = { field: "derived", title: "Computed once", hint: "decay = exp(-dt/tau)" };
export const CODE: Partial<Record<Kind, Code[]>> = {
  neuron: [
    DERIVED,
    { field: "equations", title: "Equations", hint: "dv/dt = (v_rest - v)/tau_m + i/c_m" },
    { field: "step", title: "Step (instead of equations)", hint: "v += dt*(i - v)/tau" },
    { field: "threshold", title: "Fires when", hint: "v >= v_th", always: true },
    { field: "reset", title: "Then", hint: "v = v_reset", always: true },
  ],
  kinetics: [
    DERIVED,
    { field: "equations", title: "Equations", hint: "dg/dt = -g/tau" },
    { field: "jump", title: "A spike of weight w", hint: "g += w", always: true },
    { field: "current", title: "Current", hint: "g*(e_rev - v)", always: true },
  ],
  plasticity: [
    { field: "on_pre", title: "At a presynaptic arrival", hint: "w = w - a_minus*k_minus", always: true },
    { field: "on_post", title: "At a spike of the target", hint: "w = w + a_plus*k_plus", always: true },
    { field: "every", title: "At every interval", hint: "w = w*(1 - rate)" },
    { field: "at_source", title: "Once a spike of the source", hint: "x = 1 - (1 - x)*exp(-gap/tau_rec)" },
    { field: "transmit", title: "What arrives", hint: "w*u*x" },
  ],
  device: [
    { field: "program", title: "When it is programmed", hint: "w = w + sigma*normal()" },
    { field: "write", title: "When a rule asks for dw", hint: "w = min(w_max, max(w_min, w + dw))", always: true },
    { field: "read", title: "What is read", hint: "w*(age/t_0)**-nu" },
  ],
};

export interface Word {
  field: string;
  title: string;
  words?: readonly string[];
  /** Any of the model's parameters, or none. */
  param?: boolean;
  standard: string;
}

export const WORDS: Partial<Record<Kind, Word[]>> = {
  neuron: [
    { field: "method", title: "Computed", words: ["exact", "rk4", "adaptive", "step"], standard: "exact" },
    { field: "refractory", title: "Refractory time", param: true, standard: "" },
  ],
  kinetics: [
    { field: "weight_unit", title: "Weights in", words: ["nA", "uS", "mV"], standard: "nA" },
    { field: "sign", title: "Sign of weights", words: ["signed", "nonnegative"], standard: "signed" },
    { field: "arrival", title: "A spike acts", words: ["after", "before"], standard: "after" },
  ],
  plasticity: [{ field: "interval", title: "Interval of “every”", param: true, standard: "" }],
};

export type Rows = Record<string, Record<string, unknown>>;

/** A table of the body by name, also where it is written as a list. */
export function rowsOf(body: Body, field: string): Rows {
  const given = body[field];
  if (Array.isArray(given)) return Object.fromEntries(given.map((row) => (({ name, ...rest }) => [String(name), rest])(row as Record<string, unknown>)));
  if (typeof given !== "object" || given === null) return {};
  return Object.fromEntries(Object.entries(given).map(([name, row]) => [name, typeof row === "object" && row !== null ? (row as Record<string, unknown>) : field === "params" ? { default: row } : { start: row }]));
}

export const textOf = (value: unknown): string => (Array.isArray(value) ? value.join("\n") : value === undefined || value === null ? "" : String(value));

/** The body with a field set, or without it where it is empty. */
export function withField(body: Body, field: string, value: unknown): Body {
  const empty = value === "" || value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  if (!empty) return { ...body, [field]: value };
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
}

/** A row renamed in its place. */
export function renamed(rows: Rows, from: string, to: string): Rows {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name === from ? to : name, row]));
}

export interface Fault {
  line: number | null;
  column: number | null;
  text: string;
  fix: string;
  severity: Finding["severity"];
}

const PLACE = /^Line (\d+), column (\d+): /;

/** The findings of one field (`equations`, `params.tau`), with line and column where they have one. */
export function faultsOf(findings: readonly Finding[], key: string, field: string): Fault[] {
  const where = `models.${key}${field ? `.${field}` : ""}`;
  return findings.flatMap((finding) => {
    if (finding.where !== where && !(field && finding.where.startsWith(`${where}.`))) return [];
    const place = PLACE.exec(finding.text);
    const text = place ? finding.text.slice(place[0].length) : finding.text;
    return [{ line: place ? Number(place[1]) : null, column: place ? Number(place[2]) : null, text: text.charAt(0).toUpperCase() + text.slice(1), fix: finding.fix, severity: finding.severity }];
  });
}

/** A free key made from another: `lif` gives `my_lif`, `my_lif_2` ... */
export function freeKey(like: string, taken: ReadonlySet<string>): string {
  const base = `my_${like}`.replace(/^my_my_/, "my_").slice(0, 60);
  if (!taken.has(base)) return base;
  for (let n = 2; ; n += 1) if (!taken.has(`${base}_${n}`)) return `${base}_${n}`;
}
