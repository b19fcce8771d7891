// Routing constraints: what a compiler has to keep to. Each is an object in the document's list; here they are read and changed by path.

import type { Command } from "../../core/command";
import type { Document, Value } from "../../core/document";
import { setAt, unsetAt } from "./pointer";
import { pathsFor } from "./faults";
import type { Catalogue } from "../../core/catalogue";

export type LimitKind = "fan_in" | "fan_out";
export type KeepKind = "keep_together" | "keep_apart";

export interface Constraint {
  kind: string;
  path?: string;
  paths?: string[];
  limit?: number;
  chip?: number;
  cores?: [number, number];
  scope?: string;
  delays?: Value[];
}

const NONE: readonly Constraint[] = [];

export function constraintsOf({ constraints }: Document): readonly Constraint[] {
  return Array.isArray(constraints) ? (constraints as readonly Constraint[]) : NONE;
}

/** Those that name a path, with their places in the list. */
export function about(document: Document, path: string): { one: Constraint; k: number }[] {
  return constraintsOf(document)
    .map((one, k) => ({ one, k }))
    .filter(({ one }) => one.path === path || one.paths?.includes(path));
}

const find = (document: Document, kind: string, path: string): number => constraintsOf(document).findIndex((one) => one.kind === kind && (one.path === path || (one.paths?.includes(path) ?? false)));

/** The list with entry `k` as `next`: -1 appends, null takes it away. */
function changed(document: Document, k: number, next: Constraint | null, label: string): Command {
  const all = constraintsOf(document);
  const list = k < 0 ? (next ? [...all, next] : [...all]) : all.flatMap((one, n) => (n !== k ? [one] : next ? [next] : []));
  return list.length ? setAt(["constraints"], list, label) : unsetAt(["constraints"], label);
}

export function setLimit(document: Document, kind: LimitKind, path: string, limit: number | null): Command {
  const word = kind === "fan_in" ? "fan-in" : "fan-out";
  return changed(document, find(document, kind, path), limit === null ? null : { kind, path, limit }, limit === null ? `No ${word} limit for ${path}` : `Limit the ${word} of ${path} to ${limit}`);
}

/** Neither a chip nor cores: no region. */
export function setRegion(document: Document, path: string, chip: number | null, cores: readonly [number, number] | null): Command {
  const region = chip === null && cores === null ? null : { kind: "region", path, ...(chip === null ? {} : { chip }), ...(cores === null ? {} : { cores: [cores[0], cores[1]] as [number, number] }) };
  return changed(document, find(document, "region", path), region, region ? `Place ${path}` : `Let ${path} lie anywhere`);
}

/** Puts `other` to the group that `path` belongs to, or begins one. */
export function keepWith(document: Document, kind: KeepKind, path: string, other: string): Command {
  const k = find(document, kind, path);
  const paths = [...(constraintsOf(document)[k]?.paths ?? [path]), other];
  return changed(document, k, { ...constraintsOf(document)[k], kind, paths: [...new Set(paths)] }, `Keep ${path} and ${other} ${kind === "keep_together" ? "together" : "apart"}`);
}

/** Takes `other` out of the group of `path`; a group of one is none. */
export function letGo(document: Document, kind: KeepKind, path: string, other: string): Command {
  const k = find(document, kind, path);
  const group = constraintsOf(document)[k];
  const paths = group?.paths?.filter((one) => one !== other) ?? [];
  return changed(document, k, group && paths.length > 1 ? { ...group, paths } : null, `Let ${other} lie anywhere`);
}

export function setScope(document: Document, kind: KeepKind, path: string, scope: string): Command {
  const k = find(document, kind, path);
  return changed(document, k, { ...constraintsOf(document)[k]!, scope }, `Keep them on one ${scope}`);
}

export function setDelays(document: Document, path: string, delays: readonly Value[]): Command {
  return changed(document, find(document, "delay_class", path), delays.length ? { kind: "delay_class", path, delays: [...delays] } : null, delays.length ? `Set the delay classes of ${path}` : `Any delay for ${path}`);
}

/** Nodes that another can be kept with: populations and spiking sources, by their paths. */
export function neighbours(document: Document, catalogue: Catalogue, path: string, taken: readonly string[]): string[] {
  return [...new Set(pathsFor(document, catalogue, "spiking").map((one) => one.replaceAll("[*]", "")))].filter((one) => one !== path && !taken.includes(one));
}
