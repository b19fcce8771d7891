// Findings at the things they speak of: by circuit and box or projection, and on every instance on the way there.

import type { Document, Finding } from "../../core/document";
import { placeOf } from "../model/places";
import { PORT } from "./scene";

export type Marks = Map<string, Finding[]>;

export const markKey = (circuit: string, id: string): string => `${circuit}/${id}`;

export function marksOf(document: Document, findings: readonly Finding[]): Marks {
  const marks: Marks = new Map();
  const put = (circuit: string, id: string, finding: Finding): void => {
    const key = markKey(circuit, id);
    const list = marks.get(key);
    if (!list) marks.set(key, [finding]);
    else if (!list.includes(finding)) list.push(finding);
  };
  for (const finding of findings) {
    const { trail, node, port, projection } = placeOf(document, finding.where);
    trail.forEach((step, k) => step.via && put(trail[k - 1]!.circuit, step.via, finding));
    const id = node ?? projection ?? (port === undefined ? undefined : PORT + port);
    if (id !== undefined) put(trail.at(-1)!.circuit, id, finding);
  }
  return marks;
}

export type Severity = Finding["severity"];
const RANK: Severity[] = ["error", "warning", "info"];

export function worst(findings: readonly Finding[]): Severity | null {
  return RANK.find((severity) => findings.some((finding) => finding.severity === severity)) ?? null;
}
