// What a run records beside spikes: which states can be, and which are.

import { entryOf, type Catalogue } from "../../core/catalogue";
import type { Recorded } from "../../core/document";

/** Neurons of a population that are recorded at a press: as many lines as can be told apart. */
const FEW = 8;

export interface Recordable {
  name: string;
  unit: string;
  doc: string;
}

/** The states of a population's model. */
export function recordable(catalogue: Catalogue, model: string): Recordable[] {
  return (entryOf(catalogue, "neuron", model)?.states ?? []).map(({ name, unit, doc }) => ({ name, unit, doc }));
}

/** `exc[0:8]`: the first neurons of the population at `path`. */
export const fewOf = (path: string, size: number): string => (size > FEW ? `${path}[0:${FEW}]` : path);

/** Whether state `what` of the population at `path` is recorded, be it of some neurons only. */
export function isRecorded(record: readonly Recorded[], path: string, what: string): boolean {
  return record.some((item) => isOf(item, path, what));
}

export function withRecorded(record: readonly Recorded[], path: string, size: number, what: string): Recorded[] {
  return isRecorded(record, path, what) ? [...record] : [...record, { path: fewOf(path, size), what }];
}

export function withoutRecorded(record: readonly Recorded[], path: string, what: string): Recorded[] {
  return record.filter((item) => !isOf(item, path, what));
}

function isOf(item: Recorded, path: string, what: string): boolean {
  return item.what === what && (item.path === path || item.path.startsWith(`${path}[`) && !item.path.slice(path.length).includes("."));
}
