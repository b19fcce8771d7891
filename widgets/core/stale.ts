// Whether a run still shows the document: layout, names and descriptions change no result.

import type { Written } from "./document";

const UNIMPORTANT = new Set(["name", "description"]);

/** True when both documents mean the same network and the same run (as the model hash and the run settings would say). */
export function sameModel(a: Written, b: Written): boolean {
  return (["main", "circuits", "models", "data", "task", "run"] as const).every((part) => same(a[part], b[part]));
}

/** True when a compiler would say the same of both: as `sameModel`, and the same constraints. */
export function sameNetwork(a: Pick<Written, Part>, b: Pick<Written, Part>): boolean {
  return PARTS.every((part) => same(a[part], b[part]));
}

const PARTS = ["main", "circuits", "models", "data", "task", "run", "constraints"] as const;
type Part = (typeof PARTS)[number];

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = meaning(a);
  const right = meaning(b);
  return left.length === right.length && left.every((key) => Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

function meaning(value: object): string[] {
  return Object.keys(value).filter((key) => !UNIMPORTANT.has(key) || typeof (value as Record<string, unknown>)[key] === "object");
}
