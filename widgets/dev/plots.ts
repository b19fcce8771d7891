// Raster and activity in several states, light and dark, without the surface: for looking at them.

import { bundledCatalogue } from "../core/bundled";
import { ActivityPlot, benchRaster, NO_RUN, Raster, TimeView, TracePlot, type RunLook } from "../plots";
import { DemoSession } from "./demo";
import { SAMPLES } from "./samples";

const states: [string, string | null, Partial<RunLook>][] = [
  ["ei", "done", {}],
  ["columns", "done", {}],
  ["columns", "partial", { partial: true }],
  ["ei", "done", { stale: true }],
  ["ei", null, {}],
];

function cell(theme: string, sample: string, start: string | null, look: Partial<RunLook>): void {
  const host = document.createElement("section");
  const tokens = theme === "dark" ? "--surface:#1d1e21" : "--surface:#ffffff";
  host.setAttribute("style", `color-scheme:${theme};${tokens};background:var(--surface);display:inline-block;width:560px;margin:6px;vertical-align:top`);
  host.dataset["theme"] = theme;
  document.body.append(host);
  const part = (height: number): HTMLElement => {
    const element = document.createElement("div");
    element.style.height = `${height}px`;
    host.append(element);
    return element;
  };
  const session = new DemoSession({ catalogue: bundledCatalogue(), document: SAMPLES[sample]! }, start);
  const view = new TimeView();
  const run = { ...NO_RUN, ...look, reached_ms: session.spikes.t_ms, duration_ms: 1000 };
  new Raster(part(190), { spikes: session.spikes, view }).setRun(run);
  new ActivityPlot(part(96), { spikes: session.spikes, view, measure: theme === "dark" ? "sparsity" : "rate" }).setRun(run);
}

for (const theme of ["light", "dark"]) for (const [sample, start, look] of states) cell(theme, sample, start, look);

const host = document.createElement("div");
host.style.cssText = "width:560px;height:120px;margin:6px;display:inline-block";
document.body.append(host);
const times = Float64Array.from({ length: 1000 }, (_, k) => k);
new TracePlot(host).setTraces([0, 1].map((n) => ({ name: `v ${n}`, unit: "mV", times, values: times.map((t) => -70 + 15 * (((t + 17 * n) % (40 + 7 * n)) / 45)) })));
Object.assign(window, { bench: benchRaster });
