// The spikes of one run as two growing typed arrays, sorted by step, filled by frames.

/** One band of the raster: the rows `offset` .. `offset + size - 1` belong to the node at `path`. */
export interface Row {
  path: string;
  name: string;
  size: number;
  offset: number;
  kind: "excitatory" | "inhibitory" | "source" | "population";
}

/** What arrives between two looks: `steps` ascending, and never below the last step that is already stored. */
export interface SpikeFrame {
  run: string | number;
  n: number;
  t_ms: number;
  dt_ms: number;
  rows: Row[];
  steps: Uint32Array;
  ids: Uint32Array;
  thinned?: number;
}

/** All spikes of the latest run, read-only for plots. Spike time [ms] = steps[k] * dt_ms; row = ids[k]. */
export interface Spikes {
  readonly steps: Uint32Array;
  readonly ids: Uint32Array;
  readonly length: number;
  readonly rows: readonly Row[];
  readonly dt_ms: number;
  /** Simulated time reached [ms]; spikes are known up to here. */
  readonly t_ms: number;
  /** One spike in so many is shown (1: all). */
  readonly thinned: number;
  /** Grows with every change; a plot that has drawn this version need not draw again. */
  readonly version: number;
}

export class SpikeStore implements Spikes {
  steps = new Uint32Array(0);
  ids = new Uint32Array(0);
  length = 0;
  rows: Row[] = [];
  dt_ms = 0.1;
  t_ms = 0;
  thinned = 1;
  version = 0;
  private readonly listeners = new Set<() => void>();

  /** Calls `listener` after each change; returns how to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Forgets everything: a new run begins. */
  clear(): void {
    this.length = 0;
    this.t_ms = 0;
    this.changed();
  }

  /** Adds what arrived. Spikes out of order are put into place. */
  add(frame: SpikeFrame): void {
    this.rows = frame.rows;
    this.dt_ms = frame.dt_ms;
    this.t_ms = frame.t_ms;
    this.thinned = frame.thinned ?? 1;
    this.reserve(this.length + frame.steps.length);
    const { steps, ids } = sorted(frame.steps, frame.ids);
    this.steps.set(steps, this.length);
    this.ids.set(ids, this.length);
    this.length += steps.length;
    this.changed();
  }

  private reserve(needed: number): void {
    if (needed <= this.steps.length) return;
    const room = Math.max(needed, this.steps.length * 2, 4096);
    const steps = new Uint32Array(room);
    const ids = new Uint32Array(room);
    steps.set(this.steps.subarray(0, this.length));
    ids.set(this.ids.subarray(0, this.length));
    this.steps = steps;
    this.ids = ids;
  }

  private changed(): void {
    this.version += 1;
    for (const listener of [...this.listeners]) listener();
  }
}

function sorted(steps: Uint32Array, ids: Uint32Array): { steps: Uint32Array; ids: Uint32Array } {
  let ascending = true;
  for (let k = 1; k < steps.length && ascending; k++) ascending = steps[k - 1]! <= steps[k]!;
  if (ascending) return { steps, ids };
  const order = Uint32Array.from(steps.keys()).sort((a, b) => steps[a]! - steps[b]!);
  return { steps: order.map((k) => steps[k]!), ids: order.map((k) => ids[k]!) };
}
