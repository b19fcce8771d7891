// The document's types. Written by `python -m studio.ui.generate`; do not edit.

export type Unit = string;

export interface Quantity {
  value: number;
  unit: Unit;
}
/** A distribution: one value per element; outside `min`..`max` it is drawn again. */
export interface Normal {
  normal: [mean: number, sd: number];
  unit?: Unit;
  min?: number | null;
  max?: number | null;
}
export interface Uniform {
  uniform: [low: number, high: number];
  unit?: Unit;
  min?: number | null;
  max?: number | null;
}
export interface Lognormal {
  lognormal: [mean: number, sd: number];
  unit?: Unit;
  min?: number | null;
  max?: number | null;
}
/** A reference to an array in the document's `data`. */
export interface DataRef {
  data: string;
}
/** A plain number is in the parameter's own unit. */
export type Value = number | Quantity | Normal | Uniform | Lognormal | DataRef | string | null;
export type Values = { [name: string]: Value };

export interface ModelRef {
  model: string;
  params?: Values;
}

export interface PopulationNode {
  kind: "population";
  name: string;
  description?: string;
  model: string;
  size: number;
  shape?: number[] | null;
  params?: Values;
  start?: Values;
}
export interface SourceNode {
  kind: "source";
  name: string;
  description?: string;
  model: string;
  size: number;
  shape?: number[] | null;
  params?: Values;
}
export interface InstanceNode {
  kind: "instance";
  name: string;
  description?: string;
  of: string;
  repeat?: number;
  override?: Values;
}
export type Node = PopulationNode | SourceNode | InstanceNode;

export type Copies = "all" | "same" | { offsets: number[][]; wrap?: boolean };

export interface Projection {
  from: string;
  to: string;
  name?: string;
  connector?: ModelRef;
  kinetics?: ModelRef;
  plasticity?: ModelRef;
  device?: ModelRef;
  weight?: Value;
  delay?: Value;
  gain?: Value;
  copies?: Copies;
}

export interface Port {
  direction: "in" | "out";
  to?: string[];
  from?: string[];
  name?: string;
}

export interface Circuit {
  name?: string;
  description?: string;
  nodes: { [key: string]: Node };
  projections: { [key: string]: Projection };
  ports: { [key: string]: Port };
}

export interface RecordItem {
  path: string;
  what: string;
  every?: Value;
}
export interface Run {
  duration?: Value;
  dt?: Value;
  seed?: number;
  precision?: string;
  method?: string | null;
  record?: RecordItem[];
}

export interface Place {
  x?: number;
  y?: number;
  folded?: boolean;
  color?: string;
}
export type Layout = { [circuit: string]: { [node: string]: Place } };

export interface Document {
  format: string;
  name: string;
  description?: string;
  main: string;
  circuits: { [key: string]: Circuit };
  models?: { [key: string]: unknown };
  constraints?: unknown[];
  task?: unknown;
  data?: { [name: string]: unknown };
  run?: Run;
  layout?: Layout;
}
