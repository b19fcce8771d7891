// What the chosen machines say of one box or line of the circuit on the canvas.

import { useMemo } from "react";

import { pathPattern } from "../model/places";
import { useMeter, useView } from "../studio";
import { markOf, type Mark } from "./marks";
import type { Phase } from "./meter";

const NONE: { marks: readonly Mark[]; stale: boolean } = { marks: [], stale: false };

/** One mark a target that speaks of it, in the order they were chosen. */
export function useMarks(key: string): { marks: readonly Mark[]; stale: boolean } {
  const trail = useView((view) => view.trail);
  const reports = useMeter((state) => state.reports);
  const chosen = useMeter((state) => state.chosen);
  const stale = useMeter((state) => isStale(state.phase));
  const marks = useMemo(() => {
    const pattern = pathPattern(trail, key);
    return chosen.flatMap((target) => (reports[target] ? (markOf(reports[target], pattern) ?? []) : []));
  }, [trail, key, reports, chosen]);
  return useMemo(() => (marks.length ? { marks, stale } : NONE), [marks, stale]);
}

/** An answer of an earlier document looks old. */
export const isStale = (phase: Phase): boolean => phase === "stale" || phase === "asking";
