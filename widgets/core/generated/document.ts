// The document as it may be written to a file. Written by `python -m studio.ui.generate` from studio/network/document.py; do not edit.

export type Value = number | boolean | string | Quantity | Normal | Uniform | Lognormal | DataRef;

export type Node = Population | Source | Instance;

export type Copies = "all" | "same" | Offsets;

/** A fault of a run: `fraction` of the neurons, synapses or spikes of `path`. `value`: where synapses are stuck, or how far thresholds scatter.

Kinds: dead_neurons, lost_spikes, threshold_noise, dead_synapses, stuck_synapses. */
export interface Broken {
  kind: string;
  path: string;
  fraction?: Value | null;
  value?: Value | null;
}

/** A model by its key, and the parameters that differ from its defaults. */
export interface Choice {
  model: string;
  params?: { [key: string]: Value };
}

/** Nodes, the projections between them, and the ports to the outside. */
export interface Circuit {
  name?: string;
  description?: string;
  nodes?: { [key: string]: Node };
  projections?: { [key: string]: Projection };
  ports?: { [key: string]: Port };
}

/** What a compiler keeps to; `kind` says which of the other keys it takes (network.constraints.KINDS).

Kinds: fan_in, fan_out, region, keep_together, keep_apart, delay_class. */
export interface Constraint {
  kind: string;
  path?: string | null;
  paths?: string[] | null;
  limit?: number | null;
  chip?: number | null;
  cores?: [number, number] | null;
  scope?: string | null;
  delays?: Value[] | null;
}

/** An array: inside the document (`values`), or beside it (`file`). `sha256` is of its little-endian, row-major bytes. */
export interface Data {
  dtype: string;
  shape: number[];
  encoding?: string;
  sha256: string;
  values?: string | null;
  file?: string | null;
}

/** The name of an array in the document's `data`, one entry per element. */
export interface DataRef {
  data: string;
  unit?: string | null;
}

/** A moment of a run (ms) at which the clocks of all devices move on by `wait` (s) while the network stands still. */
export interface Event {
  at: Value;
  wait: Value;
}

/** A circuit used here, `repeat` times; `shape` lays its copies out on a grid (row-major). */
export interface Instance {
  kind: "instance";
  name?: string;
  description?: string;
  of: string;
  repeat?: number;
  shape?: number[] | null;
  override?: { [key: string]: Value };
  metadata?: { [key: string]: unknown };
}

/** Drawn from a lognormal distribution (mean and standard deviation of the logarithm). */
export interface Lognormal {
  lognormal: [number, number];
  unit?: string | null;
  min?: number | null;
  max?: number | null;
}

/** Drawn from a normal distribution (mean, standard deviation); drawn again outside [min, max]. */
export interface Normal {
  normal: [number, number];
  unit?: string | null;
  min?: number | null;
  max?: number | null;
}

/** Copy c of the source reaches copies c + offset of the target, on the grid of copies. */
export interface Offsets {
  offsets: number[][];
  wrap?: boolean;
}

/** Neurons of one model. */
export interface Population {
  kind: "population";
  name?: string;
  description?: string;
  model?: string;
  size?: number;
  shape?: number[] | null;
  params?: { [key: string]: Value };
  start?: { [key: string]: Value };
  metadata?: { [key: string]: unknown };
}

/** Where projections from outside end (`in`) or begin (`out`). */
export interface Port {
  direction: "in" | "out";
  name?: string;
  to?: string[];
  from?: string[];
}

/** Who is connected with whom, and by what synapses. From an analog source: connector and `gain` only. */
export interface Projection {
  from: string;
  to: string;
  name?: string;
  description?: string;
  connector?: Choice;
  kinetics?: Choice;
  plasticity?: Rule;
  device?: Choice;
  crossbar?: { [key: string]: Value } | null;
  weight?: Value;
  delay?: Value;
  gain?: Value;
  copies?: Copies;
  metadata?: { [key: string]: unknown };
}

/** A number and the unit it was given in. */
export interface Quantity {
  value: number;
  unit?: string;
}

/** One thing to record. */
export interface Recorded {
  path: string;
  what?: string;
  every?: Value | null;
}

/** A plasticity rule. `signals`: for each signal of the rule, the node of the same circuit whose spikes make it. */
export interface Rule {
  model: string;
  params?: { [key: string]: Value };
  signals?: { [key: string]: string };
}

/** How long, how fine, with which seed, and what is recorded (None: the spikes of all populations).

`weights` "table256" lets a run keep 256 values for each distribution of weights. `connectivity` "procedural" lets it draw synapses
again whenever their source fires, where the connector can, instead of storing them. */
export interface Run {
  duration?: Value;
  dt?: Value;
  seed?: number;
  precision?: string;
  method?: string | null;
  weights?: string;
  connectivity?: string;
  record?: Recorded[] | null;
  events?: Event[];
  faults?: Broken[];
}

/** Something outside the network that gives spikes or currents. */
export interface Source {
  kind: "source";
  name?: string;
  description?: string;
  model?: string;
  size?: number;
  shape?: number[] | null;
  params?: { [key: string]: Value };
  metadata?: { [key: string]: unknown };
}

/** Drawn uniformly between two numbers. */
export interface Uniform {
  uniform: [number, number];
  unit?: string | null;
  min?: number | null;
  max?: number | null;
}

/** A whole document. Frozen; `to_json` returns exactly the JSON it was made of. */
export interface Document {
  format: string;
  name?: string;
  description?: string;
  main?: string;
  circuits: { [key: string]: Circuit };
  models?: { [key: string]: unknown };
  constraints?: Constraint[];
  task?: { [key: string]: unknown } | null;
  data?: { [key: string]: Data };
  run?: Run;
  layout?: { [key: string]: { [key: string]: { [key: string]: unknown } } };
  metadata?: { [key: string]: unknown };
}
