// What the latest run says about one box: mean rate and active share over the copies it stands for.

import { useCallback } from "react";

import type { SessionState } from "../../core/session";
import { pathPattern } from "../model/places";
import { useSession, useView } from "../studio";

export interface Readout {
  rate: number;
  sparsity: number | null;
  stale: boolean;
  live: boolean;
}

/** Null before the first run, or where the box was not recorded. */
export function useReadout(key: string): Readout | null {
  const trail = useView((view) => view.trail);
  const select = useCallback(
    ({ run }: SessionState): string => {
      if (run.state === "idle") return "";
      const pattern = pathPattern(trail, key);
      const rate = meanOf(run.rates, pattern);
      return rate === null ? "" : [rate, meanOf(run.sparsity, pattern) ?? "", run.stale ? 1 : 0, run.state === "running" ? 1 : 0].join(" ");
    },
    [trail, key],
  );
  const text = useSession(select);
  if (!text) return null;
  const [rate, sparsity, stale, live] = text.split(" ");
  return { rate: Number(rate), sparsity: sparsity ? Number(sparsity) : null, stale: stale === "1", live: live === "1" };
}

function meanOf(values: { [path: string]: number }, pattern: RegExp): number | null {
  const found = Object.entries(values).filter(([path]) => pattern.test(path));
  return found.length ? found.reduce((sum, [, value]) => sum + value, 0) / found.length : null;
}

export function rateText(rate: number): string {
  return `${rate >= 100 ? rate.toFixed(0) : rate.toFixed(1)} Hz`;
}
