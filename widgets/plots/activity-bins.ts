// Spikes counted per population and stretch of time: rates and activation sparsity. No canvas here.

import type { Row, Spikes } from "../core/spikes";
import { firstAt } from "./density";

export interface Activity {
  rows: readonly Row[];
  bins: number;
  /** Where the first bin begins, and how long each is [ms]; whole steps. */
  start: number;
  width: number;
  /** Spikes, row by row. */
  counts: Uint32Array;
  /** Mean over the row's neurons and the bin [Hz]. */
  rate(row: number, bin: number): number;
  /** The share of (neuron, step) without a spike, as NeuroBench counts activations. */
  sparsity(row: number, bin: number): number;
}

/** Counts spikes from `start` to `end` [ms] in at most `most` bins of whole steps; only bins that the run has wholly reached. */
export function binActivity(spikes: Spikes, start: number, end: number, most: number): Activity {
  const { rows, dt_ms, steps, ids } = spikes;
  const first = Math.max(0, Math.floor(start / dt_ms));
  const last = Math.min(Math.ceil(end / dt_ms), Math.floor(spikes.t_ms / dt_ms + 1e-6) + 1);
  const per = Math.max(1, Math.ceil((end - start) / dt_ms / most));
  const bins = Math.max(0, Math.floor((last - first) / per));
  const counts = new Uint32Array(rows.length * bins);
  const rowOf = rowOfId(rows);
  const stop = firstAt(steps, spikes.length, first + bins * per);
  for (let k = firstAt(steps, spikes.length, first); k < stop; k++) {
    const row = rowOf[ids[k]!];
    if (row !== undefined && row >= 0) counts[row * bins + (((steps[k]! - first) / per) | 0)]! += 1;
  }
  const share = (row: number, bin: number): number => counts[row * bins + bin]! / (rows[row]!.size * per);
  return {
    rows,
    bins,
    start: first * dt_ms,
    width: per * dt_ms,
    counts,
    rate: (row, bin) => (share(row, bin) * 1000 * spikes.thinned) / dt_ms,
    sparsity: (row, bin) => 1 - Math.min(1, share(row, bin) * spikes.thinned),
  };
}

function rowOfId(rows: readonly Row[]): Int32Array {
  const count = rows.reduce((most, row) => Math.max(most, row.offset + row.size), 0);
  const found = new Int32Array(count).fill(-1);
  rows.forEach((row, k) => found.fill(k, row.offset, row.offset + row.size));
  return found;
}
