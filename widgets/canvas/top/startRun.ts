// Beginning a run with what the document says about it.

import type { Session } from "../../core/session";
import { inUnit } from "../../core/units";

/** Runs for the document's duration and seed; where running is not possible the session says why. */
export function startRun(session: Session): void {
  const { document, catalogue, can, findings, run } = session.getState();
  if (run.state === "running" || run.state === "preparing") return;
  if (can.run && findings.some((finding) => finding.severity === "error")) return;
  session.run({ duration_ms: inUnit(catalogue, document.run?.duration, "ms") ?? 1000, seed: document.run?.seed ?? 1 });
}
