// Where the marks of both runs stand in their picture. Pure.

import type { RasterRows } from "./twin";

export const WIDE = 600; // px of the whole time, about what the dialog is wide
export const ROW = 6; // px of a neuron
export const HIGH = 28; // px of the columns over the whole run
export const KINDS = ["both", "ideal", "chip"] as const;
/** Where in its row a mark stands: what both fired all of it, the ideal alone the upper half, the chip alone the lower. */
export const SPAN = [[0.06, 0.94], [0.06, 0.5], [0.5, 0.94]] as const;

/** For each of KINDS a path with a stroke for every spike. */
export function marksOf({ row, ms, kind }: RasterRows, to: number): string[] {
  return KINDS.map((_, own) => ms.flatMap((at, k) => (kind[k] === own ? [stroke((WIDE * at) / to, row[k]!, SPAN[own]!)] : [])).join(""));
}

const stroke = (x: number, row: number, [low, high]: readonly [number, number]): string => `M${x.toFixed(1)} ${(ROW * (row + low)).toFixed(1)}v${(ROW * (high - low)).toFixed(1)}`;

export interface Column {
  kind: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Counts of spikes as columns: those of both, above them the ideal network's, then the chip's. */
export function columnsOf({ bins }: RasterRows): Column[] {
  const all = bins.both.map((both, k) => [both, bins.ideal[k]!, bins.chip[k]!]);
  const most = Math.max(1, ...all.map((three) => sum(three)));
  const width = WIDE / all.length;
  return all.flatMap((three, k) => three.flatMap((count, kind) => (count ? [{ kind, x: k * width, y: HIGH * (1 - sum(three.slice(0, kind + 1)) / most), width: width - 1, height: (HIGH * count) / most }] : [])));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
