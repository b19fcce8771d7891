// Counting spikes on a grid of pixels: the inner loop of the raster. No canvas here.

/** The first index in [0, length) with steps[index] >= step. `steps` ascends. */
export function firstAt(steps: Uint32Array, length: number, step: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Grid {
  columns: number;
  lines: number;
  /** Counts, line by line from the top. */
  counts: Uint32Array;
  most: number;
  /** Spikes within the window of time. */
  inside: number;
}

export interface Window {
  /** The window of time, in steps; need not be whole. */
  from: number;
  to: number;
  /** The line of each row; -1: not shown. */
  lines: Int32Array;
  /** A spike covers so many pixels: 1 x 1 where there are many. */
  mark: { width: number; height: number };
}

/** Counts the spikes of a window. `grid.counts` is used again where it is large enough. */
export function count(steps: Uint32Array, ids: Uint32Array, length: number, window: Window, columns: number, lines: number, grid?: Grid): Grid {
  const cells = columns * lines;
  const counts = grid && grid.counts.length === cells ? grid.counts.fill(0) : new Uint32Array(cells);
  const begin = firstAt(steps, length, Math.ceil(window.from));
  const end = firstAt(steps, length, Math.ceil(window.to));
  const most = window.mark.width * window.mark.height === 1 ? countPoints(steps, ids, begin, end, window, counts, columns) : countMarks(steps, ids, begin, end, window, counts, columns, lines);
  return { columns, lines, counts, most, inside: end - begin };
}

function countPoints(steps: Uint32Array, ids: Uint32Array, begin: number, end: number, window: Window, counts: Uint32Array, columns: number): number {
  const { from, to, lines: lineOf } = window;
  const scale = columns / (to - from);
  let most = 0;
  for (let k = begin; k < end; k++) {
    const line = lineOf[ids[k]!];
    if (line === undefined || line < 0) continue;
    const cell = line * columns + (((steps[k]! - from) * scale) | 0);
    const now = ++counts[cell]!;
    if (now > most) most = now;
  }
  return most;
}

function countMarks(steps: Uint32Array, ids: Uint32Array, begin: number, end: number, window: Window, counts: Uint32Array, columns: number, lines: number): number {
  const { from, to, lines: lineOf, mark } = window;
  const scale = columns / (to - from);
  const above = (mark.height - 1) >> 1;
  for (let k = begin; k < end; k++) {
    const line = lineOf[ids[k]!];
    if (line === undefined || line < 0) continue;
    const left = ((steps[k]! - from) * scale) | 0;
    const right = Math.min(left + mark.width, columns);
    const bottom = Math.min(line - above + mark.height, lines);
    for (let y = Math.max(line - above, 0); y < bottom; y++) for (let x = left; x < right; x++) counts[y * columns + x]! += 1;
  }
  return 1;
}

/** An opacity from 0 to 255 for each count up to `most`: logarithmic, from `faintest` (0 to 1) for one spike to full for the most. */
export function opacities(most: number, faintest: number): Uint8Array {
  const table = new Uint8Array(most + 1);
  for (let n = 1; n <= most; n++) table[n] = Math.round(255 * (most === 1 ? 1 : faintest + ((1 - faintest) * Math.log(n)) / Math.log(most)));
  return table;
}
