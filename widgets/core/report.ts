// What a compiler says of a network on one machine, as studio/compile/report.py writes it (`Report.to_json`).

import type { Finding } from "./document";

/** A fix that is a value: what stands at the path `where` is to become `value`. */
export interface Setting {
  where: string;
  value: number | string;
  unit: string;
}

/** A finding of a compiler; `apply` where one press mends it. */
export interface FitFinding extends Finding {
  apply?: Setting;
  /** Whom the constraint concerns that it speaks of. */
  about?: string[];
}

export interface Use {
  resource: string;
  used: number;
  available: number;
  unit: string;
  where: string;
}

export interface Loss {
  path: string;
  what: string;
  kind: "rounded" | "saturated" | "overflow" | "dropped" | "replaced" | "merged";
  count: number;
  total: number;
  worst: number;
  unit: string;
  text: string;
}

export interface PathReport {
  kind: "population" | "source" | "projection";
  state: "fits" | "lossy" | "over";
  cores: number;
  binding: Use | null;
  uses: Use[];
  losses: Loss[];
  findings: FitFinding[];
}

/** A floor plan as it travels: columns, one entry a core; `parts[k]` lists (place in `paths`, neurons) of core k. */
export interface FloorColumns {
  kind: string;
  columns: number;
  rows: number;
  cores_per_router: number;
  chips: number;
  chip_columns: number;
  core: number[];
  chip: number[];
  x: number[];
  y: number[];
  full: number[];
  parts: [place: number, neurons: number][][];
  paths: string[];
  links: [Corner, Corner, number][];
}

/** A core: where its router lies on its chip, and how many neurons of which path it holds. `full`: its fullest resource, 1 = full. */
export interface Tile {
  core: number;
  chip: number;
  x: number;
  y: number;
  parts: [path: string, neurons: number][];
  full: number;
}

export type Corner = [chip: number, x: number, y: number];

export interface Floor {
  kind: string;
  columns: number;
  rows: number;
  cores_per_router: number;
  chips: number;
  chip_columns: number;
  tiles: Tile[];
  links: [Corner, Corner, number][];
}

export interface Report {
  target: string;
  title: string;
  fits: boolean;
  dialect: string;
  unverified: string;
  /** Counted from rules; nothing was drawn. */
  estimate: boolean;
  paths: { [path: string]: PathReport };
  totals: Use[];
  floor: FloorColumns | null;
  losses: Loss[];
  findings: FitFinding[];
  files: string[];
  timings_ms: { [pass: string]: number };
  settings: { [name: string]: unknown };
  energy: { [name: string]: unknown } | null;
  traffic: Traffic | null;
  comparison: { [name: string]: unknown } | null;
}

const known = new WeakMap<FloorColumns, Floor>();

/** The floor plan with a tile for every core; the same object for the same columns. */
export function floorOf(columns: FloorColumns): Floor {
  const before = known.get(columns);
  if (before) return before;
  const { core, chip, x, y, full, parts, paths, ...rest } = columns;
  const tiles = core.map((own, k): Tile => ({ core: own, chip: chip[k]!, x: x[k]!, y: y[k]!, full: full[k]!, parts: parts[k]!.map(([place, n]) => [paths[place]!, n]) }));
  const floor = { ...rest, tiles };
  known.set(columns, floor);
  return floor;
}

/** What links and cores carry, events per second, in columns, the busiest first (studio/compile/traffic.py). `measured`: in a run. */
export interface Traffic {
  measured: boolean;
  dt_ms: number;
  rates_hz: { [path: string]: number };
  events_per_s: { [name: string]: number };
  links: { from: Corner[]; to: Corner[]; events: number[]; capacity: (number | null)[]; paths: string[] };
  n_links: number;
  cores: { core: number[]; spikes: number[]; arrivals: number[]; synaptic: number[]; busy: (number | null)[]; busiest: (number | null)[]; paths: string[] };
  n_cores: number;
  binding: Binding | null;
}

/** What is nearest to its limit, and the path that brings the most of it. `busy`: the share of a step that a core works; `busiest`: in the busiest step. */
export type Binding =
  | { kind: "link"; from: Corner; to: Corner; events: number; capacity: number; path: string }
  | { kind: "core"; core: number; busy: number; busiest: number | null; path: string };

/** A back end that the studio knows, as the chooser lists it. */
export interface Chip {
  key: string;
  title: string;
  doc: string;
  /** Options of its compiler, where it has any. */
  options: ChipOption[];
}

/** A number or a word (`choices`); `default` null: the compiler decides. */
export interface ChipOption {
  name: string;
  doc: string;
  choices: string[];
  default: number | string | boolean | null;
}
