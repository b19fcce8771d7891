// What links and cores carry, out of a report.

import type { Report, Traffic } from "../../core/report";

/** Events per second that one link can carry; null where the machine's figure is not known. */
export function capacityOf({ traffic }: Report): number | null {
  return traffic?.links.capacity.find((one) => one !== null) ?? null;
}

/** What every core has to do in a second, and which part of a step that takes. */
export interface Work {
  arrivals: number;
  synaptic: number;
  busy: number | null;
  busiest: number | null;
  path: string;
}

const known = new WeakMap<Traffic, Map<number, Work>>();

export function workOf(traffic: Traffic): ReadonlyMap<number, Work> {
  const before = known.get(traffic);
  if (before) return before;
  const { cores } = traffic;
  const found = new Map(cores.core.map((core, k) => [core, { arrivals: cores.arrivals[k]!, synaptic: cores.synaptic[k]!, busy: cores.busy[k] ?? null, busiest: cores.busiest[k] ?? null, path: cores.paths[k]! }]));
  known.set(traffic, found);
  return found;
}

/** The largest part of a step that any core works, in the mean and in its busiest step; null where nobody knows what events take. */
export function workload(traffic: Traffic): { mean: number; most: number } | null {
  const means = traffic.cores.busy.filter((one): one is number => one !== null);
  if (!means.length) return null;
  const mean = Math.max(...means);
  return { mean, most: Math.max(mean, ...traffic.cores.busiest.map((one) => one ?? 0)) };
}

/** 12 k/s, 3.4 M/s: three digits and a unit. */
export function perSecond(events: number): string {
  const size = Math.abs(events);
  const [scale, unit] = size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : size >= 1e3 ? [1e3, "k"] : [1, ""];
  return `${Number((events / scale).toPrecision(3))}\u202f${unit}/s`;
}
