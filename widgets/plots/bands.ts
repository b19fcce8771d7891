// How rows of the raster are laid out from top to bottom: one band per population, small ones not lost beside large ones.

import type { Row } from "../core/spikes";

const SMALLEST_SHARE = 0.05;

export interface Band {
  row: Row;
  /** From 0 (top) to 1 (bottom). */
  top: number;
  bottom: number;
}

/** Bands in the order of the rows; heights as sizes, but none below a twentieth (or its even share, where there are many). */
export function layBands(rows: readonly Row[]): Band[] {
  const total = rows.reduce((sum, row) => sum + row.size, 0) || 1;
  const smallest = Math.min(SMALLEST_SHARE, 0.6 / Math.max(rows.length, 1)) * total;
  const heights = rows.map((row) => Math.max(row.size, smallest));
  const whole = heights.reduce((sum, height) => sum + height, 0) || 1;
  let top = 0;
  return rows.map((row, k) => {
    const bottom = top + heights[k]! / whole;
    const band = { row, top, bottom };
    top = bottom;
    return band;
  });
}

/** The band at a height between 0 and 1, and which of its neurons. */
export function neuronAt(bands: readonly Band[], height: number): { band: Band; neuron: number } | null {
  const band = bands.find(({ top, bottom }) => height >= top && height < bottom);
  if (!band) return null;
  const neuron = Math.floor(((height - band.top) / (band.bottom - band.top)) * band.row.size);
  return { band, neuron: Math.min(neuron, band.row.size - 1) };
}

/** For each row its line of pixels in a picture of `lines` lines showing heights `from` to `to`; -1: outside. */
export function rowLines(bands: readonly Band[], from: number, to: number, lines: number): Int32Array {
  const count = bands.reduce((most, { row }) => Math.max(most, row.offset + row.size), 0);
  const found = new Int32Array(count).fill(-1);
  const scale = lines / (to - from);
  for (const { row, top, bottom } of bands) {
    const per = (bottom - top) / row.size;
    for (let k = 0; k < row.size; k++) {
      const line = Math.floor((top + (k + 0.5) * per - from) * scale);
      if (line >= 0 && line < lines) found[row.offset + k] = line;
    }
  }
  return found;
}
