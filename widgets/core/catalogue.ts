// The catalogue of models as Python sends it (or as it lies in the bundle), and how to look things up in it.

export type Kind = "neuron" | "kinetics" | "plasticity" | "device" | "source" | "connector";

export interface ParamEntry {
  name: string;
  default: number | string | null;
  unit: string;
  doc: string;
  low: number | null;
  high: number | null;
  low_open: boolean;
  high_open: boolean;
  integer: boolean;
  role: string;
  kind: "number" | "array" | "word";
  choices: string[];
  shared: boolean;
  advanced: boolean;
}

export interface StateEntry {
  name: string;
  unit: string;
  doc: string;
  role: string;
  start?: string;
}

/** Parameter values that belong together. `params` holds every parameter that one of the model's presets names. */
export interface PresetEntry {
  key: string;
  title: string;
  source: string;
  params: { [name: string]: number | string | null };
  kinetics: string;
  kinetics_params: { [name: string]: number | string };
}

/** A format or machine the model can go to; `loss` is empty where it goes as it is. */
export interface ExportEntry {
  title: string;
  loss: string;
}

/** One model. What only some kinds have is optional (`signal`: source; `weight_unit`, `sign`, `arrival`: kinetics; ...). */
export interface Entry {
  kind: Kind;
  key: string;
  title: string;
  doc: string;
  source: string;
  limits: string;
  /** The heading under which a long list shows it. */
  family?: string;
  /** A small picture of how it responds: an SVG path in a box of 40 by 16. */
  spark?: string;
  /** One of the document's own. */
  own?: boolean;
  presets?: PresetEntry[];
  exports?: ExportEntry[];
  params: ParamEntry[];
  states?: StateEntry[];
  latex?: string[];
  schema?: unknown;
  signal?: "spiking" | "analog";
  weight_unit?: string;
  sign?: "signed" | "nonnegative";
  coupled?: string;
  arrival?: "after" | "before";
  method?: string;
  methods?: string[];
  plastic?: boolean;
  /** Numbers that a rule shares over a projection; the document says whose spikes make them. */
  signals?: { name: string; tau: string; doc: string }[];
  /** States of its target that a rule reads. */
  post?: string[];
  random?: boolean;
  /** A connector with weights of its own (a kernel, a matrix), which the projection's weight multiplies. */
  compact?: boolean;
}

export interface UnitEntry {
  dimension: [string, number][];
  scale: number;
}

export interface Catalogue {
  format: string;
  entries: Entry[];
  units: { [name: string]: UnitEntry };
  defaults: { [kind: string]: string };
  /** What a projection's crossbar can be told; it is no model of a kind. */
  crossbar?: Entry;
}

export const EMPTY_CATALOGUE: Catalogue = { format: "spike-studio-catalogue/1", entries: [], units: {}, defaults: {} };

export function entriesOf(catalogue: Catalogue, kind: Kind): Entry[] {
  return catalogue.entries.filter((entry) => entry.kind === kind);
}

export function entryOf(catalogue: Catalogue, kind: Kind, key: string): Entry | undefined {
  return catalogue.entries.find((entry) => entry.kind === kind && entry.key === key);
}

/** The catalogue with these as the document's own models. */
export function withOwn(catalogue: Catalogue, own: Entry[]): Catalogue {
  return { ...catalogue, entries: [...catalogue.entries.filter((entry) => !entry.own), ...own] };
}

/** The key used where a document names none; the built-in choice when the catalogue does not say. */
export function defaultKey(catalogue: Catalogue, kind: Kind): string {
  return catalogue.defaults[kind] ?? FALLBACK[kind];
}

const FALLBACK: Record<Kind, string> = {
  neuron: "lif",
  kinetics: "delta",
  plasticity: "static",
  device: "ideal",
  source: "poisson",
  connector: "all_to_all",
};
