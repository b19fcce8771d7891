// How long a raster takes to redraw: for the browser tests and for docs/measurements.md.

import { SpikeStore } from "../core/spikes";
import { Raster } from "./raster";

export interface RasterBench {
  spikes: number;
  width: number;
  height: number;
  /** Median redraw of the whole run, of half, a tenth and a hundredth of its time [ms]. */
  whole_ms: number;
  half_ms: number;
  tenth_ms: number;
  hundredth_ms: number;
}

/** Draws `spikes` made-up spikes of 10,000 neurons in 10 s, several times each. */
export function benchRaster(spikes = 1_000_000, width = 1100, height = 400, repeats = 7): RasterBench {
  const host = document.createElement("div");
  Object.assign(host.style, { position: "fixed", left: "0", top: "0", width: `${width}px`, height: `${height}px`, zIndex: "99999" });
  document.body.append(host);
  const store = new SpikeStore();
  store.add(madeUp(spikes));
  const raster = new Raster(host, { spikes: store });
  raster.setRun({ stale: false, partial: false, running: false, reached_ms: 10_000, duration_ms: 10_000 });
  const median = (share: number): number => {
    raster.view.select(4000, 4000 + 10_000 * share);
    if (share === 1) raster.fit();
    const times = Array.from({ length: repeats }, () => {
      raster.invalidate();
      return raster.drawNow();
    });
    return Number(times.sort((a, b) => a - b)[repeats >> 1]!.toFixed(1));
  };
  const found = { spikes, width, height, whole_ms: median(1), half_ms: median(0.5), tenth_ms: median(0.1), hundredth_ms: median(0.01) };
  raster.destroy();
  host.remove();
  return found;
}

function madeUp(spikes: number): Parameters<SpikeStore["add"]>[0] {
  const steps = new Uint32Array(spikes);
  const ids = new Uint32Array(spikes);
  let state = 1;
  for (let k = 0; k < spikes; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    steps[k] = Math.floor((k / spikes) * 100_000);
    ids[k] = Math.floor((state / 2 ** 32) * 10_000);
  }
  const rows = [
    { path: "exc", name: "Excitatory", size: 8000, offset: 0, kind: "excitatory" as const },
    { path: "inh", name: "Inhibitory", size: 2000, offset: 8000, kind: "inhibitory" as const },
  ];
  return { run: 1, n: 1, t_ms: 10_000, dt_ms: 0.1, rows, steps, ids };
}
