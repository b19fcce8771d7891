// Where the marks of both runs stand in their picture. Pure.

import type { RasterRows, StateLines } from "./twin";

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

export const TALL = 48; // px of a state

/** The ideal network's line and the chip's, of one neuron; broken where a value is missing. */
export function linesOf({ t_ms, ideal, chip }: StateLines): [ideal: string, chip: string] {
  const known = [...ideal, ...chip].filter((one): one is number => one !== null);
  const [least, high] = [Math.min(...known), Math.max(...known)];
  const [low, span] = high === least ? [least - 0.5, 1] : [least, high - least]; // what holds still lies in the middle
  const to = t_ms.at(-1) || 1;
  const line = (values: readonly (number | null)[]): string => values.map((v, k) => (v === null ? "" : `${k && values[k - 1] !== null ? "L" : "M"}${((WIDE * t_ms[k]!) / to).toFixed(1)} ${(TALL - 3 - ((TALL - 6) * (v - low)) / span).toFixed(1)}`)).join("");
  return [line(ideal), line(chip)];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
